"""How far is far enough? Shares of a flow of gravity begun at a finite distance."""

from __future__ import annotations

import numpy as np
import streamlit as st
import torch

from flowviz.core.numerics.work import BudgetSpent, at_work
from flowviz.core.transport import launch, trajectories
from flowviz.core.transport.finite_start import FiniteStart, finite_start
from flowviz.figures.finite_start import shares_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.settings import Space
from flowviz.text import Translator
from flowviz.text.numbers import fixed
from flowviz.ui.browser import codec, mount
from flowviz.ui.session.cache import shared_cache
from flowviz.ui.session.keys import flow_key

PRIORS = ("student_t", "student_t_2d")
"""Those of gravity (one degree of freedom) and its relatives."""
SAMPLES = {"line": 2000, "plane": 500}
_DISTANCES = np.geomspace(0.5, 1000.0, 34)
_NAMED = 40.0
_BUDGET = 1.5e8
_LISTED = 8


def exists(space: Space, scene: Scene) -> bool:
    """Whether the scene's prior is one of these."""
    return (scene.plane_prior if space == "plane" else scene.prior) in PRIORS


def shares(space: Space, scene: Scene) -> FiniteStart | None:
    """The shares at all distances, the last of which is the one named; None if it takes long."""
    flow = flow_key(scene, space, schedule=False)
    family = {"plane_family" if space == "plane" else "family": "affine"}
    return _shares(flow.with_(**family), space)


@shared_cache(maxsize=16)
def _shares(flow: Scene, space: Space) -> FiniteStart | None:
    field = flow.field(space)
    distance = torch.from_numpy(np.append(_DISTANCES, _NAMED))
    times = distance / (1.0 + distance)
    if space == "line":
        x1 = launch(field.prior, SAMPLES[space], "probability")
    else:
        x1 = field.prior.sample(SAMPLES[space], 2, torch.Generator().manual_seed(7))
    try:
        with at_work(limit=_BUDGET):
            return finite_start(field, trajectories(field, x1, times, 1e-5))
    except BudgetSpent:
        return None


def show(space: Space, scene: Scene, tr: Translator, style: Style) -> None:
    """The figure, and the shares at one distance in words."""
    found = shares(space, scene)
    st.markdown(tr("demo.far.text"))
    if found is None:
        st.info(tr("demo.far.long"))
        return
    weights = scene.field(space).weights.numpy()
    share, error = found.share.numpy(), found.error.numpy()
    labels = {"distance": tr("demo.far.distance"), "share": tr("demo.far.share")}
    figure = shares_figure(found.distance[:-1].numpy(), share[:-1], weights, labels, style)
    few = slice(0, _LISTED)
    begun = ", ".join(fixed(v, 4) for v in share[-1, few])
    exact = ", ".join(fixed(v, 4) for v in weights[few])
    label = tr("demo.far.alt", shares=begun, weights=exact)
    mount.plot(codec.pack(figure), key="demo.far", label=label)
    values = {"distance": _NAMED, "shares": f"**{begun}**", "weights": exact}
    if space == "plane":  # from samples; on the line from even quantiles
        values["shares"] = f"{values['shares']} (± {fixed(float(error[-1].max()), 4)})"
    st.markdown(tr("demo.far.named", **values))
