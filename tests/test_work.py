"""Whatever a page accepts ends within its budget, and gives way on the way there.

What is judged counts its own work; the judge counts otherwise: every element of every result of a
torch function, whoever calls it, and a constant for each call.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch

from flowviz.core.field import MarginalField
from flowviz.core.greens.characteristics import characteristic
from flowviz.core.numerics.work import CALL, BudgetSpent, at_work, give_way, spend, within
from flowviz.core.paths import PATHS
from flowviz.core.priors import PLANE_PRIORS, PRIORS
from flowviz.core.solvers import convergence
from flowviz.core.transport import trajectories
from flowviz.scene import Scene
from flowviz.scene.formula_examples import EXAMPLES
from flowviz.scene.parameters import PLANE_FAMILY, PLANE_PRIOR
from flowviz.scene.points import PlanePoints, Points
from flowviz.text import LANGUAGES, Language, translator
from flowviz.ui.fan import compute as fan
from flowviz.ui.green import compute as green
from flowviz.ui.green import superposition
from flowviz.ui.learn import compute as learn
from flowviz.ui.plane import basins, checks, compute
from flowviz.ui.session.cache import RESULTS
from flowviz.ui.solvers import compute as solvers
from tests.elements import MOST, Elements
from tests.visitor import ROOT, Visitor


def hostile(n: int, seed: int = 0) -> PlanePoints:
    draw = random.Random(seed)
    return PlanePoints.of([(draw.gauss(0, 2), draw.gauss(0, 2), 1.0) for _ in range(n)])


def families() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every family of the plane at both ends of its sliders, and the typed examples."""
    for name in PLANE_FAMILY.classes():
        specs = {key: spec for key, spec in PLANE_FAMILY.specs(name).items() if not spec.role}
        if name == "formula":
            for example, typed in EXAMPLES["plane"].items():
                yield f"formula-{example}", {"plane_family": name, "plane_formula": typed}
        elif not specs:
            yield name, {"plane_family": name}
        else:
            for end in ("low", "high"):
                params = {key: getattr(spec, end) for key, spec in specs.items()}
                yield f"{name}-{end}", {"plane_family": name, "plane_family_params": params}


FAMILIES = dict(families())
SOON = MOST // 4
"""So small a budget is spent in less than `MOST`: a report must come sooner."""


def field_of(scene: Scene) -> tuple[MarginalField, torch.Tensor]:
    return scene.field("plane"), compute.starting_positions(scene, 2000)


def followed(scene: Scene, budget: float) -> tuple[int, Elements]:
    """How many trajectories come of a budget, and what was formed for them."""
    field, x1 = field_of(scene)
    times = torch.linspace(0.0, 1.0, 9, dtype=torch.float64)
    with Elements() as count:
        found = trajectories(field, x1, times, 1e-5, progress=count.report, budget=budget)
        count.report(1.0)
    assert len(found.x) == len(found.basin) == len(found.error)
    return len(found.x), count


@pytest.mark.parametrize("prior", sorted(PLANE_PRIOR.classes()))
@pytest.mark.parametrize("family", ["affine", "per_axis-high", "detour-high", "formula-tanh"])
def test_every_prior_keeps_to_its_budget_and_gives_way(prior: str, family: str) -> None:
    scene = Scene(
        plane_points=hostile(200), plane_particles=2000, plane_prior=prior, **FAMILIES[family]
    )
    budget = 2_000_000
    count, elements = followed(scene, budget)
    assert count < 2000
    assert elements.longest <= SOON
    assert elements.total <= 100 * budget


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_family_keeps_to_its_budget_and_gives_way(family: str) -> None:
    scene = Scene(
        plane_points=hostile(200), plane_particles=2000, plane_prior="gaussian", **FAMILIES[family]
    )
    budget = 2_000_000
    count, elements = followed(scene, budget)
    assert count < 2000
    assert elements.longest <= SOON
    assert elements.total <= 100 * budget


BY_FAMILY = {"affine": [*PRIORS, *PLANE_PRIORS], "parabola": ["gaussian", "laplace", "uniform"]}


