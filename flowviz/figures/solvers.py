"""The Solvers page's figure: a solver's numerical trajectories over the exact ones.

A numerical trajectory is drawn step by step, with a marker at each step's end; a separate axis
below has a mark at each step's time (a rug plot).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from flowviz.figures.fan import colour_groups, group_line
from flowviz.figures.style import Style, drawn, labelled
from flowviz.figures.traces import (
    DENSITY,
    IN_PLANE,
    OVER_TIME,
    REACHES,
    Trace,
    data_points,
    joined,
    joined_values,
    paths,
    titled,
    with_labels,
)

Array = NDArray[np.floating[Any]]

_RUG = 0.085  # the rug's fraction of the height
_BELOW = {False: 0.21, True: 0.29}  # the same with the x axis's ticks and title, by `Style.large`


@dataclass(frozen=True)
class Lines:
    """The exact and the numerical trajectories.

    Attributes:
        t: times of the exact trajectories, (T,); ``exact``, their positions (Q, T, d).
        stops: the times between the solver's steps, decreasing, (K+1,).
        numerical: the numerical trajectories at these times, (Q, K+1, d).
        basin: the data point each exact trajectory reaches, (Q,), or ``fan.NO_GROUP``.
        wrong: whether the numerical trajectory reaches another one, (Q,).
        done: the number of steps to draw.
        reached: the data point each exact trajectory reaches, (Q, d), NaN for none.
        p: the density on the exact trajectories, (Q, T); None where that takes too long.
    """

    t: Array
    exact: Array
    stops: Array
    numerical: Array
    basin: NDArray[np.integer[Any]]
    wrong: NDArray[np.bool_]
    done: int
    reached: Array
    p: Array | None = None


@dataclass(frozen=True)
class Stage:
    """One stage of the last step: time, positions (Q, d) and velocities (Q, d)."""

    t: float
    x: Array
    velocity: Array


def trajectory_figure(
    lines: Lines,
    points: Array,
    view: tuple[float, ...],
    labels: Mapping[str, str],
    style: Style,
    stages: Sequence[Stage] = (),
) -> go.Figure:
    """A solver's trajectories over the exact ones; (t, x) on the line, (x, y) in the plane.

    Args:
        lines: the trajectories.
        points: data points, (N, d).
        view: (low, high) of the line, or (x low, x high, y low, y high).
        labels: words for ``t``, ``x``, ``y`` and ``grid``.
        style: light or dark, plain or Large.
        stages: the stages of the last step, drawn as slopes.

    Returns:
        Traces named ``exact`` and ``numerical`` (one each for a colour), ``wrong``, ``stage``,
        ``points``, ``rug`` and ``now``.
    """
    flat = points.shape[1] == 1
    shown = lines.numerical[:, : lines.done + 1]
    traces: list[Trace] = []
    colours = style.point_colours(len(points))
    colour_of = colour_groups(lines.basin, len(colours))
    for k in np.unique(colour_of):
        colour, dash = group_line(int(k), colours, style)
        line = {"color": colour, "width": 0.8 * style.line, "dash": dash}
        traces.append(_exact(lines, colour_of == k) | {"line": line, "opacity": 0.45})
    for k in np.unique(colour_of):
        colour, _ = group_line(int(k), colours, style)
        xy = joined(paths(lines.stops[: lines.done + 1], shown[colour_of == k]))
        marker = {"color": colour, "size": 9 if style.large else 6}
        line = {"color": colour, "width": 1.3 * style.line}
        trace = _line("numerical", xy, mode="lines+markers", line=line, marker=marker)
        traces.append(with_labels(trace, OVER_TIME if flat else IN_PLANE))
    if lines.done == len(lines.stops) - 1:
        traces.append(_ends(lines, flat, style))
    traces += [_slopes(stage, k, lines, view, style) for k, stage in enumerate(stages)]
    few = len(points) <= 60
    traces.append(data_points(points, (16 if style.large else 11) if few else 5, 1.0, style))
    traces += _rug(lines, bool(stages), style)
    layout = _layout(lines, view, flat, labels, style)
    return drawn(traces, style, **labelled(style), **layout)


def _line(name: str, xy: tuple[Array, Array], mode: str = "lines", **attributes: Any) -> Trace:
    return {
        "type": "scatter", "name": name, "x": xy[0], "y": xy[1],
        "mode": mode, "hoverinfo": "skip",
    } | attributes  # fmt: skip


def _exact(lines: Lines, chosen: NDArray[np.bool_]) -> Trace:
    """Exact trajectories with labels."""
    trace = _line("exact", joined(paths(lines.t, lines.exact[chosen])))
    reached = lines.reached[chosen]
    flat = reached.shape[1] == 1
    ends = (reached[:, 0] if flat else reached).tolist()
    nowhere = np.isnan(reached[:, 0])  # on a separatrix
    trace["meta"] = [None if none else end for none, end in zip(nowhere, ends, strict=True)]
    if lines.p is not None:
        trace["customdata"] = joined_values(lines.p[chosen])
    density = DENSITY if lines.p is not None else ""
    return with_labels(trace, f"{OVER_TIME if flat else IN_PLANE}{density}{REACHES}")


def _ends(lines: Lines, flat: bool, style: Style) -> Trace:
    """Crosses at the ends of numerical trajectories that reach another data point."""
    end = lines.numerical[lines.wrong, -1]
    across = np.full(len(end), lines.stops[-1]) if flat else end[:, 0]
    size = 15 if style.large else 11
    mark = {"symbol": "x-thin", "size": size, "line": {"color": style.ink, "width": 2.5}}
    return _line("wrong", (across, end[:, -1]), mode="markers", marker=mark, cliponaxis=False)


def _slopes(stage: Stage, k: int, lines: Lines, view: tuple[float, ...], style: Style) -> Trace:
    """Short straight lines along the velocity at one stage."""
    flat = stage.x.shape[1] == 1
    step = abs(lines.stops[lines.done] - lines.stops[lines.done - 1])
    if flat:
        half = 0.32 * step
        start = (np.full(len(stage.x), stage.t) - half, stage.x[:, 0] - half * stage.velocity[:, 0])
        end = (np.full(len(stage.x), stage.t) + half, stage.x[:, 0] + half * stage.velocity[:, 0])
    else:
        # Along −f_t: the solver steps towards the data, against time.
        move = -step * stage.velocity
        longest = 0.12 * (view[1] - view[0])
        size = np.linalg.norm(move, axis=1, keepdims=True)
        move = move * np.minimum(1.0, longest / np.maximum(size, 1e-300))
        start, end = stage.x.T, (stage.x + move).T
    gap = np.full(len(stage.x), np.nan)
    x, y = (np.stack([a, b, gap], axis=1).ravel() for a, b in zip(start, end, strict=True))
    colour = stage_colours(style)[k % 7]
    return _line("stage", (x, y), line={"color": colour, "width": 2.4 * style.line})


def stage_colours(style: Style) -> tuple[str, ...]:
    """The colours of a step's stages, in order; no solver has more stages."""
    if style.dark:
        return ("#FFFFFF", "#FF6B81", "#F6C83A", "#66C2FF", "#52C380", "#B79CFF", "#FF9A4D")
    return ("#1B1F2A", "#C2185B", "#C08A00", "#0072B2", "#009E73", "#6236D1", "#D55E00")


