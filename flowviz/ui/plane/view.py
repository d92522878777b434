"""The Plane page: the figure, the field's values at the query point, the basins, the checks.

During a drag only the fragment `_live` reruns. The checks are measured at the end of a full run and
are given up as soon as another run is requested; meanwhile the last ones are shown greyed out.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator

from flowviz.core.paths.implicit import ByForward, ByInverse
from flowviz.figures.plane import (
    DECADES,
    AxisRange,
    Bytes,
    density_scale,
    handle_sizes,
    plane_figure,
    track_codes,
)
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator, translator
from flowviz.ui.browser import codec, mount
from flowviz.ui.frame import side_by_side
from flowviz.ui.plane import basins, check_panel, compute, preview, query
from flowviz.ui.plane import checks as plane_checks
from flowviz.ui.session import faults, preemption, state, valid_family
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import shared_cache
from flowviz.ui.session.drag import Drag, DragMessage
from flowviz.ui.session.keys import flow_key
from flowviz.ui.widgets import points_editor
from flowviz.ui.widgets.progress_bar import progress_bar
from flowviz.ui.widgets.readouts import points_text

_DRAG = Drag("plane")
_QUERYING = "flowviz.plane.asks"
_TEXTS = ("play", "pause", "time", "speed", "loop", "handle", "undo", "redo")
_PLANE_TEXTS = ("keys", "title")
_TOOLS = ("points", "brush", "probe", "write")
_TOOLS_WITH_HELP = _TOOLS[:3]
_OPTIONAL_LAYERS = ("straight", "arrows")  # sent with the flow only when they are shown

Placeholders = dict[str, DeltaGenerator]


@faults.guarded
def show(tr: Translator, style: Style) -> Callable[[], None] | None:
    """The figure, and beside it the query point's values, the basins and the checks.

    Returns:
        A function to call at the end of the page's run, if the figure was drawn: it measures the
        checks.
    """
    _DRAG.reset()  # this run draws the whole page, so none is due after the drag
    placeholders: Placeholders = {}
    _live(tr, style, placeholders)
    return partial(_measure, tr, placeholders) if "checks" in placeholders else None


@faults.guarded
def takes_long(scene: Scene) -> bool:
    """Whether the family is implicit: every value of the field needs an equation solved."""
    return isinstance(scene.path("plane"), ByForward | ByInverse)


@faults.fragment
def _live(tr: Translator, style: Style, placeholders: Placeholders) -> None:
    """A fragment: during a drag in the figure only this reruns; on release the whole page does."""
    scene = valid_family.last_valid(state.sync_widgets(), "plane", tr)
    _DRAG.rerun_page_if_due()  # reruns the whole page after a release: text, table and link
    picture, beside = side_by_side("plane", (3, 2), scene)
    with picture:
        _picture(scene, tr, style, placeholders)
    with beside:
        with st.container(key="plane-reading"):
            query.reading(scene, tr)
        placeholders["checks"] = st.empty()
        check_panel.show(placeholders["checks"], scene, tr, moving=_changing())
    _DRAG.end_run()


# ---------------------------------------------------------------------- the picture


def _picture(scene: Scene, tr: Translator, style: Style, placeholders: Placeholders) -> None:
    detail = compute.QUICK if _changing() else compute.FULL
    with progress_bar(tr) as report:
        frames = compute.frames(scene, detail, lambda done: report(0.5 * done))
        trajectories = compute.trajectories(scene, detail, lambda done: report(0.5 + 0.5 * done))
    first, placeholders["finer"] = st.empty(), st.empty()
    valid_family.error_notice(
        trajectories, tr, scene.plane_particles if detail is compute.FULL else 0
    )
    layers = [name for name in scene.plane_views if name in _OPTIONAL_LAYERS]
    shown = flow_key(scene, "plane", "plane_particles", "plane_scale").with_(plane_views=layers)
    flow, name = _block(shown, detail)
    key = flow_key(scene, "plane", "plane_scale", "plane_views", "lang")
    figure, frame = _figure(key, style, frames.codes.shape[1])
    if "basins" in scene.plane_views:
        _first_map(first, scene, detail, tr)
    tables, engine = _engine(
        shown.with_(plane_views=scene.plane_views, plane_probe=scene.plane_probe)
    )
    content = {"flow": name, "engine": engine, "figure": figure, "frame": frame}
    content |= _settings(scene, tr, style)
    mount.preload(flow, name, key="plane")
    mount.preload(tables, engine or "", key="plane.engine")
    mount.picture("plane", _DRAG.with_serial(content), key="plane", receive=_receive)
    if frames.lost:
        st.caption(tr("plane.lost"))


def _settings(scene: Scene, tr: Translator, style: Style) -> dict[str, Any]:
    """What the component is told besides the flow and the figure."""
    with_map = "basins" in scene.plane_views
    weights = np.asarray(scene.plane_points.w)
    return {
        "basins": basins.name(scene) if with_map else None,
        "points": {
            "x": scene.plane_points.x,
            "y": scene.plane_points.y,
            "w": scene.plane_points.w,
            "size": handle_sizes(weights, scene.enlarged).tolist(),
        },
        "history": points_editor.PLANE.history_steps,
        "query": query.arrows(scene, tr, style),
        "time": scene.time,
        "speed": scene.speed,
        "zoom": scene.zoom,
        "large": scene.enlarged,
        "views": scene.plane_views,
        "style": mount.style(style, len(scene.plane_points))
        | {"density": density_scale(style, over_basins=with_map)},
        "tools": _tools(tr),
        "texts": {
            "picture": tr(
                "plane.alt", n=len(scene.plane_points), points=points_text(scene, "plane")
            ),
            **{name: tr(f"fan.{name}") for name in _TEXTS},
            **{name: tr(f"plane.{name}") for name in _PLANE_TEXTS},
            "difference": tr("fan.difference"),
            "top": tr(f"plane.top{_edges(scene)}"),
            **mount.mode_bar(tr),
            **mount.captions(tr, "plane"),
        },
    }


def _edges(scene: Scene) -> str:
    """The ending of the texts' keys where p_t has no highest value."""
    return ".edges" if scene.field("plane").prior.has_singular_edges else ""


