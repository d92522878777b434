"""Functions that show the browser components; their JavaScript and CSS are in ``components/``.

Each component is declared with a two-line module that imports its file from `/assets/`, so that the
browser caches the files and no rerun sends them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from streamlit.components.v2 import component

from flowviz.figures.style import Style
from flowviz.text import Translator
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
        # Plotly adds its style sheet to the document, where a shadow root does not see it.
        isolate_styles=False,
    )


def addresses() -> dict[str, str]:
    """The addresses of the libraries that components load themselves."""
    return {"plotly": assets.asset_url(assets.PLOTLY)}


def _common() -> dict[str, Any]:
    """What every component is sent."""
    return {"assets": addresses(), "convention": state.current().convention}


def plot(figure: bytes, *, key: str, label: str) -> None:
    """Show a figure; a change is drawn in place, without a blank frame.

    Args:
        figure: any Plotly figure, packed; its layout should set a height.
        key: of the Streamlit element, so that the next figure is drawn into the same node.
        label: the text for screen readers.
    """
    data = codec.pack(_common() | {"figure": figure, "label": label})
    _component("plot")(key=key, data=data)


def picture(
    name: str, content: dict[str, Any], *, key: str, receive: Callable[[dict[str, Any]], None]
) -> None:
    """Show a page's interactive figure.

    Args:
        name: ``fan``, ``plane``, ``density_chart`` or ``solver_trajectories``.
        content: its type is in ``components/types.d.ts``; packed by `codec.pack`.
        key: of the Streamlit element.
        receive: called with the component's newest message, before the next run draws.
    """
    data = codec.pack(content | _common())
    # A state value and no trigger: a trigger is lost when its run is interrupted.
    _component(name, "fan.css", "plane.css")(key=key, data=data, on_edit_change=lambda: None)

    def newest(result: Any) -> dict[str, Any]:
        message = result.get("edit")
        return message if isinstance(message, dict) else {}

    state.on_change(
        key, lambda result: receive(newest(result)), lambda result: newest(result).get("rev")
    )


def preload(block: bytes, name: str, *, key: str, suffix: str = "flow") -> None:
    """Send a figure's large data ahead of it; unchanged data is not sent again.

    Args:
        block: the data, packed.
        name: the digest by which the figure's content refers to it.
        key: the figure's.
        suffix: of the element's key, where one figure has several blocks.
    """
    data = codec.pack({"flow": block, "name": name, "key": key})
    _component("density_store")(key=f"{key}-{suffix}", data=data)


def view(name: str, content: dict[str, Any], *, key: str) -> None:
    """Show a figure that sends no messages to the server.

    Args:
        name: ``compare``, two flows side by side.
        content: its type is in ``components/types.d.ts``; packed by `codec.pack`.
        key: of the Streamlit element.
    """
    data = codec.pack(content | _common())
    _component(name, "fan.css", "plane.css", f"{name}.css")(key=key, data=data)


def copy_link(query: str, labels: dict[str, str], lang: str, *, dark: bool) -> None:
    """Show a button that copies the link.

    The component also updates the address bar, and requests a run when the browser's theme changes
    between light and dark.
    """
    data = {"query": query, "texts": labels, "lang": lang, "dark": dark}
    _component("copy_link", "copy_link.css")(key="link", data=data, on_dark_change=lambda: None)


_MODE_BAR = ("png", "svg", "zoom", "pan", "home")


def mode_bar(tr: Translator) -> dict[str, str]:
    """The words of Plotly's mode bar, for `components/mode_bar.js`."""
    return {name: tr(f"figure.{name}") for name in _MODE_BAR}


_STYLE_FIELDS = ("accent", "ground", "ink", "faint", "dark", "basins", "density", "line")


def style(style: Style) -> dict[str, Any]:
    """Colours, line width and font size for `components/plane_paint.js`."""
    return {name: getattr(style, name) for name in _STYLE_FIELDS} | {"font": style.font_size}
