"""The lesson's page: one question at a time, answered before anything is shown."""

from __future__ import annotations

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from flowviz.conventions import DEFAULT
from flowviz.figures.lesson import lesson_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.lesson_answers import STEPS as COUNT
from flowviz.text import Language, Translator, translator
from flowviz.ui.browser import codec, mount
from flowviz.ui.frame import side_by_side
from flowviz.ui.lesson import more
from flowviz.ui.lesson.pictures import drawing
from flowviz.ui.lesson.steps import STEPS, Choice, is_right, locked_answer
from flowviz.ui.lesson.truth import truth
from flowviz.ui.rooms import teacher
from flowviz.ui.session import faults, state
from flowviz.ui.session.cache import shared_cache
from flowviz.ui.session.preemption import uninterrupted
from flowviz.ui.widgets import question


@faults.guarded
def show(scene: Scene, tr: Translator, style: Style) -> None:
    """The step of the scene."""
    if scene.present:
        _present(scene, tr, style)
        return
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
    answer = locked_answer(scene)
    last = step == COUNT
    place = tr("lesson.step.exit") if last else tr("lesson.step.of", step=step)
    # The idea is the answer: it comes after it.
    st.markdown(f"## {place if answer is None else tr(f'lesson.{step}.idea')}")
    left, right = side_by_side("lesson", (3, 2), scene)
    with left:
        _figure(step, answer, tr, style)
        if answer is not None:
            more.show(step, tr, style)
    with right:
        if answer is not None:
            st.caption(place)
        st.markdown(tr(f"lesson.{step}.question"))
        if answer is None:
            question.ask(_form(step, tr), tr, partial(_store, step))
        else:
            _reveal(step, answer, scene, tr)
    _turn(step, scene, tr)


def _present(scene: Scene, tr: Translator, style: Style) -> None:
    """The step on a projector: moved and revealed by keys, answered by nobody."""
    step, answer = scene.lesson_step, locked_answer(scene)
    place = tr("lesson.step.exit") if step == COUNT else tr("lesson.step.of", step=step)
    st.markdown(f"## {place if answer is None else tr(f'lesson.{step}.idea')}")
    left, right = side_by_side("lesson", (3, 2), scene)
    with left:
        _figure(step, answer, tr, style, presented=True)
    with right, st.container(key="lesson-words"):
        st.markdown(tr(f"lesson.{step}.question"))
        if answer is None:
            _offer(step, tr)
            return
        st.info(tr(f"lesson.{step}.answer", **truth(step).words))
        st.markdown(f"$${STEPS[step - 1].formula}$$")
        st.markdown(tr("lesson.common", text=tr(f"lesson.{step}.common")))


def _offer(step: int, tr: Translator) -> None:
    """What there is to choose from, read and not pressed."""
    for k, one in enumerate(STEPS[step - 1].questions, 1):
        if isinstance(one, Choice):
            texts = _options(step, one, tr).values()
            listed = "\n".join(f"- {text}" for text in texts)
            st.markdown(f"**{tr(f'lesson.{step}.field.{k}')}**\n\n{listed}")


@faults.guarded
def board(scene: Scene, tr: Translator) -> None:
    """The ideas of the steps that were answered."""
    st.markdown(f"## {tr('lesson.board')}")
    answered = [step for step, _ in scene.lesson_answers.by_step]
    if not answered:
        st.caption(tr("lesson.board.empty"))
    st.markdown("\n".join(f"{step}. {tr(f'lesson.{step}.idea')}" for step in answered))


def _figure(
    step: int,
    answer: tuple[float, ...] | None,
    tr: Translator,
    style: Style,
    *,
    presented: bool = False,
) -> None:
    """The step's figure; while a class answers, with what has come in."""
    draw = _drawn_figure
    if teacher.held() is not None:
        draw = faults.fragment(_drawn_figure, teacher.EVERY_S)
    draw(step, answer, tr, style, presented)


def _drawn_figure(
    step: int, answer: tuple[float, ...] | None, tr: Translator, style: Style, presented: bool
) -> None:
    covered = answer is None
    given = teacher.class_answers(step, revealed=not covered)
    if given:
        block = codec.pack(_figure_with_class(step, answer, given, tr, style))
    else:
        block = _block(step, answer, tr.lang, style, presented)
    said = tr(f"lesson.{step}.question" if covered else f"lesson.{step}.idea")
    label = tr("lesson.alt.covered" if covered else "lesson.alt", text=said)
    form = _form(step, tr)
    by_hand = question.places(form, tr) if covered and not presented else None
    receive = partial(question.put, form)
    mount.plot(block, key="lesson", label=label, places=by_hand, receive=receive)
    if by_hand:
        st.caption(tr("question.places"))


def _figure_with_class(
    step: int,
    answer: tuple[float, ...] | None,
    given: list[tuple[float, ...]],
    tr: Translator,
    style: Style,
) -> go.Figure:
    correct = None if answer is None else truth(step).correct
    answers = question.class_answers(_form(step, tr), given, correct)
    words = tr("rooms.class.n", n=len(given)), tr("rooms.outside")
    return lesson_figure(drawing(step, answer, tr), tr("lesson.covered"), style, answers, words)


@shared_cache(maxsize=64)
def _block(
    step: int, answer: tuple[float, ...] | None, lang: Language, style: Style, presented: bool
) -> bytes:
    tr = translator(lang)
    cover = tr("lesson.covered.present" if presented else "lesson.covered")
    return codec.pack(lesson_figure(drawing(step, answer, tr), cover, style))


def _form(step: int, tr: Translator) -> question.Form:
    questions = STEPS[step - 1].questions
    labels = [tr(f"lesson.{step}.field.{k}") for k in range(1, len(questions) + 1)]
    options = [_options(step, one, tr) if isinstance(one, Choice) else {} for one in questions]
    return question.Form(f"lesson.{step}", questions, labels, options)


def _options(step: int, choice: Choice, tr: Translator) -> dict[int, str]:
    return {k: tr(f"lesson.{step}.{choice.texts}.{k + 1}") for k in range(choice.options)}


def _store(step: int, answer: tuple[float, ...] | None) -> None:
    answers = state.current().lesson_answers.with_(step, answer)
    state.change("lesson_answers", lesson_answers=answers)


def _reveal(step: int, answer: tuple[float, ...], scene: Scene, tr: Translator) -> None:
    row, found = STEPS[step - 1], truth(step)
    why = tr(f"lesson.{step}.answer", **found.words)
    right = bool(answer) and is_right(row, found, answer)
    question.verdict(_form(step, tr), answer, right=right, why=why, tr=tr)
    st.markdown(f"$${row.formula}$$")
    st.caption(tr("lesson.common", text=tr(f"lesson.{step}.common")))
    query = row.scene.model_copy(update=scene.reader()).query_string(row.page)
    with st.container(horizontal=True):
        st.link_button(tr("lesson.do"), f"{row.page}?{query}")
        st.button(tr("lesson.again"), on_click=uninterrupted()(_store), args=(step, None))
    st.caption(tr("lesson.source", section=tr(f"lesson.{step}.section")))


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
    answers = [(step, numbers) for step, numbers in scene.lesson_answers.by_step if numbers]
    right = sum(is_right(STEPS[step - 1], truth(step), numbers) for step, numbers in answers)
    return tr("lesson.done", right=right, answered=len(answers))


def _go(step: int) -> None:
    state.change("lesson_step", lesson_step=step)
    state.refill("lesson_step")
