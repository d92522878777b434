"""The Green page's steps 4 to 7: the density by two methods, its residual, the superposed flow."""

from __future__ import annotations

import numpy as np
import streamlit as st

from flowviz.figures.green import (
    curves_figure,
    divergence_figure,
    residual_figure,
)
from flowviz.figures.style import Style
from flowviz.figures.superposition import growth_figure, marginal_flows_figure
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import number
from flowviz.ui.browser import codec, mount
from flowviz.ui.green import checks, compute, density, superposition
from flowviz.ui.green.view import columns
from flowviz.ui.session import faults, state
from flowviz.ui.session.cache import shared_cache
from flowviz.ui.widgets import slider_range
from flowviz.ui.widgets.glossary import heading
from flowviz.ui.widgets.progress_bar import progress_bar
from flowviz.ui.widgets.readouts import check_expander, check_line, tex

_CONDITIONAL = r"p_t(x\mid x_0)"


@faults.guarded
def show(scene: Scene, tr: Translator, style: Style) -> None:
    """Steps 4 to 7."""
    _characteristic(scene, tr, style)
    _curves(scene, tr, style)
    density.show(scene, tr, style)
    _residual(scene, tr, style)
    _superposition(tr, style)


# ------------------------------------------------------------------------- density by two methods


@faults.guarded
def _characteristic(scene: Scene, tr: Translator, style: Style) -> None:
    texts, picture = columns(scene, "steps-1")
    here = compute.query_key(scene)
    found, at = checks.query_characteristic(here), compute.derivation(here)
    with texts:
        heading(tr("green.step.characteristic"), tr, "characteristic")
        st.markdown(tr("green.characteristic"))
        st.latex(
            tr.tex(
                r"\begin{gathered}\frac{\mathrm{d}\log p}{\mathrm{d}t} = -\nabla\cdot f \\ "
                r"\Downarrow \\ "
                r"p_t = p_1(x_1)\,\exp\int_t^1 \nabla\cdot f\,\mathrm{d}s\end{gathered}"
            )
        )
        if found is None:
            _explain_missing(scene, at.density, tr)
            return
        integral = float(found.divergence_integral[0, -1])
        p1 = float(compute.single_point_flow(scene).prior.log_prob(found.x[:, -1]).exp())
        density = p1 * np.exp(integral)
        product = f"{tex(at.prior)}\\cdot \\mathrm{{e}}^{{{tex(integral)}}}"
        st.latex(f"{tr.tex(_CONDITIONAL)} = {product} = {tex(density)}")
    with picture:
        mount.plot(
            _characteristic_block(here, style, tr),
            key="characteristic",
            label=tr("green.characteristic.alt"),
        )


def _explain_missing(scene: Scene, density: float, tr: Translator) -> None:
    """Show why there is no characteristic through the query point."""
    if not checks.is_valid(scene):
        st.info(tr("green.characteristic.invalid"))
    elif density > 0:
        st.info(tr("green.characteristic.lost"))
    else:
        st.info(tr("green.nowhere"))


@shared_cache(maxsize=96)
def _characteristic_block(flow: Scene, style: Style, tr: Translator) -> bytes:
    found = checks.query_characteristic(flow)
    assert found is not None
    labels = {"t": tr("green.axis.time")}
    labels |= {name: tr(f"green.axis.{name}") for name in ("divergence", "gained")}
    t, divergence, integral = (
        v.numpy() for v in (found.t, found.divergence[0], found.divergence_integral[0])
    )
    return codec.pack(divergence_figure(t, divergence, integral, labels, style))


@faults.guarded
def _curves(scene: Scene, tr: Translator, style: Style) -> None:
    texts, picture = columns(scene, "steps-2")
    with texts:
        heading(tr("green.step.curves"), tr, "jacobian")
        if not checks.is_valid(scene):
            _explain_missing(scene, float("nan"), tr)
            return
        text = tr("green.curves", t=tr.time(scene.green_t))
        if scene.space == "plane":
            text += f" {tr('green.curves.cut', y=number(scene.green_v))}"
        st.markdown(text)
        st.latex(
            tr.tex(
                r"p_t(x\mid x_0) = p_1\big(\varphi_t(x\mid x_0)\big)\,"
                r"\Big|\det\frac{\partial\varphi_t}{\partial x}\Big|"
            )
        )
    with picture:
        with progress_bar(tr) as report:
            found = checks.curves(scene, report)
        fixed = ("green_t", "green_v") if scene.space == "plane" else ("green_t",)
        flow = compute.point_key(scene, *fixed)
        at = scene.green_u if scene.space == "plane" else scene.green_x
        block = _curves_block(flow, at, style, tr)
        mount.plot(block, key="curves", label=tr("green.curves.alt"))
    with texts:
        if np.isfinite(found.gap) and (found.followed > 0).any():
            top = float(np.nanmax(found.changed))
            st.markdown(tr("green.curves.gap", gap=number(found.gap, 2), top=number(top)))
            check_line("two_ways", found.check, tr)
        else:
            _explain_missing(scene, float("nan"), tr)
        if found.lost and np.isfinite(found.followed[found.changed > 0]).any():
            st.caption(tr("green.curves.lost", n=found.lost))


