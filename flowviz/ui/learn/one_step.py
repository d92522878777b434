"""One step of a network of the average velocity, beside the exact map from x₁ to the data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray

from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import number, percent
from flowviz.ui.browser import codec, mount
from flowviz.ui.learn import checkpoints, compute
from flowviz.ui.learn.tasks import trained_net
from flowviz.ui.session.cache import shared_cache


@dataclass(frozen=True)
class OneStep:
    """Ends (n, d) of one step with the average velocity; root mean square distances from the exact
    ends, of these and of an Euler step; ``right``, the share nearest to the right data point.
    """

    ends: NDArray[np.float64]
    average: float
    euler: float
    right: float


@shared_cache(maxsize=24)
def one_step(run: Scene, data: bytes) -> OneStep:
    """One step from the starts of the page's trajectories.

    Args:
        run: a scene, as `compute.run_key`.
        data: of the trained network.
    """
    flow = compute.exact_key(run)
    exact, net = compute.exact(flow), trained_net(run, compute.unpack(data))
    known = torch.from_numpy(exact.basin >= 0)  # not on a separatrix
    x1 = compute.stage(flow).x1[torch.from_numpy(exact.followed)][known]
    reached = torch.from_numpy(exact.reached)[known]
    with torch.no_grad():
        ends, euler = x1 - net(x1, 1.0, s=0.0), x1 - net(x1, 1.0)

    def distance(x: torch.Tensor) -> float:
        return float((x - reached).square().sum(1).mean().sqrt())

    x0 = run.field(run.space).x0
    nearest = x0[torch.cdist(ends, x0).argmin(1)]
    right = float((nearest == reached).all(1).double().mean())
    return OneStep(ends.numpy(), distance(ends), distance(euler), right)


def show(run: Scene, tr: Translator, style: Style, data: bytes | None) -> None:
    """The ends of one step with the data points, and their distance from the exact ends.

    Args:
        run: a scene, as `compute.run_key`.
        tr: the translator.
        style: of the figure.
        data: of the trained network.
    """
    if run.learn_target != "average" or data is None:
        st.caption(tr("demo.one_step.none"))
        return
    found = one_step(run, data)
    figure = codec.pack(checkpoints.figure(run, found.ends, style))
    mount.plot(figure, key="demo.one_step", label=tr("demo.one_step.alt"))
    distances = {"average": number(found.average), "euler": number(found.euler)}
    said = tr("demo.one_step.text", n=len(found.ends), right=percent(found.right), **distances)
    st.markdown(said)
