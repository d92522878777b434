"""Results for the page Guidance, from a scene, each cached for all visitors.

How many trajectories are followed depends on the number of data points, so that the time is bounded
for every scene: `PAIRS` pairs of a trajectory and a data point.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from flowviz.core.guidance import (
    Guide,
    GuidedFlow,
    LabelledField,
    Shares,
    guided_flow,
    guided_log_prob,
    shares_by_draws,
    shares_on_line,
)
from flowviz.core.guidance.shares import ROUNDS
from flowviz.core.guidance.trajectories import STEPS
from flowviz.core.paths.implicit import ByForward, ByInverse
from flowviz.figures.fan import Heat
from flowviz.scene import Scene
from flowviz.scene.point_parsing import LABELS
from flowviz.scene.points import AnyPoints
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import Progress, no_progress, shared_cache
from flowviz.ui.session.keys import flow_key

PAIRS = 1.2e5
"""Pairs of a trajectory and a data point: a second or two for the picture."""
FEWEST, MOST, MOST_IMPLICIT = 24, 400, 48
"""Bounds of the number of trajectories; the last where velocities solve equations."""
MOST_DRAWS = 2_000
"""Of the trajectories in the plane that are counted."""
CELLS = 120
"""Of the density along x."""
TIMES = 60
"""Of the density on the line."""
SIDE = 48
"""Cells of the density of the plane along an axis, at most."""
LEAST_SIDE = 20
"""With fewer cells no density is shown."""
_CELL_PAIRS = 4e4
_TAILS = (1e-5, 1e-4, 1e-3)
_SEED = 7
SCALES = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0)
"""Of the chart."""
MOST_CHARTED = 400
"""Data points up to which the chart is made."""


@dataclass(frozen=True)
class Setup:
    """What the results depend on: the flow, with labels, and where it is guided.

    ``guide`` is None where no point has a label.
    """

    flow: Scene
    guide: Guide | None

    @property
    def labelled(self) -> LabelledField:
        """The labelled field."""
        return labelled_field(self.flow)

    @property
    def followed(self) -> Guide:
        """The guide; without labels that of the flow of all data."""
        return self.guide or Guide(0, 0.0)

    def scaled(self, scale: float) -> Setup:
        """The same with another scale."""
        return replace(self, guide=self.guide and replace(self.guide, scale=scale))


def points_of(scene: Scene) -> AnyPoints:
    """The scene's points, of the line or the plane."""
    return scene.plane_points if scene.space == "plane" else scene.points


def class_of(scene: Scene) -> int | None:
    """The label of the class that is guided towards: the chosen one, or the first; None without."""
    classes = points_of(scene).classes
    chosen = LABELS.index(scene.guidance_class) + 1
    return chosen if chosen in classes else next(iter(classes), None)


def setup_of(scene: Scene) -> Setup:
    """The setup of a scene."""
    flow, y = flow_key(scene, scene.space), class_of(scene)
    if y is None:
        return Setup(flow, None)
    low, high = sorted((scene.guidance_end, scene.guidance_begin))
    return Setup(flow, Guide(y, scene.guidance_scale, (low, high)))


@shared_cache(maxsize=64)
def labelled_field(flow: Scene) -> LabelledField:
    """The field of a flow's points and labels."""
    field, points = flow.field(flow.space), points_of(flow)
    labels = points.labels or (0,) * len(points)
    return LabelledField(
        field.x0, field.weights, torch.tensor(labels, dtype=field.x0.dtype), field.prior, field.path
    )


@dataclass(frozen=True)
class Picture:
    """Trajectories of the guided flow, and on the line its density.

    Attributes:
        t: times, falling from 1 to 0, (T,).
        x: positions, (Q, T, d).
        drawn: the indices of those that are drawn.
        nearest: the index of the data point nearest to the end of each, (Q,).
        label: the label of that point, (Q,).
        error: the largest difference of each from twice the steps, (Q,).
        outside: fraction of evaluations where a velocity had no value.
        nfe: evaluations of the guided velocity on each.
        heat: the density over (t, x) on the line; None in the plane.
    """

    t: NDArray[np.float64]
    x: NDArray[np.float64]
    drawn: NDArray[np.int_]
    nearest: NDArray[np.int_]
    label: NDArray[np.int_]
    error: NDArray[np.float64]
    outside: float
    nfe: int
    heat: Heat | None


