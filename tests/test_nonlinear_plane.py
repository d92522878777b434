"""Nonlinear families in the plane against an independent integration (``plane_reference``).

Free ends leave the prior's bulk and come back under these families: what settles a trajectory too
early ends in another basin here. The whole matrix is ``benchmarks.bent``.
"""

from __future__ import annotations

import functools

import numpy as np
import pytest
import torch

from benchmarks.bent import LAWS, POINTS, STRENGTHS, TIMES, WEIGHTS, compare, typed
from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS, Affine
from flowviz.core.paths.homotopy import FORMULA_COST
from flowviz.core.paths.typed import TypedForward, formula
from flowviz.core.priors import Disk, Gaussian, Uniform
from flowviz.core.transport import trajectories
from tests.plane_reference import Flow, log_density

RETURNS = {
    "triangular, wave": ("triangular", "wave", {}),
    "triangular, swirl 3": ("triangular", "swirl", {"turns": 3.0}),
    "ring, swirl 3": ("ring", "swirl", {"turns": 3.0}),
    "mixture, swirl 3": ("gaussian_mixture", "swirl", {"turns": 3.0}),
    "gaussian, wave (1, 6)": ("gaussian", "wave", {"height": 1.0, "halves": 6}),
}
SEEDS = {"triangular, swirl 3": 8, "triangular, wave": 4}
"""Of draws for which the reference needs no steps ten times shorter."""


def field_of(prior, path, n: int | None = None) -> MarginalField:
    if n is None:
        return MarginalField(torch.tensor(POINTS), torch.tensor(WEIGHTS), prior, path)
    x0 = torch.randn(n, 2, generator=torch.Generator().manual_seed(n), dtype=torch.float64)
    return MarginalField(x0, torch.ones(n).double(), prior, path)


@pytest.mark.parametrize("case", RETURNS)
def test_trajectories_that_return_are_not_settled_early(case):
    law, family, strength = RETURNS[case]
    found = compare(LAWS[law](), PATHS[family](**strength), 24, SEEDS.get(case, 7))
    assert found["off"] == found["other"] == 0, found
    assert found["beside"] <= 1
    # An estimate: the worst may be further off than it says, but not by far.
    assert found["ratio"] <= 20.0, found


@pytest.mark.parametrize("family", ["wave", "detour", "squeeze"])
def test_infinite_edges_are_followed(family):
    """In angles, which also makes the error known."""
    found = compare(LAWS["arcsine"](), PATHS[family](**STRENGTHS[family][1]), 3, seed=8)
    assert found["off"] == found["other"] == 0, found
    assert found["beside"] == 0
    assert found["ratio"] <= 20.0, found
    assert found["bound"] <= 1e-4, found


def test_infinite_edges_that_wind_are_all_met():
    """Edges pass each other, and return, many times within a step of eighth order."""
    found = compare(LAWS["arcsine"](), PATHS["swirl"](turns=3.0), 1, seed=7)
    assert found["off"] == found["other"] == 0, found


