"""The checks pass for the flow, and fail for anything else."""

from __future__ import annotations

import dataclasses
import importlib

import pytest
import torch

from flowviz.core import checks
from flowviz.core.datasets import DATASETS
from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS, Affine
from flowviz.core.priors import PLANE_PRIORS, PRIORS, Gaussian, Prior
from flowviz.core.schedules import SCHEDULES
from flowviz.core.transport import basin_map, launch, trajectories

# The package has the function by the module's name.
mass_module = importlib.import_module("flowviz.core.checks.mass")


def article(prior, **path) -> MarginalField:
    return MarginalField(*DATASETS["article"].tensors(), prior, Affine(**path))


class Heavier(Gaussian):
    """A density that claims a hundred-thousandth too much."""

    def pdf(self, z):
        return super().pdf(z) * (1 + 1e-5)


class Hasty(MarginalField):
    """A field whose velocity is off by a part in a million."""

    def _evaluate(self, x, t, progress=None):
        log_p, velocity = super()._evaluate(x, t, progress)
        return log_p, velocity * (1 + 1e-6)


def test_mass_notices_a_density_that_is_too_heavy():
    times = torch.tensor([0.1, 0.9], dtype=torch.float64)
    assert checks.mass(article(Gaussian()), times).ok
    check = checks.mass(article(Heavier()), times)
    assert not check.ok
    assert check.value == pytest.approx(1e-5, rel=1e-3)


class Late(MarginalField):
    """A density that is too high by a hundred-thousandth from t = 0.5 on."""

    def log_prob_rows(self, x, times):
        return super().log_prob_rows(x, times) + 1e-5 * (times > 0.5)[:, None]


def test_mass_is_that_of_the_worst_time():
    times = torch.tensor([0.1, 0.9], dtype=torch.float64)
    check = checks.mass(Late(*DATASETS["article"].tensors(), Gaussian(), Affine()), times)
    assert (check.mass - 1.0).tolist() == pytest.approx([0.0, 1e-5], abs=1e-9)
    assert check.value == pytest.approx(1e-5, rel=1e-3)


@pytest.mark.parametrize(("law", "d"), [("gaussian", 1), ("laplace", 1), ("disk", 2), ("ring", 2)])
def test_the_bound_of_the_mass_is_no_more_than_its_error_can_be(law, d):
    """Of a smooth density all parts of the bound but `MASS_BOUND` are far below it."""
    x0 = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.3]], dtype=torch.float64)[:, :d]
    for path in (Affine(), PATHS["parabola"]())[: 3 - d]:
        field = MarginalField(x0, torch.ones(3), {**PRIORS, **PLANE_PRIORS}[law](), path)
        check = checks.mass(field, torch.tensor([0.4, 0.9], dtype=torch.float64))
        assert check.ok, check
        assert check.bound < 1.05e-9


def test_of_many_points_of_the_plane_those_of_the_largest_weights_are_measured(monkeypatch):
    measured: set[int] = set()

    def single(field, i, t, x1, weight):
        measured.add(i)
        return torch.stack([1.001 * field.weights[i], 0.0 * field.weights[i]])

    monkeypatch.setattr(mass_module, "_single_point_mass", single)
    generator = torch.Generator().manual_seed(1)
    x0 = torch.rand(900, 2, generator=generator, dtype=torch.float64)
    weights = torch.rand(900, generator=generator, dtype=torch.float64)
    field = MarginalField(x0, weights, PLANE_PRIORS["disk"](), Affine())
    check = checks.mass(field, torch.tensor([0.4], dtype=torch.float64))
    assert 2 <= len(measured) < 900
    assert measured == set(weights.argsort(descending=True)[: len(measured)].tolist())
    # What they have is compared with their own weights.
    assert check.value == pytest.approx(1e-3, rel=1e-9)


def test_conservation_notices_a_trajectory_that_is_moved():
    field, x1 = article(Gaussian()), launch(Gaussian(), 9)
    shown = trajectories(field, x1, torch.linspace(0, 1, 7, dtype=torch.float64))
    assert checks.conservation(field, x1, shown).ok
    moved = dataclasses.replace(shown, x=shown.x + 1e-8)
    assert not checks.conservation(field, x1, moved).ok


