"""The forms that weighted points come in: typed text, table rows, a CSV file.

Each reader yields (position, weight) pairs, or (x, y, weight) for the plane, on the grid and
within the limits below, and refuses the first thing it cannot read: quoting it, saying where it
stood and what is accepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from numbers import Real
from typing import NamedTuple

from flowviz.grid import ascii_twins, decimal, snap
from flowviz.text import Message, Refusal, excerpt

MAX_POINTS = 2_000
MAX_PLANE_POINTS = 5_000
MAX_POSITION = 10_000
MIN_WEIGHT, MAX_WEIGHT = 1e-6, 1e6
MAX_TEXT = 200_000  # characters
MAX_FILE = 1_000_000  # bytes

Pairs = Iterator[tuple[float, float]]
Triples = Iterator[tuple[float, float, float]]

_TOKEN = re.compile(r"\*|[^\s,;*]+")
_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9])")
_PLANE_TOKEN = re.compile(r"[*()\[\]]|[^\s,;*()\[\]]+")
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf(?:inity)?|∞)", re.IGNORECASE)
_UNICODE_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Place(NamedTuple):
    """Where a value stood: the 7th character, line, row or point. Put in words only when needed."""

    kind: str
    n: int


def position(value: float, place: Place) -> float:
    """The position on the grid.

    Raises:
        Refusal: when it is not finite or beyond ±10,000.
    """
    snapped = snap(value)
    if abs(snapped) <= MAX_POSITION:
        return snapped
    kind = "range" if abs(value) < float("inf") else "finite"
    raise _refusal(kind, f"{value:g}", place, limit=MAX_POSITION)


def weight(value: float, place: Place) -> float:
    """The weight on the grid.

    Raises:
        Refusal: when it is not finite, not positive, or outside 1e-6 … 1e6.
    """
    snapped = snap(value)
    if MIN_WEIGHT <= snapped <= MAX_WEIGHT:
        return snapped
    raise _refusal("weight", f"{value:g}", place, low="0.000001", high="1,000,000")


def from_text(text: str) -> Pairs:
    """Read the text form; the grammar is in ``points``. Time is proportional to the length.

    Raises:
        Refusal: for a text of over 200,000 characters, or naming the first token that is wrong.
    """
    if len(text) > MAX_TEXT:
        raise Refusal("error.points.text", n=len(text), limit=MAX_TEXT)
    x: float | None = None  # a position that may yet get a weight
    star: Place | None = None  # the place of a * that waits for its weight
    for match in _TOKEN.finditer(ascii_twins(_decimal_commas(text))):
        token, place = match[0], Place("column", match.start() + 1)
        if token == "*":
            if x is None or star:
                raise _refusal("star", token, place)
            star = place
        elif star and x is not None:
            yield x, weight(_number(token, place), place)
            x = star = None
        else:
            if x is not None:
                yield x, 1.0
            x = position(_number(token, place), place)
    if star:
        raise _refusal("star", "*", star)
    if x is not None:
        yield x, 1.0


def _decimal_commas(text: str) -> str:
    """``0,5; 1,2`` with decimal points, as the files of half of Europe mean it.

    Only where it can mean nothing else: semicolons part the points, every comma stands between two
    digits, and there is no decimal point.
    """
    commas = text.count(",")
    if ";" not in text or "." in text or commas != len(_COMMA.findall(text)):
        return text
    return text.replace(",", ".")


def plane_from_text(text: str) -> Triples:
    """Read the plane's text form; the grammar is in ``plane_points``.

    Raises:
        Refusal: for a text of over 200,000 characters, or naming the first token that is wrong.
    """
    if len(text) > MAX_TEXT:
        raise Refusal("error.points.text", n=len(text), limit=MAX_TEXT)
    inside: list[float] | None = None  # the coordinates since the last opening bracket
    whole: tuple[float, float] | None = None  # a position that may yet get a weight
    star: Place | None = None  # the place of a * that waits for its weight
    place = Place("column", 1)
    for match in _PLANE_TOKEN.finditer(ascii_twins(text)):
        token, place = match[0], Place("column", match.start() + 1)
        if star and whole and token not in "*()[]":
            yield *whole, weight(_number(token, place, "pair"), place)
            whole = star = None
        elif token == "*" and whole and not star:
            star = place
        elif token in "([" and inside is None and not star:
            if whole is not None:
                yield *whole, 1.0
            inside, whole = [], None
        elif token in ")]" and inside is not None and len(inside) == 2:
            whole, inside = (inside[0], inside[1]), None
        elif token not in "*()[]" and inside is not None and len(inside) < 2:
            inside.append(position(_number(token, place, "pair"), place))
        else:
            raise _refusal("pair", token, place)
    if star or inside is not None:
        raise _refusal("pair", "*" if star else "(", star or place)
    if whole is not None:
        yield *whole, 1.0


def from_rows(rows: Iterable[Sequence[object]]) -> Pairs:
    """Read (position, weight) rows; a row without a position is passed over, no weight is 1.

    Raises:
        Refusal: naming the first cell that is wrong, and its row.
    """
    for n, row in enumerate(rows, start=1):
        place = Place("row", n)
        x, w = (_cell(row[i], place) if i < len(row) else None for i in (0, 1))
        if x is not None:
            yield position(x, place), 1.0 if w is None else weight(w, place)


def plane_from_rows(rows: Iterable[Sequence[object]]) -> Triples:
    """Read (x, y, weight) rows; a row without both coordinates is passed over, no weight is 1.

    Raises:
        Refusal: naming the first cell that is wrong, and its row.
    """
    for n, row in enumerate(rows, start=1):
        place = Place("row", n)
        x, y, w = (_cell(row[i], place) if i < len(row) else None for i in range(3))
        if x is not None and y is not None:
            yield position(x, place), position(y, place), 1.0 if w is None else weight(w, place)


def from_csv(data: bytes) -> Pairs:
    """Read a file of one or two columns, with a header or not.

    Raises:
        Refusal: for a file over 1 MB, not text, of more columns, or naming the first cell that is
            wrong, and its line.
    """
    for (x, w), place in _csv_rows(data, columns=2):
        if x is None:
            raise Refusal("error.file.position", where=_words(place))
        yield position(x, place), 1.0 if w is None else weight(w, place)


def plane_from_csv(data: bytes) -> Triples:
    """Read a file of two or three columns, x, y[, weight], with a header or not.

    Raises:
        Refusal: as ``from_csv``.
    """
    for (x, y, w), place in _csv_rows(data, columns=3):
        if x is None or y is None:
            raise Refusal("error.file.position.plane", where=_words(place))
        yield position(x, place), position(y, place), 1.0 if w is None else weight(w, place)


def _csv_rows(data: bytes, columns: int) -> Iterator[tuple[list[float | None], Place]]:
    """The rows of a file with at most so many columns, each with its line; the last is a weight."""
    line_only = columns == 2
    if len(data) > MAX_FILE:
        key = "error.file.size" if line_only else "error.file.size.plane"
        rows = MAX_POINTS if line_only else MAX_PLANE_POINTS
        raise Refusal(key, n=len(data), limit=MAX_FILE, rows=rows)
    lines = [line.rstrip() for line in _decoded(data).splitlines()]
    used = [(n, line) for n, line in enumerate(lines, start=1) if not line.startswith("#")]
    separator = next((s for s in ";\t" if any(s in line for _, line in used)), ",")
    first = True
    for n, line in used:
        cells, place = _cells(line, separator), Place("line", n)
        if not cells:
            continue
        if len(cells) > columns:
            key = "error.file.columns" if line_only else "error.file.columns.plane"
            raise Refusal(key, n=len(cells), where=_words(place))
        header = first and not any(map(_number_like, cells))
        first = False
        if not header:
            yield [_cell(cell, place) for cell in [*cells, "", ""][:columns]], place


def _cells(line: str, separator: str) -> list[str]:
    """The cells of a line, quotes off, without the empty ones that trail."""
    if separator != ",":
        line = line.replace(",", ".")  # where commas do not part the columns, they part decimals
    elif "," not in line:
        line = ",".join(line.split())
    cells = [cell.strip(" \t\"'") for cell in line.split(separator)]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _cell(value: object, place: Place) -> float | None:
    """A number, or None for an empty cell, which data frames write as NaN."""
    if isinstance(value, Real):
        return None if value != value else float(value)
    text = "" if value is None else str(value).strip()
    return _number(text, place) if text else None


def _number(token: str, place: Place, otherwise: str = "letters") -> float:
    value = decimal(token)
    if value is None:
        kind = "finite" if _NOT_FINITE.fullmatch(token) else otherwise
        raise _refusal(kind, token, place, limit=MAX_POSITION)
    return value


def _number_like(cell: str) -> bool:
    return decimal(cell) is not None or _NOT_FINITE.fullmatch(cell) is not None


def _decoded(data: bytes) -> str:
    """The text of a file, in the encodings that spreadsheets write."""
    marked = data.startswith(_UNICODE_MARKS)
    for encoding in ["utf-16"] if marked else ["utf-8-sig", "gb18030", "latin-1"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Refusal("error.file.binary")


def _refusal(kind: str, token: str, place: Place, **values: object) -> Refusal:
    where = _words(place)
    return Refusal(f"error.points.{kind}", token=excerpt(token), where=where, **values)


def _words(place: Place) -> Message:
    return Message(f"where.{place.kind}", n=place.n)
