"""Families of trajectories through one data point: conditional paths (MATH §1).

``base`` definition, and affine families · ``nonlinear`` other ready-made families · ``implicit``
families given by ψ or φ only, solved with ``homotopy`` where Newton's method fails · ``typed``
families given by formulas · ``extension`` extension outside the prior's support · ``validity`` the
conditions for a flow, checked with ``extremes`` and reported as ``findings`` · ``registry`` all
families by name.
"""

from __future__ import annotations

from flowviz.core.paths.base import Affine, Path, pairs, per_pair
from flowviz.core.paths.registry import PATHS

__all__ = ["PATHS", "Affine", "Path", "pairs", "per_pair"]
