"""The article's figure: p_t(x) as a heatmap under a fan of trajectories, t across, x up.

Left edge: the data (t = 0). Right edge: the prior (t = 1), and beside it a panel with the prior's
density on the same x axis, in which the browser also draws p_t(x) at the current time.

Source: Su Jianlin, kexue.fm/archives/9379, the figure of the straight-line example.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from flowviz.figures.style import Style, drawn, labelled
from flowviz.figures.traces import (
    Trace,
    curve,
    data_points,
    heatmap,
    joined_values,
    prior_profile,
    scale,
    titled,
    with_labels,
)

Array = NDArray[np.floating[Any]]

#: The strip left of t = 0 that holds the points' handles, in units of t.
GUTTER = 0.045
#: The group of trajectories on a separatrix, which reach no data point: grey and dashed.
NO_GROUP = -1
#: As `components/handle_marks.js` draws the same points: least diameter, and those without an edge.
LEAST_HANDLE, SMALL_HANDLE = 4.0, 8.0


@dataclass(frozen=True)
class Heat:
    """p_t(x) on a grid: ``t`` (T,), ``x`` (X,), ``p`` (X, T), NaN where it has no value."""

    t: Array
    x: Array
    p: Array

    @property
    def ceiling(self) -> float:
        """The density at which the colour scale ends, a round number.

        It is near the 98.5th percentile of the positive values: p_t grows like 1/σ_t towards the
        data, and a scale up to the maximum would show nothing else. It is rounded so that it seldom
        changes while a data point is dragged.
        """
        sampled = self.p[::4, ::4]
        positive = sampled[sampled > 0]
        if not positive.size:
            return 1.0
        value = float(np.quantile(positive, 0.985))
        decade = 10.0 ** np.floor(np.log10(value))
        ceiling = decade * min(_ROUND, key=lambda step: abs(np.log(step * decade / value)))
        # At least the same percentile of the half t ≥ 0.5, so that its slices are not cut off.
        late = self.p[::4, self.t >= 0.5]
        late = late[late > 0]
        needed = float(np.quantile(late, 0.985)) if late.size else 0.0
        steps = (step * scale for scale in (decade, 10.0 * decade) for step in _ROUND)
        return float(max(ceiling, next((s for s in steps if s >= needed), ceiling)))


_ROUND = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True)
class Fan:
    """Trajectories ``x`` (Q, T) at ``t`` (T,), with a ``group`` (Q,) that picks the colour, or
    `NO_GROUP`, and, if they are known, the data point ``reached`` (Q,), NaN for none, and the
    density ``p`` (Q, T).
    """

    t: Array
    x: Array
    group: NDArray[np.integer[Any]]
    reached: Array | None = None
    p: Array | None = None


def fan_figure(
    *,
    heat: Heat,
    fan: Fan,
    colours: Sequence[str],
    arrows: tuple[Array, Array] | None,
    points: tuple[Array, Array],
    prior: tuple[Array, Array],
    view: tuple[float, float],
    labels: Mapping[str, str],
    style: Style,
    show: tuple[bool, bool] = (True, True),
    ceiling: float | None = None,
) -> go.Figure:
    """The density and the trajectories over (t, x), and in a panel beside them the prior's density.

    Args:
        heat: the density p_t(x).
        fan: the trajectories, drawn over it.
        colours: one per group of ``fan``, taken in turn.
        arrows: polyline (t, x) of the arrows of −f_t, NaN between arrows; None hides them.
        points: data positions and weights, (N,) each; weights sum to 1.
        prior: the prior's density as (x, p₁(x)).
        view: lowest and highest x shown.
        labels: titles of the ``t`` and ``x`` axes, the ``density`` colour bar and the ``slice``
            panel.
        style: light or dark, plain or Large.
        show: whether the density and the trajectories are visible. They are in the figure in any
            case: the browser computes the current slice and the moving particles from them.
        ceiling: the density at which the colour scale ends, by default ``heat``'s.

    Returns:
        A figure whose traces are named ``heat``, ``fan`` (one per colour), ``arrows``, ``prior``
        and ``points``.
    """
    cells = heatmap("heat", heat.t, heat.x, heat.p)
    # Also where it is hidden, its cells have labels.
    cells |= {"opacity": float(show[0]), "hovertemplate": "%{text}<extra></extra>"}
    traces = [cells | {"zsmooth": "fast"}, *fan_traces(fan, colours, style, visible=show[1])]
    if arrows is not None:
        line = curve("arrows", *arrows, style.ink, 0.8 * style.line, opacity=0.75)
        line["line"] |= {"simplify": False}
        traces.append(line)
    traces.append(prior_profile(prior[1], prior[0], style))
    traces.append(weighted_points(points[0][:, None], points[1], style))
    top = heat.ceiling if ceiling is None else ceiling
    layout = _layout(top, show[0], prior, view, labels, style)
    return drawn(traces, style, **labelled(style), **layout)


def marker_sizes(weights: Array, style: Style) -> Array:
    """Diameters in pixels: area in proportion to weight, but large enough to touch."""
    relative = np.sqrt(weights / weights.max()) if len(weights) else weights
    many = len(weights) > 100
    base = (6.0 if many else 17.0) * (1.4 if style.large else 1.0)
    return np.maximum(relative * base, base / 3)


def weighted_points(points: Array, weights: Array, style: Style) -> Trace:
    """Data points (N, d) as `data_points` draws them, with sizes by their weights (N,)."""
    sizes = marker_sizes(weights, style)
    edges = np.where(sizes < SMALL_HANDLE, 0.0, 1.5)
    return data_points(points, np.maximum(sizes, LEAST_HANDLE), edges, style)


def _layout(
    ceiling: float,
    heat_shown: bool,
    prior: tuple[Array, Array],
    view: tuple[float, float],
    labels: Mapping[str, str],
    style: Style,
) -> dict[str, Any]:
    size = style.font_size
    return {
        # Fixed, so that the axes do not move when a label grows by a digit. Without the colour bar
        # there is room for the panel's title, which is wider than the panel.
        "margin": {
            "l": style.left_margin(4.2, *view),
            "r": 6 if heat_shown else 2.5 * size,
            "t": 8,
            "b": 3.6 * size,
        },
        "xaxis": style.time_axis(
            domain=[0.0, 0.79],
            range=[-GUTTER, 1.0],
            showgrid=not heat_shown,
            **titled(labels["t"]),
        ),
        "yaxis": {
            "range": list(view),
            "showgrid": not heat_shown,
            **titled(labels["x"]),
        },
        "xaxis2": {
            "fixedrange": True,
            "domain": [0.83, 1.0],
            "range": [0.0, panel_end(prior[1], ceiling)],
            "nticks": 3,
            **titled(labels["slice"]),
        },
        "coloraxis": scale(style, ceiling)
        | {"showscale": heat_shown, "colorbar": colour_bar(labels["density"])},
    }


def panel_end(prior: Array, ceiling: float) -> float:
    """The end of the axis of p_t at one time, from values of p₁ and the end of the colour scale."""
    # A density may be infinite at an edge of the support: then the panel does not show its maximum.
    peak = min(float(prior.max()), 3.0 * float(np.quantile(prior, 0.95)))
    return max(1.35 * peak, min(ceiling, 4.0 * peak))


def colour_bar(title: str) -> dict[str, Any]:
    """The bar of a density's colour scale, right of the figure."""
    return {
        "title": {"text": title, "side": "right"},
        "thickness": 14,
        "len": 1.0,
        "nticks": 6,
        "exponentformat": "power",
        "outlinewidth": 0,
        "x": 1.02,
        "xpad": 2,
    }


