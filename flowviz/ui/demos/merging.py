"""Why two trajectories never merge: the samples between them stay between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

from flowviz.core.transport import basins, trajectories
from flowviz.figures.lesson import Array, Drawing, Lines, lesson_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import number, percent
from flowviz.ui.browser import codec, mount
from flowviz.ui.session import valid_family
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import shared_cache
from flowviz.ui.session.keys import flow_key

_APART = 0.2
"""Of the basin's samples: those between either trajectory and the middle one."""
_STEPS = 60


@dataclass(frozen=True)
class Pair:
    """Two trajectories to one data point.

    ``t`` (T,) rising; ``low`` and ``high`` (T,), their positions; ``mass``, the share of all
    samples that is between them, at every t.
    """

    t: Array
    low: Array
    high: Array
    mass: float

    def gap(self, t: float) -> float:
        """How far they are apart."""
        return float(np.interp(t, self.t, self.high - self.low))


def pair(scene: Scene) -> Pair:
    """Two trajectories of the heaviest basin of the scene on the line."""
    return _pair(flow_key(scene, "line"))


@shared_cache(maxsize=16)
def _pair(flow: Scene) -> Pair:
    field = flow.field("line")
    mass = basins(field).mass
    k = int(mass.argmax())
    middle, width = float(mass[:k].sum() + 0.5 * mass[k]), float(mass[k]) * _APART
    levels = torch.tensor([middle - width, middle + width], dtype=torch.float64)
    t = torch.linspace(0.0, 1.0, _STEPS + 1, dtype=torch.float64)
    x = trajectories(field, field.prior.icdf(levels)[:, None], t).x[..., 0].numpy()
    return Pair(t.numpy(), x[0], x[1], 2 * width)


def drawing(scene: Scene, t: float, tr: Translator) -> Drawing:
    """Both trajectories, and dashed what cannot be: they meet at the time t and go on as one."""
    found = pair(scene)
    middle, half = 0.5 * (found.low + found.high), 0.5 * (found.high - found.low)
    apart = half * np.sqrt(np.clip((found.t - t) / (1.0 - t), 0.0, 1.0))
    weights = np.asarray(scene.points.w)
    bottom, top = axis_range(flow_key(scene, "line"))[:2]
    above = float(np.interp(t, found.t, found.high)) + 0.05 * (top - bottom)
    cannot = tr("demo.merging.mark"), t, above
    return Drawing(
        x=(tr("lesson.axis.t"), (-0.04, 1.04)),
        y=(tr("lesson.axis.x"), (bottom, top)),
        lines=[
            Lines("lower", found.t, found.low, 0, thick=2.0),
            Lines("upper", found.t, found.high, 0, thick=2.0),
            Lines("merged lower", found.t, middle - apart, "accent", "dash", 1.6, label=cannot),
            Lines("merged upper", found.t, middle + apart, "accent", "dash", 1.6),
        ],
        points=(np.asarray(scene.points.x), weights / weights.sum()),
        ticks={k / 5: tr.time(k / 5) for k in range(6)},
    )


def words(scene: Scene, t: float, tr: Translator) -> str:
    """What is between the two at the time t, in numbers."""
    found = pair(scene)
    gap = found.gap(t)
    shown = {"t": tr.time(t), "gap": number(gap), "mass": percent(found.mass)}
    return tr("demo.merging.text", **shown, density=number(found.mass / gap))


def show(scene: Scene, tr: Translator, style: Style, key: str = "demo.merging") -> None:
    """The figure, the time of the meeting, and the numbers."""
    if valid_family.violation(scene, "line"):
        return  # the page says what is wrong with it
    t = st.slider(tr("demo.merging.t"), 0.05, 0.95, 0.4, 0.05, key=f"flowviz.{key}.t")
    figure = lesson_figure(drawing(scene, t, tr), "", style)
    mount.plot(codec.pack(figure), key=key, label=tr("demo.merging.alt"))
    st.markdown(words(scene, t, tr))
