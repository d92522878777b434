"""The session's scene: read from the link once, then changed by the widgets.

The session has one `Scene`. Widgets show it: their key is the field's name, and they are filled
from the scene when something else changes it. A value that the scene refuses stays in its widget,
with the reason in a line beneath it; the scene, and so the figure, stays the last valid one.

Widgets are read at the start of a run (`sync_widgets`), by comparing each with its last value, and
not in Streamlit's callbacks: a callback is aborted when the next change arrives while it runs, and
its change is then lost. No other run ends `sync_widgets`.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from flowviz.scene import Notice, Scene
from flowviz.scene.exercise import require_free
from flowviz.scene.link import texts_of
from flowviz.scene.link_repair import CHECKSUM, without_trackers
from flowviz.scene.settings import READER
from flowviz.text import Message, Refusal, language_of
from flowviz.ui.session import preemption
from flowviz.ui.session.page_defaults import default_scene

_LOG = logging.getLogger(__name__)
_SCENE, _NOTICES, _REFUSALS = "flowviz.scene", "flowviz.notices", "flowviz.refusals"
_BINDINGS, _PAGE = "flowviz.bindings", "flowviz.page"
_QUERY = "flowviz.query"
_FAULTS, _DRAWN, _LAST = "flowviz.faults", "flowviz.drawn", "flowviz.drawn.last"
_DRAWING, _FAILED, _RESTORED = "flowviz.drawing", "flowviz.failed", "flowviz.restored"
_UNTOUCHED, _SYNCED = "flowviz.untouched", "flowviz.synced"
_WIDGET = "w."
_ABSENT = object()
_MOST_FAULTS = 3  # shown at a time


@dataclass(frozen=True)
class _Binding:
    """A widget's last value as compared, ``compared(value)``, and the handler of another one."""

    last: Any
    compared: Callable[[Any], Any]
    apply: Callable[[Any], None]
    field: str | None = None  # the scene's field that the widget shows, if it does


def current() -> Scene:
    """The session's scene; the first call reads it from the link."""
    scene = st.session_state.get(_SCENE)
    if scene is None:
        for name in (_REFUSALS, _BINDINGS, _DRAWN):
            st.session_state[name] = {}
        st.session_state[_FAULTS] = []
        scene, st.session_state[_NOTICES] = _scene_of_link()
        names = without_trackers(texts_of(st.session_state[_QUERY])[0]).keys()
        if "lang" not in names:
            scene = scene.with_(lang=language_of(st.context.locale))
        # A link that sets nothing but what is the reader's, such as the language, names no scene.
        st.session_state[_UNTOUCHED] = names <= set(READER)
        st.session_state[_SCENE] = scene  # last: it says that all are there
    return scene


def _scene_of_link() -> tuple[Scene, list[Notice]]:
    names = st.query_params
    query = st.session_state[_QUERY] = {name: names.get_all(name) for name in names}
    try:
        return Scene.read_query(query)
    except Exception:
        add_fault(Message("fault.link", number=log_fault("the link")))
        return Scene(), []


def notices() -> list[Notice]:
    """What of the link could not be read; empty once dismissed."""
    return st.session_state.get(_NOTICES, [])


def mangled() -> bool:
    """Whether the link does not match its checksum, so that most of it was not read."""
    return any(notice.name == CHECKSUM for notice in notices())


def read_unchecked() -> None:
    """Read what can be read of a link that does not match its checksum."""
    query = st.session_state[_QUERY]
    st.session_state[_SCENE], st.session_state[_NOTICES] = Scene.read_query(query, unchecked=True)
    for name in list(st.session_state[_BINDINGS]):
        _reset_widget(name)


def dismiss_notices() -> None:
    """Remove the notices and the faults."""
    st.session_state[_NOTICES] = []
    dismiss_faults()


def refusal(field: str) -> Refusal | None:
    """Why the last value entered for a field was refused; None if it was accepted."""
    return st.session_state.get(_REFUSALS, {}).get(field)


