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
from flowviz.scene.parameters import PLANE_PRIOR, PRIOR
from flowviz.scene.points import Points
from flowviz.scene.tables.reading import Choice, read
from flowviz.text import Refusal
from flowviz.ui.widgets.samples_editor import EDITORS
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
    visitor.set("prior.kernel_density.samples", "x\n" + "\n".join(str(n / 10) for n in range(80)))
    assert not visitor.complaints
    assert len(dict(visitor.scene.prior_params)["samples"]) == MAX_SAMPLES  # type: ignore[arg-type]
    said = [c.value for c in visitor.app.caption if "samples drawn at random" in c.value]
    assert said == [
        "50 samples drawn at random (seed 0) from 80 rows: column x; weights: none; "
        "0 rows left out."
    ]
    visitor.set("prior.kernel_density.samples", "0.5, abc")
    assert "abc" in visitor.complaints[0]
    assert visitor.widget("prior.kernel_density.samples").value == "0.5, abc"
    visitor.set("prior.kernel_density.samples", "0.5, 1.5, 1.75")
    assert dict(visitor.scene.prior_params)["samples"] == (0.5, 1.5, 1.75)
    visitor.set("prior.kernel_density.bandwidth", 0.2)
    assert dict(visitor.scene.prior_params) == {"samples": (0.5, 1.5, 1.75), "bandwidth": 0.2}


@pytest.mark.parametrize("name", ["plane", "learn", "solvers", "green"])
def test_samples_of_the_plane_are_pasted_on_every_page(name: str) -> None:
    visitor = page(name, space="plane", plane_prior="kernel_density_2d")
    visitor.set("plane_prior.kernel_density_2d.samples", "x\ty\n0,5\t1\n1,5\t-1\n-1\t0,25\n")
    assert not visitor.complaints
    params = dict(visitor.scene.plane_prior_params)
    assert (params["samples_x"], params["samples_y"]) == ((0.5, 1.5, -1.0), (1.0, -1.0, 0.25))
    assert any("3 samples: columns x, y;" in c.value for c in visitor.app.caption)
    bandwidth = silverman([params["samples_x"], params["samples_y"]])  # type: ignore[list-item]
    assert visitor.widget("plane_prior.kernel_density_2d.bandwidth").value == pytest.approx(
        bandwidth, abs=1e-6
    )
    visitor.set("plane_prior.kernel_density_2d.samples", "(0, 0), (1,")
    assert visitor.complaints
    assert dict(visitor.scene.plane_prior_params) == params


EDITED = [("fan", "prior", 1), ("plane", "plane_prior", 1), ("plane", "plane_prior", 2)]


@pytest.mark.parametrize(("name", "prior", "d"), EDITED)
def test_samples_are_edited_on_the_plane_as_on_the_line(name: str, prior: str, d: int) -> None:
    """Every kernel density has the editor on every page, and its texts fill the link."""
    entry = "kernel_density" if d == 1 else "kernel_density_2d"
    visitor = page(name, **{prior: entry})
    visitor.set(f"{prior}.{entry}.samples", "0.5, 1.5" if d == 1 else "(0.5, 1), (1.5, 2)")
    assert not visitor.complaints
    params = dict(getattr(visitor.scene, f"{prior}_params"))
    assert (params["samples"] if d == 1 else params["samples_x"]) == (0.5, 1.5)


def test_every_list_of_samples_has_an_editor() -> None:
    for registry in (PRIOR, PLANE_PRIOR):
        for entry in registry.classes():
            lists = tuple(s.name for s in registry.specs(entry).values() if s.count == MAX_SAMPLES)
            editor = EDITORS.get((registry.field, entry))
            assert (editor.parameters if editor else ()) == lists


def select(visitor: Visitor, role: str, value: object) -> None:
    (box,) = [s for s in visitor.app.selectbox if s.key and f".read.{role}." in s.key]
    box.set_value(value)
    visitor.run()


def captions(visitor: Visitor) -> str:
    return "\n".join(caption.value for caption in visitor.app.caption)


@pytest.mark.parametrize("uploaded", [False, True])
def test_columns_of_samples_are_said_chosen_and_undone(uploaded: bool) -> None:
    """The same panel as that of the data points."""
    visitor = page("fan", prior="kernel_density")
    first = dict(visitor.scene.prior_params)
    text = "height,w\n0.5,1\n1.5,3\n2.5,1\n"
    if uploaded:
        visitor.app.session_state["w.prior.kernel_density.samples.open"] = True
        visitor.run()
        visitor.app.file_uploader[0].set_value(("s.csv", text.encode(), "text/csv"))
        visitor.run()
    else:
        visitor.set("prior.kernel_density.samples", text)
    said = "50 samples drawn at random by weight (seed 0) from 3 rows: column height; weights: w;"
    assert said in captions(visitor)
    drawn = dict(visitor.scene.prior_params)
    assert len(drawn["samples"]) == MAX_SAMPLES  # type: ignore[arg-type]
    select(visitor, "weight", None)
    assert dict(visitor.scene.prior_params)["samples"] == (0.5, 1.5, 2.5)
    assert "3 samples: column height; weights: none; 0 rows left out." in captions(visitor)
    press(visitor, "samples.read.undo")
    assert dict(visitor.scene.prior_params) == drawn
    assert said in captions(visitor)
    press(visitor, "samples.read.undo")
    assert dict(visitor.scene.prior_params) == first
    assert "height" not in captions(visitor)


@pytest.mark.parametrize("text", ["1e-7, 2e-7, 5e-7", "1.2e-6, 1.4e-6", "0.00012", "1, 2, 1e-9"])
def test_small_samples_are_kept(text: str) -> None:
    visitor = page("fan", prior="kernel_density")
    visitor.set("prior.kernel_density.samples", text)
    assert not visitor.complaints
    samples = dict(visitor.scene.prior_params)["samples"]
    assert samples == tuple(map(float, text.split(",")))


def test_undo_keeps_a_bandwidth_that_was_chosen_since() -> None:
    visitor = page("fan", prior="kernel_density")
    first = dict(visitor.scene.prior_params)
    visitor.set("prior.kernel_density.samples", "x\n0.5\n1.5\n2.5\n")
    visitor.set("prior.kernel_density.bandwidth", 0.9)
    press(visitor, "samples.read.undo")
    assert dict(visitor.scene.prior_params) == first | {"bandwidth": 0.9}


def test_samples_with_two_readings_are_asked() -> None:
    visitor = page("fan", prior="kernel_density")
    before = visitor.scene
    visitor.set("prior.kernel_density.samples", "0.5,2\n1.2,1")
    assert visitor.scene == before
    assert "more than one way" in visitor.complaints[0]
    press(visitor, "samples.read.way.1.1")
    assert "by weight (seed 0) from 2 rows" in captions(visitor)
    assert not visitor.complaints


def test_weights_of_samples_are_their_frequencies() -> None:
    rows = "x,w\n" + "".join(f"{n},{1 + 9 * (n < 3)}\n" for n in range(30))
    found = read(rows, Points, Choice(seed=3), MAX_SAMPLES)
    assert found.points is not None
    assert set(found.points.w) == {1.0}
    often = sum(x < 3 for x in found.points.x)
    assert stats.binomtest(often, MAX_SAMPLES, 30 / 57).pvalue > 1e-3
    assert len(found.points) == MAX_SAMPLES
