"""A grid that the flow deforms, with the exact ratio of areas."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

from flowviz.core.transport import trajectories, volume_ratio
from flowviz.figures.grid import Array, grid_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import number
from flowviz.ui.browser import codec, mount
from flowviz.ui.session import valid_family
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import shared_cache
from flowviz.ui.session.keys import flow_key

CELLS = 14
"""On each side of the grid."""
TIMES = tuple(k / 20 for k in range(20, 0, -1))
_MOST = math.log(20.0)
"""The deepest shade: a twentieth of the area, or twenty times as much."""
_SAMPLES, _OUTSIDE = 4096, 0.02


@dataclass(frozen=True)
class Deformed:
    """The grid at all `TIMES`.

    ``start`` (n+1, n+1, 2), the corners at t = 1; ``corners`` (T, n+1, n+1, 2); ``ratio``
    (T, n, n), |det ∂x_t/∂x₁| at the cells' centres.
    """

    start: Array
    corners: Array
    ratio: Array


def deformed(scene: Scene) -> Deformed:
    """The grid over most of the prior of the scene in the plane, carried by its flow."""
    return _deformed(flow_key(scene, "plane"))


@shared_cache(maxsize=16)
def _deformed(flow: Scene) -> Deformed:
    field = flow.field("plane")
    sample = field.prior.sample(_SAMPLES, 2, generator=torch.Generator().manual_seed(0))
    ends = sample.quantile(torch.tensor([_OUTSIDE, 1 - _OUTSIDE], dtype=sample.dtype), dim=0)
    low, high = ends.double().unbind(0)
    steps = torch.linspace(0.0, 1.0, CELLS + 1, dtype=torch.float64)
    sides = [low[k] + steps * (high[k] - low[k]) for k in (0, 1)]
    middles = [0.5 * (side[1:] + side[:-1]) for side in sides]
    nodes = torch.cartesian_prod(*sides), torch.cartesian_prod(*middles)
    x1 = torch.cat(nodes)
    inside = torch.isfinite(field.log_prob(x1, 1.0))
    times = torch.tensor(TIMES, dtype=torch.float64)
    x = torch.full((len(x1), len(times), 2), torch.nan, dtype=torch.float64)
    x[inside] = trajectories(field, x1[inside], times).x
    count = len(nodes[0])
    ratio = volume_ratio(field, x1[count:], x[count:], times)
    corners = x[:count].reshape(CELLS + 1, CELLS + 1, len(times), 2).permute(2, 0, 1, 3)
    return Deformed(
        nodes[0].reshape(CELLS + 1, CELLS + 1, 2).numpy(),
        corners.numpy(),
        ratio.T.reshape(len(times), CELLS, CELLS).numpy(),
    )


def show(scene: Scene, tr: Translator, style: Style, key: str = "demo.grid") -> None:
    """The figure, the time, and the range of the ratio."""
    if valid_family.violation(scene, "plane"):
        return  # the page says what is wrong with it
    t = st.select_slider(tr("demo.grid.t"), TIMES, 0.5, format_func=tr.time, key=f"flowviz.{key}.t")
    found, k = deformed(scene), TIMES.index(t)
    rows = np.asarray(scene.plane_points.rows, dtype=float)
    points = rows[:, :2], rows[:, 2] / rows[:, 2].sum()
    view = axis_range(flow_key(scene, "plane"))
    figure = grid_figure(
        found.corners[k], found.ratio[k], _MOST, points, (view[0], view[1], view[2], view[3]), style
    )
    mount.plot(codec.pack(figure), key=key, label=tr("demo.grid.alt"))
    shown = found.ratio[k][np.isfinite(found.ratio[k])]
    if shown.size:
        low, high = number(float(shown.min())), number(float(shown.max()))
        st.markdown(tr("demo.grid.text", t=tr.time(t), low=low, high=high))
