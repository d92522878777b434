"""Points: every form parses to the same points, or is refused with location and reason."""

from __future__ import annotations

import pickle
import random
import re
import time
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowviz.scene import packing
from flowviz.scene.decimals import GRID, decimal_text, parse_decimal, snap
from flowviz.scene.point_set import LINK_LIMIT, SHORT_TEXT
from flowviz.scene.points import Points
from flowviz.text import LANGUAGES, Refusal, translator
from tests.scenes import crowd, point_sets


def points_or_refusal(read: Callable[[], Points]) -> Points | None:
    """What is read, or None when it was refused in words of every language; nothing else."""
    try:
        return read()
    except Refusal as refusal:
        if not all(refusal.translated(translator(lang)) for lang in LANGUAGES):
            raise
        return None


# Text.


@pytest.mark.parametrize(
    ("text", "x", "w"),
    [
        ("0.5*2, 1.2, 1.7", (0.5, 1.2, 1.7), (2, 1, 1)),
        ("0.5 * 2;1.2\n1.7\t", (0.5, 1.2, 1.7), (2, 1, 1)),
        ("０．５×２，１．２；１．７", (0.5, 1.2, 1.7), (2, 1, 1)),
        ("0。5＊2、1。2、−1。7", (0.5, 1.2, -1.7), (2, 1, 1)),
        (",, 1,,2 ,", (1, 2), (1, 1)),
        ("0,5;1,2", (0.5, 1.2), (1, 1)),
        ("0,5*2,5; -1,25; 3", (0.5, -1.25, 3), (2.5, 1, 1)),
        ("0,5 ; 1, 2", (0, 5, 1, 2), (1, 1, 1, 1)),
        ("0,5; 1.2", (0, 5, 1.2), (1, 1, 1)),
        ("１，２；３，４", (1, 2, 3, 4), (1, 1, 1, 1)),
        ("1 *2 3", (1, 3), (2, 1)),
        ("-.5, +2., 1e-3*1E2", (-0.5, 2, 0.001), (1, 1, 100)),
        ("-0", (0.0,), (1,)),
        ("1e-7, 2e-7", (1e-7, 2e-7), (1, 1)),
        ("1, 1e-7", (1, 1e-7), (1, 1)),
        ("0.3*0.0000015", (0.3,), (1.5e-6,)),
        ("1e-13", (0.0,), (1,)),
        ("3, 1, 3", (3, 1, 3), (1, 1, 1)),
        ("1e6, -1000000*1e6", (1e6, -1e6), (1, 1e6)),
        ("\u30001\u00a02", (1, 2), (1, 1)),
    ],
)
def test_text_is_read_as_people_type_it(text, x, w):
    assert Points.parse(text) == Points(x, w)


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("", "error.points.empty", "at least one position"),
        (" ,;\n", "error.points.empty", "at least one position"),
        ("0.5, abc", "error.points.letters", "“abc” (character 6)"),
        ("0.5, １２a", "error.points.letters", "“１２a” (character 6)"),
        ("1 2 0x10", "error.points.letters", "“0x10” (character 5)"),
        ("1_000", "error.points.letters", "1_000"),
        ("½", "error.points.letters", "“½” (character 1)"),
        ("٣", "error.points.letters", "“٣” (character 1)"),
        ("1..2", "error.points.span", "1..2"),
        ("1-2", "error.points.span", "1-2"),
        ("a" * 100, "error.points.letters", "“" + "a" * 24 + "…”"),
        ("1,\x00", "error.points.letters", "“·”"),
        ("nan", "error.points.finite", "“nan” (character 1)"),
        ("1, -Infinity", "error.points.finite", "“-Infinity” (character 4)"),
        ("∞", "error.points.finite", "finite"),
        ("1e400", "error.points.range", "1,000,000"),
        ("1000000.001", "error.points.range", "−1,000,000 to 1,000,000"),
        ("1*0", "error.points.weight", "0.000001 to 1,000,000"),
        ("1*-3", "error.points.weight", "-3 (character 3)"),
        ("1*1e-7", "error.points.weight", "0.000001"),
        ("1*1e7", "error.points.weight", "1,000,000"),
        ("1*1e999", "error.points.weight", "1e999"),
        ("1*nan", "error.points.finite", "nan"),
        ("*2", "error.points.star", "character 1"),
        ("1*", "error.points.star", "character 2"),
        ("1**2", "error.points.star", "character 3"),
        ("1*2*3", "error.points.star", "character 4"),
        ("1 " * 2001, "error.points.many", "2,000"),
        ("1," * 100_001, "error.points.text", "200,000"),
    ],
)
def test_unreadable_text_is_quoted_with_its_location_and_what_is_accepted(text, key, says):
    with pytest.raises(Refusal) as caught:
        Points.parse(text)
    assert caught.value.key == key
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.translated(translator("zh")) != str(caught.value)


@given(point_sets())
def test_text_reads_back_as_the_same_points(points):
    assert Points.parse(points.text()) == points
    assert Points.parse(points.text(separator=",")).text() == points.text()


@given(st.text(max_size=60))
@example("１" * 50)
def test_any_text_is_points_or_a_sentence(text):
    points = points_or_refusal(lambda: Points.parse(text))
    assert points is None or Points.parse(points.text()) == points


