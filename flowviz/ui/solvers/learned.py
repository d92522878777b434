"""The network a visitor may let solvers walk along: the one that was trained for this scene."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from flowviz.core.training.network import VelocityNet, load
from flowviz.scene import Scene
from flowviz.ui import jobs
from flowviz.ui.learn import compute as learn_compute
from flowviz.ui.learn.tasks import train
from flowviz.ui.session.cache import shared


@dataclass(frozen=True)
class Network:
    """A trained network: ``lesson`` tells it from others, ``net`` is called like a field."""

    lesson: Scene
    net: VelocityNet = field(repr=False, compare=False)

    def velocity(self, x: Tensor, t: Tensor) -> Tensor:
        """v_θ(x, t), (Q, d)."""
        with torch.no_grad():
            return self.net(x, t)


def network(scene: Scene) -> Network | None:
    """The network that the page Learn trained for this scene's flow, if it is still kept."""
    lesson = learn_compute.run_key(scene)
    data = jobs.known_result(lesson, jobs.Spec(train))
    return None if data is None else _read(lesson, data)


@shared(maxsize=8)
def _read(lesson: Scene, data: bytes) -> Network | None:
    try:
        net = load(learn_compute.unpack(data)["weights"].tobytes())
    except (KeyError, ValueError):  # what a bad disk damaged is no network
        return None
    return Network(lesson, net)
