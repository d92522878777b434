"""`/room`: joining one, what it shows, answers to its question, and the teacher's changes.

| request | |
|---|---|
| GET ``/room?name=…`` | a form to join; with a name that is known, the way to the light page |
| GET ``/room/NAME`` | the way to the light page |
| GET ``/room/NAME/state`` | what is shown (`said`), also of no room; 304 while it is what it was |
| POST ``/room/NAME/answer`` | ``{"student", "step", "answer"}``; the last one counts |
| PUT ``/room/NAME`` | ``{"key", "state"}``, of the teacher alone |

Messages are JSON, which no other site's page can send; there are no cookies and no free text. What
is wrong is one sentence in both languages. The store is asked in threads of its own, and beyond a
bounded number of waiting requests the server says that it is busy.
"""

from __future__ import annotations

import asyncio
import html
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from flowviz.text import LANGUAGES, Language, Refusal, language_of, translator
from flowviz.ui import on_request, watch
from flowviz.ui.browser import assets
from flowviz.ui.rooms.asked import asked
from flowviz.ui.rooms.names import is_name, read_name
from flowviz.ui.rooms.room import RoomState, is_key, lock_of, read_answer, read_student
from flowviz.ui.rooms.said import Said, entrance, said, said_of_none
from flowviz.ui.rooms.store import default_store

T = TypeVar("T")
PATH = "room"
_MESSAGE_LIMIT = 20_000  # a link of 4,000 characters, all of them escaped
_WAITING = 600  # messages: a class that answers and asks at the same moment
_THREADS = 4
_STATUS = {
    "error.room.unknown": 404, "error.room.key": 403, "error.room.closed": 409,
    "error.room.full": 409, "error.room.many": 429, "error.room.store": 503, "error.room.busy": 503,
}  # fmt: skip
_NO_STORE = {"Cache-Control": "no-store"}

_threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="rooms")
on_request.end_with_server(_threads)
_waiting = 0


async def _asked(function: Callable[..., T], *args: Any) -> T:
    """Of the store, in a thread."""
    global _waiting
    if _waiting >= _WAITING:
        raise Refusal("error.room.busy")
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, function, *args)
    finally:
        _waiting -= 1


def _refused(why: Refusal) -> Response:
    sentences = {lang: why.translated(translator(lang)) for lang in LANGUAGES}
    headers = _NO_STORE | ({"Retry-After": "2"} if _STATUS.get(why.key, 400) == 503 else {})
    return JSONResponse({"error": sentences}, _STATUS.get(why.key, 400), headers)


# ------------------------------------------------------------------------------ what is shown


def _said(name: str) -> Said:
    """Of a room that is gone too: an error would be one in each console of a class."""
    room = default_store().get(name)
    return said(name, room.state) if room else said_of_none(name)


async def _state(request: Request) -> Response:
    if not assets.is_ours(request):
        return Response(status_code=404)
    name = request.path_params["name"]
    if not is_name(name):
        return _refused(Refusal("error.room.unknown"))
    try:
        found = await _asked(_said, name)
    except Refusal as why:
        return _refused(why)
    headers = {"ETag": found.tag, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == found.tag:
        return Response(status_code=304, headers=headers)
    return Response(found.body, media_type="application/json", headers=headers)


# ------------------------------------------------------------------------------ messages


async def _message(request: Request) -> dict[str, Any]:
    """The message of a request.

    Raises:
        Refusal: it is none, is too long, or of another site.
    """
    foreign = request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}
    if foreign or request.headers.get("content-type") != "application/json":
        raise Refusal("error.room.message")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MESSAGE_LIMIT:
            raise Refusal("error.room.message")
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal("error.room.message") from None
    if not isinstance(message, dict):
        raise Refusal("error.room.message")
    return message


