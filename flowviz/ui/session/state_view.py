"""The state of a session as widgets look at it, without a copy of all of it.

Streamlit's sliders, menus and text fields ask for ``filtered_state`` to look one key up in it: a
dict of every value of the session, made anew for each of them. Here it is looked up when asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from streamlit.runtime.state import SafeSessionState


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


def look_up_single_keys() -> None:
    """Have the sessions' states looked up key by key."""
    SafeSessionState.filtered_state = property(_View)  # type: ignore[assignment]
