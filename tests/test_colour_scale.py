"""The Fan's colour scale stays when a dragged point is dropped, and colours stay apart."""

from __future__ import annotations

import random

import numpy as np
import pytest

from flowviz.figures.plane import plane_figure
from flowviz.figures.style import MANY, Style
from flowviz.figures.traces import data_points
from flowviz.scene import Scene
from flowviz.ui.fan import view
from tests.block_reader import read

DRAW = random.Random(4)
SETS = [
    (prior, ",".join(f"{DRAW.uniform(-2, 3):.2f}" for _ in range(3)))
    for prior in ("uniform", "gaussian", "laplace", "student_t", "arcsine", "logistic")
    for _ in range(6)
]


@pytest.mark.parametrize(("prior", "points"), SETS)
def test_the_scale_of_a_drag_is_that_of_the_drop(prior: str, points: str) -> None:
    scene = Scene(prior=prior, points=points)  # pyright: ignore[reportArgumentType]
    during, after = (
        read(view._block(scene, Style(), quick)[0])["layout"]["coloraxis"]
        for quick in (True, False)
    )
    assert during["cmax"] == after["cmax"] > 0


@pytest.mark.parametrize(("count", "colours"), [(MANY, 8), (MANY + 1, 1)])
def test_many_points_have_one_colour(count: int, colours: int) -> None:
    style = Style()
    points = np.stack([np.arange(float(count)), np.zeros(count)], axis=1)
    trace = data_points(points, 5.0, 0.0, style)
    assert len(set(trace["marker"]["color"])) == colours
    figure = plane_figure(
        view=(0, 1, 0, 1),
        cells=8,
        points=count,
        shown=frozenset({"lines"}),
        scale="linear",
        labels={"density": "p"},
        style=style,
    )
    assert sum(trace["name"] == "fan" for trace in figure.to_dict()["data"]) == colours


@pytest.mark.parametrize("count", [3, MANY, MANY + 1])
@pytest.mark.parametrize("color", ["basin", "x1"])
def test_the_browser_draws_a_drag_in_the_colours_of_the_drop(count: int, color: str) -> None:
    points = ",".join(f"{k / count:.3f}" for k in range(count))
    scene = Scene(prior="gaussian", points=points, color=color)  # pyright: ignore[reportArgumentType]
    tables = read(view._engine(scene, Style())[0])
    fans = [
        trace["line"]["color"]
        for trace in read(view._block(scene, Style(), True)[0])["data"]
        if trace["name"] == "fan" and trace["line"]["dash"] == "solid"
    ]
    assert fans
    assert set(fans) <= set(tables["colours"])
    assert len(tables["colours"]) == 1 or len(fans) > 1
