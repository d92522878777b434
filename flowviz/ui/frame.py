"""The frame of every page: title, language, size, link, notices and footer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from flowviz.conventions import DEFAULT
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import LANGUAGES, Translator, translator
from flowviz.ui.browser import mount
from flowviz.ui.session import faults, state
from flowviz.ui.widgets import glossary

# Streamlit sizes everything in rem: one rule makes the whole interface larger.
_LARGE = """<style>
html { font-size: 21px; }
/* The sidebar's width is in pixels: it must grow with its text, which would be cut. */
@media (min-width: 768px) {
  .stSidebar:not([data-collapsed="true"]) { min-width: 19rem; }
}
</style>"""
_ALWAYS = """<style>
.stAppHeader { height: 2.5rem; min-height: 2.5rem; background: transparent; }
.stMainBlockContainer { padding: 2.6rem 2.5rem 2rem; }
.stMainBlockContainer .stMarkdown .katex-display {
  overflow-x: auto; overflow-y: hidden; padding: 0.3em 0;
}
/* A table fits its column; one of five columns fits a telephone, in Large too. */
.stMainBlockContainer .stMarkdown table :is(th, td) { padding: 0.35rem 0.4rem; }
@media (max-width: 640px) {
  .stMainBlockContainer .stMarkdown table { font-size: 0.7rem !important; }
  .stMainBlockContainer .stMarkdown table :is(th, td) {
    font-size: 0.7rem !important; padding: 0.2rem !important;
  }
}
/* The status of a training run has the same height for any text. */
.st-key-learn-standing { min-height: 3.4rem; }
.stSidebar .stAlert :is(p, li) { font-size: 0.9rem; }
.stSidebar .stAlert ul { margin: 0 0 1rem; padding-left: 0.2rem; }
.st-key-lead { gap: 0.2rem; }
.st-key-lead p { text-wrap: pretty; }
.st-key-notices { display: grid !important; grid-template-columns: minmax(0, 1fr) auto; }
.st-key-notices > * { min-width: 0; }
@media (max-width: 640px) {
  .stMainBlockContainer .stMarkdown table {
    display: block; contain: inline-size; overflow-x: auto;
  }
  .stMainBlockContainer { padding: 2.6rem 1rem 2rem; }
  .stMainBlockContainer h3 { font-size: 1.3rem; padding: 0.4rem 0; }
  .stAlert p, .stAlert li { font-size: 0.82rem; }
  .st-key-learn-standing { min-height: 5rem; }
  .st-key-learn-said { min-height: 8.4rem; }
}
.stSidebar [data-testid="stSidebarHeader"] { height: 2.5rem; margin-bottom: 0; }
</style>"""


# A long title beside the buttons takes two lines; a row for the buttons would take more.
_HEADER_ROW = """<style>
@media (min-width: 1000px) {
  .st-key-head { flex-wrap: nowrap !important; }
  .st-key-head h3 { font-size: 1.5rem; padding: 0.2rem 0; text-wrap: balance; }
}
</style>"""

# The default page has no path of its own: at /fan nothing else would mark it in the navigation.
_DEFAULT = "fan"
_MARKED = """<style>
[data-testid="stSidebarNavItems"] li:first-child a { background: rgba(146, 164, 200, 0.25); }
[data-testid="stSidebarNavItems"] li:first-child a * { font-weight: 600; }
</style>"""


@contextmanager
def page(name: str) -> Iterator[tuple[Scene, Translator]]:
    """What all pages have in common: ``with frame.page("fan") as (scene, tr): …``.

    Args:
        name: the page's prefix in `flowviz.text`: ``<name>.title`` and ``<name>.lead``.

    Yields:
        The visitor's scene and the translator of the visitor's language.
    """
    scene = state.sync_widgets()
    state.begin_page(name)
    tr = translator(scene.lang, scene.convention)
    st.html(_ALWAYS + (_LARGE if scene.large else _HEADER_ROW) + _MARKED * (name == _DEFAULT))
    link_slot = _header(name, scene, tr) or st.container()
    _show_notices(tr)
    complete = False
    try:
        with faults.caught(f"page {name}"):
            yield scene, tr
        complete = True
    finally:
        state.end_page(complete=complete)
    # Last, when all widgets have been applied to the scene.
    with link_slot:
        _link(name, scene, tr)
    _footer(tr)


@faults.guarded
def _header(name: str, scene: Scene, tr: Translator) -> DeltaGenerator:
    """The title, the language, the size, the direction of time; the place of the link."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="head"):
        st.markdown(f"### {tr(f'{name}.title')}", width="stretch")
        st.segmented_control(
            tr("frame.lang"),
            list(LANGUAGES),
            format_func=LANGUAGES.__getitem__,
            label_visibility="collapsed",
            width="content",
            required=True,
            key=state.bound("lang"),
        )
        st.toggle(
            tr("frame.large"),
            help=tr("frame.large.help"),
            width="content",
            key=state.bound("large"),
        )
        st.toggle(
            tr("frame.convention"),
            help=tr("frame.convention.help"),
            width="content",
            key=state.bound_as("convention", scene.convention != DEFAULT, _take_convention),
        )
        return st.container(width="content")


