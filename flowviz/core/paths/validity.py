"""Is a family legal? What must hold, where it fails, and the caustic where trajectories cross.

A family makes a Green's function when

- *start*: ψ_t(x₁|x₀) → x₀ as t → 0: all mass sits on the data point;
- *end*: ψ_1(x₁|x₀) does not depend on x₀: every data point ends in one distribution;
- *invertible*: det ∂ψ_t/∂x₁ keeps its sign for t > 0, and φ undoes ψ: trajectories do not cross;
- *finite*: values and slopes are numbers wherever the prior has mass;
- *continuous*: neighbours stay neighbours, in x₁ and in time: nothing is torn.

Each is looked at on a grid of endpoints that covers the prior, at the data points and beside them,
and at thirty times. From where the determinant was found smallest it is then minimised
(``extremes``), and where values jump most the jump is looked at ever more closely. What a family
does where the prior has no mass does not matter (``extension``).
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from flowviz.core.numerics.jacobians import determinant, value_jacobian
from flowviz.core.paths import extension, extremes
from flowviz.core.paths.base import Affine, Path, pairs
from flowviz.core.paths.findings import Finding, Samples, Validity
from flowviz.core.paths.implicit import ByInverse, by_row
from flowviz.core.priors.base import Prior

START_BOUND = 1e-9
LIMIT_BOUND = 1e-2
END_BOUND = 1e-9
RETURN_BOUND = 1e-6
JUMP_BOUND = 1e-6
FOLD_BOUND = 1e-12
"""Least determinant, in units of the usual one: in the plane it may touch 0 and not change sign."""

_ROUNDING = 64 * torch.finfo(torch.float64).eps
_TINY = 1e-9
"""Where ψ₀ is looked at when only φ is given, which has no value at t = 0."""


def check_validity(path: Path, x0: Tensor, prior: Prior) -> Validity:
    """Look whether a family is legal for these data and this prior.

    Args:
        path: the family.
        x0: data points, (N, d); up to twelve are looked at.
        prior: the distribution of x₁.

    Raises:
        ValueError: where the family does not exist in this dimension.
    """
    path = extension.extended(path, prior, x0)
    x1, times = _ends(prior, x0), extension.times(x0)
    points = extension.beside(extension.some(x0))
    seen = _sample(path, x1, points, times)
    start = _start(path, x1, points)
    end, relabelled = _end(path, x1, points)
    own = points.shape[0] - 2
    turned = _turned(seen, own)
    finite = _finite(seen, own)
    continuous = _continuous(path, seen)
    if turned.ok and finite.ok and not isinstance(path, Affine):
        turned = _least(path, seen)
    good = turned.ok and finite.ok and continuous.ok
    invertible = _undone(path, x1, points, times) if good else turned
    lines = _crossings(seen, own)
    sampled = len(x1), len(points), len(times)
    return Validity((start, end, invertible, finite, continuous), lines, relabelled, sampled)


def first_violation(path: Path, x0: Tensor, prior: Prior) -> str:
    """Why a family makes no flow for these data and this prior: the first rule it breaks, or "".

    Without values nothing else can be judged: "finite" comes first, then "continuous". There is
    one rule more than `check_validity` has: "relabelled", where ψ_1 does not keep the prior. On
    the line a family must also increase in x₁ wherever the prior lives: only then is its
    distribution function conserved, and every trajectory known (MATH §3.1).

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
    """Where trajectories through x₀ cross, closely enough to draw: (t, x) with det = 0, (M, 1 + d).

    Args:
        path: the family.
        x0: one data point, (1, d), on the line or in the plane.
        prior: the distribution of x₁.
        t: one time to look at; by default all.
    """
    d = x0.shape[1]
    if d == 1:
        low, high = (x0.new_tensor([end]) for end in prior.interval(0.005))
    else:
        low, high = _ends(prior, x0).aminmax(dim=0)
    count = 301 if d == 1 else 25 if t is None else 101
    share = torch.linspace(0.0, 1.0, count, dtype=x0.dtype, device=x0.device)
    axes = [low[j] + (high[j] - low[j]) * share for j in range(d)]
    x1 = torch.stack(torch.meshgrid(*axes, indexing="ij"), -1).reshape(-1, d)
    every = torch.linspace(0.005, 1.0, 160 if d == 1 else 50)
    when = (every if t is None else torch.tensor([t])).to(x0)
    seen = _sample(extension.extended(path, prior, x0), x1, x0, when)
    return _crossings(seen, 1, grid=(count,) * d)


