"""What a picture of the Plane costs: counted in elements and calls of torch, never in seconds.

A million is about a millisecond: 250 of them is the budget of a smooth prior's trajectories and
frames. The bounds are a tenth above what was counted.
"""

from __future__ import annotations

import pytest
import torch

from flowviz.core.field import MarginalField
from flowviz.core.numerics import roots
from flowviz.core.numerics.work import CALL, at_work
from flowviz.core.paths import PATHS, Affine
from flowviz.core.paths.nonlinear import PerAxis
from flowviz.core.priors import PLANE_PRIORS, PRIORS, Exponential, Gaussian, Prior, Ring, Uniform
from flowviz.core.transport import batches, straight_fan, trajectories
from flowviz.core.transport.lookahead import Lookahead
from flowviz.ui.plane import basins, compute
from tests.elements import MOST, Elements

PRIORS_OF_THE_PLANE = {**PRIORS, **PLANE_PRIORS}
MILLIONS = {
    "uniform": 8,
    "disk": 8,
    "gaussian": 88,
    "logistic": 116,
    "student_t": 166,
    "student_t_2d": 134,
    "laplace": 206,
    "exponential": 194,
    "gaussian_mixture": 218,
    "gaussian_mixture_2d": 238,
    "kernel_density_2d": 289,
    "triangular": 302,
    "kernel_density": 312,
    "ring": 314,
}


def normal(n: int, seed: int) -> torch.Tensor:
    draw = torch.Generator().manual_seed(seed)
    return torch.randn(n, 2, generator=draw, dtype=torch.float64)


def field_of(prior: Prior, n: int, family: object = None) -> MarginalField:
    return MarginalField(normal(n, n), torch.ones(n), prior, family or Affine())  # type: ignore[arg-type]


def test_every_prior_has_a_bound() -> None:
    assert MILLIONS.keys() == PRIORS_OF_THE_PLANE.keys() - {"arcsine"}


@pytest.mark.parametrize("name", MILLIONS)
def test_trajectories_of_a_picture_cost_what_they_did(name: str) -> None:
    prior = PRIORS_OF_THE_PLANE[name]()
    x1 = prior.sample(200, 2, torch.Generator().manual_seed(2))
    times = torch.linspace(1 / 60, 1.0, 60, dtype=torch.float64)
    with Elements() as count:
        found = trajectories(field_of(prior, 16), x1, times, budget=compute.FULL.budget)
    assert len(found.x) == 200
    assert count.total <= 1e6 * MILLIONS[name]


def test_a_picture_is_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    joined = batches._joined
    monkeypatch.setattr(batches, "_joined", lambda r: sizes.append(len(r)) or joined(r))
    for prior in PRIORS_OF_THE_PLANE.values():
        if prior().smooth:
            x1 = prior().sample(200, 2, torch.Generator().manual_seed(2))
            trajectories(field_of(prior(), 16), x1, torch.ones(1) / 2, budget=compute.FULL.budget)
    assert sizes
    assert set(sizes) == {1}


def test_the_budgets_of_a_whole_scene_fit_ten_seconds() -> None:
    """A unit takes about 10 ns."""
    checks = 3 * compute.CHECKED  # masses, refinement, the ends of straight lines
    maps = basins._BUDGET + basins._REFINED
    assert compute.FULL.budget + checks + maps <= 8e8


# ---------------------------------------------------------------------- many points


HARD = PerAxis(2.036, 0.25)


def shown(prior: Prior, budget: float, n: int = 100) -> int:
    field = field_of(prior, n, HARD)
    x1 = prior.sample(2000, 2, torch.Generator().manual_seed(7))
    times = torch.linspace(0.0, 1.0, 9, dtype=torch.float64)
    return len(trajectories(field, x1, times, 1e-5, budget=budget).x)


def test_a_box_with_a_schedule_per_axis_costs_an_exit_for_each_data_point() -> None:
    field, q = field_of(Uniform(-1.5, 1.0), 100, HARD), 40
    x1 = field.prior.sample(q, 2, torch.Generator().manual_seed(7))
    with at_work() as work:
        trajectories(field, x1, torch.linspace(0.0, 1.0, 9).double())
    assert work.spent <= 100 * max(4.0 * q * 100, CALL)


@pytest.mark.parametrize(
    ("prior", "least"),
    [(Uniform(-1.5, 1.0), 1000), (Gaussian(), 40), (Exponential(-1.0), 1), (Ring(2.0, 0.05), 2)],
    ids=["box", "gaussian", "exponential", "thin ring"],
)
def test_hard_scenes_show_trajectories(prior: Prior, least: int) -> None:
    assert shown(prior, 1e8) >= least


@pytest.mark.parametrize("family", ["per_axis", "wave", "squeeze"])
def test_the_lookahead_gives_way_within_a_row(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where one trajectory has thousands of data points."""
    field = field_of(Gaussian(), 12_000, PATHS[family]())
    seen: list[Lookahead] = []
    first = Lookahead._first_return

    def once(self: Lookahead, *arguments: torch.Tensor) -> tuple[torch.Tensor, ...]:
        seen.append(self)
        with Elements() as count, at_work(count.report):
            first(self, *arguments)
            count.report(1.0)
        assert count.longest <= MOST
        raise Stop

    class Stop(Exception):
        """One check is enough."""

    monkeypatch.setattr(Lookahead, "_first_return", once)
    with pytest.raises(Stop):
        trajectories(field, field.x0[:1], torch.zeros(1).double(), 1e-2)
    assert seen


@pytest.mark.parametrize(("prior", "most"), [("uniform", 30), ("triangular", 60), ("laplace", 60)])
def test_the_line_is_solved_between_kinks(
    prior: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Passes of Newton's method: each costs thirty calls of torch, however few roots are left."""
    passes = 0
    real = roots._iterate

    def counted(*args: object) -> object:
        nonlocal passes
        passes += 1
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(roots, "_iterate", counted)
    x0 = torch.tensor([[0.5], [1.2], [1.7]], dtype=torch.float64)
    field = MarginalField(x0, torch.tensor([2.0, 1.0, 1.0]), PRIORS[prior](), Affine())
    low, high = field.prior.interval(1e-3)
    x1 = torch.linspace(low, high, 37, dtype=torch.float64)
    straight_fan(field, x1, torch.linspace(0.0, 1.0, 120, dtype=torch.float64) ** 3)
    assert 4 <= passes <= most
