"""What each step of the lesson draws: before the answer is locked, and with the truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from flowviz.core.paths import Affine, Path
from flowviz.core.transport import trajectories
from flowviz.figures.lesson import Array, Arrow, Bars, Drawing, Lines
from flowviz.figures.traces import joined, paths
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import number, percent
from flowviz.ui.lesson import image_pictures, truth
from flowviz.ui.lesson.image_pictures import Answer

_TIMES = torch.linspace(0.0, 1.0, 61, dtype=torch.float64)
_T = (0.0, 1.0)
_MARGIN = 0.04
_AT_PRIOR = (0.8, 1.03)
"""Where a border of the prior's samples is drawn."""
ARROW = 0.22
"""How far in t an arrow reaches."""


def drawing(step: int, answer: Answer, tr: Translator) -> Drawing:
    """The drawing of a step, from 1."""
    return _DRAWINGS[step - 1](answer, tr)


def _over_time(
    tr: Translator,
    view: tuple[float, float],
    lines: Sequence[Lines],
    scene: Scene,
    covered: tuple[float, float, float, float] | None = None,
    arrows: Sequence[Arrow] = (),
) -> Drawing:
    """Lines over (t, x), with the scene's data points."""
    across = tr("lesson.axis.t"), (-_MARGIN, 1 + _MARGIN)
    up = tr("lesson.axis.x"), view
    return Drawing(across, up, lines, points=_points(scene), covered=covered, arrows=arrows)


def _points(scene: Scene) -> tuple[Array, Array]:
    weights = np.asarray(scene.points.w)
    return np.asarray(scene.points.x), weights / weights.sum()


def fan_lines(scene: Scene, count: int = 37, opacity: float = 1.0) -> list[Lines]:
    """The flow's trajectories, in the colours of the data points that they reach."""
    followed = trajectories(scene.field(), truth.quantiles(scene, count), _TIMES)
    lines = []
    for k in range(len(scene.points)):
        chosen = (followed.basin == k).numpy()
        curves = paths(_TIMES.numpy(), followed.x.numpy()[chosen])
        x, y = joined(curves)
        lines.append(Lines(f"fan {k}", x, y, k, opacity=opacity))
    return lines


def _single(path: Path, x1: Tensor) -> tuple[Array, Array]:
    """Trajectories of a family to the one data point, over time."""
    x0 = truth.ONE_POINT.field().x0
    x = [path.forward(x1, x0, t)[:, 0] for t in _TIMES[1:]]
    x = torch.stack([x0.expand(len(x1), 1), *x], dim=1)
    return joined(paths(_TIMES.numpy(), x.numpy()))


def _level(
    name: str, at: float, colour: str, text: str = "", reach: tuple[float, float] = _T
) -> Lines:
    x = np.asarray(reach)
    label = (text, 0.5 * (reach[0] + reach[1]), at) if text else None
    return Lines(name, x, np.full(2, at), colour, "dash", 1.4, label=label)


def border_line(x: float) -> Lines:
    """A true border of the prior's samples, with its value."""
    line = _level("border", x, "ink", reach=_AT_PRIOR)
    return Lines("border", line.x, line.y, "ink", "dash", 1.4, label=(number(x), 0.77, x))


def _arrow(slope: float, colour: int | str, thick: float) -> Arrow:
    """A velocity at the place of steps 3 and 6, drawn the way generation goes: against time."""
    tip = 0.5 - ARROW, truth.PLACE - slope * ARROW
    return Arrow((0.5, truth.PLACE), tip, colour, thick)


def _carried(answer: Answer, tr: Translator) -> Drawing:
    scene = truth.ARTICLE
    starts = truth.quantiles(scene, 37).numpy()[:, 0]
    ticks = joined(np.stack([np.stack([[0.985, 1.0], [x, x]], 1) for x in starts]))
    lines = [Lines("starts", ticks[0], ticks[1], "faint", thick=1.2)]
    if answer is not None:
        lines += fan_lines(scene)
        lines += [border_line(x) for x in truth.borders(scene)]
        lines += [_level("you", x, "accent", tr("lesson.mark.you"), _AT_PRIOR) for x in answer]
    cover = None if answer is not None else (0.03, 0.97, 0.02, 1.98)
    return _over_time(tr, (0.0, 2.0), lines, scene, cover)


