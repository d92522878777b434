"""Decimal numbers on a grid of 1e-6: rounding, formatting and parsing.

On a fixed grid each number has one float and one shortest text, so that formatting and parsing
return the same float, which six significant digits would not guarantee. Small numbers are on a
finer one, down to 1e-12.
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

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?0*[0-9]{1,4})?")
_RAISED = "⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹"
_FROM_RAISED = str.maketrans(_RAISED, "+-0123456789")
_POWER_OF_TEN = re.compile(
    rf"(?:(?<=[0-9.])(?P<times>\s?[×·⋅]\s?)|(?<![\w.]))10(?P<sign>[⁺⁻]?)(?P<digits>[{_RAISED[2:]}]{{1,3}})"
    r"(?![\w.⁺⁻])"
)
_CARET_POWER = re.compile(
    r"(?:(?<=[0-9.])(?P<times>[ \u00a0]?(?:[×·⋅xX]|\\times|\\cdot)[ \u00a0]?)|(?<![\w.]))"
    r"10(?:\^|\*\*)(?P<brace>\{)?(?P<sign>[+−-]?)(?P<digits>[0-9]{1,3})(?(brace)\})(?![\w.^]|\*\*)"
)
_CURRENCY = re.compile(
    r"(?<![\w.])(?P<sign>[+−-]?)[$€£¥₹][ \u00a0]?(?=[+−-]?\.?[0-9])"
    r"|(?<=[0-9.])[ \u00a0\u202f]?[$€£¥₹](?!\w)"
)
_INDEX = re.compile(r"(?<=[^\W\d_])[₀-₉]+")  # of a name
_SIGNS = str.maketrans("−–‐‑×∗、。", "----**,.")


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


def snap_together(values: Iterable[float]) -> list[float]:
    """Rounded on the grid that fits the largest of them: six of its digits, 6 to 12 decimals.

    Rounding may carry the largest to the next power of ten, whose grid is coarser: that one holds.
    """
    given = list(values)
    places = places_for(given)
    snapped = [snap_fine(value, places) for value in given]
    return snapped if places_for(snapped) == places else snap_together(snapped)


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

    ``10⁻³`` becomes ``1e-3``. Other raised digits stay, and so do lowered ones unless they belong
    to a name, as in ``x₀``: a number with one is none.

    Each character is normalised separately: for a whole text with a long run of combining accents
    normalisation takes quadratic time.
    """
    if text.isascii():
        return text
    text = _INDEX.sub(lambda index: unicodedata.normalize("NFKC", index[0]), text)
    text = _POWER_OF_TEN.sub(_in_e_notation, text)
    normalised = {c: unicodedata.normalize("NFKC", c) for c in set(text) if _is_variant(c)}
    table = {ord(c): n for c, n in normalised.items() if len(n) == 1}
    return text.translate(table).translate(_SIGNS)


def numerals(text: str) -> str:
    """`to_ascii`, with ``10^3`` as ``1e3`` and without signs of currency; columns stay the same."""
    if "10^" in text or "10**" in text:
        text = _CARET_POWER.sub(_in_e_notation, text)
    text = to_ascii(text)
    if any(sign in text for sign in "$€£¥₹"):
        text = _CURRENCY.sub(lambda found: (found["sign"] or "").rjust(len(found[0])), text)
    return text


def _in_e_notation(power: re.Match[str]) -> str:
    """``×10³`` as ``e003``, ``10³`` as ``1e3``: as long as before."""
    start = "1e" if power["times"] is None else "e"
    sign, digits = (power[k].translate(_FROM_RAISED) for k in ("sign", "digits"))
    return start + sign + digits.rjust(len(power[0]) - len(start + sign), "0")


def _is_variant(character: str) -> bool:
    """Whether it is another form of a character: not raised, lowered or in a ring."""
    kind = unicodedata.decomposition(character).partition(" ")[0]
    return kind not in ("<super>", "<sub>", "<circle>", "<square>", "<fraction>")