def _first_map(
    placeholder: DeltaGenerator, scene: Scene, detail: compute.Detail, tr: Translator
) -> None:
    """Send a basin map with the figure, and say so if the budget does not colour all of it."""
    with progress_bar(tr) as report:
        found = basins.codes(scene, report, hurry=detail is compute.QUICK)
    _send_map(placeholder, scene, found, "first")
    if detail is compute.FULL:
        coloured, cells = basins.coloured(scene)
        if coloured < cells:
            st.caption(tr("plane.basins.coloured", n=coloured, count=cells))


def _tools(tr: Translator) -> dict[str, list[str]]:
    """The label and the help of each tool."""
    tools = {
        name: [tr(f"plane.tool.{name}"), tr(f"plane.tool.{name}.help")] for name in _TOOLS_WITH_HELP
    }
    return tools | {"write": [tr("plane.tool.write"), tr("plane.tool.write.go")]}


def _changing() -> bool:
    """Whether a drag is changing the flow; dragging the query point does not."""
    return _DRAG.moving and not st.session_state.get(_QUERYING, False)


@shared_cache(maxsize=96)
def _block(shown: Scene, detail: compute.Detail) -> tuple[bytes, str]:
    """The flow, packed for the browser and cached for all sessions, and its digest."""
    block = codec.pack(packed_flow(shown, detail))
    return block, codec.digest(block)


