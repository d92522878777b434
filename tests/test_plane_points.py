"""Points of the plane: every form parses to the same points, or is refused with the reason."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowviz.core.datasets import DATASETS
from flowviz.scene.point_set import LINK_LIMIT
from flowviz.scene.points import PlanePoints
from flowviz.text import LANGUAGES, Refusal, translator
from tests.scenes import plane_sets


def crowd(n: int, spread: float = 2.0, seed: int = 0, weighted: bool = False) -> PlanePoints:
    rng = random.Random(seed)
    rows = [(rng.gauss(0, spread), rng.gauss(0, spread)) for _ in range(n)]
    return PlanePoints.of((x, y, rng.uniform(0.1, 1.0) if weighted else 1.0) for x, y in rows)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("(1, 0.5)*2, (-1, 0)", [(1, 0.5, 2), (-1, 0, 1)]),
        ("（１，０．５）×２、（−1，0）", [(1, 0.5, 2), (-1, 0, 1)]),
        ("[1 .5] * 2\n(-1;0)", [(1, 0.5, 2), (-1, 0, 1)]),
        ("(1,2)(3,4)", [(1, 2, 1), (3, 4, 1)]),
        (",(0,-0),", [(0, 0, 1)]),
    ],
)
def test_text_is_read_as_people_type_it(text, rows):
    assert PlanePoints.parse(text) == PlanePoints.of(rows)


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("", "error.points.empty.plane", "(1, 0.5)*2"),
        ("1, 2", "error.points.brackets", "“1” (character 1)"),
        ("(1, 2", "error.points.open", "“(” (character 1) is not closed"),
        ("(1,2), [3", "error.points.open", "“[” (character 8)"),
        ("（1，2，（3，4）", "error.points.open", "“（” (character 1)"),
        ("(1)", "error.points.pair", "“)” (character 3)"),
        ("(1, 2, 3)", "error.points.pair", "“3” (character 8)"),
        ("(1, b)", "error.points.pair", "“b” (character 5)"),
        ("((1, 2))", "error.points.pair", "“(” (character 2)"),
        ("(1, 2)*", "error.points.star.plane", "character 7 needs a point before it"),
        ("(1, 2)**3", "error.points.star.plane", "character 7 needs a point before it"),
        ("(1, 2)*(3, 4)", "error.points.star.plane", "character 7 needs a point before it"),
        ("* (1, 2)", "error.points.star.plane", "character 1 needs a point before it"),
        ("(1, nan)", "error.points.finite", "“nan” (character 5)"),
        ("(1, 1.5e6)", "error.points.range", "−1,000,000 to 1,000,000"),
        ("(1, 2)*0", "error.points.weight", "0.000001 to 1,000,000"),
        ("(0,0)" * 5_001, "error.points.many", "5,000"),
    ],
)
def test_unreadable_text_is_refused_with_its_location(text, key, says):
    with pytest.raises(Refusal) as caught:
        PlanePoints.parse(text)
    assert caught.value.key == key
    assert says in str(caught.value)
    assert all(caught.value.translated(translator(lang)) for lang in LANGUAGES)


@given(st.text(alphabet="()[]*,; .-0123456789e\n（×ａ", max_size=60))
def test_any_text_is_points_or_a_refusal(text):
    try:
        points = PlanePoints.parse(text)
    except Refusal:
        return
    assert PlanePoints.parse(points.text()) == points


@given(plane_sets())
@settings(max_examples=200, deadline=None)
def test_text_link_and_table_read_back_as_themselves(points):
    assert PlanePoints.parse(points.text()) == points
    assert PlanePoints.from_link(points.link) == points
    assert PlanePoints.from_rows(points.labelled_rows) == points


@given(plane_sets(most=40))
@settings(max_examples=50, deadline=None)
def test_shareable_points_fit_and_stay(points):
    tight = points.shareable(400)
    assert len(tight.link) <= 400
    assert PlanePoints.from_link(tight.link) == tight
    assert tight.shareable(400) == tight
    assert len(tight) == len(points)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n", [100, 1_000, 5_000])
def test_many_points_fit_the_link(n, weighted):
    points = crowd(n, weighted=weighted)
    started = time.process_time()
    shared = points.shareable()
    assert time.process_time() - started < 15.0  # a busy machine takes four times 1 s
    assert len(shared) == n
    assert len(shared.link) <= LINK_LIMIT
    assert PlanePoints.from_link(shared.link) == shared
    nearest = sorted(y for _, y, _ in points.rows), sorted(y for _, y, _ in shared.rows)
    assert max(abs(a - b) for a, b in zip(*nearest, strict=True)) <= (0.01 if n == 100 else 0.26)


def test_every_example_of_the_plane_travels_unrounded():
    for data in DATASETS.values():
        if data.d == 2:
            points = PlanePoints.of(
                (*at, w) for at, w in zip(data.points, data.weights, strict=True)
            )
            assert points.shareable() == points


@pytest.mark.parametrize(
    "text",
    [
        "~",
        "~c",
        "~a",
        "~c0.0.0.1~aAAAA",
        "~c0.0.1.0~a",
        "~c9.9.9.9~a" + "A" * 3_000,
        "~a" + "_" * 99,
    ],
)
def test_a_damaged_packed_form_is_refused(text):
    with pytest.raises(Refusal) as caught:
        PlanePoints.from_link(text)
    assert caught.value.key == "error.points.packed"


def test_a_link_altered_anywhere_is_noticed_or_reads_as_points():
    link = crowd(600).shareable().link
    assert link.startswith("~c")
    for i in range(0, len(link), 7):
        try:
            points = PlanePoints.from_link(link[:i] + "3" + link[i + 1 :])
        except Refusal:
            continue
        assert len(points) == 600
