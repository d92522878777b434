"""The marginal flow of a curved family beside that of straight lines, at each bend strength."""

from __future__ import annotations

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
from flowviz.core.transport import Trajectories, density_along, launch, trajectories
from flowviz.core.transport.separatrices import reached_points, with_separatrices
from flowviz.scene import Scene
from flowviz.scene.parameters import FAMILY, PLANE_FAMILY
from flowviz.ui.green.compute import (
    Array,
    point_key,
)
from flowviz.ui.session import valid_family
from flowviz.ui.session.cache import Progress, no_progress, shared_cache
from flowviz.ui.widgets.readouts import reference_data

MAX_POINTS = 24  # data points whose flows are superposed, at most
_TRAJECTORIES = {1: 20, 2: 10}  # by dimension: in the plane they are integrated, which is slower
_STRENGTHS = {1: 7, 2: 5}  # strengths of the sweep, by dimension
_TOLERANCE = 1e-4  # of the integrated trajectories
_BUDGET = 2e8  # units of work for the trajectories at one strength (`core.numerics.work`)


@dataclass(frozen=True)
class Strength:
    """The parameter that sets how much a family's trajectories bend, and its largest value."""

    family: str
    name: str
    high: float


_BEND = {"parabola": "bend", "wave": "height", "swirl": "turns", "detour": "swing", "squeeze": "k"}
"""The bending parameter of each family."""


def strength_of(scene: Scene) -> Strength:
    """The parameter that the slider sets: the family's; the parabola's for a family without one."""
    line = scene.space == "line"
    family = scene.family if line else scene.plane_family
    typed = scene.formula if line else scene.plane_formula
    if family == "formula" and typed.letters:
        return Strength("formula", typed.letters[0][0], 3.0)
    if family not in _BEND:
        return Strength("parabola", "bend", 3.0)
    registry = FAMILY if line else PLANE_FAMILY
    return Strength(family, _BEND[family], min(3.0, registry.specs(family)[_BEND[family]].high))


@dataclass(frozen=True)
class ComparedFlows:
    """The marginal flow of the curved family at one strength, and that of straight lines.

    ``t`` (T,) times; ``bent`` and ``straight`` (Q, T, d), trajectories from the same ``x1`` (Q, d);
    ``reached``, the data points (Q, d) at which the straight and the bent ones end;
    ``more``, how much longer and more curved the first are; ``data`` and ``flows`` for the checks.
    """

    t: Array
    bent: Array
    straight: Array
    reached: tuple[Array, Array]
    more: PathComparison
    data: ReferenceData
    x1: Tensor
    flows: tuple[tuple[MarginalField, Trajectories], ...]

    @cached_property
    def p(self) -> tuple[Array, Array]:
        """The densities on ``straight`` and on ``bent``, (Q, T) each, computed at first access."""
        (bent, _), (straight, _) = self.flows
        t, drawn = torch.from_numpy(self.t), (self.straight, self.bent)
        first, second = (
            density_along(field, t, torch.from_numpy(x)).numpy()
            for field, x in zip((straight, bent), drawn, strict=True)
        )
        return first, second

    @cached_property
    def checks(self) -> dict[str, Check]:
        """Each check's worse result of the two flows, computed at first access."""
        return {
            "integration": worst(checks.integration(f, s, _TOLERANCE) for f, s in self.flows),
            "endpoints": worst(checks.endpoints(f, self.data, self.x1, s) for f, s in self.flows),
        }


def superposition_key(scene: Scene, strength: float) -> Scene:
    """The cache key of the scene's data points and family with the bend at ``strength``."""
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


def compared_flows(scene: Scene, progress: Progress = no_progress) -> ComparedFlows | None:
    """Both flows at the scene's bend strength; ``progress`` is called with the fraction done.

    None where the family is invalid, or winds so much that integrating takes too long.
    """
    key = superposition_key(scene, min(scene.green_bend, strength_of(scene).high))
    return _compared_flows(key, progress=progress)


@shared_cache(maxsize=128)
def _compared_flows(flow: Scene, progress: Progress = no_progress) -> ComparedFlows | None:
    field = flow.field(flow.space)
    if valid_family.violation(flow, flow.space):
        return None
    x1 = (
        launch(field.prior, _TRAJECTORIES[1], "probability")
        if field.d == 1
        else field.prior.sample(_TRAJECTORIES[2], field.d, torch.Generator().manual_seed(7))
    )
    t = torch.linspace(0.0, 1.0, 65, dtype=torch.float64) ** 1.5
    bent, straight = (
        MarginalField(field.x0[:MAX_POINTS], field.weights[:MAX_POINTS], field.prior, path)
        for path in (field.path, Affine())
    )
    shown: list[Trajectories] = []
    for k, each in enumerate((bent, straight)):
        half = _half(progress, k)
        shown.append(trajectories(each, x1, t, _TOLERANCE, progress=half, budget=_BUDGET))
        if len(shown[-1].x) < len(x1):
            return None
    bent_shown, straight_shown = shown
    data = reference_data(flow, flow.space)
    drawn = with_separatrices(straight, straight_shown), with_separatrices(bent, bent_shown)
    reached = [reached_points(bent.x0, each.basin).numpy() for each in drawn]
    return ComparedFlows(
        t.numpy(),
        drawn[1].x.numpy(),
        drawn[0].x.numpy(),
        (reached[0], reached[1]),
        compare_paths(bent_shown.x, straight_shown.x, t),
        ReferenceData(data.x0[:MAX_POINTS], data.weights[:MAX_POINTS]),
        x1,
        ((bent, bent_shown), (straight, straight_shown)),
    )


def _half(progress: Progress, k: int) -> Progress:
    """The progress of the k-th of two equal parts."""
    return lambda done: progress((k + done) / 2)


@dataclass(frozen=True)
class StrengthSweep:
    """Length and turning as multiples of the straight family's, (K,) each, at strengths (K,).

    NaN where the family is invalid, or winds too much.
    """

    strength: Array
    length: Array
    turning: Array


def strength_sweep(scene: Scene, progress: Progress) -> StrengthSweep:
    """How length and turning grow from strength 0 to the largest."""
    count = _STRENGTHS[1 if scene.space == "line" else 2]
    strengths = np.linspace(0.0, strength_of(scene).high, count)
    ratios: list[tuple[float, float]] = []
    flow = None
    for k, strength in enumerate(strengths):
        # After the first failure all stronger bends would fail, too.
        if k == 0 or flow:
            key = superposition_key(scene, float(strength))
            flow = _compared_flows(key, progress=lambda done, k=k: progress((k + done) / count))
        ratios.append((flow.more.length, flow.more.turning) if flow else (np.nan, np.nan))
        progress((k + 1) / count)
    length, turning = np.array(ratios).T
    return StrengthSweep(strengths, length, turning)
