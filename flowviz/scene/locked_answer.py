"""What a reader locked in answer to a link's question, as it stands in the link: ``4f3a9c1b(0.5)``.

The question is named by its digest, so that an answer is not judged by another scene than its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import PlainValidator

from flowviz.scene.decimals import decimal_text, parse_decimal, snap_fine, to_ascii, to_float
from flowviz.scene.lesson_answers import LARGEST
from flowviz.text import Refusal, excerpt

MOST = 2
"""Numbers of an answer."""

_FORM = re.compile(r"([0-9a-f]{8})\(([^()]*)\)")


@dataclass(frozen=True)
class LockedAnswer:
    """The numbers that were locked; none where the truth is shown without an answer.

    ``question`` is the digest of what was asked; empty in a link that does not say it.
    """

    numbers: tuple[float, ...] = ()
    question: str = ""

    def __post_init__(self) -> None:
        numbers = tuple(snap_fine(float(number)) for number in self.numbers)
        object.__setattr__(self, "numbers", numbers)  # as the link gives them back

    @property
    def link(self) -> str:
        """Its text in the link."""
        numbers = ",".join(decimal_text(number) for number in self.numbers)
        return f"{self.question}({numbers})" if self.question else numbers


def _read(value: object) -> LockedAnswer | None:
    if value is None or isinstance(value, LockedAnswer):
        return value
    question, given = "", value
    if isinstance(value, str):
        text = to_ascii(value).replace(" ", "")
        if text in ("", "none"):
            return None
        found = _FORM.fullmatch(text)
        question, inside = found.groups() if found else ("", text)
        given = inside.split(",") if inside else ()
    if not isinstance(given, Sequence):
        raise TypeError(f"an answer must be numbers, got {type(value).__name__}")
    read = [parse_decimal(v) if isinstance(v, str) else v for v in given]
    numbers = [to_float(v) for v in read if isinstance(v, float | int)]
    if len(numbers) != len(read) or len(numbers) > MOST or any(abs(v) > LARGEST for v in numbers):
        raise Refusal("error.exercise.answer", token=excerpt(value), most=MOST)
    return LockedAnswer(tuple(numbers), question) if numbers or question else None


locked_answer = PlainValidator(_read)
"""Validator: an answer, its numbers, or its text in the link; None for none."""
