"""The training loop.

All parameters are views of one vector, their gradients of another, so that the optimiser is one
kernel. Samples are drawn for hundreds of steps at once, together with everything that does not
depend on θ: scaled positions, time embedding, the linear field and the scaled target. Nothing is
read back from the device between two reports.

The network is trained in float32; samples and targets are computed in float64. The learning rate
of Adam decays as half a cosine.

Source: Kingma, Ba 2015, "Adam"; Loshchilov, Hutter 2017, "SGDR" (the cosine).
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.priors.base import require
from flowviz.core.training import mean_flow
from flowviz.core.training.labels import Labels
from flowviz.core.training.network import VelocityNet
from flowviz.core.training.progress import Chunks, drain, pair_budget, velocities
from flowviz.core.training.sampling import Pairs, PairSampler

ROWS = 1 << 16
"""Samples drawn at once."""


class Settings(Protocol):
    """The settings of a run that the loop uses."""

    @property
    def steps(self) -> int: ...
    @property
    def batch(self) -> int: ...
    @property
    def lr(self) -> float: ...
    @property
    def seed(self) -> int: ...
    @property
    def sampling(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def t_min(self) -> float: ...


class Block(NamedTuple):
    """Samples for several steps.

    ``features`` (rows, m), scaled positions and features of edges; ``time_embedding`` (rows, k);
    ``target`` (rows, d), y, of F_θ; ``weight`` (rows,) of a row in the gradient; ``unit`` (rows,),
    the squared scale of F_θ in the velocity; ``zero`` (rows,), d + ‖y‖², for the relative loss:
    ‖y‖² is the squared error of F = 0, and about d without outliers; ``rates`` (rows, r), of change
    where the average velocity is learned (module ``mean_flow``), else r = 0.
    """

    features: Tensor
    time_embedding: Tensor
    target: Tensor
    weight: Tensor
    unit: Tensor
    zero: Tensor
    rates: Tensor


class Losses(NamedTuple):
    """Losses of several steps, (steps,) each.

    ``mean`` of ‖v_θ - f_t(x|x₀)‖² over the batch, the loss; ``typical``, the median of
    ‖F_θ - y‖²/(d + ‖y‖²) over the batch, which is robust to outliers, and at most 1 for F = 0.
    """

    mean: Tensor
    typical: Tensor


@dataclass
class LoopState:
    """The state of a run.

    ``step``; ``weights`` (P,); ``first`` and ``second`` (P,), the optimiser's moments.
    """

    step: int
    weights: Tensor
    first: Tensor
    second: Tensor

    def tensors(self) -> dict[str, Tensor]:
        """All tensors by name."""
        return {name: value for name, value in vars(self).items() if name != "step"}


class Loop:
    """The steps of one run.

    Args:
        net: has the initial weights, and gets the trained ones by ``publish``.
        field: the exact flow.
        settings: of the run.
        device: to train on.
        state: to continue an earlier run.
        labels: of the examples, for a network that is given labels.

    Raises:
        ValueError: when the state is of a network of another shape.
    """

    def __init__(
        self,
        net: VelocityNet,
        field: MarginalField,
        settings: Settings,
        device: torch.device,
        state: LoopState | None = None,
        labels: Labels | None = None,
    ) -> None:
        self.labels = labels
        self.net, self.field, self.settings, self.device = net, field, settings, device
        self.model = copy.deepcopy(net).to(device)
        self.weights = _flatten(self.model)
        self.optimiser = torch.optim.Adam([self.weights], lr=settings.lr, fused=True)
        self.draws = PairSampler(field, settings.t_min, settings.sampling, settings.seed)
        self.step = 0
        self._block: Block | None = None
        self._exact: dict[int, Tensor] = {}  # velocities of blocks, by their first step
        self._rows = ROWS
        if settings.target == "exact":  # smaller blocks, as exact velocities may be expensive
            self._rows = min(ROWS, max(4096, 2 * pair_budget(field) // field.n))
        self._first = 0  # first step of the block
        if state is not None:
            self._resume(state)

    @property
    def every(self) -> int:
        """Steps between two reports, for about the same work with any network."""
        shape = self.net.spec
        work = self.settings.batch * shape.depth * max(32, shape.width) ** 2
        return max(1, min(100, (1 << 28) // work))

    def rate(self, step: int) -> float:
        """The learning rate of a step."""
        return self.settings.lr * 0.5 * (1.0 + math.cos(math.pi * step / self.settings.steps))

    def prepare(self, steps: int) -> Chunks[None]:
        """Compute, in chunks, the exact velocities that the next steps need."""
        for first in self._missing(steps):
            yield from self._compute_exact(first, self._pairs(first, self._steps_per_block))

    def pairs_needed(self, steps: int) -> int:
        """Number of pairs of a position and a data point that ``prepare`` will evaluate."""
        rows = self._steps_per_block * self.settings.batch
        return len(self._missing(steps)) * rows * self.field.n

    def _missing(self, steps: int) -> list[int]:
        """First steps of the blocks whose exact velocities are needed and not computed yet."""
        if self.settings.target != "exact":
            return []
        per_block = self._steps_per_block
        begin = self.step - self.step % per_block
        firsts = range(begin, self.step + steps, per_block)
        needed = dict.fromkeys(self._reused(first, per_block) for first in firsts)
        return [first for first in needed if first not in self._exact]

    def advance(self, steps: int) -> Losses:
        """Take several steps; returns their losses, on the device."""
        losses = []
        for _ in range(steps):
            self.optimiser.param_groups[0]["lr"] = self.rate(self.step)
            losses.append(self._step(self._batch()))
            self.step += 1
        return Losses(*map(torch.stack, zip(*losses, strict=True)))

    def _step(self, batch: Block) -> tuple[Tensor, Tensor]:
        told = 0  # first row of conditional flow matching, of which losses are told
        target, weight = batch.target, batch.weight
        if self.settings.target == "average":
            told = mean_flow.averaged_rows(self.settings.batch)
            target, weight = self._averaged(batch, told)
        square = (self.model.inner(batch.features, batch.time_embedding) - target).square().sum(1)
        (weight * square).mean().backward()
        self.optimiser.step()
        # Not set to None: the gradients of all parameters are views of one vector.
        self.optimiser.zero_grad(set_to_none=False)
        square = square.detach()[told:]
        return (square * batch.unit[told:]).mean(), (square / batch.zero[told:]).median()

    def _averaged(self, batch: Block, rows: int) -> tuple[Tensor, Tensor]:
        """Targets and weights, those of the first rows of the average velocity."""
        inputs = (batch.features, batch.time_embedding, batch.target, batch.rates)
        target, weight = mean_flow.targets(self.model, *(column[:rows] for column in inputs))
        return (
            torch.cat([target, batch.target[rows:]]),
            torch.cat([weight * batch.weight[:rows], batch.weight[rows:]]),
        )

    def _batch(self) -> Block:
        per_block = self._steps_per_block
        first = self.step - self.step % per_block
        if self._block is None or first != self._first:
            self._block, self._first = self._draw(first, per_block), first
        start = (self.step - first) * self.settings.batch
        return Block(*(column[start : start + self.settings.batch] for column in self._block))

    @property
    def _steps_per_block(self) -> int:
        return max(1, self._rows // self.settings.batch)

    def _pairs(self, first: int, steps: int) -> Pairs:
        return self.draws(first * self.settings.batch, steps * self.settings.batch)

    def _draw(self, first: int, steps: int) -> Block:
        first = self._reused(first, steps)
        pairs = self._pairs(first, steps)
        velocity = pairs.velocity
        if self.settings.target == "exact":
            velocity = self._exact_velocity(first, pairs)
        x, t, velocity = (v.to(self.device, torch.float32) for v in (pairs.x, pairs.t, velocity))
        with torch.no_grad():
            conditioning = self.model.conditioning(t)
            linear, size = conditioning.linear(x)
            label = self.labels and self.labels.given(pairs.which, first * self.settings.batch)
            if label is not None:
                label = label.to(self.device)
            # The loss is the mean square of the velocity, here with weights of mean 1.
            unit = size[:, 0].square()
            target = (velocity - linear) / size
            zero = self.field.d + target.square().sum(1)
            features, rates = self.model.features(x, t, conditioning, label), x[:, :0]
            if self.settings.target == "average":
                s = mean_flow.earlier_times(
                    t, self.settings.batch, (self.settings.seed << 40) + first
                )
                features, rates = mean_flow.rates(self.model, x, t, s, velocity)
            return Block(
                features,
                conditioning.time_embedding,
                target,
                unit / unit.mean(),
                unit,
                zero,
                rates,
            )

    def _reused(self, first: int, steps: int) -> int:
        """First step of the block whose samples are used: the same, or an earlier one.

        The number of blocks with exact velocities is limited: without noise in the targets samples
        may be used again.
        """
        if self.settings.target != "exact":
            return first
        return first % (steps * max(1, 8 * pair_budget(self.field) // (self._rows * self.field.n)))

    def _exact_velocity(self, first: int, pairs: Pairs) -> Tensor:
        """f_t(x), (rows, d); f_t(x|x₀) at samples outside the support by rounding."""
        if first not in self._exact:
            drain(self._compute_exact(first, pairs))
        return self._exact[first]

    def _compute_exact(self, first: int, pairs: Pairs) -> Chunks[None]:
        velocity = yield from velocities(self.field, pairs.x, pairs.t)
        self._exact[first] = torch.where(velocity.isnan(), pairs.velocity, velocity)

    def state(self) -> dict[str, Tensor]:
        """Copies of the tensors of a ``LoopState``."""
        moments = self.optimiser.state[self.weights]
        values = (self.weights, moments["exp_avg"], moments["exp_avg_sq"])
        names = ("weights", "first", "second")
        return {name: value.detach().clone() for name, value in zip(names, values, strict=True)}

    def _resume(self, state: LoopState) -> None:
        for name, value in state.tensors().items():
            require(
                value.shape == self.weights.shape,
                f"the state is of a network with {value.numel()} parameters ({name}), "
                f"not {self.weights.numel()}",
            )
        tensors = {name: value.to(self.weights) for name, value in state.tensors().items()}
        with torch.no_grad():
            self.weights.copy_(tensors["weights"])
        self.step = state.step
        self.optimiser.state[self.weights] = {
            "step": torch.tensor(float(state.step), device=self.device),
            "exp_avg": tensors["first"].clone(),
            "exp_avg_sq": tensors["second"].clone(),
        }

    def publish(self) -> None:
        """Copy the present weights to the network."""
        with torch.no_grad():
            for p, trained in zip(self.net.parameters(), self.model.parameters(), strict=True):
                p.copy_(trained)


def _flatten(net: VelocityNet) -> torch.nn.Parameter:
    """One vector of which all parameters are views, with one gradient vector."""
    parameters = list(net.parameters())
    flat = torch.nn.Parameter(torch.cat([p.detach().flatten() for p in parameters]))
    gradient = torch.zeros_like(flat)
    flat.grad = gradient
    start = 0
    for p in parameters:
        block = slice(start, start + p.numel())
        p.data = flat.data[block].view_as(p)
        p.grad = gradient[block].view_as(p)
        start += p.numel()
    return flat
