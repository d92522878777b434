"""The solvers: orders, exactness for one point, evaluations, hard cases."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch

from flowviz.core.datasets import DATASETS
from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import PLANE_PRIORS, PRIORS
from flowviz.core.schedules import SCHEDULES
from flowviz.core.solvers import SOLVERS, State, solve, tableaux
from flowviz.core.solvers.adaptive import solve_adaptively
from flowviz.core.solvers.convergence import calibration_set
from flowviz.core.solvers.likelihood import solver_log_prob
from flowviz.core.solvers.tableaux import Tableau
from flowviz.core.solvers.time_grids import GRIDS, time_grid
from flowviz.core.solvers.vector_fields import (
    AffineInX1Field,
    PosteriorMeanField,
    VectorField,
    VelocityField,
    vector_field_of,
)
from flowviz.core.transport import trajectories

EXPONENTIAL = [name for name, solver in SOLVERS.items() if solver.exponential]
GIVEN = [name for name, solver in SOLVERS.items() if not solver.adaptive]
TABLEAUX = {name: s.tableau for name, s in SOLVERS.items() if s.tableau is not None}
LINE = torch.tensor([[-1.2], [0.3], [0.9]], dtype=torch.float64)
PLANE = torch.tensor([[-1.0, 0.4], [0.8, 0.9], [0.3, -1.1]], dtype=torch.float64)


def mass(log_p: torch.Tensor, axes: tuple[torch.Tensor, ...]) -> float:
    """∫ exp(log p) dx by the trapezoidal rule on a tensor grid."""
    p = log_p.reshape([len(axis) for axis in axes]).exp().nan_to_num(0.0, posinf=0.0)
    for axis in reversed(axes):
        p = torch.trapezoid(p, axis, dim=-1)
    return float(p)


def field_of(x0=LINE, prior="gaussian", schedule="linear", path="affine") -> MarginalField:
    family = PATHS[path](schedule=SCHEDULES[schedule]()) if path == "affine" else PATHS[path]()
    weights = torch.arange(1.0, len(x0) + 1.0, dtype=torch.float64)
    return MarginalField(x0, weights, PRIORS[prior](), family)


def starts(field: MarginalField, n: int = 40) -> torch.Tensor:
    return field.prior.sample(n, field.d, torch.Generator().manual_seed(1))


def ends(field: MarginalField, x1: torch.Tensor, t: float) -> torch.Tensor:
    return trajectories(field, x1, torch.tensor([t], dtype=torch.float64), tolerance=1e-11).x[:, 0]


def fitted(name: str, field: MarginalField, flow: VectorField, times: tuple[float, ...]):
    return calibration_set(field, [times]).fit(flow, times) if SOLVERS[name].fitted else None


@pytest.mark.parametrize("name", TABLEAUX)
def test_a_tableau_is_consistent(name):
    tableau = TABLEAUX[name]
    for node, row in zip(tableau.c, tableau.a, strict=True):
        assert math.fsum(row) == pytest.approx(node, abs=1e-14)
    for weights in (tableau.b, tableau.embedded or tableau.b):
        assert math.fsum(weights) == pytest.approx(1.0, abs=1e-14)


def test_a_tableau_with_rows_missing_is_refused():
    with pytest.raises(ValueError, match=r"got \(2, 2, 1, 0, 1\)"):
        Tableau((0.0, 1.0), ((), (1.0,)), (1.0,))


@pytest.mark.parametrize("name", SOLVERS)
@pytest.mark.parametrize(
    ("x0", "schedule"), [(LINE, "linear"), (LINE, "cosine"), (PLANE, "linear"), (PLANE, "vp")]
)
def test_the_error_falls_with_the_solvers_order(name, x0, schedule):
    """On the way, where the flow is smooth; every solver on given steps."""
    field = field_of(x0, schedule=schedule)
    x1, solver = starts(field), SOLVERS[name]
    end = 0.25 if solver.order < 5 else 0.4
    counts = {1: (64, 128), 2: (64, 128), 4: (24, 48), 5: (8, 16)}[solver.order]
    true, errors = ends(field, x1, end), []
    for n in counts:
        times, flow = time_grid("uniform", n, end), vector_field_of(field)
        made = solve(solver, flow, x1, times, fitted(name, field, flow, times))
        errors.append(float((made.x[:, -1] - true).square().mean().sqrt()))
    order = math.log(errors[0] / errors[1]) / math.log(counts[1] / counts[0])
    assert order == pytest.approx(solver.order, abs=0.25)


@pytest.mark.parametrize("name", EXPONENTIAL)
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("end", [0.0, 0.3])
def test_an_exponential_method_is_exact_for_one_point_in_one_step(name, schedule, end):
    for x0, prior in ((LINE[:1], "student_t"), (PLANE[:1], "laplace")):
        field = field_of(x0, prior, schedule)
        x1, flow = starts(field), vector_field_of(field)
        made = solve(SOLVERS[name], flow, x1, (1.0, end))
        time = torch.tensor(end, dtype=torch.float64)
        true = field.path.forward(x1, x0, time)[:, 0]
        assert torch.allclose(made.x[:, -1], true, rtol=1e-13, atol=1e-13 * float(x1.abs().max()))


def test_a_classical_method_is_not():
    field = field_of(LINE[:1], schedule="cosine")
    x1 = starts(field)
    for name in ("euler", "midpoint", "heun", "rk4"):
        made = solve(SOLVERS[name], vector_field_of(field), x1, (1.0, 0.3))
        assert (made.x[:, -1] - ends(field, x1, 0.3)).abs().max() > 1e-3


def test_on_the_straight_line_ddim_is_eulers_method_and_elsewhere_it_is_not():
    def gap(schedule: str) -> float:
        field = field_of(PLANE, schedule=schedule)
        x1, times = starts(field), time_grid("cosine", 7)
        made = [
            solve(SOLVERS[name], vector_field_of(field), x1, times) for name in ("euler", "ddim")
        ]
        return float((made[0].x - made[1].x).abs().max())

    assert gap("linear") < 1e-14
    assert gap("vp") > 1e-2


@pytest.mark.parametrize("name", ["ddim", "dpm2", "multistep"])
def test_exponential_methods_do_not_see_the_schedule(name):
    """At times of the same u = σ/(α+σ) they do the same, through another schedule."""
    u = torch.tensor(time_grid("uniform", 6), dtype=torch.float64)
    made = []
    for schedule in ("linear", "cosine", "vp"):
        field = field_of(PLANE, schedule=schedule)
        times = SCHEDULES[schedule]().time_of(u)
        alpha, sigma = SCHEDULES[schedule]()(times)
        steps = solve(SOLVERS[name], vector_field_of(field), starts(field), tuple(times.tolist()))
        made.append(steps.x / (alpha + sigma)[:, None])
    assert torch.allclose(made[1], made[0], rtol=0, atol=1e-9)
    assert torch.allclose(made[2], made[0], rtol=0, atol=1e-9)


def counted(field: MarginalField) -> tuple[VectorField, list[float]]:
    """A flow by the field's own velocity, and every time it is asked for."""
    asked: list[float] = []

    def velocity(x, t):
        asked.append(float(t))
        return field(x, t)

    return VelocityField(velocity, field.d, field.path.affine_schedule), asked


