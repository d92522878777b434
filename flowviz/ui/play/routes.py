"""`/play`: the light page at an address, without a session and without a WebSocket.

``/play`` is the page of the scene in the query, ``/play/live`` the same as a file to keep, and
``/play/play.js`` the script of all pages. A class opens one link in the same minute: a page is made
and compressed once, and the last ones are kept (`flowviz.ui.on_request`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from flowviz.scene import Scene
from flowviz.scene.link import Notice
from flowviz.scene.settings import Space
from flowviz.text import LANGUAGES, language_of, translator
from flowviz.ui.browser import assets, packed
from flowviz.ui.browser.packed import Packed, pack
from flowviz.ui.on_request import Answers
from flowviz.ui.play import bundle, page
from flowviz.ui.session import valid_family

SCRIPT = "play/play.js"
MAX_QUERY = 16_000
"""Characters of a query that is read: four times those of a link that is all escaped."""
_MAX_FIELDS = 200
_HTML = "text/html; charset=utf-8"
_THEMES = ("light", "dark")

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wish:
    """What is asked for: a scene, the theme, whether the link was damaged."""

    scene: Scene
    theme: str
    damaged: bool

    @classmethod
    def read(cls, query: str, accepted: str | None, space: Space = "line") -> Wish:
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
        scene, notices = _read(fields, space)
        if fields.get("lang", [""])[-1] not in LANGUAGES:
            scene = scene.with_(lang=lang)
        return cls(scene, theme if theme in _THEMES else "", bool(notices))


def _read(fields: dict[str, list[str]], space: Space) -> tuple[Scene, list[Notice]]:
    scene, notices = Scene.read_query(fields)
    if valid_family.violation(scene, space):
        field = "plane_family" if space == "plane" else "family"
        return scene.with_(**{field: "affine"}), [*notices, Notice.mangled()]
    return scene, notices


PAGES: Answers[Packed] = Answers("play")


@cache
def script() -> Packed:
    """The script of all pages."""
    return pack(bundle.script().encode(), packed.CONTENT_TYPES[".js"])


def script_address() -> str:
    """Its address, relative to `/play`."""
    return f"{SCRIPT}?v={script().digest}"


def _made(query: str, accepted: str | None, make: Callable[[Wish], str]) -> str:
    wish = Wish.read(query, accepted)
    try:
        return make(wish)
    except Exception:  # a scene that cannot be drawn costs a sentence, and not the page
        _log.exception("the light page of %r", query[:200])
        return make(Wish(Scene(lang=wish.scene.lang), wish.theme, damaged=True))


async def _page(request: Request) -> Response:
    icon = assets.asset_url(assets.ICON.name)

    def make(wish: Wish) -> str:
        address = script_address()
        return page.served_page(
            wish.scene, "fan", address, theme=wish.theme, damaged=wish.damaged, icon=icon
        )

    return await _answer(request, "page", make)


async def _live(request: Request) -> Response:
    # Not from `request.url`, which fails for a query that is no UTF-8.
    app = str(request.base_url.replace(path=f"{assets.base_path()}/fan"))

    def make(wish: Wish) -> str:
        return page.live_file(wish.scene, app, theme=wish.theme, damaged=wish.damaged)

    response = await _answer(request, app, make)
    response.headers["Content-Disposition"] = 'attachment; filename="flowviz.html"'
    return response


async def _answer(request: Request, kind: str, make: Callable[[Wish], str]) -> Response:
    if not assets.is_ours(request):
        return Response(status_code=404)
    query = request.scope["query_string"].decode("latin-1")
    accepted = request.headers.get("accept-language")
    lang = language_of(accepted)
    key = (kind, query if len(query) <= MAX_QUERY else "long", lang)
    body = await PAGES.get(key, lambda: pack(_made(query, accepted, make).encode(), _HTML))
    if body is None:
        headers = {"Retry-After": "2", "Cache-Control": "no-store"}
        return PlainTextResponse(translator(lang)("play.busy"), 503, headers)
    return packed.response(body, request.headers, packed.REVALIDATE, "Accept-Language")


async def _script(request: Request) -> Response:
    if not assets.is_ours(request):
        return Response(status_code=404)
    hashed = request.query_params.get("v") == script().digest
    lasting = packed.FOREVER if hashed else packed.REVALIDATE
    return packed.response(script(), request.headers, lasting)


def routes() -> list[Route]:
    """The routes for `st.App`."""
    endpoints = {"play": _page, "play/live": _live, SCRIPT: _script}
    return [
        Route(f"{prefix}/{path}", endpoint)
        for path, endpoint in endpoints.items()
        for prefix in ("", "/{prefix:path}")
    ]
