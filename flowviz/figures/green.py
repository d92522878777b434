"""The Green page's figures: the trajectories from one data point, its density and the residual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from flowviz.figures.fan import Heat
from flowviz.figures.style import Style, drawn
from flowviz.figures.traces import (
    Trace,
    curve,
    faded,
    heatmap,
    joined,
    legend,
    marks,
    paths,
    prior_profile,
    scale,
    titled,
)

Array = NDArray[np.floating[Any]]
Labels = Mapping[str, str]

_LENGTH = 0.16  # of the velocity arrow, as a fraction of the axis width


@dataclass(frozen=True)
class Lines:
    """The content of the trajectories' figure.

    ``t`` (T,); ``x`` (Q, T, d), conditional trajectories; ``through`` (T, d), the one through the
    query point; ``caustic`` (M, 1 + d), the (t, x) where det ∂ψ/∂x₁ changes sign; ``worst``
    (1 + d,), where the family violates a rule most, or None.
    """

    t: Array
    x: Array
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
        arrow: the query point, (1 + d,), and f there, (d,).
        view: x low, x high and, in the plane, y low, y high.
        labels: titles of the axes, ``t`` and ``x`` or ``x`` and ``y``.
        style: light or dark, plain or Large.

    Returns:
        A figure with the traces ``family``, ``query``, ``velocity`` and, where they exist,
        ``caustic`` and ``worst``.
    """
    d = lines.x.shape[2]
    family, query = joined(paths(lines.t, lines.x)), joined(paths(lines.t, lines.through[None]))
    traces = [
        curve("family", *family, style.basins[1], 0.7 * style.line, opacity=0.55),
        curve("query", *query, style.accent, 1.6 * style.line),
        _velocity(arrow, d, view, style),
    ]
    if len(lines.caustic):
        traces.append(marks("caustic", lines.caustic[:, -2:], "circle", 4, style))
    if lines.worst is not None:
        traces.append(marks("worst", lines.worst[None, -2:], "x-thin", 16, style))
    first, second = ("t", "x") if d == 1 else ("x", "y")
    size = style.font_size
    up = list(view[:2]) if d == 1 else list(view[2:])
    across = titled(labels[first])
    across |= style.time_axis(range=[-0.02, 1.02]) if d == 1 else {"range": list(view[:2])}
    layout: dict[str, Any] = {
        "height": (28 if d == 1 else 34) * size,
        "margin": {"l": 4.2 * size, "r": 8, "t": 8, "b": 3.4 * size},
        "xaxis": across,
        "yaxis": {"range": up, **titled(labels[second])},
    }
    if d == 2:
        layout["yaxis"] |= {"scaleanchor": "x", "constrain": "domain"}
        layout["xaxis"] |= {"constrain": "domain"}
    return drawn(traces, style, **layout)


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
    traces = [
        heatmap("heat", heat.t, heat.x, heat.p),
        prior_profile(np.nan_to_num(heat.p[:, -1]), heat.x, style),
    ]
    return drawn(
        traces,
        style,
        height=28 * size,
        margin={"l": 4.2 * size, "r": 8, "t": 8, "b": 3.4 * size},
        xaxis=style.time_axis(domain=[0, 0.74], range=[0, 1], **titled(labels["t"])),
        yaxis={"range": list(view[:2]), **titled(labels["x"])},
        xaxis2={
            "domain": [0.79, 1.0],
            "range": [0.0, heat.ceiling],
            "nticks": 3,
            **titled(labels["slice"]),
        },
        coloraxis=scale(style, heat.ceiling),
    )


def plane_figure(
    axes: tuple[Array, Array], relative: Array, view: Sequence[float], labels: Labels, style: Style
) -> go.Figure:
    """The density in the plane at one time; the browser draws the other times and the particles.

    Args:
        axes: x (X,) and y (Y,).
        relative: the density divided by its maximum at that time, (Y, X).
        view: x low, x high, y low, y high.
        labels: titles of the axes, ``x`` and ``y``.
        style: light or dark, plain or Large.
    """
    size = style.font_size
    return drawn(
        [heatmap("heat", *axes, relative)],
        style,
        height=34 * size,
        margin={"l": 4.2 * size, "r": 8, "t": 8, "b": 3.4 * size},
        xaxis={"range": list(view[:2]), "constrain": "domain", **titled(labels["x"])},
        yaxis={
            "range": list(view[2:]),
            "scaleanchor": "x",
            "constrain": "domain",
            **titled(labels["y"]),
        },
        coloraxis=scale(style, 1.0),
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
        digits = np.maximum(np.log10(residual), -17.0) + 17.0
    size = style.font_size
    ticks = np.array([0, 4, 8, 12, 16])
    colours = scale(style, 17.0) | {
        "showscale": True,
        "colorbar": {
            "title": {"text": labels["size"], "side": "right"},
            "tickvals": ticks,
            "ticktext": [f"10<sup>−{17 - int(k)}</sup>" for k in ticks],
            "thickness": 12,
            "outlinewidth": 0,
        },
    }
    title = titled(labels["across"])
    return drawn(
        [heatmap("residual", across, up, digits)],
        style,
        height=25 * size,
        margin={"l": 4.2 * size, "r": 8, "t": 8, "b": 3.4 * size},
        xaxis=style.time_axis(**title) if over_time else title,
        yaxis=titled(labels["up"]),
        coloraxis=colours,
    )


def _velocity(arrow: tuple[Array, Array], d: int, view: Sequence[float], style: Style) -> Trace:
    """An arrow of f at the query point, in the figure's coordinates; empty where f has no value.

    It points where the reader's time goes.
    """
    foot, velocity = arrow
    step = style.rate(np.concatenate([[1.0], velocity]) if d == 1 else velocity)
    unit = np.array([1.0, view[1] - view[0]]) if d == 1 else np.full(2, view[1] - view[0])
    size = np.hypot(*(step / unit))
    if not np.isfinite(size) or size == 0:
        return curve("velocity", np.zeros(0), np.zeros(0), style.ink, 2 * style.line)
    scaled = _LENGTH / size * step
    on_screen = scaled / unit
    angle = np.deg2rad(155.0)
    barbs = [
        np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) @ on_screen / 4
        for a in (angle, -angle)
    ]
    tip = foot[-2:] + scaled
    points = np.array([foot[-2:], tip, tip + barbs[0] * unit, tip, tip + barbs[1] * unit])
    return curve("velocity", points[:, 0], points[:, 1], style.ink, 1.5 * style.line)
