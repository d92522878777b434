"""The Solvers page: its widgets, its steps, its results, each computed once."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from flowviz.core.solvers import SOLVERS
from flowviz.core.solvers.convergence import FLOOR, MAX_SLOPE_ERROR
from flowviz.core.training.network import VelocityNet
from flowviz.core.transport import trajectories
from flowviz.scene import Scene
from flowviz.scene.parameters import PLANE_PRIOR
from flowviz.text import translator
from flowviz.text.numbers import number, percent
from flowviz.ui.session import state
from flowviz.ui.session.cache import RESULTS
from flowviz.ui.solvers import compute
from flowviz.ui.solvers import learned as solvers_learned
from flowviz.ui.solvers import likelihood as solvers_likelihood
from flowviz.ui.solvers import measures as solvers_measures
from flowviz.ui.solvers import view as solvers_view
from tests.block_reader import inner, read
from tests.numerals import value_of
from tests.visitor import ROOT, Visitor

PAGE = ROOT / "pages" / "solvers.py"
SAY = translator("en")
COUNTS = compute.COUNTS
FEW = {"prior": "gaussian", "p.loc": "0", "p.scale": "1", "points": "-1,0.5*2,1.2"}


class Walker(Visitor):
    """A visitor of the Solvers page."""

    def __init__(self, **query: str) -> None:
        super().__init__(PAGE, FEW | query)

    def drawn(self, name: str) -> list[dict[str, Any]]:
        """The picture's traces of that name."""
        figure = read(inner(self.component("solvers").bytes, "figure"))
        return [trace for trace in figure["data"] if trace["name"] == name]

    def press(self, name: str) -> None:
        """Press a button."""
        self.widget(f"solvers.{name}").click()
        self.run()

    @property
    def stops(self) -> int:
        """How often a drawn walk has stopped, its start included."""
        line = self.drawn("numerical")[0]["y"]
        return int(np.flatnonzero(np.isnan(line))[0])

    def text(self) -> str:
        """All Markdown of the page."""
        return "\n".join(str(element.value) for element in self.app.markdown)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer particles and steps: the tests ask what is shown, not how exactly it is measured."""
    monkeypatch.setattr(compute, "COUNTS", (2, 4, 8))
    monkeypatch.setattr(compute, "evaluation_size", lambda setup: 200)
    monkeypatch.setattr(solvers_likelihood, "DRAWS", 20)
    monkeypatch.setattr(solvers_measures, "_AT_ONCE_S", 60.0)


@pytest.fixture
def one_answer(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The likelihood of every solver at one step count, which other tests must not find."""
    monkeypatch.setattr(solvers_likelihood, "STEP_COUNTS", (4,))
    monkeypatch.setattr(solvers_likelihood, "TOLERANCES", (1e-2,))
    yield
    RESULTS.clear()


@pytest.mark.parametrize("name", SOLVERS)
def test_every_solver_is_shown_with_its_cost(name: str) -> None:
    walker = Walker(solver_method=name, solver_steps="4")
    solver = SOLVERS[name]
    cost = int(walker.app.metric[0].value)
    assert not walker.complaints
    if solver.adaptive:
        assert (cost - 1) % 6 == 0
        assert "w.solver_grid" not in {getattr(e, "key", None) for e in walker.elements()}
    else:
        assert cost == solver.cost(4)
        assert walker.stops == 5
    assert f"## {SAY(f'solver.{name}')}" in walker.text()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("solver_method", "rk4"),
        ("solver_steps", 3),
        ("solver_grid", "karras"),
        ("solver_lines", 5),
        ("solver_measure", "wrong"),
        ("solver_measure", "way"),
        ("space", "plane"),
    ],
)
def test_a_setting_and_its_widget_are_one(field: str, value: Any) -> None:
    walker = Walker()
    before = walker.scene
    walker.set(field, value)
    assert walker.scene == before.with_(**{field: value})
    assert not walker.complaints


