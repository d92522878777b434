"""The two tasks of the page Train that workers do: train a network, and evaluate it.

Both take a scene as `compute.run_key`. `train` returns the weights, the training state and the
curves, as ``.npz``. `measure` takes that and returns the results that the page shows. Both report
intermediate results.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch

from flowviz.core import training
from flowviz.core.field import MarginalField
from flowviz.core.guidance import LabelledField
from flowviz.core.training import (
    NetSpec,
    TrainSpec,
    TrainState,
    TrainStep,
    VelocityNet,
    load,
    weights,
)
from flowviz.core.training.loss_floor import Floor
from flowviz.scene import Scene
from flowviz.text import Refusal
from flowviz.text.numbers import number
from flowviz.ui.guidance.compute import labelled_field
from flowviz.ui.jobs import Outcome, Report
from flowviz.ui.learn import compute, measures
from flowviz.ui.learn.checkpoints import Checkpoints
from flowviz.ui.session.cache import shared_cache

Steps = Generator[Callable[[], Report], bool, Outcome]

_MAX_POINTS = 1_000  # of a stored curve; every second one is removed when there are more
_SENT_POINTS = 300  # of a curve that is sent during training
_FLOW_S = 1.0  # least time between two updates of the network's flow; at most 1/10 of the time
_LIVE = {"frames": 10, "steps": 24}


def spec_of(scene: Scene) -> TrainSpec:
    """The training settings of a scene."""
    return TrainSpec(
        steps=scene.learn_steps,
        batch=scene.learn_batch,
        lr=scene.learn_rate,
        seed=scene.learn_seed,
        sampling=scene.learn_sampling,
        target=scene.learn_target,
        t_min=scene.learn_t_min,
        dropout=scene.learn_dropout,
    )


def shape_of(scene: Scene) -> NetSpec:
    """The shape of a scene's network."""
    shape = scene.learn_width, scene.learn_depth, scene.learn_activation
    flow = flow_of(scene)
    classes = len(flow.classes) if isinstance(flow, LabelledField) else 0
    average = scene.learn_target == "average"
    return NetSpec(*shape, edges=scene.learn_edges, classes=classes, average=average)


def flow_of(scene: Scene) -> MarginalField | LabelledField:
    """The flow that the scene's network is trained on, with labels if it is given them."""
    if compute.uses_labels(scene):
        return labelled_field(compute.exact_key(scene))
    return scene.field(scene.space)


def fresh_net(scene: Scene) -> VelocityNet:
    """The untrained network of a scene."""
    shape = vars(shape_of(scene))
    return VelocityNet(scene.field(scene.space), **shape, seed=scene.learn_seed)


def trained_net(scene: Scene, trained: compute.Arrays) -> VelocityNet:
    """The network of the arrays that `train` returned.

    Raises:
        ValueError: when they are damaged.
    """
    return load(trained["weights"].tobytes(), scene.field(scene.space))


@shared_cache(maxsize=24)
def untrained(scene: Scene) -> compute.Arrays:
    """The flow of the scene's network before its first step."""
    return compute.learned(fresh_net(scene), compute.exact_key(scene), scene.learn_t_min, **_LIVE)


# ---------------------------------------------------------------------- training


def train(scene: Scene, state: bytes) -> Steps:
    """Train the scene's network, or continue a stopped run."""
    if (yield partial(Report, 0.0)):  # before the first step, which may take long
        return Outcome(state, complete=False)
    run = _Training(scene, compute.unpack(state) if state else {})
    if (yield run.report):
        return Outcome(state, complete=False)
    try:
        for at in run.steps():
            run.record(at)
            if (yield run.report):
                break
    except training.Diverged as error:
        value = number(error.value)
        raise Refusal("error.learn.diverged", step=error.step, value=value) from None
    if not run.step:  # stopped before the first
        return Outcome(state, complete=False)
    return Outcome(run.packed(), complete=run.step >= scene.learn_steps)


