"""The lesson's page: one question at a time, answered before anything is shown."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from flowviz.conventions import DEFAULT
from flowviz.figures.lesson import lesson_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.lesson_answers import EXIT
from flowviz.scene.lesson_answers import STEPS as COUNT
from flowviz.text import Language, Translator, translator
from flowviz.ui.browser import codec, mount
from flowviz.ui.frame import side_by_side
from flowviz.ui.lesson import more
from flowviz.ui.lesson.pictures import drawing
from flowviz.ui.lesson.steps import (
    PARTS,
    STEPS,
    Choice,
    is_right,
    locked_answer,
    number_in_part,
    part_of,
    place,
)
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
    _navigation(scene, tr)
    step = scene.lesson_step
    answer = locked_answer(scene)
    # The idea is the answer: it comes after it.
    st.markdown(f"## {place(step, tr) if answer is None else tr(f'lesson.{step}.idea')}")
    left, right = side_by_side("lesson", (3, 2), scene)
    with left:
        _figure(step, answer, tr, style)
        if answer is not None:
            more.show(step, tr, style)
    with right:
        if answer is not None:
            st.caption(place(step, tr))
        st.markdown(tr(f"lesson.{step}.question"))
        if answer is None:
            question.ask(_form(step, tr), tr, partial(_store, step))
        else:
            _reveal(step, answer, scene, tr)
    _turn(step, scene, tr)


def _navigation(scene: Scene, tr: Translator) -> None:
    """The two parts, and the steps of the one that is open."""
    here = part_of(scene.lesson_step)
    st.segmented_control(
        tr("lesson.part"),
        [part.first for part in PARTS],
        format_func=lambda first: tr(f"lesson.part.{part_of(first).name}"),
        label_visibility="collapsed",
        required=True,
        key=state.bound_as("lesson_part", here.first, _go),
    )
    st.segmented_control(
        tr("lesson.step"),
        list(range(here.first, here.last + 1)),
        format_func=lambda step: (
            tr("lesson.exit.short") if step == EXIT else str(number_in_part(step))
        ),
        label_visibility="collapsed",
        required=True,
        key=state.bound("lesson_step"),
    )


def _present(scene: Scene, tr: Translator, style: Style) -> None:
    """The step on a projector: moved and revealed by keys, answered by nobody."""
    step, answer = scene.lesson_step, locked_answer(scene)
    st.markdown(f"## {place(step, tr) if answer is None else tr(f'lesson.{step}.idea')}")
    left, right = side_by_side("lesson", (3, 2), scene)
    with left:
        if answer is not None and more.is_open(step):
            more.show(step, tr, style)
        else:
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
    for part in PARTS:
        ideas = [
            f"{number_in_part(step)}\\. {tr(f'lesson.{step}.idea')}"
            for step in answered
            if part_of(step) == part
        ]
        if ideas and part != PARTS[0]:
            st.markdown(f"### {tr(f'lesson.part.{part.name}')}")
        if ideas:
            st.markdown("\n\n".join(ideas))


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
    st.caption(_source(step, tr))


def _source(step: int, tr: Translator) -> str:
    """The section of the article, or the paper."""
    said = tr(f"lesson.{step}.section")
    if part_of(step) == PARTS[0]:
        return tr("lesson.source", section=said)
    return tr("lesson.source.paper", paper=said)


def _turn(step: int, scene: Scene, tr: Translator) -> None:
    """To the step before and after, and what was right so far."""
    with st.container(horizontal=True, vertical_alignment="center"):
        for name, to in (("back", step - 1), ("next", step + 1)):
            onward = f"{name}.images" if (name, step) == ("next", EXIT) else name
            st.button(
                tr(f"lesson.{onward}"),
                disabled=not 1 <= to <= COUNT,
                on_click=uninterrupted()(_go),
                args=(to,),
                key=f"lesson.{name}",
            )
        answers = {at: given for at, given in scene.lesson_answers.by_step if given}
        part = part_of(step)
        of_part = {at: given for at, given in answers.items() if part_of(at) == part}
        if step == part.last and of_part:
            st.caption(_score(of_part, tr))


def _score(answers: Mapping[int, question.Answer], tr: Translator) -> str:
    right = sum(is_right(STEPS[step - 1], truth(step), given) for step, given in answers.items())
    return tr("lesson.done", right=right, answered=len(answers))


def _go(step: int) -> None:
    state.change("lesson_step", lesson_step=step)
    state.refill("lesson_step", "lesson_part")
