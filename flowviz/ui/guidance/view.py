"""The page Guidance: its picture, the query point, and the widgets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from flowviz.figures import guidance as figures
from flowviz.figures.guidance import Data, Lines
from flowviz.figures.plane import track_codes
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.labelling import EXAMPLE, labelled, ways
from flowviz.text import Translator
from flowviz.text.numbers import number, percent
from flowviz.ui.browser import codec, mount
from flowviz.ui.frame import side_by_side
from flowviz.ui.guidance import checks, compute, mass, query, velocities
from flowviz.ui.guidance.compute import Picture, Setup
from flowviz.ui.guidance.velocities import AtQuery
from flowviz.ui.session import faults, state, valid_family
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import shared_cache
from flowviz.ui.session.drag import Drag, DragMessage
from flowviz.ui.session.preemption import uninterrupted
from flowviz.ui.widgets.glossary import heading
from flowviz.ui.widgets.guidance_scale import guidance_scale
from flowviz.ui.widgets.labels import letter
from flowviz.ui.widgets.points_editor import LINE, PLANE
from flowviz.ui.widgets.progress_bar import progress_bar
from flowviz.ui.widgets.query_point import set_query_point
from flowviz.ui.widgets.readouts import check_expander, points_text
from flowviz.ui.widgets.time_widgets import time_slider

_DRAG = Drag("guidance")
_FORMULA = r"f^{(s)}_t(x) = f_t(x) + s\,\bigl[f_t(x|y) - f_t(x)\bigr]"
_MOST_NOW = 400  # samples drawn at the page's time


def captions_of(scene: Scene) -> str:
    """What the captions' keys begin with: others where no point has a label."""
    return "guidance" if compute.points_of(scene).classes else "guidance.plain"


@faults.guarded
def bar(scene: Scene, tr: Translator) -> None:
    """The class and the scale; for points without labels, ways to label them."""
    classes = compute.points_of(scene).classes
    if not classes:
        _offer_labels(scene, tr)
        return
    with st.container(key="guidance-bar"):
        left, middle, right = st.columns([3, 5, 3])
    chosen = letter(compute.class_of(scene) or 0)
    left.segmented_control(
        tr("guidance.class"),
        [letter(label) for label in classes],
        required=True,
        key=state.bound_as("guidance_class", chosen, _choose_class),
    )
    guidance_scale(middle, tr)
    with right.container(horizontal=True, vertical_alignment="bottom"):
        for name, scale in (("all", 0.0), ("class", 1.0)):
            st.button(
                tr(f"guidance.scale.{name}"),
                key=f"w.guidance.scale.{name}",
                on_click=uninterrupted()(_set_scale),
                args=(scale,),
            )


def _choose_class(label: str) -> None:
    state.change("guidance_class", guidance_class=label)


def _set_scale(scale: float) -> None:
    if state.change("guidance_scale", guidance_scale=scale):
        state.refill("guidance_scale")


def _offer_labels(scene: Scene, tr: Translator) -> None:
    st.info(tr("guidance.none"))
    with st.container(horizontal=True, key="guidance-bar"):
        for name in (*ways(compute.points_of(scene)), "example"):
            st.button(
                tr(f"guidance.label.{name}"),
                key=f"w.guidance.label.{name}",
                on_click=uninterrupted()(_label),
                args=(name,),
            )


def _label(name: str) -> None:
    """Divide the points into classes, take the example, or remove all labels."""
    scene = state.current()
    editor = PLANE if scene.space == "plane" else LINE
    points = compute.points_of(scene)
    if name == "example":
        editor.replace(EXAMPLE[editor.field])
    elif name == "remove":
        editor.replace(points.with_labels(()))
    else:
        editor.replace(labelled(points, name))


@faults.guarded
def sidebar(scene: Scene, tr: Translator) -> None:
    """The other settings of the guidance."""
    st.markdown(f"## {tr('guidance.settings')}")
    if compute.points_of(scene).classes:
        st.caption(tr("guidance.interval"), help=tr("guidance.interval.help"))
        for name in ("begin", "end"):
            time_slider(tr(f"guidance.{name}"), f"guidance_{name}", 0.0, 1.0, tr)
        st.button(
            tr("guidance.label.remove"),
            key="w.guidance.label.remove",
            on_click=uninterrupted()(_label),
            args=("remove",),
            width="stretch",
        )
    st.slider(tr("guidance.lines"), 1, 200, key=state.bound("guidance_lines"))


@dataclass(frozen=True)
class _Shown:
    """The scene with its results."""

    scene: Scene
    setup: Setup
    picture: Picture
    query: AtQuery | None


@faults.guarded
def show(tr: Translator, style: Style) -> None:
    """The guided flow, and beside it where its mass ends."""
    _DRAG.reset()
    current = state.current()
    scene = valid_family.last_valid(current, current.space, tr)
    setup = compute.setup_of(scene)
    left, right = side_by_side("guidance", (3, 2), scene)
    with left:
        with progress_bar(tr) as report:
            found = compute.picture(setup, scene.guidance_lines, progress=report)
        at = velocities.position(scene)
        asked = None if at is None else velocities.at_query(setup, *at)
        shown = _Shown(scene, setup, found, asked)
        _picture(shown, tr, style)
        if setup.guide is not None:
            query.reading(setup, at, shown.query, tr)
    with right:
        if setup.guide is not None:
            label = letter(setup.guide.y)
            heading(tr("guidance.guided.one", label=label), tr, "marginal_velocity")
            st.latex(tr.tex(_FORMULA))
            mass.show(setup, tr, style)
            _about(found, tr)


