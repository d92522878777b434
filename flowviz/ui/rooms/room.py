"""What a room holds, and what is an answer to its question."""

from __future__ import annotations

import hashlib
import json
import math
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeGuard
from urllib.parse import parse_qs

from flowviz.scene import Scene
from flowviz.scene.lesson_answers import STEPS
from flowviz.scene.link import MAX_LINK
from flowviz.scene.settings import SHOWN
from flowviz.text import Refusal
from flowviz.ui.widgets.question import Question, possible

Answer = tuple[float, ...]

_STUDENT = re.compile(r"[0-9a-f]{32}")
_KEY = re.compile(r"[A-Za-z0-9_-]{43}")
_MAX_FIELDS = 200


@dataclass(frozen=True)
class RoomState:
    """What the teacher shows.

    Attributes:
        step: of the lesson, whose question is asked; 0 for none.
        revealed: whether the answer is shown; then none is taken.
        page: of the scene.
        query: the scene's link on that page; without a step, it may ask an exercise's question.
        follow: whether students are led to the scene.
    """

    step: int = 0
    revealed: bool = False
    page: str = "fan"
    query: str = ""
    follow: bool = True

    @property
    def json(self) -> str:
        """Its text in the store."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def read(cls, given: object) -> RoomState:
        """From a stranger's JSON.

        Raises:
            Refusal: it has not this form.
        """
        if not isinstance(given, Mapping):
            raise Refusal("error.room.state")
        fields: dict[str, Any] = asdict(cls()) | {str(name): given[name] for name in given}
        try:
            found = cls(**fields)
        except TypeError:
            raise Refusal("error.room.state") from None
        if not found._is_valid():
            raise Refusal("error.room.state")
        return found

    def _is_valid(self) -> bool:
        kinds = {"step": int, "revealed": bool, "page": str, "query": str, "follow": bool}
        return (
            all(type(getattr(self, name)) is kind for name, kind in kinds.items())
            and 0 <= self.step <= STEPS
            and self.page in SHOWN
            and _is_link(self.query)
        )


def _is_link(query: str) -> bool:
    """Whether a query is that of a scene, without a part that is not understood."""
    if len(query) > MAX_LINK:
        return False
    try:
        fields = parse_qs(query, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        return False
    return not Scene.read_query(fields)[1]


@dataclass(frozen=True)
class Room:
    """A room as it is kept; ``version`` grows with every change, ``opened`` is a time in s."""

    name: str
    state: RoomState
    version: int
    opened: float


def new_key() -> str:
    """A teacher's key of 256 bits."""
    return secrets.token_urlsafe(32)


def is_key(text: object) -> TypeGuard[str]:
    """Whether a text may be a teacher's key."""
    return isinstance(text, str) and bool(_KEY.fullmatch(text))


def lock_of(key: str) -> str:
    """What is kept of a teacher's key: its SHA-256."""
    return hashlib.sha256(key.encode()).hexdigest()


def read_student(given: object) -> str:
    """A student's token: 32 hexadecimal digits made by the browser by chance.

    Raises:
        Refusal: it has not this form.
    """
    if not isinstance(given, str) or not _STUDENT.fullmatch(given):
        raise Refusal("error.room.message")
    return given


def read_answer(questions: Sequence[Question], given: object) -> Answer:
    """An answer to questions: a number for each, where an option is its place.

    Raises:
        Refusal: it does not fit them.
    """
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise Refusal("error.room.answer")
    numbers = []
    for value in given:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Refusal("error.room.answer")
        try:
            numbers.append(float(value))
        except OverflowError:
            raise Refusal("error.room.answer") from None
    answer = tuple(numbers)
    if not all(map(math.isfinite, answer)) or possible(questions, answer) is None:
        raise Refusal("error.room.answer")
    return answer
