"""The chart of error against evaluations: its particles, its measures, its slopes."""

from __future__ import annotations

import math

import pytest
import torch

from flowviz.core.datasets import DATASETS
from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import PRIORS
from flowviz.core.solvers import SOLVERS, Solution
from flowviz.core.solvers.convergence import (
    COUNTS,
    MAX_SLOPE_ERROR,
    EvaluationSet,
    Score,
    calibration_set,
    evaluation_and_calibration,
    evaluation_set,
    score,
    slope,
    stays_below,
    sweep,
)
from flowviz.core.solvers.time_grids import TimeGrid
from flowviz.core.solvers.vector_fields import vector_field_of
from flowviz.core.transport import trajectories

KARRAS = TimeGrid("karras")


def field_of(data="comb", prior="gaussian") -> MarginalField:
    return MarginalField(*DATASETS[data].tensors(), PRIORS[prior](), PATHS["affine"]())


def scores(field: MarginalField, names, grid=KARRAS, counts=COUNTS) -> list[Score]:
    evaluation = evaluation_set(field, 500, grid.end)
    return list(sweep(field, vector_field_of(field), grid, evaluation, counts, names))


@pytest.mark.parametrize("data", ["article", "comb", "near_and_far", "one_point"])
@pytest.mark.parametrize("prior", ["uniform", "gaussian", "student_t"])
def test_particles_on_the_line_are_a_quadrature_of_the_prior(data, prior):
    field = field_of(data, prior)
    found = evaluation_set(field, 500)
    assert float(found.weight.sum()) == pytest.approx(1.0, abs=1e-12)
    basins = torch.zeros(field.n, dtype=torch.float64).index_add_(0, found.basin, found.weight)
    assert torch.allclose(basins, field.weights, atol=1e-12)
    assert torch.equal(found.end, field.x0[found.basin])
    order = found.x1[:, 0].argsort()
    level = found.weight[order].cumsum(0) - 0.5 * found.weight[order]
    assert torch.allclose(field.prior.cdf(found.x1[order, 0]), level, atol=1e-9)
    if field.n > 1:
        assert float(found.weight.min()) < 1e-11


def test_many_points_get_evenly_spaced_particles():
    x0 = torch.linspace(-1.0, 1.0, 60, dtype=torch.float64)[:, None]
    field = MarginalField(x0, torch.ones(60), PRIORS["gaussian"](), PATHS["affine"]())
    found = evaluation_set(field, 500)
    assert len(found.x1) == 500
    assert float(found.weight.std()) < 1e-15


def test_particles_in_the_plane_are_the_same_draws_every_time():
    field = field_of("eight_gaussians")
    one, two = evaluation_set(field, 50), evaluation_set(field, 50)
    assert torch.equal(one.x1, two.x1)
    assert torch.equal(one.end, field.x0[one.basin])
    on_the_way = evaluation_set(field, 50, end=0.3)
    assert torch.allclose(
        on_the_way.end, trajectories(field, one.x1, torch.tensor([0.3]).double()).x[:, 0]
    )


def test_calibration_particles_differ_from_the_evaluated_ones():
    field = field_of("eight_gaussians")
    calibration = calibration_set(field, [(1.0, 0.5, 0.0)])
    evaluation = evaluation_set(field, 500)
    fitted = calibration.x[:, calibration.index[1.0]]
    assert float(torch.cdist(fitted, evaluation.x1).min()) > 1e-6


@pytest.mark.parametrize(("data", "path"), [("comb", "wave"), ("eight_gaussians", "swirl")])
def test_both_sets_computed_together_equal_those_computed_separately(data, path):
    field = MarginalField(*DATASETS[data].tensors(), PRIORS["gaussian"](), PATHS[path]())
    grid, counts = TimeGrid(end=0.3), (2, 5)
    judged, fitted = evaluation_and_calibration(field, 40, grid, counts)
    apart = evaluation_set(field, 40, grid.end)
    other = calibration_set(field, [grid.times(n) for n in counts])
    assert torch.equal(judged.x1, apart.x1)
    assert torch.equal(judged.basin, apart.basin)
    assert torch.allclose(judged.end, apart.end, atol=1e-4)
    assert fitted.index == other.index
    assert torch.allclose(fitted.x, other.x, atol=1e-4)


ORDERS = {"euler": 1.0, "heun": 2.0, "rk4": 4.0, "ddim": 1.0, "dpm2": 2.0, "multistep": 2.0}


def test_at_the_data_wrong_ends_and_mean_error_fall_with_the_order_and_w2_with_half_of_it():
    found = scores(field_of(), ORDERS)
    for name, order in ORDERS.items():
        own = [s for s in found if s.solver == name]
        nfe = [s.nfe for s in own]
        for measure, expected in (("error", order), ("wrong", order), ("w2", 0.5 * order)):
            read = slope(nfe, [getattr(s, measure) for s in own])
            assert read == pytest.approx(expected, abs=0.25), (name, measure)


