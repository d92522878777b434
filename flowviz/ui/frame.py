"""The frame of every page: title, language, size, link, notices and footer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from flowviz.conventions import DEFAULT
from flowviz.figures.style import Style
from flowviz.scene import Notice, Scene
from flowviz.text import LANGUAGES, Message, Translator, translator
from flowviz.text.streamlit import STREAMLIT
from flowviz.ui import page_style, watch
from flowviz.ui.browser import assets, mount_controls
from flowviz.ui.document import is_embedded
from flowviz.ui.exercise.truth import is_covered
from flowviz.ui.present import screen
from flowviz.ui.present import style as present_style
from flowviz.ui.rooms import teacher
from flowviz.ui.session import connection, faults, state, turns
from flowviz.ui.session.preemption import uninterrupted
from flowviz.ui.share import dialog
from flowviz.ui.takeaway import menu
from flowviz.ui.widgets import glossary


@contextmanager
def page(name: str) -> Iterator[tuple[Scene, Translator]]:
    """What all pages have in common: ``with frame.page("fan") as (scene, tr): …``.

    Args:
        name: the page's prefix in `flowviz.text`: ``<name>.title`` and ``<name>.lead``.

    Yields:
        The visitor's scene and the translator of the visitor's language.
    """
    with (
        watch.run(name),
        turns.RUNS.take(loads=not state.is_open(name)),
        _page(name) as drawn,
    ):
        yield drawn


@contextmanager
def _page(name: str) -> Iterator[tuple[Scene, Translator]]:
    state.sync_widgets()
    scene = state.begin_page(name)
    tr = translator(scene.lang, scene.convention)
    _style_sheets(name, scene)
    if not scene.present:
        _name(tr)
    link_slot = _header(name, scene, tr) or st.container()
    room_slot = screen.corner() if scene.present else st.sidebar
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
        _take_away(name, scene, tr)
        _presenter(name, tr)
    with room_slot:
        _room(name, tr, presented=scene.present)
    if not scene.present:
        _footer(tr)


@faults.guarded
def _style_sheets(name: str, scene: Scene) -> None:
    embedded = is_embedded(connection.query())
    noticed = bool(state.notices() or state.faults())
    sheets = page_style.style_sheets(name, style(scene), noticed=noticed, embedded=embedded)
    st.html(sheets + present_style.style_sheet(name) * scene.present)
    if embedded:
        tr, link = translator(scene.lang), f"{assets.base_path()}/{name}?"
        with st.container(key="embedded"):
            query = state.last_drawn(name).query_string(name)
            st.markdown(f"[{tr('take.embed.open')}]({link}{query})")


@faults.guarded
def _name(tr: Translator) -> None:
    """What this is, and whose method it shows."""
    with st.container(key="name"):
        st.caption(tr("frame.name"), help=tr("frame.purpose"))


@faults.guarded
def _header(name: str, scene: Scene, tr: Translator) -> DeltaGenerator:
    """The title and the settings; returns the container of the link."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="head"):
        st.markdown(f"# {tr(f'{name}.title')}", width="stretch")
        if scene.present:
            return st.container(horizontal=True, gap="small", width="content")
        # Opened and closed by the browser alone, so that no run is needed for it.
        st.html(
            f'<details><summary aria-label="{tr("frame.settings")}">☰</summary></details>',
            width="content",
        )
        with st.container(
            horizontal=True,
            vertical_alignment="center",
            gap="small",
            width="content",
            key="head-settings",
        ):
            _settings(scene, tr)
        return st.container(horizontal=True, gap="small", width="content")


def _settings(scene: Scene, tr: Translator) -> None:
    """The language, the size, the direction of time."""
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


def _take_convention(turned: bool) -> None:
    state.change("convention", convention="flow_matching" if turned else DEFAULT)


@faults.guarded_after_page
def _link(name: str, scene: Scene, tr: Translator) -> None:
    mount_controls.copy_link(
        state.last_drawn(name).query_string(name),
        {
            "copy": tr("frame.copy"),
            "copied": tr("frame.copied"),
            "refused": tr("frame.copy.refused"),
        },
        dialog.content(name, tr),
        _streamlit_texts(tr),
        scene.lang,
        dark=style(scene).dark,
    )


