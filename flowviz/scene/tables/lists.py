"""Lists of points as they are typed, with the readings that their marks allow.

In ``0,75`` the comma separates two positions or is a decimal mark, in ``1,234`` it may separate
thousands; so may the point in ``1.234``, and in ``1.234,5`` it does. A comma beside a space is
certain. A narrow space or an apostrophe in ``1'234`` separates thousands, and so may a space if all
points are separated by other marks. In ``1.2*10^3`` the star is a product or before a weight.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from flowviz.scene import point_parsing
from flowviz.scene.decimals import to_ascii
from flowviz.scene.point_parsing import MAX_TEXT, decimal_commas
from flowviz.scene.tables.table import LISTED, Column, Table
from flowviz.text import Refusal

_COMMA = re.compile(r"(?<=[0-9]),(?=[0-9])")
_NUMBER = re.compile(r"(?<![\w.])[\w.]*[0-9](?:,?[0-9])*")  # with what is before it
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}")

_SPACED = r"(?<![\w.,+-])[+-]?[1-9][0-9]{0,2}(?:%s[0-9]{3})+"
_NARROW = re.compile(_SPACED % "[\u00a0\u2009\u202f'’]" + r"(?!\w)")
_WIDE = re.compile(_SPACED % " " + r"(?![\w.]*[0-9])")
_MARKS = re.compile(r"[;\n*()\[\]]|,(?![0-9])")  # between numbers, whatever a comma means
_ITEM = re.compile(r"\s*(?:[^\s]*|[+-]?[1-9][0-9]{0,2}(?: [0-9]{3})+(?:[.,][0-9]+)?)\s*")

_POINTS = re.compile(r"(?<![\w.])[0-9]*\.[0-9.]*(?!\w)")  # numbers with points
_DOTTED = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_PRODUCT = re.compile(r"(?<=[0-9.])\s?\*\s?(?=10(?:\^|\*\*)\{?[+−-]?[0-9])")
_EUROPEAN = re.compile(r"(?<![\w.,])[1-9][0-9]{0,2}(?:\.[0-9]{3})+,[0-9]+(?![\w.,])")


def tables(text: str, d: int) -> list[Table]:
    """All lists of points that the text can be read as, that of its grammar first.

    Args:
        text: in the grammar of ``points`` or ``plane_points``.
        d: dimension of the points.

    Returns:
        The lists; empty for a text without points.

    Raises:
        Refusal: for a text that is too long or none; of its first reading.
    """
    if len(text) > MAX_TEXT:
        raise Refusal("error.points.text", n=len(text), limit=MAX_TEXT)
    found: list[tuple[_Reading, Table]] = []
    why: Refusal | None = None
    text = _NARROW.sub(_without_spaces, text)
    for reading in _readings(text, d):
        try:
            table = _table(reading, d)
        except Refusal as refusal:
            why = why or refusal
        else:
            found += [(reading, table)] if table is not None else []
    if why is not None and not found:
        raise why
    separated = len(text.split()) > 1
    asked = separated and (len(found) == 1 or any(reading.likely for reading, _ in found[1:]))
    return [replace(table, asked=asked) for _, table in found]


@dataclass(frozen=True)
class _Reading:
    """A text with one meaning of its marks.

    Attributes:
        text: in the grammar of points.
        decimal: the decimal mark that was written.
        likely: whether to ask if it is the one that is meant.
    """

    text: str
    decimal: str = "."
    likely: bool = True


def _readings(text: str, d: int) -> list[_Reading]:
    """The text with each meaning of its marks, as written first."""
    readings = _with_each_comma(text, d)
    if _may_be_grouped(text) and (grouped := _WIDE.sub(_without_spaces, text)) != text:
        readings += _with_each_comma(grouped, d)
    if (product := _PRODUCT.sub(lambda star: "×".center(len(star[0])), text)) != text:
        readings.insert(0, _Reading(product))
    return readings


def _with_each_comma(text: str, d: int) -> list[_Reading]:
    """The text with each meaning of its commas and points between digits."""
    if d == 1 and decimal_commas(text) != text:
        return [_Reading(text, ",")]
    readings = [_Reading(text)]  # as written, so that a refusal quotes it
    text = to_ascii(text)
    numbers = _NUMBER.findall(text)
    with_comma = [n for n in numbers if "," in n]
    if "." not in text and with_comma and all(n.count(",") < 2 for n in numbers):
        readings.append(_Reading(_COMMA.sub(".", text), ","))
    if with_comma and all(map(_GROUPED.fullmatch, with_comma)):
        readings.append(_Reading(_COMMA.sub("", text)))
    european = [n for n in numbers if "," in n or n.count(".") > 1]
    if european and all(map(_EUROPEAN.fullmatch, european)):
        readings.append(_Reading(_EUROPEAN.sub(_with_point, text), ","))
    elif (dotted := _POINTS.findall(text)) and all(map(_DOTTED.fullmatch, dotted)):
        # Three decimals are common, but not beside semicolons, nor zeros at the end of all.
        whole = _POINTS.sub(lambda number: number[0].replace(".", ""), text)
        if ";" in text or all(number.endswith("0") for number in dotted):
            readings.append(_Reading(whole, likely=";" in text))
    return readings


def _may_be_grouped(text: str) -> bool:
    """Whether every text between marks is one number, if spaces separate thousands."""
    items = [item for item in _MARKS.split(text) if item.strip()]
    return all(map(_ITEM.fullmatch, items))


def _without_spaces(match: re.Match[str]) -> str:
    return "".join(c for c in match[0] if not c.isspace() and c not in "'’")


def _with_point(match: re.Match[str]) -> str:
    return match[0].replace(".", "").replace(",", ".")


def _table(reading: _Reading, d: int) -> Table | None:
    rows = np.array(list(point_parsing.from_text(reading.text, d)))
    if not len(rows):
        return None
    columns = tuple(Column("", rows[:, k]) for k in range(d + 1))
    if np.all(rows[:, -1] == 1.0):
        columns = columns[:-1]
    return Table(columns, False, LISTED, reading.decimal)