def test_an_adaptive_solver_is_omitted_beyond_the_chart():
    smooth = scores(field_of(), ["dopri5"], TimeGrid())
    edged = scores(field_of("article", "uniform"), ["dopri5"], TimeGrid())
    assert 3 <= len(edged) < len(smooth) <= 8
    assert max(s.nfe for s in smooth + edged) <= 253
    assert all(s.outside_evaluations == s.outside == 0.0 for s in smooth)
    assert all(0.0 < s.outside_evaluations < s.outside < 1.0 for s in edged)


def test_one_point_leaves_no_error_to_exponential_methods():
    names = [name for name, solver in SOLVERS.items() if solver.exponential]
    for found in scores(field_of("one_point"), names, TimeGrid(), (2, 4)):
        assert max(found.error, found.wrong, found.w2) < 1e-12


def test_a_slope_is_a_line_through_what_is_above_rounding():
    nfe = [1, 2, 4, 8, 16, 32]
    assert slope(nfe, [n**-3.0 for n in nfe]) == pytest.approx(3.0)
    # A start that is no line yet, and an end that is rounding, are left out.
    assert slope(nfe, [9.0, 0.5, 0.25, 0.125, 1 / 16, 1e-16]) == pytest.approx(1.0)
    assert slope(nfe[:2], [1.0, 0.5]) is None
    assert slope(nfe, [1e-17] * 6) is None
    assert slope(nfe, [1.0, 0.5, 0.25, float("inf"), float("nan"), 1e-17]) == pytest.approx(1.0)


def test_points_that_lie_on_no_line_have_no_slope():
    """Four places a unit apart, and a bend of known size: the slope's error by hand."""
    nfe = [math.exp(k) for k in range(4)]

    def bent(by: float) -> float | None:
        # Residuals by·(1, -1, -1, 1): orthogonal to a line, Σr² = 4by², Σ(x - x̄)² = 5.
        return slope(nfe, [math.exp(-2.0 * k - by * r) for k, r in enumerate((1, -1, -1, 1))])

    least = MAX_SLOPE_ERROR / math.sqrt(4.0 / 2.0 / 5.0)
    assert bent(0.99 * least) == pytest.approx(2.0)
    assert bent(1.01 * least) is None
    assert slope([1, 2, 4, 8], [1.0, 1e-6, 0.5, 1e-3]) is None


def test_what_stays_below_a_bound_is_not_a_lucky_count():
    nfe = [2, 4, 8, 16, 32]
    assert stays_below(nfe, [0.1, 0.05, 0.009, 0.005, 0.001], 0.01) == 8
    assert stays_below(nfe, [0.1, 0.005, 0.02, 0.005, 0.001], 0.01) == 16
    assert stays_below(nfe[::-1], [0.001, 0.005, 0.02, 0.005, 0.1], 0.01) == 16
    assert stays_below(nfe, [0.0] * 5, 0.01) == 2
    assert stays_below(nfe, [0.0, 0.0, 0.0, 0.0, 0.01], 0.01) is None
    assert stays_below(nfe, [0.0, 0.0, 0.0, 0.0, float("nan")], 0.01) is None


@pytest.mark.parametrize("data", ["comb", "eight_gaussians"])
def test_w2_is_between_final_and_exact_positions(data):
    """Everybody a little off: carried straight. Two who change places: nothing is carried."""
    field = field_of(data)
    judged = evaluation_set(field, 60)
    off = judged.end + 0.001
    inside = torch.zeros(len(off), dtype=torch.long)
    moved = Solution((1.0, 0.0), torch.stack([judged.x1, off], dim=1), 1, inside)
    found = score("euler", field, judged, moved)
    assert found.w2 == pytest.approx(0.001 * field.d**0.5, rel=1e-6)
    assert found.error == pytest.approx(0.001 * field.d**0.5, rel=1e-9)
    assert found.wrong == 0.0
    one, other = 0, int((judged.basin != judged.basin[0]).nonzero()[0])
    weight = judged.weight.clone()
    weight[one] = weight[other] = 0.5 * (weight[one] + weight[other])
    even = EvaluationSet(judged.x1, weight, judged.basin, judged.end)
    swapped = judged.end.clone()
    swapped[[one, other]] = swapped[[other, one]]
    walked = Solution((1.0, 0.0), torch.stack([judged.x1, swapped], dim=1), 1, inside)
    found = score("euler", field, even, walked)
    assert found.w2 == pytest.approx(0.0, abs=1e-7)
    assert found.wrong == pytest.approx(float(weight[one] + weight[other]))
    assert found.error > 0.0
