"""From a scene to the numbers of the plane's picture, each computed once for all who ask.

Where the family is seen through a lens (x = α x₀ + σ x₁) the flow is solved on the straight line
only; a schedule is a change of time and scale applied afterwards (MATH §3.2), so that switching it
leaves every trajectory's end where it was. Any other family is followed for itself.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from flowviz.core.field import MarginalField, Probe
from flowviz.core.field.density_frames import cost_ns, density_frames
from flowviz.core.paths.implicit import ByForward, ByInverse
from flowviz.core.priors.two_dimensional import Ring
from flowviz.core.transport import (
    BasinMap,
    StraightFan,
    Trajectories,
    basin_map,
    on_schedule,
    straight_fan,
)
from flowviz.core.transport import trajectories as follow
from flowviz.core.transport.crossings import solved_by_crossings
from flowviz.core.transport.exponential import TOLERANCE
from flowviz.core.transport.posterior_mean_ode import MAX_JUMPS, jumps
from flowviz.figures.plane import Bytes, arrow_codes, density_codes
from flowviz.scene import Scene
from flowviz.ui.session.axis_range import AxisRange, axis_range
from flowviz.ui.session.cache import Progress, shared, silent
from flowviz.ui.session.keys import flow_key


@dataclass(frozen=True)
class Detail:
    """How finely a picture is computed.

    ``frames`` of ``cells``² for the density, in about ``seconds``; at most ``most`` trajectories
    within ``tolerance``.
    """

    frames: int
    cells: int
    seconds: float
    most: int
    tolerance: float


FULL = Detail(frames=60, cells=128, seconds=1.0, most=2000, tolerance=TOLERANCE)
QUICK = Detail(frames=24, cells=64, seconds=0.08, most=60, tolerance=1e-3)
MANY = 300
"""Beyond so many data points a picture makes do with what the eye can tell."""

_NODES = 64
ARROWS = 16
COLOURS = 8
"""Data points take so many colours in turn."""
_FOLLOWED = {FULL: 240, QUICK: 60}  # trajectories × data points of an implicit family


def trajectories_key(scene: Scene) -> Scene:
    """The cache key of the plane's trajectories."""
    return flow_key(scene, "plane", "plane_particles")


def has_schedule(scene: Scene) -> bool:
    """Whether the scene's family is straight lines seen through a schedule's lens."""
    return scene.path("plane").affine_schedule is not None


# ---------------------------------------------------------------------- trajectories


def starting_positions(flow: Scene, most: int) -> Tensor:
    """Where the particles start: the same draws from the prior every time, (Q, 2)."""
    prior = flow.prior_object("plane")
    generator = torch.Generator().manual_seed(7)
    return prior.sample(flow.plane_particles, 2, generator)[:most]


def _times_of_nodes() -> Tensor:
    return torch.linspace(0.0, 1.0, _NODES, dtype=torch.float64) ** 2


def tolerance(field: MarginalField, detail: Detail) -> float:
    """What the eye can tell: a hundred times finer than a pixel, or less where steps are dear."""
    edged = jumps(field.prior)
    if solved_by_crossings(field):
        return detail.tolerance
    if field.path.affine_schedule is None:
        coarse = edged and not field.prior.has_singular_edges  # there coarse steps lose their way
        return max((10.0 if edged else 1.0) * detail.tolerance, 1e-4 if coarse else 1e-5)
    if field.n > MANY:
        return max(detail.tolerance, 1e-3 if field.n > MAX_JUMPS and edged else 1e-5)
    return detail.tolerance


def _trajectory_count(field: MarginalField, detail: Detail) -> int:
    """How many trajectories are worth their time."""
    if isinstance(field.path, ByForward | ByInverse):
        return min(detail.most, max(8, int(_FOLLOWED[detail] / field.n)))
    # While a hand moves a crowd of points, a few trajectories must do.
    return detail.most if detail is FULL or field.n <= MANY else detail.most // 4


@shared(maxsize=64)
def _straight(flow: Scene, detail: Detail, progress: Progress = silent) -> StraightFan:
    """The trajectories on the straight line; ``flow`` has the linear schedule."""
    field = flow.field("plane")
    x1 = starting_positions(flow, _trajectory_count(field, detail))
    return straight_fan(field, x1, _times_of_nodes(), tolerance(field, detail), progress=progress)


@shared(maxsize=64)
def _integrated(flow: Scene, detail: Detail, progress: Progress = silent) -> Trajectories:
    """The trajectories of a family that is no change of time of another."""
    field = flow.field("plane")
    x1 = starting_positions(flow, _trajectory_count(field, detail))
    return follow(field, x1, _times_of_nodes(), tolerance(field, detail), progress=progress)


def straight(scene: Scene, detail: Detail, progress: Progress = silent) -> StraightFan:
    """The trajectories of straight lines before a schedule shows them, whatever the family."""
    key = flow_key(scene, "plane", "plane_particles", schedule=False)
    plain = key.with_(plane_family="affine")
    return _straight(plain, detail, progress=progress)


def trajectories(scene: Scene, detail: Detail, progress: Progress = silent) -> Trajectories:
    """The particles' trajectories: a flow through a lens is solved once, and shown on any."""
    if has_schedule(scene):
        return on_schedule(straight(scene, detail, progress), scene.schedule_object())
    return _integrated(trajectories_key(scene), detail, progress=progress)


