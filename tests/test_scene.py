"""Scene: the link is the scene, whole; a damaged link still gives one, and says what it lost."""

from __future__ import annotations

import random
import time
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from flowviz.grid import GRID
from flowviz.link import MAX_LINK, VERSION, Notice, migrate, written
from flowviz.params import PRIOR, SCHEDULE, Registry, Spec
from flowviz.points import Points
from flowviz.scene import Scene
from flowviz.text import LANGUAGES, Refusal, speaker
from tests.test_points import crowd, point_sets

# Scenes of every kind.


def on_grid(low: float, high: float) -> st.SearchStrategy[float]:
    return st.integers(round(low * GRID), round(high * GRID)).map(lambda n: n / GRID)


def values_of(spec: Spec) -> st.SearchStrategy[Any]:
    one = on_grid(spec.low, spec.high)
    return st.lists(one, min_size=3, max_size=3).map(tuple) if spec.many else one


def params_of(registry: Registry, name: str) -> st.SearchStrategy[dict[str, Any]]:
    def ordered(values: dict[str, Any]) -> dict[str, Any]:
        ends = [key for key in ("low", "mode", "high") if key in values]
        return values | dict(zip(ends, sorted(values[key] for key in ends), strict=True))

    specs = registry.specs(name)
    drawn = st.fixed_dictionaries({key: values_of(spec) for key, spec in specs.items()})
    return drawn.map(ordered).filter(lambda v: "low" not in v or v["low"] < v["high"])


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    prior = draw(st.sampled_from(sorted(PRIOR.classes())))
    schedule = draw(st.sampled_from(sorted(SCHEDULE.classes())))
    return Scene(
        points=draw(point_sets(most=8)),
        prior=prior,
        prior_params=draw(params_of(PRIOR, prior)),  # pyright: ignore[reportArgumentType]
        schedule=schedule,
        schedule_params=draw(params_of(SCHEDULE, schedule)),  # pyright: ignore[reportArgumentType]
        trajectories=draw(st.integers(1, 400)),
        launch=draw(st.sampled_from(["steps", "probability"])),
        color=draw(st.sampled_from(["basin", "x1"])),
        heatmap=draw(st.booleans()),
        fan=draw(st.booleans()),
        arrows=draw(st.booleans()),
        time=draw(st.floats(0, 1)),
        speed=draw(st.floats(0.1, 10)),
        probe=draw(st.none() | st.tuples(st.floats(0, 1), st.floats(-10_000, 10_000))),
        lang=draw(st.sampled_from(sorted(LANGUAGES))),
        large=draw(st.booleans()),
    )


@given(scenes())
@settings(max_examples=2_000, deadline=None)
def test_scene_to_link_to_scene_is_the_identity(scene):
    link = scene.query_string()
    back, notices = Scene.read_query(parse_qs(link))
    assert (back, notices) == (scene, [])
    assert hash(back) == hash(scene)
    assert back.query_string() == link
    assert parse_qs(urlencode(scene.to_query())) == parse_qs(link)
    assert len(link) <= MAX_LINK


@pytest.mark.parametrize("schedule", SCHEDULE.classes())
@pytest.mark.parametrize("prior", PRIOR.classes())
def test_every_prior_and_schedule_travels_in_the_link(prior, schedule):
    scene = Scene(prior=prior, schedule=schedule)
    query = scene.to_query()
    assert Scene.from_query(query) == scene
    assert {f"p.{name}" for name in PRIOR.specs(prior)} <= query.keys()
    assert {f"s.{name}" for name in SCHEDULE.specs(schedule)} <= query.keys()


def test_the_defaults_are_the_articles_figure():
    assert Scene().query_string() == (
        "v=1&points=0.5*2,1.2,1.7&prior=uniform&p.low=0&p.high=2&schedule=linear&trajectories=37"
        "&launch=steps&color=basin&heatmap=1&fan=1&arrows=0&time=0.5&speed=1&lang=en&large=0"
    )
    assert Scene.from_query({}) == Scene()


def test_fifty_points_make_a_link_under_two_thousand_characters():
    points = crowd(50, spread=10_000.0)
    mixture = dict.fromkeys(("means", "scales", "weights"), (0.123456,) * 8)
    scene = Scene(
        points=points,
        prior="gaussian_mixture",
        prior_params=mixture,  # pyright: ignore[reportArgumentType]
        probe=(0.123456, -1234.123456),
    )
    assert len(urlencode(scene.to_query())) < 2_000


