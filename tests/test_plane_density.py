"""Density frames of the plane: every method against the sum over all pairs."""

from __future__ import annotations

import pytest
import torch

from flowviz.core.field import MarginalField
from flowviz.core.field.density_frames import density_frames
from flowviz.core.paths.base import Affine, Path
from flowviz.core.paths.nonlinear import Detour, Parabola, PerAxis, Squeeze, Swirl
from flowviz.core.priors import PLANE_PRIORS, PRIORS, GaussianMixture2D, Prior, Ring
from flowviz.core.schedules import SCHEDULES

LAWS: dict[str, Prior] = {name: law() for name, law in {**PRIORS, **PLANE_PRIORS}.items()}
LAWS |= {
    "thin ring": Ring(2.0, 0.05),
    "narrow bells": GaussianMixture2D(
        (1.0, -2.0), (0.5, 0.0), (0.1, 1.0), (2.0, 0.2), (0.9, -0.5), (1.0, 3.0)
    ),
}
PATHS: dict[str, Path] = {
    "linear": Affine(),
    "vp": Affine(SCHEDULES["vp"]()),
    "detour": Detour(),
    "per axis": PerAxis(),
}


def flow(prior: Prior, path: Path, n: int = 9) -> MarginalField:
    generator = torch.Generator().manual_seed(2)
    x0 = torch.randn(n, 2, generator=generator, dtype=torch.float64)
    return MarginalField(x0, torch.rand(n, generator=generator).double() + 0.2, prior, path)


def compared(field: MarginalField, tolerance: float) -> None:
    axes = torch.linspace(-3.0, 3.1, 27).double(), torch.linspace(-2.0, 4.0, 22).double()
    t = torch.tensor([0.03, 0.3, 0.6, 1.0], dtype=torch.float64)
    heard: list[float] = []
    found = density_frames(field, axes, t, heard.append)
    assert found.shape == (4, 27, 22)
    assert heard[-1] == 1.0
    places = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1).reshape(-1, 2)
    for k, time in enumerate(t):
        true = field.log_prob(places, time).exp().reshape(27, 22)
        # A frame's top is above 1e-2: no picture shows what is eight decades below it.
        seen = true > 1e-10
        assert ((found[k] - true).abs() <= 1e-10)[~seen].all()
        assert torch.allclose(found[k][seen], true[seen], rtol=tolerance, atol=1e-10)


SINGULAR = [name for name, law in LAWS.items() if law.has_singular_edges]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("law", [name for name in LAWS if name not in SINGULAR])
def test_a_film_is_the_density(law, path):
    compared(flow(LAWS[law], PATHS[path]), 1e-10)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("law", SINGULAR)
def test_a_film_of_infinite_edges_is_the_density_away_from_them(law, path):
    field = flow(LAWS[law], PATHS[path], 3)
    axis = torch.linspace(-4.0, 4.0, 500).double()
    places = torch.stack(torch.meshgrid(axis, axis, indexing="ij"), dim=-1).reshape(-1, 2)
    for time in torch.tensor([0.85, 0.97]).double():
        (found,) = density_frames(field, (axis, axis), time[None])
        ends = [
            field.path.forward(torch.full_like(field.x0[:1], z), field.x0, time)[0]
            for z in field.prior.support
        ]
        away = (places[:, None] - torch.cat(ends)).abs().amin((1, 2)) > 16 * (axis[1] - axis[0])
        true = field.log_prob(places[away], time).exp()
        assert (true > 0.01).sum() > 100
        assert torch.allclose(found.reshape(-1)[away], true, rtol=0.01, atol=1e-12)


@pytest.mark.parametrize("law", SINGULAR)
def test_an_infinite_edge_is_as_bright_wherever_in_a_cell_it_lies(law):
    """Values at the cells' centres would differ without bound, means of one cell by 42 %."""
    axis = torch.linspace(-4.0, 4.0, 128).double()
    brightest = []
    for k in range(16):
        x0 = torch.tensor([[float(axis[1] - axis[0]) * k / 16, -1.0]]).double()
        field = MarginalField(x0, torch.ones(1).double(), LAWS[law], Affine())
        (p,) = density_frames(field, (axis, axis), torch.tensor([0.5]).double())
        brightest.append(float(p[:, 64].max()))
    assert max(brightest) < 1.16 * min(brightest)


@pytest.mark.parametrize("path", [Swirl(), Parabola(), Squeeze()])
def test_a_film_of_any_family(path):
    compared(flow(LAWS["laplace"], path), 1e-10)


def test_a_film_holds_all_the_mass():
    axis = torch.linspace(-9.0, 9.0, 400).double()
    axes = (axis, axis)
    for law in ("ring", "gaussian_mixture_2d", "disk", "gaussian", *SINGULAR):
        p = density_frames(flow(LAWS[law], Affine()), axes, torch.tensor([0.2, 0.8]).double())
        mass = p.sum((1, 2)) * (18.0 / 399) ** 2
        assert mass.tolist() == pytest.approx([1.0, 1.0], abs=3e-2 if law == "disk" else 1e-5)


@pytest.mark.parametrize(("law", "n"), [("gaussian", 700), ("ring", 9)])
def test_single_precision_is_finer_than_a_byte(law, n):
    field = flow(LAWS[law], Affine(), n)
    axis = torch.linspace(-3.0, 3.0, 40).double()
    axes = (axis, axis)
    t = torch.tensor([0.01, 0.5]).double()
    one, two = (density_frames(field, axes, t, single=single) for single in (True, False))
    top = two.amax((1, 2), keepdim=True)
    assert one.dtype == two.dtype
    assert ((one - two).abs() < 1e-5 * top).all()
    seen = two > 1e-5 * top  # the logarithmic scale's five decades, in steps of 4 %
    assert torch.allclose(one[seen], two[seen], rtol=1e-3)
    assert law == "gaussian" or (one > 0).all()  # 0 would be painted as nothing at all


def test_correlated_gaussians_by_both_methods():
    """At small σ the mixed term would overflow: there windows are summed, to the same values."""
    field = flow(LAWS["gaussian_mixture_2d"], Affine())
    axis = torch.linspace(-3.0, 3.0, 50).double()
    axes = (axis, axis)
    p = density_frames(field, axes, torch.tensor([0.01, 0.99]).double())
    assert torch.isfinite(p).all()
    assert p[0].max() > 10
