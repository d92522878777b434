"""Trajectories on the line: roots of the conserved cdf, for every schedule."""

from __future__ import annotations

import math

import mpmath as mp
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from flowviz.core import checks
from flowviz.core.datasets import DATASETS
from flowviz.core.field import MarginalField
from flowviz.core.paths import Affine
from flowviz.core.priors import PRIORS, Gaussian, Prior, Uniform
from flowviz.core.schedules import SCHEDULES
from flowviz.core.transport import basins, launch, line, on_schedule, straight_fan, trajectories
from flowviz.core.transport.line import monotone_line
from tests import reference

LINE = [name for name in PRIORS if PRIORS[name].product]
every_prior = pytest.mark.parametrize("law", LINE)
every_schedule = pytest.mark.parametrize("timing", SCHEDULES)


def flow(points: list, weights: list, law: str | Prior, timing: str = "linear") -> MarginalField:
    x0 = torch.tensor(points, dtype=torch.float64)[:, None]
    w = torch.tensor(weights, dtype=torch.float64)
    prior = PRIORS[law]() if isinstance(law, str) else law
    return MarginalField(x0, w, prior, Affine(SCHEDULES[timing]()))


def article(law: str | Prior, timing: str = "linear") -> MarginalField:
    return flow([0.5, 1.2, 1.7], [2.0, 1.0, 1.0], law, timing)


def reaching(prior: Prior) -> torch.Tensor:
    """Prior positions in the body and eight scales out, none within rounding of a separatrix."""
    body = prior.icdf(torch.tensor([1e-3, 0.1, 0.4, 0.6, 0.74, 0.9, 0.999], dtype=torch.float64))
    loc, scale = getattr(prior, "loc", 0.0), getattr(prior, "scale", 1.0)
    low, high = prior.support
    # A mixture's outer components are a unit from its middle; a compact law has no far tail.
    far = [loc - 8 * scale, loc + 8 * scale, low + 1e-9, high - 1e-9]
    inside = [z for z in far if low < z < high and math.isfinite(z)]
    return torch.cat([body, torch.tensor(inside, dtype=torch.float64)])


@every_prior
@every_schedule
def test_trajectories_agree_with_forty_digits(law, timing):
    field = article(law, timing)
    x1 = reaching(field.prior)
    times = torch.tensor([1e-3, 0.03, 0.4, 0.9, 1.0], dtype=torch.float64)
    found = trajectories(field, x1[:, None], times)
    true = reference.Flow(field.x0[:, 0].tolist(), field.weights.tolist(), field.prior, timing)
    for i, start in enumerate(x1.tolist()):
        for j, t in enumerate(times.tolist()):
            x = found.x[i, j, 0].item()
            miss = abs(true.trajectory(start, t, x) - mp.mpf(x))
            assert miss <= 1e-10, (start, t, x)
            assert miss <= 50 * found.error[i, j].item() + 1e-30


@every_prior
@every_schedule
def test_the_level_is_conserved_from_the_far_tails_inward(law, timing):
    field = article(law, timing)
    x1 = torch.cat([launch(field.prior, 60), reaching(field.prior)[:, None]])
    times = torch.linspace(0, 1, 50, dtype=torch.float64) ** 2
    found = trajectories(field, x1, times)
    check = checks.conservation(field, x1, found)
    assert check.ok, check
    # t = 4e-4 under the cubic schedule is σ = 1e-10: x has six digits of φ left there.
    assert check.bound <= (1e-6 if timing in ("linear", "cosine", "vp") else 1e-2)
    if field.prior.support[0] > -math.inf:
        return  # next to an edge the level has no more digits than x minus the edge
    late = times > 0.1
    F = field.cdf(found.x[:, late].reshape(-1, 1), times[late].repeat(x1.shape[0]))
    wanted = field.prior.cdf(x1)
    lower = wanted[:, 0] <= 0.5
    ratio = F.reshape(x1.shape[0], -1)[lower] / wanted[lower]
    assert torch.allclose(ratio, torch.ones_like(ratio), rtol=1e-9)


