"""Whether the first row of a table is a header, and which of its names are missing."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from flowviz.scene.tables.lines import CELL
from flowviz.scene.tables.roles import has_role, is_label
from flowviz.scene.tables.table import MISSING, Numbers

_FRACTIONAL = re.compile(r"[+-]?[0-9]*\.[0-9]*")  # no name of a row
_WHOLE = re.compile(r"[0-9]{1,15}")


def headers(first: list[str], numbers: list[Numbers]) -> list[bool]:
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
    """`headers` for a first row ``0,1`` or ``,0,1``, pandas' default names, or of years."""
    labels = first[1:] if first[0] == "" else first
    if labels != [str(i) for i in range(len(labels))]:
        years = [f for f in first[1:] if re.fullmatch(r"(1[5-9]|20)[0-9]{2}", f)]
        return [True, False] if len(years) > 1 and len(years) == len(first) - 1 else [False]
    rows = np.concatenate([column[1:] for column in numbers])
    integers = bool(np.all(rows[np.isfinite(rows)] % 1 == 0))
    return [True, False] if integers and first[0] != "" and len(rows) else [True]


def short_headers(
    unquoted: Sequence[str],
    separator: str,
    counts: list[int],
    filled: list[int],
    most_frequent: int,
) -> list[bool]:
    """Whether the header is one of R, without a name for row names; both if that is unclear."""
    if counts[0] != most_frequent - 1 or not _lacks_a_name(unquoted, filled):
        return [False]
    found = _first_names(unquoted, separator)
    if True in found and most_frequent == 1 and not _have_row_names(unquoted[1:], separator):
        return []
    return found


def _lacks_a_name(unquoted: Sequence[str], filled: list[int]) -> bool:
    """Whether the first line is a header with fewer cells than others have."""
    return len(unquoted) > 1 and max(filled[1:]) > filled[0] and not any_number(unquoted[0])


def _first_names(unquoted: Sequence[str], separator: str) -> list[bool]:
    """Whether a header that is a cell short lacks its first name: True, False or both.

    Row names are words or numbers of rows. If the last cells are words, a last name that is one of
    numbers is not theirs.
    """
    split = separator if separator.strip() else None
    rows = [[cell.strip() for cell in line.split(split)] for line in unquoted]
    names, first = rows[0], [row[0] for row in rows[1:]]
    words = not any(any_number(row[-1]) for row in rows[1:])
    if not all(map(_WHOLE.fullmatch, first)):
        return [not (words and _FRACTIONAL.fullmatch(first[0]))]
    numbered = [int(cell) - int(first[0]) for cell in first] == list(range(len(first)))
    if words and has_role(names[-1]):
        return [is_label(names[-1])]
    if separator == " " or (numbered and not words and int(first[0]) < 2):
        return [True]
    return [True, False]


def _have_row_names(unquoted: Sequence[str], separator: str) -> bool:
    """Whether the lines begin with a quoted name each, or with 0, 1, 2, … before spaces."""
    numbers = separator == " " and all(line.split()[0] == str(k) for k, line in enumerate(unquoted))
    return numbers or unquoted[0].startswith(CELL)


def any_number(line: str) -> bool:
    """Whether a number begins anywhere in a line, not within a word."""
    return bool(re.search(r"(?<![\w.])[+-]?\.?[0-9]", line))
