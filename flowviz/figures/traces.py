"""Traces and annotations that several figures use: curves, marks, heatmaps, coloured labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowviz.figures.style import Style

Array = NDArray[np.floating[Any]]
Trace = dict[str, Any]

#: What labels say: over (t, x) and over (x, y); the density there, and the data point reached.
#: `components/line_labels.js` and `plane_figure.js` fill in what a trace has no array for.
OVER_TIME = "t = %{customdata[0]}<br>x = %{y}"
CELL_OVER_TIME = "t = %{text}<br>x = %{y}<br>pₜ = %{z:.3g}"
IN_PLANE = "x = %{x}<br>y = %{y}"
DENSITY = "<br>pₜ = %{customdata[1]}"
REACHES = "<br>→ %{customdata[2]}"

_FAR = 1e9  # positions further out are not drawn


def curve(
    name: str,
    x: Array,
    y: Array,
    colour: str,
    width: float,
    opacity: float = 1.0,
    dash: str = "solid",
) -> Trace:
    """A line through (x, y), broken where a value is NaN."""
    return {
        "type": "scatter",
        "name": name,
        "x": x,
        "y": y,
        "mode": "lines",
        "line": {"color": colour, "width": width, "dash": dash},
        "opacity": opacity,
        "connectgaps": False,
        "hoverinfo": "skip",
    }


def paths(t: Array, x: Array) -> Array:
    """Trajectories (Q, T, d) at t (T,) as curves (Q, T, 2): over (t, x) for d = 1, else (x, y)."""
    times = np.broadcast_to(t, x.shape[:2])[..., None]
    return np.concatenate([times, x], 2)[..., -2:]


def joined(path: Array) -> tuple[Array, Array]:
    """Curves (Q, T, 2) as one line with a gap after each: a browser draws that far faster."""
    path = np.where(np.abs(path) < _FAR, path, np.nan)
    gap = np.full((len(path), 1, 2), np.nan)
    flat = np.concatenate([path, gap], 1).reshape(-1, 2)
    return flat[:, 0], flat[:, 1]


def joined_values(values: Array) -> Array:
    """Values (Q, T) at the points of curves that are `joined`."""
    return np.concatenate([values, np.full((len(values), 1), np.nan)], 1).ravel()


def marks(name: str, points: Array, symbol: str, size: float, style: Style) -> Trace:
    """Markers at points (M, 2), in red: something is wrong there."""
    colour = "#FF5A5A" if style.dark else "#C00000"
    size = size * 1.5 if style.large else size
    mark = {"symbol": symbol, "size": size, "color": colour}
    return curve(name, points[:, 0], points[:, 1], colour, 0.0) | {
        "mode": "markers",
        "marker": mark | {"line": {"width": 3 if "thin" in symbol else 0, "color": colour}},
    }


def data_points(points: Array, sizes: Array | float, edges: Array | float, style: Style) -> Trace:
    """Data points (N, d) in their colours, at t = 0 for d = 1; diameters and edges in pixels."""
    n = len(points)
    colours = style.point_colours(n)
    return {
        "type": "scatter",
        "name": "points",
        "x": np.zeros(n) if points.shape[1] == 1 else points[:, 0],
        "y": points[:, -1],
        "mode": "markers",
        "marker": {
            "color": [colours[i % len(colours)] for i in range(n)],
            "size": sizes,
            "line": {"color": style.ground, "width": edges},
            "opacity": 1.0,
        },
        "cliponaxis": False,
        "hoverinfo": "skip",
    }


def prior_profile(p: Array, x: Array, style: Style) -> Trace:
    """A prior's density p at x, drawn from the left edge of the second x axis."""
    area = {"xaxis": "x2", "fill": "tozerox", "fillcolor": "rgba(127,140,170,0.22)"}
    return curve("prior", p, x, style.faint, style.line) | area


def with_labels(trace: Trace, text: str) -> Trace:
    """The trace with labels that say ``text`` where it is pointed at."""
    return trace | {"hoverinfo": "all", "hovertemplate": f"{text}<extra></extra>"}


def heatmap(name: str, x: Array, y: Array, z: Array) -> Trace:
    """Cells z (Y, X) in the figure's shared colour scale, transparent where NaN."""
    return {
        "type": "heatmap",
        "name": name,
        "x": x,
        "y": y,
        "z": z,
        "coloraxis": "coloraxis",
        "zsmooth": False,
    }


def titled(text: str) -> dict[str, Any]:
    """The title of an axis, close to its ticks."""
    return {"title": {"text": text, "standoff": 2}}


def scale(style: Style, top: float) -> dict[str, Any]:
    """The colour scale of densities, from 0 to ``top``, without a bar."""
    return {"colorscale": style.density, "cmin": 0.0, "cmax": top, "showscale": False}


def faded(colour: str) -> str:
    """A colour #rrggbb, nearly transparent."""
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.18)"


def note(text: str, x: float, y: float, colour: str, xref: str, yref: str) -> dict[str, Any]:
    """A coloured, bold label above the point (x, y)."""
    return {
        "text": f"<b>{text}</b>",
        "x": float(x),
        "y": float(y),
        "xref": xref,
        "yref": yref,
        "showarrow": False,
        "yanchor": "bottom",
        "font": {"color": colour},
    }


def legend(entries: Sequence[tuple[str, str]], size: int) -> list[dict[str, Any]]:
    """Labels in their lines' colours, above the figure."""
    return [
        note(text, 0.0, 1.0, colour, "paper", "paper")
        | {"xanchor": "left", "yshift": 1.5 * size * (len(entries) - 1 - k)}
        for k, (text, colour) in enumerate(entries)
    ]
