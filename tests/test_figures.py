"""Figures show the arrays they are given, and nothing else."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from flowviz.core.schedules import SCHEDULES
from flowviz.figures.fan import GUTTER, Fan, Heat, arrow_polyline, fan_figure, marker_sizes
from flowviz.figures.panels import balance_figure, schedule_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.ui.fan import compute
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.keys import flow_key
from tests.test_pages import LINE_PRIORS

STYLES = [Style(dark, large) for dark in (False, True) for large in (False, True)]
LABELS = {"t": "t", "x": "x", "density": "p", "slice": "here"}
each_style = pytest.mark.parametrize("style", STYLES, ids=str)


def figure_of(scene: Scene, style: Style = STYLES[0], **changes: Any) -> go.Figure:
    """The Fan page's figure."""
    colours = style.basins if scene.color == "basin" else style.spectrum
    weights = np.asarray(scene.points.w)
    parts: dict[str, Any] = {
        "heat": compute.density(scene, compute.QUICK, lambda _: None),
        "fan": compute.fan(scene, len(colours)),
        "colours": colours,
        "arrows": compute.arrows(scene) if scene.arrows else None,
        "points": (np.asarray(scene.points.x), weights / weights.sum()),
        "prior": compute.prior_curve(scene),
        "view": axis_range(flow_key(scene, "line")),
        "labels": LABELS,
        "style": style,
    }
    return fan_figure(**(parts | changes))


def traces(figure: go.Figure, name: str) -> list[Any]:
    return [trace for trace in figure.data if trace.name == name]  # pyright: ignore


