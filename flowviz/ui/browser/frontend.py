"""Streamlit's own scripts and style sheets, compressed.

Streamlit sends the 2.6 MB of scripts that a page needs as they are: its middleware would compress
each of them again at every request. Here they are compressed once (`packed`).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from flowviz.ui.browser import assets, packed

STATIC = Path(str(files("streamlit") / "static"))
"""Streamlit's folder. What is in its subfolder of the same name has a hash in its own name."""


class CompressedFrontend:
    """ASGI middleware: Streamlit's scripts and style sheets, to browsers that take gzip.

    Everything else is left to Streamlit: fonts and images, which are compressed as they are, parts
    of a file, and browsers that do not take gzip.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = _requested(scope)
        headers = Headers(scope=scope) if path else Headers()
        if path is None or "range" in headers or not packed.accepts_gzip(headers):
            await self.app(scope, receive, send)
            return
        response = packed.response(packed.load(path), headers, packed.FOREVER)
        await response(scope, receive, send)


def _requested(scope: Scope) -> Path | None:
    """The file that a request is for, if it is one that is compressed."""
    if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
        return None
    base, path = assets.base_path(), scope["path"]
    return compressed_files().get(path[len(base) :]) if path.startswith(base) else None


@cache
def compressed_files() -> dict[str, Path]:
    """The files that are compressed, by their addresses below the application's."""
    found = (path for path in (STATIC / "static").rglob("*") if path.suffix in packed.CONTENT_TYPES)
    return {f"/{path.relative_to(STATIC).as_posix()}": path for path in found}
