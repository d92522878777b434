"""The numbers that the Plane page shows for a scene, cached for all sessions.

For the affine family x = α x₀ + σ x₁ the flow is solved once, with the linear schedule, and mapped
to any other schedule afterwards (MATH §3.2), so that another schedule leaves every trajectory's end
where it was. The trajectories of every other family are integrated.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from flowviz.core.field import MarginalField, Probe
from flowviz.core.field.density_frames import cost_ns, density_frames
from flowviz.core.numerics.work import at_work
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
from flowviz.core.transport import trajectories as integrate
from flowviz.core.transport.crossings import solved_by_crossings
from flowviz.core.transport.exponential import TOLERANCE
from flowviz.core.transport.posterior_mean_ode import MAX_JUMPS, jumps
from flowviz.figures.plane import Bytes, arrow_codes, density_codes
from flowviz.scene import Scene
from flowviz.ui.curve_nodes import curve_nodes
from flowviz.ui.session.axis_range import AxisRange, axis_range
from flowviz.ui.session.cache import Progress, no_progress, shared_cache
from flowviz.ui.session.keys import flow_key


@dataclass(frozen=True)
class Detail:
    """How finely a figure is computed.

    The density has ``frames`` of ``cells``² and takes about ``seconds``; at most
    ``max_trajectories`` are integrated, with ``tolerance``, and fewer where they take more than
    ``budget`` units of work (``core.numerics.work``). A density that even at its coarsest would
    take more than ``most_seconds``, by estimate, is unknown.
    """

    frames: int
    cells: int
    seconds: float
    max_trajectories: int
    tolerance: float
    budget: float
    most_seconds: float = math.inf


FULL = Detail(
    frames=60, cells=128, seconds=1.0, max_trajectories=2000, tolerance=TOLERANCE, budget=4e8
)
QUICK = Detail(frames=24, cells=64, seconds=0.08, max_trajectories=60, tolerance=1e-3, budget=3e7)
CHECKED = 6e7
"""Most units of work for the trajectories of a check: about half a second."""
LINES = replace(FULL, budget=CHECKED)
"""For the straight lines that the ends of another family are compared with."""
MANY = 300
"""For more data points than this, figures are computed to the accuracy of a pixel only."""

_NODES = 64
ARROWS = 16
COLOURS = 8
"""The number of colours that data points take in turn."""
_MAX_IMPLICIT_PAIRS = {FULL: 240}  # trajectories × data points of an implicit family
_FEW_IMPLICIT_PAIRS = 60  # the same for any other detail


def trajectories_key(scene: Scene) -> Scene:
    """The cache key of the plane's trajectories."""
    return flow_key(scene, "plane", "plane_particles")


def has_schedule(scene: Scene) -> bool:
    """Whether the scene's family is affine, x = α x₀ + σ x₁."""
    return scene.path("plane").affine_schedule is not None


# ---------------------------------------------------------------------- trajectories


def starting_positions(flow: Scene, max_count: int) -> Tensor:
    """The particles' starting positions: prior draws with a fixed seed, (Q, 2)."""
    prior = flow.prior_object("plane")
    generator = torch.Generator().manual_seed(7)
    return prior.sample(flow.plane_particles, 2, generator)[:max_count]


def node_times(flow: Scene) -> Tensor:
    """The times of a trajectory's nodes, with the linear schedule where the family has one."""
    nodes = curve_nodes(flow_key(flow, "plane"), "plane", _NODES, 2.0)
    return torch.linspace(0.0, 1.0, nodes, dtype=torch.float64) ** 2


def tolerance(field: MarginalField, detail: Detail) -> float:
    """The ODE tolerance: a hundredth of a pixel, or coarser where steps are expensive."""
    edged = jumps(field.prior)
    if solved_by_crossings(field):
        return detail.tolerance
    if field.path.affine_schedule is None:
        # With infinite edges, coarse steps would end at the wrong data points.
        if field.prior.has_singular_edges:
            return 1e-7 if field.path.affine_in_x1 or field.path.elementwise else 1e-5
        return max((10.0 if edged else 1.0) * detail.tolerance, 1e-4 if edged else 1e-5)
    if field.n > MANY:
        return max(detail.tolerance, 1e-3 if field.n > MAX_JUMPS and edged else 1e-5)
    return detail.tolerance


