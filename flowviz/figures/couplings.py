"""Figures of couplings: pairs and flows, cells over basins, and what each coupling costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from flowviz.figures.fan import colour_groups, group_line, weighted_points
from flowviz.figures.style import Style, drawn, labelled
from flowviz.figures.traces import (
    IN_PLANE,
    OVER_TIME,
    Trace,
    curve,
    joined,
    paths,
    titled,
    with_labels,
)

Array = NDArray[np.floating[Any]]
_FAINT = 0.5


@dataclass(frozen=True)
class Curves:
    """Lines of pairs or of a flow.

    Attributes:
        t: times, (T,).
        x: positions, (Q, T, d).
        group: the data point of each, (Q,), or ``fan.NO_GROUP``.
        now: the time at which each has a dot; None for none.
        step_t, step_x: a solver's steps from the same starts, (K,) and (Q, K, d); None for none.
        mark_t, mark_x: times and positions with a square on each, (Q, K) and (Q, K, d), NaN for
            none.
        dashed: times at which a line stands across all of them, for d = 1.
    """

    t: Array
    x: Array
    group: NDArray[np.integer[Any]]
    now: float | None
    step_t: Array | None = None
    step_x: Array | None = None
    mark_t: Array | None = None
    mark_x: Array | None = None
    dashed: Sequence[float] = ()


def lines_figure(
    curves: Curves,
    points: tuple[Array, Array],
    view: tuple[float, ...],
    labels: Mapping[str, str],
    style: Style,
) -> go.Figure:
    """Lines over (t, x) on the line, (x, y) in the plane, with the dots and marks of `Curves`.

    Args:
        curves: the lines, and a solver's steps over them.
        points: data points, (N, d), and their weights, (N,).
        view: (low, high) of the line, or (x low, x high, y low, y high).
        labels: words for ``t``, ``x``, ``y``.
        style: light or dark, plain or Large.
    """
    flat = points[0].shape[1] == 1
    colours = style.point_colours(len(points[0]))
    traces: list[Trace] = []
    groups = colour_groups(curves.group, len(colours))
    for k in np.unique(groups):
        colour, dash = group_line(int(k), colours, style)
        chosen = groups == k
        line = curve("lines", *joined(paths(curves.t, curves.x[chosen])), colour, 1.2 * style.line)
        line["line"]["dash"] = dash
        line["opacity"] = 0.75 if curves.step_x is None and curves.mark_x is None else _FAINT
        traces.append(with_labels(line, OVER_TIME if flat else IN_PLANE))
        if curves.step_x is not None and curves.step_t is not None:
            traces.append(_steps(curves.step_t, curves.step_x[chosen], colour, style))
        if curves.mark_x is not None and curves.mark_t is not None:
            traces.append(_marks(curves.mark_t[chosen], curves.mark_x[chosen], colour, style))
        if curves.now is not None:
            dots = [_at(curves, curves.now, flat, int(q)) for q in chosen.nonzero()[0]]
            traces.append(_dots(np.stack(dots), colour, style))
    traces += [_dashed(t, view, style) for t in curves.dashed]
    traces.append(weighted_points(*points, style))
    return drawn(traces, style, **labelled(style), **_axes(view, flat, labels, style))


def _at(curves: Curves, t: float, flat: bool, k: int) -> Array:
    order = np.argsort(curves.t)
    at = [np.interp(t, curves.t[order], column[order]) for column in curves.x[k].T]
    return np.array([t, *at] if flat else at)


def _dots(at: Array, colour: str, style: Style) -> Trace:
    marker = {"color": colour, "size": 10 if style.large else 7}
    marker["line"] = {"color": style.ground, "width": 1}
    return curve("now", at[:, 0], at[:, 1], colour, 0.0) | {"mode": "markers", "marker": marker}


def _marks(t: Array, x: Array, colour: str, style: Style) -> Trace:
    """A square at each time of each curve; over (t, x) on the line."""
    at = np.concatenate([t[..., None], x], axis=-1) if x.shape[-1] == 1 else x
    found = curve("marks", at[..., 0].ravel(), at[..., 1].ravel(), colour, 0.0)
    return found | {"mode": "markers", "marker": _square(colour, style)}


def _square(colour: str, style: Style) -> dict[str, Any]:
    return {"color": colour, "size": 10 if style.large else 7, "symbol": "square-open"}


def _dashed(t: float, view: tuple[float, ...], style: Style) -> Trace:
    """A dashed line across the picture at a time."""
    found = curve("dashed", np.array([t, t]), np.array(view[-2:]), style.ink, 1.2 * style.line)
    found["line"]["dash"] = "6px,4px"
    return found


def _steps(t: Array, x: Array, colour: str, style: Style) -> Trace:
    """A solver's steps, each end a square."""
    found = curve("steps", *joined(paths(t, x)), colour, 1.4 * style.line)
    return found | {"mode": "lines+markers", "marker": _square(colour, style)}


