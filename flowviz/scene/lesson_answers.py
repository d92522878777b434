"""What a visitor answered in the lesson, as it stands in the link: ``1(1,1.5)6(0,2)``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pydantic import PlainValidator

from flowviz.scene.decimals import decimal_text, parse_decimal, snap_fine, to_ascii
from flowviz.text import Refusal, excerpt

EXIT = 11
"""The exit question of the first part, after ten steps."""
STEPS = 16
"""All steps: the first part with its exit question, then the second part, on images."""
MOST = 4
"""Numbers of an answer."""
LARGEST = 1e6

_ANSWER = re.compile(r"(\d{1,2})\(([^()]*)\)")


@dataclass(frozen=True)
class LessonAnswers:
    """The locked answers by step: numbers, where an option counts as its place, from 0.

    A step whose answer was shown without one has no numbers: ``1()``.
    """

    by_step: tuple[tuple[int, tuple[float, ...]], ...] = ()

    def __post_init__(self) -> None:
        steps = [step for step, _ in self.by_step]
        fits = all(
            1 <= step <= STEPS
            and len(numbers) <= MOST
            and all(abs(number) <= LARGEST for number in numbers)
            for step, numbers in self.by_step
        )
        if not fits or steps != sorted(set(steps)):
            raise Refusal("error.lesson.answers", token=excerpt(self.link))

    @classmethod
    def from_link(cls, text: str) -> LessonAnswers:
        """The answers of a link.

        Raises:
            Refusal: the text is not of that form.
        """
        text = to_ascii(text).replace(" ", "")
        if text == "none":
            return cls()
        answers: dict[int, tuple[float, ...]] = {}
        for step, numbers in _ANSWER.findall(text):
            values = [parse_decimal(number) for number in numbers.split(",") if numbers]
            if None in values:
                raise Refusal("error.lesson.answers", token=excerpt(text))
            answers[int(step)] = tuple(
                snap_fine(float(value)) for value in values if value is not None
            )
        if _ANSWER.sub("", text):
            raise Refusal("error.lesson.answers", token=excerpt(text))
        return cls(tuple(sorted(answers.items())))

    @property
    def link(self) -> str:
        """Its text in the link; empty if there is none."""
        return "".join(
            f"{step}({','.join(decimal_text(number) for number in numbers)})"
            for step, numbers in self.by_step
        )

    def of(self, step: int) -> tuple[float, ...] | None:
        """The answer to a step; None before it is locked or shown."""
        return dict(self.by_step).get(step)

    def with_(self, step: int, numbers: tuple[float, ...] | None) -> LessonAnswers:
        """The same with another answer to a step, or with none."""
        answers = dict(self.by_step)
        answers.pop(step, None)
        if numbers is not None:
            answers[step] = tuple(snap_fine(number) for number in numbers)
        return LessonAnswers(tuple(sorted(answers.items())))


def _check(value: object) -> LessonAnswers:
    answers = LessonAnswers.from_link(value) if isinstance(value, str) else value
    if not isinstance(answers, LessonAnswers):
        raise TypeError(f"answers must be LessonAnswers or text, got {type(value).__name__}")
    return answers


checked_answers = PlainValidator(_check)
"""Validator: answers, or their text in the link."""