def trajectory_count(field: MarginalField, detail: Detail) -> int:
    """The number of trajectories that can be integrated in time."""
    limit = detail.max_trajectories
    if isinstance(field.path, ByForward | ByInverse):
        pairs = _MAX_IMPLICIT_PAIRS.get(detail, _FEW_IMPLICIT_PAIRS)
        return min(limit, max(8, int(pairs / field.n)))
    return limit if detail is FULL or field.n <= MANY else limit // 4


@shared_cache(maxsize=64)
def _straight(flow: Scene, detail: Detail, progress: Progress = no_progress) -> StraightFan:
    """The trajectories with the linear schedule, which ``flow`` must have."""
    field = flow.field("plane")
    x1 = starting_positions(flow, trajectory_count(field, detail))
    at = x1, node_times(flow), tolerance(field, detail)
    return straight_fan(field, *at, progress=progress, budget=detail.budget)


@shared_cache(maxsize=64)
def _integrated(flow: Scene, detail: Detail, progress: Progress = no_progress) -> Trajectories:
    """The trajectories of a family that is not affine."""
    field = flow.field("plane")
    x1 = starting_positions(flow, trajectory_count(field, detail))
    at = x1, node_times(flow), tolerance(field, detail)
    return integrate(field, *at, progress=progress, budget=detail.budget)


def straight(scene: Scene, detail: Detail, progress: Progress = no_progress) -> StraightFan:
    """The trajectories of straight lines with the linear schedule, whatever the scene's family."""
    key = flow_key(scene, "plane", "plane_particles", schedule=False)
    return _straight(key.with_(plane_family="affine"), detail, progress=progress)


def trajectories(scene: Scene, detail: Detail, progress: Progress = no_progress) -> Trajectories:
    """The particles' trajectories; an affine family's are solved once for all schedules."""
    if has_schedule(scene):
        return on_schedule(straight(scene, detail, progress), scene.schedule_object())
    return _integrated(trajectories_key(scene), detail, progress=progress)


def single_point_trajectories(scene: Scene, shown: Trajectories, which: Tensor) -> Tensor:
    """The conditional trajectories from the same x₁ to the data points reached, (K, T, 2)."""
    field = scene.field("plane")
    x0, x1 = field.x0[shown.basin[which]][:, None], shown.x[which, -1]
    positions = [
        field.path.forward(x1, x0, t.expand(len(which)).contiguous())[:, 0]
        for t in shown.t.clamp(min=1e-9)
    ]
    return torch.stack(positions, dim=1)


def ends_moved(scene: Scene, progress: Progress = no_progress) -> tuple[int, int]:
    """How many trajectories end elsewhere than those of straight lines, and of how many.

    For an affine family the first number must be 0 (MATH §3.2). Where the budget allows fewer
    straight lines, those are compared.
    """
    shown = trajectories(scene, FULL)
    line = straight(scene, FULL if has_schedule(scene) else LINES, progress)
    n = min(len(shown.basin), len(line.basin))
    same = (shown.x[:n, 0] == line.x[:n, 0]).all(-1) & (shown.basin[:n] == line.basin[:n])
    return int((~same).sum()), n


# ---------------------------------------------------------------------- density and velocity


@dataclass(frozen=True)
class Frames:
    """The density over time, coded for the browser.

    ``t`` (T,); ``codes`` (T, Y, X) and the density ``scale_max`` (T,) of the largest code;
    ``lost``, whether the density of some cells could not be computed.
    """

    t: np.ndarray
    codes: Bytes
    scale_max: np.ndarray
    lost: bool


def frames(scene: Scene, detail: Detail, progress: Progress = no_progress) -> Frames:
    """The density's frames; ``progress`` is called with the fraction done."""
    flow = flow_key(scene, "plane")
    size = affordable(flow, detail)
    known = has_density(flow, detail)
    return _frames(flow, scene.plane_scale, size, known, progress=progress)


