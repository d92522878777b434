"""The Green page's measurements: validity, p_t(x|x₀) by two methods, the continuity equation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from flowviz.core import checks
from flowviz.core.checks import Check, ReferenceData
from flowviz.core.greens import single_point
from flowviz.core.greens.characteristics import (
    CharacteristicCurve,
    characteristic,
    characteristic_curve,
)
from flowviz.core.greens.single_point import (
    ShrinkingBox,
    shrinking_box,
)
from flowviz.core.numerics.work import at_work
from flowviz.core.paths.validity import Validity, check_validity
from flowviz.core.paths.validity import caustic as caustic_points
from flowviz.core.transport import Trajectories
from flowviz.scene import Scene
from flowviz.ui.green.compute import (
    Array,
    family_trajectories,
    picture_range,
    point_key,
    query_point,
    single_point_flow,
)
from flowviz.ui.session.cache import Progress, no_progress, shared_cache

CURVE = 97  # positions at which the two densities are compared
_BLOCK = 16  # characteristics solved together
BUDGET = 4e8
"""Most units of work for all characteristics: those of a family that winds much may cost more."""
RESIDUALS = 44  # cells a side of the residual's heatmap
DIMENSIONS = (1, 2, 3, 16)
_MARKS = 2000  # markers that draw a caustic, at most
_TWO_WAYS_BOUND = 1e-5  # relative; each characteristic's own error is at most 1e-6


@shared_cache(maxsize=256)
def validity(flow: Scene) -> Validity | None:
    """Whether the family is valid; None where it has no finite values to check."""
    single = single_point_flow(flow)
    try:
        return check_validity(single.path, single.x0, single.prior)
    except ValueError:
        return None


@shared_cache(maxsize=64)
def caustic(flow: Scene) -> Array:
    """Where the trajectories through x₀ cross, (M, 1 + d); empty where they do not.

    In the plane only at the scene's time: those of all times would cover the figure.
    """
    single, verdict = single_point_flow(flow), validity(point_key(flow))
    if verdict is None or verdict["invertible"].ok:
        return np.zeros((0, 1 + single.d))
    time = None if single.d == 1 else flow.green_t
    points = caustic_points(single.path, single.x0, single.prior, time).numpy()
    return points[:: max(1, len(points) // _MARKS)]


def is_valid(scene: Scene) -> bool:
    """Whether the family is valid and ψ₁(x₁|x₀) = x₁, so that each step of the derivation holds."""
    verdict = validity(point_key(scene))
    return verdict is not None and verdict.ok and not verdict.relabelled


@shared_cache(maxsize=256)
def query_characteristic(flow: Scene) -> CharacteristicCurve | None:
    """The characteristic through the query point; None where p = 0 or it cannot be solved."""
    single, (x, t) = single_point_flow(flow), query_point(flow)
    if not is_valid(flow):
        return None
    time = torch.tensor(t, dtype=x.dtype)
    log_p = float(single_point.density(single.path, single.prior, x, single.x0, time))
    if not log_p > -torch.inf:
        return None
    curve = characteristic_curve(single.path, x, single.x0, t)
    return curve if bool(curve.error.isfinite()) else None


@dataclass(frozen=True)
class Curves:
    """p_t(x|x₀) by two methods, on a horizontal line through the query point.

    ``x`` (K,), the first coordinate; ``followed`` (K,), the density by integrating ∇·f along a
    characteristic, NaN where that failed; ``changed`` (K,), by change of variables.
    """

    x: Array
    followed: Array
    changed: Array

    @property
    def gap(self) -> float:
        """The largest difference between the two; NaN where there is nothing to compare."""
        both = np.isfinite(self.followed) & np.isfinite(self.changed)
        if not both.any():
            return float("nan")
        return float(np.abs(self.followed - self.changed)[both].max())

    @property
    def check(self) -> Check:
        """The gap relative to the largest density."""
        return Check(self.gap / float(np.nanmax(self.changed)), _TWO_WAYS_BOUND)

    @property
    def lost(self) -> int:
        """Positions of positive density whose characteristic could not be solved."""
        return int((~np.isfinite(self.followed) & (self.changed > 0)).sum())


def curves(scene: Scene, progress: Progress) -> Curves:
    """Both densities over the axis range, at the query point's time and second coordinate."""
    fixed = ("green_t",) if scene.space == "line" else ("green_t", "green_v")
    return _curves(point_key(scene, *fixed), progress=progress)