@pytest.mark.parametrize(("family", "prior"), [(f, p) for f in BY_FAMILY for p in BY_FAMILY[f]])
def test_a_budget_costs_trajectories_and_no_accuracy(family: str, prior: str) -> None:
    """What a budget leaves is what comes without one, from the first starts on."""
    draw = torch.Generator().manual_seed(3)
    x0 = torch.randn(300, 2, generator=draw, dtype=torch.float64)[:5]
    p1 = {**PRIORS, **PLANE_PRIORS}[prior]()
    field = MarginalField(x0, torch.ones(5), p1, PATHS[family]())
    x1, times = p1.sample(20_000, 2, draw), torch.tensor([0.0, 0.1, 0.5], dtype=torch.float64)
    with at_work() as work:
        few = trajectories(field, x1[:8], times, 1e-5)
    found = trajectories(field, x1, times, 1e-5, budget=4 * work.spent)
    count = min(8, len(found.x))
    assert count >= 1
    assert len(found.x) < 20_000
    assert torch.equal(found.basin[:count], few.basin[:count])
    gap = (found.x[:count] - few.x[:count]).abs().amax(-1)
    assert (gap <= 1e-8 + 10.0 * few.error[:count]).all()  # an infinite error claims nothing


def test_work_reports_at_least_every_quantum_and_stops_at_its_limit() -> None:
    reports: list[float] = []
    with at_work(reports.append) as work:
        for _ in range(100):
            spend(100_000)
        work.advance(0.5)
    assert 9 <= len(reports) <= 12
    assert reports[-1] == 0.5
    with pytest.raises(BudgetSpent) as caught, at_work(limit=1e6) as outer, at_work():
        spend(1_100_000)
    assert caught.value.work is outer
    spend(10)  # nobody counts
    give_way()
    with at_work() as work:
        spend(1)
    assert work.spent == CALL


def test_whoever_began_the_outer_work_hears_of_the_inner_one_once() -> None:
    """Also where the inner one's report tells nobody."""
    outer_reports: list[float] = []
    with at_work(outer_reports.append), at_work(lambda done: None):
        spend(5_000_000)
    assert outer_reports == [0.0]
    with at_work(outer_reports.append) as outer, at_work(lambda done: outer.advance(0.5)):
        spend(5_000_000)
    assert outer_reports == [0.0, 0.5]


def test_what_may_be_left_unfinished_just_ends() -> None:
    done = 0
    with within(10 * CALL) as work:
        while True:
            spend(1)
            done += 1
    assert done == 10
    assert work.spent == 11 * CALL
    with pytest.raises(BudgetSpent), at_work(limit=CALL), within(10 * CALL):
        spend(2 * CALL)


def test_characteristics_keep_to_their_budget_and_stay_the_same() -> None:
    """The same scene has the same picture: what is counted is work, and no time."""
    path, prior = PATHS["squeeze"](), PRIORS["gaussian"]()
    x, x0 = torch.linspace(-2.0, 2.0, 9, dtype=torch.float64)[:, None], torch.zeros(1, 1).double()
    with at_work() as work:
        whole = characteristic(path, prior, x, x0, 0.3)
    assert whole.error.isfinite().all()
    with at_work() as half:
        one = characteristic(path, prior, x, x0, 0.3, budget=0.5 * work.spent)
    other = characteristic(path, prior, x, x0, 0.3, budget=0.5 * work.spent)
    assert half.spent <= 0.9 * work.spent
    assert torch.equal(one.error, other.error)
    none = characteristic(path, prior, x, x0, 0.3, budget=0.0)
    assert none.error.isinf().all()


