"""The floor of the loss, against quadrature and against the loss itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import PLANE_PRIORS, PRIORS
from flowviz.core.schedules import SCHEDULES
from flowviz.core.training.loss_floor import Floor, loss_floor, posterior_variance
from flowviz.core.training.network import VelocityNet
from flowviz.core.training.progress import drain
from flowviz.core.training.sampling import PairSampler
from tests import quadrature


def flow(law: str = "gaussian", d: int = 1, n: int = 3, **path) -> MarginalField:
    generator = torch.Generator().manual_seed(n)
    x0 = 1.5 * torch.randn(n, d, generator=generator, dtype=torch.float64)
    weights = torch.rand(n, generator=generator, dtype=torch.float64) + 0.2
    prior = {**PRIORS, **PLANE_PRIORS}[law]()
    return MarginalField(x0, weights, prior, PATHS[path.pop("name", "affine")](**path))


def floor_of(field: MarginalField, t_min: float, *given: Any, **named: Any) -> Floor:
    return drain(loss_floor(field, t_min, *given, **named))


def by_quadrature(field: MarginalField, t_min: float, n: int) -> float:
    """∫ dt ∫ p_t Var dx, from velocities and weights written out, panel by panel."""
    node, length = np.polynomial.legendre.leggauss(n)
    total = 0.0
    # Squared times: the variance changes fastest where t is small.
    for s, w in zip(0.5 * (node + 1.0), 0.5 * length, strict=True):
        t = torch.tensor(t_min + (1.0 - t_min) * s * s, dtype=torch.float64)
        x, weight = quadrature.nodes(field, t)
        at = t.expand(len(x)).contiguous()
        x1, log_det, u = field.path.conditional(x, field.x0, at)
        terms = field.weights * (field.prior.log_prob(x1) + log_det).exp()
        p = terms.sum(1)
        mean = (terms * u[..., 0]).sum(1)
        square = (terms * u[..., 0].square()).sum(1)
        inner = torch.where(p > 0, square - mean.square() / p, 0.0)
        total += float(w * 2.0 * s * (inner * weight).sum())
    return total


@pytest.mark.parametrize("law", ["gaussian", "laplace", "uniform", "student_t"])
@pytest.mark.parametrize("path", ["affine", "per_axis", "detour"])
def test_the_floor_is_the_integral_on_the_line(law, path):
    field = flow(law, name=path)
    found = floor_of(field, 0.05)
    assert found.error < 0.01 * found.value
    # Where densities jump, the time integral by 48 nodes is good to a thousandth only.
    nodes, blur = (48, 3e-3) if law == "uniform" else (20, 1e-4)
    true = by_quadrature(field, 0.05, nodes)
    assert abs(found.value - true) < 5.0 * found.error + blur * found.value


@pytest.mark.parametrize("sampling", ["uniform", "logit_normal"])
@pytest.mark.parametrize(
    ("law", "path", "given"),
    [
        ("gaussian", "affine", {}),
        ("disk", "affine", {}),
        ("laplace", "swirl", {}),
        ("uniform", "parabola", {}),
        ("gaussian", "affine", {"schedule": SCHEDULES["vp"]()}),
        ("gaussian", "formula", {"forward": "(1-t)*x0 + t*x1 + t*(1-t)*tanh(x1-x0)"}),
    ],
)
def test_it_is_what_the_conditional_velocities_leave_in_the_plane(law, path, given, sampling):
    """E‖f_t(x|x₀) - f_t(x)‖² over independent draws: no posterior is used."""
    field = flow(law, d=2, n=6, name=path, **given)
    found = floor_of(field, 0.02, sampling)
    drawn = PairSampler(field, 0.02, sampling, seed=77, even=False)(0, 20_000)
    left = (drawn.velocity - field(drawn.x, drawn.t)).square().sum(1)
    error = float(left.std()) / len(left) ** 0.5
    assert abs(float(left.mean()) - found.value) < 4.0 * (error + found.error)
    assert error < 0.05 * found.value


def test_loss_is_field_error_plus_floor():
    """For a network with any weights, paired draw by draw."""
    field = flow(d=2, n=5)
    net = VelocityNet(field, 16, 2)
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.randn(p.shape, generator=torch.Generator().manual_seed(p.numel())) / 3)
    drawn = PairSampler(field, 0.05, seed=5, even=False)(0, 40_000)
    with torch.no_grad():
        v = net(drawn.x, drawn.t)
    loss = (v - drawn.velocity).square().sum(1)
    error = (v - field(drawn.x, drawn.t)).square().sum(1)
    gap = loss - error
    floor = floor_of(field, 0.05)
    noise = float(gap.std()) / len(gap) ** 0.5 + floor.error
    assert float(error.mean()) > 10.0 * noise
    assert abs(float(gap.mean()) - floor.value) < 4.0 * noise


def test_one_data_point_and_the_exact_target_leave_nothing():
    assert floor_of(flow(n=1), 0.01).value == pytest.approx(0.0, abs=1e-12)
    assert floor_of(flow(), 0.01, target="exact").value == 0.0


@pytest.mark.parametrize("path", ["affine", "swirl", "squeeze"])
def test_the_floor_is_the_mean_posterior_variance(path):
    field = flow(d=2, n=4, name=path)
    drawn = PairSampler(field, 0.2)(0, 50)
    seen = field.probe(drawn.x, drawn.t)
    square = (seen.posterior[..., None] * seen.conditional.square()).sum(1)
    expected = (square - seen.velocity.square()).sum(1)
    assert torch.allclose(posterior_variance(field, drawn.x, drawn.t), expected, atol=1e-9)


def test_the_standard_error_is_honest():
    """Floors of different seeds differ as their standard errors say."""
    field = flow(d=2, n=8)
    found = [floor_of(field, 0.01, seed=k) for k in range(6)]
    values = torch.tensor([f.value for f in found])
    said = sum(f.error for f in found) / len(found)
    assert 0.3 * said < float(values.std()) < 3.0 * said
