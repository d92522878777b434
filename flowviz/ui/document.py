"""The HTML document of each page: Streamlit's, with the page's name, language and description.

What a chat or a search engine shows of a link is in the document, before any script runs: so each
page names itself there, in the link's language or the browser's. The document also loads
``server_address.js`` before Streamlit's own modules.

Addresses with capital letters lead to the page: ``/Fan`` to ``/fan``.
"""

from __future__ import annotations

import html
import re
from functools import cache, lru_cache
from importlib.resources import files
from urllib.parse import parse_qs

from starlette.datastructures import URL, Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from flowviz.text import LANGUAGES, Language, language_of, translator
from flowviz.ui.browser import assets, frontend, packed, preload
from flowviz.ui.first_picture.serving import first_picture, words

PAGES = (
    "lesson", "fan", "plane", "green", "learn", "solvers", "couplings", "guidance", "images",
    "gallery",
)  # fmt: skip
"""Names of the pages, in the navigation's order; each is a file of ``pages/`` and an address."""
DEFAULT_PAGE = "fan"
"""The page where no address was given."""
START = "start"
"""Its address then."""

_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
_OPENING = re.compile(r"<html[^>]*>")
_CHARSET = '<meta charset="UTF-8" />'
_ICON = "./favicon.png"
_HEAD_END, _END = "</head>", "</body>"
_STYLE_SHEET = re.compile(r'<link rel="stylesheet"[^>]*>')
# Of Streamlit's own font, 171 kB: `.streamlit/config.toml` names the system's.
_FONT = re.compile(r'<link\s+rel="preload"[^>]*as="font"[^>]*>')


class Documents:
    """ASGI middleware: the documents of the pages, and redirections from other spellings."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = _address(scope)
        if name is None:
            await self.app(scope, receive, send)
            return
        if name != name.lower():
            url = URL(scope=scope)
            there = URL("").replace(path=url.path.lower(), query=url.query)
            await RedirectResponse(str(there))(scope, receive, send)
            return
        page = name if name in PAGES else DEFAULT_PAGE
        lang, query = _language(scope), scope["query_string"].decode("latin-1")
        # In a frame, and presented, the figure stands alone: no name, title and lead before it.
        alone = is_embedded(query) or is_presented(query)
        first = "" if alone else await first_picture(page, PAGES, lang, query)
        text = _packed(page, lang, first)
        answer = packed.response(text, Headers(scope=scope), packed.REVALIDATE, "Accept-Language")
        await answer(scope, receive, send)


def _address(scope: Scope) -> str | None:
    """The last part of a page's address, "" for the first page; None for anything else."""
    if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"}:
        return None
    base, _, name = scope["path"].rpartition("/")
    is_page = name.lower() in {"", START, *PAGES}
    return name if is_page and base == assets.base_path() else None


def is_embedded(query: str) -> bool:
    """Whether a query asks for a page's figure alone: ``embed=1``."""
    return _is_set("embed", query)


def is_presented(query: str) -> bool:
    """Whether a query asks for a page to be presented: ``present=1``."""
    return _is_set("present", query)


def _is_set(name: str, query: str) -> bool:
    return f"{name}=1" in query and parse_qs(query).get(name, [""])[-1] == "1"


def _language(scope: Scope) -> Language:
    """The language of the link, or else of the browser."""
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("lang", [""])[-1]
    for lang in LANGUAGES:
        if asked == lang:
            return lang
    return language_of(Headers(scope=scope).get("accept-language"))


def compress() -> None:
    """Compress the documents and what they name, which the first visitor would wait for."""
    for page in PAGES:
        for lang in LANGUAGES:
            text = document(page, lang, words(page, PAGES, lang))
        for name, path in frontend.smaller_files().items():
            if name in text or path.suffix == ".woff2":
                frontend.load(path)
        for name in assets.asset_names():
            if f"/{name}" in text:
                assets.load(name)


@lru_cache(maxsize=64)
def _packed(page: str, lang: Language, first: str) -> packed.Packed:
    return packed.pack(document(page, lang, first).encode("utf-8"), "text/html; charset=utf-8")


def document(page: str, lang: Language, first: str) -> str:
    """The document of a page in a language, with the elements that are seen ``first``.

    Raises:
        ValueError: Streamlit's document has not the tags that are replaced.
    """
    tr = translator(lang)
    title, purpose = tr(f"{page}.title"), tr("frame.purpose")
    names = {"description": purpose}
    properties = {
        "og:site_name": "FlowViz",
        "og:type": "website",
        "og:title": title,
        "og:description": purpose,
    }
    tags = [
        f"<title>{html.escape(tr('frame.app'))}</title>",
        *(f'<meta name="{k}" content="{html.escape(v)}" />' for k, v in names.items()),
        *(f'<meta property="{k}" content="{html.escape(v)}" />' for k, v in properties.items()),
        # Deferred, but before Streamlit's own modules: what is to be seen first waits for neither.
        f'<script defer src="{assets.asset_url("server_address.js")}"></script>',
    ]
    text = streamlit_document()
    if not (_TITLE.search(text) and _OPENING.search(text) and _CHARSET in text and _ICON in text):
        raise ValueError("Streamlit's document has no <html>, charset, icon and title as expected")
    text = _OPENING.sub(f'<html lang="{lang}">', _TITLE.sub("", text), count=1)
    text = _FONT.sub("", text.replace(_ICON, assets.asset_url(assets.ICON.name), 1))
    text = text.replace(_HEAD_END, "\n    ".join([*preload.links(page, text), _HEAD_END]), 1)
    # What is seen first waits for no style sheet: Streamlit's come after it.
    sheets = _STYLE_SHEET.findall(text)
    text = _STYLE_SHEET.sub("", text).replace(_END, "\n".join([first, *sheets, _END]), 1)
    return text.replace(_CHARSET, "\n    ".join([_CHARSET, *tags]), 1)


@cache
def streamlit_document() -> str:
    """Streamlit's own document."""
    return (files("streamlit") / "static" / "index.html").read_text(encoding="utf-8")
