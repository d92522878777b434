"""A box that is dragged: the mass inside, the flux through its sides, and that both agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from flowviz.figures.lesson import Drawing, Lines, lesson_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import number, percent
from flowviz.ui.browser import codec, mount
from flowviz.ui.session import valid_family
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import shared_cache
from flowviz.ui.session.keys import flow_key

_STEP = 1e-4
"""Between the two times whose masses give the measured rate."""
_POINTS = 1201
SIDES = (0.35, 0.65)
"""Where the sides are at first, as parts of an axis."""
_LEAST = 1e-3
"""The narrowest box, of the axis."""


@dataclass(frozen=True)
class Box:
    """What is in an interval [a, b] of the line at a time.

    ``mass``, F_t(b) − F_t(a); ``flux``, p_t f_t at a and at b, to the right; ``rate``, −(flux at
    b − flux at a), how fast the mass grows with t by the continuity equation; ``measured``, the
    same from the masses at two times.
    """

    mass: float
    flux: tuple[float, float]
    rate: float
    measured: float


def box(scene: Scene, t: float, a: float, b: float) -> Box:
    """The box [a, b] of the scene on the line at the time t."""
    return _box(flow_key(scene, "line"), t, a, b)


@shared_cache(maxsize=256)
def _box(flow: Scene, t: float, a: float, b: float) -> Box:
    field = flow.field("line")
    sides = torch.tensor([[a], [b]], dtype=torch.float64)
    p = field.log_prob(sides, t).exp()
    through = torch.where(p > 0, p * field(sides, t)[:, 0], 0.0)
    left, right = through.tolist()

    def mass(at: float) -> float:
        below: Tensor = field.cdf(sides, at)
        return float(below[1] - below[0])

    low, high = max(t - _STEP, _STEP), min(t + _STEP, 1.0)
    measured = (mass(high) - mass(low)) / (high - low)
    return Box(mass(t), (left, right), left - right, measured)


def drawing(scene: Scene, t: float, a: float, b: float, tr: Translator) -> Drawing:
    """The density at the time t, and what of it is in the box."""
    field = scene.field("line")
    low, high = axis_range(flow_key(scene, "line"))[:2]
    x = torch.linspace(low, high, _POINTS, dtype=torch.float64)[:, None]
    p = field.log_prob(x, t).exp().nan_to_num(0.0, posinf=0.0).numpy()
    grid = x[:, 0].numpy()
    inside = (grid >= a) & (grid <= b)
    strokes = np.stack([grid[inside], grid[inside], np.full(inside.sum(), np.nan)], 1).ravel()
    heights = np.stack([np.zeros(inside.sum()), p[inside], np.full(inside.sum(), np.nan)], 1)
    top = 1.1 * max(float(np.quantile(p, 0.995)), 1e-9)
    return Drawing(
        x=(tr("lesson.axis.x"), (low, high)),
        y=(tr("lesson.axis.density"), (0.0, top)),
        lines=[
            Lines("inside", strokes, heights.ravel(), 0, thick=1.6, opacity=0.45),
            Lines("density", grid, p, "ink", thick=1.4),
        ],
    )


def words(found: Box, tr: Translator) -> str:
    """The numbers, in the reader's direction of time."""
    left, right = (number(tr.rate(flux), 4) for flux in found.flux)
    return tr(
        "demo.box.text",
        mass=percent(found.mass, 4),
        left=left,
        right=right,
        rate=number(tr.rate(found.rate), 4),
        measured=number(tr.rate(found.measured), 4),
    )


def show(scene: Scene, tr: Translator, style: Style, key: str = "demo.box") -> None:
    """The density with the box, whose sides are dragged, and the numbers."""
    if valid_family.violation(scene, "line"):
        return  # the page says what is wrong with it
    low, high = axis_range(flow_key(scene, "line"))[:2]
    sides = f"flowviz.{key}.sides"
    kept = st.session_state.get(sides, SIDES)
    a, b = (low + part * (high - low) for part in kept)
    t = st.slider(tr("demo.box.t"), 0.05, 1.0, 0.5, 0.05, key=f"flowviz.{key}.t")
    marks = [
        {"k": k, "axis": "x", "value": value, "label": tr(f"demo.box.side.{k}"), "unput": ""}
        for k, value in ((1, a), (2, b))
    ]

    def receive(message: Mapping[str, Any]) -> None:
        put(sides, message, [(low, high)])

    mount.plot(
        codec.pack(lesson_figure(drawing(scene, t, a, b, tr), "", style)),
        key=key,
        label=tr("demo.box.alt"),
        places={"form": key, "marks": marks},
        receive=receive,
    )
    st.caption(tr("demo.box.hint"))
    st.markdown(words(box(scene, t, a, b), tr))


def put(sides: str, message: Mapping[str, Any], views: Sequence[tuple[float, float]]) -> None:
    """Move a side of the box to where it was dragged; the sides of an axis stay in order.

    Args:
        sides: the session key of all sides, as parts of their axes.
        message: from anyone, in any state; its ``k`` counts the sides from 1, two for each axis.
        views: the ends of each axis.
    """
    k, value = message.get("k"), message.get("value")
    if type(k) is not int or type(value) not in (int, float) or not 1 <= k <= 2 * len(views):
        return
    axis, side = divmod(k - 1, 2)
    low, high = views[axis]
    part = (float(value or 0.0) - low) / (high - low)
    if not 0.0 <= part <= 1.0:  # NaN neither
        return
    kept = list(st.session_state.get(sides, SIDES * len(views)))
    pair = kept[2 * axis : 2 * axis + 2]
    pair[side] = part
    pair.sort()
    if pair[1] - pair[0] >= _LEAST:
        kept[2 * axis : 2 * axis + 2] = pair
        st.session_state[sides] = tuple(kept)
