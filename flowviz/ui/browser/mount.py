"""Functions that show the browser components that are figures; ``components/`` has their files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import plotly.graph_objects as go

from flowviz.figures.style import Style
from flowviz.text import Language, Translator, translator
from flowviz.ui.browser import assets, codec
from flowviz.ui.browser.component import component
from flowviz.ui.session import state


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
    component("plot")(key=key, data=data, on_edit_change=lambda: None)
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
    component("still_figure")(key=key, data=codec.pack(content | _common()))


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
    component(name)(key=key, data=data, on_edit_change=lambda: None)

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
    component("density_store")(key=f"{key}-{suffix}", data=data)


def view(name: str, content: dict[str, Any], *, key: str) -> None:
    """Show a figure that sends no messages to the server.

    Args:
        name: ``flows``, one or several of them side by side.
        content: its type is in ``components/types.d.ts``; packed by `codec.pack`.
        key: of the Streamlit element.
    """
    data = codec.pack(content | _common())
    component(name)(key=key, data=data)


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
