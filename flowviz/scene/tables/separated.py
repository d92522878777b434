"""Tables as separated text: detection of the separator, the decimal mark and the header.

pandas splits the cells; this module determines the options from the text. Every separator that
occurs equally often in (nearly) all lines is tried with both decimal marks, and the combination
with the most numbers is used. If several have the same number and different values, all are kept.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Literal

import numpy as np
import pandas as pd

from flowviz.scene.decimals import to_ascii
from flowviz.scene.tables.table import MAX_COLUMNS, MISSING, Column, Numbers, Table, numbers_of
from flowviz.text import Refusal

_SEPARATORS = ("\t", ";", "|", ",", " ", "")  # in order of likelihood
_ONE_COLUMN = "\x1f"  # occurs in no text
_CELL = "\ue000"  # replaces a quoted cell
_QUOTED = re.compile(r'"[^"]*"')
_DECLARED = re.compile(r"sep=(.)", re.IGNORECASE)
_FOOTER = re.compile(r"(Name: .*|dtype: .*|Length: .*|\[\d+ rows x \d+ columns\])")
_CONSISTENT = 0.8  # fraction of the lines with the most frequent number of cells


@dataclass(frozen=True)
class _Split:
    """A text split at one separator: the cells of all lines as texts."""

    separator: str
    cells: list[pd.Series]
    short_header: bool
    numbers: list[Numbers] | None = None  # those of cells that are no texts, NaN elsewhere


def tables(text: str, least: int = 1) -> list[Table]:
    """All tables that the text can be read as, the likeliest first.

    Args:
        text: at most a megabyte.
        least: number of columns that a table should have, if possible.

    Raises:
        Refusal: for a table of over a thousand columns.
    """
    lines, declared = _lines(to_ascii(text))
    if not lines:
        return []
    separators = [declared] if declared else _SEPARATORS
    unquoted = [_QUOTED.sub(_CELL, line) if '"' in line else line for line in lines]
    splits = [split for s in separators if (split := _split(lines, unquoted, s)) is not None]
    wide = [split for split in splits if len(split.cells) >= least]
    return _likeliest(wide or splits)


def of_cells(texts: list[pd.Series], numbers: list[Numbers]) -> list[Table]:
    """All tables that cells can be read as, the likeliest first.

    Args:
        texts: of each column, the cells as texts.
        numbers: of each column, the cells that are numbers and no texts; NaN for the others.
    """
    return _likeliest([_Split("", texts, False, numbers)])


def _likeliest(splits: list[_Split]) -> list[Table]:
    """The tables with the most numbers."""
    interpreted = [table for split in splits for table in _interpreted(split)]
    scored = [(_number_fraction(table), table) for table in interpreted]
    best = max((fraction for fraction, _ in scored), default=0.0)
    found = [table for fraction, table in scored if fraction == best]
    return [t for k, t in enumerate(found) if k == 0 or _is_alternative(t, found[0])]


def _is_alternative(table: Table, first: Table) -> bool:
    """Whether an equally likely table is another reading of the text: only commas are ambiguous.

    If a header has as many commas as the rows, they separate columns.
    """
    if first.header and first.separator == "," and table.separator == "":
        return False
    return {table.separator, first.separator} <= {",", ""} or table.separator == first.separator


def _lines(text: str) -> tuple[list[str], str | None]:
    """The lines with cells, and the separator that a first line ``sep=;`` declares."""
    joined = _QUOTED.sub(lambda cell: " ".join(cell[0].splitlines()), text)
    joined = joined.replace(_ONE_COLUMN, " ")
    lines = [line.strip(" \r\n\v\f") for line in joined.splitlines()]
    lines = [x for x in lines if x.strip() and x[0] != "#" and not _FOOTER.fullmatch(x)]
    declared = _DECLARED.fullmatch(lines[0].strip('"')) if lines else None
    return (lines[1:], declared[1]) if declared else (lines, None)


def _split(lines: Sequence[str], unquoted: Sequence[str], separator: str) -> _Split | None:
    """The lines split at a separator; None if their numbers of cells differ too much.

    Args:
        lines: the text's lines.
        unquoted: the same with a mark in place of every quoted cell.
        separator: between cells; "" for one cell a line.
    """
    counts = _counts(unquoted, separator)
    frequency = Counter(counts[1:]) if any(counts[1:]) else Counter(counts)
    most_frequent = max((n for n in frequency if n), key=frequency.__getitem__, default=0)
    # Lines without separators may lack their last cells.
    if separator and (
        not most_frequent
        or frequency[most_frequent] + frequency[0] < _CONSISTENT * frequency.total()
    ):
        return None
    most = max(_counts(lines, separator)) + 1
    if most > MAX_COLUMNS:
        raise Refusal("error.file.wide", n=most, limit=MAX_COLUMNS)
    # R writes tables without a name for the column of row names.
    short = len(lines) > 1 and counts[0] == most_frequent - 1 and not _any_number(lines[0])
    if short and most_frequent == 1 and not unquoted[1].startswith(_CELL):
        return None
    if short:
        lines = [f'""{separator}{lines[0]}', *lines[1:]]
    # Quotes that do not enclose complete cells are ordinary characters.
    adjacent = rf"[^\s{_CELL}{re.escape(separator)}]"
    blanks = "" if separator == " " else " *"
    stray = re.compile(rf'"|{adjacent}{blanks}{_CELL}|{_CELL}{blanks}{adjacent}')
    quoted = (line for line in unquoted if '"' in line or _CELL in line)
    quoting = csv.QUOTE_NONE if any(map(stray.search, quoted)) else csv.QUOTE_MINIMAL
    return _Split(separator, _cells(lines, separator, most, quoting), short)


def _counts(lines: Sequence[str], separator: str) -> list[int]:
    """The number of separators in each line."""
    if separator in ("", " "):
        return [len(line.split()) - 1 if separator else 0 for line in lines]
    return [line.count(separator) for line in lines]


def _any_number(line: str) -> bool:
    return bool(re.search(r"(?<![\w.])[+-]?\.?[0-9]", line))


def _cells(
    lines: Sequence[str], separator: str, columns: int, quoting: Literal[0, 3]
) -> list[pd.Series]:
    """The columns as read by pandas: texts without spaces and quotes around them."""
    frame = pd.read_csv(
        StringIO("\n".join(lines)),
        sep={" ": r"\s+", "": _ONE_COLUMN}.get(separator, separator),
        header=None,
        names=list(range(columns)),
        index_col=False,
        dtype=str,
        na_filter=False,
        quoting=quoting,
        skipinitialspace=True,
    )
    return [column.str.strip(" \t\"'\u00a0") for _, column in frame.items()]


def _interpreted(split: _Split) -> Iterator[Table]:
    """The tables with a decimal point or comma, with a header or without, as far as possible."""
    # An empty column comes from trailing separators.
    kept = [k for k, c in enumerate(split.cells) if k == 0 or c.ne("").any()]
    cells = [split.cells[k] for k in kept]
    typed = None if split.numbers is None else [split.numbers[k] for k in kept]
    first = [str(column.iloc[0]) for column in cells]
    commas = any(column.str.contains(",", regex=False).any() for column in cells)
    for decimal in ".," if commas else ".":
        numbers = [numbers_of(column, decimal) for column in cells]
        if typed is not None:
            numbers = [np.where(np.isfinite(t), t, n) for t, n in zip(typed, numbers, strict=True)]
        for header in [True] if split.short_header else _headers(first, numbers):
            rows = slice(int(header), None)
            columns = (
                Column(
                    name if header else "", values[rows], texts.iloc[rows].reset_index(drop=True)
                )
                for name, values, texts in zip(first, numbers, cells, strict=True)
            )
            yield Table(tuple(columns), header, split.separator, decimal)


def _headers(first: list[str], numbers: list[Numbers]) -> list[bool]:
    """Whether the first row is a header; both values if that is ambiguous."""
    finite = [bool(np.isfinite(column[0])) for column in numbers]
    names = [not k and f.lower() not in MISSING for f, k in zip(first, finite, strict=True)]
    body = [2 * int(np.isfinite(column[1:]).sum()) >= len(column) for column in numbers]
    if any(name and b for name, b in zip(names, body, strict=True)):
        return [True]
    if not any(finite):
        return [any(names)]
    return _numbered(first, numbers) if len(first) > 1 else [False]


def _numbered(first: list[str], numbers: list[Numbers]) -> list[bool]:
    """`_headers` for a first row ``0,1`` or ``,0,1``, pandas' default names, or of years."""
    labels = first[1:] if first[0] == "" else first
    if labels != [str(i) for i in range(len(labels))]:
        years = [f for f in first[1:] if re.fullmatch(r"(1[5-9]|20)[0-9]{2}", f)]
        return [True, False] if len(years) > 1 and len(years) == len(first) - 1 else [False]
    rows = np.concatenate([column[1:] for column in numbers])
    integers = bool(np.all(rows[np.isfinite(rows)] % 1 == 0))
    return [True, False] if integers and first[0] != "" and len(rows) else [True]


def _number_fraction(table: Table) -> float:
    """The fraction of numbers among the cells with a value."""
    numbers = sum(column.number_count for column in table.columns)
    values = sum(column.value_count for column in table.columns)
    return numbers / values if values else 0.0
