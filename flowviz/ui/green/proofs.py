"""What the page on one point measures: two ways to one density, continuity, legality, tangle."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from flowviz.core import checks
from flowviz.core.checks import Asked, Check, worst
from flowviz.core.field import MarginalField
from flowviz.core.greens import single_point
from flowviz.core.greens.characteristics import Way, along, characteristic
from flowviz.core.greens.single_point import Complication, Shrinking, complication, shrinking_box
from flowviz.core.paths.base import Affine
from flowviz.core.paths.validity import Legality, fault, legality
from flowviz.core.paths.validity import caustic as legality_caustic
from flowviz.core.transport import Trajectories, launch, trajectories
from flowviz.scene import Scene
from flowviz.scene.parameters import FAMILY, PLANE_FAMILY
from flowviz.ui.green.compute import Array, flow_of, one, place, tracks, view
from flowviz.ui.green.time_limit import Overdue, Patient
from flowviz.ui.session.cache import Progress, shared, silent
from flowviz.ui.widgets.readouts import asked

CURVE = 97  # positions at which the two densities are compared
_BLOCK = 16  # of them, followed together: progress is told in between
_LONGEST_S = 4.0  # for all of them; a family that winds has positions to which no way leads by then
RESIDUALS = 44  # cells a side of the residual's picture
DIMENSIONS = (1, 2, 3, 16)
CROWD = 24  # data points whose flows are superposed, at most
# Trajectories, strengths and the steps' tolerance, on the line and in the plane, where there are
# steps and each costs.
_LAUNCHED = {1: 20, 2: 10}
_STRENGTHS = {1: 7, 2: 5}
_TOLERANCE = 1e-4
_PATIENCE_S = 4.0  # for the trajectories at one strength, in this thread's own seconds
_MARKS = 2000  # of a caustic, in a picture
_TWO_WAYS_BOUND = 1e-5  # relative; a characteristic is taken where it is known to 1e-6


@shared(maxsize=256)
def legal(flow: Scene) -> Legality | None:
    """Whether the family is legal; None where it has no values to look at."""
    it = one(flow)
    try:
        return legality(it.path, it.x0, it.prior)
    except ValueError:
        return None


@shared(maxsize=64)
def caustic(flow: Scene) -> Array:
    """Where the trajectories through x₀ cross, (M, 1 + d); empty where they do not.

    In the plane at the scene's time: at all times together they would cover the picture.
    """
    it, found = one(flow), legal(flow_of(flow))
    if found is None or found["invertible"].ok:
        return np.zeros((0, 1 + it.d))
    places = legality_caustic(it.path, it.x0, it.prior, None if it.d == 1 else flow.green_t).numpy()
    return places[:: max(1, len(places) // _MARKS)]


def sound(scene: Scene) -> bool:
    """Whether the family is legal and ends at x₁ itself, so that every step can be taken."""
    found = legal(flow_of(scene))
    return found is not None and found.ok and not found.relabelled


@shared(maxsize=256)
def way(flow: Scene) -> Way | None:
    """The characteristic through the scene's place; None where there is none to follow."""
    it, (x, t) = one(flow), place(flow)
    if not sound(flow):
        return None
    if (
        not float(single_point.density(it.path, it.prior, x, it.x0, torch.tensor(t, dtype=x.dtype)))
        > -torch.inf
    ):
        return None
    found = along(it.path, x, it.x0, t)
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
    return _curves(flow_of(scene, *cut), progress=progress)


