"""Rooms: what they are called, and both stores."""

from __future__ import annotations

import itertools
import os
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from flowviz.ui.rooms import names, sqlite_store, store
from flowviz.ui.rooms.redis_store import RedisStore
from flowviz.ui.rooms.room import RoomState, lock_of
from flowviz.ui.rooms.sqlite_store import SqliteStore
from flowviz.ui.rooms.store import RoomStore
from tests.room_fixtures import ASKED, LOCK, OTHER, STUDENTS, redis_address, refused, rooms

__all__ = ["redis_address", "rooms"]  # fixtures


# ------------------------------------------------------------------------------ names


def distance(a: str, b: str) -> int:
    """Letters by which two words differ."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def test_words_are_short_and_none_is_mistaken_for_another() -> None:
    assert all(3 < len(word) <= 6 and word.isascii() and word.islower() for word in names.WORDS)
    near = [pair for pair in itertools.combinations(names.WORDS, 2) if distance(*pair) < 2]
    assert near == []


@pytest.mark.parametrize(
    "typed", ["river-427", " River 427 ", "RIVER427", "ｒｉｖｅｒ－４２７", "river – 427"]
)
def test_a_name_is_read_as_it_is_typed(typed: str) -> None:
    assert names.read_name(typed) == "river-427"


@given(st.text(max_size=60))
def test_any_text_is_a_name_or_none(typed: str) -> None:
    found = names.read_name(typed)
    assert found is None or names.is_name(found)
    assert names.is_name(names.new_name())


# ------------------------------------------------------------------------------ both stores


def test_a_room_is_opened_changed_and_closed_by_its_teacher_alone(rooms: RoomStore) -> None:
    name = rooms.open(LOCK, ASKED)
    assert names.is_name(name)
    room = rooms.get(name)
    assert room
    assert (room.name, room.state) == (name, ASKED)
    later, theirs = RoomState(step=2, revealed=True), lock_of(OTHER)
    assert not rooms.change(name, theirs, later)
    assert not rooms.close(name, theirs)
    assert not rooms.is_opened_by(name, theirs)
    assert rooms.get(name) == room
    assert rooms.is_opened_by(name, LOCK)
    assert rooms.change(name, LOCK, later)
    changed = rooms.get(name)
    assert changed
    assert (changed.state, changed.version) == (later, room.version + 1)
    rooms.answer(name, 2, STUDENTS[0], (1.0,))
    assert rooms.close(name, LOCK)
    assert rooms.get(name) is None
    assert rooms.answers(name, 2) == []
    assert not rooms.close(name, LOCK)
    assert not rooms.change(name, LOCK, later)
    assert refused(lambda: rooms.answer(name, 2, STUDENTS[0], (1.0,))) == "error.room.unknown"


def test_the_last_answer_of_a_student_counts_for_each_step(rooms: RoomStore) -> None:
    name, other = rooms.open(LOCK, ASKED), rooms.open(LOCK, ASKED)
    rooms.answer(name, 2, STUDENTS[0], (0.5,))
    rooms.answer(name, 2, STUDENTS[1], (0.25,))
    rooms.answer(name, 1, STUDENTS[0], (1.0, 1.5))
    rooms.answer(name, 2, STUDENTS[0], (1.0,))
    rooms.answer(other, 2, STUDENTS[2], (9.0,))
    assert sorted(rooms.answers(name, 2)) == [(0.25,), (1.0,)]
    assert rooms.answers(name, 1) == [(1.0, 1.5)]
    assert rooms.answers(other, 2) == [(9.0,)]


def test_a_class_that_answers_at_once_loses_nothing(rooms: RoomStore) -> None:
    name = rooms.open(LOCK, ASKED)

    def some(first: int) -> None:
        for k in range(first, 300, 6):
            rooms.answer(name, 2, STUDENTS[k], (k / 8,))

    threads = [threading.Thread(target=some, args=(k,)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(rooms.answers(name, 2)) == [(k / 8,) for k in range(300)]


def test_numbers_are_bounded(rooms: RoomStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST_STUDENTS", 3)
    monkeypatch.setattr(store, "MOST_OPENED", 2)
    monkeypatch.setattr(store, "MOST_QUESTIONS", 1)
    name = rooms.open(LOCK, ASKED)
    for student in STUDENTS[:3]:
        rooms.answer(name, 2, student, (1.0,))
    assert refused(lambda: rooms.answer(name, 2, STUDENTS[3], (1.0,))) == "error.room.full"
    rooms.answer(name, 2, STUDENTS[0], (2.0,))  # who is in it may change
    assert len(rooms.answers(name, 2)) == 3
    assert refused(lambda: rooms.answer(name, 1, STUDENTS[0], (1.0, 1.5))) == "error.room.full"
    rooms.open(LOCK, ASKED)
    assert refused(lambda: rooms.open(LOCK, ASKED)) == "error.room.many"
    monkeypatch.setattr(store, "MOST_OPENED", 100)
    monkeypatch.setattr(store, "MOST_ROOMS", 2)
    assert refused(lambda: rooms.open(LOCK, ASKED)) == "error.room.many"


def test_a_room_lives_a_day(rooms: RoomStore, monkeypatch: pytest.MonkeyPatch) -> None:
    if isinstance(rooms, SqliteStore):
        name, now = rooms.open(LOCK, ASKED), time.time()
        rooms.answer(name, 2, STUDENTS[0], (1.0,))
        monkeypatch.setattr(sqlite_store.time, "time", lambda: now + 86_390)
        assert rooms.get(name)
        monkeypatch.setattr(sqlite_store.time, "time", lambda: now + 86_401)
        assert rooms.get(name) is None
        assert not rooms.change(name, LOCK, ASKED)
        assert refused(lambda: rooms.answer(name, 2, STUDENTS[0], (1.0,))) == "error.room.unknown"
        other = rooms.open(LOCK, ASKED)  # and leaves nothing behind
        with sqlite3.connect(rooms.path) as db:
            assert db.execute("SELECT name FROM rooms").fetchall() == [(other,)]
            assert db.execute("SELECT * FROM answers").fetchall() == []
    else:
        name = rooms.open(LOCK, ASKED)
        rooms.answer(name, 2, STUDENTS[0], (1.0,))
        rooms.change(name, LOCK, ASKED)
        client: Any = redis.Redis.from_url(os.environ["FLOWVIZ_ROOMS"])
        lives = {key.decode(): client.ttl(key) for key in client.keys("flowviz:room:*")}
        assert len(lives) == 4
        assert all(86_300 < left <= 86_400 for left in lives.values()), lives


def test_another_process_and_a_restarted_server_find_the_room(rooms: RoomStore) -> None:
    name = rooms.open(LOCK, ASKED)
    rooms.answer(name, 2, STUDENTS[0], (1.0,))
    store._store.cache_clear()
    again = store.default_store()
    assert again is not rooms
    assert again.get(name) == rooms.get(name)
    assert again.answers(name, 2) == [(1.0,)]
    assert again.is_opened_by(name, LOCK)


# ------------------------------------------------------------------------------ disk and network


@pytest.fixture
def on_disk(tmp_path: Path) -> SqliteStore:
    return SqliteStore(tmp_path / "rooms")


def test_a_damaged_file_costs_a_sentence_and_is_set_aside(on_disk: SqliteStore) -> None:
    name = on_disk.open(LOCK, ASKED)
    on_disk._local.held[1].close()
    damaged = SqliteStore(on_disk.path.parent)
    on_disk.path.write_bytes(b"no database " * 1_000)
    assert refused(lambda: damaged.get(name)) == "error.room.store"
    assert damaged.get(name) is None
    assert damaged.get(damaged.open(LOCK, ASKED))
    assert (on_disk.path.parent / "rooms.sqlite.damaged").read_bytes().startswith(b"no database")


def test_a_full_disk_costs_a_sentence_and_loses_nothing(on_disk: SqliteStore) -> None:
    name = on_disk.open(LOCK, ASKED)
    on_disk.answer(name, 2, STUDENTS[0], (1.0,))
    db = on_disk._local.held[1]
    pages = db.execute("PRAGMA page_count").fetchone()[0]
    db.execute(f"PRAGMA max_page_count={pages}")

    def fill() -> None:
        for student in STUDENTS:
            on_disk.answer(name, 2, student, (0.123456789,))

    assert refused(fill) == "error.room.store"
    room = on_disk.get(name)  # by a connection of its own, with the usual bound
    assert room
    assert room.state == ASKED
    assert on_disk.answers(name, 2)


def test_a_folder_that_cannot_be_written_costs_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    nowhere = SqliteStore(tmp_path / "file" / "rooms")
    assert refused(lambda: nowhere.open(LOCK, ASKED)) == "error.room.store"
    assert refused(lambda: nowhere.get("river-427")) == "error.room.store"


def test_a_redis_that_does_not_answer_costs_a_sentence() -> None:
    nobody = RedisStore("redis://127.0.0.1:1/0")
    assert refused(lambda: nobody.open(LOCK, ASKED)) == "error.room.store"
    assert refused(lambda: nobody.get("river-427")) == "error.room.store"


@pytest.mark.parametrize("address", ["http://x", "redis://", "redis://a b", "river"])
def test_a_setting_that_is_none_fails_at_start(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLOWVIZ_ROOMS", address)
    with pytest.raises(ValueError, match="FLOWVIZ_ROOMS"):
        store.check_settings()
