"""One data point: a family gives a velocity and a density."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from flowviz.core.numerics.autodiff import time_derivative
from flowviz.core.paths import PATHS, Affine, Path
from flowviz.core.priors import Gaussian
from flowviz.core.schedules import SCHEDULES


def drift(x0, t):
    """A nonlinear mean: there at t = 0, gone at t = 1, swinging between."""
    return (1 - t) * (x0 + t * torch.sin(3 * x0))


FAMILIES = [
    *(pytest.param(Affine(SCHEDULES[name]()), id=name) for name in SCHEDULES),
    pytest.param(Affine(mu=drift), id="own mu"),
    pytest.param(Affine(SCHEDULES["cosine"](), mu=drift), id="own mu, cosine"),
]
every_family = pytest.mark.parametrize("path", FAMILIES)


def cloud(d: int = 2):
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(7, d, generator=generator, dtype=torch.float64)
    x0 = torch.randn(5, d, generator=generator, dtype=torch.float64)
    t = 0.05 + 0.9 * torch.rand(7, generator=generator, dtype=torch.float64)
    return x, x0, t


@every_family
def test_ends_are_the_data_point_and_the_draw(path):
    x1, x0, _ = cloud()
    start = path.forward(x1, x0, torch.zeros(7, dtype=torch.float64))
    end = path.forward(x1, x0, torch.ones(7, dtype=torch.float64))
    assert torch.allclose(start, x0.expand(7, 5, 2), rtol=0, atol=1e-15)
    assert torch.allclose(end, x1[:, None].expand(7, 5, 2), rtol=0, atol=1e-15)


@every_family
@pytest.mark.parametrize("d", [1, 2, 3])
def test_inverse_undoes_forward(path, d):
    x1, x0, t = cloud(d)
    x = path.forward(x1, x0, t)
    assert x.shape == (7, 5, d)
    assert torch.allclose(path.inverse(x, x0, t), x1[:, None].expand_as(x), rtol=1e-12)


@every_family
@pytest.mark.parametrize("d", [1, 2])
def test_velocity_is_the_motion_of_the_trajectory(path, d):
    x1, x0, t = cloud(d)
    position, motion = time_derivative(lambda s: path.forward(x1, x0, s), t)
    for i in range(5):  # x differs for each data point, so ask for one at a time
        got = path.velocity(position[:, i], x0[i : i + 1], t)[:, 0]
        assert torch.allclose(got, motion[:, i], rtol=1e-11, atol=1e-12)


@every_family
@pytest.mark.parametrize("d", [1, 2, 3])
def test_closed_forms_agree_with_what_the_base_class_derives(path, d):
    x, x0, t = cloud(d)
    assert torch.allclose(
        path.velocity(x, x0, t), Path.velocity(path, x, x0, t), rtol=1e-11, atol=1e-12
    )
    assert torch.allclose(path.log_det(x, x0, t), Path.log_det(path, x, x0, t), rtol=1e-11)
    assert path.log_det(x, x0, t).shape == (7, 5)


@every_family
def test_one_time_for_all_is_the_same_as_one_each(path):
    x, x0, _ = cloud()
    one, each = torch.tensor(0.3, dtype=torch.float64), torch.full((7,), 0.3, dtype=torch.float64)
    for method in (path.forward, path.inverse, path.velocity, path.log_det):
        assert method(x, x0, one).shape == method(x, x0, each).shape
        assert torch.allclose(method(x, x0, one), method(x, x0, each), rtol=1e-14, atol=1e-14)


@every_family
def test_characteristics_give_the_density_of_the_change_of_variables(path):
    """p₁(x₁)·exp(∫_t^1 ∇·f ds) along a trajectory is p₁(φ)|∂φ/∂x| (MATH §1)."""
    x0, x1 = torch.tensor([[[0.7]], [[0.4]]], dtype=torch.float64)
    t = torch.tensor([0.2], dtype=torch.float64)
    node, weight = (torch.from_numpy(v) for v in np.polynomial.legendre.leggauss(60))
    s = t + (1 - t) * 0.5 * (node + 1)
    x = path.forward(x1.expand(60, 1), x0, s)[:, 0]
    divergence = time_derivative(lambda y: path.velocity(y, x0, s), x)[1]
    integral = (divergence.flatten() * weight).sum() * 0.5 * (1 - t)[0]
    now = path.forward(x1, x0, t)[:, 0]
    jacobian = path.log_det(now, x0, t)[0, 0]
    assert integral == pytest.approx(jacobian.item(), abs=1e-8)
    assert Gaussian().log_prob(path.inverse(now, x0, t)) == pytest.approx(
        Gaussian().log_prob(x1).item(), rel=1e-12
    )


def test_only_a_mean_proportional_to_the_point_is_affine_with_a_schedule():
    assert Affine().affine_schedule == SCHEDULES["linear"]()
    assert Affine(mu=drift).affine_schedule is None
    assert Affine(mu=drift).monotone


def test_the_registry_makes_paths():
    assert PATHS["affine"](schedule=SCHEDULES["vp"]()).affine_schedule == SCHEDULES["vp"]()
    assert PATHS["affine"]().affine_schedule == SCHEDULES["linear"]()


LINE_PATHS = {
    **{
        name: make() for name, make in PATHS.items() if name not in ("formula", "per_axis", "swirl")
    },
    "typed forward": PATHS["formula"](forward="x0 + t*(x1 - x0) + sin(pi*t)"),
    "typed inverse": PATHS["formula"](inverse="(x - (1-t)*x0)/t + 1 - t"),
    "typed mean": PATHS["formula"](mu="(1-t)*x0 + t*(1-t)"),
    "typed mean that bends": PATHS["formula"](mu="(1-t)*x0 + t*(1-t)*x0^2"),
    "typed product": PATHS["formula"](forward="(1-t)*x0 + t*x1 + t*(1-t)*x0*x1/9"),
}


@pytest.mark.parametrize("name", LINE_PATHS)
def test_a_family_is_affine_in_both_ends_exactly_where_it_says_so(name):
    """ψ at the mean of two pairs of ends is the mean of its values."""
    path = LINE_PATHS[name]
    t = torch.linspace(0.1, 0.9, 7, dtype=torch.float64)
    x0, x1 = torch.tensor([[[-1.3], [0.4]], [[2.1], [0.7]]], dtype=torch.float64)

    def at(data, ends):
        return path.forward(ends.reshape(1, 1).repeat(7, 1), data.reshape(1, 1), t).ravel()

    mean = 0.5 * (at(x0[0], x1[0]) + at(x0[1], x1[1]))
    apart = (at(x0.mean(0), x1.mean(0)) - mean).abs().max()
    assert path.affine_in_both == bool(apart < 1e-12)