def _ends(prior: Prior, like: Tensor) -> Tensor:
    """Endpoints on a grid over all but a hundredth of the prior, (Q, d); on the line all of it."""
    d = like.shape[1]
    if d == 1:
        return extension.ends(prior, like)
    draws = prior.sample(1000, d, torch.Generator().manual_seed(0)).to(like)
    low, high = draws.quantile(0.005, dim=0), draws.quantile(0.995, dim=0)
    if d > 2:
        return draws[:200]
    share = torch.linspace(0.0, 1.0, 13, dtype=like.dtype, device=like.device)
    axes = [low[j] + (high[j] - low[j]) * share for j in range(d)]
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), -1).reshape(-1, d)


def _sample(path: Path, x1: Tensor, x0: Tensor, times: Tensor) -> Samples:
    """Positions and determinants of ∂ψ/∂x₁, or of ∂φ/∂x where only φ is given."""
    shape = (x1.shape[0], x0.shape[0], x0.shape[1])
    ends = pairs(x1).expand(shape)
    found = []
    for t in times:
        if isinstance(path, ByInverse):
            x = (1.0 - t) * x0 + t * ends
            free, slope = value_jacobian(lambda z, t=t: path.inverse(z, x0, t), x)
        else:
            free = ends
            x, slope = value_jacobian(lambda z, t=t: path.forward(z, x0, t), ends)
        # σ^d hides a change of sign in the plane; the slope of an affine family is σ itself.
        det = slope[..., 0, 0] if isinstance(path, Affine) else determinant(slope)
        found.append((x.expand(shape), free.expand(shape), det.expand(shape[:2])))
    x, free, det = (torch.stack(part) for part in zip(*found, strict=True))
    # Up to some time all may be too small for a float: no trajectories cross there.
    small = (det == 0).flatten(1).all(1).cumprod(0).bool()
    det = torch.where(small[:, None, None], torch.finfo(det.dtype).tiny, det)
    return Samples(x, free, det, x0, times)


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
    spread = (x - x[:, :1]).abs().amax(-1) / scale
    finding = _worst("end", spread, END_BOUND, t, x, x0, x1)
    moved = (x - pairs(x1)).abs().amax(-1) / scale
    return finding, finding.ok and bool((moved > END_BOUND).any())


def _turned(seen: Samples, own: int) -> Finding:
    """Whether the determinant keeps its sign; if not, a place of the first ``own`` data points."""
    det = _upright(seen)
    bad = (det <= 0) & torch.isfinite(det)
    worst = torch.where(torch.isfinite(det), det, torch.inf)
    if bool(bad[..., :own].any()):
        worst[..., own:] = torch.inf
        bad = bad[..., :own]
    # The last time at which they cross is where a reader, coming from t = 1, first meets it.
    if bool(bad.any()):
        last = int(bad.flatten(1).any(1).nonzero().max())
        inside = torch.full_like(worst, torch.inf)
        inside[last] = worst[last]
        worst = inside
    flat = int(worst.argmin())
    return seen.finding_at("invertible", not bool(bad.any()), float(det.flatten()[flat]), flat)


