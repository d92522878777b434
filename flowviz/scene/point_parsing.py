"""Parsing of weighted points: typed text and table rows.

Each reader yields rows (x, weight, label) on the line, (x, y, weight, label) in the plane, within
the limits below, and refuses the first token it cannot read: quoting it, with its location and what
is accepted. A label is 0 for none, or the number of its letter. Files and pasted tables are read in
``tables``.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from numbers import Real
from typing import NamedTuple

from flowviz.scene.decimals import (
    decimal_text,
    numerals,
    parse_decimal,
    snap_fine,
    to_ascii,
    to_float,
)
from flowviz.text import Message, Refusal, excerpt

MAX_POINTS = {1: 2_000, 2: 5_000}  # points on the line, in the plane
MAX_POSITION = 1_000_000
MIN_WEIGHT, MAX_WEIGHT = 1e-6, 1e6
MAX_TEXT = 200_000  # characters
MAX_FILE = 1_000_000  # bytes
LABELS = "abcdef"  # of classes: as many as have colours that anyone can tell apart

Row = tuple[float, ...]
Rows = Iterator[Row]

_TOKEN = re.compile(r"\*|@?[^\s,;*@]+|@")
_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9])")
_GROUPED = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+\.[0-9]*|(?:,[0-9]{3}){2,})")
_EITHER = re.compile(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}")
_PLANE_TOKEN = re.compile(r"[*()\[\]]|@?[^\s,;*@()\[\]]+|@")
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf(?:inity)?|∞)", re.IGNORECASE)
_NUMERAL = r"[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
_FRACTION = re.compile(rf"({_NUMERAL})/({_NUMERAL})")
_POWER = re.compile(rf"({_NUMERAL})([⁻]?)([⁰¹²³⁴⁵⁶⁷⁸⁹]{{1,2}})")
_RANGE = re.compile(rf"{_NUMERAL}(?:\.{{2,3}}|…|[-~]){_NUMERAL}")
_UNICODE_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Location(NamedTuple):
    """The location of a value, for messages: the n-th ``column``, ``row`` or ``point``."""

    kind: str
    n: int


def position(value: float, location: Location, written: str = "") -> float:
    """The position, if it is valid.

    Args:
        value: the position.
        location: of it, for the message.
        written: the text of the value, to be quoted; "" for one that is not from a text.

    Raises:
        Refusal: when it is not finite or beyond ±1,000,000.
    """
    if abs(value) <= MAX_POSITION:
        return value
    kind = "range" if written or abs(value) < float("inf") else "finite"
    raise _refusal(kind, written or f"{value:g}", location, limit=MAX_POSITION)


def weight(value: float, location: Location, written: str = "") -> float:
    """The weight, if it is valid; the arguments are those of `position`.

    Raises:
        Refusal: when it is not finite, not positive, or outside 1e-6 … 1e6.
    """
    if MIN_WEIGHT <= value <= MAX_WEIGHT:
        return value
    quoted = written or f"{value:g}"
    raise _refusal("weight", quoted, location, low="0.000001", high="1,000,000")


def label(value: object, location: Location, written: str = "") -> int:
    """The number of a label, if it is valid: of a letter, or that number itself.

    Raises:
        Refusal: when it is no label; the arguments are those of `position`.
    """
    if isinstance(value, str):
        letter = value.removeprefix("@").lower()
        if len(letter) == 1 and letter in LABELS:
            return LABELS.index(letter) + 1
    elif isinstance(value, Real) and to_float(value) in range(len(LABELS) + 1):
        return round(to_float(value))
    raise _refusal("label", written or str(value), location)


def text_key(key: str, d: int) -> str:
    """The text key for d dimensions: ``<key>.plane`` for d = 2."""
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


class _Item:
    """A point while its marks are read: ``position``, then ``*weight`` and ``@label``."""

    def __init__(self, position: Row) -> None:
        self.position = position
        self.weight: float | None = None
        self.label = 0
        self.star: Location | None = None  # of a * whose weight has not been read yet

    @property
    def row(self) -> Row:
        """Coordinates, weight and label."""
        return *self.position, 1.0 if self.weight is None else self.weight, self.label

    def take_label(self, token: str, location: Location, written: str) -> None:
        """Read a label; refused where there is one already, or a weight is missing."""
        number = label(token, location, written)
        if self.label or self.star:
            raise _refusal("label", written, location)
        self.label = number


def _line_text(text: str) -> Rows:
    item: _Item | None = None  # a position whose weight or label may follow
    for match in _TOKEN.finditer(numerals(decimal_commas(text))):
        token, location = match[0], Location("column", match.start() + 1)
        written = text[match.start() : match.end()]
        if token.startswith("@"):
            if item is None:
                raise _refusal("label", written, location)
            item.take_label(token, location, written)
        elif token == "*":
            if item is None or item.star or item.weight is not None:
                raise _refusal("star", token, location)
            item.star = location
        elif item and item.star:
            item.weight = weight(_number(token, location, written), location, written)
            item.star = None
        else:
            if item:
                yield item.row
            item = _Item((position(_number(token, location, written), location, written),))
    if item and item.star:
        raise _refusal("star", "*", item.star)
    if item:
        yield item.row


def decimal_commas(text: str) -> str:
    """``0,5; 1,2`` with decimal points.

    Only where it is unambiguous: semicolons separate the points, every comma is between two digits,
    and there is no decimal point.
    """
    commas = text.count(",")
    if ";" not in text or "." in text or commas != len(_COMMA.findall(text)):
        return text
    return text.replace(",", ".")


def _plane_text(text: str) -> Rows:
    opened: Location | None = None  # of an open bracket
    inside: list[float] = []  # the coordinates since the open bracket
    item: _Item | None = None  # a position whose weight or label may follow
    for match in _PLANE_TOKEN.finditer(numerals(text)):
        token, location = match[0], Location("column", match.start() + 1)
        written = text[match.start() : match.end()]
        if token.startswith("@"):
            if item is None:
                raise _refusal("label", written, location)
            item.take_label(token, location, written)
        elif item and item.star and token not in "*()[]":
            value = _number(token, location, written, "pair")
            item.weight, item.star = weight(value, location, written), None
        elif (item and item.star) or (token == "*" and item is None and opened is None):
            raise _refusal("star.plane", "*", item.star if item and item.star else location)
        elif token == "*" and item and item.weight is None:
            item.star = location
        elif token in "([" and opened is None:
            if item:
                yield item.row
            opened, inside, item = location, [], None
        elif token in ")]" and opened and len(inside) == 2:
            opened, item = None, _Item(tuple(inside))
        elif token not in "*()[]" and opened and len(inside) < 2:
            value = _number(token, location, written, "pair")
            inside.append(position(value, location, written))
        else:
            raise _misplaced(token, location, written, text, opened, inside)
    if opened:
        raise _refusal("open", text[opened.n - 1], opened)
    if item and item.star:
        raise _refusal("star.plane", "*", item.star)
    if item:
        yield item.row


def _misplaced(
    token: str,
    location: Location,
    written: str,
    text: str,
    opened: Location | None,
    inside: Sequence[float],
) -> Refusal:
    """Why a token is in the wrong place."""
    if token in "([*" and opened and inside:
        return _refusal("open", text[opened.n - 1], opened)
    if token == "*" and opened is None:
        return _refusal("star.plane", "*", location)
    if token not in "*()[]" and opened is None:
        _number(token, location, written, "pair")
        return _refusal("brackets", written, location)
    return _refusal("pair", written, location)


def from_rows(rows: Iterable[Sequence[object]], d: int) -> Rows:
    """Read rows of d coordinates, a weight, 1 by default, and a label, none by default.

    Rows without all coordinates are skipped.

    Raises:
        Refusal: naming the first cell that is wrong, and its row.
    """
    for n, row in enumerate(rows, start=1):
        location = Location("row", n)
        cells = [_cell(row[i], location) if i < len(row) else _EMPTY for i in range(d + 1)]
        if (read := _row(cells, location)) is not None:
            yield *read, _label_cell(row[d + 1] if len(row) > d + 1 else None, location)


def _label_cell(value: object, location: Location) -> int:
    """A label's cell; a data frame writes NaN for an empty one."""
    if isinstance(value, Real):
        return 0 if value != value else label(value, location)
    written = "" if value is None else str(value).strip()
    return label(to_ascii(written), location, written) if written else 0


