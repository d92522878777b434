"""Results for the page Couplings, from a scene, each cached for all visitors.

Pairs are joined by straight lines whatever the family and the schedule of the scene: cost and
kinetic energy are about straight lines. Everything is bounded in its work; what a scene's size does
not allow is `Unavailable`, with the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from flowviz.core.couplings import (
    COUPLINGS,
    Energy,
    MinibatchPairs,
    Reflow,
    energy,
    minibatch_pairs,
)
from flowviz.core.couplings.energy import finite_second_moment
from flowviz.core.couplings.optimal_transport import LaguerreCells
from flowviz.core.field import MarginalField
from flowviz.core.numerics.work import BudgetSpent, at_work
from flowviz.core.solvers import SOLVERS, solve
from flowviz.core.solvers.vector_fields import vector_field_of
from flowviz.core.transport import Trajectories, basins, launch, trajectories
from flowviz.scene import Scene
from flowviz.scene.settings import CouplingName, Space
from flowviz.ui.session.cache import Progress, no_progress, shared_cache

NAMES: tuple[CouplingName, ...] = get_args(CouplingName)
WITH_FLOW = tuple(COUPLINGS)
"""The couplings with a velocity of their own: those that are not known by samples alone."""
STEPS = (1, 2, 4)
NODES = 61
SAMPLES = 4000
"""Pairs for the share of cheaper exchanges; five times as many for the share that agrees."""
ENDS = 100
"""Samples whose ends after a few steps are compared with the exact ones."""
_CELLS = 2e8
"""Most units of work for the cells of optimal transport: some seconds."""
_ENERGY = 4e7
FOLLOWED, TOLERANCE = 1.5e8, 1e-4
"""Of trajectories: most units of work, and the tolerance."""
PAIR_SEED, BATCH_SEED = 2, 11


class Unavailable(Exception):
    """A coupling that cannot be had for a scene; ``why`` is the key of the reason."""

    def __init__(self, why: Literal["time", "moment"]) -> None:
        super().__init__(why)
        self.why = f"couplings.none.{why}"


def flow_key(scene: Scene) -> Scene:
    """The scene with the points and the prior alone, and straight lines."""
    return _key(scene, scene.space)


def _key(scene: Scene, space: Space) -> Scene:
    names = ("points", "prior", "prior_params")
    if space == "plane":
        names = tuple(f"plane_{name}" for name in names)
    return scene.with_only(*names).model_copy(update={"space": space})


def straight(scene: Scene) -> bool:
    """Whether the scene's own family is the straight lines that the page draws."""
    return scene.straight(scene.space)


def field_of(flow: Scene, name: str, progress: Progress = no_progress) -> MarginalField:
    """The flow under a coupling, with its cells computed.

    Raises:
        Unavailable: they take too long.
    """
    field = _prepared(flow, name, progress=progress)
    if field is None:
        raise Unavailable("time")
    return field


@shared_cache(maxsize=64)
def _prepared(flow: Scene, name: str, progress: Progress = no_progress) -> MarginalField | None:
    """None is kept, too: what took too long once is not tried again."""
    field = flow.field(flow.space).coupled(COUPLINGS[name]())
    try:
        with at_work(progress, _CELLS) as work:
            _ = field.conditional_priors
    except BudgetSpent as spent:
        if spent.work is not work:
            raise
        return None
    except ValueError:  # the core refuses it: no room for a table, no convergence
        return None
    return field


# ---------------------------------------------------------------------- the pictures


@dataclass(frozen=True)
class Picture:
    """Pairs, and the flow: ``x1`` (Q, d), the ``index`` (Q,) of the data point of each; ``flow``,
    the trajectories from the same x₁, None where the coupling is known by samples alone.
    """

    x1: Tensor
    index: Tensor
    x0: Tensor
    flow: Trajectories | None


@shared_cache(maxsize=64)
def picture(
    flow: Scene, name: str, lines: int, batch: int, progress: Progress = no_progress
) -> Picture:
    """The pairs and trajectories of the pictures."""
    if name not in WITH_FLOW:
        pairs = _minibatches(flow, batch, drawn_batches(lines, batch))
        x1, index = pairs.x1[:lines], pairs.index[:lines]
        return Picture(x1, index, flow.field(flow.space).x0, None)
    field = field_of(flow, name, progress=progress)
    x1 = starts(field, lines)
    t = torch.linspace(0.0, 1.0, NODES, dtype=torch.float64) ** 2
    with at_work(progress) as work:
        found = trajectories(field, x1, t, TOLERANCE, progress=work.advance, budget=FOLLOWED)
    x1 = x1[: len(found.x)]
    if not len(x1):
        raise Unavailable("time")
    return Picture(x1, paired(field, x1, PAIR_SEED), field.x0, found)


