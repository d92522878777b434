"""The protocol of dragging in a picture: coarse pictures while the pointer moves, then a full one.

A component sends numbered messages; the picture that answers one carries its number back (see
``components/drag_channel.js``; ``Message`` in ``components/types.d.ts`` lists the messages). During
a drag only the picture's fragment runs. After it the whole page runs, as soon as the component
reports that the picture is painted: an earlier run would take the browser's time from it, and send
what it paints a second time.
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
    """The drag in one picture of this session.

    Attributes:
        page: names the picture.
    """

    page: str

    def _key(self, what: str) -> str:
        return f"flowviz.drag.{self.page}.{what}"

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
        """Whether this run answers a drag that goes on: a coarser picture, and no more."""
        return self._get("moving", False)

    @property
    def let_go(self) -> bool:
        """Whether the drag has ended, so that the page will follow."""
        return self._get("let go", False)

    def answered(self) -> None:
        """Call at the end of a picture: the run after a drag is a usual one, whatever causes it."""
        self._set("moving", False)

    def receive(self, message: DragMessage, handle: Callable[[DragMessage], None]) -> None:
        """Handle a message that is new.

        Messages carry the session's name: a page that reconnects to a new session repeats its last.
        """
        rev = message.get("rev")
        if message.get("session") != self._session() or not isinstance(rev, int):
            return
        if rev != self._get("ack", 0):
            if message.get("op") == "follow":
                self._set("painted", True)
            else:
                preview = bool(message.get("preview"))
                self._set("moving", preview)
                self._set("let go", not preview)
                handle(message)
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
