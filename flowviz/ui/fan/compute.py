"""From a scene to the numbers a page shows, each computed once for everybody who asks.

Caches are shared by all visitors of the process, keyed by what the numbers depend on and bounded
in size: a class that opens one link computes its picture once. The flow is solved on the straight
line only; a schedule is a change of time and scale applied afterwards (MATH §3.2). A family that is
no lens on the straight lines is followed for itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from flowviz.core import checks
from flowviz.core.field import MarginalField, Probe
from flowviz.core.transport import StraightFan, Trajectories, launch, on_schedule, straight_fan
from flowviz.core.transport import trajectories as follow
from flowviz.figures.fan import GUTTER, Fan, Heat, arrow_polyline
from flowviz.scene import Scene
from flowviz.scene.parameters import PRIOR, Params
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import Progress, shared, silent
from flowviz.ui.session.keys import flow_key
from flowviz.ui.widgets.readouts import reference_data

Array = NDArray[np.floating]

FULL = (400, 400)  # (T, X) cells of the density
QUICK = (160, 200)  # the same while a hand drags: a fifth of the work and of the bytes
_PAIRS = 2e7  # cells × data points where every pair must be looked at
_NODES = 12_000  # trajectory nodes in a picture; more are slow to paint
_FOLLOWED = 2e6  # trajectory nodes × data points while a hand drags
_CHECKED = 25  # times at which the mass is measured; fewer for many data points
_CELLS_WIDE = 2.0  # a data point's density that is narrower is shown by means of cells
_MEMBERS = 400  # times × data points of it where ψ_t is not linear in x₁


def cells(scene: Scene, quick: bool) -> tuple[int, int]:
    """(T, X) cells of the density: fewer while a hand moves, and where a cell costs much."""
    t, x = QUICK if quick else FULL
    room = _PAIRS / 5 if quick else _PAIRS
    cost = t * x * len(scene.points)
    if scene.path().affine_schedule is not None or cost <= room:
        return t, x
    shrink = math.sqrt(room / cost)
    return max(24, round(t * shrink)), max(24, round(x * shrink))


def _key(scene: Scene) -> Scene:
    return flow_key(scene, "line", "trajectories", "launch")


@shared(maxsize=64)
def straight(flow: Scene, nodes: int) -> StraightFan:
    """The fan on the straight line; ``flow`` has the linear schedule: all schedules share it."""
    field, x1 = flow.field(), _starts(flow)
    return straight_fan(field, x1[:, 0], _times(nodes))


@shared(maxsize=64)
def _integrated(flow: Scene, nodes: int) -> Trajectories:
    """The fan of a family that is no change of time of another."""
    return follow(flow.field(), _starts(flow), _times(nodes))


def _starts(flow: Scene) -> Tensor:
    """Where the trajectories start; through a lens where they start on the straight line."""
    low, high = axis_range(flow_key(flow, "line", schedule=False))
    return launch(flow.prior_object(), flow.trajectories, flow.launch, (low, high))


def _times(nodes: int) -> Tensor:
    # Nodes crowd towards the data: a schedule may spend most of its time there (u = t³).
    return torch.linspace(0.0, 1.0, nodes, dtype=torch.float64) ** 3


def _nodes(scene: Scene, quick: bool) -> int:
    """Times at which each trajectory is known."""
    full = min(120, max(48, _NODES // scene.trajectories))
    cost = 1 if scene.path().affine_schedule is not None else 4
    swift = int(_FOLLOWED / (cost * scene.trajectories * len(scene.points)))
    return min(full, max(16, swift)) if quick else full


def trajectories(scene: Scene, quick: bool = False) -> Trajectories:
    """The fan of a scene: a flow through a lens is solved for one schedule, and shown on any."""
    nodes, lens = _nodes(scene, quick), scene.path().affine_schedule
    if lens is None:
        return _integrated(_key(scene), nodes)
    linear = flow_key(scene, "line", "trajectories", "launch", schedule=False)
    return on_schedule(straight(linear, nodes), lens)


@shared(maxsize=24)
def _density(flow: Scene, cells: tuple[int, int], progress: Progress = silent) -> Heat:
    low, high = axis_range(flow)
    t = (torch.arange(cells[0], dtype=torch.float64) + 0.5) / cells[0]
    x = low + (high - low) * (torch.arange(cells[1], dtype=torch.float64) + 0.5) / cells[1]
    field = flow.field()
    grid = field.grid((x,), t, progress)
    p = torch.where(grid.log_p == -torch.inf, torch.nan, grid.p)
    if field.path.monotone:
        _average_narrow(field, p, t, x, (high - low) / cells[1])
    return Heat(t.numpy(), x.numpy(), p.T.numpy())


def _average_narrow(field: MarginalField, p: Tensor, t: Tensor, x: Tensor, width: float) -> None:
    """Give p (T, X) its cells' means at times where a data point's density is narrower than cells.

    Beside t = 0 a value in the middle of each cell would miss some data points and not others.
    """
    ends = field.prior.icdf(torch.tensor([0.25, 0.75], dtype=torch.float64))[:, None]
    spread = field.path.forward(ends.repeat(len(t), 1), field.x0, t.repeat_interleave(2))
    spread = spread.reshape(len(t), 2, -1).diff(dim=1).abs().amin((1, 2))
    edges = torch.cat([x - 0.5 * width, x[-1:] + 0.5 * width])
    for k in (spread < _CELLS_WIDE * width).nonzero()[:, 0].tolist():
        mean = field.cdf(edges[:, None], t[k]).diff() / width
        p[k] = torch.where(mean > 0, mean, torch.nan)


def density(scene: Scene, cells: tuple[int, int], progress: Progress = silent) -> Heat:
    """p_t(x) over the view; ``progress`` hears the share done while it is computed."""
    return _density(flow_key(scene, "line"), cells, progress=progress)


def fan(scene: Scene, palette: int, quick: bool = False) -> Fan:
    """The trajectories with their colour groups: data point reached, or a step of x₁."""
    tr = trajectories(scene, quick)
    groups = tr.basin.numpy()
    if scene.color == "x1":
        start = tr.x[:, -1, 0]
        order = torch.argsort(torch.argsort(start)).numpy()
        groups = order * palette // max(len(order), 1)
    return Fan(tr.t.numpy(), tr.x[..., 0].numpy(), groups)


def arrows(scene: Scene) -> tuple[Array, Array]:
    """Arrows of −f_t, the way generation runs, on a coarse grid of the plane."""
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
    """The prior's density over the view, dense enough for its edges."""
    low, high = axis_range(flow_key(scene, "line"))
    x = torch.linspace(low, high, 601, dtype=torch.float64)
    prior = scene.prior_object()
    edges = torch.tensor([k for k in prior.breakpoints if low < k < high], dtype=torch.float64)
    around = torch.cat([edges - 1e-9, edges + 1e-9])
    x = torch.cat([x, around]).sort().values
    return x.numpy(), prior.pdf(x).numpy()


