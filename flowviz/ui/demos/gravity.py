"""Where gravity comes from: the Green's function that space and time have in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray

from flowviz.core.checks import Check
from flowviz.core.greens.gravity import on_schedule, scaled_divergence, slice_mass
from flowviz.core.greens.single_point import density
from flowviz.core.paths import Affine
from flowviz.core.priors import StudentT, StudentT2D
from flowviz.figures.gravity import field_figure, mass_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.parameters import PLANE_PRIOR, PRIOR
from flowviz.scene.settings import DATA_POINT
from flowviz.text import Translator
from flowviz.text.numbers import fixed, number
from flowviz.ui.browser import codec, mount
from flowviz.ui.frame import side_by_side
from flowviz.ui.session import faults, state
from flowviz.ui.session.cache import shared_cache
from flowviz.ui.session.preemption import uninterrupted
from flowviz.ui.widgets.glossary import tips
from flowviz.ui.widgets.readouts import check_line

POSITIONS = 400
TIMES = np.geomspace(0.1, 10.0, 25)
_BOUND = 1e-9
_STEP = 0.25  # between exponents
_FIELD = (
    r"\begin{gathered}\nabla_{(T,x)}\cdot u=0\\ u=\frac{(T,\;x-x_0)}{R^{\,a}}\\[1ex] "
    r"R^2=T^2+\|x-x_0\|^2\end{gathered}"
)
_FLOW = (
    r"\begin{gathered}p_T(x\mid x_0)=\frac{C\,T}{R^{\,d+1}}\\[3ex] "
    r"f_T(x\mid x_0)=\frac{x-x_0}{T}\end{gathered}"
)
_PARAMS = {"df": 1.0, "loc": 0.0, "scale": 1.0}


@dataclass(frozen=True)
class Gravity:
    """``divergence`` (Q,), ∇·u Rᵃ/C at random places; ``mass`` (T,), of slices at `TIMES`;
    ``apart``, the largest relative difference between the density of straight lines under Student's
    t with one degree of freedom and that of gravity.
    """

    divergence: NDArray[np.float64]
    mass: NDArray[np.float64]
    apart: float


@shared_cache(maxsize=64)
def measured(x0: tuple[float, ...], power: float) -> Gravity:
    """The measurements for one data point and one exponent."""
    d, draw = len(x0), torch.Generator().manual_seed(5)
    point = torch.tensor(x0, dtype=torch.float64)
    away = torch.randn(POSITIONS, 1 + d, generator=draw, dtype=torch.float64)
    position = torch.cat([away[:, :1].abs() + 0.05, point + away[:, 1:]], dim=1)
    found = scaled_divergence(position, point, power)
    mass = np.array([slice_mass(d, float(time), power) for time in TIMES])
    return Gravity(found.numpy(), mass, _apart(point, position[:, 1:]))


def _apart(x0: torch.Tensor, x: torch.Tensor) -> float:
    prior = StudentT(**_PARAMS) if len(x0) == 1 else StudentT2D(**_PARAMS)
    gaps = [
        density(Affine(), prior, x, x0[None], torch.tensor(t, dtype=x.dtype))[:, 0]
        - on_schedule(x, x0, t)
        for t in (0.1, 0.5, 0.9)
    ]
    return float(torch.stack(gaps).expm1().abs().max())


def is_shown(scene: Scene) -> bool:
    """Whether the page's flow is that of gravity."""
    field, name = _prior(scene)
    params = dict(getattr(scene, f"{field}_params"))
    straight = scene.straight(scene.space)
    return straight and getattr(scene, field) == name and params == _PARAMS


def _prior(scene: Scene) -> tuple[str, str]:
    """The field of the prior, and the name of gravity's."""
    if scene.space == "plane":
        return PLANE_PRIOR.field, "student_t_2d"
    return PRIOR.field, "student_t"


@faults.guarded
def show(tr: Translator, style: Style) -> None:
    """The derivation, one exponent to try, and what is measured for it."""
    scene = state.current()
    d = 1 if scene.space == "line" else 2
    st.markdown(tr("demo.gravity.field"), help=tips(tr, "continuity"))
    st.latex(tr.tex(_FIELD))
    power = st.slider(
        tr("demo.gravity.power"),
        d + _STEP,
        d + 2.0,
        d + 1.0,
        _STEP,
        key=f"flowviz.demo.gravity.{scene.space}",
    )
    x0 = tuple(float(getattr(scene, name)) for name in DATA_POINT[scene.space])
    found = measured(x0, power)
    left, right = side_by_side("gravity", (1, 1), scene)
    labels = {name: tr(f"demo.gravity.axis.{name}") for name in ("time", "mass")}
    labels["x"] = tr("green.axis.x")
    with left:
        figure = codec.pack(field_figure(x0[0], labels, style))
        mount.plot(figure, key="demo.gravity", label=tr("demo.gravity.alt"))
        st.caption(tr(f"demo.gravity.rays.{scene.space}"))
    with right:
        figure = codec.pack(mass_figure(TIMES, found.mass, labels, style))
        mount.plot(figure, key="demo.gravity.mass", label=tr("demo.gravity.mass.alt"))
        st.caption(tr("demo.gravity.mass"))
    st.markdown(_words(found, d, power, tr))
    if power == d + 1.0:
        _show_flow(scene, found, tr)


def _show_flow(scene: Scene, found: Gravity, tr: Translator) -> None:
    """The flow that the field is when it keeps probability: at the exponent d + 1 alone."""
    st.markdown(tr("demo.gravity.flow"))
    st.latex(tr.tex(_FLOW))
    st.markdown(tr("demo.gravity.lens"))
    check_line("gravity", Check(found.apart, _BOUND), tr)
    if is_shown(scene):
        st.caption(tr("demo.gravity.shown"))
    else:
        st.button(tr("demo.gravity.use"), key="w.demo.gravity.use", on_click=uninterrupted()(_use))


def _words(found: Gravity, d: int, power: float, tr: Translator) -> str:
    """The divergence and the mass, in numbers."""
    low, high = float(found.divergence.min()), float(found.divergence.max())
    first, last = (fixed(float(found.mass[k]), 4) for k in (0, -1))
    values = {"low": fixed(low, 6), "high": fixed(high, 6), "size": number(max(-low, high), 2)}
    values |= {"first": first, "last": last}
    ends = {"begin": number(float(TIMES[0])), "end": number(float(TIMES[-1]))}
    other = "same" if values["low"] == values["high"] else "other"
    key = "demo.gravity.exact" if power == d + 1.0 else f"demo.gravity.{other}"
    return tr(key, a=power, n=POSITIONS, dimension=d + 1, **values, **ends)


def _use() -> None:
    """Make the page's flow that of gravity."""
    scene = state.current()
    field, name = _prior(scene)
    family = "plane_family" if scene.space == "plane" else "family"
    after = {
        field: name,
        f"{field}_params": tuple(_PARAMS.items()),
        family: "affine",
        "schedule": "linear",
    }
    if state.change(field, **after):
        state.refill(*after, *(f"{field}.{name}.{key}" for key in _PARAMS))
