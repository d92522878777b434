"""Hypothesis strategies for points and scenes of every kind."""

from __future__ import annotations

import random
from typing import Any, get_args

from annotated_types import Ge, Le
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from flowviz.scene import Scene
from flowviz.scene.decimals import GRID
from flowviz.scene.exercise import CONTROLS, Ask
from flowviz.scene.formula import Typed
from flowviz.scene.parameters import (
    FAMILY,
    PLANE_FAMILY,
    PLANE_PRIOR,
    PRIOR,
    SCHEDULE,
    Registry,
    Spec,
)
from flowviz.scene.point_parsing import LABELS
from flowviz.scene.points import PlanePoints, Points
from flowviz.scene.settings import GROUPS
from flowviz.scene.validators import VIEWS
from flowviz.text import LANGUAGES

POSITIONS = st.integers(-1_000_000 * GRID, 1_000_000 * GRID).map(lambda n: n / GRID)
WEIGHTS = st.integers(1, 10**6 * GRID).map(lambda n: n / GRID)


def point_sets(most: int = 60) -> st.SearchStrategy[Points]:
    return st.lists(_row(1), min_size=1, max_size=most).map(Points.of)


def plane_sets(most: int = 60) -> st.SearchStrategy[PlanePoints]:
    return st.lists(_row(2), min_size=1, max_size=most).map(PlanePoints.of)


def _row(d: int) -> st.SearchStrategy[tuple[float, ...]]:
    """A point, with a weight or without, of a class or of none."""
    labels = st.just(0) | st.integers(0, len(LABELS))
    return st.tuples(*[POSITIONS] * d, WEIGHTS | st.just(1.0), labels)


def crowd(n: int, spread: float = 10.0, seed: int = 0) -> Points:
    rng = random.Random(seed)
    x = tuple(rng.uniform(-spread, spread) for _ in range(n))
    return Points(x, tuple(rng.uniform(0.01, 1.0) for _ in range(n)))


def on_grid(low: float, high: float) -> st.SearchStrategy[float]:
    return st.integers(round(low * GRID), round(high * GRID)).map(lambda n: n / GRID)


TEXTS = {"alpha": ["1-t", "1 - t^2", "cos(pi*t/2)"], "sigma": ["t", "t**3", "sin(pi*t/2)"]}


def values_of(spec: Spec) -> st.SearchStrategy[Any]:
    if spec.role:
        return st.sampled_from(TEXTS[spec.role])
    if spec.whole:
        return st.integers(int(spec.low), int(spec.high))
    one = on_grid(spec.low, spec.high)
    return st.lists(one, min_size=3, max_size=3).map(tuple) if spec.many else one


def params_of(registry: Registry, name: str) -> st.SearchStrategy[dict[str, Any]]:
    def ordered(values: dict[str, Any]) -> dict[str, Any]:
        ends = [key for key in ("low", "mode", "high") if key in values]
        return values | dict(zip(ends, sorted(values[key] for key in ends), strict=True))

    specs = registry.specs(name)
    drawn = st.fixed_dictionaries({key: values_of(spec) for key, spec in specs.items()})
    return drawn.map(ordered).filter(lambda v: "low" not in v or v["low"] < v["high"])


def zooms() -> st.SearchStrategy[tuple[float, float, float, float]]:
    """Ranges of two axes."""
    low, width = st.floats(-1e5, 1e5), st.floats(1e-3, 1e5)
    return st.builds(lambda a, b, c, d: (a, a + b, c, c + d), low, width, low, width)


LETTER = on_grid(-100.0, 100.0)


def formulas(d: int) -> st.SearchStrategy[Typed]:
    """Typed families of every kind, with letters or without."""
    bent = st.builds(
        lambda a, k: Typed("forward", "(1-t)*x0 + t*x1 + a*t*sin(k*t)", "", (("a", a), ("k", k))),
        LETTER,
        LETTER,
    )
    means = st.builds(lambda b: Typed("mean", "(1-t)^b*x0", "t^2", (("b", b),)), on_grid(-8, 8))
    plain = [Typed(), Typed("inverse", "(x - (1-t)*x0)/t"), Typed("mean", "x0*(1-t)/(1+t)", "")]
    if d == 2:
        plain.append(Typed("forward", "x0 + t*rot(c*(1-t))*(x1 - x0)", "", (("c", 1.0),)))
        plain.append(Typed("forward", "[x0[0]*(1-t), 0] + t*x1", "", ()))
    return bent | means | st.sampled_from(plain)


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    prior = draw(st.sampled_from(sorted(PRIOR.classes())))
    schedule = draw(st.sampled_from(sorted(SCHEDULE.classes())))
    family = draw(st.sampled_from(sorted(FAMILY.classes())))
    return Scene(
        points=draw(point_sets(most=8)),
        prior=prior,
        prior_params=draw(params_of(PRIOR, prior)),  # pyright: ignore[reportArgumentType]
        family=family,
        family_params=draw(params_of(FAMILY, family)),  # pyright: ignore[reportArgumentType]
        formula=draw(formulas(1)),
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
        probe=draw(st.none() | st.tuples(st.floats(0, 1), st.floats(-1e6, 1e6))),
        zoom=draw(st.none() | zooms()),
        **draw(st.just({}) | plane_settings()),
        **draw(st.just({}) | page_settings("space", "green", "learn", "solvers", "images")),
        **draw(st.just({}) | exercises()),
        lang=draw(st.sampled_from(sorted(LANGUAGES))),
        large=draw(st.booleans()),
    )


