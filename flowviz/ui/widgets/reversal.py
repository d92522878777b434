"""Changes of the scene that one press takes back, also after a reload.

The link of the scene after a change does not determine the scene before it. Both are kept in the
session and, by browser, on disk.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qs

import streamlit as st

from flowviz.scene import Scene
from flowviz.ui.jobs.store import default_store
from flowviz.ui.session import state
from flowviz.ui.session.connection import browser_name

_MAX_CHANGES = 8  # in the session: an undo of later ones leads back to an earlier one


@dataclass(frozen=True)
class Change:
    """The scenes before and after a change."""

    before: Scene
    after: Scene


@dataclass(frozen=True)
class Changes:
    """The changes of one kind.

    Attributes:
        kind: their name, letters and digits.
        fields: a change can be taken back while the scene has its values of these fields.
    """

    kind: str
    fields: tuple[str, ...]

    def record(self, change: Change) -> None:
        """Keep a change that was just made."""
        others = [c for c in self._changes if self._values(c.after) != self._values(change.after)]
        st.session_state[self._key] = [*others, change][-_MAX_CHANGES:]
        if name := browser_name():
            texts = (change.before.query_string(), change.after.query_string())
            default_store().put(self._name_on_disk(name, change.after), "\n".join(texts).encode())

    @property
    def current(self) -> Change | None:
        """The change that led to the scene's values of the fields; None if none did."""
        values = self._values(state.current())
        return next((c for c in self._changes if self._values(c.after) == values), None)

    @property
    def _changes(self) -> list[Change]:
        if self._key not in st.session_state:
            found = self._on_disk(state.current())
            st.session_state[self._key] = [] if found is None else [found]
        return st.session_state[self._key]

    def _on_disk(self, scene: Scene) -> Change | None:
        """The change of this browser that led to a scene's values, made in an earlier session."""
        name = browser_name()
        data = default_store().get(self._name_on_disk(name, scene)) if name else None
        if data is None:
            return None
        with suppress(ValueError):  # a damaged file
            before, after = (Scene.from_query(parse_qs(t)) for t in data.decode().split("\n"))
            return Change(before, after)
        return None

    def _name_on_disk(self, browser: str, scene: Scene) -> str:
        values = scene.with_only(*self.fields).query_string()
        return hashlib.sha256(f"{browser}\n{self.kind}\n{values}".encode()).hexdigest()

    def _values(self, scene: Scene) -> tuple[object, ...]:
        return tuple(getattr(scene, field) for field in self.fields)

    @property
    def _key(self) -> str:
        return f"flowviz.changes.{self.kind}"
