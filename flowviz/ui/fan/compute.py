"""The numbers that the Fan page shows for a scene, cached for all sessions.

The caches are keyed by the fields that the numbers depend on and bounded in size: a class that
opens one link computes its picture once. For the affine family x = α x₀ + σ x₁ the flow is solved
once, with the linear schedule, and mapped to any other schedule afterwards (MATH §3.2). The
trajectories of every other family are integrated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from flowviz.core import checks
from flowviz.core.field import Probe
from flowviz.core.numerics.work import at_work
from flowviz.core.transport import StraightFan, Trajectories, launch, on_schedule, straight_fan
from flowviz.core.transport.separatrices import (
    NO_BASIN,
    on_separatrix,
    reached_points,
    with_separatrices,
)
from flowviz.core.transport.trajectories import sorted_trajectories, spread
from flowviz.figures.fan import GUTTER, NO_GROUP, Fan, Heat, arrow_polyline
from flowviz.scene import Scene
from flowviz.scene.parameters import PRIOR, Params
from flowviz.ui.curve_nodes import curve_nodes
from flowviz.ui.line_density import heat
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import Progress, kept, no_progress, shared_cache
from flowviz.ui.session.keys import flow_key
from flowviz.ui.widgets.readouts import reference_data

Array = NDArray[np.floating]

FULL = (400, 400)  # (T, X) cells of the density
QUICK = (160, 200)  # the same during a drag: a fifth of the work and of the bytes
_MAX_PAIRS = 2e7  # cells × data points, where the density sums over all pairs
_MAX_NODES = 12_000  # trajectory nodes in a figure; more are slow to draw
POWER = 3.0  # of the trajectories' times
_MAX_QUICK_PAIRS = 2e6  # trajectory nodes × data points during a drag
_MASS_TIMES = 25  # times at which the mass is measured; fewer for many data points
BUDGET = 2.5e8
"""Most units of work for the trajectories (``core.numerics.work``): some seconds."""
_MAX_MASS_PAIRS = 400  # _MASS_TIMES × data points where ψ_t is not affine in x₁


def cells(scene: Scene, quick: bool) -> tuple[int, int]:
    """(T, X) cells of the density: fewer during a drag, and for many pairs of cell and point."""
    t, x = QUICK if quick else FULL
    limit = _MAX_PAIRS / 5 if quick else _MAX_PAIRS
    pairs = t * x * len(scene.points)
    if scene.path().affine_schedule is not None or pairs <= limit:
        return t, x
    shrink = math.sqrt(limit / pairs)
    return max(24, round(t * shrink)), max(24, round(x * shrink))


def _key(scene: Scene) -> Scene:
    return flow_key(scene, "line", "trajectories", "launch")


@shared_cache(maxsize=64)
def straight(flow: Scene, nodes: int, progress: Progress = no_progress) -> StraightFan:
    """The trajectories with the linear schedule, which ``flow`` must have."""
    with at_work(progress):
        return straight_fan(flow.field(), starts(flow)[:, 0], node_times(nodes))


@shared_cache(maxsize=64)
def _integrated(flow: Scene, nodes: int, progress: Progress = no_progress) -> Trajectories:
    """The trajectories of a family that is not affine: as many as can be followed in time."""
    x1, times = starts(flow), node_times(nodes)
    found, _ = sorted_trajectories(flow.field(), x1, times, progress=progress, budget=BUDGET)
    return found


def starts_followed(flow: Scene, count: int) -> Tensor:
    """The starts of the trajectories that are shown, (count, 1)."""
    x1 = starts(flow)
    return x1[spread(len(x1))[:count].sort().values]


def starts(flow: Scene) -> Tensor:
    """The trajectories' starting positions x₁, the same for every schedule."""
    low, high = axis_range(flow_key(flow, "line", schedule=False))
    return launch(flow.prior_object(), flow.trajectories, flow.launch, (low, high))


