"""The figure of an exercise before its answer: what is given, and a cover over the rest."""

from __future__ import annotations

import numpy as np

from flowviz.figures.lesson import Drawing
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.ui.exercise.truth import place, space_of
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.keys import flow_key

_MARGIN = 0.04
_BESIDE = 0.03
"""Of the axis: what stays free at either end of the time."""


def drawing(page: str, scene: Scene, tr: Translator) -> Drawing:
    """The data points, the place that is asked about, and a cover."""
    space = space_of(page, scene)
    view = axis_range(flow_key(scene, space))
    if space == "plane":
        rows = np.asarray(scene.plane_points.rows, dtype=float)
        points, weights = rows[:, :2], rows[:, 2]
        return Drawing(
            x=("x", (view[0], view[1])),
            y=("y", (view[2], view[3])),
            mark=_mark(page, scene),
            points=(points, weights / weights.sum()),
            square=True,
        )
    weights = np.asarray(scene.points.w)
    low, high = view[:2]
    return Drawing(
        x=(tr("lesson.axis.t"), (-_MARGIN, 1 + _MARGIN)),
        y=(tr("lesson.axis.x"), (low, high)),
        mark=_mark(page, scene),
        points=(np.asarray(scene.points.x), weights / weights.sum()),
        covered=(_BESIDE, 1 - _BESIDE, low, high),
        ticks={k / 5: tr.time(k / 5) for k in range(6)},
    )


def _mark(page: str, scene: Scene) -> tuple[float, float] | None:
    """The place of the question."""
    if scene.ask not in ("density", "velocity", "end"):
        return None
    t, *x = place(page, scene)
    if space_of(page, scene) == "plane":
        return x[0], x[1]
    return (1.0 if scene.ask == "end" else t), x[0]