COSTS = {"euler": 1, "midpoint": 2, "heun": 2, "rk4": 4, "dopri5": 7, "ddim": 1, "dpm2": 2}
COSTS |= {"multistep": 1, "mean_value": 2}


@pytest.mark.parametrize("name", SOLVERS)
@pytest.mark.parametrize("end", [0.0, 0.2])
@pytest.mark.parametrize("n", [1, 5])
def test_evaluations_are_counted_as_they_are_made(name, end, n):
    flow, asked = counted(field_of(PLANE))
    solver = SOLVERS[name]
    made = solve(solver, flow, starts(field_of(PLANE)), time_grid("uniform", n, end))
    evaluates_zero = end == 0.0 and name in ("heun", "rk4", "dopri5")
    expected = (n - 1) * COSTS[name] + (1 if evaluates_zero else COSTS[name])
    assert len(asked) == made.nfe == solver.cost(n, end) == expected
    assert min(asked) > 0.0


@pytest.mark.parametrize("name", SOLVERS)
@pytest.mark.parametrize("grid", GRIDS)
def test_every_solver_on_every_grid_reaches_the_data_and_stays_finite(name, grid):
    """Compact priors, too, where steps may end where p = 0."""
    for prior, schedule in (("uniform", "linear"), ("gaussian", "vp"), ("student_t", "cubic")):
        for x0 in (LINE, PLANE):
            field = field_of(x0, prior, schedule)
            x1 = starts(field)
            for n in (1, 2, 9):
                flow, times = vector_field_of(field), time_grid(grid, n)
                made = solve(SOLVERS[name], flow, x1, times, fitted(name, field, flow, times))
                assert torch.isfinite(made.x).all()
            # Nine steps down: wherever it is, it is among the data.
            if prior == "gaussian":
                far = (made.x[:, -1].abs() - x0.abs().amax(0)).amax()
                assert far < 0.5


