"""Data at any scale: fitting the prior to them, and standardising them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from flowviz.core.priors import PLANE_PRIORS, PRIORS
from flowviz.scene import Scene
from flowviz.scene.fitting import fitted, fitted_plane, moments, rescaled, standardised
from flowviz.scene.parameters import PLANE_PRIOR, PRIOR
from flowviz.scene.point_parsing import MAX_POSITION
from flowviz.scene.points import PlanePoints, Points
from flowviz.scene.settings import DATA_POINT, QUERY_POSITION, Space
from flowviz.text import translator
from flowviz.ui.green import compute
from flowviz.ui.jobs.store import cache_folder
from flowviz.ui.widgets import reversal
from tests.visitor import PAGES, ROOT, Visitor

pytestmark = pytest.mark.usefixtures("small_pages")

DATA = {
    "years": tuple(float(year) for year in range(1952, 2008, 5)),
    "body mass": (3750.0, 3800.0, 3250.0, 3450.0, 5400.0, 6300.0, 2700.0),
    "far": (999_000.0, 999_500.0, 1_000_000.0),
    "small": (0.0002, 0.0011, 0.0019, 0.0045),
    "one point": (42.0,),
}
WHERE = {"loc", "low", "high", "mode", "means", "means_x", "means_y"}


@pytest.mark.parametrize("registry", [PRIOR, PLANE_PRIOR])
def test_locations_and_scales_reach_what_positions_reach(registry) -> None:
    for name in registry.classes():
        for spec in registry.specs(name).values():
            if spec.name in WHERE:
                assert (spec.least, spec.most) == (-MAX_POSITION, MAX_POSITION), name
            if "scale" in spec.name or spec.name in ("radius", "width", "bandwidth"):
                assert spec.most == MAX_POSITION, (name, spec.name)


@pytest.mark.parametrize("data", DATA)
@pytest.mark.parametrize("prior", PRIORS)
def test_a_fitted_prior_has_the_moments_of_the_data(prior: str, data: str) -> None:
    points = Points(DATA[data], (1.0,) * len(DATA[data]))
    params = fitted(prior, PRIOR.canonical(prior, {}), points)
    drawn = PRIOR.build(prior, params).sample(20_000, 1).numpy()[:, 0]
    x = np.array(points.x)
    deviation = float(x.std()) or 1.0
    inner = np.quantile(drawn, [0.05, 0.95])
    assert inner[0] < x.mean() < inner[1]
    assert 0.3 < (inner[1] - inner[0]) / (3.29 * deviation) < 3.0
    scene = Scene(points=points, prior=prior, prior_params=params)
    assert Scene.from_query(scene.to_query()) == scene


def test_in_the_plane_the_fit_has_the_datas_mean_and_covariance() -> None:
    rng = np.random.default_rng(0)
    quakes = rng.multivariate_normal([181.0, -20.0], [[4.0, 3.0], [3.0, 9.0]], 500)
    points = PlanePoints.of([*row, 1.0] for row in quakes.tolist())
    name, params = fitted_plane(points)
    assert name in PLANE_PRIORS
    drawn = PLANE_PRIOR.build(name, params).sample(50_000, 2).numpy()
    assert np.abs(drawn.mean(0) - quakes.mean(0)).max() < 0.1
    assert np.abs(np.cov(drawn.T) - np.cov(quakes.T)).max() < 0.3


@given(st.lists(st.tuples(*[st.floats(-1e5, 1e5)] * 2), min_size=2, max_size=30, unique=True))
def test_standardised_data_have_mean_0_and_deviation_1(rows: list[tuple[float, float]]) -> None:
    x = np.array(rows)
    if x.std(0).min() < 1e-3 * np.abs(x).max():
        return
    z = np.array(standardised(PlanePoints.of((*row, 1.0) for row in rows)).rows)[:, :2]
    assert np.abs(z.mean(0)).max() < 1e-5
    assert np.abs(z.std(0) - 1.0).max() < 1e-5


@given(st.sampled_from(sorted(PRIORS)), st.lists(st.floats(-1e6, 1e6), max_size=4))
def test_a_slider_reaches_what_it_must_show(prior: str, values: list[float]) -> None:
    for spec in PRIOR.specs(prior).values():
        low, high, step = spec.around(*values)
        assert spec.least <= low <= spec.low
        assert spec.high <= high <= spec.most
        assert step >= spec.step
        for value in values:
            inside = min(max(value, spec.least), spec.most)
            assert low <= inside <= high or (spec.least, spec.most) == (spec.low, spec.high)


@given(st.sampled_from(sorted(PRIORS)), st.lists(st.floats(-5.0, 5.0), min_size=1, max_size=4))
def test_a_slider_resolves_data_of_a_small_extent(prior: str, values: list[float]) -> None:
    for spec in PRIOR.specs(prior).values():
        if "scale" not in spec.name and spec.name not in WHERE:
            continue
        for extent in (1e-3, 0.05):
            low, high, step = spec.around(*values, extent=extent)
            width = max(values) - min(values) + 10.0 * extent
            assert high - low <= 3.0 * width
            assert step <= 0.02 * width
            assert all(low <= min(max(v, spec.least), spec.most) <= high for v in values)
            assert spec.least <= low < high <= spec.most


def press(visitor: Visitor, key: str) -> None:
    (button,) = [b for b in visitor.app.button if b.key and b.key.endswith(key)]
    button.click()
    visitor.run()


def test_years_are_offered_a_fitted_prior_and_standardisation() -> None:
    visitor = Visitor(query={"prior": "gaussian"})
    visitor.set("points", ", ".join(f"{year:g}" for year in DATA["years"]))
    far = visitor.scene
    press(visitor, "scale.fit")
    fitted_scene = visitor.scene
    assert dict(fitted_scene.prior_params)["loc"] == pytest.approx(1979.5)
    assert visitor.widget("prior.gaussian.loc").value == dict(fitted_scene.prior_params)["loc"]
    assert not visitor.complaints
    other = Visitor(query=far.to_query())
    press(other, "scale.standardise")
    assert max(map(abs, other.scene.points.x)) < 2.0
    assert any("one unit is 17.26, and 0 is 1980" in c.value for c in other.app.caption)
    press(other, "scale.standardise.undo")
    assert other.scene.points == far.points


@pytest.mark.parametrize("name", PRIOR.classes())
def test_a_rescaled_prior_has_the_density_of_the_rescaled_variable(name: str) -> None:
    """p(z) = s p(m + s z) for z = (x - m)/s, for every prior of the line."""
    params, mean, deviation = PRIOR.canonical(name, {}), 1.7182, 2.5
    z = torch.linspace(-3.0, 3.0, 101, dtype=torch.float64)[:, None]
    found = PRIOR.build(name, rescaled(name, params, mean, deviation)).prob(z)
    true = deviation * PRIOR.build(name, params).prob(mean + deviation * z)
    assert found.numpy() == pytest.approx(true.numpy(), rel=1e-4, abs=1e-9)


@pytest.mark.parametrize(
    ("prior", "text"),
    [
        ({"prior": "gaussian", "p.loc": "1975", "p.scale": "10"}, "1950, 1979.5, 2005"),
        ({"prior": "uniform"}, "1950, 1979.5, 2005"),
        ({"prior": "kernel_density", "p.samples": "1,3", "p.bandwidth": "1"}, "1.5, 2, 4"),
    ],
)
def test_the_prior_moves_with_data_that_are_standardised(prior: dict[str, str], text: str) -> None:
    """At the data's scale it is the same flow in other units; from another, it is fitted."""
    visitor = Visitor(query=prior)
    visitor.app.session_state["w.table.open"] = True
    visitor.set("points", text)
    before = visitor.scene
    near = not [c for c in visitor.app.caption if "very different scales" in c.value]
    assert near == (prior["prior"] != "uniform")
    press(visitor, "scale.standardise")
    after = visitor.scene
    assert after.prior == before.prior
    mean, deviation = moments(before.points)[:2]
    if near:
        q = torch.linspace(0.05, 0.95, 19, dtype=torch.float64)
        z, x = (scene.prior_object().icdf(q).numpy() for scene in (after, before))
        assert deviation[0] * z + mean[0] == pytest.approx(x, rel=1e-4)
    else:
        low, high = after.prior_object().icdf(torch.tensor([0.0, 1.0]).double()).tolist()
        assert low < min(after.points.x) < max(after.points.x) < high
    assert any("The prior was moved with the data." in c.value for c in visitor.app.caption)
    press(visitor, "scale.standardise.undo")
    assert visitor.scene == before
    assert not visitor.complaints


