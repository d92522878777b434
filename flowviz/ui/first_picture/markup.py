"""The first picture as HTML: name, pages, title, lead and still, where the page will have them.

It lies over the page and takes no pointer; `components/first_picture.js` removes it.
"""

from __future__ import annotations

import html
import re

from flowviz.conventions import time_text
from flowviz.figures.static_svg import attribute, svg
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import number
from flowviz.ui.browser import assets
from flowviz.ui.first_picture.compute import Still
from flowviz.ui.widgets.readouts import points_text

LEFT = {"fan": 4.2, "plane": 3.2}
"""The room left of a figure's axis, in font sizes."""

_BOLD = re.compile(r"\*\*(.+?)\*\*")
_LINK = re.compile(r"\[(.+?)\]\(.+?\)")


def markup(
    page: str, pages: tuple[str, ...], tr: Translator, scene: Scene | None, still: Still | None
) -> str:
    """The elements for the end of the document's body.

    Args:
        page: the page's name.
        pages: the names of all, in the navigation's order.
        tr: the translator.
        scene: of the link; None where it was not read.
        still: the picture; None for the words alone.
    """
    bent = page == "fan" and scene is not None and not scene.straight()
    lead = tr("fan.lead.bent" if bent else f"{page}.lead")
    links = ""
    for name in pages:
        here = ' class="here"' if name == page else ""
        links += f"<p{here}>{_inline(tr('nav.' + name))}</p>"
    picture = "" if scene is None or still is None else _picture(page, tr, scene, still)
    large = " large" if scene is not None and scene.large else ""
    return (
        f"<style>{_colours(still)}{assets.load('first_picture.css').body.decode('utf-8')}</style>"
        f'<div id="first-picture" class="{page}{large}">'
        f'<div class="pages" aria-hidden="true">{links}</div>'
        f'<div class="page"><p class="name">{_inline(tr("frame.name"))}</p>'
        f'<div class="title" role="heading" aria-level="1">{_inline(tr(f"{page}.title"))}</div>'
        f'<p class="lead">{_inline(lead)}</p>'
        f"<noscript><p>{html.escape(tr('frame.noscript'))}</p></noscript>{picture}</div></div>"
        f'<script defer src="{assets.asset_url("first_picture.js")}"></script>'
    )


def _inline(text: str) -> str:
    """Bold words of Markdown; of a link its words."""
    return _BOLD.sub(r"<b>\1</b>", _LINK.sub(r"\1", html.escape(text)))


def _picture(page: str, tr: Translator, scene: Scene, still: Still) -> str:
    if page == "fan":
        alt = tr("fan.alt", n=scene.trajectories, points=points_text(scene, "line"))
        across = [(at, time_text(t, scene.convention)) for at, t in still.x_ticks]
        title = f'<p class="axis">{html.escape(tr("fan.axis.t"))}</p>'
    else:
        alt = tr("plane.alt", n=len(scene.plane_points), points=points_text(scene, "plane"))
        across, title = [(at, number(x)) for at, x in still.x_ticks], ""
    left = Style(large=scene.large).left_margin(LEFT[page], *still.view)
    x = "".join(f'<i style="left:{attribute(100 * at)}%">{text}</i>' for at, text in across)
    y = "".join(
        f'<i style="bottom:{attribute(100 * at)}%">{number(v)}</i>' for at, v in still.y_ticks
    )
    return (
        f'<div class="still" style="--left:{attribute(left)}px">'
        f'<div class="box">{svg(still.picture, html.escape(alt))}'
        f'<div class="x" aria-hidden="true">{x}</div><div class="y" aria-hidden="true">{y}</div>'
        f"{title}</div></div>"
    )


def _colours(still: Still | None) -> str:
    """The rules for the groups' colours, light and dark."""
    light, dark = (_rules(Style(dark=dark), still) for dark in (False, True))
    return f"{light}@media (prefers-color-scheme:dark){{{dark}}}"


def _rules(style: Style, still: Still | None) -> str:
    by_start = still is not None and still.by_start
    lines = style.spectrum if by_start else style.basins
    names = {"ink": style.ink, "faint": style.faint, "plot": style.ground}
    names["deep"] = style.density[-2 if style.dark else -1][1]
    own = "".join(f"--{name}:{colour};" for name, colour in names.items())
    rules = [f"#first-picture{{{own}}}"]
    rules += [f"#first-picture .c{k}{{stroke:{colour}}}" for k, colour in enumerate(lines)]
    rules += [
        f"#first-picture .point.c{k}{{stroke:{colour}}}" for k, colour in enumerate(style.basins)
    ]
    return "".join(rules)