@pytest.mark.parametrize(
    ("piece", "times"),
    [
        ("1", 50_000_000),
        ("1,", 25_000_000),
        (" ", 199_999),
        ("*", 199_999),
        ("1", 199_999),
        ("1e", 99_999),
        ("\u0301\u0316", 99_000),  # a run of accents: normalised as a whole it takes minutes
        ("1 *\n", 49_000),
        ("ﷺ", 199_999),
    ],
)
def test_hostile_text_is_refused_quickly(piece, times):
    text = piece * times
    start = time.thread_time()
    with pytest.raises(Refusal):
        Points.parse(text)
    assert time.thread_time() - start < 1.0


# The constructor.


@pytest.mark.parametrize(
    ("x", "w", "key"),
    [
        ((), (), "error.points.empty"),
        ((1.0, 2.0), (1.0,), "error.points.lengths"),
        ((0.0,) * 1_000_000, (1.0,) * 1_000_000, "error.points.many"),
        ((float("nan"),), (1.0,), "error.points.finite"),
        ((float("-inf"),), (1.0,), "error.points.finite"),
        ((1e300,), (1.0,), "error.points.range"),
        ((0.0,), (float("nan"),), "error.points.weight"),
        ((0.0,), (-1.0,), "error.points.weight"),
    ],
)
def test_bad_numbers_are_refused_by_the_constructor_too(x, w, key):
    with pytest.raises(Refusal) as caught:
        Points(x, w)
    assert caught.value.key == key


def test_points_are_values():
    points = Points.parse("2*3, 1")
    assert hash(points) == hash(Points((2.0, 1.0), (3.0, 1.0)))
    assert pickle.loads(pickle.dumps(points)) == points  # noqa: S301
    assert len(points) == 2
    with pytest.raises(AttributeError):
        points.x = (1.0,)  # pyright: ignore[reportAttributeAccessIssue]


@given(st.integers(-(10**10), 10**10))
def test_a_number_of_the_grid_has_one_float_and_one_text(n):
    value = n / GRID
    assert snap(value) == value == float(decimal_text(value)) == parse_decimal(decimal_text(value))
    assert "e" not in decimal_text(value)
    assert decimal_text(snap(-0.0)) == "0"


# Tables.


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([(0.5, 2), (1.2, None), (1.7, 1)], "0.5*2, 1.2, 1.7"),
        ([(None, None), (1, float("nan")), (float("nan"), 3), ()], "1"),
        ([("1.5", "２"), ("  ", "")], "1.5*2"),
        ([[3]], "3"),
        ([("0,75", "1,5")], "0.75*1.5"),
        ([("1,234.5", None), ("-123,456.5", None)], "1234.5, -123456.5"),
        ([("0.0000001", "0.0000015")], "0.0000001*0.0000015"),
    ],
)
def test_a_table_is_read_with_its_empty_cells_passed_over(rows, text):
    assert Points.from_rows(rows).text() == text


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], "at least one position"),
        ([(None, 1.0)], "at least one position"),
        ([(1, 1), (2, 0)], "row 2"),
        ([(1, 1), ("two", 1)], "“two” (row 2)"),
        ([(float("inf"), 1)], "row 1"),
        ([(1, 1), ("1,234", 1)], "“1,234” (row 2) may be 1.234 or 1234"),
        ([("1,2,3", 1)], "“1,2,3” (row 1)"),
    ],
)
def test_a_table_is_refused_by_its_row(rows, says):
    with pytest.raises(Refusal, match=re.escape(says)):
        Points.from_rows(rows)


# Links.


THREE = "0.5*2, 1.2, 1.7"


def test_a_short_link_is_the_text_itself():
    assert Points.parse(THREE).link == "0.5*2,1.2,1.7"


@given(point_sets(most=300))
@settings(max_examples=60)
def test_link_reads_back_as_the_same_points_in_order(points):
    assert Points.from_link(points.link) == points
    packed = packing.pack(list(zip(*points._units()[0], strict=True)))
    assert Points.from_link(packed) == points.with_labels(())
    assert len(points.link) <= max(SHORT_TEXT, len(points.text(separator=",")))


def test_fifty_points_with_every_digit_take_less_than_half_a_link():
    points = crowd(50, spread=300_000.0)
    assert len(points.link) < 1_400
    assert points.shareable() is points


@pytest.mark.parametrize("spread", [1e-4, 2.0, 10.0, 300_000.0])
def test_two_thousand_random_points_come_out_with_a_link_that_fits(spread):
    points = crowd(2_000, spread)
    shared = points.shareable()
    assert len(shared.link) <= LINK_LIMIT
    assert shared.shareable() is shared
    assert Points.from_link(shared.link) == shared
    pairs = sorted(zip(points.x, points.w, strict=True))
    assert max(abs(x - y) for (x, _), y in zip(pairs, shared.x, strict=True)) <= spread / 1000
    assert max(abs(w - v) for v, w in zip(sorted(shared.w), sorted(points.w), strict=True)) <= 0.01


def test_points_give_up_their_order_before_their_decimals():
    rng = random.Random(3)
    points = Points(tuple(rng.uniform(-1, 1) for _ in range(700)), (1.0,) * 700)
    assert len(points.link) < LINK_LIMIT + 200
    shared = points.shareable(len(points.link) - 1)
    assert shared == Points(tuple(sorted(points.x)), points.w)


@given(point_sets(), st.integers(60, 400))
@settings(max_examples=60)
def test_sharing_is_idempotent_and_keeps_the_count(points, limit):
    shared = points_or_refusal(lambda: points.shareable(limit))
    if shared is not None:
        assert len(shared.link) <= limit
        assert shared.shareable(limit) == shared
        assert len(shared) == len(points)


def test_sharing_two_thousand_points_is_quick():
    points = crowd(2_000)
    start = time.thread_time()
    points.shareable()
    assert time.thread_time() - start < 1.0