def test_a_grid_shows_the_settings_it_reads() -> None:
    walker = Walker(solver_grid="karras")
    walker.set("solver_rho", 2.0)
    walker.set("solver_last", 0.05)
    assert (walker.scene.solver_rho, walker.scene.solver_last) == (2.0, 0.05)
    rug = walker.drawn("rug")[0]["x"]
    assert rug[-2] == pytest.approx(0.05)
    walker.set("solver_method", "dopri5")
    walker.set("solver_digits", 4)
    assert walker.drawn("rug")[0]["x"][-2] == pytest.approx(0.05)


def test_a_button_goes_step_by_step_and_shows_the_slopes() -> None:
    walker = Walker(solver_method="rk4", solver_steps="3")
    assert (walker.stops, walker.drawn("stage")) == (4, [])
    for step, looks in ((1, 4), (2, 4), (3, 1)):  # the last to t = 0 is Euler's
        walker.press("next")
        assert (walker.scene.solver_step, walker.stops) == (step, step + 1)
        assert len(walker.drawn("stage")) == looks
        assert int(walker.app.metric[0].value) == sum((4, 4, 1)[:step])
        assert len(walker.app.metric) == (2 if step < 3 else 4)
        assert SAY("solvers.now", k=step, n=3, t="", to="")[:9] in walker.text()
    walker.press("next")
    assert walker.scene.solver_step == 1
    walker.press("back")
    assert (walker.scene.solver_step, walker.drawn("stage")) == (0, [])
    walker.press("next")
    walker.press("all")
    assert (walker.scene.solver_step, walker.stops) == (0, 4)


def test_a_link_may_name_more_steps_than_there_are() -> None:
    walker = Walker(solver_step="60", solver_steps="2")
    assert walker.stops == 3
    assert not walker.complaints


def cells(walker: Walker, first: str) -> dict[str, list[str]]:
    """The rows of the table whose head begins so."""
    (table,) = [m.value for m in walker.app.markdown if m.value.startswith(f"| {first}")]
    rows = [[c.strip(" *") for c in row.strip("|").split("|")] for row in table.split("\n")[2:]]
    return {row[0]: row[1:] for row in rows}


@pytest.mark.parametrize(("measure", "lines"), [("way", 3), ("error", 1)])  # so few judges
def test_the_table_of_slopes_is_the_charts(
    measure: str, lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compute, "COUNTS", COUNTS)
    walker = Walker(solver_grid="karras", solver_measure=measure, points="-1,0.5*2,1.25")
    head = f"{SAY('solvers.table.solver')} | {SAY('solvers.table.cost')}"
    rows = cells(walker, head)
    assert len(rows) == len(SOLVERS)
    chart = read(inner(walker.component("solvers.chart").bytes, "figure"))["data"]
    slopes = 0
    for name in ("euler", "dpm2", "rk4"):
        word = SAY(f"solver.{name}.short")
        (curve,) = [trace for trace in chart if trace["name"] == word]
        seen = curve["y"] > 1.01 * FLOOR
        x, y = (np.log(curve[axis][seen][-4:]) for axis in ("x", "y"))
        fit, spread = np.polyfit(x, y, 1, cov=True)
        if math.sqrt(spread[0, 0]) > MAX_SLOPE_ERROR:
            assert rows[word][2] == "—"
        else:
            slopes += 1
            assert float(rows[word][2]) == pytest.approx(-fit[0], abs=0.02)
        assert int(rows[word][1]) == SOLVERS[name].order
        late = curve["x"][curve["y"] >= 0.01].max(initial=0.0)
        good = curve["x"][curve["x"] > late]
        assert rows[word][3] == (f"{good.min():g}" if good.size else "—")
    assert slopes == lines


def test_fractions_are_shown_in_percent() -> None:
    for measure, head in (("w2", "solvers.table.best"), ("wrong", "solvers.table.best.wrong")):
        walker = Walker(solver_measure=measure)
        (table,) = [
            text for text in walker.text().split("\n") if SAY("solvers.table.slope") in text
        ]
        assert SAY(head) in table