def _implicit(flow: LabelledField) -> bool:
    """Whether every velocity solves equations for x₁."""
    return isinstance(flow.marginal.path, ByForward | ByInverse)


def count(flow: LabelledField, most: int = MOST, pairs: float = PAIRS) -> int:
    """How many trajectories are followed."""
    fewest = FEWEST
    if _implicit(flow):
        most, pairs, fewest = min(most, MOST_IMPLICIT), pairs / 20, FEWEST // 4
    return int(max(fewest, min(most, pairs / flow.marginal.n)))


def steps_of(flow: LabelledField) -> int:
    """Steps of a trajectory, before they are halved."""
    return STEPS // 3 if _implicit(flow) else STEPS


@shared_cache(maxsize=48)
def picture(setup: Setup, lines: int, progress: Progress = no_progress) -> Picture:
    """The trajectories; of them ``lines`` are drawn, evenly in probability on the line."""
    flow, guide = setup.labelled, setup.followed
    n = count(flow)
    if flow.marginal.d == 1:
        q = _levels(n)
        x1 = flow.marginal.prior.icdf(q)[:, None]
        drawn = (len(q) - n) // 2 + drawn_rows(n, lines)
    else:
        q, x1 = None, draws(setup.flow, n)
        drawn = drawn_rows(n, lines)
    found = guided_flow(flow, guide, x1, steps_of(flow), progress)
    nearest = torch.cdist(found.x[:, -1], flow.marginal.x0).argmin(1).numpy()
    heat = None if q is None else _heat(found, q, axis_range(setup.flow))
    return Picture(
        found.t.numpy(),
        found.x.numpy(),
        drawn,
        nearest,
        flow.labels.numpy()[nearest],
        found.error.numpy(),
        found.outside,
        found.nfe,
        heat,
    )


def drawn_rows(n: int, lines: int) -> NDArray[np.int_]:
    """Which of n trajectories are drawn."""
    return np.unique(np.linspace(0, n - 1, min(lines, n)).round().astype(int))


def drawn_levels(n: int, lines: int) -> list[float]:
    """The probability below each drawn trajectory of the line, at t = 1."""
    return ((drawn_rows(n, lines) + 0.5) / n).tolist()


def label_at(flow: LabelledField, x: Tensor) -> NDArray[np.int_]:
    """The label of the data point nearest to each position, (Q,)."""
    every = flow.marginal
    return flow.labels[torch.cdist(x, every.x0).argmin(1)].numpy()


def _levels(n: int) -> Tensor:
    """Levels of probability: n evenly spaced ones, and some in the tails."""
    tails = torch.tensor(_TAILS, dtype=torch.float64)
    tails = tails[tails < 0.5 / n]
    even = (torch.arange(n, dtype=torch.float64) + 0.5) / n
    return torch.cat([tails, even, 1.0 - tails.flip(0)])


@shared_cache(maxsize=32)
def draws(flow: Scene, n: int) -> Tensor:
    """Samples of the prior of the plane, (n, 2)."""
    field = labelled_field(flow).marginal
    return field.prior.sample(n, field.d, torch.Generator().manual_seed(_SEED))


def _heat(found: GuidedFlow, q: Tensor, view: tuple[float, ...]) -> Heat:
    """The density between trajectories: each pair of neighbours keeps its probability."""
    edges = np.linspace(view[0], view[1], CELLS + 1)
    t, columns = np.linspace(0.0, 1.0, TIMES + 1)[1:], []
    nodes = found.t.numpy()
    for time in t:
        k = int(np.clip(len(nodes) - np.searchsorted(nodes[::-1], time), 1, len(nodes) - 1))
        part = (nodes[k - 1] - time) / (nodes[k - 1] - nodes[k])
        x = (1.0 - part) * found.x[:, k - 1, 0] + part * found.x[:, k, 0]
        rising = np.maximum.accumulate(x.numpy())
        below = np.interp(edges, rising, q.numpy(), left=0.0, right=1.0)
        columns.append(np.diff(below) / np.diff(edges))
    return Heat(t, 0.5 * (edges[1:] + edges[:-1]), np.stack(columns, axis=1))


