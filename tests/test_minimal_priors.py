"""Priors with the required methods only: the defaults of all others are right.

The references are NumPy's and SciPy's, with the densities written once more.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import stats
from scipy.integrate import solve_ivp
from scipy.special import logsumexp
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import PLANE_PRIORS, PRIORS, GaussianMixture, GaussianMixture2D
from flowviz.core.priors.base import Prior
from flowviz.core.priors.location_scale import LocationScale
from flowviz.core.priors.numerics import modes
from flowviz.core.priors.random_source import Source
from flowviz.core.transport import trajectories

Array = NDArray[np.float64]


@dataclass(frozen=True)
class MinimalCauchy(Prior):
    def log_pdf(self, z: Tensor) -> Tensor:
        return -torch.log1p(z * z) - math.log(math.pi)

    def cdf(self, z: Tensor) -> Tensor:
        return torch.atan2(torch.ones_like(z), -z) / math.pi

    def sf(self, z: Tensor) -> Tensor:
        return torch.atan2(torch.ones_like(z), z) / math.pi


@dataclass(frozen=True)
class MinimalScaled(LocationScale):
    """The README's Cauchy without its quantiles."""

    loc: float = 0.3
    scale: float = 2.0

    def _log_pdf(self, y: Tensor) -> Tensor:
        return -torch.log1p(y * y) - math.log(math.pi)

    def _cdf(self, y: Tensor) -> Tensor:
        return torch.atan2(torch.ones_like(y), -y) / math.pi


@dataclass(frozen=True)
class MinimalBimodal(Prior):
    """Two logistic hills, one of them narrow."""

    means: ClassVar = (-3.0, 3.0)
    scales: ClassVar = (0.05, 0.5)

    def _terms(self, z: Tensor) -> list[Tensor]:
        return [(z - m) / s for m, s in zip(self.means, self.scales, strict=True)]

    def log_pdf(self, z: Tensor) -> Tensor:
        log_sigmoid = torch.nn.functional.logsigmoid
        one, two = (
            log_sigmoid(y) + log_sigmoid(-y) - math.log(2.0 * s)
            for y, s in zip(self._terms(z), self.scales, strict=True)
        )
        return torch.logaddexp(one, two)

    def cdf(self, z: Tensor) -> Tensor:
        one, two = self._terms(z)
        return 0.5 * (torch.sigmoid(one) + torch.sigmoid(two))

    def sf(self, z: Tensor) -> Tensor:
        one, two = self._terms(z)
        return 0.5 * (torch.sigmoid(-one) + torch.sigmoid(-two))


@dataclass(frozen=True)
class MinimalRoof(Prior):
    """On [0, 3]: up from 1/6 to 1/2 at z = 1, down to 1/6; jumps at its ends, a kink between."""

    @property
    def support(self) -> tuple[float, float]:
        return (0.0, 3.0)

    def log_pdf(self, z: Tensor) -> Tensor:
        height = torch.minimum(0.5 + z, 2.0 - 0.5 * z) / 3.0
        inside = (z >= 0.0) & (z <= 3.0)
        return torch.where(inside, torch.where(inside, height, 1.0).log(), -math.inf)

    def cdf(self, z: Tensor) -> Tensor:
        a, b = z.clamp(0.0, 1.0), (z - 1.0).clamp(0.0, 2.0)
        return (0.5 * a + 0.5 * a * a + 1.5 * b - 0.25 * b * b) / 3.0

    def sf(self, z: Tensor) -> Tensor:
        c, a = (3.0 - z).clamp(0.0, 2.0), (1.0 - z).clamp(0.0, 1.0)
        return (0.5 * c + 0.25 * c * c + 1.5 * a - 0.5 * a * a) / 3.0


