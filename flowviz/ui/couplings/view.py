"""The figures of the page Couplings: pairs, and the flow that they make."""

from __future__ import annotations

import numpy as np
import streamlit as st

from flowviz.figures.couplings import Array, Curves, cells_figure, lines_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import number, percent
from flowviz.ui.browser import codec, mount
from flowviz.ui.couplings import compute, plane_cells
from flowviz.ui.frame import side_by_side
from flowviz.ui.session import faults, state, valid_family
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.widgets import controls, points_editor
from flowviz.ui.widgets.flow_sidebar import prior
from flowviz.ui.widgets.glossary import heading
from flowviz.ui.widgets.progress_bar import progress_bar
from flowviz.ui.widgets.readouts import points_text
from flowviz.ui.widgets.time_widgets import time_slider

_SIDE = 200  # cells a side of the picture of basins


@faults.guarded
def bar(scene: Scene, tr: Translator) -> None:
    """The buttons of the coupling and of the steps."""
    with st.container(key="couplings-bar", horizontal=True, gap="large"):
        controls.choice("couplings", "coupling", tr, separate=True)
        if scene.coupling in compute.WITH_FLOW:
            controls.choice("couplings", "coupling_steps", tr, separate=True)
        else:
            st.slider(
                tr("couplings.coupling_batch"),
                1,
                256,
                help=tr("couplings.coupling_batch.help"),
                key=state.bound("coupling_batch"),
            )


@faults.guarded
def sidebar(scene: Scene, tr: Translator) -> None:
    """Points, prior, and what is drawn; the family and the schedule play no part."""
    heading(tr("fan.points"), tr, "data_point", "weight")
    (points_editor.PLANE if scene.space == "plane" else points_editor.LINE).sidebar(tr)
    prior(scene.space, scene, tr)
    st.markdown(f"## {tr('fan.picture')}")
    st.slider(tr("couplings.lines"), 1, 60, key=state.bound("coupling_lines"))
    time_slider(tr("couplings.time"), "time", 0.0, 1.0, tr)


@faults.guarded
def show(tr: Translator, style: Style) -> None:
    """The pairs, the flow, and what is said about them."""
    scene = state.current()
    flow = compute.flow_key(scene)
    # Also where there is nothing to show: the page's style sheets find the picture by it.
    with st.container(key="couplings-picture"):
        try:
            with progress_bar(tr) as report:
                found = compute.picture(
                    flow,
                    scene.coupling,
                    scene.coupling_lines,
                    scene.coupling_batch,
                    progress=report,
                )
        except compute.Unavailable as why:
            st.info(tr(why.why, name=tr(f"couplings.coupling.{scene.coupling}")))
            return
        left, right = side_by_side("couplings", (1, 1), scene)
        with left:
            _pairs(scene, flow, found, tr, style)
        with right:
            _flow(scene, flow, found, tr, style)
    st.markdown(tr(f"couplings.about.{scene.coupling}"))
    if found.flow is not None:
        valid_family.error_notice(found.flow, tr, scene.coupling_lines)
    if not compute.straight(scene):
        st.caption(tr("couplings.straight"))


def _labels(style: Style, tr: Translator) -> dict[str, str]:
    axis = "solvers.axis.t.short" if style.large else "solvers.axis.t"
    return {"t": tr(axis), "x": tr("solvers.axis.x"), "y": tr("solvers.axis.y")}


def _points(flow: Scene) -> tuple[Array, Array]:
    """The data points and their weights."""
    field = flow.field(flow.space)
    return field.x0.numpy(), field.weights.numpy()


def _still(figure: bytes, name: str, caption: int, tr: Translator, style: Style) -> None:
    scene = state.current()
    title = tr(f"couplings.alt.{name}", coupling=tr(f"couplings.coupling.{scene.coupling}"))
    label = tr("figure.points", figure=title, points=points_text(scene, scene.space))
    mount.still(
        figure,
        tr,
        style,
        key=f"couplings.{name}",
        title=title,
        label=label,
        caption=tr(f"couplings.caption.{caption}"),
    )


def _pairs(scene: Scene, flow: Scene, found: compute.Picture, tr: Translator, style: Style) -> None:
    st.markdown(f"**{tr('couplings.pairs')}**")
    ends = np.stack([found.x0[found.index].numpy(), found.x1.numpy()], axis=1)
    curves = Curves(np.array([0.0, 1.0]), ends, found.index.numpy(), scene.time)
    figure = lines_figure(curves, _points(flow), axis_range(flow), _labels(style, tr), style)
    _still(codec.pack(figure), "pairs", 1, tr, style)


def _flow(scene: Scene, flow: Scene, found: compute.Picture, tr: Translator, style: Style) -> None:
    if found.flow is None:
        st.markdown(f"**{tr('couplings.flow')}**")
        st.info(tr("couplings.none.flow"))
        return
    curves = Curves(
        found.flow.t.numpy(), found.flow.x.numpy(), found.flow.basin.numpy(), scene.time
    )
    name = "flow"
    if scene.coupling_steps != "exact":
        t, x = compute.euler(flow, scene.coupling, found.x1, int(scene.coupling_steps))
        curves = Curves(curves.t, curves.x, curves.group, scene.time, np.asarray(t), x.numpy())
        name = "steps"
    st.markdown(f"**{tr(f'couplings.{name}', n=scene.coupling_steps)}**")
    view, labels = axis_range(flow), _labels(style, tr)
    figure = lines_figure(curves, _points(flow), view, labels, style)
    _still(codec.pack(figure), "flow", 2, tr, style)


@faults.guarded
def cells(scene: Scene, flow: Scene, tr: Translator, style: Style) -> None:
    """Is flow matching optimal transport? The sentence, and in the plane cells over basins."""
    heading(tr("couplings.same"), tr, "basin")
    if flow.space == "line":
        st.markdown(tr("couplings.same.line"))
        return
    try:
        with progress_bar(tr) as report:
            found = plane_cells.comparison(flow, progress=report)
    except compute.Unavailable as why:
        st.info(tr(why.why, name=tr("couplings.same")))
        return
    view = axis_range(flow)
    x, y, index = plane_cells.basins_at(flow, view, _SIDE)
    basins = x.numpy(), y.numpy(), index.numpy()
    figure = cells_figure(
        basins, plane_cells.cell_edges(flow), _points(flow), view, _labels(style, tr), style
    )
    picture, words = side_by_side("couplings-cells", (1, 1), scene)
    with picture:
        title = tr("couplings.alt.cells")
        label = tr("figure.points", figure=title, points=points_text(scene, "plane"))
        mount.still(codec.pack(figure), tr, style, key="couplings.cells", title=title, label=label)
    with words:
        st.markdown(
            tr(
                "couplings.same.plane",
                share=f"**{percent(found.agree, 4)}**",
                noise=percent(found.noise, 1),
                n=5 * compute.SAMPLES,
            )
        )
        st.markdown(tr("couplings.again", n=found.again, count=found.followed))
        st.caption(tr("couplings.table", side=number(found.side, 4)))
