"""A table in memory: named columns, each with its texts and the numbers among them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from flowviz.text import Refusal

Numbers = NDArray[np.float64]

MAX_COLUMNS = 1_000
_LONGEST = 60  # characters of a number
LISTED = "list"  # the separator of a text that is a list of points
LABEL = "label"  # the name of a list's column of labels

_EXPONENT = r"(?:[eE][+-]?0*[0-9]{1,4})?"
_GROUPS = r"[+-]?[1-9][0-9]{0,2}(?:[%s'’ \u00a0\u202f][0-9]{3})+"
_UNGROUPED = r"[+-]?(?:[0-9]+%s?[0-9]*|%s[0-9]+)"


def _pattern(decimal: str, thousands: str) -> str:
    mark, separator = re.escape(decimal), re.escape(thousands)
    grouped = _GROUPS % separator + rf"(?:{mark}[0-9]+)?"
    return f"(?:{grouped}|{_UNGROUPED % (mark, mark)}){_EXPONENT}"


_NUMBERS = {".": _pattern(".", ","), ",": _pattern(",", ".")}

#: Texts of cells without a value.
MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-", ".", "<na>", "nat"})


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: in the header; "" without one.
        numbers: (rows,), NaN where the cell is no number.
        texts: (rows,), the cells as written; None for formats with numbers only.
    """

    name: str
    numbers: Numbers
    texts: pd.Series | None = None

    @cached_property
    def number_count(self) -> int:
        """The number of cells with a finite number."""
        return int(np.isfinite(self.numbers).sum())

    @cached_property
    def value_count(self) -> int:
        """The number of cells with a value."""
        return self.number_count if self.texts is None else int((~missing(self.texts)).sum())

    @property
    def numeric(self) -> bool:
        """Whether at least half of the cells with a value are numbers."""
        return 2 * self.number_count >= max(self.value_count, 1)

    def is_within(self, limit: float) -> bool:
        """Whether at least half of the numbers lie within ±limit."""
        return 2 * int((np.abs(self.numbers) <= limit).sum()) >= self.number_count

    @cached_property
    def is_row_number(self) -> bool:
        """Whether the cells are 0, 1, 2, … or 1, 2, 3, …, three at least."""
        n = len(self.numbers)
        if n < 3 or self.numbers[0] not in (0.0, 1.0):
            return False
        return bool(np.array_equal(self.numbers, self.numbers[0] + np.arange(n)))


@dataclass(frozen=True)
class Table:
    """Columns of one length.

    Attributes:
        columns: at least one.
        header: whether the first line has their names.
        separator: between the cells of a text; "" for one column; None for other formats.
        decimal: the decimal mark of a text.
        sheets: the names of a workbook's sheets.
        sheet: the index of this one; None for other formats.
        asked: whether it is read only after a question, if it can be read in another way.
        longer: (rows,), which rows have more cells than the first; None if there are none.
    """

    columns: tuple[Column, ...]
    header: bool = False
    separator: str | None = None
    decimal: str = "."
    sheets: tuple[str, ...] = ()
    sheet: int | None = None
    asked: bool = True
    longer: NDArray[np.bool_] | None = None

    def on_sheet(self, sheets: tuple[str, ...], sheet: int) -> Table:
        """The same table, as that of a workbook's sheet."""
        return replace(self, sheets=sheets, sheet=sheet, separator=None)

    @property
    def rows(self) -> int:
        """The number of rows without the header."""
        return len(self.columns[0].numbers)


def missing(texts: pd.Series) -> pd.Series:
    """Which cells have no value; (rows,) -> (rows,)."""
    return texts.str.lower().isin(MISSING)


def numbers_of(texts: pd.Series, decimal: str) -> Numbers:
    """The numbers in texts with this decimal mark, NaN for other texts; (rows,) -> (rows,).

    Groups of three digits may be separated by the other of point and comma, apostrophes or spaces.
    """
    short = (texts.str.len() <= _LONGEST).to_numpy(dtype=bool)
    matches = short & texts.str.fullmatch(_NUMBERS[decimal]).to_numpy(dtype=bool)
    values = np.full(len(texts), np.nan)
    if matches.any():
        separator = "," if decimal == "." else "."
        groups = rf"[{re.escape(separator)}'’ \u00a0\u202f]"
        digits = texts.loc[matches].str.replace(groups, "", regex=True)
        values[matches] = np.asarray(digits.str.replace(decimal, ".", regex=False), dtype=float)
    return values


def from_frame(frame: pd.DataFrame) -> Table:
    """The table of a data frame with typed columns."""
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
