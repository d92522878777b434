"""Points rounded to fit the link: the number of distinct ones, and a finer rounding."""

from __future__ import annotations

import numpy as np
import pytest

from flowviz.scene import Scene
from flowviz.scene.link import MAX_LINK
from flowviz.scene.point_set import LINK_LIMIT
from flowviz.scene.points import PlanePoints, Points
from flowviz.ui.widgets.rounding import Rounding, distinct
from tests.visitor import PAGES, Visitor

pytestmark = pytest.mark.usefixtures("small_pages")


def moons(n: int, noise: float = 0.1) -> PlanePoints:
    rng = np.random.default_rng(0)
    angle = rng.uniform(0.0, np.pi, n // 2)
    one = np.column_stack([np.cos(angle), np.sin(angle)])
    both = np.concatenate([one, [1.0, 0.5] - one]) + rng.normal(0.0, noise, (n, 2))
    return PlanePoints.of([*row, 1.0] for row in both.tolist())


def test_the_finest_grid_that_fits_has_more_distinct_points_and_is_idempotent() -> None:
    points = moons(5_000)
    tidy, finest = points.shareable(), points.shareable(tidy=False)
    assert len(finest.link) <= LINK_LIMIT
    assert distinct(tidy) < distinct(finest) <= 5_000
    assert finest.shareable() is finest
    assert PlanePoints.from_link(finest.link) == finest
    found = Rounding.of(points, tidy, LINK_LIMIT)
    assert (found.distinct_before, found.distinct_after) == (5_000, distinct(tidy))
    assert found.finer() == finest


@pytest.mark.parametrize("points", [moons(40), Points((0.5, 1.2), (1.0, 2.0))])
def test_what_fits_is_left_as_it_is(points: PlanePoints | Points) -> None:
    assert points.shareable(tidy=False) is points


def test_small_points_are_packed_on_a_finer_grid() -> None:
    rng = np.random.default_rng(1)
    points = PlanePoints.of([*row, 1.0] for row in (1e-7 * rng.normal(size=(80, 2))).tolist())
    assert points.link.startswith("~e12~")
    assert PlanePoints.from_link(points.link) == points
    scene = Scene(plane_points=points)
    assert Scene.from_query(scene.to_query("plane")) == scene
    mixed = PlanePoints.of([*row, 1.0] for row in [(1e6, 1e-12), (-1e6, 0.5)] * 400)
    assert PlanePoints.from_link(mixed.shareable().link) == mixed.shareable()


def test_the_page_states_how_many_are_distinct_and_offers_more() -> None:
    (page,) = [page for page in PAGES if page.name == "plane.py"]
    visitor = Visitor(page, {"plane_particles": "2", "plane_views": ""})
    visitor.set("plane_points", moons(1_500, noise=1e-3).text())
    tidy = visitor.scene.plane_points
    said = f"of 1,500 different positions {distinct(tidy):,} are left"
    assert any(said in caption.value for caption in visitor.app.caption)
    read = "1,500 points, read as a list that begins with"
    assert any(read in caption.value for caption in visitor.app.caption)
    (button,) = [b for b in visitor.app.button if b.key and "rounded" in b.key]
    button.click()
    visitor.run()
    assert distinct(visitor.scene.plane_points) > distinct(tidy)
    assert button.label == f"Keep {distinct(visitor.scene.plane_points):,} apart"
    assert any(read in caption.value for caption in visitor.app.caption)
    assert len(visitor.link) <= MAX_LINK
