"""Limits on the bytes uploaded at a time: of one session, of one address, and in total.

Streamlit keeps a session's uploads until the session ends, a quarter of an hour after its browser
disconnected, and does not limit their number. This middleware counts the bytes by session and
address, and responds to further uploads with 413 before they are read.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flowviz.ui.session.connection import is_connected

PER_SESSION = 4 * 2**20
"""Bytes: a file of the maximum size for each of a page's uploaders, and two more in transfer."""
PER_ADDRESS = 32 * 2**20
TOTAL = 64 * 2**20

_PATH = re.compile(r".*/_stcore/upload_file/([^/]+)/([^/]+)")


@dataclass
class _Session:
    """The uploads of a session: ``files`` bytes by file, last seen ``connected``."""

    address: str
    connected: float
    files: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.files.values())


class UploadLimits:
    """ASGI middleware: counts uploads, and refuses those beyond the limits.

    Args:
        app: the application.
        is_connected: whether a session's browser is connected; a disconnected session is dropped
            when Streamlit drops it.
    """

    def __init__(self, app: ASGIApp, is_connected: Callable[[str], bool] = is_connected) -> None:
        self.app = app
        self._is_connected = is_connected
        self._sessions: dict[str, _Session] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" else None
        if found is None or scope["method"] not in {"PUT", "DELETE"}:
            await self.app(scope, receive, send)
        elif scope["method"] == "DELETE":
            await self._remove(found[1], found[2], scope, receive, send)
        else:
            await self._put(found[1], found[2], scope, receive, send)

    async def _put(
        self, session: str, name: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._drop_sessions()
        address = (scope.get("client") or ("",))[0]
        most = st.get_option("server.maxUploadSize") * 2**20
        if not self._fits(session, address, name, most):
            await PlainTextResponse("too many uploads", 413)(scope, receive, send)
            return
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            return message

        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 204:
                one = self._sessions.setdefault(session, _Session(address, time.monotonic()))
                one.files[name] = received
            await send(message)

        await self.app(scope, receive_counted, send_noted)

    async def _remove(
        self, session: str, name: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        async def send_noted(message: Message) -> None:
            done = message["type"] == "http.response.start" and message["status"] == 204
            if done and session in self._sessions:
                self._sessions[session].files.pop(name, None)
            await send(message)

        await self.app(scope, receive, send_noted)

    def _fits(self, session: str, address: str, name: str, most: int) -> bool:
        """Whether a file of ``most`` bytes fits the limits; it replaces one of the same name."""
        sessions = self._sessions.values()
        uploads = self._sessions.get(session)
        replaced = uploads.files.get(name, 0) if uploads else 0
        return (
            (uploads.total if uploads else 0) - replaced + most <= PER_SESSION
            and sum(s.total for s in sessions if s.address == address) - replaced + most
            <= PER_ADDRESS
            and sum(s.total for s in sessions) - replaced + most <= TOTAL
        )

    def _drop_sessions(self) -> None:
        """Drop the sessions that Streamlit has dropped with their files."""
        now, ttl_s = time.monotonic(), st.get_option("server.disconnectedSessionTTL")
        for name, session in list(self._sessions.items()):
            if self._is_connected(name):
                session.connected = now
            elif now - session.connected > ttl_s:
                del self._sessions[name]