@faults.guarded_after_page
def _presenter(name: str, tr: Translator) -> None:
    screen.show(name, state.current(), tr)


@faults.guarded_after_page
def _take_away(name: str, scene: Scene, tr: Translator) -> None:
    covered = is_covered(name, state.current())
    if name in menu.PAGES and not scene.present and not covered:
        menu.show(name, tr, dark=style(scene).dark)


@faults.guarded_after_page
def _room(name: str, tr: Translator, *, presented: bool) -> None:
    if name in teacher.PAGES:
        show = teacher.corner if presented else teacher.section
        show(name, state.last_drawn(name), tr)


def _streamlit_texts(tr: Translator) -> dict[str, dict[str, str]]:
    """What `components/streamlit_texts.js` puts in the place of Streamlit's words."""
    return {
        "names": {name: tr(f"streamlit.{name}") for name in ("main", "table")},
        "words": {theirs: tr(key) for theirs, key in STREAMLIT.items()},
        "starts": {
            "Help for ": tr("streamlit.help.for", name="{name}"),
            "Help": tr("streamlit.help"),
        },
    }


@contextmanager
def led(name: str, tr: Translator, text: str | None = None) -> Iterator[None]:
    """A page's picture between its lead and the same in a low window, where it comes after it.

    Of the two the page's style sheet shows one, so that what is read is in the document's order.

    Args:
        name: the page's prefix in `flowviz.text`.
        tr: the translator.
        text: the lead, by default ``<name>.lead``.
    """
    lead(name, tr, text, place="-above")
    yield
    lead(name, tr, text, place="-below")


@faults.guarded
def lead(name: str, tr: Translator, text: str | None = None, place: str = "") -> None:
    """A page's lead, with captions of its figure in an expander; for a projector all of it there.

    Args:
        name: the page's prefix in `flowviz.text`: its captions are ``<name>.caption.1`` to ``.3``.
        tr: the translator.
        text: the lead, by default ``<name>.lead``.
        place: the ending of the containers' keys.
    """
    if state.current().present:
        return
    with st.container(key=f"lead{place}"):
        text = tr(f"{name}.lead") if text is None else text
        large = state.current().large
        if not large:
            st.markdown(text)
        captions = "  \n".join(f"**{k}** {tr(f'{name}.caption.{k}')}" for k in (1, 2, 3))
        if large:
            captions = f"{text}\n\n{captions}"
        _expander(f"captions{place}", tr("frame.captions"), captions)


def side_by_side(
    name: str, widths: tuple[int, int], scene: Scene
) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two columns, which a narrow window folds; for a projector one below the other.

    Args:
        name: of the pair on its page.
        widths: of the columns, relative to each other.
        scene: the visitor's.
    """
    if scene.large and not scene.present:
        return st.container(), st.container()
    with st.container(key=f"side-by-side-{name}"):
        left, right = st.columns(list(widths), gap="large")
    return left, right


@faults.guarded_after_page
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
    px = screen.text_px() if scene.present else None
    return Style(dark=dark, large=scene.enlarged, convention=scene.convention, text_px=px)


@faults.guarded
def _show_notices(tr: Translator) -> None:
    notices, failed = state.notices(), state.faults()
    # Also without notices: what comes after them stays the same elements when they go.
    with st.container(horizontal=True, key="notices"):
        if notices or failed:
            _notices(notices, failed, tr)


def _notices(notices: list[Notice], failed: list[Message], tr: Translator) -> None:
    mangled = state.mangled()
    lines = [f"- {notice.markdown(tr)}" for notice in notices]
    if mangled:
        lines = [notice.markdown(tr) for notice in notices]
    else:
        lines.insert(0, tr("frame.notice"))
    with st.container():
        if notices:
            st.warning("\n".join(lines))
        if mangled:
            st.button(tr("frame.notice.anyway"), on_click=uninterrupted()(state.read_unchecked))
        if failed:
            text = "  \n".join(fault.markdown(tr) for fault in failed)
            st.error(text, icon=":material/error:")
    st.button("✕", on_click=uninterrupted()(state.dismiss_notices), width="content")