class _Training:
    """A training run and its curves."""

    def __init__(self, scene: Scene, past: compute.Arrays) -> None:
        self.scene, self.flow = scene, compute.exact_key(scene)
        self.net = fresh_net(scene)
        self.curve: list[tuple[float, ...]] = []
        self.floor = math.nan, math.nan
        self.state: TrainState | None = None
        self.checkpoints = Checkpoints(scene, past)
        self.step, self.earlier_s = 0, 0.0
        self.ready = 0.0
        self.began = time.monotonic()
        if past:
            self.state = TrainState.from_bytes(past["state"].tobytes())
            self.net = trained_net(scene, past)
            self.curve = [tuple(row) for row in past["curve"].tolist()]
            self.floor = tuple(past["floor"].tolist())
            self.step, self.earlier_s = self.state.step, float(past["seconds"])
        self._flow: tuple[float, float, compute.Arrays] = (-math.inf, 0.0, {})
        self.checkpoints.take(self.step, self.net)  # before the first step, too

    def steps(self) -> Iterator[TrainStep | float]:
        """The remaining steps, and the progress of the evaluations before them."""
        floor = Floor(*self.floor) if math.isfinite(self.floor[0]) else None
        flow = flow_of(self.scene)
        return training.train_with_progress(self.net, flow, spec_of(self.scene), self.state, floor)

    def record(self, step: TrainStep | float) -> None:
        """Record a step, or the progress before it."""
        if not isinstance(step, TrainStep):
            self.ready = step
            return
        self.step, self.state = step.step, step.state
        self.floor = step.floor, step.floor_error
        self.curve.append((step.step, step.loss, step.excess, step.relative, step.median))
        if len(self.curve) > _MAX_POINTS:
            self.curve = self.curve[1::2]
        self.checkpoints.take(step.step, self.net)

    def report(self) -> Report:
        """The curves, and from time to time the network's flow."""
        return Report(self.step / self.scene.learn_steps, compute.pack(self._news()))

    def _news(self) -> dict[str, Any]:
        last, seconds, flow = self._flow
        now = time.monotonic()
        if self.step and now - last > max(_FLOW_S, 10.0 * seconds):
            flow = compute.learned(self.net, self.flow, self.scene.learn_t_min, **_LIVE)
            self._flow = now, time.monotonic() - now, flow
        rows = np.array(self.curve, np.float64).reshape(-1, 5)
        stride = max(1, math.ceil(len(rows) / _SENT_POINTS))
        return {
            "step": self.step,
            "ready": self.ready,
            "curve": rows[::-1][::stride][::-1].astype(np.float32),
            "floor": self.floor,
            "device": device(),
            "seconds": self.earlier_s + now - self.began,
            **self.checkpoints.arrays,
            **flow,
        }

    def packed(self) -> bytes:
        """The result of `train`."""
        assert self.state is not None
        link = self.scene.query_string("learn")
        return compute.pack(
            self._news()
            | {
                "curve": np.array(self.curve, np.float64).reshape(-1, 5),
                "state": self.state.to_bytes(),
                "weights": weights(self.net, scene=link, step=str(self.step)),
            }
        )


def device() -> str:
    """The training device of this process: "cpu" or the GPU's name."""
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"


# ---------------------------------------------------------------------- measuring


def measure(scene: Scene, state: bytes) -> Steps:
    """Evaluate a trained network; results are reported one by one."""
    if (yield partial(Report, 0.0)):
        return Outcome(b"", complete=False)
    net = trained_net(scene, compute.unpack(state))
    found: dict[str, Any] = {}
    for done, new in measures.evaluate(scene, net):
        found |= new
        if (yield partial(_report, done, dict(found))):
            return Outcome(compute.pack(found), complete=False)
    return Outcome(compute.pack(found))


def _report(done: float, found: dict[str, Any]) -> Report:
    return Report(done, compute.pack(found))


def warm() -> None:
    """Import in advance what torch imports when it first differentiates."""
    fresh_net(Scene())
