"""Inversion of families that wind, where Newton alone fails."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import root
from streamlit.testing.v1 import AppTest

from flowviz.core.field import MarginalField
from flowviz.core.numerics import continuation
from flowviz.core.paths import PATHS, Affine
from flowviz.core.paths.validity import caustic, check_validity
from flowviz.core.priors import PLANE_PRIORS, PRIORS, Gaussian
from flowviz.scene import Scene
from flowviz.scene.formula import Typed
from flowviz.text import translator
from flowviz.ui.plane import compute

formula = PATHS["formula"]
TWIST = "x0 + t*rot(b*(1-t)*norm(x1 - x0))*(x1 - x0)"
X0 = torch.tensor([[0.5, 0.2]], dtype=torch.float64)


@pytest.mark.parametrize("b", [1.0, 3.0, 6.0])
@pytest.mark.parametrize("t", [0.1, 0.5])
def test_a_twist_is_undone_exactly(b, t):
    """|x - x₀| = t|x₁ - x₀| gives the radius, and with it the angle: the inverse has a formula."""
    path = formula(forward=TWIST, parameters={"b": b})
    x1 = torch.randn(150, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    time = torch.tensor(t, dtype=torch.float64)
    x = path.forward(x1, X0, time)[:, 0]
    again = path.inverse(x, X0, time)[:, 0]
    assert torch.allclose(again, x1, rtol=0, atol=1e-8)


def test_a_twist_is_valid_and_a_fold_of_one_point_is_drawn_for_that_point():
    assert check_validity(formula(forward=TWIST, parameters={"b": 3.0}), X0, Gaussian()).ok
    fold = formula(forward="(1-t)*x0 + t*x1 + 2*t*(1-t)*sin(2*x1)")
    report = check_validity(fold, X0, Gaussian())
    assert not report["invertible"].ok
    assert report["invertible"].x0 == tuple(X0[0].tolist())
    at = caustic(fold, X0, Gaussian(), 0.6)
    assert len(at) > 100
    assert torch.allclose(at[:, 0], torch.tensor(0.6, dtype=torch.float64))
    # In each coordinate apart: 1 + 1.6 cos 2x₁ = 0, so x is one of a few lines.
    turn = 0.5 * torch.acos(torch.tensor(-1 / 1.6, dtype=torch.float64))
    ends = torch.stack([sign * turn + k * torch.pi for sign in (1, -1) for k in (-1, 0, 1)])
    lines = 0.4 * X0[0] + 0.6 * ends[:, None] + 0.48 * torch.sin(2 * ends)[:, None]
    gap = (at[:, 1:, None] - lines.T[None]).abs().amin(-1).amin(-1)
    assert gap.max() < 0.01


def turned(angle, v):
    c, s = np.cos(angle), np.sin(angle)
    return np.array([c * v[0] - s * v[1], s * v[0] + c * v[1]])


# Each typed family of the plane beside its formula in NumPy.
TYPED = {
    "winds about its point": (
        {"forward": "x0+t*rot(2*(1-t)*norm(x1-x0))*(x1-x0)"},
        lambda z, a, t: a + t * turned(2 * (1 - t) * np.hypot(*(z - a)), z - a),
    ),
    "winds about the origin": (
        {"forward": "(1-t)*x0+t*rot(2*(1-t)*norm(x1))*x1"},
        lambda z, a, t: (1 - t) * a + t * turned(2 * (1 - t) * np.hypot(*z), z),
    ),
    "winds the other way": (
        {"inverse": "x0+rot(3*(1-t)*norm(x-x0))*(x-x0)/t"},
        None,
    ),
    "radial": (
        {"forward": "x0+t*(x1-x0)*(1+(1-t)*tanh(norm(x1-x0)))"},
        lambda z, a, t: a + t * (z - a) * (1 + (1 - t) * np.tanh(np.hypot(*(z - a)))),
    ),
    "bends": (
        {"forward": "(1-t)*x0+t*x1+t*(1-t)*tanh(x1-x0)"},
        lambda z, a, t: (1 - t) * a + t * z + t * (1 - t) * np.tanh(z - a),
    ),
    "shears": (
        {"forward": "(1-t)*x0+t*x1+2*(1-t)*[sin(3*t*x1[1]),0]"},
        lambda z, a, t: (1 - t) * a + t * z + 2 * (1 - t) * np.array([np.sin(3 * t * z[1]), 0]),
    ),
}
DATA = torch.tensor([[0.5, 0.2], [-1.0, 0.5], [1.0, -1.0]], dtype=torch.float64)
GRID = torch.cartesian_prod(*[torch.linspace(-3.0, 3.0, 41, dtype=torch.float64)] * 2)


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from(list(TYPED)),
    st.floats(0.02, 1.0),
    st.lists(st.integers(0, len(GRID) - 1), min_size=1, max_size=4),
    st.integers(2, 400),
)
def test_a_result_does_not_depend_on_the_other_rows(name, t, rows, others):
    path, time = formula(**TYPED[name][0], d=2), torch.tensor(t, dtype=torch.float64)
    beside = GRID[torch.randperm(len(GRID), generator=torch.Generator().manual_seed(others))]
    where = GRID[rows]
    alone = torch.cat([path.inverse(x[None], DATA, time) for x in where])
    together = path.inverse(torch.cat([beside[:others], where]), DATA, time)[others:]
    assert bool(alone.isfinite().all())
    assert torch.allclose(alone, together, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", [name for name, (_, psi) in TYPED.items() if psi])
@pytest.mark.parametrize("t", [0.6, 0.2])
def test_what_is_found_is_what_scipy_finds(name, t):
    """SciPy goes the way from t = 1 in steps so small that it cannot leave its branch."""
    given_as, psi = TYPED[name]
    where = GRID[::307]
    found = formula(**given_as, d=2).inverse(where, DATA, torch.tensor(t, dtype=torch.float64))
    for i, x in enumerate(where.numpy()):
        a = DATA[i % len(DATA)].numpy()
        z = a + (x - a) / t
        for s in np.geomspace(1.0, t, 100):
            aim = a + s / t * (x - a)
            z = root(lambda v, s=s, a=a, aim=aim: psi(v, a, s) - aim, z, tol=1e-12).x
        assert np.hypot(*(psi(z, a, t) - x)) < 1e-10
        assert found[i, i % len(DATA)].numpy() == pytest.approx(z, rel=1e-8, abs=1e-8)


def test_a_winding_family_is_inverted_everywhere_as_by_its_formula():
    """x - x₀ = t R(2(1-t)r)(x₁ - x₀) keeps r = |x - x₀|/t: x₁ has a formula."""
    path = formula(**TYPED["winds about its point"][0], d=2)
    field = MarginalField(DATA, torch.ones(3), Gaussian(), path)
    for t in (0.05, 0.2, 0.7):
        away = ((GRID[:, None] - DATA) / t).numpy()
        angle = -2 * (1 - t) * np.hypot(away[..., 0], away[..., 1])
        x1 = DATA.numpy() + np.moveaxis(turned(angle, np.moveaxis(away, -1, 0)), 0, -1)
        terms = -0.5 * (x1**2).sum(-1) - np.log(2 * np.pi) - 2 * np.log(t) - np.log(3)
        exact = np.logaddexp.reduce(terms, axis=1)
        assert field.log_prob(GRID, t).numpy() == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("name", [*PRIORS, *PLANE_PRIORS])
def test_an_unknown_endpoint_makes_the_sum_nan_and_not_zero(name, monkeypatch):
    """Also under priors that would give no probability to what is not a number."""
    monkeypatch.setattr(continuation, "MAX_STEPS", 0)
    prior = ({**PRIORS, **PLANE_PRIORS})[name]()
    field = MarginalField(DATA, torch.ones(3), prior, formula(**TYPED["winds about the origin"][0]))
    field.path = formula(**TYPED["winds about the origin"][0])  # whatever the prior is
    axes = (GRID[::41, 0].contiguous(), GRID[:41, 1].contiguous())
    found = field.grid(axes, torch.tensor([0.2], dtype=torch.float64))
    free = field.path.inverse(GRID, DATA, torch.tensor(0.2, dtype=torch.float64))
    lost = free.isnan().any(-1).any(-1).reshape(41, 41)
    assert bool(lost.any())
    assert torch.equal(found.unknown[0], lost)
    assert bool(found.flux[0][lost].isnan().all())


def test_the_plane_page_says_that_a_density_is_unknown(monkeypatch):
    monkeypatch.setattr(continuation, "MAX_STEPS", 0)
    link = Typed("forward", TYPED["winds about the origin"][0]["forward"]).link
    query = {"plane_family": "formula", "plane_formula": link, "plane_prior": "gaussian"}
    scene, _ = Scene.read_query(query | {"plane_probe": "0.2,-3.0,-2.25"})
    assert compute.frames(scene, compute.QUICK).lost
    app = AppTest.from_function(reading, kwargs={"scene": scene}, default_timeout=30).run()
    assert not app.exception
    assert [said.value for said in app.info] == [translator("en")("fan.query.unknown")]


def reading(scene) -> None:
    """A page that holds nothing but what is read at the query point."""
    from flowviz.text import translator
    from flowviz.ui.plane import query

    query.reading(scene, translator("en"))


class Lost(Affine):
    """A family that knows its determinant and finds no x₁."""

    def inverse(self, x, x0, t):
        return torch.full_like(super().inverse(x, x0, t), torch.nan)


@pytest.mark.parametrize("name", [*PRIORS, *PLANE_PRIORS])
def test_no_prior_returns_zero_for_nan(name):
    prior = ({**PRIORS, **PLANE_PRIORS})[name]()
    for d in (1, 2):
        if not prior.exists_in(d):
            continue
        path = Lost(mu=lambda x0, t: (1 - t) * x0)
        field = MarginalField(DATA[:, :d], torch.ones(3), prior, path)
        assert bool(field.log_prob(GRID[:5, :d], 0.3).isnan().all())
        if d == 1:
            assert bool(field.cdf(GRID[:5, :1], 0.3).isnan().all())
            assert bool(field.sf(GRID[:5, :1], 0.3).isnan().all())
