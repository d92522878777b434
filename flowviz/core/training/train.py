"""Conditional flow matching: training v_θ, evaluated against the exact field (MATH §4).

    L(θ) = E_{t, x₀, x₁} ‖v_θ(x_t, t) - f_t(x_t|x₀)‖²,      x_t = ψ_t(x₁|x₀), t on [t_min, 1]

The target is the conditional velocity, a noisy estimate of the marginal one, and the loss is

    L(θ) = E ‖v_θ - f_t(x_t)‖²  +  E Var_{r(·|x_t)}[f_t(x_t|x₀)],

the error of the field plus a floor that no network can go below (module ``training.loss_floor``).
The error is also computed directly, against the exact field on fixed samples, without the noise of
the loss. Training is a generator: the caller plots and stops, and may continue later with the same
result.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

import torch
from safetensors import SafetensorError
from safetensors.torch import load as read_tensors
from safetensors.torch import save as write_tensors

from flowviz.core.field import MarginalField
from flowviz.core.guidance import LabelledField
from flowviz.core.priors.base import param_range, require
from flowviz.core.training.evaluation import DRAWS, Evaluation
from flowviz.core.training.labels import Labels
from flowviz.core.training.loop import Loop, LoopState
from flowviz.core.training.loss_floor import Floor, floor_pairs, loss_floor
from flowviz.core.training.network import (
    VelocityNet,
    check_ranges,
    notes,
    one_of,
)
from flowviz.core.training.progress import Chunks, R
from flowviz.core.training.sampling import SAMPLINGS

TARGETS = ("conditional", "exact", "average")

DIVERGED = 1e3
"""Typical loss (`loop.Losses`) above which training has diverged; it is at most 1 at the start.

