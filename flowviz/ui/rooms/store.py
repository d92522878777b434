"""Where rooms are kept: on this machine's disk, or in a Redis that several servers share.

``FLOWVIZ_ROOMS`` names the Redis, as ``redis://host:6379/0`` or ``rediss://…``; without it rooms
are in a file of the cache folder. A room lives a day. Of a student there is a random token and the
last answer to each question, and nothing else.
"""

from __future__ import annotations

import os
import re
from functools import cache
from typing import TYPE_CHECKING, Protocol

from flowviz.text import Refusal
from flowviz.ui.jobs.store import cache_folder

if TYPE_CHECKING:  # it loads torch, which `server.limit_threads` must come before
    from flowviz.ui.rooms.room import Answer, Room, RoomState

LIFE_S = 86_400.0
MOST_ROOMS = 500
MOST_STUDENTS = 1_000
"""Of a room."""
MOST_QUESTIONS = 60
"""With answers, of a room."""
MOST_OPENED = 30
"""Rooms that are opened in a minute."""
RATE_S = 60.0

_REDIS = re.compile(r"rediss?://[^\s/]+(/\d{0,4})?(\?[!-~]*)?")


class RoomStore(Protocol):
    """Rooms and their answers.

    Every function raises a `Refusal` with one sentence where the store cannot be reached, is
    damaged or full; the room's function alone ends then.
    """

    def open(self, lock: str, state: RoomState) -> str:
        """Open a room; its name.

        Args:
            lock: of the teacher's key (`room.lock_of`).
            state: the first.

        Raises:
            Refusal: also where there are too many rooms, or too many were just opened.
        """
        ...

    def get(self, name: str) -> Room | None:
        """A room; None if there is none of that name, or it has lived its day."""
        ...

    def is_opened_by(self, name: str, lock: str) -> bool:
        """Whether there is such a room, and it is this teacher's."""
        ...

    def change(self, name: str, lock: str, state: RoomState) -> bool:
        """Set a room's state; False if there is no such room of this teacher."""
        ...

    def close(self, name: str, lock: str) -> bool:
        """Remove a room with its answers; False if there is no such room of this teacher."""
        ...

    def answer(self, name: str, number: int, student: str, answer: Answer) -> None:
        """Keep a student's answer to a question, by its number, in place of the last.

        Raises:
            Refusal: also where there is no such room, or it has too many students or questions.
        """
        ...

    def answers(self, name: str, number: int) -> list[Answer]:
        """The last answers of all students to a question, in no order of students."""
        ...


def check_settings() -> None:
    """Read the setting, so that an invalid one fails at start-up.

    Raises:
        ValueError: naming it and its value.
    """
    address = os.environ.get("FLOWVIZ_ROOMS", "")
    if address and not _REDIS.fullmatch(address):
        raise ValueError(f"FLOWVIZ_ROOMS must be as redis://host:6379/0, got {address!r}")


def default_store() -> RoomStore:
    """The store of this server."""
    check_settings()
    return _store(os.environ.get("FLOWVIZ_ROOMS", ""), str(cache_folder() / "rooms"))


@cache
def _store(address: str, folder: str) -> RoomStore:
    if address:
        from flowviz.ui.rooms.redis_store import RedisStore

        return RedisStore(address)
    from flowviz.ui.rooms.sqlite_store import SqliteStore

    return SqliteStore(folder)


def unavailable() -> Refusal:
    """What is said where the store fails."""
    return Refusal("error.room.store")
