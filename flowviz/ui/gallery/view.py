"""The gallery's page: cards, which are links, in groups."""

from __future__ import annotations

import html
import random

import streamlit as st

from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.ui.browser import assets
from flowviz.ui.gallery.scenes import GROUPS, GUIDE, Row, rows

_SHEET = """<style>
.fv-scenes {
  display: grid; gap: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%%, 15rem), 1fr));
}
.fv-scene {
  display: flex; flex-direction: column; overflow: hidden; border-radius: 10px;
  border: 1px solid rgba(128, 136, 155, 0.5); color: inherit !important;
  text-decoration: none !important;
}
.fv-scene:hover, .fv-scene:focus-visible, .fv-surprise:hover { border-color: %(accent)s; }
.fv-scene:focus-visible, .fv-surprise:focus-visible { outline: 2px solid %(accent)s; }
.fv-scene img { width: 100%%; aspect-ratio: 8 / 5; background: %(ground)s; display: block; }
.fv-scene b, .fv-scene span { padding: 0 0.8rem; }
.fv-scene b { padding-top: 0.6rem; font-weight: 600; }
.fv-scene span { padding-bottom: 0.8rem; font-size: 0.9rem; line-height: 1.45; }
@media (max-width: 640px) {
  .fv-scene { display: grid; grid-template: auto 1fr / 40%% 1fr; align-items: start; }
  .fv-scene img { grid-row: 1 / 3; height: 100%%; min-height: 6rem; aspect-ratio: auto; }
}
.fv-guide { padding-left: 1.6rem; }
.fv-guide li { margin: 0.3rem 0; line-height: 1.45; }
.fv-guide a { font-weight: 600; color: inherit !important; }
.fv-surprise {
  display: inline-block; padding: 0.3rem 0.8rem; border-radius: 8px; color: inherit !important;
  border: 1px solid rgba(128, 136, 155, 0.5); text-decoration: none !important;
}
</style>"""


def show(scene: Scene, tr: Translator, style: Style) -> None:
    """The lead, the surprise, and all cards."""
    st.html(_SHEET % {"accent": style.accent, "ground": style.ground})
    with st.container(key="lead"):
        st.markdown(tr("gallery.lead"))
    st.html(_surprise(scene, tr))
    if not scene.present:
        st.markdown(f"## {tr('guide.title')}")
        st.html(_guide(scene, tr))
    for group in GROUPS:
        _group(group, scene, tr, style)


def _guide(reader: Scene, tr: Translator) -> str:
    """The numbered path, as HTML."""
    by_name = {row.name: row for row in rows()}
    items = (
        f'<li><a href="{html.escape(_address(by_name[name], reader))}">'
        f"{html.escape(by_name[name].title(tr))}</a> {html.escape(tr(f'guide.{name}'))}</li>"
        for name in GUIDE
    )
    return f'<ol class="fv-guide">{"".join(items)}</ol>'


def _group(group: str, scene: Scene, tr: Translator, style: Style) -> None:
    st.markdown(f"## {tr(f'gallery.group.{group}')}")
    cards = (card(row, scene, tr, style) for row in rows() if row.group == group)
    st.html(f'<div class="fv-scenes">{"".join(cards)}</div>')


def card(row: Row, reader: Scene, tr: Translator, style: Style) -> str:
    """A card as HTML.

    Args:
        row: the scene.
        reader: the visitor's scene, for language, size and direction of time.
        tr: the translator.
        style: light or dark.
    """
    picture = assets.asset_url(f"gallery-{row.name}.svg") + "#dark" * style.dark
    return (
        f'<a class="fv-scene" href="{html.escape(_address(row, reader))}">'
        f'<img src="{picture}" alt="" loading="lazy">'
        f"<b>{html.escape(row.title(tr))}</b><span>{html.escape(row.about(tr))}</span></a>"
    )


def _surprise(reader: Scene, tr: Translator) -> str:
    """A link to any of them, another one at each run."""
    row = random.choice(rows())
    address = html.escape(_address(row, reader))
    return f'<a class="fv-surprise" href="{address}">{html.escape(tr("gallery.surprise"))}</a>'


def _address(row: Row, reader: Scene) -> str:
    return f"{assets.base_path()}/{row.link(reader)}"
