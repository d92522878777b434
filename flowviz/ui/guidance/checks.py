"""The checks of the page Guidance, each by another way than what it checks."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from flowviz.core.checks import Check
from flowviz.core.guidance import LabelledField, guided_log_prob
from flowviz.core.guidance.trajectories import GuidedField, gaussian_variance
from flowviz.ui.guidance import compute
from flowviz.ui.guidance.compute import Setup
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import shared_cache

_POSITIONS = 100
_PAIRS = 2e5  # of a position and a data point
_FIELDS_BOUND = 1e-10
_MIXING_BOUND = 1e-9
_VARIANCE_BOUND = 1e-3
_MASS_BOUND = 0.02
_LEVELS = 241


@shared_cache(maxsize=48)
def found(setup: Setup, t: float) -> dict[str, Check]:
    """The checks of a setup; those of the density at time t."""
    flow = setup.labelled
    if setup.guide is None:
        return {}
    x, times = _positions(flow)
    out = {
        "guide_ends": _ends(flow, setup.guide.y, x, times),
        "guide_mixing": _mixing(flow, x, times),
        "guide_variance": _variance(setup.guide.scale),
    }
    if flow.marginal.prior.smooth and compute.is_charted(setup):
        out["guide_mass"] = _mass(setup, min(max(t, 0.05), 0.98))
    return out


def _positions(flow: LabelledField) -> tuple[Tensor, Tensor]:
    """Positions of the flow of all data, (Q, d), and their times (Q,)."""
    every, draw = flow.marginal, torch.Generator().manual_seed(11)
    n = max(4, min(_POSITIONS, int(_PAIRS / every.n)))
    x1 = every.prior.sample(n, every.d, draw)
    which = torch.multinomial(every.weights, n, replacement=True, generator=draw)
    t = 0.05 + 0.9 * torch.rand(n, generator=draw, dtype=torch.float64)
    x = every.path.forward(x1, every.x0[which][:, None], t)[:, 0]
    return x, t


def _relative(a: Tensor, b: Tensor) -> float:
    """The largest difference relative to 1 + |b|, where both have a value."""
    apart = (a - b).norm(dim=1) / (1.0 + b.norm(dim=1))
    return float(apart[apart.isfinite()].max()) if bool(apart.isfinite().any()) else math.nan


def _ends(flow: LabelledField, y: int, x: Tensor, t: Tensor) -> Check:
    """The integrated velocity at scales 0 and 1, beside the exact fields."""
    worst = 0.0
    for scale, exact in ((0.0, flow.marginal), (1.0, flow.conditional(y))):
        field = GuidedField(flow, y, scale, divergence=False)
        value = torch.cat(
            [field.velocity(x[k : k + 1], float(t[k])) for k in range(min(len(x), 30))]
        )
        outside = torch.cat(field.outside)
        reference = exact(x[: len(value)], t[: len(value)])
        value[outside] = torch.nan
        worst = max(worst, _relative(value, reference))
    return Check(worst, _FIELDS_BOUND)


def _mixing(flow: LabelledField, x: Tensor, t: Tensor) -> Check:
    """f = Σ_y p_t(y|x) f_y."""
    share = flow.class_prob(x, t)
    each = torch.stack([flow.conditional(y)(x, t) for y in flow.classes.tolist()], dim=1)
    mixed = torch.where(share[..., None] > 0, share[..., None] * each, 0.0).sum(1)
    return Check(_relative(mixed, flow.marginal(x, t)), _MIXING_BOUND)


def _variance(scale: float) -> Check:
    """The integrator on data that are Gaussian: it ends with variance 2^{1-s}."""
    exact = 2.0 ** (1.0 - scale)
    return Check(abs(gaussian_variance(scale) / exact - 1.0), _VARIANCE_BOUND)


def _mass(setup: Setup, t: float) -> Check:
    """∫ p_t by the change of variables, beside what the trajectories say."""
    flow, guide = setup.labelled, setup.followed
    if flow.marginal.d == 1:
        prior = flow.marginal.prior
        q = torch.linspace(1e-4, 1.0 - 1e-4, _LEVELS, dtype=torch.float64)
        shown = compute.guided_at(setup, prior.icdf(q)[:, None], t)
        p = guided_log_prob(flow, guide, shown, t).exp()
        total = float(torch.trapezoid(p, shown[:, 0])) + 2e-4
        return Check(abs(total - 1.0), _MASS_BOUND)
    density = compute.plane_density(setup, t)
    if density is None:
        return Check(math.nan, _MASS_BOUND, out_of_budget=True)
    x, y = density.axes
    total = float(density.p.sum() * (x[1] - x[0]) * (y[1] - y[0]))
    n = compute.count(flow, compute.MOST_DRAWS)
    at = compute.guided_at(setup, compute.draws(setup.flow, n), t)
    low_x, high_x, low_y, high_y = axis_range(setup.flow)
    inside = (at[:, 0] > low_x) & (at[:, 0] < high_x) & (at[:, 1] > low_y) & (at[:, 1] < high_y)
    share = float(inside.double().mean())
    noise = 4.0 * math.sqrt(max(share * (1.0 - share), 1.0 / n) / n)
    return Check(abs(total - share), _MASS_BOUND + noise)
