"""Figures of gravity: the field in space and time, and the mass of its slices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from flowviz.figures.style import Style, drawn
from flowviz.figures.traces import Trace, curve, data_points, joined, titled

Array = NDArray[np.floating[Any]]
_RAYS = 24
_REACH = 3.0  # of the picture, in both directions of x and in T


def field_figure(x0: float, labels: Mapping[str, str], style: Style) -> go.Figure:
    """Lines from the data point into T > 0 at equal angles, and circles of equal distance.

    Args:
        x0: the data point's coordinate.
        labels: words for ``time`` and ``x``.
        style: light or dark, plain or Large.
    """
    angle = np.pi * ((np.arange(_RAYS) + 0.5) / _RAYS - 0.5)
    far = 2.0 * _REACH * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    place = np.array([0.0, x0])
    rays = place + np.stack([np.zeros_like(far), far], axis=1)
    around = np.linspace(-0.5 * np.pi, 0.5 * np.pi, 61)
    half = np.stack([np.cos(around), np.sin(around)], axis=-1)
    circles = place + np.stack([r * half for r in (1.0, 2.0, 3.0)])
    traces: list[Trace] = [
        curve("circles", *joined(circles), style.faint, style.line, 0.9, "6px,4px"),
        curve("rays", *joined(rays), style.basins[0], style.line),
        data_points(np.array([[x0]]), 16 if style.large else 11, 1.0, style),
    ]
    size = style.font_size
    return drawn(
        traces,
        style,
        height=24 * size,
        margin={"l": 3.4 * size, "r": 8, "t": 8, "b": 3.2 * size},
        xaxis={
            "range": [-0.1, _REACH],
            "fixedrange": True,
            "constrain": "domain",
            **titled(labels["time"]),
        },
        yaxis={
            "range": [x0 - _REACH, x0 + _REACH],
            "fixedrange": True,
            "scaleanchor": "x",
            "scaleratio": 1,
            "constrain": "domain",
            **titled(labels["x"]),
        },
    )


def mass_figure(time: Array, mass: Array, labels: Mapping[str, str], style: Style) -> go.Figure:
    """The mass of each slice over T, and dashed the 1 that a density has.

    Args:
        time: T, (K,), on a log axis.
        mass: (K,), positive, on a log axis.
        labels: words for ``time`` and ``mass``.
        style: light or dark, plain or Large.
    """
    ends = np.array([time[0], time[-1]])
    traces: list[Trace] = [
        curve("mass", time, mass, style.accent, 3.0 * style.line),
        # Over the mass and thinner, so that both are seen where they agree.
        curve("one", ends, np.ones(2), style.ink, style.line, 1.0, "6px,6px"),
    ]
    size = style.font_size
    axis = {"type": "log", "fixedrange": True}
    return drawn(
        traces,
        style,
        height=24 * size,
        margin={"l": 3.8 * size, "r": 12, "t": 8, "b": 3.2 * size},
        xaxis=axis
        | {"range": np.log10(ends).tolist(), "tickvals": [0.1, 1, 10], **titled(labels["time"])},
        yaxis=axis | {"range": [-1.6, 1.6], "tickvals": [0.1, 1, 10], **titled(labels["mass"])},
    )
