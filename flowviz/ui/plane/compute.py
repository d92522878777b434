"""From a scene to the numbers of the plane's picture, each computed once for all who ask.

Where the family is seen through a lens (x = α x₀ + σ x₁) the flow is solved on the straight line
only; a schedule is a change of time and scale applied afterwards (MATH §3.2), so that switching it
leaves every trajectory's end where it was. Any other family is followed for itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from flowviz.core.field import MarginalField, Probe
from flowviz.core.field.density_frames import film, price
from flowviz.core.paths.implicit import ByForward, ByInverse
from flowviz.core.priors.base import Prior
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
from flowviz.core.transport.crossings import followed
from flowviz.core.transport.exponential import TOLERANCE
from flowviz.core.transport.posterior_mean_ode import JUMPS, jumps
from flowviz.figures.plane import Bytes, View, arrow_codes, density_codes
from flowviz.scene import Scene
from flowviz.ui.session.cache import Progress, Reporter, shared


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
CROWD = 300
"""Beyond so many data points a picture makes do with what the eye can tell."""

_NODES = 64
ARROWS = 16
COLOURS = 8
"""Data points take so many colours in turn."""
_TAIL = 0.004  # prior probability outside the view, on either side of a coordinate
_REACH = 6.0  # nor further out than so many quartile distances from the median
_WIDEST = 1e5  # a typed family may throw its positions anywhere
_FOLLOWED = {FULL: 6e4, QUICK: 4e3}  # trajectories × data points of an implicit family


def silent(done: float) -> None:
    """Nobody listens."""


@contextmanager
def reporting(progress: Progress) -> Iterator[Reporter]:
    """A reporter for a cached computation."""
    reporter = Reporter(progress)
    try:
        yield reporter
    finally:
        # The cache keeps its keys: it must not keep, with this one, a visitor's page.
        reporter.report = silent


def flow_of(scene: Scene) -> Scene:
    """The scene with all that does not move probability in the plane at default: a cache key."""
    usual, look = Scene(), {*_LOOK, *(() if lens_of(scene) else _CLOCK)}
    return scene.of("plane").with_(**{name: getattr(usual, name) for name in look})


_LOOK = ("plane_views", "plane_scale", "plane_probe", "time", "speed", "lang", "large")
_CLOCK = ("schedule", "schedule_params")


def lens_of(scene: Scene) -> bool:
    """Whether the scene's family is straight lines seen through a schedule's lens."""
    return scene.path("plane").lens is not None


@shared(maxsize=256)
def view(flow: Scene) -> View:
    """The square (x low, x high, y low, y high) that holds the data and most of the prior."""
    low, high = _prior_interval(flow.prior_object("plane"))
    points = flow.plane_points
    spans = [(min(low, *values), max(high, *values)) for values in (points.x, points.y)]
    if not lens_of(flow):
        spans = _passed(flow, spans)
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


def _passed(flow: Scene, spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """What is passed, but for a hundredth, on the way between the data and the prior."""
    field = flow.field("plane")
    some = field.x0[:: field.n // 40 + 1]
    x1 = field.prior.sample(60, 2, torch.Generator().manual_seed(5))
    times = torch.linspace(0.0, 1.0, 13, dtype=torch.float64)[1:]
    x = field.path.forward(x1.repeat(12, 1), some, times.repeat_interleave(60)).reshape(-1, 2)
    x = x[(x.abs() < _WIDEST).all(-1)]
    if not len(x):
        return spans
    ends = torch.quantile(x, torch.tensor([0.005, 0.995], dtype=x.dtype), dim=0).T.tolist()
    return [(min(a, low), max(b, high)) for (a, b), (low, high) in zip(spans, ends, strict=True)]


# ---------------------------------------------------------------------- trajectories


def starts(flow: Scene, most: int) -> Tensor:
    """Where the particles start: the same draws from the prior every time, (Q, 2)."""
    prior = flow.prior_object("plane")
    generator = torch.Generator().manual_seed(7)
    return prior.sample(flow.plane_particles, 2, generator)[:most]


def _clock() -> Tensor:
    return torch.linspace(0.0, 1.0, _NODES, dtype=torch.float64) ** 2


def tolerance(field: MarginalField, detail: Detail) -> float:
    """What the eye can tell: a hundred times finer than a pixel, or less where steps are dear."""
    edged = jumps(field.prior)
    if followed(field):
        return detail.tolerance
    if field.path.lens is None:
        return max(10.0 * detail.tolerance if edged else detail.tolerance, 1e-4 if edged else 1e-5)
    if field.n > CROWD:
        return max(detail.tolerance, 1e-3 if field.n > JUMPS and edged else 1e-5)
    return detail.tolerance


def _most(field: MarginalField, detail: Detail) -> int:
    """How many trajectories are worth their time."""
    if isinstance(field.path, ByForward | ByInverse):
        return min(detail.most, max(8, int(_FOLLOWED[detail] / field.n)))
    # While a hand moves a crowd of points, a few trajectories must do.
    return detail.most if detail is FULL or field.n <= CROWD else detail.most // 4


@shared(maxsize=64)
def _straight(flow: Scene, detail: Detail, progress: Reporter) -> StraightFan:
    """The trajectories on the straight line; ``flow`` has the linear schedule."""
    field = flow.field("plane")
    x1 = starts(flow, _most(field, detail))
    return straight_fan(field, x1, _clock(), tolerance(field, detail), progress=progress)


@shared(maxsize=64)
def _followed(flow: Scene, detail: Detail, progress: Reporter) -> Trajectories:
    """The trajectories of a family that is no change of time of another."""
    field = flow.field("plane")
    x1 = starts(flow, _most(field, detail))
    return follow(field, x1, _clock(), tolerance(field, detail), progress=progress)


def straight(scene: Scene, detail: Detail, progress: Progress = silent) -> StraightFan:
    """The trajectories of straight lines before a schedule shows them, whatever the family."""
    plain = flow_of(scene).with_(plane_family="affine", schedule="linear", schedule_params=())
    with reporting(progress) as reporter:
        return _straight(plain, detail, reporter)


def trajectories(scene: Scene, detail: Detail, progress: Progress = silent) -> Trajectories:
    """The particles' trajectories: a flow through a lens is solved once, and shown on any."""
    if lens_of(scene):
        return on_schedule(straight(scene, detail, progress), scene.schedule_object())
    with reporting(progress) as reporter:
        return _followed(flow_of(scene), detail, reporter)


