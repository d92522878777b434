"""Exercises by link: the answers by other ways than the core's, and the pages that ask."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import numpy as np
import pytest
from scipy import integrate, stats

from flowviz.scene import Scene
from flowviz.scene import scene as scene_module
from flowviz.scene.exercise import CONTROLS
from flowviz.scene.labelling import EXAMPLE
from flowviz.scene.locked_answer import LockedAnswer
from flowviz.scene.settings import SHOWN, ExerciseSettings
from flowviz.text import ENTRIES, translator
from flowviz.ui.exercise import questions
from flowviz.ui.exercise.cover import drawing
from flowviz.ui.exercise.truth import PAGES, is_of_scene, question_of, truth
from flowviz.ui.first_picture.compute import still
from flowviz.ui.widgets import question
from tests.visitor import ROOT, Visitor

X0, W = np.array([0.5, 1.2, 1.7]), np.array([0.5, 0.25, 0.25])
PLANE = np.array([[1.2, 0.9], [-1.3, 0.7], [-0.4, -1.2], [1.1, -1.0]])
PLANE_W = np.array([0.4, 0.2, 0.2, 0.2])
GAUSSIAN = {"prior": "gaussian", "p.loc": "0", "p.scale": "1"}

FRAME = {"link", "present", "room-key"}
"""Components of every page, which draw nothing of its scene."""


def page_of(name: str) -> Path:
    return ROOT / "pages" / f"{name}.py"


def on_line(x: float, t: float) -> tuple[float, float]:
    """p_t and f_t of straight lines to the article's points from N(0, 1)."""
    p = W * stats.norm.pdf(x, (1 - t) * X0, t)
    return p.sum(), float((p * (x - X0)).sum() / p.sum() / t)


def in_plane(x: np.ndarray, t: float) -> tuple[float, np.ndarray]:
    """The same in the plane, for the page's own points."""
    p = PLANE_W * stats.norm.pdf(x, (1 - t) * PLANE, t).prod(1)
    return p.sum(), (p[:, None] * (x - PLANE)).sum(0) / p.sum() / t


def end_of(x1: np.ndarray) -> np.ndarray:
    """Where a sample of the plane ends: SciPy's integration, and the nearest point."""
    found = integrate.solve_ivp(
        lambda s, x: -in_plane(x, 1 - s)[1], (0, 1 - 1e-4), x1, rtol=1e-8, atol=1e-10
    )
    return PLANE[np.abs(PLANE - found.y[:, -1]).sum(1).argmin()]


def guided_share(scale: float) -> float:
    """Per cent of N(0, 1) that ends at 1: points −1, 0 and the class 1, 2 (MATH §5.4).

    On the line trajectories do not cross: a border is found by bisection, at which they go to 1
    above 0, and to 2 above it.
    """
    points = np.array([-1.0, 0.0, 1.0, 2.0])

    def velocity(s: float, x: np.ndarray) -> float:
        t = 1 - s
        p = stats.norm.pdf(x, (1 - t) * points, t)
        mean, of_class = (p * points).sum() / p.sum(), (p * points)[2:].sum() / p[2:].sum()
        return -(float(x[0]) - mean - scale * (of_class - mean)) / t

    def end(x1: float) -> float:
        return float(integrate.solve_ivp(velocity, (0, 0.99), [x1], rtol=1e-6).y[0, -1])

    def border(at: float) -> float:
        low, high = -6.0, 6.0
        while high - low > 3e-5:
            middle = 0.5 * (low + high)
            low, high = (middle, high) if end(middle) < at else (low, middle)
        return low

    return 100 * float(stats.norm.cdf(border(1.5)) - stats.norm.cdf(border(0.5)))


LINE_AT, PLANE_AT = (0.4, 0.9), (0.4, 0.3, -0.2)
EXPECTED: Mapping[tuple[str, str], tuple[float, ...]] = {
    ("fan", "border"): (float(stats.norm.ppf(0.5)),),
    ("fan", "share"): (50.0,),
    ("fan", "density"): (on_line(0.9, 0.4)[0],),
    ("fan", "velocity"): (on_line(0.9, 0.4)[1],),
    ("fan", "end"): (float(X0[np.searchsorted(np.cumsum(W), stats.norm.cdf(0.9))]),),
    ("plane", "share"): (40.0,),
    ("plane", "density"): (in_plane(np.array([0.3, -0.2]), 0.4)[0],),
    ("plane", "velocity"): tuple(in_plane(np.array([0.3, -0.2]), 0.4)[1]),
    ("plane", "end"): tuple(end_of(np.array([0.3, -0.2]))),
    ("guidance", "share"): (guided_share(1.5),),
    ("solvers", "nfe"): (2.0 * 6 - 1,),  # Heun's two, but one in the step that ends at t = 0
}


