"""The score, and stochastic steps that keep the densities."""

from __future__ import annotations

import pytest
import torch

from flowviz.core.field import MarginalField
from flowviz.core.field.predictions import exact_prediction
from flowviz.core.paths import PATHS
from flowviz.core.priors import PLANE_PRIORS, PRIORS, Gaussian, Prior, Uniform
from flowviz.core.schedules import SCHEDULES
from flowviz.core.solvers import SOLVERS, solve
from flowviz.core.solvers.noise import solve_with_noise
from flowviz.core.solvers.time_grids import time_grid
from flowviz.core.solvers.vector_fields import vector_field_of

EVERY = PRIORS | PLANE_PRIORS
SMOOTH = [name for name, prior in EVERY.items() if prior.smooth]
JUMPS = ["uniform", "exponential", "arcsine", "disk"]
LINE = torch.tensor([[0.5], [1.2], [1.7]], dtype=torch.float64)
PLANE = torch.tensor([[0.5, -0.8], [1.2, 0.9], [-1.7, 0.2]], dtype=torch.float64)


def field_of(prior: Prior, d: int = 1, path: str = "affine", **given) -> MarginalField:
    x0 = LINE if d == 1 else PLANE
    return MarginalField(x0, torch.tensor([2.0, 1.0, 1.0]), prior, PATHS[path](**given))


@pytest.mark.parametrize("name", SMOOTH)
def test_the_score_is_the_gradient_of_the_log_density(name: str) -> None:
    prior = EVERY[name]()
    for path in ("affine", "squeeze"):
        field = field_of(prior, 2, path)
        draw = torch.Generator().manual_seed(2)
        x, t = torch.randn(30, 2, generator=draw, dtype=torch.float64), 0.6
        score = field.score(x, t)
        for j in range(2):
            step = torch.zeros(2, dtype=torch.float64)
            step[j] = 1e-5
            rise = field.log_prob(x + step, t) - field.log_prob(x - step, t)
            torch.testing.assert_close(score[:, j], rise / 2e-5, rtol=1e-5, atol=1e-6)
        # The other way to it: a mean of the scores of single data points.
        mixed = exact_prediction(field, x, torch.full((30,), t, dtype=torch.float64), "score")
        torch.testing.assert_close(score, mixed, rtol=1e-9, atol=1e-9)


def test_where_there_is_no_density_there_is_no_score() -> None:
    field = field_of(Uniform(0.0, 2.0))
    x = torch.tensor([[0.6], [9.0]], dtype=torch.float64)
    assert field.score(x, 0.3).isnan().tolist() == [[False], [True]]


@pytest.mark.parametrize(
    ("name", "d", "schedule"),
    [("gaussian", 1, "linear"), ("student_t", 1, "cosine"), ("student_t_2d", 2, "linear")],
)
def test_shares_stay_and_draws_end_elsewhere(name: str, d: int, schedule: str) -> None:
    field = field_of(EVERY[name](), d, schedule=SCHEDULES[schedule]())
    draw, n = torch.Generator().manual_seed(5), 2000
    x1, times = field.prior.sample(n, d, draw), time_grid("log", 24)
    quiet, noisy = (
        torch.cdist(solve_with_noise(field, x1, times, noise, draw).x[:, -1], field.x0).argmin(1)
        for noise in (0.0, 1.0)
    )
    share = torch.bincount(noisy, minlength=3) / n
    error = (field.weights * (1.0 - field.weights) / n).sqrt()
    assert ((share - field.weights).abs() <= 4.0 * error).all()
    assert 0.1 < float((quiet != noisy).double().mean()) < 0.7


def test_noise_keeps_the_density_on_the_way() -> None:
    """Levels F_t(x_t) stay uniform; one wrong sign of the score would show."""
    field, n = field_of(Gaussian()), 3000
    draw = torch.Generator().manual_seed(7)
    found = solve_with_noise(
        field, field.prior.sample(n, 1, draw), time_grid("uniform", 40)[:-1], 3.0, draw
    )
    for k in (10, 25, 39):
        level = field.cdf(found.x[:, k], found.t[k]).sort().values
        even = torch.arange(n, dtype=torch.float64) / n
        assert float((level - even).abs().max()) < 1.95 / n**0.5


@pytest.mark.parametrize("solver", ["euler", "ddim", "multistep"])
def test_no_noise_is_the_solver(solver: str) -> None:
    field = field_of(Gaussian(), 2)
    x1, times = field.prior.sample(20, 2), time_grid("uniform", 8)
    quiet = solve_with_noise(field, x1, times, 0.0, solver=SOLVERS[solver])
    same = solve(SOLVERS[solver], vector_field_of(field), x1, times)
    torch.testing.assert_close(quiet.x, same.x, rtol=1e-12, atol=1e-12)
    assert quiet.nfe == same.nfe


@pytest.mark.parametrize("name", JUMPS)
def test_a_density_that_jumps_is_refused_with_a_reason(name: str) -> None:
    field = field_of(EVERY[name](), 2)
    with pytest.raises(ValueError, match="noise needs a density without jumps"):
        solve_with_noise(field, field.prior.sample(3, 2), [1.0, 0.5, 0.0], 1.0)


def test_every_other_prior_is_accepted() -> None:
    for name in EVERY.keys() - set(JUMPS):
        field = field_of(EVERY[name](), 2)
        x1 = field.prior.sample(3, 2, torch.Generator().manual_seed(0))
        assert solve_with_noise(field, x1, [1.0, 0.9, 0.8], 0.1).x.isfinite().all()


@pytest.mark.parametrize(
    ("times", "noise", "message"),
    [
        ([1.0, 0.5], -1.0, r"noise must lie in \[0, 100\], got -1.0"),
        ([0.5, 1.0], 1.0, "times must fall"),
        ([1.0, 1e-4], 100.0, "is too long for noise 100"),
    ],
)
def test_bad_input_is_refused(times: list[float], noise: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        solve_with_noise(field_of(Gaussian()), torch.zeros(2, 1), times, noise)
