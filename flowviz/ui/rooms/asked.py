"""The question that a room asks: of a step of the lesson, or of an exercise on a page.

A question has a number, by which its answers are kept: a step's own; of an exercise one beyond
them, by the digest of what is asked, so that another scene is another question.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs

from flowviz.conventions import DEFAULT
from flowviz.scene import Scene
from flowviz.text import Language, Translator, translator
from flowviz.ui.exercise import questions as exercise
from flowviz.ui.exercise.truth import is_asked, question_of, truth
from flowviz.ui.lesson import truth as lesson_truth
from flowviz.ui.lesson.steps import STEPS, place
from flowviz.ui.rooms.room import RoomState
from flowviz.ui.widgets.question import Choice, Question

_FIRST = 1 << 32
"""The lowest number of an exercise; the digest of one is below it."""


@dataclass(frozen=True)
class Asked:
    """A question, by its number; ``scene`` is the exercise's, on ``page``."""

    number: int
    questions: tuple[Question, ...]
    page: str = "lesson"
    scene: Scene | None = None


@lru_cache(maxsize=256)
def asked(state: RoomState) -> Asked | None:
    """What a room asks in a state; None where it asks nothing."""
    if state.step:
        return Asked(state.step, STEPS[state.step - 1].questions)
    scene = Scene.from_query(parse_qs(state.query, keep_blank_values=True))
    if scene.ask == "none" or not is_asked(state.page, scene):
        return None
    # A velocity changes its sign with the direction of time.
    turned = scene.ask == "velocity" and scene.convention != DEFAULT
    number = int(question_of(state.page, scene), 16) + _FIRST * (1 + turned)
    form = exercise.form(state.page, scene, _reader(scene, "en"))
    return Asked(number, tuple(form.questions), state.page, scene)


def without_question(scene: Scene) -> Scene:
    """The scene of an exercise, for those to whom it is shown."""
    return scene.with_(ask="none", at=None, tol=0.0, answer=None)


def texts(question: Asked, tr: Translator, *, revealed: bool) -> dict[str, str]:
    """What a student reads: the question, its fields and options; when revealed, the answer."""
    if question.scene is None:
        return _of_step(question, tr, revealed)
    return _of_scene(question.page, question.scene, tr.lang, revealed)


def _of_step(question: Asked, tr: Translator, revealed: bool) -> dict[str, str]:
    step = question.number
    words = {
        "place": place(step, tr),
        "question": tr(f"lesson.{step}.question"),
    }
    if revealed:
        words["answer"] = tr(f"lesson.{step}.answer", **lesson_truth.truth(step).words)
        words["idea"] = tr(f"lesson.{step}.idea")
    for k, one in enumerate(question.questions, 1):
        words[f"field.{k}"] = tr(f"lesson.{step}.field.{k}")
        if isinstance(one, Choice):
            for option in range(1, one.options + 1):
                words[f"field.{k}.{option}"] = tr(f"lesson.{step}.{one.texts}.{option}")
    return words


def _of_scene(page: str, scene: Scene, lang: Language, revealed: bool) -> dict[str, str]:
    tr = _reader(scene, lang)
    words = {"place": tr("exercise.title"), "question": exercise.text(page, scene, tr)}
    correct = truth(page, scene)
    if revealed and correct is not None:
        words["answer"] = exercise.why(page, correct, scene, tr)
    labels = exercise.form(page, scene, tr).labels
    return words | {f"field.{k}": label for k, label in enumerate(labels, 1)}


def reader(question: Asked, lang: Language) -> Translator:
    """In a language, and in the direction of time in which it is asked."""
    return translator(lang) if question.scene is None else _reader(question.scene, lang)


def _reader(scene: Scene, lang: Language) -> Translator:
    """In a language, and in the teacher's direction of time."""
    return translator(lang, scene.convention)
