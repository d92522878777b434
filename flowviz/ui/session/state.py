"""The visitor's scene: read from the link once, changed by what the visitor enters, never lost.

One `Scene` in the session is the truth. Widgets are views of it: their key is the field's name,
and they are filled from the scene when it changes by other hands. A value the scene refuses stays
in its widget, with one line beneath it that says why; the scene, and so the picture, stays the
last good one.

What a visitor entered is taken in at the start of a run (`sync_widgets`), by comparing each widget
with what it showed before, and not in Streamlit's callbacks: a callback is cut short when the next
change arrives while it runs, and what it had to say is then lost. Taking in is repeated by the next
run, whatever happens to this one.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from flowviz.scene import Notice, Scene
from flowviz.scene.mending import SUM
from flowviz.text import Message, Refusal, language_of

_LOG = logging.getLogger(__name__)
_SCENE, _NOTICES, _REFUSALS = "flowviz.scene", "flowviz.notices", "flowviz.refusals"
_WATCHED, _PAGE = "flowviz.watched", "flowviz.page"
_QUERY = "flowviz.query"
_FAULTS, _DRAWN, _LAST = "flowviz.faults", "flowviz.drawn", "flowviz.drawn.last"
_DRAWING, _FAILED, _RESTORED = "flowviz.drawing", "flowviz.failed", "flowviz.restored"
_WIDGET = "w."
_MOST_FAULTS = 3  # said at a time


@dataclass(frozen=True)
class _Watch:
    """A widget's last known state, and what to do when it is another."""

    mark: Any
    marked: Callable[[Any], Any]
    take: Callable[[Any], None]
    field: str | None = None  # the widget shows this field, in the words of a language


def current() -> Scene:
    """The visitor's scene; the first call of a session reads it from the link."""
    if _SCENE not in st.session_state:
        for name in (_REFUSALS, _WATCHED, _DRAWN):
            st.session_state[name] = {}
        st.session_state[_FAULTS] = []
        scene, st.session_state[_NOTICES] = _of_the_link()
        if "lang" not in st.query_params:
            scene = scene.with_(lang=language_of(st.context.locale))
        st.session_state[_SCENE] = scene
    return st.session_state[_SCENE]


def _of_the_link() -> tuple[Scene, list[Notice]]:
    query = st.session_state[_QUERY] = st.query_params.to_dict()
    try:
        return Scene.read_query(query)
    except Exception:
        add_fault(Message("fault.link", number=log_fault("the link")))
        return Scene(), []


def notices() -> list[Notice]:
    """What of the link could not be read, until it is dismissed."""
    return st.session_state.get(_NOTICES, [])


def mangled() -> bool:
    """Whether the link does not match its checksum, so that little of it was read."""
    return any(notice.name == SUM for notice in notices())


def read_anyway() -> None:
    """Take what can be read of a mangled link."""
    query = st.session_state[_QUERY]
    st.session_state[_SCENE], st.session_state[_NOTICES] = Scene.read_query(query, unchecked=True)
    for name in list(st.session_state[_WATCHED]):
        _forget_value(name)


def dismiss_notices() -> None:
    """Forget the notices, and the faults."""
    st.session_state[_NOTICES] = []
    dismiss_faults()


def refusal(field: str) -> Refusal | None:
    """Why the last value entered for a field was not taken; None if it was."""
    return st.session_state.get(_REFUSALS, {}).get(field)


def refuse(field: str, why: Refusal) -> None:
    """Remember why a value for a field was not taken."""
    st.session_state[_REFUSALS][field] = why.again()  # not with the frames it passed through


def settle(field: str) -> None:
    """What was wrong with a field is right now."""
    st.session_state[_REFUSALS].pop(field, None)


def change(field: str, /, **changes: Any) -> bool:
    """Try changes on the scene; say under ``field`` why, if they are refused.

    Returns:
        Whether the scene took them.
    """
    try:
        st.session_state[_SCENE] = current().with_(**changes)
    except Refusal as why:
        refuse(field, why)
        return False
    settle(field)
    return True


def key(field: str) -> str:
    """The session key of a field's widget."""
    return _WIDGET + field


def fill(field: str, value: Any) -> str:
    """Give a widget its value unless the visitor has already given it one; its session key."""
    name = key(field)
    if name not in st.session_state:
        st.session_state[name] = value
    return name


def forget(*fields: str) -> None:
    """Let the widgets of these fields be filled from the scene again."""
    for field in fields:
        st.session_state.pop(key(field), None)
        st.session_state.get(_REFUSALS, {}).pop(field, None)


def sync_widgets() -> Scene:
    """Take in what the visitor entered since the last run; the scene as it is then."""
    lang = current().lang
    watched: dict[str, _Watch] = st.session_state[_WATCHED]
    for name, watch in list(watched.items()):
        try:
            _settle(name, watch)
        except Refusal as why:
            refuse(watch.field or name, why)
        except Exception:
            number = log_fault(f"what was entered in {name}")
            _forget_value(name)
            add_fault(Message("fault.entered", number=number))
    scene = current()
    if scene.lang != lang:
        # A browser remembers an option by its words: let it be told again, in the new ones. What
        # was refused stays as it was typed.
        for watch in watched.values():
            if watch.field is not None and refusal(watch.field) is None:
                forget(watch.field)
    return scene


