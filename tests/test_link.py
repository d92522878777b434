"""Damaged, forged, old and later links: none is an error, and every problem is named."""

from __future__ import annotations

import itertools
import random
import time
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowviz.scene import Scene
from flowviz.scene.link import VERSION, Notice, migrate
from flowviz.text import LANGUAGES, translator
from tests.cases import each_of
from tests.scenes import crowd

FULL = Scene(schedule="vp", probe=(0.5, 1.0)).to_query()
DAMAGE = [
    "",
    " ",
    "abc",
    "nan",
    "inf",
    "-1e999",
    "1e999",
    "９９９９９９９",
    "é✓\u202e",
    "0x10",
    "~a~",
    "\x00",
]


@each_of(itertools.product(FULL, [*DAMAGE, "9" * 100_000, "," * 5_000]))
def test_a_damaged_parameter_is_named_and_the_rest_is_kept(key, damage):
    scene, notices = Scene.read_query(FULL | {key: damage})
    if key == "probe" and not damage:  # an empty query point is no query point
        assert (scene.probe, notices) == (None, [])
        return
    assert [notice.name for notice in notices] == [key]
    assert key in str(notices[0])
    assert key in notices[0].translated(translator("zh"))
    assert len(str(notices[0])) < 500
    default = Scene(schedule=scene.schedule).to_query()
    expected = {k: default.get(k, "") if k == key else v for k, v in FULL.items() if k != "v"}
    if key == "schedule":
        expected = {k: v for k, v in expected.items() if not k.startswith("s.")}
    written_back = scene.to_query()
    assert all(written_back.get(k, "") == v for k, v in expected.items())


def test_parameters_that_exclude_each_other_fall_back_together():
    scene, notices = Scene.read_query({"p.low": "3", "p.high": "1", "time": "0.25"})
    assert dict(scene.prior_params) == {"low": 0.0, "high": 2.0}
    assert scene.time == 0.25
    assert [notice.name for notice in notices] == ["p.low, p.high"]
    assert "lower end 3 must be less" in str(notices[0])


def test_a_prior_that_is_not_known_takes_its_parameters_with_it():
    scene, notices = Scene.read_query({"prior": "cauchy", "p.loc": "1", "p.low": "1"})
    assert scene == Scene()
    assert [notice.name for notice in notices] == ["prior"]


def test_unknown_parameters_are_named_and_left_out():
    query = {"wings": "2", "p.loc": "1", "prior_params": "x", "embed": "true", "embed_options": "a"}
    scene, notices = Scene.read_query(query)
    assert scene == Scene()
    assert [notice.name for notice in notices] == ["wings", "p.loc", "prior_params"]
    assert "“wings”" in str(notices[0])
    assert "不认识" in notices[0].translated(translator("zh"))


def test_a_thousand_unknown_parameters_take_six_lines():
    _, notices = Scene.read_query({f"k{i}": "1" for i in range(1_000)})
    assert len(notices) == 6
    assert "995 more" in str(notices[-1])


def test_of_a_parameter_given_twice_the_last_counts():
    scene, notices = Scene.read_query({"trajectories": ["5", "7"], "time": []})
    assert scene.trajectories == 7
    assert [notice.name for notice in notices] == ["trajectories", "time"]


@pytest.mark.parametrize(
    "query",
    [
        {"heatmap": "true", "fan": "no", "lang": "zh"},
        {"probe": "０．５，1", "points": "1；2", "p.low": "−1"},
        {
            "prior": "gaussian_mixture",
            "p.means": "1; 2 3",
            "p.scales": "1,1,1",
            "p.weights": "1 1 1",
        },
    ],
)
def test_a_link_typed_by_hand_is_read(query):
    assert Scene.read_query(query)[1] == []


TEXTS = st.text(max_size=30) | st.sampled_from([*DAMAGE, *FULL.values()])
KEYS = st.text(max_size=8) | st.sampled_from([*FULL, "p.loc", "p.scale", "p.means", "s.x", "v"])


