"""The solver: its order, its interpolant, its own pace for every trajectory, its refusals."""

from __future__ import annotations

import math

import pytest
import torch

from flowviz.core.numerics.ode.solve import Problem, Solution, solve
from flowviz.core.numerics.ode.step import tableau


def never(tau, y):
    return torch.zeros_like(tau, dtype=torch.bool)


def turning(tolerance: float, places: torch.Tensor, step: float = 0.1) -> Solution:
    """y'' = -y as two equations, from (1, 0): a circle."""
    problem = Problem(
        slope=lambda tau, y: torch.stack([-y[:, 1], y[:, 0]], dim=1),
        start=0.0,
        end=10.0,
        tolerance=tolerance,
        step=step,
        settled=never,
    )
    return solve(problem, torch.tensor([[1.0, 0.0]], dtype=torch.float64), places)


def test_the_tableau_is_consistent():
    table = tableau(torch.float64, torch.device("cpu"))
    for row, node in zip(table.rows, table.nodes, strict=True):
        assert math.fsum(row.tolist()) == pytest.approx(node, abs=1e-14)
    for row, total in zip(table.ends.tolist(), (1.0, 0.0, 0.0), strict=True):
        assert math.fsum(row) == pytest.approx(total, abs=1e-14)


def test_the_tableau_that_scipy_carries_is_the_one_of_hairer_norsett_and_wanner():
    """Figures of the authors' own code: a SciPy that carries another pair is named here."""
    table = tableau(torch.float64, torch.device("cpu"))
    assert [len(row) for row in table.rows] == list(range(16))
    assert table.nodes[12] == 1.0
    assert table.nodes[13:] == pytest.approx((0.1, 0.2, 7 / 9), rel=1e-15)
    published = {  # c₂, a₁₂,₁₁, a₁₆,₁₅, b₁, b₁₂, an error of each order, d₄₁, d₇₁₆
        table.nodes[1]: 0.526001519587677318785587544488e-1,
        table.rows[11][10].item(): 0.643392746015763530355970484046e0,
        table.rows[15][14].item(): -9.15095847217987001081870187138e0,
        table.ends[0, 0].item(): 5.42937341165687622380535766363e-2,
        table.ends[0, 11].item(): 4.47106157277725905176885569043e-2,
        table.ends[1, 0].item(): 0.1312004499419488073250102996e-1,
        table.ends[2, 0].item(): 5.42937341165687622380535766363e-2
        - 0.244094488188976377952755905512,
        table.dense[0, 0].item(): -0.84289382761090128651353491142e1,
        table.dense[3, 15].item(): -0.14972683625798562581422125276e3,
    }
    for carried, figure in published.items():
        assert carried == pytest.approx(figure, rel=1e-14)


def test_the_error_falls_with_the_eighth_order():
    """One step of length h: the local error falls as h⁹."""
    lengths, errors = [0.8, 0.4], []
    for h in lengths:
        problem = Problem(
            slope=lambda tau, y: -2.0 * tau[:, None] * y,
            start=0.0,
            end=h,
            tolerance=1e6,
            step=h,
            settled=never,
        )
        y = solve(problem, torch.ones(1, 1).double(), torch.empty(0).double()).last
        errors.append(abs(y.item() - math.exp(-(h**2))))
    order = math.log(errors[0] / errors[1]) / math.log(2.0)
    assert order > 8.5


@pytest.mark.parametrize("tolerance", [1e-4, 1e-7, 1e-10])
def test_positions_between_steps_are_as_accurate_as_at_steps(tolerance):
    places = torch.linspace(0.0, 10.0, 173, dtype=torch.float64)
    solution = turning(tolerance, places)
    true = torch.stack([places.cos(), places.sin()], dim=1)
    assert (solution.y[0] - true).abs().max() < 100 * tolerance
    assert bool(solution.finished.all())
    assert solution.error[0] < 100 * tolerance


def test_a_tighter_tolerance_costs_more_and_errs_less():
    places = torch.tensor([10.0], dtype=torch.float64)
    loose, tight = turning(1e-4, places), turning(1e-11, places)
    assert loose.evaluations < tight.evaluations
    assert (tight.y[0, 0, 0] - math.cos(10)).abs() < (loose.y[0, 0, 0] - math.cos(10)).abs()


def test_every_row_has_its_own_step_size():
    """A quick row must not make a slow one pay, and company must not change an answer."""
    rate = torch.tensor([0.1, 30.0], dtype=torch.float64)

    def cost(rows: list[int]) -> Solution:
        own = rate[rows]

        def slope(tau, y):
            # Rows leave the working set: tell them apart by what they carry.
            return torch.stack([-y[:, 1] * y[:, 2], y[:, 0] * y[:, 2], 0 * y[:, 2]], dim=1)

        start = torch.stack([torch.ones_like(own), 0 * own, own], dim=1)
        problem = Problem(slope, 0.0, 3.0, 1e-9, 0.01, never)
        return solve(problem, start, torch.tensor([1.0, 3.0], dtype=torch.float64))

    both, slow, quick = cost([0, 1]), cost([0]), cost([1])
    assert torch.allclose(both.y, torch.cat([slow.y, quick.y]), rtol=0, atol=1e-12)
    assert both.evaluations == slow.evaluations + quick.evaluations
    assert quick.evaluations > 5 * slow.evaluations


def test_a_settled_row_continues_on_a_straight_line():
    problem = Problem(
        slope=lambda tau, y: torch.where(tau[:, None] < 1.0, 2.0 * (1.0 - tau)[:, None], 0.0) + 3.0,
        start=0.0,
        end=100.0,
        tolerance=1e-9,
        step=0.1,
        settled=lambda tau, y: tau > 1.0,
    )
    places = torch.tensor([0.5, 50.0, 1000.0], dtype=torch.float64)
    y = solve(problem, torch.zeros(1, 1).double(), places).y[0, :, 0]
    expected = torch.tensor([1.5 + 0.75, 151.0, 3001.0], dtype=torch.float64)
    assert torch.allclose(y, expected, rtol=1e-6)


def test_a_slope_without_value_shortens_the_step():
    """Beyond y = 1 the slope is NaN; steps must not look there for good."""
    problem = Problem(
        slope=lambda tau, y: torch.where(y > 1.0, torch.nan, 1.0 - y),
        start=0.0,
        end=30.0,
        tolerance=1e-6,
        step=25.0,
        settled=never,
    )
    y = solve(problem, torch.zeros(1, 1).double(), torch.tensor([2.0]).double())
    assert y.y[0, 0, 0] == pytest.approx(1 - math.exp(-2), abs=1e-5)
    assert torch.isfinite(y.last).all()


def test_accepted_values_are_written_to_their_output_times():
    problem = Problem(
        slope=lambda tau, y: torch.ones_like(y),
        start=0.0,
        end=4.0,
        tolerance=1e-6,
        step=0.5,
        settled=never,
        project=lambda tau, y: y.clamp(max=2.0),
    )
    solution = solve(problem, torch.zeros(1, 1).double(), torch.tensor([1.0, 3.0]).double())
    assert solution.y[0, 0, 0] == pytest.approx(1.0)
    assert solution.y[0, 1, 0] == 2.0
    assert solution.last[0, 0] == 2.0
    assert solution.error[0] > 1.0


def test_steps_that_run_out_are_reported(monkeypatch):
    monkeypatch.setattr("flowviz.core.numerics.ode.solve.MAX_STEPS", 3)
    solution = turning(1e-12, torch.tensor([10.0], dtype=torch.float64), step=1e-3)
    assert not bool(solution.finished.any())
    assert torch.isinf(solution.error).all()
