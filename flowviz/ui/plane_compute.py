"""From a scene to the numbers of the plane's picture, each computed once for all who ask.

The flow is solved on the straight line only; a schedule is a change of time and scale applied
afterwards (MATH §3.2), so that switching it leaves every trajectory's end where it was.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from flowviz.core import checks
from flowviz.core.checks import Check
from flowviz.core.field import Probe
from flowviz.core.prior_base import Prior
from flowviz.core.transport import (
    BasinMap,
    StraightFan,
    Trajectories,
    basin_map,
    on_schedule,
    straight_fan,
)
from flowviz.core.transport_plane import TOLERANCE
from flowviz.figures.plane import Bytes, View, arrow_codes, density_codes
from flowviz.scene import Scene
from flowviz.ui.shared import Progress, Reporter, shared


@dataclass(frozen=True)
class Detail:
    """How finely a picture is computed.

    ``frames`` of ``cells``² for the density, at most ``most`` trajectories within ``tolerance``,
    and ``basins``² positions for the basin map.
    """

    frames: int
    cells: int
    most: int
    tolerance: float
    basins: int


FULL = Detail(frames=60, cells=128, most=2000, tolerance=TOLERANCE, basins=64)
QUICK = Detail(frames=24, cells=64, most=60, tolerance=1e-3, basins=20)

_NODES = 64
_ARROWS = 16
_TAIL = 0.004  # prior probability outside the view, on either side of a coordinate
_REACH = 6.0  # nor further out than so many quartile distances from the median
_PAIRS = 8e6  # cells × frames × data points a density frame by frame may cost


def flow_of(scene: Scene) -> Scene:
    """The scene with all that does not move probability in the plane at default: a cache key."""
    usual = Scene()
    names = ("plane_views", "plane_scale", "plane_probe", "time", "speed", "lang", "large")
    return scene.of("plane").with_(**{name: getattr(usual, name) for name in names})


@shared(maxsize=256)
def view(flow: Scene) -> View:
    """The square (x low, x high, y low, y high) that holds the data and most of the prior."""
    low, high = _prior_interval(flow.field("plane").prior)
    points = flow.plane_points
    spans = [(min(low, *values), max(high, *values)) for values in (points.x, points.y)]
    side = 1.08 * max(b - a for a, b in spans)
    # A round number: the picture stands still while a point moves a little.
    step = 10.0 ** math.floor(math.log10(side / 4)) / 2
    half = math.ceil(side / 2 / step) * step
    middle = [round((a + b) / 2 / step) * step for a, b in spans]
    x, y = ((round(m - half, 9), round(m + half, 9)) for m in middle)
    return (*x, *y)


def _prior_interval(prior: Prior) -> tuple[float, float]:
    low, high = prior.interval(_TAIL)
    if not prior.product:
        return low, high
    q = prior.icdf(torch.tensor([0.05, 0.25, 0.5, 0.75, 0.95], dtype=torch.float64)).tolist()
    low = max(low, min(q[0], q[2] - _REACH * (q[2] - q[1])))
    return low, min(high, max(q[4], q[2] + _REACH * (q[3] - q[2])))


def starts(flow: Scene, most: int) -> torch.Tensor:
    """Where the particles start: the same draws from the prior every time, (Q, 2)."""
    prior = flow.field("plane").prior
    generator = torch.Generator().manual_seed(7)
    return prior.sample(flow.plane_particles, 2, generator)[:most]


@shared(maxsize=64)
def _straight(flow: Scene, detail: Detail) -> StraightFan:
    """The trajectories on the straight line; ``flow`` has the linear schedule."""
    u = torch.linspace(0.0, 1.0, _NODES, dtype=torch.float64) ** 2
    field = flow.field("plane")
    # While a hand moves a crowd of points, a few trajectories must do.
    most = detail.most if detail is FULL or field.n <= 300 else detail.most // 4
    return straight_fan(field, starts(flow, most), u, detail.tolerance)


def straight(scene: Scene, detail: Detail) -> StraightFan:
    """The trajectories of a scene before a schedule shows them: the only solving there is."""
    return _straight(flow_of(scene).with_(schedule="linear", schedule_params=()), detail)


def trajectories(scene: Scene, detail: Detail) -> Trajectories:
    """The particles' trajectories on the scene's schedule."""
    return on_schedule(straight(scene, detail), scene.schedule_object())


def ends_moved(scene: Scene) -> int:
    """How many trajectories end elsewhere on the scene's schedule than on the straight line.

    Every end is measured against its data point; on another schedule none may move (MATH §3.2).
    """
    shown, line = trajectories(scene, FULL), straight(scene, FULL)
    same = (shown.x[:, 0] == line.x[:, 0]).all(-1) & (shown.basin == line.basin)
    return int((~same).sum())


@dataclass(frozen=True)
class Frames:
    """Density and velocity over time, as the browser paints them.

    ``t`` (T,); ``codes`` (T, Y, X) and their ``tops`` (T,); ``arrows`` (T, 16, 16, 2).
    """

    t: np.ndarray
    codes: Bytes
    tops: np.ndarray
    arrows: Bytes


def frames(scene: Scene, detail: Detail, progress: Progress) -> Frames:
    """The density's frames; ``progress`` hears the share done while they are computed."""
    flow = flow_of(scene).with_(plane_particles=1)
    reporter = Reporter(progress)
    try:
        return _frames(flow, scene.plane_scale, _affordable(flow, detail), reporter)
    finally:
        # The cache keeps its keys: it must not keep, with this one, a visitor's page.
        reporter.report = lambda done: None


