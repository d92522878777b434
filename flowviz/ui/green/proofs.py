"""What the page on one point measures: two ways to one density, continuity, validity."""

from __future__ import annotations

import time
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
from flowviz.core.paths.validity import Validity, check_validity
from flowviz.core.paths.validity import caustic as legality_caustic
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
from flowviz.ui.session.cache import Progress, shared, silent

CURVE = 97  # positions at which the two densities are compared
_BLOCK = 16  # of them, followed together: progress is told in between
_LONGEST_S = 4.0  # for all of them; a family that winds has positions to which no way leads by then
RESIDUALS = 44  # cells a side of the residual's picture
DIMENSIONS = (1, 2, 3, 16)
_MARKS = 2000  # of a caustic, in a picture
_TWO_WAYS_BOUND = 1e-5  # relative; a characteristic is taken where it is known to 1e-6


@shared(maxsize=256)
def validity(flow: Scene) -> Validity | None:
    """Whether the family is legal; None where it has no values to look at."""
    it = single_point_flow(flow)
    try:
        return check_validity(it.path, it.x0, it.prior)
    except ValueError:
        return None


@shared(maxsize=64)
def caustic(flow: Scene) -> Array:
    """Where the trajectories through x₀ cross, (M, 1 + d); empty where they do not.

    In the plane at the scene's time: at all times together they would cover the picture.
    """
    it, found = single_point_flow(flow), validity(point_key(flow))
    if found is None or found["invertible"].ok:
        return np.zeros((0, 1 + it.d))
    places = legality_caustic(it.path, it.x0, it.prior, None if it.d == 1 else flow.green_t).numpy()
    return places[:: max(1, len(places) // _MARKS)]


def is_valid(scene: Scene) -> bool:
    """Whether the family is legal and ends at x₁ itself, so that every step can be taken."""
    found = validity(point_key(scene))
    return found is not None and found.ok and not found.relabelled


@shared(maxsize=256)
def query_characteristic(flow: Scene) -> CharacteristicCurve | None:
    """The characteristic through the scene's place; None where there is none to follow."""
    it, (x, t) = single_point_flow(flow), query_point(flow)
    if not is_valid(flow):
        return None
    if (
        not float(single_point.density(it.path, it.prior, x, it.x0, torch.tensor(t, dtype=x.dtype)))
        > -torch.inf
    ):
        return None
    found = characteristic_curve(it.path, x, it.x0, t)
    return found if bool(found.error.isfinite()) else None


@dataclass(frozen=True)
class Curves:
    """Two ways to p_t(x|x₀) along a line through the place.

    ``x`` (K,), the coordinate along it; ``followed`` and ``changed`` (K,), the density along a
    characteristic, NaN where none could be followed, and by change of variables.
    """

    x: Array
    followed: Array
    changed: Array

    @property
    def gap(self) -> float:
        """The largest difference between the two, beside the density's maximum; NaN for none."""
        both = np.isfinite(self.followed) & np.isfinite(self.changed)
        if not both.any():
            return float("nan")
        return float(np.abs(self.followed - self.changed)[both].max())

    @property
    def check(self) -> Check:
        """The gap relative to the highest density; its bound is what a characteristic may miss."""
        return Check(self.gap / float(np.nanmax(self.changed)), _TWO_WAYS_BOUND)

    @property
    def lost(self) -> int:
        """Positions with a density to which no characteristic led."""
        return int((~np.isfinite(self.followed) & (self.changed > 0)).sum())


def curves(scene: Scene, progress: Progress) -> Curves:
    """The two densities over the view at the place's time; in the plane, at its height."""
    cut = ("green_t",) if scene.space == "line" else ("green_t", "green_v")
    return _curves(point_key(scene, *cut), progress=progress)


@shared(maxsize=64)
def _curves(flow: Scene, progress: Progress = silent) -> Curves:
    it, t = single_point_flow(flow), flow.green_t
    low, high = picture_range(flow)[:2]
    # A hair off the round numbers, on which a prior's edges lie.
    along_x = torch.linspace(low, high, CURVE, dtype=torch.float64) + 1.7e-7 * (high - low)
    x = along_x[:, None]
    if it.d == 2:
        x = torch.cat([x, torch.full_like(x, flow.green_v)], 1)
    changed = single_point.density(it.path, it.prior, x, it.x0, torch.tensor(t, dtype=x.dtype))[
        :, 0
    ].exp()
    followed = torch.full_like(changed, torch.nan)
    # Where the density is 0 no trajectory passes, and there is nothing to follow.
    worth = (changed > 0).nonzero().squeeze(-1)
    count = -(-worth.numel() // _BLOCK) if is_valid(flow) else 0
    began = time.thread_time()
    for k in range(count):
        some = worth[k::count]  # all over the picture: what runs out of time leaves no gap
        room = _LONGEST_S * (k + 1) / count - (time.thread_time() - began)
        found = characteristic(it.path, it.prior, x[some], it.x0, t, seconds=max(room, 0.0))
        followed[some] = torch.where(found.error < 1e-6, found.log_p.exp(), torch.nan)
        progress((k + 1) / count)
    followed = torch.where(changed == 0, 0.0, followed)
    return Curves(along_x.numpy(), followed.numpy(), changed.numpy())


@dataclass(frozen=True)
class Residual:
    """|∂ₜ log p + f·∇log p + ∇·f| on a grid: on the line over (t, x), in the plane over (x, y).

    ``across`` (A,), ``up`` (U,), ``size`` (U, A), NaN where p = 0; ``check`` the largest at random
    places of the flow at all times; ``superposition`` of density and velocity with the family's
    differences.
    """

    across: Array
    up: Array
    size: Array
    check: Check
    superposition: Check


@shared(maxsize=64)
def residual(flow: Scene) -> Residual:
    """The continuity equation, measured; in the plane the scene's time matters."""
    field = single_point_flow(flow).field
    shown = picture_range(flow)
    (low, high), (low_y, high_y) = shown[:2], shown[-2:]
    middle = (torch.arange(RESIDUALS, dtype=torch.float64) + 0.5) / RESIDUALS
    x = low + (high - low) * middle
    if field.d == 1:
        across, up = 0.02 + 0.98 * middle, x
    else:
        across, up = x, low_y + (high_y - low_y) * middle
    u, v = (part.reshape(-1) for part in torch.meshgrid(across, up, indexing="xy"))
    if field.d == 1:
        where, t = v[:, None], u
    else:
        where, t = torch.stack([u, v], 1), torch.full_like(u, flow.green_t)
    size = field.continuity_residual(where, t).abs()
    # Where the density underflows its logarithm's slope is only noise.
    size = torch.where(field.log_prob(where, t) > _FAINT, size, torch.nan)
    shape = (up.numel(), across.numel())
    own = single_point_flow(flow)
    data = ReferenceData(own.x0, torch.ones(1, dtype=torch.float64))
    measured = checks.continuity(field), checks.superposition(field, data)
    return Residual(across.numpy(), up.numpy(), size.reshape(shape).numpy(), *measured)


@shared(maxsize=64)
def members(flow: Scene) -> Check:
    """Whether the drawn trajectories follow the velocity."""
    shown, field = family_trajectories(flow), single_point_flow(flow).field
    t, x = torch.from_numpy(shown.t), torch.from_numpy(shown.x)
    x = x[x.isfinite().flatten(1).all(1)]
    basin = torch.zeros(len(x), dtype=torch.long)
    drawn = Trajectories(t, x, basin, 0, torch.zeros(x.shape[:2], dtype=x.dtype))
    return checks.integration(field, drawn)


_FAINT = -200.0


@shared(maxsize=1)
def boxes() -> list[ShrinkingBox]:
    """Why d/t: the divergence of straight lines and the box that shrinks with them."""
    t = torch.linspace(0.05, 1.0, 39, dtype=torch.float64)
    return [shrinking_box(d, t) for d in DIMENSIONS]
