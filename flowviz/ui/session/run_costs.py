"""What Streamlit does at every run, and need not do again.

- A run begins with a message that has all settings of the theme, from some 300 look-ups. They are
  read when the server starts and never change: here the first message's are repeated.
- Each fragment keeps a deep copy of all places where the page is being written to. What is in a
  place never changes but its index: here the copy is one of the place alone.

Together they take as long as the trajectories of a picture.
"""

from __future__ import annotations

import copy
from functools import wraps
from typing import Any

from streamlit.cursor import LockedCursor, RunningCursor
from streamlit.runtime import app_session


def reduce_run_costs() -> None:
    """Let the runs of all sessions do less."""
    app_session._populate_theme_msg = _read_once(app_session._populate_theme_msg)
    for place in (RunningCursor, LockedCursor):
        place.__deepcopy__ = _copied  # type: ignore[attr-defined]


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
