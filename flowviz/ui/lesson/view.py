"""The lesson's page: one question at a time, answered before anything is shown."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from flowviz.conventions import DEFAULT
from flowviz.figures.class_answers import ClassAnswers
from flowviz.figures.lesson import lesson_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.lesson_answers import LARGEST
from flowviz.scene.lesson_answers import STEPS as COUNT
from flowviz.text import Language, Translator, translator
from flowviz.text.numbers import number
from flowviz.ui.browser import codec, mount
from flowviz.ui.frame import side_by_side
from flowviz.ui.lesson.pictures import drawing
from flowviz.ui.lesson.steps import STEPS, Choice, Quantity, Step, fits, is_right
from flowviz.ui.lesson.truth import truth
from flowviz.ui.rooms import teacher
from flowviz.ui.session import faults, state
from flowviz.ui.session.cache import shared_cache
from flowviz.ui.session.preemption import uninterrupted


@faults.guarded
def show(scene: Scene, tr: Translator, style: Style) -> None:
    """The step of the scene."""
    if scene.convention != DEFAULT:
        st.caption(tr("lesson.convention"))
    st.segmented_control(
        tr("lesson.step"),
        list(range(1, COUNT + 1)),
        format_func=lambda step: str(step) if step < COUNT else tr("lesson.exit.short"),
        label_visibility="collapsed",
        required=True,
        key=state.bound("lesson_step"),
    )
    step = scene.lesson_step
    answer = _answer(scene)
    last = step == COUNT
    place = tr("lesson.step.exit") if last else tr("lesson.step.of", step=step)
    # The idea is the answer: it comes after it.
    st.markdown(f"## {place if answer is None else tr(f'lesson.{step}.idea')}")
    left, right = side_by_side("lesson", (3, 2), scene)
    with left:
        _figure(step, answer, tr, style)
    with right:
        if answer is not None:
            st.caption(place)
        st.markdown(tr(f"lesson.{step}.question"))
        if answer is None:
            _ask(step, tr)
        else:
            _reveal(step, answer, scene, tr)
    _turn(step, scene, tr)


@faults.guarded
def board(scene: Scene, tr: Translator) -> None:
    """The ideas of the steps that were answered."""
    st.markdown(f"## {tr('lesson.board')}")
    answered = [step for step, _ in scene.lesson_answers.by_step]
    if not answered:
        st.caption(tr("lesson.board.empty"))
    st.markdown("\n".join(f"{step}. {tr(f'lesson.{step}.idea')}" for step in answered))


def _answer(scene: Scene) -> tuple[float, ...] | None:
    """The locked answer of the step; none if it does not fit its questions, as of a forged link."""
    answer = scene.lesson_answers.of(scene.lesson_step)
    return answer if answer is not None and fits(scene.lesson_step, answer) else None


def _figure(step: int, answer: tuple[float, ...] | None, tr: Translator, style: Style) -> None:
    """The step's figure; while a class answers, with what has come in."""
    draw = _drawn_figure
    if teacher.held() is not None:
        draw = faults.fragment(_drawn_figure, teacher.EVERY_S)
    draw(step, answer, tr, style)


def _drawn_figure(
    step: int, answer: tuple[float, ...] | None, tr: Translator, style: Style
) -> None:
    given = teacher.class_answers(step, revealed=answer is not None)
    block = _block(step, answer, tr.lang, style) if given is None else b""
    if given is not None:
        block = codec.pack(_figure_with_class(step, answer, given, tr, style))
    said = tr(f"lesson.{step}.idea" if answer else f"lesson.{step}.question")
    label = tr("lesson.alt" if answer else "lesson.alt.covered", text=said)
    mount.plot(block, key="lesson", label=label)


def _figure_with_class(
    step: int,
    answer: tuple[float, ...] | None,
    given: list[tuple[float, ...]],
    tr: Translator,
    style: Style,
) -> go.Figure:
    correct = truth(step).correct if answer else None
    answers = [
        ClassAnswers(
            np.array([numbers[k] for numbers in given]),
            question.axis if isinstance(question, Quantity) else "",
            tr(f"lesson.{step}.field.{k + 1}"),
            list(_options(step, question, tr).values()) if isinstance(question, Choice) else (),
            None if correct is None else correct[k],
        )
        for k, question in enumerate(STEPS[step - 1].questions)
    ]
    words = tr("rooms.class.n", n=len(given)), tr("rooms.outside")
    return lesson_figure(drawing(step, answer, tr), tr("lesson.covered"), style, answers, words)