def _affordable(flow: Scene, detail: Detail) -> tuple[int, int]:
    """(frames, cells): fewer where the prior is not a product and every pair must be formed."""
    field = flow.field("plane")
    count, cells = detail.frames, detail.cells
    if not field.prior.product:
        budget = _PAIRS * (detail.frames / FULL.frames) ** 2
        while cells > 32 and count * cells * cells * field.n > budget:
            cells, count = max(32, cells * 3 // 4 // 16 * 16), max(16, count * 3 // 4)
    return count, cells


@shared(maxsize=24)
def _frames(flow: Scene, scale: str, size: tuple[int, int], progress: Reporter) -> Frames:
    count, cells = size
    low_x, high_x, low_y, high_y = view(flow)
    middle = (torch.arange(cells, dtype=torch.float64) + 0.5) / cells
    axes = (low_x + (high_x - low_x) * middle, low_y + (high_y - low_y) * middle)
    t = (torch.arange(count, dtype=torch.float64) + 1.0) / count
    grid = flow.field("plane").grid(axes, t, progress, floor=1e-9)
    codes, tops = density_codes(grid.p.numpy(), "log" if scale == "log" else "linear")
    every = cells // _ARROWS
    # Towards the data, the way the particles go: against the direction of time.
    arrows = arrow_codes(-grid.velocity[:, every // 2 :: every, every // 2 :: every].numpy())
    return Frames(t.numpy(), codes, tops, arrows)


@shared(maxsize=24)
def _basins(flow: Scene, side: int, count: int) -> BasinMap:
    low_x, high_x, low_y, high_y = view(flow)
    middle = (torch.arange(side, dtype=torch.float64) + 0.5) / side
    axes = (low_x + (high_x - low_x) * middle, low_y + (high_y - low_y) * middle)
    return basin_map(flow.field("plane"), axes, draws=count, tolerance=1e-4)


def _timeless(scene: Scene) -> Scene:
    """A cache key for what no schedule changes."""
    return flow_of(scene).with_(schedule="linear", schedule_params=(), plane_particles=1)


def basins(scene: Scene, detail: Detail) -> BasinMap:
    """Where each prior position of the view flows to."""
    return _basins(_timeless(scene), detail.basins, 1)


def probe(scene: Scene, at: tuple[float, float, float]) -> Probe:
    """What each data point says at the query point (t, x, y)."""
    t, x, y = at
    return scene.field("plane").probe(torch.tensor([[x, y]], dtype=torch.float64), max(t, 1e-3))


@dataclass(frozen=True)
class Checks:
    """The checks of the page, each a measured number with its bound, and the basins' masses."""

    mass: Check
    continuity: Check
    refinement: Check
    masses: Check
    basins: BasinMap


def draws(n: int) -> int:
    """How many prior draws measure the basins' masses of n data points."""
    return 500 if n <= 100 else 200


@shared(maxsize=256)
def _checks(flow: Scene) -> Checks:
    field = flow.field("plane")
    found = _basins(_timeless(flow), 2, draws(field.n))
    shown = trajectories(flow, FULL)
    some = slice(0, 8)
    part = Trajectories(shown.t, shown.x[some], shown.basin[some], shown.nfe, shown.error[some])
    times = torch.tensor([0.2, 0.7], dtype=torch.float64)
    return Checks(
        mass=checks.mass(field, times),
        continuity=checks.continuity(field, n=64),
        refinement=checks.refinement(field, shown.x[some, -1], part),
        masses=checks.basin_masses(found),
        basins=found,
    )


def check(scene: Scene) -> Checks:
    """Measure the checks for a scene."""
    return _checks(flow_of(scene))
