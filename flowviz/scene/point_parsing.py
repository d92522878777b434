"""The forms that people write weighted points in: typed text and table rows.

Each reader yields rows (x, weight) on the line, (x, y, weight) in the plane, within the limits
below, and refuses the first thing it cannot read: quoting it, saying where it stood and what is
accepted. Files and pasted tables are read in ``tables``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from numbers import Real
from typing import NamedTuple

from flowviz.scene.decimals import ascii_twins, decimal
from flowviz.text import Message, Refusal, excerpt

MOST = {1: 2_000, 2: 5_000}  # points on the line, in the plane
MAX_POSITION = 1_000_000
MIN_WEIGHT, MAX_WEIGHT = 1e-6, 1e6
MAX_TEXT = 200_000  # characters
MAX_FILE = 1_000_000  # bytes

Row = tuple[float, ...]
Rows = Iterator[Row]

_TOKEN = re.compile(r"\*|[^\s,;*]+")
_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9])")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+\.[0-9]*|(?:,[0-9]{3}){2,})")
_EITHER = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
_PLANE_TOKEN = re.compile(r"[*()\[\]]|[^\s,;*()\[\]]+")
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf(?:inity)?|∞)", re.IGNORECASE)
_UNICODE_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Place(NamedTuple):
    """Where a value stood: the 7th character, line, row or point. Put in words only when needed."""

    kind: str
    n: int


def position(value: float, place: Place) -> float:
    """The position, if it is accepted.

    Raises:
        Refusal: when it is not finite or beyond ±1,000,000.
    """
    if abs(value) <= MAX_POSITION:
        return value
    kind = "range" if abs(value) < float("inf") else "finite"
    raise _refusal(kind, f"{value:g}", place, limit=MAX_POSITION)


def weight(value: float, place: Place) -> float:
    """The weight, if it is accepted.

    Raises:
        Refusal: when it is not finite, not positive, or outside 1e-6 … 1e6.
    """
    if MIN_WEIGHT <= value <= MAX_WEIGHT:
        return value
    raise _refusal("weight", f"{value:g}", place, low="0.000001", high="1,000,000")


def keyed(key: str, d: int) -> str:
    """The words of this key, those of the plane where d = 2."""
    return key if d == 1 else f"{key}.plane"


def from_text(text: str, d: int) -> Rows:
    """Read the text form in d dimensions; the grammars are in ``points`` and ``plane_points``.

    Time is proportional to the length.

    Raises:
        Refusal: for a text of over 200,000 characters, or naming the first token that is wrong.
    """
    if len(text) > MAX_TEXT:
        raise Refusal("error.points.text", n=len(text), limit=MAX_TEXT)
    return _line_text(text) if d == 1 else _plane_text(text)


def _line_text(text: str) -> Rows:
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


def _plane_text(text: str) -> Rows:
    opened: Place | None = None  # the place of a bracket that is not closed yet
    inside: list[float] = []  # the coordinates since then
    whole: Row | None = None  # a position that may yet get a weight
    star: Place | None = None  # the place of a * that waits for its weight
    for match in _PLANE_TOKEN.finditer(ascii_twins(text)):
        token, place = match[0], Place("column", match.start() + 1)
        if star and whole and token not in "*()[]":
            yield *whole, weight(_number(token, place, "pair"), place)
            whole = star = None
        elif star or (token == "*" and whole is None and opened is None):
            raise _refusal("star.plane", "*", star or place)
        elif token == "*" and whole:
            star = place
        elif token in "([" and opened is None:
            if whole is not None:
                yield *whole, 1.0
            opened, inside, whole = place, [], None
        elif token in ")]" and opened and len(inside) == 2:
            opened, whole = None, tuple(inside)
        elif token not in "*()[]" and opened and len(inside) < 2:
            inside.append(position(_number(token, place, "pair"), place))
        elif token in "([*" and opened and inside:
            raise _refusal("open", text[opened.n - 1], opened)
        else:
            raise _refusal("pair", token, place)
    if opened:
        raise _refusal("open", text[opened.n - 1], opened)
    if star:
        raise _refusal("star.plane", "*", star)
    if whole is not None:
        yield *whole, 1.0


def from_rows(rows: Iterable[Sequence[object]], d: int) -> Rows:
    """Read rows of d coordinates and a weight; one that lacks a coordinate is passed over, no
    weight is 1.

    Raises:
        Refusal: naming the first cell that is wrong, and its row.
    """
    for n, row in enumerate(rows, start=1):
        place = Place("row", n)
        cells = [_cell(row[i], place) if i < len(row) else None for i in range(d + 1)]
        if (read := _row(cells, place)) is not None:
            yield read


def _row(cells: Sequence[float | None], place: Place) -> Row | None:
    """Coordinates and weight, checked; None if a coordinate is missing."""
    *at, w = cells
    whole = [position(x, place) for x in at if x is not None]
    if len(whole) < len(at):
        return None
    return *whole, 1.0 if w is None else weight(w, place)


def _cell(value: object, place: Place) -> float | None:
    """A number, or None for an empty cell, which data frames write as NaN."""
    if isinstance(value, Real):
        return None if value != value else float(value)
    text = ascii_twins("" if value is None else str(value).strip())
    return _number(_with_point(text, place), place) if text else None


def _with_point(text: str, place: Place) -> str:
    """A cell's number with a decimal point: ``0,75`` is 0.75, ``1,234.5`` is 1234.5.

    Raises:
        Refusal: for ``1,234``, which may be 1.234 or 1234.
    """
    if _GROUPED.fullmatch(text):
        return text.replace(",", "")
    if _EITHER.fullmatch(text):
        point, none = text.replace(",", "."), text.replace(",", "")
        raise _refusal("comma", text, place, point=point, none=none)
    return text.replace(",", ".") if text.count(",") == 1 and "." not in text else text


def _number(token: str, place: Place, otherwise: str = "letters") -> float:
    value = decimal(token)
    if value is None:
        kind = "finite" if _NOT_FINITE.fullmatch(token) else otherwise
        raise _refusal(kind, token, place, limit=MAX_POSITION)
    return value


def decoded(data: bytes) -> str:
    """The text of a file, in the encodings that spreadsheets write.

    Raises:
        Refusal: for what is no text.
    """
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
