"""Trajectories from starts on or near a separatrix, or far outside."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import mpmath as mp
import pytest
import torch

from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import PRIORS, Prior
from flowviz.core.schedules import SCHEDULES
from flowviz.core.transport import trajectories
from tests import reference

X0 = torch.tensor([[0.5], [1.2], [1.7]], dtype=torch.float64)
WEIGHTS = torch.tensor([2.0, 1.0, 1.0], dtype=torch.float64)
TIMES = torch.linspace(0.0, 1.0, 101, dtype=torch.float64) ** 2


def field(prior: str, **parameters: float) -> MarginalField:
    straight = PATHS["affine"](schedule=SCHEDULES["linear"]())
    return MarginalField(X0, WEIGHTS, PRIORS[prior](**parameters), straight)


def test_on_the_border_of_a_compact_prior_a_trajectory_keeps_to_the_edge_of_its_basin():
    """x₁ = 1 halves the uniform law on [0, 2] as 0.5 halves the data: below it nothing is lost."""
    x = trajectories(field("uniform"), torch.ones(1, 1, dtype=torch.float64), TIMES).x[0, :, 0]
    edge = (1.0 - TIMES) * 0.5 + TIMES * 2.0  # the highest position that 0.5 alone reaches
    in_the_gap = edge < (1.0 - TIMES) * 1.2  # the lowest that 1.2 reaches
    assert in_the_gap.sum() > 40
    torch.testing.assert_close(x[in_the_gap], edge[in_the_gap], rtol=0, atol=1e-12)


@pytest.mark.parametrize("prior", ["gaussian", "logistic", "laplace", "student_t"])
@pytest.mark.parametrize("offset", [0.0, 1e-15, -1e-15, 1e-9, -1e-9])
def test_beside_a_border_a_trajectory_does_not_wander(prior: str, offset: float):
    """It turns from its data point to the border once: rounding would step back and forth."""
    flow = field(prior, loc=1.0, scale=0.5)
    start = torch.full((1, 1), 1.0 + offset, dtype=torch.float64)
    x = trajectories(flow, start, TIMES).x[0, :, 0]
    steps = x[TIMES < 0.15].diff().sign()
    assert (steps.diff() != 0).sum() <= 1


@pytest.mark.parametrize("offset", [1e-9, -1e-9, 1e-7])
def test_beside_a_border_agrees_with_forty_digits(offset: float):
    start = torch.full((1, 1), 1.0 + offset, dtype=torch.float64)
    times = torch.tensor([0.3, 0.1, 0.03, 0.01, 0.001], dtype=torch.float64)
    x = trajectories(field("gaussian", loc=1.0, scale=0.5), start, times).x[0, :, 0]
    with mp.workdps(60):
        level = mp.ncdf((mp.mpf(start.item()) - 1) / mp.mpf("0.5"))

        def excess(y: Any, t: Any) -> Any:
            """F_t(y) - F₁(x₁) without cancellation: tails only."""
            terms = ((y - (1 - t) * mp.mpf(a.item())) / t for a in X0[:, 0])
            return (
                sum(
                    w / 4 * mp.ncdf((z - 1) / mp.mpf("0.5"))
                    for w, z in zip((2, 1, 1), terms, strict=True)
                )
                - level
            )

        for t, got in zip(times.tolist(), x.tolist(), strict=True):
            low, high = mp.mpf("0.4"), mp.mpf("1.4")
            for _ in range(200):
                middle = (low + high) / 2
                low, high = (middle, high) if excess(middle, mp.mpf(t)) < 0 else (low, middle)
            assert abs(got - low) < 1e-8, (t, got, low)


# ---------------------------------------------------------------- every prior, against 60 digits

RARE = {
    "even": ([0.5, 1.2, 1.7], [2.0, 1.0, 1.0]),
    "left 1e-6": ([-1.0, 0.0, 1.0, 2.0], [1e-6, 1.0, 1.0, 1.0]),
    "left 1e-12": ([-1.0, 0.0, 1.0, 2.0], [1e-12, 1.0, 1.0, 1.0]),
    "right 1e-9": ([-1.0, 0.0, 1.0, 2.0], [1.0, 1.0, 1.0, 1e-9]),
    "middle 1e-10": ([-1.0, 0.0, 1.0, 2.0], [1.0, 1e-10, 1.0, 1.0]),
}
LINE = [name for name in PRIORS if PRIORS[name].product]
Inverse = Callable[[Any, Any, Any], Any]


def positions(prior: Prior, weights: list[float]) -> list[float]:
    """Prior positions on and beside every separatrix, and from the body to far outside."""
    w = torch.tensor(weights, dtype=torch.float64)
    below, above = w.cumsum(0) / w.sum(), w.flip(0).cumsum(0).flip(0) / w.sum()
    found = []
    for k in range(1, len(weights)):
        lower, upper = below[k - 1], above[k]
        cut = float(prior.icdf(lower) if lower <= 0.5 else prior.isf(upper))
        found += [
            cut + side * by * max(1.0, abs(cut))
            for by in (0.0, 1e-15, 1e-13, 1e-10, 1e-6)
            for side in (-1, 1)
        ]
    loc, scale = getattr(prior, "loc", 0.0), getattr(prior, "scale", 1.0)
    found += [loc + k * scale for k in (-30, -12, -8, -6, 8, 12, 30)]
    found += prior.icdf(torch.tensor([1e-14, 1e-7, 0.3, 0.9], dtype=torch.float64)).tolist()
    low, high = prior.support
    found += [low + 1e-9, high - 1e-9]
    return sorted({z for z in found if low < z < high and math.isfinite(z)})


def squeezed(x: Any, a: Any, t: Any) -> Any:
    """φ of the squeeze, whose ψ has no other formula: safeguarded Newton."""
    z = (x - (1 - t) * a) / t
    for _ in range(300):
        bend = (1 - t) * (a + t * mp.tanh(z - a)) + t * z - x
        step = bend / (t * (1 + (1 - t) / mp.cosh(z - a) ** 2))
        z -= step if abs(step) < 1 else mp.sign(step)
        if abs(step) < mp.mpf(10) ** -45:
            return z
    raise ArithmeticError(f"no root for x={x}, t={t}")


FAMILIES: dict[str, Inverse] = {
    "parabola": lambda x, a, t: (x - (1 - t) * (a + t)) / t,
    "wave": lambda x, a, t: (x - (1 - t) * a - mp.mpf(0.3) * mp.sin(3 * mp.pi * t)) / t,
    "detour": lambda x, a, t: (x - (1 - t) * (a + t * mp.sin(mp.pi * a))) / t,
    "squeeze": squeezed,
}


def cases() -> Iterator[Any]:
    """Every prior with every set of rare points in one schedule; each prior in the linear one.

    A schedule is a change of time and of scale (MATH §3.2): not every combination is measured.
    """
    for i, law in enumerate(LINE):
        for j, points in enumerate(RARE):
            linear = j == i % len(RARE)
            timing = "linear" if linear else list(SCHEDULES)[(i + j) % len(SCHEDULES)]
            yield pytest.param(law, points, "affine", timing, id=f"{law}-{points}-{timing}")
    for i, family in enumerate(FAMILIES):
        for j, law in enumerate(("gaussian", "uniform", "laplace")):
            points = list(RARE)[(i + j) % len(RARE)]
            yield pytest.param(law, points, family, "linear", id=f"{law}-{points}-{family}")


@pytest.mark.parametrize(("law", "points", "family", "timing"), list(cases()))
def test_the_error_bounds_the_distance_from_the_exact_position(
    law: str, points: str, family: str, timing: str
) -> None:
    """F_t(x - error) ≤ F₁(x₁) ≤ F_t(x + error) in 60 digits, which brackets the true x."""
    x0, weights = RARE[points]
    prior = PRIORS[law]()
    path = PATHS[family](SCHEDULES[timing]()) if family == "affine" else PATHS[family]()
    flow = MarginalField(
        torch.tensor(x0, dtype=torch.float64)[:, None],
        torch.tensor(weights, dtype=torch.float64),
        prior,
        path,
    )
    starts, times = positions(prior, weights), [0.001, 0.05, 0.2, 0.7]
    found = trajectories(
        flow,
        torch.tensor(starts, dtype=torch.float64)[:, None],
        torch.tensor(times, dtype=torch.float64),
    )
    _, cdf, sf = reference.law(prior)

    def straight(x: Any, a: Any, t: Any) -> Any:
        alpha, sigma = reference.SCHEDULES[timing](t)
        return (x - alpha * a) / sigma

    inverse = FAMILIES.get(family, straight)
    with mp.workdps(60):
        total = mp.fsum(mp.mpf(w) for w in flow.weights.tolist())
        share = [mp.mpf(w) / total for w in flow.weights.tolist()]

        def excess(x: Any, t: Any, below: Any, above: Any) -> Any:
            ends = [inverse(x, mp.mpf(a), t) for a in x0]
            if below <= 0.5:
                return mp.fsum(w * cdf(z) for w, z in zip(share, ends, strict=True)) - below
            return above - mp.fsum(w * sf(z) for w, z in zip(share, ends, strict=True))

        for i, start in enumerate(starts):
            level = cdf(mp.mpf(start)), sf(mp.mpf(start))
            for j, t in enumerate(times):
                x, error = found.x[i, j, 0].item(), found.error[i, j].item()
                room = mp.mpf(error) + 4 * 2.3e-16 * max(abs(x), *map(abs, x0))
                least = excess(x - room, mp.mpf(t), *level)
                most = excess(x + room, mp.mpf(t), *level)
                assert least <= 0 <= most, (start, t, x, error)


def test_a_point_lighter_than_a_millionth_is_followed_from_the_tail() -> None:
    """The issue's own case: x₁ = -12 belongs to the rare point, though its level is tiny."""
    x0, weights = RARE["left 1e-6"]
    points = torch.tensor(x0, dtype=torch.float64)[:, None]
    flow = MarginalField(
        points, torch.tensor(weights, dtype=torch.float64), PRIORS["gaussian"](), PATHS["affine"]()
    )
    at = torch.tensor([0.2], dtype=torch.float64)
    found = trajectories(flow, torch.tensor([[-12.0]], dtype=torch.float64), at)
    assert found.basin.item() == 0
    assert found.x.item() == pytest.approx(-2.939143932466372, abs=1e-14)
    assert found.error.item() < 1e-14