def test_continuity_notices_a_velocity_that_is_too_fast():
    assert checks.continuity(article(Gaussian())).ok
    assert not checks.continuity(Hasty(*DATASETS["article"].tensors(), Gaussian(), Affine())).ok


def test_a_number_that_is_none_is_not_ok():
    assert not checks.Check(float("nan"), 1.0).ok
    assert checks.Check(float("nan"), 1.0).failed


def test_what_the_budget_does_not_allow_has_not_failed_and_is_not_ok():
    points = torch.tensor([[0.0, 1.0], [1.0, 0.0]], dtype=torch.float64)
    field = MarginalField(points, torch.ones(2), Gaussian(), Affine())
    x1 = Gaussian().sample(9, 2, torch.Generator().manual_seed(3))
    shown = trajectories(field, x1, torch.linspace(0, 1, 5, dtype=torch.float64))
    middle = torch.zeros(1, dtype=torch.float64)
    for budget, measured in ((1e4, False), (1e9, True)):
        found = basin_map(field, (middle, middle), draws=50, budget=budget)
        for check in (
            checks.refinement(field, shown, 1e-6, budget=budget),
            checks.basin_masses(found),
        ):
            assert (check.ok, check.failed, check.out_of_budget) == (measured, False, not measured)


def crowd(n: int, prior: Prior) -> MarginalField:
    """A few hundred points, some of them in one place."""
    generator = torch.Generator().manual_seed(0)
    x0 = torch.rand(n, 1, generator=generator, dtype=torch.float64) * 2
    x0[: n // 4] = 0.3 + 1e-4 * x0[: n // 4]
    return MarginalField(x0, torch.ones(n), prior, Affine())


@pytest.mark.parametrize("n", [40, 600])
@pytest.mark.parametrize("law", [name for name in PRIORS if PRIORS[name].product])
def test_many_points_are_checked_too(law, n):
    check = checks.mass(
        crowd(n, PRIORS[law]()), torch.tensor([0.05, 0.5, 1.0], dtype=torch.float64)
    )
    assert check.ok, check
    assert check.bound < {"arcsine": 1e-2, "gaussian_mixture": 1e-7}.get(law, 2e-9)


@pytest.mark.parametrize("n", [40, 600])
def test_mass_detects_a_wrong_sum_over_many_points(n):
    check = checks.mass(crowd(n, Heavier()), torch.tensor([0.1, 0.9], dtype=torch.float64))
    assert not check.ok
    assert check.value == pytest.approx(1e-5, rel=1e-3)


def test_a_family_with_a_nonlinear_mean_is_checked():
    path = {"schedule": SCHEDULES["vp"](), "mu": lambda x0, t: (1 - t) * torch.sin(x0 + t) + t * 0}
    field = article(PRIORS["laplace"](), **path)
    assert checks.mass(field, torch.tensor([0.2, 0.6], dtype=torch.float64)).ok
    assert checks.continuity(field).ok


@pytest.mark.parametrize("timing", SCHEDULES)
def test_the_bound_for_large_terms_is_their_rounding(timing):
    """Beside the infinite ends of an arcsine law derivatives are thousands, and cancel."""
    assert checks.continuity(article(PRIORS["arcsine"](), schedule=SCHEDULES[timing]()), n=800).ok
    hasty = Hasty(*DATASETS["article"].tensors(), PRIORS["arcsine"](), Affine(SCHEDULES[timing]()))
    assert not checks.continuity(hasty).ok


@pytest.mark.parametrize("law", ["laplace", "gaussian_mixture"])
@pytest.mark.parametrize("apart", [0.0, 1e-6, 1e6])
def test_the_planes_mass_is_measured_however_close_or_far_its_points(law, apart):
    """No corner and no valley of the density falls inside a panel, whichever are left out."""
    x0 = apart * torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.3]], dtype=torch.float64)
    field = MarginalField(x0, torch.ones(3), PRIORS[law](), Affine())
    check = checks.mass(field, torch.tensor([0.2, 0.7], dtype=torch.float64))
    assert check.ok, check
    assert check.value < 1e-8
