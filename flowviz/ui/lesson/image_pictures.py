"""What the steps on images draw: before the answer is locked, and with the truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from flowviz.core.images.memorising import falls_through
from flowviz.figures.images import Row
from flowviz.figures.lesson import Drawing, Lines, board_drawing
from flowviz.text import Translator
from flowviz.text.numbers import number
from flowviz.ui.images import compute, measures
from flowviz.ui.images.parts import pictures
from flowviz.ui.lesson import measured

Answer = tuple[float, ...] | None
"""What was locked; None before, and empty where the truth is shown without an answer."""
_COLUMNS = 6
_T = (0.0, 1.0)


def _invented(answer: Answer, tr: Translator) -> Drawing:
    found, x0 = measured.generated(), compute.used(measured.COUNT).x0
    rows = [
        # Noise is shown with less contrast, or most of its pixels would be black or white.
        Row(tr("lesson.row.noise"), pictures(found.x[:_COLUMNS, 0] / 2)),
        Row(tr("images.row.made"), pictures(found.x[:_COLUMNS, -1])),
        Row(
            tr("lesson.row.training", n=measured.COUNT),
            pictures(x0[found.nearest.index[:_COLUMNS]]),
        ),
    ]
    return board_drawing(rows, () if answer is not None else (1, 2))


def _decided(answer: Answer, tr: Translator) -> Drawing:
    lines = [
        Lines("half", np.asarray(_T), np.full(2, 0.5), "faint", "dot", label=("½", 0.03, 0.5)),
    ]
    if answer is not None:
        few, many = measured.decided()
        lines += [
            _weight("class", few, measured.FEW),
            _weight("class", many, measured.MANY, tr("images.decided.class"), 0.3),
            _weight("image", few, measured.FEW, str(measured.FEW), 0.8),
            _weight("image", many, measured.MANY, str(measured.MANY), 0.8),
        ]
        last = lines[-1]
        beside = many.collapse - 0.08, 0.45
        name = Lines("name", last.x[:2], last.y[:2], 1, label=(tr("images.decided.image"), *beside))
        lines.append(name)
        lines += [_here(t, tr) for t in answer[1:]]
    cover = None if answer is not None else (0.06, 0.97, 0.02, 1.02)
    return Drawing(
        (tr("lesson.axis.t"), _T), (tr("images.axis.decided"), (0.0, 1.05)), lines, covered=cover
    )


def _weight(
    name: str, found: compute.Decision, count: int, label: str = "", level: float = 0.5
) -> Lines:
    """The mean posterior weight of the class or the image; its label where it passes a level."""
    t = found.curves.t
    values = (found.curves.label if name == "class" else found.curves.image).mean(1)
    return Lines(
        f"weight of {name}, {count}",
        t.numpy(),
        values.numpy(),
        ("class", "image").index(name),
        "dot" if count == measured.FEW else "solid",
        1.6,
        label=(label, falls_through(t, values, level), level) if label else None,
    )


def _here(t: float, tr: Translator) -> Lines:
    """A place on the axis of time that was answered."""
    label = tr("lesson.mark.you"), t, 0.02
    return Lines("you", np.full(2, t), np.asarray([0.0, 0.2]), "accent", "dot", 2.0, label=label)


def _held_out(answer: Answer, tr: Translator) -> Drawing:
    t = torch.cat([compute.ERROR_TIMES, torch.tensor([measured.LATE, measured.EARLY])])
    order = t.argsort()

    def line(name: str, values: torch.Tensor, colour: int | str, at: tuple[float, float]) -> Lines:
        label = tr(f"lesson.mark.{name}"), *at
        return Lines(name, t[order].numpy(), values[order].numpy(), colour, thick=1.6, label=label)

    lines = [
        Lines(f"t = {number(at)}", np.full(2, at), np.asarray([0.0, 0.33]), "faint", "dash", 1.2,
              label=(f"t = {number(at)}", at, 0.33))
        for at in (measured.EARLY, measured.LATE)
    ] + [line("own", measured.errors("whole", held_out=False), "faint", (0.74, 0.12))]  # fmt: skip
    if answer is not None:
        lines.append(line("whole", measured.errors("whole", held_out=True), 0, (0.29, 0.118)))
        lines.append(line("three", measured.errors("three", held_out=True), 1, (0.4, 0.2)))
    return Drawing((tr("lesson.axis.t"), _T), (tr("images.axis.error"), (0.0, 0.36)), lines)


def _halves(answer: Answer, tr: Translator) -> Drawing:
    made = [images for each in measured.EACH for images in measured.pair(each, "three")]
    counts = [each for each in measured.EACH for _ in range(2)]
    rows = [Row(tr("lesson.row.noise"), pictures(compute.noise(measured.SEED, _COLUMNS) / 2))]
    rows += [
        Row(tr("lesson.row.model", name="AB"[k % 2], n=n), pictures(images[:_COLUMNS]))
        for k, (n, images) in enumerate(zip(counts, made, strict=True))
    ]
    return board_drawing(rows, () if answer is not None else range(1, len(rows)))


def _vanishing(answer: Answer, tr: Translator) -> Drawing:
    t, found = measures.TARGET_TIMES.numpy(), measured.targets()
    at = measured.TARGET_TIME
    label = f"t = {number(at)}", at, 1.0
    lines = [
        Lines("t", np.full(2, at), np.asarray([0.0, 1.0]), "faint", "dash", 1.2, label=label),
        Lines("moons", t, found["moons"].variance_share.numpy(), 1, thick=1.6,
              label=(tr("images.targets.moons"), 0.72, 0.66)),
    ]  # fmt: skip
    if answer is not None:
        text = tr("images.targets.images", n=measured.COUNT)
        lines.append(
            Lines("images", t, found["images"].variance_share.numpy(), 0, thick=1.6,
                  label=(text, 0.66, 0.13))
        )  # fmt: skip
    return Drawing((tr("lesson.axis.t"), _T), (tr("lesson.axis.variance"), (0.0, 1.1)), lines)


DRAWINGS: Sequence[Callable[[Answer, Translator], Drawing]] = (
    _invented, _decided, _held_out, _halves, _vanishing,
)  # fmt: skip
"""Those of the second part, in order."""