def node_times(nodes: int) -> Tensor:
    """The times of a trajectory's nodes, with the linear schedule where the family has one."""
    # Denser towards the data: a schedule may spend most of its time there (u = t³).
    return torch.linspace(0.0, 1.0, nodes, dtype=torch.float64) ** POWER


def node_count(scene: Scene, quick: bool) -> int:
    """The number of times at which each trajectory is evaluated."""
    full = min(120, max(48, _MAX_NODES // scene.trajectories))
    full = curve_nodes(flow_key(scene, "line"), "line", full, POWER)
    cost = 1 if scene.path().affine_schedule is not None else 4
    affordable = int(_MAX_QUICK_PAIRS / (cost * scene.trajectories * len(scene.points)))
    return min(full, max(16, affordable)) if quick else full


def trajectories(
    scene: Scene,
    quick: bool = False,
    progress: Progress = no_progress,
    *,
    nodes: int | None = None,
) -> Trajectories:
    """The scene's trajectories; an affine family's are solved once for all schedules.

    They have as many ``nodes``, or by default those of a figure, ``quick`` during a drag.
    """
    affine = scene.path().affine_schedule
    nodes = nodes or node_count(scene, quick)
    if affine is None:
        return _integrated(_key(scene), nodes, progress=progress)
    linear = flow_key(scene, "line", "trajectories", "launch", schedule=False)
    return on_schedule(straight(linear, nodes, progress=progress), affine)


@shared_cache(maxsize=24)
def _density(flow: Scene, cells: tuple[int, int], progress: Progress = no_progress) -> Heat:
    return heat(flow.field(), axis_range(flow), cells, progress)


def density(scene: Scene, cells: tuple[int, int], progress: Progress = no_progress) -> Heat:
    """p_t(x) over the axis range; ``progress`` is called with the fraction done."""
    return _density(flow_key(scene, "line"), cells, progress=progress)


def is_drawn(scene: Scene) -> bool:
    """Whether the density of the picture at rest is in memory."""
    return kept(_density, flow_key(scene, "line"), cells(scene, quick=False)) is not None


def fan(scene: Scene, palette: int, quick: bool = False, nodes: int | None = None) -> Fan:
    """The trajectories with their colour groups: the data point reached, or the rank of x₁."""
    field = scene.field()
    found = with_separatrices(field, trajectories(scene, quick, nodes=nodes))
    basin = found.basin.numpy()
    groups = basin
    if scene.color == "x1":
        start = found.x[:, -1, 0]
        order = torch.argsort(torch.argsort(start)).numpy()
        groups = np.where(basin == NO_BASIN, NO_GROUP, order * palette // max(len(order), 1))
    reached = reached_points(field.x0, found.basin)[:, 0].numpy()
    return Fan(found.t.numpy(), found.x[..., 0].numpy(), groups, reached)


def has_separatrix(scene: Scene, quick: bool) -> bool:
    """Whether a trajectory that is shown starts on a separatrix."""
    return bool(on_separatrix(scene.field(), trajectories(scene, quick).x[:, -1]).any())


def arrows(scene: Scene) -> tuple[Array, Array]:
    """Arrows of −f_t (the direction of generation) on a coarse (t, x) grid."""
    low, high = axis_range(flow_key(scene, "line"))
    t = (torch.arange(26, dtype=torch.float64) + 0.5) / 26
    x = low + (high - low) * (torch.arange(17, dtype=torch.float64) + 0.5) / 17
    velocity = scene.field().grid((x,), t).velocity
    feet_t, feet_x = torch.meshgrid(t, x, indexing="ij")
    return arrow_polyline(
        feet_t.ravel().numpy(),
        feet_x.ravel().numpy(),
        velocity.ravel().numpy(),
        aspect=1.6 * (high - low),
        length=-0.6 / 26,
    )


def prior_curve(scene: Scene) -> tuple[Array, Array]:
    """The prior's density (x, p₁(x)) over the axis range, with positions beside each breakpoint."""
    low, high = axis_range(flow_key(scene, "line"))
    x = torch.linspace(low, high, 601, dtype=torch.float64)
    prior = scene.prior_object()
    breaks = torch.tensor([k for k in prior.breakpoints if low < k < high], dtype=torch.float64)
    x = torch.cat([x, breaks - 1e-9, breaks + 1e-9]).sort().values
    return x.numpy(), prior.pdf(x).numpy()


@dataclass(frozen=True)
class Kernel:
    """Tables from which the browser computes p_t, f_t and the posterior under the pointer.

    ``z`` and ``log_p`` (K,): the prior's log-density, for linear interpolation to three digits;
    ``schedule`` (4, T): α, σ and their time derivatives at the density's times.
    """

    z: Array
    log_p: Array
    schedule: list[Array]


def kernel(scene: Scene, count: int) -> Kernel | None:
    """The tables for ``count`` times; None where the family is not affine."""
    schedule = scene.path().affine_schedule
    if schedule is None:
        return None
    t = (torch.arange(count, dtype=torch.float64) + 0.5) / count
    z, log_p = _log_density(scene.prior, scene.prior_params)
    return Kernel(z, log_p, [v.numpy() for v in (*schedule(t), *schedule.rates(t))])


@shared_cache(maxsize=64)
def _log_density(name: str, params: Params) -> tuple[Array, Array]:
    prior = PRIOR.build(name, params)
    low, high = prior.interval(1e-3)
    bulk = torch.linspace(low, high, 801, dtype=torch.float64)
    tail = torch.logspace(-3, -14, 89, dtype=torch.float64)
    breaks = torch.tensor(prior.breakpoints, dtype=torch.float64)
    width = 1e-6 * (bulk[-1] - bulk[0])
    z = torch.cat([prior.icdf(tail), bulk, prior.isf(tail), breaks - width, breaks + width])
    z = z.sort().values
    return z.numpy(), prior.log_pdf(z).numpy()


def probe(scene: Scene, at: tuple[float, float]) -> Probe:
    """The field, and each data point's posterior weight and velocity, at (t, x)."""
    t, x = at
    return scene.field().probe(torch.tensor([[x]], dtype=torch.float64), t)


@dataclass(frozen=True)
class Checks:
    """The page's checks, each a measured error with its bound."""

    mass: checks.Check
    conservation: checks.Check
    endpoints: checks.Check
    superposition: checks.Check
    continuity: checks.Check
    distribution: checks.Check


@shared_cache(maxsize=256)
def _checks(flow: Scene, progress: Progress = no_progress) -> Checks:
    with at_work(progress):  # whatever is measured gives way
        return _measured(flow)


def _measured(flow: Scene) -> Checks:
    field = flow.field()
    count = _MASS_TIMES if field.n <= 100 else 9
    if not field.path.affine_in_x1:  # each value may need a nonlinear equation solved
        count = max(2, min(9, _MAX_MASS_PAIRS // field.n))
    times = torch.linspace(0.04, 1.0, count, dtype=torch.float64)
    shown, data = trajectories(flow), reference_data(flow, "line")
    return Checks(
        mass=checks.mass(field, times),
        conservation=checks.conservation(field, shown.x[:, -1], shown),
        endpoints=checks.endpoints(field, data, starts_followed(flow, len(shown.x)), shown),
        superposition=checks.superposition(field, data, n=24),
        continuity=checks.continuity(field),
        distribution=checks.distribution(field.prior),
    )


CHECKS = tuple(Checks.__dataclass_fields__)
"""The checks' names."""


def checks_key(scene: Scene) -> Scene:
    """What of a scene its checks depend on."""
    return _key(scene)


def check(scene: Scene, progress: Progress = no_progress) -> Checks:
    """Measure the checks for a scene; ``progress`` is called again and again."""
    return _checks(_key(scene), progress=progress)


def measured(scene: Scene) -> Checks | None:
    """The checks of a scene if they are in memory."""
    return kept(_checks, _key(scene))


__all__ = ["GUTTER"]