def _gradually(answer: Answer, tr: Translator) -> Drawing:
    scene = truth.ONE_POINT
    x = torch.linspace(-0.2, 2.2, 1201, dtype=torch.float64)[:, None]
    one = scene.field()
    prior = one.prior.pdf(x[:, 0]).numpy()
    grid = x[:, 0].numpy()
    lines = [Lines("prior", grid, prior, "faint", label=(tr("lesson.mark.prior"), 1.8, 0.51))]
    if answer is not None:
        half = one.log_prob(x, 0.5).exp().nan_to_num(0.0).numpy()
        lines.append(
            Lines("half-way", grid, half, 0, thick=1.6, label=(tr("lesson.mark.half"), 0.75, 1.01))
        )
        you, beyond = tr("lesson.mark.you"), (1.4, 2.2)
        lines += [_level("you", y, "accent", you, beyond) for y in answer]
    top = max(1.5, *(answer or (0.0,))) * 1.1
    cover = None if answer is not None else (-0.15, 1.55, 0.56, top * 0.97)
    return Drawing(
        x=(tr("lesson.axis.x"), (-0.2, 2.2)),
        y=(tr("lesson.axis.density"), (0.0, top)),
        lines=lines,
        covered=cover,
    )


def _differentiated(answer: Answer, tr: Translator) -> Drawing:
    x1 = torch.linspace(0.0, 2.0, 9, dtype=torch.float64)[:, None]
    slow = Affine(Scene(schedule="quadratic").schedule_object())
    straight = _single(Affine(), x1)
    lines = [
        Lines(
            "σ = t",
            straight[0],
            straight[1],
            "faint",
            label=(tr("lesson.mark.straight"), 0.8, 1.72),
            opacity=0.8,
        )
    ]
    arrows = [_arrow(truth.velocity_to_one_point("linear"), "faint", 3.0)]
    if answer is not None:
        lines.append(
            Lines("σ = t²", *_single(slow, x1), 1, label=(tr("lesson.mark.quadratic"), 0.62, 1.36))
        )
        arrows.append(_arrow(truth.velocity_to_one_point("quadratic"), 1, 3.0))
        arrows += [_arrow(slope, "accent", 1.5) for slope in answer]
    return _over_time(tr, (0.0, 2.0), lines, truth.ONE_POINT, arrows=arrows)


def _denser(answer: Answer, tr: Translator) -> Drawing:
    corners = np.asarray([[0.4, -0.5], [0.8, -0.5], [0.8, -0.1], [0.4, -0.1], [0.4, -0.5]])
    x, y = corners.T
    label = tr("lesson.mark.then"), 0.6, -0.09
    lines = [Lines("parcel at t = 1", x, y, 1, thick=1.6, label=label)]
    if answer is not None:
        x, y = joined(np.stack([np.zeros((4, 2)), corners[:4]], 1))
        lines.append(Lines("trajectories", x, y, "faint", "dot"))
        x, y = truth.LATE * corners.T
        label = tr("lesson.mark.now"), 0.1, 0.02
        lines.append(Lines("parcel later", x, y, 0, thick=1.6, label=label))
    cover = None if answer is not None else (-0.12, 0.36, -0.34, 0.12)
    return Drawing(
        x=("x", (-0.2, 1.0)), y=("y", (-0.6, 0.2)), lines=lines, covered=cover, square=True
    )


def _any_prior(answer: Answer, tr: Translator) -> Drawing:
    scene = truth.NORMAL
    lines: list[Lines] = []
    if answer is not None:
        lines += fan_lines(scene)
        lines += [border_line(x) for x in truth.borders(scene)]
        you = tr("lesson.mark.you")
        lines += [_level("you", x, "accent", you, _AT_PRIOR) for x in answer[1:]]
    cover = None if answer is not None else (0.03, 0.97, -2.4, 2.4)
    return _over_time(tr, (-2.5, 2.5), lines, scene, cover)


def _superposed(answer: Answer, tr: Translator) -> Drawing:
    conditional, weights, mean = truth.arrows()
    arrows = [
        _arrow(float(v), k, 1.0 + 4.0 * float(r))
        for k, (v, r) in enumerate(zip(conditional, weights, strict=True))
    ]
    lines: list[Lines] = []
    if answer is not None:
        t, x = truth.through_place()
        lines.append(Lines("trajectory", t.numpy(), x.numpy(), 0, thick=2.0))
        arrows.append(replace(_arrow(mean, "accent", 2.5), label=tr("lesson.mark.average")))
    return _over_time(tr, (0.0, 2.0), lines, truth.ARTICLE, arrows=arrows)


