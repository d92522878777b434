r"""Why a loss has a floor, in a fold of the Learn page:

E‖v_θ(x_t, t) − f_t(x_t|x₀)‖² = E‖v_θ(x_t, t) − f_t(x_t)‖² + E Var[f_t(x_t|x₀) | x_t].
"""

from __future__ import annotations

import streamlit as st

from flowviz.text import Say

_SPLIT = (
    r"\begin{aligned}\mathbb{E}\,\|v_\theta(x_t,t)-f_t(x_t|x_0)\|^2"
    r"=&\ \mathbb{E}\,\|v_\theta(x_t,t)-f_t(x_t)\|^2\\"
    r"&+\mathbb{E}\,\mathrm{Var}_{r(\cdot|x_t)}[f_t(x_t|x_0)]\end{aligned}"
)


def show(say: Say) -> None:
    """The fold: the loss in two parts, and what each is."""
    with st.expander(say("learn.why")):
        st.markdown(say("learn.why.split"))
        st.latex(_SPLIT)
        st.markdown(say("learn.why.floor"))
        st.markdown(say("learn.why.exact"))
