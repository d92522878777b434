"""The lesson's answers by other ways than the core's, and the page that asks for them."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from itertools import pairwise
from urllib.parse import parse_qs, parse_qsl

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from flowviz.figures.lesson import lesson_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.lesson_answers import EXIT, LessonAnswers
from flowviz.text import ENTRIES, Refusal, translator
from flowviz.ui.lesson import pictures, truth
from flowviz.ui.lesson.steps import STEPS, Choice, is_right, number_in_part, part_of
from flowviz.ui.session.state import key
from tests.visitor import ROOT, Visitor

PAGE = ROOT / "pages" / "lesson.py"

X0, W = np.array([0.5, 1.2, 1.7]), np.array([0.5, 0.25, 0.25])
Array = NDArray[np.floating]


def densities(x: Array, t: float, prior: Callable[[Array], Array]) -> Array:
    """p_t(x|x₀) of the straight lines, as in the article's own program: (Q,) -> (Q, 3)."""
    return prior((x[:, None] - X0) / t + X0) / t


def uniform(x: Array) -> Array:
    return np.where((x >= 0) & (x <= 2), 0.5, 0.0)


def velocity(x: Array, t: float) -> Array:
    r = W * densities(x, t, uniform)
    return ((x[:, None] - X0) / t * r).sum(1) / r.sum(1)


def cosine_velocity(x: Array, t: float) -> Array:
    alpha, sigma = math.cos(math.pi * t / 2), math.sin(math.pi * t / 2)
    x1 = (x[:, None] - alpha * X0) / sigma
    r = W * uniform(x1)
    return math.pi / 2 * ((alpha * x1 - sigma * X0) * r).sum(1) / r.sum(1)


def end_of(x: Array, rate: Callable[[Array, float], Array] = velocity, t: float = 1.0) -> Array:
    """The data points that trajectories approach, by 4,000 midpoint steps of the same ratio."""
    for t0, t1 in pairwise(np.geomspace(t, 2e-3, 4_001)):
        middle = x + 0.5 * (t1 - t0) * rate(x, t0)
        x = x + (t1 - t0) * rate(middle, 0.5 * (t0 + t1))
    return X0[np.abs(x[:, None] - X0).argmin(1)]


def loss_floor() -> float:
    """∫∫ p_t Var f_t(x|x₀) dx dt over a fine grid."""
    total = []
    x = np.linspace(0, 2, 4001)
    for t in np.linspace(0, 1, 401)[1:] - 1 / 800:
        p = W * densities(x, t, uniform)
        f = (x[:, None] - X0) / t
        mass = p.sum(1)
        mean = np.divide((p * f).sum(1), mass, out=np.zeros_like(x), where=mass > 0)
        total.append((p * (f - mean[:, None]) ** 2).sum() * (x[1] - x[0]))
    return float(np.mean(total))


def euler(steps: int) -> tuple[Array, Array]:
    """Where the article's velocity leads in so many steps: places and shares."""
    x = (np.arange(2000) + 0.5) / 1000
    for t0, t1 in pairwise(np.linspace(1, 0, steps + 1)):
        x = x + (t1 - t0) * velocity(x, t0)
    places, counts = np.unique(x.round(6), return_counts=True)
    return places, counts / len(x)


def responsible(prior: Callable[[Array], Array]) -> Array:
    r = W * densities(np.array([50.0]), 0.5, prior)[0]
    return r / r.sum()


def by_other_ways() -> dict[int, tuple[float, ...]]:
    place, starts = np.array([0.9]), np.array([0.3, 0.99, 1.01, 1.49, 1.51])
    up, end = velocity(place, 0.5)[0] < 0, end_of(place, t=0.5)[0]
    others = (end_of(starts) != end_of(starts, cosine_velocity)).any()
    return {
        1: (2 * 0.5, 2 * 0.75),
        2: (0.5 / 0.5,),
        3: (2 / 0.5 * (0.9 - 0.5),),
        4: ((1 / 0.1) ** 2,),
        5: (0.0, float(stats.norm.ppf(0.75))),
        6: (0.0 if up else 1.0, float(list(X0).index(end))),
        7: (1.0 if loss_floor() > 0.05 else 0.0,),
        8: (float(others),),
        9: (1 / 3, 5 / 6),
        10: (float(euler(1)[0][0]), float(len(euler(2)[0]))),
        11: (2.0 if np.abs(responsible(stats.cauchy.pdf) - W).max() < 0.01 else 0.0,),
    }


def test_every_answer_is_that_of_an_independent_computation() -> None:
    expected = by_other_ways()
    assert len(expected) == EXIT  # the steps on images: test_lesson_images.py
    for step, numbers in expected.items():
        assert truth.truth(step).correct == pytest.approx(numbers, abs=2e-3), step
        assert is_right(STEPS[step - 1], truth.truth(step), numbers)


