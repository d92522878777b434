"""The Green page's figures: the trajectories from one data point, its density and the residual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from flowviz.figures.fan import Heat, colour_bar
from flowviz.figures.style import Style, drawn, labelled
from flowviz.figures.traces import (
    CELL_OVER_TIME,
    DENSITY,
    IN_PLANE,
    OVER_TIME,
    Trace,
    curve,
    data_points,
    faded,
    heatmap,
    joined,
    joined_values,
    legend,
    marks,
    paths,
    prior_profile,
    scale,
    titled,
    with_labels,
)

Array = NDArray[np.floating[Any]]
Labels = Mapping[str, str]

_LENGTH = 0.16  # of the velocity arrow, as a fraction of the axis width


@dataclass(frozen=True)
class Lines:
    """The content of the trajectories' figure.

    ``x0`` (d,), the data point; ``t`` (T,); ``x`` (Q, T, d), conditional trajectories; ``p``
    (Q, T), the density on them, or None; ``through`` (T, d), the one through the query point;
    ``caustic`` (M, 1 + d), the (t, x) where det ∂ψ/∂x₁ changes sign; ``worst`` (1 + d,), where the
    family violates a rule most, or None.
    """

    x0: Array
    t: Array
    x: Array
    p: Array | None
    through: Array
    caustic: Array
    worst: Array | None


def lines_figure(
    lines: Lines,
    arrow: tuple[Array, Array],
    view: Sequence[float],
    labels: Labels,
    style: Style,
) -> go.Figure:
    """The trajectories from one data point: over (t, x) on the line, over (x, y) in the plane.

    Args:
        lines: the curves and marks.
        arrow: the query point, (1 + d,), and f there, (d,); the arrow points against it.
        view: x low, x high and, in the plane, y low, y high.
        labels: titles of the axes, ``t`` and ``x`` or ``x`` and ``y``; ``x0``, the data point;
            ``caustic``, what its marks mean.
        style: light or dark, plain or Large.

    Returns:
        A figure with the traces ``fan``, ``query`` (the trajectory through the query point),
        ``arrows`` (-f there), ``points`` and, where they exist, ``caustic`` and ``worst``.
    """
    d = lines.x.shape[2]
    traces = [*_trajectories(lines, d, labels["x0"], style), _velocity(arrow, d, view, style)]
    if len(lines.caustic):
        mark = marks("caustic", lines.caustic[:, -2:], "circle", 4, style)
        traces.append(with_labels(mark, labels["caustic"]))
    if lines.worst is not None:
        traces.append(marks("worst", lines.worst[None, -2:], "x-thin", 16, style))
    traces.append(_handles(lines.x0, arrow[0], style))
    first, second = ("t", "x") if d == 1 else ("x", "y")
    size = style.font_size
    up = list(view[:2]) if d == 1 else list(view[2:])
    across = titled(labels[first])
    across |= style.time_axis(range=[-0.02, 1.02]) if d == 1 else {"range": list(view[:2])}
    layout: dict[str, Any] = {
        "height": (28 if d == 1 else 34) * size,
        "margin": {"l": style.left_margin(4.2, *up), "r": 8, "t": 8, "b": 3.4 * size},
        "xaxis": across,
        "yaxis": {"range": up, **titled(labels[second])},
    }
    if d == 2:
        layout["yaxis"] |= {"scaleanchor": "x", "constrain": "domain"}
        layout["xaxis"] |= {"constrain": "domain"}
    return drawn(traces, style, **labelled(style), **layout)


def _trajectories(lines: Lines, d: int, reached: str, style: Style) -> list[Trace]:
    """Those of the family, and the one through the query point."""
    at = OVER_TIME if d == 1 else IN_PLANE
    known = DENSITY if lines.p is not None else ""
    text = f"{at}{known}<br>→ {reached}"
    family = curve(
        "fan", *joined(paths(lines.t, lines.x)), style.basins[1], 0.7 * style.line, opacity=0.55
    )
    if lines.p is not None:
        family["customdata"] = joined_values(lines.p)
    through = joined(paths(lines.t, lines.through[None]))
    query = curve("query", *through, style.accent, 1.6 * style.line)
    for trace in (family, query):
        trace["line"] |= {"simplify": False}
    return [with_labels(family, text), query]


def _handles(x0: Array, query: Array, style: Style) -> Trace:
    """The data point and the query point, as `components/density_chart_handles.js` draws them."""
    points = np.stack([np.append(0.0, x0)[-2:], query[-2:]])  # over (t, x): x₀ at t = 0
    trace = data_points(points, 26.0 if style.large else 18.0, 1.5, style)
    trace["marker"] |= {"color": [style.basins[0], style.accent]}
    return trace


def divergence_figure(
    t: Array, divergence: Array, integral: Array, labels: Labels, style: Style
) -> go.Figure:
    """Along a characteristic: ∇·f, and below it ∫∇·f dt from the query point on.

    Args:
        t: times, (K,).
        divergence: ∇·f at them, (K,).
        integral: ∫∇·f dt from the first time to each, (K,).
        labels: titles of the axes, ``t``, ``divergence`` and ``gained``.
        style: light or dark, plain or Large.
    """
    first, second = style.basins[1], style.basins[0]
    divergence = style.rate(divergence)
    area = curve("divergence", t, divergence, first, 1.3 * style.line)
    area |= {"fill": "tozeroy", "fillcolor": faded(first)}
    traces = [area, curve("gained", t, integral, second, 1.3 * style.line) | {"yaxis": "y2"}]
    size = style.font_size
    return drawn(
        traces,
        style,
        height=25 * size,
        margin={"l": 4.6 * size, "r": 8, "t": 8, "b": 3.4 * size},
        xaxis=style.time_axis(range=[0, 1.02], anchor="y2", **titled(labels["t"])),
        yaxis={
            "domain": [0.56, 1.0],
            "title": {"text": labels["divergence"]},
            "rangemode": "tozero",
        },
        yaxis2={"domain": [0.0, 0.46], "title": {"text": labels["gained"]}, "rangemode": "tozero"},
    )


def curves_figure(
    x: Array, followed: Array, changed: Array, at: float, labels: Labels, style: Style
) -> go.Figure:
    """p_t(x|x₀) by two methods, and below it their difference.

    Args:
        x: positions, (K,).
        followed: the density by integrating along characteristics, (K,), NaN where that failed.
        changed: the density by change of variables, (K,).
        at: the query point's x.
        labels: words for ``x``, ``followed``, ``changed`` and ``gap``.
        style: light or dark, plain or Large.
    """
    first, second = style.basins[1], style.basins[0]
    gap = np.abs(followed - changed)
    shown = np.isfinite(gap) & (gap > 0)  # the axis is logarithmic
    traces = [
        curve("changed", x, changed, first, 3.6 * style.line, opacity=0.45),
        curve("followed", x, followed, second, style.line, dash="dash"),
        curve("gap", x, np.where(shown, gap, np.nan), style.faint, style.line)
        | {"yaxis": "y2", "mode": "markers", "marker": {"size": 4, "color": style.faint}},
        curve("query", np.array([at, at]), np.array([0.0, 1.0]), style.accent, 1.0)
        | {"yaxis": "y3"},
    ]
    top = float(np.nanmax(changed, initial=0.0))
    size = style.font_size
    return drawn(
        traces,
        style,
        height=29 * size,
        margin={"l": 6.2 * size, "r": 8, "t": 3.4 * size, "b": 3.4 * size},
        annotations=legend([(labels["changed"], first), (labels["followed"], second)], size),
        xaxis={"anchor": "y2", **titled(labels["x"])},
        yaxis={"domain": [0.4, 1.0], "range": [0.0, 1.08 * top if top > 0 else 1.0]},
        yaxis2={
            "domain": [0.0, 0.28],
            "type": "log",
            "range": [-18, -4],
            "dtick": 6,
            "title": {"text": labels["gap"]},
        },
        yaxis3={"domain": [0.4, 1.0], "range": [0, 1], "visible": False, "overlaying": "y"},
    )


def heat_figure(heat: Heat, view: Sequence[float], labels: Labels, style: Style) -> go.Figure:
    """p_t(x|x₀) over (t, x), and in a panel beside it the prior's density, its last column.

    The browser adds a line at the current time, and the density at that time to the panel.
    """
    size = style.font_size
    cells = heatmap("heat", heat.t, heat.x, heat.p) | {"zsmooth": "fast"}
    traces = [
        with_labels(cells, CELL_OVER_TIME),
        prior_profile(np.nan_to_num(heat.p[:, -1]), heat.x, style),
    ]
    return drawn(
        traces,
        style,
        **labelled(style),
        height=28 * size,
        margin={"l": style.left_margin(4.2, *view[:2]), "r": 8, "t": 8, "b": 3.4 * size},
        xaxis=style.time_axis(domain=[0, 0.74], range=[0, 1], **titled(labels["t"])),
        yaxis={"range": list(view[:2]), **titled(labels["x"])},
        xaxis2={
            "fixedrange": True,
            "domain": [0.79, 1.0],
            "range": [0.0, heat.ceiling],
            "nticks": 3,
            **titled(labels["slice"]),
        },
        coloraxis=scale(style, heat.ceiling)
        | {"showscale": True, "colorbar": colour_bar(labels["density"])},
    )


def residual_figure(
    across: Array, up: Array, residual: Array, labels: Labels, style: Style, *, over_time: bool
) -> go.Figure:
    """log₁₀ of the continuity residual's size, on a colour scale from 1e-17 to 1.

    Args:
        across, up: the grid, (A,) and (U,).
        residual: the residual's size there, (U, A), NaN where p = 0.
        labels: titles of the ``across`` and ``up`` axes and of the colour bar, ``size``.
        style: light or dark, plain or Large.
        over_time: whether ``across`` is time, and no position.
    """
    with np.errstate(divide="ignore"):
        digits = np.maximum(np.log10(residual), -17.0)
    size = style.font_size
    ticks = np.array([-17, -13, -9, -5, -1])
    colours = scale(style, 0.0) | {
        "cmin": -17.0,
        "showscale": True,
        "colorbar": {
            "title": {"text": labels["size"], "side": "right"},
            "tickvals": ticks,
            "ticktext": [f"10<sup>−{-int(k)}</sup>" for k in ticks],
            "thickness": 12,
            "outlinewidth": 0,
        },
    }
    across_axis = {"range": _ends(across), **titled(labels["across"])}
    at = "t = %{text}<br>x = %{y}" if over_time else IN_PLANE
    text = f"{at}<br>{labels['size']} = 10<sup>%{{z:.1f}}</sup>"
    cells = heatmap("heat", across, up, digits) | {
        "z": list(digits)
    }  # rows: no density to quantise
    return drawn(
        [with_labels(cells, text)],
        style,
        **labelled(style),
        height=25 * size,
        margin={"l": style.left_margin(4.2, *_ends(up)), "r": 8, "t": 8, "b": 3.4 * size},
        xaxis=style.time_axis(**across_axis) if over_time else across_axis,
        yaxis={"range": _ends(up), **titled(labels["up"])},
        coloraxis=colours,
    )


def _ends(centres: Array) -> list[float]:
    """Where cells with these centres begin and end."""
    half = (centres[1] - centres[0]) / 2
    return [float(centres[0] - half), float(centres[-1] + half)]


def _velocity(arrow: tuple[Array, Array], d: int, view: Sequence[float], style: Style) -> Trace:
    """An arrow of -f at the query point, as generation goes; empty where f has no value.

    `components/arrow_heads.js` draws the head anew for the width of the page.
    """
    foot, velocity = arrow
    step = -np.concatenate([[1.0], velocity]) if d == 1 else -velocity
    unit = np.array([1.0, view[1] - view[0]]) if d == 1 else np.full(2, view[1] - view[0])
    size = np.hypot(*(step / unit))
    if not np.isfinite(size) or size == 0:
        return curve("arrows", np.zeros(0), np.zeros(0), style.ink, 2 * style.line)
    scaled = _LENGTH / size * step
    on_screen = scaled / unit
    angle = np.deg2rad(155.0)
    barbs = [
        np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) @ on_screen / 4
        for a in (angle, -angle)
    ]
    tip = foot[-2:] + scaled
    gap = np.full(2, np.nan)
    points = np.array([foot[-2:], tip, tip + barbs[0] * unit, tip, tip + barbs[1] * unit, gap])
    return curve("arrows", points[:, 0], points[:, 1], style.ink, 1.5 * style.line)