@dataclass(frozen=True)
class MinimalBanana(Prior):
    """y ~ N(0, 1), x given y ~ N((y² - 1)/2, 1/4)."""

    product: ClassVar[bool] = False
    dims: ClassVar[tuple[int, ...] | None] = (2,)

    def log_joint(self, coordinates: list[Tensor]) -> Tensor:
        x, y = coordinates
        across = 2.0 * (x - 0.5 * (y * y - 1.0))
        return -0.5 * (across * across + y * y) - math.log(math.pi)

    def interval(self, tail: float) -> tuple[float, float]:
        reach = -float(torch.special.ndtri(torch.tensor(tail).double()))
        return -0.5 - 0.5 * reach, 0.5 * reach * reach

    def _draw(self, n: int, d: int, source: Source) -> Tensor:
        noise = source.normal(n, 2)
        y = noise[:, 1]
        return torch.stack([0.5 * (y * y - 1.0) + 0.5 * noise[:, 0], y], dim=1)


def roof_pdf(z: Array) -> Array:
    return np.where((z >= 0) & (z <= 3), np.interp(z, [0, 1, 3], [1 / 6, 1 / 2, 1 / 6]), 0.0)


def roof_cdf(z: Array) -> Array:
    return np.where(
        z <= 1,
        z.clip(0, 1) / 6 + z.clip(0, 1) ** 2 / 6,
        1 - (3 - z.clip(1, 3)) / 6 - (3 - z.clip(1, 3)) ** 2 / 12,
    )


def banana_logpdf(z: Array) -> Array:
    middle = (z[..., 1] ** 2 - 1) / 2
    return stats.norm.logpdf(z[..., 1]) + stats.norm.logpdf(z[..., 0], middle, 0.5)


def hills(values: Callable) -> Callable[[Array], Array]:
    return lambda z: 0.5 * (values(z, -3.0, 0.05) + values(z, 3.0, 0.5))


SCALED: Any = stats.cauchy(0.3, 2.0)
LINE: dict[str, tuple[Prior, Callable[[Array], Array], Callable[[Array], Array]]] = {
    "cauchy": (MinimalCauchy(), stats.cauchy.pdf, stats.cauchy.cdf),
    "scaled": (MinimalScaled(), SCALED.pdf, SCALED.cdf),
    "bimodal": (MinimalBimodal(), hills(stats.logistic.pdf), hills(stats.logistic.cdf)),
    "roof": (MinimalRoof(), roof_pdf, roof_cdf),
}
X0 = np.array([-1.4, 0.2, 0.9, 2.6])
WEIGHTS = np.array([0.1, 0.4, 0.2, 0.3])
PLANE_X0 = np.array([[-1.0, 0.4], [0.8, 0.9], [1.0, 0.4], [2.0, 0.1]])


def line_field(prior: Prior, x0: Array = X0, weights: Array = WEIGHTS) -> MarginalField:
    points, w = torch.from_numpy(x0)[:, None], torch.from_numpy(weights)
    return MarginalField(points, w, prior, PATHS["affine"]())


@pytest.mark.parametrize("name", LINE)
def test_quantiles_follow_from_the_tails(name):
    prior, _, cdf = LINE[name]
    q = torch.tensor([0.0, 1e-12, 1e-3, 0.2, 0.5, 0.8, 1.0 - 1e-9, 1.0], dtype=torch.float64)
    for tail, quantile in ((prior.cdf, prior.icdf), (prior.sf, prior.isf)):
        z = quantile(q)
        assert torch.allclose(tail(z), q, rtol=1e-9, atol=1e-14)
        assert (z.diff() >= 0).all() or (z.diff() <= 0).all()
    assert prior.icdf(q[1:-1]).numpy() == pytest.approx(
        [inverse(cdf, v) for v in q[1:-1].tolist()], rel=1e-6
    )


def inverse(cdf: Callable, q: float) -> float:
    """By bisection over ±10^13 in NumPy."""
    low, high = -1e13, 1e13
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if float(cdf(np.array(middle))) < q else (low, middle)
    return 0.5 * (low + high)


@pytest.mark.parametrize("name", LINE)
def test_samples_follow_the_distribution(name):
    prior, _, cdf = LINE[name]
    z = prior.sample(2000, 1, torch.Generator().manual_seed(5))[:, 0].numpy()
    assert stats.kstest(z, cdf).pvalue > 1e-3


