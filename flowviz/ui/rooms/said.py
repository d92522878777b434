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
from urllib.parse import parse_qs, parse_qsl, urlencode

from flowviz.scene import Scene
from flowviz.scene.exercise import asks
from flowviz.text import LANGUAGES, Translator, translator
from flowviz.ui.play import bundle
from flowviz.ui.rooms.asked import Asked, asked, texts, without_question
from flowviz.ui.rooms.room import RoomState
from flowviz.ui.rooms.sketch import sketch, titles
from flowviz.ui.widgets.question import Choice, Question

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
    question = None if closed else asked(state)
    page, query = _scene(state)
    content = {
        "name": name,
        "closed": closed,
        "step": question.number if question else 0,
        "revealed": state.revealed,
        "follow": state.follow,
        "scene": {
            "page": page,
            "query": query,
            "light": _light(state),
            "tag": tag_of(state),
        },
        "fields": [_field(one) for one in (question.questions if question else ())],
        "sketch": sketch(question) if question and not state.revealed else None,
        "texts": {
            lang: _texts(name, question, translator(lang), state.revealed) for lang in LANGUAGES
        },
    }
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Said(body, f'"{hashlib.sha256(body).hexdigest()[:16]}"')


def said_of_none(name: str) -> Said:
    """What is said of a room that is not there, by its name."""
    return said(name, RoomState(follow=False), closed=True)


def tag_of(state: RoomState) -> str:
    """A digest of the scene: which of the teacher's a student's page shows."""
    page, query = _scene(state)
    return hashlib.sha256(f"{page}?{query}".encode()).hexdigest()[:8]


def _scene(state: RoomState) -> tuple[str, str]:
    """The page and the link of the scene, without the question that the room itself asks."""
    if not asks(state.query):
        return state.page, state.query
    scene = without_question(Scene.from_query(parse_qs(state.query)))
    return state.page, scene.query_string(state.page)


def _light(state: RoomState) -> str:
    """The light page of the scene, if it has one."""
    return bundle.PATHS.get(state.page, "")


def entrance(name: str, state: RoomState) -> str:
    """The light page for whoever joins now, in the language of the browser: a path and a query."""
    is_open = asked(state) and not state.revealed
    if is_open or not state.follow or not _light(state):
        return f"play?room={name}"
    fields = [(key, text) for key, text in parse_qsl(_scene(state)[1]) if key not in _READERS]
    return f"{_light(state)}?{urlencode([*fields, ('room', name), ('scene', tag_of(state))])}"


def _field(question: Question) -> dict[str, Any]:
    if isinstance(question, Choice):
        return {"options": question.options, "step": 1, "axis": ""}
    return {"options": 0, "step": question.step, "axis": question.axis}


def _texts(name: str, question: Asked | None, tr: Translator, revealed: bool) -> dict[str, str]:
    words = {word: tr(f"rooms.said.{word}") for word in WORDS}
    words["room"] = tr("rooms.said.room", name=name)
    if question is None:
        return words
    drawn = {} if revealed else titles(question, tr.lang)
    return words | texts(question, tr, revealed=revealed) | drawn
