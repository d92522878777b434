"""Guidance: exact at scales 0 and 1, and the numbers of MATH §5 beyond."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.stats
import torch
from scipy.integrate import solve_ivp

from flowviz.core.guidance import LabelledField
from flowviz.core.paths import PATHS
from flowviz.core.priors import PLANE_PRIORS, PRIORS, Gaussian, Laplace, Prior, StudentT, Uniform
from flowviz.core.schedules import SCHEDULES

LABELS = torch.tensor([0, 0, 1, 1])
X0 = torch.tensor([[-1.0], [0.0], [1.0], [2.0]], dtype=torch.float64)
EVERY = PRIORS | PLANE_PRIORS


def line(prior: Prior, path: str = "affine", **given: Any) -> LabelledField:
    return LabelledField(X0, torch.ones(4), LABELS, prior, PATHS[path](**given))


def plane(prior: Prior, path: str = "affine", **given: Any) -> LabelledField:
    draw = torch.Generator().manual_seed(0)
    x0 = torch.randn(6, 2, generator=draw, dtype=torch.float64)
    labels = torch.tensor([2, 0, 2, 5, 0, 5])
    return LabelledField(x0, torch.arange(1.0, 7.0), labels, prior, PATHS[path](**given))


def places(flow: LabelledField, n: int = 60) -> tuple[torch.Tensor, torch.Tensor]:
    """Positions of the flow, with their times."""
    draw, d = torch.Generator().manual_seed(1), flow.marginal.d
    x1 = flow.marginal.prior.sample(n, d, draw)
    which = torch.arange(n) % flow.marginal.n
    t = 0.05 + 0.9 * torch.rand(n, generator=draw, dtype=torch.float64)
    x = flow.marginal.path.forward(x1, flow.marginal.x0[which][:, None], t)[:, 0]
    return x, t


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("path", ["affine", "parabola"])
def test_fields_of_the_classes_mix_to_that_of_all(name: str, path: str) -> None:
    flow = plane(EVERY[name](), path)
    x, t = places(flow)
    share = flow.class_prob(x, t)
    torch.testing.assert_close(share.sum(1), torch.ones(len(x)).double(), rtol=0, atol=1e-12)
    each = torch.stack([flow.conditional(y)(x, t) for y in (0, 2, 5)], dim=1)
    mixed = torch.where(share[..., None] > 0, share[..., None] * each, 0.0).sum(1)
    torch.testing.assert_close(mixed, flow.marginal(x, t), rtol=1e-9, atol=1e-9)


def test_scales_0_and_1_are_the_two_flows_exactly() -> None:
    flow = plane(Gaussian())
    x, t = places(flow)
    assert torch.equal(flow.guided(5, 0.0)(x, t), flow.marginal(x, t))
    assert torch.equal(flow.guided(5, 1.0)(x, t), flow.conditional(5)(x, t))
    half = 0.5 * (flow.marginal(x, t) + flow.conditional(5)(x, t))
    torch.testing.assert_close(flow.guided(5, 0.5)(x, t), half, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("how", ["classifier_free", "classifier"])
def test_at_scale_0_the_class_is_not_asked(how: Any) -> None:
    flow = line(Uniform(-0.2, 0.2))
    x, t = torch.tensor([[-0.9]], dtype=torch.float64), 0.1  # class 1 does not reach it
    assert flow.conditional(1)(x, t).isnan().all()
    assert flow.guided(1, 0.0, how)(x, t).isfinite().all()
    assert flow.guided(1, 0.5)(x, t).isnan().all()


def ended(velocity: Callable[..., torch.Tensor], x1: Any) -> Any:
    """Where guided trajectories are at t = 1e-4."""

    def slope(s: float, x: Any) -> Any:
        t = math.exp(-s)
        return -t * velocity(torch.from_numpy(x)[:, None], t)[:, 0].numpy()

    return solve_ivp(slope, (0.0, 9.2), x1, method="DOP853", rtol=1e-9, atol=1e-10).y[:, -1]


@pytest.mark.parametrize(
    ("scale", "share"), [(1.0, 0.5), (1.5, 0.34299), (2.0, 0.19226), (3.0, 0.02008)]
)
def test_the_inner_point_loses_its_share_as_the_scale_grows(scale: float, share: float) -> None:
    """Trajectories do not cross: starts a little below and above the quantile end on two sides."""
    starts = scipy.stats.norm.ppf([share - 1e-4, share + 1e-4])
    below, above = ended(line(Gaussian()).guided(1, scale), starts)
    assert below < 1.5 < above


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0, 3.0])
def test_gaussian_data_end_with_variance_2_to_the_1_minus_s(scale: float) -> None:
    """N(0, 1) in N(0, 2), by 1401 points; the velocities are linear in x."""
    x0 = np.linspace(-14.0, 14.0, 1401)
    inner = scipy.stats.norm.pdf(x0)
    outer = 2.0 * scipy.stats.norm.pdf(x0, scale=math.sqrt(2.0)) - inner  # positive
    field = LabelledField(
        np.concatenate([x0, x0])[:, None],
        np.concatenate([inner, outer]),
        np.repeat([1, 0], len(x0)),
        Gaussian(),
        PATHS["affine"](),
    )
    x = torch.tensor([[-1.3], [0.4], [2.0]], dtype=torch.float64)
    for t in (0.9, 0.5, 0.2):
        spread = {v: math.sqrt((1.0 - t) ** 2 * v + t * t) for v in (1.0, 2.0)}
        rate = {v: (t - (1.0 - t) * v) / spread[v] ** 2 for v in (1.0, 2.0)}
        slope = (1.0 - scale) * rate[2.0] + scale * rate[1.0]
        torch.testing.assert_close(field.guided(1, scale)(x, t), slope * x, rtol=1e-9, atol=1e-9)
    # Its integral from t = 1 to 0 is the logarithm of 2^{(1-s)/2}.
    t = (np.arange(20_000) + 0.5) / 20_000
    rates = [(t - (1 - t) * v) / ((1 - t) ** 2 * v + t**2) for v in (1.0, 2.0)]
    shrunk = math.exp(-2.0 * ((1.0 - scale) * rates[1] + scale * rates[0]).mean())
    assert shrunk == pytest.approx(2.0 ** (1.0 - scale), rel=1e-6)


@pytest.mark.parametrize("schedule", [name for name in SCHEDULES if name != "formula"])
@pytest.mark.parametrize("prior", [Gaussian(), Gaussian(0.7, 1.8)], ids=["standard", "shifted"])
def test_a_classifier_guides_alike_under_a_gaussian(prior: Gaussian, schedule: str) -> None:
    for make, y in ((line, 1), (plane, 5)):
        flow = make(prior, schedule=SCHEDULES[schedule]())
        x, t = places(flow)
        t[-5:], x[-5:] = 1.0, prior.sample(5, flow.marginal.d)
        free, guided = (flow.guided(y, 2.5, h)(x, t) for h in ("classifier_free", "classifier"))
        torch.testing.assert_close(free, guided, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("prior", [Laplace(), StudentT(), PRIORS["logistic"]()], ids=lambda p: "")
def test_and_not_under_another_prior(prior: Prior) -> None:
    flow = plane(prior)
    x, t = places(flow)
    free, guided = (flow.guided(5, 2.0, h)(x, t) for h in ("classifier_free", "classifier"))
    assert guided.isfinite().all()
    apart = (free - guided).norm(dim=1) / (free - flow.marginal(x, t)).norm(dim=1)
    assert float(apart.median()) > 0.05


def test_the_class_score_is_the_gradient_of_the_class_probability() -> None:
    flow = plane(Gaussian(), "swirl")
    x, t = places(flow)
    h, column = 1e-5, flow.classes.tolist().index(5)
    for j in range(2):
        step = torch.zeros(2, dtype=torch.float64)
        step[j] = h
        up, down = (flow.class_prob(x + s * step, t)[:, column].log() for s in (1, -1))
        score = flow.class_score(5, x, t)[:, j]
        torch.testing.assert_close(score, (up - down) / (2 * h), rtol=1e-4, atol=1e-6)


def test_bad_input_is_refused_with_the_value_seen() -> None:
    flow = line(Gaussian())
    for call, message in (
        (lambda: flow.guided(7, 1.0), "no data point has the label 7"),
        (lambda: flow.guided(1, -1.0), "scale must be at least 0, got -1.0"),
        (lambda: flow.guided(1, 1.0, "by magic"), "no such guidance: 'by magic'"),  # type: ignore[arg-type]
        (lambda: line(Gaussian(), "parabola").guided(1, 2.0, "classifier"), "alpha x0"),
        (lambda: LabelledField(X0, torch.ones(4), [0, 1], Gaussian(), PATHS["affine"]()), "(4,)"),
        (
            lambda: LabelledField(X0, torch.ones(4), [0, 1, 0.5, 1], Gaussian(), PATHS["affine"]()),
            "whole numbers, got",
        ),
    ):
        with pytest.raises(ValueError, match=message.replace("(", r"\(").replace(")", r"\)")):
            call()