@pytest.mark.parametrize("space", ["line", "plane"])
def test_one_press_undoes_the_fit(space: Space) -> None:
    (page,) = [p for p in PAGES if p.name == ("fan.py" if space == "line" else "plane.py")]
    visitor = Visitor(page)
    if space == "line":
        visitor.set("points", ", ".join(f"{year:g}" for year in DATA["years"]))
    else:
        visitor.set("plane_points", "(181.62, -20.42), (181.03, -20.62), (184.1, -26)")
    before = visitor.scene
    press(visitor, "scale.fit")
    assert visitor.scene != before
    press(visitor, "scale.fit.undo")
    assert visitor.scene == before
    name = "prior" if space == "line" else "plane_prior"
    assert visitor.widget(name).value == getattr(before, name)
    assert not [b for b in visitor.app.button if b.key and "scale.fit.undo" in b.key]
    press(visitor, "scale.fit")
    said = [caption.value for caption in visitor.app.caption]
    fits = translator("en")("scale.fitted")
    assert fits in said
    if space == "line":  # other points: it was not fitted to these
        visitor.set("points", "0.5, 1.2")
        assert fits not in [caption.value for caption in visitor.app.caption]
        press(visitor, "scale.fit")
    visitor.set(name, "laplace")  # another prior than the fitted one: nothing left to undo
    assert not [b for b in visitor.app.button if b.key and "scale.fit.undo" in b.key]
    assert not visitor.complaints


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    """Gives the sessions that follow a browser, by the name that its cookie would have."""

    def use(name: str | None) -> None:
        monkeypatch.setattr(reversal, "browser_name", lambda: name)

    use("first")
    return use