def single_point_trajectories(scene: Scene, shown: Trajectories, which: Tensor) -> Tensor:
    """Where some trajectories would run if their data point were the only one, (K, T, 2)."""
    field = scene.field("plane")
    own, start = field.x0[shown.basin[which]][:, None], shown.x[which, -1]
    rows = [
        field.path.forward(start, own, t.expand(len(which)).contiguous())[:, 0]
        for t in shown.t.clamp(min=1e-9)
    ]
    return torch.stack(rows, dim=1)


def ends_moved(scene: Scene) -> int:
    """How many trajectories end elsewhere than on straight lines with the linear schedule.

    Through a lens none may (MATH §3.2): every end is measured against its data point.
    """
    shown, line = trajectories(scene, FULL), straight(scene, FULL)
    n = min(len(shown.basin), len(line.basin))
    same = (shown.x[:n, 0] == line.x[:n, 0]).all(-1) & (shown.basin[:n] == line.basin[:n])
    return int((~same).sum())


# ---------------------------------------------------------------------- density and velocity


@dataclass(frozen=True)
class Frames:
    """Density over time, as the browser paints it.

    ``t`` (T,); ``codes`` (T, Y, X) and their ``tops`` (T,); ``lost``, whether some of it has no
    value although the prior reaches there.
    """

    t: np.ndarray
    codes: Bytes
    tops: np.ndarray
    lost: bool


def frames(scene: Scene, detail: Detail, progress: Progress = silent) -> Frames:
    """The density's frames; ``progress`` hears the share done while they are computed."""
    flow = flow_key(scene, "plane")
    return _frames(flow, scene.plane_scale, affordable(flow, detail), progress=progress)


def affordable(flow: Scene, detail: Detail) -> tuple[int, int]:
    """(frames, cells): fewer where a cell costs much."""
    count, cells = detail.frames, detail.cells
    cost, room = cost_ns(flow.field("plane")), 1e9 * detail.seconds
    while (cells > 32 or count > 16) and count * cells * cells * cost > room:
        cells, count = max(32, cells * 3 // 4 // 16 * 16), max(16, count * 3 // 4)
    return count, cells


@shared(maxsize=24)
def _frames(flow: Scene, scale: str, size: tuple[int, int], progress: Progress = silent) -> Frames:
    count, cells = size
    field, span = flow.field("plane"), axis_range(flow_key(flow, "plane"))
    t = _times(count)
    single = field.n > MANY or isinstance(field.prior, Ring)
    p = density_frames(field, middles(span, cells), t, progress, single)
    kind = "log" if scale == "log" else "linear"
    codes, tops = density_codes(p.numpy(), kind, _positive_everywhere(field))
    return Frames(t.numpy(), codes, tops, bool(p.isnan().any()))


def _positive_everywhere(field: MarginalField) -> bool:
    """Whether p_t > 0 in the whole plane; a typed family may leave some of it empty."""
    typed = isinstance(field.path, ByForward | ByInverse)
    return not typed and field.prior.support == (-math.inf, math.inf)


def arrows(scene: Scene, detail: Detail) -> Bytes:
    """The velocity at the times of the density's frames, (T, 16, 16, 2)."""
    flow = flow_key(scene, "plane")
    return _arrows(flow, affordable(flow, detail)[0])


@shared(maxsize=24)
def _arrows(flow: Scene, count: int) -> Bytes:
    velocity = flow.field("plane").grid(
        middles(axis_range(flow), ARROWS), _times(count), floor=1e-9
    )
    # Towards the data, the way the particles go: against the direction of time.
    return arrow_codes(-velocity.velocity.numpy())


def _times(count: int) -> Tensor:
    """When the frames are taken, (T,)."""
    return (torch.arange(count, dtype=torch.float64) + 1.0) / count


def middles(span: AxisRange, count: int) -> tuple[Tensor, Tensor]:
    """The middles of ``count``² cells of the view."""
    low_x, high_x, low_y, high_y = span
    middle = (torch.arange(count, dtype=torch.float64) + 0.5) / count
    return low_x + (high_x - low_x) * middle, low_y + (high_y - low_y) * middle


def ends_tolerance(field: MarginalField) -> float:
    """What is fine enough where only the ends of trajectories matter."""
    return 1e-4 if field.n <= MANY else 1e-2


@shared(maxsize=24)
def _masses(flow: Scene, count: int, progress: Progress = silent) -> BasinMap:
    field = flow.field("plane")
    # The draws are what counts; of a grid no more than the middle of the prior.
    few = torch.tensor([sum(field.prior.interval(0.25)) / 2], dtype=torch.float64)
    enough = ends_tolerance(field)
    return basin_map(field, (few, few), draws=count, tolerance=enough, progress=progress)


def masses(scene: Scene, progress: Progress = silent) -> BasinMap:
    """How much of the prior reaches each data point, by following draws."""
    return _masses(basins_key(scene), draws(len(scene.plane_points)), progress=progress)


def draws(n: int) -> int:
    """How many prior draws measure the basins' masses of n data points."""
    return 500 if n <= 100 else 300


def basins_key(scene: Scene) -> Scene:
    """The cache key of what no schedule changes."""
    return flow_key(scene, "plane", schedule=False)


def probe(scene: Scene, at: tuple[float, float, float]) -> Probe:
    """What each data point says at the query point (t, x, y)."""
    t, x, y = at
    return scene.field("plane").probe(torch.tensor([[x, y]], dtype=torch.float64), max(t, 1e-3))
