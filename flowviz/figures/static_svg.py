"""A picture of a flow as SVG, for what is shown before any script runs: few lines, coarse shading.

It fills its box, whatever the box's proportions. Colours are left to a style sheet: a line of group
k has the class ``c<k>``, the shading the class ``shading``, a panel's curve ``profile``.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

SIDE = 1000
"""Width and height in the picture's own units."""


@dataclass(frozen=True)
class FlowPicture:
    """A flow on 0 ≤ x ≤ 1, 0 ≤ y ≤ 1, y upwards.

    ``lines`` (Q, T, 2) with a colour ``group`` (Q,), negative for none; ``points`` (N, 2) with
    diameters ``sizes`` (N,) in pixels and a ``point_group`` (N,); ``shading`` (Y, X) in [0, 1], its
    rows downwards. Values that are not finite leave a gap.
    """

    lines: Array
    group: NDArray[np.integer[Any]]
    points: Array
    sizes: Array
    point_group: NDArray[np.integer[Any]]
    shading: Array


def svg(picture: FlowPicture, label: str) -> str:
    """The picture as an SVG element that fills its parent.

    Args:
        picture: the flow.
        label: the text for screen readers, escaped.
    """
    parts = [
        f'<svg role="img" aria-label="{label}" viewBox="0 0 {SIDE} {SIDE}" '
        'preserveAspectRatio="none" xmlns="http://www.w3.org/2000/svg">',
        _shading(picture.shading),
        *_lines(picture.lines, picture.group),
        *_points(picture),
        "</svg>",
    ]
    return "".join(parts)


def attribute(value: float) -> str:
    """A number as markup has it, where nobody reads it."""
    return format(value, ".4g")


def ticks(low: float, high: float, most: int = 7) -> list[float]:
    """Round numbers between two ends: 1, 2 or 5 times a power of ten apart, at most ``most``."""
    span = high - low
    if not 0.0 < span < np.inf:
        return []
    decade = 10.0 ** np.floor(np.log10(span / most))
    step = next(k * decade for k in (1, 2, 5, 10, 20) if span / (k * decade) <= most - 1)
    first = int(np.ceil(low / step - 1e-9))
    return [float(k * step) for k in range(first, int(np.floor(high / step + 1e-9)) + 1)]


def _shading(values: Array) -> str:
    codes = np.round(255.0 * np.clip(np.nan_to_num(values, nan=0.0), 0.0, 1.0)).astype(np.uint8)
    box = f'width="{SIDE}" height="{SIDE}"'
    data = base64.b64encode(grey_png(codes)).decode("ascii")
    return (
        f'<mask id="first-picture-shading"><image {box} preserveAspectRatio="none" '
        f'href="data:image/png;base64,{data}"/></mask>'
        f'<rect {box} class="shading" mask="url(#first-picture-shading)"/>'
    )


def grey_png(codes: NDArray[np.uint8]) -> bytes:
    """An image of one byte a cell, (Y, X), rows downwards, as a PNG file."""
    height, width = codes.shape
    rows = np.concatenate([np.zeros((height, 1), np.uint8), codes], axis=1)  # no filter

    def chunk(kind: bytes, body: bytes) -> bytes:
        checksum = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(rows.tobytes(), 9)
    parts = chunk(b"IHDR", head), chunk(b"IDAT", body), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _lines(lines: Array, group: NDArray[np.integer[Any]]) -> list[str]:
    paths: defaultdict[int, str] = defaultdict(str)
    for line, k in zip(_units(lines), group.tolist(), strict=True):
        paths[k] += path(line)
    return [
        f'<path class="{f"c{k}" if k >= 0 else "none"}" d="{d}"/>' for k, d in paths.items() if d
    ]


def path(line: Sequence[tuple[int, int] | None]) -> str:
    """A polyline in whole units; None is a gap."""
    text, at = "", None
    for place in line:
        if place is None:
            at = None
        elif at is None:
            text += f"M{place[0]} {place[1]}"
            at = place
        elif place != at:
            text += f"l{place[0] - at[0]} {place[1] - at[1]}"
            at = place
    return text


def _points(picture: FlowPicture) -> list[str]:
    """Lines of no length with round ends, which stay circles whatever the box's proportions."""
    groups = picture.point_group.tolist()
    places = _units(picture.points[:, None])
    return [
        f'<path class="point c{k}" style="stroke-width:{attribute(size)}" d="M{at[0]} {at[1]}h0"/>'
        for (at,), size, k in zip(places, picture.sizes.tolist(), groups, strict=True)
        if at is not None
    ]


def _units(places: Array) -> list[list[tuple[int, int] | None]]:
    """Places (Q, T, 2) in whole units, y downwards; None where one is not finite, or far away."""
    near = np.all(np.isfinite(places) & (np.abs(places - 0.5) < 5.0), axis=-1)
    units = np.where(near[..., None], places, 0.0) * (SIDE, -SIDE) + (0.0, SIDE)
    rows = np.round(units).astype(int).tolist()
    return [
        [(x, y) if ok else None for (x, y), ok in zip(row, oks, strict=True)]
        for row, oks in zip(rows, near.tolist(), strict=True)
    ]
