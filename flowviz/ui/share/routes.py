"""`/s/<code>` leads to the page of a short link; a POST to `/s` makes one.

Opening writes nothing. Making is for a visitor who pressed Share: the message is JSON, which a
browser sends to this server from its own pages alone. Links are kept one at a time in a thread of
their own, and beyond a bounded number of waiting messages the server says that it is busy.
"""

from __future__ import annotations

import asyncio
import html
import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from flowviz.scene import Scene
from flowviz.scene.settings import SHOWN
from flowviz.text import LANGUAGES, Language, language_of, translator
from flowviz.ui.browser import assets
from flowviz.ui.share import qr
from flowviz.ui.share.links import Links, read_code

PATH = "s"
_MESSAGE_LIMIT = 20_000  # a link of 4,000 characters, all of them escaped
_WAITING = 400  # messages: a class that shares in the same minute
_MAX_FIELDS = 200
_ADDRESS = re.compile(rf"https?://[A-Za-z0-9.:\[\]-]{{1,100}}/(?:[\w.~%-]{{1,50}}/)*{PATH}/")

_thread = ThreadPoolExecutor(1, thread_name_prefix="share")
_waiting = 0


def made(message: dict[str, Any]) -> dict[str, str | None]:
    """The answer to a message: ``code`` and ``qr`` of a short link, None where there is none.

    Args:
        message: ``page``; ``query``, of its link; ``address``, of short links as the browser sees
            this server. From anyone, in any state.
    """
    nothing: dict[str, str | None] = {"code": None, "qr": None}
    page, query, address = (str(message.get(name, "")) for name in ("page", "query", "address"))
    if page not in SHOWN or not _ADDRESS.fullmatch(address):
        return nothing
    try:
        fields = parse_qs(query, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        return nothing
    scene, notices = Scene.read_query(fields)
    if notices:  # it is not the link of a scene that a page of ours has drawn
        return nothing
    code = Links.default().put(f"{page}?{scene.query_string(page)}")
    return nothing if code is None else {"code": code, "qr": qr.svg(address + code)}


async def _make(request: Request) -> Response:
    global _waiting
    if not assets.is_ours(request):
        return Response(status_code=404)
    if request.headers.get("content-type") != "application/json":
        return Response(status_code=415)
    message = await _read(request)
    if message is None:
        return Response(status_code=400)
    if _waiting >= _WAITING:
        return Response(status_code=503, headers={"Retry-After": "2"})
    _waiting += 1
    try:
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(_thread, made, message)
    finally:
        _waiting -= 1
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})


async def _read(request: Request) -> dict[str, Any] | None:
    """The message; None for what is too long, or none."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MESSAGE_LIMIT:
            return None
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


async def _open(request: Request) -> Response:
    if not assets.is_ours(request):
        return Response(status_code=404)
    code = read_code(request.path_params["code"])
    link = None
    if code is not None:
        loop = asyncio.get_running_loop()
        link = await loop.run_in_executor(None, Links.default().get, code)
    if link is None:
        lang = language_of(request.headers.get("accept-language"))
        headers = {"Cache-Control": "no-store", "Vary": "Accept-Language"}
        return HTMLResponse(unknown_page(lang), 404, headers)
    headers = {"Cache-Control": "no-cache"}
    return RedirectResponse(f"{assets.base_path()}/{link}", 302, headers)


def unknown_page(lang: Language) -> str:
    """The page that says that a short link is unknown, in both languages, the reader's first."""
    start = f"{assets.base_path()}/"
    said = ""
    for one in sorted(LANGUAGES, key=lambda one: one != lang):
        text, link = (html.escape(translator(one)(f"share.{key}")) for key in ("unknown", "start"))
        said += f'<p lang="{one}">{text} <a href="{html.escape(start)}">{link}</a></p>'
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<title>FlowViz</title><style>:root{color-scheme:light dark}"
        "body{font:1.1rem/1.6 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem}"
        f"</style></head><body><h1>FlowViz</h1>{said}</body></html>"
    )


def routes() -> list[Route]:
    """The routes for `st.App`."""
    return [
        Route(f"{prefix}/{path}", endpoint, methods=methods)
        for path, endpoint, methods in (
            (f"{PATH}/{{code:path}}", _open, ["GET"]),
            (PATH, _make, ["POST"]),
        )
        for prefix in ("", "/{prefix:path}")
    ]
