"""The meanings of the marks in a typed list of numbers.

In ``0,75`` the comma separates two numbers or is a decimal mark, in ``1,234`` it may separate
thousands; so may the point in ``1.234``, and in ``1.234,5`` it does. A comma beside a space is
certain. A narrow space or an apostrophe in ``1'234`` separates thousands, and so may a space if all
numbers are separated by other marks. In ``1.2*10^3`` the star is a product or before a weight.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flowviz.scene.decimals import to_ascii
from flowviz.scene.point_parsing import decimal_commas

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


@dataclass(frozen=True)
class Meaning:
    """A text with one meaning of its marks.

    Attributes:
        text: in the grammar of the list, with decimal points.
        decimal: the decimal mark that was written.
        likely: whether to ask if it is the one that is meant.
    """

    text: str
    decimal: str = "."
    likely: bool = True


def meanings(text: str, d: int = 1) -> list[Meaning]:
    """The text with each meaning of its marks, as written first.

    Args:
        text: a list of points or, for d = 1, of numbers.
        d: dimension of the points.
    """
    text = _NARROW.sub(_without_spaces, text)
    readings = _with_each_comma(text, d)
    if _may_be_grouped(text) and (grouped := _WIDE.sub(_without_spaces, text)) != text:
        readings += _with_each_comma(grouped, d)
    if (product := _PRODUCT.sub(lambda star: "×".center(len(star[0])), text)) != text:
        readings.insert(0, Meaning(product))
    return readings


def must_ask(text: str, found: Sequence[Meaning]) -> bool:
    """Whether to ask which of the meanings found in a text is meant, if there is another one.

    A single number, ``0,75``, is read as written, and the other meaning is offered.
    """
    separated = len(text.split()) > 1
    return separated and (len(found) == 1 or any(meaning.likely for meaning in found[1:]))


def _with_each_comma(text: str, d: int) -> list[Meaning]:
    """The text with each meaning of its commas and points between digits."""
    if d == 1 and decimal_commas(text) != text:
        return [Meaning(text, ",")]
    readings = [Meaning(text)]  # as written, so that a refusal quotes it
    text = to_ascii(text)
    numbers = _NUMBER.findall(text)
    with_comma = [n for n in numbers if "," in n]
    if "." not in text and with_comma and all(n.count(",") < 2 for n in numbers):
        readings.append(Meaning(_COMMA.sub(".", text), ","))
    if with_comma and all(map(_GROUPED.fullmatch, with_comma)):
        readings.append(Meaning(_COMMA.sub("", text)))
    european = [n for n in numbers if "," in n or n.count(".") > 1]
    if european and all(map(_EUROPEAN.fullmatch, european)):
        readings.append(Meaning(_EUROPEAN.sub(_with_point, text), ","))
    elif (dotted := _POINTS.findall(text)) and all(map(_DOTTED.fullmatch, dotted)):
        # Three decimals are common, but not beside semicolons, nor zeros at the end of all.
        whole = _POINTS.sub(lambda number: number[0].replace(".", ""), text)
        if ";" in text or all(number.endswith("0") for number in dotted):
            readings.append(Meaning(whole, likely=";" in text))
    return readings


def _may_be_grouped(text: str) -> bool:
    """Whether every text between marks is one number, if spaces separate thousands."""
    items = [item for item in _MARKS.split(text) if item.strip()]
    return all(map(_ITEM.fullmatch, items))


def _without_spaces(match: re.Match[str]) -> str:
    return "".join(c for c in match[0] if not c.isspace() and c not in "'’")


def _with_point(match: re.Match[str]) -> str:
    return match[0].replace(".", "").replace(",", ".")
