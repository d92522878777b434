"""The scenes of the gallery: a table, from a first look to research.

The words of a scene are ``gallery.<name>`` and ``gallery.<name>.about`` in `flowviz.text`, one
sentence each; `tests/test_gallery.py` proves every sentence by computing it. Priors, families and
schedules that no row shows are added from their registries, with the words that these have.

A new or changed row needs its thumbnail: ``python -m flowviz.ui.gallery.thumbnails``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from flowviz.core.datasets import DATASETS
from flowviz.scene import Scene
from flowviz.scene.formula_examples import EXAMPLES
from flowviz.scene.labelling import EXAMPLE
from flowviz.scene.parameters import FAMILY, PLANE_FAMILY, PLANE_PRIOR, PRIOR, SCHEDULE
from flowviz.scene.points import PlanePoints
from flowviz.text import Translator

GROUPS = (
    "first",
    "plane",
    "priors",
    "paths",
    "single",
    "learn",
    "solvers",
    "guidance",
    "images",
    "more",
)
"""From a first look to research; their names are ``gallery.group.<name>``."""


@dataclass(frozen=True)
class Row:
    """A scene of the gallery.

    Attributes:
        name: of its thumbnail and its words.
        group: one of `GROUPS`.
        page: where it opens.
        changes: fields of the scene that are not at default.
        times: that its sentence names, {a}, {b}.
        words: the keys of its title and its sentence.
    """

    name: str
    group: str
    page: str
    changes: Mapping[str, Any]
    times: tuple[float, ...] = ()
    words: tuple[str, str] = field(default=("", ""))

    @property
    def scene(self) -> Scene:
        """The scene, in English and for no projector."""
        return _scene(self.name)

    def link(self, reader: Scene) -> str:
        """Its link, ``page?query``, with the settings that are the reader's."""
        scene = self.scene.model_copy(update=reader.reader())
        return f"{self.page}?{scene.query_string(self.page)}"

    def title(self, tr: Translator) -> str:
        """Its title, in plain text."""
        return tr(self.words[0] or f"gallery.{self.name}")

    def about(self, tr: Translator) -> str:
        """The sentence of what is worth seeing, in plain text."""
        said = {name: tr.time(t) for name, t in zip("ab", self.times, strict=False)}
        return tr(self.words[1] or f"gallery.{self.name}.about", **said)


def _points(name: str) -> PlanePoints:
    return PlanePoints.of([(*at, 1.0) for at in DATASETS[name].points])


def _flower(n: int) -> PlanePoints:
    """Points along a flower of five petals, r = 1.4 + 0.6 cos 5θ."""
    angles = (math.tau * k / n for k in range(n))
    polar = ((1.4 + 0.6 * math.cos(5.0 * a), a) for a in angles)
    rows = [(round(r * math.cos(a), 2), round(r * math.sin(a), 2), 1.0) for r, a in polar]
    return PlanePoints.of(rows)


_GAUSSIAN = {"prior": "gaussian"}
_BELL = {"prior": "gaussian", "prior_params": {"loc": 1.1, "scale": 0.8}}
_TANH = EXAMPLES["line"]["tanh"]

