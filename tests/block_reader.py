"""An independent reader of packed blocks, written from the description of the format."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

ITEM = {"f4": "<f4", "f8": "<f8", "i4": "<i4", "u1": "u1", "u2": "<u2", "q16": "<u2", "block": "u1"}
NO_VALUE = 65535


def header_of(block: bytes) -> tuple[dict[str, Any], int]:
    """The JSON header, and where the arrays begin."""
    length = int.from_bytes(block[:4], "little")
    return json.loads(block[4 : 4 + length]), 4 + length


def placed(header: Any) -> list[dict[str, Any]]:
    """Every array's entry in a header, in no particular order."""
    if isinstance(header, dict):
        return [header] if "$" in header else placed(list(header.values()))
    return (
        [entry for value in header for entry in placed(value)] if isinstance(header, list) else []
    )


def read(block: bytes) -> Any:
    """What was packed: floats in single precision, densities in steps of their scale."""
    header, base = header_of(block)

    def back(value: Any) -> Any:
        if isinstance(value, list):
            return [back(item) for item in value]
        if not isinstance(value, dict):
            return value
        if "$" not in value:
            return {key: back(item) for key, item in value.items()}
        offset, shape, kind = value["$"]
        flat = np.frombuffer(block, ITEM[kind], math.prod(shape), base + offset)
        if kind == "block":
            return read(flat.tobytes())
        if "since" in value:
            rows = flat.reshape(-1, value["since"]) if math.prod(shape) else flat.reshape(shape)
            return np.cumsum(rows, axis=0, dtype=flat.dtype).reshape(shape)
        if kind != "q16":
            return flat.reshape(shape)
        codes = flat.reshape(shape)
        return np.where(codes == NO_VALUE, np.nan, codes * back(value["scale"]))

    return back(header)


def inner(block: bytes, name: str) -> bytes:
    """The bytes of a block packed inside another under that name."""
    header, base = header_of(block)
    offset, (length,), _ = header[name]["$"]
    return block[base + offset : base + offset + length]