def refuse(field: str, why: Refusal) -> None:
    """Store why a value for a field was refused."""
    st.session_state[_REFUSALS][field] = why.without_traceback()  # a copy without the traceback


def clear_refusal(field: str) -> None:
    """Remove a field's refusal."""
    st.session_state[_REFUSALS].pop(field, None)


def change(field: str, /, **changes: Any) -> bool:
    """Change fields of the scene; if it refuses, store why under ``field``.

    Returns:
        Whether the scene was changed.
    """
    try:
        require_free(current().frozen, changes)
        st.session_state[_SCENE] = current().with_(**changes)
    except Refusal as why:
        refuse(field, why)
        return False
    clear_refusal(field)
    return True


def key(field: str) -> str:
    """The session key of a field's widget."""
    return _WIDGET + field


def fill(field: str, value: Any) -> str:
    """Set a widget's value unless it has one; returns its session key."""
    name = key(field)
    if name not in st.session_state:
        st.session_state[name] = value
    return name


def refill(*fields: str) -> None:
    """Delete the values of these fields' widgets, so that they are filled from the scene again."""
    for field in fields:
        st.session_state.pop(key(field), None)
        st.session_state.get(_REFUSALS, {}).pop(field, None)


@preemption.uninterrupted()
def sync_widgets() -> Scene:
    """Apply the widgets that changed since the last run; returns the scene afterwards."""
    lang = current().lang
    if not preemption.is_first_in_run(_SYNCED):  # values arrive before a run and not within it
        return current()
    bindings: dict[str, _Binding] = st.session_state[_BINDINGS]
    for name, binding in list(bindings.items()):
        try:
            _sync_widget(name, binding)
        except Refusal as why:
            refuse(binding.field or name, why)
        except Exception:
            number = log_fault(f"what was entered in {name}")
            _reset_widget(name)
            add_fault(Message("fault.entered", number=number))
    scene = current()
    if scene.lang != lang:
        # The browser identifies an option by its label. Refused values stay as typed.
        for binding in bindings.values():
            if binding.field is not None and refusal(binding.field) is None:
                refill(binding.field)
    return scene


def _sync_widget(name: str, binding: _Binding) -> None:
    """Apply one widget's value, if it was changed."""
    value = st.session_state.get(name, _ABSENT)
    if value is _ABSENT:  # the widget is of another page, or is to be refilled
        if binding.field is None or refusal(binding.field) is None:
            del st.session_state[_BINDINGS][name]
            return
        st.session_state[name] = value = binding.last  # a refused value stays as typed
    last = binding.compared(value)
    if last != binding.last:
        # Stored before it is applied, so that an exception is not repeated at each run.
        st.session_state[_BINDINGS][name] = replace(binding, last=last)
        binding.apply(value)


def _reset_widget(name: str) -> None:
    """Delete a widget's value and binding."""
    st.session_state[_BINDINGS].pop(name, None)
    if name in st.session_state:
        del st.session_state[name]


def is_open(page: str) -> bool:
    """Whether the last run of this session was of this page, so that its visitor has it already."""
    return st.session_state.get(_PAGE) == page


@preemption.uninterrupted()
def begin_page(page: str) -> Scene:
    """Call where a page begins: after a change of page, its widgets are filled from the scene.

    Until the visitor has chosen a scene, it is the page's default.

    Streamlit keeps widgets' values within a page only: a widget of the next page with the same key
    would start at its default. Refused values stay as typed.
    """
    st.session_state[_DRAWING], st.session_state[_FAILED] = True, False
    last = st.session_state.get(_PAGE)
    if last == page:
        return current()
    st.session_state[_PAGE] = page
    if last is not None:  # it was of another picture
        st.session_state[_SCENE] = current().with_(zoom=None)
    scene, reader = current(), current().reader()
    if st.session_state[_UNTOUCHED] and scene == default_scene(last, reader):
        st.session_state[_SCENE] = default_scene(page, reader)
    else:
        st.session_state[_UNTOUCHED] = False
    bindings: dict[str, _Binding] = st.session_state[_BINDINGS]
    for name, binding in bindings.items():
        if binding.field is None or name not in st.session_state:
            continue
        typed = st.session_state.pop(name)
        if refusal(binding.field) is not None:
            st.session_state[name] = typed
    return current()