@every_prior
@every_schedule
def test_ends_are_exact(law, timing):
    field = article(law, timing)
    x1 = launch(field.prior, 25, "probability")
    found = trajectories(field, x1, torch.tensor([0.0, 1.0], dtype=torch.float64))
    assert torch.equal(found.x[:, 0], field.x0[found.basin])
    assert torch.equal(found.x[:, 1], x1)


@every_prior
@pytest.mark.parametrize("timing", [name for name in SCHEDULES if name != "linear"])
def test_every_schedule_is_the_straight_flow_reparametrised(law, timing):
    """Solved on the schedule itself, not by the straight-line solution (MATH §3.2)."""
    field = article(law, timing)
    x1 = launch(field.prior, 16)  # an odd number would start on a separatrix
    times = torch.tensor([0.05, 0.3, 0.7, 0.95], dtype=torch.float64)
    through = trajectories(field, x1, times)
    direct = monotone_line(field, x1[:, 0], times)
    assert torch.allclose(through.x, direct.x, rtol=0, atol=1e-12)
    assert torch.equal(through.basin, direct.basin)


@every_schedule
def test_a_solved_fan_moves_to_another_schedule_unsolved(timing, monkeypatch):
    field = article("gaussian")
    x1 = launch(field.prior, 20)
    u = torch.linspace(0, 1, 30, dtype=torch.float64)
    fan = straight_fan(field, x1[:, 0], u)
    monkeypatch.setattr("flowviz.core.transport.line.solve_increasing", None)
    seen = on_schedule(fan, SCHEDULES[timing]())
    monkeypatch.undo()
    again = trajectories(article("gaussian", timing), x1, seen.t)
    assert torch.allclose(seen.x, again.x, rtol=0, atol=1e-12)
    assert torch.equal(seen.basin, fan.basin)
    assert torch.equal(seen.x[:, 0], field.x0[fan.basin])


@every_prior
def test_any_mean_that_is_a_function_is_followed(law):
    def mean(x0, t):
        return (1 - t) * (x0 + torch.sin(2 * t) * x0**2)

    x0, weights = DATASETS["article"].tensors()
    field = MarginalField(x0, weights, PRIORS[law](), Affine(SCHEDULES["cosine"](), mu=mean))
    x1 = torch.cat([launch(field.prior, 15), reaching(field.prior)[:, None]])
    times = torch.tensor([0.0, 0.02, 0.4, 0.9, 1.0], dtype=torch.float64)
    found = trajectories(field, x1, times)
    assert checks.conservation(field, x1, found).value <= 1e-11
    assert torch.equal(found.x[:, 0], x0[found.basin])
    assert torch.equal(found.x[:, -1], x1)


@every_prior
def test_one_point_moves_along_the_family_itself(law):
    field = flow([0.8], [1.0], law, "vp")
    x1 = launch(field.prior, 12)
    times = torch.linspace(0, 1, 9, dtype=torch.float64)
    found = trajectories(field, x1, times)
    straight = field.path.forward(x1.repeat_interleave(9, 0), field.x0, times.repeat(12)).reshape(
        12, 9, 1
    )
    assert torch.allclose(found.x, straight, rtol=0, atol=1e-13)


@every_prior
def test_basins_have_the_mass_of_their_point(law):
    """MATH §3.4, from both sides: exact separatrices, and where trajectories in fact go."""
    field = flow([1.7, 0.5, 1.2, 0.5], [1.0, 1.5, 1.0, 0.5], law)
    cells = basins(field)
    assert cells.index.tolist() == [1, 2, 0]
    assert torch.allclose(cells.mass, torch.tensor([0.5, 0.25, 0.25], dtype=torch.float64))
    assert torch.allclose(field.prior.cdf(cells.edges).diff(), cells.mass, atol=1e-14)
    assert (cells.edges[0], cells.edges[-1]) == field.prior.support
    n = 400
    found = trajectories(field, launch(field.prior, n, "probability"), torch.zeros(1).double())
    share = torch.bincount(found.basin, minlength=4) / n
    assert torch.allclose(share.double(), torch.tensor([0.25, 0.5, 0.25, 0.0]).double(), atol=1 / n)
    for k in range(1, 3):  # on either side of a separatrix
        beside = cells.edges[k] + torch.tensor([[-1e-6], [1e-6]], dtype=torch.float64)
        ends = trajectories(field, beside, torch.zeros(1).double()).basin
        assert ends.tolist() == cells.index[k - 1 : k + 1].tolist()


