"""What an exercise asks, in words, and how exact its answer must be."""

from __future__ import annotations

from collections.abc import Mapping

from flowviz.core.solvers import SOLVERS
from flowviz.core.transport import basins
from flowviz.figures.class_answers import Axis
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import number, position
from flowviz.ui.exercise.truth import guided_point, numbers_of, place, space_of
from flowviz.ui.guidance.compute import class_of
from flowviz.ui.widgets.labels import letter
from flowviz.ui.widgets.question import Form, Quantity

USUAL: Mapping[str, tuple[float, float]] = {
    "border": (0.01, 0.05),
    "share": (1.0, 1.0),
    "density": (0.01, 0.05),
    "velocity": (0.01, 0.05),
    "end": (0.01, 0.05),
    "nfe": (1.0, 0.5),
}
"""For each question the step of its field and the usual tolerance."""


def form(page: str, scene: Scene, tr: Translator) -> Form:
    """The question's fields."""
    step, usual = USUAL[scene.ask]
    count = numbers_of(page, scene)
    quantities = [Quantity(step, scene.tol or usual, axis) for axis in _axes(scene.ask, count)]
    times = {"one": tr.time(1.0), "zero": tr.time(0.0)}
    kind = "plane" if count == 2 else "field"
    labels = [tr(f"exercise.{scene.ask}.{kind}.{k}", **times) for k in range(1, count + 1)]
    return Form("exercise", quantities, labels, [{}] * count)


def _axes(ask: str, count: int) -> tuple[Axis, ...]:
    """For each number the axis of the picture on which it is a place, or none."""
    if ask not in ("border", "end"):
        return ("",) * count
    return ("x", "y") if count == 2 else ("y",)


def text(page: str, scene: Scene, tr: Translator) -> str:
    """The question, as Markdown."""
    ask, values = scene.ask, dict[str, str]()
    if ask == "nfe":
        return _of_solver(scene, tr)
    values |= {"one": tr.time(1.0), "zero": tr.time(0.0)}
    if ask == "border":
        line = scene.field("line").x0[basins(scene.field("line")).index][:, 0].tolist()
        values |= {"low": number(line[0]), "high": number(line[1])}
    elif page == "guidance":
        point, y = guided_point(scene) or 0.0, class_of(scene) or 0
        guided = {"class": letter(y), "scale": number(scene.guidance_scale), "point": number(point)}
        return tr("exercise.share.guidance", **guided)
    elif ask == "share":
        values["point"] = position(scene.field(space_of(page, scene)).x0[0].tolist())
    else:
        t, *x = place(page, scene)
        values |= {"t": tr.time(t), "place": position(x)}
    return tr(f"exercise.{ask}", **values)


def _of_solver(scene: Scene, tr: Translator) -> str:
    name = tr(f"solver.{scene.solver_method}")
    if SOLVERS[scene.solver_method].adaptive:
        return tr("exercise.nfe.adaptive", solver=name, n=scene.solver_digits)
    return tr("exercise.nfe", solver=name, n=scene.solver_steps)


def shown(correct: tuple[float, ...], scene: Scene, tr: Translator) -> tuple[float, ...]:
    """An answer in the reader's direction of time, or back: only a velocity has one."""
    return tuple(tr.rate(value) if scene.ask == "velocity" else value for value in correct)


def why(page: str, correct: tuple[float, ...], scene: Scene, tr: Translator) -> str:
    """The answer and its reason."""
    if page == "guidance":
        share = number(100.0 * own_share(scene))
        return tr("exercise.share.guidance.why", value=number(correct[0]), own=share)
    return tr(f"exercise.{scene.ask}.why", value=position(shown(correct, scene, tr)))


def own_share(scene: Scene) -> float:
    """The point's share of its class's weight: what the exact flow of the class alone gives it."""
    points, y = scene.points, class_of(scene)
    of_class = [
        (x, w) for x, w, label in zip(points.x, points.w, points.labels, strict=True) if label == y
    ]
    own = sum(w for x, w in of_class if x == guided_point(scene))
    return own / sum(w for _, w in of_class)
