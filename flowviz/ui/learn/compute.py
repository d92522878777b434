"""Arrays for the page Train: trajectories and velocities of the exact flow and of the network.

The server computes those of the exact flow (`exact`, cached for all visitors); workers compute
those of the network with the same starts, times and positions (`learned`), and send arrays.
"""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Semaphore, Thread
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from flowviz.core import checks
from flowviz.core.checks import Check
from flowviz.core.numerics.work import at_work
from flowviz.core.training.learned_flow import learned_trajectories
from flowviz.core.transport import density_along, launch, trajectories
from flowviz.core.transport.separatrices import reached_points, with_separatrices
from flowviz.core.transport.trajectories import sorted_trajectories
from flowviz.figures.plane import arrow_codes, track_codes
from flowviz.scene import Scene
from flowviz.scene.settings import LearnSettings
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import Progress, no_progress, shared_cache
from flowviz.ui.session.keys import flow_key
from flowviz.ui.widgets.readouts import reference_data

Velocity = Callable[[Tensor, Tensor], Tensor]
Arrays = dict[str, NDArray[Any]]

NODES = 48
"""Number of times of a trajectory, denser towards t = 0."""
STARTS = {"line": 37, "plane": 100}
BUDGET = 2.5e8
"""Most units of work for the exact trajectories (``core.numerics.work``)."""
ARROWS = 14
"""Arrows along each axis, for d = 2."""


def run_key(scene: Scene) -> Scene:
    """Cache key of a training run: the scene with all settings that do not affect it at default."""
    return flow_key(scene, scene.space, *LearnSettings.model_fields)


def uses_labels(scene: Scene) -> bool:
    """Whether the network is given the labels of data points."""
    points = scene.plane_points if scene.space == "plane" else scene.points
    return scene.learn_labels and bool(points.classes) and scene.learn_target == "conditional"


def exact_key(scene: Scene) -> Scene:
    """Cache key of the exact flow: the scene with all other settings at default."""
    return flow_key(scene, scene.space)


# ---------------------------------------------------------------------- arrays as bytes


def pack(arrays: Mapping[str, Any]) -> bytes:
    """Arrays, numbers, strings and bytes as ``.npz``."""
    file = io.BytesIO()
    as_arrays = {
        name: np.frombuffer(value, np.uint8) if isinstance(value, bytes) else np.asarray(value)
        for name, value in arrays.items()
    }
    np.savez(file, **as_arrays)  # type: ignore[arg-type]
    return file.getvalue()


def unpack(data: bytes) -> Arrays:
    """The arrays saved by `pack`.

    Raises:
        ValueError: when the bytes are not such a file.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise ValueError(f"these bytes are not a result: {error}") from None


def is_readable(data: bytes) -> bool:
    """Whether `unpack` can load these bytes."""
    try:
        unpack(data)
    except ValueError:
        return False
    return True


# ---------------------------------------------------------------------- starts and times


@dataclass(frozen=True)
class Stage:
    """Axis ranges, starts and times, common to both flows.

    Attributes:
        view: (low, high) for d = 1, or (x low, x high, y low, y high).
        x1: the starts, (Q, d).
        times: of the trajectories, rising from 0 to 1.
    """

    view: tuple[float, ...]
    x1: Tensor
    times: Tensor


@shared_cache(maxsize=64)
def stage(flow: Scene) -> Stage:
    """The stage of a scene's flow, identical in every process."""
    times = torch.linspace(0.0, 1.0, NODES, dtype=torch.float64) ** 2
    prior = flow.prior_object(flow.space)
    view = axis_range(flow)
    if flow.space == "plane":
        generator = torch.Generator().manual_seed(7)
        return Stage(view, prior.sample(STARTS["plane"], 2, generator), times)
    low, high = view
    return Stage(view, launch(prior, STARTS["line"], "steps", (low, high)), times)


