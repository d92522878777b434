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
from dataclasses import dataclass, replace
from io import StringIO
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from flowviz.scene.decimals import numerals
from flowviz.scene.tables.headers import any_number, headers, short_headers
from flowviz.scene.tables.lines import CELL, ONE_COLUMN, QUOTED, lines
from flowviz.scene.tables.roles import has_role
from flowviz.scene.tables.table import MAX_COLUMNS, MISSING, Column, Numbers, Table, numbers_of
from flowviz.text import Refusal, excerpt

_SEPARATORS = ("\t", ";", "|", ",", " ", "")  # in order of likelihood
_CONSISTENT = 0.8  # fraction of the lines with the most frequent number of cells
_GROUPED = r"[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3})+"
_GROUPED_TWICE = r"[+-]?[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}"
_THOUSANDS = re.compile(r"\s*[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]*)?\s*")
_UNCERTAINTY = re.compile(r"[ \t]?(±|\+/-)[ \t]?")  # behind a number, which it makes none
_MAX_CELLS_OF_A_POINT = 3
_MAX_TITLES = 10  # lines before the header
_CONSISTENT_BEGUN = 0.5  # the same if the first line has that number


@dataclass(frozen=True)
class _Split:
    """A text split at one separator: the cells of all lines as texts."""

    separator: str
    cells: list[pd.Series]
    short_header: bool
    longer: list[bool] | None = None  # which lines have more cells than most and than the first
    numbers: list[Numbers] | None = None  # those of cells that are no texts, NaN elsewhere


def tables(text: str, least: int = 1) -> list[Table]:
    """All tables that the text can be read as, the likeliest first.

    Args:
        text: at most a megabyte.
        least: number of columns that a table should have, if possible.

    Raises:
        Refusal: for a table of over a thousand columns, or a single row with words after numbers.
    """
    found = lines(_UNCERTAINTY.sub(r"\1", numerals(text)))
    if not found.rows:
        return []
    if found.assigned and len(found.rows) == 1:
        cells = found.rows[0].split()
        if least == 1 or len(cells) > _MAX_CELLS_OF_A_POINT:  # a vector
            found = replace(found, rows=cells)
    splits = [
        split
        for separator in ([found.separator] if found.separator else _SEPARATORS)
        for rows in _with_comment(found.rows, found.comment, separator)
        for split in _splits(rows, separator)
    ]
    wide = [split for split in splits if len(split.cells) >= least]
    found_tables = [_upright(table) for table in _likeliest(wide or splits)]
    _check_single_row(found_tables)
    return found_tables


def of_cells(texts: list[pd.Series], numbers: list[Numbers]) -> list[Table]:
    """All tables that cells can be read as, the likeliest first.

    Args:
        texts: of each column, the cells as texts.
        numbers: of each column, the cells that are numbers and no texts; NaN for the others.
    """
    return _likeliest([_Split("", texts, False, numbers=numbers)])


def _likeliest(splits: list[_Split]) -> list[Table]:
    """The tables with the most numbers."""
    interpreted = [table for split in splits for table in _interpreted(split)]
    scored = [(_number_fraction(table), table) for table in interpreted]
    best = max((fraction for fraction, _ in scored), default=0.0)
    found = [table for fraction, table in scored if fraction == best]
    return [t for k, t in enumerate(found) if k == 0 or _is_alternative(t, found[0])]


def _upright(table: Table) -> Table:
    """The transpose of a table whose rows begin with the names of coordinates, as ``x: 1 2 3``."""
    first, *others = table.columns
    if table.header or not others or first.texts is None or not 2 <= table.rows <= 3:
        return table
    names = [name.rstrip(":= ") for name in first.texts]
    numbers = np.array([column.numbers for column in others])
    if first.number_count or not all(map(has_role, names)) or not np.isfinite(numbers).all():
        return table
    columns = tuple(Column(name, numbers[:, k]) for k, name in enumerate(names))
    return replace(table, columns=columns, header=True, longer=None)


