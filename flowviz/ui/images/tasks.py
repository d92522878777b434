"""The task of the page Images that workers do: two networks on disjoint sets of images.

It takes a scene as `run_key` and returns curves, floors, weights and errors as ``.npz``.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from flowviz.core.images.denoising import denoising_errors
from flowviz.core.images.networks import DenoisingNet, Kind, Step, loss_floor, train
from flowviz.core.images.windows import WindowField
from flowviz.scene import Scene
from flowviz.ui.images import compute
from flowviz.ui.jobs import Outcome, Report
from flowviz.ui.learn.compute import pack

Steps = Generator[Callable[[], Report], bool, Outcome]

STEPS: dict[Kind, int] = {"mlp": 2000, "cnn": 600}
BATCH: dict[Kind, int] = {"mlp": 128, "cnn": 64}
RATE: dict[Kind, float] = {"mlp": 3e-3, "cnn": 5e-3}
EVERY: dict[Kind, int] = {"mlp": 20, "cnn": 10}
NETWORKS = 2
SEED = 0
"""Of the initial weights of both networks."""
WEIGHT = "weight."
"""What the names of weights begin with."""


def run_key(scene: Scene) -> Scene:
    """The scene with the settings that the training uses, all others at default."""
    return scene.with_only("image_count", "image_net").with_(image_topic="learned")


def train_two(scene: Scene, state: bytes) -> Steps:
    """Train two networks from the same initial weights, each on its own images."""
    kind, found = scene.image_net, list[dict[str, Any]]()
    every = NETWORKS * STEPS[kind]
    for which in range(NETWORKS):
        images = compute.half(scene.image_count, which)
        net = DenoisingNet(images.x0, kind, compute.SHAPE, seed=SEED)
        curve = list[tuple[float, float]]()
        found.append({"floor": _floor(net, images)})
        training = train(net, images.x0, STEPS[kind], BATCH[kind], RATE[kind], which, EVERY[kind])
        for step in training:
            curve.append(_row(step))
            found[-1]["curve"] = np.array(curve, np.float64)
            done = (which * STEPS[kind] + step.step) / every
            if (yield partial(_report, 0.97 * done, found)):
                return Outcome(b"", complete=False)
        found[-1] |= _results(net)
    return Outcome(pack(_named(found)))


def _row(step: Step) -> tuple[float, float]:
    return float(step.step), step.loss


def _floor(net: DenoisingNet, images: compute.Images) -> tuple[float, float]:
    floor = loss_floor(net, WindowField(images.x0, images.weights, compute.SHAPE, 15))
    return floor.value, floor.error


def _results(net: DenoisingNet) -> dict[str, Any]:
    """The network's weights, and its errors on held-out images."""
    held = compute.held_out(0)
    errors = denoising_errors(net.denoise, net.schedule, held, compute.ERROR_TIMES)
    weights = {f"{WEIGHT}{name}.": value for name, value in net.inner.state_dict().items()}
    return {"errors": errors.numpy(), **weights}


def trained_nets(scene: Scene, found: Mapping[str, NDArray[Any]]) -> list[DenoisingNet]:
    """The networks of a training's result.

    Raises:
        ValueError: the result has not all their weights.
    """
    nets = list[DenoisingNet]()
    for k in range(NETWORKS):
        net = DenoisingNet(compute.half(scene.image_count, k).x0, scene.image_net, compute.SHAPE)
        weights = {
            name: torch.from_numpy(found[key])
            for name in net.inner.state_dict()
            if (key := f"{WEIGHT}{name}.{k}") in found
        }
        try:
            net.inner.load_state_dict(weights)
        except RuntimeError as error:
            raise ValueError(f"these are not the weights of the networks: {error}") from None
        nets.append(net)
    return nets


def _report(done: float, found: list[dict[str, Any]]) -> Report:
    shown = [
        {"floor": one["floor"], "curve": one["curve"][-300:]} for one in found if "curve" in one
    ]
    return Report(done, pack(_named(shown)))


def _named(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {f"{name}{k}": value for k, one in enumerate(found) for name, value in one.items()}
