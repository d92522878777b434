"""Functions that show the browser components that are no figures: link, presenter, files, room."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import streamlit as st

from flowviz.ui.browser import assets
from flowviz.ui.browser.component import component
from flowviz.ui.session import state

_ADDRESS = "flowviz.address"


def copy_link(
    query: str,
    labels: dict[str, str],
    share: dict[str, Any],
    streamlit: dict[str, dict[str, str]],
    lang: str,
    *,
    dark: bool,
) -> None:
    """Show a button that copies the link, and one that opens a dialog to share it.

    The component also updates the address bar, and requests a run when the browser's theme changes
    between light and dark. It puts ``streamlit`` in the place of what Streamlit writes itself.
    """
    texts = {"texts": labels, "share": share, "streamlit": streamlit}
    data = {"query": query, "since": _since(query), "lang": lang, "dark": dark} | texts
    component("copy_link")(key="link", data=data, on_dark_change=lambda: None)


def _since(query: str) -> int:
    """When the address became what it is, in ms; later for each one than for the one before."""
    shown, since = st.session_state.get(_ADDRESS, ("", 0))
    if query != shown:
        since = max(since + 1, time.time_ns() // 1_000_000)
        st.session_state[_ADDRESS] = query, since
    return since


def present(content: dict[str, Any], receive: Callable[[dict[str, Any]], None]) -> None:
    """Show the button that begins to present; while a page is presented, its keys work.

    Args:
        content: its type is `PresentContent` in ``components/types.d.ts``.
        receive: called with what was last asked for, before the next run draws.
    """
    component("present")(
        key="present",
        data=content | {"address": f"{assets.base_path()}/notes"},
        on_asked_change=lambda: None,
    )

    def asked(result: Any) -> dict[str, Any]:
        message = result.get("asked") if result else None
        return message if isinstance(message, dict) else {}

    state.on_change(
        "present", lambda result: receive(asked(result)), lambda result: asked(result).get("rev")
    )


def take_away(address: str, texts: dict[str, str], *, dark: bool) -> None:
    """Show the menu of what can be taken away.

    Args:
        address: of what it offers, up to the files' names.
        texts: of the menu itself.
        dark: whether the page is dark, and animations with it.
    """
    component("take_away")(key="take", data={"address": address, "texts": texts, "dark": dark})


def room_key(
    held: dict[str, str] | None, receive: Callable[[dict[str, Any]], None], *, key: str = "room-key"
) -> None:
    """Have the tab keep the key of a class room, so that a reload gives it back.

    Args:
        held: the room's name and key; None forgets it, but gives it back first after a reload.
        receive: called with what the tab had kept.
        key: of the Streamlit element.
    """
    data = {"held": held, "texts": {}}
    component("room_key")(key=key, data=data, on_kept_change=lambda: None)

    def kept(result: Any) -> dict[str, Any]:
        found = result.get("kept")
        return found if isinstance(found, dict) else {}

    state.on_change(key, lambda result: receive(kept(result)), kept)


def rest(name: str, *, answered: bool, wait: int, key: str) -> None:
    """Have the browser ask for what is missing when a scene has rested: ``components/rest.js``.

    Args:
        name: of the scene.
        answered: whether nothing is missing.
        wait: milliseconds of rest.
        key: of the Streamlit element.
    """
    data = {"name": name, "answered": answered, "wait": wait, "texts": {}}
    component("rest")(key=key, data=data, on_rested_change=lambda: None)


def rested(key: str) -> str:
    """The scene for which the browser has asked, before the element is drawn again."""
    message = (st.session_state.get(key) or {}).get("rested")
    return str(message.get("name", "")) if isinstance(message, dict) else ""


def pixel_grid(texts: dict[str, str], receive: Callable[[str], None], *, key: str) -> None:
    """Show the grid in which an image of 8 × 8 pixels is drawn.

    Args:
        texts: of the grid.
        receive: called with what the browser says was drawn, which may be anything but should be
            64 digits from 0 to f, before the next run draws.
        key: of the Streamlit element.
    """
    component("pixel_grid")(key=key, data={"texts": texts}, on_drawn_change=lambda: None)

    def drawn(result: Any) -> dict[str, Any]:
        message = result.get("drawn") if result else None
        return message if isinstance(message, dict) else {}

    state.on_change(
        key,
        lambda result: receive(str(drawn(result).get("image", ""))),
        lambda result: drawn(result).get("rev"),
    )
