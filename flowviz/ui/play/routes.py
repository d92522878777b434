"""`/play`: the light page at an address, without a session and without a WebSocket.

``/play`` is Flow in 1-D of the scene in the query and ``/play/plane`` Flow in 2-D, ``/play/live``
and ``/play/plane/live`` the same as files to keep, and ``/play/….js`` their scripts. A class opens
one link in the same minute: a page is made and compressed once, and the last ones are kept
(`flowviz.ui.on_request`).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache, partial
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from flowviz.scene import Scene
from flowviz.scene.exercise import asks
from flowviz.scene.link import Notice
from flowviz.scene.settings import Space
from flowviz.text import LANGUAGES, language_of, translator
from flowviz.ui.browser import assets, packed
from flowviz.ui.browser.packed import Packed, pack
from flowviz.ui.on_request import Answers
from flowviz.ui.play import bundle, page
from flowviz.ui.rooms.names import is_name
from flowviz.ui.session import valid_family

Endpoint = Callable[[Request], Awaitable[Response]]
MAX_QUERY = 16_000
"""Characters of a query that is read: four times those of a link that is all escaped."""
_MAX_FIELDS = 200
_HTML = "text/html; charset=utf-8"
_THEMES = ("light", "dark")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PageRequest:
    """What is asked for: a scene, the theme, whether the link was damaged, whether for a room."""

    scene: Scene
    theme: str
    damaged: bool
    joined: bool = False

    @classmethod
    def read(cls, query: str, accepted: str | None, space: Space = "line") -> PageRequest:
        """From a stranger's query; what cannot be used has its default, and that is said.

        Args:
            query: as it came, of any length.
            accepted: the header ``Accept-Language``.
            space: of the family that must be valid.
        """
        lang = language_of(accepted)
        try:
            if len(query) > MAX_QUERY:
                raise ValueError("too long")
            fields = parse_qs(query, keep_blank_values=True, max_num_fields=_MAX_FIELDS)
        except ValueError:
            return cls(Scene(lang=lang), "", damaged=True)
        theme = fields.pop("theme", [""])[-1]
        joined = is_name(fields.pop("room", [""])[-1])
        fields.pop("scene", None)  # the room's: `room.js`
        scene, notices = _read(fields, space)
        if fields.get("lang", [""])[-1] not in LANGUAGES:
            scene = scene.with_(lang=lang)
        return cls(scene, theme if theme in _THEMES else "", bool(notices), joined)


def _read(fields: dict[str, list[str]], space: Space) -> tuple[Scene, list[Notice]]:
    scene, notices = Scene.read_query(fields)
    if valid_family.violation(scene, space):
        field = "plane_family" if space == "plane" else "family"
        return scene.with_(**{field: "affine"}), [*notices, Notice.mangled()]
    return scene, notices


PAGES: Answers[Packed] = Answers("play")


@cache
def script(entry: str = bundle.ENTRIES["fan"]) -> Packed:
    """The script of a light page's module, and of all that it imports."""
    return pack(bundle.script(entry).encode(), packed.CONTENT_TYPES[".js"])


def script_path(entry: str = bundle.ENTRIES["fan"]) -> str:
    """Where it is served."""
    return f"play/{entry}"


def _script_address(entry: str, name: str) -> str:
    """Where it is for the light page of that name, with its version."""
    return _relative(f"{script_path(entry)}?v={script(entry).digest}", name)


def _relative(path: str, name: str) -> str:
    """An address from the light page of that name."""
    return "../" * bundle.PATHS[name].count("/") + path


def _made(query: str, accepted: str | None, name: str, make: Callable[[PageRequest], str]) -> str:
    asked = PageRequest.read(query, accepted, "plane" if name == "plane" else "line")
    try:
        return make(asked)
    except Exception:  # a scene that cannot be drawn costs a sentence, and not the page
        _log.exception("the light page of %r", query[:200])
        return make(PageRequest(Scene(lang=asked.scene.lang), asked.theme, damaged=True))


async def _page(request: Request, name: str) -> Response:
    icon = assets.asset_url(assets.ICON.name)

    def make(asked: PageRequest) -> str:
        return page.served_page(
            asked.scene,
            _relative(name, name),
            _script_address(bundle.ENTRIES[name], name),
            name=name,
            theme=asked.theme,
            damaged=asked.damaged,
            icon=icon,
            room=_script_address(bundle.ROOM, name) if asked.joined else "",
        )

    return await _answer(request, f"page of {name}", name, make)


async def _live(request: Request, name: str) -> Response:
    # Not from `request.url`, which fails for a query that is no UTF-8.
    app = str(request.base_url.replace(path=f"{assets.base_path()}/{name}"))

    def make(asked: PageRequest) -> str:
        return page.live_file(asked.scene, app, name=name, theme=asked.theme, damaged=asked.damaged)

    response = await _answer(request, app, name, make)
    response.headers["Content-Disposition"] = 'attachment; filename="flowviz.html"'
    return response


async def _answer(
    request: Request, kind: str, name: str, make: Callable[[PageRequest], str]
) -> Response:
    if not assets.is_ours(request):
        return Response(status_code=404)
    query = request.scope["query_string"].decode("latin-1")
    if len(query) <= MAX_QUERY and asks(query):
        return RedirectResponse(f"{assets.base_path()}/{name}?{query}", 302)  # there it is asked
    accepted = request.headers.get("accept-language")
    lang = language_of(accepted)
    key = (kind, query if len(query) <= MAX_QUERY else "long", lang)
    body = await PAGES.get(key, lambda: pack(_made(query, accepted, name, make).encode(), _HTML))
    if body is None:
        headers = {"Retry-After": "2", "Cache-Control": "no-store"}
        return PlainTextResponse(translator(lang)("play.busy"), 503, headers)
    return packed.response(body, request.headers, packed.REVALIDATE, "Accept-Language")


async def _script(request: Request, entry: str) -> Response:
    if not assets.is_ours(request):
        return Response(status_code=404)
    hashed = request.query_params.get("v") == script(entry).digest
    lasting = packed.FOREVER if hashed else packed.REVALIDATE
    return packed.response(script(entry), request.headers, lasting)


def routes() -> list[Route]:
    """The routes for `st.App`."""
    endpoints: dict[str, Endpoint] = {}
    for name, path in bundle.PATHS.items():
        endpoints[path] = partial(_page, name=name)
        endpoints[f"{path}/live"] = partial(_live, name=name)
    for entry in (*bundle.ENTRIES.values(), bundle.ROOM):
        endpoints[script_path(entry)] = partial(_script, entry=entry)
    return [
        Route(f"{prefix}/{path}", endpoint)
        for path, endpoint in endpoints.items()
        for prefix in ("", "/{prefix:path}")
    ]
