"""Fan: the article's figure, alive. One dimension, end to end."""

from functools import partial

import streamlit as st

from flowviz.ui import frame
from flowviz.ui.demos import box, far, fold, merging
from flowviz.ui.exercise import editor as exercise_editor
from flowviz.ui.exercise import view as exercise_view
from flowviz.ui.fan import view as fan_view
from flowviz.ui.session import state
from flowviz.ui.widgets import controls, flow_sidebar
from flowviz.ui.widgets.glossary import tips

with frame.page("fan") as (scene, tr):
    style = frame.style(scene)
    # The picture first: what a widget changed is already in the scene when a run starts.
    with frame.led("fan", tr, None if scene.straight() else tr("fan.lead.bent")):
        covered = exercise_view.show("fan", scene, tr, style)
        if not covered:
            fan_view.show(tr, style)
    if not covered:
        fold.show("box", tr, partial(box.show, scene, tr, style))
        if far.exists("line", scene):
            fold.show("far", tr, partial(far.show, "line", scene, tr, style))
        fold.show("merging", tr, partial(merging.show, scene, tr, style))

    with st.sidebar:
        flow_sidebar.sections("line", scene, tr)
        if "family" not in scene.hide and scene.path().affine_schedule is not None:
            fan_view.schedule(scene, tr, style)

        st.markdown(f"## {tr('fan.picture')}")
        st.slider(tr("fan.trajectories"), 1, 400, key=state.bound("trajectories"))
        for field in ("launch", "color"):
            controls.choice("fan", field, tr)
        notes = {
            "heatmap": tips(tr, "density", "probability_path"),
            "fan": tips(tr, "trajectory"),
            "arrows": tr("fan.show.arrows.help"),
        }
        for layer, note in notes.items():
            st.toggle(tr(f"fan.show.{layer}"), help=note, key=state.bound(layer))
        exercise_editor.show("fan", tr)