def _settle(name: str, watch: _Watch) -> None:
    """Take in one widget, if it was changed."""
    watched: dict[str, _Watch] = st.session_state[_WATCHED]
    if name not in st.session_state:  # the widget is of another page, or was forgotten
        if watch.field is None or refusal(watch.field) is None:
            del watched[name]
            return
        st.session_state[name] = watch.mark  # what was refused stays as it was typed
    value = st.session_state[name]
    mark = watch.marked(value)
    if mark != watch.mark:
        # Before it is taken: what raises once is not tried again at each run.
        watched[name] = replace(watch, mark=mark)
        watch.take(value)


def _forget_value(name: str) -> None:
    """Let a widget begin anew, whatever it was sent."""
    st.session_state[_WATCHED].pop(name, None)
    if name in st.session_state:
        del st.session_state[name]


def begin_page(page: str) -> None:
    """Call where a page begins: another page than the last has its widgets filled from the scene.

    Streamlit keeps a widget's value for one page. The next page's widget of the same key may find
    the key taken, and would begin at a default of its own. What was refused stays as it was typed.
    """
    st.session_state[_DRAWING], st.session_state[_FAILED] = True, False
    if st.session_state.get(_PAGE) == page:
        return
    st.session_state[_PAGE] = page
    watched: dict[str, _Watch] = st.session_state[_WATCHED]
    for name, watch in watched.items():
        if watch.field is None or name not in st.session_state:
            continue
        typed = st.session_state.pop(name)
        if refusal(watch.field) is not None:
            st.session_state[name] = typed


def watch(
    name: str, take: Callable[[Any], None], marked: Callable[[Any], Any] = lambda value: value
) -> None:
    """Call ``take(value)`` at the start of the run that finds ``st.session_state[name]`` changed.

    Args:
        name: a session key; call this where its widget is drawn.
        take: must do the same when it is called again with the same value.
        marked: what of the value is compared; by default the value itself.
    """
    watched: dict[str, _Watch] = st.session_state[_WATCHED]
    mark = marked(st.session_state[name]) if name in st.session_state else None
    watched[name] = _Watch(mark, marked, take)


def bound(field: str) -> str:
    """Bind a widget to a field of the scene; its session key."""
    return bound_as(field, getattr(current(), field), lambda value: change(field, **{field: value}))


def bound_as(field: str, value: Any, take: Callable[[Any], Any]) -> str:
    """Bind a widget whose value needs more than storing: ``take(value)`` does it; its session key.

    Args:
        field: names the widget, and what `refusal` is asked for.
        value: what the widget shows, unless the visitor has given it a value.
        take: see `watch`.
    """
    name = fill(field, value)
    watched: dict[str, _Watch] = st.session_state[_WATCHED]
    watched[name] = _Watch(st.session_state[name], lambda value: value, take, field)
    return name


def remembered(group: str) -> dict[str, Mapping[str, Any]]:
    """Parameters last used for each prior or schedule, so that trying another loses nothing."""
    return st.session_state.setdefault(f"flowviz.{group}", {})


# ---------------------------------------------------------------------- what was drawn, and faults


def end_page(*, whole: bool) -> None:
    """Call where a page ends, ``whole`` if it was drawn to its end."""
    st.session_state[_DRAWING] = False
    if whole and not st.session_state[_FAILED]:
        _drawn()


def drawn_fragment() -> None:
    """Call where a part of a page ends: if it was run by itself, what it shows is drawn."""
    if not st.session_state[_DRAWING] and not st.session_state[_FAILED]:
        _drawn()


def _drawn() -> None:
    st.session_state[_DRAWN][st.session_state[_PAGE]] = st.session_state[_LAST] = current()
    st.session_state[_RESTORED] = False


def last_drawn(page: str) -> Scene:
    """What the address holds: the scene, or, where the page could not draw it, the last it drew."""
    scene = current()
    if not st.session_state[_FAILED]:
        return scene
    return st.session_state[_DRAWN].get(page) or Scene(**scene.reader())


def restore() -> bool:
    """Go back to the scene last drawn, with every widget filled anew; once, until one is drawn.

    Returns:
        Whether that was done, so that the page is to be drawn again. If not, it counts as failed.
    """
    scene, last = current(), st.session_state.get(_LAST)
    if last is None or st.session_state[_RESTORED]:
        st.session_state[_FAILED] = True
        return False
    st.session_state[_RESTORED] = True
    st.session_state[_SCENE] = last.with_(**scene.reader())
    st.session_state[_REFUSALS] = {}
    for name in list(st.session_state[_WATCHED]):
        _forget_value(name)
    return True


def log_fault(where: str, error: BaseException | None = None) -> str:
    """Log what was raised; the number that the visitor can quote."""
    number = secrets.token_hex(3).upper()
    _LOG.error("fault %s in %s", number, where, exc_info=error or True)
    return number


def add_fault(said: Message) -> None:
    """Say a fault above the page, until it is dismissed."""
    faults = st.session_state[_FAULTS]
    faults.append(said)
    del faults[:-_MOST_FAULTS]


def dismiss_faults() -> None:
    """Say no fault above the page any more."""
    st.session_state[_FAULTS] = []


def faults() -> list[Message]:
    """What is to be said above the page, newest last."""
    return st.session_state.get(_FAULTS, [])
