"""The figure of an exercise: what is given, the rest covered until its answer is shown."""

from __future__ import annotations

import numpy as np

from flowviz.figures.lesson import Drawing, Lines
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.ui.exercise.truth import place, space_of
from flowviz.ui.lesson.pictures import border_line, fan_lines
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.keys import flow_key

_MARGIN = 0.04
_BESIDE = 0.03
"""Of the axis: what stays free at either end of the time."""


def drawing(
    page: str, scene: Scene, tr: Translator, correct: tuple[float, ...] | None = None
) -> Drawing:
    """The data points, the place that is asked about, and a cover; or trajectories and the truth.

    Args:
        page: that asks.
        scene: the visitor's.
        tr: the translator.
        correct: the right answer, once it is shown.
    """
    space = space_of(page, scene)
    view = axis_range(flow_key(scene, space))
    if space == "plane":
        rows = np.asarray(scene.plane_points.rows, dtype=float)
        points, weights = rows[:, :2], rows[:, 2]
        return Drawing(
            lines=_crossed(scene, view, correct) if correct else (),
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
        lines=_followed(scene, correct) if correct and page != "guidance" else (),
        covered=None if correct else (_BESIDE, 1 - _BESIDE, low, high),
        ticks={k / 5: tr.time(k / 5) for k in range(6)},
    )


def _followed(scene: Scene, correct: tuple[float, ...]) -> list[Lines]:
    """The trajectories, and the true border."""
    lines = fan_lines(scene)
    if scene.ask == "border":
        lines.append(border_line(correct[0]))
    return lines


def _crossed(scene: Scene, view: tuple[float, ...], correct: tuple[float, ...]) -> list[Lines]:
    """Two lines across the plane that meet where the sample ends."""
    if scene.ask != "end":
        return []
    left, right, low, high = view
    (x, y), both = correct, np.ones(2)
    return [
        Lines("x", x * both, np.asarray([low, high]), "ink", "dash"),
        Lines("y", np.asarray([left, right]), y * both, "ink", "dash"),
    ]


def _mark(page: str, scene: Scene) -> tuple[float, float] | None:
    """The place of the question."""
    if scene.ask not in ("density", "velocity", "end"):
        return None
    t, *x = place(page, scene)
    if space_of(page, scene) == "plane":
        return x[0], x[1]
    return (1.0 if scene.ask == "end" else t), x[0]
