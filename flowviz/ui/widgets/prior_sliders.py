"""The sidebar's sliders that move or stretch a prior: pictures follow them under the hand."""

from __future__ import annotations

import re
from typing import Any

from flowviz.scene import Scene
from flowviz.scene.fitting import LENGTHS, PLANE_LENGTHS, PLANE_POSITIONS, POSITIONS
from flowviz.scene.settings import Space
from flowviz.ui.session import state
from flowviz.ui.widgets.controls import Kind, parameter_field

_CLASS = re.compile(r"[^a-zA-Z0-9_-]")  # of a widget's key: each stands as a hyphen in the class


def motion(scene: Scene, space: Space) -> dict[str, Any]:
    """`PriorMotion` in ``types.d.ts``: how z = a + b y depends on the sliders, y not on any.

    Moving all of a prior's positions, and stretching its lengths with them, moves the prior. So
    where there are two numbers in all, each alone moves or stretches it: z = loc + scale y,
    z = low + (high - low) y; or z = radius y. Of others no slider alone does.
    """
    kind: Kind = "prior" if space == "line" else "plane_prior"
    name, params = getattr(scene, kind), dict(getattr(scene, f"{kind}_params"))
    plane = space == "plane"
    positions = [key for key in params if key in (PLANE_POSITIONS if plane else POSITIONS)]
    lengths = [key for key in params if key in (PLANE_LENGTHS if plane else LENGTHS)]
    match positions, lengths:
        case [place], [scale]:
            parts = {place: (1.0, 0.0), scale: (0.0, 1.0)}
        case [low, high], []:
            parts = {low: (1.0, -1.0), high: (0.0, 1.0)}
        case [], [radius]:
            parts = {radius: (0.0, 1.0)}
        case _:
            parts = {}
    if any(isinstance(params[key], tuple) for key in parts):
        parts = {}
    rest = {key: value for key, value in params.items() if key not in parts}
    return {
        "of": repr((name, rest)),
        "sliders": [
            {
                "key": _class(parameter_field(kind, name, key)),
                "value": params[key],
                "shift": shift,
                "stretch": stretch,
            }
            for key, (shift, stretch) in parts.items()
        ],
    }


def _class(field: str) -> str:
    """The class of a widget's container."""
    return "st-key-" + _CLASS.sub("-", state.key(field))
