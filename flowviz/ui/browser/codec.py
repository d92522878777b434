"""From Python to the browser in one block of bytes: a JSON header, then the arrays it points to.

    length of the header, uint32 little-endian | header, JSON, padded to 8 bytes | arrays

In the header an array is written ``{"$": [offset, shape, kind]}``, or, for a density,
``{"$": [offset, shape, "q16"], "scale": s}``: 16-bit steps of ``s``, a number or an array with one
for each column, with 65535 for "no value". That is a quarter of float64's size and finer than any
screen. Other floats have single precision, unless they are a `Double`. Codes that are `InTime` are
written as ``{"$": [offset, shape, kind], "since": n}``: each less the one n before it, modulo 2⁸ or
2¹⁶. What moves slowly becomes small numbers, which compress to two thirds on the way. A block may
contain another block, so that a packed figure can be cached.
`components/runtime.js` unpacks it.

Each view decides the content of its block; `components/types.d.ts` declares the types for the
components' type checker.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.basedatatypes import BaseLayoutType, BaseTraceType

from flowviz.figures.style import Unbuilt

_Figure = go.Figure  # each access to go.Figure takes 0.1 ms, and every packed value is tested

_JSON = frozenset({str, int, float, bool, type(None)})  # most values of a figure

#: The code of a cell without a value: NaN, where p_t = 0.
BLANK = 65535


@dataclass(frozen=True)
class Double:
    """An array that is sent in double precision."""

    values: NDArray[np.floating[Any]]


@dataclass(frozen=True)
class InTime:
    """Codes that change little along an axis: they are sent as differences along it.

    Attributes:
        codes: of the type uint8 or uint16.
        axis: of time.
    """

    codes: NDArray[np.uint8] | NDArray[np.uint16]
    axis: int


def pack(content: dict[str, Any] | go.Figure) -> bytes:
    """Pack a figure, or a nested dict of JSON values, figures and arrays.

    Args:
        content: may hold numpy arrays (two-dimensional float arrays are taken for densities and
            quantised), plotly figures and packed blocks at any depth.

    Returns:
        The block; see the module's docstring.
    """
    blocks: list[bytes] = []
    offset = 0

    def append(array: NDArray[Any], kind: str) -> list[Any]:
        nonlocal offset
        raw = np.ascontiguousarray(array).tobytes()
        raw += b"\0" * (-len(raw) % 8)
        blocks.append(raw)
        start, offset = offset, offset + len(raw)
        return [start, list(array.shape), kind]

    def encode(value: Any) -> Any:
        if type(value) in _JSON:
            return value
        if isinstance(value, _Figure):
            data, layout = traces_and_layout(value)
            return encode({"data": data, "layout": layout})
        if isinstance(value, bytes):
            return {"$": append(np.frombuffer(value, np.uint8), "block")}
        if isinstance(value, dict):
            return {key: encode(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [encode(item) for item in value]
        if isinstance(value, Double):
            return {"$": append(value.values.astype("<f8"), "f8")}
        if isinstance(value, InTime):
            since = math.prod(value.codes.shape[value.axis + 1 :])
            return encode(_differences(value.codes, since)) | {"since": since}
        if not isinstance(value, np.ndarray):
            return value
        if value.ndim == 2 and value.dtype.kind == "f":
            codes, scale = quantise(value)
            return {"$": append(codes, "q16"), "scale": encode(scale)}
        if value.dtype.kind == "f":
            return {"$": append(_single(value), "f4")}
        if value.dtype in (np.uint8, np.uint16):
            return {"$": append(value.astype(f"<u{value.itemsize}"), f"u{value.itemsize}")}
        if value.dtype.kind in "iu":
            return {"$": append(value.astype("<i4"), "i4")}
        return value.tolist()

    header = json.dumps(encode(content), allow_nan=False, separators=(",", ":")).encode()
    header += b" " * (-(len(header) + 4) % 8)
    return struct.pack("<I", len(header)) + header + b"".join(blocks)


def apart(block: bytes) -> tuple[str, bytes]:
    """The header and the arrays of a packed block, for a document, where the header can be text."""
    (length,) = struct.unpack_from("<I", block)
    return block[4 : 4 + length].decode(), block[4 + length :]


def pack_figure(
    figure: go.Figure, *, moving: frozenset[str], apart: frozenset[str] = frozenset()
) -> tuple[bytes, str]:
    """Pack a figure for `components/stage.js`, and digest what of it does not move.

    While the digest stays the same, the browser draws the moving traces only.

    Args:
        figure: any Plotly figure.
        moving: names of the traces that canvases draw.
        apart: names of the heatmaps whose cells are sent apart.

    Returns:
        The block, and the digest of the layout and of the other traces.
    """
    traces, layout = traces_and_layout(figure)
    traces = [trace | ({"z": None} if trace["name"] in apart else {}) for trace in traces]
    still = [trace for trace in traces if trace["name"] not in moving]
    frame = digest(pack({"data": still, "layout": layout}))
    return pack({"data": traces, "layout": layout}), frame


def digest(block: bytes) -> str:
    """The name of a packed block, by which a browser knows whether it has it."""
    return hashlib.sha256(block).hexdigest()[:16]


def _differences(codes: NDArray[Any], since: int) -> NDArray[Any]:
    """Each code less the one ``since`` before it; unsigned integers wrap around."""
    flat = codes.reshape(-1).copy()
    flat[since:] -= codes.reshape(-1)[:-since]
    return flat.reshape(codes.shape)


def _single(value: NDArray[Any]) -> NDArray[np.float32]:
    """In single precision; finite values beyond its range become NaN."""
    with np.errstate(invalid="ignore"):
        fits = ~(np.abs(value) > np.finfo(np.float32).max) | np.isinf(value)
    return np.where(fits, value, np.nan).astype("<f4")


def traces_and_layout(figure: go.Figure) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """A figure's own traces and layout, as dicts with arrays, to be read and not changed.

    `to_plotly_json` copies every array, and `to_json` encodes it in base64.
    """
    if isinstance(figure, Unbuilt) and figure.given is not None:
        return figure.given
    traces: tuple[BaseTraceType, ...] = figure.data  # type: ignore[assignment]
    layout: BaseLayoutType = figure.layout  # type: ignore[assignment]
    return [trace._props for trace in traces], layout._props


def quantise(density: NDArray[Any]) -> tuple[NDArray[np.uint16], float | NDArray[np.float32]]:
    """16-bit codes of a non-negative density (X, T), and the step between them.

    The scale ends at four times the 99.5th percentile, well above what any colour scale shows: with
    the maximum, which grows like 1/σ_t towards the data, most codes would be unused. A time with
    higher values has a step of its own, (T,), so that its mass is whole.
    """
    sampled = density[::5, ::5]
    positive = sampled[sampled > 0]
    top = 4.0 * float(np.quantile(positive, 0.995)) if positive.size else 1.0
    scale = max(top / (BLANK - 1), 1e-300)  # > 0 even if only far tails are in view
    highest = np.max(density, axis=0, initial=0.0, where=np.isfinite(density))
    smallest = max(scale, float(np.finfo(np.float32).tiny))
    steps = np.maximum(smallest, highest / (BLANK - 1)).astype(np.float32)
    by_time = bool((highest > scale * (BLANK - 1)).any())
    codes = np.minimum(density * (1.0 / (steps if by_time else scale)) + 0.5, BLANK - 1)
    codes[np.isnan(codes)] = BLANK
    return codes.astype("<u2"), steps if by_time else scale
