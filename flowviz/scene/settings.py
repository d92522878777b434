"""The fields of `flowviz.scene.Scene` (what a visitor can choose), in groups by page.

Each group is a pydantic model; each field has a name (also the key of the link and of the widget),
a validator and a default. A new page's settings are one class here and one line in `GROUPS`; the
link, the widgets' keys and the refusals are derived from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, Field, PlainValidator

from flowviz.conventions import DEFAULT, TimeConvention
from flowviz.scene.exercise import Ask, asked_place, controls
from flowviz.scene.formula import Typed
from flowviz.scene.lesson_answers import LARGEST, STEPS, LessonAnswers, checked_answers
from flowviz.scene.locked_answer import LockedAnswer, locked_answer
from flowviz.scene.own_images import EXAMPLE, own_images
from flowviz.scene.parameters import FAMILY, PLANE_FAMILY, PLANE_PRIOR, PRIOR, SCHEDULE, Params
from flowviz.scene.point_parsing import MAX_POSITION
from flowviz.scene.points import PlanePoints, Points
from flowviz.scene.validators import (
    Number,
    Whole,
    axis_ranges,
    family_formula,
    params_of,
    point_set,
    query_point,
    views,
)
from flowviz.text import Language

#: What a network predicts, and how the field is read: `core.field.predictions`.
Prediction = Literal["velocity", "denoiser", "noise", "score"]


class SharedSettings(BaseModel):
    """The settings that all pages share."""

    schedule: Annotated[str, PlainValidator(SCHEDULE.check)] = "linear"
    schedule_params: Annotated[Params, params_of(SCHEDULE)] = Field(
        default=(), validate_default=True
    )
    time: Annotated[Number, Field(ge=0, le=1)] = 0.5
    speed: Annotated[Number, Field(ge=0.1, le=10)] = 1.0
    lang: Language = "en"
    large: bool = False
    present: bool = False
    convention: TimeConvention = DEFAULT
    prediction: Prediction = "velocity"
    zoom: Annotated[tuple[float, float, float, float] | None, PlainValidator(axis_ranges)] = None


#: How results are shown, and exercises: in the link only where it is not the usual way.
OMITTED = ("convention", "prediction", "present", "ask", "at", "tol", "hide", "lock", "answer")

#: The settings that are the reader's and not the scene's: kept when another scene is taken.
READER = ("lang", "large", "convention", "present")

Space = Literal["line", "plane"]

#: The fields that a flow depends on, besides the schedule.
FLOW: Mapping[Space, tuple[str, ...]] = {
    "line": ("points", "prior", "prior_params", "family", "family_params", "formula"),
    "plane": (
        "plane_points",
        "plane_prior",
        "plane_prior_params",
        "plane_family",
        "plane_family_params",
        "plane_formula",
    ),
}


class SpaceSettings(BaseModel):
    """The dimension of the pages Green, Train, Solvers and Couplings."""

    space: Space = "line"


class LineSettings(BaseModel):
    """The settings of the line."""

    points: Annotated[Points, point_set(Points)] = Points((0.5, 1.2, 1.7), (2.0, 1.0, 1.0))
    prior: Annotated[str, PlainValidator(PRIOR.check)] = "uniform"
    prior_params: Annotated[Params, params_of(PRIOR)] = Field(default=(), validate_default=True)
    family: Annotated[str, PlainValidator(FAMILY.check)] = "affine"
    family_params: Annotated[Params, params_of(FAMILY)] = Field(default=(), validate_default=True)
    formula: Annotated[Typed, family_formula(1)] = Typed()
    trajectories: Annotated[Whole, Field(ge=1, le=400)] = 37
    launch: Literal["steps", "probability"] = "steps"
    color: Literal["basin", "x1"] = "basin"
    heatmap: bool = True
    fan: bool = True
    arrows: bool = False
    probe: Annotated[tuple[float, float] | None, query_point("probe", 1)] = None


class PlaneSettings(BaseModel):
    """The settings of the plane."""

    plane_points: Annotated[PlanePoints, point_set(PlanePoints)] = PlanePoints(
        (1.2, -1.3, -0.4, 1.1), (0.9, 0.7, -1.2, -1.0), (2.0, 1.0, 1.0, 1.0)
    )
    plane_prior: Annotated[str, PlainValidator(PLANE_PRIOR.check)] = "gaussian"
    plane_prior_params: Annotated[Params, params_of(PLANE_PRIOR)] = Field(
        default=(), validate_default=True
    )
    plane_family: Annotated[str, PlainValidator(PLANE_FAMILY.check)] = "affine"
    plane_family_params: Annotated[Params, params_of(PLANE_FAMILY)] = Field(
        default=(), validate_default=True
    )
    plane_formula: Annotated[Typed, family_formula(2)] = Typed()
    plane_particles: Annotated[Whole, Field(ge=1, le=2000)] = 300
    plane_views: Annotated[tuple[str, ...], views] = (
        "density",
        "lines",
        "particles",
    )
    plane_scale: Literal["linear", "log"] = "linear"
    plane_probe: Annotated[tuple[float, float, float] | None, query_point("plane_probe", 2)] = None


Position = Annotated[Number, Field(ge=-MAX_POSITION, le=MAX_POSITION)]


class GreenSettings(BaseModel):
    """The Green page's data point, query point (t, x), number of trajectories and bend strength.

    On the line the data point is ``green_x0`` and the query position ``green_x``; in the plane they
    are (``green_a``, ``green_b``) and (``green_u``, ``green_v``).
    """

    green_x0: Position = 0.5
    green_a: Position = 0.6
    green_b: Position = -0.3
    green_t: Annotated[Number, Field(ge=0.02, le=1)] = 0.4
    green_x: Position = 0.9
    green_u: Position = 0.9
    green_v: Position = 0.3
    green_lines: Annotated[Whole, Field(ge=1, le=200)] = 25
    green_bend: Annotated[Number, Field(ge=0, le=3)] = 1.0


#: The fields of the Green page's data point and query position.
DATA_POINT: Mapping[Space, tuple[str, ...]] = {
    "line": ("green_x0",),
    "plane": ("green_a", "green_b"),
}
QUERY_POSITION: Mapping[Space, tuple[str, ...]] = {
    "line": ("green_x",),
    "plane": ("green_u", "green_v"),
}

Activation = Literal["silu", "gelu", "tanh", "relu", "selu"]


class LearnSettings(BaseModel):
    """The Train page's settings: network, optimiser and sampling."""

    learn_steps: Annotated[Whole, Field(ge=1, le=200_000)] = 8_000
    learn_batch: Annotated[Whole, Field(ge=8, le=8_192)] = 256
    learn_width: Annotated[Whole, Field(ge=4, le=512)] = 64
    learn_depth: Annotated[Whole, Field(ge=1, le=8)] = 3
    learn_activation: Activation = "silu"
    learn_rate: Annotated[Number, Field(ge=1e-6, le=1)] = 7e-3
    learn_sampling: Literal["uniform", "logit_normal"] = "uniform"
    learn_t_min: Annotated[Number, Field(ge=1e-4, le=0.5)] = 1e-3
    learn_target: Literal["conditional", "exact", "average"] = "conditional"
    learn_seed: Annotated[Whole, Field(ge=0, le=999_999)] = 0
    learn_edges: bool = False
    learn_labels: bool = False
    learn_dropout: Annotated[Number, Field(ge=0.05, le=0.95)] = 0.2