def test_the_longest_link_is_within_the_limit():
    long = dict.fromkeys(("means", "scales", "weights"), (0.123456,) * 8)
    scene = Scene(
        points=crowd(2_000, spread=10_000.0).shareable(),
        prior="gaussian_mixture",
        prior_params=long,  # pyright: ignore[reportArgumentType]
        schedule="vp",
        schedule_params={"bmin": 0.123456, "bmax": 12.123456},  # pyright: ignore[reportArgumentType]
        launch="probability",
        time=0.123456,
        speed=1.123456,
        probe=(0.123456, -1234.123456),
    )
    assert len(scene.query_string()) <= MAX_LINK
    assert Scene.from_query(parse_qs(scene.query_string())) == scene


# Refusals.


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"trajectories": 0}, "a whole number from 1 to 400"),
        ({"trajectories": 401}, "Number of trajectories: “401”"),
        ({"trajectories": 2.5}, "whole number"),
        ({"trajectories": float("inf")}, "whole number"),
        ({"time": float("nan")}, "Time: “nan” is not accepted; a number from 0 to 1"),
        ({"time": 1.1}, "Time"),
        ({"speed": float("inf")}, "a number from 0.1 to 10"),
        ({"launch": "jump"}, "“jump” is not one of steps, probability"),
        ({"heatmap": "perhaps"}, "neither 1 (on) nor 0 (off)"),
        ({"lang": "fr"}, "en, zh"),
        ({"prior": "cauchy"}, "“cauchy” is not one of uniform, gaussian"),
        ({"schedule": "sudden"}, "linear, cosine"),
        ({"probe": (0.5, float("nan"))}, "Query point"),
        ({"probe": (-0.1, 0)}, "t from 0 to 1"),
        ({"probe": "1"}, "Query point"),
        ({"probe": ((), 1)}, "Query point"),
        ({"probe": (0.5, "much")}, "Query point"),
        ({"wings": 2}, "no setting named “wings”"),
        ({"points": ""}, "at least one position"),
        ({"points": "1, x"}, "“x” (character 4)"),
        ({"prior_params": {"low": 3, "high": 1}}, "lower end 3 must be less than the upper end 1"),
        ({"prior_params": {"low": 1, "high": 1 + 1e-8}}, "must be less"),
        ({"prior_params": {"loc": 0}}, "Uniform has no parameter “loc”; it has: low, high"),
        ({"prior_params": {"low": float("-inf")}}, "Lower end is -inf"),
        ({"prior_params": {"low": "left"}}, "“left” is not a number"),
        ({"prior": "gaussian", "prior_params": {"scale": 0}}, "Scale is 0"),
        ({"prior": "gaussian", "prior_params": {"scale": float("nan")}}, "“nan” is not a number"),
        ({"prior": "triangular", "prior_params": {"mode": 3}}, "peak 3 must lie between"),
        ({"prior": "gaussian_mixture", "prior_params": {"means": (1, 2, 3)}}, "there are 3, 2"),
        ({"prior": "gaussian_mixture", "prior_params": {"means": ()}}, "has 0 numbers"),
        ({"prior": "gaussian_mixture", "prior_params": {"means": (1,) * 9}}, "1 to 8"),
        ({"schedule": "vp", "schedule_params": {"bmin": 0}}, "β(0) is 0"),
        ({"schedule_params": {"rate": 1}}, "it has: —"),
    ],
    ids=str,
)
def test_what_a_scene_cannot_hold_is_refused_in_one_line(values, says):
    with pytest.raises(Refusal) as caught:
        Scene(**values)
    sentence = str(caught.value)
    assert says in sentence
    assert "\n" not in sentence
    assert caught.value.say(speaker("zh")) not in {sentence, ""}


def test_points_that_do_not_fit_a_link_are_refused_and_shareable_ones_accepted():
    points = crowd(2_000)
    with pytest.raises(Refusal) as caught:
        Scene(points=points)
    assert caught.value.key == "error.points.link"
    assert len(Scene(points=points.shareable()).points) == 2_000


def test_a_scene_cannot_be_altered():
    with pytest.raises(ValueError, match="frozen"):
        Scene().time = 1.0  # pyright: ignore[reportAttributeAccessIssue]


def test_a_change_is_checked_like_a_new_scene():
    scene = Scene().with_(trajectories=5, time=0.1 + 0.2)
    assert (scene.trajectories, scene.time) == (5, 0.3)
    assert Scene().trajectories == 37
    with pytest.raises(Refusal):
        scene.with_(trajectories=1_000)
    with pytest.raises(Refusal):
        scene.with_(wings=2)


