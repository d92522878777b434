"""`/notes`: the window in which the lecturer reads, without a session and without a WebSocket.

The page that is presented tells it what to show, inside the browser (``components/notes.js``); the
server gives the empty page alone, the same to everybody.
"""

from __future__ import annotations

import html

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from flowviz.text import LANGUAGES, Language, language_of, translator
from flowviz.ui.browser import assets

PATH = "notes"

_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; font: 1.25rem/1.5 system-ui, sans-serif; }
main, #waiting, footer { max-width: 46rem; margin: 0 auto; padding: 0 1.2rem; }
h1 { font-size: 1.3rem; margin: 0.8rem 0; }
h2 { font-size: 1rem; margin: 1rem 0 0; }
p { margin: 0.1rem 0; text-wrap: pretty; }
[hidden] { display: none; }
footer { font-size: 0.95rem; margin-block: 1.5rem; }
"""


def page(lang: Language) -> str:
    """The empty window, in a language until it is told of another."""
    tr = translator(lang)
    title, waiting = (html.escape(tr(f"notes.{key}")) for key in ("title", "waiting"))
    return (
        f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{title}</title><link rel="icon" href="{assets.asset_url(assets.ICON.name)}">'
        f"<style>{_STYLE}</style>"
        f'<script type="module" src="{assets.asset_url("notes.js")}"></script></head>'
        f'<body><main aria-live="polite"></main><p id="waiting">{waiting}</p><footer></footer>'
        "</body></html>"
    )


async def _notes(request: Request) -> Response:
    if not assets.is_ours(request):
        return Response(status_code=404)
    headers = {"Cache-Control": "no-cache", "Vary": "Accept-Language"}
    return HTMLResponse(page(_language(request)), headers=headers)


def _language(request: Request) -> Language:
    """The language of the address, or else of the browser."""
    for lang in LANGUAGES:
        if request.scope["query_string"] == f"lang={lang}".encode():
            return lang
    return language_of(request.headers.get("accept-language"))


def routes() -> list[Route]:
    """The routes for `st.App`."""
    return [Route(f"{prefix}/{PATH}", _notes) for prefix in ("", "/{prefix:path}")]
