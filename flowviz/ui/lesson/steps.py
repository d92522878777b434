"""What each step of the lesson asks, how exact an answer must be, and where it is tried out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowviz.scene import Scene
from flowviz.scene.lesson_answers import EXIT
from flowviz.scene.lesson_answers import STEPS as COUNT
from flowviz.text import Translator
from flowviz.ui.lesson import measured, truth
from flowviz.ui.lesson.truth import Truth
from flowviz.ui.widgets import question
from flowviz.ui.widgets.question import Choice, Quantity, Question


@dataclass(frozen=True)
class Step:
    """A step: its questions, and the page and the scene on which it is tried out."""

    questions: tuple[Question, ...]
    page: str
    scene: Scene
    formula: str


def _step(
    questions: Sequence[Question], page: str, formula: str, scene: Mapping[str, Any] | Scene
) -> Step:
    return Step(
        tuple(questions), page, scene if isinstance(scene, Scene) else Scene(**scene), formula
    )


STEPS: tuple[Step, ...] = (
    _step([Quantity(axis="y")] * 2, "fan", r"F_t(x_t) = F_1(x_1)", {}),
    _step(
        [Quantity(axis="y")],
        "fan",
        r"p_t(x|x_0) = p_1(x_1)/t",
        {"points": "0.5", "time": 0.5},
    ),
    _step(
        [Quantity()],
        "green",
        r"f_t(x|x_0) = \frac{\dot\sigma_t}{\sigma_t}\,(x-x_0)",
        {"schedule": "quadratic", "green_x": 0.9, "green_t": 0.5},
    ),
    _step(
        [Quantity(1.0, 1.0)],
        "green",
        r"p_t(x_t|x_0) = p_1(x_1)\,\exp\int_t^1 \nabla\!\cdot f_s\,ds",
        {"space": "plane", "green_t": 0.1},
    ),
    _step(
        [Choice("option", 3), Quantity(axis="y")],
        "fan",
        r"p_t(x) = \sum_i w_i\,p_1(\varphi_t(x|x_0^i))\,|\partial_x\varphi_t|",
        truth.NORMAL,
    ),
    _step(
        [Choice("option", 3), Choice("second", 3)],
        "fan",
        r"f_t(x) = \sum_i r_i(x,t)\,f_t(x|x_0^i)",
        {"probe": (0.5, 0.9), "arrows": True},
    ),
    _step(
        [Choice("option", 3)],
        "learn",
        r"L(\theta) = \mathbb E\,\|v_\theta - f_t(x_t|x_0)\|^2 "
        r"= \mathbb E\,\|v_\theta - f_t\|^2 + \mathrm{floor}",
        {},
    ),
    _step(
        [Choice("option", 3)],
        "fan",
        r"u = \frac{\sigma_t}{\alpha_t+\sigma_t},\qquad "
        r"\frac{x_t}{\alpha_t+\sigma_t} = x^{\rm straight}_u",
        {"schedule": "cosine"},
    ),
    _step(
        [Quantity(), Quantity(axis="x")],
        "green",
        r"\frac{\partial x_t}{\partial x_1} = t\,(1 + 3a(1-t)\cos 3x_1) > 0",
        truth.bent(0.33),
    ),
    _step(
        [Quantity(axis="x"), Quantity(1.0, 0.5)],
        "solvers",
        r"x_{t'} = x_t + (t'-t)\,f_t(x_t)",
        {"solver_method": "euler", "solver_steps": 2},
    ),
    _step(
        [Choice("option", 3)],
        "fan",
        r"r_i(x,t) = w_i\,p_t(x|x_0^i)\,/\,p_t(x)",
        truth.CAUCHY.with_(probe=(0.5, 50.0)),
    ),
    _step(
        [Quantity(1.0, 0.5)],
        "images",
        r"D_t(x) = \sum_i r_i(x,t)\,x_0^i",
        {"image_count": measured.COUNT},
    ),
    _step(
        [Choice("option", 4), Quantity(tolerance=0.1, axis="x")],
        "images",
        r"\alpha_t^2\,\Lambda = \sigma_t^2",
        {"image_count": measured.MANY},
    ),
    _step(
        [Choice("option", 2), Choice("option", 2)],
        "images",
        r"D_c(x,t) = \mathbb E\,[\,x_{0,c}\mid x_\Omega\,]",
        {"image_topic": "errors", "image_count": measured.COUNT},
    ),
    _step(
        [Choice("option", 2), Choice("option", 2)],
        "images",
        r"\frac{\langle a-m,\ b-m\rangle}{\|a-m\|\,\|b-m\|}",
        {"image_topic": "learned", "image_count": measured.EACH[1]},
    ),
    _step(
        [Choice("option", 3)],
        "images",
        r"\frac{\mathbb E\,\|f_t(x|x_0) - f_t(x)\|^2}{\mathbb E\,\|f_t(x|x_0)\|^2}",
        {"image_topic": "targets", "image_count": measured.COUNT},
    ),
)
"""The ten steps and the exit question, and the five steps on images."""


@dataclass(frozen=True)
class Part:
    """A part of the lesson, from its first step to its last."""

    name: str
    first: int
    last: int


PARTS = (Part("flow", 1, EXIT), Part("images", EXIT + 1, COUNT))


def part_of(step: int) -> Part:
    """The part that a step belongs to."""
    return next(part for part in PARTS if step <= part.last)


def number_in_part(step: int) -> int:
    """A step's number as readers see it: each part begins at 1."""
    return step - part_of(step).first + 1


def place(step: int, tr: Translator) -> str:
    """Which step it is, in words."""
    if step == EXIT:
        return tr("lesson.step.exit")
    part = part_of(step)
    return tr(f"lesson.step.{part.name}", step=number_in_part(step))


def fits(step: int, answer: Sequence[float]) -> bool:
    """Whether an answer is one to the questions of a step, from 1: right or wrong."""
    return question.possible(STEPS[step - 1].questions, tuple(answer)) is not None


def locked_answer(scene: Scene) -> question.Answer | None:
    """The locked answer of the scene's step, empty where the truth is shown without one.

    None if it does not fit the questions, as of a forged link.
    """
    step = scene.lesson_step
    answer = scene.lesson_answers.of(step)
    return answer if answer == () or (answer is not None and fits(step, answer)) else None


def is_right(step: Step, found: Truth, answer: Sequence[float]) -> bool:
    """Whether every question of a step was answered within its tolerance."""
    return question.is_right(step.questions, found.correct, answer)
