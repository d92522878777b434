"""The button that begins to present, the keys, and what they ask the server for."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from flowviz.scene import Scene
from flowviz.scene.lesson_answers import STEPS
from flowviz.text import Translator
from flowviz.ui.browser import mount_controls
from flowviz.ui.exercise import truth as exercise
from flowviz.ui.present import notes
from flowviz.ui.rooms import questions
from flowviz.ui.session import state

CORNER = "present-corner"
"""The key of `corner`."""
_PX, _REV = "flowviz.present.px", "flowviz.present.rev"
_USUAL_PX = 28  # of 1920 × 1080 pixels
_SIZES = range(12, 65)

_TEXTS = ("button", "button.help", "leave", "keys", "close", "blank", "qr", "back", "next")
_TEXTS += ("reveal", "controls")
_FLOW_KEYS = ("play", "time", "ends")
_KEYS = ("blank", "full", "qr", "notes", "keys", "leave")
_OWN_KEYS = {"lesson": ("step", "reveal"), "gallery": ("cards", "open")}


def text_px() -> int:
    """The size of a figure's text for the window that presents, in pixels."""
    return st.session_state.get(_PX, _USUAL_PX)


def corner() -> DeltaGenerator:
    """The place for what a class must see on any page: over the picture, above the player.

    Empty, it takes no room. `style` puts it there.
    """
    return st.container(key=CORNER)


def show(name: str, scene: Scene, tr: Translator) -> None:
    """The button, or while a page is presented its keys and its notes.

    Args:
        name: of the page.
        scene: the visitor's.
        tr: the translator.
    """
    content: dict[str, Any] = {
        "on": scene.present,
        "rev": st.session_state.get(_REV, 0),
        "step": _step(scene) if name == "lesson" else None,
        "shown": _is_shown(name, scene),
        "cards": name == "gallery",
        "keys": keys(name, scene, tr),
        "notes": notes.content(name, scene, tr) if scene.present else None,
        "texts": {text: tr(f"present.{text}") for text in _TEXTS},
    }
    mount_controls.present(content, partial(_receive, name))


def keys(name: str, scene: Scene, tr: Translator) -> list[list[str]]:
    """The keys of a page, each with what it does, in the order of the panel."""
    own = _OWN_KEYS.get(name, _FLOW_KEYS)
    if _is_shown(name, scene) is not None:
        own = ("reveal", *own)
    return [[tr(f"present.key.{key}"), tr(f"present.does.{key}")] for key in (*own, *_KEYS)]


def _step(scene: Scene) -> dict[str, Any]:
    shown = [step for step, _ in scene.lesson_answers.by_step]
    return {"at": scene.lesson_step, "count": STEPS, "revealed": shown}


def _is_shown(name: str, scene: Scene) -> bool | None:
    """Whether the answer to the link's question is shown; None where the page asks none."""
    return exercise.locked(name, scene) is not None if exercise.is_asked(name, scene) else None


def _receive(name: str, asked: dict[str, Any]) -> None:
    """Apply what the browser asked for; it may ask for the same again.

    Args:
        name: of the page.
        asked: from anyone, in any state.
    """
    px, rev, step = (_whole(asked.get(name)) for name in ("px", "rev", "step"))
    if px in _SIZES:
        st.session_state[_PX] = px
    if rev is not None:
        st.session_state[_REV] = rev
    if isinstance(asked.get("on"), bool):
        state.change("present", present=asked["on"])
    if step is not None and 1 <= step <= STEPS:
        state.change("lesson_step", lesson_step=step)
        state.refill("lesson_step", "lesson_part")
    if isinstance(asked.get("revealed"), bool):
        if name == "lesson":
            _reveal(asked["revealed"])
        else:
            questions.reveal(name, shown=asked["revealed"])


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _reveal(shown: bool) -> None:
    """Show the answer of the step without one of the class's, or cover it again."""
    scene = state.current()
    answers = scene.lesson_answers
    if shown == (answers.of(scene.lesson_step) is not None):
        return
    changed = answers.with_(scene.lesson_step, () if shown else None)
    state.change("lesson_answers", lesson_answers=changed)
