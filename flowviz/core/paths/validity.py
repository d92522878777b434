"""Validity of a family: the conditions for a flow, and the caustic where trajectories cross.

A family defines a Green's function if

- *start*: ψ_t(x₁|x₀) → x₀ as t → 0;
- *end*: ψ_1(x₁|x₀) does not depend on x₀: the distribution at t = 1 is the same for all data;
- *invertible*: det ∂ψ_t/∂x₁ keeps its sign for t > 0, and φ inverts ψ: trajectories do not cross;
- *finite*: values and derivatives are finite wherever the prior has mass;
- *continuous*: ψ is continuous in x₁ and in time.

Each condition is checked on a grid of endpoints that covers the prior, at the data points and near
them, and at thirty times. From its least values on the grid the determinant is then minimised, and
the largest jumps are refined by bisection (``extremes``). Where the prior has no mass the family
does not matter (``extension``).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from flowviz.core.numerics.jacobians import determinant, value_jacobian
from flowviz.core.paths import extension, extremes
from flowviz.core.paths.base import Affine, Path, pairs
from flowviz.core.paths.findings import Finding, Samples, Validity
from flowviz.core.paths.homotopy import by_row
from flowviz.core.paths.implicit import ByInverse
from flowviz.core.priors.base import Prior

START_BOUND = 1e-9
LIMIT_BOUND = 1e-2
END_BOUND = 1e-9
RETURN_BOUND = 1e-6
JUMP_BOUND = 1e-6
FOLD_BOUND = 1e-12
"""Least determinant relative to its median: for d = 2 it may be 0 without a change of sign."""

_ROUNDING = 64 * torch.finfo(torch.float64).eps
_TINY = 1e-9
"""Time that replaces t = 0 where only φ is given, which has no value there."""


def check_validity(path: Path, x0: Tensor, prior: Prior) -> Validity:
    """Check a family for these data and this prior.

    Args:
        path: the family.
        x0: data points, (N, d); at most twelve are used.
        prior: the distribution of x₁.

    Raises:
        ValueError: where the family does not exist in this dimension.
    """
    path = extension.extended(path, prior, x0)
    x1, times = _endpoints(prior, x0), extension.times(x0)
    points = extension.with_neighbours(extension.subset(x0))
    samples = _sample(path, x1, points, times)
    start = _start(path, x1, points)
    end, relabelled = _end(path, x1, points)
    n = points.shape[0] - 2
    invertible = _keeps_sign(samples, n)
    finite = _finite(samples, n)
    continuous = _continuous(path, samples)
    if invertible.ok and finite.ok and not isinstance(path, Affine):
        invertible = _least_determinant(path, samples)
    if invertible.ok and finite.ok and continuous.ok:
        invertible = _inverts(path, x1, points, times)
    crossings = _crossings(samples, n)
    sampled = len(x1), len(points), len(times)
    return Validity((start, end, invertible, finite, continuous), crossings, relabelled, sampled)


def first_violation(path: Path, x0: Tensor, prior: Prior) -> str:
    """The first rule that a family violates for these data and this prior, or "".

    "finite" comes first, then "continuous", as the other rules need them. One more rule than in
    `check_validity` is "relabelled", for ψ_1 other than the identity. For d = 1 the family must
    also increase in x₁ on the prior's support: only then is its distribution function conserved
    (MATH §3.1).

    Args:
        path: the family.
        x0: data points, (N, d).
        prior: the distribution of x₁.

    Raises:
        ValueError: where the family does not exist in this dimension.
    """
    found = check_validity(path, x0, prior)
    broken = [rule for rule in ("finite", "continuous") if not found[rule].ok]
    broken += [finding.rule for finding in found.findings if not finding.ok]
    broken += ["relabelled"] if found.relabelled else []
    increases = x0.shape[1] > 1 or extension.extended(path, prior, x0).monotone
    broken += [] if increases else ["invertible"]
    return [*broken, ""][0]


def caustic(path: Path, x0: Tensor, prior: Prior, t: float | None = None) -> Tensor:
    """Points (t, x) at which trajectories through x₀ cross (det = 0), for a figure, (M, 1 + d).

    Args:
        path: the family.
        x0: one data point, (1, d), d = 1 or 2.
        prior: the distribution of x₁.
        t: one time; by default all.
    """
    d = x0.shape[1]
    if d == 1:
        low, high = (x0.new_tensor([end]) for end in prior.interval(0.005))
    else:
        low, high = _endpoints(prior, x0).aminmax(dim=0)
    count = 301 if d == 1 else 25 if t is None else 101
    unit = torch.linspace(0.0, 1.0, count, dtype=x0.dtype, device=x0.device)
    axes = [low[j] + (high[j] - low[j]) * unit for j in range(d)]
    x1 = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1).reshape(-1, d)
    all_times = torch.linspace(0.005, 1.0, 160 if d == 1 else 50)
    times = (all_times if t is None else torch.tensor([t])).to(x0)
    samples = _sample(extension.extended(path, prior, x0), x1, x0, times)
    return _crossings(samples, 1, grid=(count,) * d)


def _endpoints(prior: Prior, like: Tensor) -> Tensor:
    """Endpoints on a grid over 0.99 of the prior, (Q, d); for d = 1 over all of it."""
    d = like.shape[1]
    if d == 1:
        return extension.endpoints(prior, like)
    draws = prior.sample(1000, d, torch.Generator().manual_seed(0)).to(like)
    low, high = draws.quantile(0.005, dim=0), draws.quantile(0.995, dim=0)
    if d > 2:
        return draws[:200]
    unit = torch.linspace(0.0, 1.0, 13, dtype=like.dtype, device=like.device)
    axes = [low[j] + (high[j] - low[j]) * unit for j in range(d)]
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), -1).reshape(-1, d)


def _sample(path: Path, x1: Tensor, x0: Tensor, times: Tensor) -> Samples:
    """Positions and determinants of ∂ψ/∂x₁, or of ∂φ/∂x where only φ is given."""
    shape = (x1.shape[0], x0.shape[0], x0.shape[1])
    expanded = pairs(x1).expand(shape)
    results = []
    for t in times:
        if isinstance(path, ByInverse):
            x = (1.0 - t) * x0 + t * expanded
            endpoint, slope = value_jacobian(lambda z, t=t: path.inverse(z, x0, t), x)
        else:
            endpoint = expanded
            x, slope = value_jacobian(lambda z, t=t: path.forward(z, x0, t), expanded)
        # σ² > 0 for d = 2, whatever the sign of σ: for affine families σ itself is used.
        det = slope[..., 0, 0] if isinstance(path, Affine) else determinant(slope)
        results.append((x.expand(shape), endpoint.expand(shape), det.expand(shape[:2])))
    x, endpoint, det = (torch.stack(column) for column in zip(*results, strict=True))
    # At small times all determinants may underflow: trajectories do not cross there.
    underflow = (det == 0).flatten(1).all(1).cumprod(0).bool()
    det = torch.where(underflow[:, None, None], torch.finfo(det.dtype).tiny, det)
    return Samples(x, endpoint, det, x0, times)


def _start(path: Path, x1: Tensor, x0: Tensor) -> Finding:
    """ψ_0 = x₀, exactly where ψ is given and as a limit where φ is."""
    limit = isinstance(path, ByInverse)
    t = torch.tensor(_TINY if limit else 0.0).to(x0)
    x = path.forward(x1, x0, t).expand(x1.shape[0], *x0.shape)
    scale = 1.0 + pairs(x1).abs().amax(-1) + x0.abs().amax(-1)
    gap = (x - x0).abs().amax(-1) / scale
    return _worst("start", gap, LIMIT_BOUND if limit else START_BOUND, t, x, x0, x1)


def _end(path: Path, x1: Tensor, x0: Tensor) -> tuple[Finding, bool]:
    """ψ_1 is the same map for every data point; or, where φ is given, φ_1 is."""
    t = torch.ones((), dtype=x0.dtype, device=x0.device)
    given = path.inverse if isinstance(path, ByInverse) else path.forward
    x = given(x1, x0, t).expand(x1.shape[0], *x0.shape)
    scale = 1.0 + pairs(x1).abs().amax(-1)
    difference = (x - x[:, :1]).abs().amax(-1) / scale
    finding = _worst("end", difference, END_BOUND, t, x, x0, x1)
    moved = (x - pairs(x1)).abs().amax(-1) / scale
    return finding, finding.ok and bool((moved > END_BOUND).any())


def _keeps_sign(samples: Samples, n: int) -> Finding:
    """Whether the determinant keeps its sign; if not, where, preferably at the first n points."""
    det = _positive_determinant(samples)
    bad = (det <= 0) & torch.isfinite(det)
    worst = torch.where(torch.isfinite(det), det, torch.inf)
    if bool(bad[..., :n].any()):
        worst[..., n:] = torch.inf
        bad = bad[..., :n]
    # The last of the times is reported: the first crossing on the way from t = 1.
    if bool(bad.any()):
        last = int(bad.flatten(1).any(1).nonzero().max())
        at_last = torch.full_like(worst, torch.inf)
        at_last[last] = worst[last]
        worst = at_last
    flat = int(worst.argmin())
    return samples.finding_at("invertible", not bool(bad.any()), float(det.flatten()[flat]), flat)


def _least_determinant(path: Path, samples: Samples) -> Finding:
    """The least determinant between the grid's nodes, if it is positive on the grid."""
    det = _positive_determinant(samples)
    sign = torch.where((det == samples.det).all(), 1.0, -1.0)
    given, inner = _given(path, samples)
    median = det.flatten(1).median(1).values
    power = extremes.power_of(median, samples.t)
    log_median = median.clamp(min=torch.finfo(median.dtype).tiny).log()

    def det_at(z: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return sign * determinant(value_jacobian(lambda v: by_row(given, v, x0, t), z)[1])

    # The determinant falls like σ^d: it is compared relative to the median at its time.
    z, x0, t = extremes.minima(
        lambda z, x0, t: det_at(z, x0, t) / t**power, inner, samples.x0, samples.t
    )
    usual = extremes.interpolate(samples.t.log(), log_median, t.log()).exp()
    relative = det_at(z, x0, t) / usual
    k = int(relative.argmin())
    value = float(relative[k])
    return _at(path, "invertible", value > FOLD_BOUND, value, (z[k], x0[k], t[k]))


def _continuous(path: Path, samples: Samples) -> Finding:
    """Whether jumps between neighbours in x₁ (or x) and in time vanish under refinement."""
    given, inner = _given(path, samples)

    def value(z: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return by_row(given, z, x0, t)

    z, x0, t, jump = extremes.largest_jump(value, inner, samples.x0, samples.t)
    return _at(path, "continuous", jump <= JUMP_BOUND, jump, (z, x0, t))


def _at(
    path: Path, rule: str, ok: bool, value: float, where: tuple[Tensor, Tensor, Tensor]
) -> Finding:
    """A finding at (z (d,), x0 (d,), t ()), z being x where φ is given and x₁ otherwise."""
    z, x0, t = where
    by_inverse = isinstance(path, ByInverse)
    given = path.inverse if by_inverse else path.forward
    other = by_row(given, z[None], x0[None], t[None])[0]
    x, x1 = (z, other) if by_inverse else (other, z)
    return Finding(
        rule, ok, value, float(t), tuple(x.tolist()), tuple(x0.tolist()), tuple(x1.tolist())
    )


def _given(
    path: Path, samples: Samples
) -> tuple[Callable[[Tensor, Tensor, Tensor], Tensor], Tensor]:
    """The direction in which a family is given, and its arguments on the grid, (T, Q, N, d)."""
    if isinstance(path, ByInverse):
        return path.inverse, samples.x
    return path.forward, samples.x1


def _positive_determinant(samples: Samples) -> Tensor:
    """The determinant, with its sign changed if it is mostly negative at t = 1."""
    return samples.det if float(torch.sign(samples.det[-1]).nansum()) >= 0 else -samples.det


def _crossings(samples: Samples, n: int, grid: tuple[int, ...] = ()) -> Tensor:
    """(t, x) where det changes its sign, interpolated, (M, 1 + d), for the first n data points.

    Args:
        samples: the values on the grid.
        n: number of data points.
        grid: shape of the grid of endpoints, (Q₁, …): signs are then compared along its axes as
            well as along time.
    """
    q, d = samples.x1.shape[1], samples.x1.shape[-1]
    shape = (samples.t.numel(), *(grid or (q,)), n)
    det = samples.det[..., :n].reshape(shape)
    t = samples.t.reshape(-1, *[1] * (len(shape) - 1)).expand(shape)
    tx = torch.cat([t[..., None], samples.x[..., :n, :].reshape(*shape, d)], -1)
    crossings = []
    for axis in range(len(shape) - 1 if grid else 1):
        length = shape[axis] - 1
        before, after = (det.narrow(axis, k, length) for k in (0, 1))
        changed = before * after < 0
        fraction = (before / (before - after))[changed][:, None]
        first, second = (tx.narrow(axis, k, length)[changed] for k in (0, 1))
        crossings.append(torch.lerp(first, second, fraction))
    return torch.cat(crossings)


def _finite(samples: Samples, n: int) -> Finding:
    bad = ~(torch.isfinite(samples.det) & torch.isfinite(samples.x).all(-1))
    bad |= ~torch.isfinite(samples.x1).all(-1)
    priority = bad.to(torch.uint8)
    priority[..., :n] *= 2
    flat = int(priority.argmax())
    return samples.finding_at("finite", not bool(bad.any()), float(bad.double().mean()), flat)


def _inverts(path: Path, x1: Tensor, x0: Tensor, times: Tensor) -> Finding:
    """φ inverts ψ at every eighth endpoint and some times: another root is another trajectory.

    For families with closed forms of ψ and φ this checks one against the other.
    """
    endpoints, t_grid = x1[::8], times[2::9]
    q = endpoints.shape[0]
    x1, t = endpoints.repeat(t_grid.numel(), 1), t_grid.repeat_interleave(q)
    x = path.forward(x1, x0, t)
    inverse = path.inverse(x, x0, t)
    gap = (inverse - pairs(x1)).abs().amax(-1) / (1.0 + pairs(x1).abs().amax(-1))
    # Less the effect of the rounding of x, which is large where ∂ψ/∂x₁ is small.
    slope = value_jacobian(lambda z: path.forward(z, x0, t), pairs(x1).expand(inverse.shape))[1]
    gap = gap - _ROUNDING * x.abs().amax(-1) / torch.linalg.matrix_norm(slope, -2)
    gap = torch.nan_to_num(gap, nan=torch.inf).clamp(min=0.0)
    shape = (t_grid.numel(), q, x0.shape[0])
    shape_d = (*shape, x0.shape[1])
    x1 = pairs(x1).expand(-1, x0.shape[0], -1).reshape(shape_d)
    samples = Samples(x.reshape(shape_d), x1, gap.reshape(shape), x0, t_grid)
    flat = int(gap.argmax())
    value = float(gap.flatten()[flat])
    return samples.finding_at("invertible", value <= RETURN_BOUND, value, flat)


def _worst(
    rule: str, gap: Tensor, bound: float, t: Tensor, x: Tensor, x0: Tensor, x1: Tensor
) -> Finding:
    """The finding at the largest of the gaps (Q, N), NaN counting as the largest."""
    gap = torch.nan_to_num(gap, nan=torch.inf)
    flat = int(gap.argmax())
    samples = Samples(x[None], pairs(x1).expand(x.shape)[None], gap[None], x0, t[None])
    value = float(gap.flatten()[flat])
    return samples.finding_at(rule, value <= bound, value, flat)
