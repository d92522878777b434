"""Parsing of the numbers that a page shows."""

from __future__ import annotations

import re

LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹−", "-0123456789-")


def value_of(said: str) -> float:
    """What a reader takes −0.5, 4.4·10⁻¹⁶ or 12.6% for."""
    if "%" in said:
        return value_of(said.replace("%", "")) / 100
    mantissa, power = said.strip(), "0"
    if re.search("10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]", said):
        mantissa, _, power = said.rpartition("10")
    mantissa = mantissa.removesuffix("·").translate(LOWERED)
    factor = {"": 1.0, "-": -1.0}.get(mantissa)
    return (float(mantissa) if factor is None else factor) * 10.0 ** int(power.translate(LOWERED))
