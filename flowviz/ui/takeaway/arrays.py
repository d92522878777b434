"""The arrays that a page shows, by name: those of its figures, from the same functions.

=====================  ==========================================================================
``t``, ``x``           times (T,) and exact trajectories (Q, T), in the plane (Q, T, 2)
``reached``            (Q,) the index of the data point that each reaches, -1 for none
``points, weights``    data points (N,) or (N, 2), and their weights, which sum to 1
``density_t/x/y``      times and centres of cells of ``density`` (T, X), in the plane (T, X, Y)
``step_t, step_x``     Solvers: times and positions of the chosen solver's steps
``learned_x``          Train: the network's trajectories at the same times, once it is trained
``paired``             Couplings: (Q,) the index of the data point each x₁ is paired with
``labels``             Guidance: of the data points, 0 for none, (N,)
``places, share``      Guidance: where the flow ends, (P,) or (P, 2), and how much of it, (P,)
``class_share``        Guidance: how the class is spread over the places, (P,)
``curve``              Train: step, loss, mean squared error, its relative size, median
=====================  ==========================================================================

The time is the core's: t = 0 is the data, t = 1 the prior. Velocities are not among them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowviz.core.transport.separatrices import with_separatrices
from flowviz.figures.plane import TRACK_SPAN
from flowviz.scene import Scene
from flowviz.scene.point_parsing import LABELS
from flowviz.scene.settings import Space
from flowviz.ui import jobs
from flowviz.ui.couplings import compute as couplings
from flowviz.ui.fan import compute as fan
from flowviz.ui.green import compute as green
from flowviz.ui.guidance import compute as guidance
from flowviz.ui.learn import compute as learn
from flowviz.ui.learn.tasks import train
from flowviz.ui.plane import compute as plane
from flowviz.ui.session.cache import no_progress
from flowviz.ui.solvers import compute as solvers
from flowviz.ui.takeaway import gallery, images, lesson

MOST_SECONDS = 20.0
"""Nobody can stop what a request without a session began: a longer density is left out."""

Arrays = dict[str, NDArray[Any]]
Table = dict[str, NDArray[Any]]
"""Columns of equal length, by name."""


def arrays(page: str, scene: Scene) -> Arrays:
    """What a page shows of a scene; the module's table has the names."""
    return _ARRAYS[page](scene)


def flow_space(page: str, scene: Scene) -> Space:
    """``line`` or ``plane``, as the page shows the scene."""
    of_page: dict[str, Space] = {"fan": "line", "plane": "plane"}
    return of_page.get(page, scene.space)


def _points(scene: Scene, space: Space) -> Arrays:
    if space == "plane":
        rows = np.asarray(scene.plane_points.rows, dtype=float)
        points, weights = rows[:, :2], rows[:, 2]
    else:
        points, weights = np.asarray(scene.points.x), np.asarray(scene.points.w)
    return {"points": points, "weights": weights / weights.sum()}


def _fan(scene: Scene) -> Arrays:
    found = with_separatrices(scene.field(), fan.trajectories(scene))
    heat = fan.density(scene, fan.cells(scene, quick=False))
    return {
        "t": found.t.numpy(),
        "x": found.x[..., 0].numpy(),
        "reached": found.basin.numpy(),
        **_points(scene, "line"),
        "density_t": heat.t,
        "density_x": heat.x,
        "density": heat.p.T,
    }


def _plane(scene: Scene) -> Arrays:
    found = plane.trajectories(scene, plane.FULL)
    t, (x, y), p = plane.densities(scene, plane_density())
    return {
        "t": found.t.numpy(),
        "x": found.x.numpy(),
        "reached": found.basin.numpy(),
        **_points(scene, "plane"),
        "density_t": t.numpy(),
        "density_x": x.numpy(),
        "density_y": y.numpy(),
        "density": p.numpy().astype(np.float32),  # half the file, and finer than the picture
    }


def plane_density() -> plane.Detail:
    """How finely the density of the plane is computed."""
    return replace(plane.FULL, most_seconds=MOST_SECONDS)


def _green(scene: Scene) -> Arrays:
    found = green.family_trajectories(green.point_key(scene, "green_lines"))
    single = green.single_point_flow(scene)
    line = single.d == 1
    known: Arrays = {
        "t": found.t,
        "x": found.x[..., 0] if line else found.x,
        "reached": np.zeros(len(found.x), dtype=int),
        "points": single.x0.numpy()[:, 0] if line else single.x0.numpy(),
        "weights": np.ones(1),
    }
    if line:
        heat = green.heat(scene, no_progress)
        return known | {"density_t": heat.t, "density_x": heat.x, "density": heat.p.T}
    frames = green.frames(scene, no_progress)
    x, y = frames.axes
    density = frames.p.transpose(0, 2, 1).astype(np.float32)
    return known | {"density_t": frames.t, "density_x": x, "density_y": y, "density": density}