@pytest.mark.parametrize("path", ["swirl", "parabola"])
def test_other_families_use_the_rules_of_straight_lines(path):
    """D = x - t f is defined for every family: finite, and convergent with the usual order."""
    field = field_of(PLANE, path=path)
    x1, flow = starts(field, 8), vector_field_of(field)
    assert not flow.affine
    true = ends(field, x1, 0.3)
    for name in GIVEN:
        errors = []
        for n in (8, 16):
            times = time_grid("uniform", n, 0.3)
            made = solve(SOLVERS[name], flow, x1, times, fitted(name, field, flow, times))
            errors.append(float((made.x[:, -1] - true).abs().mean()))
        assert errors[0] / errors[1] > 0.7 * 2 ** SOLVERS[name].order, name
    assert torch.isfinite(solve(SOLVERS["ddim"], flow, x1, time_grid("log", 5)).x).all()


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("x0", [LINE, PLANE])
def test_velocity_and_data_prediction_are_one_flow(schedule, x0):
    field = field_of(x0, schedule=schedule)
    exact, learned = (
        PosteriorMeanField(field),
        VelocityField(field, field.d, field.path.affine_schedule),
    )
    x = starts(field)
    for t in (1.0, 0.6, 0.01):
        assert torch.allclose(exact.velocity(x, t), field(x, t), rtol=1e-10, atol=1e-11)
        prediction = exact.data_prediction(x, t)
        assert torch.allclose(learned.data_prediction(x, t), prediction, rtol=1e-7, atol=1e-9)
        posterior = field.posterior(x, t)
        assert torch.allclose(prediction, posterior @ x0, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("prior", ["gaussian", "uniform", "student_t", "disk"])
@pytest.mark.parametrize("path", ["parabola", "wave", "swirl", "per_axis", "detour", "typed"])
@pytest.mark.parametrize("x0", [LINE, PLANE])
def test_a_family_affine_in_x1_is_solved_by_its_matrices(path, prior, x0):
    """The field itself, evaluated pair by pair, is the reference: where it flows and where not."""
    d = x0.shape[1]
    family = PATHS["formula"](mu="(1-t)^2*x0", sigma="t^2") if path == "typed" else PATHS[path]()
    law = PLANE_PRIORS[prior]() if prior in PLANE_PRIORS else PRIORS[prior]()
    if not (family.exists_in(d) and law.exists_in(d)):
        return
    field = MarginalField(x0, torch.tensor([1.0, 2.0, 3.0]).double(), law, family)
    flow = vector_field_of(field)
    assert isinstance(flow, AffineInX1Field)
    x = 4.0 * torch.rand(60, d, generator=torch.Generator().manual_seed(3)).double() - 2.0
    for t in (0.97, 0.63, 0.07):  # at 1 all points come equally near
        value, outside = flow.velocity(x, t), flow.outside[-1]
        time = torch.full((60,), t, dtype=torch.float64)
        true = field.velocity_or_nearest(x, time)
        assert torch.allclose(value, true, rtol=1e-9, atol=1e-9 * float(true.abs().max()))
        assert torch.equal(outside, field.log_prob(x, t) == -torch.inf)


@pytest.mark.parametrize(("path", "schedule"), [("affine", "cosine"), ("swirl", "linear")])
def test_divergences_are_exact(path, schedule):
    """∇·f by autograd along each coordinate is the reference."""
    field = field_of(PLANE, schedule=schedule, path=path)
    flow, x = vector_field_of(field, divergence=True), starts(field, 7)
    for t in (0.9, 0.4):
        value = flow.velocity(torch.cat([x, x[:, :1]], 1), t)
        at = x.clone().requires_grad_()
        velocity = torch.stack([field(row[None], t)[0] for row in at])
        parts = [torch.autograd.grad(velocity[:, j].sum(), at, retain_graph=True) for j in (0, 1)]
        divergence = parts[0][0][:, 0] + parts[1][0][:, 1]
        assert torch.allclose(value[:, :2], velocity, rtol=1e-9, atol=1e-10)
        assert torch.allclose(value[:, 2], divergence, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("divergence", [False, True])
@pytest.mark.parametrize("path", ["affine", "swirl", "squeeze"])
def test_many_times_together_are_each_by_itself(path, divergence):
    """Velocities, data predictions and exponential steps of K times are K answers."""
    field, times = field_of(PLANE, "uniform", path=path), (0.9, 0.5, 0.1)
    flow = vector_field_of(field, divergence)
    x = torch.stack([starts(field, 12)] * 3)
    x = torch.cat([x, x[..., :1]], dim=-1) if divergence else x
    for ask in (flow.velocity, flow.data_prediction):
        together, outside = ask(x, times), flow.outside[-1]
        for k, t in enumerate(times):
            assert torch.allclose(together[k], ask(x[k], t), rtol=1e-9, atol=1e-11)
            assert torch.equal(outside[k], flow.outside[-1])
    prediction = flow.data_prediction(x, 3 * (1.0,))
    moved = flow.exponential_step(x, 1.0, times, prediction)
    for k, t in enumerate(times):
        single = flow.exponential_step(x[k], 1.0, t, prediction[k])
        assert torch.allclose(moved[k], single, rtol=1e-12, atol=1e-13)


def test_a_vector_field_counts_each_solution_by_itself():
    field = field_of(PLANE, "uniform")
    x1, flow = starts(field, 12), vector_field_of(field)
    for name in GIVEN:
        for n in (1, 3, 5):
            times = time_grid("karras", n)
            again = solve(SOLVERS[name], flow, x1, times)
            fresh = solve(SOLVERS[name], vector_field_of(field), x1, times)
            assert torch.equal(again.x, fresh.x)
            assert again.nfe == fresh.nfe == SOLVERS[name].cost(n)
            assert torch.equal(again.outside, fresh.outside)


@pytest.mark.parametrize("schedule", ["linear", "cosine", "vp"])
def test_halfway_is_halfway_in_log_u(schedule):
    flow = vector_field_of(field_of(schedule=schedule))
    times = time_grid("karras", 5)
    u = SCHEDULES[schedule]().linear_time_and_scale
    for t0, t1 in pairwise(times):
        here, middle, there = (float(u(t)[0]) for t in (t0, flow.halfway(t0, t1), t1))
        assert middle == pytest.approx(math.sqrt(here * there) if t1 > 0.0 else here / 2, rel=1e-9)


def test_the_multistep_method_is_exact_for_a_data_prediction_linear_in_log_t():
    """dy/ds = y - (a + b s) has the solution y = c e^s + a + b s + b."""
    a, b, c = 0.3, -0.7, 1.1

    def place(t: float) -> torch.Tensor:
        return torch.tensor([[c * t + a + b * math.log(t) + b]], dtype=torch.float64)

    def velocity(x, t):
        return (x - (a + b * torch.log(t))) / t

    flow = VelocityField(velocity, 1, SCHEDULES["linear"]())
    state = State(place(1.0))
    for t0, t1 in pairwise((1.0, 0.7, 0.2, 0.05)):
        started = state.previous is not None
        state = SOLVERS["multistep"].step(flow, State(place(t0), state.previous), t0, t1)
        assert torch.allclose(state.x, place(t1), rtol=1e-13) is started


@pytest.mark.parametrize("data", ["comb", "two_moons"])
def test_fitted_times_are_better_than_halfway_for_other_particles(data):
    x0, weights = DATASETS[data].tensors()
    field = MarginalField(x0, weights, PRIORS["gaussian"](), PATHS["affine"]())
    flow, x1 = vector_field_of(field), starts(field, 1000)
    true, gain = ends(field, x1, 0.0), []
    for n in (4, 8, 16):
        times = time_grid("uniform", n)
        usual = solve(SOLVERS["dpm2"], flow, x1, times)
        better = solve(
            SOLVERS["mean_value"], flow, x1, times, fitted("mean_value", field, flow, times)
        )
        errors = [float((made.x[:, -1] - true).norm(dim=1).mean()) for made in (usual, better)]
        gain.append(errors[0] / errors[1])
        assert usual.nfe == better.nfe == 2 * n
    assert min(gain) > 1.3


def test_an_adaptive_pair_meets_its_tolerance():
    field = field_of(PLANE, schedule="cosine")
    x1 = starts(field)
    true, errors, costs = ends(field, x1, 0.1), [], []
    for tolerance in (1e-2, 1e-4, 1e-6, 1e-8):
        made = solve_adaptively(
            SOLVERS["dopri5"], vector_field_of(field), x1, tolerance, (1.0, 0.1)
        )
        errors.append(float((made.x[:, -1] - true).square().mean().sqrt()) / tolerance)
        costs.append(made.nfe)
    assert max(errors) < 10.0
    assert costs == sorted(costs)
    assert costs[-1] > 2 * costs[0]


def test_a_pair_counts_refused_steps_and_reuses_its_last_stage():
    field = field_of(PLANE)
    flow, asked = counted(field)
    made = solve_adaptively(SOLVERS["dopri5"], flow, starts(field), 1e-5, record=True)
    assert made.nfe == len(asked)
    assert (made.nfe - 1) % 6 == 0
    taken = len(made.t) - 2  # and Euler's step to 0
    assert (made.nfe - 1) // 6 >= taken
    assert [len(stages) for stages in made.evaluations] == [7] * taken + [1]
    assert made.t[0] == 1.0
    assert made.t[-1] == 0.0


@pytest.mark.parametrize("prior", ["uniform", "arcsine"])
@pytest.mark.parametrize("ends", [(1.0, 0.0), (0.02, 1.0)])
def test_a_pair_gets_across_jumps_both_ways(prior, ends):
    """Some particle is always at an edge: no tolerance is met, and the walk still ends."""
    field = field_of(LINE, prior)
    x1 = starts(field, 200)
    start = x1 if ends[0] == 1.0 else field.path.forward(x1, LINE, torch.tensor(ends[0]))[:, 0]
    made = solve_adaptively(SOLVERS["dopri5"], vector_field_of(field), start, 1e-7, ends)
    assert torch.isfinite(made.x).all()
    assert made.t[-1] == ends[1]
    assert made.nfe < 6 * 1000


def test_a_pair_without_steps_left_reports_its_time():
    with pytest.raises(ValueError, match=r"3 steps did not reach t = 0.01, only 0\.9"):
        solve_adaptively(
            SOLVERS["dopri5"], vector_field_of(field_of()), starts(field_of()), 1e-12, max_steps=3
        )
    with pytest.raises(ValueError, match="tolerance must be positive, got 0"):
        solve_adaptively(SOLVERS["dopri5"], vector_field_of(field_of()), starts(field_of()), 0.0)


def test_recorded_evaluations_are_the_stages_of_each_step():
    field = field_of(LINE, schedule="cosine")
    x1, times = starts(field), time_grid("uniform", 3)
    for name in GIVEN:
        made = solve(SOLVERS[name], vector_field_of(field), x1, times, record=True)
        assert sum(map(len, made.evaluations)) == made.nfe
        steps = zip(pairwise(times), made.evaluations, made.x.unbind(1), strict=False)
        for (t0, t1), stages, x in steps:
            assert stages[0].t == t0
            assert torch.equal(stages[0].x, x)
            assert all(t1 <= stage.t <= t0 for stage in stages)
            for stage in stages:
                true = field(stage.x, stage.t)
                assert torch.allclose(stage.velocity, true, atol=1e-9, rtol=1e-9)


@pytest.mark.parametrize("name", SOLVERS)
@pytest.mark.parametrize(("x0", "schedule"), [(LINE, "cosine"), (PLANE, "linear")])
def test_a_likelihood_converges_with_the_solvers_order(name, x0, schedule):
    field, solver = field_of(x0, schedule=schedule), SOLVERS[name]
    x = field.path.forward(starts(field, 20), field.x0, torch.tensor(0.4).double())[:, 1]
    true, errors = field.log_prob(x, 0.4), []
    counts = (12, 24) if solver.order < 4 else (8, 16)
    for n in counts:
        times = tuple(reversed(time_grid("uniform", n, 0.4)))
        fractions = fitted(name, field, vector_field_of(field), times)
        flow = vector_field_of(field, divergence=True)
        found = solver_log_prob(solver, flow, field.prior, x, times, fractions=fractions)
        assert found.nfe == solver.cost(n, 0.4)
        errors.append(float((found.log_p - true).abs().mean()))
    assert math.log2(errors[0] / errors[1]) > solver.order - 0.4


def test_for_one_point_an_exponential_methods_likelihood_is_exact_in_one_step():
    field = field_of(PLANE[:1], schedule="vp")
    x = field.path.forward(starts(field), field.x0, torch.tensor(0.3).double())[:, 0]
    for name in EXPONENTIAL:
        flow = vector_field_of(field, divergence=True)
        found = solver_log_prob(SOLVERS[name], flow, field.prior, x, (0.3, 1.0))
        assert torch.allclose(found.log_p, field.log_prob(x, 0.3), rtol=1e-11, atol=1e-11)


def test_a_mass_is_the_integral():
    axis = torch.linspace(-9.0, 9.0, 400, dtype=torch.float64)
    field = field_of()
    assert mass(field.log_prob(axis[:, None], 0.5), (axis,)) == pytest.approx(1.0, abs=1e-9)
    plane = field_of(PLANE)
    nodes = torch.cartesian_prod(axis[::4], axis[::4])
    both = (axis[::4], axis[::4])
    assert mass(plane.log_prob(nodes, 0.5), both) == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("n", [1, 2, 3, 17])
@pytest.mark.parametrize("end", [0.0, 0.005, 0.4])
def test_a_grid_falls_from_one_to_its_end_in_n_steps(grid, n, end):
    times = time_grid(grid, n, end)
    assert (len(times), times[0], times[-1]) == (n + 1, 1.0, end)
    assert all(b < a for a, b in pairwise(times))


def test_grids_have_their_formulas():
    assert time_grid("uniform", 4) == (1.0, 0.75, 0.5, 0.25, 0.0)
    assert time_grid("log", 3, last=0.01) == pytest.approx((1.0, 0.1, 0.01, 0.0))
    assert time_grid("log", 2, end=0.25) == pytest.approx((1.0, 0.5, 0.25))
    assert time_grid("cosine", 2) == pytest.approx((1.0, 0.5, 0.0))
    one = time_grid("karras", 5, rho=1.0, last=0.2)
    assert one == pytest.approx((1.0, 0.8, 0.6, 0.4, 0.2, 0.0))
    # Karras et al., equation 5, at i = 1 of N = 4, with σ from 1 to 0.01.
    assert time_grid("karras", 4)[1] == pytest.approx((1 + (0.01 ** (1 / 7) - 1) / 3) ** 7)
    far = time_grid("karras", 9, rho=1e4)
    assert far == pytest.approx(time_grid("log", 9), rel=1e-3, abs=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("linear", 3), "got 'linear'"),
        (("uniform", 0), "at least 1 step, got 0"),
        (("uniform", 3, 1.0), r"end must lie in \[0, 1\), got 1.0"),
        (("log", 3, 0.0, 0.0), r"last must lie in \(0, 1\), got 0.0"),
        (("karras", 3, 0.0, 0.1, 0.5), "rho must be at least 1, got 0.5"),
    ],
)
def test_a_grid_that_makes_no_sense_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        time_grid(*arguments)


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ((1.0,), "at least 2 times, got 1"),
        ((1.0, 0.0, 0.5), "only the last time may be 0"),
        ((1.0, 0.5, 0.5), "must all rise or all fall"),
        ((1.5, 0.5), r"must lie in \[0, 1\]"),
    ],
)
def test_times_that_make_no_sense_are_refused(times, message):
    with pytest.raises(ValueError, match=message):
        solve(SOLVERS["euler"], vector_field_of(field_of()), starts(field_of()), times)


def test_only_a_field_with_divergence_has_a_likelihood():
    field = field_of()
    with pytest.raises(ValueError, match="with divergence"):
        solver_log_prob(SOLVERS["rk4"], vector_field_of(field), field.prior, field.x0, (0.5, 1.0))
    assert tableaux.RK4.evaluates_end
    assert not tableaux.MIDPOINT.evaluates_end