def _least(path: Path, seen: Samples) -> Finding:
    """Where the determinant is least between what was looked at, once it was positive there."""
    upright = _upright(seen)
    sign = torch.where((upright == seen.det).all(), 1.0, -1.0)
    given, inner = _given(path, seen)
    usual = upright.flatten(1).median(1).values
    power = extremes.power_of(usual, seen.t)
    logs = usual.clamp(min=torch.finfo(usual.dtype).tiny).log()

    def upright_at(z: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return sign * determinant(value_jacobian(lambda v: by_row(given, v, x0, t), z)[1])

    # It falls like σ^d: times are compared by its share of what is usual.
    z, x0, t = extremes.minima(
        lambda z, x0, t: upright_at(z, x0, t) / t**power, inner, seen.x0, seen.t
    )
    share = upright_at(z, x0, t) / extremes.between(seen.t.log(), logs, t.log()).exp()
    k = int(share.argmin())
    value = float(share[k])
    return _at(path, "invertible", value > FOLD_BOUND, value, (z[k], x0[k], t[k]))


def _continuous(path: Path, seen: Samples) -> Finding:
    """Whether what lies between two neighbours shrinks with them: in x₁ (or x) and in time."""
    given, inner = _given(path, seen)

    def value(z: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return by_row(given, z, x0, t)

    z, x0, t, jump = extremes.largest_jump(value, inner, seen.x0, seen.t)
    return _at(path, "continuous", jump <= JUMP_BOUND, jump, (z, x0, t))


def _at(
    path: Path, rule: str, ok: bool, value: float, where: tuple[Tensor, Tensor, Tensor]
) -> Finding:
    """A finding at x₁, or at x where φ is given: (z (d,), x0 (d,), t ())."""
    z, x0, t = where
    by_inverse = isinstance(path, ByInverse)
    given = path.inverse if by_inverse else path.forward
    other = by_row(given, z[None], x0[None], t[None])[0]
    x, x1 = (z, other) if by_inverse else (other, z)
    return Finding(
        rule, ok, value, float(t), tuple(x.tolist()), tuple(x0.tolist()), tuple(x1.tolist())
    )


def _given(path: Path, seen: Samples) -> tuple[Callable[[Tensor, Tensor, Tensor], Tensor], Tensor]:
    """The direction in which a family is given, and where it was looked at, (T, Q, N, d)."""
    return (path.inverse, seen.x) if isinstance(path, ByInverse) else (path.forward, seen.x1)


def _upright(seen: Samples) -> Tensor:
    """The determinant with the sign that most of t = 1 has made positive."""
    return seen.det if float(torch.sign(seen.det[-1]).nansum()) >= 0 else -seen.det


def _crossings(seen: Samples, own: int, grid: tuple[int, ...] = ()) -> Tensor:
    """(t, x) where det changes its sign, interpolated, (M, 1 + d), for the first data points.

    Args:
        seen: what was looked at.
        own: how many data points count.
        grid: of the endpoints, (Q₁, …): signs are compared along its axes, too, and not only
            between neighbouring times.
    """
    q, d = seen.x1.shape[1], seen.x1.shape[-1]
    shape = (seen.t.numel(), *(grid or (q,)), own)
    det = seen.det[..., :own].reshape(shape)
    t = seen.t.reshape(-1, *[1] * (len(shape) - 1)).expand(shape)
    place = torch.cat([t[..., None], seen.x[..., :own, :].reshape(*shape, d)], -1)
    found = []
    for axis in range(len(shape) - 1 if grid else 1):
        n = shape[axis] - 1
        before, after = (det.narrow(axis, k, n) for k in (0, 1))
        hit = before * after < 0
        share = (before / (before - after))[hit][:, None]
        one, two = (place.narrow(axis, k, n)[hit] for k in (0, 1))
        found.append(torch.lerp(one, two, share))
    return torch.cat(found)


def _finite(seen: Samples, own: int) -> Finding:
    lost = ~(torch.isfinite(seen.det) & torch.isfinite(seen.x).all(-1))
    lost |= ~torch.isfinite(seen.x1).all(-1)
    shown = lost.to(torch.uint8)
    shown[..., :own] *= 2
    flat = int(shown.argmax())
    return seen.finding_at("finite", not bool(lost.any()), float(lost.double().mean()), flat)


def _undone(path: Path, x1: Tensor, x0: Tensor, times: Tensor) -> Finding:
    """φ undoes ψ at every eighth end and some times: a root elsewhere means two trajectories meet.

    For families given in closed form both ways nothing is solved, and this is their own check.
    """
    ends, when = x1[::8], times[2::9]
    q = ends.shape[0]
    starts, t = ends.repeat(when.numel(), 1), when.repeat_interleave(q)
    x = path.forward(starts, x0, t)
    again = path.inverse(x, x0, t)
    gap = (again - pairs(starts)).abs().amax(-1) / (1.0 + pairs(starts).abs().amax(-1))
    # Where ∂ψ/∂x₁ is small x cannot tell x₁ to more digits than it has itself.
    slope = value_jacobian(lambda z: path.forward(z, x0, t), pairs(starts).expand(again.shape))[1]
    gap = gap - _ROUNDING * x.abs().amax(-1) / torch.linalg.matrix_norm(slope, -2)
    gap = torch.nan_to_num(gap, nan=torch.inf).clamp(min=0.0)
    shape = (when.numel(), q, x0.shape[0])
    wide = (*shape, x0.shape[1])
    ends_seen = pairs(starts).expand(-1, x0.shape[0], -1).reshape(wide)
    seen = Samples(x.reshape(wide), ends_seen, gap.reshape(shape), x0, when)
    flat = int(gap.argmax())
    value = float(gap.flatten()[flat])
    return seen.finding_at("invertible", value <= RETURN_BOUND, value, flat)


def _worst(
    rule: str, gap: Tensor, bound: float, t: Tensor, x: Tensor, x0: Tensor, x1: Tensor
) -> Finding:
    """The finding at the largest of some gaps (Q, N); what is not a number is the largest."""
    gap = torch.nan_to_num(gap, nan=torch.inf)
    flat = int(gap.argmax())
    ends = pairs(x1).expand(x.shape)
    seen = Samples(x[None], ends[None], gap[None], x0, t[None])
    value = float(gap.flatten()[flat])
    return seen.finding_at(rule, value <= bound, value, flat)