@pytest.mark.parametrize("name", LINE)
def test_trajectories_and_basins_on_the_line(name):
    """F_t(x_t) = F₁(x₁), and basins are intervals of it."""
    prior, _, cdf = LINE[name]
    x1 = prior.icdf(torch.linspace(0.003, 0.997, 30, dtype=torch.float64))[:, None]
    times = [0.9, 0.4, 0.05, 0.0]
    found = trajectories(line_field(prior), x1, times)
    level = cdf(x1[:, 0].numpy())
    for k, t in enumerate(times[:-1]):
        z = (found.x[:, k].numpy() - (1 - t) * X0) / t
        assert cdf(z) @ WEIGHTS == pytest.approx(level, abs=1e-11)
    assert found.basin.tolist() == np.searchsorted(WEIGHTS.cumsum(), level).tolist()
    assert found.x[:, -1, 0].tolist() == X0[found.basin.numpy()].tolist()


@pytest.mark.parametrize("count", [4, 300])
@pytest.mark.parametrize("name", LINE)
def test_density_posterior_mean_and_treecode(name, count):
    """300 data points are summed by the tree."""
    prior, pdf, _ = LINE[name]
    rng = np.random.default_rng(1)
    x0, weights = (
        (X0, WEIGHTS) if count == 4 else (rng.normal(size=count), np.full(count, 1 / count))
    )
    field = line_field(prior, x0, weights)
    assert (field.posterior_mean.treecode is None) == (count == 4)
    x = np.linspace(-4.0, 5.0, 91)
    alpha, sigma = torch.tensor([0.8, 0.3]).double(), torch.tensor([0.2, 0.7]).double()
    log_p, mean = field.posterior_mean.rows(torch.from_numpy(x).expand(2, -1), alpha, sigma)
    for k in range(2):
        a, s = float(alpha[k]), float(sigma[k])
        terms = weights * pdf((x[:, None] - a * x0) / s)
        with np.errstate(divide="ignore", invalid="ignore"):
            assert log_p[k].numpy() == pytest.approx(np.log(terms.sum(1)), abs=1e-11)
            true = terms @ x0 / terms.sum(1)
        assert mean[k].numpy() == pytest.approx(true, abs=1e-11, nan_ok=True)


@pytest.mark.parametrize("name", LINE)
def test_many_points_on_the_line(name):
    """Distribution functions are summed by the tree as well."""
    prior, _, cdf = LINE[name]
    x0 = np.random.default_rng(2).normal(size=300)
    weights = np.full(300, 1 / 300)
    x1 = prior.icdf(torch.linspace(0.05, 0.95, 9, dtype=torch.float64))[:, None]
    found = trajectories(line_field(prior, x0, weights), x1, [0.3])
    level = cdf((found.x[:, 0].numpy() - 0.7 * x0) / 0.3) @ weights
    assert level == pytest.approx(cdf(x1[:, 0].numpy()), abs=1e-11)


PLANE: dict[str, tuple[Prior, Callable[[Array], Array]]] = {
    "cauchy": (MinimalCauchy(), lambda z: stats.cauchy.logpdf(z).sum(-1)),
    "bimodal": (MinimalBimodal(), lambda z: np.log(LINE["bimodal"][1](z)).sum(-1)),
    "banana": (MinimalBanana(), banana_logpdf),
}


def followed(field: MarginalField, log_pdf: Callable, x1: Array, times: list[float]) -> Array:
    """x_t (T, Q, 2) from SciPy's integration of Σ r_i f_t(x|x₀ᵢ), posterior weights in NumPy."""
    x0, log_weights = field.x0, field.weights.log().numpy()

    def slope(t: float, flat: Array) -> Array:
        x, time = torch.from_numpy(flat.reshape(-1, 1, 2)), torch.tensor(t, dtype=torch.float64)
        # The Jacobian is the same for every data point.
        log_r = log_pdf(field.path.inverse(x, x0, time).numpy()) + log_weights
        share = np.exp(log_r - logsumexp(log_r, axis=1, keepdims=True))
        velocity = field.path.velocity(x, x0, time).numpy()
        return (share[..., None] * velocity).sum(1).ravel()

    ends = (1.0, times[-1])
    found = solve_ivp(slope, ends, x1.ravel(), "DOP853", times, rtol=1e-8, atol=1e-9)
    return found.y.T.reshape(len(times), -1, 2)


