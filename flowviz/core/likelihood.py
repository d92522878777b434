"""Likelihood along a flow: the instantaneous change of variables (MATH §1).

Along a trajectory of dx/dt = v_t(x) the log-density changes by the divergence of the velocity,

    d log p_t(x_t)/dt = -∇·v_t(x_t),

so a position x at time t has

    log p_t(x) = log p₁(x₁) + ∫_t^1 ∇·v_s(x_s) ds,      x₁ = x_{s=1}.

Position and integral solve one equation in d + 1 unknowns, y = (x, ∫∇·v), by any integrator. With
the exact field log p converges to the exact log-density as the steps get finer; with a learned one
to the density that it generates. The divergence is exact, by forward-mode differentiation, not an
estimate.

Source: Chen et al. 2018, "Neural ordinary differential equations" (the change of variables).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor

from flowviz.core.numerics.arguments import Numbers, as_tensor, as_times
from flowviz.core.numerics.autodiff import jvp
from flowviz.core.priors.base import Prior, require

Velocity = Callable[[Tensor, Tensor], Tensor]
"""x (Q, d), t a scalar -> v_t(x), (Q, d): a ``MarginalField``, a network, any such function."""

Divergence = Callable[[Tensor, Tensor], Tensor]
"""x (Q, d), t a scalar -> ∇·v_t(x), (Q,)."""

Integrator = Callable[[Velocity, Tensor, Tensor], Tensor]
"""slope, y (Q, k), times (T,) -> y at the last time: the steps go from each time to the next."""


@dataclass(frozen=True)
class Likelihood:
    """The log-density of positions, by integration from them to the prior.

    ``log_p`` (Q,); ``x1`` (Q, d), where each trajectory ends; ``divergence_integral`` (Q,), ∫∇·v;
    ``nfe``, evaluations of the velocity and its divergence.
    """

    log_p: Tensor
    x1: Tensor
    divergence_integral: Tensor
    nfe: int


def log_prob(
    velocity: Velocity,
    prior: Prior,
    x: Numbers,
    times: Numbers,
    integrate: Integrator | None = None,
    divergence: Divergence | None = None,
) -> Likelihood:
    """The log-density at (x, times[0]) under the flow of ``velocity``, by integration to t = 1.

    Args:
        velocity: v: x (Q, d), t scalar -> (Q, d).
        prior: the distribution of x₁.
        x: positions at the first time, (Q, d).
        times: increasing, from a time above 0 to 1, (T,).
        integrate: solves dy/dt = slope(y, t) from the first time to the last; by default ``rk4``.
        divergence: ∇·v; by default exact, by automatic differentiation of ``velocity``.

    Returns:
        A ``Likelihood``; log_p is NaN where the trajectory meets a point without velocity.

    Raises:
        ValueError: for times that do not increase from above 0 to 1.
    """
    x = as_tensor("x", x)
    require(x.dim() == 2, f"x must have shape (Q, d), got {tuple(x.shape)}")
    times = as_times(times, x, "times")
    require(
        times.dim() == 1
        and times.numel() >= 2
        and bool((times.diff() > 0).all())
        and float(times[0]) > 0.0
        and float(times[-1]) == 1.0,
        f"times must increase from above 0 to 1, got {times.tolist()!r}",
    )
    count, d = 0, x.shape[1]

    def slope(y: Tensor, t: Tensor) -> Tensor:
        nonlocal count
        count += 1
        position = y[:, :d]
        if divergence is None:
            v, rate = with_divergence(velocity, position, t)
        else:
            v, rate = velocity(position, t), divergence(position, t)
        return torch.cat([v, rate[:, None]], dim=1)

    start = torch.cat([x, x.new_zeros(x.shape[0], 1)], dim=1)
    end = (integrate or rk4)(slope, start, times)
    x1, integral = end[:, :d], end[:, d]
    lost = ~torch.isfinite(end).all(1)
    log_p = prior.log_prob(torch.where(lost[:, None], 0.0, x1)) + integral
    return Likelihood(log_p.masked_fill(lost, torch.nan), x1, integral, count)


def with_divergence(velocity: Velocity, x: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """(v_t(x), ∇·v_t(x)), (Q, d) and (Q,), exact; t a scalar.

    One forward-mode pass over d copies of the positions, each with the direction of a coordinate:
    one large pass is faster than d small ones.
    """
    q, d = x.shape
    directions = torch.eye(d, dtype=x.dtype, device=x.device).repeat_interleave(q, 0)
    value, slope = jvp(lambda y: velocity(y, t), x.repeat(d, 1), directions)
    return value[:q], (slope * directions).sum(1).reshape(d, q).sum(0)


def rk4(slope: Velocity, y: Tensor, times: Tensor) -> Tensor:
    """The classical Runge-Kutta method of order 4, a step from each time to the next."""
    for t, later in pairwise(times):
        h = later - t
        first = slope(y, t)
        second = slope(y + 0.5 * h * first, t + 0.5 * h)
        third = slope(y + 0.5 * h * second, t + 0.5 * h)
        last = slope(y + h * third, later)
        y = y + h / 6.0 * (first + 2.0 * second + 2.0 * third + last)
    return y


def log_times(start: float, n: int, like: Tensor | None = None) -> Tensor:
    """n + 1 times from ``start`` to exactly 1 in equal ratios.

    Raises:
        ValueError: unless 0 < start < 1 and n ≥ 1.
    """
    require(0.0 < start < 1.0, f"start must lie between 0 and 1, got {start!r}")
    require(n >= 1, f"n must be at least 1, got {n}")
    exponent = torch.linspace(1.0, 0.0, n + 1, dtype=torch.float64)
    times = torch.pow(torch.tensor(start, dtype=torch.float64), exponent)
    return times if like is None else times.to(like)