def _rug(lines: Lines, stepping: bool, style: Style) -> list[Trace]:
    """The steps' times on a separate axis, the last step in the accent colour."""
    mark = {
        "symbol": "line-ns",
        "size": 14 if style.large else 10,
        "line": {"color": style.ink, "width": 1.6 * style.line},
    }
    axes = {"xaxis": "x2", "yaxis": "y2", "cliponaxis": False}
    now = lines.stops[lines.done - 1 : lines.done + 1] if stepping else lines.stops[:0]
    return [
        _line("now", (now, np.zeros(len(now))), line={"color": style.accent, "width": 6}, **axes),
        _line("rug", (lines.stops, 0 * lines.stops), mode="markers", marker=mark, **axes),
    ]


def _layout(
    lines: Lines, view: tuple[float, ...], flat: bool, labels: Mapping[str, str], style: Style
) -> dict[str, Any]:
    size = style.font_size
    time = {"range": [-0.02, 1.02], "fixedrange": True, **titled(labels["t"])}
    layout: dict[str, Any] = {
        "height": 36 * size,
        "margin": {
            "l": style.left_margin(3.8, *view[-2:]),
            "r": 12,
            "t": 0.8 * size,
            "b": 3.6 * size,
        },
        "xaxis2": style.time_axis(**time, anchor="y2", showgrid=False),
        "yaxis2": {
            "domain": [0.0, _RUG],
            "range": [-1, 1],
            "visible": False,
            "fixedrange": True,
            "anchor": "x2",
        },
        "yaxis": {
            "domain": [_RUG if flat else _BELOW[style.large], 1.0],
            "range": list(view[-2:]),
            "fixedrange": True,
            **titled(labels["x" if flat else "y"]),
        },
        "xaxis": {"fixedrange": True},
    }
    if flat:
        # Vertical grid lines at the steps' times.
        layout["xaxis"] |= time | {
            "tickvals": lines.stops.tolist(),
            "showticklabels": False,
            "ticks": "",
            "gridcolor": style.grid,
            "title": {"text": ""},
        }
    else:
        layout["xaxis"] |= {
            "range": list(view[:2]),
            "constrain": "domain",
            **titled(labels["x"]),
        }
        layout["yaxis"] |= {"scaleanchor": "x", "scaleratio": 1, "constrain": "domain"}
    return layout
