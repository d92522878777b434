"""What moving along straight members costs, and where it goes (MATH §6.4).

    E|x₁ - x₀|²  =  ∫₀¹ E|f_t(x_t)|² dt  +  ∫₀¹ E Var_{r(·|x_t)}[f_t(x_t|x₀)] dt
       cost             kinetic energy                    floor

under any coupling: a member's velocity is x₁ - x₀, its mean at a position is f_t, and the rest is
the floor of the loss of conditional flow matching. Under optimal transport the floor is 0.

- *d = 1:* the integrals over x have panels that end at the images of the prior's breakpoints and
  quantiles under every data point, and the time has panels that end where two such images of
  breakpoints meet: both are adaptive Gauss rules.
- *d = 2,* and on the line with many data points or breakpoints: Sobol points (t, x₁) in independent
  scramblings, over each of which the mean over data points is exact; their differences give the
  standard error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from flowviz.core.field import Cells, MarginalField
from flowviz.core.numerics.chunks import blocks
from flowviz.core.numerics.quadrature import gauss, integrate
from flowviz.core.numerics.work import within
from flowviz.core.priors.base import Prior, require
from flowviz.core.priors.random_source import ColumnSource
from flowviz.core.schedules import Linear

_ORDER = 8
_QUANTILES = 400
"""Ends of panels that are kept of the images of quantiles, besides breakpoints."""
_TOLERANCE, _BUDGET = 1e-9, 1 << 12
_RUNS, _DRAWS, _COLUMNS = 8, 1 << 12, 12
_MOST_PAIRS = 1e7
"""Pairs of a Sobol point and a data point, in all scramblings."""
_MOST_POINTS = 100
"""More are sampled also on the line."""


@dataclass(frozen=True)
class Energy:
    """``cost`` E|x₁ - x₀|² = ``kinetic`` energy + ``floor``, and the ``error`` of each of them.

    ``sampled``: the three are means over samples, and the error is the largest standard error.
    """

    cost: float
    kinetic: float
    floor: float
    error: float
    sampled: bool = False

    @property
    def residual(self) -> float:
        """cost - kinetic - floor, which is 0."""
        return self.cost - self.kinetic - self.floor


def energy(field: MarginalField, budget: float = math.inf) -> Energy:
    """The cost of a coupling along straight lines, its kinetic energy, and the floor of the loss.

    Args:
        field: d = 1 or 2, straight lines x = (1-t) x₀ + t x₁.
        budget: most units of work (``numerics.work``) for the integrals on the line; beyond it
            they are sampled.

    Raises:
        ValueError: for other families, d > 2, and a prior without a second moment.
    """
    straight = isinstance(field.path.affine_schedule, Linear)
    require(straight, "the energy identity needs straight lines x = (1-t) x0 + t x1")
    require(field.d <= 2, f"the energy needs d = 1 or 2, got d={field.d}")
    require(
        finite_second_moment(field.prior),
        f"the energy needs a prior with a second moment, got {field.prior!r}",
    )
    found: Energy | None = None
    if field.n <= _MOST_POINTS and field.d == 1:
        with within(budget):
            found = _line(field)
    return found or _from_samples(field)


def finite_second_moment(prior: Prior) -> bool:
    """Whether E|z|² < ∞: z² P(|Z| > z) decreases in the far tail."""
    near, far = (max(map(abs, prior.interval(q))) ** 2 * q for q in (1e-50, 1e-100))
    return far < 1e-2 * near


# ---------------------------------------------------------------------- the line


def _line(field: MarginalField) -> Energy:
    paired, x0, weights = field.conditional_priors, field.x0[:, 0], field.weights
    cuts, breakpoints = _cuts(field)

    def square(z: Tensor, row: Tensor) -> Tensor:
        each = z[:, None].expand(-1, field.n)
        _, density = paired.tail(each, upper=False)
        return density.gather(1, row[:, None])[:, 0] * (z - x0[row]).square()

    ends = cuts.expand(field.n, -1).contiguous()
    each, error = integrate(
        square, ends, torch.ones_like(ends, dtype=torch.bool), 1 << 18, 1e-12, _singular(field)
    )
    times = _meetings(x0, breakpoints).expand(2, -1).contiguous()

    def parts(t: Tensor, row: Tensor) -> Tensor:
        found = torch.stack([_at_time(field, cuts, breakpoints, at) for at in t])
        return found.gather(1, row[:, None])[:, 0]

    jumps = torch.ones_like(times, dtype=torch.bool)
    (kinetic, floor), errors = integrate(parts, times, jumps, _BUDGET, _TOLERANCE)
    cost = float(each @ weights)
    residual = abs(cost - float(kinetic) - float(floor))
    worst = max(float(error @ weights), float(errors.max()), residual)
    return Energy(cost, float(kinetic), float(floor), worst)


def _singular(field: MarginalField) -> bool:
    return field.prior.has_singular_edges


def _cuts(field: MarginalField) -> tuple[Tensor, Tensor]:
    """Ends of panels for x₁, rising, and those of them at which some q_i is not smooth."""
    prior = field.prior
    tail = 0.5 * torch.pow(3.0, -0.5 * torch.arange(60, dtype=field.x0.dtype))
    given = [field.x0.new_tensor(prior.breakpoints), field.conditional_priors.breakpoints]
    breakpoints = torch.cat(given).unique()
    return torch.cat([prior.icdf(tail), prior.isf(tail), breakpoints]).unique(), breakpoints


def _meetings(x0: Tensor, breakpoints: Tensor) -> Tensor:
    """Times at which the images of two breakpoints meet, with 0 and 1, (K,).

    (1-t) x₀ᵢ + t b = (1-t) x₀ⱼ + t c at t/(1-t) = (x₀ᵢ - x₀ⱼ)/(c - b).
    """
    apart = (x0[:, None] - x0).flatten().unique()
    widths = (breakpoints[:, None] - breakpoints).flatten().unique()
    ratio = apart[apart > 0][:, None] / widths[widths > 0]
    inner = (ratio / (1.0 + ratio)).flatten().unique()
    even = torch.linspace(0.0, 1.0, 9, dtype=x0.dtype)
    return torch.cat([even, inner]).unique()


def _at_time(field: MarginalField, cuts: Tensor, breakpoints: Tensor, t: Tensor) -> Tensor:
    """E|f_t|² and E Var[f_t(·|x₀)] at one time, (2,)."""
    mean = (1.0 - t) * field.x0
    images = (mean + t * cuts).flatten().sort().values
    kept = torch.linspace(0, len(images) - 1, min(len(images), _QUANTILES)).round().long()
    images = torch.cat([images[kept], (mean + t * breakpoints).flatten()]).unique()
    x, weight = gauss(images, _ORDER, _singular(field))
    at = field.probe(x[:, None], t)
    mass = at.log_p.exp() * weight
    velocity = at.velocity[:, 0]
    apart = (at.conditional[..., 0] - velocity[:, None]).square()
    variance = torch.where(at.posterior > 0, at.posterior * apart, 0.0).sum(1)
    inside = mass > 0
    return torch.stack([(mass * v)[inside].sum() for v in (velocity.square(), variance)])


# ---------------------------------------------------------------------- samples


def _from_samples(field: MarginalField) -> Energy:
    draws = min(_DRAWS, max(64, int(_MOST_PAIRS / _RUNS / field.n)))
    runs = torch.stack([_sampled(field, draws, seed) for seed in range(_RUNS)])
    cost, kinetic, floor = runs.mean(0).tolist()
    return Energy(cost, kinetic, floor, float((runs.std(0) / _RUNS**0.5).max()), sampled=True)


def _sampled(field: MarginalField, draws: int, seed: int) -> Tensor:
    """(cost, kinetic, floor), by one scrambling of Sobol points."""
    engine = torch.quasirandom.SobolEngine(_COLUMNS, scramble=True, seed=seed)
    cube = engine.draw(draws, dtype=torch.float64).clamp(1e-9, 1.0 - 1e-9)
    columns = list(cube.to(field.x0).T.contiguous().unbind(0))
    t, u = columns.pop(0), columns.pop(0)
    x1 = field.prior._draw(draws, field.d, ColumnSource(None, t.dtype, t.device, columns))
    sums = [_sums(field, x1[b], t[b], u[b]) for b in blocks(draws, field.x0.numel())]
    return torch.stack(sums).sum(0) / draws


def _sums(field: MarginalField, x1: Tensor, t: Tensor, u: Tensor) -> Tensor:
    paired = field.conditional_priors
    which = paired.draw(x1, u)
    if isinstance(paired, Cells) and paired.straight:
        cost = (x1 - field.x0[which]).square().sum()
        return torch.stack([cost, cost, torch.zeros_like(cost)])
    x0 = field.x0[which]
    at = field.probe((1.0 - t)[:, None] * x0 + t[:, None] * x1, t)
    apart = (at.conditional - at.velocity[:, None]).square().sum(-1)
    variance = torch.where(at.posterior > 0, at.posterior * apart, 0.0).sum()
    return torch.stack([(x1 - x0).square().sum(), at.velocity.square().sum(), variance])
