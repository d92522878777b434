"""The teacher's side of a room, on every page that has a scene: open, show, count, close.

The key of a room is in the teacher's session, and in the tab's storage, so that a reload keeps it.
While a room is open every run of the page tells it what is shown, if that has changed.
"""

from __future__ import annotations

import html
import urllib.parse
from dataclasses import dataclass, replace

import streamlit as st

from flowviz.scene import Scene
from flowviz.scene.lesson_answers import EXIT
from flowviz.scene.settings import SHOWN
from flowviz.text import Refusal, Translator
from flowviz.ui import watch
from flowviz.ui.browser import assets, mount_controls
from flowviz.ui.exercise.truth import is_asked, is_of_scene, locked
from flowviz.ui.lesson.steps import STEPS, locked_answer, number_in_part, part_of
from flowviz.ui.rooms import questions, routes
from flowviz.ui.rooms.asked import asked, without_question
from flowviz.ui.rooms.names import is_name
from flowviz.ui.rooms.room import Answer, RoomState, is_key, lock_of, new_key
from flowviz.ui.rooms.store import default_store
from flowviz.ui.session import faults, state
from flowviz.ui.session.preemption import uninterrupted
from flowviz.ui.share import qr

EVERY_S = 2.0
"""How often the counts are asked for."""
PAGES = frozenset(SHOWN) - {"gallery"}
"""Pages with a scene to show."""
_HELD, _WHY = "flowviz.room", "flowviz.room.why"


@dataclass(frozen=True)
class Held:
    """A room that this session has opened: its name and key, and the state that it was last given.

    ``shows`` whether the class's answers are in the figure before the reveal.
    """

    name: str
    key: str
    published: RoomState
    shows: bool = False


def held() -> Held | None:
    """The room of this session, if one is open."""
    return st.session_state.get(_HELD)


def state_of(page: str, scene: Scene, *, follow: bool) -> RoomState:
    """What a class is shown of a page: its question, if it asks one, and the scene to try it on."""
    if page != "lesson":
        return _state_of_scene(page, scene, follow=follow)
    step = scene.lesson_step
    row = STEPS[step - 1]
    query = row.scene.model_copy(update=scene.reader()).query_string(row.page)
    return RoomState(step, locked_answer(scene) is not None, row.page, query, follow)


def _state_of_scene(page: str, scene: Scene, *, follow: bool) -> RoomState:
    if not is_asked(page, scene):
        return RoomState(0, False, page, scene.query_string(page), follow)
    answer = locked(page, scene)
    if answer is not None and not is_of_scene(answer, page, scene):
        # The question is over: the scene has changed since its answer was shown.
        return RoomState(0, False, page, without_question(scene).query_string(page), follow)
    query = scene.with_(answer=None).query_string(page)
    return RoomState(0, answer is not None, page, query, follow)


def class_answers(number: int, *, revealed: bool) -> list[Answer] | None:
    """The class's answers to a question, where they are to be in its figure.

    Args:
        number: of the question: a step of the lesson, or `exercise_number`.
        revealed: whether the answer is shown; before, the teacher chooses.
    """
    room = held()
    if room is None or not (revealed or room.shows):
        return None
    try:
        return default_store().answers(room.name, number)
    except Refusal:
        return None


def exercise_number(page: str, scene: Scene) -> int:
    """The number of the question that a page asks of its scene; 0 for none."""
    question = asked(_state_of_scene(page, scene, follow=True))
    return question.number if question else 0


def section(page: str, scene: Scene, tr: Translator) -> None:
    """The room's place in the sidebar, once a page of `PAGES` is drawn."""
    st.markdown(f"## {tr('rooms.title')}")
    room = _publish(page, scene)
    _keep_key(room)
    if why := st.session_state.pop(_WHY, None):
        st.warning(why.markdown(tr))
    if room is None:
        st.button(
            tr("rooms.open"),
            help=tr("rooms.open.help"),
            on_click=uninterrupted()(_open),
            args=(page,),
            key="flowviz.room.open",
        )
        return
    _code(room, tr)
    _control(room, tr)
    if page != "lesson":
        questions.section(page, scene, tr)
    faults.fragment(_count, EVERY_S if asked(room.published) else None)(tr)
    st.button(tr("rooms.close"), on_click=uninterrupted()(_close), key="flowviz.room.close")


def corner(page: str, scene: Scene, tr: Translator) -> None:
    """The room on a page that is presented: where to join, and how many have answered."""
    room = _publish(page, scene)
    _keep_key(room)
    if room is not None:
        at = html.escape(_joined_at(room, tr))
        st.html(f"<p>{at}</p><p><b>{room.name}</b></p>{_qr(room, tr)}")
        faults.fragment(_count, EVERY_S if asked(room.published) else None)(tr)


# ------------------------------------------------------------------------------ the room