def packed_flow(shown: Scene, detail: compute.Detail) -> dict[str, Any]:
    """`PlaneFlow` in ``types.d.ts``, to be packed; ``shown``, the flow with what is drawn of it."""
    view = axis_range(flow_key(shown, "plane"))
    frames = compute.frames(shown, detail)
    trajectories = compute.trajectories(shown, detail)
    # Sorted by colour: a canvas strokes one colour at a time.
    colour = trajectories.basin % len(Style().point_colours(len(shown.plane_points)))
    order = torch.argsort(colour, stable=True)
    lines = torch.nonzero(order < preview.LINES)[:, 0]
    arrows = straight = None
    if "arrows" in shown.plane_views:
        arrows = codec.InTime(compute.arrows(shown, detail), 0)
    if "straight" in shown.plane_views:
        straight = _single_point_lines(shown, trajectories, order[lines], view)
    return {
        "view": list(view),
        "t": frames.t.tolist(),
        "scale_max": frames.scale_max.tolist(),
        "cells": frames.codes.shape[1],
        "density": codec.InTime(frames.codes, 0),
        "arrows": arrows,
        "arrow_side": compute.ARROWS,
        "nodes": trajectories.t.tolist(),
        "tracks": codec.InTime(track_codes(trajectories.x[order].numpy(), view), 1),
        "straight": straight,
        "colour": colour[order].numpy().astype(np.uint8),
        "reached": trajectories.basin[order].numpy().astype(np.uint16),
        "decades": DECADES if shown.plane_scale == "log" else 0.0,
        "lines": lines.numpy().astype(np.int32),
    }


@shared_cache(maxsize=96)
def _engine(scene: Scene) -> tuple[bytes, str | None]:
    """The engine's tables, packed, and their digest; None where the server alone draws."""
    found = preview.tables(scene)
    block = codec.pack(found or {})
    return block, codec.digest(block) if found else None


@shared_cache(maxsize=96)
def _figure(scene: Scene, style: Style, cells: int) -> tuple[bytes, str]:
    """The packed figure without the flow's arrays, and its digest."""
    tr = translator(scene.lang)
    figure = plane_figure(
        view=axis_range(flow_key(scene, "plane")),
        cells=cells,
        points=len(scene.plane_points),
        shown=frozenset(scene.plane_views),
        scale="log" if scene.plane_scale == "log" else "linear",
        labels={"density": tr(f"plane.axis.density{_edges(scene)}")},
        style=style,
    )
    block = codec.pack(figure)
    return block, codec.digest(block)


def _single_point_lines(
    shown: Scene, trajectories: compute.Trajectories, which: torch.Tensor, view: AxisRange
) -> codec.InTime:
    x = compute.single_point_trajectories(shown, trajectories, which)
    return codec.InTime(track_codes(x.numpy(), view), 1)


def _receive(message: DragMessage) -> None:
    _DRAG.receive(message, _do)


def _do(message: DragMessage) -> None:
    """Apply an edit of the data points, or a new query point."""
    st.session_state[_QUERYING] = message.get("op") == "query"
    if message.get("op") != "query":
        points_editor.PLANE.apply(message)
        return
    point = tuple(message.get(name) for name in ("t", "x", "y"))
    state.change("plane_probe", plane_probe=None if None in point else point)


# ---------------------------------------------------------------------- after the figure


class _Preempted(Exception):
    """Another run was requested."""


def _measure(tr: Translator, placeholders: Placeholders) -> None:
    """Refine the basin map and measure the checks; stop when another run is requested."""

    def report(done: float) -> None:
        if preemption.rerun_requested():
            raise _Preempted

    with (
        placeholders["checks"],
        faults.caught("the plane's checks", restore=False),
        suppress(_Preempted),
    ):
        scene = valid_family.last_valid(state.current(), "plane")
        if "basins" in scene.plane_views:
            _send_map(placeholders["finer"], scene, basins.finer(scene, report), "finer")
        if plane_checks.found(scene) is None:
            plane_checks.check(scene, report)
            check_panel.show(placeholders["checks"], scene, tr)


def _send_map(placeholder: DeltaGenerator, scene: Scene, codes: Bytes | None, key: str) -> None:
    """Send the basin map, apart from the flow: a finer one may replace it."""
    if codes is not None:
        block = codec.pack({"codes": codes, "side": len(codes)})
        with placeholder:
            mount.preload(block, basins.name(scene), key="plane-basins", suffix=key)
