"""Tables as text: which separator, which decimal mark, and whether the first line is a header.

pandas splits the cells; here is decided how it shall, from the whole text. Every separator that
stands equally often in (nearly) all lines is tried with both decimal marks, and what makes numbers
of most cells is taken. Where two ways do equally well and mean different numbers, both are kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

import numpy as np
import pandas as pd

from flowviz.scene.decimals import ascii_twins
from flowviz.scene.tables.table import MAX_COLUMNS, MISSING, Column, Table, numbers_of
from flowviz.text import Refusal

_SEPARATORS = ("\t", ";", "|", ",", " ", "")  # the earlier, the likelier
_ONE_COLUMN = "\x1f"  # parts nothing
_QUOTED = re.compile(r'"[^"]*"')
_DECLARED = re.compile(r"sep=(.)", re.IGNORECASE)
_FOOTER = re.compile(r"(Name: .*|dtype: .*|Length: .*|\[\d+ rows x \d+ columns\])")
_CONSISTENT = 0.8  # of the lines have the usual number of cells


@dataclass(frozen=True)
class _Split:
    """A text split at one separator: the cells of all lines as texts."""

    separator: str
    cells: pd.DataFrame
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
    splits = [split for s in separators if (split := _split(lines, s)) is not None]
    wide = [split for split in splits if split.cells.shape[1] >= least]
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
    lines = [line.strip(" \r\n\v\f") for line in text.splitlines()]
    lines = [x for x in lines if x.strip() and x[0] != "#" and not _FOOTER.fullmatch(x)]
    named = _DECLARED.fullmatch(lines[0].strip('"')) if lines else None
    return (lines[1:], named[1]) if named else (lines, None)


def _split(lines: Sequence[str], separator: str) -> _Split | None:
    """The lines split at a separator, unless it does not part them evenly."""
    bare = [_QUOTED.sub("q", line) for line in lines]
    counts = [len(x.split()) - 1 if separator == " " else x.count(separator) for x in bare]
    counts = [0] * len(bare) if not separator else counts
    usual, times = Counter(counts[1:] or counts).most_common(1)[0]
    if separator and (usual == 0 or times < _CONSISTENT * len(counts[1:] or counts)):
        return None
    most = max(counts) + 1
    if most > MAX_COLUMNS:
        raise Refusal("error.file.wide", n=most, limit=MAX_COLUMNS)
    # A header that is short by one leaves the row names nameless, as R writes tables.
    short = len(lines) > 1 and counts[0] == usual - 1 and not _any_number(lines[0])
    if short and usual == 1 and not bare[1].startswith("q"):
        return None
    if short:
        lines = [f'""{separator}{lines[0]}', *lines[1:]]
    return _Split(separator, _cells("\n".join(lines), separator, most), short)


def _any_number(line: str) -> bool:
    return bool(re.search(r"(?<![\w.])[+-]?\.?[0-9]", line))


def _cells(text: str, separator: str, columns: int) -> pd.DataFrame:
    """What pandas reads: every cell a text, without blanks and quotes around it."""
    by = {" ": r"\s+", "": _ONE_COLUMN}.get(separator, separator)
    for quoting in (0, 3):  # as usual; and for quotes that do not pair, as any character
        try:
            frame = pd.read_csv(
                StringIO(text),
                sep=by,
                header=None,
                names=list(range(columns)),
                index_col=False,
                dtype=str,
                na_filter=False,
                quoting=quoting,
                skipinitialspace=True,
            )
        except pd.errors.ParserError:
            continue
        return frame.apply(lambda column: column.str.strip(" \t\"'\u00a0"))
    raise Refusal("error.file.binary")


def _interpreted(split: _Split) -> Iterator[Table]:
    """The tables that cells may be: with a decimal point or comma, with a header or not."""
    cells = split.cells
    commas = any(cells[k].str.contains(",", regex=False).any() for k in cells)
    for decimal in ".," if commas else ".":
        numbers = {k: numbers_of(cells[k], decimal) for k in cells}
        for header in [True] if split.short_header else _headers(cells, numbers):
            start = int(header)
            columns = [
                Column(
                    cells[k].iloc[0] if header else "",
                    numbers[k][start:],
                    cells[k].iloc[start:].reset_index(drop=True),
                )
                for k in cells
                if k == 0 or (cells[k] != "").any()  # an empty column is a separator too many
            ]
            yield Table(tuple(columns), header, split.separator, decimal)


def _headers(cells: pd.DataFrame, numbers: dict[int, np.ndarray]) -> list[bool]:
    """Whether the first row is a header: both where it may be one or a row."""
    first = [str(cells[k].iloc[0]) for k in cells]
    known = [bool(np.isfinite(numbers[k][0])) for k in cells]
    if len(cells) == 1:
        words = not any(known) and first[0].lower() not in MISSING
        return [words]
    names = [not k and f.lower() not in MISSING for f, k in zip(first, known, strict=True)]
    body = [bool(np.isfinite(numbers[k][1:]).mean() >= 0.5) for k in cells]
    if any(name and b for name, b in zip(names, body, strict=True)):
        return [True]
    if not any(known):
        return [any(names)]
    return _numbered(first, numbers)


def _numbered(first: list[str], numbers: dict[int, np.ndarray]) -> list[bool]:
    """``0,1`` or ``,0,1`` above the numbers, as pandas names columns that have no names."""
    labels = first[1:] if first[0] == "" else first
    if labels != [str(i) for i in range(len(labels))]:
        years = [f for f in first[1:] if re.fullmatch(r"(1[5-9]|20)[0-9]{2}", f)]
        return [True, False] if len(years) > 1 and len(years) == len(first) - 1 else [False]
    rows = np.concatenate([column[1:] for column in numbers.values()])
    whole = bool(np.all(rows[np.isfinite(rows)] % 1 == 0))
    return [True, False] if whole and first[0] != "" and len(rows) else [True]


def _share(table: Table) -> float:
    """The cells that are numbers, of those that say anything: row by row the more, the better."""
    said = sum(int((~c.texts.str.lower().isin(MISSING)).sum()) for c in table.columns)  # pyright: ignore[reportOptionalMemberAccess]
    names = sum(c.known == 0 for c in table.columns)
    known = sum(c.known for c in table.columns)
    return known / said if said and names < len(table.columns) else 0.0