def _open(page: str) -> None:
    key = new_key()
    published = state_of(page, state.current(), follow=True)
    try:
        name = default_store().open(lock_of(key), published)
        watch.count("rooms", "opened")
    except Refusal as why:
        st.session_state[_WHY] = why.without_traceback()
        return
    st.session_state[_HELD] = Held(name, key, published)


def _close() -> None:
    room = st.session_state.pop(_HELD, None)
    if room is None:
        return
    try:
        default_store().close(room.name, lock_of(room.key))
    except Refusal as why:
        st.session_state[_WHY] = why.without_traceback()


def _publish(page: str, scene: Scene) -> Held | None:
    """Publish what is shown now in the room; None if it is gone."""
    room = held()
    if room is None:
        return None
    now = state_of(page, scene, follow=room.published.follow)
    if now == room.published:
        return room
    try:
        known = default_store().change(room.name, lock_of(room.key), now)
    except Refusal as why:
        st.session_state[_WHY] = why.without_traceback()
        return room
    if not known:
        st.session_state[_WHY] = Refusal("rooms.lost")
        del st.session_state[_HELD]
        return None
    room = replace(room, published=now)
    st.session_state[_HELD] = room
    return room


def _keep_key(room: Held | None) -> None:
    """Have the tab keep the key; after a reload it gives it back."""
    mount_controls.room_key(None if room is None else {"name": room.name, "key": room.key}, _resume)


def _resume(found: dict[str, object]) -> None:
    """Take a room up again that this tab had opened."""
    name, key = found.get("name"), found.get("key")
    if held() is not None or not isinstance(name, str) or not is_name(name) or not is_key(key):
        return
    try:
        room = default_store().get(name)
        if room and default_store().is_opened_by(name, lock_of(key)):
            st.session_state[_HELD] = Held(name, key, room.state)
    except Refusal as why:
        st.session_state[_WHY] = why.without_traceback()


# ------------------------------------------------------------------------------ what is drawn


def address(room: Held) -> str:
    """Where students join, as the teacher's browser sees this server."""
    here = urllib.parse.urlsplit(st.context.url or "")
    return f"{here.scheme}://{here.netloc}{assets.base_path()}/{routes.PATH}/{room.name}"


def _code(room: Held, tr: Translator) -> None:
    there = address(room)
    with st.container(key="room-code"):
        st.markdown(f"### {room.name}")
        if image := _qr(room, tr):
            st.html(image)
        st.caption(_joined_at(room, tr))
        host = urllib.parse.urlsplit(there).hostname or ""
        if host == "localhost" or host.startswith("127."):
            st.caption(tr("share.local"))


def _qr(room: Held, tr: Translator) -> str:
    """The QR code of the room's address as an image in HTML; empty where it is too long."""
    if not (code := qr.svg(address(room))):
        return ""
    source = html.escape(f"data:image/svg+xml,{urllib.parse.quote(code)}")
    return f'<img src="{source}" alt="{html.escape(tr("rooms.qr", name=room.name))}">'


def _joined_at(room: Held, tr: Translator) -> str:
    shown = address(room).partition("://")[2].rpartition("/")[0]
    return tr("rooms.address", address=shown)


def _control(room: Held, tr: Translator) -> None:
    words = {True: tr("rooms.follow"), False: tr("rooms.free")}
    st.segmented_control(
        tr("rooms.students"),
        list(words),
        format_func=words.__getitem__,
        help=tr("rooms.follow.help"),
        required=True,
        key=state.bound_as("room_follow", room.published.follow, _set_follow),
    )
    if asked(room.published):
        key = state.bound_as("room_shows", room.shows, _set_shows)
        st.toggle(tr("rooms.show"), key=key)


def _set_follow(follow: bool) -> None:
    room = held()
    if room is None:
        return
    now = replace(room.published, follow=follow)
    try:
        default_store().change(room.name, lock_of(room.key), now)
    except Refusal as why:
        st.session_state[_WHY] = why.without_traceback()
        return
    st.session_state[_HELD] = replace(room, published=now)


def _set_shows(shows: bool) -> None:
    room = held()
    if room is not None:
        st.session_state[_HELD] = replace(room, shows=shows)


def _count(tr: Translator) -> None:
    """How many have answered."""
    room = held()
    question = room and asked(room.published)
    if not room or not question:
        return
    try:
        n = len(default_store().answers(room.name, question.number))
    except Refusal as why:
        st.caption(why.markdown(tr))
        return
    st.markdown(f"**{_answered(n, room.published.step, tr)}**")


def _answered(n: int, step: int, tr: Translator) -> str:
    """How many answers there are, and to what; 0 is no step of the lesson."""
    if step in (0, EXIT):
        return tr("rooms.answered.exit" if step else "rooms.answered.exercise", n=n)
    return tr(f"rooms.answered.{part_of(step).name}", n=n, step=number_in_part(step))
