"""The arrays of a page's first picture, from the same functions as the page's own figures.

Work and time are limited, of the trajectories and of the shading: what takes more is left out.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from flowviz.core.numerics.work import BudgetSpent, at_work
from flowviz.figures import plane as plane_figures
from flowviz.figures.fan import LEAST_HANDLE, marker_sizes
from flowviz.figures.static_svg import FlowPicture, ticks
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.ui.exercise.truth import is_covered
from flowviz.ui.fan import compute as fan
from flowviz.ui.plane import compute as plane
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import shared_cache
from flowviz.ui.session.keys import flow_key

T = TypeVar("T")

LINES = 25
"""The most trajectories of the line."""
NODES = 40
CELLS = (40, 40)
PLANE = plane.Detail(
    frames=4, cells=32, seconds=0.05, max_trajectories=40, tolerance=1e-2, budget=1e7
)
POINTS = 60
"""The most data points that are drawn."""

Limits = tuple[float, float]
"""Most units of work, and seconds."""

NO_LINES = np.zeros((0, 0, 2))
NO_GROUPS = np.zeros(0, dtype=int)

WORK = 4e6
"""Most units of work (``core.numerics.work``) for the trajectories, and for the shading."""
SECONDS = 0.5
"""After this long on a busy machine either is given up, too."""


@dataclass(frozen=True)
class Still:
    """A first picture, with its ticks: where they are, from 0 to 1, and the value there.

    ``view``: the range of its vertical axis.
    ``by_start``: whether a line has the colour of where it starts, and not of where it ends.
    """

    picture: FlowPicture
    view: tuple[float, float]
    x_ticks: list[tuple[float, float]]
    y_ticks: list[tuple[float, float]]
    by_start: bool = False


class TooLong(Exception):
    """The time for a first picture is over."""


def still(page: str, scene: Scene, limits: Limits | None = None) -> Still | None:
    """The first picture of ``fan`` or ``plane``; None for another page, an exercise whose answer it
    would show, or too much work.

    Args:
        page: its name.
        scene: what is shown.
        limits: in the place of `WORK` and `SECONDS`, where nobody waits.
    """
    if is_covered(page, scene):
        return None
    if page == "fan":
        return _fan(flow_key(scene, "line", "launch", "color", "trajectories"), limits)
    if page == "plane":
        return _plane(flow_key(scene, "plane", "time", "plane_scale"), limits)
    return None


def limited(compute: Callable[[], T], limits: Limits | None = None) -> T | None:
    """The result, or None where it takes too long."""
    work, most = limits or (WORK, SECONDS)
    began = time.monotonic()

    def report(_done: float) -> None:
        if time.monotonic() - began > most:
            raise TooLong

    try:
        with at_work(report, work):
            return compute()
    except (BudgetSpent, TooLong):
        return None


@shared_cache(maxsize=64)
def _fan(scene: Scene, limits: Limits | None) -> Still | None:
    scene = scene.model_copy(update={"trajectories": min(scene.trajectories, LINES)})
    heat = limited(lambda: fan.density(scene, CELLS), limits)
    if heat is None:
        return None
    style, n = Style(), len(scene.points)
    palette = style.point_colours(n) if scene.color == "basin" else style.spectrum
    found = limited(lambda: fan.fan(scene, len(palette), nodes=NODES), limits)
    low, high = axis_range(flow_key(scene, "line"))

    def placed(t: np.ndarray, x: np.ndarray) -> np.ndarray:
        """Places from times and positions, on the axes of the Fan."""
        return np.stack([_from_gutter(t), (x - low) / (high - low)], axis=-1)

    kept = _spread(n, POINTS)
    weights = np.asarray(scene.points.w)
    picture = FlowPicture(
        lines=placed(np.broadcast_to(found.t, found.x.shape), found.x) if found else NO_LINES,
        group=_in_palette(found.group, len(palette)) if found else NO_GROUPS,
        points=placed(np.zeros(len(kept)), np.asarray(scene.points.x)[kept]),
        sizes=np.maximum(marker_sizes(weights, style), LEAST_HANDLE)[kept],
        point_group=_in_palette(kept, len(style.point_colours(n))),
        shading=_with_gutter(heat.p[::-1] / heat.ceiling),
    )
    times = [(float(_from_gutter(np.array(k / 5))), k / 5) for k in range(6)]
    return Still(picture, (low, high), times, _along(low, high), by_start=scene.color == "x1")


@shared_cache(maxsize=64)
def _plane(scene: Scene, limits: Limits | None) -> Still | None:
    frames = limited(lambda: plane.frames(scene, PLANE), limits)
    found = limited(lambda: plane.trajectories(scene, PLANE), limits)
    if frames is None and found is None:
        return None
    low_x, high_x, low_y, high_y = axis_range(flow_key(scene, "plane"))
    low, span = np.array([low_x, low_y]), np.array([high_x - low_x, high_y - low_y])
    rows = np.asarray(scene.plane_points.rows, dtype=float)
    kept, colours = _spread(len(rows), POINTS), len(Style().point_colours(len(rows)))
    lines = NO_LINES if found is None else found.x[:, _spread(found.x.shape[1], NODES)].numpy()
    codes = np.zeros((1, 1))
    if frames is not None:
        codes = frames.codes[int(np.argmin(np.abs(frames.t - scene.time)))].astype(float)
    picture = FlowPicture(
        lines=(lines - low) / span,
        group=NO_GROUPS if found is None else _in_palette(found.basin.numpy(), colours),
        points=(rows[kept, :2] - low) / span,
        sizes=plane_figures.handle_sizes(rows[:, 2], large=False)[kept],
        point_group=_in_palette(kept, colours),
        shading=(codes - 1.0) / 254.0,
    )
    return Still(picture, (low_y, high_y), _along(low_x, high_x), _along(low_y, high_y))


def _along(low: float, high: float) -> list[tuple[float, float]]:
    """Where the ticks of an axis are, and their values."""
    return [((value - low) / (high - low), value) for value in ticks(low, high)]


def _from_gutter(t: np.ndarray) -> np.ndarray:
    """Where a time is on the Fan's axis, which begins left of t = 0."""
    return (t + fan.GUTTER) / (1.0 + fan.GUTTER)


def _with_gutter(shading: np.ndarray) -> np.ndarray:
    """The shading with blank columns where the axis begins."""
    columns = round(shading.shape[1] * fan.GUTTER)
    return np.pad(shading, ((0, 0), (columns, 0)))


def _in_palette(group: np.ndarray, colours: int) -> np.ndarray:
    return np.where(group < 0, -1, group % colours)


def _spread(length: int, most: int) -> np.ndarray:
    """Indices of at most so many, from the first to the last."""
    return np.unique(np.linspace(0, length - 1, min(length, most)).round().astype(int))
