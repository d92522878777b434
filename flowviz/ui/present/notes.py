"""What the lecturer reads in the window of the notes, in the page's language.

Of a step of the lesson: what is asked, what is usually said, what is so (its numbers computed by
the core for this step), and how a recited answer sounds and how an understood one. Of any other
page: what it shows, and where to point.
"""

from __future__ import annotations

from typing import Any

from flowviz.scene import Scene
from flowviz.text import ENTRIES, Translator
from flowviz.ui.exercise import questions
from flowviz.ui.exercise import truth as exercise
from flowviz.ui.lesson.steps import place
from flowviz.ui.lesson.truth import truth

Part = tuple[str, str]
"""A heading and a text."""


def content(name: str, scene: Scene, tr: Translator) -> dict[str, Any]:
    """The notes of a page: a ``title`` and ``parts``, with the language and the window's own words.

    Args:
        name: of the page.
        scene: the visitor's.
        tr: the translator.
    """
    title, parts = _of_step(scene, tr) if name == "lesson" else _of_page(name, scene, tr)
    return {
        "lang": tr.lang,
        "title": title,
        "parts": [[heading, text.replace("**", "")] for heading, text in parts],
        "texts": {key: tr(f"notes.{key}") for key in ("title", "keys")},
    }


def _of_step(scene: Scene, tr: Translator) -> tuple[str, list[Part]]:
    step = scene.lesson_step
    shown = scene.lesson_answers.of(step) is not None
    said = {
        "question": tr(f"lesson.{step}.question"),
        "common": tr(f"lesson.{step}.common"),
        "answer": tr(f"lesson.{step}.answer", **truth(step).words),
        "say": tr(f"lesson.{step}.say"),
        "recited": tr(f"lesson.{step}.recited"),
        "understood": tr(f"lesson.{step}.understood"),
    }
    parts = [(tr(f"notes.{name}"), text) for name, text in said.items()]
    state = tr("notes.revealed" if shown else "notes.covered")
    return place(step, tr), [(tr(f"lesson.{step}.idea"), state), *parts]


def _of_page(name: str, scene: Scene, tr: Translator) -> tuple[str, list[Part]]:
    keys = [f"{name}.caption.{k}" for k in (1, 2, 3)]
    captions = "\n".join(tr(key) for key in keys if key in ENTRIES)
    parts = [(tr("notes.lead"), tr(f"{name}.lead")), (tr("notes.shown"), captions)]
    parts = _of_question(name, scene, tr) + [(heading, text) for heading, text in parts if text]
    return tr(f"{name}.title"), [*parts, (tr("notes.point"), tr(f"notes.{name}.point"))]


def _of_question(name: str, scene: Scene, tr: Translator) -> list[Part]:
    """The question of the link and its answer."""
    correct = exercise.truth(name, scene) if exercise.is_asked(name, scene) else None
    if correct is None:
        return []
    asked, answer = questions.text(name, scene, tr), questions.why(name, correct, scene, tr)
    return [(tr("notes.question"), asked), (tr("notes.answer"), answer)]
