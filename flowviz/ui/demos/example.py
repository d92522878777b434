"""One training example, line by line: what is drawn, where it is, its target, its loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

from flowviz.core.training.network import VelocityNet
from flowviz.core.training.sampling import PairSampler, position_and_velocity
from flowviz.figures.lesson import Arrow, Drawing, Lines, lesson_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import number, position
from flowviz.ui.browser import codec, mount
from flowviz.ui.learn import compute
from flowviz.ui.learn.tasks import fresh_net, trained_net
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import shared_cache
from flowviz.ui.session.keys import flow_key
from flowviz.ui.session.preemption import uninterrupted

_REACH = 0.2
"""How far in t an arrow reaches."""
Vector = tuple[float, ...]


@dataclass(frozen=True)
class Example:
    """One example of conditional flow matching.

    ``which`` is the data point's index; ``x0``, ``x1``, ``x`` (d,), the data point, the prior
    sample and x_t; ``target``, f_t(x_t|x₀), and ``exact``, f_t(x_t), its mean there.
    """

    t: float
    which: int
    x0: Vector
    x1: Vector
    x: Vector
    target: Vector
    exact: Vector


@shared_cache(maxsize=64)
def example(run: Scene, k: int) -> Example:
    """The k-th example of a training, from 0.

    Args:
        run: a scene, as `compute.run_key`.
        k: its place in the stream of the training's own samples.
    """
    field = run.field(run.space)
    sampler = PairSampler(field, run.learn_t_min, run.learn_sampling, run.learn_seed)
    drawn, x1 = sampler(k, 1), sampler.endpoints(k, 1)
    x, target = position_and_velocity(field, x1, drawn.which, drawn.t)
    which = int(drawn.which[0])
    vectors = (field.x0[which], x1[0], x[0], target[0], field(x, drawn.t)[0])
    return Example(float(drawn.t[0]), which, *(tuple(v.tolist()) for v in vectors))


def loss(prediction: Vector, target: Vector) -> float:
    """‖v − f_t(x_t|x₀)‖²."""
    return sum((v - f) ** 2 for v, f in zip(prediction, target, strict=True))


def predicted(net: VelocityNet, one: Example) -> Vector:
    """v_θ(x_t, t)."""
    x = torch.tensor([one.x], dtype=torch.float64)
    with torch.no_grad():
        return tuple(net(x, torch.tensor(one.t, dtype=torch.float64))[0].double().tolist())


@shared_cache(maxsize=16)
def _net(run: Scene, data: bytes | None) -> VelocityNet:
    return trained_net(run, compute.unpack(data)) if data else fresh_net(run)


def drawing(run: Scene, one: Example, v: Vector | None, tr: Translator) -> Drawing:
    """The conditional trajectory with x_t, and there the target, its mean, the prediction."""
    field = run.field(run.space)
    t = torch.linspace(0.0, 1.0, 41, dtype=torch.float64)
    x0, x1 = (torch.tensor([value], dtype=torch.float64) for value in (one.x0, one.x1))
    path = torch.stack([x0[0], *(field.path.forward(x1, x0, s)[0, 0] for s in t[1:])]).numpy()
    view = axis_range(flow_key(run, run.space))
    named = {"fₜ(xₜ|x₀)": (one.target, one.which, 4.0), "fₜ(xₜ)": (one.exact, "accent", 2.4)}
    if v is not None:
        named["vθ(xₜ, t)"] = v, "faint", 2.4
    at = (one.t, *one.x) if len(one.x) == 1 else one.x

    def tip(velocity: Vector) -> tuple[float, float]:
        step = [x - _REACH * f for x, f in zip(one.x, velocity, strict=True)]
        return (one.t - _REACH, step[0]) if len(step) == 1 else (step[0], step[1])

    arrows = [
        Arrow((at[0], at[1]), tip(velocity), colour, thick)
        for velocity, colour, thick in named.values()
    ]
    plane = run.space == "plane"
    low, high = view[2:4] if plane else view[:2]
    left, right = view[:2] if plane else (0.0, 1.0)
    nowhere, beside = np.full(1, np.nan), right - 0.1 * (right - left)
    legend = [
        Lines(name, nowhere, nowhere, colour, label=(name, beside, high - k * (high - low) / 12))
        for k, (name, (_, colour, _)) in enumerate(named.items(), 1)
    ]
    rows = np.asarray(run.plane_points.rows if plane else [(x,) for x in run.points.x])
    weights = np.asarray(run.plane_points.w if plane else run.points.w)
    across, up = (path[:, 0], path[:, 1]) if plane else (t.numpy(), path[:, 0])
    return Drawing(
        x=("x", (view[0], view[1])) if plane else (tr("lesson.axis.t"), (-0.04, 1.04)),
        y=("y", (view[2], view[3])) if plane else (tr("lesson.axis.x"), (view[0], view[1])),
        lines=[Lines("conditional trajectory", across, up, one.which, thick=1.6), *legend],
        arrows=arrows,
        points=(rows[:, :2] if plane else rows[:, 0], weights / weights.sum()),
        mark=(at[0], at[1]),
        square=plane,
        ticks={} if plane else {k / 5: tr.time(k / 5) for k in range(6)},
    )


def lines(one: Example, v: Vector | None, tr: Translator) -> str:
    """The example as a numbered list, in the order in which it is made."""

    def vector(values: Vector) -> str:
        return position(list(values))

    def rate(values: Vector) -> str:
        return position([tr.rate(value) for value in values])

    said = [
        tr("demo.example.x0", x=vector(one.x0)),
        tr("demo.example.x1", x=vector(one.x1)),
        tr("demo.example.t", t=tr.time(one.t)),
        tr("demo.example.x", x=vector(one.x)),
        tr("demo.example.target", v=rate(one.target)),
    ]
    if v is not None:
        said.append(tr("demo.example.network", v=rate(v), loss=number(loss(v, one.target))))
    best = number(loss(one.exact, one.target))
    said.append(tr("demo.example.exact", v=rate(one.exact), loss=best))
    return "\n".join(f"{k}. {line}" for k, line in enumerate(said, 1))


def show(
    run: Scene,
    tr: Translator,
    style: Style,
    data: bytes | None = None,
    *,
    network: bool = True,
    key: str = "demo.example",
) -> None:
    """The figure, the lines, and a button for another example.

    Args:
        run: a scene, as `compute.run_key`.
        tr: the translator.
        style: of the figure.
        data: of the trained network; before it is trained, its first weights predict.
        network: whether one predicts at all.
        key: of the elements.
    """
    counter = f"flowviz.{key}.k"
    k = st.session_state.get(counter, 0)
    one = example(run, k)
    v = predicted(_net(run, data), one) if network else None
    figure = lesson_figure(drawing(run, one, v, tr), "", style)
    mount.plot(codec.pack(figure), key=key, label=tr("demo.example.alt"))
    st.markdown(lines(one, v, tr))
    st.button(
        tr("demo.example.next"), on_click=uninterrupted()(_next), args=(counter,), key=f"{key}.next"
    )


def _next(counter: str) -> None:
    st.session_state[counter] = st.session_state.get(counter, 0) + 1
