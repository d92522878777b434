"""The marginal field: superposition, its exact facts, and positions of zero density."""

from __future__ import annotations

import math
import statistics

import mpmath as mp
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from flowviz.core import checks
from flowviz.core.datasets import DATASETS
from flowviz.core.field import MarginalField
from flowviz.core.numerics.chunks import blocks
from flowviz.core.paths import Affine
from flowviz.core.priors import PRIORS, Gaussian, StudentT, Uniform
from flowviz.core.schedules import SCHEDULES
from tests import quadrature, reference

LINE = [name for name in PRIORS if PRIORS[name].product]
every_prior = pytest.mark.parametrize("law", LINE)
every_schedule = pytest.mark.parametrize("timing", SCHEDULES)


def article(law: str = "uniform", timing: str = "linear") -> MarginalField:
    return flow([0.5, 1.2, 1.7], [2.0, 1.0, 1.0], law, timing)


def flow(points: list, weights: list, law: str, timing: str = "linear") -> MarginalField:
    """A field of given points on the line."""
    x0 = torch.tensor(points, dtype=torch.float64)[:, None]
    w = torch.tensor(weights, dtype=torch.float64)
    return MarginalField(x0, w, PRIORS[law](), Affine(SCHEDULES[timing]()))


def draws(field: MarginalField, n: int, t: torch.Tensor) -> torch.Tensor:
    """Positions drawn from p_t, one for each time."""
    generator = torch.Generator().manual_seed(11)
    x1 = field.prior.sample(n, field.d, generator)
    which = torch.multinomial(field.weights, n, replacement=True, generator=generator)
    return field.path.forward(x1, field.x0[which][:, None], t)[:, 0]


@every_prior
@every_schedule
@pytest.mark.parametrize("t", [1e-4, 1.0])
def test_density_and_velocity_agree_with_forty_digits_at_both_ends_of_time(law, timing, t):
    field, schedule = article(law, timing), SCHEDULES[timing]()
    true = reference.Flow(field.x0[:, 0].tolist(), field.weights.tolist(), field.prior, timing)
    alpha, sigma = schedule(torch.tensor(t, dtype=torch.float64))
    free = field.prior.icdf(torch.tensor([0.03, 0.4, 0.8, 0.99]).double())
    for point in field.x0[:, 0]:
        x = alpha * point + sigma * free
        log_p, f = field.log_prob(x[:, None], t), field(x[:, None], t)[:, 0]
        # x itself is a rounded number: what that changes is the most any formula can know.
        blur = 4e-16 * float(point + x.abs().max())
        for k in range(4):
            at = x[k].item()
            p = true.density(at, t)
            beside = [true.density(at + s * blur, t) for s in (-1, 1)]
            if min(p, *beside) <= 0 or max(beside) / min(beside) > 2:
                continue  # within rounding of an edge
            slack = max(abs(mp.log(q / p)) for q in beside)
            assert abs(mp.log(p) - log_p[k].item()) <= 1e-12 + 2 * slack
            pull = abs(schedule.rates(torch.tensor(t, dtype=torch.float64))[1] / sigma).item()
            v = true.velocity(at, t)
            assert abs(v - f[k].item()) <= 1e-12 * (1 + abs(v)) + 4 * blur * pull


@every_prior
@every_schedule
def test_continuity_holds(law, timing):
    check = checks.continuity(article(law, timing), n=200, seed=5)
    assert check.ok, check


@every_prior
@every_schedule
def test_mass_is_one_and_velocity_moves_the_mean(law, timing):
    field = article(law, timing)
    check = checks.mass(field, torch.tensor([1e-3, 0.2, 0.9]).double())
    assert check.ok, check
    if law == "exponential" or law == "student_t":
        mean = {"exponential": 1.0, "student_t": 0.0}[law]
    elif law == "kernel_density":
        mean = statistics.fmean(field.prior.samples)  # pyright: ignore[reportAttributeAccessIssue]
    else:
        mean = float(field.prior.icdf(torch.tensor(0.5).double()))
    for t in (torch.tensor(0.07).double(), torch.tensor(0.6).double()):
        x, weight = quadrature.nodes(field, t)
        p = field.log_prob(x, t).exp()
        flux = torch.where(p > 0, p * field(x, t)[:, 0], torch.zeros_like(p))
        alpha_rate, sigma_rate = SCHEDULES[timing]().rates(t)
        expected = alpha_rate * (field.weights @ field.x0[:, 0]) + sigma_rate * mean
        # Student's tail beyond the last panel still carries flux: its first moment ends slowly.
        room = 1e-5 if law == "student_t" else 1e-7 if law == "arcsine" else 1e-8
        assert (flux * weight).sum() == pytest.approx(expected.item(), abs=room)