def _check_single_row(tables: list[Table]) -> None:
    """Refuse a list in which one item is no number: it is no table with a column of words.

    Raises:
        Refusal: quoting the item.
    """
    if not tables or tables[0].rows != 1 or tables[0].header:
        return
    texts = [column.texts.iloc[0] for column in tables[0].columns[1:] if column.texts is not None]
    finite = [bool(column.number_count) for column in tables[0].columns[1:]]
    for text, is_number in zip(texts, finite, strict=False):
        if not is_number and text.lower() not in MISSING:
            raise Refusal("error.file.text", cell=excerpt(text))


def _is_alternative(table: Table, first: Table) -> bool:
    """Whether an equally likely table is another reading of the text.

    Commas are ambiguous, and so are spaces, which may separate thousands.

    If a header has as many commas as the rows, they separate columns.
    """
    if first.header and first.separator == "," and table.separator == "":
        return False
    separators = {table.separator, first.separator}
    spaces = separators == {" ", ""} and table.header == first.header
    return separators <= {",", ""} or spaces or table.separator == first.separator


def _with_comment(rows: list[str], comment: str, separator: str) -> list[list[str]]:
    """The rows with a comment as header, if it has as many cells; without, if it may be prose."""
    first = QUOTED.sub(CELL, rows[0])
    headed = [comment, *rows]
    if not comment or any_number(comment) or not any_number(first):
        return [rows]
    if _counts([comment], separator) != _counts([first], separator):
        return [rows]
    names = comment.split(separator if separator.strip() else None) if separator else [comment]
    return [headed] if any(map(has_role, names)) else [headed, rows]


def _splits(lines: Sequence[str], separator: str) -> Iterator[_Split]:
    """The lines split at a separator, unless their numbers of cells differ too much.

    Twice if a header that is a cell short may lack its first name or its last.

    Args:
        lines: the text's lines.
        separator: between cells; "" for one cell a line.
    """
    unquoted = [QUOTED.sub(CELL, line) if '"' in line else line for line in lines]
    if separator == "," and _has_grouped_numbers(unquoted):
        return
    start = _title_count(unquoted, separator)
    lines, unquoted = lines[start:], unquoted[start:]
    counts, filled = _counts(unquoted, separator), _filled_counts(unquoted, separator)
    most_frequent = _most_frequent(counts)
    if separator and not _is_consistent(counts, filled, most_frequent):
        most_frequent = _most_frequent(filled)
        if not _is_consistent(counts, filled, most_frequent):
            return
    most = max(_counts(lines, separator)) + 1
    if most > MAX_COLUMNS:
        raise Refusal("error.file.wide", n=most, limit=MAX_COLUMNS)
    for short in short_headers(unquoted, separator, counts, filled, most_frequent):
        yield _split(lines, unquoted, separator, short, max(counts[0] + short, most_frequent))


def _has_grouped_numbers(unquoted: Sequence[str]) -> bool:
    """Whether all lines are numbers whose commas separate thousands, for a column has no 000."""
    return all(map(_THOUSANDS.fullmatch, unquoted)) and any(",0" in line for line in unquoted)


def _split(
    lines: Sequence[str], unquoted: Sequence[str], separator: str, short_header: bool, regular: int
) -> _Split:
    """The lines split at a separator; longer ones than ``regular`` have more separators."""
    filled = _filled_counts(unquoted, separator)
    most = max(_counts(lines, separator)) + 1
    if most > MAX_COLUMNS:
        raise Refusal("error.file.wide", n=most, limit=MAX_COLUMNS)
    if short_header:
        lines = [f'""{separator}{lines[0]}', *lines[1:]]
    # Quotes that do not enclose complete cells are ordinary characters.
    adjacent = rf"[^\s{CELL}{re.escape(separator)}]"
    blanks = "" if separator == " " else " *"
    stray = re.compile(rf'"|{adjacent}{blanks}{CELL}|{CELL}{blanks}{adjacent}')
    quoted = (line for line in unquoted if '"' in line or CELL in line)
    quoting = csv.QUOTE_NONE if any(map(stray.search, quoted)) else csv.QUOTE_MINIMAL
    try:
        cells = _cells(lines, separator, most, quoting)
    except pd.errors.ParserError:  # a quote that is never closed
        cells = _cells(lines, separator, most, csv.QUOTE_NONE)
    return _Split(separator, cells, short_header, [n > regular for n in filled])


