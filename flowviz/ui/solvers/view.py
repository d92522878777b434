"""The figure of the page Solvers: numerical and exact trajectories, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from flowviz.core.solvers import SOLVERS
from flowviz.core.solvers.convergence import CALIBRATION_SIZE, FLOOR, Score
from flowviz.core.transport.separatrices import reached_points
from flowviz.figures.fan import NO_GROUP
from flowviz.figures.solvers import Lines, Stage, stage_colours, trajectory_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.parameters import PLANE_PRIOR, PRIOR
from flowviz.text import Translator
from flowviz.text.numbers import number, percent
from flowviz.ui.browser import codec, mount
from flowviz.ui.frame import side_by_side
from flowviz.ui.session import faults, state, valid_family
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.drag import Drag, DragMessage
from flowviz.ui.solvers import compute, likelihood
from flowviz.ui.widgets import controls
from flowviz.ui.widgets.glossary import heading, tips
from flowviz.ui.widgets.progress_bar import progress_bar
from flowviz.ui.widgets.query_card import query_card
from flowviz.ui.widgets.query_point import set_query_point
from flowviz.ui.widgets.readouts import points_text
from flowviz.ui.widgets.time_widgets import time_slider

_DRAG = Drag("solvers")

#: One step from (t, x) to t' of each solver; h = t' - t, and u = σ/(α+σ).
FORMULAS = {
    "euler": r"x_{t'} = x_t + h f_t(x_t),\quad h = t'-t",
    "midpoint": r"x_{t'} = x_t + h f_m\!\left(x_t + \tfrac h2 f_t\right)",
    "heun": r"\begin{aligned}x_{t'} &= x_t + \tfrac h2 (k_1 + k_2)\\"
    r"k_1 &= f_t(x_t),\ k_2 = f_{t'}(x_t + h k_1)\end{aligned}",
    "rk4": r"x_{t'} = x_t + \tfrac h6 (k_1 + 2k_2 + 2k_3 + k_4)",
    "dopri5": r"\bigl|x^{(5)}_{t'} - x^{(4)}_{t'}\bigr| \le 10^{-n}\,(1 + |x|)",
    "ddim": r"x_{t'} = \tfrac{\sigma'}{\sigma} x_t"
    r" + \left(\alpha' - \alpha\tfrac{\sigma'}{\sigma}\right) D_t(x_t)",
    "dpm2": r"\begin{aligned}x_{t'} &= \tfrac{\sigma'}{\sigma} x_t"
    r" + \left(\alpha' - \alpha\tfrac{\sigma'}{\sigma}\right) D_m(x_m)\\"
    r"u_m &= \sqrt{u\,u'}\end{aligned}",
    "multistep": r"\begin{aligned}\bar D &= D_t + \tfrac{1+h-e^h}{1-e^h}"
    r"\,\tfrac{D_t - D_{t''}}{\log u - \log u''}\\ h &= \log u' - \log u\end{aligned}",
    "mean_value": r"s = \arg\min_s \sum_q \bigl|x_q(s) - x_q^{\ast}\bigr|",
}


@faults.guarded
def bar(scene: Scene, tr: Translator) -> None:
    """The widgets for solver, number of steps and time grid."""
    solver = SOLVERS[scene.solver_method]
    with st.container(key="solver-bar"):
        if scene.enlarged:  # large buttons have their own row
            (left, middle), right = st.columns(2), st.container()
        else:
            left, middle, right = st.columns([3, 3, 4])
    left.selectbox(
        tr("solvers.method"),
        list(SOLVERS),
        format_func=lambda name: tr(f"solver.{name}"),
        key=state.bound("solver_method"),
    )
    if solver.adaptive:
        middle.slider(
            tr("solvers.digits"),
            1,
            8,
            help=tr("solvers.digits.help"),
            key=state.bound("solver_digits"),
        )
        right.caption(tr("solvers.grid.custom", last=tr.time(compute.setup_of(scene).grid.last)))
        return
    middle.slider(
        tr("solvers.steps"),
        1,
        64,
        help=tr("solvers.steps.help"),
        key=state.bound("solver_steps"),
    )
    with right:
        controls.choice("solvers", "solver_grid", tr, separate=True)


@faults.guarded
def sidebar(scene: Scene, tr: Translator) -> None:
    """The other settings of the solvers."""
    st.markdown(f"## {tr('solvers.settings')}")
    if compute.network(scene) is not None:
        controls.choice("solvers", "solver_flow", tr, separate=True)
    else:
        st.caption(tr("solvers.solver_flow.none"))
    if not SOLVERS[scene.solver_method].adaptive and scene.solver_grid in ("log", "karras"):
        time_slider(
            tr("solvers.last"),
            "solver_last",
            0.001,
            0.2,
            tr,
            step=0.001,
            format="%.3f",
            help=tr("solvers.last.help"),
        )
        if scene.solver_grid == "karras":
            st.slider(
                tr("solvers.rho"),
                1.0,
                20.0,
                step=0.5,
                help=tr("solvers.rho.help"),
                key=state.bound("solver_rho"),
            )
    st.slider(tr("solvers.lines"), 1, 60, key=state.bound("solver_lines"))


@dataclass(frozen=True)
class _Shown:
    """The scene with its results, and the number of steps shown."""

    scene: Scene
    setup: compute.Setup
    method: compute.Method
    picture: compute.Picture
    done: int


@faults.guarded
def show(tr: Translator, style: Style) -> DeltaGenerator:
    """The trajectories of the chosen solver, and its errors; returns the container of these."""
    _DRAG.reset()
    current = state.current()
    scene = valid_family.last_valid(current, current.space, tr)
    setup, method = compute.setup_of(scene), compute.method_of(scene)
    with progress_bar(tr) as report:
        halves = [lambda done, k=k: report(0.5 * (k + done)) for k in (0, 1)]
        picture = compute.picture(setup, method, scene.solver_lines, progress=halves[0])
        compute.result(setup, method, progress=halves[1])
    left, right = side_by_side("solvers", (1, 1) if scene.present else (3, 2), scene)
    with left:
        done = _step_buttons(picture, tr)
        shown = _Shown(scene, setup, method, picture, done)
        _picture(shown, tr, style)
    with right:
        _about(shown, tr, style)
    return right


# ---------------------------------------------------------------------- the figure


def _step_buttons(picture: compute.Picture, tr: Translator) -> int:
    """The buttons Back, Next and All; returns the number of steps shown."""
    last = len(picture.solution.t) - 1
    step = min(state.current().solver_step, last)
    with st.container(horizontal=True, vertical_alignment="center"):
        # Never disabled, as a disabled button loses the keyboard focus.
        back = st.button(tr("solvers.back"), key="w.solvers.back")
        forward = st.button(tr("solvers.next"), key="w.solvers.next", type="primary")
        show_all = st.button(tr("solvers.all"), key="w.solvers.all")
    if back or forward or show_all:
        changed = max(step - 1, 0) if back else step % last + 1 if forward else 0
        state.change("solver_step", solver_step=changed)
        st.rerun()
    return step or last


def _picture(shown: _Shown, tr: Translator, style: Style) -> None:
    scene, setup = shown.scene, shown.setup
    lines = _lines(shown)
    point = likelihood.query_point(scene)
    labels = {
        "t": tr("solvers.axis.t.short" if style.large else "solvers.axis.t"),
        "x": tr("solvers.axis.x"),
        "y": tr("solvers.axis.y"),
    }
    x0, view = setup.field.x0.numpy(), axis_range(setup.flow)
    figure = trajectory_figure(lines, x0, view, labels, style, _stages(shown))
    content: dict[str, Any] = {
        "figure": codec.pack(figure),
        "square": scene.space == "plane",
        "query": None if point is None else list(point[-2:]),
        "card": _card(setup, point, style, tr),
        "style": {"accent": style.accent, "ground": style.ground, "ink": style.ink},
        "texts": {
            "picture": tr(
                "solvers.alt",
                n=scene.solver_lines,
                solver=tr(f"solver.{scene.solver_method}"),
                points=points_text(scene, scene.space),
            ),
            "title": tr("solvers.saved", solver=tr(f"solver.{scene.solver_method}")),
            "hint": tr("solvers.hint"),
            "keys": tr("solvers.keys"),
            **{name: tr(f"solvers.{name}") for name in ("caption.1", "caption.2")},
        },
    }
    mount.picture(
        "solver_trajectories", _DRAG.with_serial(content), key="solvers", receive=_receive
    )
    if (lines.basin == NO_GROUP).any():
        st.caption(tr("flow.separatrix"))
    valid_family.error_notice(shown.picture.exact, tr, scene.solver_lines)


def _card(
    setup: compute.Setup, query: tuple[float, ...] | None, style: Style, tr: Translator
) -> dict[str, Any] | None:
    """The exact field at the query point."""
    if query is None:
        return None
    x0, at = setup.field.x0, setup.field.probe(likelihood.position(query), query[0])
    return query_card(at, x0.T.tolist(), style.point_colours(len(x0)), tr)


def _lines(shown: _Shown) -> Lines:
    """The exact trajectories and the steps shown of the solver's."""
    exact, solution = shown.picture.exact, shown.picture.solution
    return Lines(
        exact.t.numpy(),
        exact.x.numpy(),
        np.asarray(solution.t),
        solution.x.numpy(),
        exact.basin.numpy(),
        shown.picture.wrong,
        shown.done,
        reached_points(shown.setup.field.x0, exact.basin).numpy(),
        shown.picture.p,
    )


