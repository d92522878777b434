"""Demonstrations: their numbers by other ways than the core's, and on every page that has one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from flowviz.scene import Scene
from flowviz.text import LANGUAGES, Language, translator
from flowviz.ui.demos import example, merging
from flowviz.ui.learn.compute import run_key
from tests.visitor import ROOT, Visitor

X0, W = np.array([0.5, 1.2, 1.7]), np.array([0.5, 0.25, 0.25])
PLACES = [("fan", "merging"), ("learn", "example")]
"""Pages and their demonstrations."""


def mass_between(prior: stats.rv_continuous, low: float, high: float, t: float) -> float:
    """Of straight lines to the article's points from a prior of SciPy's."""
    ends = [(np.array([x]) - (1 - t) * X0) / t for x in (low, high)]
    return float((W * (prior.cdf(ends[1]) - prior.cdf(ends[0]))).sum())


@pytest.mark.parametrize(
    ("scene", "prior"),
    [
        (Scene(), stats.uniform(0, 2)),
        (Scene(prior="gaussian"), stats.norm()),
        (Scene(prior="laplace"), stats.laplace()),
    ],
)
def test_as_many_samples_stay_between_two_trajectories(
    scene: Scene, prior: stats.rv_continuous
) -> None:
    found = merging.pair(scene)
    assert 0 < found.mass < 1
    for k in range(1, len(found.t)):
        between = mass_between(prior, found.low[k], found.high[k], found.t[k])
        assert between == pytest.approx(found.mass, abs=1e-9)
    assert (found.high[1:] > found.low[1:]).all()  # they never meet
    assert found.low[0] == pytest.approx(found.high[0])  # but at the data point


def test_what_cannot_be_is_drawn_as_one_line_after_the_meeting() -> None:
    tr = translator("en")
    lower, upper, *cannot = merging.drawing(Scene(), 0.4, tr).lines
    merged = cannot[0].x <= 0.4
    assert np.allclose(cannot[0].y[merged], cannot[1].y[merged])
    assert (cannot[1].y[~merged] > cannot[0].y[~merged]).all()
    for line, real in zip(cannot, (lower, upper), strict=True):
        assert line.y[-1] == pytest.approx(real.y[-1])


@pytest.mark.parametrize("space", ["line", "plane"])
def test_a_training_example_s_numbers_follow_from_what_is_drawn(space: str) -> None:
    """Straight lines: x_t = (1 − t) x₀ + t x₁, its velocity x₁ − x₀, and the mean of all such."""
    scene = Scene(prior="gaussian").with_(space=space)
    points = np.array(scene.plane_points.rows if space == "plane" else [(x,) for x in X0])
    points = points[:, :2] if space == "plane" else points
    weights = np.array(scene.plane_points.w if space == "plane" else W)
    seen = set()
    for k in range(40):
        one = example.example(run_key(scene), k)
        x0, x1, x = (np.array(v) for v in (one.x0, one.x1, one.x))
        assert x0 == pytest.approx(points[one.which])
        assert x == pytest.approx((1 - one.t) * x0 + one.t * x1)
        assert one.target == pytest.approx(x1 - x0)
        p = weights * stats.norm.pdf(x, (1 - one.t) * points, one.t).prod(1)
        mean = (p[:, None] * (x - points)).sum(0) / p.sum() / one.t
        assert one.exact == pytest.approx(mean)
        loss = ((mean - (x1 - x0)) ** 2).sum()
        assert example.loss(one.exact, one.target) == pytest.approx(loss)
        seen.add(one.which)
    assert len(seen) == len(points)


@pytest.mark.parametrize(("page", "name"), PLACES)
def test_a_demonstration_is_closed_until_it_is_asked_for(page: str, name: str) -> None:
    lang: Language = list(LANGUAGES)[PLACES.index((page, name)) % 2]
    visitor = Visitor(ROOT / "pages" / f"{page}.py", {"lang": lang})
    keys = {found.key for found in visitor.app.get("bidi_component")}
    assert f"demo.{name}" not in keys
    visitor.app.session_state[f"flowviz.demo.{name}"] = True
    visitor.run()
    assert visitor.component(f"demo.{name}").bytes
    words = translator(lang)(f"demo.{name}")
    assert words in [one.label for one in visitor.app.expander]


def test_another_example_is_another() -> None:
    visitor = Visitor(ROOT / "pages" / "learn.py")
    visitor.app.session_state["flowviz.demo.example"] = True
    visitor.run()
    said = [one.value for one in visitor.app.markdown]
    visitor.app.button(key="demo.example.next").click()
    visitor.run()
    first, second = (
        next(text for text in texts if text.startswith("1. "))
        for texts in (said, [one.value for one in visitor.app.markdown])
    )
    assert first != second
