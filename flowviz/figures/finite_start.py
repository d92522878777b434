"""Shares of data points when a flow is begun at a finite distance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from flowviz.figures.style import Style, drawn
from flowviz.figures.traces import Trace, curve

Array = NDArray[np.floating[Any]]


def shares_figure(
    distance: Array, share: Array, weights: Array, labels: Mapping[str, str], style: Style
) -> go.Figure:
    """The share of each data point over the distance T, and dashed its weight.

    Args:
        distance: (T,), on a log axis.
        share: (T, N).
        weights: (N,), the shares of the exact flow.
        labels: words for ``distance`` and ``share``.
        style: light or dark, plain or Large.
    """
    colours = style.point_colours(len(weights))
    ends = np.array([distance[0], distance[-1]])
    traces: list[Trace] = []
    for k, weight in enumerate(weights):
        colour = colours[k % len(colours)]
        level = np.array([weight, weight])
        traces.append(curve("weight", ends, level, colour, style.line, 0.7, "6px,4px"))
        traces.append(curve("share", distance, share[:, k], colour, 1.5 * style.line))
    size = style.font_size
    return drawn(
        traces,
        style,
        height=24 * size,
        margin={"l": 4 * size, "r": 12, "t": 8, "b": 3.4 * size},
        xaxis={
            "type": "log",
            "range": [float(np.log10(ends[0])), float(np.log10(ends[1])) + 0.02],
            "tickvals": [1, 10, 100, 1000],
            "title": {"text": labels["distance"], "standoff": 4},
            "fixedrange": True,
        },
        yaxis={
            "rangemode": "tozero",
            "title": {"text": labels["share"], "standoff": 4},
            "fixedrange": True,
        },
    )
