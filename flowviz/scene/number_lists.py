"""Lists of numbers as they are typed for a parameter, with the readings that their marks allow.

They are read as lists of points are: ``0,5; 0,5`` has decimal commas, ``0,5 0,5`` is asked about,
and of ``0,75`` the other meaning is offered.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowviz.scene.decimals import decimal_text
from flowviz.scene.list_marks import Meaning, meanings, must_ask
from flowviz.scene.parameters import Spec, Value
from flowviz.scene.point_parsing import MAX_TEXT
from flowviz.scene.tables import printed
from flowviz.text import Message, Refusal

QUESTION = "read.ask"  # the key of the refusal that asks which reading is meant


@dataclass(frozen=True)
class NumberList:
    """One way to read a list.

    Attributes:
        values: the numbers, valid for the parameter.
        decimal: the decimal mark that was written.
    """

    values: tuple[float, ...]
    decimal: str = "."

    @property
    def text(self) -> str:
        """The numbers in their canonical form, which has one reading."""
        return ", ".join(map(decimal_text, self.values))

    @property
    def message(self) -> Message:
        """A sentence on what was read."""
        n = Message("read.numbers", n=len(self.values))
        message = Message("read.listed", n=n, points=self.text)
        return Message("read.comma", said=message) if self.decimal == "," else message


@dataclass(frozen=True)
class ListReading:
    """All ways to read a list.

    Attributes:
        ways: at least one, the likeliest first.
        asked: whether one of them must be chosen.
    """

    ways: tuple[NumberList, ...]
    asked: bool = False

    @property
    def certain(self) -> bool:
        """Whether it has one meaning, with decimal points."""
        return len(self.ways) == 1 and self.ways[0].decimal == "."


def read(text: str, spec: Spec) -> ListReading:
    """Read a list of numbers.

    Args:
        text: as typed or pasted; Python's lists in brackets are read, too.
        spec: the parameter, whose range and number of values exclude readings.

    Raises:
        Refusal: if there is no reading; of the text as written.
    """
    if len(text) > MAX_TEXT:
        raise Refusal("error.points.text", n=len(text), limit=MAX_TEXT)
    if (values := _printed(text)) is not None:
        return ListReading((NumberList(_tuple(spec.canonical(values))),))
    found: list[tuple[Meaning, NumberList]] = []
    why: Refusal | None = None
    possible = meanings(text)
    for meaning in possible:
        try:
            way = NumberList(_tuple(spec.read(meaning.text)), meaning.decimal)
        except Refusal as refusal:
            why = why or refusal
        else:
            if way.values not in [other.values for _, other in found]:
                found.append((meaning, way))
    if why is not None and not found:
        raise why
    asked = len(found) > 1 and must_ask(possible[0].text, [meaning for meaning, _ in found])
    return ListReading(tuple(way for _, way in found), asked)


def value(text: str, spec: Spec) -> tuple[float, ...]:
    """The numbers of a list with one reading, or one that is likelier than all others.

    Raises:
        Refusal: if there is none, or to ask which is meant.
    """
    reading = read(text, spec)
    if reading.asked:
        raise Refusal(QUESTION)
    return reading.ways[0].values


def _tuple(value: Value) -> tuple[float, ...]:
    assert isinstance(value, tuple)
    return value


def _printed(text: str) -> list[float] | None:
    """The numbers of a printed list; None for any other text."""
    table = printed.table(text)
    if table is None or min(table.rows, len(table.columns)) > 1:
        return None
    return [float(value) for column in table.columns for value in column.numbers]