@settings(deadline=None, max_examples=60)
@given(
    points=st.lists(st.floats(-3, 3), min_size=1, max_size=12),
    law=st.sampled_from(LINE),
    timing=st.sampled_from(sorted(SCHEDULES)),
    data=st.data(),
)
def test_trajectories_never_cross_and_stay_between_the_extremes(points, law, timing, data):
    n = len(points)
    weights = data.draw(st.lists(st.floats(0.01, 10), min_size=n, max_size=n))
    field = flow(points, weights, law, timing)
    x1 = launch(field.prior, 30, data.draw(st.sampled_from(["steps", "probability"])))
    times = torch.tensor([0.0, 0.01, 0.2, 0.5, 0.8, 1.0], dtype=torch.float64)
    found = trajectories(field, x1, times)
    slack = 2 * found.error + 1e-15
    assert (found.x[..., 0].diff(dim=0) >= -(slack[1:] + slack[:-1])).all()
    alpha, sigma = SCHEDULES[timing]()(times)
    low, high = (alpha * e + sigma * x1 for e in (field.x0.min(), field.x0.max()))
    assert (found.x[..., 0] >= low - 1e-12).all()
    assert (found.x[..., 0] <= high + 1e-12).all()
    assert torch.isfinite(found.x).all()


def test_the_order_of_times_and_the_company_kept_change_nothing():
    field = article("student_t", "vp")
    x1 = launch(field.prior, 9)
    times = torch.linspace(0, 1, 40, dtype=torch.float64)
    together = trajectories(field, x1, times)
    shuffled = torch.randperm(40, generator=torch.Generator().manual_seed(2))
    assert torch.allclose(
        trajectories(field, x1, times[shuffled]).x, together.x[:, shuffled], atol=1e-12
    )
    alone = trajectories(field, x1[4:5], times[7:8])
    assert torch.allclose(alone.x[0, 0], together.x[4, 7], atol=1e-12)


def test_equal_points_merge():
    twice = flow([1.0, 1.0, 2.0], [1.0, 1.0, 2.0], "gaussian")
    once = flow([1.0, 2.0], [2.0, 2.0], "gaussian")
    x1, times = launch(Gaussian(), 11), torch.linspace(0, 1, 8, dtype=torch.float64)
    a, b = trajectories(twice, x1, times), trajectories(once, x1, times)
    assert torch.allclose(a.x, b.x, atol=1e-13)
    assert set(a.basin.tolist()) == {0, 2}


def test_points_very_close_and_very_far_apart():
    field = flow([-1e6, 0.0, 1e-6, 1e6], [1.0, 1.0, 1.0, 1.0], "gaussian")
    x1, times = (
        launch(Gaussian(), 40, "probability"),
        torch.tensor([0, 1e-9, 1e-3, 0.5, 1]).double(),
    )
    found = trajectories(field, x1, times)
    assert torch.bincount(found.basin).tolist() == [10, 10, 10, 10]
    inner = field.cdf(found.x[:, 2:].reshape(-1, 1), times[2:].repeat(40)).reshape(40, -1)
    assert torch.allclose(inner, field.prior.cdf(x1).expand_as(inner), atol=1e-7)


def test_thousands_of_points():
    generator = torch.Generator().manual_seed(0)
    x0 = torch.rand(2000, 1, generator=generator, dtype=torch.float64)
    field = MarginalField(x0, torch.ones(2000), Gaussian(), Affine())
    x1 = launch(Gaussian(), 12)
    found = trajectories(field, x1, torch.tensor([0.0, 1e-3, 0.2, 0.7], dtype=torch.float64))
    assert checks.conservation(field, x1, found).ok


def test_the_very_ends_of_a_support_are_followed():
    field = article(Uniform(0.0, 2.0))
    times = torch.tensor([0.0, 0.3, 1.0], dtype=torch.float64)
    found = trajectories(field, torch.tensor([[0.0], [2.0]], dtype=torch.float64), times)
    assert torch.allclose(found.x[0, :, 0], (1 - times) * 0.5, atol=1e-15)
    assert torch.allclose(found.x[1, :, 0], (1 - times) * 1.7 + 2 * times, atol=1e-15)
    assert (found.error < 1e-14).all()


