"""Samples of a network that was given labels, guided towards one class, beside the exact flow."""

from __future__ import annotations

import numpy as np
import streamlit as st
import torch

from flowviz.core.guidance import Guide, Shares, shares_by_draws
from flowviz.core.training.learned_flow import generate
from flowviz.scene import Scene
from flowviz.scene.point_parsing import LABELS
from flowviz.text import Translator
from flowviz.text.numbers import percent, position
from flowviz.ui.guidance import compute as guidance
from flowviz.ui.guidance.compute import Setup
from flowviz.ui.learn import compute
from flowviz.ui.learn.tasks import trained_net
from flowviz.ui.session import state
from flowviz.ui.session.cache import shared_cache
from flowviz.ui.widgets.guidance_scale import guidance_scale
from flowviz.ui.widgets.labels import letter

COUNT = 1_000
LISTED = 12
_STEPS = 50


@shared_cache(maxsize=24)
def learned_shares(run: Scene, data: bytes, y: int, scale: float) -> Shares:
    """How many of the network's guided samples end nearest to each place with data.

    Args:
        run: a scene, as `compute.run_key`.
        data: of the trained network.
        y: the label of the class.
        scale: of the guidance.
    """
    flow = guidance.labelled_field(compute.exact_key(run))
    net = trained_net(run, compute.unpack(data))
    every = flow.marginal
    x1 = every.prior.sample(COUNT, every.d, torch.Generator().manual_seed(run.learn_seed))
    velocity = net.guided(flow.classes.tolist().index(y), scale)
    ends = generate(velocity, x1, run.learn_t_min, _STEPS)
    return shares_by_draws(flow, Guide(y, scale), ends[ends.isfinite().all(1)])


def show(run: Scene, scene: Scene, tr: Translator, data: bytes | None) -> None:
    """The class and the scale, and the shares of both flows.

    Args:
        run: a scene, as `compute.run_key`.
        scene: the page's, with the class and the scale.
        tr: the translator.
        data: of the trained network.
    """
    y = guidance.class_of(scene)
    if not compute.uses_labels(run) or y is None:
        st.caption(tr("demo.guided.none"))
        return
    if data is None:
        st.caption(tr("demo.guided.untrained"))
        return
    left, right = st.columns([1, 2])
    left.segmented_control(
        tr("guidance.class"),
        [letter(label) for label in guidance.points_of(scene).classes],
        required=True,
        key=state.bound_as("guidance_class", LABELS[y - 1], _choose_class),
    )
    guidance_scale(right, tr)
    scale = scene.guidance_scale
    exact = guidance.shares(Setup(compute.exact_key(run), Guide(y, scale)))
    st.markdown(table(exact, learned_shares(run, data, y, scale), tr))
    st.caption(tr("demo.guided.text", n=COUNT))


def table(exact: Shares, learned: Shares, tr: Translator) -> str:
    """The shares of the places with the largest ones, and that of the class."""
    most = np.maximum(exact.share.numpy(), learned.share.numpy())
    top = np.sort(np.argsort(-most, kind="stable")[:LISTED])
    head = [tr(f"demo.guided.{name}") for name in ("place", "class", "exact", "network")]
    rows = [
        (
            position(exact.places[k].tolist()),
            percent(float(exact.of_class[k])),
            percent(float(exact.share[k])),
            f"{percent(float(learned.share[k]))} ± {percent(float(learned.noise[k]))}",
        )
        for k in top
    ]
    share = learned.in_class
    noise = (share * (1.0 - share) / COUNT) ** 0.5
    ends = percent(exact.in_class), f"{percent(share)} ± {percent(noise)}"
    rows.append((tr("guidance.share"), percent(1.0), *ends))
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return f"| {' | '.join(head)} |\n|:---|---:|---:|---:|\n{lines}"


def _choose_class(label: str) -> None:
    state.change("guidance_class", guidance_class=label)
