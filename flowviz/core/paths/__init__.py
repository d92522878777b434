"""Families of trajectories through one data point: conditional paths (MATH §1).

``base`` what a family is, and the affine ones · ``nonlinear`` bowed, turning, unevenly timed ·
``implicit`` those given in one direction only · ``typed`` a reader's own formula · ``extension``
beyond what the prior draws · ``validity`` what a family must keep, and where it does not ·
``registry`` all of them by name.
"""

from __future__ import annotations

from flowviz.core.paths.base import Affine, Path, pairs, per_pair
from flowviz.core.paths.registry import PATHS

__all__ = ["PATHS", "Affine", "Path", "pairs", "per_pair"]