Method = Literal[
    "euler", "midpoint", "heun", "rk4", "dopri5", "ddim", "dpm2", "multistep", "mean_value"
]


class SolverSettings(BaseModel):
    """The Solvers page's settings.

    ``solver_step`` is the last step shown; 0 shows all. ``solver_digits`` sets an adaptive solver's
    tolerance, 10 ** -solver_digits.
    """

    solver_flow: Literal["exact", "learned"] = "exact"
    solver_method: Method = "heun"
    solver_steps: Annotated[Whole, Field(ge=1, le=64)] = 6
    solver_digits: Annotated[Whole, Field(ge=1, le=8)] = 2
    solver_grid: Literal["uniform", "log", "cosine", "karras"] = "uniform"
    solver_rho: Annotated[Number, Field(ge=1, le=20)] = 7.0
    solver_last: Annotated[Number, Field(ge=0.001, le=0.2)] = 0.01
    solver_lines: Annotated[Whole, Field(ge=1, le=60)] = 20
    solver_step: Annotated[Whole, Field(ge=0, le=64)] = 0
    solver_measure: Literal["error", "way", "wrong", "w2"] = "error"
    solver_noise: Annotated[Number, Field(ge=0, le=4)] = 0.0
    solver_mean_t: Annotated[Number, Field(ge=0.05, le=1)] = 1.0
    solver_mean_s: Annotated[Number, Field(ge=0, le=0.95)] = 0.0
    solver_way: Annotated[Number, Field(ge=0.05, le=0.8)] = 0.2


