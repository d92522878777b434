"""Small tables beside the plane's picture."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from flowviz.text.numbers import number

LISTED = 8
"""Data points in a table."""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table of numbers, aligned at their ends."""
    lines = [head, ["---:"] * len(head), *rows]
    cells = ([cell.replace("|", r"\|") for cell in line] for line in lines)
    st.markdown("\n".join(f"| {' | '.join(line)} |" for line in cells))


def pair(x: float, y: float, digits: int = 3) -> str:
    """A place of the plane, or a velocity: (0.5, −1.2·10⁶)."""
    return f"({number(x, digits)},\u00a0{number(y, digits)})"
