"""Small tables beside the plane's picture."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

LISTED = 8
"""Data points in a table."""

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table of numbers, aligned at their ends."""
    lines = [head, ["---:"] * len(head), *rows]
    st.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))


def pair(x: float, y: float, digits: int = 3) -> str:
    """A place of the plane, or a velocity: (0.5, −1.2·10⁶)."""
    return f"({_number(x, digits)},\u00a0{_number(y, digits)})"


def _number(value: float, digits: int) -> str:
    mantissa, _, exponent = f"{value:.{digits}g}".replace("-", "−", 1).partition("e")
    return f"{mantissa}·10{str(int(exponent)).translate(_RAISED)}" if exponent else mantissa