def cells(view: tuple[float, ...], count: int) -> tuple[Tensor, ...]:
    """The midpoints of ``count`` cells along each axis of a view."""
    middle = (torch.arange(count, dtype=torch.float64) + 0.5) / count
    ends = zip(view[::2], view[1::2], strict=True)
    return tuple(low + (high - low) * middle for low, high in ends)


def positions(view: tuple[float, ...], count: int) -> Tensor:
    """The midpoints of all cells, (count^d, d)."""
    grids = torch.meshgrid(*cells(view, count), indexing="ij")
    return torch.stack([grid.reshape(-1) for grid in grids], dim=1)


# ---------------------------------------------------------------------- the exact flow


@dataclass(frozen=True)
class Exact:
    """Results for the exact flow.

    Attributes:
        followed: the indices of the stage's starts whose trajectories are known, (Q,).
        x: trajectories (Q, T, d) at the stage's times.
        basin: (Q,), the index of the data point each reaches; `NO_BASIN` on a separatrix.
        reached: that data point, (Q, d).
        p: the density on the trajectories, (Q, T).
        slopes: for d = 1, velocities at the `feet` of the arrows, NaN where the density is low.
        arrow_t: for d = 2, times of the arrows; ``arrows`` (T, A, A, 2) are their codes.
        checks: by name.
    """

    followed: NDArray[np.integer[Any]]
    x: NDArray[np.floating[Any]]
    basin: NDArray[np.integer[Any]]
    reached: NDArray[np.floating[Any]]
    p: NDArray[np.floating[Any]]
    slopes: NDArray[np.floating[Any]]
    arrow_t: NDArray[np.floating[Any]]
    arrows: NDArray[np.uint8]
    checks: dict[str, Check]


@shared_cache(maxsize=48)
def exact(flow: Scene, progress: Progress = no_progress) -> Exact:
    """The exact trajectories from the stage's starts, and arrows of f_t."""
    with at_work(progress) as work:
        return _exact(flow, lambda done: work.advance(0.9 * done))


def _exact(flow: Scene, progress: Progress) -> Exact:
    exact_field, at = flow.field(flow.space), stage(flow)
    # On the line the starts are in order.
    if flow.space == "line":
        solved, followed = sorted_trajectories(
            exact_field, at.x1, at.times, TOLERANCE, progress, BUDGET
        )
    else:
        solved = trajectories(
            exact_field, at.x1, at.times, TOLERANCE, progress=progress, budget=BUDGET
        )
        followed = torch.arange(len(solved.x))
    shown = with_separatrices(exact_field, solved)
    arrow_t = arrow_times(30)
    line_slopes = np.zeros(0)
    arrows = np.zeros((0, 0, 0, 2), np.uint8)
    if flow.space == "plane":
        grid = exact_field.grid(cells(at.view, ARROWS), arrow_t, floor=1e-9)
        arrows = arrow_codes(-grid.velocity.numpy())
    else:
        line_slopes = slopes(flow)
    data = reference_data(flow, flow.space)
    found = {
        "superposition": checks.superposition(exact_field, data),
        "integration": checks.integration(exact_field, solved, TOLERANCE),
        "endpoints": checks.endpoints(exact_field, data, at.x1[followed], solved),
        "samples": checks.samples(exact_field.prior, exact_field.d),
    }
    return Exact(
        followed.numpy(),
        shown.x.numpy(),
        shown.basin.numpy(),
        reached_points(exact_field.x0, shown.basin).numpy(),
        density_along(exact_field, at.times, shown.x).numpy(),
        line_slopes,
        arrow_t.numpy(),
        arrows,
        found,
    )


@shared_cache(maxsize=64)
def floor_check(run: Scene, floor: tuple[float, float]) -> Check:
    """The check of a run's loss floor and its standard error."""
    exact_field, data = run.field(run.space), reference_data(run, run.space)
    groups = None
    if uses_labels(run):
        points = run.plane_points if run.space == "plane" else run.points
        groups = checks.Groups(torch.tensor(points.labels), run.learn_dropout)
    return checks.floor(exact_field, data, floor, run.learn_t_min, run.learn_sampling, groups)