@pytest.mark.parametrize("action", ["fit", "standardise"])
@pytest.mark.parametrize("space", ["line", "plane"])
def test_after_a_reload_one_press_still_takes_it_back(
    space: Space, action: str, browser: Callable[[str | None], None]
) -> None:
    page = ROOT / "pages" / ("fan.py" if space == "line" else "plane.py")
    visitor = Visitor(page)
    if space == "line":
        visitor.set("points", "1952.25, 1957*2, 1962.123456")
    else:
        visitor.set("plane_points", "(181.62, -20.42)*3, (181.03, -20.62), (184.1, -26.000001)")
    before = visitor.scene
    press(visitor, f"scale.{action}")
    after = visitor.scene
    assert after != before
    link = dict(parse_qsl(visitor.link, keep_blank_values=True))
    said = [c.value for c in visitor.app.caption]
    for other in ("second", None):  # the link alone does not know what was before
        browser(other)
        opened = Visitor(page, link)
        assert not [b for b in opened.app.button if b.key and b.key.endswith(".undo")]
    browser("first")
    again = Visitor(page, link)
    assert again.scene == after
    assert {c.value for c in again.app.caption} <= set(said)
    press(again, f"scale.{action}.undo")
    assert again.scene == before
    assert not again.complaints
    for path in filter(Path.is_file, cache_folder().iterdir()):
        path.write_bytes(b"\xff\n\n")
    damaged = Visitor(page, link)
    assert damaged.scene == after
    assert not [b for b in damaged.app.button if b.key and b.key.endswith(".undo")]


def test_a_position_that_was_moved_since_stays_when_a_fit_is_taken_back() -> None:
    visitor = Visitor(query={"points": "1950,1979.5,2005", "green_x0": "1", "green_x": "1960"})
    press(visitor, "scale.fit")
    (page,) = [p for p in PAGES if p.name == "green.py"]
    assert visitor.scene.green_x == 1960
    visitor.app.switch_page(str(page))
    visitor.run()
    visitor.set("green_x", 1970.0)
    visitor.app.switch_page(str(ROOT / "app.py"))
    visitor.run()
    press(visitor, "scale.fit.undo")
    assert (visitor.scene.green_x0, visitor.scene.green_x) == (1.0, 1970.0)


@pytest.mark.parametrize("data", ["years", "far", "small"])
@pytest.mark.parametrize("space", ["line", "plane"])
def test_on_green_positions_and_sliders_are_at_the_datas_scale(space: Space, data: str) -> None:
    scene = Scene(space=space, points=Points.of((x, 1.0) for x in DATA[data]))
    scene = scene.with_(plane_points=PlanePoints.of((x, -x / 2, 1.0) for x in DATA[data]))
    (first,) = [p for p in PAGES if p.name == ("fan.py" if space == "line" else "plane.py")]
    visitor = Visitor(first, scene.to_query("fan" if space == "line" else "plane"))
    key = "w.scale.fit" if space == "line" else "w.plane.scale.fit"
    if not [b for b in visitor.app.button if b.key == key]:
        visitor.app.session_state[f"w.{'' if space == 'line' else 'plane.'}table.open"] = True
        visitor.run()
    press(visitor, "scale.fit")
    scene = visitor.scene
    (page,) = [p for p in PAGES if p.name == "green.py"]
    green = Visitor(page, scene.with_(space=space).to_query("green"))
    x = np.array(DATA[data])
    columns = {0: x, 1: -x / 2}
    for field in (*DATA_POINT[space], *QUERY_POSITION[space]):
        column = columns[1 if field in ("green_b", "green_v") else 0]
        slider = green.widget(field)
        assert slider.min <= column.min()
        assert slider.max >= column.max()
        assert 100 <= (slider.max - slider.min) / slider.step <= 20_000
        if data != "small":  # the usual positions are not far from it
            assert column.min() <= slider.value <= column.max()
    assert np.isfinite(compute.query_trajectory(compute.query_key(green.scene)).x).all()
    green.set(DATA_POINT[space][0], float(green.widget(DATA_POINT[space][0]).max))
    assert not green.complaints


def test_any_position_is_a_position_on_green() -> None:
    for field in ("green_x0", "green_x", "green_a", "green_b", "green_u", "green_v"):
        for value in (-MAX_POSITION, MAX_POSITION):
            scene, notices = Scene.read_query({field: str(value)})
            assert (getattr(scene, field), notices) == (value, [])


def test_earthquakes_fill_the_planes_picture() -> None:
    (page,) = [page for page in PAGES if page.name == "plane.py"]
    visitor = Visitor(page)
    visitor.set(
        "plane_points", "(181.62, -20.42), (181.03, -20.62), (184.1, -26), (181.66, -17.97)"
    )
    press(visitor, "scale.fit")
    assert not visitor.complaints
    assert not [b for b in visitor.app.button if b.key and b.key.endswith("scale.fit")]