def _take_convention(turned: bool) -> None:
    state.change("convention", convention="flow_matching" if turned else DEFAULT)


@faults.guarded
def _link(name: str, scene: Scene, tr: Translator) -> None:
    mount.copy_link(
        state.last_drawn(name).query_string(name),
        {
            "copy": tr("frame.copy"),
            "copied": tr("frame.copied"),
            "refused": tr("frame.copy.refused"),
        },
        scene.lang,
        dark=style(scene).dark,
    )


@faults.guarded
def lead(name: str, tr: Translator, text: str | None = None) -> None:
    """A page's lead, with captions of its figure in an expander.

    Args:
        name: the page's prefix in `flowviz.text`: its captions are ``<name>.caption.1`` to ``.3``.
        tr: the translator.
        text: the lead, by default ``<name>.lead``.
    """
    with st.container(key="lead"):
        st.markdown(tr(f"{name}.lead") if text is None else text)
        captions = "  \n".join(f"**{k}** {tr(f'{name}.caption.{k}')}" for k in (1, 2, 3))
        _expander("captions", tr("frame.captions"), captions)


@faults.guarded
def _footer(tr: Translator) -> None:
    """The glossary and the credit."""
    st.divider()
    _expander("glossary", tr("frame.glossary"), glossary.tips(tr))
    st.caption(tr("frame.credit"))


@faults.fragment
def _expander(name: str, label: str, text: str) -> None:
    """An expander that stays open or closed on all pages of the session.

    A fragment, so that opening it redraws nothing else.
    """
    state.sync_widgets()
    opened = f"flowviz.fold.{name}"

    def store(is_open: bool) -> None:
        st.session_state[opened] = is_open

    key = state.bound_as(f"fold.{name}", st.session_state.get(opened, False), store)
    box = st.expander(label, key=key, type="compact", on_change="rerun")
    if box.open:
        box.caption(text)


def style(scene: Scene) -> Style:
    """The figures' look for this visitor: the browser's theme, the scene's size."""
    dark = st.context.theme.type == "dark"
    return Style(dark=dark, large=scene.large, convention=scene.convention)


@faults.guarded
def _show_notices(tr: Translator) -> None:
    notices, failed = state.notices(), state.faults()
    if not notices and not failed:
        return
    mangled = state.mangled()
    lines = [f"- {notice.markdown(tr)}" for notice in notices]
    if mangled:
        lines = [notice.markdown(tr) for notice in notices]
    else:
        lines.insert(0, tr("frame.notice"))
    with st.container(horizontal=True, key="notices"):
        with st.container():
            if notices:
                st.warning("\n".join(lines))
            if mangled:
                st.button(tr("frame.notice.anyway"), on_click=state.read_unchecked)
            if failed:
                text = "  \n".join(fault.markdown(tr) for fault in failed)
                st.error(text, icon=":material/error:")
        st.button("✕", on_click=state.dismiss_notices, width="content")
