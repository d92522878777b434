"""The protocol of a drag in a figure: coarse figures while the pointer moves, then a fine one.

A component sends numbered messages, and the figure computed for one returns its number (see
``components/drag_channel.js``; ``components/messages.d.ts`` lists the messages). During
a drag only the figure's fragment is rerun. After the release the whole page is rerun, but only when
the component has reported that it painted the fine figure: an earlier rerun would delay that, and
send the figure a second time.
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
    """The drag in one figure of this session.

    Attributes:
        page: the figure's name in the session state.
    """

    page: str

    def _key(self, name: str) -> str:
        return f"flowviz.drag.{self.page}.{name}"

    def _get(self, name: str, default: Any) -> Any:
        return st.session_state.get(self._key(name), default)

    def _set(self, name: str, value: Any) -> None:
        st.session_state[self._key(name)] = value

    def reset(self) -> None:
        """Call where the whole page is drawn: no further rerun is due."""
        self._set("released", False)
        self._set("painted", False)

    def rerun_page_if_due(self) -> None:
        """Call where the figure's fragment begins: reruns the whole page after a release."""
        if self._get("painted", False):
            st.rerun(scope="app")

    @property
    def moving(self) -> bool:
        """Whether the pointer is down: this run computes a coarse figure, and nothing else."""
        return self._get("moving", False)

    @property
    def released(self) -> bool:
        """Whether a drag has ended, so that a rerun of the page is due."""
        return self._get("released", False)

    def end_run(self) -> None:
        """Call after the figure is sent: the next run belongs to a drag only by a new message."""
        self._set("moving", False)

    def receive(self, message: DragMessage, handle: Callable[[DragMessage], None]) -> None:
        """Call ``handle`` with a message, unless it has been handled before.

        Messages carry the session's name: a page that reconnects to a new session repeats its last.
        """
        rev = message.get("rev")
        if message.get("session") != self._session() or not isinstance(rev, int):
            return
        if rev != self._get("ack", 0):
            if message.get("op") == "rerun":
                self._set("painted", True)
            else:
                preview = bool(message.get("preview"))
                self._set("moving", preview)
                self._set("released", not preview)
                handle(message)
            self._set("ack", rev)

    def with_serial(self, content: dict[str, Any]) -> dict[str, Any]:
        """The figure's content with its serial number and that of the last message.

        Content equal to the last keeps its serial number, so that Streamlit does not send it again.
        """
        content = content | {"ack": self._get("ack", 0), "session": self._session()}
        last, serial = self._get("last", (None, 0))
        serial += content != last
        self._set("last", (content, serial))
        return content | {"serial": serial, "rerun_due": self.released}

    def _session(self) -> str:
        return st.session_state.setdefault(self._key("session"), f"{time.time_ns():x}")
