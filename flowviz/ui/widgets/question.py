"""A question that is answered before its answer is shown: predict, lock, see.

The lesson's steps and the exercises of links are asked this way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from flowviz.figures.class_answers import Axis, ClassAnswers
from flowviz.scene.lesson_answers import LARGEST
from flowviz.text import Translator
from flowviz.text.numbers import number
from flowviz.ui.session.preemption import uninterrupted

Answer = tuple[float, ...]


@dataclass(frozen=True)
class Quantity:
    """A question for a number, right within ``tolerance``; ``step`` of its field's buttons.

    ``axis``: of the question's figure, where the number is a place on one.
    """

    step: float = 0.01
    tolerance: float = 0.021
    axis: Axis = ""


@dataclass(frozen=True)
class Choice:
    """A question with options; the answer is the option's place, from 0.

    ``texts``: the options' keys are ``lesson.<step>.<texts>.1`` and so on.
    """

    texts: str
    options: int


Question = Quantity | Choice


@dataclass(frozen=True)
class Form:
    """The questions that one lock answers.

    Attributes:
        name: of the form, and in its fields' keys.
        questions: in order.
        labels: of their fields.
        options: the texts of each question's options, from 0; empty for a number.
    """

    name: str
    questions: Sequence[Question]
    labels: Sequence[str]
    options: Sequence[Mapping[int, str]]

    def written(self, answer: Answer) -> str:
        """An answer as the reader gave it."""
        return "; ".join(
            options[int(given)] if options else number(given, 6)
            for options, given in zip(self.options, answer, strict=True)
        )


def class_answers(
    form: Form, given: Sequence[Answer], correct: Sequence[float] | None
) -> list[ClassAnswers]:
    """A class's answers to each question of a form; with the right ones once they are shown."""
    return [
        ClassAnswers(
            np.array([numbers[k] for numbers in given]),
            one.axis if isinstance(one, Quantity) else "",
            form.labels[k],
            list(form.options[k].values()),
            None if correct is None else correct[k],
        )
        for k, one in enumerate(form.questions)
    ]


def possible(questions: Sequence[Question], answer: Answer | None) -> Answer | None:
    """The answer, if it fits the questions; a forged link's may not."""
    fits = answer is not None and len(answer) == len(questions)
    return answer if fits and all(map(_is_possible, questions, answer or ())) else None


def _is_possible(question: Question, given: float) -> bool:
    if isinstance(question, Choice):
        return given in range(question.options)
    return abs(given) <= LARGEST


def is_right(
    questions: Sequence[Question], correct: Sequence[float], answer: Sequence[float]
) -> bool:
    """Whether every question was answered within its tolerance."""
    return len(answer) == len(questions) and all(
        abs(given - true) <= (question.tolerance if isinstance(question, Quantity) else 0.0)
        for question, given, true in zip(questions, answer, correct, strict=True)
    )


def ask(form: Form, tr: Translator, lock: Callable[[Answer], None]) -> None:
    """The fields and the lock, which calls ``lock`` with the numbers once all are given."""
    with st.form(form.name, border=False):
        for k, question in enumerate(form.questions, 1):
            _field(form, k, question)
        st.form_submit_button(
            tr("lesson.lock"), type="primary", on_click=uninterrupted()(_lock), args=(form, lock)
        )
    if st.session_state.get(_MISSING) == form.name:
        st.warning(tr("lesson.missing"))


def places(form: Form, tr: Translator) -> dict[str, Any] | None:
    """The answers that are places on the figure's axes, to be put there by hand."""
    marks = [
        {
            "k": k,
            "axis": one.axis,
            "value": st.session_state.get(_key(form, k)),
            "label": form.labels[k - 1],
            "unput": tr("question.unput"),
        }
        for k, one in enumerate(form.questions, 1)
        if isinstance(one, Quantity) and one.axis
    ]
    return {"form": form.name, "marks": marks} if marks else None


def put(form: Form, message: Mapping[str, Any]) -> None:
    """Take a place that was put on the figure into its field.

    Args:
        form: the page's.
        message: from anyone, in any state.
    """
    k, value = message.get("k"), message.get("value")
    if message.get("form") != form.name or type(k) is not int or type(value) not in (int, float):
        return
    number = float(value or 0.0)
    fits = abs(number) <= LARGEST  # NaN does not
    if fits and 1 <= k <= len(form.questions) and isinstance(form.questions[k - 1], Quantity):
        st.session_state[_key(form, k)] = number


_MISSING = "flowviz.question.missing"


def _field(form: Form, k: int, question: Question) -> None:
    label, options, key = form.labels[k - 1], form.options[k - 1], _key(form, k)
    if isinstance(question, Choice):
        st.radio(label, list(options), format_func=options.__getitem__, index=None, key=key)
        return
    st.number_input(
        label, min_value=-LARGEST, max_value=LARGEST, value=None, step=question.step, key=key
    )


def _key(form: Form, k: int) -> str:
    return f"flowviz.{form.name}.{k}"


def _lock(form: Form, lock: Callable[[Answer], None]) -> None:
    given = [st.session_state.get(_key(form, k)) for k in range(1, len(form.questions) + 1)]
    numbers = tuple(float(value) for value in given if value is not None)
    complete = len(numbers) == len(given)
    st.session_state[_MISSING] = None if complete else form.name
    if complete:
        lock(numbers)


def verdict(form: Form, answer: Answer, *, right: bool, why: str, tr: Translator) -> None:
    """Whether the answer was right, what it was, and why; of an empty one, why alone."""
    text = why
    if answer:
        said = tr("lesson.yours", answer=form.written(answer))
        text = f"**{tr('lesson.right' if right else 'lesson.wrong')}** {said}\n\n{why}"
    (st.success if right else st.info)(text)