def test_euler_and_ddim_are_reported_equal_only_on_straight_lines() -> None:
    def same(**query: str) -> bool:
        return SAY("solvers.chart.same") in [c.value for c in Walker(**query).app.caption]

    assert same()
    assert not same(schedule="cosine")


@pytest.mark.usefixtures("one_answer")
def test_a_likelihood_with_more_evaluations_is_explained() -> None:
    def helps(method: str) -> list[str]:
        walker = Walker(solver_method=method, solver_steps="6", probe="0.4,0.3")
        return [m.help for m in walker.app.markdown if "log p = " in m.value]

    assert helps("heun") == [SAY("solvers.likelihood.more", nfe=12, above=11)]
    assert helps("ddim") == [""]


@pytest.mark.usefixtures("one_answer")
def test_jumps_are_explained_before_the_table() -> None:
    def said(prior: str) -> list[str]:
        article = Visitor(PAGE, {"prior": prior, "probe": "0.5,1"})
        return [element.value for element in article.app.markdown]

    words = said("uniform")
    steps = SAY("solvers.likelihood.steps", n=4)
    (table,) = [k for k, text in enumerate(words) if text.startswith("|") and steps in text]
    assert words.index(SAY("solvers.likelihood.edges")) < table
    assert SAY("solvers.likelihood.edges") not in said("laplace")  # a kink is no jump


@pytest.mark.parametrize(
    "query",
    [{"probe": "0.4,0.3"}, {"space": "plane", "plane_probe": "0.4,0.3,0.2"}],
    ids=["line", "plane"],
)
def test_every_solvers_likelihood_is_shown_with_the_exact_one(query) -> None:
    walker = Walker(**query)
    head = f"{SAY('solvers.table.solver')} | {SAY('solvers.likelihood.steps', n=4)}"
    rows = cells(walker, head)
    assert len(rows) == len(SOLVERS) + 1
    scene = walker.scene
    place = solvers_likelihood.query_point(scene)
    assert place
    at = torch.tensor([place[1:]], dtype=torch.float64)
    exact = float(scene.field(scene.space).log_prob(at, place[0]))
    read_off = [value_of(cell.split()[0].strip("*")) for cell in rows["exact"]]
    assert read_off == pytest.approx([exact] * 3, abs=6e-4)
    best = rows[SAY("solver.rk4.short")][2]
    log_p, mass = re.fullmatch(r"(\S+) \((\S+)\)", best).groups()  # type: ignore[union-attr]
    assert value_of(log_p) == pytest.approx(exact, abs=2e-3)
    assert float(mass) == pytest.approx(1.0, abs=0.011)


def test_the_page_reports_zero_density() -> None:
    walker = Walker(prior="uniform", probe="0.5,50")
    assert [info.value for info in walker.app.info] == [SAY("solvers.likelihood.nowhere")]


def test_jumps_and_other_families_are_explained() -> None:
    def captions(**query: str) -> list[str]:
        return [caption.value for caption in Visitor(PAGE, query).app.caption]

    article = captions(prior="uniform")
    assert SAY("solvers.edges") in article
    assert any(re.match(r"[\d.]+% of the particles were", text) for text in article)
    smooth = captions(**FEW)
    assert SAY("solvers.edges") not in smooth
    assert not any("of the particles were" in text for text in smooth)
    assert SAY("solvers.others") not in smooth
    assert SAY("solvers.others") in captions(family="parabola", **FEW)


@pytest.mark.parametrize("space", ["line", "plane"])
def test_the_advice_to_take_a_gaussian_prior_is_a_button(space: str) -> None:
    walker = Walker(prior="uniform", plane_prior="disk", space=space)
    walker.press("edges")
    scene = walker.scene
    assert (scene.prior, scene.plane_prior) == (
        ("gaussian", "disk") if space == "line" else ("uniform", "gaussian")
    )
    field = "prior" if space == "line" else "plane_prior"
    assert walker.widget(field).value == "gaussian"
    assert not any(button.key == "w.solvers.edges" for button in walker.app.button)