def affordable(flow: Scene, detail: Detail) -> tuple[int, int]:
    """(frames, cells a side): fewer where a cell is expensive."""
    count, cells = detail.frames, detail.cells
    cost, limit = cost_ns(flow.field("plane")), 1e9 * detail.seconds
    while (cells > 32 or count > 16) and count * cells * cells * cost > limit:
        cells, count = max(32, cells * 3 // 4 // 16 * 16), max(16, count * 3 // 4)
    return count, cells


def has_density(flow: Scene, detail: Detail) -> bool:
    """Whether the density is computed."""
    count, cells = affordable(flow, detail)
    return count * cells * cells * cost_ns(flow.field("plane")) <= 1e9 * detail.most_seconds


@shared_cache(maxsize=24)
def _frames(
    flow: Scene, scale: str, size: tuple[int, int], known: bool, progress: Progress = no_progress
) -> Frames:
    t, _, p = _densities(flow, size, known, progress=progress)
    kind = "log" if scale == "log" else "linear"
    codes, scale_max = density_codes(p.numpy(), kind, positive_everywhere(flow.field("plane")))
    return Frames(t.numpy(), codes, scale_max, bool(p.isnan().any()))


def densities(scene: Scene, detail: Detail) -> tuple[Tensor, tuple[Tensor, Tensor], Tensor]:
    """The times (T,), the cells' centres (X,) and (Y,), and p_t (T, X, Y) of `frames`."""
    flow = flow_key(scene, "plane")
    return _densities(flow, affordable(flow, detail), has_density(flow, detail))


@shared_cache(maxsize=4)
def _densities(
    flow: Scene, size: tuple[int, int], known: bool, progress: Progress = no_progress
) -> tuple[Tensor, tuple[Tensor, Tensor], Tensor]:
    field, span = flow.field("plane"), axis_range(flow_key(flow, "plane"))
    t, axes = frame_times(size[0]), middles(span, size[1])
    if not known:
        return t, axes, torch.full((size[0], size[1], size[1]), torch.nan, dtype=torch.float64)
    with at_work(progress) as work:
        single = in_single_precision(field)
        return t, axes, density_frames(field, axes, t, work.advance, single)


def in_single_precision(field: MarginalField) -> bool:
    """Whether the frames are summed in float32: precise enough for a picture, and faster."""
    return field.n > MANY or isinstance(field.prior, Ring)


def positive_everywhere(field: MarginalField) -> bool:
    """Whether p_t > 0 in the whole plane; a typed family may leave some of it empty."""
    typed = isinstance(field.path, ByForward | ByInverse)
    return not typed and field.prior.support == (-math.inf, math.inf)


def arrows(scene: Scene, detail: Detail) -> Bytes:
    """The velocity at the times of the density's frames, (T, 16, 16, 2)."""
    flow = flow_key(scene, "plane")
    return _arrows(flow, affordable(flow, detail)[0])


@shared_cache(maxsize=24)
def _arrows(flow: Scene, count: int) -> Bytes:
    velocity = flow.field("plane").grid(
        middles(axis_range(flow), ARROWS), frame_times(count), floor=1e-9
    )
    # −f_t: particles move towards the data, against the direction of time.
    return arrow_codes(-velocity.velocity.numpy())


def frame_times(count: int) -> Tensor:
    """The frames' times, (T,)."""
    return (torch.arange(count, dtype=torch.float64) + 1.0) / count


def middles(span: AxisRange, count: int) -> tuple[Tensor, Tensor]:
    """The coordinates (X,), (Y,) of the centres of ``count``² cells."""
    low_x, high_x, low_y, high_y = span
    centres = (torch.arange(count, dtype=torch.float64) + 0.5) / count
    return low_x + (high_x - low_x) * centres, low_y + (high_y - low_y) * centres


def ends_tolerance(field: MarginalField) -> float:
    """The ODE tolerance where only the trajectories' ends matter."""
    return 1e-4 if field.n <= MANY else 1e-2


@shared_cache(maxsize=24)
def _masses(flow: Scene, count: int, progress: Progress = no_progress) -> BasinMap:
    field = flow.field("plane")
    # Only the draws are used; the grid is a single cell.
    centre = torch.tensor([sum(field.prior.interval(0.25)) / 2], dtype=torch.float64)
    axes, tolerance = (centre, centre), ends_tolerance(field)
    return basin_map(
        field, axes, draws=count, tolerance=tolerance, progress=progress, budget=CHECKED
    )


def masses(scene: Scene, progress: Progress = no_progress) -> BasinMap:
    """The prior mass that reaches each data point, estimated from prior draws."""
    return _masses(basins_key(scene), draws(len(scene.plane_points)), progress=progress)


def draws(n: int) -> int:
    """The number of prior draws that estimate the basin masses of n data points."""
    return 500 if n <= 100 else 300


def basins_key(scene: Scene) -> Scene:
    """The cache key of the basins, which do not depend on the schedule."""
    return flow_key(scene, "plane", schedule=False)


def probe(scene: Scene, at: tuple[float, float, float]) -> Probe:
    """The field, and each data point's posterior weight and velocity, at (t, x, y), t > 0."""
    t, x, y = at
    return scene.field("plane").probe(torch.tensor([[x, y]], dtype=torch.float64), t)