class _Cell(NamedTuple):
    """A cell's number, None if it is empty, and its text, "" if it is not one."""

    number: float | None
    written: str = ""


_EMPTY = _Cell(None)


def _row(cells: Sequence[_Cell], location: Location) -> Row | None:
    """Coordinates and weight, checked; None if a coordinate is missing."""
    *at, w = cells
    coordinates = [position(x, location, text) for x, text in at if x is not None]
    if len(coordinates) < len(at):
        return None
    return *coordinates, 1.0 if w.number is None else weight(w.number, location, w.written)


def _cell(value: object, location: Location) -> _Cell:
    """A cell of a data frame, which writes NaN for an empty one."""
    if isinstance(value, Real):
        return _EMPTY if value != value else _Cell(to_float(value))
    written = "" if value is None else str(value).strip()
    text = numerals(written)
    return (
        _Cell(_number(_with_point(text, location), location, written, "cell"), written)
        if text
        else _EMPTY
    )


def _with_point(text: str, location: Location) -> str:
    """A cell's number with a decimal point: ``0,75`` is 0.75, ``1,234.5`` is 1234.5.

    Raises:
        Refusal: for ``1,234``, which may be 1.234 or 1234.
    """
    if _GROUPED.fullmatch(text):
        return text.replace(",", "")
    if _EITHER.fullmatch(text):
        point, none = text.replace(",", "."), text.replace(",", "")
        raise _refusal("comma", text, location, point=point, none=none)
    return text.replace(",", ".") if text.count(",") == 1 and "." not in text else text


def _number(token: str, location: Location, written: str, otherwise: str = "letters") -> float:
    value = parse_decimal(token)
    if value is not None:
        return value
    if _NOT_FINITE.fullmatch(token):
        raise _refusal("finite", written, location, limit=MAX_POSITION)
    fraction = _FRACTION.fullmatch(token)
    if fraction and float(fraction[2]):
        quotient = decimal_text(snap_fine(float(fraction[1]) / float(fraction[2])))
        raise _refusal("fraction", written, location, value=quotient)
    if (power := _power(token)) is not None:
        raise _refusal("power", written, location, value=decimal_text(power))
    raise _refusal("span" if _RANGE.fullmatch(token) else otherwise, written, location)


def _power(token: str) -> float | None:
    """The value of ``2²`` if it can be a position."""
    if (found := _POWER.fullmatch(token)) is None:
        return None
    base, exponent = abs(float(found[1])), int(unicodedata.normalize("NFKC", found[3]))
    if not base or exponent * abs(math.log10(base)) > math.log10(MAX_POSITION):
        return None
    power = base ** (-exponent if found[2] else exponent)
    return snap_fine(-power if found[1].startswith("-") else power)


def decoded(data: bytes) -> str:
    """The text of a file in one of the encodings of spreadsheets.

    Raises:
        Refusal: for a binary file.
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


def _refusal(kind: str, token: str, location: Location, **values: object) -> Refusal:
    where = Message(f"where.{location.kind}", n=location.n)
    return Refusal(f"error.points.{kind}", token=excerpt(token), where=where, **values)
