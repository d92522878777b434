"""A table in memory: named columns, each with its texts and the numbers among them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from flowviz.text import Refusal

Numbers = NDArray[np.float64]

MAX_COLUMNS = 1_000
_LONGEST = 60  # characters of a number
LISTED = "list"  # stands for the separator of a text that lists points in our own form

_EXPONENT = r"(?:[eE][+-]?[0-9]{1,4})?"
_GROUPS = r"[+-]?[1-9][0-9]{0,2}(?:[%s'’ \u00a0\u202f][0-9]{3})+"
_PLAIN = r"[+-]?(?:[0-9]+%s?[0-9]*|%s[0-9]+)"


def _pattern(decimal: str, thousands: str) -> str:
    mark, other = re.escape(decimal), re.escape(thousands)
    grouped = _GROUPS % other + rf"(?:{mark}[0-9]+)?"
    return f"(?:{grouped}|{_PLAIN % (mark, mark)}){_EXPONENT}"


_NUMBERS = {".": _pattern(".", ","), ",": _pattern(",", ".")}

#: Cells that say that nothing was measured.
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-", ".", "<na>", "nat"})


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: from the header; "" where there is none.
        numbers: (rows,), NaN where the cell holds no number.
        texts: (rows,), the cells as written; None for formats that hold numbers alone.
    """

    name: str
    numbers: Numbers
    texts: pd.Series | None = None

    @cached_property
    def known(self) -> int:
        """Cells that hold a finite number."""
        return int(np.isfinite(self.numbers).sum())

    @cached_property
    def said(self) -> int:
        """Cells that hold anything."""
        return self.known if self.texts is None else int((~missing(self.texts)).sum())

    @property
    def numeric(self) -> bool:
        """Whether at least half of the cells that say anything are numbers."""
        return 2 * self.known >= max(self.said, 1)

    def within(self, limit: float) -> bool:
        """Whether at least half of the numbers lie within ±limit."""
        return 2 * int((np.abs(self.numbers) <= limit).sum()) >= self.known

    @cached_property
    def counts_rows(self) -> bool:
        """Whether it holds 0, 1, 2, … or 1, 2, 3, …: three rows at least."""
        n = len(self.numbers)
        if n < 3 or self.numbers[0] not in (0.0, 1.0):
            return False
        return bool(np.array_equal(self.numbers, self.numbers[0] + np.arange(n)))


@dataclass(frozen=True)
class Table:
    """Columns of one length.

    Attributes:
        columns: at least one.
        header: whether the first line held their names.
        separator: between the cells of a text; "" for one column; None for other formats.
        decimal: the decimal mark of a text.
    """

    columns: tuple[Column, ...]
    header: bool = False
    separator: str | None = None
    decimal: str = "."

    @property
    def rows(self) -> int:
        """The number of rows, the header not counted."""
        return len(self.columns[0].numbers)


def missing(texts: pd.Series) -> pd.Series:
    """Which cells say that nothing was measured; (rows,) -> (rows,)."""
    return texts.str.lower().isin(MISSING)


def numbers_of(texts: pd.Series, decimal: str) -> Numbers:
    """The numbers that texts write with a decimal mark, NaN for the others; (rows,) -> (rows,).

    The other of point and comma, apostrophes and narrow spaces may part groups of three digits.
    """
    short = (texts.str.len() <= _LONGEST).to_numpy(dtype=bool)
    like = short & texts.str.fullmatch(_NUMBERS[decimal]).to_numpy(dtype=bool)
    values = np.full(len(texts), np.nan)
    if like.any():
        other = "," if decimal == "." else "."
        groups = rf"[{re.escape(other)}'’ \u00a0\u202f]"
        bare = texts.loc[like].str.replace(groups, "", regex=True)
        values[like] = np.asarray(bare.str.replace(decimal, ".", regex=False), dtype=float)
    return values


def from_frame(frame: pd.DataFrame) -> Table:
    """The table of a data frame whose columns have types of their own."""
    columns = []
    for name, values in islice(frame.items(), MAX_COLUMNS):
        numbers = np.asarray(pd.Series(pd.to_numeric(values, errors="coerce")), dtype=float)
        texts = None if pd.api.types.is_numeric_dtype(values) else values.astype(str)
        columns.append(Column(str(name), numbers, texts))
    return Table(tuple(columns), header=True)


def from_array(array: Numbers) -> Table:
    """The table of an array (rows,) or (rows, columns).

    Raises:
        Refusal: for rows of over a thousand columns.
    """
    columns = array[:, None] if array.ndim == 1 else array
    if columns.shape[0] > 1 and columns.shape[1] > MAX_COLUMNS:
        raise Refusal("error.file.wide", n=columns.shape[1], limit=MAX_COLUMNS)
    return Table(tuple(Column("", columns[:, k]) for k in range(columns.shape[1])))
