"""The question of a link on its page: predict, lock, see."""

from __future__ import annotations

from functools import partial

import streamlit as st

from flowviz.figures.lesson import lesson_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.locked_answer import LockedAnswer
from flowviz.text import Translator
from flowviz.ui.browser import codec, mount
from flowviz.ui.exercise import questions
from flowviz.ui.exercise.cover import drawing
from flowviz.ui.exercise.truth import PAGES, is_of_scene, locked, question_of, space_of, truth
from flowviz.ui.frame import side_by_side
from flowviz.ui.rooms import teacher
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
            if is_of_scene(answer, page, scene):
                _figure(page, scene, correct, tr, style)
    return answer is None


def _ask(page: str, scene: Scene, tr: Translator, style: Style) -> None:
    st.markdown(f"## {tr('exercise.title')}")
    left, right = side_by_side("exercise", (3, 2), scene)
    with left:
        _figure(page, scene, None, tr, style)
        if space_of(page, scene) == "plane" and not scene.present:
            st.caption(tr("lesson.covered"))  # where nothing can be covered beside the points
    with right:
        _fields(page, scene, tr)


def _figure(
    page: str, scene: Scene, correct: question.Answer | None, tr: Translator, style: Style
) -> None:
    """What is given; in a room with the class's answers, and then also beside the right one."""
    draw = _drawn_figure
    if teacher.held() is not None:
        draw = faults.fragment(_drawn_figure, teacher.EVERY_S)
    elif correct is not None:
        return
    draw(page, scene, correct, tr, style)


def _drawn_figure(
    page: str, scene: Scene, correct: question.Answer | None, tr: Translator, style: Style
) -> None:
    given = teacher.class_answers(
        teacher.exercise_number(page, scene), revealed=correct is not None
    )
    if correct is not None and not given:
        return  # the page's picture is there
    answers = []
    if given:
        right = None if correct is None else questions.shown(correct, scene, tr)
        answers = question.class_answers(questions.form(page, scene, tr), given, right)
    words = tr("rooms.class.n", n=len(given or ())), tr("rooms.outside")
    drawn = drawing(page, scene, tr, correct)
    cover = tr("lesson.covered.present" if scene.present else "lesson.covered")
    figure = lesson_figure(drawn, cover, style, answers, words)
    said = questions.text(page, scene, tr)
    key = "lesson.alt.covered" if correct is None else "lesson.alt"
    form = questions.form(page, scene, tr)
    by_hand = question.places(form, tr) if correct is None and not scene.present else None
    mount.plot(
        codec.pack(figure),
        key="exercise",
        label=tr(key, text=said),
        places=by_hand,
        receive=partial(question.put, form),
    )
    if by_hand:
        st.caption(tr("question.places"))


def _fields(page: str, scene: Scene, tr: Translator) -> None:
    st.markdown(questions.text(page, scene, tr))
    if scene.present:
        return  # the class answers; a key shows the answer
    question.ask(questions.form(page, scene, tr), tr, partial(_lock, page))


def _lock(page: str, answer: question.Answer) -> None:
    scene = state.current()
    tr = Translator(scene.lang, scene.convention)
    numbers = questions.shown(answer, scene, tr)
    state.change("answer", answer=LockedAnswer(numbers, question_of(page, scene)))


def _reveal(
    page: str, scene: Scene, answer: LockedAnswer, correct: question.Answer, tr: Translator
) -> None:
    form = questions.form(page, scene, tr)
    given = questions.shown(answer.numbers, scene, tr)
    st.markdown(f"**{tr('exercise.title')}** {questions.text(page, scene, tr)}")
    if is_of_scene(answer, page, scene):
        right = question.is_right(form.questions, correct, answer.numbers)
        why = questions.why(page, correct, scene, tr)
        question.verdict(form, given, right=right, why=why, tr=tr)
        again = "lesson.again"
    else:
        st.info(
            tr("exercise.stale", answer=form.written(given))
            if given
            else tr("exercise.stale.shown")
        )
        again = "exercise.stale.again"
    st.button(tr(again), on_click=uninterrupted()(_again), key="exercise.again")


def _again() -> None:
    state.change("answer", answer=None)
