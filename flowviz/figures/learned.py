"""Figures of a trained network: the samples it generates, and its log-density against the exact."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from flowviz.figures.fan import marker_sizes
from flowviz.figures.learn import in_the_middle
from flowviz.figures.style import Style, drawn
from flowviz.figures.traces import Trace, curve, titled

Array = NDArray[np.floating[Any]]
Labels = Mapping[str, str]

_MARGIN = 0.3  # of a bar's width: a data point this far from both edges is well inside


def landing_figure(
    samples: Array,
    points: tuple[Array, Array],
    view: tuple[float, float],
    style: Style,
    nothing: str = "",
) -> go.Figure:
    """Generated samples on the line: their histogram, and the exact weight of each data point.

    Args:
        samples: (Q,).
        points: data positions and weights that sum to 1.
        view: lowest and highest x.
        style: light or dark, plain or Large.
        nothing: the text shown without samples.
    """
    edges = _edges(*points, view)
    fraction = np.histogram(samples, edges)[0] / max(len(samples), 1)
    bars: Trace = {
        "type": "bar",
        "name": "samples",
        "x": 0.5 * (edges[1:] + edges[:-1]),
        "y": fraction,
        "width": edges[1] - edges[0],
        "marker": {"color": style.basins[1], "line": {"width": 0}},
    }
    size = style.font_size
    few = len(points[0]) <= 60
    marks: Trace = {
        "type": "scatter",
        "name": "data",
        "x": points[0],
        "y": points[1],
        "mode": "markers",
        "marker": {
            "color": style.accent,
            "symbol": "line-ew-open",  # a horizontal stroke, which does not hide the bar
            "size": 1.4 * size if few else 6,
            "line": {"width": 3 if few else 1},
        },
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
    return drawn(
        [bars, marks],
        style,
        height=25 * size,
        bargap=0,
        margin={"l": 3.6 * size, "r": 8, "t": 8, "b": 3.2 * size},
        xaxis={"range": list(view), "title": {"text": "x", "standoff": 4}},
        yaxis={"rangemode": "tozero", "tickformat": ".0%", "nticks": 5},
        annotations=in_the_middle(nothing, style),
    )


def _edges(x: Array, weights: Array, view: tuple[float, float], count: int = 160) -> Array:
    """Edges of a histogram's bars, shifted so that data points are as far from them as possible.

    A sharp peak on an edge would show as two bars of half its height.
    """
    width = (view[1] - view[0]) / count
    shifts = np.linspace(0.0, 1.0, 32, endpoint=False)
    in_bar = np.mod((x[:, None] - view[0]) / width - shifts, 1.0)
    distance = np.minimum(in_bar, 1.0 - in_bar).clip(max=_MARGIN)
    best = shifts[np.argmax(weights @ distance)]
    return view[0] + width * (best + np.arange(-1, count + 1))


def cloud_figure(
    samples: Array,
    points: tuple[Array, Array, Array],
    view: tuple[float, ...],
    style: Style,
    nothing: str = "",
) -> go.Figure:
    """Generated samples in the plane, with the data points.

    Args:
        samples: (Q, 2).
        points: x, y and weights, (N,) each.
        view: x low, x high, y low, y high.
        style: light or dark, plain or Large.
        nothing: the text shown without samples.
    """
    x, y, weights = points
    few = len(x) <= 60
    dots: Trace = {
        "type": "scatter",
        "name": "samples",
        "x": samples[:, 0],
        "y": samples[:, 1],
        "mode": "markers",
        "marker": {"color": style.basins[1], "size": 4.5 if style.large else 3.2, "opacity": 0.65},
        "hoverinfo": "skip",
    }
    rings: Trace = {
        "type": "scatter",
        "name": "data",
        "x": x,
        "y": y,
        "mode": "markers",
        "marker": {
            "color": style.accent,
            "symbol": "circle-open" if few else "cross-thin-open",
            "size": 1.2 * marker_sizes(weights, style) if few else 5,
            "line": {"width": 2 if few else 1},
        },
        "hoverinfo": "skip",
    }
    size = style.font_size
    return drawn(
        [dots, rings],
        style,
        height=25 * size,
        margin={"l": 3 * size, "r": 8, "t": 8, "b": 2.6 * size},
        xaxis={"range": list(view[:2]), "constrain": "domain"},
        yaxis={"range": list(view[2:]), "scaleanchor": "x", "constrain": "domain"},
        annotations=in_the_middle(nothing, style),
    )


def likelihood_figure(
    network: Array, exact: Array, labels: Labels, style: Style, nothing: str = ""
) -> go.Figure:
    """The network's log-density against the exact one, with the diagonal on which they agree.

    Args:
        network, exact: log-densities at the same positions, (K,); the network's may be infinite.
        labels: titles of the axes, ``network`` and ``exact``.
        style: light or dark, plain or Large.
        nothing: the text shown without values.
    """
    finite = np.isfinite(network) & np.isfinite(exact)
    network, exact = network[finite], exact[finite]
    low, high = (float(exact.min()), float(exact.max())) if len(exact) else (-1.0, 0.0)
    pad = 0.15 * (high - low) + 0.1
    ends = np.array([low - pad, high + pad])
    marker = {"color": style.basins[1], "size": 7 if style.large else 5, "opacity": 0.7}
    dots: Trace = {
        "type": "scatter",
        "name": "samples",
        "x": exact,
        "y": np.clip(network, *ends),
        "mode": "markers",
        "marker": marker,
        "cliponaxis": False,  # values outside the range are drawn on the frame
        "hoverinfo": "skip",
    }
    size = style.font_size
    return drawn(
        [curve("diagonal", ends, ends, style.accent, style.line), dots],
        style,
        height=25 * size,
        margin={"l": 4 * size, "r": 8, "t": 8, "b": 3.4 * size},
        xaxis={"range": ends.tolist(), **titled(labels["exact"])},
        yaxis={"range": ends.tolist(), "automargin": "left", **titled(labels["network"])},
        annotations=in_the_middle(nothing, style),
    )
