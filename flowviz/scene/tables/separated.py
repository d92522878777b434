"""Tables as text: which separator, which decimal mark, and whether the first line is a header.

pandas splits the cells; here is decided how it shall, from the whole text. Every separator that
stands equally often in (nearly) all lines is tried with both decimal marks, and what makes numbers
of most cells is taken. Where two ways do equally well and mean different numbers, both are kept.
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

from flowviz.scene.decimals import ascii_twins
from flowviz.scene.tables.table import MAX_COLUMNS, MISSING, Column, Numbers, Table, numbers_of
from flowviz.text import Refusal

_SEPARATORS = ("\t", ";", "|", ",", " ", "")  # the earlier, the likelier
_ONE_COLUMN = "\x1f"  # parts nothing
_CELL = "\ue000"  # stands for a quoted cell
_QUOTED = re.compile(r'"[^"]*"')
_DECLARED = re.compile(r"sep=(.)", re.IGNORECASE)
_FOOTER = re.compile(r"(Name: .*|dtype: .*|Length: .*|\[\d+ rows x \d+ columns\])")
_CONSISTENT = 0.8  # of the lines have the usual number of cells


@dataclass(frozen=True)
class _Split:
    """A text split at one separator: the cells of all lines as texts."""

    separator: str
    cells: list[pd.Series]
    short_header: bool


def tables(text: str, least: int = 1) -> list[Table]:
    """Every table the text may be, the likeliest first; more than one only where they differ.

    Args:
        text: at most a megabyte.
        least: columns that a table needs, if there is a way to find so many.

    Raises:
        Refusal: for a table of over a thousand columns.
    """
    lines, declared = _lines(ascii_twins(text))
    if not lines:
        return []
    separators = [declared] if declared else _SEPARATORS
    bare = [_QUOTED.sub(_CELL, line) if '"' in line else line for line in lines]
    splits = [split for s in separators if (split := _split(lines, bare, s)) is not None]
    wide = [split for split in splits if len(split.cells) >= least]
    read = [table for split in wide or splits for table in _interpreted(split)]
    scored = [(_share(table), table) for table in read]
    best = max((share for share, _ in scored), default=0.0)
    found = [table for share, table in scored if share == best]
    return [t for k, t in enumerate(found) if k == 0 or _another(t, found[0])]


def _another(table: Table, first: Table) -> bool:
    """Whether a table as likely as the first is another reading: only commas can be two things.

    Where a header has as many commas as the rows, they part columns.
    """
    if first.header and first.separator == "," and table.separator == "":
        return False
    return {table.separator, first.separator} <= {",", ""} or table.separator == first.separator


def _lines(text: str) -> tuple[list[str], str | None]:
    """The lines that hold cells, and the separator that a line ``sep=;`` names."""
    whole = _QUOTED.sub(lambda cell: " ".join(cell[0].splitlines()), text)
    whole = whole.replace(_ONE_COLUMN, " ")
    lines = [line.strip(" \r\n\v\f") for line in whole.splitlines()]
    lines = [x for x in lines if x.strip() and x[0] != "#" and not _FOOTER.fullmatch(x)]
    named = _DECLARED.fullmatch(lines[0].strip('"')) if lines else None
    return (lines[1:], named[1]) if named else (lines, None)


def _split(lines: Sequence[str], bare: Sequence[str], separator: str) -> _Split | None:
    """The lines split at a separator, unless it does not part them evenly.

    Args:
        lines: as they are written.
        bare: the same with a mark in place of every quoted cell.
        separator: between cells; "" for one cell a line.
    """
    counts = _counts(bare, separator)
    parted = Counter(counts[1:]) if any(counts[1:]) else Counter(counts)
    usual = max((n for n in parted if n), key=parted.__getitem__, default=0)
    # Lines that end early are short of their last cells.
    if separator and (not usual or parted[usual] + parted[0] < _CONSISTENT * parted.total()):
        return None
    most = max(_counts(lines, separator)) + 1
    if most > MAX_COLUMNS:
        raise Refusal("error.file.wide", n=most, limit=MAX_COLUMNS)
    # A header that is short by one leaves the row names nameless, as R writes tables.
    short = len(lines) > 1 and counts[0] == usual - 1 and not _any_number(lines[0])
    if short and usual == 1 and not bare[1].startswith(_CELL):
        return None
    if short:
        lines = [f'""{separator}{lines[0]}', *lines[1:]]
    # Quotes that do not stand around whole cells are characters like others.
    beside = rf"[^\s{_CELL}{re.escape(separator)}]"
    blanks = "" if separator == " " else " *"
    stray = re.compile(rf'"|{beside}{blanks}{_CELL}|{_CELL}{blanks}{beside}')
    quoted = (line for line in bare if '"' in line or _CELL in line)
    quoting = csv.QUOTE_NONE if any(map(stray.search, quoted)) else csv.QUOTE_MINIMAL
    return _Split(separator, _cells(lines, separator, most, quoting), short)


def _counts(lines: Sequence[str], separator: str) -> list[int]:
    """How often a separator stands in each line."""
    if separator in ("", " "):
        return [len(line.split()) - 1 if separator else 0 for line in lines]
    return [line.count(separator) for line in lines]


def _any_number(line: str) -> bool:
    return bool(re.search(r"(?<![\w.])[+-]?\.?[0-9]", line))


def _cells(
    lines: Sequence[str], separator: str, columns: int, quoting: Literal[0, 3]
) -> list[pd.Series]:
    """What pandas reads, column by column: texts, without blanks and quotes around them."""
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
    """The tables that cells may be: with a decimal point or comma, with a header or not."""
    # An empty column is a separator too many.
    cells = [c for k, c in enumerate(split.cells) if k == 0 or c.ne("").any()]
    first = [str(column.iloc[0]) for column in cells]
    commas = any(column.str.contains(",", regex=False).any() for column in cells)
    for decimal in ".," if commas else ".":
        numbers = [numbers_of(column, decimal) for column in cells]
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
    """Whether the first row is a header: both where it may be one or a row."""
    known = [bool(np.isfinite(column[0])) for column in numbers]
    names = [not k and f.lower() not in MISSING for f, k in zip(first, known, strict=True)]
    body = [2 * int(np.isfinite(column[1:]).sum()) >= len(column) for column in numbers]
    if any(name and b for name, b in zip(names, body, strict=True)):
        return [True]
    if not any(known):
        return [any(names)]
    return _numbered(first, numbers) if len(first) > 1 else [False]


def _numbered(first: list[str], numbers: list[Numbers]) -> list[bool]:
    """``0,1`` or ``,0,1`` above the numbers, as pandas names columns that have no names."""
    labels = first[1:] if first[0] == "" else first
    if labels != [str(i) for i in range(len(labels))]:
        years = [f for f in first[1:] if re.fullmatch(r"(1[5-9]|20)[0-9]{2}", f)]
        return [True, False] if len(years) > 1 and len(years) == len(first) - 1 else [False]
    rows = np.concatenate([column[1:] for column in numbers])
    whole = bool(np.all(rows[np.isfinite(rows)] % 1 == 0))
    return [True, False] if whole and first[0] != "" and len(rows) else [True]


def _share(table: Table) -> float:
    """The cells that are numbers, of those that say anything."""
    known = sum(column.known for column in table.columns)
    said = sum(column.said for column in table.columns)
    return known / said if said else 0.0
