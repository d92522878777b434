"""The link is the complete scene; of a damaged one the rest is read, with notices."""

from __future__ import annotations

import random
from typing import Any, get_args
from urllib.parse import parse_qs, urlencode

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from flowviz.scene import Scene
from flowviz.scene.link import MAX_LINK, to_text
from flowviz.scene.parameters import FAMILY, PLANE_FAMILY, PRIOR, SCHEDULE
from flowviz.scene.points import PlanePoints, Points
from flowviz.scene.settings import SHOWN, Space
from flowviz.text import Refusal, translator
from flowviz.ui.session.keys import flow_key
from tests.scenes import crowd, random_scene, scenes

HOSTILE = [
    "",
    "1",
    "1~forward",
    "1~eval~x0~~",
    "2~forward~x0~~",
    "1~forward~__import__('os')~~",
    "1~forward~x0.__class__~~",
    "1~forward~x0[1]~~",
    "1~forward~(1-t)*x0 + t*x1 + a~~a=1e9",
    "1~forward~(1-t)*x0 + t*x1 + a~~a=nan",
    "1~forward~(1-t)*x0 + t*x1 + a~~a",
    "1~mean~x0~t+~",
    "1~forward~" + "(" * 3_000,
    "1~forward~" + "x0+" * 30_000 + "x0~~",
]


@given(scenes())
@settings(max_examples=150, deadline=None)
def test_scene_to_link_to_scene_is_the_identity(scene):
    link = scene.query_string()
    back, notices = Scene.read_query(parse_qs(link))
    assert (back, notices) == (scene, [])
    assert hash(back) == hash(scene)
    assert back.query_string() == link
    held = parse_qs(link)
    assert len(held.pop("sum")[0]) == 6
    assert held.pop("v") == ["2"]
    assert parse_qs(urlencode(scene.to_query())) == held
    assert len(link) <= MAX_LINK


@given(scenes(), st.sampled_from(sorted(SHOWN)))
@settings(max_examples=50, deadline=None)
def test_a_link_of_any_page_holds_every_setting(scene, page):
    link = scene.query_string(page)
    assert Scene.read_query(parse_qs(link)) == (scene, [])
    assert len(link) <= MAX_LINK


@given(scenes())
@settings(max_examples=50, deadline=None)
def test_a_link_of_the_plane_holds_every_setting(scene):
    link = scene.query_string("plane")
    assert Scene.read_query(parse_qs(link)) == (scene, [])
    assert len(link) <= MAX_LINK
    assert scene.shown("green") == {"space", "green", scene.space}
    for space in get_args(Space):
        key = flow_key(scene, space)
        assert key == flow_key(key, space) == type(scene)(**dict(key))
        assert key.field(space).path == scene.field(space).path
        assert key.field(space).x0.equal(scene.field(space).x0)


def test_a_link_of_the_fan_omits_the_plane_at_default():
    assert not [key for key in Scene(arrows=True).to_query() if key.startswith(("plane", "q."))]
    assert "plane_points" in Scene().to_query("plane")
    assert "plane_points" in Scene(plane_particles=7).to_query()
    assert "points" not in Scene().to_query("plane")
    assert "points" in Scene(arrows=True).to_query("plane")


@pytest.mark.parametrize("space", get_args(Space))
@pytest.mark.parametrize("page", [page for page in SHOWN if "space" in SHOWN[page]])
def test_the_link_of_a_page_on_either_holds_the_one_it_shows(page, space):
    query = Scene(space=space).to_query(page)
    assert query["space"] == space
    assert ("points" in query, "plane_points" in query) == (space == "line", space == "plane")


def test_two_large_sets_that_do_not_fit_one_link_are_refused_with_the_room_there_is():
    line = crowd(2_000).shareable(2_500)
    plane = PlanePoints.of((x, -x, w) for x, w in zip(line.x, line.w, strict=True))
    with pytest.raises(Refusal) as caught:
        Scene(points=line, plane_points=plane.shareable(2_500))
    assert caught.value.key == "error.link.long"
    scene = Scene(points=line)
    fitting = plane.shareable(scene.link_budget("plane_points"))
    assert len(scene.with_(plane_points=fitting).query_string("plane")) <= MAX_LINK
    query = Scene(points=line).to_query() | {"plane_points": plane.shareable(2_500).link}
    kept, notices = Scene.read_query(query)
    assert len(kept.plane_points) == 2_000
    assert [notice.name for notice in notices] == ["points"]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"plane_views": "density,wings"}, "“wings” is not one of density, basins"),
        ({"plane_prior": "triangle"}, "“triangle” is not one of uniform"),
        ({"plane_points": "1, 2"}, "write each point as (x, y)"),
        ({"plane_particles": 2001}, "1 to 2,000"),
        ({"plane_probe": "0.5,1"}, "three numbers t, x, y"),
        ({"prior": "disk"}, "“disk” is not one of uniform"),
        (
            {"plane_prior": "gaussian_mixture_2d", "plane_prior_params": {"weights": (1.0,)}},
            "Every list needs the same number of entries; the lists hold 2, 2, 2, 2, 2, 1.",
        ),
    ],
    ids=str,
)
def test_what_the_plane_cannot_hold_is_refused_in_one_line(values, says):
    with pytest.raises(Refusal) as caught:
        Scene(**values)
    assert says in str(caught.value)