@shared_cache(maxsize=48)
def shares(setup: Setup) -> Shares:
    """How much of the flow ends where."""
    flow = setup.labelled
    if flow.marginal.d == 1:
        rounds = 0 if _implicit(flow) else ROUNDS
        n, steps = count(flow, 129), steps_of(flow)
        fine, coarse = (_shares(setup, n, each, rounds) for each in (steps, steps // 2))
        return replace(fine, noise=fine.noise + (fine.share - coarse.share).abs())
    return _shares(setup, count(flow, MOST_DRAWS), steps_of(flow), 0)


def _shares(setup: Setup, n: int, steps: int, rounds: int) -> Shares:
    """The same from n trajectories."""
    flow, guide = setup.labelled, setup.followed
    if flow.marginal.d == 1:
        return shares_on_line(flow, guide, n, steps, rounds)
    ends = guided_flow(flow, guide, draws(setup.flow, n), steps).x[:, -1]
    return shares_by_draws(flow, guide, ends)


@dataclass(frozen=True)
class Chart:
    """What becomes of the mass as the scale grows.

    ``scale`` (S,); ``place`` (S, P) the share of each place; ``in_class`` and ``entropy`` (S,).
    """

    scale: NDArray[np.float64]
    place: NDArray[np.float64]
    in_class: NDArray[np.float64]
    entropy: NDArray[np.float64]


def is_charted(setup: Setup) -> bool:
    """Whether the chart is made: neither too many points, nor equations for each velocity."""
    return setup.labelled.marginal.n <= MOST_CHARTED and not _implicit(setup.labelled)


@shared_cache(maxsize=32)
def chart(setup: Setup, progress: Progress = no_progress) -> Chart:
    """The shares at all `SCALES`; of the setup the scale does not matter."""
    found, flow = [], setup.labelled
    n, steps = count(flow, 97 if flow.marginal.d == 1 else 500, PAIRS / 4), steps_of(flow) // 2
    for k, scale in enumerate(SCALES):
        found.append(_shares(setup.scaled(scale), n, steps, 1))
        progress((k + 1) / len(SCALES))
    return Chart(
        np.asarray(SCALES),
        np.stack([each.share.numpy() for each in found]),
        np.asarray([each.in_class for each in found]),
        np.asarray([each.entropy for each in found]),
    )


def guided_at(setup: Setup, x1: Tensor, t: float) -> Tensor:
    """Where the guided trajectories from x1, (Q, d), are at time t, (Q, d)."""
    found = guided_flow(setup.labelled, setup.followed, x1, end=t)
    return found.x[:, -1]


@dataclass(frozen=True)
class PlaneDensity:
    """The density of the plane at one time: ``axes`` (X,), (Y,), and ``p`` (Y, X)."""

    axes: tuple[NDArray[np.float64], NDArray[np.float64]]
    p: NDArray[np.float64]


def density_side(setup: Setup) -> int:
    """Cells of the density of the plane along an axis; 0 where there is none."""
    every = setup.labelled.marginal
    side = int(min(SIDE, (_CELL_PAIRS / every.n) ** 0.5))
    known = every.prior.smooth and not _implicit(setup.labelled)
    return side if known and side >= LEAST_SIDE else 0


@shared_cache(maxsize=24)
def plane_density(setup: Setup, t: float) -> PlaneDensity | None:
    """The density at time t by the change of variables.

    None where it would take too long, and for priors with edges, where the velocity jumps and its
    divergence does not say it all.
    """
    flow, side = setup.labelled, density_side(setup)
    if not side:
        return None
    view = axis_range(setup.flow)
    edges = [torch.linspace(view[k], view[k + 1], side + 1, dtype=torch.float64) for k in (0, 2)]
    x, y = (0.5 * (e[1:] + e[:-1]) for e in edges)
    log_p = guided_log_prob(flow, setup.followed, torch.cartesian_prod(x, y), max(t, 0.02), 20)
    p = log_p.exp().reshape(side, side).T.numpy()
    return PlaneDensity((x.numpy(), y.numpy()), p)
