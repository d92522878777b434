"""Data at any scale: fitting the prior to them, and standardising them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowviz.core.priors import PLANE_PRIORS, PRIORS
from flowviz.scene import Scene
from flowviz.scene.fitting import fitted, fitted_plane, standardised
from flowviz.scene.parameters import PLANE_PRIOR, PRIOR
from flowviz.scene.point_parsing import MAX_POSITION
from flowviz.scene.points import PlanePoints, Points
from tests.visitor import PAGES, Visitor

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


def press(visitor: Visitor, key: str) -> None:
    (button,) = [b for b in visitor.app.button if b.key and key in b.key]
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
    press(other, "scale.undo")
    assert other.scene.points == far.points


def test_earthquakes_fill_the_planes_picture() -> None:
    (page,) = [page for page in PAGES if page.name == "plane.py"]
    visitor = Visitor(page)
    visitor.set(
        "plane_points", "(181.62, -20.42), (181.03, -20.62), (184.1, -26), (181.66, -17.97)"
    )
    press(visitor, "scale.fit")
    assert not visitor.complaints
    assert not [b for b in visitor.app.button if b.key and "scale.fit" in b.key]
