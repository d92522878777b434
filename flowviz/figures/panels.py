"""Small figures: a schedule's α_t and σ_t, and f_t(x) as the mean of conditional velocities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from flowviz.figures.style import Style, drawn
from flowviz.figures.traces import curve

Array = NDArray[np.floating[Any]]


def schedule_figure(t: Array, alpha: Array, sigma: Array, style: Style) -> go.Figure:
    """α_t and σ_t over t, each curve with its label."""
    traces: list[dict[str, Any]] = []
    first, second = style.basins[1], style.basins[0]
    for name, values, colour, at in (("α", alpha, first, 0.22), ("σ", sigma, second, 0.78)):
        k = int(at * (len(t) - 1))
        traces.append(
            {
                "type": "scatter",
                "name": name,
                "x": t,
                "y": values,
                "mode": "lines+text",
                "text": ["" if i != k else f"<b>{name}</b>" for i in range(len(t))],
                "textposition": "top center",
                "textfont": {"color": colour, "size": style.font_size + 2},
                "line": {"color": colour, "width": style.line + 0.6},
            }
        )
    size = style.font_size
    return drawn(
        traces,
        style,
        height=12 * size,
        margin={"l": 2.2 * size, "r": 8, "t": 6, "b": 2 * size},
        xaxis=style.time_axis((0, 1), range=[0, 1], title={"text": "t", "standoff": 0}),
        yaxis={"range": [-0.05, 1.18], "tickvals": [0, 1]},
    )


def balance_figure(
    values: Array,
    posterior: Array,
    marginal: float,
    index: NDArray[np.integer[Any]],
    labels: Mapping[str, str],
    style: Style,
) -> go.Figure:
    """A marginal value as the centre of mass of the conditional ones.

    A beam carries the weight r_i at f_t(x|x₀ᵢ) for each data point; it balances at
    f_t(x) = Σ r_i f_t(x|x₀ᵢ).

    Args:
        values: (K,) conditional velocities, or another prediction; posterior: (K,) their weights.
        marginal: their mean; index: (K,) indices of the data points, for the colours.
        labels: words for ``values`` and ``posterior``.
        style: light or dark, plain or Large.
    """
    low, high = float(np.min(values)), float(np.max(values))
    pad = 0.12 * max(high - low, 0.1 * max(abs(low), abs(high)), 1e-9)
    colours = [style.basins[int(i) % len(style.basins)] for i in index]
    traces: list[dict[str, Any]] = [
        curve("beam", np.array([low - pad, high + pad]), np.zeros(2), style.faint, style.line),
        curve("stems", *_stems(values, posterior), style.faint, style.line),
        {
            "type": "scatter",
            "name": "weights",
            "x": values,
            "y": posterior,
            "mode": "markers",
            "marker": {"color": colours, "size": 14 if style.large else 10},
        },
        {
            "type": "scatter",
            "name": "marginal",
            "x": [marginal],
            "y": [-0.075],
            "mode": "markers",
            "marker": {"symbol": "triangle-up", "size": 20, "color": style.accent},
        },
    ]
    size = style.font_size
    return drawn(
        traces,
        style,
        height=17 * size,
        margin={"l": 4 * size, "r": 12, "t": 14, "b": 3.6 * size},
        xaxis={"range": [low - pad, high + pad], "title": {"text": labels["values"]}},
        yaxis={
            "range": [-0.16, 1.12],
            "tickvals": [0, 0.5, 1],
            "title": {"text": labels["posterior"]},
        },
    )


def _stems(values: Array, posterior: Array) -> tuple[Array, Array]:
    """Vertical lines from 0 to each weight, as one broken line; x and y, (3 K,)."""
    gap = np.full_like(values, np.nan)
    x = np.stack([values, values, gap], axis=1).ravel()
    return x, np.stack([np.zeros_like(posterior), posterior, gap], axis=1).ravel()
