"""Browser files of the package (JavaScript, CSS) and plotly.js, served over HTTP.

`/assets/<version>/<name>` is plotly.js of the installed plotly package, so that the versions agree,
with the traces that the figures use (`plotly_bundle`), a file of the folder ``components``, or a
thumbnail of the gallery. The browser may cache it for ever: the version is a digest, for a
component of all of them, because they import each other by relative addresses. Without a version,
or with another, the browser asks each time whether the file has changed.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flowviz.ui.browser import packed
from flowviz.ui.browser.plotly_bundle import with_traces

COMPONENTS = Path(__file__).parent / "components"
THUMBNAILS = Path(__file__).parents[1] / "gallery" / "thumbnails"
PLOTLY = "plotly.min.js"
ICON = Path(__file__).parents[1] / "icon.svg"

_log = logging.getLogger(__name__)

_STAGE = ("stage.css", "player.css")
_PICTURE = (*_STAGE, "plane.css")
STYLE_SHEETS = {
    "copy_link": ("copy_link.css", "share.css"),
    "take_away": ("take_away.css",),
    "present": ("copy_link.css", "present.css"),
    "plot": ("place_marks.css",),
    "pixel_grid": ("pixel_grid.css",),
    "still_figure": _STAGE,
    "flows": (*_PICTURE, "flows.css"),
} | dict.fromkeys(("fan", "plane", "density_chart", "solver_trajectories"), _PICTURE)
"""The style sheets of each component that has some."""


def asset_names() -> dict[str, Path]:
    """Every name served, with its file; any other name gets status 404."""
    return _asset_names(_second())


def _second() -> int:
    """A document names eighty files: the folders are looked at once a second."""
    return int(time.monotonic())


@lru_cache(maxsize=1)
def _asset_names(_second: int) -> dict[str, Path]:
    return {PLOTLY: Path(str(files("plotly") / "package_data" / PLOTLY)), ICON.name: ICON} | {
        path.name: path
        for folder in (COMPONENTS, THUMBNAILS)
        for path in folder.iterdir()
        if path.suffix in packed.CONTENT_TYPES
    }


def load(name: str) -> packed.Packed:
    """The asset of that name.

    Raises:
        KeyError: no asset has that name.
    """
    return packed.load(asset_names()[name], _needed_plotly if name == PLOTLY else None)


def _needed_plotly(body: bytes) -> bytes:
    try:
        return with_traces(body.decode("utf-8")).encode("utf-8")
    except ValueError as error:  # another version, built otherwise: larger, and as good
        _log.warning("plotly.js is sent with all traces: %s", error)
        return body


def version(name: str) -> str:
    """The version of an asset, in its address.

    Raises:
        KeyError: no asset has that name.
    """
    return _version(name, _second())


@lru_cache(maxsize=256)
def _version(name: str, second: int) -> str:
    if asset_names()[name].parent != COMPONENTS:
        return load(name).digest
    return _components_version(second)


@lru_cache(maxsize=1)
def _components_version(_second: int) -> str:
    with os.scandir(COMPONENTS) as entries:
        found = [(entry.name, entry.stat()) for entry in entries]
    served = ((n, stat) for n, stat in found if os.path.splitext(n)[1] in packed.CONTENT_TYPES)
    return _digest(tuple(sorted((n, stat.st_mtime_ns, stat.st_size) for n, stat in served)))


@lru_cache(maxsize=1)
def _digest(components: tuple[tuple[str, int, int], ...]) -> str:
    """Of these files: their names, when each was changed, and its size."""
    digests = "".join(packed.load(COMPONENTS / name).digest for name, *_ in components)
    return hashlib.sha256(digests.encode()).hexdigest()[:16]


def base_path() -> str:
    """The path the application is mounted at: empty, or `/something` without a closing slash."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def is_ours(request: Request) -> bool:
    """Whether a route's ``prefix`` is the base path.

    Streamlit reads the base path from its configuration after the routes are made: so they accept
    any prefix, and a wrong one is refused at the request.
    """
    return f"/{request.path_params.get('prefix', '')}".rstrip("/") == base_path()


def asset_url(name: str) -> str:
    """The address of an asset, with its version: `/assets/0123…/plotly.min.js`.

    The path is absolute because it must work from `/` and from `/fan` alike.

    Raises:
        KeyError: no asset has that name.
    """
    return f"{base_path()}/assets/{version(name)}/{name}"


def _serve(request: Request) -> Response:
    name = request.path_params["name"]
    if not is_ours(request) or name not in asset_names():
        return Response(status_code=404)
    served = request.path_params.get("version") == version(name)
    cache_control = packed.FOREVER if served else packed.REVALIDATE
    return packed.response(load(name), request.headers, cache_control)


def routes() -> list[Route]:
    """The routes for `st.App`."""
    addresses = ("/assets/{name}", "/assets/{version}/{name}")
    return [Route(prefix + path, _serve) for path in addresses for prefix in ("", "/{prefix:path}")]