@given(st.dictionaries(KEYS, TEXTS | st.lists(TEXTS, max_size=3), max_size=12))
@settings(max_examples=400, deadline=None)
def test_no_link_is_ever_an_error(query):
    scene, notices = Scene.read_query(query)
    assert Scene.read_query(scene.to_query()) == (scene, [])
    for notice in notices:
        assert isinstance(notice, Notice)
        for lang in LANGUAGES:
            assert notice.translated(translator(lang))
            assert notice.markdown(translator(lang))


def test_a_huge_link_is_read_quickly():
    query = dict.fromkeys(FULL, "1," * 50_000) | {f"k{i}": "x" * 100 for i in range(900)}
    start = time.thread_time()
    Scene.read_query(query)
    assert time.thread_time() - start < 1.0


@given(st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_a_link_cut_or_scrambled_in_copying_still_gives_a_scene(seed):
    rng = random.Random(seed)
    link = list(Scene(points=crowd(rng.randint(1, 90))).query_string())
    for _ in range(rng.randint(1, 5)):
        link[rng.randrange(len(link))] = rng.choice("&=%~,*.0aé")
    scene, _ = Scene.read_query(parse_qs("".join(link[: rng.randrange(len(link))])))
    assert Scene.from_query(scene.to_query()) == scene


# Versions.


def rename_count(texts: dict[str, str]) -> dict[str, str]:
    return {("trajectories" if key == "count" else key): text for key, text in texts.items()}


def double_count(texts: dict[str, str]) -> dict[str, str]:
    return texts | {"count": str(2 * int(texts.get("count", "1")))}


@pytest.mark.parametrize(
    ("texts", "result"),
    [
        ({"v": "1", "count": "4"}, {"trajectories": "8"}),
        ({"v": "2", "count": "4"}, {"trajectories": "4"}),
        ({"v": "3", "count": "4"}, {"count": "4"}),
        ({"count": "4"}, {"count": "4"}),
    ],
)
def test_old_links_are_brought_forward_one_version_at_a_time(texts, result):
    assert migrate(texts, {1: double_count, 2: rename_count}, current=3) == (result, [])


def test_every_older_version_has_its_migration():
    assert migrate({"v": "1"}) == ({}, [])
    for version in range(1, VERSION):
        assert migrate({"v": str(version)})[1] == []


def test_a_link_of_a_later_version_is_read_with_a_notice():
    scene, notices = Scene.read_query({"v": "9", "trajectories": "5"})
    assert scene.trajectories == 5
    assert "newer FlowViz (v=9; this one knows 2)" in str(notices[0])
    assert "更新的 FlowViz" in notices[0].translated(translator("zh"))


BENT = "1~forward~(1-t)*x0+t*x1+a*t*(1-t)"
LEFT_OUT = {
    f"{BENT}~~a=2,a=3": ["notice.formula.twice"],
    f"{BENT}~~a=2,a=2": [],
    f"{BENT}~~a=2,a=3,a=2": ["notice.formula.twice"],
    f"{BENT}~~a=2,b=3,k=1": ["notice.formula.unused"],
    f"{BENT}~~b=3,b=4": ["notice.formula.unused"],
    f"{BENT}~t^2~a=2": ["notice.formula.sigma"],
    f"{BENT}~t^2~a=1,a=2,b=3": [
        "notice.formula.twice",
        "notice.formula.unused",
        "notice.formula.sigma",
    ],
    "1~inverse~(x-(1-t)*x0)/t~t~": ["notice.formula.sigma"],
    "1~mean~(1-t)*x0~t^2~a=1": ["notice.formula.unused"],
    "1~mean~(1-t)*x0~t^2~": [],
    "1~mean~(1-t)*x0~~": [],
}


@pytest.mark.parametrize("name", ["formula", "plane_formula"])
@pytest.mark.parametrize("text", LEFT_OUT)
def test_what_a_typed_family_does_not_use_is_said(name: str, text: str) -> None:
    scene, notices = Scene.read_query({name: text})
    assert [notice.message.key for notice in notices] == LEFT_OUT[text]
    for notice in notices:
        assert all(notice.markdown(translator(lang)) for lang in LANGUAGES)
    typed = getattr(scene, name)
    assert typed != getattr(Scene(), name)  # the rest is used
    assert Scene.read_query({name: typed.link}) == (scene, [])
    if "a=" in text and typed.letters:
        assert dict(typed.letters)["a"] == float(text.split("a=")[-1][0])
