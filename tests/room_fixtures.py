"""Rooms for tests: an empty store by either implementation, keys, students."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flowviz.text import LANGUAGES, Refusal, translator
from flowviz.ui.rooms import store
from flowviz.ui.rooms.room import Answer, RoomState, lock_of, new_key
from flowviz.ui.rooms.store import RoomStore

KEY, OTHER = new_key(), new_key()
LOCK = lock_of(KEY)
ASKED = RoomState(step=2, query="lang=en")
STUDENTS = [f"{k:032x}" for k in range(400)]


@pytest.fixture
def rooms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RoomStore:
    """The server's store, and empty."""
    monkeypatch.setenv("FLOWVIZ_CACHE", str(tmp_path))
    store._store.cache_clear()
    return store.default_store()


def refused(action: Callable[[], object]) -> str:
    """The key of the sentence with which an action is refused."""
    with pytest.raises(Refusal) as why:
        action()
    assert all(why.value.translated(translator(lang)) for lang in LANGUAGES)
    return why.value.key


def open_room() -> str:
    """Open a room that asks the question of `ASKED` in the server's store; its name."""
    return store.default_store().open(LOCK, ASKED)


def answers_kept(name: str) -> list[Answer]:
    """What a class answered there."""
    return store.default_store().answers(name, ASKED.step)
