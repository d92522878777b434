"""The Plane page's parts: the picture, the query point's reading, the basins, the checks.

What a hand changes is drawn first and alone. The checks follow at the end of a page's run, and give
way as soon as the hand moves again: until then the last ones stand there, pale.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator

from flowviz.core.paths.implicit import ByForward, ByInverse
from flowviz.figures.plane import AxisRange, Bytes, handle_sizes, track_codes
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Say
from flowviz.ui.browser import codec, mount
from flowviz.ui.plane import basins, check_panel, compute, query
from flowviz.ui.plane import checks as plane_checks
from flowviz.ui.session import faults, preemption, state, valid_family
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import shared
from flowviz.ui.session.drag import Drag, DragMessage
from flowviz.ui.session.keys import flow_key
from flowviz.ui.widgets import points_editor
from flowviz.ui.widgets.progress_bar import progress_bar

_DRAG = Drag("plane")
_QUERYING = "flowviz.plane.asks"
_LINES = 200  # trajectories drawn as lines; particles may be more
_WORDS = ("play", "pause", "time", "speed", "handle", "undo")
_OWN_WORDS = ("hint", "top", "download")
_TOOLS = ("points", "brush", "probe", "write")
_HELPED = _TOOLS[:3]
_TRAVELS = ("straight", "arrows")  # layers that travel with a flow only when they are shown

Places = dict[str, DeltaGenerator]


@faults.guarded
def show(say: Say, style: Style) -> Callable[[], None] | None:
    """The picture, and beside it the reading of the query point, the basins and the checks.

    Returns:
        What is to be called at the end of the page's run, if the picture stands: it measures the
        checks.
    """
    _DRAG.rest()  # this run draws the whole page anyway
    places: Places = {}
    _live(say, style, places)
    return partial(_afterwards, say, places) if "facts" in places else None


@faults.guarded
def takes_long(scene: Scene) -> bool:
    """Whether every value of the field is the solution of equations."""
    return isinstance(scene.path("plane"), ByForward | ByInverse)


@faults.fragment
def _live(say: Say, style: Style, places: Places) -> None:
    """A fragment: what a hand does in the picture redraws this alone, until it lets go."""
    scene = valid_family.last_valid(state.sync_widgets(), "plane", say)
    _DRAG.follow()  # the text, the table and the link are drawn with the whole page
    # For a projector the picture takes the whole width, and the facts come below.
    if scene.large:
        picture, beside = st.container(), st.container()
    else:
        picture, beside = st.columns([3, 2], gap="large")
    with picture:
        _picture(scene, say, style, places)
    with beside:
        with st.container(key="plane-reading"):
            query.reading(scene, say)
        places["facts"] = st.empty()
        check_panel.show(places["facts"], scene, say, moving=_changing())
    _DRAG.answered()


# ---------------------------------------------------------------------- the picture


def _picture(scene: Scene, say: Say, style: Style, places: Places) -> None:
    detail = compute.QUICK if _changing() else compute.FULL
    with progress_bar(say) as report:
        frames = compute.frames(scene, detail, lambda done: report(0.5 * done))
        followed = compute.trajectories(scene, detail, lambda done: report(0.5 + 0.5 * done))
    first, places["finer"] = st.empty(), st.empty()
    valid_family.error_notice(followed, say)
    travels = [name for name in scene.plane_views if name in _TRAVELS]
    shown = flow_key(scene, "plane", "plane_particles", "plane_scale").with_(plane_views=travels)
    flow, name = _block(shown, detail)
    mapped = "basins" in scene.plane_views
    if mapped:
        _send_map(first, scene, basins.codes(scene, hurry=detail is compute.QUICK), "first")
    weights = np.asarray(scene.plane_points.w)
    tools = {name: [say(f"plane.tool.{name}"), say(f"plane.tool.{name}.help")] for name in _HELPED}
    tools["write"] = [say("plane.tool.write"), say("plane.tool.write.go")]
    content: dict[str, Any] = {
        "flow": name,
        "basins": basins.name(scene) if mapped else None,
        "points": {
            "x": scene.plane_points.x,
            "y": scene.plane_points.y,
            "w": scene.plane_points.w,
            "size": handle_sizes(weights, scene.large).tolist(),
        },
        "undo": points_editor.PLANE.undoable,
        "query": query.arrows(scene),
        "time": scene.time,
        "speed": scene.speed,
        "large": scene.large,
        "views": scene.plane_views,
        "style": {
            "accent": style.accent,
            "ground": style.ground,
            "ink": style.ink,
            "faint": style.faint,
            "dark": style.dark,
            "basins": style.basins,
            "density": style.density,
            "line": style.line,
            "font": style.font_size,
        },
        "tools": tools,
        "words": {
            "picture": say("plane.alt", n=len(scene.plane_points)),
            **{word: say(f"fan.{word}") for word in _WORDS},
            **{word: say(f"plane.{word}") for word in _OWN_WORDS},
        },
    }
    mount.flow(flow, name, key="plane")
    mount.picture("plane", _DRAG.numbered(content), key="plane", receive=_receive)
    if frames.lost:
        st.caption(say("plane.lost"))


def _changing() -> bool:
    """Whether a hand is changing the flow; a question that is dragged leaves it as it is."""
    return _DRAG.moving and not st.session_state.get(_QUERYING, False)


@shared(maxsize=96)
def _block(shown: Scene, detail: compute.Detail) -> tuple[bytes, str]:
    """The flow as it travels, one for all visitors who see the same; and its name."""
    view = axis_range(flow_key(shown, "plane"))
    frames = compute.frames(shown, detail)
    tr = compute.trajectories(shown, detail)
    # Drawn colour by colour: a canvas strokes one colour at a time.
    order = torch.argsort(tr.basin % compute.COLOURS, stable=True)
    lines = torch.nonzero(order < _LINES)[:, 0]
    straight = "straight" in shown.plane_views
    block = codec.pack(
        {
            "view": list(view),
            "t": frames.t.tolist(),
            "tops": frames.tops.tolist(),
            "cells": frames.codes.shape[1],
            "density": frames.codes,
            "arrows": compute.arrows(shown, detail) if "arrows" in shown.plane_views else None,
            "arrow_side": compute.ARROWS,
            "nodes": tr.t.tolist(),
            "tracks": track_codes(tr.x[order].numpy(), view),
            "alone": _single_point_lines(shown, tr, order[lines], view) if straight else None,
            "colour": (tr.basin[order] % compute.COLOURS).numpy().astype(np.uint8),
            "lines": lines.numpy().astype(np.int32),
        }
    )
    return block, hashlib.sha256(block).hexdigest()[:16]


def _single_point_lines(
    shown: Scene, tr: compute.Trajectories, which: torch.Tensor, view: AxisRange
) -> np.ndarray:
    return track_codes(compute.single_point_trajectories(shown, tr, which).numpy(), view)


def _receive(message: DragMessage) -> None:
    _DRAG.receive(message, _do)


def _do(message: DragMessage) -> None:
    """An edit of the points, or a place to ask about."""
    st.session_state[_QUERYING] = message.get("op") == "query"
    if message.get("op") != "query":
        points_editor.PLANE.apply(message)
        return
    place = tuple(message.get(name) for name in ("t", "x", "y"))
    state.change("plane_probe", plane_probe=None if None in place else place)


# ---------------------------------------------------------------------- what may wait


class _Preempted(Exception):
    """Somebody changed something: what was being measured is no longer asked for."""


def _afterwards(say: Say, places: Places) -> None:
    """Sharpen the basin map and measure the checks; give way to whatever the visitor does next."""

    def report(done: float) -> None:
        if preemption.rerun_requested():
            raise _Preempted

    with places["facts"], faults.contained("the plane's checks"), suppress(_Preempted):
        scene = valid_family.last_valid(state.current(), "plane")
        if "basins" in scene.plane_views:
            _send_map(places["finer"], scene, basins.finer(scene, report), "finer")
        if plane_checks.found(scene) is None:
            plane_checks.check(scene, report)
            check_panel.show(places["facts"], scene, say)


def _send_map(place: DeltaGenerator, scene: Scene, codes: Bytes | None, key: str) -> None:
    """The basin map, which travels apart from the flow: a finer one may follow."""
    if codes is not None:
        block = codec.pack({"codes": codes, "side": len(codes)})
        with place:
            mount.flow(block, basins.name(scene), key="plane-basins", place=key)
