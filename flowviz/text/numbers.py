"""The format of numbers, the same on all pages and in both languages.

Powers of ten are ``4.4·10⁻¹⁶``, percentages ``12.6%``, the minus sign ``−`` (U+2212), NaN ``—``.
Numbers that visitors type are ASCII.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SMALL = 1e-3  # smaller numbers have a power of ten
_MOST_DIGITS = 12
_MIN_WRITTEN_OUT = 4  # whole numbers up to so many digits have no power of ten


def number(value: float, digits: int = 3) -> str:
    """A number with so many significant digits: 0.0312, −1.2·10⁶, 10⁻⁸; 0, ∞ and —."""
    return _written(*scientific(value, digits))


def digits_apart(*columns: Sequence[float], least: int = 3) -> int:
    """The significant digits that distinguish numbers that are close together and far from 0.

    ``least`` digits of each column's extent: 5 for years, 3 for numbers around 0; and one digit of
    each difference: 7 for 999,999 and 1,000,000 beside 0.
    """
    digits = least
    for column in columns:
        values = sorted(set(column)) or [0.0]
        gaps = [(a, b, 1) for a, b in pairwise(values)] + [(values[0], values[-1], least)]
        for low, high, needed in gaps:
            if high > low:
                ratio = max(-low, high) / (high - low)
                digits = max(digits, needed + math.ceil(math.log10(ratio)))
    return min(digits, _MOST_DIGITS)


def fixed(value: float, places: int) -> str:
    """A number with so many decimal places: −0.500."""
    return _signed(f"{value:.{places}f}") if math.isfinite(value) else number(value)


def position(x: Sequence[float], digits: int = 4) -> str:
    """A position: a number on the line, (1.2, −0.3) in the plane."""
    text = ", ".join(number(value, digits) for value in x)
    return text if len(x) == 1 else f"({text})"


def percent(fraction: float, digits: int = 3, *, places: int | None = None) -> str:
    """A fraction as a percentage, with significant digits or with decimal places: 12.6%."""
    text = number(100 * fraction, digits) if places is None else fixed(100 * fraction, places)
    return f"{text}%" if math.isfinite(fraction) else text


def formatted(value: float, spec: str) -> str:
    """``format(value, spec)`` in the format of this module; ten digits without a ``spec``.

    0.3 stands for 0.30000000000000004, and ``,`` groups thousands.
    """
    if not spec:
        return number(value, 10) if isinstance(value, float) else _signed(str(value))
    if spec == "," and isinstance(value, float):
        text = f"{value:,.10g}"
        return _signed(f"{value:.6f}".rstrip("0") if "e-" in text else text)
    mantissa, _, power = format(value, spec).partition("e")
    return _written(mantissa, int(power) if power else None)


def scientific(value: float, digits: int) -> tuple[str, int | None]:
    """Mantissa and exponent of a number, in ASCII; the exponent is None for usual sizes."""
    if math.isnan(value):
        return "—", None
    if math.isinf(value):
        return "-∞" if value < 0 else "∞", None
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    exponent = int(power)
    if value == 0 or (abs(value) >= _SMALL and exponent < max(digits, _MIN_WRITTEN_OUT)):
        return f"{value + 0.0:.0f}" if exponent >= digits else f"{value + 0.0:.{digits}g}", None
    return mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa, exponent


def _written(mantissa: str, exponent: int | None) -> str:
    if exponent is None:
        return _signed(mantissa)
    raised = f"10{str(exponent).translate(_RAISED)}"
    return {"1": "", "-1": "−"}.get(mantissa, f"{_signed(mantissa)}·") + raised


def _signed(text: str) -> str:
    """An ASCII number with a typographic minus sign, without one for zero."""
    return text.lstrip("-") if not text.strip("-0.,%") else text.replace("-", "−")
