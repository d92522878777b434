"""The Plane page's figure as integer codes for a canvas: density, trajectories, arrows, basins.

Sixty frames of 128 × 128 cells would be 8 MB in float64; with one byte a cell they are 1 MB, and
nobody can distinguish the 254 steps of the colour scale. Rows go downwards, as on a canvas.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Bytes = NDArray[np.uint8]
AxisRange = tuple[float, ...]

#: The code of a cell without a value: p_t = 0, or no prior.
BLANK = 0
#: Decades of the logarithmic scale.
DECADES = 5.0
#: The largest code of a position; the codes cover the view and half its width on every side.
TRACK_SPAN = 65_535


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
    tops = np.array([_top(frame) for frame in p])
    relative = p / np.where(tops > 0.0, tops, 1.0)[:, None, None]
    if scale == "log":
        with np.errstate(divide="ignore"):
            relative = 1.0 + np.log10(relative) / DECADES
    codes = 1.0 + np.floor(254.999 * np.clip(relative, 0.0, 1.0))
    codes[blank | (tops == 0.0)[:, None, None]] = BLANK
    return np.ascontiguousarray(codes.astype(np.uint8).transpose(0, 2, 1)[:, ::-1]), tops


def _top(frame: Array) -> float:
    """Where a frame's scale ends: its 99.9th percentile, as p may be infinite at an edge; or 0."""
    positive = frame[frame > 0.0]
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
