"""Streamlit's own scripts and style sheets, compressed, and its fonts without what no page shows.

A page that has lost its server asks for it in pauses of up to 4 s, and so is away 4 s longer than
the server: here they are 1.5 s at most.

Streamlit sends the 2.6 MB of scripts that a page needs as they are: its middleware would compress
each of them again at every request. Here they are compressed once (`packed`).
"""

from __future__ import annotations

import hashlib
import inspect
import logging
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import ModuleType

import fontTools
from fontTools.ttLib import TTLibError
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from flowviz.ui.browser import assets, icon_font, packed, text_font
from flowviz.ui.jobs.store import Store, cache_folder

_log = logging.getLogger(__name__)

PAUSE_MS = 1_500
_PAUSES = re.compile(rb"(_stcore/host-config`,\w+=)4e3(,\w+=)4e3,")
"""After the address that it asks: the longest pause of a question, and of a new connection."""

_FONTS = 8 * 2**20
"""The bytes that kept fonts may take: those of some versions of Streamlit."""

STATIC = Path(str(files("streamlit") / "static"))
"""Streamlit's folder. What is in its subfolder of the same name has a hash in its own name."""


class CompressedFrontend:
    """ASGI middleware: Streamlit's scripts, style sheets and fonts, to browsers that take gzip.

    Everything else is left to Streamlit: other fonts and images, which are compressed as they are,
    parts of a file, and browsers that do not take gzip.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = _requested(scope)
        headers = Headers(scope=scope) if path else Headers()
        if path is None or "range" in headers or not packed.accepts_gzip(headers):
            await self.app(scope, receive, send)
            return
        # The name of a font's file is Streamlit's: it stays when other icons or letters are needed.
        caching = packed.REVALIDATE if _smaller_font(path) else packed.FOREVER
        response = packed.response(load(path), headers, caching)
        await response(scope, receive, send)


def _requested(scope: Scope) -> Path | None:
    """The file that a request is for, if it is not left to Streamlit."""
    if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
        return None
    base, path = assets.base_path(), scope["path"]
    return smaller_files().get(path[len(base) :]) if path.startswith(base) else None


@cache
def smaller_files() -> dict[str, Path]:
    """The files that are sent smaller than they are, by their addresses below the application's."""
    kinds = packed.CONTENT_TYPES.keys() - {".woff2"}
    found = (
        path
        for path in (STATIC / "static").rglob("*")
        if path.suffix in kinds or _smaller_font(path)
    )
    return {f"/{path.relative_to(STATIC).as_posix()}": path for path in found}


def load(path: Path) -> packed.Packed:
    """One of them, ready to send."""
    return packed.load(path, _smaller_font(path) or _script(path))


def _smaller_font(path: Path) -> Callable[[bytes], bytes] | None:
    """What makes a font's file smaller."""
    return next((made for files, made in _SMALLER_FONTS.items() if path.match(files)), None)


def _script(path: Path) -> Callable[[bytes], bytes] | None:
    """What changes the script that keeps the connection: one of those with that name."""
    return with_short_pauses if path.match("index.*.js") else None


def with_short_pauses(script: bytes) -> bytes:
    """The script with `PAUSE_MS` as the longest pause between two attempts to reach a server."""
    return _PAUSES.sub(rb"\g<1>%d\g<2>%d," % (PAUSE_MS, PAUSE_MS), script)


def _with_named_icons(font: bytes) -> bytes:
    icons = icon_font.named_icons()
    return _made_once(font, icon_font, sorted(icons), lambda: icon_font.with_icons(font, icons))


def _with_letters(font: bytes) -> bytes:
    return _made_once(font, text_font, [], lambda: text_font.with_letters(font))


def _made_once(
    font: bytes, module: ModuleType, names: list[str], smaller: Callable[[], bytes]
) -> bytes:
    """A smaller font, from the disk if a server of this machine has made it: five take 5 s."""
    recipe = (fontTools.version, inspect.getsource(module), names, font)
    key = hashlib.sha256(repr(recipe).encode()).hexdigest()
    store = Store(cache_folder() / "fonts", _FONTS)
    if kept := store.get(key):
        return kept
    try:
        made = smaller()
    except (ValueError, LookupError, TTLibError) as error:  # another font: larger, and as good
        _log.warning("a font of Streamlit's is sent whole: %s", error)
        return font
    store.put(key, made)
    return made


_SMALLER_FONTS = {icon_font.FILES: _with_named_icons, text_font.FILES: _with_letters}
