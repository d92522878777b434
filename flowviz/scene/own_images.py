"""A visitor's own images of 8 × 8 pixels, as the text that a link holds.

An image is 64 hexadecimal digits, row by row, 0 for paper and f for ink; images are separated by
dots. At most `MOST` of them fit beside all else in a link.
"""

from __future__ import annotations

import re

from pydantic import PlainValidator

from flowviz.text import Refusal, excerpt

SIDE, LEVELS, MOST = 8, 15, 24
INK = {"#": "f", "+": "8", ".": "0", " ": "0"}
"""What may be typed in a drawing, and its digit."""

_IMAGE = re.compile(r"[0-9a-f]{64}")
_ICONS = (
    ".##..##. ######## ######## ######## .######. ..####.. ...##... ........",
    "..####.. .#....#. #.#..#.# #......# #.#..#.# #..##..# .#....#. ..####..",
    "...##... ..####.. .######. ###++### ...##... ...##... ...##... ...##...",
    "...##... ..####.. .######. ######## .##..##. .##..##. .##++##. .##++##.",
    "...##... ...##... ######## .######. ..####.. .######. .##..##. ##....##",
    "..##.... .#..#... .#..#... ..##.... ...#.... ...###.. ...#.... ...##...",
)


def images_in(text: str) -> tuple[str, ...]:
    """The images of a text, each 64 digits.

    Raises:
        Refusal: for another text, or for too many.
    """
    images = tuple(text.split("."))
    if not all(_IMAGE.fullmatch(image) for image in images):
        raise Refusal("error.images.own", token=excerpt(text))
    if len(images) > MOST:
        raise Refusal("error.images.many", n=len(images), limit=MOST)
    return images


def pixels(text: str) -> str:
    """The image of 64 digits that a browser sends.

    Raises:
        Refusal: for another text, or an image without ink.
    """
    if not _IMAGE.fullmatch(text):
        raise Refusal("error.images.own", token=excerpt(text))
    if not text.strip("0"):
        raise Refusal("error.images.empty")
    return text


def drawn(lines: str) -> str:
    """The image of a drawing: up to eight lines of up to eight characters of `INK`.

    Raises:
        Refusal: for other characters, or a drawing that is too large or empty.
    """
    rows = [line.rstrip() for line in lines.rstrip().split("\n")]
    for row in rows:
        if strange := next((c for c in row if c not in INK), ""):
            raise Refusal("error.images.ink", token=excerpt(strange))
    wide = max(map(len, rows))
    if len(rows) > SIDE or wide > SIDE:
        raise Refusal("error.images.large", rows=len(rows), columns=wide, side=SIDE)
    digits = "".join(INK[c] for row in rows for c in row.ljust(SIDE)).ljust(SIDE * SIDE, "0")
    if not digits.strip("0"):
        raise Refusal("error.images.empty")
    return digits


EXAMPLE = ".".join(drawn(icon.replace(" ", "\n")) for icon in _ICONS)
"""Six icons."""


def _check(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"own images must be text, got {type(value).__name__}")
    return ".".join(images_in(value))


own_images = PlainValidator(_check)
"""Validator: images as text."""