def scene_of(page: str, ask: str, **changes: Any) -> Scene:
    at = PLANE_AT if page == "plane" else LINE_AT
    own = {"guidance_scale": 1.5, **EXAMPLE} if page == "guidance" else {}
    return Scene(**{"ask": ask, "prior": "gaussian", "at": at} | own | changes)


def test_every_question_is_expected_on_each_of_its_pages() -> None:
    assert set(EXPECTED) == {(page, ask) for ask, pages in PAGES.items() for page in pages}


@pytest.mark.parametrize(("page", "ask"), EXPECTED)
def test_the_answer_is_that_of_an_independent_computation(page: str, ask: str) -> None:
    found = truth(page, scene_of(page, ask))
    near = 2e-3 if page == "guidance" else 1e-6  # of steps, as its own page says
    assert found == pytest.approx(EXPECTED[page, ask], abs=near)


@pytest.mark.parametrize(("page", "ask"), EXPECTED)
def test_a_page_asks_locks_and_then_shows(page: str, ask: str) -> None:
    lang = "zh" if list(EXPECTED).index((page, ask)) % 2 else "en"
    tr = translator(lang)
    scene = scene_of(page, ask, lang=lang, plane_particles=8, solver_lines=3)
    link = dict(parse_qsl(scene.query_string(page)))
    correct = EXPECTED[page, ask]
    said = ";".join(text for key, text in link.items() if key != "sum")
    assert all(f"{value:.4g}" not in said for value in correct if value > 12)
    visitor = Visitor(page_of(page), link)
    assert questions.text(page, scene, tr) in texts(visitor)
    assert not visitor.app.success
    assert shown(visitor) <= FRAME | {"exercise", "schedule"}  # α and σ are given
    for k, value in enumerate(correct, 1):
        visitor.app.number_input(key=f"flowviz.exercise.{k}").set_value(round(value, 3))
    [lock] = [one for one in visitor.app.button if one.label == tr("lesson.lock")]
    lock.click()
    visitor.run()
    [said] = visitor.app.success
    assert questions.why(page, correct, scene, tr) in said.value
    assert shown(visitor) > {"link", "take", page}
    again = Visitor(page_of(page), dict(parse_qsl(visitor.link)))
    assert again.app.success  # a reload keeps the answer
    again.app.button(key="exercise.again").click()
    again.run()
    assert not again.app.success


def texts(visitor: Visitor) -> list[str]:
    return [one.value for one in visitor.app.markdown]


def shown(visitor: Visitor) -> set[str]:
    """The components of the page that draw: before the answer none may show it."""
    return {str(found.key) for found in visitor.app.get("bidi_component")}


@pytest.mark.parametrize(("page", "ask"), [key for key in EXPECTED if key[0] in ("fan", "plane")])
def test_no_first_picture_shows_the_answer(page: str, ask: str) -> None:
    assert still(page, scene_of(page, ask)) is None
    answer = tuple(0.0 for _ in EXPECTED[page, ask])
    assert still(page, scene_of(page, ask, answer=answer)) is not None


def test_a_wrong_answer_gets_the_right_one_within_its_tolerance_alone() -> None:
    for answer, tol, right in ((0.4, 0.0, False), (0.4, 0.5, True), (0.04, 0.0, True)):
        scene = scene_of("fan", "border", answer=(answer,), tol=tol)
        visitor = Visitor(page_of("fan"), dict(parse_qsl(scene.query_string("fan"))))
        assert bool(visitor.app.success) == right
        assert bool(visitor.app.info) != right


def test_a_velocity_is_asked_for_in_the_reader_s_direction_of_time() -> None:
    scene = scene_of("fan", "velocity", convention="flow_matching")
    tr = translator("en", "flow_matching")
    assert "t = 0.6, x = 0.9" in questions.text("fan", scene, tr)
    drawn = drawing("fan", scene, tr)
    assert drawn.mark == LINE_AT
    assert (drawn.ticks[0.0], drawn.ticks[0.4]) == ("1", "0.6")
    visitor = Visitor(page_of("fan"), dict(parse_qsl(scene.query_string("fan"))))
    visitor.app.number_input(key="flowviz.exercise.1").set_value(-EXPECTED["fan", "velocity"][0])
    [lock] = [one for one in visitor.app.button if one.label == ENTRIES["lesson.lock"].en]
    lock.click()
    visitor.run()
    assert visitor.app.success
    locked = visitor.scene.answer
    assert locked
    assert locked.numbers == pytest.approx(EXPECTED["fan", "velocity"], abs=1e-3)


