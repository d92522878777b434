"""Security headers, the hosts to which the server responds, and closed endpoints.

The content security policy allows only what Streamlit's page needs:

- scripts: the server's files; the one inline line of Streamlit's ``index.html``, by its hash;
  ``blob:``, from which Streamlit imports the two-line module that declares a component; and
  ``wasm-unsafe-eval``, for WebAssembly alone, in which Streamlit's protobuf has its 64-bit whole
  numbers. No ``unsafe-inline`` and no ``unsafe-eval``.
- styles: ``unsafe-inline``. Streamlit's style sheets are made in the page (Emotion writes style
  elements and attributes), Plotly's too, and ours come through `st.html`.
- images: ``data:`` and ``blob:`` for icons in style sheets, and for images drawn in the page.
- connections: the server, and its WebSocket by name, which older Safaris do not count to it.

Settings, from the environment:

- ``FLOWVIZ_FRAME_ANCESTORS``: origins that may show FlowViz in a frame; by default none.
- ``FLOWVIZ_EMBED``: origins that may show a page's figure alone in a frame, by an address with
  ``embed=1``; by default none but those.
- ``FLOWVIZ_HOSTS``: names of the server, such as ``flow.example.org``; requests to others are
  refused. ``.example.org`` stands for all its subdomains. By default all names are allowed.
- ``FLOWVIZ_METRICS=1``: opens ``/_stcore/metrics``.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Callable
from functools import cache

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flowviz.ui.document import is_embedded, streamlit_document

_HOST = re.compile(r"[A-Za-z0-9._-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")
_ORIGIN = re.compile(r"https?://(\*\.)?[A-Za-z0-9.-]+(:[0-9]{1,5}|:\*)?|'self'")
_ROOM = re.compile(r"/room/[^/]+/state$")
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)

_CLOSED_FEATURES = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "geolocation",
    "gyroscope", "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get",
    "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip


class SecurityHeaders:
    """ASGI middleware: refuses other hosts, and adds the headers to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")
        if not is_allowed_host(host):
            await _refused_host(scope, receive, send)
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        embedded = is_embedded(scope["query_string"].decode("latin-1"))

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start" and not _is_unchanged_room(scope, message):
                headers = MutableHeaders(scope=message)
                for name, value in security_headers(host, embedded).items():
                    headers[name] = value
                del headers["server"]
            await send(message)

        if _is_metrics(scope["path"]) and os.environ.get("FLOWVIZ_METRICS") != "1":
            await PlainTextResponse("closed", 404)(scope, receive, with_headers)
            return
        await self.app(scope, receive, with_headers)


def security_headers(host: str, embedded: bool = False) -> dict[str, str]:
    """The headers of a response to a request to that host.

    Args:
        host: the request's.
        embedded: whether it asks for a page's figure alone.
    """
    ancestors = frame_ancestors() + (embed_origins() if embedded else ())
    headers = {
        "Content-Security-Policy": content_security_policy(host, ancestors),
        "Permissions-Policy": ", ".join(f"{name}=()" for name in _CLOSED_FEATURES),
        "Referrer-Policy": "strict-origin-when-cross-origin",  # the scene is in the address
        "X-Content-Type-Options": "nosniff",
    }
    if not ancestors:
        headers["X-Frame-Options"] = "DENY"  # for browsers that do not know frame-ancestors
    return headers


def content_security_policy(host: str, ancestors: tuple[str, ...] = ()) -> str:
    """The content security policy; the module's docstring has the reasons.

    Args:
        host: of the server, for its WebSocket.
        ancestors: the origins that may show the response in a frame.
    """
    sockets = f" ws://{host} wss://{host}" if host else ""
    directives = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", "blob:", "'wasm-unsafe-eval'", *inline_script_hashes()]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'" + sockets,
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": " ".join(ancestors) or "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in directives.items())


@cache
def inline_script_hashes() -> tuple[str, ...]:
    """The hashes of the inline scripts of the installed Streamlit's page."""
    page = streamlit_document()
    digests = (hashlib.sha256(script.encode()).digest() for script in _INLINE.findall(page))
    return tuple(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def frame_ancestors() -> tuple[str, ...]:
    """The origins that may show FlowViz in a frame.

    Raises:
        ValueError: naming a value that is no origin.
    """
    return _listed("FLOWVIZ_FRAME_ANCESTORS", _ORIGIN.fullmatch, _EXPECTED)


def embed_origins() -> tuple[str, ...]:
    """The further origins that may show a page's figure alone in a frame.

    Raises:
        ValueError: naming a value that is no origin.
    """
    return _listed("FLOWVIZ_EMBED", _ORIGIN.fullmatch, _EXPECTED)


_EXPECTED = "an origin as https://example.org"


def hosts() -> tuple[str, ...]:
    """The allowed host names; empty for all.

    Raises:
        ValueError: naming a value that is no host name.
    """
    return _listed("FLOWVIZ_HOSTS", _HOST.fullmatch, "a name as flow.example.org")


def is_allowed_host(host: str) -> bool:
    """Whether requests to that host (and port) are allowed."""
    if not _HOST.fullmatch(host):
        return False
    allowed, name = hosts(), host.lower()
    host_only = name.rpartition(":")[0] if re.search(r":[0-9]+$", name) else name
    return not allowed or any(
        {name, host_only} & {entry.lower()}
        or (entry[0] == "." and host_only.endswith(entry.lower()))
        for entry in allowed
    )


def check_settings() -> None:
    """Read all settings, so that an invalid one fails at start-up and not at a request.

    Raises:
        ValueError: naming the setting and its value.
    """
    frame_ancestors()
    embed_origins()
    hosts()


def _listed(name: str, is_valid: Callable[[str], object], expected: str) -> tuple[str, ...]:
    values = tuple(os.environ.get(name, "").replace(",", " ").split())
    for value in values:
        if not is_valid(value):
            raise ValueError(f"{name} must list {expected}, separated by spaces, got {value!r}")
    return values


def _is_unchanged_room(scope: Scope, message: Message) -> bool:
    """Whether a class is told, each of it every two seconds, that there is nothing new.

    A response without a body needs no policy, and without these headers it is a tenth of the size.
    """
    return message["status"] == 304 and bool(_ROOM.search(scope["path"]))


def _is_metrics(path: str) -> bool:
    return path.rstrip("/").endswith("/_stcore/metrics")


async def _refused_host(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    response = PlainTextResponse("This server is not known by that name.", 421)
    await response(scope, receive, send)