def _stages(shown: _Shown) -> list[Stage]:
    """The evaluations of the last step shown; empty if all steps are shown."""
    if shown.scene.solver_step == 0:
        return []
    stages = shown.picture.solution.evaluations[shown.done - 1]
    return [Stage(stage.t, stage.x.numpy(), stage.velocity.numpy()) for stage in stages]


def _receive(message: DragMessage) -> None:
    _DRAG.receive(message, _apply_message)


def _apply_message(message: DragMessage) -> None:
    """Set the query point, in the plane at its present time."""
    probe = state.current().plane_probe
    set_query_point(message, probe[0] if probe else 0.3)


def _about(shown: _Shown, tr: Translator, style: Style) -> None:
    """Description, formula, NFE and errors of the solver; the stages of the last step shown."""
    scene, setup, method = shown.scene, shown.setup, shown.method
    terms = ("denoiser",) if method.solver.exponential else ("order",)
    heading(tr(f"solver.{method.name}"), tr, *terms)
    about = f"solver.{method.name}.about"
    st.markdown(tr(about, particles=CALIBRATION_SIZE) if method.solver.fitted else tr(about))
    st.latex(FORMULAS[method.name])
    found = compute.result(setup, method)
    with st.container(horizontal=True):
        if shown.done < len(shown.picture.solution.t) - 1:
            _metrics_after(shown, tr)
        else:
            _metrics(found, tr)
    if scene.solver_step:
        _stage_table(shown.picture, shown.done, tr, style)
    if found.outside > 0:
        caption = tr(
            "solvers.outside",
            fraction=percent(found.outside, 2),
            evaluations=percent(found.outside_evaluations, 2),
        )
        st.caption(caption, help=tips(tr, "support"))
    if not setup.field.prior.smooth:
        st.caption(tr("solvers.edges"))
        if st.button(tr("solvers.edges.use"), key="w.solvers.edges"):
            field = (PLANE_PRIOR if scene.space == "plane" else PRIOR).field
            if state.change(field, **{field: "gaussian"}):
                state.refill(field)
            st.rerun()
    if setup.field.path.affine_schedule is None:
        st.caption(tr("solvers.others"))