@pytest.mark.parametrize("number", [k for k, law in enumerate(LAWS) if law != "arcsine"])
def test_every_prior_under_a_random_family(number):
    """Each prior meets one family, each family two strengths: the benchmark has all of them."""
    law, family = list(LAWS)[number], list(STRENGTHS)[number % len(STRENGTHS)]
    strength = STRENGTHS[family][1 + number // len(STRENGTHS) % 2]
    found = compare(LAWS[law](), PATHS[family](**strength), 4, seed=number)
    assert found["off"] == found["other"] == 0, found


@pytest.mark.parametrize("family", [name for name in STRENGTHS if name != "squeeze"])
def test_a_typed_family_is_the_built_in_one(family):
    strength = STRENGTHS[family][1]
    found = compare(LAWS["laplace"](), PATHS[family](**strength), 3, 2, typed(family, strength))
    assert found["off"] == found["other"] == 0, found


@pytest.mark.parametrize("law", LAWS)
def test_a_box_is_bounded_from_above(law):
    prior, generator = LAWS[law](), torch.Generator().manual_seed(1)
    centre = 4.0 * torch.randn(40, 2, generator=generator, dtype=torch.float64)
    half = torch.rand(40, 2, generator=generator, dtype=torch.float64)
    inside = torch.rand(200, 40, 2, generator=generator, dtype=torch.float64) * 2.0 - 1.0
    z = centre + half * inside
    most = prior.most(centre - half, centre + half)
    assert (prior.log_prob(z) <= most + 1e-12).all()
    # Not the whole line's maximum either: far from the prior there is less.
    far = torch.full((1, 2), 300.0).double()
    assert float(prior.most(far, far + 1.0)) <= float(most.max()) - 5.0
    assert log_density(prior)(z.numpy()).shape == (200, 40)


@pytest.mark.parametrize(
    ("text", "affine"),
    [
        ("x0 + t*rot(b*(1-t))*(x1 - x0)", True),
        ("(1-t)*x0 + t*x1 + a*t*(1-t)*sin(3*x0)", True),
        ("[(1-t)*x0[0] + t*x1[0], x0[1] + t^2*(x1[1] - x0[1])]", True),
        ("x0 + t*(x1 - x0)/(1 + a*(1-t))", True),
        ("x0 + t*rot(norm(x0)*(1-t))*(x1 - x0)", False),
        ("x0 + t*(x1 - x0)*(1 + (1-t)*norm(x0))", False),
        ("(1-t)*x0 + t*x1 + t*(1-t)*tanh(x1 - x0)", False),
        ("x0 + t*(x1 - x0)/(1 + (1-t)*norm(x1))", False),
        ("(1-t)*x0 + t*x1*x1/x1", False),
    ],
)
def test_which_formulas_have_one_matrix(text, affine):
    path = formula(forward=text, d=2)
    assert path.affine_in_x1 == affine
    if affine:
        x1, x0 = torch.randn(2, 5, 2, generator=torch.Generator().manual_seed(0)).double()
        t = torch.linspace(0.1, 0.9, 5).double()
        x = path.forward(x1, x0, t)
        other = path.forward(x1 + 1.0, x0, t) - x
        assert (other - other[:, :1]).abs().max() < 1e-12
        assert (path.inverse(x[:, 2], x0[2:3], t)[:, 0] - x1).abs().max() < 1e-12


# ---------------------------------------------------------------------- families that wind

WOUND = 8
WINDING = "x0+t*rot((1-t)*norm(x1-x0))*(x1-x0)"


def unwound(x, t):
    """Its inverse and velocity in closed form: it turns by an angle that x itself tells."""
    x0 = POINTS[:2]
    chord = (x - x0) @ np.array([1, 1j])
    time = t[..., 0]
    radius = np.abs(chord) / time
    free, speed = (
        chord / time * np.exp(-1j * (1 - time) * radius),
        chord / time - 1j * radius * chord,
    )
    parts = [np.stack([c.real, c.imag], axis=-1) for c in (free, speed)]
    return x0 + parts[0], np.zeros(chord.shape), parts[1]


def winding(draws: int) -> tuple[MarginalField, torch.Tensor]:
    x0, weights = torch.tensor(POINTS[:2]), torch.tensor(WEIGHTS[:2])
    field = MarginalField(x0, weights, Gaussian(), formula(forward=WINDING, d=2))
    return field, field.prior.sample(draws, 2, torch.Generator().manual_seed(7))


def test_a_family_that_winds_is_followed_to_its_end():
    field, x1 = winding(WOUND)
    flow = Flow(POINTS[:2], WEIGHTS[:2], field.prior, Affine())
    flow._pairs = unwound
    true, basin = flow.trajectories(x1[:3].numpy(), TIMES)
    found = winding_in_full()
    assert found.unfinished == 0
    assert (basin == found.basin[:3].numpy()).all()
    assert np.abs(true - found.x[:3].numpy()).max() < 1e-6


@functools.cache
def winding_in_full():
    field, x1 = winding(WOUND)
    return trajectories(field, x1, torch.tensor(TIMES))


@pytest.mark.parametrize("limit", [1_000_000, 20_000_000])
def test_no_call_evaluates_a_formula_more_often_than_its_budget_allows(limit, monkeypatch):
    """Fewer are followed then, each of them as without a limit."""
    field, x1 = winding(WOUND)
    times, whole = torch.tensor(TIMES), winding_in_full()
    spent, largest = 0, 0
    compiled = TypedForward.forward

    def counted(self, *given):
        nonlocal spent, largest
        value = compiled(self, *given)
        spent, largest = spent + value[..., 0].numel(), max(largest, value[..., 0].numel())
        return value

    monkeypatch.setattr(TypedForward, "forward", counted)
    found = trajectories(field, x1, times, budget=limit)
    assert FORMULA_COST * spent <= limit + FORMULA_COST * largest
    assert len(found.x) < WOUND
    assert torch.allclose(found.x, whole.x[: len(found.x)], rtol=0.0, atol=1e-9)


# ---------------------------------------------------------------------- flat priors

FLAT = [Uniform(-1.0, 1.5), Disk(1.5)]
LOCATED = "(1-t)*x0 + t*x1 + 0*tanh(x1)"  # straight lines that do not look so


@pytest.mark.parametrize("prior", FLAT, ids=["box", "disk"])
def test_polygons_rims_and_located_events_agree(prior):
    times = torch.tensor([0.9, 0.6, 0.3, 0.1]).double()
    line = field_of(prior, Affine(), 12)
    x1 = prior.sample(8, 2, torch.Generator().manual_seed(5))
    polygons = trajectories(line, x1, times)
    rims = trajectories(field_of(prior, Affine(mu=lambda x0, t: (1 - t) * x0), 12), x1, times)
    events = trajectories(field_of(prior, formula(forward=LOCATED, d=2), 12), x1, times)
    for other, close in ((rims, 1e-9), (events, 1e-6)):
        assert torch.equal(other.basin, polygons.basin)
        assert (other.x - polygons.x).abs().max() < close
    true, basin = Flow(line.x0.numpy(), np.ones(12), prior, Affine()).trajectories(
        x1.numpy(), times.numpy()
    )
    assert (basin == polygons.basin.numpy()).all()
    assert np.abs(true - polygons.x.numpy()).max() < 1e-7


def test_polygons_with_a_clock_for_each_axis_are_those_of_fine_steps():
    path, (prior, _) = PATHS["per_axis"](), FLAT
    x1 = prior.sample(8, 2, torch.Generator().manual_seed(5))
    found = trajectories(field_of(prior, path), x1, torch.tensor(TIMES))
    true, basin = Flow(POINTS, WEIGHTS, prior, path).trajectories(x1.numpy(), TIMES)
    assert (basin == found.basin.numpy()).all()
    assert np.abs(true - found.x.numpy()).max() < 1e-6


@pytest.mark.parametrize("prior", FLAT, ids=["box", "disk"])
def test_rims_of_a_bent_family_are_those_of_fine_steps(prior):
    found = compare(prior, PATHS["wave"](), 12)
    assert found["off"] == found["other"] == 0, found


@pytest.mark.parametrize(("n", "judge"), [(40, "fine steps"), (310, "rims")])
def test_a_box_with_many_points_is_followed_exactly(n, judge):
    prior = Uniform(-2.0, 2.0)
    field, times = field_of(prior, Affine(), n), torch.tensor([0.5, 0.2]).double()
    x1 = prior.sample(6, 2, torch.Generator().manual_seed(5))
    found = trajectories(field, x1, times)
    if judge == "rims":
        other = trajectories(field_of(prior, Affine(mu=lambda x0, t: (1 - t) * x0), n), x1, times)
        true, basin = other.x.numpy(), other.basin.numpy()
    else:
        flow = Flow(field.x0.numpy(), np.ones(n), prior, Affine())
        true, basin = flow.trajectories(x1.numpy(), times.numpy(), 1e-9)
    assert (basin == found.basin.numpy()).all()
    assert np.abs(true - found.x.numpy()).max() < 1e-6
    assert found.error.max() < 1e-12