@shared_cache(maxsize=64)
def _curves(flow: Scene, progress: Progress = no_progress) -> Curves:
    single, t = single_point_flow(flow), flow.green_t
    path, prior, x0 = single.path, single.prior, single.x0
    low, high = picture_range(flow)[:2]
    # Slightly off the round numbers on which a prior's edges often lie.
    along_x = torch.linspace(low, high, CURVE, dtype=torch.float64) + 1.7e-7 * (high - low)
    x = along_x[:, None]
    if single.d == 2:
        x = torch.cat([x, torch.full_like(x, flow.green_v)], 1)
    log_p = single_point.density(path, prior, x, x0, torch.tensor(t, dtype=x.dtype))
    changed = log_p[:, 0].exp()
    followed = torch.full_like(changed, torch.nan)
    positive = (changed > 0).nonzero().squeeze(-1)  # elsewhere no trajectory passes
    count = -(-positive.numel() // _BLOCK) if is_valid(flow) else 0
    with at_work(progress) as work:
        for k in range(count):
            # Every count-th position: if the budget is spent, the missing ones are spread evenly.
            rows = positive[k::count]
            left = BUDGET * (k + 1) / count - work.spent
            found = characteristic(path, prior, x[rows], x0, t, budget=max(left, 0.0))
            followed[rows] = torch.where(found.error < 1e-6, found.log_p.exp(), torch.nan)
            work.advance((k + 1) / count)
    followed = torch.where(changed == 0, 0.0, followed)
    return Curves(along_x.numpy(), followed.numpy(), changed.numpy())


@dataclass(frozen=True)
class Residual:
    """|∂ₜ log p + f·∇log p + ∇·f| on a grid: on the line over (t, x), in the plane over (x, y).

    ``across`` (A,) and ``up`` (U,), the grid's two axes; ``size`` (U, A), NaN where p = 0;
    ``check``, the largest residual at random (t, x) of the flow; ``superposition``, the error of
    density and velocity against finite differences of the family's maps.
    """

    across: Array
    up: Array
    size: Array
    check: Check
    superposition: Check


@shared_cache(maxsize=64)
def residual(flow: Scene) -> Residual:
    """The residual of the continuity equation; in the plane, at the scene's time."""
    field = single_point_flow(flow).field
    shown = picture_range(flow)
    (low, high), (low_y, high_y) = shown[:2], shown[-2:]
    centres = (torch.arange(RESIDUALS, dtype=torch.float64) + 0.5) / RESIDUALS
    x = low + (high - low) * centres
    if field.d == 1:
        across, up = 0.02 + 0.98 * centres, x
    else:
        across, up = x, low_y + (high_y - low_y) * centres
    u, v = (axis.reshape(-1) for axis in torch.meshgrid(across, up, indexing="xy"))
    if field.d == 1:
        positions, t = v[:, None], u
    else:
        positions, t = torch.stack([u, v], 1), torch.full_like(u, flow.green_t)
    size = field.continuity_residual(positions, t).abs()
    # Where p nearly underflows, the gradient of log p is rounding error.
    size = torch.where(field.log_prob(positions, t) > _MIN_LOG_P, size, torch.nan)
    shape = (up.numel(), across.numel())
    data = ReferenceData(single_point_flow(flow).x0, torch.ones(1, dtype=torch.float64))
    measured = checks.continuity(field), checks.superposition(field, data)
    return Residual(across.numpy(), up.numpy(), size.reshape(shape).numpy(), *measured)


@shared_cache(maxsize=64)
def trajectory_check(flow: Scene) -> Check:
    """Whether the drawn trajectories solve dx/dt = f_t(x|x₀)."""
    shown, field = family_trajectories(flow), single_point_flow(flow).field
    t, x = torch.from_numpy(shown.t), torch.from_numpy(shown.x)
    x = x[x.isfinite().flatten(1).all(1)]
    basin = torch.zeros(len(x), dtype=torch.long)
    drawn = Trajectories(t, x, basin, 0, torch.zeros(x.shape[:2], dtype=x.dtype))
    return checks.integration(field, drawn)


_MIN_LOG_P = -200.0


@shared_cache(maxsize=1)
def boxes() -> list[ShrinkingBox]:
    """The divergence d/t of straight lines, with the volume of a box moved by them, for each d."""
    t = torch.linspace(0.05, 1.0, 39, dtype=torch.float64)
    return [shrinking_box(d, t) for d in DIMENSIONS]
