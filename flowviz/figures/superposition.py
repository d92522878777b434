"""Figures of the Green page: why ∇·f = d/t, and the marginal flows of straight and curved lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from flowviz.figures.style import Style, drawn, labelled
from flowviz.figures.traces import (
    DENSITY,
    IN_PLANE,
    OVER_TIME,
    REACHES,
    Trace,
    curve,
    joined,
    joined_values,
    legend,
    note,
    paths,
    titled,
    with_labels,
)

Array = NDArray[np.floating[Any]]
Labels = Mapping[str, str]

_SMALL = 1e-7  # volumes are drawn down to 1e-12; their labels stand above this value


def box_figure(
    t: Array, measured: Sequence[tuple[int, Array, Array]], labels: Labels, style: Style
) -> go.Figure:
    """The divergence's size on straight lines, and the volume of a box that moves along them.

    Args:
        t: times, (T,).
        measured: for each dimension d the divergence and the volume, (T,) each.
        labels: titles of the axes, ``t``, ``divergence`` and ``volume``.
        style: light or dark, plain or Large.
    """
    traces: list[Trace] = []
    notes: list[dict[str, Any]] = []
    for k, (d, divergence, volume) in enumerate(measured):
        colour = style.basins[k]
        traces.append(curve(f"divergence {d}", t, divergence, colour, 1.3 * style.line))
        traces.append(
            curve(f"volume {d}", t, volume, colour, 1.3 * style.line)
            | {"xaxis": "x2", "yaxis": "y2"}
        )
        # Labels where the curves are far apart: the volumes' early, but inside the axes.
        for values, index, axis in (
            (divergence, len(t) // 3, ""),
            (volume, max(len(t) // 12, int((volume < _SMALL).sum())), "2"),
        ):
            at = min(index, len(t) - 1)
            notes.append(
                note(f"d = {d}", t[at], np.log10(values[at]), colour, f"x{axis}", f"y{axis}")
            )
    size = style.font_size
    times = style.time_axis(range=[0, 1.02], **titled(labels["t"]))
    power = {"type": "log"}
    return drawn(
        traces,
        style,
        height=24 * size,
        margin={"l": 5 * size, "r": 8, "t": 8, "b": 3.4 * size},
        xaxis=times | {"domain": [0.0, 0.42]},
        yaxis=power | {"title": {"text": labels["divergence"]}},
        xaxis2=times | {"domain": [0.58, 1.0], "anchor": "y2"},
        yaxis2=power | {"title": {"text": labels["volume"]}, "range": [-12, 0.5], "anchor": "x2"},
        annotations=notes,
    )


def marginal_flows_figure(
    t: Array,
    straight: Array,
    bent: Array,
    reached: tuple[Array, Array],
    p: tuple[Array, Array],
    labels: Labels,
    style: Style,
) -> go.Figure:
    """The marginal flows of straight and of curved conditional trajectories, side by side.

    Args:
        t: times, (T,).
        straight, bent: the marginal flows' trajectories, (Q, T, d).
        reached: the data points at which they end, (Q, d) each.
        p: the densities on them, (Q, T) each.
        labels: words for ``t``, ``x``, ``y``, ``straight`` and ``bent``.
        style: light or dark, plain or Large.
    """
    d = straight.shape[2]
    traces: list[Trace] = []
    both = np.concatenate([straight, bent])
    span = [float(np.nanmin(both[..., -1])), float(np.nanmax(both[..., -1]))]
    text = f"{OVER_TIME if d == 1 else IN_PLANE}{DENSITY}{REACHES}"
    for k, (x, ends, density) in enumerate(zip((straight, bent), reached, p, strict=True)):
        path = joined(paths(t, x))
        trace = curve("fan", *path, style.basins[1 - k], 0.8 * style.line, opacity=0.8)
        nowhere = np.isnan(ends[:, 0])  # on a separatrix
        meta = (ends[:, 0] if d == 1 else ends).tolist()
        trace["customdata"] = joined_values(density)
        trace["meta"] = [None if none else end for none, end in zip(nowhere, meta, strict=True)]
        axes = {"xaxis": "x2", "yaxis": "y2"} if k else {"xaxis": "x", "yaxis": "y"}
        traces.append(with_labels(trace, text) | axes)
    size = style.font_size
    pad = 0.05 * (span[1] - span[0])
    up = {"range": [span[0] - pad, span[1] + pad]}
    first, second = ("t", "x") if d == 1 else ("x", "y")
    across = titled(labels[first])
    if d == 1:
        across |= style.time_axis(range=[0.0, 1.0])
    else:
        low, high = float(np.nanmin(both[..., 0])), float(np.nanmax(both[..., 0]))
        across |= {"range": [low - pad, high + pad]}
    return drawn(
        traces,
        style,
        **labelled(style),
        height=24 * size,
        margin={"l": 4.2 * size, "r": 8, "t": 2.2 * size, "b": 3.4 * size},
        xaxis=across | {"domain": [0.0, 0.47]},
        yaxis=up | titled(labels[second]),
        xaxis2=across | {"domain": [0.53, 1.0], "anchor": "y2", "matches": "x"},
        yaxis2=up | {"anchor": "x2", "showticklabels": False, "matches": "y"},
        annotations=[
            note(labels["straight"], 0.235, 1.01, style.basins[1], "paper", "paper"),
            note(labels["bent"], 0.765, 1.01, style.basins[0], "paper", "paper"),
        ],
    )


def growth_figure(
    strength: Array, length: Array, turning: Array, at: float, labels: Labels, style: Style
) -> go.Figure:
    """Length and turning as multiples of the straight family's, over the bend strength.

    A vertical line marks the current strength, ``at``.
    """
    first, second = style.basins[1], style.basins[0]
    now = curve("now", np.array([at, at]), np.array([0.0, 1.0]), style.accent, 1.0)
    traces = [
        curve("length", strength, length, first, 1.3 * style.line) | {"mode": "lines+markers"},
        curve("turning", strength, turning, second, 1.3 * style.line) | {"mode": "lines+markers"},
        now | {"yaxis": "y2"},
    ]
    size = style.font_size
    return drawn(
        traces,
        style,
        height=19 * size,
        margin={"l": 4.2 * size, "r": 8, "t": 3.4 * size, "b": 3.4 * size},
        xaxis=titled(labels["strength"]),
        yaxis={"title": {"text": labels["times"]}, "rangemode": "tozero"},
        yaxis2={"range": [0, 1], "visible": False, "overlaying": "y"},
        annotations=legend([(labels["length"], first), (labels["turning"], second)], size),
    )