def test_a_new_prior_keeps_the_parameters_it_shares():
    gaussian = Scene().with_(prior="gaussian", prior_params={"loc": 1.0, "scale": 0.5})
    assert dict(gaussian.with_(prior="laplace").prior_params) == {"loc": 1.0, "scale": 0.5}
    assert dict(Scene().with_(prior="triangular").prior_params)["mode"] == 1.0
    far = Scene().with_(prior_params={"low": 2.0, "high": 3.0})
    assert dict(far.with_(prior="triangular").prior_params)["low"] == 0.0, "mode 1 is not in [2, 3]"
    with pytest.raises(Refusal):
        Scene().with_(prior="cauchy")


# Links in any state.

FULL = Scene(schedule="vp", probe=(0.5, 1.0)).to_query()
DAMAGE = [
    "",
    " ",
    "abc",
    "nan",
    "inf",
    "-1e999",
    "1e999",
    "９９９９９",
    "é✓\u202e",
    "0x10",
    "~a~",
    "\x00",
]


@pytest.mark.parametrize("damage", [*DAMAGE, "9" * 100_000, "," * 5_000], ids=lambda d: d[:8])
@pytest.mark.parametrize("key", FULL)
def test_a_damaged_parameter_is_named_and_the_rest_is_kept(key, damage):
    scene, notices = Scene.read_query(FULL | {key: damage})
    if key == "probe" and not damage:  # an empty query point is no query point
        assert (scene.probe, notices) == (None, [])
        return
    assert [notice.name for notice in notices] == [key]
    assert key in str(notices[0])
    assert key in notices[0].say(speaker("zh"))
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
    assert "不认识" in notices[0].say(speaker("zh"))


def test_a_thousand_unknown_parameters_take_six_lines():
    _, notices = Scene.read_query({f"k{i}": "1" for i in range(1_000)})
    assert len(notices) == 6
    assert "995 more" in str(notices[-1])


def test_of_a_parameter_given_twice_the_last_counts():
    scene, notices = Scene.read_query({"trajectories": ["5", "7"], "time": []})
    assert scene.trajectories == 7
    assert [notice.name for notice in notices] == ["time"]


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
def test_a_link_typed_by_hand_is_read_kindly(query):
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
            assert notice.say(speaker(lang))
            assert notice.markdown(speaker(lang))


def test_a_huge_link_is_read_quickly():
    query = dict.fromkeys(FULL, "1," * 50_000) | {f"k{i}": "x" * 100 for i in range(900)}
    start = time.perf_counter()
    Scene.read_query(query)
    assert time.perf_counter() - start < 1.0


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


def test_a_link_from_the_future_is_read_with_a_word_of_caution():
    scene, notices = Scene.read_query({"v": "9", "trajectories": "5"})
    assert scene.trajectories == 5
    assert "newer FlowViz (v=9; this one knows 1)" in str(notices[0])
    assert "更新的 FlowViz" in notices[0].say(speaker("zh"))


# From the scene to the mathematics.


# torch's own, when it first differentiates forward.
@pytest.mark.filterwarnings("ignore:.*torch.jit.script.* is deprecated:DeprecationWarning")
@pytest.mark.parametrize("prior", PRIOR.classes())
def test_the_scene_builds_what_it_names(prior):
    scene = Scene(prior=prior, schedule="vp")
    field = scene.field()
    assert type(scene.prior_object()) is PRIOR.classes()[prior]
    assert type(scene.schedule_object()) is SCHEDULE.classes()["vp"]
    x = torch.tensor([[0.9]], dtype=torch.float64)
    assert torch.isfinite(field.log_prob(x, torch.tensor(0.5, dtype=torch.float64))).all()


@pytest.mark.parametrize("registry", [PRIOR, SCHEDULE], ids=lambda registry: registry.kind)
def test_every_parameter_has_a_range_with_its_default_inside(registry):
    for name in registry.classes():
        for spec in registry.specs(name).values():
            assert spec.low < spec.high
            assert spec.step > 0
            assert spec.canonical(spec.default) == spec.default
            assert spec.read(written(spec.default)) == spec.default


def test_points_may_be_given_as_their_text():
    assert Scene(points="1*2, 3").points == Points((1.0, 3.0), (2.0, 1.0))  # pyright: ignore[reportArgumentType]