@pytest.mark.usefixtures("one_answer")
@pytest.mark.parametrize(
    ("query", "lang"),
    [
        ({"prior": "uniform", "family": "squeeze"}, "en"),
        ({"prior": "triangular", "family": "affine"}, "zh"),
        ({"prior": "arcsine", "family": "parabola"}, "en"),
        ({"space": "plane", "plane_prior": "disk", "plane_probe": "0.4,0.3,0.1"}, "zh"),
    ],
    ids=str,
)
def test_particles_beyond_the_prior_are_numbers_on_the_page(
    query: dict[str, str], lang: str
) -> None:
    """In the facts, in the chart's table and step by step; and nothing is NaN."""
    tr = translator(lang)
    given = {"solver_method": "euler", "solver_steps": "8", "solver_step": "3"}
    given["solver_lines"] = "6"
    visitor = Visitor(PAGE, {"probe": "0.4,0.3", "lang": lang} | given | query)
    assert not visitor.complaints
    setup, method = compute.setup_of(visitor.scene), compute.method_of(visitor.scene)
    found = compute.result(setup, method)
    assert found.outside > 0
    share, looks = (percent(v, 2) for v in (found.outside, found.outside_evaluations))
    captions = [caption.value for caption in visitor.app.caption]
    assert tr("solvers.outside", fraction=share, evaluations=looks) in captions
    texts = [str(element.value) for element in visitor.app.markdown]
    most = max(s.outside for s in compute.chart(setup, 0.0).found if s.solver == "euler")
    said = f"{tr('solver.euler.short')} {percent(most, 2)}"
    assert any(said in text for text in captions)
    shown = compute.picture(setup, method, visitor.scene.solver_lines)
    (look,) = shown.solution.evaluations[2]
    steps = " ".join(str(e.proto.body) for e in visitor.app.get("html"))
    assert f"{int(look.outside.sum())} / {len(look.x)}" in steps
    assert tr("solvers.stage.outside") in steps
    everything = " ".join([*captions, *texts, *(m.value for m in visitor.app.metric)]).lower()
    assert not re.search(r"\bnan\b|\binf\b", everything)


@pytest.mark.usefixtures("one_answer")
@pytest.mark.parametrize("prior", PLANE_PRIOR.classes())
def test_every_prior_of_the_plane_is_solved(prior: str) -> None:
    walker = Walker(space="plane", plane_prior=prior, plane_probe="0.5,0.2,0.1", solver_lines="4")
    assert not walker.complaints
    assert np.isfinite(walker.drawn("numerical")[0]["x"][0])


def test_a_click_sets_the_query_point(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}
    monkeypatch.setattr(state, "change", lambda field, **changes: asked.update(changes))
    asks = {"line": {"probe": (0.2, 0.5)}, "plane": {"plane_probe": (0.3, 0.2, 0.5)}}
    for scene in (Scene(space="line"), Scene(space="plane")):
        probe = asks[scene.space]
        monkeypatch.setattr(state, "current", lambda scene=scene: scene)
        asked.clear()
        solvers_view._apply_message({"op": "query", "at": [0.2, 0.5]})
        assert asked == probe
        asked.clear()
        for bad in ({}, {"op": "query"}, {"op": "query", "at": [1]}, {"op": "query", "at": "ab"}):
            solvers_view._apply_message(bad)
        assert not asked


