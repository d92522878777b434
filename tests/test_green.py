"""The Green page's numbers, figures and formulas agree with the family."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

from flowviz.core.formula import FormulaError, parse
from flowviz.core.greens.characteristics import characteristic
from flowviz.figures import green as figures
from flowviz.figures import superposition as more
from flowviz.figures.fan import Heat
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.formula import Typed
from flowviz.scene.formula_examples import EXAMPLES
from flowviz.scene.parameters import FAMILY, PLANE_FAMILY
from flowviz.ui.green import checks, compute, superposition
from flowviz.ui.widgets.formula_tex import family_tex, tex, typed_tex

FOLD = Scene(family="formula", formula=EXAMPLES["line"]["fold"])
SCENES = {
    "line": Scene(),
    "line, Gaussian": Scene(prior="gaussian", family="squeeze", green_x0=1.5),
    "line, typed": Scene(family="formula", formula=EXAMPLES["line"]["cubic"]),
    "plane": Scene(space="plane", plane_family="swirl"),
    "plane, typed": Scene(
        space="plane", plane_family="formula", plane_formula=EXAMPLES["plane"]["shear"]
    ),
}
each_scene = pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
STYLES = [Style(), Style(dark=True, large=True)]


def quiet(done: float) -> None:
    assert 0.0 <= done <= 1.0


@each_scene
def test_the_steps_of_the_derivation_agree_at_the_query_point(scene: Scene) -> None:
    at = compute.derivation(compute.query_key(scene))
    jacobian, rate = np.array(at.jacobian), np.array(at.rate)
    assert np.allclose(np.linalg.solve(jacobian, -rate), at.velocity, rtol=1e-9)
    assert at.determinant == pytest.approx(np.linalg.det(jacobian), rel=1e-9)
    assert at.density == pytest.approx(at.prior * abs(at.determinant), rel=1e-9)
    way = checks.query_characteristic(compute.query_key(scene))
    assert way is not None
    assert way.x[0, -1].tolist() == pytest.approx(at.x1, abs=1e-8)
    assert at.prior * np.exp(float(way.divergence_integral[0, -1])) == pytest.approx(
        at.density, rel=1e-8
    )
    assert float(way.divergence[0, 0]) == pytest.approx(at.divergence, rel=1e-8)


@each_scene
def test_the_trajectory_through_the_query_point_passes_it_and_the_view_has_the_data(
    scene: Scene,
) -> None:
    own, (x, t) = compute.query_trajectory(compute.query_key(scene)), compute.query_point(scene)
    for j in range(x.shape[1]):
        close = np.interp(t, own.t, own.x[0, :, j])
        assert close == pytest.approx(float(x[0, j]), abs=0.01)
    members = compute.family_trajectories(compute.point_key(scene, "green_lines"))
    assert members.x.shape == (25, compute.NODES, x.shape[1])
    x0 = compute.single_point_flow(scene).x0[0].numpy()
    assert np.allclose(members.x[:, 0], x0, atol=1e-12)
    shown = compute.picture_range(compute.point_key(scene))
    (low_x, high_x), (low_y, high_y) = shown[:2], shown[-2:]
    assert low_x < x0[0] < high_x
    if scene.space == "plane":
        assert low_y < x0[1] < high_y
        assert high_x - low_x == pytest.approx(high_y - low_y)


@each_scene
def test_both_methods_give_the_density_and_continuity_holds(scene: Scene) -> None:
    found = checks.curves(scene, quiet)
    assert found.lost == 0
    assert found.gap < 1e-8
    assert np.nanmax(found.changed) > 0.01
    left = checks.residual(compute.point_key(scene, "green_t"))
    assert left.check.ok
    assert np.nanmax(left.size) < 1e-9
    assert np.isfinite(left.size).mean() > 0.1


def test_the_heat_holds_all_the_probability() -> None:
    heat = compute.heat(SCENES["line, Gaussian"], quiet)
    mass = np.nansum(heat.p, axis=0) * (heat.x[1] - heat.x[0])
    assert np.allclose(mass[heat.t > 0.1], 1.0, atol=0.01)
    frames = compute.frames(SCENES["plane"], quiet)
    cell = (frames.axes[0][1] - frames.axes[0][0]) ** 2
    assert np.nansum(frames.p[len(frames.t) // 2]) * cell == pytest.approx(1.0, abs=0.02)


def test_a_fold_is_found_drawn_and_followed_by_nothing() -> None:
    """ψ = (1-t)x₀ + t x₁ + 2t(1-t) sin 3x₁ turns over where 1 + 6(1-t) cos 3x₁ = 0."""
    flow = compute.point_key(FOLD)
    found = checks.validity(flow)
    assert found is not None
    assert not found["invertible"].ok
    t, x = checks.caustic(flow).T
    assert t.max() == pytest.approx(5 / 6, abs=0.01)
    for sign in (1, -1):  # the fold's two edges, at x₁ = (π ± arccos(1/(6(1-t))))/3
        x1 = (np.pi + sign * np.arccos(np.clip(1 / (6 * (1 - t)), -1, 1))) / 3
        edge = (1 - t) * 0.5 + t * x1 + 2 * t * (1 - t) * np.sin(3 * x1)
        near = np.abs(edge - x) < 0.02
        assert near.mean() > 0.3
    assert not checks.is_valid(FOLD)
    assert checks.query_characteristic(compute.query_key(FOLD)) is None
    assert not np.nan_to_num(checks.curves(FOLD, quiet).followed).any()
    assert superposition.compared_flows(FOLD) is None
    # Bent little, it has no fold: 1 + 3a(1-t) cos 3x₁ > 0 for a < 1/3.
    assert superposition.compared_flows(FOLD.with_(green_bend=0.2)) is not None
    grown = superposition.strength_sweep(FOLD, quiet)
    assert np.isfinite(grown.length[0])
    assert np.isnan(grown.length[-1])


def test_a_valid_family_has_no_caustic() -> None:
    assert checks.caustic(compute.point_key(Scene())).shape == (0, 2)


def test_the_slider_changes_the_scenes_family_and_0_is_straight() -> None:
    scene = Scene(family="wave", green_bend=0.0)
    assert superposition.strength_of(scene).name == "height"
    assert superposition.strength_of(scene).high == 2.0
    assert superposition.strength_of(Scene()).family == "parabola"
    assert superposition.strength_of(SCENES["plane"]).name == "turns"
    assert superposition.strength_of(FOLD).name == "a"
    found = superposition.compared_flows(scene)
    assert found is not None
    assert found.more.length == pytest.approx(1.0, abs=1e-6)
    assert found.more.turning == pytest.approx(1.0, abs=1e-6)
    assert np.allclose(found.bent, found.straight, atol=1e-9)
    grown = superposition.strength_sweep(scene, quiet)
    assert grown.length[0] == pytest.approx(1.0, abs=1e-6)
    assert (np.diff(grown.length) > 0).all()


def test_many_points_do_not_change_what_one_point_is() -> None:
    one, other = Scene(), Scene(points="0.1, 0.2, 0.3", trajectories=9, time=0.1, large=True)  # pyright: ignore[reportArgumentType]
    assert compute.point_key(one) == compute.point_key(other)
    assert compute.query_key(one) != compute.query_key(one.with_(green_x=0.95))


# -------------------------------------------------------------------------------- figures

LABELS = defaultdict(lambda: "word")
VIEW = (-1.0, 2.0, -1.5, 1.5)
T = np.linspace(0.0, 1.0, 7)


def lines(d: int, *, bad: bool) -> figures.Lines:
    x = np.random.default_rng(0).normal(size=(3, 7, d))
    worst = np.full(1 + d, 0.5) if bad else None
    p = None if bad else np.abs(x[..., 0])
    return figures.Lines(x[0, 0], T, x, p, x[0], np.full((4 * bad, 1 + d), 0.3), worst)


def drawn(style: Style) -> dict[str, Any]:
    """Every figure of the page."""
    x, up = np.linspace(-1, 2, 9), np.linspace(-1, 1, 5)
    p = np.abs(np.random.default_rng(1).normal(size=(5, 9)))
    p[0, 0] = np.nan
    place = {d: (np.array([0.4, 0.5, 0.2][: 1 + d]), np.array([1.0, -2.0][:d])) for d in (1, 2)}
    nowhere = (place[1][0], np.array([np.nan]))
    tracks = np.random.default_rng(2).normal(size=(4, 7, 2))
    return {
        "line": figures.lines_figure(lines(1, bad=False), place[1], VIEW, LABELS, style),
        "fold": figures.lines_figure(lines(1, bad=True), nowhere, VIEW, LABELS, style),
        "plane": figures.lines_figure(lines(2, bad=True), place[2], VIEW, LABELS, style),
        "way": figures.divergence_figure(T, T, T**2, LABELS, style),
        "curves": figures.curves_figure(x, p[1], p[1] + 1e-16, 0.5, LABELS, style),
        "no curves": figures.curves_figure(x, x * np.nan, x * np.nan, 0.5, LABELS, style),
        "heat": figures.heat_figure(Heat(x, up, p), VIEW, LABELS, style),
        "residual": figures.residual_figure(x, up, p * 0.0, LABELS, style, over_time=True),
        "boxes": more.box_figure(T + 0.1, [(1, T + 1, T + 1), (16, T + 2, T + 2)], LABELS, style),
        "superposition": more.marginal_flows_figure(
            T,
            tracks[..., :1],
            2 * tracks[..., :1],
            (T[:4, None], T[:4, None]),
            (tracks[..., 0], tracks[..., 1]),
            LABELS,
            style,
        ),
        "superposition, plane": more.marginal_flows_figure(
            T,
            tracks,
            2 * tracks,
            (tracks[:, 0], tracks[:, 0]),
            (tracks[..., 0], tracks[..., 1]),
            LABELS,
            style,
        ),
        "growth": more.growth_figure(T, T, T * np.nan, 0.5, LABELS, style),
    }


@pytest.mark.parametrize("style", STYLES)
def test_every_figure_is_one_that_plotly_knows(style: Style) -> None:
    for name, figure in drawn(style).items():
        go.Figure(figure.to_dict(), skip_invalid=False)
        height = figure["layout"]["height"]
        assert 200 < height < 800, name


def test_the_arrow_has_the_velocitys_direction_and_violations_are_marked() -> None:
    figure = drawn(Style())
    shown: dict[str, Any] = {trace["name"]: trace for trace in figure["plane"]["data"]}
    foot, tip = (np.array([shown["arrows"].x[k], shown["arrows"].y[k]]) for k in (0, 1))
    assert foot.tolist() == [0.5, 0.2]
    way = (tip - foot) / np.hypot(*(tip - foot))
    assert way == pytest.approx(np.array([-1.0, 2.0]) / np.sqrt(5))  # -f, as generation goes
    assert len(shown["caustic"].x) == 4
    assert LABELS["caustic"] in shown["caustic"].hovertemplate
    assert shown["worst"].x.tolist() == [0.5]
    fine = {trace["name"] for trace in figure["line"]["data"]}
    assert not {"caustic", "worst"} & fine


# -------------------------------------------------------------------------------- formulas


@pytest.mark.parametrize("space", ["line", "plane"])
def test_every_family_has_its_equation(space: str) -> None:
    registry, prefix = {"line": (FAMILY, ""), "plane": (PLANE_FAMILY, "plane_")}[space]
    seen = set()
    for name in registry.classes():
        scene = Scene(**{f"{prefix}family": name}, space=space)  # pyright: ignore[reportArgumentType]
        seen.add(family_tex(scene, scene.space))
    assert len(seen) >= len(registry.classes()) - 1  # a formula starts as straight lines
    assert not any("psi" in body for body in seen)


def test_an_equation_holds_the_visitors_numbers() -> None:
    scene = Scene(family="wave", family_params={"height": 0.25, "halves": 4})  # pyright: ignore[reportArgumentType]
    assert r"0.25\,\sin(4\pi t)" in family_tex(scene, "line")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(1-t)*x0 + t*x1", r"\left(1 - t\right)\,x_0 + t\,x_1"),
        ("x0 - (t - 1)", r"x_0 - \left(t - 1\right)"),
        ("(x1/t)^3", r"\left(\frac{x_1}{t}\right)^{3}"),
        ("x1**t", "x_1^{t}"),
        ("-x0*2", r"\left(-x_0\right)\cdot 2"),
        ("sqrt(abs(x0))", r"\sqrt{\left|x_0\right|}"),
        ("atan2(t, pi)*x0", r"\operatorname{atan2}\left(t,\, \pi\right)\,x_0"),
        ("x0[1]*[t, 1]", r"x_0^{(2)}\,\left(t,\; 1\right)"),
        ("rot(t)*x1*norm(x0)", r"R\left(t\right)\,x_1\,\left\|x_0\right\|"),
        ("1e-6*x1", r"1\cdot 10^{-6}\,x_1"),
    ],
)
def test_a_tree_is_set_as_it_binds(text: str, expected: str) -> None:
    assert tex(parse(text, "forward").tree) == expected


def test_a_long_sum_is_broken_between_its_terms() -> None:
    long = Typed("forward", "(1-t)*x0 + t*x1 + a*t*(1-t)*sin(3*x1) - a*t*(1-t)*cos(3*x1)")
    body = typed_tex(long)
    assert body.count(r"\\") == 2
    assert body.count("{") == body.count("}")
    assert re.findall(r"\\\\ ([+-])", body) == ["+", "-"]
    assert typed_tex(replace(long, text="t*x1")) == r"x_t = t\,x_1"
    assert typed_tex(Typed("mean", "x0", "t^2")) == r"x_t = x_0 + t^{2}\,x_1"


def test_what_is_no_formula_is_never_set() -> None:
    with pytest.raises(FormulaError):
        typed_tex(Typed("forward", r"\href{javascript:alert(1)}{x}"))


WINDING = Scene(
    space="plane",
    plane_family="formula",
    plane_formula=Typed(
        "forward", "x0 + t*rot(b*(1-t)*norm(x1-x0)^2)*(x1-x0)", letters=(("b", 1.5),)
    ),
)


def test_a_characteristic_without_budget_knows_nothing() -> None:
    it = compute.single_point_flow(WINDING)
    x = it.x0 + torch.tensor([[0.2, 0.1], [0.4, 0.0]], dtype=torch.float64)
    found = characteristic(it.path, it.prior, x, it.x0, 0.5, budget=0.0)
    assert bool(found.error.isinf().all())
    assert bool(found.log_p.isnan().all())


def test_what_takes_too_long_to_follow_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(superposition, "_BUDGET", 1)
    scene = WINDING.with_(green_bend=0.731)  # nobody else asks for this one
    assert superposition.compared_flows(scene) is None
    assert np.isnan(superposition.strength_sweep(scene, lambda _: None).length).all()


def test_costly_cells_are_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = compute.point_key(Scene(space="plane", plane_family="swirl"))
    assert compute._affordable(flow) == compute.FRAMES
    monkeypatch.setattr(compute, "_BUDGET", 0.0)
    assert compute._affordable(flow) == compute.COARSER[-1]
