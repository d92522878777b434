"""Trajectory families by name: ``PATHS[name](...)`` makes one.

To add one, write a frozen dataclass (``paths.base`` has the definition) and a line here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flowviz.core.paths.base import Affine
from flowviz.core.paths.nonlinear import Detour, Parabola, PerAxis, Squeeze, Swirl, Wave
from flowviz.core.paths.typed import formula

PATHS: dict[str, Callable[..., Any]] = {
    "affine": Affine,
    "parabola": Parabola,
    "wave": Wave,
    "swirl": Swirl,
    "per_axis": PerAxis,
    "detour": Detour,
    "squeeze": Squeeze,
    "formula": formula,
}