def test_a_change_of_style_solves_nothing_again(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(prior="gaussian", points="0.11,0.93")  # pyright: ignore
    setup = compute.setup_of(scene)
    for change in ({"time": 0.2}, {"lang": "zh"}, {"trajectories": 5}, {"solver_step": 2}):
        assert compute.setup_of(scene.with_(**change)) == setup
    for change in ({"solver_rho": 3.0}, {"solver_last": 0.1}):  # unused by the uniform grid
        assert compute.setup_of(scene.with_(**change)) == setup
    karras = scene.with_(solver_grid="karras")
    assert compute.setup_of(karras) != setup
    assert compute.setup_of(karras.with_(solver_rho=3.0)) != compute.setup_of(karras)
    chart, done = compute.chart(setup, 0.0), [0.0]
    while chart.more():
        done.append(chart.done)
    assert done == sorted(done)
    assert done[-1] == pytest.approx(0.99)
    assert (chart.done, chart.more()) == (1.0, False)
    assert compute.chart(setup, 0.0) is chart
    assert compute.chart(setup, 0.2) is not chart


def test_an_unfinished_chart_is_continued_by_the_next_visitor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A chart that takes long: each run of it shows a little more, and the last is whole."""
    monkeypatch.setattr(solvers_measures, "_AT_ONCE_S", 0.0)
    monkeypatch.setattr(solvers_measures, "_SLICE_S", 1e-9)
    monkeypatch.setattr(solvers_measures, "_PAUSE_S", 1000.0)
    walker = Walker(points="-0.7,0.41,0.93", solver_grid="log")
    few = compute.chart(compute.setup_of(walker.scene), 0.0)
    assert 0 < len(few.found) < 9
    assert few.done < 1.0
    shown = read(inner(walker.component("solvers.chart").bytes, "figure"))["data"]
    assert sum(len(trace["x"]) for trace in shown) == len(few.found)
    while few.more():
        pass
    walker.run()
    shown = read(inner(walker.component("solvers.chart").bytes, "figure"))["data"]
    assert {trace["name"] for trace in shown} == {SAY(f"solver.{name}.short") for name in SOLVERS}
    assert not walker.complaints


def test_a_trained_network_is_offered_and_solved(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(prior="gaussian", points="-1,1")  # pyright: ignore
    net = VelocityNet(scene.field(), width=8, depth=1)

    def known(of: Scene) -> solvers_learned.Network:
        return solvers_learned.Network(of, net)

    monkeypatch.setattr(compute, "network", known)
    exact = compute.setup_of(scene)
    learned = compute.setup_of(scene.with_(solver_flow="learned"))
    assert learned != exact
    method = compute.method_of(scene)
    gap = compute.result(learned, method).error - compute.result(exact, method).error
    assert gap > 0.01  # it has learned nothing yet
    answer = solvers_likelihood.log_prob(learned, compute.Method("rk4", 8, 1.0), (0.5, 0.2))
    assert np.isfinite([answer.log_p, answer.mass]).all()
    walker = Walker(solver_flow="learned")
    assert walker.scene.solver_flow == "learned"
    assert SAY("solvers.chart.learned") in [c.value for c in walker.app.caption]
    walker.set("solver_flow", "exact")
    assert SAY("solvers.chart.learned") not in [c.value for c in walker.app.caption]
    assert not walker.complaints


def test_the_figures_labels_are_in_the_language() -> None:
    walker = Walker(lang="zh")
    words = read(walker.component("solvers").bytes)["texts"]
    assert words["picture"].startswith("求解器")
    assert words["hint"] == translator("zh")("solvers.hint")


def test_the_numbers_beside_a_step_are_those_of_the_steps_so_far() -> None:
    """Euler's first step from x₁ goes to x₁ + (t₁ − 1) f₁(x₁): its error, by hand."""
    walker = Walker(solver_method="euler", solver_steps="6")
    walker.press("next")
    scene = walker.scene
    field = scene.field("line")
    setup, method = compute.setup_of(scene), compute.method_of(scene)
    t = compute.picture(setup, method, scene.solver_lines).solution.t
    x1 = compute.starts(field, scene.solver_lines)
    exact = trajectories(field, x1, [1.0, t[1]]).x
    one = torch.ones(len(x1), dtype=x1.dtype)
    step = x1 + (t[1] - 1.0) * field(x1, one)
    error = (step - exact[:, 1]).norm(dim=-1).mean()
    labels = [metric.label for metric in walker.app.metric]
    assert labels == [SAY("solvers.cost"), SAY("solvers.error.at", t=f"{t[1]:.4g}")]
    assert walker.app.metric[1].value == number(float(error))
