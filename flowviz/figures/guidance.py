"""The Guidance page's figures: the guided flow, where its mass ends, and what the scale does to it.

Colours are classes. At the query point are arrows: the velocity of all data, of the class, and the
guided ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from flowviz.figures.fan import LEAST_HANDLE, SMALL_HANDLE, Heat, marker_sizes
from flowviz.figures.style import Style, drawn, labelled
from flowviz.figures.traces import (
    IN_PLANE,
    OVER_TIME,
    Trace,
    curve,
    heatmap,
    joined,
    paths,
    scale,
    titled,
    with_labels,
)

Array = NDArray[np.floating[Any]]
Labels = NDArray[np.integer[Any]]

_REACH = 0.16  # of the view: the longest arrow of the plane
_AHEAD = 0.14  # of t: arrows of the line go so far, or less where they are steep
_STEEPEST = 0.3  # of the view
_TEXT_GAP = 0.05  # of the view, between texts of arrows
_LATE = 0.25  # from this time on the density is within the colour scale
_CUT = 0.995  # quantile of the plane's density at which its colour scale ends


def class_colour(label: int, style: Style) -> str:
    """The colour of a class; grey for points without a label."""
    return style.basins[label - 1] if label else style.faint


@dataclass(frozen=True)
class Data:
    """Data points ``x`` (N, d), weights ``w`` (N,) that sum to 1, labels (N,)."""

    x: Array
    w: Array
    labels: Labels


@dataclass(frozen=True)
class Lines:
    """Trajectories ``x`` (Q, T, d) at times ``t`` (T,), and the label where each ends, (Q,)."""

    t: Array
    x: Array
    label: Labels


@dataclass(frozen=True)
class Arrow:
    """A velocity towards the data, (d,), with the text at its tip and its colour."""

    velocity: Array
    text: str
    colour: str


def line_figure(
    lines: Lines,
    heat: Heat,
    data: Data,
    query: tuple[float, float] | None,
    arrows: Sequence[Arrow],
    view: tuple[float, ...],
    labels: Mapping[str, str],
    style: Style,
) -> go.Figure:
    """The density and the trajectories of the guided flow over (t, x).

    Args:
        lines: the trajectories that are drawn, with d = 1.
        heat: the density.
        data: the data points, at t = 0.
        query: (t, x) of the query point.
        arrows: at the query point.
        view: lowest and highest x.
        labels: titles of the axes ``t`` and ``x``.
        style: light or dark, plain or Large.
    """
    cells = heatmap("heat", heat.t, heat.x, heat.p) | {"zsmooth": "fast"}
    cells |= {"hoverinfo": "skip"}
    traces = [cells, *_trajectories(lines, OVER_TIME, style), _points(data, style)]
    size, late = style.font_size, heat.t >= _LATE
    layout: dict[str, Any] = {
        "height": 36 * size,
        "margin": {"l": style.left_margin(3.8, *view[:2]), "r": 12, "t": 8, "b": 3.4 * size},
        "xaxis": style.time_axis(range=[-0.03, 1.0], fixedrange=True, **titled(labels["t"])),
        "yaxis": {"range": list(view[:2]), "fixedrange": True, **titled(labels["x"])},
        "coloraxis": scale(style, Heat(heat.t[late], heat.x, heat.p[:, late]).ceiling),
    }
    if query is not None and arrows:
        span = view[1] - view[0]
        tips = [_ahead(query, float(arrow.velocity[0]), span) for arrow in arrows]
        layout["annotations"] = _arrows(arrows, query, tips, _TEXT_GAP * span, style)
    return drawn(traces, style, **labelled(style), **layout)


def _ahead(query: tuple[float, float], velocity: float, span: float) -> tuple[float, float]:
    """The tip of an arrow of the line, towards t = 0."""
    step = min(_AHEAD, _STEEPEST * span / max(abs(velocity), 1e-12))
    return query[0] - step, query[1] + step * velocity


def plane_figure(
    lines: Lines,
    density: tuple[Array, Array, Array] | None,
    now: Array,
    data: Data,
    query: tuple[float, ...] | None,
    arrows: Sequence[Arrow],
    view: tuple[float, ...],
    labels: Mapping[str, str],
    style: Style,
) -> go.Figure:
    """The trajectories in the plane, and at one time the samples on them and the density.

    Args:
        lines: the trajectories that are drawn.
        density: x (X,), y (Y,) and p (Y, X); None where it is not known.
        now: positions of the samples at that time, (Q, 2).
        data: the data points.
        query: (x, y) of the query point.
        arrows: at the query point.
        view: (x low, x high, y low, y high).
        labels: titles of the axes ``x`` and ``y``.
        style: light or dark, plain or Large.
    """
    traces: list[Trace] = []
    top = 1.0
    if density is not None:
        x, y, p = density
        top = float(np.quantile(p, _CUT)) or 1.0
        traces.append(
            heatmap("heat", x, y, p) | {"zsmooth": "best", "hoverinfo": "skip", "opacity": 0.9}
        )
    traces += _trajectories(lines, IN_PLANE, style)
    small = {"color": style.ink, "size": 5 if style.large else 3.2, "opacity": 0.55}
    traces.append(_marks("samples", now, small))
    traces.append(_points(data, style))
    size = style.font_size
    layout: dict[str, Any] = {
        "height": 44 * size,
        "margin": {"l": style.left_margin(3.2, *view[2:]), "r": 8, "t": 8, "b": 3.2 * size},
        "xaxis": {"range": list(view[:2]), "fixedrange": True, "showgrid": False}
        | {"constrain": "domain", **titled(labels["x"])},
        "yaxis": {"range": list(view[2:]), "fixedrange": True, "showgrid": False}
        | {"constrain": "domain", "scaleanchor": "x", **titled(labels["y"])},
        "coloraxis": scale(style, top),
    }
    longest = max((float(np.linalg.norm(arrow.velocity)) for arrow in arrows), default=0.0)
    if query is not None and longest > 0.0:
        at = (query[0], query[1])
        span = view[1] - view[0]
        ends = [np.asarray(at) + _REACH * span / longest * arrow.velocity for arrow in arrows]
        tips = [(float(end[0]), float(end[1])) for end in ends]
        layout["annotations"] = _arrows(arrows, at, tips, _TEXT_GAP * span, style)
    return drawn(traces, style, **labelled(style), **layout)


def _arrows(
    arrows: Sequence[Arrow],
    start: tuple[float, float],
    tips: Sequence[tuple[float, float]],
    gap: float,
    style: Style,
) -> list[dict[str, Any]]:
    """Arrows from one point, and their texts beside their tips, at least a gap apart."""
    axes = {"xref": "x", "yref": "y"}
    heads = [
        {
            **axes, "x": tip[0], "y": tip[1], "ax": start[0], "ay": start[1],
            "axref": "x", "ayref": "y", "showarrow": True, "arrowhead": 2, "arrowsize": 1.1,
            "arrowwidth": 1.7 * style.line, "arrowcolor": arrow.colour, "text": "",
        }
        for arrow, tip in zip(arrows, tips, strict=True)
    ]  # fmt: skip
    order = sorted(range(len(tips)), key=lambda k: tips[k][1])
    heights = np.array([tips[k][1] for k in order])
    step = gap * np.arange(len(heights))
    apart = np.maximum.accumulate(heights - step) + step
    apart -= (apart - heights).mean()
    texts = [
        {
            **axes, "x": tips[k][0], "y": float(height), "text": f"<b>{arrows[k].text}</b>",
            "showarrow": False, "xanchor": "right" if tips[k][0] < start[0] else "left",
            "bgcolor": style.ground, "opacity": 0.9, "borderpad": 0,
            "font": {"color": arrows[k].colour, "size": style.font_size},
        }
        for k, height in zip(order, apart, strict=True)
    ]  # fmt: skip
    return [*heads, *texts]


def _trajectories(lines: Lines, text: str, style: Style) -> list[Trace]:
    """One line for each class where trajectories end."""
    traces = []
    for label in np.unique(lines.label):
        x, y = joined(paths(lines.t, lines.x[lines.label == label]))
        colour = class_colour(int(label), style)
        traces.append(with_labels(curve("guided", x, y, colour, 0.8 * style.line, 0.75), text))
    return traces


def _points(data: Data, style: Style) -> Trace:
    """The data points in the colours of their classes."""
    sizes = np.maximum(marker_sizes(data.w, style), LEAST_HANDLE)
    edges = np.where(sizes < SMALL_HANDLE, 0.0, 1.5)
    colours = [class_colour(int(label), style) for label in data.labels]
    line = {"color": style.ground, "width": edges}
    mark = {"color": colours, "size": sizes, "line": line, "opacity": 1.0}
    flat = data.x.shape[1] == 1
    x = np.concatenate([np.zeros_like(data.x), data.x], 1) if flat else data.x
    return _marks("points", x, mark)


def _marks(name: str, x: Array, marker: dict[str, Any]) -> Trace:
    kind = {"type": "scatter", "name": name, "mode": "markers", "hoverinfo": "skip"}
    return {**kind, "x": x[:, 0], "y": x[:, 1], "marker": marker, "cliponaxis": False}


# ---------------------------------------------------------------------- where mass ends


def _titled_apart(text: str, style: Style) -> dict[str, Any]:
    """The title of an axis, clear of ticks as long as names; the margin grows where it must."""
    return {"automargin": True, "title": {"text": text, "standoff": 0.5 * style.font_size}}


@dataclass(frozen=True)
class Bars:
    """Shares of places: their names, labels, the guided flow's share and p(·|y), (P,) each.

    ``noise`` is the standard error of the share.
    """

    names: Sequence[str]
    labels: Labels
    share: Array
    noise: Array
    of_class: Array


def share_bars(bars: Bars, labels: Mapping[str, str], style: Style) -> go.Figure:
    """How much ends at each place, beside what the class has there.

    Args:
        bars: the places.
        labels: words for ``guided``, ``of_class`` and ``share``.
        style: light or dark, plain or Large.
    """
    colours = [class_colour(int(label), style) for label in bars.labels]
    error = {"type": "data", "array": bars.noise, "color": style.ink, "thickness": 1.2, "width": 3}
    clear = {"color": "rgba(0,0,0,0)", "line": {"color": style.ink, "width": 1.6}}
    guided: Trace = {"name": labels["guided"], "y": bars.share, "marker": {"color": colours}}
    ends: list[Trace] = [
        guided | ({"error_y": error} if bars.noise.any() else {}),
        {"name": labels["of_class"], "y": bars.of_class, "marker": clear},
    ]
    kind = {"type": "bar", "x": list(bars.names), "hoverinfo": "skip"}
    size = style.font_size
    return drawn(
        [kind | bar for bar in ends],
        style,
        height=18 * size,
        barmode="group",
        bargap=0.25,
        showlegend=False,
        margin={"l": 4.2 * size, "r": 8, "t": 8, "b": 4.4 * size},
        xaxis={"type": "category", "fixedrange": True, "tickangle": 0}
        | _titled_apart(labels["places"], style),
        yaxis={"fixedrange": True, "rangemode": "tozero", "tickformat": ".0%"}
        | _titled_apart(labels["share"], style),
    )


@dataclass(frozen=True)
class Curve:
    """One curve over the scale: its name, its label (0 for none), its values (S,)."""

    name: str
    label: int
    values: Array


def scale_chart(
    scales: Array,
    curves: Sequence[Curve],
    entropy: Array,
    chosen: float,
    labels: Mapping[str, str],
    style: Style,
) -> go.Figure:
    """Shares and the entropy as the scale grows, with marks at 0, at 1 and at the chosen scale.

    Args:
        scales: the scales s, (S,).
        curves: shares of places of the class.
        entropy: in nats, (S,).
        chosen: the scale of the page.
        labels: words for ``scale``, ``share`` and ``entropy``.
        style: light or dark, plain or Large.
    """
    dashes = ("solid", "dot", "dash", "longdash", "dashdot", "longdashdot")
    traces = [
        curve(each.name, scales, each.values, class_colour(each.label, style), 1.5 * style.line)
        | {"line": {"dash": dashes[k % len(dashes)], "width": 1.5 * style.line}
           | {"color": class_colour(each.label, style)}, "showlegend": True}
        for k, each in enumerate(curves)
    ]  # fmt: skip
    drawn_entropy = curve(labels["entropy"], scales, entropy, style.ink, 1.2 * style.line)
    traces.append(drawn_entropy | {"yaxis": "y2", "showlegend": True, "opacity": 0.7})
    size = style.font_size
    marks = [
        {"type": "line", "xref": "x", "yref": "paper", "x0": s, "x1": s, "y0": 0, "y1": 1}
        | {"line": {"color": colour, "width": 1.2, "dash": "dot"}}
        for s, colour in ((0.0, style.faint), (1.0, style.faint), (chosen, style.accent))
    ]
    return drawn(
        traces,
        style,
        height=24 * size,
        showlegend=True,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0.0},
        shapes=marks,
        margin={"l": 4.2 * size, "r": 5.2 * size, "t": 8, "b": 3.2 * size},
        xaxis={"range": [-0.1, float(scales[-1]) + 0.1], "fixedrange": True}
        | {"tickvals": [0, 1, 2, 4, 6, 8, 10], **titled(labels["scale"])},
        yaxis={"range": [0.0, 1.02], "fixedrange": True, "tickformat": ".0%"}
        | _titled_apart(labels["share"], style),
        yaxis2={"overlaying": "y", "side": "right", "rangemode": "tozero", "fixedrange": True}
        | {"showgrid": False, "tickmode": "auto", "nticks": 5, "tickformat": ".2f"}
        | _titled_apart(labels["entropy"], style),
    )