def page_settings(*groups: str) -> st.SearchStrategy[dict[str, Any]]:
    """Any values of the plain settings of some pages: counts, numbers and words, by their types."""
    named = {n: f for group in groups for n, f in GROUPS[group].model_fields.items()}
    return st.fixed_dictionaries({name: any_value(field) for name, field in named.items()})


def any_value(field: FieldInfo) -> st.SearchStrategy[Any]:
    if choices := get_args(field.annotation):
        return st.sampled_from(choices)
    if field.annotation is bool:
        return st.booleans()
    if field.annotation is str:  # a visitor's own images
        image = st.text("0123456789abcdef", min_size=64, max_size=64)
        return st.lists(image, min_size=1, max_size=3).map(".".join)
    low = next(bound.ge for bound in field.metadata if isinstance(bound, Ge))
    high = next(bound.le for bound in field.metadata if isinstance(bound, Le))
    if field.annotation is int:
        return st.integers(int(str(low)), int(str(high)))
    return on_grid(float(str(low)), float(str(high)))


def exercises() -> st.SearchStrategy[dict[str, Any]]:
    controls = st.lists(st.sampled_from(sorted(CONTROLS)), unique=True)
    place = st.floats(-1e6, 1e6)
    numbers = st.lists(on_grid(-1e6, 1e6), max_size=2).map(tuple)
    return st.fixed_dictionaries(
        {
            "ask": st.sampled_from(get_args(Ask)),
            "at": st.none() | st.lists(place, min_size=1, max_size=2).map(lambda x: (0.5, *x)),
            "tol": on_grid(0.0, 1e6),
            "hide": controls,
            "lock": controls,
            "answer": numbers,
        }
    )


@st.composite
def plane_settings(draw: st.DrawFn) -> dict[str, Any]:
    prior = draw(st.sampled_from(sorted(PLANE_PRIOR.classes())))
    family = draw(st.sampled_from(sorted(PLANE_FAMILY.classes())))
    place = st.floats(-1e6, 1e6)
    return {
        "plane_points": draw(plane_sets(most=8)),
        "plane_prior": prior,
        "plane_prior_params": draw(params_of(PLANE_PRIOR, prior)),
        "plane_family": family,
        "plane_family_params": draw(params_of(PLANE_FAMILY, family)),
        "plane_formula": draw(formulas(2)),
        "plane_particles": draw(st.integers(1, 2000)),
        "plane_views": draw(st.lists(st.sampled_from(VIEWS), unique=True).map(tuple)),
        "plane_scale": draw(st.sampled_from(["linear", "log"])),
        "plane_probe": draw(st.none() | st.tuples(st.floats(0, 1), place, place)),
    }


def random_params(rng: random.Random, registry: Registry, name: str) -> dict[str, Any]:
    """Any parameters the entry accepts, with ends in order."""
    values: dict[str, Any] = {}
    for key, spec in registry.specs(name).items():
        if spec.role:
            values[key] = rng.choice(TEXTS[spec.role])
            continue
        drawn = [round(rng.uniform(spec.low, spec.high), rng.randrange(7)) for _ in range(3)]
        drawn = [min(max(number, spec.low), spec.high) for number in drawn]
        values[key] = tuple(drawn) if spec.many else drawn[0]
    ends = [key for key in ("low", "mode", "high") if key in values]
    places = sorted(values[key] for key in ends)
    if places and places[0] == places[-1]:
        places = [0.0, 1.0, 2.0][: len(places)]
    return values | dict(zip(ends, places, strict=True))


def random_scene(rng: random.Random, prior: str, schedule: str, most: int = 60) -> Scene:
    """A scene of up to ``most`` points, drawn in a tenth of the time that a strategy takes."""
    settings: dict[str, Any] = {
        "points": crowd(
            rng.randint(1, most), 10.0 ** rng.randint(-3, 4), seed=rng.randrange(2**32)
        ),
        "prior_params": random_params(rng, PRIOR, prior),
        "schedule_params": random_params(rng, SCHEDULE, schedule),
        "trajectories": rng.randint(1, 400),
        "arrows": rng.random() < 0.5,
        "time": rng.random(),
        "speed": rng.uniform(0.1, 10.0),
        "probe": rng.choice([None, (rng.random(), rng.uniform(-1e4, 1e4))]),
        "lang": rng.choice(sorted(LANGUAGES)),
    }
    return Scene(prior=prior, schedule=schedule, **settings)
