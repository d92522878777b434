"""What the browser's engine draws the Plane from under the hand: docs/ENGINE.md."""

from __future__ import annotations

from typing import Any

from flowviz.figures.plane import DECADES
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.ui.browser.codec import Double
from flowviz.ui.engine import plane as engine
from flowviz.ui.engine import tables as line
from flowviz.ui.plane import compute
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.keys import flow_key
from flowviz.ui.widgets import prior_sliders

MAX_POINTS = 100
"""Most data points for a picture at every move of the pointer."""
LINES = 200
"""Trajectories drawn as lines, at most; there may be more particles."""
DRAWN = frozenset(("density", "lines", "particles"))
"""The views that the engine draws."""


def tables(scene: Scene) -> dict[str, Any] | None:
    """`PlanePreviewTables` in ``types.d.ts``, to be packed; None where the server alone draws.

    That is where the engine has no tables, or where more is shown than it draws.
    """
    if not DRAWN.issuperset(scene.plane_views) or scene.plane_probe is not None:
        return None
    flow = flow_tables(scene)
    return flow and flow | {"motion": prior_sliders.motion(scene, "plane")}


def flow_tables(scene: Scene) -> dict[str, Any] | None:
    """The same without sliders, whatever is shown; None where the engine has no tables."""
    field = scene.field("plane")
    many = len(scene.plane_points) > MAX_POINTS
    schedule = field.path.affine_schedule
    if many or schedule is None or engine.unsupported(field.prior, field.path) is not None:
        return None
    flow = flow_key(scene, "plane", "plane_particles")
    u = compute.node_times(flow)
    t = schedule.time_of(u)
    columns = {"t": t, "u": u, "scale": schedule.linear_time_and_scale(t)[1]}
    x1 = compute.starting_positions(flow, compute.FULL.max_trajectories)
    frames, cells = compute.QUICK.frames, compute.QUICK.cells
    return {
        "prior": engine.prior_table(field.prior),
        "family": line.path_table(field.path),
        "x1": Double(x1.reshape(-1).numpy()),
        "nodes": {name: Double(value.numpy()) for name, value in columns.items()},
        "t": compute.frame_times(frames).tolist(),
        "cells": cells,
        "view": list(axis_range(flow_key(scene, "plane"))),
        "positive": compute.positive_everywhere(field),
        "decades": DECADES if scene.plane_scale == "log" else 0.0,
        "colours": len(Style().point_colours(len(scene.plane_points))),
        "lines": LINES,
    }