def on_change(
    name: str, apply: Callable[[Any], None], compared: Callable[[Any], Any] = lambda value: value
) -> None:
    """Call ``apply(value)`` at the start of a run in which ``st.session_state[name]`` is changed.

    Args:
        name: a session key; call this where its widget is drawn.
        apply: idempotent: it may be called again with the same value.
        compared: what of the value is compared; by default the value itself.
    """
    bindings: dict[str, _Binding] = st.session_state[_BINDINGS]
    last = compared(st.session_state[name]) if name in st.session_state else None
    bindings[name] = _Binding(last, compared, apply)


def bound(field: str) -> str:
    """Bind a widget to a field of the scene; returns its session key."""
    return bound_as(field, getattr(current(), field), lambda value: change(field, **{field: value}))


def bound_as(field: str, value: Any, apply: Callable[[Any], Any]) -> str:
    """Bind a widget to a function that applies its value; returns its session key.

    Args:
        field: the widget's name, also for `refusal`.
        value: the widget's value, unless it has one.
        apply: see `on_change`.
    """
    name = fill(field, value)
    bindings: dict[str, _Binding] = st.session_state[_BINDINGS]
    bindings[name] = _Binding(st.session_state[name], lambda value: value, apply, field)
    return name


def remembered(group: str) -> dict[str, Mapping[str, Any]]:
    """The last parameters of each entry of a registry, for when it is chosen again."""
    return st.session_state.setdefault(f"flowviz.{group}", {})


# ---------------------------------------------------------------------- what was drawn, and faults


@preemption.uninterrupted()
def end_page(*, complete: bool) -> None:
    """Call where a page ends; ``complete`` unless an exception ended it."""
    st.session_state[_DRAWING] = False
    if complete and not st.session_state[_FAILED]:
        _record_drawn()


@preemption.uninterrupted()
def end_fragment() -> None:
    """Call where a fragment ends: after a rerun of it alone, the scene counts as drawn."""
    if not st.session_state[_DRAWING] and not st.session_state[_FAILED]:
        _record_drawn()


def _record_drawn() -> None:
    st.session_state[_DRAWN][st.session_state[_PAGE]] = st.session_state[_LAST] = current()
    st.session_state[_RESTORED] = False


def last_drawn(page: str) -> Scene:
    """The scene for the address: the current one, or, if the page failed, the last it drew."""
    scene = current()
    if not st.session_state[_FAILED]:
        return scene
    return st.session_state[_DRAWN].get(page) or Scene(**scene.reader())


@preemption.uninterrupted()
def restore() -> bool:
    """Restore the scene last drawn, with every widget filled from it; once, until one is drawn.

    Returns:
        Whether it was restored, so that the page must be rerun. If not, the page counts as failed.
    """
    scene, last = current(), st.session_state.get(_LAST)
    if last is None or st.session_state[_RESTORED]:
        st.session_state[_FAILED] = True
        return False
    st.session_state[_RESTORED] = True
    st.session_state[_SCENE] = last.with_(**scene.reader())
    st.session_state[_REFUSALS] = {}
    for name in list(st.session_state[_BINDINGS]):
        _reset_widget(name)
    return True


def log_fault(where: str, error: BaseException | None = None) -> str:
    """Log an exception; returns its number, which the visitor can quote."""
    number = secrets.token_hex(3).upper()
    _LOG.error("fault %s in %s", number, where, exc_info=error or True)
    return number


def add_fault(message: Message) -> None:
    """Show a message above the page until it is dismissed."""
    faults = st.session_state[_FAULTS]
    faults.append(message)
    del faults[:-_MOST_FAULTS]


def dismiss_faults() -> None:
    """Remove the messages above the page."""
    st.session_state[_FAULTS] = []


def faults() -> list[Message]:
    """The messages above the page, newest last."""
    return st.session_state.get(_FAULTS, [])
