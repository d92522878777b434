"""Student's t distribution: CDF and quantiles, which torch lacks and SciPy computes slowly.

With w = |y|/√(df + y²), the tail is a power law times a slowly varying factor,

    P(T < -|y|) = (1 + y²/df)^(-df/2) · exp P(w),

    exp P(w) = c/(1+w) ∫_0^1 s^(a-1) ((2 - (1-w)s)/(1+w))^(a-1) ds,

    a = df/2,   c = Γ(a+½)/(Γ(a)√π),

which is ∫ p dy after v = y/√(df + y²), v = 1 - (1-w)s. A Gauss-Jacobi rule for the weight s^(a-1)
sums positive terms only, and P is analytic on [0, 1] (its nearest branch point is w = -1): one
Chebyshev fit of P for each df gives the tail everywhere with a relative error of rounding size, at
the cost of one short polynomial.
"""

from __future__ import annotations

import functools
import math

import numpy as np
import scipy.fft
import scipy.special
import torch
from torch import Tensor

from flowviz.core.numerics.roots import solve_increasing

STUDENT_DF = (1.0, 100.0)
"""Range of the degrees of freedom for which the fit is tested."""


def student_log_norm(df: float) -> float:
    """The log of the normalising constant, Γ((df+1)/2)/(Γ(df/2)√(π df))."""
    return math.log(scipy.special.poch(0.5 * df, 0.5)) - 0.5 * math.log(df * math.pi)


@functools.lru_cache(maxsize=64)
def _tail_fit(df: float) -> tuple[float, ...]:
    """Coefficients of P in Chebyshev polynomials of 2w - 1."""
    a = 0.5 * df
    s, weight = scipy.special.roots_sh_jacobi(32, a, a)

    nodes = 80
    w = 0.5 * (np.cos(np.pi * (np.arange(nodes) + 0.5) / nodes)[:, None] + 1.0)
    integrand = np.power((2.0 - (1.0 - w) * s) / (1.0 + w), a - 1.0) / (1.0 + w)
    log_factor = np.log(integrand @ weight * scipy.special.poch(a, 0.5) / math.sqrt(math.pi))
    fit = np.asarray(scipy.fft.dct(log_factor)) / nodes
    fit[0] *= 0.5
    kept = np.nonzero(np.abs(fit) > 4e-16 * np.abs(fit).max())[0]
    return tuple(fit[: min(int(kept.max()) + 1, nodes // 2)].tolist())


def student_cdf(y: Tensor, df: float) -> Tensor:
    """P(T ≤ y) for df degrees of freedom, relatively exact in the lower tail; any shape."""
    far = torch.hypot(y, torch.full_like(y, math.sqrt(df)))
    node = 2.0 * (y.abs() / far) - 1.0
    node = torch.nan_to_num(node, nan=1.0)  # at infinity, where the tail below is 0
    first, *rest = _tail_fit(df)
    # Clenshaw's recurrence: a sum of powers of the node would cancel.
    twice, one, two = 2.0 * node, torch.zeros_like(node), torch.zeros_like(node)
    for coefficient in reversed(rest):
        one, two = torch.addcmul(coefficient - two, twice, one), one
    log_tail = torch.addcmul(first - two, node, one)
    square = y * y / df
    # Where the square overflows, its logarithm does not.
    log_far = torch.where(
        square < math.inf, 0.5 * torch.log1p(square), torch.log(far / math.sqrt(df))
    )
    tail = torch.exp(log_tail - df * log_far)
    return torch.where(y < 0, tail, 1.0 - tail)


def student_icdf(q: Tensor, df: float) -> Tensor:
    """The y with P(T ≤ y) = q, relatively exact for small q; any shape."""
    small = torch.minimum(q, 1.0 - q).flatten()
    start = torch.from_numpy(np.asarray(scipy.special.stdtrit(df, small.cpu().numpy()))).to(q)
    # P(w) < 0, so the quantile of the power law, y²/df = q^(-2/df) - 1, bounds the root.
    log_small = torch.log(small) / df
    far = -math.sqrt(df) * torch.exp(-log_small) * torch.sqrt(-torch.expm1(2.0 * log_small))
    inner = (small > 0) & (small < 0.5)
    y = torch.where(small > 0, torch.zeros_like(small), far)
    where = inner.nonzero().squeeze(-1)

    def residual(z: Tensor, active: Tensor) -> tuple[Tensor, Tensor]:
        tail = student_cdf(z, df)
        log_pdf = student_log_norm(df) - 0.5 * (df + 1.0) * torch.log1p(z * z / df)
        return torch.log(tail / small[where[active]]), log_pdf.exp() / tail

    low = far[where].clamp(min=torch.finfo(q.dtype).min)
    guess = torch.where(torch.isfinite(start[where]), start[where], low)
    root, _ = solve_increasing(residual, low, torch.zeros_like(low), guess)
    # Beyond the largest floating-point number the quantile is infinite.
    beyond = torch.isinf(far[where]) & (student_cdf(low, df) > small[where])
    y[where] = torch.where(beyond, -torch.inf, root)
    y = y.reshape(q.shape)
    return torch.where(q <= 0.5, y, -y)
