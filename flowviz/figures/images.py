"""Small images in rows, and curves of what becomes of them along time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from flowviz.figures.style import Style, drawn

Array = NDArray[np.floating[Any]]

_GAP = 1
"""Empty pixels between two images."""
_DASHES = ("solid", "6px,4px", "10px,3px", "2px,3px", "12px,3px,2px,3px", "4px,2px")


@dataclass(frozen=True)
class Row:
    """A row of images, (K, height, width) with values in [-1, 1], and its label."""

    label: str
    images: Array


def rows_figure(
    rows: Sequence[Row],
    columns: Sequence[str],
    style: Style,
    *,
    pixel: float = 7.0,
    chosen: int | None = None,
) -> go.Figure:
    """Images in rows, one heatmap; ink is dark on light ground and light on dark ground.

    Args:
        rows: of equal lengths, from the top.
        columns: the labels above the columns, or none.
        style: light or dark, plain or Large.
        pixel: the side of a pixel on screen, in pixels, where there is room.
        chosen: a column with a frame.
    """
    width = rows[0].images.shape[2]
    count, board = len(rows[0].images), board_of(rows)
    size = style.font_size
    at_columns = [k * (width + _GAP) + 0.5 * (width - 1) for k in range(count)]
    across, up = board_axes(rows)
    named = {"tickvals": at_columns, "ticktext": list(columns), "side": "top", "tickangle": 0}
    return drawn(
        [board_trace(board, style)],
        style,
        height=pixel * len(board) + 2.2 * size + 10,
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": labels_width(rows, size), "r": 8, "t": 1.9 * size if columns else 8, "b": 4},
        xaxis=across | (named if columns else {}),
        yaxis=up,
        shapes=[] if chosen is None else [_frame(chosen, width, len(board), style)],
    )


def board_of(rows: Sequence[Row]) -> Array:
    """All images of rows as one, (rows · (height + 1), images · (width + 1)), NaN between them."""
    height, width = rows[0].images.shape[1:]
    count = len(rows[0].images)
    board = np.full((len(rows) * (height + _GAP), count * (width + _GAP)), np.nan)
    for i, row in enumerate(rows):
        for k, image in enumerate(row.images):
            top, left = i * (height + _GAP), k * (width + _GAP)
            board[top : top + height, left : left + width] = image
    return board


def board_axes(rows: Sequence[Row]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The axes of a board of rows: square pixels, the rows' labels beside them."""
    down, across = board_of(rows).shape
    height = rows[0].images.shape[1]
    blank = {"showgrid": False, "ticks": "", "fixedrange": True, "showline": False}
    blank |= {"constrain": "domain"}
    centres = [i * (height + _GAP) + 0.5 * (height - 1) for i in range(len(rows))]
    return (
        {**blank, "range": [-0.5 - _GAP, across - 0.5], "tickvals": [], "ticktext": []},
        {
            **blank,
            "range": [down - 0.5, -0.5 - _GAP],
            "tickvals": centres,
            "ticktext": [row.label for row in rows],
            "scaleanchor": "x",
            "constraintoward": "top",
        },
    )


def labels_width(rows: Sequence[Row], size: float) -> float:
    """The room that the rows' labels take, in pixels."""
    return 0.62 * size * max((_width(row.label) for row in rows), default=0) + 10


def _width(label: str) -> float:
    """The width of a label's longest line in digits; a Chinese character takes two."""
    return max(sum(1.7 if ord(c) > 0x2E80 else 0.9 for c in line) for line in label.split("<br>"))


def paper_and_ink(style: Style) -> tuple[str, str]:
    """The colours of a pixel without ink and of one that is full of it."""
    return ("#222838", "#F3F6FB") if style.dark else ("#E6EAF2", "#10151F")


def board_trace(board: Array, style: Style) -> dict[str, Any]:
    """A board of images as a heatmap."""
    paper, ink = paper_and_ink(style)
    return {
        "type": "heatmap",
        "name": "images",
        "z": np.round(0.5 + 0.5 * np.clip(board, -1.0, 1.0), 3),  # a packed heatmap is not negative
        "zmin": 0.0,
        "zmax": 1.0,
        "colorscale": [[0.0, paper], [1.0, ink]],
        "showscale": False,
        "hoverinfo": "skip",
        "hoverongaps": False,
    }