def fan_traces(
    fan: Fan, colours: Sequence[str], style: Style, *, visible: bool = True, label: str = ""
) -> list[Trace]:
    """One NaN-separated line per colour: browsers draw that far faster than one per trajectory.

    ``label`` is what the labels of the lines say; without it they have none.
    """
    opacity = 0.9 if len(fan.x) <= 60 else 0.65
    colour_of = colour_groups(fan.group, len(colours))
    traces = []
    for k in np.unique(colour_of):
        chosen = fan.x[colour_of == k]
        gap = np.full((len(chosen), 1), np.nan)
        x = np.concatenate([np.broadcast_to(fan.t, chosen.shape), gap], axis=1).ravel()
        y = np.concatenate([chosen, gap], axis=1).ravel()
        colour, dash = group_line(int(k), colours, style)
        trace = curve("fan", x, y, colour, style.line, opacity, dash)
        trace["line"] |= {"simplify": False}
        trace["visible"] = visible
        if fan.reached is not None:
            # For labels, also those of the cells, which say where a trajectory in them ends.
            reached = fan.reached[colour_of == k]
            trace["meta"] = [None if np.isnan(value) else value for value in reached.tolist()]
        if fan.p is not None:
            trace["customdata"] = joined_values(fan.p[colour_of == k])
        traces.append(with_labels(trace, label) if label else trace)
    return traces


def colour_groups(group: NDArray[np.integer[Any]], count: int) -> NDArray[np.integer[Any]]:
    """The index of each group's colour, of ``count`` taken in turn, or `NO_GROUP`."""
    return np.where(group == NO_GROUP, NO_GROUP, group % count)


def group_line(k: int, colours: Sequence[str], style: Style) -> tuple[str, str]:
    """The colour and the dash of trajectories with that index from `colour_groups`."""
    return (style.faint, "6px,4px") if k == NO_GROUP else (colours[k], "solid")


def arrow_polyline(
    t: Array, x: Array, velocity: Array, *, aspect: float, length: float
) -> tuple[Array, Array]:
    """Arrows of (1, f_t) at (t, x), all equally long on the screen, as one polyline.

    Args:
        t, x, velocity: (K,) positions and f_t there; NaN velocities are left out.
        aspect: units of x that are as long on the screen as one unit of t.
        length: drawn length, in units of t; below 0 for arrows of −(1, f_t).

    Returns:
        (t, x) of a polyline with NaN between arrows: shaft, then the two barbs.
    """
    keep = np.isfinite(velocity)
    t, x, slope = t[keep], x[keep], velocity[keep] / aspect
    norm = np.hypot(1.0, slope)
    dt, dy = length / norm, length * slope / norm
    tip_t, tip_y = t + dt / 2, dy / 2
    # Barbs: the shaft turned by ±155° on the screen, and a third as long.
    cos, sin = np.cos(np.deg2rad(155)) / 3, np.sin(np.deg2rad(155)) / 3
    left = (tip_t + cos * dt - sin * dy, tip_y + sin * dt + cos * dy)
    right = (tip_t + cos * dt + sin * dy, tip_y - sin * dt + cos * dy)
    gap = np.full_like(t, np.nan)
    path_t = np.stack([t - dt / 2, tip_t, left[0], tip_t, right[0], gap], axis=1)
    path_y = np.stack([-dy / 2, tip_y, left[1], tip_y, right[1], gap], axis=1)
    return path_t.ravel(), (x[:, None] + aspect * path_y).ravel()
