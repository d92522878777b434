"""Demonstrations: their numbers by other ways than the core's, and on every page that has one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from flowviz.core.transport import trajectories, volume_ratio
from flowviz.figures.grid import grid_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import LANGUAGES, Language, translator
from flowviz.text.numbers import number
from flowviz.ui.demos import box, example, grid, merging
from flowviz.ui.learn.compute import run_key
from flowviz.ui.lesson import truth
from tests.visitor import ROOT, Visitor

X0, W = np.array([0.5, 1.2, 1.7]), np.array([0.5, 0.25, 0.25])
PLACES = [
    ("fan", "merging"),
    ("fan", "box"),
    ("learn", "example"),
    ("plane", "grid"),
    ("plane", "plane_box"),
    ("fan", "far"),
    ("plane", "far"),
    ("green", "gravity"),
]
"""Pages and their demonstrations."""
ONLY_WITH = {"far": {"prior": "student_t", "plane_prior": "student_t_2d"}}
"""What a page must show for a demonstration to be there."""


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


@pytest.mark.parametrize(
    ("scene", "prior"),
    [(Scene(), stats.uniform(0, 2)), (Scene(prior="gaussian"), stats.norm())],
)
@pytest.mark.parametrize(("t", "a", "b"), [(0.5, 0.62, 1.3), (0.2, 0.45, 0.55), (1.0, 0.3, 0.9)])
def test_what_is_in_a_box_changes_by_what_flows_through_its_sides(
    scene: Scene, prior: stats.rv_continuous, t: float, a: float, b: float
) -> None:
    found = box.box(scene, t, a, b)
    assert found.mass == pytest.approx(mass_between(prior, a, b, t))

    def flux(x: float) -> float:
        return float((W * prior.pdf((x - (1 - t) * X0) / t) / t * (x - X0) / t).sum())

    assert found.flux == pytest.approx((flux(a), flux(b)))
    h = 1e-5
    grows = (mass_between(prior, a, b, t + h) - mass_between(prior, a, b, t - h)) / (2 * h)
    assert found.rate == pytest.approx(grows, abs=1e-4)
    assert found.measured == pytest.approx(found.rate, abs=2e-3)
    later = translator("en", "flow_matching")
    assert number(-found.rate, 4) in box.words(found, later)  # the reader's time runs the other way


def test_a_side_is_moved_by_its_message_and_by_no_forged_one() -> None:
    visitor = Visitor(ROOT / "pages" / "fan.py")
    visitor.app.session_state["flowviz.demo.box"] = True
    visitor.run()
    kept = "flowviz.demo.box.sides"
    for k, forged in enumerate(
        ({}, {"k": 3, "value": 1.0}, {"k": 1, "value": "1"}, {"k": 1, "value": 1e9},
         {"k": 2, "value": float("nan")}, {"k": 1, "value": True})
    ):  # fmt: skip
        visitor.app.session_state["demo.box"] = {"edit": forged | {"rev": k}}
        visitor.run()
        assert kept not in visitor.app.session_state, forged
    visitor.app.session_state["demo.box"] = {"edit": {"k": 1, "value": 1.9, "rev": 99}}
    visitor.run()
    low, high = visitor.app.session_state[kept]
    assert low < high  # it passed the other side: they stay in order
    assert low == pytest.approx(0.65)


@pytest.mark.parametrize(
    "changes",
    [
        {}, {"plane_prior": "uniform"}, {"plane_prior": "student_t_2d"}, {"schedule": "cosine"},
        {"plane_family": "swirl"},
    ],
    ids=str,
)  # fmt: skip
def test_a_cell_s_area_ratio_is_that_of_its_carried_corners(changes: dict[str, Any]) -> None:
    """Tiny triangles, carried by the flow: their areas are computed without any density."""
    field, h = Scene(**changes).field("plane"), 1e-4
    x1 = field.prior.sample(40, 2, generator=torch.Generator().manual_seed(1)).double()
    moved = torch.stack([x1, x1 + torch.tensor([h, 0.0]), x1 + torch.tensor([0.0, h])])
    inside = torch.stack([torch.isfinite(field.log_prob(corner, 1.0)) for corner in moved]).all(0)
    moved = moved[:, inside]
    times = torch.tensor([0.9, 0.5, 0.3], dtype=torch.float64)
    x = torch.stack([trajectories(field, corner, times).x for corner in moved])
    a, b = (x[1] - x[0]).numpy(), (x[2] - x[0]).numpy()
    areas = np.abs(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]) / h**2
    ratio = volume_ratio(field, moved[0], x[0], times).numpy()
    near = np.abs(areas / ratio - 1) < 0.01
    # Where the prior's density jumps, the flow bends, and a triangle may lie across.
    assert near.mean() > (0.85 if "uniform" in changes.values() else 0.99)


def test_the_grid_of_one_point_shrinks_by_t_squared() -> None:
    found = grid.deformed(truth.PLANE_POINT)
    for k, t in enumerate(grid.TIMES):
        ratio = found.ratio[k][np.isfinite(found.ratio[k])]
        assert ratio == pytest.approx(t**2)
        assert np.nan_to_num(found.corners[k]) == pytest.approx(np.nan_to_num(t * found.start))
    assert len(ratio) == grid.CELLS**2


def test_cells_are_shaded_by_their_ratio() -> None:
    found = grid.deformed(Scene())
    points = np.zeros((1, 2)), np.ones(1)
    style, view = Style(), (-3.0, 3.0, -3.0, 3.0)
    figure: Any = grid_figure(found.corners[10], found.ratio[10], 2.0, points, view, style).data
    cells = [trace for trace in figure if trace.name == "cells"]
    drawn = sum(int(np.isnan(trace.x).sum()) for trace in cells)
    assert drawn == int(np.isfinite(found.ratio[10]).sum()) == grid.CELLS**2
    shades = {trace.fillcolor for trace in cells}
    assert len(shades) == len(cells) > 3


@pytest.mark.parametrize(("page", "name"), PLACES)
def test_a_demonstration_is_closed_until_it_is_asked_for(page: str, name: str) -> None:
    lang: Language = list(LANGUAGES)[PLACES.index((page, name)) % 2]
    visitor = Visitor(ROOT / "pages" / f"{page}.py", {"lang": lang} | ONLY_WITH.get(name, {}))
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


def test_a_presented_step_of_the_lesson_shows_the_demonstration_that_was_open() -> None:
    for opened in (False, True):
        visitor = Visitor(ROOT / "pages" / "lesson.py", {"present": "1", "lesson_answers": "1()"})
        visitor.app.session_state["flowviz.demo.box"] = opened
        visitor.run()
        keys = {found.key for found in visitor.app.get("bidi_component")}
        assert ("demo.box" in keys) == opened
        assert ("lesson" in keys) != opened
