"""From a scene to the numbers a page shows, each computed once for everybody who asks.

Caches are shared by all visitors of the process, keyed by what the numbers depend on and bounded
in size: a class that opens one link computes its picture once. The flow is solved on the straight
line only; a schedule is a change of time and scale applied afterwards (MATH §3.2).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from flowviz.core import checks
from flowviz.core.field import Probe
from flowviz.core.transport import (
    StraightFan,
    Trajectories,
    launch,
    on_schedule,
    straight_fan,
)
from flowviz.figures.fan import GUTTER, Fan, Heat, arrow_polyline
from flowviz.scene import Scene
from flowviz.ui.shared import Progress, Reporter, shared

Array = NDArray[np.floating]

FULL = (400, 400)  # (T, X) cells of the density
QUICK = (160, 200)  # the same while a hand drags: a fifth of the work and of the bytes
_NODES = 12_000  # trajectory nodes in a picture; more are slow to paint
_TAIL = 0.002  # prior probability outside the view, on either side
_REACH = 6.0  # nor further out than so many quartile distances from the median, or 5 %


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
    # On its way x = α x₀ + σ x₁ may pass beyond both ends: α + σ reaches √2 where α² + σ² = 1.
    alpha, sigma = flow.schedule_object()(torch.linspace(0.0, 1.0, 65, dtype=torch.float64))
    low = float((alpha * min(flow.points.x) + sigma * low).min())
    high = float((alpha * max(flow.points.x) + sigma * high).max())
    pad = 0.04 * (high - low)
    # Outward to a round number: the axis stands still while a point moves a little.
    step = 10.0 ** math.floor(math.log10((high - low) / 4))
    return (
        round(math.floor((low - pad) / step * 4) * step / 4, 9),
        round(math.ceil((high + pad) / step * 4) * step / 4, 9),
    )


def flow_of(scene: Scene) -> Scene:
    """The scene with all that does not move probability set to its usual value: a cache key."""
    usual = Scene()
    return scene.of("fan").with_(
        **{
            name: getattr(usual, name)
            for name in (
                "color",
                "heatmap",
                "fan",
                "arrows",
                "time",
                "speed",
                "probe",
                "lang",
                "large",
            )
        }
    )


@shared(maxsize=64)
def straight(flow: Scene) -> StraightFan:
    """The fan on the straight line; ``flow`` has the linear schedule. The only solving there is."""
    field = flow.field()
    x1 = launch(field.prior, flow.trajectories, flow.launch, view(flow))
    count = min(120, max(48, _NODES // flow.trajectories))
    # Nodes crowd towards the data: a schedule may spend most of its time there (u = t³).
    u = torch.linspace(0.0, 1.0, count, dtype=torch.float64) ** 3
    return straight_fan(field, x1[:, 0], u)


def trajectories(scene: Scene) -> Trajectories:
    """The fan of a scene, on its schedule."""
    linear = flow_of(scene).with_(schedule="linear", schedule_params=())
    return on_schedule(straight(linear), scene.schedule_object())


@shared(maxsize=24)
def _density(flow: Scene, cells: tuple[int, int], progress: Reporter | None) -> Heat:
    low, high = view(flow)
    t = (torch.arange(cells[0], dtype=torch.float64) + 0.5) / cells[0]
    x = low + (high - low) * (torch.arange(cells[1], dtype=torch.float64) + 0.5) / cells[1]
    grid = flow.field().grid((x,), t, progress)
    p = torch.where(grid.log_p == -torch.inf, torch.nan, grid.p)
    return Heat(t.numpy(), x.numpy(), p.T.numpy())


def density(scene: Scene, cells: tuple[int, int], progress: Progress) -> Heat:
    """p_t(x) over the view; ``progress`` hears the share done while it is computed."""
    launchless = flow_of(scene).with_(trajectories=1, launch="steps")
    reporter = Reporter(progress)
    try:
        return _density(launchless, cells, reporter)
    finally:
        # The cache keeps its keys: it must not keep, with this one, a visitor's page.
        reporter.report = lambda done: None


def fan(scene: Scene, palette: int) -> Fan:
    """The trajectories with their colour groups: data point reached, or a step of x₁."""
    tr = trajectories(scene)
    groups = tr.basin.numpy()
    if scene.color == "x1":
        start = tr.x[:, -1, 0]
        order = torch.argsort(torch.argsort(start)).numpy()
        groups = order * palette // max(len(order), 1)
    return Fan(tr.t.numpy(), tr.x[..., 0].numpy(), groups)


def arrows(scene: Scene) -> tuple[Array, Array]:
    """Arrows of f_t on a coarse grid of the plane."""
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
        length=0.6 / 26,
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


def probe(scene: Scene, at: tuple[float, float]) -> Probe:
    """What each data point says at the query point (t, x)."""
    t, x = at
    return scene.field().probe(torch.tensor([[x]], dtype=torch.float64), t)


@dataclass(frozen=True)
class Checks:
    """The three checks of the page, each a measured number with its bound."""

    mass: checks.Check
    conservation: checks.Check
    continuity: checks.Check


@shared(maxsize=256)
def _checks(flow: Scene) -> Checks:
    field = flow.field()
    times = torch.linspace(0.04, 1.0, 25, dtype=torch.float64)
    shown = trajectories(flow)
    # Every fifth node is enough to judge, and the check stays cheaper than the picture.
    some = Trajectories(shown.t[::5], shown.x[:, ::5], shown.basin, shown.nfe, shown.error[:, ::5])
    return Checks(
        mass=checks.mass(field, times),
        conservation=checks.conservation(field, shown.x[:, -1], some),
        continuity=checks.continuity(field),
    )


def check(scene: Scene) -> Checks:
    """Measure the checks for a scene."""
    return _checks(flow_of(scene))


__all__ = ["FULL", "GUTTER", "QUICK"]
