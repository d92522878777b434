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
from flowviz.core.field import Probe
from flowviz.core.transport import StraightFan, Trajectories, launch, on_schedule, straight_fan
from flowviz.core.transport import trajectories as follow
from flowviz.figures.fan import GUTTER, Fan, Heat, arrow_polyline
from flowviz.scene import Scene
from flowviz.scene.parameters import PRIOR, Params
from flowviz.ui.session.cache import Progress, Reporter, shared
from flowviz.ui.widgets.readouts import asked

Array = NDArray[np.floating]

FULL = (400, 400)  # (T, X) cells of the density
QUICK = (160, 200)  # the same while a hand drags: a fifth of the work and of the bytes
_PAIRS = 2e7  # cells × data points where every pair must be looked at
_NODES = 12_000  # trajectory nodes in a picture; more are slow to paint
_FOLLOWED = 2e6  # trajectory nodes × data points while a hand drags
_CHECKED = 25  # times at which the mass is measured; fewer for many data points
_MEMBERS = 400  # times × data points of it where ψ_t is not linear in x₁
_TAIL = 0.002  # prior probability outside the view, on either side
_REACH = 6.0  # nor further out than so many quartile distances from the median, or 5 %
_WIDEST = 1e5  # half the widest view: a typed family may throw its positions anywhere


def cells(scene: Scene, quick: bool) -> tuple[int, int]:
    """(T, X) cells of the density: fewer while a hand moves, and where a cell costs much."""
    t, x = QUICK if quick else FULL
    room = _PAIRS / 5 if quick else _PAIRS
    cost = t * x * len(scene.points)
    if scene.path().lens is not None or cost <= room:
        return t, x
    shrink = math.sqrt(room / cost)
    return max(24, round(t * shrink)), max(24, round(x * shrink))


@shared(maxsize=256)
def view(flow: Scene) -> tuple[float, float]:
    """The interval of x that the picture shows: all data, and the prior but for its far tails."""
    prior = flow.prior_object()
    low, high = (float(v) for v in prior.interval(_TAIL))
    q = prior.icdf(torch.tensor([0.05, 0.25, 0.5, 0.75, 0.95], dtype=torch.float64)).tolist()
    # The outer quantiles count too: half of a mixture may be narrow and the rest far away.
    low = max(low, min(q[0], q[2] - _REACH * (q[2] - q[1])))
    high = min(high, max(q[4], q[2] + _REACH * (q[3] - q[2])))
    ends = prior.support
    low, high = (e if math.isfinite(e) else v for e, v in zip(ends, (low, high), strict=True))
    low, high = _passed(flow, low, high)
    pad = 0.04 * (high - low)
    # Outward to a round number: the axis stands still while a point moves a little.
    step = 10.0 ** math.floor(math.log10((high - low) / 4))
    return (
        round(math.floor((low - pad) / step * 4) * step / 4, 9),
        round(math.ceil((high + pad) / step * 4) * step / 4, 9),
    )