@pytest.mark.parametrize("path", ["affine", "swirl"])
@pytest.mark.parametrize("name", PLANE)
def test_trajectories_and_basins_in_the_plane(name, path):
    """Where x₁ is in one hill, the free end of the third point passes another at t = 1/4."""
    prior, log_pdf = PLANE[name]
    field = MarginalField(torch.from_numpy(PLANE_X0), WEIGHTS.tolist(), prior, PATHS[path]())
    x1 = prior.sample(16, 2, torch.Generator().manual_seed(3))
    times = [0.3, 0.02]
    found = trajectories(field, x1, times, tolerance=1e-6)
    true = followed(field, log_pdf, x1.numpy(), times)
    assert found.x.transpose(0, 1).numpy() == pytest.approx(true, abs=2e-5)
    nearest = np.linalg.norm(PLANE_X0 - true[-1][:, None], axis=-1).argmin(1)
    assert found.basin.tolist() == nearest.tolist()
    assert found.unfinished == 0


@pytest.mark.parametrize("path", ["affine", "swirl"])
def test_nothing_is_promised_where_a_density_may_jump(path):
    """No piece of the roof is known: its trajectories in the plane have no known error."""
    prior = MinimalRoof()
    field = MarginalField(torch.from_numpy(PLANE_X0), WEIGHTS.tolist(), prior, PATHS[path]())
    x1 = prior.sample(8, 2, torch.Generator().manual_seed(3))
    found = trajectories(field, x1, [0.3])
    assert torch.isfinite(found.x).all()
    assert torch.isinf(found.error).all()


HILLS: dict[str, Prior] = {
    **{name: cls() for name, cls in {**PRIORS, **PLANE_PRIORS}.items() if name != "arcsine"},
    "narrow beside wide": GaussianMixture((-2.0, 3.0), (1.0, 0.1), (0.5, 0.5)),
    "narrow beside wide, in the plane": GaussianMixture2D(
        (-2.0, 2.0), (0.0, 0.0), (1.0, 0.2), (1.0, 0.4), (0.0, 0.0), (0.5, 0.5)
    ),
}


@pytest.mark.parametrize("name", HILLS)
def test_located_modes_are_those_of_the_prior(name):
    """Hills of the whole registry, measured, against what each class says of itself."""
    prior = HILLS[name]
    found = modes(prior)
    low, high = prior.mode_interval()
    room = 0.01 * (1.0 + abs(low) + abs(high))
    assert found.low <= low + room
    assert found.high >= high - room
    if prior.min_mode_width is not None:
        assert 0.5 * prior.min_mode_width < found.width < 1.2 * prior.min_mode_width


MINIMAL = {**{name: row[0] for name, row in LINE.items()}, "banana": MinimalBanana()}


@pytest.mark.parametrize("name", [*MINIMAL, *(f"{name} of the registry" for name in HILLS)])
def test_no_density_exceeds_its_bound_on_a_box(name):
    """700 boxes of all sizes, near and far, and the density at 33 × 33 places in each."""
    prior = MINIMAL[name] if name in MINIMAL else HILLS[name.removesuffix(" of the registry")]
    generator = torch.Generator().manual_seed(8)
    middle = 1.5 * torch.randn(700, 2, generator=generator, dtype=torch.float64)
    middle *= torch.logspace(0.0, 1.5, 700).double()[:, None]
    half = torch.logspace(-2.0, 1.0, 7).double().repeat(100)[:, None].expand_as(middle)
    side = torch.linspace(-1.0, 1.0, 33, dtype=torch.float64)
    inside = middle[:, None] + half[:, None] * torch.cartesian_prod(side, side)
    most = prior.log_prob(inside).amax(1)
    bound = prior.most(middle - half, middle + half)
    assert (most <= bound + 1e-6).all()
    assert (bound < math.inf).all()
    if name in ("cauchy", "banana"):  # and is of use: far boxes are known to hold little
        assert float(bound[-7:].amax()) < float(bound.amax()) - 5.0
