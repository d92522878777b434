"""The direction of time that a reader prefers: all times and rates shown pass here (MATH §10).

All results are computed with data at t = 0 and the prior at t = 1, as the diffusion literature has
them. Flow matching's time is τ = 1 − t: the prior at τ = 0, the data at τ = 1. Then

    x₀ ↔ x₁,  p₁ → p₀       an index 0 or 1 is a time, and turns with it;
    dx/dτ = −dx/dt          velocities, divergences and other rates change sign;
    ∫_t^1 → ∫_t^0           so an equation between such symbols keeps its form.

`flowviz/ui/browser/components/time_view.js` does the same for what the browser writes.

Source: Lipman et al., "Flow Matching Guide and Code" (2024), section 2 (the convention).
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal, TypeVar

TimeConvention = Literal["diffusion", "flow_matching"]
DEFAULT: TimeConvention = "diffusion"

_Numeric = TypeVar("_Numeric")  # a number or an array

# An index of a symbol: ₁ in x₁ and ψ₁, not in log₁₀; and a time written as a number.
_INDEX = re.compile("(?<=[A-Za-z\u0370-\u03ff])[₀₁](?![₀-₉])")
_TIME = re.compile(r"(?<![A-Za-z])(t = )([01])(?!\.?\d)")
_TEX_INDEX = re.compile(r"(?<=[A-Za-z}])_([01])(?!\d)")
_TEX_LIMIT = re.compile(r"(\\int_t\^|t\\to ?)([01])(?!\d)")
_TURNED = {"0": "1", "1": "0", "₀": "₁", "₁": "₀"}


def shown_time(t: _Numeric, convention: TimeConvention) -> _Numeric:
    """A time, or an array of times, as it is shown: t or 1 − t; it is its own inverse."""
    return t if convention == DEFAULT else 1.0 - t  # type: ignore[operator,return-value]


def shown_rate(rate: _Numeric, convention: TimeConvention) -> _Numeric:
    """A derivative in time, such as a velocity or its divergence, as it is shown: ± rate."""
    return rate if convention == DEFAULT else -rate  # type: ignore[operator,return-value]


def time_text(t: float, convention: TimeConvention, digits: int = 3) -> str:
    """A time as text, with so many significant digits of t, in ASCII: 0.0125, or 0.9875."""
    rounded = Decimal(f"{t:.{digits}g}")
    return f"{rounded if convention == DEFAULT else 1 - rounded:f}"


def shown_text(text: str, convention: TimeConvention) -> str:
    """A sentence about the diffusion literature's time, said of the reader's: indices and times."""
    if convention == DEFAULT:
        return text
    turned = _INDEX.sub(lambda found: _TURNED[found[0]], text)
    return _TIME.sub(lambda found: found[1] + _TURNED[found[2]], turned)


def shown_tex(tex: str, convention: TimeConvention) -> str:
    """An equation between symbols as TeX, in the reader's time; t itself is not replaced."""
    if convention == DEFAULT:
        return tex
    turned = _TEX_INDEX.sub(lambda found: "_" + _TURNED[found[1]], tex)
    return _TEX_LIMIT.sub(lambda found: found[1] + _TURNED[found[2]], turned)
