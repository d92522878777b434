"""Small images: windows, memorising and denoising errors, against loops over pixels and images."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch
from scipy.stats import chisquare
from torch import Tensor

from flowviz.core import likelihood
from flowviz.core.field import MarginalField
from flowviz.core.images import Denoiser, ShrinkingWindow, WienerFilter, WindowField, digits
from flowviz.core.images.denoiser import moments, straight
from flowviz.core.images.denoising import best_intervals, denoising_errors
from flowviz.core.images.memorising import (
    collapse_time,
    decided,
    falls_through,
    nearest,
    posterior_at,
    speciation_time,
)
from flowviz.core.images.networks import DenoisingNet, Kind, loss_floor, train
from flowviz.core.images.targets import targets
from flowviz.core.paths import PATHS
from flowviz.core.priors import PRIORS
from flowviz.core.schedules import SCHEDULES
from flowviz.core.solvers import SOLVERS, solve
from flowviz.core.solvers.vector_fields import VelocityField, vector_field_of

WHOLE = 15
GAUSSIAN = PRIORS["gaussian"]()
STEPS = torch.linspace(1.0, 0.0, 25, dtype=torch.float64)


def some(n: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """n digits and their labels."""
    x0, labels = digits()
    chosen = torch.randperm(len(x0), generator=torch.Generator().manual_seed(seed))[:n]
    return x0[chosen], labels[chosen]


def positions(x0: Tensor, t: float, count: int) -> Tensor:
    noise = torch.randn(count, x0.shape[1], generator=torch.Generator().manual_seed(1))
    return (1.0 - t) * x0[:count] + t * noise.to(x0)


def generate(field: Denoiser, x1: Tensor) -> Tensor:
    vector_field = VelocityField(field, field.d, field.schedule)
    return solve(SOLVERS["multistep"], vector_field, x1, STEPS).x[:, -1]


def test_the_data_are_all_digits_with_their_labels() -> None:
    x0, labels = digits()
    assert x0.shape == (1797, 64)
    assert (x0.min(), x0.max()) == (-1.0, 1.0)
    assert labels.bincount().tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert torch.equal((x0 * 8.0).round(), x0 * 8.0)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_whole_image_as_window_is_the_exact_field(schedule: str) -> None:
    x0, _ = some(60)
    weights = torch.linspace(1.0, 3.0, 60, dtype=torch.float64)
    path = PATHS["affine"](schedule=SCHEDULES[schedule]())
    exact = MarginalField(x0, weights, GAUSSIAN, path)
    window = WindowField(x0, weights, window=WHOLE, path=path)
    for t in (1.0, 0.7, 0.4, 0.1):
        x = positions(x0, t, 12)
        assert (window(x, t) - exact(x, t)).abs().max() < 1e-10 * (1.0 + 1.0 / t)


@pytest.mark.parametrize("prior", ["gaussian", "laplace", "logistic"])
def test_the_exact_field_in_64_dimensions_is_its_definition(prior: str) -> None:
    x0, _ = some(30)
    weights = torch.linspace(1.0, 3.0, 30, dtype=torch.float64)
    field = MarginalField(x0, weights, PRIORS[prior](), straight())
    x, t = positions(x0, 0.4, 5), 0.4
    z = (x[:, None] - (1.0 - t) * x0) / t
    terms = PRIORS[prior]().log_pdf(z).sum(-1) + (weights / weights.sum()).log()
    posterior = torch.softmax(terms, 1)
    assert torch.allclose(field(x, t), (x - posterior @ x0) / t, rtol=0, atol=1e-11)
    expected = torch.logsumexp(terms, 1) - 64 * math.log(t)
    assert torch.allclose(field.log_prob(x, t), expected, rtol=1e-12)


@pytest.mark.parametrize("window", [1, 3, 5, 7])
def test_each_pixel_is_the_posterior_mean_of_its_window(window: int) -> None:
    # Of digits some pixels are the same in all.
    x0 = torch.randn(20, 64, dtype=torch.float64, generator=torch.Generator().manual_seed(9))
    weights = torch.linspace(1.0, 2.0, 20, dtype=torch.float64)
    field, t = WindowField(x0, weights, window=window), 0.3
    x = positions(x0, t, 4)
    found = field.denoise(x, t)
    images, reach = x0.reshape(-1, 8, 8), window // 2
    for q, (row, column) in itertools.product(range(4), itertools.product(range(8), repeat=2)):
        rows = slice(max(0, row - reach), row + reach + 1)
        columns = slice(max(0, column - reach), column + reach + 1)
        seen = x[q].reshape(8, 8)[rows, columns]
        squares = (seen - (1.0 - t) * images[:, rows, columns]).square().sum((1, 2))
        r = np.asarray(weights * torch.exp(-squares / (2.0 * t**2)))
        expected = (r * images[:, row, column].numpy()).sum() / r.sum()
        assert abs(float(found[q, 8 * row + column]) - expected) < 1e-12
        source = int(field.sources(x[q : q + 1], t)[0, 8 * row + column])
        assert r[source] == r.max()


def test_images_need_not_be_square() -> None:
    x0 = torch.randn(9, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    weights = torch.ones(9)
    tall, wide = (WindowField(x0, weights, shape, 3) for shape in ((3, 2), (2, 3)))
    swapped = torch.tensor([0, 2, 4, 1, 3, 5])  # of (2, 3) from (3, 2)
    turned = WindowField(x0[:, swapped], weights, (2, 3), 3)
    assert torch.allclose(tall(x0, 0.5)[:, swapped], turned(x0[:, swapped], 0.5))
    assert not torch.allclose(tall(x0, 0.5), wide(x0, 0.5))


def test_each_image_receives_its_share_of_the_prior() -> None:
    x0, _ = some(10)
    x1 = torch.randn(2000, 64, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    ends = generate(WindowField(x0, torch.ones(10), window=WHOLE), x1)
    found = nearest(ends, x0)
    assert found.first.max() < 1e-9
    counts = found.index.bincount(minlength=10).numpy()
    assert chisquare(counts).pvalue > 1e-3, counts


def test_solvers_take_both_and_agree() -> None:
    x0, _ = some(40)
    x1 = torch.randn(6, 64, dtype=torch.float64, generator=torch.Generator().manual_seed(4))
    exact = vector_field_of(MarginalField(x0, torch.ones(40), GAUSSIAN, straight()))
    ends = solve(SOLVERS["multistep"], exact, x1, STEPS).x[:, -1]
    window = generate(WindowField(x0, torch.ones(40), window=WHOLE), x1)
    assert (ends - window).abs().max() < 1e-9


def test_the_likelihood_takes_a_window_field() -> None:
    x0, _ = some(5)
    exact = MarginalField(x0, torch.ones(5), GAUSSIAN, straight())
    field, x = WindowField(x0, torch.ones(5), window=WHOLE), positions(x0, 0.6, 2)
    times = torch.linspace(0.6, 1.0, 17, dtype=torch.float64)
    found = likelihood.log_prob(field, GAUSSIAN, x, times)
    assert torch.allclose(found.log_p, exact.log_prob(x, 0.6), atol=1e-3)
    small = WindowField(x0, torch.ones(5), window=3)
    assert (likelihood.log_prob(small, GAUSSIAN, x, times).log_p - found.log_p).abs().min() > 0.1


def test_the_wiener_filter_is_the_best_linear_denoiser() -> None:
    x0, _ = some(50)
    weights = torch.linspace(1.0, 2.0, 50, dtype=torch.float64)
    field, t = WienerFilter(x0, weights), 0.4
    mean, cov = moments(x0, weights)
    w = np.asarray(weights / weights.sum())
    assert np.allclose(cov.numpy(), np.cov(x0.numpy().T, aweights=w, ddof=0))
    x = positions(x0, t, 3).numpy()
    m, s = mean.numpy(), cov.numpy()
    gain = np.linalg.solve(0.36 * s + 0.16 * np.eye(64), (x - 0.6 * m).T)
    assert np.allclose(field.denoise(x, t).numpy(), m + 0.6 * (s @ gain).T, atol=1e-12)


def test_the_class_is_decided_before_the_image_and_theory_says_when() -> None:
    x0, labels = some(200)
    variances = WienerFilter(x0, torch.ones(200)).variances
    t = torch.linspace(0.3, 0.9, 25, dtype=torch.float64)
    found = decided(x0, labels, 300, t)
    speciation = falls_through(t, found.label.mean(1))
    collapse = falls_through(t, found.image.mean(1))
    assert speciation == pytest.approx(speciation_time(variances), abs=0.03)
    assert collapse == pytest.approx(collapse_time(variances, 200), abs=0.03)
    assert collapse == pytest.approx(0.520, abs=0.015)  # MATH §11
    assert speciation - collapse > 0.05


def test_theory_solves_its_equations() -> None:
    variances = torch.tensor([2.8, 1.0, 0.3, 0.0], dtype=torch.float64)
    t = speciation_time(variances)
    assert (1.0 - t) ** 2 * 2.8 == pytest.approx(t**2)
    for n in (2, 50, 5000):
        t = collapse_time(variances, n)
        capacity = sum(0.5 * math.log1p((1.0 - t) ** 2 / t**2 * v) for v in variances.tolist())
        assert capacity == pytest.approx(math.log(n))
    cosine = PATHS["affine"](schedule=SCHEDULES["cosine"]())
    angle = math.pi / 2.0 * speciation_time(variances, cosine)
    assert math.cos(angle) ** 2 * 2.8 == pytest.approx(math.sin(angle) ** 2)


def test_weights_and_nearest_images_by_hand() -> None:
    x0 = torch.tensor([[0.0, 0.0], [2.0, 0.0], [2.0, 0.0], [0.0, 9.0]], dtype=torch.float64)
    x = torch.tensor([[0.5, 0.0], [1.1, 0.0], [2.0, 0.0]], dtype=torch.float64)
    found = nearest(x, x0)
    assert found.index.tolist() == [0, 1, 1]
    assert found.second.tolist() == pytest.approx([1.5, 1.1, 2.0])  # equal images count once
    assert found.remembered.tolist() == [True, False, True]
    weights = torch.tensor([0.1, 0.2, 0.3, 0.4], dtype=torch.float64)
    r = posterior_at(x, x0, weights, 0.5, 0.7)
    expected = [
        [
            w * math.exp(-(math.dist(p, (0.5 * a, 0.5 * b)) ** 2) / 0.98)
            for w, (a, b) in zip(weights, x0.tolist(), strict=True)
        ]
        for p in x.tolist()
    ]
    table = torch.tensor(expected, dtype=torch.float64)
    assert torch.allclose(r, table / table.sum(1, keepdim=True))
    assert nearest(x, x0[:1]).second.isinf().all()


def test_the_exact_denoiser_is_best_on_its_own_images_and_worst_on_others_late() -> None:
    x0, _ = some(260)
    own, held = x0[:200], x0[200:]
    t = torch.tensor([0.2, 0.65], dtype=torch.float64)
    fields = [WindowField(own, torch.ones(200), window=w) for w in (WHOLE, 7, 5, 3)]
    fields = [*fields, WienerFilter(own, torch.ones(200))]
    on_own, on_held = (
        torch.stack([denoising_errors(f.denoise, f.schedule, x, t).mean(1) for f in fields])
        for x in (own, held)
    )
    assert on_own.argmin(0).tolist() == [0, 0]
    assert int(on_held[:, 0].argmax()) == 0
    assert int(on_held[:4, 1].argmin()) == 0


def test_intervals_are_the_best_of_all() -> None:
    generator = torch.Generator().manual_seed(0)
    t = torch.linspace(0.1, 0.9, 6, dtype=torch.float64)
    for _ in range(20):
        table = torch.rand(3, 6, generator=generator, dtype=torch.float64)
        names, until = best_intervals(t, dict(zip("abc", table, strict=True)))
        chosen = ["abc".index(names[sum(float(s) <= u for u in until)]) for s in t]
        total = sum(float(table[c, k]) for k, c in enumerate(chosen))
        orders = (
            c for c in itertools.product(range(3), repeat=6) if list(c) == sorted(c, reverse=True)
        )
        least = min(sum(float(table[c, k]) for k, c in enumerate(order)) for order in orders)
        assert total == pytest.approx(least)
        halfway = (0.5 * (t[1:] + t[:-1])).tolist()
        assert all(min(abs(u - middle) for middle in halfway) < 1e-12 for u in until)


def test_a_shrinking_window_is_each_window_in_its_time() -> None:
    x0, _ = some(20)
    large, small = (WindowField(x0, torch.ones(20), window=w) for w in (WHOLE, 3))
    both = ShrinkingWindow([large, small], [0.4])
    t = torch.tensor([0.9, 0.41, 0.4, 0.1], dtype=torch.float64)
    x, found = positions(x0, 0.5, 4), both(positions(x0, 0.5, 4), t)
    assert torch.equal(found[:2], large(x[:2], t[:2]))
    assert torch.allclose(found[2:], small(x[2:], t[2:]))


def test_the_variance_of_the_target_is_what_is_left_of_one_draw() -> None:
    x0, _ = some(2)
    exact = WindowField(x0, torch.ones(2), window=WHOLE)
    t = torch.tensor([0.1, 0.9], dtype=torch.float64)
    found = targets(exact, x0, t, 2000)
    # Far from the data the weights are p and 1 - p, and the variance is p (1 - p) of the gap.
    assert found.cosine[0].min() > 1.0 - 1e-9
    assert found.variance_share[0] < 1e-9
    gap = (x0[1] - x0[0]).square().sum() / t[1] ** 2
    generator = torch.Generator().manual_seed(2)
    own = torch.randint(2, (4000,), generator=generator)
    x = 0.1 * x0[own] + 0.9 * torch.randn(4000, 64, generator=generator, dtype=torch.float64)
    p = posterior_at(x, x0, torch.tensor([0.5, 0.5], dtype=torch.float64), 0.1, 0.9)[:, 0]
    expected = float(gap * (p * (1.0 - p)).mean())
    assert float(found.variance[1].mean()) == pytest.approx(expected, rel=0.05)
    again = torch.stack([targets(exact, x0, t, 200, seed).variance_share for seed in range(3, 40)])
    spread = targets(exact, x0, t, 200).variance_share_error[1]
    assert float(again[:, 1].std() / spread) == pytest.approx(1.0, abs=0.4)


@pytest.mark.parametrize(("kind", "steps"), [("mlp", 150), ("cnn", 60)])
def test_a_network_learns_and_stays_above_its_floor(kind: Kind, steps: int) -> None:
    x0, _ = some(6)
    net = DenoisingNet(x0, kind, (8, 8))
    x = positions(x0, 0.5, 6)
    centre, variance = x0.mean(0), x0.var(0, correction=0).mean()
    gain = 0.5 * variance / (0.25 * variance + 0.25)
    assert torch.allclose(net.denoise(x, 0.5), centre + gain * (x - 0.5 * centre), atol=1e-6)
    found = list(train(net, x0, steps, batch=64, every=10))
    assert [step.step for step in found] == list(range(10, steps + 1, 10))
    floor = loss_floor(net, WindowField(x0, torch.ones(6), window=WHOLE), draws=500)
    assert found[-1].loss < 0.95 * found[0].loss
    assert found[-1].loss > floor.value - 4.0 * floor.error


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"window": 4}, "odd, got 4"),
        ({"shape": (8, 7)}, r"shape \(N, 56\)"),
        ({"weights": torch.zeros(3)}, "greater than 0"),
        ({"weights": torch.ones(4)}, r"shape \(3,\)"),
        ({"path": PATHS["swirl"]()}, "alpha x0"),
    ],
)
def test_bad_arguments_are_named(arguments: dict, said: str) -> None:
    x0, _ = some(3)
    with pytest.raises(ValueError, match=said):
        WindowField(x0, **{"weights": torch.ones(3), **arguments})
