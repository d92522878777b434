"""How much may lie uploaded at a time: of one session, of one address, of all together.

Streamlit keeps what a session uploads until the session ends, which is a quarter of an hour after
its visitor left, and lets it upload as often as it likes. This middleware counts what was taken,
by session and address, and refuses more with 413 before it is read.
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
"""Bytes: a file of the greatest size for each place to upload, and two more on the way."""
PER_ADDRESS = 32 * 2**20
ALTOGETHER = 64 * 2**20

_PATH = re.compile(r".*/_stcore/upload_file/([^/]+)/([^/]+)")


@dataclass
class _Session:
    """What a session has uploaded: bytes by file."""

    address: str
    connected: float
    files: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.files.values())


class UploadLimits:
    """ASGI middleware: counts uploads, and refuses what is too much.

    Args:
        app: what is wrapped.
        is_connected: whether a session's visitor is there; one that left is forgotten when
            Streamlit forgets it.
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
        self._forget()
        address = (scope.get("client") or ("",))[0]
        most = st.get_option("server.maxUploadSize") * 2**20
        if not self._has_room(session, address, name, most):
            await PlainTextResponse("too many uploads", 413)(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            return message

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 204:
                one = self._sessions.setdefault(session, _Session(address, time.monotonic()))
                one.files[name] = taken
            await send(message)

        await self.app(scope, counted, noted)

    async def _remove(
        self, session: str, name: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        async def noted(message: Message) -> None:
            done = message["type"] == "http.response.start" and message["status"] == 204
            if done and session in self._sessions:
                self._sessions[session].files.pop(name, None)
            await send(message)

        await self.app(scope, receive, noted)

    def _has_room(self, session: str, address: str, name: str, most: int) -> bool:
        """Whether a file of the greatest size may come; one of the same name is replaced by it."""
        sessions = self._sessions.values()
        own = self._sessions.get(session)
        held = own.files.get(name, 0) if own else 0
        return (
            (own.total if own else 0) - held + most <= PER_SESSION
            and sum(s.total for s in sessions if s.address == address) - held + most <= PER_ADDRESS
            and sum(s.total for s in sessions) - held + most <= ALTOGETHER
        )

    def _forget(self) -> None:
        """Drop the sessions that Streamlit has dropped, and their files with them."""
        now, kept_s = time.monotonic(), st.get_option("server.disconnectedSessionTTL")
        for name, session in list(self._sessions.items()):
            if self._is_connected(name):
                session.connected = now
            elif now - session.connected > kept_s:
                del self._sessions[name]