def _learn(scene: Scene) -> Arrays:
    flow = learn.exact_key(scene)
    exact, at = learn.exact(flow), learn.stage(flow)
    line = scene.space == "line"
    known: Arrays = {
        "t": at.times.numpy(),
        "x": exact.x[..., 0] if line else exact.x,
        "reached": exact.basin,
        **_points(scene, scene.space),
    }
    data = jobs.cached_result(learn.run_key(scene), jobs.Spec(train))
    if data is None or not learn.is_readable(data):
        return known
    trained = learn.unpack(data)
    known["curve"] = trained["curve"].astype(float)
    if line and "x" in trained:
        known["learned_x"] = trained["x"].astype(float)
    elif "tracks" in trained:
        view = np.asarray(at.view).reshape(2, 2)
        low, span = view[:, 0], view[:, 1] - view[:, 0]
        known["learned_x"] = low + span * (2.0 * trained["tracks"] / TRACK_SPAN - 0.5)
    return known


def _solvers(scene: Scene) -> Arrays:
    setup, method = solvers.setup_of(scene), solvers.method_of(scene)
    found = solvers.picture(setup, method, scene.solver_lines)
    line = setup.field.d == 1
    x, step_x = (v[..., 0] if line else v for v in (found.exact.x, found.solution.x))
    return {
        "t": found.exact.t.numpy(),
        "x": x.numpy(),
        "reached": found.exact.basin.numpy(),
        **_points(scene, scene.space),
        "step_t": np.asarray(found.solution.t),
        "step_x": step_x.numpy(),
    }


def _couplings(scene: Scene) -> Arrays:
    flow, name = couplings.flow_key(scene), scene.coupling
    found = couplings.picture(flow, name, scene.coupling_lines, scene.coupling_batch)
    index, line = found.index.numpy(), scene.space == "line"
    if found.flow is None:  # known by samples alone: the pairs
        t, reached = np.array([0.0, 1.0]), index
        x = np.stack([found.x0[found.index].numpy(), found.x1.numpy()], axis=1)
    else:
        t, x = found.flow.t.numpy(), found.flow.x.numpy()
        reached = found.flow.basin.numpy()
    return {
        "t": t,
        "x": x[..., 0] if line else x,
        "reached": reached,
        "paired": index,
        **_points(scene, scene.space),
    }


def _guidance(scene: Scene) -> Arrays:
    setup = guidance.setup_of(scene)
    found, ends = guidance.picture(setup, scene.guidance_lines), guidance.shares(setup)
    line = scene.space == "line"
    x = found.x[found.drawn][:, ::-1]
    labels = guidance.points_of(scene).labels
    known: Arrays = {
        "t": found.t[::-1].copy(),
        "x": (x[..., 0] if line else x).copy(),
        "reached": found.nearest[found.drawn],
        **_points(scene, scene.space),
        "labels": np.asarray(labels or [0] * len(guidance.points_of(scene))),
        "places": ends.places[:, 0].numpy() if line else ends.places.numpy(),
        "share": ends.share.numpy(),
        "class_share": ends.of_class.numpy(),
    }
    if (heat := found.heat) is not None:
        return known | {"density_t": heat.t, "density_x": heat.x, "density": heat.p.T}
    if (cells := guidance.plane_density(setup, scene.time)) is None:
        return known
    x, y = cells.axes
    at = {"density_t": np.array([scene.time]), "density_x": x, "density_y": y}
    return known | at | {"density": cells.p.T[None]}


_ARRAYS: dict[str, Callable[[Scene], Arrays]] = {
    "fan": _fan,
    "plane": _plane,
    "green": _green,
    "learn": _learn,
    "solvers": _solvers,
    "images": images.arrays,
    "couplings": _couplings,
    "guidance": _guidance,
    "lesson": lesson.arrays,
    "gallery": gallery.arrays,
}


# ---------------------------------------------------------------------- tables


MOST_ROWS = 200_000
"""Of a table of trajectories, about 10 MB: the first trajectories that fit; all are in the NPZ."""