def _frame(column: int, width: int, rows: int, style: Style) -> dict[str, Any]:
    left = column * (width + _GAP) - 0.5 * (1 + _GAP)
    return {
        "type": "rect",
        "x0": left,
        "x1": left + width + _GAP,
        "y0": -0.5 - 0.5 * _GAP,
        "y1": rows - 0.5 * (1 + _GAP),
        "line": {"color": style.accent, "width": 1.5 * style.line},
    }


@dataclass(frozen=True)
class Curve:
    """A curve over time: ``value`` (T,) and its standard error (T,), if it has one."""

    name: str
    value: Array
    error: Array | None = None


@dataclass(frozen=True)
class Mark:
    """A time that is marked by a vertical line, with its label."""

    t: float
    label: str
    curve: int = 0


def curves_figure(
    t: Array,
    curves: Sequence[Curve],
    labels: Mapping[str, str],
    style: Style,
    *,
    marks: Sequence[Mark] = (),
    log: bool = False,
    top: float | None = None,
    steps: int | None = None,
) -> go.Figure:
    """Curves over time, or the steps of a training, with bands of one standard error.

    Args:
        t: the times, (T,).
        curves: in the legend's order.
        labels: words for ``t`` and ``value``.
        style: light or dark, plain or Large.
        marks: times with a vertical line, in the colour of a curve.
        log: a logarithmic axis of values.
        top: the largest value shown.
        steps: the last step of a training, where ``t`` counts steps.
    """
    size = style.font_size
    traces: list[dict[str, Any]] = []
    for k, curve in enumerate(curves):
        if curve.error is not None:
            traces.append(_band(t, curve, style.basins[k], log=log))
        traces.append(_line(t, curve, style, k))
    shapes = [_mark_line(mark, style) for mark in marks]
    return drawn(
        traces,
        style,
        height=26 * size,
        hovermode="closest",
        showlegend=True,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.01, "x": 0, "itemwidth": 36},
        margin={"l": 5.0 * size, "r": 14, "t": 8, "b": 3.4 * size},
        xaxis=(style.time_axis(range=[0.0, 1.0]) if steps is None else {"range": [0, steps]})
        | {"title": {"text": labels["t"], "standoff": 4}, "fixedrange": True, "tickangle": 0},
        yaxis={
            "type": "log" if log else "linear",
            **({} if log or top is None else {"range": [-0.02 * top, 1.03 * top]}),
            "title": {"text": labels["value"], "standoff": 4},
            "fixedrange": True,
        },
        shapes=shapes,
        annotations=[_mark_label(mark, k, style) for k, mark in enumerate(marks)],
    )


def _line(t: Array, curve: Curve, style: Style, k: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": curve.name,
        "x": np.round(t, 4),
        "y": np.round(curve.value, 5),
        "mode": "lines",
        "line": {
            "color": style.basins[k],
            "width": 1.4 * style.line,
            "dash": _DASHES[k % len(_DASHES)],
        },
        "hovertemplate": "%{y:.3g}<extra>%{fullData.name}</extra>",
    }


def _band(t: Array, curve: Curve, colour: str, *, log: bool) -> dict[str, Any]:
    assert curve.error is not None
    low, high = curve.value - curve.error, curve.value + curve.error
    if log:
        low = np.maximum(low, 0.5 * curve.value)
    return {
        "type": "scatter",
        "name": "",
        "x": np.round(np.concatenate([t, t[::-1]]), 4),
        "y": np.round(np.concatenate([high, low[::-1]]), 5),
        "mode": "lines",
        "fill": "toself",
        "fillcolor": _faint(colour),
        "line": {"width": 0},
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _faint(colour: str) -> str:
    r, g, b = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"rgba({r},{g},{b},0.22)"


def _mark_line(mark: Mark, style: Style) -> dict[str, Any]:
    return {
        "type": "line",
        "x0": mark.t,
        "x1": mark.t,
        "y0": 0.0,
        "y1": 1.0,
        "yref": "paper",
        "line": {"color": style.basins[mark.curve], "width": 1.0 * style.line, "dash": "2px,3px"},
    }


def _mark_label(mark: Mark, k: int, style: Style) -> dict[str, Any]:
    """Beside the line's upper end; each label a line lower, so that none covers another."""
    return {
        "x": mark.t,
        "y": 0.98 - 0.085 * k,
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "top",
        "showarrow": False,
        "text": mark.label,
        "font": {"color": style.basins[mark.curve], "size": style.font_size},
    }