def drawn_batches(lines: int, batch: int) -> int:
    """The number of batches that so many lines are taken from."""
    return max(2, -(-lines // batch))


def _minibatches(flow: Scene, batch: int, batches: int) -> MinibatchPairs:
    generator = torch.Generator().manual_seed(BATCH_SEED)
    return minibatch_pairs(flow.field(flow.space), batch, batches, generator)


def starts(field: MarginalField, count: int) -> Tensor:
    """Samples of the prior: quantiles on the line, (count, d)."""
    if field.d == 1:
        return launch(field.prior, count, "probability")
    return field.prior.sample(count, 2, torch.Generator().manual_seed(7))


def paired(field: MarginalField, x1: Tensor, seed: int) -> Tensor:
    """The data point that each x₁ is paired with, (Q,)."""
    u = torch.rand(len(x1), generator=torch.Generator().manual_seed(seed), dtype=x1.dtype)
    return field.conditional_priors.draw(x1, u)


def euler(flow: Scene, name: str, x1: Tensor, steps: int) -> tuple[tuple[float, ...], Tensor]:
    """Euler's method from x₁ in a few steps: the times, and the positions (Q, steps + 1, d)."""
    times = tuple(1.0 - k / steps for k in range(steps + 1))
    solution = solve(SOLVERS["euler"], vector_field_of(field_of(flow, name)), x1, times)
    return times, solution.x


# ---------------------------------------------------------------------- numbers


@dataclass(frozen=True)
class Measures:
    """What a coupling costs; None where it has no such number.

    ``energy``: cost, kinetic energy and floor; ``cost`` and its standard ``error`` (0: exact);
    ``straightness`` of the flow, E∫|z₁ - z₀ - ż|²; ``exchanges``, the fraction of two pairs that
    would cost less exchanged; ``euler``, the mean distances from the exact ends after `STEPS`.
    """

    cost: float
    error: float
    energy: Energy | None
    straightness: float | None
    exchanges: float
    euler: tuple[float, ...]


@shared_cache(maxsize=64)
def measures(flow: Scene, name: str, batch: int, progress: Progress = no_progress) -> Measures:
    """The numbers of a coupling.

    Raises:
        Unavailable: its cells take too long, or the prior has no second moment.
    """
    if not finite_second_moment(flow.prior_object(flow.space)):
        raise Unavailable("moment")
    if name not in WITH_FLOW:
        pairs = _minibatches(flow, batch, max(8, SAMPLES // batch))
        x0 = flow.field(flow.space).x0[pairs.index]
        order = torch.randperm(len(x0), generator=torch.Generator().manual_seed(3))
        share = _cheaper(pairs.x1[order], x0[order])
        return Measures(pairs.cost, pairs.error, None, None, share, ())
    field = field_of(flow, name, progress=progress)
    found = _energy(flow, name, progress=progress)
    with at_work(progress):
        x1 = field.prior.sample(SAMPLES, field.d, torch.Generator().manual_seed(5))
        share = _cheaper(x1, field.x0[paired(field, x1, seed=4)])
        steps = _euler_errors(flow, name, field)
    return Measures(
        found.cost,
        found.error if found.sampled else 0.0,
        found,
        _straightness(flow, name, found, progress),
        share,
        steps,
    )


@shared_cache(maxsize=64)
def _energy(flow: Scene, name: str, progress: Progress = no_progress) -> Energy:
    field = field_of(flow, name, progress=progress)
    with at_work(progress):
        return energy(field, _ENERGY)


def _cheaper(x1: Tensor, x0: Tensor) -> float:
    """The fraction of neighbouring pairs in random order that would cost less exchanged."""
    inner = ((x1[1:] - x1[:-1]) * (x0[1:] - x0[:-1])).sum(1)
    return float((inner < 0.0).double().mean())


def _straightness(flow: Scene, name: str, found: Energy, progress: Progress) -> float | None:
    """E∫|z₁ - z₀ - ż|² = kinetic energy - E|z₁ - z₀|², the latter the cost of the flow's own map.

    Whose pairs are those of reflow. Optimal transport and, where its pairs never cross, reflow are
    straight.
    """
    if name != "independent":
        return found.floor
    try:
        own = _energy(flow, "reflow", progress=progress)
    except Unavailable:
        return None
    return found.kinetic - own.cost


def _euler_errors(flow: Scene, name: str, field: MarginalField) -> tuple[float, ...]:
    x1 = starts(field, ENDS)
    ends = trajectories(field, x1, [0.0], TOLERANCE, budget=FOLLOWED).x[:, 0]
    x1 = x1[: len(ends)]
    if not len(x1):
        return ()
    found = (euler(flow, name, x1, steps)[1][:, -1] for steps in STEPS)
    return tuple(float((x - ends).norm(dim=1).mean()) for x in found)


# ---------------------------------------------------------------------- one map, or two


@shared_cache(maxsize=64)
def cell_masses(flow: Scene) -> float:
    """The largest difference between the mass of a cell of optimal transport and its weight.

    Of intervals by the prior's distribution function at their ends, of polygons by line integrals.
    """
    field = field_of(flow, "optimal_transport")
    conditional = field.conditional_priors
    if isinstance(conditional, LaguerreCells):
        return float((conditional.masses - conditional.weights).abs().max())
    found = basins(field)
    return float((field.prior.cdf(found.edges).diff() - found.mass).abs().max())


@shared_cache(maxsize=64)
def one_map(flow: Scene) -> float:
    """On the line: how far the maps of the flow, optimal transport and reflow are apart at most.

    Each in its own way: where the independent flow is just before the data, by the root of
    F_t(x) = F₁(x₁), one exact Euler step from the data; the cell of optimal transport; the end of
    the reflowed trajectory. In units of the data's extent (1 where they are one point).
    """
    field = flow.field("line")
    level = (torch.arange(200, dtype=torch.float64) * 0.6180339887498949 + 0.3) % 1.0
    prior = field.prior
    x1 = torch.where(level < 0.5, prior.icdf(level), prior.isf(1.0 - level))[:, None]
    places = field.x0[:, 0].unique()
    extent = float(places[-1] - places[0]) or 1.0
    gap = float(places.diff().min()) if len(places) > 1 else extent
    t = max(1e-9, min(1e-6, 1e-3 * gap))
    x = trajectories(field, x1, [t]).x[:, 0]
    flowed = x - t * field.velocity_or_nearest(x, x.new_full((len(x),), t))
    cells = field_of(flow, "optimal_transport")
    least = cells.x0[paired(cells, x1, seed=0)]
    again = trajectories(field.coupled(Reflow()), x1, [0.0]).x[:, 0]
    apart = torch.stack([flowed - least, flowed - again]).abs()
    return float(apart.max()) / extent