CouplingName = Literal["independent", "optimal_transport", "reflow", "minibatch"]


class CouplingSettings(BaseModel):
    """The Couplings page's settings; ``coupling_batch`` is the size of minibatches."""

    coupling: CouplingName = "independent"
    coupling_steps: Literal["exact", "1", "2", "4"] = "exact"
    coupling_lines: Annotated[Whole, Field(ge=1, le=60)] = 24
    coupling_batch: Annotated[Whole, Field(ge=1, le=256)] = 16


ImageWindow = Literal["whole", "seven", "five", "three", "shrinking"]


class ImageSettings(BaseModel):
    """The Images page's settings.

    ``image_count`` images are used, the others are held out. ``image_draw``, counted from 1, is
    followed along time.
    """

    image_topic: Literal["draws", "windows", "errors", "learned", "guidance", "targets", "own"] = (
        "draws"
    )
    image_count: Annotated[Whole, Field(ge=10, le=1_797)] = 500
    image_window: ImageWindow = "whole"
    image_draw: Annotated[Whole, Field(ge=1, le=16)] = 1
    image_seed: Annotated[Whole, Field(ge=0, le=999_999)] = 0
    image_net: Literal["mlp", "cnn"] = "mlp"
    image_guide: Literal["worse", "label"] = "worse"
    image_label: Annotated[Whole, Field(ge=0, le=9)] = 3
    image_own: Annotated[str, own_images] = EXAMPLE


Label = Literal["a", "b", "c", "d", "e", "f"]


class GuidanceSettings(BaseModel):
    """The Guidance page's settings: the class, the scale, and the interval of t with guidance.

    Generation goes from t = 1 to t = 0: guidance begins at the later time.
    """

    guidance_class: Label = "a"
    guidance_scale: Annotated[Number, Field(ge=0, le=10)] = 2.0
    guidance_begin: Annotated[Number, Field(ge=0, le=1)] = 1.0
    guidance_end: Annotated[Number, Field(ge=0, le=1)] = 0.0
    guidance_lines: Annotated[Whole, Field(ge=1, le=200)] = 50


class LessonSettings(BaseModel):
    """The lesson's step and what was answered. Its scenes are its own."""

    lesson_step: Annotated[Whole, Field(ge=1, le=STEPS)] = 1
    lesson_answers: Annotated[LessonAnswers, checked_answers] = LessonAnswers()


class ExerciseSettings(BaseModel):
    """A question of the scene, controls that it hides or freezes, and what was locked in answer.

    ``at`` is the point that is asked about, (t, x) or (t, x, y); without it, the page chooses one.
    ``tol`` is the tolerance in the units of the answer; 0 takes the question's usual one.
    """

    ask: Ask = "none"
    at: Annotated[tuple[float, ...] | None, asked_place] = None
    tol: Annotated[Number, Field(ge=0, le=LARGEST)] = 0.0
    hide: Annotated[tuple[str, ...], controls("hide")] = ()
    lock: Annotated[tuple[str, ...], controls("lock")] = ()
    answer: Annotated[LockedAnswer | None, locked_answer] = None


#: A page's link omits a group that the page does not show while all its fields are at default.
GROUPS: Mapping[str, type[BaseModel]] = {
    "line": LineSettings,
    "plane": PlaneSettings,
    "space": SpaceSettings,
    "green": GreenSettings,
    "learn": LearnSettings,
    "solvers": SolverSettings,
    "couplings": CouplingSettings,
    "images": ImageSettings,
    "guidance": GuidanceSettings,
    "lesson": LessonSettings,
    "exercise": ExerciseSettings,
}

#: The groups that each page shows, besides the shared one; "space" adds the line's or the plane's.
SHOWN: Mapping[str, frozenset[str]] = {
    "fan": frozenset({"line"}),
    "plane": frozenset({"plane"}),
    "green": frozenset({"space", "green"}),
    "learn": frozenset({"space", "learn"}),
    "solvers": frozenset({"space", "solvers"}),
    "couplings": frozenset({"space", "couplings"}),
    "images": frozenset({"images"}),
    "guidance": frozenset({"space", "guidance"}),
    "lesson": frozenset({"lesson"}),
    "gallery": frozenset(),
}


@cache
def group_of(name: str) -> str | None:
    """The group of a field; None for a shared one."""
    return next((g for g, model in GROUPS.items() if name in model.model_fields), None)
