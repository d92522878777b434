"""The Green page's step 6: the density of the one point at all positions and times."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from flowviz.figures.green import heat_figure
from flowviz.figures.plane import density_codes, handle_sizes, plane_figure, track_codes
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.settings import DATA_POINT
from flowviz.text import Translator
from flowviz.text.numbers import position
from flowviz.ui import line_density
from flowviz.ui.browser import codec, mount
from flowviz.ui.green import checks, compute
from flowviz.ui.green.view import columns
from flowviz.ui.session import faults
from flowviz.ui.session.cache import shared_cache
from flowviz.ui.session.drag import Drag
from flowviz.ui.widgets.glossary import heading
from flowviz.ui.widgets.progress_bar import progress_bar

_DRAG = Drag("green.density")
_PARTICLES = 80
_VIEWS = frozenset({"density", "particles"})


@faults.guarded
def show(scene: Scene, tr: Translator, style: Style) -> None:
    """The text and the figure of the step."""
    texts, picture = columns(scene, "steps-3")
    with texts:
        heading(tr("green.step.density"), tr, "green")
        st.markdown(tr(f"green.density.{scene.space}"))
        st.latex(tr.tex(r"p_t(x\mid x_0) \;\xrightarrow{\;t\to 0\;}\; \delta(x - x_0)"))
        verdict = checks.validity(compute.point_key(scene))
        if verdict is None or not verdict.ok:
            st.warning(tr("green.invalid.density"))
    with picture:
        (_line if scene.space == "line" else _plane)(scene, tr, style)


def _alt(scene: Scene, tr: Translator) -> str:
    point = [getattr(scene, field) for field in DATA_POINT[scene.space]]
    return tr("green.density.alt", x0=position(point))


def _common(scene: Scene, tr: Translator, style: Style) -> dict[str, Any]:
    return {
        "time": scene.time,
        "speed": scene.speed,
        "large": scene.enlarged,
        "style": mount.style(style, 1),
        "texts": {name: tr(f"fan.{name}") for name in ("play", "pause", "time", "speed", "loop")}
        | mount.mode_bar(tr)
        | {"picture": _alt(scene, tr), "title": tr("green.density.title")},
    }


# ------------------------------------------------------------------------------- on the line


def _line(scene: Scene, tr: Translator, style: Style) -> None:
    with progress_bar(tr) as report:
        compute.heat(scene, report)
    flow = compute.point_key(scene)
    figure, frame = _line_block(flow, style, tr)
    drawn = {"figure": figure, "frame": frame, "slice": _slice_block(flow), "playable": True}
    content = _common(scene, tr, style) | drawn
    mount.picture(
        "density_chart", _DRAG.with_serial(content), key="density", receive=lambda _: None
    )


@shared_cache(maxsize=24)
def _line_block(flow: Scene, style: Style, tr: Translator) -> tuple[bytes, str]:
    labels = {name: tr(f"green.axis.{name}") for name in ("t", "x", "slice")}
    labels["density"] = tr("fan.axis.density")
    heat = compute.heat(flow, lambda _: None)
    figure = heat_figure(heat, compute.picture_range(flow), labels, style)
    return codec.pack_figure(figure, moving=frozenset({"heat"}))


@shared_cache(maxsize=24)
def _slice_block(flow: Scene) -> bytes:
    single, view = compute.single_point_flow(flow), compute.picture_range(flow)
    jumps = line_density.packed_jumps(single.field, view, compute.CELLS)
    infinite = single.field.prior.has_singular_edges
    return codec.pack({"x0": single.x0[0].tolist(), "jumps": jumps, "infinite": infinite})


# ------------------------------------------------------------------------------- in the plane


def _plane(scene: Scene, tr: Translator, style: Style) -> None:
    with progress_bar(tr) as report:
        compute.frames(scene, report)
    flow = compute.point_key(scene)
    content = _common(scene, tr, style) | {"panels": [_panel(flow, style, tr)]}
    mount.view("flows", _DRAG.with_serial(content), key="density")


@shared_cache(maxsize=24)
def _panel(flow: Scene, style: Style, tr: Translator) -> dict[str, Any]:
    """The figure and the flow, packed for the browser and cached for all sessions."""
    figure = plane_figure(
        view=compute.picture_range(flow),
        cells=compute.frames(flow, lambda _: None).p.shape[1],
        points=1,
        shown=_VIEWS,
        scale="linear",
        labels={"density": tr("plane.axis.density")},
        style=style,
    )
    size = handle_sizes(np.ones(1), style.large).tolist()
    return mount.flow_panel(
        figure,
        _flow_block(flow),
        views=_VIEWS,
        colours=style.density,
        points={"x": [flow.green_a], "y": [flow.green_b], "size": size},
        title="",
        alt=_alt(flow, tr),
        top=tr("plane.top"),
    )


@shared_cache(maxsize=24)
def _flow_block(flow: Scene) -> bytes:
    frames, view = compute.frames(flow, lambda _: None), compute.picture_range(flow)
    codes, tops = density_codes(frames.p.transpose(0, 2, 1), "linear", positive=True)
    trajectories = compute.family_trajectories(flow.with_(green_lines=_PARTICLES))
    nothing = np.zeros(len(trajectories.x), np.uint8)
    return codec.pack(
        {
            "view": list(view),
            "cells": codes.shape[1],
            "t": frames.t.tolist(),
            "density": codec.InTime(codes, 0),
            "scale_max": tops.tolist(),
            "decades": 0.0,
            "nodes": trajectories.t.tolist(),
            "tracks": codec.InTime(track_codes(trajectories.x, view), 1),
            "colour": nothing,
            "reached": nothing,
            "lines": [],
        }
    )
