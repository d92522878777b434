"""Samples that the network generates while it learns: the same starts, carried at several steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray

from flowviz.core.training.learned_flow import learned_trajectories
from flowviz.core.training.network import VelocityNet
from flowviz.figures.learned import cloud_figure, landing_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.ui.browser import codec, mount
from flowviz.ui.learn import compute

COUNT = 300
"""Samples of a checkpoint."""
PARTS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Of a training: when a checkpoint is taken, besides the one before the first step."""
_INTEGRATION = 24  # steps
_KEY = "demo.checkpoints"
_CHOSEN = f"flowviz.{_KEY}.step"


class Checkpoints:
    """The samples at each checkpoint of a training.

    Args:
        scene: as `compute.run_key`.
        past: the arrays of a run that is continued.
    """

    def __init__(self, scene: Scene, past: compute.Arrays) -> None:
        field = scene.field(scene.space)
        generator = torch.Generator().manual_seed(scene.learn_seed)
        self.x1 = field.prior.sample(COUNT, field.d, generator)
        self.t_min = scene.learn_t_min
        self.due = [0, *(max(1, round(part * scene.learn_steps)) for part in PARTS)]
        self.steps: list[int] = past["kept_steps"].tolist() if "kept_steps" in past else []
        self.ends: list[NDArray[np.float32]] = list(past["kept"]) if "kept" in past else []

    def take(self, step: int, net: VelocityNet) -> None:
        """Generate the samples, if a checkpoint is due that was not taken."""
        last = self.steps[-1] if self.steps else -1
        if not any(last < due <= step for due in self.due):
            return
        ends = learned_trajectories(
            net, self.x1, torch.zeros(1, dtype=torch.float64), self.t_min, _INTEGRATION
        )
        self.steps.append(step)
        self.ends.append(ends[:, 0].numpy().astype(np.float32))

    @property
    def arrays(self) -> dict[str, Any]:
        """``kept_steps`` (K,) and ``kept`` (K, n, d), as they are in a training's results."""
        if not self.steps:
            return {}
        return {"kept_steps": np.array(self.steps, np.int32), "kept": np.stack(self.ends)}


def show(scene: Scene, news: compute.Arrays, tr: Translator, style: Style, *, live: bool) -> None:
    """The samples of a checkpoint, chosen by a slider; while the network learns, the last ones.

    Args:
        scene: of the training.
        news: its latest arrays.
        tr: the translator.
        style: of the figure.
        live: whether it is learning now.
    """
    steps = [int(step) for step in news.get("kept_steps", ())]
    if not steps:
        st.caption(tr("demo.checkpoints.none"))
        return
    chosen = steps[-1]
    if not live and len(steps) > 1:
        if st.session_state.get(_CHOSEN) not in steps:
            st.session_state[_CHOSEN] = chosen
        said = tr("demo.checkpoints.step")
        chosen = st.select_slider(said, steps, format_func=lambda k: f"{k:,}", key=_CHOSEN)
    ends = news["kept"][steps.index(chosen)].astype(np.float64)
    mount.plot(codec.pack(figure(scene, ends, style)), key=_KEY, label=tr("demo.checkpoints.alt"))
    st.caption(tr("demo.checkpoints.text", n=len(ends), step=chosen))


def figure(scene: Scene, ends: NDArray[np.floating[Any]], style: Style) -> Any:
    """Samples (n, d) that a network generated, with the data points."""
    view = compute.stage(compute.exact_key(scene)).view
    if scene.space == "plane":
        points = scene.plane_points
        where = (np.asarray(points.x), np.asarray(points.y), np.asarray(points.w))
        return cloud_figure(ends, where, view, style, "")
    weights = np.asarray(scene.points.w)
    line = np.asarray(scene.points.x), weights / weights.sum()
    return landing_figure(ends[:, 0], line, (view[0], view[1]), style, "")