@pytest.mark.parametrize("family", ["squeeze", "formula"])
def test_green_draws_the_frames_that_its_budget_allows(
    family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = green.point_key(Scene(space="plane", plane_family=family))
    assert green._affordable(scene) == green._affordable(scene)
    assert green._affordable(green.point_key(Scene(space="plane"))) == green.FRAMES
    monkeypatch.setattr(green, "_BUDGET", 0.0)
    assert green._affordable(scene) == green.COARSER[-1]


def test_superposed_flows_of_distant_points_give_way_show_progress_and_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The trajectories from far corners take more steps than the budget allows."""
    RESULTS.clear()
    monkeypatch.setattr(superposition, "_BUDGET", 4e6)
    points = PlanePoints.parse("(-1000000, 1000000), (1000000, -1000000)")
    scene = Scene(space="plane", plane_points=points)
    seen: list[float] = []
    with Elements() as count:

        def report(done: float) -> None:
            seen.append(done)
            count.report(done)

        found = superposition.compared_flows(scene, report)
        count.report(1.0)
    assert found is None
    assert len(seen) > 10
    assert all(b > a - 1e-6 for a, b in itertools.pairwise(seen))
    assert count.longest <= MOST
    RESULTS.clear()


@pytest.mark.parametrize("space", ["line", "plane"])
def test_references_show_their_progress(space: Any) -> None:
    points = Points(tuple(i * 0.2 for i in range(-10, 10)), (1.0,) * 20)
    scene = Scene(space=space, family="squeeze", plane_family="wave", points=points)
    RESULTS.clear()
    setup, method = solvers.setup_of(scene), solvers.method_of(scene)
    for compute_it in (
        lambda report: learn.exact(learn.exact_key(scene), progress=report),
        lambda report: solvers.picture(setup, method, 20, progress=report),
        lambda report: solvers.result(setup, method, progress=report),
        lambda report: solvers.chart(setup, 0.3).more(report),
    ):
        seen: list[float] = []
        compute_it(seen.append)
        assert len(set(seen)) > 2
        assert seen == sorted(seen)
    RESULTS.clear()


MANY_POINTS = Points(tuple(i * 0.02 for i in range(-100, 100)), (1.0,) * 200)


@pytest.mark.parametrize("page", ["solvers", "learn"])
def test_pages_say_how_many_trajectories_of_the_line_they_show(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(family="parabola", solver_lines=60, points=MANY_POINTS)
    setup, key = solvers.setup_of(scene), learn.exact_key(scene)

    def followed() -> tuple[torch.Tensor, torch.Tensor]:
        """Starts and the trajectories from them."""
        RESULTS.clear()
        if page == "learn":
            found = learn.exact(key)
            return learn.stage(key).x1[found.followed], torch.from_numpy(found.x)
        exact, index = solvers._exact(setup.flow, 60)
        return solvers.starts(setup.field, 60)[index], exact.x

    with at_work() as work:
        asked = len(followed()[0])
    for part in (0.3, 0.1, 0.03, 0.01):
        monkeypatch.setattr(convergence, "BUDGET", part * work.spent)
        monkeypatch.setattr(learn, "BUDGET", part * work.spent)
        starts, x = followed()
        if len(x) < asked:
            break
    assert 1 < len(x) < asked
    assert torch.equal(x[:, -1], starts)
    assert (starts.diff(dim=0) > 0).all()
    visitor = Visitor(ROOT / "pages" / f"{page}.py", scene.to_query(page))
    visitor.run()
    captions = [caption.value for caption in visitor.app.caption]
    assert translator("en")("flow.followed", n=len(x), count=asked) in captions
    RESULTS.clear()


def test_a_quadrature_that_costs_too_much_has_fewer_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    field = Scene(family="squeeze").field("line")
    with at_work() as work:
        whole = convergence.evaluation_set(field, 400, 0.3)
    monkeypatch.setattr(convergence, "BUDGET", 0.5 * work.spent)
    few = convergence.evaluation_set(field, 400, 0.3)
    assert 0 < len(few.x1) < len(whole.x1)
    for particles in (whole, few):
        mass = torch.zeros(field.n).double().index_add_(0, particles.basin, particles.weight)
        assert torch.allclose(mass, field.weights, rtol=0.0, atol=1.0 / len(particles.x1))


@pytest.mark.parametrize("prior", ["gaussian", "ring", "uniform", "exponential"])
def test_the_checks_give_way(prior: str) -> None:
    """Also while they compute what has no progress of its own."""
    scene = Scene(plane_points=hostile(40), plane_prior=prior, plane_particles=20)
    compute.trajectories(scene, compute.FULL)
    with Elements() as count:
        checks.check(scene, count.report)
        count.report(1.0)
    assert count.longest <= MOST


@pytest.mark.parametrize("lang", sorted(LANGUAGES))
def test_the_plane_says_how_many_particles_it_followed(
    lang: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(plane_points=hostile(30, seed=4), plane_particles=2000, lang=lang)
    monkeypatch.setattr(compute, "FULL", replace(compute.FULL, budget=8_000_000))
    count = len(compute.trajectories(scene, compute.FULL).x)
    assert 0 < count < 2000
    visitor = Visitor(ROOT / "pages" / "plane.py", scene.to_query("plane"))
    captions = [caption.value for caption in visitor.app.caption]
    assert translator(lang)("flow.followed", n=count, count=2000) in captions


def test_what_the_budget_of_the_checks_does_not_allow_is_grey(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compute, "CHECKED", 1e4)
    query = {"plane_points": "(1, 0.52), (-1, 0.01)", "plane_particles": "9"}
    visitor = Visitor(ROOT / "pages" / "plane.py", query)
    lines = [element.value for element in visitor.app.markdown]
    assert sum(line.startswith(":gray[") for line in lines) == 2
    assert not any(":red[" in line or "∞" in line for line in lines)
    assert translator("en")("plane.basins.none") in [
        caption.value for caption in visitor.app.caption
    ]


def test_the_plane_says_nothing_where_all_were_followed() -> None:
    visitor = Visitor(ROOT / "pages" / "plane.py")
    assert not any("300" in caption.value for caption in visitor.app.caption)


@pytest.mark.parametrize("lang", sorted(LANGUAGES))
def test_the_fan_says_how_many_trajectories_it_shows(
    lang: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene = Scene(family="parabola", trajectories=201, lang=lang)
    monkeypatch.setattr(fan, "BUDGET", 700_000)
    RESULTS.clear()
    shown = fan.trajectories(scene)
    count = len(shown.x)
    assert 10 < count < 201
    starts = shown.x[:, -1, 0]
    assert (starts.diff() > 0).all()
    assert torch.equal(fan.starts_followed(scene, count)[:, 0], starts)
    assert starts.diff().max() < 4.0 * starts.diff().median()  # spread evenly
    visitor = Visitor(ROOT / "pages" / "fan.py", scene.to_query())
    captions = [caption.value for caption in visitor.app.caption]
    assert translator(lang)("flow.followed", n=count, count=201) in captions
    RESULTS.clear()


def test_the_line_gives_way_and_keeps_to_its_budget() -> None:
    points = Points(tuple(i * 0.01 for i in range(-300, 300)), (1.0,) * 600)
    scene = Scene(points=points, family="parabola", trajectories=400)
    with Elements() as count:
        shown = fan.trajectories(scene, progress=count.report)
        fan.check(scene, count.report)
        count.report(1.0)
    assert len(shown.x) <= 400
    assert count.longest <= MOST


@pytest.mark.parametrize("page", ["plane", "solvers", "learn"])
def test_a_page_lives_where_no_trajectory_is_affordable(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compute, "FULL", replace(compute.FULL, budget=0))
    monkeypatch.setattr(compute, "CHECKED", 0)
    monkeypatch.setattr(convergence, "BUDGET", 0)
    monkeypatch.setattr(learn, "BUDGET", 0)
    RESULTS.clear()
    scene = Scene(space="plane", plane_points=hostile(7, seed=9))
    if page == "learn":
        learn.exact(learn.exact_key(scene))
    visitor = Visitor(ROOT / "pages" / f"{page}.py", scene.to_query(page))
    visitor.run()
    asked = {"plane": 300, "solvers": scene.solver_lines, "learn": learn.STARTS["plane"]}[page]
    captions = [caption.value for caption in visitor.app.caption]
    if page != "learn":  # without a training run no flow is shown
        assert translator("en")("flow.followed", n=0, count=asked) in captions
    RESULTS.clear()


def test_the_plane_says_how_much_of_the_basin_map_it_computed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(basins, "_BUDGET", 10_000_000)
    monkeypatch.setattr(basins, "_REFINED", 0)
    scene = Scene(plane_points=hostile(40, seed=6), plane_views=("density", "basins"))
    basins.codes(scene)
    known, cells = basins.coloured(scene)
    assert 0 < known < cells
    visitor = Visitor(ROOT / "pages" / "plane.py", scene.to_query("plane"))
    captions = [caption.value for caption in visitor.app.caption]
    assert translator("en")("plane.basins.coloured", n=known, count=cells) in captions