def polylines(trace: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    """The lines of a NaN-separated trace; their x is never missing."""
    x, y = np.asarray(trace.x), np.asarray(trace.y)
    (ends,) = np.nonzero(np.isnan(y) | np.isnan(x))
    starts = np.concatenate([[0], ends[:-1] + 1])
    assert ends[-1] == len(y) - 1
    return [(x[a:b], y[a:b]) for a, b in zip(starts, ends, strict=True)]


def validated(figure: go.Figure) -> go.Figure:
    """The figure as Plotly's own validators build it; an unknown or wrong property raises."""
    data = [part.to_plotly_json() for part in figure.data]  # pyright: ignore
    return go.Figure({"data": data, "layout": figure.layout.to_plotly_json()})  # pyright: ignore


FANS = st.tuples(st.integers(1, 30), st.integers(2, 9), st.integers(1, 12)).flatmap(
    lambda n: st.tuples(
        arrays.arrays(np.float64, n[:2], elements=st.floats(-1e3, 1e3)),
        arrays.arrays(np.int64, n[0], elements=st.integers(0, 2 * n[2])),
        st.just(n[2]),
    )
)


@settings(deadline=None)
@given(FANS)
def test_a_fan_holds_exactly_its_trajectories_each_in_its_groups_colour(
    drawn: tuple[np.ndarray, np.ndarray, int],
) -> None:
    x, group, n_colours = drawn
    t = np.linspace(0, 1, x.shape[1])
    colours = [f"#0000{i:02x}" for i in range(n_colours)]
    figure = figure_of(Scene(), fan=Fan(t, x, group), colours=colours)
    fans = traces(figure, "fan")
    assert len({trace.line.color for trace in fans}) == len(fans)
    seen = []
    for trace in fans:
        members = np.nonzero(group % n_colours == colours.index(trace.line.color))[0]
        lines = polylines(trace)
        assert len(lines) == len(members)
        for (line_t, line_x), member in zip(lines, members, strict=True):
            assert np.array_equal(line_t, t)
            assert np.array_equal(line_x, x[member])
        seen.extend(members)
    assert sorted(seen) == list(range(len(x)))


def test_a_trajectory_has_the_colour_of_the_point_it_reaches() -> None:
    figure = figure_of(Scene())
    (points,) = traces(figure, "points")
    colour_at = dict(zip(np.asarray(points.y).tolist(), points.marker.color, strict=True))
    for trace in traces(figure, "fan"):
        for t, x in polylines(trace):
            assert t[0] == 0
            assert colour_at[min(colour_at, key=lambda at: abs(at - x[0]))] == trace.line.color
            assert min(abs(at - x[0]) for at in colour_at) < 1e-9


def test_colours_by_start_follow_the_start_in_equal_groups() -> None:
    style = Style()
    figure = figure_of(Scene(color="x1", trajectories=48), style)
    starts = {
        trace.line.color: [x[-1] for _, x in polylines(trace)] for trace in traces(figure, "fan")
    }
    in_order = [starts[colour] for colour in style.spectrum]
    assert [len(group) for group in in_order] == [4] * 12
    assert all(max(below) < min(above) for below, above in pairwise(in_order))


def test_the_heatmap_holds_the_density_and_is_blank_where_nothing_flows() -> None:
    scene = Scene()
    (heat,) = traces(figure_of(scene), "heat")
    x, t, p = (np.asarray(v) for v in (heat.y, heat.x, heat.z))
    field = scene.field()
    for j in (40, 159):
        half = np.array([-0.4999999, 0.0, 0.4999999]) * (x[1] - x[0])
        places = torch.from_numpy((x[:, None] + half).reshape(-1, 1))
        within = field.log_prob(places, torch.tensor(t[j])).exp().numpy().reshape(-1, 3)
        assert np.array_equal(np.isnan(p[:, j]), (within == 0).all(1))
        flat = np.ptp(within, axis=1) < 1e-9  # a cell over an edge has the mean of both sides
        assert flat.sum() > 0.9 * len(x)
        assert np.allclose(np.nan_to_num(p[flat, j]), within[flat, 1], rtol=1e-10)
    assert np.isnan(p).any()
    assert not np.any(p == 0)


def test_beside_the_data_the_heatmap_shows_every_point_with_its_weight() -> None:
    """There a point's density is narrower than a cell: values in the middles would miss some."""
    scene = Scene()
    (heat,) = traces(figure_of(scene), "heat")
    x, p = np.asarray(heat.y), np.nan_to_num(np.asarray(heat.z)[:, 0])
    mass = p * (x[1] - x[0])
    points, weights = np.asarray(scene.points.x), np.asarray(scene.points.w)
    for at, weight in zip(points, weights / weights.sum(), strict=True):
        assert mass[abs(x - at) < 0.05].sum() == pytest.approx(weight, abs=1e-9)


def test_the_colour_scale_ends_at_the_plane_and_not_at_the_peak_by_the_data() -> None:
    t = (np.arange(400) + 0.5) / 400
    x = np.linspace(-1, 1, 400)
    p = np.where(np.abs(x)[:, None] < t, 0.5 / t, np.nan)
    ceiling = Heat(t, x, p).ceiling
    assert 0.02 * np.nanmax(p) < ceiling < 0.2 * np.nanmax(p)
    positive = p[p > 0]
    assert ceiling == pytest.approx(np.quantile(positive, 0.985), rel=0.25)
    assert float(f"{ceiling:.1e}") == ceiling  # a round number, which stands still in a drag
    assert Heat(t, x, np.full_like(p, np.nan)).ceiling == 1.0
    assert Heat(t, x, np.zeros_like(p)).ceiling == 1.0
    axis = figure_of(Scene(), heat=Heat(t, x, p)).layout.coloraxis  # pyright: ignore
    assert (axis.cmin, axis.cmax) == (0, ceiling)


ARROWS = st.integers(1, 30).flatmap(
    lambda n: st.tuples(
        arrays.arrays(np.float64, n, elements=st.floats(0, 1)),
        arrays.arrays(np.float64, n, elements=st.floats(-10, 10)),
        arrays.arrays(np.float64, n, elements=st.floats(-50, 50) | st.just(float("nan"))),
        st.floats(0.1, 20),
    )
)


@settings(deadline=None)
@given(ARROWS)
def test_an_arrow_stands_on_its_foot_with_the_slope_of_the_velocity(drawn: Any) -> None:
    t, x, velocity, aspect = drawn
    length = 0.02
    path_t, path_x = arrow_polyline(t, x, velocity, aspect=aspect, length=length)
    known = np.isfinite(velocity)
    shapes = np.stack([path_t, path_x], axis=1).reshape(-1, 6, 2)
    assert len(shapes) == known.sum()
    for shape, foot_t, foot_x, f in zip(shapes, t[known], x[known], velocity[known], strict=True):
        tail, tip, left, again, right, gap = shape
        assert np.isnan(gap).all()
        assert np.array_equal(tip, again)
        assert (tail + tip) / 2 == pytest.approx([foot_t, foot_x], abs=1e-9)
        run, rise = tip - tail
        assert run > 0
        assert rise / run == pytest.approx(f, rel=1e-6, abs=1e-6)
        assert np.hypot(run, rise / aspect) == pytest.approx(length)
        for barb in (left, right):
            assert np.hypot(barb[0] - tip[0], (barb[1] - tip[1]) / aspect) < length / 2
            assert np.dot((barb - tip) / [1, aspect], (tip - tail) / [1, aspect]) < 0


def test_arrows_of_the_page_are_the_fields_velocity_towards_the_data() -> None:
    scene = Scene(arrows=True)
    (arrows,) = traces(figure_of(scene), "arrows")
    field = scene.field()
    path = np.stack([arrows.x, arrows.y], axis=1).reshape(-1, 6, 2)
    tail, tip = path[:, 0], path[:, 1]
    for middle, way in zip(((tail + tip) / 2)[::7], (tip - tail)[::7], strict=True):
        f = field(torch.tensor([[middle[1]]], dtype=torch.float64), torch.tensor(middle[0]))
        assert way[0] < 0
        assert way[1] / way[0] == pytest.approx(float(f), rel=1e-6, abs=1e-9)


def test_a_handles_area_is_proportional_to_its_weight_above_a_minimum() -> None:
    sizes = marker_sizes(np.array([0.5, 0.25, 0.25]), Style())
    assert sizes[0] ** 2 == pytest.approx(2 * sizes[1] ** 2)
    tiny = marker_sizes(np.array([1 - 1e-6, 1e-6]), Style())
    assert tiny.min() == pytest.approx(tiny.max() / 3)
    assert marker_sizes(np.full(2_000, 1 / 2_000), Style()).max() < tiny.max()
    assert marker_sizes(np.ones(1), Style(large=True)) > marker_sizes(np.ones(1), Style())


@pytest.mark.parametrize("shown", [(True, True), (False, True), (True, False), (False, False)])
def test_hidden_layers_are_still_sent_for_the_slice_and_the_particles(
    shown: tuple[bool, bool],
) -> None:
    figure = figure_of(Scene(), show=shown)
    assert [trace.opacity for trace in traces(figure, "heat")] == [shown[0]]
    assert {trace.visible for trace in traces(figure, "fan")} == {shown[1]}
    assert np.asarray(traces(figure, "heat")[0].z).size
    assert figure.layout.coloraxis.showscale is shown[0]  # pyright: ignore


def test_the_plane_runs_from_the_gutter_to_the_prior_and_shows_all_data() -> None:
    figure = figure_of(Scene(points="-7, 12*3", prior="gaussian"))  # pyright: ignore
    layout: Any = figure.layout
    assert tuple(layout.xaxis.range) == (-GUTTER, 1)
    low, high = layout.yaxis.range
    assert low < -7 < 12 < high
    (prior,) = traces(figure, "prior")
    assert (prior.xaxis, layout.xaxis2.range[0]) == ("x2", 0)
    assert layout.xaxis2.range[1] >= np.max(prior.x)


@each_style
@pytest.mark.parametrize("prior", LINE_PRIORS)
def test_the_fan_of_every_prior_is_a_valid_figure(prior: str, style: Style) -> None:
    figure = validated(figure_of(Scene(prior=prior, arrows=True), style))
    layout: Any = figure.layout
    assert layout.font.size == style.font_size
    assert layout.plot_bgcolor == style.ground
    assert {trace.line.width for trace in traces(figure, "fan")} == {style.line}


@each_style
@pytest.mark.parametrize("name", SCHEDULES)
def test_the_figures_of_every_schedule_are_valid(name: str, style: Style) -> None:
    t = torch.linspace(0, 1, 101, dtype=torch.float64)
    alpha, sigma = SCHEDULES[name]()(t)
    curves = validated(schedule_figure(t.numpy(), alpha.numpy(), sigma.numpy(), style))
    assert [trace.name for trace in curves.data] == ["α", "σ"]  # pyright: ignore
    assert np.array_equal(np.asarray(traces(curves, "σ")[0].y), sigma.numpy())
    validated(figure_of(Scene(schedule=name, color="x1"), style))


@each_style
def test_the_balance_hangs_each_weight_at_its_velocity(style: Style) -> None:
    velocity, posterior = np.array([-1.0, 0.5, 2.0]), np.array([0.2, 0.5, 0.3])
    marginal = float(velocity @ posterior)
    index = np.array([4, 0, 9])
    figure = validated(
        balance_figure(
            velocity, posterior, marginal, index, {"values": "f", "posterior": "r"}, style
        )
    )
    (weights,) = traces(figure, "weights")
    assert np.array_equal(np.asarray(weights.x), velocity)
    assert np.array_equal(np.asarray(weights.y), posterior)
    assert list(weights.marker.color) == [style.basins[i] for i in (4, 0, 1)]
    assert traces(figure, "marginal")[0].x[0] == marginal
    stems = polylines(traces(figure, "stems")[0])
    assert [(x.tolist(), y.tolist()) for x, y in stems] == [
        ([v, v], [0, r]) for v, r in zip(velocity, posterior, strict=True)
    ]
    low, high = figure.layout.xaxis.range  # pyright: ignore
    assert low < velocity.min() <= velocity.max() < high


@pytest.mark.parametrize("velocity", [[0.0], [1e-12, 1e-12], [3.0, 3.0], [-1e8, 1e8]])
def test_the_balance_of_equal_velocities_still_has_a_beam(velocity: list[float]) -> None:
    v = np.array(velocity)
    labels = {"values": "f", "posterior": "r"}
    figure = balance_figure(
        v, np.full(len(v), 1 / len(v)), v.mean(), np.arange(len(v)), labels, Style()
    )
    low, high = validated(figure).layout.xaxis.range  # pyright: ignore
    assert low < v.min() <= v.max() < high


def test_validation_would_notice_a_wrong_property() -> None:
    figure = figure_of(Scene())
    broken = figure.to_plotly_json()
    broken["data"][0]["zsmoth"] = False
    with pytest.raises(ValueError, match="zsmoth"):
        go.Figure(broken)
