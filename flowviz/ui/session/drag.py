"""What a visitor's hand does in a picture: words in, coarse pictures while it moves, then the full.

A component says words with a number; the picture that answers a word carries its number back (see
``components/drag_channel.js``; ``Message`` in ``components/types.d.ts`` lists the words). While the
hand moves, only the picture's fragment runs. When it has let go, the whole page follows, as soon as
the component says that the picture is painted: a page that came at once would take the browser's
time from it, and send what it paints a second time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

DragMessage = dict[str, Any]


@dataclass(frozen=True)
class Drag:
    """One picture's hand in this session.

    Attributes:
        page: names the picture.
    """

    page: str

    def _key(self, what: str) -> str:
        return f"flowviz.hand.{self.page}.{what}"

    def _get(self, what: str, default: Any) -> Any:
        return st.session_state.get(self._key(what), default)

    def _set(self, what: str, value: Any) -> None:
        st.session_state[self._key(what)] = value

    def rest(self) -> None:
        """Call where a whole page is drawn: nothing more need follow."""
        self._set("let go", False)
        self._set("painted", False)

    def follow(self) -> None:
        """Call where the picture's fragment begins: runs the whole page instead, once it is due."""
        if self._get("painted", False):
            st.rerun(scope="app")

    @property
    def moving(self) -> bool:
        """Whether this run answers a hand that is still moving: a coarser picture, and no more."""
        return self._get("moving", False)

    @property
    def let_go(self) -> bool:
        """Whether the hand has let go, so that the page will follow."""
        return self._get("let go", False)

    def answered(self) -> None:
        """Call at the end of a picture: the run after a drag is a usual one, whatever causes it."""
        self._set("moving", False)

    def receive(self, word: DragMessage, do: Callable[[DragMessage], None]) -> None:
        """Do what a new word says.

        Words carry the session's name: a page that reconnects to a new session repeats its last.
        """
        rev = word.get("rev")
        if word.get("session") != self._session() or not isinstance(rev, int):
            return
        if rev != self._get("ack", 0):
            if word.get("op") == "follow":
                self._set("painted", True)
            else:
                preview = bool(word.get("preview"))
                self._set("moving", preview)
                self._set("let go", not preview)
                do(word)
            self._set("ack", rev)

    def numbered(self, content: dict[str, Any]) -> dict[str, Any]:
        """The picture's content with what the component needs to put answers in order.

        Pictures are numbered; the same one drawn again keeps its number, and is not sent twice.
        """
        content = content | {"ack": self._get("ack", 0), "session": self._session()}
        last, serial = self._get("last", (None, 0))
        serial += content != last
        self._set("last", (content, serial))
        return content | {"serial": serial, "follow": self.let_go}

    def _session(self) -> str:
        return st.session_state.setdefault(self._key("session"), f"{time.time_ns():x}")
