"""The tabs that are connected, and other numbers that are read when they are asked for."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from flowviz.ui import watch

_open = 0


class CountTabs:
    """ASGI middleware: counts the WebSockets, one for each tab."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        global _open
        if scope["type"] != "websocket":
            await self.app(scope, receive, send)
            return
        watch.count("sessions")
        _open += 1
        try:
            await self.app(scope, receive, send)
        finally:
            _open -= 1


def gauges() -> dict[str, tuple[str, Callable[[], float]]]:
    """Of `watch.start`."""
    from flowviz.ui.session.cache import RESULTS  # loads torch: `server.limit_threads` comes before

    return {
        "tabs": ("tabs that are connected", lambda: float(_open)),
        "cache_bytes": ("memory of all cached results", lambda: float(RESULTS.total)),
    }