def trajectories(found: Arrays, scene: Scene) -> Table:
    """A row for each trajectory and time: its number, t, the position, the data point reached."""
    rows = _rows(found["t"], found["x"])
    reached = np.repeat(found["reached"] + 1, len(found["t"]))[: len(rows["t"])]
    return rows | {"data_point": reached}


def steps(found: Arrays, scene: Scene) -> Table:
    """A row for each trajectory and step of the chosen solver."""
    return _rows(found["step_t"], found["step_x"])


def learned(found: Arrays, scene: Scene) -> Table:
    """A row for each of the network's trajectories and times."""
    return _rows(found["t"], found["learned_x"])


def _rows(t: NDArray[Any], x: NDArray[Any]) -> Table:
    x = x[: max(1, MOST_ROWS // len(t))]
    count = len(x)
    where = {"x": x} if x.ndim == 2 else {"x": x[..., 0], "y": x[..., 1]}
    return {
        "trajectory": np.repeat(np.arange(1, count + 1), len(t)),
        "t": np.tile(t, count),
        **{name: values.ravel() for name, values in where.items()},
    }


def density(found: Arrays, scene: Scene) -> Table:
    """A row for each cell with a density; in the plane those of the frame at the scene's time."""
    t, p = found["density_t"], found["density"].astype(float)
    axes = {"x": found["density_x"]}
    if "density_y" in found:
        k = int(np.argmin(np.abs(t - scene.time)))
        t, p, axes["y"] = t[k : k + 1], p[k : k + 1], found["density_y"]
    grid = np.meshgrid(t, *axes.values(), indexing="ij")
    known = np.isfinite(p).ravel()
    columns = dict(zip(("t", *axes), grid, strict=True)) | {"density": p}
    return {name: values.ravel()[known] for name, values in columns.items()}


def points(found: Arrays, scene: Scene) -> Table:
    """A row for each data point: its number, position and weight."""
    where = found["points"].reshape(len(found["weights"]), -1)
    columns = dict(zip(("x", "y"), where.T, strict=False))
    table = {"data_point": np.arange(1, len(where) + 1), **columns, "weight": found["weights"]}
    return table | ({"label": _letters(found["labels"])} if _has_labels(found) else {})


def _has_labels(found: Arrays) -> bool:
    return bool(np.any(found.get("labels", 0)))


def _letters(labels: NDArray[Any]) -> NDArray[Any]:
    return np.array(["", *LABELS])[labels]


def shares(found: Arrays, scene: Scene) -> Table:
    """A row for each place with data: its position, and the shares that end there."""
    where = found["places"].reshape(len(found["share"]), -1)
    columns = dict(zip(("x", "y"), where.T, strict=False))
    return {**columns, "guided": found["share"], "class": found["class_share"]}


CURVE = ("step", "loss", "squared_error", "relative_error", "median_error")


def curve(found: Arrays, scene: Scene) -> Table:
    """A row for each report of the training."""
    return dict(zip(CURVE, found["curve"].T, strict=True))


TABLES: dict[str, tuple[str, Callable[[Arrays, Scene], Table]]] = {
    "trajectories": ("x", trajectories),
    "steps": ("step_x", steps),
    "learned": ("learned_x", learned),
    "density": ("density", density),
    "points": ("points", points),
    "shares": ("share", shares),
    "curve": ("curve", curve),
    "samples": ("nearest", images.samples),
    "curves": ("curve", images.curves),
    "drawing": ("at", lesson.drawing_table),
    "answers": ("answer", lesson.answers),
    "scenes": ("link", gallery.scenes),
}
"""The tables, and for each the array without which there is none."""

OF_PAGE = {
    "fan": ("trajectories", "density", "points"),
    "plane": ("trajectories", "density", "points"),
    "green": ("trajectories", "density"),
    "learn": ("trajectories", "learned", "curve", "points"),
    "solvers": ("trajectories", "steps", "points"),
    "couplings": ("trajectories", "points"),
    "guidance": ("trajectories", "density", "shares", "points"),
}
"""The tables that each page has; those of a network when it has been trained."""

TABLES_OF = OF_PAGE | {
    "images": ("samples", "curves"),
    "lesson": ("drawing", "answers"),
    "gallery": ("scenes",),
}
"""The same, with the pages that have no trajectories in the plane or on the line."""


def is_trained(scene: Scene) -> bool:
    """Whether there is a trained network for the page Train."""
    return jobs.cached_result(learn.run_key(scene), jobs.Spec(train)) is not None
