"""A prior from samples: exact, on every page and in the link."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import GaussianMixture, GaussianMixture2D, KernelDensity, KernelDensity2D
from flowviz.core.priors.kernel_density import MAX_SAMPLES, silverman
from flowviz.core.transport import trajectories
from flowviz.scene import Scene
from flowviz.scene.link import MAX_LINK
from flowviz.text import Refusal
from tests.visitor import PAGES, Visitor

pytestmark = pytest.mark.usefixtures("small_pages")

RNG = np.random.default_rng(3)
SAMPLES = RNG.normal([0.5, -1.0], [1.0, 0.4], (MAX_SAMPLES, 2))


def page(name: str, **query: str) -> Visitor:
    (path,) = [path for path in PAGES if path.name == f"{name}.py"]
    return Visitor(path, query)


def press(visitor: Visitor, key: str) -> None:
    (button,) = [b for b in visitor.app.button if b.key and key in b.key]
    button.click()
    visitor.run()


def test_the_density_is_scipys_kernel_density() -> None:
    prior = KernelDensity2D(*map(tuple, SAMPLES.T.tolist()), bandwidth=0.25)
    z = RNG.normal(0.0, 2.0, (400, 2))
    kernels = [stats.norm.pdf(z, s, 0.25).prod(axis=1) for s in SAMPLES]
    true = np.mean(kernels, axis=0)
    found = prior.prob(torch.from_numpy(z)).numpy()
    assert found == pytest.approx(true, rel=1e-12, abs=1e-300)
    drawn = prior.sample(40_000, 2, torch.Generator().manual_seed(1)).numpy()
    assert np.abs(drawn.mean(0) - SAMPLES.mean(0)).max() < 0.03


@pytest.mark.parametrize("d", [1, 2])
def test_silvermans_bandwidth_is_scipys(d: int) -> None:
    columns = [list(column) for column in SAMPLES.T[:d]]
    factor = stats.gaussian_kde(np.array(columns)).silverman_factor()
    spread = np.exp(np.log(np.std(columns, axis=1)).mean())
    assert silverman(columns) == pytest.approx(factor * spread, rel=1e-12)
    assert silverman([[2.0, 2.0]]) == 0.0


@pytest.mark.parametrize("d", [1, 2])
def test_the_flow_is_that_of_the_mixture_it_is(d: int) -> None:
    """Two classes, one distribution: kernels summed at once, and bell by bell."""
    few = SAMPLES[:7, :d].T.tolist()
    bells: tuple = (0.4,) * 7
    if d == 1:
        one = KernelDensity(tuple(few[0]), 0.4)
        other = GaussianMixture(tuple(few[0]), bells, (1.0,) * 7)
    else:
        one = KernelDensity2D(tuple(few[0]), tuple(few[1]), 0.4)
        zeros = (0.0,) * 7
        other = GaussianMixture2D(tuple(few[0]), tuple(few[1]), bells, bells, zeros, (1.0,) * 7)
    x0 = torch.tensor([[0.5, -1.0], [2.0, 1.0], [-1.5, 0.2]], dtype=torch.float64)[:, :d]
    x1 = one.sample(12, d, torch.Generator().manual_seed(0))
    found, true = (
        trajectories(
            MarginalField(x0, torch.tensor([1.0, 2.0, 1.0]), prior, PATHS["affine"]()),
            x1,
            [0.2, 0.6],
        )
        for prior in (one, other)
    )
    assert (found.x - true.x).abs().max() < 1e-6
    assert found.basin.equal(true.basin)


@pytest.mark.parametrize(("samples", "says"), [((), "got [0]"), ((0.0,) * 51, "got [51]")])
def test_too_few_or_too_many_samples_are_refused(samples: tuple[float, ...], says: str) -> None:
    with pytest.raises(ValueError, match="1 to 50 samples") as caught:
        KernelDensity(samples)
    assert says in str(caught.value)
    with pytest.raises(Refusal):
        Scene(prior="kernel_density", prior_params=(("samples", samples),))


def test_the_fullest_link_holds_samples_and_points() -> None:
    columns = [tuple(round(v, 6) for v in column) for column in (SAMPLES * 1000).T.tolist()]
    params = (("samples_x", columns[0]), ("samples_y", columns[1]), ("bandwidth", 12.5))
    scene = Scene(plane_prior="kernel_density_2d", plane_prior_params=params)
    assert len(scene.query_string("plane")) <= MAX_LINK
    assert Scene.from_query(scene.to_query("plane")) == scene


def test_points_drawn_are_taken_as_samples_and_others_drawn_after_them() -> None:
    visitor = page("plane", plane_prior="kernel_density_2d")
    visitor.set("plane_points", "(0, 0), (1, 0.5), (2, 0)")
    press(visitor, "samples.data")
    params = dict(visitor.scene.plane_prior_params)
    assert params["samples_x"] == (0.0, 1.0, 2.0)
    assert params["bandwidth"] == pytest.approx(silverman([[0, 1, 2], [0, 0.5, 0]]), abs=1e-6)
    visitor.set("plane_points", "(-3, 0), (-3, 1)")
    assert dict(visitor.scene.plane_prior_params) == params
    assert not visitor.complaints


@pytest.mark.parametrize("name", ["fan", "learn"])
def test_samples_are_pasted_or_uploaded_counted_and_drawn(name: str) -> None:
    visitor = page(name, prior="kernel_density")
    visitor.set("prior.samples", "x\n" + "\n".join(str(n / 10) for n in range(80)))
    assert not visitor.complaints
    assert len(dict(visitor.scene.prior_params)["samples"]) == MAX_SAMPLES  # type: ignore[arg-type]
    said = [c.value for c in visitor.app.caption if "samples drawn at random" in c.value]
    assert said == [
        "50 samples drawn at random. 80 points: column x; weights: none; 0 rows left out."
    ]
    visitor.set("prior.samples", "0.5, abc")
    assert "abc" in visitor.complaints[0]
    assert visitor.widget("prior.samples").value == "0.5, abc"
    visitor.set("prior.samples", "0.5, 1.5, 1.75")
    assert dict(visitor.scene.prior_params)["samples"] == (0.5, 1.5, 1.75)
    visitor.set("prior.kernel_density.bandwidth", 0.2)
    assert dict(visitor.scene.prior_params) == {"samples": (0.5, 1.5, 1.75), "bandwidth": 0.2}


@pytest.mark.parametrize("name", ["plane", "learn", "solvers", "green"])
def test_samples_of_the_plane_are_pasted_on_every_page(name: str) -> None:
    visitor = page(name, space="plane", plane_prior="kernel_density_2d")
    visitor.set("plane_prior.samples", "x\ty\n0,5\t1\n1,5\t-1\n-1\t0,25\n")
    assert not visitor.complaints
    params = dict(visitor.scene.plane_prior_params)
    assert (params["samples_x"], params["samples_y"]) == ((0.5, 1.5, -1.0), (1.0, -1.0, 0.25))
    assert any("3 samples. 3 points: columns x, y;" in c.value for c in visitor.app.caption)
    bandwidth = silverman([params["samples_x"], params["samples_y"]])  # type: ignore[list-item]
    assert visitor.widget("plane_prior.kernel_density_2d.bandwidth").value == pytest.approx(
        bandwidth, abs=1e-6
    )
    visitor.set("plane_prior.samples", "(0, 0), (1,")
    assert visitor.complaints
    assert dict(visitor.scene.plane_prior_params) == params
