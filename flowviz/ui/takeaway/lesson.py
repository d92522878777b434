"""What the lesson gives away: its step's figure as numbers, and the answers that were locked.

==================  =============================================================================
``part``            (K,) what each point of the figure belongs to: a curve, bars, an arrow, data
``at``              its positions (K, 2); NaN breaks a curve, an arrow has its tail and its tip
``row``, ``image``  of a figure of small images, (K,) the label of its row and (K, 64) its pixels
``step``            the step of each answer, and ``question``, its number in the step, (A,)
``answer``          what was locked, and ``correct``, what is right, (A,); options count from 1
==================  =============================================================================

What is covered on the page is in none of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowviz.figures.lesson import Drawing
from flowviz.scene import Scene
from flowviz.text import translator
from flowviz.ui.lesson.pictures import drawing
from flowviz.ui.lesson.steps import STEPS, Choice, fits, locked_answer
from flowviz.ui.lesson.truth import truth

Arrays = dict[str, NDArray[Any]]


def arrays(scene: Scene) -> Arrays:
    """The arrays of the scene's step; the module's table has the names."""
    drawn = drawing(scene.lesson_step, locked_answer(scene), translator(scene.lang))
    return (_images(drawn) if drawn.rows else _curves(drawn)) | _answers(scene)


def _curves(drawn: Drawing) -> Arrays:
    parts = list(_parts(drawn))
    return {
        "part": np.array([name for name, at in parts for _ in at]),
        "at": np.concatenate([at for _, at in parts]),
    }


def _parts(drawn: Drawing) -> Iterator[tuple[str, NDArray[Any]]]:
    """What a figure draws, with its positions (K, 2)."""
    for curve in (*drawn.lines, *drawn.bars):
        yield curve.name, np.stack([curve.x, curve.y], axis=1, dtype=float)
    for k, arrow in enumerate(drawn.arrows, 1):
        yield f"arrow {k}", np.array([arrow.tail, arrow.tip])
    if drawn.points:
        x = drawn.points[0]
        on_line = x.ndim == 1
        yield "data points", np.stack([np.zeros_like(x), x], axis=1) if on_line else x


def _images(drawn: Drawing) -> Arrays:
    pixels = np.concatenate([row.images.reshape(len(row.images), -1) for row in drawn.rows])
    labels = np.array([row.label for row in drawn.rows for _ in row.images])
    seen = ~np.isnan(pixels).all(1)
    return {"row": labels[seen], "image": pixels[seen]}


def _answers(scene: Scene) -> Arrays:
    rows = [
        (step, k, given + first, right + first)
        for step, answer in scene.lesson_answers.by_step
        if answer and fits(step, answer)
        for k, (asked, given, right) in enumerate(
            zip(STEPS[step - 1].questions, answer, truth(step).correct, strict=True), 1
        )
        for first in [int(isinstance(asked, Choice))]
    ]
    if not rows:
        return {}
    step, number, given, right = zip(*rows, strict=True)
    columns = {"step": step, "question": number, "answer": given, "correct": right}
    return {name: np.array(column) for name, column in columns.items()}


def drawing_table(found: Arrays, scene: Scene) -> Arrays:
    """A row for each point that the figure draws, or for each of its images."""
    if "row" in found:
        pixels = {f"pixel_{k}": column for k, column in enumerate(found["image"].T)}
        return {"row": found["row"], **pixels}
    return {"part": found["part"], "x": found["at"][:, 0], "y": found["at"][:, 1]}


def answers(found: Arrays, scene: Scene) -> Arrays:
    """A row for each question that was answered."""
    return {name: found[name] for name in ("step", "question", "answer", "correct")}


def has_table(name: str, scene: Scene) -> bool:
    """Whether there is the table; that of the answers once one is locked."""
    given = scene.lesson_answers.by_step
    return name == "drawing" or any(answer and fits(step, answer) for step, answer in given)
