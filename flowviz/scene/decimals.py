"""Decimal numbers on a grid of 1e-6: how they are kept, written, and read from what people type.

On a fixed grid a number has one float and one shortest text, so writing it into a link and reading
it back is the identity, which "six significant digits" is not. Positions and weights that would be
lost on that grid are kept on a finer one, down to 1e-12.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal

PLACES = 6  # decimals that every number may have
MAX_PLACES = 12  # and that a small one may
GRID = 10**PLACES  # numbers are whole multiples of 1/GRID
_DIGITS = 3  # significant digits that even the smallest keeps

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_TWINS = str.maketrans({"−": "-", "–": "-", "×": "*", "∗": "*", "、": ",", "。": "."})


def snap(value: float) -> float:
    """The nearest multiple of 1e-6, never -0: the one float that stands for it everywhere.

    Floats too large for the grid to be finer than they are come back as they went in.
    """
    if not math.isfinite(value) or abs(value) >= 2**53 / GRID:
        return value
    return round(value * GRID) / GRID


def snap_fine(value: float, places: int = PLACES) -> float:
    """The nearest number of so many decimals, or of three significant digits where that is nearer.

    1e-7 stays 1e-7; what is below 1e-12 is 0.
    """
    if value == 0.0 or not math.isfinite(value):
        return value + 0.0
    needed = min(_DIGITS - 1 - math.floor(math.log10(abs(value))), MAX_PLACES)
    places = max(places, needed)
    return snap(value) if places <= PLACES else round(value, places) + 0.0


def places_for(values: Iterable[float]) -> int:
    """Decimals that give the largest of the values six significant digits: 6 to 12."""
    most = max(map(abs, values), default=0.0)
    if not 0.0 < most < 1.0:
        return PLACES
    return min(max(PLACES, PLACES - 1 - math.floor(math.log10(most))), MAX_PLACES)


def places_of(values: Iterable[float]) -> int:
    """Decimals that the values have: 6 at least, 12 at most."""
    places = PLACES
    for value in values:
        while places < MAX_PLACES and snap(value) != value != round(value, places):
            places += 1
    return places


def plain(value: float) -> str:
    """A number in its shortest decimal form: 0.5, 2, -0.000001; never an exponent."""
    text = f"{value:.6f}"
    if abs(value) < 1.0 and float(text) != value:
        text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".")


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
