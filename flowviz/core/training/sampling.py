"""Samples of (t, x₀, x₁) for conditional flow matching, by quasi-Monte Carlo.

Conditional flow matching averages over a time, a data point and a prior sample. Each point of a
scrambled Sobol sequence is uniform on [0,1)^k, so that averages are unbiased, but together they
cover the cube evenly: every batch of 2^m points has each data point, and each interval of time, in
proportion to its probability. Averages of smooth functions then vary much less between batches than
with independent samples.

One coordinate determines t, one x₀, and the others x₁, by the sampling code of the prior with a
source of quasi-random instead of random numbers.

Source: Owen 1995, "Randomly permuted (t,m,s)-nets and (t,s)-sequences" (scrambling); Buchholz,
Wenzel, Mandt 2018, "Quasi-Monte Carlo variational inference" (in stochastic gradients).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.autodiff import time_derivative
from flowviz.core.priors.base import require
from flowviz.core.priors.random_source import ColumnSource

_COLUMNS = 12
"""Dimension of the Sobol sequence: more than any prior needs for d = 1 or 2."""

_LENGTH = 1 << 29
"""Length of the sequence, of 30 bits, after which it repeats."""

_EDGE = 1e-9
"""Least distance of a coordinate from 0 and 1, which bounds the tails of the prior."""


class Pairs(NamedTuple):
    """Samples for conditional flow matching.

    ``t`` (Q,); ``which`` (Q,), the data point's index; ``x`` (Q, d), x_t = ψ_t(x₁|x₀); ``velocity``
    (Q, d), the conditional velocity f_t(x_t|x₀).
    """

    t: Tensor
    which: Tensor
    x: Tensor
    velocity: Tensor


def uniform_time(u: Tensor, t_min: float) -> Tensor:
    """t uniform on [t_min, 1]."""
    return t_min + (1.0 - t_min) * u


def logit_normal_time(u: Tensor, t_min: float) -> Tensor:
    """t with a standard normal logit, rescaled to [t_min, 1].

    Source: Esser et al. 2024, "Scaling rectified flow transformers".
    """
    return t_min + (1.0 - t_min) * torch.sigmoid(torch.special.ndtri(u))


SAMPLINGS: dict[str, Callable[[Tensor, float], Tensor]] = {
    "uniform": uniform_time,
    "logit_normal": logit_normal_time,
}


class PairSampler:
    """An endless quasi-random stream of (t, x₀, x₁), determined by the seed.

    Args:
        field: data, prior and path.
        t_min: the smallest time.
        sampling: distribution of the times, "uniform" or "logit_normal".
        seed: of the scrambling.
        even: False for independent samples.
    """

    def __init__(
        self,
        field: MarginalField,
        t_min: float,
        sampling: str = "uniform",
        seed: int = 0,
        even: bool = True,
    ) -> None:
        self.field = field
        self.t_min = t_min
        self.time_of = SAMPLINGS[sampling]
        self.even = even
        self.seed = seed
        self._sobol = torch.quasirandom.SobolEngine(_COLUMNS, scramble=True, seed=seed)
        # In this order x₀ is a nearly smooth function of its coordinate in the cube.
        self.order = _z_order(field.x0)
        self.edges = field.weights[self.order].cumsum(0)[:-1].contiguous()

    def cube(self, start: int, n: int) -> Tensor:
        """Points start … start + n of the stream, (n, columns), inside (0, 1)."""
        if self.even:
            start %= _LENGTH
            if start < self._sobol.num_generated:
                self._sobol.reset()
            self._sobol.fast_forward(start - self._sobol.num_generated)
            u = self._sobol.draw(n, dtype=torch.float64)
        else:
            generator = torch.Generator().manual_seed((self.seed << 40) + start)
            u = torch.rand(n, _COLUMNS, generator=generator, dtype=torch.float64)
        return u.clamp(_EDGE, 1.0 - _EDGE).to(self.field.x0.device)

    def __call__(self, start: int, n: int) -> Pairs:
        """Samples start … start + n of the stream.

        Rows without a finite position or velocity (possible for typed families) are replaced by
        others of the same call.

        Raises:
            ValueError: when most rows have none.
        """
        columns = self._columns(start, n)
        t = self.time_of(columns.pop(0), self.t_min)
        u = columns.pop(0)
        x1 = self._endpoints(n, columns)
        if self.field.conditional is None:
            which = self.order[torch.searchsorted(self.edges, u, right=True)]
        else:
            which = self.field.conditional.draw(x1, u)
        x, velocity = position_and_velocity(self.field, x1, which, t)
        good = torch.isfinite(x).all(1) & torch.isfinite(velocity).all(1)
        if bool(good.all()):
            return Pairs(t, which, x, velocity)
        kept = good.nonzero().squeeze(-1)
        require(
            2 * kept.numel() > n,
            f"the path has no finite velocity at {n - kept.numel()} of {n} sampled positions",
        )
        rows = torch.where(
            good, torch.arange(n, device=t.device), kept[torch.arange(n) % len(kept)]
        )
        return Pairs(t[rows], which[rows], x[rows], velocity[rows])

    def endpoints(self, start: int, n: int) -> Tensor:
        """x₁ of samples start … start + n of the stream, (n, d)."""
        return self._endpoints(n, self._columns(start, n)[2:])

    def _columns(self, start: int, n: int) -> list[Tensor]:
        return list(self.cube(start, n).T.contiguous().unbind(0))

    def _endpoints(self, n: int, columns: list[Tensor]) -> Tensor:
        source = ColumnSource(None, self.field.x0.dtype, self.field.x0.device, columns)
        return self.field.prior._draw(n, self.field.d, source)


def position_and_velocity(
    field: MarginalField, x1: Tensor, which: Tensor, t: Tensor
) -> tuple[Tensor, Tensor]:
    """x_t = ψ_t(x₁|x₀) and its velocity ∂ψ/∂t = f_t(x_t|x₀), (Q, d) each.

    By one forward-mode pass of ψ, for any family; no inverse is needed.

    Args:
        field: data and path.
        x1: (Q, d).
        which: indices of data points, (Q,).
        t: (Q,).
    """
    x0 = field.x0[which][:, None]
    x, velocity = time_derivative(lambda s: field.path.forward(x1, x0, s), t)
    return x[:, 0], velocity[:, 0]


def _z_order(x0: Tensor) -> Tensor:
    """The order of data points along the Z-order (Morton) curve, (N,)."""
    low, high = x0.amin(0), x0.amax(0)
    cells = ((x0 - low) / (high - low).clamp(min=1e-300) * 1023.0).long()
    d = x0.shape[1]
    code = torch.zeros_like(cells[:, 0])
    for bit in range(min(10, 62 // d)):
        for j in range(d):
            code |= ((cells[:, j] >> bit) & 1) << (bit * d + j)
    return code.argsort(stable=True)
