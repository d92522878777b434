"""Networks that learn to denoise small images: a perceptron and a convolutional one.

    D_θ(x, t) = m + k_t (x - α m) + c_t F_θ((x - α m)/s_t, e(t)),

with m the mean of the images, v their variance for a pixel, s² = α² v + σ², k = α v/s² and
c = σ √v/s: F is of order one at every time, and F = 0 is the best denoiser that treats all pixels
alike. The loss is the mean square of F_θ less its target for one image, (x₀ - m - k (x - α m))/c;
no network gets below that of the exact posterior mean, which is known.

Source: Karras et al. (2022), "Elucidating the design space of diffusion-based generative models".
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from flowviz.core.images.denoiser import Denoiser, moments
from flowviz.core.images.windows import WindowField
from flowviz.core.numerics.arguments import Numbers, as_tensor
from flowviz.core.priors.base import require
from flowviz.core.training.mlp import Perceptron

Kind = Literal["mlp", "cnn"]
_FREQUENCIES = 8
_T_MIN = 0.02
_CHANNELS, _BLOCKS = 24, 3
_WIDTH, _DEPTH = 256, 3


class Scales(NamedTuple):
    """k, c and s at times, (Q, 1) each."""

    skip: Tensor
    out: Tensor
    size: Tensor


def time_embedding(alpha: Tensor, sigma: Tensor) -> Tensor:
    """1 and cosines of arctan(σ/α), (Q, 1 + 8), for α and σ (Q, 1)."""
    angle = torch.atan2(sigma, alpha) * 2.0
    k = torch.arange(1, _FREQUENCIES + 1, dtype=alpha.dtype, device=alpha.device)
    return torch.cat([torch.ones_like(alpha), torch.cos(angle * k)], dim=1)


class Convolutions(nn.Module):
    """F_θ of images (Q, height · width): residual blocks of 3 × 3 convolutions."""

    def __init__(self, shape: tuple[int, int], features: int, seed: int) -> None:
        super().__init__()
        self.shape = shape
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.first, self.last = _convolution(1, _CHANNELS), _convolution(_CHANNELS, 1)
            pairs = [[_convolution(_CHANNELS, _CHANNELS) for _ in range(2)] for _ in range(_BLOCKS)]
            self.into = nn.ModuleList(pair[0] for pair in pairs)
            self.out = nn.ModuleList(pair[1] for pair in pairs)
            self.time = nn.Linear(features, _BLOCKS * _CHANNELS)
        for parameter in self.last.parameters():
            nn.init.zeros_(parameter)

    def forward(self, z: Tensor, embedding: Tensor) -> Tensor:
        """F_θ."""
        h = self.first(z.reshape(-1, 1, *self.shape))
        biases = self.time(embedding).split(_CHANNELS, dim=1)
        for bias, into, out in zip(biases, self.into, self.out, strict=True):
            inner = into(nn.functional.silu(h)) + bias[..., None, None]
            h = h + out(nn.functional.silu(inner))
        return self.last(nn.functional.silu(h)).reshape(z.shape)


def _convolution(before: int, after: int) -> nn.Conv2d:
    return nn.Conv2d(before, after, 3, padding=1)


class DenoisingNet(Denoiser):
    """A network as a denoiser, called like `MarginalField`.

    Args:
        x0: the images it is made for, (N, height · width).
        kind: "mlp" or "cnn".
        shape: (height, width) of an image.
        seed: of the initial weights.
    """

    def __init__(self, x0: Numbers, kind: Kind, shape: tuple[int, int], seed: int = 0) -> None:
        x0 = as_tensor("x0", x0)
        super().__init__(x0.shape[1], None, x0)
        require(kind in ("mlp", "cnn"), f"kind must be mlp or cnn, got {kind!r}")
        centre, covariance = moments(x0, x0.new_ones(len(x0)))
        self.centre, self.variance = centre, float(covariance.diagonal().mean().clamp(min=1e-6))
        features = 1 + _FREQUENCIES
        self.inner: nn.Module = (
            Perceptron(self.d, self.d, features, _WIDTH, _DEPTH, "silu", seed)
            if kind == "mlp"
            else Convolutions(shape, features, seed)
        )

    def scales(self, alpha: Tensor, sigma: Tensor) -> Scales:
        """k, c and s."""
        square = alpha.square() * self.variance + sigma.square()
        root = math.sqrt(self.variance)
        return Scales(alpha * self.variance / square, root * sigma / square.sqrt(), square.sqrt())

    def mean(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        at, shifted = self.scales(alpha, sigma), x - alpha * self.centre
        with torch.no_grad():
            embedding = time_embedding(alpha, sigma).float()
            found = self.inner((shifted / at.size).float(), embedding).to(x)
        return self.centre + at.skip * shifted + at.out * found


@dataclass(frozen=True)
class Step:
    """Progress: ``step`` of the training, and the mean ``loss`` since the last one."""

    step: int
    loss: float


def train(
    net: DenoisingNet,
    x0: Tensor,
    steps: int,
    batch: int = 128,
    lr: float = 3e-3,
    seed: int = 0,
    every: int = 50,
) -> Iterator[Step]:
    """Train a network on images (N, d); yields after each ``every`` steps."""
    generator = torch.Generator().manual_seed(seed)
    optimiser = torch.optim.AdamW(net.inner.parameters(), lr=lr, weight_decay=0.0)
    total = 0.0
    for step in range(1, steps + 1):
        for group in optimiser.param_groups:
            group["lr"] = lr * 0.5 * (1.0 + math.cos(math.pi * (step - 1) / steps))
        z, embedding, target, _ = _batch(net, x0, batch, generator)
        loss = (net.inner(z, embedding) - target).square().mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        total += float(loss.detach())
        if step % every == 0 or step == steps:
            yield Step(step, total / (step - (step - 1) // every * every))
            total = 0.0


def _batch(
    net: DenoisingNet, x0: Tensor, rows: int, generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor, tuple[Tensor, Tensor, Tensor, Tensor]]:
    """Network inputs and targets, in single precision; and x₀, x, α, σ."""
    own = x0[torch.randint(len(x0), (rows,), generator=generator)]
    t = _T_MIN + (1.0 - _T_MIN) * torch.rand(rows, 1, generator=generator, dtype=x0.dtype)
    alpha, sigma = net.schedule(t)
    x = alpha * own + sigma * torch.randn(own.shape, generator=generator, dtype=x0.dtype)
    at, shifted = net.scales(alpha, sigma), x - alpha * net.centre
    target = (own - net.centre - at.skip * shifted) / at.out
    embedding = time_embedding(alpha, sigma)
    return (shifted / at.size).float(), embedding.float(), target.float(), (own, x, alpha, sigma)


@dataclass(frozen=True)
class Floor:
    """The loss of the exact posterior mean on the same images, and its standard error."""

    value: float
    error: float


def loss_floor(net: DenoisingNet, exact: WindowField, draws: int = 2000, seed: int = 1) -> Floor:
    """The loss of the exact posterior mean: no network has a smaller one on its images.

    Args:
        net: whose scales are those of the loss.
        exact: the whole image as window, of the images that the network is trained on.
        draws: random positions.
        seed: of these.
    """
    generator = torch.Generator().manual_seed(seed)
    _, _, _, (own, x, alpha, sigma) = _batch(net, exact.x0, draws, generator)
    gap = (own - exact.mean(x, alpha, sigma)) / net.scales(alpha, sigma).out
    losses = gap.square().mean(1)
    return Floor(float(losses.mean()), float(losses.std()) / math.sqrt(draws))
