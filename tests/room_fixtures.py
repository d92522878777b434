"""Rooms for tests: an empty store by either implementation, keys, students."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from flowviz.text import LANGUAGES, Refusal, translator
from flowviz.ui.rooms import store
from flowviz.ui.rooms.room import Answer, RoomState, lock_of, new_key
from flowviz.ui.rooms.store import RoomStore
from tests.redis_server import find_redis, running_redis

KEY, OTHER = new_key(), new_key()
LOCK = lock_of(KEY)
ASKED = RoomState(step=2, query="lang=en")
STUDENTS = [f"{k:032x}" for k in range(400)]


@pytest.fixture(scope="module")
def redis_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis for this file. In CI its absence is a failure, else a skip."""
    if find_redis() is None and not os.environ.get("CI"):
        pytest.skip("no redis-server; `make browser` installs it or says how")
    with running_redis(tmp_path_factory.mktemp("redis")) as address:
        yield address


@pytest.fixture(params=["sqlite", "redis"])
def rooms(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> RoomStore:
    """The server's store, by either implementation, and empty."""
    monkeypatch.setenv("FLOWVIZ_CACHE", str(tmp_path))
    monkeypatch.delenv("FLOWVIZ_ROOMS", raising=False)
    if request.param == "redis":
        address = request.getfixturevalue("redis_address")
        client = redis.Redis.from_url(address)
        client.flushall()
        client.close()
        monkeypatch.setenv("FLOWVIZ_ROOMS", address)
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