@shared_cache(maxsize=48)
def slopes(flow: Scene) -> NDArray[np.floating[Any]]:
    """For d = 1, exact velocities at the arrows' `feet`, NaN where the density is low."""
    grid = flow.field("line").grid(cells(stage(flow).view, _FEET[1]), _foot_times())
    top = grid.log_p.nan_to_num(-torch.inf).max(1, keepdim=True).values
    return torch.where(grid.log_p > top - _LOW, grid.velocity, torch.nan).reshape(-1).numpy()


_WAIT_S = 0.5  # for the exact flow, before a page is shown without it
_AT_A_TIME = Semaphore(2)


@dataclass
class _Request:
    future: Future[Exact] = field(default_factory=Future)
    until: float = field(default_factory=lambda: time.monotonic() + _WAIT_S)
    done: float = 0.0

    def report(self, done: float) -> None:
        self.done = done


def exact_soon(flow: Scene) -> Exact | None:
    """`exact`, or None while it is being computed in the background, for up to some seconds."""
    request = _request(flow)
    try:
        return request.future.result(max(0.0, request.until - time.monotonic()))
    except TimeoutError:
        return None


def exact_done(flow: Scene) -> float:
    """The fraction done of the computation of `exact_soon`."""
    return _request(flow).done


@shared_cache(maxsize=48)
def _request(flow: Scene) -> _Request:
    request = _Request()
    Thread(target=_compute, args=(flow, request), name="exact", daemon=True).start()
    return request


def _compute(flow: Scene, request: _Request) -> None:
    try:
        with _AT_A_TIME:
            request.future.set_result(exact(flow, progress=request.report))
    except Exception as error:
        request.future.set_exception(error)


TOLERANCE = 1e-5  # far less than a pixel, also under a thin ring
_FEET = (16, 13)
"""Numbers of times and positions of the arrows for d = 1."""
_LOW = 7.0  # a thousandth of the highest density, as a logarithm


def _foot_times() -> Tensor:
    return (torch.arange(_FEET[0], dtype=torch.float64) + 0.5) / _FEET[0]


def feet(flow: Scene) -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
    """Positions t and x of the arrows for d = 1, (K,) each."""
    t, x = torch.meshgrid(_foot_times(), *cells(stage(flow).view, _FEET[1]), indexing="ij")
    return t.reshape(-1).numpy(), x.reshape(-1).numpy()


def arrow_times(count: int) -> Tensor:
    """Equally spaced times of arrows, up to 1."""
    return (torch.arange(count, dtype=torch.float64) + 1.0) / count


# ---------------------------------------------------------------------- the network's flow


def learned(net: Velocity, flow: Scene, t_min: float, frames: int, steps: int) -> Arrays:
    """The network's trajectories from the stage's starts, and its arrows.

    Args:
        net: v_θ.
        flow: a scene's flow.
        t_min: the smallest time of the training.
        frames: number of times with arrows.
        steps: of the integration.
    """
    at = stage(flow)
    x = learned_trajectories(net, at.x1, at.times, t_min, steps)
    if flow.space == "line":
        t, foot = (torch.from_numpy(v) for v in feet(flow))
        with torch.no_grad():
            v = net(foot[:, None], t)[:, 0].numpy()
        # As for the exact flow, only where the density is high enough for training samples.
        v = np.where(np.isnan(slopes(flow)), np.nan, v)
        return {"x": x[..., 0].numpy().astype(np.float32), "v": v.astype(np.float32)}
    foot, arrow_t = positions(at.view, ARROWS), arrow_times(frames)
    with torch.no_grad():
        velocity = torch.stack([net(foot, t) for t in arrow_t])
    shape = (frames, ARROWS, ARROWS, 2)
    return {
        "tracks": track_codes(x.numpy(), at.view),  # type: ignore[arg-type]
        "arrow_t": arrow_t.numpy(),
        "arrows": arrow_codes(-velocity.reshape(shape).numpy()),
    }
