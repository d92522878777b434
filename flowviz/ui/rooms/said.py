"""What a student's page is told of a room: its type is `RoomSaid` in ``components/room.d.ts``.

Both languages are in it, so that it is one for the whole class, and the page chooses. The answer
to a question is in it when it is revealed, and not before.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flowviz.scene.lesson_answers import STEPS as LAST
from flowviz.text import LANGUAGES, Translator, translator
from flowviz.ui.lesson.steps import STEPS, Choice, Question
from flowviz.ui.lesson.truth import truth
from flowviz.ui.play import bundle
from flowviz.ui.rooms.room import RoomState

WORDS = (
    "lock", "locked", "change", "missing", "yours", "none", "following", "take", "own", "return",
    "free", "elsewhere", "closed", "offline",
)  # fmt: skip


@dataclass(frozen=True)
class Said:
    """The JSON, and its ETag: a digest of it."""

    body: bytes
    tag: str


@lru_cache(maxsize=256)
def said(name: str, state: RoomState) -> Said:
    """What is said of a room in a state."""
    content = {
        "name": name,
        "step": state.step,
        "revealed": state.revealed,
        "follow": state.follow,
        "scene": {
            "page": state.page,
            "query": state.query,
            "light": bundle.PATHS.get(state.page, ""),
        },
        "fields": [_field(question) for question in _questions(state)],
        "texts": {lang: _texts(name, state, translator(lang)) for lang in LANGUAGES},
    }
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Said(body, f'"{hashlib.sha256(body).hexdigest()[:16]}"')


def _questions(state: RoomState) -> tuple[Question, ...]:
    return STEPS[state.step - 1].questions if state.step else ()


def _field(question: Question) -> dict[str, Any]:
    if isinstance(question, Choice):
        return {"options": question.options, "step": 1}
    return {"options": 0, "step": question.step}


def _texts(name: str, state: RoomState, tr: Translator) -> dict[str, str]:
    texts = {word: tr(f"rooms.said.{word}") for word in WORDS}
    texts["room"] = tr("rooms.said.room", name=name)
    step = state.step
    if not step:
        return texts
    exit_question = step == LAST
    texts["place"] = tr("lesson.step.exit") if exit_question else tr("lesson.step.of", step=step)
    texts["question"] = tr(f"lesson.{step}.question")
    for k, question in enumerate(_questions(state), 1):
        texts[f"field.{k}"] = tr(f"lesson.{step}.field.{k}")
        if isinstance(question, Choice):
            for option in range(1, question.options + 1):
                texts[f"field.{k}.{option}"] = tr(f"lesson.{step}.{question.texts}.{option}")
    if state.revealed:
        texts["answer"] = tr(f"lesson.{step}.answer", **truth(step).words)
        texts["idea"] = tr(f"lesson.{step}.idea")
    return texts
