"""Browser files of the package (JavaScript, CSS) and plotly.js, served over HTTP.

`/assets/<name>` is plotly.js of the installed plotly package, so that the versions agree, or a file
of `flowviz/ui/browser/components/`. plotly.js is 4.8 MB of text, and a class of three hundred may
request it in the same minute: so each file is compressed once and kept in memory. An address with
the content's hash (`?v=…`) may be cached by the browser for ever.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

COMPONENTS = Path(__file__).parent / "components"
PLOTLY = "plotly.min.js"
ICON = Path(__file__).parents[1] / "icon.svg"

CONTENT_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
}

FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"


@dataclass(frozen=True)
class Asset:
    """One file, ready to send.

    Attributes:
        body: the bytes of the file.
        zipped: the same bytes, gzipped.
        digest: first 16 hex digits of their SHA-256.
        content_type: value of the `Content-Type` header.
    """

    body: bytes
    zipped: bytes
    digest: str
    content_type: str


def asset_names() -> dict[str, Path]:
    """Every name served, with its file; any other name gets status 404."""
    names = {PLOTLY: Path(str(files("plotly") / "package_data" / PLOTLY)), ICON.name: ICON}
    if COMPONENTS.is_dir():
        names |= {p.name: p for p in sorted(COMPONENTS.iterdir()) if p.suffix in CONTENT_TYPES}
    return names


def load(name: str) -> Asset:
    """The asset of that name, read and compressed again only when its file has changed.

    Raises:
        KeyError: no asset has that name.
    """
    path = asset_names()[name]
    stat = path.stat()
    return _read(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=256)  # more than there are files: each is compressed once
def _read(path: Path, _mtime_ns: int, _size: int) -> Asset:
    body = path.read_bytes()
    return Asset(
        body=body,
        zipped=gzip.compress(body, compresslevel=9, mtime=0),
        digest=hashlib.sha256(body).hexdigest()[:16],
        content_type=CONTENT_TYPES[path.suffix],
    )


def base_path() -> str:
    """The path the application is mounted at: empty, or `/something` without a closing slash."""
    base = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}" if base else ""


def asset_url(name: str) -> str:
    """The address of an asset, with its content's hash: `/assets/plotly.min.js?v=0123…`.

    The path is absolute because it must work from `/` and from `/fan` alike.

    Raises:
        KeyError: no asset has that name.
    """
    return f"{base_path()}/assets/{name}?v={load(name).digest}"


def _serve(request: Request) -> Response:
    # Streamlit reads the base path from its configuration after the routes are made: so the route
    # accepts any prefix, and a wrong one is refused here.
    prefix = request.path_params.get("prefix", "")
    if f"/{prefix}".rstrip("/") != base_path():
        return Response(status_code=404)
    try:
        asset = load(request.path_params["name"])
    except KeyError:
        return Response(status_code=404)

    hashed = request.query_params.get("v") == asset.digest
    # A weak tag: the plain and the gzipped form have the same one.
    etag = f'W/"{asset.digest}"'
    headers = {
        "Cache-Control": FOREVER if hashed else REVALIDATE,
        "ETag": etag,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    cached = {tag.strip() for tag in request.headers.get("if-none-match", "").split(",")}
    if etag in cached:
        return Response(status_code=304, headers=headers)
    # With this header Streamlit's gzip middleware does not compress the body again.
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.zipped, headers=headers, media_type=asset.content_type)
    return Response(asset.body, headers=headers, media_type=asset.content_type)


def routes() -> list[Route]:
    """The routes for `st.App`."""
    return [
        Route("/assets/{name}", _serve),
        Route("/{prefix:path}/assets/{name}", _serve),
    ]