_ROWS = (
    # ------------------------------------------------------------------------------ a first look
    Row("article", "first", "fan", {}),
    Row("one_point", "first", "fan", {"points": "1"}),
    Row("two_points", "first", "fan", {"points": "0.5,1.5"}),
    Row("nine_to_one", "first", "fan", {"points": "0.5*9,1.5"}),
    Row("outside", "first", "fan", {"points": "-1,3"}, times=(2 / 3,)),
    Row("near_and_far", "first", "fan", {"points": "0.5,0.6,1.8"}, times=(1 / 21, 0.375)),
    Row("average", "first", "fan", {"probe": (0.4, 0.9), "time": 0.4}),
    # ------------------------------------------------------------------------------ in the plane
    Row("four_points", "plane", "plane", {}),
    Row(
        "eight_sectors",
        "plane",
        "plane",
        {"plane_points": _points("eight_gaussians")},
    ),
    Row(
        "two_moons",
        "plane",
        "plane",
        {"plane_points": _points("two_moons"), "time": 0.25},
        times=(0.25, 0.12),
    ),
    Row(
        "checkerboard",
        "plane",
        "plane",
        {"plane_points": _points("checkerboard"), "time": 0.2},
        times=(0.2, 0.12),
    ),
    Row("pinwheel", "plane", "plane", {"plane_points": _points("pinwheel"), "time": 0.2}, (0.2,)),
    Row("flower", "plane", "plane", {"plane_points": _flower(500), "time": 0.1}),
    # ------------------------------------------------------------------------------ priors
    Row(
        "heavy_tails",
        "priors",
        "fan",
        {
            "points": "-1,1",
            "prior": "student_t",
            "prior_params": {"df": 1.0},
            "launch": "probability",
        },
    ),
    Row(
        "gravity",
        "priors",
        "fan",
        {"prior": "student_t", "prior_params": {"df": 1.0}, "launch": "probability"},
    ),
    Row("infinite_density", "priors", "fan", {"prior": "arcsine"}),
    Row(
        "two_bells",
        "priors",
        "fan",
        {
            "points": "-1,1",
            "prior": "gaussian_mixture",
            "prior_params": {"scales": (0.3, 0.3)},
            "launch": "probability",
        },
    ),
    Row(
        "from_data_to_data",
        "priors",
        "fan",
        {
            "points": "-1.5,1.5",
            "prior": "kernel_density",
            "prior_params": {"samples": (-2.0, -1.0, 1.0, 2.0), "bandwidth": 0.1},
            "launch": "probability",
        },
    ),
    Row(
        "ring",
        "priors",
        "plane",
        {"plane_points": "(0,0),(0.7,0),(0,0.7),(-0.7,0),(0,-0.7)", "plane_prior": "ring"},
    ),
    Row("disk", "priors", "plane", {"plane_prior": "disk"}),
    # ------------------------------------------------------------------------------ paths
    Row("another_schedule", "paths", "fan", {**_BELL, "schedule": "cosine"}),
    Row("late_data", "paths", "fan", {**_BELL, "schedule": "vp", "time": 0.5}, times=(0.5,)),
    Row("waves", "paths", "fan", {"family": "wave"}),
    Row("typed", "paths", "fan", {**_BELL, "family": "formula", "formula": _TANH}),
    Row(
        "swirl", "paths", "plane", {"plane_family": "swirl", "plane_family_params": {"turns": 1.0}}
    ),
    # ------------------------------------------------------------------------------ one data point
    Row("green", "single", "green", {}),
    Row(
        "green_swirl",
        "single",
        "green",
        {"space": "plane", "plane_family": "swirl", "plane_family_params": {"turns": 1.0}},
    ),
    Row(
        "green_gravity",
        "single",
        "green",
        {"prior": "student_t", "prior_params": {"df": 1.0}, "green_t": 0.5},
    ),
    Row(
        "fold",
        "single",
        "green",
        {"family": "formula", "formula": EXAMPLES["line"]["fold"], **_GAUSSIAN, "green_t": 0.5},
    ),
    # ------------------------------------------------------------------------------ learning
    Row("floor", "learn", "learn", {}),
    Row("no_floor", "learn", "learn", {"learn_target": "exact"}),
    # ------------------------------------------------------------------------------ solvers
    Row(
        "one_step", "solvers", "solvers", {**_GAUSSIAN, "solver_method": "euler", "solver_steps": 1}
    ),
    Row(
        "four_steps",
        "solvers",
        "solvers",
        {**_GAUSSIAN, "solver_method": "euler", "solver_steps": 4},
    ),
    Row(
        "karras",
        "solvers",
        "solvers",
        {**_GAUSSIAN, "solver_method": "heun", "solver_steps": 8, "solver_grid": "karras"},
    ),
    Row("adaptive", "solvers", "solvers", {**_GAUSSIAN, "solver_method": "dopri5"}),
    Row("ddim", "solvers", "solvers", {**_GAUSSIAN, "solver_method": "ddim", "solver_steps": 4}),
    Row(
        "crossing_pairs", "solvers", "couplings", {"coupling": "independent", "coupling_steps": "1"}
    ),
    Row(
        "best_pairs",
        "solvers",
        "couplings",
        {"space": "plane", "coupling": "optimal_transport", "coupling_steps": "1"},
    ),
    # ------------------------------------------------------------------------------ guidance
    Row(
        "guided",
        "guidance",
        "guidance",
        {**_GAUSSIAN, "points": EXAMPLE["points"], "probe": (0.5, 0.2)},
    ),
    Row(
        "guided_plane",
        "guidance",
        "guidance",
        {"space": "plane", "plane_points": EXAMPLE["plane_points"], "guidance_scale": 4.0},
    ),
    # ------------------------------------------------------------------------------ images
    Row("digits", "images", "images", {}),
    Row("mosaics", "images", "images", {"image_topic": "windows", "image_window": "five"}),
    Row("icons", "images", "images", {"image_topic": "own"}),
)


GUIDE = ("one_point", "green", "article", "heavy_tails", "four_points", "floor", "four_steps")
"""The scenes of the numbered path through the pages: two sentences each, ``guide.<name>``."""


def _more() -> Iterator[Row]:
    """A row for each prior, family and schedule that no row of the table shows, but typed ones."""
    scenes = [Scene(**row.changes) for row in _ROWS]
    registries = (
        (PRIOR, "prior", "fan", "prior"),
        (PLANE_PRIOR, "plane_prior", "plane", "prior"),
        (FAMILY, "family", "fan", "path"),
        (PLANE_FAMILY, "plane_family", "plane", "path"),
        (SCHEDULE, "schedule", "fan", "schedule"),
    )
    seen = {(kind, getattr(scene, at)) for scene in scenes for _, at, _, kind in registries}
    for registry, at, page, kind in registries:
        for name in registry.classes():
            if name == "formula" or (kind, name) in seen:
                continue
            seen.add((kind, name))
            words = (f"{kind}.{name}", f"{kind}.{name}.about")
            yield Row(f"{kind}_{name}", "more", page, {at: name}, words=words)


@cache
def rows() -> tuple[Row, ...]:
    """All scenes of the gallery, group by group."""
    return (*_ROWS, *_more())


@cache
def _scene(name: str) -> Scene:
    (row,) = (row for row in rows() if row.name == name)
    return Scene(**row.changes)
