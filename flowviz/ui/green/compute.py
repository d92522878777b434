"""The numbers about one data point's Green's function, cached for all sessions.

The cache key, made by `point_key`, is the scene with every field that does not affect the result at
its default. `checks` holds the measurements made with these numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.greens import single_point
from flowviz.core.numerics.jacobians import determinant, value_jacobian_rate
from flowviz.core.numerics.work import at_work
from flowviz.core.paths.base import Path
from flowviz.core.paths.extension import extended
from flowviz.core.priors.base import Prior
from flowviz.core.transport import density_along, launch
from flowviz.figures.fan import Heat
from flowviz.scene import Scene
from flowviz.scene.settings import DATA_POINT, QUERY_POSITION
from flowviz.ui import line_density
from flowviz.ui.curve_nodes import smooth_nodes
from flowviz.ui.session.axis_range import AxisRange, field_range
from flowviz.ui.session.cache import Progress, no_progress, shared_cache
from flowviz.ui.session.keys import flow_key

Array = NDArray[np.floating]

NODES = 81
CELLS = (160, 200)  # (T, X) of the heatmap on the line
FRAMES = (36, 90)  # frames, and cells a side, in the plane
COARSER = (FRAMES, (30, 72), (24, 56), (20, 44), (16, 36))  # used where a cell is expensive
_TRIAL, _BUDGET = 400, 6e8  # positions whose work is counted; units of it for all frames
_MAX_ENDPOINT = 1e3  # widths of the picture; a trajectory that ends further out is not drawn


def point_key(scene: Scene, *more: str) -> Scene:
    """The cache key of one data point's flow: path, prior, data point, and ``more`` fields."""
    key = flow_key(scene, scene.space, *DATA_POINT[scene.space], *more)
    points = {"points", "plane_points"} - set(more)
    return key.with_only(*(type(key).model_fields.keys() - points))


def query_key(scene: Scene) -> Scene:
    """`point_key` with the query point (t, x), too."""
    return point_key(scene, "green_t", *QUERY_POSITION[scene.space])


class SinglePointFlow(NamedTuple):
    """A family, a prior and a data point (1, d)."""

    path: Path
    prior: Prior
    x0: Tensor

    @property
    def d(self) -> int:
        """The dimension."""
        return self.x0.shape[1]

    @property
    def field(self) -> MarginalField:
        """The flow of the one point."""
        return MarginalField(self.x0, torch.ones_like(self.x0[:, 0]), self.prior, self.path)


def single_point_flow(scene: Scene) -> SinglePointFlow:
    """The scene's family, prior and data point."""
    space = scene.space
    x0 = (scene.green_x0,) if space == "line" else (scene.green_a, scene.green_b)
    point = torch.tensor([x0], dtype=torch.float64)
    prior = scene.prior_object(space)
    return SinglePointFlow(extended(scene.path(space), prior, point), prior, point)


def query_point(scene: Scene) -> tuple[Tensor, float]:
    """The query point: x (1, d) and t."""
    x = (scene.green_x,) if scene.space == "line" else (scene.green_u, scene.green_v)
    return torch.tensor([x], dtype=torch.float64), scene.green_t


# ------------------------------------------------------------------------------- trajectories


@dataclass(frozen=True)
class FamilyTrajectories:
    """Conditional trajectories ψ_t(x₁|x₀): times ``t`` (T,), positions ``x`` (Q, T, d)."""

    t: Array
    x: Array


@shared_cache(maxsize=128)
def family_trajectories(flow: Scene) -> FamilyTrajectories:
    """``green_lines`` conditional trajectories from x₀; the key needs that field, too."""
    single = single_point_flow(flow)
    t = _times(single, flow)
    x1 = _endpoints(single, flow.green_lines)
    return FamilyTrajectories(t.numpy(), _positions(single, x1, t).numpy())


