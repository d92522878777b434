"""The figure of a question as a telephone draws it: what is given, on axes that take a tap.

Its type is `RoomSketch` in ``components/room.d.ts``. It holds what the covered figure holds, with
few points: it is sent to a whole class.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowviz.figures.lesson import Array, Drawing
from flowviz.text import Language, Translator
from flowviz.ui.exercise import cover
from flowviz.ui.lesson import pictures
from flowviz.ui.rooms.asked import Asked, reader
from flowviz.ui.widgets.question import Quantity

UNITS = 1000
"""Across the figure: whole numbers in its path."""
_MOST = 24
"""Points of a curve, most."""
_JUMP = 0.5
"""Between two points that are not joined evenly, as a part of a curve's height."""
_BESIDE = 0.05
"""How far beyond the figure a curve may go."""


def axes_of(question: Asked) -> list[str]:
    """For each field the axis of the figure on which it is a place, or none."""
    return [one.axis if isinstance(one, Quantity) else "" for one in question.questions]


def sketch(question: Asked) -> dict[str, Any] | None:
    """The figure; None where no answer is a place in it."""
    drawing = _drawing(question, reader(question, "en"))
    if drawing is None:
        return None
    points = []
    if drawing.points:
        at, weights = drawing.points
        places = at if at.ndim == 2 else np.stack([np.zeros(len(at)), at], 1)
        rows = np.column_stack([places, weights]).round(6)
        points = rows.tolist()
    return {
        "x": list(drawing.x[1]),
        "y": list(drawing.y[1]),
        "ticks": [[at, text] for at, text in drawing.ticks.items()],
        "square": drawing.square,
        "points": points,
        "path": _path(drawing),
        "covered": drawing.covered and list(drawing.covered),
        "mark": drawing.mark and list(drawing.mark),
    }


def titles(question: Asked, lang: Language) -> dict[str, str]:
    """What is written on the figure."""
    tr = reader(question, lang)
    drawing = _drawing(question, tr)
    if drawing is None:
        return {}
    words = {"covered": "lesson.covered", "places": "question.places", "unput": "question.unput"}
    named = {"axis.x": drawing.x[0], "axis.y": drawing.y[0]}
    return named | {name: tr(key) for name, key in words.items()}


def _drawing(question: Asked, tr: Translator) -> Drawing | None:
    if not any(axes_of(question)):
        return None
    if question.scene is None:
        return pictures.drawing(question.number, None, tr)
    return cover.drawing(question.page, question.scene, tr)


def _path(drawing: Drawing) -> str:
    """All curves and bars as one SVG path in units of the figure, from its upper left corner."""
    parts = []
    for x, y in _curves(drawing):
        across, down = _units(x, *drawing.x[1]), _units(y, *reversed(drawing.y[1]))
        inside = [f"{u} {v}" for u, v in zip(across, down, strict=True) if _near(u) and _near(v)]
        if len(inside) > 1:
            parts.append(f"M{'L'.join(inside)}")
    return "".join(parts)


def _kept(y: Array) -> NDArray[np.integer]:
    """The places of few points of a curve: evenly spread, and both ends of each jump."""
    few = np.linspace(0, len(y) - 1, _MOST).round().astype(int)
    step = np.abs(np.diff(y))
    jumps = np.flatnonzero(step > _JUMP * max(float(np.ptp(y)), 1e-12))[:_MOST]
    return np.unique(np.concatenate([few, jumps, jumps + 1]))


def _near(unit: int) -> bool:
    return -_BESIDE * UNITS <= unit <= (1 + _BESIDE) * UNITS


def _units(values: Array, first: float, last: float) -> list[int]:
    return ((values - first) / (last - first) * UNITS).round().astype(int).tolist()


def _curves(drawing: Drawing) -> Iterator[tuple[Array, Array]]:
    """Unbroken curves of few points; bars as their outlines."""
    for lines in drawing.lines:
        broken = np.flatnonzero(~np.isfinite(lines.x + lines.y))
        starts, ends = np.append(-1, broken) + 1, np.append(broken, len(lines.x))
        for start, end in zip(starts, ends, strict=True):
            if end - start > 1:
                kept = _kept(lines.y[start:end]) + start
                yield lines.x[kept], lines.y[kept]
    for bars in drawing.bars:
        half = 0.5 * bars.width
        for x, height in zip(bars.x, bars.y, strict=True):
            yield (
                np.array([x - half, x - half, x + half, x + half]),
                height * np.array([0, 1, 1, 0]),
            )
