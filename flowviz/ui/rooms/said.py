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
from urllib.parse import parse_qsl, urlencode

from flowviz.scene.exercise import asks
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
_READERS = {"lang", "large", "v", "sum"}  # the teacher's: a checksum is of the whole link


@dataclass(frozen=True)
class Said:
    """The JSON, and its ETag: a digest of it."""

    body: bytes
    tag: str


@lru_cache(maxsize=256)
def said(name: str, state: RoomState, *, closed: bool = False) -> Said:
    """What is said of a room in a state; or of one that is closed, whatever was its state."""
    content = {
        "name": name,
        "closed": closed,
        "step": state.step,
        "revealed": state.revealed,
        "follow": state.follow,
        "scene": {
            "page": state.page,
            "query": state.query,
            "light": _light(state),
            "tag": tag_of(state),
        },
        "fields": [_field(question) for question in _questions(state)],
        "texts": {lang: _texts(name, state, translator(lang)) for lang in LANGUAGES},
    }
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Said(body, f'"{hashlib.sha256(body).hexdigest()[:16]}"')


def said_of_none(name: str) -> Said:
    """What is said of a room that is not there, by its name."""
    return said(name, RoomState(follow=False), closed=True)


def tag_of(state: RoomState) -> str:
    """A digest of the scene: which of the teacher's a student's page shows."""
    return hashlib.sha256(f"{state.page}?{state.query}".encode()).hexdigest()[:8]


def _light(state: RoomState) -> str:
    """The light page of the scene, if it has one; a question of a link is asked in the app."""
    return "" if asks(state.query) else bundle.PATHS.get(state.page, "")


def entrance(name: str, state: RoomState) -> str:
    """The light page for whoever joins now, in the language of the browser: a path and a query."""
    asks = state.step and not state.revealed
    if asks or not state.follow or not _light(state):
        return f"play?room={name}"
    fields = [(key, text) for key, text in parse_qsl(state.query) if key not in _READERS]
    return f"{_light(state)}?{urlencode([*fields, ('room', name), ('scene', tag_of(state))])}"


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
