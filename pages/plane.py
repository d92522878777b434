"""Plane: the exact flow in two dimensions, with points that can be dragged."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from flowviz.scene import Scene
from flowviz.scene.validators import VIEWS
from flowviz.text import Translator
from flowviz.ui import frame
from flowviz.ui.demos import far, fold, grid, plane_box
from flowviz.ui.exercise import editor as exercise_editor
from flowviz.ui.exercise import view as exercise_view
from flowviz.ui.plane import view as plane_view
from flowviz.ui.session import state
from flowviz.ui.widgets import flow_sidebar
from flowviz.ui.widgets.glossary import tips


def sidebar(scene: Scene, tr: Translator) -> None:
    """The widgets of the sidebar."""
    with st.sidebar:
        flow_sidebar.sections("plane", scene, tr)

        st.markdown(f"## {tr('fan.picture')}")
        st.pills(
            tr("plane.views"),
            VIEWS,
            selection_mode="multi",
            format_func=lambda name: tr(f"plane.view.{name}"),
            help=f"{tips(tr, 'probability_path', 'density')}\n\n{tr('plane.views.help')}",
            key=state.bound_as(
                "plane_views",
                list(scene.plane_views),
                lambda names: state.change("plane_views", plane_views=names),
            ),
        )
        st.slider(tr("plane.particles"), 1, 2000, key=state.bound("plane_particles"))
        st.segmented_control(
            tr("plane.scale"),
            ["linear", "log"],
            format_func=lambda name: tr(f"plane.scale.{name}"),
            required=True,
            key=state.bound("plane_scale"),
        )
        exercise_editor.show("plane", tr)


measure: Callable[[], None] | None = None
with frame.page("plane") as (scene, tr):
    # The picture first: what a widget changed is already in the scene when a run starts. A picture
    # that takes long comes after the widgets, with which it can be changed.
    slow, style = plane_view.takes_long(scene), frame.style(scene)
    with frame.led("plane", tr):
        if slow:
            sidebar(scene, tr)
        covered = exercise_view.show("plane", scene, tr, style)
        if not covered:
            measure = plane_view.show(tr, style)
    if not covered:
        fold.show("grid", tr, partial(grid.show, scene, tr, style))
        fold.show("plane_box", tr, partial(plane_box.show, scene, tr, style))
        if far.exists("plane", scene):
            fold.show("far", tr, partial(far.show, "plane", scene, tr, style))
    if not slow:
        sidebar(scene, tr)
# Last, when all else is drawn: the checks take longer than a picture.
if measure is not None:
    measure()
