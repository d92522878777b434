"""Decimal numbers on a grid of 1e-6: how they are kept, written, and read from what people type.

On a fixed grid a number has one float and one shortest text, so writing it into a link and reading
it back is the identity, which "six significant digits" is not.
"""

from __future__ import annotations

import math
import re
import unicodedata

GRID = 1_000_000  # numbers are whole multiples of 1/GRID

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_TWINS = str.maketrans({"−": "-", "–": "-", "×": "*", "∗": "*", "、": ",", "。": "."})


def snap(value: float) -> float:
    """The nearest multiple of 1e-6, never -0: the one float that stands for it everywhere.

    Floats too large for the grid to be finer than they are come back as they went in.
    """
    if not math.isfinite(value) or abs(value) >= 2**53 / GRID:
        return value
    return round(value * GRID) / GRID


def plain(value: float) -> str:
    """A number of the grid in its shortest decimal form: 0.5, 2, -0.000001; never an exponent."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def decimal(text: str) -> float | None:
    """The number that the text writes, or None when it writes none.

    Grammar: ``[sign] digits [. digits] [e [sign] digits]``, ASCII after `ascii_twins`. The words
    nan and inf are not numbers here; 1e999 is one, and infinite: its range refuses it.
    """
    text = text.strip()
    text = text if text.isascii() else ascii_twins(text)
    return float(text) if _NUMBER.fullmatch(text) else None


def ascii_twins(text: str) -> str:
    """Full-width digits and signs as ASCII, character for character, so that columns keep place.

    One character at a time, because normalising a whole text is quadratic in a run of accents.
    """
    twins = {c: unicodedata.normalize("NFKC", c) for c in set(text) if not c.isascii()}
    table = {ord(c): twin for c, twin in twins.items() if len(twin) == 1}
    return text.translate(table).translate(_TWINS)
