"""Decimal numbers on a grid of 1e-6: rounding, formatting and parsing.

On a fixed grid each number has one float and one shortest text, so that formatting and parsing
return the same float, which six significant digits would not guarantee. Positions and weights that
this grid would round to 0 are on a finer one, down to 1e-12.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

PLACES = 6  # decimals of every number
MAX_PLACES = 12  # of small ones
GRID = 10**PLACES  # numbers are whole multiples of 1/GRID
_DIGITS = 3  # significant digits that even the smallest keeps

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_SIGNS = str.maketrans({"−": "-", "–": "-", "×": "*", "∗": "*", "、": ",", "。": "."})


def snap(value: float) -> float:
    """The float nearest to the nearest multiple of 1e-6, never -0.

    Floats whose spacing is wider than the grid, infinities and NaN are returned unchanged.
    """
    if not math.isfinite(value) or abs(value) >= 2**53 / GRID:
        return value
    return round(value * GRID) / GRID


def snap_fine(value: float, places: int = PLACES) -> float:
    """Rounded to ``places`` decimals, or to three significant digits where that is more precise.

    1e-7 stays 1e-7; numbers below 1e-12 become 0.
    """
    if value == 0.0 or not math.isfinite(value):
        return value + 0.0
    needed = min(_DIGITS - 1 - math.floor(math.log10(abs(value))), MAX_PLACES)
    places = max(places, needed)
    return snap(value) if places <= PLACES else round(value, places) + 0.0


def places_for(values: Iterable[float]) -> int:
    """The decimals that give the largest of the values six significant digits: 6 to 12."""
    most = max(map(abs, values), default=0.0)
    if not 0.0 < most < 1.0:
        return PLACES
    return min(max(PLACES, PLACES - 1 - math.floor(math.log10(most))), MAX_PLACES)


def places_of(values: Iterable[float]) -> int:
    """The decimals of the values, from 6 to 12."""
    places = PLACES
    for value in values:
        while places < MAX_PLACES and snap(value) != value != round(value, places):
            places += 1
    return places


def decimal_text(value: float) -> str:
    """A number in its shortest decimal form, without exponent: 0.5, 2, -0.000001."""
    text = f"{value:.6f}"
    if abs(value) < 1.0 and float(text) != value:
        text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".")


def parse_decimal(text: str) -> float | None:
    """The number in a text, or None if the text is not a number.

    Grammar: ``[sign] digits [. digits] [e [sign] digits]``, ASCII after `to_ascii`. The words
    nan and inf are not numbers; 1e999 is one and infinite, which the range check refuses.
    """
    text = text.strip()
    text = text if text.isascii() else to_ascii(text)
    return float(text) if _NUMBER.fullmatch(text) else None


def to_float(value: Any) -> float:
    """The float nearest to a real number; ±inf for whole numbers that are too large for one."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def to_ascii(text: str) -> str:
    """Full-width digits and signs as ASCII, character by character, so that columns stay the same.

    Each character is normalised separately: for a whole text with a long run of combining accents
    normalisation takes quadratic time.
    """
    normalised = {c: unicodedata.normalize("NFKC", c) for c in set(text) if not c.isascii()}
    table = {ord(c): n for c, n in normalised.items() if len(n) == 1}
    return text.translate(table).translate(_SIGNS)