@shared_cache(maxsize=256)
def query_trajectory(flow: Scene) -> FamilyTrajectories:
    """The conditional trajectory through the query point (key: `query_key`); NaN for none."""
    single, (x, t) = single_point_flow(flow), query_point(flow)
    x1 = single.path.inverse(x, single.x0, torch.tensor(t, dtype=torch.float64))[:, 0]
    times = _times(single, flow)
    ends = torch.tensor(picture_range(point_key(flow)), dtype=torch.float64).view(single.d, 2)
    far = _MAX_ENDPOINT * (ends[:, 1] - ends[:, 0])
    if not bool(((x1 - ends.mean(1)).abs() < far).all()):
        return FamilyTrajectories(times.numpy(), np.full((1, len(times), single.d), np.nan))
    return FamilyTrajectories(times.numpy(), _positions(single, x1, times).numpy())


def _times(single: SinglePointFlow, flow: Scene) -> Tensor:
    family = flow.plane_family if flow.space == "plane" else flow.family
    nodes = NODES
    if family == "formula" or flow.schedule == "formula":
        nodes = smooth_nodes(single.path, single.x0, _endpoints(single, 3), NODES, 1.5)
    return torch.linspace(0.0, 1.0, nodes, dtype=torch.float64) ** 1.5


@shared_cache(maxsize=64)
def family_density(flow: Scene) -> Array:
    """The density on the `family_trajectories`, (Q, T)."""
    found = family_trajectories(flow)
    t, x = torch.from_numpy(found.t), torch.from_numpy(found.x)
    return density_along(single_point_flow(flow).field, t, x).numpy()


def _endpoints(single: SinglePointFlow, count: int) -> Tensor:
    """Endpoints x₁ (Q, d): evenly spaced on the line; in the plane, prior draws with fixed seed."""
    if single.d == 1:
        return launch(single.prior, count)
    return single.prior.sample(count, single.d, torch.Generator().manual_seed(7))


def _positions(single: SinglePointFlow, x1: Tensor, t: Tensor) -> Tensor:
    """ψ_t(x₁|x₀) for each endpoint at each time, (Q, T, d)."""
    q, d = x1.shape
    pairs = x1.repeat_interleave(t.numel(), 0)
    return single.path.forward(pairs, single.x0, t.repeat(q))[:, 0].reshape(q, t.numel(), d)


@shared_cache(maxsize=256)
def picture_range(flow: Scene) -> AxisRange:
    """The range of the picture."""
    return field_range(single_point_flow(flow).field)


# ------------------------------------------------------------------------------- the query point


@dataclass(frozen=True)
class Derivation:
    """The quantities of the page's derivation at the query point, in the order of the steps.

    ``x1`` φ_t(x|x₀), ``jacobian`` ∂φ/∂x, ``rate`` ∂φ/∂t, ``velocity`` f, ``divergence`` ∇·f,
    ``determinant`` of the Jacobian, ``prior`` p₁(φ) and ``density`` p_t(x|x₀). Vectors and
    matrices are nested lists.
    """

    x1: list[float]
    jacobian: list[list[float]]
    rate: list[float]
    velocity: list[float]
    divergence: float
    determinant: float
    prior: float
    density: float


@shared_cache(maxsize=512)
def derivation(flow: Scene) -> Derivation:
    """The derivation's quantities at the scene's query point."""
    single, (x, t) = single_point_flow(flow), query_point(flow)
    time = torch.tensor(t, dtype=torch.float64)
    inverse = value_jacobian_rate(
        lambda z, s: single.path.inverse(z, single.x0, s), x[None], time.reshape(1, 1, 1)
    )
    jacobian, x1 = inverse.jacobian[0, 0], inverse.value[0, 0]
    p1 = single.prior.log_prob(x1[None])
    return Derivation(
        x1.tolist(),
        jacobian.tolist(),
        inverse.rate[0, 0].tolist(),
        single.path.velocity(x, single.x0, time)[0, 0].tolist(),
        float(single_point.divergence(single.path, x, single.x0, time)),
        float(determinant(jacobian)),
        float(p1.exp()),
        float(single_point.density(single.path, single.prior, x, single.x0, time).exp()),
    )