def _title_count(unquoted: Sequence[str], separator: str) -> int:
    """The number of lines before a header that have fewer cells."""
    filled = _filled_counts(unquoted[: _MAX_TITLES + 2], separator)
    most_frequent = _most_frequent(_filled_counts(unquoted, separator))
    header = next((k for k, n in enumerate(filled) if n >= most_frequent), 0)
    regular = filled[header] == most_frequent > 0 and not any_number(unquoted[header])
    return header if regular else 0


def _most_frequent(counts: list[int]) -> int:
    """The most frequent number of separators in the lines after the first; 0 if none has any.

    Of equally frequent ones that of the first line, if it is one of them.
    """
    frequency = Counter(counts[1:]) if any(counts[1:]) else Counter(counts)
    found = [n for n in frequency if n]
    return max(found, key=lambda n: (frequency[n], n == counts[0]), default=0)


def _is_consistent(counts: list[int], filled: list[int], most_frequent: int) -> bool:
    """Whether nearly all lines have the most frequent number of separators.

    Lines without separators may lack their last cells, and empty cells may follow the last. If the
    first line has that many cells, half of the lines are enough.
    """
    if not most_frequent:
        return False
    start = int(any(counts[1:]))
    pairs = list(zip(counts, filled, strict=True))[start:]
    regular = sum(n == 0 or f <= most_frequent <= n for n, f in pairs)
    begun = start and filled[0] == most_frequent
    return regular >= (_CONSISTENT_BEGUN if begun else _CONSISTENT) * len(pairs)


def _filled_counts(lines: Sequence[str], separator: str) -> list[int]:
    """The number of separators in each line before its last cell that is not empty."""
    if separator in ("", " "):
        return _counts(lines, separator)
    return _counts([line.rstrip(separator + " ") for line in lines], separator)


def _counts(lines: Sequence[str], separator: str) -> list[int]:
    """The number of separators in each line."""
    if separator in ("", " "):
        return [len(line.split()) - 1 if separator else 0 for line in lines]
    return [line.count(separator) for line in lines]


def _cells(
    lines: Sequence[str], separator: str, columns: int, quoting: Literal[0, 3]
) -> list[pd.Series]:
    """The columns as read by pandas: texts without spaces and quotes around them."""
    frame = pd.read_csv(
        StringIO("\n".join(lines)),
        sep={" ": r"\s+", "": ONE_COLUMN}.get(separator, separator),
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
    for decimal in ".," if commas or _may_be_grouped(cells, split.separator) else ".":
        numbers = [numbers_of(column, decimal) for column in cells]
        if typed is not None:
            numbers = [np.where(np.isfinite(t), t, n) for t, n in zip(typed, numbers, strict=True)]
        for header in [True] if split.short_header else headers(first, numbers):
            start = int(header)
            longer = np.array(split.longer[start:]) if split.longer else None
            columns = tuple(
                Column(
                    name if header else "",
                    values[start:],
                    texts.iloc[start:].reset_index(drop=True),
                )
                for name, values, texts in zip(first, numbers, cells, strict=True)
            )
            if longer is not None and longer.any():
                columns = _of_regular_rows(columns, longer)
            yield Table(columns, header, split.separator, decimal, longer=longer)


def _may_be_grouped(cells: list[pd.Series], separator: str) -> bool:
    """Whether points separate thousands: twice in one number, or in all, between European marks."""
    dotted = [
        texts for column in cells if len(texts := column.loc[column.str.contains(".", regex=False)])
    ]
    groups = [column.str.fullmatch(_GROUPED) for column in dotted]
    if separator in (";", "\t") and groups and all(column.mean() > 0.5 for column in groups):
        return True
    return any(column.str.fullmatch(_GROUPED_TWICE).any() for column in dotted)


def _of_regular_rows(columns: tuple[Column, ...], longer: NDArray[np.bool_]) -> tuple[Column, ...]:
    """The columns with a name or a cell in other than the longer rows."""
    texts = [(c, c.texts) for c in columns]
    return tuple(c for c, t in texts if c.name or (t is not None and t.loc[~longer].ne("").any()))


def _number_fraction(table: Table) -> float:
    """The fraction of numbers among the cells with a value."""
    numbers = sum(column.number_count for column in table.columns)
    values = sum(column.value_count for column in table.columns)
    return numbers / values if values else 0.0
