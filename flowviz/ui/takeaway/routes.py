"""`/take/<page>/<kind>`: a file of the scene in the query, without a session.

``/take/<page>/menu`` says what there is. Files are made one at a time in a thread of their own, by
the functions of the pages with their limits of work, and the last few are kept.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from flowviz.text import language_of, translator
from flowviz.ui.browser import assets
from flowviz.ui.couplings.compute import Unavailable
from flowviz.ui.on_request import Answers
from flowviz.ui.play.routes import PageRequest
from flowviz.ui.session.state import log_fault
from flowviz.ui.takeaway import menu
from flowviz.ui.takeaway.arrays import arrays, flow_space
from flowviz.ui.takeaway.kinds import KINDS, FileRequest


class NothingFollowedError(Exception):
    """No trajectory could be followed within the limit of work."""


@dataclass(frozen=True)
class File:
    """A file that was made."""

    body: bytes
    media: str
    name: str


MOST_KEPT = 4_000_000
"""Bytes of a file that is kept for the next request."""

FILES: Answers[File] = Answers(
    "take", kept=8, waiting=16, keeps=lambda file: len(file.body) <= MOST_KEPT
)


def read_request(page: str, query: str, accepted: str | None, app: str) -> FileRequest:
    """What a stranger's query asks for.

    Args:
        page: its name.
        query: as it came.
        accepted: the header ``Accept-Language``.
        app: the address of the page, without a query.
    """
    asked = PageRequest.read(query, accepted)
    space = flow_space(page, asked.scene)
    if space == "plane":  # whose family must be valid, too
        asked = PageRequest.read(query, accepted, space)
    return FileRequest(page, asked.scene, app, dark=asked.theme == "dark")


async def _menu(request: Request) -> Response:
    page = request.path_params["page"]
    if page not in menu.PAGES or not assets.is_ours(request):
        return Response(status_code=404)

    def make() -> object:
        return menu.items(_file_request(page, request))

    found = await asyncio.to_thread(make)
    return JSONResponse(found, headers={"Cache-Control": "no-store"})


def _file_request(page: str, request: Request) -> FileRequest:
    # Not from `request.url`, which fails for a query that is no UTF-8.
    app = str(request.base_url.replace(path=f"{assets.base_path()}/{page}"))
    query = request.scope["query_string"].decode("latin-1")
    return read_request(page, query, request.headers.get("accept-language"), app)


async def _file(request: Request) -> Response:
    page, kind = request.path_params["page"], request.path_params["kind"]
    if page not in menu.PAGES or kind not in KINDS or not assets.is_ours(request):
        return Response(status_code=404)
    query = request.scope["query_string"].decode("latin-1")
    lang = language_of(request.headers.get("accept-language"))
    try:
        # Equal scenes are one file, however they are asked for.
        asked = await asyncio.to_thread(_file_request, page, request)
        lang = asked.scene.lang
        key = page, kind, asked.link, str(asked.dark)
        file = await FILES.get(key, lambda: _made(kind, asked))
    except NothingFollowedError:
        return PlainTextResponse(translator(lang)("take.none"), 422, _UNKEPT)
    except Unavailable as why:
        tr = translator(lang)
        said = tr(why.why, name=tr(f"couplings.coupling.{asked.scene.coupling}"))
        return PlainTextResponse(said, 422, _UNKEPT)
    except LookupError:
        return Response(status_code=404)
    except Exception as error:  # a scene that cannot be drawn costs a sentence
        number = log_fault(f"the file {kind} of {page}?{query[:200]}", error)
        return PlainTextResponse(translator(lang)("take.fault", number=number), 500, _UNKEPT)
    if file is None:
        return PlainTextResponse(translator(lang)("take.busy"), 503, _UNKEPT | {"Retry-After": "2"})
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.body, media_type=file.media, headers=_UNKEPT | headers)


_UNKEPT = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def _made(kind: str, asked: FileRequest) -> File:
    made = KINDS[kind]
    if not made.exists(asked.page, asked.scene):
        raise LookupError(f"there is no {kind} of this scene")
    follows = made.group in {"motion", "code"} and asked.page != "images"
    if follows and not len(arrays(asked.page, asked.scene)["x"]):
        raise NothingFollowedError
    return File(made.make(asked), made.media, f"{asked.stem}{made.suffix}")


def routes() -> list[Route]:
    """The routes for `st.App`."""
    endpoints = {"menu": _menu, "{kind}": _file}
    return [
        Route(f"{prefix}/{menu.ROUTE}/{{page}}/{name}", endpoint)
        for name, endpoint in endpoints.items()
        for prefix in ("", "/{prefix:path}")
    ]
