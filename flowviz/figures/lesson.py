"""The figures of the lesson: lines, bars, data points, images; the answer is covered at first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from textwrap import wrap
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from flowviz.figures.class_answers import ClassAnswers, with_class
from flowviz.figures.images import Row, board_axes, board_of, board_trace, labels_width
from flowviz.figures.style import Style, drawn
from flowviz.figures.traces import curve, data_points, legend, note

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Lines:
    """Curves through (x, y), broken where a value is NaN; with a label at (x, y) if there is one.

    ``colour`` is that of a data point's basin, or "faint" or "accent".
    """

    name: str
    x: Array
    y: Array
    colour: int | str
    dash: str = "solid"
    thick: float = 1.0
    opacity: float = 1.0
    label: tuple[str, float, float] | None = None


@dataclass(frozen=True)
class Arrow:
    """An arrow from one point (x, y) to another, its label behind the tail.

    ``colour`` and ``thick`` are as of `Lines`.
    """

    tail: tuple[float, float]
    tip: tuple[float, float]
    colour: int | str
    thick: float = 1.0
    label: str = ""


@dataclass(frozen=True)
class Bars:
    """Bars at positions, with their texts above; their name is said above the figure."""

    name: str
    x: Array
    y: Array
    text: Sequence[str]
    colour: int | str
    width: float
    opacity: float = 1.0


@dataclass(frozen=True)
class Drawing:
    """What a step draws.

    Attributes:
        x: title and range of the horizontal axis.
        y: of the vertical one.
        lines: in the order of drawing.
        bars: likewise.
        points: the data points, positions (N,) at t = 0 or (N, 2) in the plane, and weights.
        mark: the place that is asked about, above the cover.
        arrows: over the lines.
        covered: the rectangle (x low, x high, y low, y high) that hides the answer.
        square: whether both axes have one scale.
        ticks: positions and texts on the horizontal axis, where they are not Plotly's own.
        rows: small images, in place of all that has axes; `board_drawing` makes such a drawing.
    """

    x: tuple[str, tuple[float, float]]
    y: tuple[str, tuple[float, float]]
    lines: Sequence[Lines] = ()
    bars: Sequence[Bars] = ()
    arrows: Sequence[Arrow] = ()
    points: tuple[Array, Array] | None = None
    covered: tuple[float, float, float, float] | None = None
    mark: tuple[float, float] | None = None
    square: bool = False
    ticks: Mapping[float, str] = field(default_factory=dict)
    rows: Sequence[Row] = ()


def board_drawing(rows: Sequence[Row], covered: Sequence[int] = ()) -> Drawing:
    """Rows of small images, some of which are covered.

    Args:
        rows: of equal lengths, from the top.
        covered: the places of rows below each other that hide the answer, from 0.
    """
    across, up = board_axes(rows)
    left, right = across["range"]
    pitch = len(board_of(rows)) / len(rows)
    cover = (
        (left + 0.5, right, min(covered) * pitch - 1.0, (max(covered) + 1) * pitch - 1.0)
        if covered
        else None
    )
    shown = [
        replace(row, images=np.full_like(row.images, np.nan)) if k in covered else row
        for k, row in enumerate(rows)
    ]
    bottom, top = up["range"]
    return Drawing(("", (left, right)), ("", (bottom, top)), covered=cover, rows=shown)


def lesson_figure(
    drawing: Drawing,
    cover: str,
    style: Style,
    answers: Sequence[ClassAnswers] = (),
    words: tuple[str, str] = ("", ""),
) -> go.Figure:
    """A step's figure.

    Args:
        drawing: what it draws.
        cover: what is said on what is covered.
        style: light or dark, plain or Large.
        answers: of a class, to each question.
        words: of `class_answers.with_class`.
    """
    traces: list[dict[str, Any]] = [_line(lines, style) for lines in drawing.lines]
    traces += [_bar(bars, style) for bars in drawing.bars]
    size = style.font_size
    if drawing.points:
        x, w = drawing.points
        traces.append(data_points(x.reshape(len(x), -1), size * (0.8 + 1.2 * w), 1.5, style))
    labels = [
        note(lines.label[0], lines.label[1], lines.label[2], _colour(lines.colour, style), "x", "y")
        | {"bgcolor": style.ground}  # lines pass behind
        for lines in drawing.lines
        if lines.label
    ]
    labels += [_arrow(arrow, style) for arrow in drawing.arrows]
    labels += [
        note(arrow.label, *arrow.tail, _colour(arrow.colour, style), "x", "y")
        | {"xanchor": "left", "xshift": size // 2}
        for arrow in drawing.arrows
        if arrow.label
    ]
    labels += legend([(b.name, _colour(b.colour, style)) for b in drawing.bars if b.name], size)
    (across, x_range), (up, y_range) = drawing.x, drawing.y
    ticks = {"tickvals": list(drawing.ticks), "ticktext": list(drawing.ticks.values())}
    layout: dict[str, Any] = {
        "height": 26 * size,
        "barmode": "overlay",
        "margin": {
            "l": 4.7 * size,
            "r": 1.5 * size,
            "t": (1.2 + 1.6 * len(drawing.bars)) * size,
            "b": 3.4 * size,
        },
        "xaxis": {"range": list(x_range), **_titled(across), **(ticks if drawing.ticks else {})},
        "yaxis": {"range": list(y_range), **_titled(up)},
    }
    if drawing.rows:
        board = board_of(drawing.rows)
        traces.insert(0, board_trace(board, style))
        layout["height"] = min(26.0, 0.62 * len(board) + 2.0) * size
        layout["xaxis"], layout["yaxis"] = board_axes(drawing.rows)
        layout["margin"] |= {"l": labels_width(drawing.rows, size), "b": 8}
        layout["plot_bgcolor"] = "rgba(0,0,0,0)"
    if drawing.square:
        layout["yaxis"] |= {"scaleanchor": "x", "constrain": "domain"}
        layout["xaxis"] |= {"constrain": "domain"}
    if drawing.covered:
        low, high, _, _ = drawing.covered
        if high - low < 0.5 * (x_range[1] - x_range[0]):
            cover = _folded(cover)
        shape, label = _cover(drawing.covered, cover, style)
        layout["shapes"] = [shape]
        labels.append(label)
    if drawing.mark:
        mark = note("×", *drawing.mark, style.accent, "x", "y")
        mark["font"]["size"] = 2 * size
        labels.append(mark | {"yanchor": "middle"})
    layout["annotations"] = labels
    if answers:
        with_class(traces, layout, answers, words, style)
    return drawn(traces, style, **layout)


def _titled(text: str) -> dict[str, Any]:
    return {"title": {"text": text, "standoff": 4}}


def _colour(colour: int | str, style: Style) -> str:
    if isinstance(colour, str):
        return getattr(style, colour)
    return style.basins[colour % len(style.basins)]


def _line(lines: Lines, style: Style) -> dict[str, Any]:
    colour, width = _colour(lines.colour, style), lines.thick * style.line
    return curve(lines.name, lines.x, lines.y, colour, width, lines.opacity, lines.dash)


def _arrow(arrow: Arrow, style: Style) -> dict[str, Any]:
    """Plotly draws its head symmetric on the screen, whatever the axes are."""
    (ax, ay), (x, y) = arrow.tail, arrow.tip
    refs = {"xref": "x", "yref": "y", "axref": "x", "ayref": "y"}
    width = arrow.thick * style.line
    head = {"arrowhead": 2, "arrowsize": max(0.5, 3.2 / (1 + arrow.thick)), "arrowwidth": width}
    colour = {"arrowcolor": _colour(arrow.colour, style)}
    return (
        {"text": "", "showarrow": True, "x": x, "y": y, "ax": ax, "ay": ay} | refs | head | colour
    )


def _bar(bars: Bars, style: Style) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": bars.name,
        "x": bars.x,
        "y": bars.y,
        "width": np.full(len(bars.x), bars.width),
        "text": list(bars.text),
        "textposition": "outside",
        "textangle": 0,
        "constraintext": "none",
        "cliponaxis": False,
        "marker": {"color": _colour(bars.colour, style)},
        "opacity": bars.opacity,
        "hoverinfo": "skip",
    }


def _folded(text: str) -> str:
    """A text on short lines, for a narrow cover; a Chinese sign is as wide as two letters."""
    return "<br>".join(wrap(text, _LETTERS if " " in text else _LETTERS // 2))


_LETTERS = 9  # on a line


def _cover(
    box: tuple[float, float, float, float], text: str, style: Style
) -> tuple[dict[str, Any], dict[str, Any]]:
    low, high, bottom, top = box
    ground = "#2A3140" if style.dark else "#E4E8EF"
    shape = {
        "type": "rect",
        "x0": low,
        "x1": high,
        "y0": bottom,
        "y1": top,
        "fillcolor": ground,
        "line": {"width": 0},
        "layer": "above",
    }
    middle = 0.5 * (low + high), 0.5 * (bottom + top)
    return shape, note(text, *middle, style.ink, "x", "y") | {"yanchor": "middle"}
