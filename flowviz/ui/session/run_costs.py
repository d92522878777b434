"""What Streamlit does at every run, and need not do again.

- A run begins with a message that has all settings of the theme, from some 300 look-ups. They are
  read when the server starts and never change: here the first message's are repeated.
- Each fragment keeps a deep copy of all places where the page is being written to. What is in a
  place never changes but its index: here the copy is one of the place alone.
- What a component is sent is searched for tables. Ours are in packed blocks: here dicts and lists
  are none.
- Each of some eighty messages wakes the thread that sends them, which is to get the interpreter
  from the script for it. Messages go out a hundred times a second: here those that came in the
  meantime are handed over together, in their order.

Together they take longer than the trajectories of a picture.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable
from functools import partial, wraps
from threading import Lock
from typing import Any, cast
from weakref import WeakKeyDictionary

from streamlit.components.v2.bidi_component import serialization
from streamlit.cursor import LockedCursor, RunningCursor
from streamlit.dataframe_util import is_dataframe_like
from streamlit.runtime import app_session
from streamlit.runtime.app_session import AppSession

_JSON = frozenset({dict, list})


def reduce_run_costs() -> None:
    """Let the runs of all sessions do less."""
    app_session._populate_theme_msg = _read_once(app_session._populate_theme_msg)
    for place in (RunningCursor, LockedCursor):
        place.__deepcopy__ = _copied  # type: ignore[attr-defined]
    cast(Any, serialization).is_dataframe_like = _is_table
    AppSession._call_soon_on_event_loop = _together(AppSession._call_soon_on_event_loop)


def _is_table(value: object) -> bool:
    return type(value) not in _JSON and is_dataframe_like(value)


def _together(call_soon: Any) -> Any:
    waiting: WeakKeyDictionary[AppSession, deque[Callable[[], None]]] = WeakKeyDictionary()
    lock = Lock()

    @wraps(call_soon)
    def call_together(self: AppSession, callback: Callable[[], None]) -> None:
        with lock:
            calls = waiting.setdefault(self, deque())
            calls.append(callback)
            first = len(calls) == 1  # else the one before has woken the event loop
        if first:
            try:
                call_soon(self, partial(_call_all, calls, partial(call_soon, self)))
            except BaseException:  # the loop was not woken: the next call is to wake it again
                calls.clear()
                raise

    return call_together


def _call_all(calls: deque[Callable[[], None]], call_soon: Callable[[Any], None]) -> None:
    """Call them in their order; a call stays in the queue until it has been made."""
    try:
        while calls:
            calls[0]()
            calls.popleft()
    except BaseException:  # of which the event loop tells; the others are called all the same
        calls.popleft()
        call_soon(partial(_call_all, calls, call_soon))
        raise


def _read_once(populate: Any) -> Any:
    read: dict[str, Any] = {}

    @wraps(populate)
    def populate_theme(msg: Any, section: str = "theme") -> None:
        if section not in read:
            first = type(msg)()
            populate(first, section)
            read[section] = first
        msg.MergeFrom(read[section])

    return populate_theme


def _copied(place: Any, memo: dict[int, Any]) -> Any:
    found = object.__new__(type(place))
    vars(found).update(vars(place))
    held = place._transient_elements
    found._transient_elements = copy.deepcopy(held, memo) if len(held) else type(held)()
    return found