def keep_answer(name: str, message: dict[str, Any]) -> None:
    """Keep a student's answer to the question that the room asks now.

    Raises:
        Refusal: there is no such room or question, or the answer does not fit it.
    """
    room = default_store().get(name) if is_name(name) else None
    if room is None:
        raise Refusal("error.room.unknown")
    student, step = read_student(message.get("student")), message.get("step")
    question = asked(room.state)
    if question is None or type(step) is not int or step != question.number or room.state.revealed:
        raise Refusal("error.room.closed")
    answer = read_answer(question.questions, message.get("answer"))
    default_store().answer(name, step, student, answer)
    watch.count("rooms", "answer")


def change(name: str, message: dict[str, Any]) -> None:
    """Set a room's state, as its teacher asks.

    Raises:
        Refusal: it is not the teacher, or there is no such state.
    """
    key = message.get("key")
    if not is_key(key) or not is_name(name):
        raise Refusal("error.room.key")
    if not default_store().change(name, lock_of(key), RoomState.read(message.get("state"))):
        raise Refusal("error.room.key")


async def _done(request: Request, action: Callable[[str, dict[str, Any]], None]) -> Response:
    if not assets.is_ours(request):
        return Response(status_code=404)
    try:
        await _asked(action, request.path_params["name"], await _message(request))
    except Refusal as why:
        return _refused(why)
    return Response(status_code=204, headers=_NO_STORE)


async def _answer(request: Request) -> Response:
    return await _done(request, keep_answer)


async def _change(request: Request) -> Response:
    return await _done(request, change)


# ------------------------------------------------------------------------------ joining


async def _join(request: Request) -> Response:
    if not assets.is_ours(request):
        return Response(status_code=404)
    typed = request.path_params.get("name")
    if typed is None:
        query = request.scope["query_string"][:200].decode("latin-1")
        typed = parse_qs(query, keep_blank_values=True).get("name", [""])[-1]
    lang = language_of(request.headers.get("accept-language"))
    name, key = read_name(typed), "rooms.join.unknown" if typed else ""
    try:
        if name and (room := await _asked(default_store().get, name)):
            there = f"{assets.base_path()}/{entrance(name, room.state)}"
            return RedirectResponse(there, 302, {"Cache-Control": "no-store"})
    except Refusal as why:
        key = why.key
    headers = _NO_STORE | {"Vary": "Accept-Language"}
    return HTMLResponse(join_page(lang, key), 404 if typed else 200, headers)


def join_page(lang: Language, wrong: str = "") -> str:
    """The form to join a room, in the reader's language, with the text of ``wrong`` above it."""
    tr = translator(lang)
    texts = {key: html.escape(tr(f"rooms.{key}")) for key in ("join", "join.label")}
    said_wrong = f'<p role="alert">{html.escape(tr(wrong))}</p>' if wrong else ""
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<title>FlowViz</title><style>:root{color-scheme:light dark}"
        "body{font:1.1rem/1.6 system-ui,sans-serif;max-width:24rem;margin:12vh auto;padding:0 1rem}"
        "input,button{box-sizing:border-box;width:100%;font:inherit;padding:.6rem;margin:.4rem 0}"
        f"</style></head><body><h1>{texts['join']}</h1>{said_wrong}"
        f'<form action="{html.escape(assets.base_path())}/{PATH}">'
        f'<label for="name">{texts["join.label"]}</label>'
        '<input id="name" name="name" required maxlength="40" autocapitalize="none" '
        'autocomplete="off" spellcheck="false" placeholder="river-427">'
        f"<button>{texts['join']}</button></form></body></html>"
    )


def routes() -> list[Route]:
    """The routes for `st.App`."""
    return [
        Route(f"{prefix}/{path}", endpoint, methods=[method])
        for path, endpoint, method in (
            (f"{PATH}/{{name}}/state", _state, "GET"),
            (f"{PATH}/{{name}}/answer", _answer, "POST"),
            (f"{PATH}/{{name}}", _change, "PUT"),
            (f"{PATH}/{{name}}", _join, "GET"),
            (PATH, _join, "GET"),
        )
        for prefix in ("", "/{prefix:path}")
    ]