def test_the_numbers_in_the_answers_are_the_independent_ones() -> None:
    words = {step: truth.truth(step).words for step in range(1, 12)}
    starts = (np.arange(100_000) + 0.5) / 50_000
    nearest = np.abs(starts[:, None] - X0).argmin(1)
    reached = np.digitize(starts, [1.0, 1.5])
    assert words[1]["far"] == f"{100 * np.mean(nearest != reached):.3g}%"
    assert [float(words[5][name]) for name in ("gaussian", "laplace", "cauchy")] == pytest.approx(
        [law.ppf(0.75) for law in (stats.norm, stats.laplace, stats.cauchy)], abs=5e-5
    )
    assert float(words[6]["velocity"].replace("−", "-")) == pytest.approx(
        velocity(np.array([0.9]), 0.5)[0]
    )
    assert float(words[7]["floor"]) == pytest.approx(loss_floor(), abs=6e-3)
    places, shares = euler(2)
    assert words[10]["count"] == str(len(places))
    assert [float(v.rstrip("%")) for v in words[10]["shares"].split(", ")] == pytest.approx(
        100 * shares
    )
    assert [float(v) for v in words[11]["weights"].split(", ")] == pytest.approx(
        responsible(stats.cauchy.pdf), abs=6e-4
    )


def test_what_many_expect_is_judged_wrong() -> None:
    expected = {
        1: (0.85, 1.45), 2: (0.5,), 3: (0.8,), 4: (10.0,), 5: (1.0, 1.5), 6: (1.0, 0.0), 7: (0.0,),
        8: (1.0,), 9: (1.0, 5 / 6), 10: (0.975, 3.0), 11: (0.0,), 12: (48.0,), 13: (0.0, 0.2),
        14: (0.0, 0.0), 15: (1.0, 1.0), 16: (0.0,),
    }  # fmt: skip
    assert len(expected) == len(STEPS)
    for step, numbers in expected.items():
        assert not is_right(STEPS[step - 1], truth.truth(step), numbers), step


@pytest.mark.parametrize("step", range(1, len(STEPS) + 1))
def test_the_answer_is_covered_before_it_is_locked(step: int) -> None:
    tr, right = translator("en"), truth.truth(step).correct
    before, after = (pictures.drawing(step, answer, tr) for answer in (None, right))

    def names(drawing: pictures.Drawing) -> set[str]:
        shown = {row.label for row in drawing.rows if np.isfinite(row.images).all()}
        return shown | {part.name for part in (*drawing.lines, *drawing.bars)}

    assert after.covered is None
    assert names(after) - names(before)
    for drawing in (before, after):
        for style in (Style(), Style(dark=True, large=True)):
            go.Figure(lesson_figure(drawing, "covered", style).to_dict())  # Plotly validates it


COVERED = {1, 2, 4, 5, 12, 13, 15}
"""The steps whose figure is there before the answer; the others draw less until it is locked."""


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_words_on_a_narrow_cover_are_not_wider_than_it(lang: str) -> None:
    tr = translator(lang)
    before, size = pictures.drawing(4, None, tr), Style().font_size
    drawn = lesson_figure(before, tr("lesson.covered"), Style()).to_dict()["layout"]
    text = drawn["annotations"][-1]["text"].removeprefix("<b>").removesuffix("</b>")
    assert before.covered is not None
    low, high, _, _ = before.covered
    scale = 260 / (before.x[1][1] - before.x[1][0])  # px: of the axis on a telephone
    for line in text.split("<br>"):
        letters = sum(1.0 if sign > "\u2e7f" else 0.6 for sign in line)
        assert letters * size < (high - low) * scale, line


@pytest.mark.parametrize("step", range(1, len(STEPS) + 1))
def test_the_cover_lies_over_what_the_answer_draws(step: int) -> None:
    tr, right = translator("en"), truth.truth(step).correct
    before, after = (pictures.drawing(step, answer, tr) for answer in (None, right))
    assert (before.covered is not None) == (step in COVERED)
    drawn = lesson_figure(before, "Lock your answer", Style()).to_dict()["layout"]
    said = str(drawn.get("annotations")).replace("<br>", " ")
    assert ("Lock your answer" in said) == bool(before.covered)
    assert bool(drawn.get("shapes")) == bool(before.covered)
    if before.covered is None:
        return
    low, high, bottom, top = before.covered
    for k, row in enumerate(before.rows):
        middle = (k + 0.5) * (row.images.shape[1] + 1) - 1
        hidden = bottom < middle < top
        assert np.isnan(row.images).all() == hidden  # nor is it in what is sent to the browser
    there = {line.name for line in before.lines} | {"you", "border"}
    for line in after.lines:
        if line.name not in there:  # a curve may begin and end at what is not covered
            t, x = (np.asarray(v, float) for v in (line.x, line.y))
            inside = (t > low) & (t < high) & (x > bottom) & (x < top)
            assert inside[np.isfinite(t + x)].mean() > 0.4, line.name