CHANGED: Mapping[str, dict[str, Any]] = {
    "fan": {"points": "0.5,1.2"},
    "plane": {"plane_points": "(1,1),(-1,-1)"},
    "solvers": {"solver_steps": 3},
    "guidance": {"guidance_scale": 3.0},
}


@pytest.mark.parametrize(("page", "ask"), EXPECTED)
def test_an_answer_is_judged_by_the_scene_that_it_was_locked_for(page: str, ask: str) -> None:
    """Another scene says so and judges nothing, though the numbers may be right by chance."""
    scene = scene_of(page, ask, plane_particles=8, solver_lines=3)
    answer = LockedAnswer(EXPECTED[page, ask], question_of(page, scene))
    before = scene.with_(answer=answer)
    for changed in (before, before.with_(lang="zh", present=False), before.with_(tol=1e5)):
        assert is_of_scene(answer, page, changed)
    visitor = Visitor(page_of(page), dict(parse_qsl(before.query_string(page))))
    assert visitor.app.success
    after = before.with_(tol=1e5, **CHANGED[page])
    visitor = Visitor(page_of(page), dict(parse_qsl(after.query_string(page))))
    stale = ENTRIES["exercise.stale"].en.partition("{")[0]
    assert [said for said in visitor.app.info if said.value.startswith(stale)]
    assert not visitor.app.success
    assert shown(visitor) > {"link", "take", page}  # the picture stays
    visitor.app.button(key="exercise.again").click()
    visitor.run()
    assert visitor.scene.answer is None
    assert visitor.app.number_input(key="flowviz.exercise.1")


@pytest.mark.parametrize(
    ("page", "query", "key"),
    [
        ("plane", {"ask": "end", "plane_prior": "disk", "at": "0.5,7,7"}, "exercise.none"),
        ("fan", {"ask": "nfe"}, "exercise.elsewhere"),
        ("plane", {"ask": "border"}, "exercise.elsewhere"),
        ("fan", {"ask": "border", "points": "1"}, "exercise.none"),
        ("fan", {"ask": "border", "points": "1,1"}, "exercise.none"),
        ("fan", {"ask": "end", "at": "0.5,7"}, "exercise.none"),
        ("fan", {"ask": "velocity", "at": "0.5,70"}, "exercise.none"),
    ],
)
def test_what_cannot_be_asked_gets_one_sentence(page: str, query: dict[str, str], key: str) -> None:
    visitor = Visitor(page_of(page), query)
    said = visitor.app.info[0]
    assert said.value.startswith(ENTRIES[key].en.partition("{")[0])
    assert not [one for one in visitor.app.number_input if "exercise" in (one.key or "")]


@pytest.mark.parametrize("answer", ["1,2,3", "nan", "1e9", "x", "1,,2", "12345678(1,2,3)", "12(1)"])
def test_a_forged_answer_counts_as_none(answer: str) -> None:
    scene, notices = Scene.read_query({"ask": "border", "answer": answer})
    assert scene.answer is None
    assert [notice.name for notice in notices] == ["answer"]


def test_a_link_names_of_an_exercise_what_it_sets() -> None:
    names = set(ExerciseSettings.model_fields)
    assert not names & Scene().to_query("fan").keys()
    assert names & Scene(hide=("prior",)).to_query("plane").keys() == {"hide"}


def test_an_answer_to_another_question_counts_as_none() -> None:
    visitor = Visitor(page_of("fan"), {"ask": "border", "answer": "1,2"})
    assert not visitor.app.success
    assert visitor.app.number_input(key="flowviz.exercise.1")


