"""A box of the plane that is dragged: the mass inside, the flux through its sides, the balance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
import torch
from numpy.typing import NDArray

from flowviz.core.field import boxes
from flowviz.core.numerics.work import BudgetSpent, at_work
from flowviz.figures.box import box_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import number, percent
from flowviz.ui.browser import codec, mount
from flowviz.ui.demos.box import SIDES, put
from flowviz.ui.session import valid_family
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import shared_cache
from flowviz.ui.session.keys import flow_key

_STEP = 1e-4
"""Between the two times whose masses give the measured rate."""
_CELLS = 72
_BUDGET = 3e8
NAMES = ("left", "right", "lower", "upper")
Sides = tuple[float, float, float, float]
"""Left, right, lower, upper."""
Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Balance:
    """What is in a box, ``box``, and how its mass grows with t, ``measured`` at two times."""

    box: boxes.Box
    measured: float


def balance(scene: Scene, t: float, sides: Sides) -> Balance | None:
    """The box of the scene in the plane at the time t; None if it takes long."""
    return _balance(flow_key(scene, "plane"), t, sides)


@shared_cache(maxsize=256)
def _balance(flow: Scene, t: float, sides: Sides) -> Balance | None:
    field = flow.field("plane")
    left, right, lower, upper = torch.tensor(sides, dtype=torch.float64)
    low, high = torch.stack([left, lower]), torch.stack([right, upper])
    before, after = max(t - _STEP, _STEP), min(t + _STEP, 1.0)
    now, *times = torch.tensor([t, before, after], dtype=torch.float64)
    try:
        with at_work(limit=_BUDGET):
            found = boxes.box(field, low, high, now)
            first, second = (boxes.mass_in_box(field, low, high, at) for at in times)
    except BudgetSpent:
        return None
    return Balance(found, (second - first) / (after - before))


@shared_cache(maxsize=32)
def _density(flow: Scene, t: float) -> tuple[Array, Array, Array] | None:
    """Axes and p_t on the whole view; None if it takes long."""
    x0, x1, y0, y1 = axis_range(flow)
    axes = [torch.linspace(a, b, _CELLS, dtype=torch.float64) for a, b in ((x0, x1), (y0, y1))]
    try:
        with at_work(limit=_BUDGET):
            log_p = flow.field("plane").grid(axes, t).log_p[0]
    except BudgetSpent:
        return None
    return axes[0].numpy(), axes[1].numpy(), log_p.exp().numpy()


def figure(
    scene: Scene, t: float, sides: Sides, found: Balance, tr: Translator, style: Style
) -> go.Figure | None:
    """The density with the box; None if the density takes long."""
    density = _density(flow_key(scene, "plane"), t)
    if density is None:
        return None
    x, y, p = density
    rows = np.asarray(scene.plane_points.rows, dtype=float)
    points = rows[:, :2], rows[:, 2] / rows[:, 2].sum()
    return box_figure((x, y), p, sides, tr.rate(found.box.flux.numpy()), points, style)


def words(found: Balance, tr: Translator) -> str:
    """The numbers, in the reader's direction of time."""
    through = {
        name: number(tr.rate(flux), 4)
        for name, flux in zip(NAMES, found.box.flux.tolist(), strict=True)
    }
    return tr(
        "demo.plane_box.text",
        mass=percent(found.box.mass, 4),
        rate=number(tr.rate(found.box.rate), 4),
        measured=number(tr.rate(found.measured), 4),
        **through,
    )


def show(scene: Scene, tr: Translator, style: Style, key: str = "demo.plane_box") -> None:
    """The density with the box, whose sides are dragged, and the numbers."""
    if valid_family.violation(scene, "plane"):
        return  # the page says what is wrong with it
    x0, x1, y0, y1 = axis_range(flow_key(scene, "plane"))
    views = [(x0, x1), (y0, y1)]
    kept = f"flowviz.{key}.sides"
    parts = st.session_state.get(kept, SIDES * 2)
    placed = [
        low + part * (high - low)
        for (low, high), part in zip((views[0], views[0], views[1], views[1]), parts, strict=True)
    ]
    sides: Sides = placed[0], placed[1], placed[2], placed[3]
    t = st.slider(tr("demo.plane_box.t"), 0.05, 1.0, 0.5, 0.05, key=f"flowviz.{key}.t")
    found = balance(scene, t, sides)
    shown = found and figure(scene, t, sides, found, tr, style)
    if found is None or shown is None:
        st.info(tr("demo.plane_box.long"))
        return
    marks = [
        {"k": k, "axis": "xxyy"[k - 1], "value": value, "unput": ""}
        | {"label": tr(f"demo.plane_box.side.{k}")}
        for k, value in enumerate(sides, 1)
    ]

    def receive(message: Mapping[str, Any]) -> None:
        put(kept, message, views)

    mount.plot(
        codec.pack(shown),
        key=key,
        label=tr("demo.plane_box.alt"),
        places={"form": key, "marks": marks},
        receive=receive,
    )
    st.caption(tr("demo.plane_box.hint"))
    st.markdown(words(found, tr))
