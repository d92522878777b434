"""Functions that show the browser components; their JavaScript and CSS are in ``components/``.

Each component is declared with a few lines that load its module and its style sheets from
`/assets/`, so that the browser caches the files and no rerun sends them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from streamlit.components.v2 import component

from flowviz.figures.style import Style
from flowviz.text import Language, Translator, translator
from flowviz.ui.browser import assets, codec
from flowviz.ui.session import state

# Without an await at its top: WebKit fails where such a module is imported several times at once.
_MODULE = """
const load = (url) => import(new URL(url, document.baseURI).href);
export default async (component) => {{
  const styled = load("{loader}").then((it) => it.loadStyleSheets({sheets}));
  const [it] = await Promise.all([load("{address}"), styled]);
  return it.default(component);
}};
"""


@cache
def _component(name: str) -> Callable[..., Any]:
    sheets = json.dumps([assets.asset_url(sheet) for sheet in assets.STYLE_SHEETS.get(name, ())])
    loader = assets.asset_url("style_sheets.js")
    return component(
        f"flowviz.{name}",
        js=_MODULE.format(loader=loader, address=assets.asset_url(f"{name}.js"), sheets=sheets),
        # Plotly adds its style sheet to the document, where a shadow root does not see it.
        isolate_styles=False,
    )


def addresses() -> dict[str, str]:
    """The addresses of the libraries that components load themselves."""
    return {"plotly": assets.asset_url(assets.PLOTLY)}


def _common() -> dict[str, Any]:
    """What every component is sent."""
    return {"assets": addresses(), "convention": state.current().convention}


def plot(
    figure: bytes,
    *,
    key: str,
    label: str,
    places: dict[str, Any] | None = None,
    receive: Callable[[dict[str, Any]], None] | None = None,
) -> None:
    """Show a figure; a change is drawn in place, without a blank frame.

    Args:
        figure: any Plotly figure, packed; its layout should set a height.
        key: of the Streamlit element, so that the next figure is drawn into the same node.
        label: the text for screen readers.
        places: answers that are places on its axes, put by hand; their type is `Places` in
            ``components/types.d.ts``.
        receive: called with the last place that was put, before the next run draws.
    """
    content = {"figure": figure, "label": label, "range": _axis_range(state.current().lang)}
    if places:
        content["places"] = places
    data = codec.pack(_common() | content)
    _component("plot")(key=key, data=data, on_edit_change=lambda: None)
    if receive:
        _on_edit(key, receive)


def _axis_range(lang: Language) -> str:
    """The sentence of an axis in the text alternative: `components/description.js`."""
    return translator(lang)("figure.range")


def still(
    figure: bytes,
    tr: Translator,
    style: Style,
    *,
    key: str,
    title: str,
    label: str,
    caption: str = "",
) -> None:
    """Show a figure of trajectories or densities, with labels, zoom and a mode bar.

    Args:
        figure: packed; its layout sets a height and the axes' ranges.
        tr: of the page, for the mode bar.
        style: light or dark, plain or Large.
        key: of the Streamlit element, so that the next figure is drawn into the same node.
        title: in a saved file.
        label: the text for screen readers.
        caption: on the figure until it is touched.
    """
    texts = {"title": title, "picture": label, "range": tr("figure.range"), "caption.1": caption}
    content = {
        "figure": figure,
        "frame": codec.digest(figure),
        "style": {"accent": style.accent, "ground": style.ground, "ink": style.ink},
        "texts": texts | mode_bar(tr),
    }
    _component("still_figure")(key=key, data=codec.pack(content | _common()))


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
    _component(name)(key=key, data=data, on_edit_change=lambda: None)

    _on_edit(key, receive)


def _on_edit(key: str, receive: Callable[[dict[str, Any]], None]) -> None:
    def newest(result: Any) -> dict[str, Any]:
        message = result.get("edit") if result else None
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
        name: ``flows``, one or several of them side by side.
        content: its type is in ``components/types.d.ts``; packed by `codec.pack`.
        key: of the Streamlit element.
    """
    data = codec.pack(content | _common())
    _component(name)(key=key, data=data)


