"""The Train page's flows in the plane: the learned one, the exact one, and the map of the error."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from flowviz.figures.learn import gap_codes, gap_scale
from flowviz.figures.plane import handle_sizes, panel_figure, track_codes
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import percent
from flowviz.ui.browser import codec, mount
from flowviz.ui.learn import compute, predictions
from flowviz.ui.learn.compute import Arrays, Exact
from flowviz.ui.session.cache import shared_cache
from flowviz.ui.session.drag import Drag
from flowviz.ui.widgets.readouts import points_text

_DRAG = Drag("learn")

Panel = Literal["learned", "exact", "gap"]

#: The panels, left to right, and the number of each one's caption.
CAPTIONS: dict[Panel, int] = {"learned": 1, "exact": 2, "gap": 3}
_FLOW = frozenset({"lines", "arrows", "particles"})
_SHOWN: dict[Panel, frozenset[str]] = {
    "learned": _FLOW,
    "exact": _FLOW,
    "gap": frozenset({"density"}),
}


def show(
    scene: Scene,
    flow: Scene,
    learned: Arrays,
    found: Arrays,
    nothing: dict[Panel, str],
    tr: Translator,
    style: Style,
) -> None:
    """The three flows under one clock.

    Args:
        scene: the page's.
        flow: `compute.exact_key` of the run's.
        learned: the network's flow, if it has ``tracks``.
        found: the results, if they have a ``gap``.
        nothing: what each panel says while it is empty.
        tr: of the page.
        style: light or dark, plain or Large.
    """
    exact = compute.exact_soon(flow)
    gap = predictions.gap_map(found, scene.prediction)
    blocks: dict[Panel, bytes | None] = {
        "learned": _learned_block(flow, learned, exact) if "tracks" in learned else None,
        "exact": _exact_block(flow) if exact else None,
        "gap": _gap_block(flow, found, *gap) if gap else None,
    }
    cells, top = (gap[0].shape[-1], gap[1]) if gap else (1, 1.0)
    figures = {
        name: panel_figure(
            view=compute.stage(flow).view,
            cells=cells,
            points=len(flow.plane_points),
            shown=_SHOWN[name] if block else frozenset(),
            known=name == "exact",
            colours=gap_scale(style),
            top=percent(top, 2),
            style=style,
        )
        for name, block in blocks.items()
    }
    content: dict[str, Any] = {
        "panels": [
            _panel(name, figures[name], flow, block, nothing[name], scene, tr, style)
            for name, block in blocks.items()
        ],
        "time": scene.time,
        "speed": scene.speed,
        "large": scene.enlarged,
        "style": mount.style(style, len(flow.plane_points)),
        "texts": {name: tr(f"fan.{name}") for name in ("play", "pause", "time", "speed", "loop")}
        | mount.mode_bar(tr),
    }
    mount.view("flows", _DRAG.with_serial(content), key="learn.flows")


def _panel(
    name: Panel,
    figure: go.Figure,
    flow: Scene,
    block: bytes | None,
    nothing: str,
    scene: Scene,
    tr: Translator,
    style: Style,
) -> dict[str, Any]:
    points = flow.plane_points
    sizes = 0.7 * handle_sizes(np.asarray(points.w), scene.enlarged)
    what = predictions.panel(scene.prediction, tr) if name == "gap" else tr(f"learn.panel.{name}")
    return mount.flow_panel(
        figure,
        block,
        views=_SHOWN[name],
        colours=gap_scale(style),
        points={"x": points.x, "y": points.y, "size": sizes.tolist()},
        title=what,
        alt=tr("figure.points", figure=tr(f"learn.alt.{name}"), points=points_text(flow, "plane")),
        empty=nothing,
        caption=tr(f"learn.caption.{CAPTIONS[name]}"),
    )


# ---------------------------------------------------------------------- what is sent


def colours(exact: Exact | None, count: int) -> NDArray[np.integer[Any]]:
    """The basin of each trajectory, 0 until it has been computed, and where it is unknown."""
    basins = np.zeros(count, np.int64)
    if exact:
        basins[exact.followed] = exact.basin
    return basins


def _learned_block(flow: Scene, learned: Arrays, exact: Exact | None) -> bytes:
    basins = colours(exact, len(compute.stage(flow).x1))
    return codec.pack(_flow(flow, learned, basins))


@shared_cache(maxsize=48)
def _exact_block(flow: Scene) -> bytes:
    """The exact flow as sent to the browser, cached for all visitors."""
    exact = compute.exact(flow)
    tracks = track_codes(exact.x, compute.stage(flow).view)  # type: ignore[arg-type]
    arrays = {"tracks": tracks, "arrow_t": exact.arrow_t, "arrows": exact.arrows}
    labels = {"reached": exact.basin.astype(np.uint16), "p": exact.p.ravel().astype(np.float32)}
    return codec.pack(_flow(flow, arrays, exact.basin) | labels)


def _flow(flow: Scene, found: Arrays, basins: NDArray[np.integer[Any]]) -> dict[str, Any]:
    at = compute.stage(flow)
    colours = len(Style().point_colours(len(flow.plane_points)))
    return {
        "view": list(at.view),
        "cells": 1,
        "t": found["arrow_t"].tolist(),
        "arrows": codec.InTime(found["arrows"].astype(np.uint8), 0),
        "arrow_side": found["arrows"].shape[1],
        "nodes": at.times.tolist(),
        "tracks": codec.InTime(found["tracks"].astype(np.uint16), 1),
        "colour": (basins % colours).astype(np.uint8),
        "lines": np.arange(len(basins), dtype=np.int32),
    }


def _gap_block(flow: Scene, found: Arrays, relative: NDArray[Any], top: float) -> bytes:
    codes = gap_codes(relative, top)
    return codec.pack(
        {
            "view": list(compute.stage(flow).view),
            "cells": codes.shape[1],
            "t": found["gap_t"].tolist(),
            "density": codec.InTime(codes, 0),
            "scale_max": [top] * len(codes),
            "nodes": [0.0, 1.0],
            "tracks": np.zeros(0, np.uint16),
            "colour": [],
            "lines": [],
        }
    )