@pytest.mark.parametrize(
    ("page", "how", "control"), [*itertools.product(("fan", "plane"), ("hide", "lock"), CONTROLS)]
)
def test_a_control_is_hidden_or_frozen(page: str, how: str, control: str) -> None:
    visitor = Visitor(page_of(page), {how: control})
    space = "plane_" if page == "plane" else ""
    widgets = {
        "points": f"w.{space}points",
        "prior": f"w.{space}prior",
        "family": f"w.{space}family",
    }
    there = {one.key for one in (*visitor.app.selectbox, *visitor.app.text_area)}
    assert {name for name, key in widgets.items() if key in there} == CONTROLS.keys() - {control}
    heading = ENTRIES[f"fan.{control}"].en
    assert (f"## {heading}" in texts(visitor)) == (how == "lock")
    frozen = [one.value for one in visitor.app.caption]
    assert (ENTRIES["exercise.frozen"].en in frozen) == (how == "lock")


def test_nothing_changes_what_is_frozen() -> None:
    """Not from another place of the page either: this button takes another prior."""
    visitor = Visitor(page_of("solvers"), {"prior": "uniform", "lock": "prior", "lang": "en"})
    visitor.app.button(key="w.solvers.edges").click()
    visitor.run()
    assert visitor.scene.prior == "uniform"
    assert visitor.complaints == [
        ENTRIES["error.exercise.frozen"].en.format(control=ENTRIES["exercise.control.prior"].en)
    ]


def test_the_editor_builds_the_link_that_was_chosen() -> None:
    visitor = Visitor(page_of("fan"), {"prior": "gaussian", "lang": "en", "probe": "0.4,0.9"})
    visitor.app.session_state["exercise.edit"] = True
    visitor.run()
    visitor.app.selectbox(key="exercise.ask.fan").set_value("density")
    visitor.app.multiselect(key="exercise.hide").set_value(["prior"])
    visitor.app.multiselect(key="exercise.lock").set_value(["points"])
    visitor.run()
    [link] = visitor.app.get("link_button")
    made = Scene.read_query(parse_qs(urlsplit(link.proto.url).query))
    want = scene_of("fan", "density", probe=LINE_AT, tol=0.05)
    assert made == (want.with_(hide=("prior",), lock=("points",)), [])
    assert visitor.scene.ask == "none"  # the page stays as it is
    asked = Visitor(page_of("fan"), dict(parse_qsl(urlsplit(link.proto.url).query)))
    assert not [one for one in asked.app.expander if one.label == ENTRIES["exercise.edit"].en]


def test_an_exercise_that_no_link_holds_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    visitor = Visitor(page_of("fan"), {"lang": "zh"})
    longest = max(len(visitor.scene.query_string(page)) for page in SHOWN)
    monkeypatch.setattr(scene_module, "LINK_LIMIT", 0)
    monkeypatch.setattr(scene_module, "MAX_LINK", longest + 20)
    visitor.app.session_state["exercise.edit"] = True
    visitor.run()
    assert visitor.app.get("link_button")
    monkeypatch.setattr(scene_module, "MAX_LINK", longest)
    visitor.run()
    [said] = visitor.complaints
    assert said.startswith(ENTRIES["error.link.long"].zh.partition("{")[0])
    assert not visitor.app.get("link_button")


def put(visitor: Visitor, message: dict[str, Any]) -> None:
    """What the figure sends, with another number each time."""
    visitor.app.session_state["exercise"] = {"edit": message | {"rev": id(message)}}
    visitor.run()


def test_a_place_that_is_put_fills_its_field_and_no_forged_one_does() -> None:
    scene = scene_of("plane", "end")
    form = questions.form("plane", scene, translator("en"))
    marks = question.places(form, translator("en"))
    assert marks
    assert [(mark["k"], mark["axis"]) for mark in marks["marks"]] == [(1, "x"), (2, "y")]
    visitor = Visitor(page_of("plane"), dict(parse_qsl(scene.query_string("plane"))))
    key = "flowviz.exercise.2"
    for forged in (
        {}, {"form": "lesson.1", "k": 2, "value": 0.5}, {"form": "exercise", "k": 3, "value": 0.5},
        {"form": "exercise", "k": True, "value": 0.5}, {"form": "exercise", "k": 2, "value": True},
        {"form": "exercise", "k": 2, "value": float("nan")},
        {"form": "exercise", "k": 2, "value": 1e7}, {"form": "exercise", "k": 2, "value": "0.5"},
    ):  # fmt: skip
        put(visitor, forged)
        assert visitor.app.number_input(key=key).value is None, forged
    put(visitor, {"form": "exercise", "k": 2, "value": 0.5})
    assert visitor.app.number_input(key=key).value == 0.5
    assert visitor.app.number_input(key="flowviz.exercise.1").value is None
