"""Learned steps, and the exact times of the mean value theorem: closed forms, and the page."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import PRIORS
from flowviz.core.schedules import SCHEDULES
from flowviz.core.solvers import SOLVERS, solve
from flowviz.core.solvers import amed as amed_steps
from flowviz.core.solvers.amed import LearnedStep, learn_steps, solve_learned
from flowviz.core.solvers.convergence import CALIBRATION_SIZE, calibration_set, evaluation_set
from flowviz.core.solvers.time_grids import time_grid
from flowviz.core.solvers.vector_fields import vector_field_of
from flowviz.core.transport import trajectories
from flowviz.core.transport.average_velocity import mean_value_times
from flowviz.scene import Scene
from flowviz.text import ENTRIES, translator
from flowviz.ui.solvers import amed, compute
from tests.visitor import ROOT, Visitor

pytestmark = pytest.mark.usefixtures("small_pages")

LINE = torch.tensor([[0.5], [1.2], [1.7]], dtype=torch.float64)
SMOOTH = [name for name, prior in PRIORS.items() if prior.smooth]


def flow(x0: torch.Tensor, prior: str = "gaussian", schedule: str = "linear") -> MarginalField:
    path = PATHS["affine"](schedule=SCHEDULES[schedule]())
    weights = torch.ones(len(x0), dtype=torch.float64)
    weights[0] += len(x0) <= 3
    return MarginalField(x0, weights, PRIORS[prior](), path)


def learned(field: MarginalField, times: tuple[float, ...]) -> tuple[LearnedStep, ...]:
    calibration = calibration_set(field, [times])
    first, *later = (calibration.index[t] for t in times)
    x = calibration.x
    return learn_steps(vector_field_of(field), x[:, first], x[:, later], times)


def errors(field: MarginalField, n: int) -> tuple[float, float]:
    """The mean error of the midpoint method and of learned steps, on other particles."""
    times, particles = time_grid("uniform", n), evaluation_set(field, 300)
    own = solve_learned(vector_field_of(field), particles.x1, times, learned(field, times))
    half = solve(SOLVERS["midpoint"], vector_field_of(field), particles.x1, times).x
    found = [(x[:, -1] - particles.end).norm(dim=1) for x in (half, own)]
    return float(particles.weight @ found[0]), float(particles.weight @ found[1])


@pytest.mark.parametrize("prior", PRIORS)
@pytest.mark.parametrize("d", [1, 2])
def test_straight_trajectories_need_no_scale_and_end_exactly(prior: str, d: int) -> None:
    field = flow(torch.full((1, d), 0.4, dtype=torch.float64), prior)
    times = time_grid("uniform", 3)
    steps = learned(field, times)
    assert [step.scale for step in steps] == pytest.approx([1.0] * 3, abs=1e-9)
    x1 = field.prior.sample(20, d, torch.Generator().manual_seed(5))
    end = solve_learned(vector_field_of(field), x1, times, steps)[:, -1]
    assert float((end - field.x0).abs().max()) < 1e-9 * (1.0 + float(x1.abs().max()))


@pytest.mark.parametrize("prior", SMOOTH)
def test_learned_steps_miss_less_than_midpoints_on_other_particles(prior: str) -> None:
    for n in (2, 6):
        half, own = errors(flow(LINE, prior), n)
        assert own < 0.95 * half


def test_a_linear_equation_is_solved_exactly_by_its_scale() -> None:
    """x₀ = 0 on the cosine schedule: x_t = x₁ sin(πt/2), of which each step is a fixed factor."""
    field, times = flow(torch.zeros(1, 1, dtype=torch.float64), schedule="cosine"), (1.0, 0.6, 0.2)
    x1 = torch.tensor([[-1.3], [0.2], [2.0]], dtype=torch.float64)
    x = solve_learned(vector_field_of(field), x1, times, learned(field, times))
    for k, t in enumerate(times):
        torch.testing.assert_close(x[:, k], x1 * math.sin(0.5 * math.pi * t), rtol=1e-8, atol=0)
    half = solve(SOLVERS["midpoint"], vector_field_of(field), x1, times).x[:, -1]
    assert float((half - x[:, -1]).abs().min()) > 1e-3


@pytest.mark.parametrize(("t", "s"), [(1.0, 0.0), (0.9, 0.5), (0.3, 0.05)])
def test_the_exact_time_of_a_sine_is_the_arc_cosine(t: float, s: float) -> None:
    """(π/2) cos(πτ/2) = (sin(πt/2) - sin(πs/2))/(t - s), whatever x₁ is."""
    field = flow(torch.zeros(1, 1, dtype=torch.float64), schedule="cosine")
    x1 = torch.tensor([[-1.3], [0.2], [2.0]], dtype=torch.float64)
    rise = (math.sin(0.5 * math.pi * t) - math.sin(0.5 * math.pi * s)) / (t - s)
    tau = 2.0 / math.pi * math.acos(2.0 / math.pi * rise)
    found = mean_value_times(field, x1, t, s)
    assert found.time.tolist() == pytest.approx([tau] * 3, abs=1e-11)
    sine = math.sin(0.5 * math.pi * tau)
    torch.testing.assert_close(found.x, x1[:, 0] * sine, rtol=1e-11, atol=0)
    assert not found.straight.any()


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
@pytest.mark.parametrize("prior", PRIORS)
def test_at_the_exact_time_the_velocity_is_the_average_one(prior: str, schedule: str) -> None:
    field = flow(LINE, prior, schedule)
    x1 = field.prior.sample(25, 1, torch.Generator().manual_seed(3))
    for t, s in ((1.0, 0.5), (0.5, 0.0)):
        found = mean_value_times(field, x1, t, s)
        has = found.time.isfinite()
        ends = trajectories(field, x1, [s, t], 1e-12).x[:, :, 0]
        average = (ends[:, 1] - ends[:, 0]) / (t - s)
        on = trajectories(field, x1[has], found.time[has], 1e-12).x[..., 0].diagonal()
        assert ((found.time[has] > s) & (found.time[has] < t)).all()
        torch.testing.assert_close(found.x[has], on, rtol=1e-9, atol=1e-9)
        there = field(on[:, None], found.time[has])[:, 0]
        torch.testing.assert_close(there, average[has], rtol=1e-7, atol=1e-7)
        if PRIORS[prior].smooth:  # continuous: the theorem
            assert (has | found.straight).all()
            assert not found.jumps.any()


def test_where_the_velocity_jumps_no_time_is_invented() -> None:
    """A jump is said only where positions just before and after it show one."""
    field, x1 = flow(LINE, "uniform"), torch.linspace(0.05, 0.95, 31, dtype=torch.float64)[:, None]
    found = mean_value_times(field, x1, 1.0)
    assert found.jumps.any()
    assert found.time[found.jumps].isnan().all()
    assert (found.time.isfinite() | found.jumps | found.straight).all()
    times = torch.linspace(0.0, 1.0, 4001, dtype=torch.float64)[1:]
    x = trajectories(field, x1[found.jumps], times).x[:, :, 0]
    f = field(x.reshape(-1, 1), times.repeat(len(x))).reshape_as(x)
    end = trajectories(field, x1[found.jumps], [0.0]).x[:, 0]
    passed = f - (x1[found.jumps] - end)
    change = (passed[:, 1:] - passed[:, :-1]).abs()
    over = passed[:, 1:].sign() != passed[:, :-1].sign()
    assert ((change > 0.01) & over).any(1).all()


@pytest.mark.parametrize(
    ("points", "prior", "n"),
    [((-1000.0, 1000.0), "gaussian", 1), ((0.0, 1e-4), "student_t", 2)],
)
def test_times_near_an_end_are_found(points: tuple[float, ...], prior: str, n: int) -> None:
    """Far points: f passes u within 0.002 of t = 1. Near ones: within 0.001 of t = 0."""
    field = flow(torch.tensor(points, dtype=torch.float64)[:, None], prior)
    x1 = torch.linspace(-2.9, 2.8, 12, dtype=torch.float64)[:, None]
    margins = []
    for s, t in pairwise([k / n for k in range(n + 1)]):
        found = mean_value_times(field, x1, t, s)
        has = found.time.isfinite()
        assert (has | found.straight).all()
        assert not found.jumps.any()
        assert has.any()
        margins.append(torch.minimum(found.time - s, t - found.time)[has])
    assert torch.cat(margins).min() < 0.003


@pytest.mark.parametrize("width", [1e-3, 1e-6, 1e-9])
def test_nearly_straight_trajectories_are_straight_or_have_a_time(width: float) -> None:
    field = flow(torch.tensor([[100.0], [100.0 + width]], dtype=torch.float64), "student_t")
    x1 = torch.linspace(-3.0, 3.0, 13, dtype=torch.float64)[:, None]
    for t, s in ((1.0, 0.5), (0.5, 0.5 - 1e-5), (1e-3, 0.0)):
        found = mean_value_times(field, x1, t, s)
        assert (found.straight | found.time.isfinite()).all()
        assert not found.jumps.any()


@pytest.mark.parametrize("prior", SMOOTH)
def test_rounding_beside_a_separatrix_is_no_jump(prior: str) -> None:
    """x₁ = 0 in the middle of the points: on which side it ends is decided by rounding."""
    field = flow(torch.linspace(-3.0, 3.0, 200, dtype=torch.float64)[:, None], prior, "cosine")
    found = mean_value_times(field, torch.zeros(1, 1, dtype=torch.float64), 1.0 / 12.0)
    assert not found.jumps.any()


@pytest.mark.parametrize("prior", PRIORS)
def test_scales_are_bounded(prior: str) -> None:
    field = flow(LINE, prior)
    for n in (2, 8):
        assert all(0.0 <= step.scale <= 2.0 for step in learned(field, time_grid("uniform", n)))


def test_a_scale_stays_bounded_where_particles_hardly_move() -> None:
    """The best c would be 1,000 and -5; within the bounds it is as it is."""
    wanted = torch.ones(4, 1, dtype=torch.float64)
    moves = torch.stack([1e-3 * wanted, -0.2 * wanted, 0.8 * wanted])
    assert amed_steps._scales(moves, wanted).tolist() == pytest.approx([2.0, 0.0, 1.25])


def test_a_straight_trajectory_has_no_single_time() -> None:
    found = mean_value_times(flow(LINE[:1]), torch.tensor([[0.3], [1.1]]), 0.8, 0.1)
    assert found.straight.all()
    assert found.time.isnan().all()


def test_the_plane_and_times_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="d = 1"):
        mean_value_times(flow(torch.zeros(1, 2)), torch.zeros(1, 2), 0.8, 0.1)
    with pytest.raises(ValueError, match="0 <= s < t"):
        mean_value_times(flow(LINE), torch.zeros(1, 1), 0.1, 0.8)


# ---------------------------------------------------------------------------------------- the page


def opened(**settings: object) -> Visitor:
    scene = Scene(**settings)  # type: ignore[arg-type]
    visitor = Visitor(ROOT / "pages" / "solvers.py", scene.to_query("solvers"))
    assert getattr(ENTRIES["solvers.amed.alt"], scene.lang) not in " ".join(visitor.words())
    visitor.app.session_state["flowviz.demo.amed"] = True
    visitor.run()
    assert not visitor.complaints
    return visitor


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_says_what_is_learned(lang: str) -> None:
    visitor = opened(prior="gaussian", solver_steps=3, solver_lines=6, lang=lang)
    setup = compute.setup_of(visitor.scene)
    found = amed.learned(setup, 3, 6)
    assert found is not None
    assert found.nfe == 6
    assert found.exact is not None
    assert found.exact.shape == (6, 3)
    said = " ".join(visitor.words())
    for key in ("alt", "marks", "table.caption"):
        assert getattr(ENTRIES[f"solvers.amed.{key}"], lang) in said
    assert getattr(ENTRIES["solvers.amed.straight"], lang)[-8:] not in said
    visitor.set("solver_steps", 13)
    said = " ".join(visitor.words())
    assert getattr(ENTRIES["solvers.amed.many"], lang).format(most=amed.MOST_STEPS) in said


def test_in_the_plane_only_what_is_learned_is_said() -> None:
    said = " ".join(opened(space="plane", solver_steps=2, solver_lines=6).words())
    assert ENTRIES["solvers.amed.plane"].en in said
    assert ENTRIES["solvers.amed.table.exact"].en not in said


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_not_so_is_not_said(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Worse than midpoints; jumps only where seen; too many exact times."""

    def say(key: str, **values: object) -> str:
        return translator(lang)(f"solvers.amed.{key}", **values)  # type: ignore[arg-type]

    visitor = opened(
        points="-1000,1000", prior="gaussian", solver_steps=1, solver_lines=6, lang=lang
    )
    said = " ".join(visitor.words())
    worse = say("worse", n=CALIBRATION_SIZE)
    assert say("none", count=6, n=6) not in said
    assert worse not in said
    assert say("marks") in said
    calm = amed.learned

    def worse_than_midpoints(*args: object, **named: object) -> object:
        found = calm(*args, **named)  # type: ignore[arg-type]
        assert found is not None
        half, own, fitted = found.error
        unknown = np.full_like(found.exact, np.nan)
        return replace(found, error=(own, half, fitted), exact=unknown)

    monkeypatch.setattr(amed, "learned", worse_than_midpoints)
    visitor.run()
    said = " ".join(visitor.words())
    assert worse in said
    assert say("unknown", count=6, n=6) in said
    assert say("none", count=6, n=6) not in said
    monkeypatch.setattr(amed, "learned", calm)
    monkeypatch.setattr(amed, "_EXACT_BUDGET", 1e3)
    visitor.set("solver_lines", 7)
    said = " ".join(visitor.words())
    assert say("long") in said
    assert say("marks") not in said
    assert ENTRIES["solvers.amed.plane"].en not in said
    assert not visitor.complaints
