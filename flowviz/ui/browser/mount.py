"""The components that run in the browser; their JavaScript and CSS lie in ``components/``.

Each is declared with a two-line module that imports the real file from `/assets/`, so the files
are cached by the browser and never travel with a rerun.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from streamlit.components.v2 import component

from flowviz.figures.style import Style
from flowviz.ui.browser import assets, codec
from flowviz.ui.browser.assets import COMPONENTS
from flowviz.ui.session import state


@cache
def _component(name: str, *css: str) -> Callable[..., Any]:
    address = assets.asset_url(f"{name}.js")
    return component(
        f"flowviz.{name}",
        js=f'const it = await import(new URL("{address}", document.baseURI).href);\n'
        "export default it.default;",
        css="\n".join((COMPONENTS / file).read_text() for file in css) or None,
        # Plotly writes its style sheet into the document, which a shadow root would not see.
        isolate_styles=False,
    )


def addresses() -> dict[str, str]:
    """Where a component finds the libraries it loads by itself."""
    return {"plotly": assets.asset_url(assets.PLOTLY)}


def plot(figure: bytes, *, key: str, label: str) -> None:
    """Show a figure; a change is drawn in place, without a blank frame.

    Args:
        figure: any Plotly figure, packed; its layout should fix a height.
        key: names the place, so that the next figure is drawn into the same node.
        label: what a screen reader says.
    """
    data = codec.pack({"assets": addresses(), "figure": figure, "label": label})
    _component("plot")(key=key, data=data)


def picture(
    name: str, content: dict[str, Any], *, key: str, receive: Callable[[dict[str, Any]], None]
) -> None:
    """Show a page's picture, which can be dragged in.

    Args:
        name: ``fan``, ``plane``, ``density_chart`` or ``solver_walk``.
        content: its type in ``components/types.d.ts``; packed by `codec.pack`.
        key: names the place.
        receive: called, before the next run draws, with the newest message of the component.
    """
    data = codec.pack(content | {"assets": addresses()})
    # The message is state and not a trigger: a trigger is lost with a run that is cut short.
    _component(name, "fan.css", "plane.css")(key=key, data=data, on_edit_change=lambda: None)

    def newest(result: Any) -> dict[str, Any]:
        message = result.get("edit")
        return message if isinstance(message, dict) else {}

    state.watch(
        key, lambda result: receive(newest(result)), lambda result: newest(result).get("rev")
    )


def flow(block: bytes, name: str, *, key: str, place: str = "flow") -> None:
    """Send what a picture paints ahead of it; while it stays the same it does not travel again.

    Args:
        block: the flow, packed.
        name: by which the picture's content names it.
        key: the picture's.
        place: tells apart what is sent under one key.
    """
    data = codec.pack({"flow": block, "name": name, "key": key})
    _component("density_store")(key=f"{key}-{place}", data=data)


def view(name: str, content: dict[str, Any], *, key: str) -> None:
    """Show a picture that plays by itself and has nothing to say to the server.

    Args:
        name: ``compare``, two flows side by side.
        content: its type in ``components/types.d.ts``; packed by `codec.pack`.
        key: names the place.
    """
    data = codec.pack(content | {"assets": addresses()})
    _component(name, "fan.css", "plane.css", f"{name}.css")(key=key, data=data)


def copy_link(query: str, words: dict[str, str], lang: str, *, dark: bool) -> None:
    """A button that copies the link; it keeps the address bar up to date, too, and asks for a run
    when the browser's theme is no longer the one that was drawn.
    """
    data = {"query": query, "words": words, "lang": lang, "dark": dark}
    _component("copy_link", "copy_link.css")(key="link", data=data, on_dark_change=lambda: None)


_LOOK = ("accent", "ground", "ink", "faint", "dark", "basins", "density", "line")


def style(style: Style) -> dict[str, Any]:
    """Colours, widths and the size of letters, as `components/plane_paint.js` reads them."""
    return {name: getattr(style, name) for name in _LOOK} | {"font": style.font_size}
