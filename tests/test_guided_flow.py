"""The guided flow: its trajectories, its density, and where its mass ends (MATH §5)."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from scipy.integrate import solve_ivp

from flowviz.core.guidance import (
    Guide,
    LabelledField,
    guided_flow,
    guided_log_prob,
    shares_by_draws,
    shares_on_line,
)
from flowviz.core.paths import PATHS
from flowviz.core.priors import Gaussian, Prior, StudentT, Uniform
from flowviz.core.schedules import SCHEDULES
from flowviz.core.transport import trajectories

A = 1


def line(prior: Prior | None = None, **given: Any) -> LabelledField:
    x0 = torch.tensor([[-1.0], [0.0], [1.0], [2.0]], dtype=torch.float64)
    labels = torch.tensor([2, 2, A, A])
    return LabelledField(x0, torch.ones(4), labels, prior or Gaussian(), PATHS["affine"](**given))


def plane() -> LabelledField:
    x0 = torch.tensor([[0.6, 0.0], [1.4, 0.9], [-0.6, 0.0], [-1.4, -0.9]], dtype=torch.float64)
    return LabelledField(
        x0, torch.ones(4), torch.tensor([A, A, 2, 2]), Gaussian(), PATHS["affine"]()
    )


def starts(n: int, d: int = 1) -> torch.Tensor:
    return Gaussian().sample(n, d, torch.Generator().manual_seed(3))


@pytest.mark.parametrize(
    ("scale", "inner"), [(1.0, 0.5), (1.5, 0.34299), (2.0, 0.19226), (3.0, 0.02008)]
)
def test_guidance_takes_mass_from_the_inner_point(scale: float, inner: float) -> None:
    found = shares_on_line(line(), Guide(A, scale))
    assert float(found.share[2]) == pytest.approx(inner, abs=1e-5 if scale == 1.0 else 1e-4)
    assert float(found.share.sum()) == pytest.approx(1.0, abs=1e-12)
    assert found.in_class == pytest.approx(1.0, abs=1e-9)
    assert found.of_class.tolist() == [0.0, 0.0, 0.5, 0.5]
    assert found.class_entropy == pytest.approx(math.log(2.0))
    p = float(found.share[2])
    assert found.entropy == pytest.approx(-p * math.log(p) - (1 - p) * math.log(1 - p))


def test_at_scale_0_every_point_has_its_weight_and_the_class_is_not_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    flow = line()

    def refuse(self: LabelledField, y: int) -> None:
        raise AssertionError(f"class {y} was asked")

    monkeypatch.setattr(LabelledField, "conditional", refuse)
    found = shares_on_line(flow, Guide(A, 0.0))
    assert found.share.tolist() == pytest.approx([0.25] * 4, abs=1e-5)
    assert found.borders[[0, 2]].tolist() == pytest.approx([-0.67449, 0.67449], abs=1e-4)


@pytest.mark.parametrize("scale", [0.0, 1.0])
@pytest.mark.parametrize("make", [line, plane])
def test_scales_0_and_1_follow_the_exact_trajectories(make: Any, scale: float) -> None:
    flow = make()
    exact = flow.conditional(A) if scale else flow.marginal
    found = guided_flow(flow, Guide(A, scale), starts(40, exact.d))
    kept = found.t > 0.05
    truth = trajectories(exact, found.x[:, 0], found.t[kept]).x
    apart = (found.x[:, kept] - truth).norm(dim=-1).amax(1)
    assert bool((apart <= found.error + 1e-9).all())
    assert float(found.error.median()) < 1e-4


def test_a_trajectory_between_follows_the_guided_velocity_within_its_error() -> None:
    flow, guide = line(StudentT(df=3.0)), Guide(A, 2.5)
    found = guided_flow(flow, guide, torch.tensor([[-1.3], [0.2], [2.0]], dtype=torch.float64))
    k = int((found.t - 0.2).abs().argmin())
    velocity = flow.guided(A, 2.5)

    def slope(t: float, x: Any) -> Any:
        return velocity(torch.from_numpy(x)[:, None], t)[:, 0].numpy()

    x1, t = found.x[:, 0, 0].numpy(), float(found.t[k])
    truth = solve_ivp(slope, (1.0, t), x1, rtol=1e-11, atol=1e-12).y[:, -1]
    apart = (found.x[:, k, 0] - torch.from_numpy(truth)).abs()
    assert bool((apart <= found.error).all())


def test_outside_the_interval_the_flow_is_that_of_the_class() -> None:
    flow = line()
    whole = shares_on_line(flow, Guide(A, 3.0))
    early, never = (shares_on_line(flow, Guide(A, 3.0, part)) for part in ((0.9, 1.0), (0.5, 0.5)))
    assert float(never.share[2]) == pytest.approx(0.5, abs=1e-5)
    assert float(whole.share[2]) < float(early.share[2]) < 0.5
    guide = Guide(A, 3.0, (0.2, 0.7))
    assert [guide.scale_at(t) for t in (0.1, 0.2, 0.5, 0.7, 0.8)] == [1.0, 3.0, 3.0, 3.0, 1.0]
    assert guide.pieces((1.0, 0.5, 0.0)) == [
        ((1.0, 0.7), 1.0),
        ((0.7, 0.5, 0.2), 3.0),
        ((0.2, 0.0), 1.0),
    ]


@pytest.mark.parametrize("interval", [(0.0, 1.0), (0.3, 0.8)])
@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_the_density_conserves_probability_between_trajectories(
    schedule: str, interval: tuple[float, float]
) -> None:
    flow, guide = line(schedule=SCHEDULES[schedule]()), Guide(A, 2.0, interval)
    q = torch.linspace(1e-4, 1.0 - 1e-4, 1_500, dtype=torch.float64)
    x1 = Gaussian().icdf(q)[:, None]
    found = guided_flow(flow, guide, x1)
    k = int((found.t - 0.4).abs().argmin())
    x = found.x[:, k]
    p = guided_log_prob(flow, guide, x, float(found.t[k])).exp()
    assert float(torch.trapezoid(p, x[:, 0])) == pytest.approx(1.0, abs=1e-3)
    between = q.diff() / x[:, 0].diff()
    middle = 0.5 * (p[1:] + p[:-1])
    assert float((between / middle - 1.0)[200:-200].abs().max()) < 5e-3


def test_the_density_of_the_plane_is_that_of_its_draws() -> None:
    flow, guide = plane(), Guide(A, 2.0)
    found = guided_flow(flow, guide, starts(4_000, 2))
    k = int((found.t - 0.5).abs().argmin())
    x, t = found.x[:, k], float(found.t[k])
    axis = torch.linspace(-4.0, 4.0, 81, dtype=torch.float64)
    grid = torch.cartesian_prod(axis, axis)
    p = guided_log_prob(flow, guide, grid, t).exp()
    assert float(p.sum()) * 0.01 == pytest.approx(1.0, abs=1e-3)
    mean, drawn = p @ grid * 0.01, x.mean(0)
    assert bool(((mean - drawn).abs() < 4.0 * x.std(0) / math.sqrt(len(x)) + 1e-3).all())


def test_shares_of_the_plane_are_counted() -> None:
    flow, x1 = plane(), starts(2_000, 2)
    for scale, sums in ((0.0, 0.5), (1.0, 1.0)):
        ends = guided_flow(flow, Guide(A, scale), x1).x[:, -1]
        found = shares_by_draws(flow, Guide(A, scale), ends)
        assert found.in_class == pytest.approx(sums, abs=4.0 * math.sqrt(0.25 / 2_000))
    assert bool(((found.share - found.of_class).abs() <= 4.0 * found.noise + 1e-12).all())


def test_where_the_class_does_not_reach_it_is_counted() -> None:
    flow = line(Uniform(-0.4, 0.4))
    x1 = torch.linspace(-0.39, 0.39, 20, dtype=torch.float64)[:, None]
    assert guided_flow(flow, Guide(A, 0.0), x1).outside == 0.0
    found = guided_flow(flow, Guide(A, 0.5), x1)
    assert 0.0 < found.outside <= 1.0
    assert bool(found.x.isfinite().all())


@pytest.mark.parametrize(
    ("scale", "interval"),
    [(-1.0, (0.0, 1.0)), (math.inf, (0.0, 1.0)), (1.0, (0.5, 0.4)), (1.0, (-0.1, 1.0))],
)
def test_a_guide_out_of_range_is_refused(scale: float, interval: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        Guide(A, scale, interval)