@faults.guarded
def measures(tr: Translator, style: Style) -> None:
    """What the scale does, what it is not, and the checks."""
    current = state.current()
    scene = valid_family.last_valid(current, current.space)
    setup = compute.setup_of(scene)
    if setup.guide is None:
        return
    st.info(tr("guidance.not"))
    mass.chart(setup, tr, style)
    check_expander(checks.found(setup, scene.time), tr)


# ---------------------------------------------------------------------- the picture


def _picture(shown: _Shown, tr: Translator, style: Style) -> None:
    scene, setup = shown.scene, shown.setup
    figure, note = (_plane if scene.space == "plane" else _line)(shown, tr, style)
    at, guide = velocities.position(scene), setup.guide
    points = points_text(scene, scene.space)
    alt = tr("guidance.alt.plain", points=points)
    if guide is not None:
        alt = tr("guidance.alt", scale=number(guide.scale), label=letter(guide.y), points=points)
    marked = None
    if at is not None:
        marked = [at[0], at[1][0]] if scene.space == "line" else list(at[1])
    content: dict[str, Any] = {
        "figure": codec.pack(figure),
        "square": False,
        "query": marked,
        "card": None,
        "motion": _motion(shown, style) if scene.space == "plane" else None,
        "style": {"accent": style.accent, "ground": style.ground, "ink": style.ink},
        "texts": {
            "picture": alt,
            "title": tr("guidance.saved", scale=number(scene.guidance_scale)),
            "hint": tr("guidance.hint"),
            "keys": tr("guidance.keys"),
            **{name: tr(f"fan.{name}") for name in ("play", "pause", "time", "speed", "loop")},
            **mount.captions(tr, captions_of(scene)),
        },
    }
    mount.picture(
        "solver_trajectories", _DRAG.with_serial(content), key="guidance", receive=_receive
    )
    st.caption(note)


def _motion(shown: _Shown, style: Style) -> dict[str, Any]:
    """The samples at all times, in the colours of the classes where they end, for the player."""
    scene = shown.scene
    labels = np.unique(shown.picture.label)
    colours = {"basins": [figures.class_colour(int(label), style) for label in labels]}
    return {
        "time": scene.time,
        "speed": scene.speed,
        "flow": _samples_block(shown.setup, scene.guidance_lines),
        "style": mount.style(style, 1) | colours,
    }


@shared_cache(maxsize=24)
def _samples_block(setup: Setup, lines: int) -> bytes:
    """The tracks of the samples, packed for the browser and cached for all sessions."""
    found, view = compute.picture(setup, lines), axis_range(setup.flow)
    _, colour = np.unique(found.label, return_inverse=True)
    x = found.x[:_MOST_NOW, ::-1]  # towards t = 1, as nodes are
    return codec.pack(
        {
            "view": list(view),
            "t": [],
            "cells": 1,
            "nodes": found.t[::-1].tolist(),
            "tracks": codec.InTime(track_codes(x, view), 1),
            "colour": colour[: len(x)].astype(np.uint8),
            "lines": [],
        }
    )


def _data(scene: Scene) -> Data:
    points = compute.points_of(scene)
    rows = np.asarray(points.rows, dtype=float)
    labels = np.asarray(points.labels or [0] * len(points))
    return Data(rows[:, :-1], rows[:, -1] / rows[:, -1].sum(), labels)


def _lines(found: Picture) -> Lines:
    return Lines(found.t, found.x[found.drawn], found.label[found.drawn])


def _line(shown: _Shown, tr: Translator, style: Style) -> tuple[Any, str]:
    scene, found = shown.scene, shown.picture
    at = velocities.position(scene)
    labels = {
        "t": tr("solvers.axis.t.short" if style.large else "solvers.axis.t"),
        "x": tr("solvers.axis.x"),
    }
    assert found.heat is not None
    figure = figures.line_figure(
        _lines(found),
        found.heat,
        _data(scene),
        None if at is None else (at[0], at[1][0]),
        query.arrows(shown.setup, shown.query, tr, style),
        axis_range(shown.setup.flow),
        labels,
        style,
    )
    return figure, tr("guidance.density.line")


def _plane(shown: _Shown, tr: Translator, style: Style) -> tuple[Any, str]:
    scene, found = shown.scene, shown.picture
    at, density = velocities.position(scene), compute.plane_density(shown.setup, scene.time)
    k = int(np.abs(found.t - scene.time).argmin())
    figure = figures.plane_figure(
        _lines(found),
        None if density is None else (*density.axes, density.p),
        found.x[:_MOST_NOW, k],
        _data(scene),
        None if at is None else at[1],
        query.arrows(shown.setup, shown.query, tr, style),
        axis_range(shown.setup.flow),
        {"x": tr("solvers.axis.x"), "y": tr("solvers.axis.y")},
        style,
    )
    key = "guidance.density.none" if density is None else "guidance.density.plane"
    return figure, tr(key, t=tr.time(scene.time))


def _receive(message: DragMessage) -> None:
    _DRAG.receive(message, _apply_message)


def _apply_message(message: DragMessage) -> None:
    """Set the query point, in the plane at the page's time, or that time."""
    t = message.get("t")
    if message.get("op") != "time":
        set_query_point(message, state.current().time)
    elif isinstance(t, int | float) and not isinstance(t, bool):
        state.change("time", time=float(t))


# ---------------------------------------------------------------------- beside the picture


def _about(found: Picture, tr: Translator) -> None:
    """How the trajectories were computed, and how far they may be off."""
    errors = {"median": number(float(np.median(found.error)), 2)}
    errors["worst"] = number(float(found.error.max()), 2)
    st.caption(tr("guidance.about", nfe=found.nfe, **errors))
    if found.outside > 0.0:
        st.caption(tr("guidance.outside", share=percent(found.outside, 2)))