@shared_cache(maxsize=64)
def _block(step: int, answer: tuple[float, ...] | None, lang: Language, style: Style) -> bytes:
    tr = translator(lang)
    return codec.pack(lesson_figure(drawing(step, answer, tr), tr("lesson.covered"), style))


def _ask(step: int, tr: Translator) -> None:
    questions = STEPS[step - 1].questions
    with st.form(f"lesson.{step}", border=False):
        for k, question in enumerate(questions, 1):
            label, key = tr(f"lesson.{step}.field.{k}"), _key(step, k)
            match question:
                case Choice():
                    texts = _options(step, question, tr)
                    st.radio(label, list(texts), format_func=texts.__getitem__, index=None, key=key)
                case Quantity():
                    st.number_input(
                        label,
                        min_value=-LARGEST,
                        max_value=LARGEST,
                        value=None,
                        step=question.step,
                        key=key,
                    )
        st.form_submit_button(
            tr("lesson.lock"), type="primary", on_click=uninterrupted()(_lock), args=(step,)
        )
    if st.session_state.get(_MISSING) == step:
        st.warning(tr("lesson.missing"))


_MISSING = "flowviz.lesson.missing"


def _key(step: int, k: int) -> str:
    return f"flowviz.lesson.{step}.{k}"


def _options(step: int, question: Choice, tr: Translator) -> dict[int, str]:
    return {k: tr(f"lesson.{step}.{question.texts}.{k + 1}") for k in range(question.options)}


def _lock(step: int) -> None:
    count = len(STEPS[step - 1].questions)
    given = [st.session_state.get(_key(step, k)) for k in range(1, count + 1)]
    numbers = tuple(float(value) for value in given if value is not None)
    st.session_state[_MISSING] = step if len(numbers) < count else None
    if len(numbers) == count:
        _store(step, numbers)


def _store(step: int, answer: tuple[float, ...] | None) -> None:
    answers = state.current().lesson_answers.with_(step, answer)
    state.change("lesson_answers", lesson_answers=answers)


def _reveal(step: int, answer: tuple[float, ...], scene: Scene, tr: Translator) -> None:
    row, found = STEPS[step - 1], truth(step)
    right = is_right(row, found, answer)
    given = tr("lesson.yours", answer=_written(step, row, answer, tr))
    verdict = f"**{tr('lesson.right' if right else 'lesson.wrong')}** {given}"
    text = f"{verdict}\n\n{tr(f'lesson.{step}.answer', **found.words)}"
    (st.success if right else st.info)(text)
    st.markdown(f"$${row.formula}$$")
    st.caption(tr("lesson.common", text=tr(f"lesson.{step}.common")))
    query = row.scene.model_copy(update=scene.reader()).query_string(row.page)
    with st.container(horizontal=True):
        st.link_button(tr("lesson.do"), f"{row.page}?{query}")
        st.button(tr("lesson.again"), on_click=uninterrupted()(_store), args=(step, None))
    st.caption(tr("lesson.source", section=tr(f"lesson.{step}.section")))


def _written(step: int, row: Step, answer: tuple[float, ...], tr: Translator) -> str:
    texts = [
        _options(step, question, tr)[int(given)]
        if isinstance(question, Choice)
        else number(given, 6)
        for question, given in zip(row.questions, answer, strict=True)
    ]
    return "; ".join(texts)


def _turn(step: int, scene: Scene, tr: Translator) -> None:
    """To the step before and after, and what was right so far."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for name, to in (("back", step - 1), ("next", step + 1)):
            st.button(
                tr(f"lesson.{name}"),
                disabled=not 1 <= to <= COUNT,
                on_click=uninterrupted()(_go),
                args=(to,),
                key=f"lesson.{name}",
            )
        if step == COUNT and scene.lesson_answers.by_step:
            st.caption(_score(scene, tr))


def _score(scene: Scene, tr: Translator) -> str:
    answers = scene.lesson_answers.by_step
    right = sum(is_right(STEPS[step - 1], truth(step), numbers) for step, numbers in answers)
    return tr("lesson.done", right=right, answered=len(answers))


def _go(step: int) -> None:
    state.change("lesson_step", lesson_step=step)
    state.refill("lesson_step")
