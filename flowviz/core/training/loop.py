"""The loop of a training run: what happens at every step, and as little else as possible.

All parameters are views of one vector, their gradients of another: the optimiser is one kernel.
Draws are made for hundreds of steps at once, and with them all that does not depend on θ: scaled
positions, functions of time, the best linear field and the target in units of its size. Nothing is
read back from the device until a report is due.

The network is trained in float32, draws and targets are computed in float64. Adam's learning rate
falls as half a cosine.

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
from flowviz.core.training.network import VelocityNet
from flowviz.core.training.progress import Chunks, drain, pair_budget, velocities
from flowviz.core.training.sampling import Pairs, PairSampler

ROWS = 1 << 16
"""Draws made at once."""


class Settings(Protocol):
    """The settings of a run that the loop reads."""

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
    """Draws for some steps.

    ``features`` (rows, d) scaled positions; ``time_embedding`` (rows, k) functions of time;
    ``target`` (rows, d) what F_θ should be, y; ``weight`` (rows,) of a row in the gradient;
    ``unit`` (rows,) what a square of F_θ is in squares of the velocity; ``zero`` (rows,), d + ‖y‖²,
    that a square is compared to: without outliers ‖y‖² is about d, and F = 0 misses by ‖y‖².
    """

    features: Tensor
    time_embedding: Tensor
    target: Tensor
    weight: Tensor
    unit: Tensor
    zero: Tensor


class Losses(NamedTuple):
    """Of some steps, (steps,) each.

    ``mean`` over the batch, of ‖v_θ - f_t(x|x₀)‖², the loss; ``typical``, the median over the batch
    of ‖F_θ - y‖²/(d + ‖y‖²), which outliers of a heavy tail do not move: at most 1 for F = 0.
    """

    mean: Tensor
    typical: Tensor


@dataclass
class LoopState:
    """Where a run stands.

    ``step``; ``weights`` (P,); ``first`` and ``second`` (P,), the optimiser's moments.
    """

    step: int
    weights: Tensor
    first: Tensor
    second: Tensor

    def tensors(self) -> dict[str, Tensor]:
        """All but the step, by name."""
        return {name: value for name, value in vars(self).items() if name != "step"}


class Loop:
    """The steps of one run.

    Args:
        net: gives the first weights, and takes the trained ones at ``publish``.
        field: what is learned.
        settings: of the run.
        device: where.
        state: where an earlier run stopped.

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
    ) -> None:
        self.net, self.field, self.settings, self.device = net, field, settings, device
        self.model = copy.deepcopy(net).to(device)
        self.weights = _flatten(self.model)
        self.optimiser = torch.optim.Adam([self.weights], lr=settings.lr, fused=True)
        self.draws = PairSampler(field, settings.t_min, settings.sampling, settings.seed)
        self.step = 0
        self._block: Block | None = None
        self._exact: dict[int, Tensor] = {}  # velocities of blocks, by their first step
        self._rows = ROWS
        if settings.target == "exact":  # which may be expensive
            self._rows = min(ROWS, max(4096, 2 * pair_budget(field) // field.n))
        self._first = 0  # the step the block begins with
        if state is not None:
            self._resume(state)

    @property
    def every(self) -> int:
        """Steps between two reports: about as much work, whatever the size of the network."""
        shape = self.net.spec
        work = self.settings.batch * shape.depth * max(32, shape.width) ** 2
        return max(1, min(100, (1 << 28) // work))

    def rate(self, step: int) -> float:
        """The learning rate of a step."""
        return self.settings.lr * 0.5 * (1.0 + math.cos(math.pi * step / self.settings.steps))

    def prepare(self, steps: int) -> Chunks[None]:
        """Find the exact velocities that the next steps ask for; ``advance`` would all at once."""
        for first in self._missing(steps):
            yield from self._find(first, self._pairs(first, self._per))

    def pairs_needed(self, steps: int) -> int:
        """How many pairs of position and data point ``prepare`` will evaluate."""
        return len(self._missing(steps)) * self._per * self.settings.batch * self.field.n

    def _missing(self, steps: int) -> list[int]:
        """The first steps of blocks whose exact velocities will be asked for, and are not there."""
        if self.settings.target != "exact":
            return []
        begin = self.step - self.step % self._per
        firsts = range(begin, self.step + steps, self._per)
        wanted = dict.fromkeys(self._folded(first, self._per) for first in firsts)
        return [first for first in wanted if first not in self._exact]

    def advance(self, steps: int) -> Losses:
        """Take some steps; the losses at each of them, still on the device."""
        losses = []
        for _ in range(steps):
            self.optimiser.param_groups[0]["lr"] = self.rate(self.step)
            losses.append(self._step(self._batch()))
            self.step += 1
        return Losses(*map(torch.stack, zip(*losses, strict=True)))

    def _step(self, batch: Block) -> tuple[Tensor, Tensor]:
        square = (
            (self.model.inner(batch.features, batch.time_embedding) - batch.target).square().sum(1)
        )
        (batch.weight * square).mean().backward()
        self.optimiser.step()
        # Kept, not dropped: the gradients of all parameters are views of one vector.
        self.optimiser.zero_grad(set_to_none=False)
        square = square.detach()
        return (square * batch.unit).mean(), (square / batch.zero).median()

    def _batch(self) -> Block:
        per = self._per
        first = self.step - self.step % per
        if self._block is None or first != self._first:
            self._block, self._first = self._draw(first, per), first
        start = (self.step - first) * self.settings.batch
        return Block(*(part[start : start + self.settings.batch] for part in self._block))

    @property
    def _per(self) -> int:
        """Steps of a block."""
        return max(1, self._rows // self.settings.batch)

    def _pairs(self, first: int, steps: int) -> Pairs:
        return self.draws(first * self.settings.batch, steps * self.settings.batch)

    def _draw(self, first: int, steps: int) -> Block:
        first = self._folded(first, steps)
        pairs = self._pairs(first, steps)
        velocity = pairs.velocity
        if self.settings.target == "exact":
            velocity = self._exact_velocity(first, pairs)
        x, t, velocity = (v.to(self.device, torch.float32) for v in (pairs.x, pairs.t, velocity))
        with torch.no_grad():
            conditioning = self.model.conditioning(t)
            linear, size = conditioning.linear(x)
            # Every square of the velocity counts alike, as in L: on average a row weighs 1.
            unit = size[:, 0].square()
            target = (velocity - linear) / size
            zero = self.field.d + target.square().sum(1)
            return Block(
                conditioning.features(x),
                conditioning.time_embedding,
                target,
                unit / unit.mean(),
                unit,
                zero,
            )

    def _folded(self, first: int, steps: int) -> int:
        """The first step of the block whose draws a block uses: its own, or an earlier one's.

        Only so many blocks get exact velocities: targets without noise may come again.
        """
        if self.settings.target != "exact":
            return first
        return first % (steps * max(1, 8 * pair_budget(self.field) // (self._rows * self.field.n)))

    def _exact_velocity(self, first: int, pairs: Pairs) -> Tensor:
        """f_t(x), (rows, d); where rounding put a draw outside the flow, the conditional one."""
        if first not in self._exact:
            drain(self._find(first, pairs))
        return self._exact[first]

    def _find(self, first: int, pairs: Pairs) -> Chunks[None]:
        velocity = yield from velocities(self.field, pairs.x, pairs.t)
        self._exact[first] = torch.where(velocity.isnan(), pairs.velocity, velocity)

    def state(self) -> dict[str, Tensor]:
        """Copies of all that a ``LoopState`` holds besides the step."""
        moments = self.optimiser.state[self.weights]
        held = (self.weights, moments["exp_avg"], moments["exp_avg_sq"])
        names = ("weights", "first", "second")
        return {name: value.detach().clone() for name, value in zip(names, held, strict=True)}

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
        """Give the network the weights as they are now."""
        with torch.no_grad():
            for p, trained in zip(self.net.parameters(), self.model.parameters(), strict=True):
                p.copy_(trained)


def _flatten(net: VelocityNet) -> torch.nn.Parameter:
    """One vector that all parameters are views of, and one for their gradients."""
    parameters = list(net.parameters())
    flat = torch.nn.Parameter(torch.cat([p.detach().flatten() for p in parameters]))
    slope = torch.zeros_like(flat)
    flat.grad = slope
    at = 0
    for p in parameters:
        part = slice(at, at + p.numel())
        p.data = flat.data[part].view_as(p)
        p.grad = slope[part].view_as(p)
        at += p.numel()
    return flat
