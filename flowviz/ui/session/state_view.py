"""The state of a session, looked up without a copy of all of it and without detours.

Streamlit's sliders, menus and text fields ask for ``filtered_state`` to look one key up in it: a
dict of every value of the session, made anew for each of them. Here it is looked up when asked for.

A value that belongs to no widget is looked up as if it did, with the identifier, the metadata and
the presentation that it has not: some hundred times in a run. Here it is read where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any

from streamlit.runtime.state import SafeSessionState, SessionState


class _View(Mapping[str, Any]):
    """The values by the keys of widgets and of scripts."""

    def __init__(self, state: SafeSessionState) -> None:
        self._state_of = state

    def __getitem__(self, key: str) -> Any:
        with self._state_of._lock:
            return self._state_of._state[key]

    def __iter__(self) -> Iterator[str]:
        return iter(_whole(self._state_of))

    def __len__(self) -> int:
        return len(_whole(self._state_of))

    def __repr__(self) -> str:
        return repr(_whole(self._state_of))


def _whole(state: SafeSessionState) -> dict[str, Any]:
    with state._lock:
        return state._state.filtered_state


def _with_short_way(look_up: Callable[[SessionState, str], Any]) -> Any:
    @wraps(look_up)
    def get(self: SessionState, key: str) -> Any:
        names = self._key_id_mapper
        if key not in names._key_id_mapping and key not in self._new_widget_state.states:
            for values in (self._new_session_state, self._old_state):
                if key in values and key not in names._id_key_mapping:
                    return values[key]
        return look_up(self, key)

    return get


def look_up_single_keys() -> None:
    """Have the sessions' states looked up key by key."""
    SafeSessionState.filtered_state = property(_View)  # type: ignore[assignment]
    SessionState.__getitem__ = _with_short_way(SessionState.__getitem__)
