"""Rooms in one SQLite file, for a server of one or several processes on one machine.

A connection for each thread; writers wait for each other (``busy_timeout``), readers for nobody
(WAL). A damaged file is set aside, and the next room begins a new one.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flowviz.text import Refusal
from flowviz.ui.rooms import store
from flowviz.ui.rooms.names import new_name
from flowviz.ui.rooms.room import Answer, Room, RoomState
from flowviz.ui.rooms.store import unavailable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS rooms (
  name TEXT PRIMARY KEY, lock TEXT NOT NULL, state TEXT NOT NULL, version INTEGER NOT NULL,
  opened REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (
  room TEXT NOT NULL, student TEXT NOT NULL, step INTEGER NOT NULL, numbers TEXT NOT NULL,
  PRIMARY KEY (room, student, step)
) WITHOUT ROWID;
"""
_BUSY_MS = 5_000
_TRIES = 20
"""Names that are tried for a new room."""
_PAGES = 25_000
"""The most pages of 4 KiB that the file may take: 100 MB."""

_log = logging.getLogger(__name__)


class SqliteStore:
    """Rooms in ``rooms.sqlite`` of a folder, which is made when first needed."""

    def __init__(self, folder: str | Path) -> None:
        self.path = Path(folder) / "rooms.sqlite"
        self._local = threading.local()

    # -------------------------------------------------------------------------- RoomStore

    def open(self, lock: str, state: RoomState) -> str:
        """`RoomStore.open`."""
        now = time.time()
        with self._transaction() as db:
            _forget(db, now)
            rooms, fresh = db.execute(
                "SELECT COUNT(*), COALESCE(SUM(opened > ?), 0) FROM rooms", (now - store.RATE_S,)
            ).fetchone()
            if rooms >= store.MOST_ROOMS or fresh >= store.MOST_OPENED:
                raise Refusal("error.room.many")
            for _ in range(_TRIES):
                name = new_name()
                row = (name, lock, state.json, 1, now)
                if db.execute("INSERT OR IGNORE INTO rooms VALUES (?, ?, ?, ?, ?)", row).rowcount:
                    return name
        raise Refusal("error.room.many")

    def get(self, name: str) -> Room | None:
        """`RoomStore.get`."""
        with self._connection() as db:
            row = db.execute(
                "SELECT state, version, opened FROM rooms WHERE name = ? AND opened > ?",
                (name, time.time() - store.LIFE_S),
            ).fetchone()
        return row and Room(name, RoomState(**json.loads(row[0])), row[1], row[2])

    def is_opened_by(self, name: str, lock: str) -> bool:
        """`RoomStore.is_opened_by`."""
        with self._connection() as db:
            return bool(db.execute(*_of_teacher("SELECT 1 FROM rooms", name, lock)).fetchone())

    def change(self, name: str, lock: str, state: RoomState) -> bool:
        """`RoomStore.change`."""
        statement, where = _of_teacher(
            "UPDATE rooms SET state = ?, version = version + 1", name, lock
        )
        with self._transaction() as db:
            return db.execute(statement, (state.json, *where)).rowcount > 0

    def close(self, name: str, lock: str) -> bool:
        """`RoomStore.close`."""
        with self._transaction() as db:
            found = db.execute(*_of_teacher("DELETE FROM rooms", name, lock)).rowcount > 0
            if found:
                db.execute("DELETE FROM answers WHERE room = ?", (name,))
        return found

    def answer(self, name: str, number: int, student: str, answer: Answer) -> None:
        """`RoomStore.answer`."""
        with self._transaction() as db:
            oldest = time.time() - store.LIFE_S
            where = "SELECT 1 FROM rooms WHERE name = ? AND opened > ?"
            if not db.execute(where, (name, oldest)).fetchone():
                raise Refusal("error.room.unknown")
            where = "SELECT 1 FROM answers WHERE room = ? AND student = ? LIMIT 1"
            if not db.execute(where, (name, student)).fetchone():
                count = "SELECT COUNT(DISTINCT student) FROM answers WHERE room = ?"
                if db.execute(count, (name,)).fetchone()[0] >= store.MOST_STUDENTS:
                    raise Refusal("error.room.full")
            where = "SELECT 1 FROM answers WHERE room = ? AND step = ? LIMIT 1"
            if not db.execute(where, (name, number)).fetchone():
                count = "SELECT COUNT(DISTINCT step) FROM answers WHERE room = ?"
                if db.execute(count, (name,)).fetchone()[0] >= store.MOST_QUESTIONS:
                    raise Refusal("error.room.full")
            row = (name, student, number, json.dumps(answer))
            db.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)", row)

    def answers(self, name: str, number: int) -> list[Answer]:
        """`RoomStore.answers`."""
        with self._connection() as db:
            rows = db.execute(
                "SELECT numbers FROM answers WHERE room = ? AND step = ? ORDER BY student",
                (name, number),
            ).fetchall()
        return [tuple(json.loads(numbers)) for (numbers,) in rows]

    # -------------------------------------------------------------------------- connections

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """The thread's connection; what SQLite cannot do is one sentence."""
        try:
            yield self._connected()
        except (sqlite3.Error, OSError, ValueError, TypeError) as error:
            if isinstance(error, Refusal):
                raise
            _log.warning("rooms: %s", error)
            self._recover(error)
            raise unavailable() from None

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One that holds the writer's lock from its beginning; undone by an exception."""
        with self._connection() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    db.execute("ROLLBACK")
                raise

    def _connected(self) -> sqlite3.Connection:
        process, db = getattr(self._local, "held", (0, None))
        # Not of the process that this one was forked from, nor of a file that was moved or removed.
        if db is None or process != (os.getpid(), self._identity()):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(self.path, timeout=_BUSY_MS / 1000, isolation_level=None)
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            db.execute(f"PRAGMA max_page_count={_PAGES}")
            db.executescript(_SCHEMA)
            self._local.held = ((os.getpid(), self._identity()), db)
        return db

    def _identity(self) -> tuple[int, int] | None:
        try:
            stat = self.path.stat()
        except OSError:
            return None
        return stat.st_dev, stat.st_ino

    def _recover(self, error: Exception) -> None:
        """Close the connection; set a damaged file aside."""
        _, db = getattr(self._local, "held", (0, None))
        self._local.held = (0, None)
        if db is not None:
            with suppress(sqlite3.Error):
                db.close()
        code = getattr(error, "sqlite_errorcode", None)
        damaged = code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
        if damaged or isinstance(error, ValueError | TypeError):
            for suffix in ("", "-wal", "-shm"):
                with suppress(OSError):
                    os.replace(f"{self.path}{suffix}", f"{self.path}.damaged{suffix}")


def _forget(db: sqlite3.Connection, now: float) -> None:
    """Remove rooms that have lived their day."""
    oldest = (now - store.LIFE_S,)
    db.execute(
        "DELETE FROM answers WHERE room IN (SELECT name FROM rooms WHERE opened <= ?)", oldest
    )
    db.execute("DELETE FROM rooms WHERE opened <= ?", oldest)


def _of_teacher(statement: str, name: str, lock: str) -> tuple[str, tuple[object, ...]]:
    where = (name, lock, time.time() - store.LIFE_S)
    return f"{statement} WHERE name = ? AND lock = ? AND opened > ?", where