@shared(maxsize=64)
def _curves(flow: Scene, progress: Progress = silent) -> Curves:
    it, t = one(flow), flow.green_t
    low, high = view(flow)[:2]
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
    count = -(-worth.numel() // _BLOCK) if sound(flow) else 0
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
    field = one(flow).field
    shown = view(flow)
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
    own = one(flow)
    data = Asked(own.x0, torch.ones(1, dtype=torch.float64))
    measured = checks.continuity(field), checks.superposition(field, data)
    return Residual(across.numpy(), up.numpy(), size.reshape(shape).numpy(), *measured)


@shared(maxsize=64)
def members(flow: Scene) -> Check:
    """Whether the members that are drawn follow the velocity; of the scene `tracks` matters."""
    shown, field = tracks(flow), one(flow).field
    t, x = torch.from_numpy(shown.t), torch.from_numpy(shown.x)
    x = x[x.isfinite().flatten(1).all(1)]
    basin = torch.zeros(len(x), dtype=torch.long)
    drawn = Trajectories(t, x, basin, 0, torch.zeros(x.shape[:2], dtype=x.dtype))
    return checks.integration(field, drawn)


_FAINT = -200.0


@shared(maxsize=1)
def boxes() -> list[Shrinking]:
    """Why d/t: the divergence of straight lines and the box that shrinks with them."""
    t = torch.linspace(0.05, 1.0, 39, dtype=torch.float64)
    return [shrinking_box(d, t) for d in DIMENSIONS]


# ------------------------------------------------------------------------------- many points


@dataclass(frozen=True)
class Knob:
    """The parameter of a family that bends it, and how far it goes."""

    family: str
    name: str
    high: float


_KNOBS = {"parabola": "bend", "wave": "height", "swirl": "turns", "detour": "swing", "squeeze": "k"}


def knob(scene: Scene) -> Knob:
    """What the page's one slider moves: the family's own bend, or a parabola's for want of one."""
    line = scene.space == "line"
    family = scene.family if line else scene.plane_family
    typed = scene.formula if line else scene.plane_formula
    if family == "formula" and typed.letters:
        return Knob("formula", typed.letters[0][0], 3.0)
    if family not in _KNOBS:
        return Knob("parabola", "bend", 3.0)
    registry = FAMILY if line else PLANE_FAMILY
    return Knob(family, _KNOBS[family], min(3.0, registry.specs(family)[_KNOBS[family]].high))


@dataclass(frozen=True)
class Tangled:
    """The superposed flow at one strength beside the straight one.

    ``t`` (T,), ``bent`` and ``straight`` (Q, T, d), from ``x1`` (Q, d); how ``more`` complicated.
    """

    t: Array
    bent: Array
    straight: Array
    more: Complication
    data: Asked
    x1: Tensor
    flows: tuple[tuple[MarginalField, Trajectories], ...]

    @cached_property
    def checks(self) -> dict[str, Check]:
        """Of both flows, the worse; computed when first asked for."""
        return {
            "integration": worst(checks.integration(f, s, _TOLERANCE) for f, s in self.flows),
            "endpoints": worst(checks.endpoints(f, self.data, self.x1, s) for f, s in self.flows),
        }


def crowd_of(scene: Scene, strength: float) -> Scene:
    """The scene's own data points under its family, bent so far: a cache key."""
    handle, line = knob(scene), scene.space == "line"
    prefix = "" if line else "plane_"
    flow = flow_of(scene, f"{prefix}points").with_(green_x0=0.0, green_a=0.0, green_b=0.0)
    if handle.family == "formula":
        typed = getattr(flow, f"{prefix}formula")
        letters = tuple((dict(typed.letters) | {handle.name: strength}).items())
        return flow.with_(**{f"{prefix}formula": replace(typed, letters=letters)})
    params = dict(getattr(flow, f"{prefix}family_params"))
    if handle.family != getattr(flow, f"{prefix}family"):
        params = {}
    changed = {f"{prefix}family": handle.family}
    return flow.with_(**changed, **{f"{prefix}family_params": params | {handle.name: strength}})


def tangled(scene: Scene) -> Tangled | None:
    """The superposed flow at the strength of the scene's slider.

    None where it is not legal, or winds so much that following it takes too long.
    """
    return _tangled(crowd_of(scene, min(scene.green_bend, knob(scene).high)))


@shared(maxsize=128)
def _tangled(flow: Scene) -> Tangled | None:
    try:
        return _followed(flow, time.thread_time() + _PATIENCE_S)
    except Overdue:
        return None


def _followed(flow: Scene, deadline: float) -> Tangled | None:
    whole = flow.field(flow.space)
    if fault(whole.path, whole.x0[:3], whole.prior):
        return None
    x1 = (
        launch(whole.prior, _LAUNCHED[1], "probability")
        if whole.d == 1
        else whole.prior.sample(_LAUNCHED[2], whole.d, torch.Generator().manual_seed(7))
    )
    t = torch.linspace(0.0, 1.0, 65, dtype=torch.float64) ** 1.5
    # Trajectories may take too long; what checks them may not.
    hasty, bent, straight = (
        MarginalField(whole.x0[:CROWD], whole.weights[:CROWD], whole.prior, path)
        for path in (Patient(whole.path, deadline), whole.path, Affine())
    )
    shown = trajectories(hasty, x1, t, _TOLERANCE), trajectories(straight, x1, t, _TOLERANCE)
    data = asked(flow, flow.space)
    own = Asked(data.x0[:CROWD], data.weights[:CROWD])
    one, other = shown[0].x, shown[1].x
    flows = (bent, shown[0]), (straight, shown[1])
    more = complication(one, other, t)
    return Tangled(t.numpy(), one.numpy(), other.numpy(), more, own, x1, flows)


@dataclass(frozen=True)
class Growth:
    """Lengths and turnings beside the straight family's, (K,) each, at strengths (K,).

    NaN where the family is not legal, or winds too much.
    """

    strength: Array
    length: Array
    turning: Array


def growth(scene: Scene, progress: Progress) -> Growth:
    """How the tangle grows from no bend to the most."""
    count = _STRENGTHS[1 if scene.space == "line" else 2]
    strengths = np.linspace(0.0, knob(scene).high, count)
    found: list[tuple[float, float]] = []
    flow = None
    for k, strength in enumerate(strengths):
        if k == 0 or flow:  # more bend makes legal nothing that was not, and takes longer
            flow = _tangled(crowd_of(scene, float(strength)))
        found.append((flow.more.length, flow.more.turning) if flow else (np.nan, np.nan))
        progress((k + 1) / count)
    length, turning = np.array(found).T
    return Growth(strengths, length, turning)
