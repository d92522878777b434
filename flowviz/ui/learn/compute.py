"""What the page Learn shows of a scene, in numbers: the exact flow, the network's, and their gap.

The serving process computes the exact flow's picture (`exact`, shared by all visitors); the workers
compute the network's with the same starts, times and places (`learned`, `gap`), and send arrays.
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
from flowviz.core.training.learned_flow import learned_trajectories
from flowviz.core.transport import launch, trajectories
from flowviz.figures.plane import arrow_codes, track_codes
from flowviz.scene import Scene
from flowviz.scene.settings import LearnSettings
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import shared
from flowviz.ui.session.keys import flow_key
from flowviz.ui.widgets.readouts import reference_data

Velocity = Callable[[Tensor, Tensor], Tensor]
Arrays = dict[str, NDArray[Any]]

NODES = 48
"""Times at which a trajectory is shown, closer together towards the data."""
STARTS = {"line": 37, "plane": 100}
ARROWS = 14
"""Arrows along a side of the plane."""


def run_key(scene: Scene) -> Scene:
    """The scene with all that does not change what is learned at default: equal lessons are equal.

    A schedule belongs to the affine family alone.
    """
    return flow_key(scene, scene.space, *LearnSettings.model_fields)


def exact_key(lesson: Scene) -> Scene:
    """A canonical scene with the network's settings at default: a key for the exact flow."""
    return flow_key(lesson, lesson.space)


# ---------------------------------------------------------------------- arrays as bytes


def pack(arrays: Mapping[str, Any]) -> bytes:
    """Arrays, numbers, texts and bytes as ``.npz``."""
    file = io.BytesIO()
    as_arrays = {
        name: np.frombuffer(value, np.uint8) if isinstance(value, bytes) else np.asarray(value)
        for name, value in arrays.items()
    }
    np.savez(file, **as_arrays)  # type: ignore[arg-type]
    return file.getvalue()


def unpack(data: bytes) -> Arrays:
    """What `pack` wrote.

    Raises:
        ValueError: when the bytes are not such a file.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise ValueError(f"these bytes are not a result: {error}") from None


def is_readable(data: bytes) -> bool:
    """Whether `unpack` can read them."""
    try:
        unpack(data)
    except ValueError:
        return False
    return True


# ---------------------------------------------------------------------- places and times


@dataclass(frozen=True)
class Stage:
    """Where and when both flows are looked at.

    Attributes:
        view: (low, high) of the line, or (x low, x high, y low, y high).
        x1: the starts, (Q, d).
        times: nodes of the trajectories, rising from 0 to 1.
    """

    view: tuple[float, ...]
    x1: Tensor
    times: Tensor


@shared(maxsize=64)
def stage(flow: Scene) -> Stage:
    """The stage of a scene's flow; the same in every process."""
    times = torch.linspace(0.0, 1.0, NODES, dtype=torch.float64) ** 2
    prior = flow.prior_object(flow.space)
    view = axis_range(flow)
    if flow.space == "plane":
        generator = torch.Generator().manual_seed(7)
        return Stage(view, prior.sample(STARTS["plane"], 2, generator), times)
    low, high = view
    return Stage(view, launch(prior, STARTS["line"], "steps", (low, high)), times)


def cells(view: tuple[float, ...], count: int) -> tuple[Tensor, ...]:
    """The middles of ``count`` cells along each axis of a view."""
    middle = (torch.arange(count, dtype=torch.float64) + 0.5) / count
    ends = zip(view[::2], view[1::2], strict=True)
    return tuple(low + (high - low) * middle for low, high in ends)


def positions(view: tuple[float, ...], count: int) -> Tensor:
    """All cells' middles as positions, (count^d, d)."""
    grids = torch.meshgrid(*cells(view, count), indexing="ij")
    return torch.stack([grid.reshape(-1) for grid in grids], dim=1)


# ---------------------------------------------------------------------- the exact flow


@dataclass(frozen=True)
class Exact:
    """The exact flow as the page shows it.

    Attributes:
        x: trajectories (Q, T, d) at the stage's times.
        basin: (Q,), the data point each reaches.
        slopes: velocities at the `feet` of the line, NaN where next to nothing flows.
        arrow_t: times of the plane's arrows; ``arrows`` (T, A, A, 2) are their codes.
        checks: what holds of all this, by name.
    """

    x: NDArray[np.floating[Any]]
    basin: NDArray[np.integer[Any]]
    slopes: NDArray[np.floating[Any]]
    arrow_t: NDArray[np.floating[Any]]
    arrows: NDArray[np.uint8]
    checks: dict[str, Check]