def flow_panel(
    figure: go.Figure,
    flow: bytes | None,
    *,
    views: Iterable[str],
    colours: list[list[Any]],
    points: dict[str, Any],
    title: str,
    alt: str,
    empty: str = "",
    top: str = "",
    caption: str = "",
) -> dict[str, Any]:
    """One flow of the view ``flows``.

    Args:
        figure: without the flow's arrays, of `flowviz.figures.plane`.
        flow: packed, or None while there is none; its type is `PaintedFlow` in
            ``components/types.d.ts``.
        views: names of what is shown.
        colours: the scale of the density.
        points: the data points' ``x`` and ``y``, and their diameters ``size`` in pixels.
        title: above the flow.
        alt: the text for screen readers.
        empty: what is said where there is no flow.
        top: what is written before the highest density.
        caption: on the flow until it is touched.
    """
    block = codec.pack(figure)
    return {
        "figure": block,
        "frame": codec.digest(block),
        "flow": flow,
        "name": codec.digest(flow) if flow else "",
        "views": sorted(views),
        "colours": colours,
        "points": points,
        "title": title,
        "alt": alt,
        "empty": empty,
        "top": top,
        "texts": {"caption.1": caption},
    }


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
    _component("copy_link")(key="link", data=data, on_dark_change=lambda: None)


def _since(query: str) -> int:
    """When the address became what it is, in ms; later for each one than for the one before."""
    shown, since = st.session_state.get(_ADDRESS, ("", 0))
    if query != shown:
        since = max(since + 1, time.time_ns() // 1_000_000)
        st.session_state[_ADDRESS] = query, since
    return since


_ADDRESS = "flowviz.address"


def present(content: dict[str, Any], receive: Callable[[dict[str, Any]], None]) -> None:
    """Show the button that begins to present; while a page is presented, its keys work.

    Args:
        content: its type is `PresentContent` in ``components/types.d.ts``.
        receive: called with what was last asked for, before the next run draws.
    """
    _component("present")(
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
    _component("take_away")(key="take", data={"address": address, "texts": texts, "dark": dark})


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
    _component("room_key")(key=key, data=data, on_kept_change=lambda: None)

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
    _component("rest")(key=key, data=data, on_rested_change=lambda: None)


def rested(key: str) -> str:
    """The scene for which the browser has asked, before the element is drawn again."""
    message = (st.session_state.get(key) or {}).get("rested")
    return str(message.get("name", "")) if isinstance(message, dict) else ""


_MODE_BAR = ("png", "svg", "zoom", "pan", "home")


def mode_bar(tr: Translator) -> dict[str, str]:
    """The words of Plotly's mode bar, for `components/mode_bar.js`."""
    return {name: tr(f"figure.{name}") for name in _MODE_BAR}


def captions(tr: Translator, page: str) -> dict[str, str]:
    """What is said on a page's picture until it is touched, for `components/caption_marks.js`."""
    return {f"caption.{k}": tr(f"{page}.caption.{k}") for k in (1, 2, 3)}


_STYLE_FIELDS = ("accent", "ground", "ink", "faint", "dark", "density", "line")


def style(style: Style, points: int) -> dict[str, Any]:
    """Colours, line width and font size for `components/plane_paint.js`.

    Args:
        style: light or dark, plain or Large.
        points: how many data points there are.
    """
    colours = {"basins": style.point_colours(points), "map": style.basins}
    fields = {name: getattr(style, name) for name in _STYLE_FIELDS}
    return fields | colours | {"font": style.font_size}


def pixel_grid(texts: dict[str, str], receive: Callable[[str], None], *, key: str) -> None:
    """Show the grid in which an image of 8 × 8 pixels is drawn.

    Args:
        texts: of the grid.
        receive: called with what the browser says was drawn, which may be anything but should be
            64 digits from 0 to f, before the next run draws.
        key: of the Streamlit element.
    """
    _component("pixel_grid")(key=key, data={"texts": texts}, on_drawn_change=lambda: None)

    def drawn(result: Any) -> dict[str, Any]:
        message = result.get("drawn") if result else None
        return message if isinstance(message, dict) else {}

    state.on_change(
        key,
        lambda result: receive(str(drawn(result).get("image", ""))),
        lambda result: drawn(result).get("rev"),
    )