@shared_cache(maxsize=64)
def _curves_block(flow: Scene, at: float, style: Style, tr: Translator) -> bytes:
    found = checks.curves(flow, lambda _: None)
    labels = {name: tr(f"green.axis.{name}") for name in ("x", "gap")}
    labels |= {name: tr(f"green.curves.{name}") for name in ("changed", "followed")}
    return codec.pack(curves_figure(found.x, found.followed, found.changed, at, labels, style))


# ------------------------------------------------------------------------------- continuity


def _is_valid(scene: Scene) -> bool:
    found = checks.validity(compute.point_key(scene))
    return found is not None and found.ok


@faults.guarded
def _residual(scene: Scene, tr: Translator, style: Style) -> None:
    texts, picture = columns(scene, "steps-4")
    flow = compute.point_key(scene, *(("green_t",) if scene.space == "plane" else ()))
    with texts:
        heading(tr("green.step.residual"), tr, "continuity")
        st.latex(
            r"\begin{gathered}\frac{\partial p}{\partial t} + \nabla\cdot(f\,p) = 0 \\ "
            r"\Updownarrow \\ \frac{\partial\log p}{\partial t} + f\cdot\nabla\log p "
            r"+ \nabla\cdot f = 0\end{gathered}"
        )
    found = checks.residual(flow)
    with texts:
        text = tr("green.residual")
        if scene.space == "plane":
            text += f" {tr('green.residual.time', t=tr.time(scene.green_t))}"
        st.markdown(text)
        if _is_valid(scene):
            check_line("continuity", found.check, tr, scene.space)
            check_line("superposition", found.superposition, tr, "green")
            if checks.is_valid(scene):
                drawn = compute.point_key(scene, "green_lines")
                check_line("integration", checks.trajectory_check(drawn), tr)
        else:
            st.warning(tr("green.invalid.residual"))
    with picture:
        block = _residual_block(flow, style, tr)
        label = tr("green.residual.alt")
        mount.still(block, tr, style, key="residual", title=label, label=label)


@shared_cache(maxsize=64)
def _residual_block(flow: Scene, style: Style, tr: Translator) -> bytes:
    found = checks.residual(flow)
    names = ("time", "x") if flow.space == "line" else ("x", "y")
    labels = {
        "across": tr(f"green.axis.{names[0]}"),
        "up": tr(f"green.axis.{names[1]}"),
        "size": tr("green.axis.size"),
    }
    over_time = flow.space == "line"
    figure = residual_figure(found.across, found.up, found.size, labels, style, over_time=over_time)
    return codec.pack(figure)


# ------------------------------------------------------------------------------- many points


@faults.fragment
def _superposition(tr: Translator, style: Style) -> None:
    """Many data points: a fragment, so that its slider reruns only this step."""
    scene = state.sync_widgets()
    st.divider()
    st.markdown(f"## {tr('green.step.superposition')}")
    texts, picture = columns(scene, "steps-5")
    parameter = superposition.strength_of(scene)
    with texts:
        _strength_slider(scene, parameter, tr)
    scene = state.current()
    with picture, progress_bar(tr) as report:
        found = superposition.compared_flows(scene, report)
    with texts:
        if found is None:
            st.info(tr("green.superposition.invalid"))
            return
        _comparison(scene, parameter, found, tr)
    with picture:
        labels = {name: tr(f"green.axis.{name}") for name in ("x", "y")}
        labels |= {"t": tr("green.axis.time")}
        labels |= {name: tr(f"green.superposition.{name}") for name in _SUPERPOSITION_LABELS}
        both = marginal_flows_figure(
            found.t, found.straight, found.bent, found.reached, found.p, labels, style
        )
        label = tr("green.superposition.alt")
        mount.still(codec.pack(both), tr, style, key="superposition", title=label, label=label)
        with progress_bar(tr) as report:
            sweep = superposition.strength_sweep(scene, report)
        at = min(scene.green_bend, parameter.high)
        figure = growth_figure(
            sweep.strength, sweep.length, sweep.turning, at=at, labels=labels, style=style
        )
        mount.plot(codec.pack(figure), key="growth", label=tr("green.growth.alt"))


def _strength_slider(scene: Scene, parameter: superposition.Strength, tr: Translator) -> None:
    """The slider of how nonlinear the second family is."""
    slider_range.refill_on_change("green_bend", 0.0, parameter.high)
    st.slider(
        tr("field.green_bend"),
        0.0,
        parameter.high,
        step=0.05,
        key=state.bound_as(
            "green_bend",
            min(scene.green_bend, parameter.high),
            lambda bend: state.change("green_bend", green_bend=bend),
        ),
    )


def _comparison(
    scene: Scene,
    parameter: superposition.Strength,
    found: superposition.ComparedFlows,
    tr: Translator,
) -> None:
    """By how much longer and more curved the trajectories are, and the checks of both flows."""
    typed = parameter.family == "formula"
    name = parameter.name if typed else tr(f"param.{parameter.name}")
    ratios = {"length": number(found.more.length), "turning": number(found.more.turning)}
    family = tr(f"path.{parameter.family}")
    st.markdown(tr("green.superposition", family=family, name=name, **ratios))
    points = scene.points if scene.space == "line" else scene.plane_points
    if len(points) > superposition.MAX_POINTS:
        st.caption(tr("green.superposition.many", n=superposition.MAX_POINTS))
    check_expander(found.checks, tr)


_SUPERPOSITION_LABELS = ("straight", "bent", "length", "turning", "times", "strength")
