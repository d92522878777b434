"""Learn: train a small network on the flow, and see its true error."""

from functools import partial

import streamlit as st

from flowviz.ui import frame
from flowviz.ui.demos import example, fold
from flowviz.ui.learn import controls as learn_controls
from flowviz.ui.learn import view as learn_view
from flowviz.ui.learn.report import with_tex
from flowviz.ui.learn.session import run_of
from flowviz.ui.session import faults

with frame.page("learn") as (scene, tr):
    with faults.caught("the lead"):
        frame.lead("learn", tr, with_tex(tr("learn.lead")))
    style = frame.style(scene)
    learn_view.show(tr, style)
    run = run_of(scene)
    fold.show("example", tr, partial(example.show, run.scene, tr, style, run.data))
    with st.sidebar:
        learn_controls.sidebar(tr)
