"""What a network generates, and how likely it finds what the exact flow passes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from flowviz.figures.fan import marker_sizes
from flowviz.figures.learn import in_the_middle, line_trace
from flowviz.figures.style import Style, drawn

Array = NDArray[np.floating[Any]]
Trace = dict[str, Any]
Labels = Mapping[str, str]

_WELL_WITHIN = 0.3  # of a bar, from its edge


def landing_figure(
    samples: Array,
    points: tuple[Array, Array],
    view: tuple[float, float],
    style: Style,
    nothing: str = "",
) -> go.Figure:
    """Where samples land on the line: their histogram, and how high it should be at each point.

    Args:
        samples: (Q,).
        points: data positions and weights that sum to 1.
        view: lowest and highest x.
        style: light or dark, plain or Large.
        nothing: what stands there while there is nothing.
    """
    edges = _edges(*points, view)
    share = np.histogram(samples, edges)[0] / max(len(samples), 1)
    bars: Trace = {
        "type": "bar",
        "name": "samples",
        "x": 0.5 * (edges[1:] + edges[:-1]),
        "y": share,
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
            "symbol": "line-ew-open",  # across the bar, which stays in sight
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
    """Edges of a histogram's bars, such that as many data points as can be stand well within one.

    A sharp peak on an edge would be two bars of half its height.
    """
    width = (view[1] - view[0]) / count
    shifts = np.linspace(0.0, 1.0, 32, endpoint=False)
    places = np.mod((x[:, None] - view[0]) / width - shifts, 1.0)
    inside = np.minimum(places, 1.0 - places).clip(max=_WELL_WITHIN)
    best = shifts[np.argmax(weights @ inside)]
    return view[0] + width * (best + np.arange(-1, count + 1))


def cloud_figure(
    samples: Array,
    points: tuple[Array, Array, Array],
    view: tuple[float, ...],
    style: Style,
    nothing: str = "",
) -> go.Figure:
    """Where samples land in the plane, among the data points.

    Args:
        samples: (Q, 2).
        points: x, y and weights, (N,) each.
        view: x low, x high, y low, y high.
        style: light or dark, plain or Large.
        nothing: what stands there while there is nothing.
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
    own: Array, exact: Array, labels: Labels, style: Style, nothing: str = ""
) -> go.Figure:
    """The network's log-density against the exact one, place by place; right is on the diagonal.

    Args:
        own, exact: (K,) log-densities, the network's perhaps not finite.
        labels: words for ``own`` and ``exact``.
        style: light or dark, plain or Large.
        nothing: what stands there while there is nothing.
    """
    keep = np.isfinite(own) & np.isfinite(exact)
    own, exact = own[keep], exact[keep]
    low, high = (float(exact.min()), float(exact.max())) if len(exact) else (-1.0, 0.0)
    pad = 0.15 * (high - low) + 0.1
    ends = np.array([low - pad, high + pad])
    marker = {"color": style.basins[1], "size": 7 if style.large else 5, "opacity": 0.7}
    dots: Trace = {
        "type": "scatter",
        "name": "places",
        "x": exact,
        "y": np.clip(own, *ends),
        "mode": "markers",
        "marker": marker,
        "cliponaxis": False,  # those far off lie on the frame
        "hoverinfo": "skip",
    }
    size = style.font_size
    return drawn(
        [line_trace("diagonal", ends, ends, style.accent, style.line), dots],
        style,
        height=25 * size,
        margin={"l": 4 * size, "r": 8, "t": 8, "b": 3.4 * size},
        xaxis={"range": ends.tolist(), "title": {"text": labels["exact"], "standoff": 2}},
        yaxis={"range": ends.tolist(), "title": {"text": labels["own"], "standoff": 2}},
        annotations=in_the_middle(nothing, style),
    )
