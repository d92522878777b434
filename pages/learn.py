"""Learn: train a small network on the flow, and see its true error."""

import streamlit as st

from flowviz.ui import frame
from flowviz.ui.learn import controls as learn_controls
from flowviz.ui.learn import view as learn_view
from flowviz.ui.learn.symbols import with_tex

with frame.page("learn") as (scene, say):
    st.markdown(with_tex(say("learn.lead")))
    learn_view.show(say, frame.style(scene))
    with st.expander(say("learn.why")):
        st.markdown(say("learn.why.split"))
        st.latex(
            r"\begin{aligned}\mathbb{E}\,\|v_\theta(x_t,t)-f_t(x_t|x_0)\|^2"
            r"=&\ \mathbb{E}\,\|v_\theta(x_t,t)-f_t(x_t)\|^2\\"
            r"&+\mathbb{E}\,\mathrm{Var}_{r(\cdot|x_t)}[f_t(x_t|x_0)]\end{aligned}"
        )
        st.markdown(say("learn.why.floor"))
        st.markdown(say("learn.why.exact"))
    with st.sidebar:
        learn_controls.sidebar(say)
