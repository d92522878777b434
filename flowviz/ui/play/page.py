"""The light page as HTML: with its script at an address, or in the page itself.

The scene is a data block, which no policy forbids: so the hash of the script is the same for all
scenes.
"""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping
from typing import Any

from flowviz.scene import Scene
from flowviz.scene.parameters import PLANE_PRIOR, PRIOR
from flowviz.text import translator
from flowviz.ui.browser import codec
from flowviz.ui.play import bundle
from flowviz.ui.play.block import block as fan_block
from flowviz.ui.play.plane_block import block as plane_block

_BOLD = re.compile(r"\*\*(.+?)\*\*")
# Of the rules for the dark theme in ``play.css``, by the theme that a link sets.
_IN_DARK = "(prefers-color-scheme:dark)"
_MEDIA = {"": _IN_DARK, "dark": "all", "light": "not all"}

_BLOCKS = {"fan": fan_block, "plane": plane_block}
_PRIORS = {"fan": PRIOR, "plane": PLANE_PRIOR}


def policy(name: str = "fan") -> str:
    """A Content-Security-Policy under which the live file of a page works."""
    allowed = bundle.policy_hash(bundle.script(bundle.ENTRIES[name]))
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src {allowed}"


def live_file(
    scene: Scene, app: str, *, name: str = "fan", theme: str = "", damaged: bool = False
) -> str:
    """One HTML file that needs nothing else.

    Args:
        scene: what is shown.
        app: the address of the full application's page, without a query.
        name: of that page, ``fan`` or ``plane``.
        theme: "light" or "dark"; by default the browser's.
        damaged: whether the scene's link could not be read in full.
    """
    content = _BLOCKS[name](scene, app=app, file=True, theme=theme, damaged=damaged)
    source = f"{app}?{scene.query_string(name)}"
    script = bundle.script(bundle.ENTRIES[name])
    head = [
        f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy(name))}">',
        f'<link rel="canonical" href="{html.escape(source)}">',
        f'<meta name="script-hash" content="{html.escape(bundle.policy_hash(script))}">',
    ]
    note = (
        f"FlowViz, {app}. To show this file on a site with a Content-Security-Policy, allow:\n"
        f"{policy(name)}"
    )
    return _page(scene, content, head, f"<script>{script}</script>", note)


def served_page(
    scene: Scene,
    app: str,
    script: str,
    *,
    name: str = "fan",
    theme: str = "",
    damaged: bool = False,
    icon: str = "",
    room: str = "",
) -> str:
    """The page of a server, which can be asked for other scenes.

    Args:
        scene: what is shown.
        app: the address of the full application's page, without a query.
        script: the address of `bundle.script`.
        name: of that page, ``fan`` or ``plane``.
        theme: "light" or "dark"; by default the browser's.
        damaged: whether the scene's link could not be read in full.
        icon: the address of its icon.
        room: the address of the script of a class room, for a page that has joined one.
    """
    priors = dict.fromkeys(_PRIORS[name].classes(), "")
    content = _BLOCKS[name](scene, app=app, file=False, priors=priors, theme=theme, damaged=damaged)
    head = [f'<link rel="icon" href="{html.escape(icon)}">']
    if room:
        head.append(f"<style>\n{bundle.style(bundle.ROOM)}</style>")
    return _linked(scene, content, script, *head, room=room)


def site_page(
    scene: Scene, app: str, script: str, priors: Mapping[str, str], name: str = "fan"
) -> str:
    """A page of a static site.

    Args:
        scene: what is shown.
        app: the address of the full application's page, without a query; empty if there is none.
        script: the address of `bundle.script`.
        priors: the addresses of the pages with other priors.
        name: of the application's page, ``fan`` or ``plane``.
    """
    return _linked(scene, _BLOCKS[name](scene, app=app, file=True, priors=priors), script)


def _linked(scene: Scene, content: dict[str, Any], script: str, *head: str, room: str = "") -> str:
    addresses = [html.escape(address) for address in (script, room) if address]
    preloads = [f'<link rel="preload" as="script" href="{address}">' for address in addresses]
    scripts = "\n".join(f'<script src="{address}"></script>' for address in addresses)
    # Until the room is asked: its question may be open, and the picture would answer it.
    body = '<body class="fp-asking">' if room else "<body>"
    return _page(scene, content, [*preloads, *head], scripts, body=body)


def _page(
    scene: Scene,
    content: dict[str, Any],
    head: list[str],
    script: str,
    note: str = "",
    body: str = "<body>",
) -> str:
    """The document; its title and lead can be read before the script runs."""
    tr = translator(scene.lang, scene.convention)
    theme, (header, arrays) = content["theme"], codec.apart(codec.pack(content))
    header, packed = header.strip().replace("<", "\\u003c"), base64.b64encode(arrays).decode()
    name, texts = content["page"], content["texts"][scene.lang]
    lead, title = texts["lead"], html.escape(texts["title"])
    lead = _BOLD.sub(r"<strong>\1</strong>", html.escape(lead, quote=False))
    style = bundle.style(bundle.ENTRIES[name]).replace(_IN_DARK, _MEDIA[theme])
    lines = [
        "<!doctype html>",
        *([f"<!--\n{note.replace('--', '- -')}\n-->"] if note else []),
        f'<html lang="{scene.lang}">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        *head,
        f"<title>{html.escape(tr('frame.app'))}</title>",
        f'<meta name="description" content="{html.escape(tr("frame.purpose"))}">',
        f'<meta property="og:title" content="{title}">',
        f"<style>\n{style}</style>",
        "</head>",
        body,
        '<div id="flowviz">',
        f"<header><h1>{title}</h1></header>",
        f'<p class="fp-lead">{lead}</p>',
        f"<noscript><p>{html.escape(tr('play.noscript'))}</p></noscript>",
        "</div>",
        f'<script type="application/json" id="flowviz-scene">{header}</script>',
        f'<script type="application/octet-stream" id="flowviz-arrays">{packed}</script>',
        script,
        "</body>",
        "</html>",
        "",
    ]
    return "\n".join(lines)