@pytest.mark.parametrize("schedule", SCHEDULE.classes())
@pytest.mark.parametrize("prior", PRIOR.classes())
def test_every_prior_and_schedule_travels_in_the_link(prior, schedule):
    rng = random.Random(f"{prior} {schedule}")
    for _ in range(10):
        scene = random_scene(rng, prior, schedule)
        assert Scene.read_query(parse_qs(scene.query_string())) == (scene, [])
    query = Scene(prior=prior, schedule=schedule).to_query()
    assert {f"p.{name}" for name in PRIOR.specs(prior)} <= query.keys()
    assert {f"s.{name}" for name in SCHEDULE.specs(schedule)} <= query.keys()


def test_the_defaults_are_the_articles_figure():
    assert Scene().query_string() == (
        "v=2&sum=14fc4b&points=0.5%2A2,1.2,1.7&prior=uniform&p.low=0&p.high=2&family=affine&trajectories=37"
        "&launch=steps&color=basin&heatmap=1&fan=1&arrows=0&schedule=linear&time=0.5&speed=1"
        "&lang=en&large=0"
    )
    assert Scene.from_query({}) == Scene()


def test_fifty_points_make_a_link_under_two_thousand_characters():
    points = crowd(50, spread=300_000.0)
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
        points=crowd(2_000, spread=300_000.0).shareable(),
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
        ({"time": float("nan")}, "Time: “nan” is not accepted: give a number from 0 to 1"),
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
        ({"zoom": "1,2,3"}, "four numbers"),
        ({"zoom": "0,1,2,2"}, "each lower end below"),
        ({"zoom": "0,1,5,2"}, "each lower end below"),
        ({"zoom": (0.0, float("inf"), 1.0, 2.0)}, "four numbers"),
        ({"zoom": "0,1e7,1,2"}, "four numbers"),
        ({"zoom": "0,one,1,2"}, "four numbers"),
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
    assert caught.value.translated(translator("zh")) not in {sentence, ""}


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


def test_a_new_prior_keeps_the_common_parameters():
    gaussian = Scene().with_(prior="gaussian", prior_params={"loc": 1.0, "scale": 0.5})
    assert dict(gaussian.with_(prior="laplace").prior_params) == {"loc": 1.0, "scale": 0.5}
    assert dict(Scene().with_(prior="triangular").prior_params)["mode"] == 1.0
    far = Scene().with_(prior_params={"low": 2.0, "high": 3.0})
    assert dict(far.with_(prior="triangular").prior_params)["low"] == 0.0, "mode 1 is not in [2, 3]"
    with pytest.raises(Refusal):
        Scene().with_(prior="cauchy")


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


@pytest.mark.parametrize(
    "registry", [PRIOR, SCHEDULE, FAMILY, PLANE_FAMILY], ids=lambda registry: registry.field
)
def test_every_parameter_has_a_range_with_its_default_inside(registry):
    for name in registry.classes():
        for spec in registry.specs(name).values():
            assert bool(spec.role) != (spec.low < spec.high)
            assert bool(spec.role) != (spec.step > 0)
            assert spec.canonical(spec.default) == spec.default
            assert spec.read(to_text(spec.default)) == spec.default


@pytest.mark.parametrize("space", get_args(Space))
def test_every_family_is_built_and_starts_at_its_data_point(space):
    d, registry = (2, PLANE_FAMILY) if space == "plane" else (1, FAMILY)
    assert ("swirl" in registry.classes()) == (space == "plane")
    for name in registry.classes():
        chosen: dict[str, Any] = {registry.field: name, "schedule": "cosine"}
        scene = Scene(**chosen)
        x0 = torch.full((1, d), 0.3, dtype=torch.float64)
        x1 = torch.full((1, d), 0.7, dtype=torch.float64)
        ends = scene.path(space).forward(x1, x0, torch.tensor([0.0], dtype=torch.float64))
        assert (ends == x0).all(), name
        field = scene.field(space)
        assert torch.isfinite(field.log_prob(x1, torch.tensor(0.9, dtype=torch.float64))).all()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_formula_in_a_link_falls_back_with_a_notice(text):
    query = Scene(family="formula").to_query() | {"formula": text}
    scene, notices = Scene.read_query(query)
    assert scene == Scene(family="formula")
    assert [notice.name for notice in notices] == ["formula"]


def test_points_may_be_given_as_their_text():
    assert Scene(points="1*2, 3").points == Points((1.0, 3.0), (2.0, 1.0))  # pyright: ignore[reportArgumentType]
