"""The Plane page's figure: its traces and axes, and the integer codes of what is drawn in them.

Sixty frames of 128 × 128 cells would be 8 MB in float64; with one byte a cell they are 1 MB, and
nobody can distinguish the 254 steps of the colour scale. Rows go downwards, as on a canvas.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from flowviz.figures.style import Style, drawn, labelled
from flowviz.figures.traces import DENSITY, IN_PLANE, REACHES

Array = NDArray[np.floating[Any]]
Bytes = NDArray[np.uint8]
AxisRange = tuple[float, ...]

#: The code of a cell without a value: p_t = 0, or no prior.
BLANK = 0
#: The share of the highest density below which a cell does not count for the scale.
FAINT = 1e-14
#: Decades of the logarithmic scale.
DECADES = 5.0
#: The largest code of a position; the codes cover the view and half its width on every side.
TRACK_SPAN = 65_535


def plane_figure(
    *,
    view: AxisRange,
    cells: int,
    points: int,
    shown: frozenset[str],
    scale: Literal["linear", "log"],
    labels: Mapping[str, str],
    style: Style,
) -> go.Figure:
    """The density, the trajectories, the particles and the data points over (x, y).

    The arrays of the traces are those of the flow's codes, which `components/plane_figure.js` fills
    in: for a new time nothing is sent.

    Args:
        view: lowest and highest x, then y.
        cells: of the density, a side.
        points: number of data points: colours that none has get no trace.
        shown: ``density``, ``basins``, ``lines``, ``straight``, ``particles``, ``arrows``.
        scale: of the density's codes.
        labels: ``density``, the colour bar's title.
        style: light or dark, plain or Large.

    Returns:
        A figure whose traces are named ``heat``, ``fan`` and ``straight`` (one per colour, whose
        index is their ``meta``), ``arrows``, ``particles`` and ``points``.
    """
    traces = _traces(view, cells, points, shown, f"{IN_PLANE}{DENSITY}{REACHES}", style)
    colours = density_scale(style, over_basins="basins" in shown)
    with_bar = "density" in shown
    axis = {"colorscale": colours, "colorbar": _colour_bar(scale, labels["density"])}
    right = 6 * style.font_size if with_bar else 10
    layout = _plane_layout(view, right, axis | {"showscale": with_bar}, style)
    return drawn(traces, style, **labelled(style), **layout)


def panel_figure(
    *,
    view: AxisRange,
    cells: int,
    points: int,
    shown: frozenset[str],
    known: bool,
    colours: list[list[Any]],
    top: str,
    style: Style,
) -> go.Figure:
    """One of several flows side by side: its trajectories and particles, or a map of its error.

    Args:
        view, cells, points, shown, style: as for `plane_figure`.
        known: whether labels say the density, and the data point that a trajectory reaches.
        colours: scale of the map.
        top: the value at its end, written out.
    """
    hover = IN_PLANE + (DENSITY + REACHES if known else "")
    with_bar = "density" in shown
    bar = {"tickvals": [1.0, 255.0], "ticktext": ["0", top], "bgcolor": style.ground}
    axis = {"colorscale": colours, "colorbar": bar | _INSIDE, "showscale": with_bar}
    traces = _traces(view, cells, points, shown, hover, style)
    return drawn(traces, style, **labelled(style), **_plane_layout(view, 10, axis, style))


_INSIDE = {
    "orientation": "h",
    "thickness": 9,
    "len": 0.36,
    "x": 0.02,
    "xanchor": "left",
    "y": 0.02,
    "yanchor": "bottom",
    "outlinewidth": 0,
    "ypad": 4,
}


def _traces(
    view: AxisRange, cells: int, points: int, shown: frozenset[str], hover: str, style: Style
) -> list[dict[str, Any]]:
    """The traces without their arrays; ``hover`` of the trajectories and particles."""
    low_x, high_x, low_y, high_y = view
    dx, dy = (high_x - low_x) / cells, (high_y - low_y) / cells
    axes = {"x0": low_x + dx / 2, "dx": dx, "y0": low_y + dy / 2, "dy": dy}
    traces: list[dict[str, Any]] = []
    if "density" in shown:
        cell: dict[str, Any] = {"type": "heatmap", "name": "heat", **axes}
        cell |= {"coloraxis": "coloraxis", "zsmooth": "fast"}
        traces.append(cell | {"hovertemplate": f"{IN_PLANE}<br>pₜ = %{{text}}<extra></extra>"})
    hover += "<extra></extra>"
    for name, layer in (("fan", "lines"), ("straight", "straight")):
        if layer in shown:
            colours = enumerate(style.point_colours(points)[:points])
            traces += [_lines(name, k, colour, hover, style) for k, colour in colours]
    if "arrows" in shown:
        line = {"color": style.ink, "width": 0.75 * style.line, "simplify": False}
        traces.append(_line("arrows", line) | {"opacity": 0.75, "hoverinfo": "skip"})
    if "particles" in shown:
        edge = {"color": style.ground, "width": 0.8}
        traces.append(_markers("particles", {"line": edge, "opacity": 1.0}, hover))
    edge = {"color": style.ground, "width": 2}
    traces.append(_markers("points", {"line": edge, "opacity": 1.0}, f"{IN_PLANE}<extra></extra>"))
    return traces


def _line(name: str, line: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "name": name,
        "mode": "lines",
        "line": line,
        "connectgaps": False,
    }


def _lines(name: str, colour: int, value: str, hover: str, style: Style) -> dict[str, Any]:
    line = {"color": value, "width": 0.8 * style.line, "simplify": False}
    dashed = {"dash": "2px,4px"} if name == "straight" else {}
    return _line(name, line | dashed) | {"meta": colour, "hovertemplate": hover}


def _markers(name: str, marker: dict[str, Any], hover: str) -> dict[str, Any]:
    kind = {"type": "scatter", "name": name, "mode": "markers"}
    return {**kind, "marker": marker, "hovertemplate": hover}


def _plane_layout(
    view: AxisRange, right: int, coloraxis: dict[str, Any], style: Style
) -> dict[str, Any]:
    size = style.font_size
    axis = {"showgrid": False, "showline": True, "mirror": True, "constrain": "domain"}
    return {
        # Whole pixels, so that canvases lie exactly on Plotly's axes.
        "margin": {
            "l": round(style.left_margin(3.2, *view[2:])),
            "r": right,
            "t": 8,
            "b": round(2.2 * size),
        },
        "xaxis": {"range": list(view[:2]), **axis},
        "yaxis": {"range": list(view[2:]), **axis, "scaleanchor": "x"},
        "coloraxis": {"cmin": 0.0, "cmax": 255.0, **coloraxis},
    }


def _colour_bar(scale: str, title: str) -> dict[str, Any]:
    stops = np.linspace(0.0, 1.0, 6)
    if scale == "log":
        text = ["1", *(f"10<sup>−{k}</sup>" for k in range(1, 6))][::-1]
    else:
        text = ["0", "0.2", "0.4", "0.6", "0.8", "1"]
    return {
        "title": {"text": title, "side": "right"},
        "tickvals": (255.0 * stops).tolist(),
        "ticktext": text,
        "thickness": 14,
        "len": 1.0,
        "outlinewidth": 0,
        "x": 1.01,
        "xpad": 2,
    }


def density_scale(style: Style, *, over_basins: bool) -> list[list[Any]]:
    """The colours of p_t; over basins they are clear where it is low, so that both can be read."""
    if not over_basins:
        return style.density
    scale = []
    for at, colour in style.density:
        red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
        alpha = _MOST_OPAQUE * min(at / _OPAQUE, 1.0)
        scale.append([at, f"rgba({red},{green},{blue},{round(alpha, 4)})"])
    return scale


_OPAQUE = 0.8  # a stop of the scale: from there on the density hides most of the basins
_MOST_OPAQUE = 0.88


def density_codes(
    p: Array, scale: Literal["linear", "log"], positive: bool = False
) -> tuple[Bytes, Array]:
    """One byte a cell: 0 where p = 0, else 1 to 255, with a separate scale for each frame.

    p_t grows like 1/σ_t² towards the data; with one scale only the frames near t = 0 would show.

    Args:
        p: densities (T, X, Y), NaN or 0 where there is none.
        scale: linear from 0 to the frame's top, or logarithmic over `DECADES` below it.
        positive: whether p > 0 everywhere: a 0 is then too small for a number, and no edge.

    Returns:
        Codes (T, Y, X), rows downwards, and the top of each frame, (T,).
    """
    blank = np.isnan(p) if positive else ~(p > 0.0)
    p = np.nan_to_num(p, nan=0.0, posinf=0.0)
    scale_max = np.array([_scale_max(frame) for frame in p])
    relative = p / np.where(scale_max > 0.0, scale_max, 1.0)[:, None, None]
    if scale == "log":
        with np.errstate(divide="ignore"):
            relative = 1.0 + np.log10(relative) / DECADES
    codes = 1.0 + np.floor(254.999 * np.clip(relative, 0.0, 1.0))
    codes[blank | (scale_max == 0.0)[:, None, None]] = BLANK
    return np.ascontiguousarray(codes.astype(np.uint8).transpose(0, 2, 1)[:, ::-1]), scale_max


def _scale_max(frame: Array) -> float:
    """Where a frame's scale ends: its 99.9th percentile, as p may be infinite at an edge; or 0.

    Of cells that are not faint: how many are above 0 says where a number underflows.
    """
    positive = frame[frame > FAINT * frame.max(initial=0.0)]
    last = int(0.999 * (positive.size - 1))
    return float(np.partition(positive, last)[last]) if positive.size else 0.0


def track_codes(x: Array, view: AxisRange) -> NDArray[np.uint16]:
    """Positions (Q, T, 2) with two bytes a coordinate, in steps of about 1/30 of a pixel.

    Code 0 is half the view's width left of (below) the view, `TRACK_SPAN` as far right of (above)
    it.
    """
    low_x, high_x, low_y, high_y = view
    low, high = np.array([low_x, low_y]), np.array([high_x, high_y])
    fraction = (x - (low - 0.5 * (high - low))) / (2.0 * (high - low))
    return np.round(TRACK_SPAN * np.clip(np.nan_to_num(fraction), 0.0, 1.0)).astype(np.uint16)


def arrow_codes(velocity: Array) -> Bytes:
    """Arrows (T, X, Y, 2) as bytes 1 to 255 around 128, relative to each frame's 90th percentile.

    Both bytes are 0 where the velocity has no value. Faster arrows than that are shortened to it.
    """
    size = np.hypot(velocity[..., 0], velocity[..., 1])
    out = np.zeros(velocity.shape, np.uint8)
    for frame, lengths, codes in zip(velocity, size, out, strict=True):
        finite = np.isfinite(lengths)
        if not finite.any():
            continue
        longest = max(float(np.quantile(lengths[finite], 0.9)), 1e-300)
        factor = 1.0 / np.maximum(lengths[finite], longest)
        codes[finite] = np.round(128.0 + 127.0 * frame[finite] * factor[:, None])
    return out


def basin_codes(index: NDArray[np.integer[Any]], colours: int) -> Bytes:
    """The colour of each cell's basin, 1 to ``colours``; 0 where there is no prior (index -1).

    Args:
        index: (X, Y), the data point each prior position flows to.
        colours: the number of colours, which data points take in turn.

    Returns:
        (Y, X), rows downwards.
    """
    codes = np.where(index < 0, BLANK, index % colours + 1).astype(np.uint8)
    return np.ascontiguousarray(codes.T[::-1])


def handle_sizes(weights: Array, large: bool) -> Array:
    """Diameters in pixels: area in proportion to weight, smaller where there are many points."""
    relative = np.sqrt(weights / weights.max())
    shrink = min(1.0, np.sqrt(30.0 / len(weights)))
    base = max(16.0 * shrink, 4.0) * (1.4 if large else 1.0)
    return np.maximum(relative * base, base / 3.0)


def reading_arrows(conditional: Array, posterior: Array, marginal: Array) -> dict[str, Any]:
    """The query point's arrows relative to the longest of them, and how much they cancel.

    Args:
        conditional: (K, 2) velocities towards the data points; posterior: (K,) their weights r_i.
        marginal: (2,), their weighted mean.

    Returns:
        ``arrows`` and ``marginal`` with lengths up to 1; ``left``, |Σ r f| / Σ r |f|: 1 when all
        point one way, 0 when they cancel.
    """
    sizes = np.hypot(conditional[:, 0], conditional[:, 1])
    longest = max(float(sizes.max(initial=0.0)), float(np.hypot(*marginal)), 1e-300)
    mean_size = float((posterior * sizes).sum())
    return {
        "arrows": (conditional / longest).tolist(),
        "marginal": (marginal / longest).tolist(),
        "left": float(np.hypot(*marginal)) / mean_size if mean_size > 0.0 else 1.0,
    }