def test_beyond_the_reach_of_doubles_the_error_says_so():
    field = article("gaussian")
    x1, times = torch.tensor([[-60.0], [60.0]]).double(), torch.tensor([0.5]).double()
    found = trajectories(field, x1, times)
    low, high = 0.25 + 0.5 * x1[:, 0], 0.85 + 0.5 * x1[:, 0]
    assert ((found.x[:, 0, 0] >= low) & (found.x[:, 0, 0] <= high)).all()
    assert (found.error[:, 0] >= 0.1).all()


def test_the_error_grows_towards_a_separatrix():
    field = article("gaussian")
    edge = basins(field).edges[1].item()
    beside = edge + torch.tensor([[1e-3], [1e-8], [1e-13]], dtype=torch.float64)
    found = trajectories(field, beside, torch.tensor([0.02], dtype=torch.float64))
    assert (found.error[:, 0].diff() > 0).all()
    assert found.error[0, 0] < 1e-14


@pytest.mark.parametrize("how", ["steps", "probability"])
@every_prior
def test_launches_are_inside_the_support_and_of_the_given_number(law, how):
    prior = PRIORS[law]()
    x1 = launch(prior, 37, how)
    assert x1.shape == (37, 1)
    low, high = prior.support
    assert ((x1 > low) & (x1 < high)).all()
    if how == "steps":
        assert torch.allclose(x1.diff(dim=0), (x1[1] - x1[0]).expand(36, 1), rtol=1e-9)
    else:
        level = (torch.arange(37, dtype=torch.float64) + 0.5) / 37
        assert torch.allclose(prior.cdf(x1[:, 0]), level, atol=1e-12)


def test_a_launch_keeps_to_the_view():
    x1 = launch(Gaussian(), 4, view=(-1.0, 3.0))
    assert x1[:, 0].tolist() == [-0.5, 0.5, 1.5, 2.5]
    assert launch(Uniform(0.0, 2.0), 2, view=(-5.0, 1.0))[:, 0].tolist() == [0.25, 0.75]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f: trajectories(f, torch.ones(3), torch.ones(1)), r"x1 must have shape \(Q, 1\)"),
        (lambda f: trajectories(f, torch.ones(3, 1), torch.tensor(0.5)), "times must be a vector"),
        (lambda f: trajectories(f, torch.ones(3, 1), torch.tensor([1.5])), r"\[0, 1\], got 1.5"),
        (lambda f: trajectories(f, torch.ones(3, 1), torch.tensor([math.nan])), "got nan"),
        (lambda f: trajectories(f, torch.tensor([[2.5]]), torch.ones(1)), r"\[0.0, 2.0\], got 2.5"),
        (lambda f: trajectories(f, torch.tensor([[math.nan]]), torch.ones(1)), "got nan"),
        (lambda f: launch(f.prior, 0), "n must be at least 1, got 0"),
        (lambda f: launch(f.prior, 3, "random"), "got 'random'"),
        (lambda f: launch(f.prior, 3, view=(4.0, 5.0)), "view must overlap"),
    ],
)
def test_what_cannot_be_followed_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call(article("uniform"))


@every_prior
def test_many_points_have_the_trajectories_of_all_pairs(law, monkeypatch):
    monkeypatch.setattr(line, "_MIN_TREECODE_PAIRS", 0)
    generator = torch.Generator().manual_seed(4)
    x0 = 2.0 * torch.rand(300, generator=generator, dtype=torch.float64)
    weights = torch.rand(300, generator=generator, dtype=torch.float64) + 0.01
    field = MarginalField(x0[:, None], weights, PRIORS[law](), Affine())
    x1 = launch(field.prior, 11, "probability")
    times = torch.tensor([0.0, 1e-3, 0.05, 0.3, 0.8, 1.0], dtype=torch.float64)
    found = trajectories(field, x1, times)
    plain = monotone_line(field, x1[:, 0], times)
    assert torch.allclose(found.x, plain.x, rtol=0, atol=1e-11)
    assert torch.equal(found.basin, plain.basin)
