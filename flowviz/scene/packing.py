"""Columns of integers as a short string for a link: lossless, with checksum, safe to parse.

Layout: ``~a`` (the format's letter), then base64url of

    crc (3 bytes) · varint count · varint length of each column but the last · columns, raw deflate

A column is ``varint mode · zigzag head · zigzag base · varint step · varint residuals``: its
values (mode 0) or its successive differences, starting from ``head`` (mode 1), are
``base + step · residual``. ``base`` is the smallest value and ``step`` a common divisor, so that
the size does not depend on the grid that the values lie on; deflate's Huffman coding compresses the
residuals to within a few per cent of their entropy.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
import zlib
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

PREFIX = "~a"

_ALPHABET = re.compile(r"[A-Za-z0-9_-]*")
_VARINT_BYTES = 8  # 56 bits: more than any position or weight on the grid, or their differences
_HEAD_BYTES = 4 * _VARINT_BYTES


def pack(columns: Sequence[Sequence[int]]) -> str:
    """The columns, all of one length ≥ 1, as a string of ``A-Z a-z 0-9 - _ ~`` only."""
    bodies = [min((_squeeze(values, mode) for mode in (0, 1)), key=len) for values in columns]
    head = _varints([len(columns[0]), *(len(body) for body in bodies[:-1])])
    payload = head + b"".join(bodies)
    return PREFIX + base64.urlsafe_b64encode(_crc(payload) + payload).decode().rstrip("=")


def unpack(text: str, columns: int, most: int) -> list[list[int]]:
    """The columns of a packed form.

    Args:
        text: the packed form, which may be damaged or hostile.
        columns: the number of columns.
        most: the largest number of rows accepted; it bounds memory and time for any text.

    Raises:
        ValueError: when the text is not a packed form with these columns.
    """
    body = text.removeprefix(PREFIX)
    if not text.startswith(PREFIX) or not _ALPHABET.fullmatch(body):
        raise ValueError("not a packed form")
    try:
        raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    crc, payload = raw[:3], raw[3:]
    if crc != _crc(payload):
        raise ValueError("checksum does not match")
    stream = iter(payload)
    count = _varint(stream)
    if not 1 <= count <= most:
        raise ValueError(f"count must be 1 to {most}, got {count}")
    ends = list(accumulate(_varint(stream) for _ in range(columns - 1)))
    rest = bytes(stream)
    pieces = pairwise([0, *ends, len(rest)])
    return [_expand(rest[start:end], count) for start, end in pieces]


def common_step(values: Sequence[int]) -> int:
    """The greatest common divisor of the values; 1 when all are 0."""
    return math.gcd(*values) or 1


def _squeeze(values: Sequence[int], mode: int) -> bytes:
    head = values[0] if mode else 0
    coded = [b - a for a, b in pairwise(values)] if mode else list(values)
    base = min(coded, default=0)
    step = common_step([value - base for value in coded])
    header = [mode, _zigzag(head), _zigzag(base), step]
    raw = _varints(header) + _varints([(value - base) // step for value in coded])
    strategies = zlib.Z_DEFAULT_STRATEGY, zlib.Z_HUFFMAN_ONLY
    return min((_deflate(raw, strategy) for strategy in strategies), key=len)


def _expand(body: bytes, count: int) -> list[int]:
    limit = _HEAD_BYTES + count * _VARINT_BYTES
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        raw = inflater.decompress(body, limit)
    except zlib.error as error:
        raise ValueError("not deflate") from error
    if not inflater.eof or inflater.unused_data:
        raise ValueError("column too long or cut short")
    stream = iter(raw)
    mode, head, base, step = (_varint(stream) for _ in range(4))
    if mode > 1:
        raise ValueError(f"unknown mode {mode}")
    coded = [_unzigzag(base) + step * _varint(stream) for _ in range(count - mode)]
    if next(stream, None) is not None:
        raise ValueError("bytes left over")
    return list(accumulate(coded, initial=_unzigzag(head))) if mode else coded


def _deflate(raw: bytes, strategy: int) -> bytes:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9, strategy)
    return deflater.compress(raw) + deflater.flush()


def _crc(payload: bytes) -> bytes:
    """Three bytes that detect a link mistyped or cut short in copying."""
    return zlib.crc32(payload).to_bytes(4, "big")[1:]


def _zigzag(value: int) -> int:
    return 2 * value if value >= 0 else -2 * value - 1


def _unzigzag(code: int) -> int:
    return -(code + 1) // 2 if code & 1 else code // 2


def _varints(values: Sequence[int]) -> bytes:
    if max(values, default=0) <= 0x7F:  # the common case, without a Python loop
        return bytes(values)
    out = bytearray()
    for value in values:
        while value > 0x7F:
            out.append(value & 0x7F | 0x80)
            value >>= 7
        out.append(value)
    return bytes(out)


def _varint(stream: Iterator[int]) -> int:
    value = 0
    for shift in range(0, 7 * _VARINT_BYTES, 7):
        byte = next(stream, None)
        if byte is None:
            raise ValueError("cut short")
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value
    raise ValueError("number too long")