def _averaged(answer: Answer, tr: Translator) -> Drawing:
    article = truth.ARTICLE.field()
    x = torch.linspace(0.2, 1.9, 400, dtype=torch.float64)[:, None]
    t = torch.tensor(truth.HALF).double()
    targets = article.path.velocity(x, article.x0, t)[..., 0]
    shown = article.posterior(x, t) > 0
    grid = x[:, 0].numpy()
    lines = [
        Lines(f"target {k}", grid, targets[:, k].where(shown[:, k], torch.nan).numpy(), k)
        for k in range(article.n)
    ]
    first = lines[0]
    label = tr("lesson.mark.targets"), 0.75, 1.9
    lines[0] = Lines(first.name, first.x, first.y, 0, label=label)
    if answer is not None:
        mean = article(x, t)[:, 0].numpy()
        label = tr("lesson.mark.mean"), 1.2, -1.9
        lines.append(Lines("mean", grid, mean, "accent", thick=2.2, label=label))
    return Drawing(
        x=(tr("lesson.axis.half"), (0.1, 2.0)),
        y=(tr("lesson.axis.target"), (-2.3, 2.5)),
        lines=lines,
    )


def _one_lens(answer: Answer, tr: Translator) -> Drawing:
    linear, cosine = truth.ARTICLE, Scene(schedule="cosine")
    if answer is None:
        return _over_time(tr, (0.0, 2.0), fan_lines(linear), linear)
    lines = [
        Lines(f"linear {line.name}", line.x, line.y, "faint", opacity=0.6)
        for line in fan_lines(linear)
    ] + fan_lines(cosine)
    return _over_time(tr, (0.0, 2.6), lines, linear)


def _tangled(answer: Answer, tr: Translator) -> Drawing:
    x1 = torch.linspace(0.0, 2.0, 25, dtype=torch.float64)[:, None]
    a = truth.BEND if answer is not None else 0.0
    colour = "faint" if answer is None else 0
    lines = [Lines("bent", *_single(truth.bent(a).path("line"), x1), colour)]
    if answer is not None:
        end = truth.truth(9).correct[1]
        text = f"t = {number(end)}"
        lines.append(
            Lines("last crossing", np.full(2, end), np.asarray([0.0, 2.2]), "accent", "dash",
                  1.4, label=(text, end, 2.22))
        )  # fmt: skip
        for t in answer[1:]:
            you, label = np.full(2, t), (tr("lesson.mark.you"), t, 0.02)
            up = np.asarray([0.0, 0.3])
            lines.append(Lines("you", you, up, "accent", "dot", 2.0, label=label))
    return _over_time(tr, (0.0, 2.5), lines, truth.ONE_POINT)


def _few_steps(answer: Answer, tr: Translator) -> Drawing:
    x, w = _points(truth.ARTICLE)
    exact = tr("lesson.mark.exact")
    shown = [percent(v) for v in w] if answer is None else [""] * len(w)
    bars = [Bars(exact, x, w, shown, "faint", 0.09, 0.6)]
    if answer is not None:
        # The tall bar behind: it would hide the share of the low one at its place.
        places, shares = (values.numpy() for values in truth.landed(1))
        bars.append(Bars(tr("lesson.mark.one"), places, shares, ["100%"], "accent", 0.08, 0.4))
        places, shares = (values.numpy() for values in truth.landed(2))
        texts = [percent(float(v), 4) for v in shares]
        bars.append(Bars(tr("lesson.mark.two"), places, shares, texts, 1, 0.05))
    return Drawing(
        x=(tr("lesson.axis.end"), (0.2, 2.0)),
        y=(tr("lesson.axis.share"), (0.0, 1.15)),
        bars=bars,
    )


def _undecided(answer: Answer, tr: Translator) -> Drawing:
    x, w = _points(truth.ARTICLE)
    weights = tr("lesson.mark.weights")
    bars = [Bars(weights, x - 0.04, w, [""] * 3, "faint", 0.07, 0.6)]
    if answer is not None:
        posterior = truth.CAUCHY.field().posterior(
            torch.tensor([[truth.FAR_OUT]], dtype=torch.float64), truth.HALF
        )[0]
        shares = posterior.numpy()
        texts = [number(float(v)) for v in shares]
        bars.append(Bars(tr("lesson.mark.posterior"), x + 0.04, shares, texts, 1, 0.07))
    return Drawing(
        x=(tr("lesson.axis.x"), (0.2, 2.0)),
        y=(tr("lesson.axis.share"), (0.0, 0.7)),
        bars=bars,
        ticks={float(v): number(float(v)) for v in x},
    )


_DRAWINGS: Sequence[Callable[[Answer, Translator], Drawing]] = (
    _carried, _gradually, _differentiated, _denser, _any_prior, _superposed, _averaged, _one_lens,
    _tangled, _few_steps, _undecided, *image_pictures.DRAWINGS,
)  # fmt: skip
