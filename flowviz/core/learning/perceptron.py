"""The perceptron inside the network, with its gradient written out.

    h_0 = z,     a_k = h_{k-1} W_k + e C_k,     h_k = act(a_k),     F = h_K W + b

The functions of time e, a constant among them, enter every layer through C_k; all C_k stand side by
side, so that one product serves all layers. For batches of a few hundred small rows the work is
mostly the number of calls: the gradient of the mean square error is written out layer by layer,
each product straight into its place in one vector, in half the time automatic differentiation
takes. (``tests`` hold it against that.)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn

aten = torch.ops.aten


class Activation(NamedTuple):
    """A function, and (slope from above, its argument, its value, where to write) -> nothing."""

    value: Callable[[Tensor], Tensor]
    back: Callable[[Tensor, Tensor, Tensor, Tensor], object]


def _selu_back(above: Tensor, a: Tensor, h: Tensor, out: Tensor) -> object:
    scale, alpha = 1.0507009873554805, 1.6732632423543772
    return torch.mul(above, torch.where(a > 0, scale, h + scale * alpha), out=out)


ACTIVATIONS: dict[str, Activation] = {
    "silu": Activation(
        nn.functional.silu,
        lambda above, a, h, out: aten.silu_backward.grad_input(above, a, grad_input=out),
    ),
    "gelu": Activation(
        lambda a: nn.functional.gelu(a, approximate="tanh"),
        lambda above, a, h, out: aten.gelu_backward.grad_input(
            above, a, approximate="tanh", grad_input=out
        ),
    ),
    "tanh": Activation(
        torch.tanh,
        lambda above, a, h, out: aten.tanh_backward.grad_input(above, h, grad_input=out),
    ),
    "relu": Activation(
        torch.relu,
        lambda above, a, h, out: aten.threshold_backward.grad_input(above, a, 0.0, grad_input=out),
    ),
    "selu": Activation(nn.functional.selu, _selu_back),
}


class Perceptron(nn.Module):
    """F_θ(z, e): what is told of positions (Q, m) and of time (Q, k) -> (Q, d).

    Args:
        inside: m.
        d: the dimension.
        told: k, how many functions of time there are; the first is 1.
        width: of each hidden layer.
        depth: how many.
        activation: a name of ``ACTIVATIONS``.
        seed: of the first weights; the last layer starts at 0.
    """

    def __init__(
        self, inside: int, d: int, told: int, width: int, depth: int, activation: str, seed: int
    ) -> None:
        super().__init__()
        self.width, self.depth = width, depth
        self.act = ACTIVATIONS[activation]
        generator = torch.Generator().manual_seed(seed)
        self.time = nn.Parameter(_spread(told, depth * width, generator))
        self.hidden = nn.ParameterList(
            _spread(inside if k == 0 else width, width, generator) for k in range(depth)
        )
        self.last = nn.Parameter(torch.zeros(width, d))
        self.shift = nn.Parameter(torch.zeros(d))

    def forward(self, z: Tensor, clock: Tensor) -> Tensor:
        """F_θ."""
        h = z
        for timed, weight in zip(self._timed(clock @ self.time), self.hidden, strict=True):
            h = self.act.value(torch.addmm(timed, h, weight))
        return torch.addmm(self.shift, h, self.last)

    def descend(self, z: Tensor, clock: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        """Write the gradient of mean(weight · ‖F - target‖²) into every ``.grad``.

        Args:
            z: (Q, m).
            clock: (Q, k).
            target: (Q, d).
            weight: (Q, 1).

        Returns:
            ‖F - target‖², (Q,).
        """
        kept, h = [], z
        for timed, own in zip(self._timed(clock @ self.time), self.hidden, strict=True):
            a = torch.addmm(timed, h, own)
            kept.append((h, a))
            h = self.act.value(a)
        miss = torch.addmm(self.shift, h, self.last) - target
        above = miss * weight
        above *= 2.0 / len(z)
        torch.mm(h.T, above, out=_place(self.last))
        torch.sum(above, 0, out=_place(self.shift))
        self._backward(clock, kept, h, above @ self.last.T)
        return miss.square().sum(1)

    def _backward(
        self, clock: Tensor, kept: list[tuple[Tensor, Tensor]], h: Tensor, above: Tensor
    ) -> None:
        all_slopes = clock.new_empty(len(clock), self.depth * self.width)
        slopes = self._timed(all_slopes)
        for k in reversed(range(self.depth)):
            before, a = kept[k]
            self.act.back(above, a, h, slopes[k])
            torch.mm(before.T, slopes[k], out=_place(self.hidden[k]))
            above, h = slopes[k] @ self.hidden[k].T, before
        torch.mm(clock.T, all_slopes, out=_place(self.time))

    def _timed(self, rows: Tensor) -> tuple[Tensor, ...]:
        return rows.split(self.width, dim=1)


def _spread(rows: int, columns: int, generator: torch.Generator) -> Tensor:
    """Normal first weights, so that sums over ``rows`` unit inputs have unit size."""
    return torch.randn(rows, columns, generator=generator) / math.sqrt(rows)


def _place(p: Tensor) -> Tensor:
    """Where a parameter's gradient goes."""
    if p.grad is None:
        p.grad = torch.zeros_like(p)
    return p.grad
