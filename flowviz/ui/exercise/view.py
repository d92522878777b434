"""The question of a link on its page: predict, lock, see."""

from __future__ import annotations

import streamlit as st

from flowviz.figures.lesson import lesson_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.ui.browser import codec, mount
from flowviz.ui.exercise import questions
from flowviz.ui.exercise.cover import drawing
from flowviz.ui.exercise.truth import PAGES, locked, space_of, truth
from flowviz.ui.frame import side_by_side
from flowviz.ui.session import faults, state, valid_family
from flowviz.ui.session.preemption import uninterrupted
from flowviz.ui.widgets import question


@faults.guarded
def show(page: str, scene: Scene, tr: Translator, style: Style) -> bool:
    """The link's question above the page's picture, or what it was answered.

    Returns:
        Whether the picture must wait, as it would show the answer.
    """
    if scene.ask == "none":
        return False
    if page not in PAGES[scene.ask]:
        pages = ", ".join(tr(f"nav.{name}") for name in PAGES[scene.ask])
        st.info(tr("exercise.elsewhere", ask=scene.ask, pages=pages))
        return False
    if valid_family.violation(scene, space_of(page, scene)):
        return False  # the page says what is wrong with it
    correct = truth(page, scene)
    if correct is None:
        st.info(tr("exercise.none", ask=scene.ask))
        return False
    answer = locked(page, scene)
    with st.container(key="question"):
        if answer is None:
            _ask(page, scene, tr, style)
        else:
            _reveal(page, scene, answer, correct, tr)
    return answer is None


def _ask(page: str, scene: Scene, tr: Translator, style: Style) -> None:
    st.markdown(f"## {tr('exercise.title')}")
    if page == "solvers":
        _fields(page, scene, tr)
        return
    left, right = side_by_side("exercise", (3, 2), scene)
    with left:
        figure = lesson_figure(drawing(page, scene, tr), tr("lesson.covered"), style)
        said = questions.text(page, scene, tr)
        mount.plot(codec.pack(figure), key="exercise", label=tr("lesson.alt.covered", text=said))
        if page == "plane":  # where nothing can be covered beside the points
            st.caption(tr("lesson.covered"))
    with right:
        _fields(page, scene, tr)


def _fields(page: str, scene: Scene, tr: Translator) -> None:
    st.markdown(questions.text(page, scene, tr))
    question.ask(questions.form(page, scene, tr), tr, _lock)


def _lock(answer: question.Answer) -> None:
    scene = state.current()
    tr = Translator(scene.lang, scene.convention)
    state.change("answer", answer=questions.shown(answer, scene, tr))


def _reveal(
    page: str, scene: Scene, answer: question.Answer, correct: tuple[float, ...], tr: Translator
) -> None:
    form = questions.form(page, scene, tr)
    right = question.is_right(form.questions, correct, answer)
    why = questions.why(correct, scene, tr)
    st.markdown(f"**{tr('exercise.title')}** {questions.text(page, scene, tr)}")
    given = questions.shown(answer, scene, tr)
    question.verdict(form, given, right=right, why=why, tr=tr)
    st.button(tr("lesson.again"), on_click=uninterrupted()(_again), key="exercise.again")


def _again() -> None:
    state.change("answer", answer=())
