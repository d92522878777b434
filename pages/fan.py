"""Fan: the article's figure, alive. One dimension, end to end."""

import streamlit as st

from flowviz.ui import frame
from flowviz.ui.fan import view as fan_view
from flowviz.ui.session import state
from flowviz.ui.widgets import controls, flow_sidebar
from flowviz.ui.widgets.glossary import tips

with frame.page("fan") as (scene, say):
    style = frame.style(scene)
    # The picture first: what a widget changed is already in the scene when a run starts.
    frame.lead("fan", say, None if scene.straight() else say("fan.lead.bent"))
    fan_view.show(say, style)

    with st.sidebar:
        flow_sidebar.sections("line", scene, say)
        if scene.path().affine_schedule is not None:
            fan_view.schedule(scene, say, style)

        st.markdown(f"##### {say('fan.picture')}")
        st.slider(say("fan.trajectories"), 1, 400, key=state.bound("trajectories"))
        for field in ("launch", "color"):
            controls.choice("fan", field, say)
        notes = {
            "heatmap": tips(say, "density", "probability_path"),
            "fan": tips(say, "trajectory"),
            "arrows": say("fan.show.arrows.help"),
        }
        for layer, note in notes.items():
            st.toggle(say(f"fan.show.{layer}"), help=note, key=state.bound(layer))
