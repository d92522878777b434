"""A grid that a flow has deformed: cells in the colour of their area's ratio to the first one."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from flowviz.figures.style import Style, drawn
from flowviz.figures.traces import curve, data_points

Array = NDArray[np.floating[Any]]

LEVELS = 10
"""Shades of either colour."""
_STRONGEST = 0.85


def grid_figure(
    corners: Array,
    ratio: Array,
    most: float,
    points: tuple[Array, Array],
    view: tuple[float, float, float, float],
    style: Style,
) -> go.Figure:
    """The cells, shaded by |log ratio|: blue where compressed, orange where stretched.

    Args:
        corners: of the cells, (n+1, n+1, 2); NaN where there is none.
        ratio: of the cells' areas, (n, n).
        most: the |log ratio| of the deepest shade.
        points: the data points (N, 2) and their weights (N,), which sum to 1.
        view: x and y at the edges of the figure.
        style: light or dark, plain or Large.
    """
    size = style.font_size
    cells = np.stack(
        [corners[:-1, :-1], corners[1:, :-1], corners[1:, 1:], corners[:-1, 1:]], 2
    ).reshape(-1, 4, 2)
    level = _levels(ratio.ravel(), most)
    whole = np.isfinite(cells).all((1, 2)) & (np.abs(level) <= LEVELS)
    traces = []
    for k in np.unique(level[whole]):
        colour = style.basins[1] if k < 0 else style.basins[0]
        traces.append(_cells(cells[whole & (level == k)], colour, abs(k) / LEVELS, style))
    x, w = points
    traces.append(data_points(x, size * (0.8 + 1.2 * w), 1.5, style))
    return drawn(
        traces,
        style,
        height=30 * size,
        margin={"l": 3.6 * size, "r": size, "t": size, "b": 3.2 * size},
        xaxis={"range": list(view[:2]), "title": {"text": "x"}, "constrain": "domain"},
        yaxis={
            "range": list(view[2:]),
            "title": {"text": "y"},
            "scaleanchor": "x",
            "constrain": "domain",
        },
    )


def _levels(ratio: Array, most: float) -> Array:
    """Shades from −LEVELS to LEVELS; beyond them where there is no ratio."""
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.round(np.clip(np.log(ratio) / max(most, 1e-12), -1.0, 1.0) * LEVELS)
    return np.where(np.isfinite(level), level, LEVELS + 1)


def _cells(cells: Array, colour: str, shade: float, style: Style) -> dict[str, Any]:
    closed = np.concatenate([cells, cells[:, :1], np.full((len(cells), 1, 2), np.nan)], 1)
    x, y = closed.reshape(-1, 2).T
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return curve("cells", x, y, style.faint, 0.6 * style.line) | {
        "fill": "toself",
        "fillcolor": f"rgba({red},{green},{blue},{round(_STRONGEST * shade, 3)})",
    }