@shared(maxsize=48)
def exact(flow: Scene) -> Exact:
    """The exact trajectories from the stage's starts, and arrows of f_t."""
    law, at = flow.field(flow.space), stage(flow)
    tr = trajectories(law, at.x1, at.times, _TOLERANCE)
    arrow_t = arrow_times(30)
    own, arrows = np.zeros(0), np.zeros((0, 0, 0, 2), np.uint8)
    if flow.space == "plane":
        grid = law.grid(cells(at.view, ARROWS), arrow_t, floor=1e-9)
        arrows = arrow_codes(-grid.velocity.numpy())
    else:
        own = slopes(flow)
    data = reference_data(flow, flow.space)
    found = {
        "superposition": checks.superposition(law, data),
        "integration": checks.integration(law, tr, _TOLERANCE),
        "endpoints": checks.endpoints(law, data, at.x1, tr),
        "samples": checks.samples(law.prior, law.d),
    }
    return Exact(tr.x.numpy(), tr.basin.numpy(), own, arrow_t.numpy(), arrows, found)


@shared(maxsize=64)
def floor_check(lesson: Scene, floor: tuple[float, float]) -> Check:
    """Whether a loss floor and its standard error are those of a lesson's flow."""
    law, data = lesson.field(lesson.space), reference_data(lesson, lesson.space)
    return checks.floor(law, data, floor, lesson.learn_t_min, lesson.learn_sampling)


@shared(maxsize=48)
def slopes(flow: Scene) -> NDArray[np.floating[Any]]:
    """The line's exact velocities at its arrows' `feet`, NaN where next to nothing flows."""
    grid = flow.field("line").grid(cells(stage(flow).view, _FEET[1]), _foot_times())
    top = grid.log_p.nan_to_num(-torch.inf).max(1, keepdim=True).values
    return torch.where(grid.log_p > top - _THIN, grid.velocity, torch.nan).reshape(-1).numpy()


_PATIENCE_S = 0.5  # then a page shows what it has
_AT_A_TIME = Semaphore(2)


@dataclass(frozen=True)
class _Request:
    found: Future[Exact] = field(default_factory=Future)
    until: float = field(default_factory=lambda: time.monotonic() + _PATIENCE_S)


def exact_soon(flow: Scene) -> Exact | None:
    """`exact`, or None while it is being computed: ask again.

    With hundreds of points and a family without formulas it takes half a minute; the page stays
    alive meanwhile.
    """
    asked = _asked(flow)
    try:
        return asked.found.result(max(0.0, asked.until - time.monotonic()))
    except TimeoutError:
        return None


@shared(maxsize=48)
def _asked(flow: Scene) -> _Request:
    asked = _Request()
    Thread(target=_answer, args=(flow, asked.found), name="exact", daemon=True).start()
    return asked


def _answer(flow: Scene, found: Future[Exact]) -> None:
    try:
        with _AT_A_TIME:
            found.set_result(exact(flow))
    except Exception as error:
        found.set_exception(error)


_TOLERANCE = 1e-5  # far less than a pixel, also under a ring that is thin beside its radius
_FEET = (16, 13)
"""Arrows of the line: times, positions."""
_THIN = 7.0  # a thousandth of the highest density, as a logarithm


def _foot_times() -> Tensor:
    return (torch.arange(_FEET[0], dtype=torch.float64) + 0.5) / _FEET[0]


def feet(flow: Scene) -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
    """Where the line's arrows stand: t and x, (K,) each."""
    t, x = torch.meshgrid(_foot_times(), *cells(stage(flow).view, _FEET[1]), indexing="ij")
    return t.reshape(-1).numpy(), x.reshape(-1).numpy()


def arrow_times(count: int) -> Tensor:
    """Evenly spaced times with arrows, the last of them 1."""
    return (torch.arange(count, dtype=torch.float64) + 1.0) / count


# ---------------------------------------------------------------------- the network's flow


def learned(net: Velocity, flow: Scene, t_min: float, frames: int, steps: int) -> Arrays:
    """The network's trajectories from the stage's starts, and its arrows.

    Args:
        net: v_θ.
        flow: a scene's flow.
        t_min: the earliest time the network is trained at.
        frames: times with arrows.
        steps: of the trajectories' integration.
    """
    at = stage(flow)
    x = learned_trajectories(net, at.x1, at.times, t_min, steps)
    if flow.space == "line":
        t, spots = (torch.from_numpy(part) for part in feet(flow))
        with torch.no_grad():
            own = net(spots[:, None], t)[:, 0].numpy()
        # Arrows stand where the exact ones do: elsewhere the network was never asked.
        own = np.where(np.isnan(slopes(flow)), np.nan, own)
        return {"x": x[..., 0].numpy().astype(np.float32), "v": own.astype(np.float32)}
    spots, arrow_t = positions(at.view, ARROWS), arrow_times(frames)
    with torch.no_grad():
        velocity = torch.stack([net(spots, t) for t in arrow_t])
    shape = (frames, ARROWS, ARROWS, 2)
    return {
        "tracks": track_codes(x.numpy(), at.view),  # type: ignore[arg-type]
        "arrow_t": arrow_t.numpy(),
        "arrows": arrow_codes(-velocity.reshape(shape).numpy()),
    }
