"""Decimal numbers on a grid of 1e-6: rounding to it, formatting, and parsing what people type.

On a fixed grid each number has one float and one shortest text: so formatting and parsing it
returns the same float, which six significant digits would not guarantee.
"""

from __future__ import annotations

import math
import re
import unicodedata

GRID = 1_000_000  # numbers are whole multiples of 1/GRID

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_TWINS = str.maketrans({"−": "-", "–": "-", "×": "*", "∗": "*", "、": ",", "。": "."})


def snap(value: float) -> float:
    """The float nearest to the nearest multiple of 1e-6, never -0.

    Floats whose spacing is wider than the grid, infinities and NaN are returned unchanged.
    """
    if not math.isfinite(value) or abs(value) >= 2**53 / GRID:
        return value
    return round(value * GRID) / GRID


def plain(value: float) -> str:
    """A number on the grid in its shortest decimal form, without exponent: 0.5, 2, -0.000001."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def decimal(text: str) -> float | None:
    """The number in a text, or None if the text is not a number.

    Grammar: ``[sign] digits [. digits] [e [sign] digits]``, ASCII after `ascii_twins`. The words
    nan and inf are not numbers; 1e999 is one and infinite, which the range check refuses.
    """
    text = text.strip()
    text = text if text.isascii() else ascii_twins(text)
    return float(text) if _NUMBER.fullmatch(text) else None


def ascii_twins(text: str) -> str:
    """Full-width digits and signs as ASCII, character by character, so that columns stay the same.

    Each character is normalised separately: for a whole text with a long run of combining accents
    normalisation takes quadratic time.
    """
    twins = {c: unicodedata.normalize("NFKC", c) for c in set(text) if not c.isascii()}
    table = {ord(c): twin for c, twin in twins.items() if len(twin) == 1}
    return text.translate(table).translate(_TWINS)
