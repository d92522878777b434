"""Rooms in a Redis, which several servers share; Redis itself forgets them after a day.

| key | type | what |
|---|---|---|
| ``flowviz:rooms`` | sorted set | names by when they were opened |
| ``flowviz:room:NAME`` | hash | ``lock``, ``state``, ``version``, ``opened`` |
| ``flowviz:room:NAME:students`` | set | tokens of students who answered |
| ``flowviz:room:NAME:questions`` | set | numbers of questions with answers |
| ``flowviz:room:NAME:NUMBER`` | hash | a student's last answer to a question, by token |
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import redis

from flowviz.text import Refusal
from flowviz.ui.rooms import store
from flowviz.ui.rooms.names import new_name
from flowviz.ui.rooms.room import Answer, Room, RoomState
from flowviz.ui.rooms.store import unavailable

_ROOMS = "flowviz:rooms"
_TRIES = 20
_TIMEOUT_S = 3.0
# A script is one step for all servers: what it has seen holds while it writes.
_OPEN = """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3] - ARGV[4])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[5]) then return -1 end
if redis.call('ZCOUNT', KEYS[1], '(' .. (ARGV[3] - ARGV[7]), '+inf') >= tonumber(ARGV[6]) then
  return -1
end
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('HSET', KEYS[2], 'lock', ARGV[1], 'state', ARGV[2], 'version', 1, 'opened', ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[8])
return 1
"""
_CHANGE = """
if redis.call('HGET', KEYS[1], 'lock') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[2])
redis.call('HINCRBY', KEYS[1], 'version', 1)
return 1
"""
_CLOSE = """
if redis.call('HGET', KEYS[1], 'lock') ~= ARGV[1] then return 0 end
redis.call('ZREM', KEYS[2], ARGV[2])
for i, key in ipairs(KEYS) do
  if i ~= 2 then redis.call('DEL', key) end
end
return 1
"""
_ANSWER = """
local left = redis.call('TTL', KEYS[1])
if left < 1 then return 0 end
if redis.call('SISMEMBER', KEYS[2], ARGV[1]) == 0 then
  if redis.call('SCARD', KEYS[2]) >= tonumber(ARGV[3]) then return -1 end
  redis.call('SADD', KEYS[2], ARGV[1])
end
if redis.call('SISMEMBER', KEYS[4], ARGV[4]) == 0 then
  if redis.call('SCARD', KEYS[4]) >= tonumber(ARGV[5]) then return -1 end
  redis.call('SADD', KEYS[4], ARGV[4])
end
redis.call('HSET', KEYS[3], ARGV[1], ARGV[2])
for i = 2, 4 do redis.call('EXPIRE', KEYS[i], left) end
return 1
"""

_log = logging.getLogger(__name__)


def _key(name: str, part: str | int = "") -> str:
    return f"flowviz:room:{name}:{part}" if part != "" else f"flowviz:room:{name}"


class RedisStore:
    """Rooms in the Redis of an address, as ``redis://host:6379/0``."""

    def __init__(self, address: str) -> None:
        # A pool of connections, for all threads.
        client: Any = redis.Redis.from_url(
            address,
            decode_responses=True,
            socket_timeout=_TIMEOUT_S,
            socket_connect_timeout=_TIMEOUT_S,
        )
        self._client = client
        self._open: Callable[..., Any] = client.register_script(_OPEN)
        self._change: Callable[..., Any] = client.register_script(_CHANGE)
        self._close: Callable[..., Any] = client.register_script(_CLOSE)
        self._answer: Callable[..., Any] = client.register_script(_ANSWER)

    def open(self, lock: str, state: RoomState) -> str:
        """`RoomStore.open`."""
        limits = (int(store.LIFE_S), store.MOST_ROOMS, store.MOST_OPENED, int(store.RATE_S))
        for _ in range(_TRIES):
            name = new_name()
            with _reached():
                args = [lock, state.json, time.time(), *limits, name]
                done = self._open(keys=[_ROOMS, _key(name)], args=args)
            if done == 1:
                return name
            if done == -1:
                break
        raise Refusal("error.room.many")

    def get(self, name: str) -> Room | None:
        """`RoomStore.get`."""
        with _reached():
            found = self._client.hgetall(_key(name))
            if not found:
                return None
            state = RoomState(**json.loads(found["state"]))
            return Room(name, state, int(found["version"]), float(found["opened"]))

    def is_opened_by(self, name: str, lock: str) -> bool:
        """`RoomStore.is_opened_by`."""
        with _reached():
            return self._client.hget(_key(name), "lock") == lock

    def change(self, name: str, lock: str, state: RoomState) -> bool:
        """`RoomStore.change`."""
        with _reached():
            return self._change(keys=[_key(name)], args=[lock, state.json]) == 1

    def close(self, name: str, lock: str) -> bool:
        """`RoomStore.close`."""
        parts = _key(name, "students"), _key(name, "questions")
        with _reached():
            asked = self._client.smembers(_key(name, "questions"))
            keys = [_key(name), _ROOMS, *parts, *(_key(name, number) for number in asked)]
            return self._close(keys=keys, args=[lock, name]) == 1

    def answer(self, name: str, number: int, student: str, answer: Answer) -> None:
        """`RoomStore.answer`."""
        keys = [_key(name), *(_key(name, part) for part in ("students", number, "questions"))]
        args = [student, json.dumps(answer), store.MOST_STUDENTS, number, store.MOST_QUESTIONS]
        with _reached():
            done = self._answer(keys=keys, args=args)
        if done != 1:
            raise Refusal("error.room.unknown" if done == 0 else "error.room.full")

    def answers(self, name: str, number: int) -> list[Answer]:
        """`RoomStore.answers`."""
        with _reached():
            found = self._client.hgetall(_key(name, number))
            return [tuple(json.loads(numbers)) for _, numbers in sorted(found.items())]


@contextmanager
def _reached() -> Iterator[None]:
    """What Redis cannot do is one sentence."""
    try:
        yield
    except (redis.RedisError, OSError, ValueError, TypeError, KeyError) as error:
        _log.warning("rooms: %s", type(error).__name__)  # its text may hold the password
        raise unavailable() from None