@every_prior
def test_superposition_is_the_plain_weighted_sum(law):
    field = article(law, "cosine")
    t = torch.linspace(0.1, 1.0, 40).double()
    x = draws(field, 40, t)
    single = [flow([p], [1.0], law, "cosine") for p in field.x0[:, 0].tolist()]
    parts = torch.stack([s.log_prob(x, t).exp() for s in single]) * field.weights[:, None]
    assert torch.allclose(field.log_prob(x, t).exp(), parts.sum(0), rtol=1e-12)
    motion = torch.stack([s(x, t)[:, 0].nan_to_num() for s in single])
    share = parts / parts.sum(0)
    assert torch.allclose(field(x, t)[:, 0], (share * motion).sum(0), rtol=1e-9, atol=1e-10)
    assert torch.allclose(field.posterior(x, t), share.T, rtol=1e-9, atol=1e-300)


@every_prior
def test_the_lens_form_is_the_direct_sum(law):
    """The form by posterior means against the sum of conditional velocities."""
    x0, weights = DATASETS["article"].tensors()
    vp = SCHEDULES["vp"]()
    quick = MarginalField(x0, weights, PRIORS[law](), Affine(vp))
    direct = MarginalField(x0, weights, PRIORS[law](), Affine(vp, mu=lambda p, t: vp(t)[0] * p))
    t = torch.linspace(0.02, 1.0, 60).double()
    x = draws(quick, 60, t)
    assert torch.allclose(quick.log_prob(x, t), direct.log_prob(x, t), rtol=1e-11, atol=1e-11)
    assert torch.allclose(quick(x, t), direct(x, t), rtol=1e-9, atol=1e-9)


@every_prior
def test_one_point_has_its_own_velocity(law):
    field = flow([0.9], [3.0], law)
    t = torch.linspace(0.01, 1.0, 30).double()
    x = draws(field, 30, t)
    assert torch.allclose(field(x, t)[:, 0], (x[:, 0] - 0.9) / t, rtol=1e-11, atol=1e-12)
    own = field.prior.log_pdf((x[:, 0] - (1 - t) * 0.9) / t) - t.log()
    assert torch.allclose(field.log_prob(x, t), own)


def test_one_gaussian_law_has_its_closed_form():
    """A Gaussian prior and Gaussian data, sampled densely: linear velocity (MATH §3.5)."""
    level = (torch.arange(4000).double() + 0.5) / 4000
    x0 = 1.0 + 0.5 * torch.special.ndtri(level)
    field = MarginalField(x0[:, None], torch.ones(4000).double(), Gaussian(), Affine())
    x = torch.linspace(0.0, 1.5, 15).double()
    for t in (0.3, 0.7):
        mean, var = 1 - t, (1 - t) ** 2 * x0.var().item() + t**2
        drift = -1 + (t - (1 - t) * x0.var().item()) / var * (x - mean)
        assert torch.allclose(field(x[:, None], t)[:, 0], drift, atol=5e-3)


def test_posterior_rows_sum_to_one_and_the_probe_adds_up():
    field = article("laplace", "cosine")
    t = torch.linspace(1e-4, 1, 50).double()
    x = draws(field, 50, t)
    probe = field.probe(x, t)
    assert torch.allclose(probe.posterior.sum(-1), torch.ones(50).double(), rtol=1e-13)
    assert probe.conditional.shape == (50, 3, 1)
    together = (probe.posterior[..., None] * probe.conditional).sum(1)
    assert torch.allclose(together, probe.velocity)
    assert torch.allclose(field(x, t), probe.velocity, rtol=1e-9, atol=1e-9)
    assert torch.allclose(field.log_prob(x, t), probe.log_p, rtol=1e-12, atol=1e-12)


