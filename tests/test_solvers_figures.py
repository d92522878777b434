"""The Solvers page's figures: the trajectories drawn, nine distinct styles."""

from __future__ import annotations

from itertools import combinations
from typing import Any, get_args

import numpy as np
import pytest

from flowviz.core.solvers import SOLVERS
from flowviz.core.solvers.time_grids import GRIDS
from flowviz.figures.convergence import ORDER, Curve, chart_figure, curve_style
from flowviz.figures.solvers import Lines, Stage, stage_colours, trajectory_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.settings import Method
from flowviz.ui.solvers.view import FORMULAS
from tests.test_figures import each_style, polylines, traces, validated

RNG = np.random.default_rng(3)
LABELS = {"t": "t", "x": "x", "y": "y"}
VIEWS = {1: (-2.0, 2.0), 2: (-2.0, 2.0, -2.0, 2.0)}


def lines_of(d: int, done: int = 4) -> Lines:
    basin = np.array([0, 1, 0, 2, 1, 0])
    return Lines(
        np.linspace(0.0, 1.0, 9),
        RNG.normal(size=(6, 9, d)),
        np.array([1.0, 0.6, 0.3, 0.1, 0.0]),
        RNG.normal(size=(6, 5, d)),
        basin,
        np.array([False, True, False, False, True, False]),
        done,
        RNG.normal(size=(6, d)),
        RNG.random(size=(6, 9)),
    )


@each_style
@pytest.mark.parametrize("d", [1, 2])
def test_a_solution_is_drawn_step_by_step(style: Style, d: int) -> None:
    lines = lines_of(d)
    figure = validated(trajectory_figure(lines, np.zeros((3, d)), VIEWS[d], LABELS, style))
    drawn = [line for trace in traces(figure, "numerical") for line in polylines(trace)]
    order = np.argsort(lines.basin, kind="stable")
    assert len(drawn) == 6
    for (x, y), q in zip(drawn, order, strict=True):
        assert np.allclose(x, lines.stops if d == 1 else lines.numerical[q, :, 0])
        assert np.allclose(y, lines.numerical[q, :, -1])
    exact = [line for trace in traces(figure, "exact") for line in polylines(trace)]
    assert np.allclose(exact[0][1], lines.exact[order[0], :, -1])
    labelled = traces(figure, "exact")
    assert all("pₜ" in trace.hovertemplate for trace in labelled)
    assert lines.p is not None
    known = np.concatenate([np.reshape(trace.customdata, (-1, 10))[:, :-1] for trace in labelled])
    assert np.array_equal(known, lines.p[order])
    reached = np.concatenate([np.reshape(trace.meta, (-1, d)) for trace in labelled])
    assert np.array_equal(reached, lines.reached[order])
    (wrong,) = traces(figure, "wrong")
    assert np.allclose(wrong.y, lines.numerical[[1, 4], -1, -1])
    (rug,) = traces(figure, "rug")
    assert np.allclose(rug.x, lines.stops)
    assert not traces(figure, "stage")
    assert not len(traces(figure, "now")[0].x)


@pytest.mark.parametrize("d", [1, 2])
def test_steps_are_shown_with_the_slopes_evaluated(d: int) -> None:
    lines = lines_of(d, done=2)
    stages = [Stage(t, RNG.normal(size=(6, d)), RNG.normal(size=(6, d))) for t in (0.6, 0.45)]
    figure = validated(
        trajectory_figure(lines, np.zeros((3, d)), VIEWS[d], LABELS, Style(), stages)
    )
    drawn = [line for trace in traces(figure, "numerical") for line in polylines(trace)]
    assert all(len(x) == 3 for x, _ in drawn)
    assert not traces(figure, "wrong")
    assert np.allclose(traces(figure, "now")[0].x, [0.6, 0.3])
    for stage, trace in zip(stages, traces(figure, "stage"), strict=True):
        for (x, y), place, slope in zip(polylines(trace), stage.x, stage.velocity, strict=True):
            if d == 1:
                assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(slope[0])
                assert (x.mean(), y.mean()) == pytest.approx((stage.t, place[0]))
            else:
                # Towards the data, against the direction of time.
                way = np.array([x[1] - x[0], y[1] - y[0]])
                assert way @ slope == pytest.approx(-np.linalg.norm(way) * np.linalg.norm(slope))
                assert (x[0], y[0]) == pytest.approx(tuple(place))


@each_style
def test_a_chart_holds_every_measurement_and_lifts_the_chosen_solver(style: Style) -> None:
    nfe = np.array([2.0, 4.0, 8.0])
    curves = [Curve(name, name, nfe, RNG.uniform(1e-6, 1.0, 3), ["1"] * 3) for name in ORDER]
    curves[0] = Curve("euler", "euler", nfe, np.array([0.5, 1e-17, 0.0]), ["0.5", "0", "0"])
    labels = {"nfe": "NFE", "value": "error"}
    figure = validated(chart_figure(curves, "rk4", 1e-11, labels, style))
    by_name: dict[str, Any] = {trace.name: trace for trace in figure.data}  # pyright: ignore
    assert list(by_name) == [*(n for n in ORDER if n != "rk4"), "rk4"]  # the chosen one on top
    for curve in curves:
        trace = by_name[curve.name]
        assert np.allclose(trace.x, curve.nfe)
        assert np.allclose(trace.y, np.maximum(curve.value, 1e-11))
        assert trace.cliponaxis is False  # a mark on the frame is whole
    widths = {name: trace.line.width for name, trace in by_name.items()}
    assert widths["rk4"] > max(width for name, width in widths.items() if name != "rk4")
    assert figure.layout.yaxis.range[0] > -8  # pyright: ignore


def test_nothing_measured_is_still_a_chart() -> None:
    curves = [Curve("euler", "Euler", np.array([1.0]), np.array([0.0]), ["0"])]
    validated(chart_figure(curves, "euler", 1e-11, {"nfe": "NFE", "value": "e"}, Style()))


def rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])


@pytest.mark.parametrize("dark", [False, True])
def test_solvers_differ_in_colour_and_in_mark(dark: bool) -> None:
    looks = [curve_style(name, Style(dark=dark)) for name in SOLVERS]
    assert len({look["color"] for look in looks}) == len(SOLVERS)
    assert len({look["symbol"] for look in looks}) == len(SOLVERS)
    for one, other in combinations(looks, 2):
        rgb = [
            np.array([int(look["color"][k : k + 2], 16) for k in (1, 3, 5)])
            for look in (one, other)
        ]
        assert np.abs(rgb[0] - rgb[1]).sum() > 50
    dashed = {name for name, look in zip(SOLVERS, looks, strict=True) if look["dash"] != "solid"}
    assert dashed == {name for name, solver in SOLVERS.items() if solver.exponential}


def test_names_agree_everywhere() -> None:
    assert tuple(SOLVERS) == ORDER == get_args(Method) == tuple(FORMULAS)
    assert get_args(Scene.model_fields["solver_grid"].annotation) == tuple(GRIDS)
    most = max(solver.evaluations for solver in SOLVERS.values())
    assert len(set(stage_colours(Style()))) == len(set(stage_colours(Style(dark=True)))) == most
