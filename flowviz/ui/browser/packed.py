"""Files for browsers, compressed once and kept in memory.

A class of three hundred may request the same files in the same minute: compressing one takes longer
than all that is left of the answer.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from starlette.datastructures import Headers
from starlette.responses import Response

CONTENT_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".woff2": "font/woff2",
}

FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"


@dataclass(frozen=True)
class Packed:
    """One file, ready to send.

    Attributes:
        body: what is sent of the file: its bytes, or what `load` made of them.
        zipped: the same bytes, gzipped.
        digest: first 16 hex digits of their SHA-256.
        content_type: value of the `Content-Type` header.
    """

    body: bytes
    zipped: bytes
    digest: str
    content_type: str


def load(path: Path, made: Callable[[bytes], bytes] | None = None) -> Packed:
    """A file, read and compressed again only when it has changed.

    Args:
        path: its suffix is one of `CONTENT_TYPES`.
        made: what is sent instead of the file's bytes, from these; always the same function for a
            file.

    Raises:
        OSError: the file cannot be read.
    """
    stat = path.stat()
    return _read(path, stat.st_mtime_ns, stat.st_size, made)


# More than the files that any page loads: of those that none does, the least used are forgotten.
@lru_cache(maxsize=256)
def _read(path: Path, _mtime_ns: int, _size: int, made: Callable[[bytes], bytes] | None) -> Packed:
    body = path.read_bytes()
    if made is not None:
        body = made(body)
    return pack(body, CONTENT_TYPES[path.suffix])


def pack(body: bytes, content_type: str) -> Packed:
    """Compress what is no file."""
    return Packed(
        body=body,
        zipped=gzip.compress(body, compresslevel=9, mtime=0),
        digest=hashlib.sha256(body).hexdigest()[:16],
        content_type=content_type,
    )


def accepts_gzip(headers: Headers) -> bool:
    """Whether a browser takes gzip: ``gzip``, perhaps with a quality above 0."""
    for offer in headers.get("accept-encoding", "").lower().split(","):
        coding, _, quality = offer.replace(" ", "").partition(";q=")
        if coding == "gzip":
            return quality.strip("0.") != "" if quality else True
    return False


def response(file: Packed, headers: Headers, cache_control: str, vary: str = "") -> Response:
    """The answer to a request for a file: 304 if the browser has it, gzipped if it takes that.

    Args:
        file: what was requested.
        headers: of the request.
        cache_control: value of the `Cache-Control` header.
        vary: what else the answer depends on.
    """
    # A weak tag: the plain and the gzipped form have the same one.
    etag = f'W/"{file.digest}"'
    answer = {
        "Cache-Control": cache_control,
        "ETag": etag,
        "Vary": ", ".join(filter(None, ["Accept-Encoding", vary])),
        "X-Content-Type-Options": "nosniff",
    }
    cached = {tag.strip() for tag in headers.get("if-none-match", "").split(",")}
    if etag in cached:
        return Response(status_code=304, headers=answer)
    # With this header Streamlit's gzip middleware does not compress the body again.
    if accepts_gzip(headers):
        answer["Content-Encoding"] = "gzip"
        return Response(file.zipped, headers=answer, media_type=file.content_type)
    return Response(file.body, headers=answer, media_type=file.content_type)