# ------------------------------------------------------------------------------- the density


def heat(scene: Scene, progress: Progress) -> Heat:
    """p_t(x|x₀) over the line's axis range; ``progress`` is called with the fraction done."""
    return _heat(point_key(scene), progress=progress)


@shared_cache(maxsize=24)
def _heat(flow: Scene, progress: Progress = no_progress) -> Heat:
    return line_density.heat(single_point_flow(flow).field, picture_range(flow), CELLS, progress)


@dataclass(frozen=True)
class Frames:
    """p_t(x|x₀) in the plane: ``t`` (T,), ``axes`` (X,) and (Y,), ``p`` (T, Y, X), NaN for none."""

    t: Array
    axes: tuple[Array, Array]
    p: Array


def frames(scene: Scene, progress: Progress) -> Frames:
    """The density at equally spaced times; ``progress`` is called with the fraction done."""
    return _frames(point_key(scene), progress=progress)


@shared_cache(maxsize=16)
def _frames(flow: Scene, progress: Progress = no_progress) -> Frames:
    a, b, c, e = picture_range(flow)
    count, cells = _affordable(flow)
    centres = (torch.arange(cells, dtype=torch.float64) + 0.5) / cells
    axes = (a + (b - a) * centres, c + (e - c) * centres)
    t = (torch.arange(count, dtype=torch.float64) + 1.0) / count
    single = single_point_flow(flow)
    field, empty = single.field, torch.nan if math.isfinite(single.prior.support[1]) else 0.0
    p = torch.full((count, cells, cells), empty, dtype=torch.float64)
    for k in range(count):
        reached = _reached(single, axes, t[k])
        # Frame by frame, and only where the prior's mass arrives: elsewhere the inverse map may
        # take many iterations.
        with at_work(progress) as work:
            work.done = k / count
            inner = tuple(v[s] for v, s in zip(axes, reached, strict=True))
            grid = field.grid(inner, t[k : k + 1])
        values = torch.where(grid.log_p == -torch.inf, torch.nan, grid.p)[0]
        p[k, reached[1], reached[0]] = values.T
        progress((k + 1) / count)
    return Frames(t.numpy(), (axes[0].numpy(), axes[1].numpy()), p.numpy())


def _affordable(flow: Scene) -> tuple[int, int]:
    """(frames, cells a side): fewer where evaluating the density at random positions is slow."""
    single, (a, b, c, e) = single_point_flow(flow), picture_range(flow)
    draws = torch.rand(_TRIAL, 2, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    x = torch.tensor([a, c], dtype=torch.float64) + draws * torch.tensor([b - a, e - c])
    with at_work() as work:
        single.field.log_prob(x, 0.5)
    cost = work.spent_on_pairs / _TRIAL
    for count, cells in COARSER:
        if cost * count * cells**2 <= _BUDGET:
            return count, cells
    return COARSER[-1]


def _reached(single: SinglePointFlow, axes: tuple[Tensor, Tensor], t: Tensor) -> list[slice]:
    """The cells of each axis that hold all but a millionth of the mass at time t."""
    low, high = single.prior.interval(1e-6)
    side = torch.linspace(low, high, 17, dtype=torch.float64)
    x = single.path.forward(torch.cartesian_prod(side, side), single.x0, t)[:, 0]
    slices = []
    for axis, (least, most) in zip(axes, zip(x.amin(0), x.amax(0), strict=True), strict=True):
        margin = 0.1 * (most - least) + 2.0 * (axis[1] - axis[0])
        inside = ((axis > least - margin) & (axis < most + margin)).nonzero().squeeze(-1)
        slices.append(slice(int(inside[0]), int(inside[-1]) + 1) if inside.numel() else slice(0, 2))
    return slices
