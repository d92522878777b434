"""The p-value of a multinomial sample: its rate of false alarms, and faults detected."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from flowviz.core.checks import invariants as checks
from flowviz.core.field import MarginalField
from flowviz.core.numerics.multinomial import EXPECTED, _merged, p_value
from flowviz.core.paths import Affine
from flowviz.core.priors import Gaussian
from flowviz.core.transport import BasinMap, basin_map

SIZES = [4, 500, 2000, 5000]


def weights(n: int, kind: str) -> np.ndarray:
    generator = np.random.default_rng(n)
    w = {
        "equal": np.ones(n),
        "random": generator.random(n) + 1e-3,
        "rare": np.r_[1e-9, generator.random(n - 1) ** 6 + 1e-9],
    }[kind]
    return w / w.sum()


def tables(w: np.ndarray, draws: int, count: int) -> torch.Tensor:
    generator = np.random.default_rng(draws)
    return torch.from_numpy(generator.multinomial(draws, w, size=count))


@pytest.mark.parametrize("kind", ["equal", "random", "rare"])
@pytest.mark.parametrize("n", SIZES)
def test_chance_alone_is_rarely_red(n, kind):
    """Of so many tables p falls below α no oftener than a binomial number of that α may."""
    w, draws, count = weights(n, kind), 500 if n <= 100 else 300, 200 if n < 1000 else 100
    p = np.array([p_value(table, torch.from_numpy(w)) for table in tables(w, draws, count)])
    for alpha in (0.3, 0.1, 0.03, 0.01, 1e-4):
        assert stats.binomtest(int((p <= alpha).sum()), count, alpha, "greater").pvalue > 1e-5
    assert p.min() > checks.BASIN_BOUND


@pytest.mark.parametrize("draws", [300, 500])
def test_the_bound_is_kept_exactly(draws):
    """P(p ≤ α) summed over every table of two and of three cells: never above α."""
    k = np.arange(draws + 1)
    for share in (0.5, 0.05, 0.013):
        pmf = stats.binom.pmf(k, draws, share)
        shares = torch.tensor([share, 1 - share])
        p = np.array([p_value(torch.tensor([c, draws - c]), shares) for c in k])
        for alpha in (0.1, 1e-3, 1e-4):
            assert pmf[p <= alpha].sum() <= alpha
        if share * draws >= EXPECTED:  # and it is no test that never speaks
            assert pmf[p <= 0.2].sum() > 0.02


def test_a_tail_is_the_binomial_one():
    counts, shares = torch.tensor([7, 93, 200]), torch.tensor([0.05, 0.25, 0.7])
    tails = [
        min(stats.binom.cdf(c, 300, w), stats.binom.sf(c - 1, 300, w))
        for c, w in zip(counts.tolist(), shares.double().tolist(), strict=True)
    ]
    assert p_value(counts, shares) == pytest.approx(min(1.0, 6 * min(tails)), rel=1e-9)


@pytest.mark.parametrize(("n", "draws"), [(5, 500), (100, 500), (500, 300), (5000, 300)])
def test_a_basin_that_receives_nothing_is_red(n, draws):
    """A weight of 0.05 whose draws all go to the others."""
    w = np.r_[0.05, np.full(n - 1, 0.95 / (n - 1))]
    lost = np.r_[0.0, w[1:] / 0.95]
    worst = max(p_value(table, torch.from_numpy(w)) for table in tables(lost, draws, 50))
    assert worst < checks.BASIN_BOUND


@pytest.mark.parametrize("n", [3, 16, 1000])
def test_rotated_labels_are_red_where_weights_differ(n):
    w = np.r_[0.5, np.full(n - 1, 0.5 / (n - 1))]
    table = tables(np.roll(w, 1), 300, 1)[0]
    assert p_value(table, torch.from_numpy(w)) < 1e-9


def test_a_draw_where_there_is_no_weight_is_red():
    assert p_value(torch.tensor([499, 1]), torch.tensor([1.0, 0.0])) == 0.0
    assert p_value(torch.tensor([500, 0]), torch.tensor([1.0, 0.0])) == 1.0


@pytest.mark.parametrize("kind", ["equal", "random", "rare"])
def test_merged_cells_expect_enough_and_no_frequent_one_is_blurred(kind):
    expected = torch.from_numpy(300 * weights(5000, kind))
    cell = _merged(expected)
    held = torch.zeros(int(cell.max()) + 1, dtype=torch.float64).index_add_(0, cell, expected)
    assert held.min() >= EXPECTED
    frequent = expected >= EXPECTED
    assert torch.bincount(cell)[cell[frequent]].max() == 1 if frequent.any() else True
    assert held[cell[~frequent]].max() < 3 * EXPECTED


@pytest.mark.parametrize("n", [4, 1000])
def test_a_map_is_green_and_with_its_labels_rotated_red(n):
    generator = torch.Generator().manual_seed(n)
    x0 = 2.0 * torch.rand(n, 2, generator=generator, dtype=torch.float64)
    heavy = torch.ones(n, dtype=torch.float64)
    heavy[0] = n
    field = MarginalField(x0, heavy, Gaussian(), Affine())
    middle = torch.ones(1, dtype=torch.float64)
    found = basin_map(field, (middle, middle), draws=300, tolerance=1e-2)
    assert checks.basin_masses(found).ok
    rotated = BasinMap(
        found.axes, found.index, found.mass.roll(1), found.noise, found.exact, found.draws
    )
    assert not checks.basin_masses(rotated).ok