def _passed(flow: Scene, low: float, high: float) -> tuple[float, float]:
    """The extremes of what is passed on the way between the data and a part of the prior.

    Not only its ends: α + σ reaches √2 where α² + σ² = 1, and other families bow.
    """
    ends = sorted(
        {min(flow.points.x), max(flow.points.x), *flow.points.x[:: len(flow.points) // 50 + 1]}
    )
    starts = torch.linspace(low, high, 5, dtype=torch.float64)
    times = torch.linspace(0.0, 1.0, 65, dtype=torch.float64)[1:]
    x = flow.path().forward(
        starts.repeat(64)[:, None],
        torch.tensor(ends, dtype=torch.float64)[:, None],
        times.repeat_interleave(5),
    )
    passed = x[x.isfinite() & (x.abs() < _WIDEST)].tolist()
    return min([*ends, low, *passed]), max([*ends, high, *passed])


def flow_of(scene: Scene) -> Scene:
    """The scene with all that does not move probability set to its usual value: a cache key."""
    clock = _CLOCK if scene.path().lens is None else ()
    return scene.of("fan").without(*_LOOK, *clock)


_LOOK = ("color", "heatmap", "fan", "arrows", "time", "speed", "probe", "lang", "large")
_CLOCK = ("schedule", "schedule_params")


@shared(maxsize=64)
def straight(flow: Scene, nodes: int) -> StraightFan:
    """The fan on the straight line; ``flow`` has the linear schedule: all schedules share it."""
    field, x1 = flow.field(), _launched(flow)
    return straight_fan(field, x1[:, 0], _clock(nodes))


@shared(maxsize=64)
def _followed(flow: Scene, nodes: int) -> Trajectories:
    """The fan of a family that is no change of time of another."""
    return follow(flow.field(), _launched(flow), _clock(nodes))


def _launched(flow: Scene) -> Tensor:
    """Where the trajectories start; through a lens where they start on the straight line."""
    shown = flow if flow.path().lens is None else _straightened(flow)
    return launch(flow.prior_object(), flow.trajectories, flow.launch, view(shown))


def _straightened(flow: Scene) -> Scene:
    return flow.with_(schedule="linear", schedule_params=())


def _clock(nodes: int) -> Tensor:
    # Nodes crowd towards the data: a schedule may spend most of its time there (u = t³).
    return torch.linspace(0.0, 1.0, nodes, dtype=torch.float64) ** 3


def _nodes(scene: Scene, quick: bool) -> int:
    """Times at which each trajectory is known."""
    full = min(120, max(48, _NODES // scene.trajectories))
    cost = 1 if scene.path().lens is not None else 4
    swift = int(_FOLLOWED / (cost * scene.trajectories * len(scene.points)))
    return min(full, max(16, swift)) if quick else full


def trajectories(scene: Scene, quick: bool = False) -> Trajectories:
    """The fan of a scene: a flow through a lens is solved for one schedule, and shown on any."""
    flow, nodes = flow_of(scene), _nodes(scene, quick)
    lens = scene.path().lens
    if lens is None:
        return _followed(flow, nodes)
    return on_schedule(straight(_straightened(flow), nodes), lens)


@shared(maxsize=24)
def _density(flow: Scene, cells: tuple[int, int], progress: Reporter | None) -> Heat:
    low, high = view(flow)
    t = (torch.arange(cells[0], dtype=torch.float64) + 0.5) / cells[0]
    x = low + (high - low) * (torch.arange(cells[1], dtype=torch.float64) + 0.5) / cells[1]
    grid = flow.field().grid((x,), t, progress)
    p = torch.where(grid.log_p == -torch.inf, torch.nan, grid.p)
    return Heat(t.numpy(), x.numpy(), p.T.numpy())


def law_of(scene: Scene) -> Scene:
    """The scene with all that p_t does not depend on set to its usual value: a cache key."""
    return flow_of(scene).without("trajectories", "launch")


def density(scene: Scene, cells: tuple[int, int], progress: Progress) -> Heat:
    """p_t(x) over the view; ``progress`` hears the share done while it is computed."""
    reporter = Reporter(progress)
    try:
        return _density(law_of(scene), cells, reporter)
    finally:
        # The cache keeps its keys: it must not keep, with this one, a visitor's page.
        reporter.report = lambda done: None


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
    low, high = view(flow_of(scene))
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
    low, high = view(flow_of(scene))
    x = torch.linspace(low, high, 601, dtype=torch.float64)
    prior = scene.prior_object()
    edges = torch.tensor([k for k in prior.kinks if low < k < high], dtype=torch.float64)
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
    lens = scene.path().lens
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
    kinks = torch.tensor(prior.kinks, dtype=torch.float64)
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
    shown, data = trajectories(flow), asked(flow, "line")
    return Checks(
        mass=checks.mass(field, times),
        conservation=checks.conservation(field, shown.x[:, -1], shown),
        endpoints=checks.endpoints(field, data, _launched(flow), shown),
        superposition=checks.superposition(field, data, n=24),
        continuity=checks.continuity(field),
        distribution=checks.distribution(field.prior),
    )


def check(scene: Scene) -> Checks:
    """Measure the checks for a scene."""
    return _checks(flow_of(scene))


__all__ = ["GUTTER"]
