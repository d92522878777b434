"""The perceptron of the network.

    h_0 = z,     a_k = h_{k-1} W_k + e C_k,     h_k = act(a_k),     F = h_K W + b

The time embedding e, which includes a constant, enters every layer by C_k; all C_k are one matrix,
for a single product.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "silu": nn.functional.silu,
    "gelu": functools.partial(nn.functional.gelu, approximate="tanh"),
    "tanh": torch.tanh,
    "relu": torch.relu,
    "selu": nn.functional.selu,
}


class Perceptron(nn.Module):
    """F_θ(z, e): features of positions (Q, m) and of time (Q, k) -> (Q, d).

    Args:
        in_features: m.
        d: the dimension.
        time_features: k, the size of the time embedding; its first entry is 1.
        width: of each hidden layer.
        depth: number of hidden layers.
        activation: a name of ``ACTIVATIONS``.
        seed: of the initial weights; the last layer is initialised to 0.
    """

    def __init__(
        self,
        in_features: int,
        d: int,
        time_features: int,
        width: int,
        depth: int,
        activation: str,
        seed: int,
    ) -> None:
        super().__init__()
        self.width, self.depth = width, depth
        self.act = ACTIVATIONS[activation]
        generator = torch.Generator().manual_seed(seed)
        self.time = nn.Parameter(_init(time_features, depth * width, generator))
        self.hidden = nn.ParameterList(
            _init(in_features if k == 0 else width, width, generator) for k in range(depth)
        )
        self.last = nn.Parameter(torch.zeros(width, d))
        self.shift = nn.Parameter(torch.zeros(d))

    def forward(self, z: Tensor, time_embedding: Tensor) -> Tensor:
        """F_θ."""
        h = z
        biases = (time_embedding @ self.time).split(self.width, dim=1)
        for bias, weight in zip(biases, self.hidden, strict=True):
            h = self.act(torch.addmm(bias, h, weight))
        return torch.addmm(self.shift, h, self.last)


def _init(rows: int, columns: int, generator: torch.Generator) -> Tensor:
    """Normal initial weights, scaled so that outputs for unit inputs have unit variance."""
    return torch.randn(rows, columns, generator=generator) / math.sqrt(rows)