def alone(scene: Scene, shown: Trajectories, which: Tensor) -> Tensor:
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
    flow = flow_of(scene).with_(plane_particles=1)
    with reporting(progress) as reporter:
        return _frames(flow, scene.plane_scale, affordable(flow, detail), reporter)


def affordable(flow: Scene, detail: Detail) -> tuple[int, int]:
    """(frames, cells): fewer where a cell costs much."""
    count, cells = detail.frames, detail.cells
    cost, room = price(flow.field("plane")), 1e9 * detail.seconds
    while (cells > 32 or count > 16) and count * cells * cells * cost > room:
        cells, count = max(32, cells * 3 // 4 // 16 * 16), max(16, count * 3 // 4)
    return count, cells


@shared(maxsize=24)
def _frames(flow: Scene, scale: str, size: tuple[int, int], progress: Reporter) -> Frames:
    count, cells = size
    field, span = flow.field("plane"), view(flow)
    t = _times(count)
    single = field.n > CROWD or isinstance(field.prior, Ring)
    p = film(field, middles(span, cells), t, progress, single)
    codes, tops = density_codes(p.numpy(), "log" if scale == "log" else "linear")
    return Frames(t.numpy(), codes, tops, bool(p.isnan().any()))


def arrows(scene: Scene, detail: Detail) -> Bytes:
    """The velocity at the times of the density's frames, (T, 16, 16, 2)."""
    flow = flow_of(scene).with_(plane_particles=1)
    return _arrows(flow, affordable(flow, detail)[0])


@shared(maxsize=24)
def _arrows(flow: Scene, count: int) -> Bytes:
    velocity = flow.field("plane").grid(middles(view(flow), ARROWS), _times(count), floor=1e-9)
    # Towards the data, the way the particles go: against the direction of time.
    return arrow_codes(-velocity.velocity.numpy())


def _times(count: int) -> Tensor:
    """When the frames are taken, (T,)."""
    return (torch.arange(count, dtype=torch.float64) + 1.0) / count


def middles(span: View, count: int) -> tuple[Tensor, Tensor]:
    """The middles of ``count``² cells of the view."""
    low_x, high_x, low_y, high_y = span
    middle = (torch.arange(count, dtype=torch.float64) + 0.5) / count
    return low_x + (high_x - low_x) * middle, low_y + (high_y - low_y) * middle


def ends_tolerance(field: MarginalField) -> float:
    """What is fine enough where only the ends of trajectories matter."""
    return 1e-4 if field.n <= CROWD else 1e-2


@shared(maxsize=24)
def _masses(flow: Scene, count: int, progress: Reporter) -> BasinMap:
    field = flow.field("plane")
    # The draws are what counts; of a grid no more than the middle of the prior.
    few = torch.tensor([sum(field.prior.interval(0.25)) / 2], dtype=torch.float64)
    enough = ends_tolerance(field)
    return basin_map(field, (few, few), draws=count, tolerance=enough, progress=progress)


def masses(scene: Scene, progress: Progress = silent) -> BasinMap:
    """How much of the prior reaches each data point, by following draws."""
    with reporting(progress) as reporter:
        return _masses(timeless(scene), draws(len(scene.plane_points)), reporter)


def draws(n: int) -> int:
    """How many prior draws measure the basins' masses of n data points."""
    return 500 if n <= 100 else 300


def timeless(scene: Scene) -> Scene:
    """A cache key for what no schedule changes."""
    return flow_of(scene).with_(schedule="linear", schedule_params=(), plane_particles=1)


def probe(scene: Scene, at: tuple[float, float, float]) -> Probe:
    """What each data point says at the query point (t, x, y)."""
    t, x, y = at
    return scene.field("plane").probe(torch.tensor([[x, y]], dtype=torch.float64), max(t, 1e-3))
