"""What the browser's engine draws the Fan from under the hand: docs/ENGINE.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.field.cells import drawn_steps, jump_times, mean_weights
from flowviz.core.paths import Path
from flowviz.scene import Scene
from flowviz.ui.browser.codec import Double
from flowviz.ui.engine import tables as engine
from flowviz.ui.engine.coefficients import straight_time
from flowviz.ui.fan import compute
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.keys import flow_key
from flowviz.ui.widgets import prior_sliders

MAX_POINTS = 100
"""Most data points for a picture at every move of the pointer."""


def tables(scene: Scene, colours: Sequence[str], faint: str) -> dict[str, Any] | None:
    """`PreviewTables` in ``types.d.ts``, to be packed; None where the server alone draws.

    That is where the engine has no tables, or where more is shown than it draws: arrows, and the
    values at a query point.

    Args:
        scene: with the flow and what is shown.
        colours: of the trajectories' groups.
        faint: the colour of trajectories on a separatrix.
    """
    if scene.arrows or scene.probe is not None:
        return None
    flow = flow_tables(scene)
    if flow is None:
        return None
    follows = {"launch": scene.launch, "motion": prior_sliders.motion(scene, "line")}
    return flow | {"colours": list(colours), "faint": faint} | follows


def flow_tables(scene: Scene) -> dict[str, Any] | None:
    """The same without colours and sliders, whatever else is shown; None without tables."""
    if len(scene.points) > MAX_POINTS:
        return None
    field = scene.field()
    if engine.unsupported(field.prior, field.path) is not None:
        return None
    view, cells = axis_range(flow_key(scene, "line"))[:2], compute.QUICK
    return {
        "prior": engine.prior_table(field.prior),
        "family": engine.path_table(field.path),
        "starts": engine.starts_table(field.prior, compute.starts(scene)[:, 0]),
        "nodes": _table(field.path, _times(scene, field.path)),
        "cells": list(cells),
        "view": list(view),
        "means": list(mean_weights(field.prior)),
        "jumps": _jumps(field, (view[1] - view[0]) / cells[1]),
        "by": scene.color,
    }


def _times(scene: Scene, path: Path) -> Tensor:
    """The times of the trajectories' nodes in the server's quick answer, (T,)."""
    times = compute.node_times(compute.node_count(scene, quick=True))
    return times if path.affine_schedule is None else path.affine_schedule.time_of(times)


def _table(path: Path, t: Tensor) -> dict[str, Double]:
    """`NodeTable` in ``types.d.ts``; at t = 0 all is at data points."""
    columns = torch.stack([torch.zeros_like(t), torch.ones_like(t), torch.zeros_like(t)])
    later = t > 0.0
    columns[:, later] = torch.stack(straight_time(path, t[later]))
    named = zip(("t", "u", "scale", "shift"), (t, *columns), strict=True)
    return {name: Double(value.numpy()) for name, value in named}


def _jumps(field: MarginalField, width: float) -> dict[str, Any] | None:
    found = drawn_steps(field)
    if found is None:
        return None
    breaks, heights = found
    nodes = _table(field.path, jump_times(field, width))
    return {"at": breaks.tolist(), "height": heights.tolist(), "nodes": nodes}