def _metrics(found: Score, tr: Translator) -> None:
    """What the whole solution cost, and how far its particles land from the exact ones."""
    st.metric(tr("solvers.cost"), found.nfe, help=tr("solvers.cost.help"), width="content")
    st.metric(tr("solvers.error"), _error(found.error), width="content")
    st.metric(tr("solvers.wrong"), percent(found.wrong, 2), width="content")
    st.metric(tr("solvers.w2"), _error(found.w2), help=tips(tr, "w2"), width="content")


def _metrics_after(shown: _Shown, tr: Translator) -> None:
    """The cost and the error of the steps shown; where particles land is not known before the end.

    An adaptive solver's steps have no cost of their own: the rejected ones belong to none.
    """
    solution, done = shown.picture.solution, shown.done
    if not shown.method.solver.adaptive:
        nfe = sum(len(stages) for stages in solution.evaluations[:done])
        st.metric(tr("solvers.cost"), nfe, help=tr("solvers.cost.help"), width="content")
    error = compute.error_after(shown.setup, shown.method, shown.scene.solver_lines, done)
    at = tr.time(solution.t[done], 4)
    label, note = tr("solvers.error.at", t=at), tr("solvers.error.at.help")
    st.metric(label, _error(error), help=note, width="content")


def _stage_table(picture: compute.Picture, done: int, tr: Translator, style: Style) -> None:
    solution = picture.solution
    start, end = (tr.time(t, 4) for t in solution.t[done - 1 : done + 1])
    st.markdown(f"**{tr('solvers.now', k=done, n=len(solution.t) - 1, t=start, to=end)}**")
    stages = zip(solution.evaluations[done - 1], stage_colours(style), strict=False)
    rows = "".join(
        _cells(
            f'<b style="color: {colour}">━━</b>',
            str(k),
            tr.time(stage.t, 4),
            f"{int(stage.outside.sum())} / {len(stage.x)}",
        )
        for k, (stage, colour) in enumerate(stages, 1)
    )
    head = _cells("", *(tr(f"solvers.stage{name}") for name in ("", ".t", ".outside")))
    st.html(f"<table>{head}{rows}</table>")
    st.caption(tr("solvers.stages"))


def _cells(*cells: str) -> str:
    """A row of an HTML table, as Markdown tables have no colours."""
    return "<tr>" + "".join(f'<td style="padding: 0 0.8rem 0 0">{c}</td>' for c in cells) + "</tr>"


def _error(value: float) -> str:
    """A solver's error as text; rounding errors are 0."""
    return number(0.0 if 0 <= value <= FLOOR else value)
