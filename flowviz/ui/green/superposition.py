"""Superposing a bent family: its trajectories beside those of straight lines, at each strength."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from flowviz.core import checks
from flowviz.core.checks import Check, ReferenceData, worst
from flowviz.core.field import MarginalField
from flowviz.core.greens.single_point import (
    PathComparison,
    compare_paths,
)
from flowviz.core.paths.base import Affine
from flowviz.core.transport import Trajectories, launch, trajectories
from flowviz.scene import Scene
from flowviz.scene.parameters import FAMILY, PLANE_FAMILY
from flowviz.ui.green.compute import (
    Array,
    point_key,
)
from flowviz.ui.green.time_limit import TimeExceeded, TimeLimited
from flowviz.ui.session import valid_family
from flowviz.ui.session.cache import Progress, shared
from flowviz.ui.widgets.readouts import reference_data

MAX_POINTS = 24  # data points whose flows are superposed, at most
# Trajectories, strengths and the steps' tolerance, on the line and in the plane, where there are
# steps and each costs.
_LAUNCHED = {1: 20, 2: 10}
_STRENGTHS = {1: 7, 2: 5}
_TOLERANCE = 1e-4
_PATIENCE_S = 4.0  # for the trajectories at one strength, in this thread's own seconds


@dataclass(frozen=True)
class Strength:
    """The parameter of a family that bends it, and how far it goes."""

    family: str
    name: str
    high: float


_KNOBS = {"parabola": "bend", "wave": "height", "swirl": "turns", "detour": "swing", "squeeze": "k"}


def strength_of(scene: Scene) -> Strength:
    """What the page's one slider moves: the family's own bend, or a parabola's for want of one."""
    line = scene.space == "line"
    family = scene.family if line else scene.plane_family
    typed = scene.formula if line else scene.plane_formula
    if family == "formula" and typed.letters:
        return Strength("formula", typed.letters[0][0], 3.0)
    if family not in _KNOBS:
        return Strength("parabola", "bend", 3.0)
    registry = FAMILY if line else PLANE_FAMILY
    return Strength(family, _KNOBS[family], min(3.0, registry.specs(family)[_KNOBS[family]].high))


@dataclass(frozen=True)
class ComparedFlows:
    """The superposed flow at one strength beside the straight one.

    ``t`` (T,), ``bent`` and ``straight`` (Q, T, d), from ``x1`` (Q, d); how ``more`` complicated.
    """

    t: Array
    bent: Array
    straight: Array
    more: PathComparison
    data: ReferenceData
    x1: Tensor
    flows: tuple[tuple[MarginalField, Trajectories], ...]

    @cached_property
    def checks(self) -> dict[str, Check]:
        """Of both flows, the worse; computed when first asked for."""
        return {
            "integration": worst(checks.integration(f, s, _TOLERANCE) for f, s in self.flows),
            "endpoints": worst(checks.endpoints(f, self.data, self.x1, s) for f, s in self.flows),
        }


def superposition_key(scene: Scene, strength: float) -> Scene:
    """The scene's own data points under its family, bent so far: a cache key."""
    handle, line = strength_of(scene), scene.space == "line"
    prefix = "" if line else "plane_"
    flow = point_key(scene, f"{prefix}points").with_(green_x0=0.0, green_a=0.0, green_b=0.0)
    if handle.family == "formula":
        typed = getattr(flow, f"{prefix}formula")
        letters = tuple((dict(typed.letters) | {handle.name: strength}).items())
        return flow.with_(**{f"{prefix}formula": replace(typed, letters=letters)})
    params = dict(getattr(flow, f"{prefix}family_params"))
    if handle.family != getattr(flow, f"{prefix}family"):
        params = {}
    changed = {f"{prefix}family": handle.family}
    return flow.with_(**changed, **{f"{prefix}family_params": params | {handle.name: strength}})


def compared_flows(scene: Scene) -> ComparedFlows | None:
    """The superposed flow at the strength of the scene's slider.

    None where it is not legal, or winds so much that following it takes too long.
    """
    return _compared_flows(superposition_key(scene, min(scene.green_bend, strength_of(scene).high)))


@shared(maxsize=128)
def _compared_flows(flow: Scene) -> ComparedFlows | None:
    try:
        return _followed(flow, time.thread_time() + _PATIENCE_S)
    except TimeExceeded:
        return None


def _followed(flow: Scene, deadline: float) -> ComparedFlows | None:
    whole = flow.field(flow.space)
    if valid_family.violation(flow, flow.space):
        return None
    x1 = (
        launch(whole.prior, _LAUNCHED[1], "probability")
        if whole.d == 1
        else whole.prior.sample(_LAUNCHED[2], whole.d, torch.Generator().manual_seed(7))
    )
    t = torch.linspace(0.0, 1.0, 65, dtype=torch.float64) ** 1.5
    # Trajectories may take too long; what checks them may not.
    hasty, bent, straight = (
        MarginalField(whole.x0[:MAX_POINTS], whole.weights[:MAX_POINTS], whole.prior, path)
        for path in (TimeLimited(whole.path, deadline), whole.path, Affine())
    )
    shown = trajectories(hasty, x1, t, _TOLERANCE), trajectories(straight, x1, t, _TOLERANCE)
    data = reference_data(flow, flow.space)
    own = ReferenceData(data.x0[:MAX_POINTS], data.weights[:MAX_POINTS])
    one, other = shown[0].x, shown[1].x
    flows = (bent, shown[0]), (straight, shown[1])
    more = compare_paths(one, other, t)
    return ComparedFlows(t.numpy(), one.numpy(), other.numpy(), more, own, x1, flows)


@dataclass(frozen=True)
class StrengthSweep:
    """Lengths and turnings beside the straight family's, (K,) each, at strengths (K,).

    NaN where the family is not legal, or winds too much.
    """

    strength: Array
    length: Array
    turning: Array


def strength_sweep(scene: Scene, progress: Progress) -> StrengthSweep:
    """How the tangle grows from no bend to the most."""
    count = _STRENGTHS[1 if scene.space == "line" else 2]
    strengths = np.linspace(0.0, strength_of(scene).high, count)
    found: list[tuple[float, float]] = []
    flow = None
    for k, strength in enumerate(strengths):
        if k == 0 or flow:  # more bend makes legal nothing that was not, and takes longer
            flow = _compared_flows(superposition_key(scene, float(strength)))
        found.append((flow.more.length, flow.more.turning) if flow else (np.nan, np.nan))
        progress((k + 1) / count)
    length, turning = np.array(found).T
    return StrengthSweep(strengths, length, turning)
