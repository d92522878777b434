"""The density along a characteristic against the change of variables and SciPy."""

from __future__ import annotations

import time

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from flowviz.core.greens import single_point
from flowviz.core.greens.characteristics import (
    characteristic,
    characteristic_curve,
    velocity_and_jacobian,
)
from flowviz.core.paths import PATHS
from flowviz.core.priors import Gaussian, Uniform

formula = PATHS["formula"]
FAMILIES = [
    pytest.param(PATHS["affine"](), id="affine"),
    pytest.param(PATHS["wave"](height=0.5, halves=5), id="wave"),
    pytest.param(PATHS["per_axis"](first=1.0, second=2.5), id="per_axis"),
    pytest.param(PATHS["squeeze"](k=2.0), id="squeeze"),
    pytest.param(formula(inverse="x0 + (x-x0)/t + 0.1*(1-t)*((x-x0)/t)^3"), id="typed"),
]


@pytest.mark.parametrize("path", FAMILIES)
@pytest.mark.parametrize("t", [1e-3, 0.05, 0.6, 1.0])
@pytest.mark.parametrize("d", [1, 2])
def test_it_is_the_change_of_variables_at_every_time(path, t, d):
    generator = torch.Generator().manual_seed(d)
    x1 = torch.randn(5, d, generator=generator, dtype=torch.float64)
    x0 = torch.tensor([[0.7, -1.3][:d]], dtype=torch.float64)
    time = torch.tensor(t, dtype=torch.float64)
    x = path.forward(x1, x0, time)[:, 0]
    found = characteristic(path, Gaussian(), x, x0, t)
    direct = single_point.density(path, Gaussian(), x, x0, time)[:, 0]
    assert torch.allclose(found.log_p, direct, rtol=0, atol=1e-8)
    assert torch.allclose(found.x1, x1, rtol=0, atol=1e-8)
    assert float(found.error.max()) < 1e-8


def test_the_characteristic_is_that_of_scipy():
    path, x0 = PATHS["wave"](height=0.4, halves=3), torch.tensor([[0.2, -0.5]]).double()
    x = torch.tensor([[0.9, 0.4]], dtype=torch.float64)

    def right(t: float, state: np.ndarray) -> np.ndarray:
        at = torch.from_numpy(state[None, :2].copy())
        f, slope = velocity_and_jacobian(path, at, x0, torch.tensor(t, dtype=torch.float64))
        return np.append(f.numpy().ravel(), slope[0, 0].trace())

    way = characteristic_curve(path, x, x0, 0.2)
    other = solve_ivp(
        right, (0.2, 1.0), [*x[0].tolist(), 0.0], "DOP853", way.t, rtol=1e-12, atol=1e-13
    )
    assert way.t[0].item() == pytest.approx(0.2, rel=1e-15)
    assert way.t[-1].item() == pytest.approx(1.0, rel=1e-15)
    assert bool((way.t.diff() > 0).all())
    assert way.x.shape == (1, way.t.numel(), 2)
    assert np.abs(way.x[0].numpy().T - other.y[:2]).max() < 1e-9
    assert np.abs(way.divergence_integral[0].numpy() - other.y[2]).max() < 1e-9
    t = way.t[:, None, None]
    _, slopes = velocity_and_jacobian(path, way.x[0], x0, way.t)
    assert t.numel() == slopes.shape[0]
    assert torch.allclose(way.divergence[0], slopes[:, 0].diagonal(dim1=1, dim2=2).sum(1))


def test_a_characteristic_that_cannot_be_integrated_is_nan():
    """Beyond a caustic the field has no value: x₁ = φ has three roots, and their fold is a wall."""
    path = formula(forward="(1-t)*x0 + t*x1 + 4*t*(1-t)*sin(3*x1)")
    x = torch.tensor([[0.0], [0.375]], dtype=torch.float64)
    found = characteristic(path, Gaussian(), x, torch.zeros(1, 1).double(), 0.5)
    assert (found.error > 1e-6).tolist() == [False, True]
    assert bool(found.log_p[found.error == torch.inf].isnan().all())


def test_an_edge_of_the_prior_is_carried_along():
    prior, x0 = Uniform(0.0, 2.0), torch.tensor([[0.5]], dtype=torch.float64)
    x = torch.tensor([[0.2], [0.6], [1.9]], dtype=torch.float64)
    log_p = characteristic(PATHS["affine"](), prior, x, x0, 0.5).log_p
    assert log_p.exp().tolist() == pytest.approx([0.0, 1.0, 0.0])


def test_a_time_outside_is_refused_by_name():
    x = torch.zeros(1, 1, dtype=torch.float64)
    for t in (0.0, 1.5):
        with pytest.raises(ValueError, match=f"got {t}"):
            characteristic(PATHS["affine"](), Gaussian(), x, x, t)


@pytest.mark.parametrize("name", ["affine", "squeeze", "wave"])
@pytest.mark.parametrize("start", [0.3, -1.7])
def test_a_characteristic_may_start_on_the_data_point_itself(name, start):
    x0, t = torch.tensor([[start]], dtype=torch.float64), 0.4
    path, began = PATHS[name](), time.process_time()
    found = characteristic(path, Gaussian(), x0, x0, t)
    assert time.process_time() - began < 2.0
    exact = single_point.density(path, Gaussian(), x0, x0, torch.tensor(t, dtype=x0.dtype))
    assert float(found.error) < 1e-9
    assert float(found.log_p) == pytest.approx(float(exact), abs=1e-8)


def test_on_a_corner_at_the_data_point_there_is_no_density():
    path = formula(forward="(1-t)*x0+t*x1+0.3*t*(1-t)*abs(x1-x0)")
    x0 = torch.tensor([[0.3]], dtype=torch.float64)
    found = characteristic(path, Gaussian(), x0, x0, 0.4)
    assert found.log_p.isnan().all()
    assert found.error.isinf().all()