def test_where_there_is_no_density_there_is_no_velocity():
    field = article("uniform")
    x = torch.tensor([[0.1], [5.0]]).double()
    assert (field.log_prob(x, 0.05) == -math.inf).all()
    assert field(x, 0.05).isnan().all()
    assert field.posterior(x, 0.05).isnan().all()
    grid = field.grid((torch.linspace(-1, 3, 50).double(),), torch.tensor([0.01, 0.5]).double())
    assert torch.equal(grid.velocity.isnan(), grid.p == 0)
    assert (grid.flux[grid.p == 0] == 0).all()


def test_where_there_is_no_density_the_nearest_support_has_all_the_weight():
    field = flow([0.0, 1.0, 10.0], [1.0, 5.0, 1.0], "uniform")  # σ U[0, 2] + α x₀
    x = torch.tensor([[-1.0], [3.0], [8.0], [20.0], [-0.1]], dtype=torch.float64)
    t = torch.full((5, 1), 0.1, dtype=torch.float64)
    supports = [(0.9 * x0, 0.9 * x0 + 0.2) for x0 in (0.0, 1.0, 10.0)]
    distance = [[max(low - y, y - high, 0.0) for low, high in supports] for y in x[:, 0].tolist()]
    posterior = field.posterior_mean.posterior_or_nearest(x, 1.0 - t, t)
    assert posterior.tolist() == [[float(d == min(row)) for d in row] for row in distance]


@pytest.mark.parametrize("law", ["gaussian", "laplace", "logistic", "gaussian_mixture"])
def test_a_faded_density_still_has_a_logarithm_and_a_velocity(law):
    field = article(law)
    x, t = (
        torch.tensor([[-60.0], [0.85], [900.0]]).double(),
        torch.tensor([0.02, 1e-4, 0.1]).double(),
    )
    log_p = field.log_prob(x, t)
    assert (log_p.exp() == 0).any()
    assert torch.isfinite(log_p).all()
    probe = field.probe(x, t)
    assert torch.allclose(log_p, probe.log_p, rtol=1e-13)
    assert torch.allclose(field(x, t), probe.velocity, rtol=1e-10)
    assert torch.isfinite(field.continuity_residual(x, t)).all()


@every_prior
def test_the_grid_is_the_field_at_every_node(law):
    field = article(law, "vp")
    axis, t = torch.linspace(-2, 4, 33).double(), torch.tensor([1e-3, 0.3, 1.0]).double()
    grid = field.grid((axis,), t)
    assert grid.log_p.shape == grid.velocity.shape == grid.flux.shape == (3, 33)
    masses = field.cdf_rows(axis, t)
    for k in range(3):
        expected = field.cdf(axis[:, None], t[k])
        assert torch.allclose(masses[k], expected, rtol=1e-13, atol=1e-15)
        assert torch.equal(grid.log_p[k], field.log_prob(axis[:, None], t[k]))
        assert torch.equal(
            grid.velocity[k].nan_to_num(), field(axis[:, None], t[k])[:, 0].nan_to_num()
        )
    assert torch.allclose(grid.flux.nan_to_num(), (grid.p * grid.velocity).nan_to_num())


def test_blocks_change_nothing_and_report_progress(monkeypatch):
    field = article("gaussian")
    axis, t = torch.linspace(-2, 4, 41).double(), torch.linspace(0.1, 1, 7).double()
    whole = field.grid((axis,), t)
    monkeypatch.setattr(blocks, "__defaults__", (30,))
    seen: list[float] = []
    pieces = field.grid((axis,), t, progress=seen.append)
    assert torch.allclose(pieces.log_p, whole.log_p, rtol=1e-13)
    assert torch.allclose(pieces.velocity, whole.velocity, rtol=1e-12)
    assert len(seen) == 29
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_blocks_stay_within_their_cap():
    for rows, width, cap in ((100, 7, 64), (5, 1000, 64), (0, 3, 64)):
        slices = list(blocks(rows, width, cap))
        assert [i for s in slices for i in range(s.start, s.stop)] == list(range(rows))
        assert all((s.stop - s.start) * width <= cap or s.stop - s.start == 1 for s in slices)


