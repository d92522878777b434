"""Numbers as readers see them, the same on every page and in both languages.

A power of ten is written ``4.4·10⁻¹⁶``, a percentage ``12.6%``, a minus sign ``−`` (U+2212), a
value that is no number ``—``. What a visitor types is ASCII; what is said to a visitor is not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SMALL = 1e-3  # below it a power of ten is shorter, and easier to compare
_MOST_DIGITS = 12
_LONG = 4  # a whole number of so many digits is written out, however few are asked for


def number(value: float, digits: int = 3) -> str:
    """A number with so many significant digits: 0.0312, −1.2·10⁶, 10⁻⁸; 0, ∞ and —."""
    return _written(*scientific(value, digits))


def digits_apart(*columns: Sequence[float], least: int = 3) -> int:
    """Significant digits with which numbers that lie together far from 0 are still told apart.

    ``least`` digits of the smallest column's extent: 5 for years, 3 for numbers around 0.
    """
    digits = least
    for column in columns:
        low, high = min(column), max(column)
        if high > low:
            digits = max(digits, least + math.ceil(math.log10(max(-low, high) / (high - low))))
    return min(digits, _MOST_DIGITS)


def fixed(value: float, places: int) -> str:
    """A number with so many decimal places: −0.500."""
    return _signed(f"{value:.{places}f}") if math.isfinite(value) else number(value)


def percent(share: float, digits: int = 3, *, places: int | None = None) -> str:
    """A share as a percentage, with significant digits or with decimal places: 12.6%."""
    said = number(100 * share, digits) if places is None else fixed(100 * share, places)
    return f"{said}%" if math.isfinite(share) else said


def formatted(value: float, spec: str) -> str:
    """What ``format(value, spec)`` says, as readers see it; with no ``spec``, ten digits.

    0.3 stands for 0.30000000000000004, and ``,`` groups thousands.
    """
    if not spec:
        return number(value, 10) if isinstance(value, float) else _signed(str(value))
    if spec == "," and isinstance(value, float):
        said = f"{value:,.10g}"
        return _signed(f"{value:.6f}".rstrip("0") if "e-" in said else said)
    mantissa, _, power = format(value, spec).partition("e")
    return _written(mantissa, int(power) if power else None)


def scientific(value: float, digits: int) -> tuple[str, int | None]:
    """Mantissa and power of ten of a number, in ASCII; no power where it is better without."""
    if math.isnan(value):
        return "—", None
    if math.isinf(value):
        return "-∞" if value < 0 else "∞", None
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    exponent = int(power)
    if value == 0 or (abs(value) >= _SMALL and exponent < max(digits, _LONG)):
        return f"{value + 0.0:.0f}" if exponent >= digits else f"{value + 0.0:.{digits}g}", None
    return mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa, exponent


def _written(mantissa: str, exponent: int | None) -> str:
    if exponent is None:
        return _signed(mantissa)
    raised = f"10{str(exponent).translate(_RAISED)}"
    return {"1": "", "-1": "−"}.get(mantissa, f"{_signed(mantissa)}·") + raised


def _signed(said: str) -> str:
    """An ASCII number with its minus sign; a zero has none."""
    return said.lstrip("-") if not said.strip("-0.,%") else said.replace("-", "−")
