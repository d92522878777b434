"""A box over a density of the plane, with an arrow through each side for what flows there."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from flowviz.figures.style import Style, drawn
from flowviz.figures.traces import data_points

Array = NDArray[np.floating[Any]]
_LONGEST = 0.2
"""Of an arrow, as a part of the figure's width."""


def box_figure(
    axes: tuple[Array, Array],
    p: Array,
    sides: tuple[float, float, float, float],
    flux: Array,
    points: tuple[Array, Array],
    style: Style,
) -> go.Figure:
    """The density with the box and its arrows.

    Args:
        axes: x (X,) and y (Y,) of the density, over the whole figure.
        p: the density, (X, Y).
        sides: left, right, lower and upper side.
        flux: through them, (4,), in the direction of the axis.
        points: the data points (N, 2) and their weights (N,), which sum to 1.
        style: light or dark, plain or Large.
    """
    size = style.font_size
    x, y = axes
    finite = p[np.isfinite(p)]
    top = max(float(np.quantile(finite, 0.998)) if finite.size else 0.0, 1e-12)
    heat = {
        "type": "heatmap",
        "name": "density",
        "x": x,
        "y": y,
        "z": np.round(np.clip(np.nan_to_num(p.T, posinf=top), 0.0, top) / top, 3),
        "zmin": 0.0,
        "zmax": 1.0,
        "colorscale": style.density,
        "showscale": False,
        "zsmooth": "fast",
        "hoverinfo": "skip",
    }
    at, w = points
    traces = [heat, data_points(at, size * (0.8 + 1.2 * w), 1.5, style)]
    left, right, lower, upper = sides
    edge = {"type": "rect", "x0": left, "x1": right, "y0": lower, "y1": upper}
    square = {"constrain": "domain"}
    return drawn(
        traces,
        style,
        height=30 * size,
        margin={"l": 3.6 * size, "r": size, "t": 1.4 * size, "b": 3.2 * size},
        xaxis={"range": [x[0], x[-1]], "title": {"text": "x"}} | square,
        yaxis={"range": [y[0], y[-1]], "title": {"text": "y"}, "scaleanchor": "x"} | square,
        shapes=[edge | {"line": {"color": style.ink, "width": 1.6 * style.line}}],
        annotations=_arrows(sides, flux, _LONGEST * float(x[-1] - x[0]), style),
    )


def _arrows(
    sides: tuple[float, float, float, float], flux: Array, longest: float, style: Style
) -> list[dict[str, Any]]:
    """An arrow through the middle of each side, in proportion to the flux."""
    left, right, lower, upper = sides
    middle = np.array([0.5 * (left + right), 0.5 * (lower + upper)])
    at = [(left, middle[1]), (right, middle[1]), (middle[0], lower), (middle[0], upper)]
    largest = max(float(np.abs(flux).max()), 1e-12)
    arrows = []
    for k, ((x, y), value) in enumerate(zip(at, flux, strict=True)):
        if abs(value) < 0.02 * largest:
            continue
        reach = 0.5 * longest * float(value) / largest
        dx, dy = (reach, 0.0) if k < 2 else (0.0, reach)
        arrows.append(
            {
                "x": x + dx, "y": y + dy, "ax": x - dx, "ay": y - dy,
                "axref": "x", "ayref": "y", "xref": "x", "yref": "y",
                "text": "", "showarrow": True, "arrowhead": 2, "arrowsize": 0.7,
                "arrowwidth": 2.0 * style.line, "arrowcolor": style.accent,
            }
        )  # fmt: skip
    return arrows
