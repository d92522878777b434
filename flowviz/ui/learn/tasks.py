"""The two works of the page Learn, done by a worker: train a network; measure what it learned.

Both take a scene in its canonical form (`learn_compute.run_key`). `train` returns a lesson: the
weights, all that continuing needs, and the curves, as ``.npz``. `measure` takes a lesson as its
state and returns what the page shows afterwards. What either finds early is in its reports.
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
from flowviz.core.training import TrainSpec, TrainState, TrainStep, VelocityNet, load, weights
from flowviz.core.training.loss_floor import Floor
from flowviz.scene import Scene
from flowviz.text import Refusal
from flowviz.text.numbers import number
from flowviz.ui.jobs import Outcome, Report
from flowviz.ui.learn import compute, measures

Steps = Generator[Callable[[], Report], bool, Outcome]

_CURVE = 1_000  # points of a curve that is kept; every second one goes when there are more
_SHOWN = 300  # points of a curve that is sent while it grows
_LOOK_S = 1.0  # between two pictures of the network's flow, and never more than a tenth of the work
_LIVE = {"frames": 10, "steps": 24}


def spec_of(scene: Scene) -> TrainSpec:
    """How a scene wants its network trained."""
    return TrainSpec(
        steps=scene.learn_steps,
        batch=scene.learn_batch,
        lr=scene.learn_rate,
        seed=scene.learn_seed,
        sampling=scene.learn_sampling,
        target=scene.learn_target,
        t_min=scene.learn_t_min,
    )


def fresh_net(scene: Scene) -> VelocityNet:
    """A scene's network before any step."""
    shape = (scene.learn_width, scene.learn_depth, scene.learn_activation, scene.learn_seed)
    return VelocityNet(scene.field(scene.space), *shape)


# ---------------------------------------------------------------------- training


def train(scene: Scene, state: bytes) -> Steps:
    """Train the scene's network, from a lesson that was stopped if there is one."""
    if (yield partial(Report, 0.0)):  # before the slow preparations
        return Outcome(state, whole=False)
    lesson = _Training(scene, compute.unpack(state) if state else {})
    if (yield lesson.report):
        return Outcome(state, whole=False)
    try:
        for at in lesson.steps():
            lesson.take(at)
            if (yield lesson.report):
                break
    except training.Diverged as error:
        value = number(error.value)
        raise Refusal("error.learn.diverged", step=error.step, value=value) from None
    if not lesson.step:  # stopped before the first
        return Outcome(state, whole=False)
    return Outcome(lesson.packed(), whole=lesson.step >= scene.learn_steps)


class _Training:
    """A training and its curves."""

    def __init__(self, scene: Scene, past: compute.Arrays) -> None:
        self.scene, self.flow = scene, compute.exact_key(scene)
        self.net = fresh_net(scene)
        self.curve: list[tuple[float, ...]] = []
        self.floor = math.nan, math.nan
        self.state: TrainState | None = None
        self.step, self.earlier_s = 0, 0.0
        self.ready = 0.0
        self.began = time.monotonic()
        if past:
            self.state = TrainState.from_bytes(past["state"].tobytes())
            self.net.load_state_dict(load(past["weights"].tobytes()).state_dict())
            self.curve = [tuple(row) for row in past["curve"].tolist()]
            self.floor = tuple(past["floor"].tolist())
            self.step, self.earlier_s = self.state.step, float(past["seconds"])
        self._look: tuple[float, float, compute.Arrays] = (-math.inf, 0.0, {})

    def steps(self) -> Iterator[TrainStep | float]:
        """The training's steps from where it stands, and shares of what prepares them."""
        known = Floor(*self.floor) if math.isfinite(self.floor[0]) else None
        field = self.scene.field(self.scene.space)
        return training.train_with_progress(self.net, field, spec_of(self.scene), self.state, known)

    def take(self, step: TrainStep | float) -> None:
        """Write a step down."""
        if not isinstance(step, TrainStep):
            self.ready = step
            return
        self.step, self.state = step.step, step.state
        self.floor = step.floor, step.floor_error
        self.curve.append((step.step, step.loss, step.excess, step.relative, step.median))
        if len(self.curve) > _CURVE:  # older ones thin out; new ones keep coming
            self.curve = self.curve[1::2]

    def report(self) -> Report:
        """How far it is: the curves, and now and then the network's flow."""
        return Report(self.step / self.scene.learn_steps, compute.pack(self._news()))

    def _news(self) -> dict[str, Any]:
        last, took, look = self._look
        now = time.monotonic()
        if self.step and now - last > max(_LOOK_S, 10.0 * took):
            look = compute.learned(self.net, self.flow, self.scene.learn_t_min, **_LIVE)
            self._look = now, time.monotonic() - now, look
        rows = np.array(self.curve, np.float64).reshape(-1, 5)
        stride = max(1, math.ceil(len(rows) / _SHOWN))
        return {
            "step": self.step,
            "ready": self.ready,
            "curve": rows[::-1][::stride][::-1].astype(np.float32),
            "floor": self.floor,
            "device": device(),
            "seconds": self.earlier_s + now - self.began,
            **look,
        }

    def packed(self) -> bytes:
        """The lesson as it is kept."""
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
    """Where this process trains: "cpu" or the GPU's name."""
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"


# ---------------------------------------------------------------------- measuring


def measure(scene: Scene, state: bytes) -> Steps:
    """Measure a lesson: each part is reported as it is found."""
    if (yield partial(Report, 0.0)):
        return Outcome(b"", whole=False)
    net = load(compute.unpack(state)["weights"].tobytes())
    found: dict[str, Any] = {}
    for done, part in measures.all_of(scene, net):
        found |= part
        if (yield partial(_found, done, dict(found))):
            return Outcome(compute.pack(found), whole=False)
    return Outcome(compute.pack(found))


def _found(done: float, found: dict[str, Any]) -> Report:
    return Report(done, compute.pack(found))


def warm() -> None:
    """Do what a first lesson would wait for: torch imports much when it first differentiates."""
    fresh_net(Scene())