answers = st.dictionaries(
    st.integers(1, len(STEPS)),
    st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), min_size=1, max_size=4).map(tuple),
)


@given(answers)
def test_answers_are_in_the_link(by_step: dict[int, tuple[float, ...]]) -> None:
    locked = LessonAnswers()
    for step, numbers in by_step.items():
        locked = locked.with_(step, numbers)
    scene = Scene(lesson_answers=locked)
    assert Scene.read_query(parse_qs(scene.query_string("lesson"))) == (scene, [])


@given(st.text("0123456789(),.-e ", max_size=40))
def test_any_text_of_answers_is_read_or_refused(text: str) -> None:
    with suppress(Refusal):
        found = LessonAnswers.from_link(text)
        assert LessonAnswers.from_link(found.link) == found


def answer(visitor: Visitor, step: int, numbers: tuple[float, ...]) -> None:
    questions = STEPS[step - 1].questions
    for k, (question, value) in enumerate(zip(questions, numbers, strict=True), 1):
        key = f"flowviz.lesson.{step}.{k}"
        if isinstance(question, Choice):
            visitor.app.radio(key=key).set_value(int(value))
        else:
            visitor.app.number_input(key=key).set_value(value)
    locks = set(ENTRIES["lesson.lock"])
    [lock] = [button for button in visitor.app.button if button.label in locks]
    lock.click()
    visitor.run()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_whole_lesson_is_answered_and_kept_in_the_link(lang: str) -> None:
    visitor = Visitor(PAGE, {"lang": lang})
    tr = translator(lang)
    for step in range(1, len(STEPS) + 1):
        found = truth.truth(step)
        assert not visitor.app.success
        heading = visitor.app.segmented_control(key=key("lesson_part")).value
        assert heading == part_of(step).first
        answer(visitor, step, found.correct)
        [shown] = visitor.app.success
        assert tr(f"lesson.{step}.answer", **found.words) in shown.value
        if step in (EXIT, len(STEPS)):  # each part has its own score
            n = number_in_part(step)
            assert tr("lesson.done", right=n, answered=n) in [c.value for c in visitor.app.caption]
        if step < len(STEPS):
            button = visitor.app.button(key="lesson.next")
            assert button.label == tr("lesson.next.images" if step == EXIT else "lesson.next")
            button.click()
            visitor.run()
    again = Visitor(PAGE, dict(parse_qsl(visitor.link)))
    assert len(again.scene.lesson_answers.by_step) == len(STEPS)
    assert again.app.success  # a reload keeps the answers


def test_the_parts_have_headings_and_steps_of_their_own() -> None:
    visitor, tr = Visitor(PAGE, {"lesson_step": "4"}), translator("en")
    control = visitor.app.segmented_control
    for part, first in (("images", EXIT + 1), ("flow", 1)):
        control(key=key("lesson_part")).set_value(first)
        visitor.run()
        assert visitor.scene.lesson_step == first
        control = visitor.app.segmented_control
        assert len(control(key=key("lesson_step")).options) == (5 if part == "images" else EXIT)
        assert f"## {tr(f'lesson.step.{part}', step=1)}" in [m.value for m in visitor.app.markdown]
    control(key=key("lesson_step")).set_value(3)
    visitor.run()
    assert visitor.scene.lesson_step == 3


def test_the_second_part_begins_from_images() -> None:
    visitor = Visitor(ROOT / "pages" / "images.py", {"lang": "zh"})
    [url] = [one.proto.url for one in visitor.app.get("link_button")]
    page, _, query = url.partition("?")
    lesson = Visitor(ROOT / "pages" / f"{page}.py", dict(parse_qsl(query)))
    assert (lesson.scene.lesson_step, lesson.scene.lang) == (EXIT + 1, "zh")


def test_a_forged_answer_counts_as_none() -> None:
    visitor = Visitor(PAGE, {"lesson_step": "6", "lesson_answers": "6(7,0)"})
    assert not visitor.app.success
    assert not visitor.app.info
    assert visitor.app.radio


def test_every_scene_to_try_opens_as_it_is() -> None:
    for step, row in enumerate(STEPS, 1):
        link = row.scene.query_string(row.page)
        assert Scene.read_query(parse_qs(link)) == (row.scene, []), step
        assert row.scene.field(row.scene.space if row.page != "fan" else "line")


def test_every_step_has_its_words() -> None:
    for step, row in enumerate(STEPS, 1):
        for part in ("idea", "question", "answer", "common", "section"):
            assert f"lesson.{step}.{part}" in ENTRIES
        assert f"lesson.{step}.field.{len(row.questions)}" in ENTRIES