@settings(deadline=None, max_examples=40)
@given(
    points=st.lists(st.floats(-5, 5), min_size=1, max_size=9),
    law=st.sampled_from(LINE),
    t=st.floats(1e-3, 1.0),
    data=st.data(),
)
def test_cdf_runs_from_zero_to_one_with_slope_p(points, law, t, data):
    weights = data.draw(st.lists(st.floats(0.01, 10), min_size=len(points), max_size=len(points)))
    field = flow(points, weights, law)
    x = draws(field, 20, torch.full((20,), t).double())
    F, S = field.cdf(x, t), field.sf(x, t)
    assert torch.allclose(F + S, torch.ones(20).double(), atol=1e-13)
    slope = torch.func.jvp(lambda y: field.cdf(y, t), (x,), (torch.ones_like(x),))[1]
    assert torch.allclose(slope, field.log_prob(x, t).exp(), rtol=1e-6, atol=1e-9)


def test_points_far_from_zero_lose_only_the_digits_of_rounding():
    near, far = (
        MarginalField(
            torch.tensor([[0.0], [1.0]]).double() + c,
            torch.ones(2).double(),
            Gaussian(loc=c),
            Affine(),
        )
        for c in (0.0, 1e6)
    )
    x, t = torch.linspace(-1, 2, 20).double()[:, None], 0.3
    assert torch.allclose(near.log_prob(x, t), far.log_prob(x + 1e6, t), atol=1e-8)
    assert torch.allclose(near(x, t), far(x + 1e6, t), atol=1e-8)


def test_dtype_is_kept():
    field = MarginalField(torch.rand(4, 1), torch.ones(4), Gaussian(), Affine())
    assert field(torch.rand(3, 1), 0.5).dtype == torch.float32
    assert field.log_prob(torch.rand(3, 1), 0.5).dtype == torch.float32


def test_no_query_is_no_answer():
    field = article()
    empty = torch.empty(0, 1).double()
    assert field(empty, 0.5).shape == (0, 1)
    assert field.log_prob(empty, 0.5).shape == (0,)


@pytest.mark.parametrize(
    ("x0", "weights", "message"),
    [
        (torch.ones(3), torch.ones(3), r"x0 must have shape \(N, d\), got \(3,\)"),
        (torch.ones(0, 1), torch.ones(0), "at least one data point, got none"),
        (torch.ones(3, 0), torch.ones(3), "at least one coordinate"),
        (torch.ones(3, 1), torch.ones(2), r"weights must have shape \(3,\).*got \(2,\)"),
        (torch.tensor([[1.0], [math.nan]]), torch.ones(2), "x0 must be finite, got nan"),
        (torch.tensor([[math.inf]]), torch.ones(1), "x0 must be finite, got inf"),
        (torch.ones(2, 1), torch.tensor([1.0, 0.0]), "greater than 0, got 0.0"),
        (torch.ones(2, 1), torch.tensor([-1.0, 1.0]), "greater than 0, got -1.0"),
        (torch.ones(2, 1), torch.tensor([math.nan, 1.0]), "greater than 0, got nan"),
    ],
)
def test_bad_data_is_refused_by_name(x0, weights, message):
    with pytest.raises(ValueError, match=message):
        MarginalField(x0, weights, Uniform(), Affine())


@pytest.mark.parametrize(
    ("x", "t", "message"),
    [
        (torch.ones(2), 0.5, r"x must have shape \(Q, 1\), got \(2,\)"),
        (torch.ones(2, 2), 0.5, r"x must have shape \(Q, 1\), got \(2, 2\)"),
        (torch.ones(2, 1), 0.0, r"t must lie in \(0, 1\], got 0.0"),
        (torch.ones(2, 1), 1.5, r"t must lie in \(0, 1\], got 1.5"),
        (torch.ones(2, 1), math.nan, r"t must lie in \(0, 1\], got nan"),
        (torch.ones(2, 1), torch.ones(3), r"t must be a scalar or have shape \(2,\), got \(3,\)"),
    ],
)
def test_bad_queries_are_refused_by_name(x, t, message):
    field = MarginalField(torch.ones(2, 1), torch.ones(2), StudentT(), Affine())
    with pytest.raises(ValueError, match=message):
        field(x, t)
    with pytest.raises(ValueError, match="axes must hold 1 vectors, got 2"):
        field.grid((torch.ones(2), torch.ones(2)), torch.ones(1))
    with pytest.raises(ValueError, match=r"t must lie in \(0, 1\], got 0.0"):
        field.grid((torch.ones(2),), torch.zeros(1))