@dataclass(frozen=True)
class Kernel:
    """What a glance needs to weigh the data points anywhere in the picture.

    ``z`` and ``log_p`` (K,): the prior's log-density, a line between neighbours to three digits;
    ``clock`` (4, T): α, σ and their rates at the picture's times.
    """

    z: Array
    log_p: Array
    clock: list[Array]


def kernel(scene: Scene, count: int) -> Kernel | None:
    """The tables of a scene for so many times; None where the family is no lens."""
    lens = scene.path().affine_schedule
    if lens is None:
        return None
    t = (torch.arange(count, dtype=torch.float64) + 0.5) / count
    z, log_p = _log_density(scene.prior, scene.prior_params)
    return Kernel(z, log_p, [v.numpy() for v in (*lens(t), *lens.rates(t))])


@shared(maxsize=64)
def _log_density(name: str, params: Params) -> tuple[Array, Array]:
    prior = PRIOR.build(name, params)
    low, high = prior.interval(1e-3)
    body = torch.linspace(low, high, 801, dtype=torch.float64)
    tail = torch.logspace(-3, -14, 89, dtype=torch.float64)
    kinks = torch.tensor(prior.breakpoints, dtype=torch.float64)
    width = 1e-6 * (body[-1] - body[0])
    z = torch.cat([prior.icdf(tail), body, prior.isf(tail), kinks - width, kinks + width])
    z = z.sort().values
    return z.numpy(), prior.log_pdf(z).numpy()


def probe(scene: Scene, at: tuple[float, float]) -> Probe:
    """What each data point says at the query point (t, x)."""
    t, x = at
    return scene.field().probe(torch.tensor([[x]], dtype=torch.float64), t)


@dataclass(frozen=True)
class Checks:
    """The checks of the page, each a measured number with its bound."""

    mass: checks.Check
    conservation: checks.Check
    endpoints: checks.Check
    superposition: checks.Check
    continuity: checks.Check
    distribution: checks.Check


@shared(maxsize=256)
def _checks(flow: Scene) -> Checks:
    field = flow.field()
    count = _CHECKED if field.n <= 100 else 9
    if not field.path.affine_in_x1:  # each value may be the solution of an equation
        count = max(2, min(9, _MEMBERS // field.n))
    times = torch.linspace(0.04, 1.0, count, dtype=torch.float64)
    shown, data = trajectories(flow), reference_data(flow, "line")
    return Checks(
        mass=checks.mass(field, times),
        conservation=checks.conservation(field, shown.x[:, -1], shown),
        endpoints=checks.endpoints(field, data, _starts(flow), shown),
        superposition=checks.superposition(field, data, n=24),
        continuity=checks.continuity(field),
        distribution=checks.distribution(field.prior),
    )


def check(scene: Scene) -> Checks:
    """Measure the checks for a scene."""
    return _checks(_key(scene))


__all__ = ["GUTTER"]