def _axes(
    view: tuple[float, ...], flat: bool, labels: Mapping[str, str], style: Style
) -> dict[str, Any]:
    size = style.font_size
    layout: dict[str, Any] = {
        "height": 30 * size,
        "margin": {
            "l": style.left_margin(3.4, *view[-2:]),
            "r": 8,
            "t": 8,
            "b": 3.2 * size,
        },
        "yaxis": {"range": list(view[-2:]), **titled(labels["x" if flat else "y"])},
    }
    if flat:
        layout["xaxis"] = style.time_axis(range=[-0.03, 1.03], **titled(labels["t"]))
    else:
        layout["xaxis"] = {"range": list(view[:2]), "constrain": "domain", **titled(labels["x"])}
        layout["yaxis"] |= {"scaleanchor": "x", "scaleratio": 1, "constrain": "domain"}
    return layout


def cells_figure(
    basins: tuple[Array, Array, NDArray[np.integer[Any]]],
    edges: Array,
    points: tuple[Array, Array],
    view: tuple[float, ...],
    labels: Mapping[str, str],
    style: Style,
) -> go.Figure:
    """Basins of the flow in colour, and over them the edges of cells of optimal transport.

    Args:
        basins: x (X,), y (Y,), and the data point of each position (X, Y), -1 for none.
        edges: ends of the edges, (E, 2, 2).
        points: data points, (N, 2), and their weights, (N,).
        view: x low, x high, y low, y high.
        labels: words for ``x`` and ``y``.
        style: light or dark, plain or Large.
    """
    x, y, index = basins
    colours = style.point_colours(len(points[0]))
    n = len(colours)
    shown = np.where(index >= 0, index % n, np.nan)
    scale = [[(k + end) / n, colour] for k, colour in enumerate(colours) for end in (0, 1)]
    area: Trace = {
        "type": "heatmap",
        "name": "basins",
        "x": x,
        "y": y,
        "z": shown.T,
        "zmin": -0.5,
        "zmax": n - 0.5,
        "colorscale": scale,
        "showscale": False,
        "opacity": 0.55,
        "hoverinfo": "skip",
    }
    lines = curve("cells", *joined(edges), style.ink, 1.6 * style.line)
    marks = weighted_points(*points, style)
    return drawn(
        [area, lines, marks], style, **labelled(style), **_axes(view, False, labels, style)
    )


@dataclass(frozen=True)
class Bar:
    """What a coupling costs: ``kinetic`` energy and ``floor``, None where only ``cost`` is known.

    ``texts`` are of the kinetic energy, the floor and the cost, for the labels.
    """

    name: str
    cost: float
    kinetic: float | None
    floor: float | None
    texts: tuple[str, str, str]


def cost_figure(bars: Sequence[Bar], labels: Mapping[str, str], style: Style) -> go.Figure:
    """Stacked bars of kinetic energy and floor, and a mark at the cost, which is computed apart.

    Args:
        bars: one for each coupling.
        labels: words for ``kinetic``, ``floor`` and ``cost``.
        style: light or dark, plain or Large.
    """
    names = [bar.name for bar in bars]
    parts = (("kinetic", 1, 0), ("floor", 0, 1))
    traces: list[Trace] = [
        {
            "type": "bar",
            "name": labels[part],
            "x": names,
            "y": [getattr(bar, part) for bar in bars],
            "marker": {"color": style.basins[colour], "line": {"width": 0}},
            "width": 0.5,
            "customdata": [bar.texts[k] for bar in bars],
            "hovertemplate": "%{fullData.name}: %{customdata}<extra></extra>",
        }
        for part, colour, k in parts
    ]
    size = style.font_size
    traces.append(
        {
            "type": "scatter",
            "name": labels["cost"],
            "x": names,
            "y": [bar.cost for bar in bars],
            "mode": "markers+text",
            "text": [bar.texts[2] for bar in bars],
            "textposition": "top center",
            "marker": {"symbol": "diamond", "size": 0.9 * size, "color": style.ink},
            "hoverinfo": "skip",
            "cliponaxis": False,
        }
    )
    top = max(bar.cost for bar in bars)
    return drawn(
        traces,
        style,
        height=26 * size,
        barmode="stack",
        hovermode="closest",
        showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        margin={"l": 3.6 * size, "r": 8, "t": 8, "b": 3 * size},
        xaxis={"fixedrange": True, "tickangle": 0},
        yaxis={"range": [0.0, 1.18 * top or 1.0], "fixedrange": True},
    )
