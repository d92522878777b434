"""The network trained for a scene, as a vector field for the solvers."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from flowviz.core.training.network import VelocityNet
from flowviz.scene import Scene
from flowviz.ui import jobs
from flowviz.ui.learn import compute as learn_compute
from flowviz.ui.learn.tasks import train, trained_net
from flowviz.ui.session.cache import shared_cache


@dataclass(frozen=True)
class Network:
    """A trained network ``net``; ``run`` is its cache key."""

    run: Scene
    net: VelocityNet = field(repr=False, compare=False)

    def velocity(self, x: Tensor, t: Tensor) -> Tensor:
        """v_θ(x, t), (Q, d)."""
        with torch.no_grad():
            return self.net(x, t)


def network(scene: Scene) -> Network | None:
    """The network that was trained on the page Train for this scene, if it is in the cache."""
    run = learn_compute.run_key(scene)
    data = jobs.cached_result(run, jobs.Spec(train))
    return None if data is None else _read(run, data)


@shared_cache(maxsize=8)
def _read(run: Scene, data: bytes) -> Network | None:
    try:
        net = trained_net(run, learn_compute.unpack(data))
    except (KeyError, ValueError):  # a damaged file
        return None
    return Network(run, net)
