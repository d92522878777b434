"""The sidebar of the page Train: dimension, network and settings of the training."""

from __future__ import annotations

from typing import get_args

import streamlit as st

from flowviz.core.priors import PRIORS
from flowviz.scene import Scene
from flowviz.scene.decimals import plain
from flowviz.scene.parameters import PLANE_PRIOR
from flowviz.scene.settings import Activation
from flowviz.text import Say
from flowviz.ui.session import faults, state
from flowviz.ui.widgets import controls, family_editor, points_editor
from flowviz.ui.widgets.glossary import heading
from flowviz.ui.widgets.time_widgets import time_text


@faults.guarded
def sidebar(say: Say) -> None:
    """The widgets of the sidebar."""
    scene = state.current()
    controls.choice("field", "space", say)
    heading(say("learn.training"), say, "flow_matching", "coupling")
    _whole("learn_steps", say, step=1_000)
    left, right = st.columns(2, gap="small")
    with left:
        _whole("learn_width", say, step=16)
        _whole("learn_batch", say, step=64)
    with right:
        _whole("learn_depth", say, step=1)
        _text("learn_rate", say)
    # Below both columns, as messages need the width.
    controls.complain(say, "learn_steps", "learn_width", "learn_depth", "learn_batch", "learn_rate")
    st.toggle(
        say("learn.exact"),
        help=say("learn.exact.help"),
        key=state.bound_as("learn_target", scene.learn_target == "exact", _take_target),
    )
    with st.expander(say("learn.more")):
        _more(say)
    heading(say("fan.points"), say, "data_point", "weight")
    _flow(scene, say)


def _more(say: Say) -> None:
    st.selectbox(
        say("field.learn_activation"),
        get_args(Activation),
        format_func=lambda name: say(f"learn.activation.{name}"),
        key=state.bound("learn_activation"),
    )
    # Not `controls.choice`, whose buttons lose their frame in a second row.
    st.radio(
        say("learn.learn_sampling"),
        get_args(Scene.model_fields["learn_sampling"].annotation),
        format_func=lambda name: say(f"learn.learn_sampling.{name}"),
        horizontal=True,
        key=state.bound("learn_sampling"),
    )
    time_text("learn_t_min", say)
    _whole("learn_seed", say, step=1)
    controls.complain(say, "learn_t_min", "learn_seed")


def _flow(scene: Scene, say: Say) -> None:
    """Points, prior and family, as on the pages Flow in 1-D and Flow in 2-D."""
    plane = scene.space == "plane"
    (points_editor.PLANE if plane else points_editor.LINE).sidebar(say)
    heading(say("fan.prior"), say, "prior")
    if plane:
        controls.entry("plane_prior", list(PLANE_PRIOR.classes()), scene, say)
    else:
        lines = [name for name, prior in PRIORS.items() if prior().exists_in(1)]
        controls.entry("prior", lines, scene, say)
    heading(say("fan.family"), say, "family", more=say("fan.family.help"))
    (family_editor.PLANE if plane else family_editor.LINE).sidebar(say)


def _whole(field: str, say: Say, *, step: int) -> None:
    """A whole number; invalid input is kept, with a message."""

    def take(value: float | None) -> None:
        whole = int(value) if value is not None and value.is_integer() else value
        state.change(field, **{field: whole})

    # As a decimal number, because whole-number inputs read "1e5" as 1.
    st.number_input(
        say(f"field.{field}"),
        step=float(step),
        format="%.0f",
        value=None,
        key=state.bound_as(field, float(getattr(state.current(), field)), take),
    )


def _text(field: str, say: Say) -> None:
    """A number as a text input."""
    shown = plain(getattr(state.current(), field))
    st.text_input(
        say(f"field.{field}"),
        key=state.bound_as(field, shown, lambda text: state.change(field, **{field: text.strip()})),
    )


def _take_target(exact: bool) -> None:
    state.change("learn_target", learn_target="exact" if exact else "conditional")


_SPLIT = (
    r"\begin{aligned}\mathbb{E}\,\|v_\theta(x_t,t)-f_t(x_t|x_0)\|^2"
    r"=&\ \mathbb{E}\,\|v_\theta(x_t,t)-f_t(x_t)\|^2\\"
    r"&+\mathbb{E}\,\mathrm{Var}_{r(\cdot|x_t)}[f_t(x_t|x_0)]\end{aligned}"
)


def show(say: Say) -> None:
    """The expander about the two terms of the loss."""
    with st.expander(say("learn.why")):
        st.markdown(say("learn.why.split"))
        st.latex(say.tex(_SPLIT))
        st.markdown(say("learn.why.floor"))
        st.markdown(say("learn.why.exact"))