The median, not the mean, which a single sample from a heavy tail may dominate.
"""


@dataclass(frozen=True)
class TrainSpec:
    """Settings of a training run.

    ``target``: "conditional" regresses on f_t(x|x₀), as in practice; "exact" on f_t(x), without
    the noise of the targets; "average" on the average velocity, for one step (module
    ``mean_flow``), where loss and errors are those of the velocity. ``dropout``: the probability
    that an example's label is left out, where data points have labels.

    Raises:
        ValueError: for a value out of range.
    """

    steps: int = field(default=10_000, metadata=param_range(1, 200_000, 100))
    batch: int = field(default=256, metadata=param_range(8, 8192, 8))
    lr: float = field(default=7e-3, metadata=param_range(1e-6, 1.0, 1e-6))
    seed: int = field(default=0, metadata=param_range(0, 999_999, 1))
    sampling: str = field(default="uniform", metadata=one_of(SAMPLINGS))
    target: str = field(default="conditional", metadata=one_of(TARGETS))
    t_min: float = field(default=1e-3, metadata=param_range(1e-4, 0.5, 1e-4))
    dropout: float = field(default=0.2, metadata=param_range(0.05, 0.95, 0.05))

    def __post_init__(self) -> None:
        check_ranges(self)


class TrainState(LoopState):
    """The state of a run, from which it can be continued."""

    def to_bytes(self) -> bytes:
        """The state as safetensors."""
        tensors = {name: value.cpu() for name, value in self.tensors().items()}
        return write_tensors(tensors, {"step": str(self.step)})

    @classmethod
    def from_bytes(cls, data: bytes) -> TrainState:
        """The state saved by ``to_bytes``.

        Raises:
            ValueError: when the bytes are not such a file.
        """
        try:
            return cls(int(notes(data)["step"]), **read_tensors(data))
        except (SafetensorError, KeyError, TypeError, ValueError) as error:
            raise ValueError(f"these bytes are not a training state: {error}") from None


@dataclass(frozen=True)
class TrainStep:
    """A report of a run.

    ``step`` of ``steps``; ``loss``, the mean over the steps since the last report; ``floor``, the
    exact least loss, and ``floor_error``, its standard error; on fixed samples: ``excess``, the
    error of the field E‖v_θ - f‖², ``relative``, √(excess / E‖f‖²), NaN where E‖f‖² is infinite,
    and ``median``, that of ‖v_θ - f‖/‖f‖; ``lr``, the learning rate; ``state``, to continue.
    """

    step: int
    steps: int
    loss: float
    floor: float
    floor_error: float
    excess: float
    relative: float
    median: float
    lr: float
    state: TrainState


class Diverged(ArithmeticError):
    """Training diverged: at ``step`` the loss was ``value``."""

    def __init__(self, step: int, value: float) -> None:
        super().__init__(f"training diverged at step {step}: the loss was {value:g}")
        self.step, self.value = step, value


def train(
    net: VelocityNet,
    field: MarginalField | LabelledField,
    spec: TrainSpec,
    state: TrainState | None = None,
    floor: Floor | None = None,
    device: torch.device | str | None = None,
) -> Iterator[TrainStep]:
    """Train a network, whose weights are updated in place before every report.

    Args:
        net: the network.
        field: the exact flow; with labels, the network is given them (module ``labels``), and its
            loss and errors are means over examples with and without a label.
        spec: the settings.
        state: of an earlier run, which is continued without a difference. If ``spec`` has more
            steps than that run had, the learning rate is that of the longer run.
        floor: of the loss; computed if not given.
        device: to train on; by default the GPU if there is one.

    Yields:
        A ``TrainStep`` about ten times a second, and after the last step.

    Raises:
        Diverged: when the typical loss is NaN or above `DIVERGED`.
        ValueError: for a network of another number of classes, or labels with an exact target.
    """
    return (
        at
        for at in train_with_progress(net, field, spec, state, floor, device)
        if isinstance(at, TrainStep)
    )


def train_with_progress(
    net: VelocityNet,
    field: MarginalField | LabelledField,
    spec: TrainSpec,
    state: TrainState | None = None,
    floor: Floor | None = None,
    device: torch.device | str | None = None,
) -> Iterator[TrainStep | float]:
    """``train`` with progress while the exact field is evaluated.

    For implicit families this may take seconds before the first step, and later as well if the
    exact field is the target.

    Args:
        net, field, spec, state, floor, device: as for ``train``.

    Yields:
        Reports, and between them the fraction of the evaluations done, several a second.

    Raises:
        Diverged: as ``train``.
    """
    device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    flow, labels = _flow_and_labels(net, field, spec)
    loop = Loop(net, flow, spec, device, state, labels)
    steps = min(loop.every, spec.steps - loop.step)
    noisy = floor is None and spec.target != "exact"
    pairs = labels.floor_pairs() if labels else floor_pairs(flow)
    progress = _Progress(noisy * pairs + DRAWS * flow.n + loop.pairs_needed(steps))
    least = floor or (
        yield from progress.of(
            labels.floor(spec.t_min, spec.sampling)
            if labels
            else loss_floor(flow, spec.t_min, spec.sampling, spec.target)
        )
    )
    evaluation = yield from progress.of(
        Evaluation.in_chunks(flow, spec.t_min, spec.sampling, labels)
    )
    while loop.step < spec.steps:
        steps = min(loop.every, spec.steps - loop.step)
        yield from progress.of(loop.prepare(steps))
        losses, typical = (column.tolist() for column in loop.advance(steps))
        for k, (loss, relative) in enumerate(zip(losses, typical, strict=True)):
            if not relative <= DIVERGED:
                raise Diverged(loop.step - len(losses) + k + 1, loss)
        loop.publish()
        yield TrainStep(
            loop.step,
            spec.steps,
            math.fsum(losses) / len(losses),
            least.value,
            least.error,
            *evaluation(net),
            loop.rate(loop.step - 1),
            TrainState(loop.step, **loop.state()),
        )


def _flow_and_labels(
    net: VelocityNet, field: MarginalField | LabelledField, spec: TrainSpec
) -> tuple[MarginalField, Labels | None]:
    """The flow of all data, and the labels if there are any."""
    labels = None
    if isinstance(field, LabelledField):
        require(spec.target == "conditional", "with labels the target must be conditional")
        labels = Labels(field, spec.dropout, spec.seed)
        field = field.marginal
    classes = labels.count if labels else 0
    require(
        net.spec.classes == classes,
        f"the network is given {net.spec.classes} classes, and the data have {classes}",
    )
    require(
        net.spec.average == (spec.target == "average"),
        "a network of the average velocity needs the target 'average', and only it does",
    )
    return field, labels


class _Progress:
    """The fraction of the pairs that have been evaluated."""

    def __init__(self, pairs: int) -> None:
        self.pairs, self.done = pairs, 0

    def of(self, chunks: Chunks[R]) -> Generator[float, None, R]:
        """Run chunks, and yield the fraction done after each."""
        try:
            while True:
                self.done += next(chunks)
                yield min(1.0, self.done / self.pairs)
        except StopIteration as end:
            return end.value
