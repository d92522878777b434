"""The sidebar of the page Train: dimension, network and settings of the training."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from flowviz.scene import Scene
from flowviz.scene.decimals import decimal_text
from flowviz.scene.settings import Activation
from flowviz.text import Translator
from flowviz.ui.learn import compute
from flowviz.ui.session import faults, state
from flowviz.ui.widgets import controls, flow_sidebar
from flowviz.ui.widgets.glossary import heading
from flowviz.ui.widgets.time_widgets import time_text


@faults.guarded
def sidebar(tr: Translator) -> None:
    """The widgets of the sidebar."""
    scene = state.current()
    controls.choice("field", "space", tr)
    heading(tr("learn.training"), tr, "flow_matching", "coupling")
    _integer("learn_steps", tr, step=1_000)
    left, right = st.columns(2, gap="small")
    with left:
        _integer("learn_width", tr, step=16)
        _integer("learn_batch", tr, step=64)
    with right:
        _integer("learn_depth", tr, step=1)
        _text("learn_rate", tr)
    # Below both columns, as messages need the width.
    controls.show_refusals(
        tr, "learn_steps", "learn_width", "learn_depth", "learn_batch", "learn_rate"
    )
    st.selectbox(
        tr("field.learn_target"),
        get_args(Scene.model_fields["learn_target"].annotation),
        format_func=lambda name: tr(f"learn.target.{name}"),
        help=tr("learn.target.help"),
        key=state.bound("learn_target"),
    )
    st.toggle(tr("field.learn_edges"), help=tr("learn.edges.help"), key=state.bound("learn_edges"))
    if scene.learn_edges and not scene.prior_object(scene.space).has_edges:
        st.caption(tr("learn.edges.none"))
    _labels(scene, tr)
    with st.expander(tr("learn.more")):
        _more(tr)
    flow_sidebar.sections(scene.space, scene, tr)


def _labels(scene: Scene, tr: Translator) -> None:
    """Whether the network is given labels, and how often they are left out."""
    st.toggle(
        tr("field.learn_labels"), help=tr("learn.labels.help"), key=state.bound("learn_labels")
    )
    if not scene.learn_labels:
        return
    if not compute.uses_labels(scene):
        conditional = scene.learn_target == "conditional"
        st.caption(tr("learn.labels.none" if conditional else "learn.labels.target"))
        return
    st.slider(
        tr("field.learn_dropout"),
        0.05,
        0.95,
        step=0.05,
        help=tr("learn.dropout.help"),
        key=state.bound("learn_dropout"),
    )
    st.caption(tr("learn.labels.mean"))


def _more(tr: Translator) -> None:
    st.selectbox(
        tr("field.learn_activation"),
        get_args(Activation),
        format_func=lambda name: tr(f"learn.activation.{name}"),
        key=state.bound("learn_activation"),
    )
    # Not `controls.choice`, whose buttons lose their frame in a second row.
    st.radio(
        tr("learn.learn_sampling"),
        get_args(Scene.model_fields["learn_sampling"].annotation),
        format_func=lambda name: tr(f"learn.learn_sampling.{name}"),
        horizontal=True,
        key=state.bound("learn_sampling"),
    )
    time_text("learn_t_min", tr)
    _integer("learn_seed", tr, step=1)
    controls.show_refusals(tr, "learn_t_min", "learn_seed")


def _integer(field: str, tr: Translator, *, step: int) -> None:
    """A number input for an integer; other input is refused with a message."""

    def apply(value: float | None) -> None:
        number = int(value) if value is not None and value.is_integer() else value
        state.change(field, **{field: number})

    # As a decimal number, because whole-number inputs read "1e5" as 1.
    st.number_input(
        tr(f"field.{field}"),
        step=float(step),
        format="%.0f",
        value=None,
        key=state.bound_as(field, float(getattr(state.current(), field)), apply),
    )


def _text(field: str, tr: Translator) -> None:
    """A text input for a number."""
    shown = decimal_text(getattr(state.current(), field))
    st.text_input(
        tr(f"field.{field}"),
        key=state.bound_as(field, shown, lambda text: state.change(field, **{field: text.strip()})),
    )


_SPLIT = (
    r"\begin{aligned}\mathbb{E}\,\|v_\theta(x_t,t)-f_t(x_t|x_0)\|^2"
    r"=&\ \mathbb{E}\,\|v_\theta(x_t,t)-f_t(x_t)\|^2\\"
    r"&+\mathbb{E}\,\mathrm{Var}_{r(\cdot|x_t)}[f_t(x_t|x_0)]\end{aligned}"
)


def show(tr: Translator) -> None:
    """The expander about the two terms of the loss."""
    with st.expander(tr("learn.why")):
        st.markdown(tr("learn.why.split"))
        st.latex(tr.tex(_SPLIT))
        st.markdown(tr("learn.why.floor"))
        st.markdown(tr("learn.why.exact"))
