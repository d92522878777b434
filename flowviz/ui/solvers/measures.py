"""Comparison of all solvers: errors against NFE, and log p at the query point.

Both may take seconds: they show their progress, and are at the end of the page. A chart that takes
longer (implicit families) is a fragment until it is complete: it shows the results so far, and is
advanced several times a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from flowviz.core.solvers import SOLVERS
from flowviz.core.solvers.convergence import FLOOR, MAX_SLOPE_ERROR, Score, slope, stays_below
from flowviz.core.transport.posterior_mean_ode import jumps
from flowviz.figures.convergence import Curve, chart_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import fixed, number, percent
from flowviz.ui.browser import codec, mount
from flowviz.ui.session import faults, preemption, state, valid_family
from flowviz.ui.session.cache import Progress
from flowviz.ui.solvers import compute, likelihood
from flowviz.ui.widgets import controls
from flowviz.ui.widgets.glossary import heading, tips
from flowviz.ui.widgets.progress_bar import progress_bar
from flowviz.ui.widgets.readouts import check_expander
from flowviz.ui.widgets.time_widgets import time_slider

_DELAY_S = 0.3  # before a progress bar is shown
_AT_ONCE_S, _SLICE_S, _PAUSE_S = 1.5, 0.4, 0.2
"""Time for a chart in a run of the page, in a run of the fragment, and between two such runs."""
_GOOD = 0.01
_SAME_FOR_LINES = ("euler", "ddim")  # the same method for straight lines


@faults.guarded
def show(tr: Translator, style: Style, beside: DeltaGenerator | None = None) -> None:
    """The chart, in its place beside the trajectories if there is one; likelihoods and checks."""
    current = state.current()
    scene = valid_family.last_valid(current, current.space)
    setup, method = compute.setup_of(scene), compute.method_of(scene)
    with beside or st.container():
        heading(tr("solvers.chart"), tr, "nfe", "order")
        _chart(scene, setup, tr, style)
    heading(tr("solvers.likelihood"), tr, "likelihood")
    _likelihood(scene, setup, method, tr)
    with progress_bar(tr, _DELAY_S) as progress:
        found = compute.check(setup, scene.solver_lines, progress=progress)
    check_expander(found, tr)


# ---------------------------------------------------------------------- the chart


_VALUES: dict[str, Callable[[Score], float]] = {
    "error": lambda score: score.error,
    "way": lambda score: score.error,
    "wrong": lambda score: score.wrong,
    "w2": lambda score: score.w2,
}


def _chart(scene: Scene, setup: compute.Setup, tr: Translator, style: Style) -> None:
    measure = scene.solver_measure
    controls.choice("solvers", "solver_measure", tr, separate=True)
    end = 0.0
    if measure == "way":
        end = scene.solver_way
        time_slider(tr("solvers.way"), "solver_way", 0.05, 0.8, tr, step=0.05)
    chart = compute.chart(setup, end)
    with progress_bar(tr, _DELAY_S) as progress:
        _advance(chart, _AT_ONCE_S, progress)
    growing = chart.done < 1.0
    draw = faults.fragment(_drawn, _PAUSE_S if growing else None)
    draw(scene, setup, chart, growing, tr, style)


def _advance(chart: compute.Chart, seconds: float, progress: Progress) -> None:
    """Advance a chart for a time, or until the page is to be rerun."""
    until = time.monotonic() + seconds
    while chart.more(progress):
        progress(chart.done)
        if time.monotonic() > until or preemption.rerun_requested():
            return


def _drawn(
    scene: Scene,
    setup: compute.Setup,
    chart: compute.Chart,
    growing: bool,
    tr: Translator,
    style: Style,
) -> None:
    """The chart with the results so far, advanced first if it is incomplete."""
    # With ``keep`` the progress bar has constant height, so that nothing below moves.
    with progress_bar(tr, delay=0.0, keep=growing) as progress:
        if growing:
            progress(chart.done)
            _advance(chart, _SLICE_S, progress)
    if growing and chart.done == 1.0:
        st.rerun(scope="app")  # complete: stop polling
    measure, scores = scene.solver_measure, chart.found
    curves = [_curve(name, scores, _VALUES[measure], tr) for name in SOLVERS]
    curves = [curve for curve in curves if curve.nfe.size]
    axis = "error" if measure == "way" else measure
    if curves:
        figure = chart_figure(
            curves,
            scene.solver_method,
            FLOOR,
            {
                "nfe": tr("solvers.axis.nfe.short" if style.large else "solvers.axis.nfe"),
                "value": tr(f"solvers.axis.{axis}"),
            },
            style,
        )
        mount.plot(codec.pack(figure), key="solvers.chart", label=tr("solvers.alt.chart"))
    particles = tr(f"solvers.chart.{scene.space}", q=compute.evaluation_size(setup))
    st.caption(f"{tr(f'solvers.chart.{measure}')} {particles}")
    if setup.net is not None:
        st.caption(tr("solvers.chart.learned"))
    if _coincide(curves):
        st.caption(tr("solvers.chart.same"))
    _order_table(curves, _outside(scores), tr, fraction=measure == "wrong")


def _outside(scores: tuple[Score, ...]) -> dict[str, float]:
    """The largest fraction of particles evaluated at p_t = 0, by solver; empty if all are 0."""
    largest: dict[str, float] = {}
    for score in scores:
        largest[score.solver] = max(score.outside, largest.get(score.solver, 0.0))
    return largest if any(largest.values()) else {}


def _curve(
    name: str, scores: tuple[Score, ...], value: Callable[[Score], float], tr: Translator
) -> Curve:
    ordered = sorted((s for s in scores if s.solver == name), key=lambda score: score.nfe)
    nfe = np.array([score.nfe for score in ordered], float)
    values = [float(value(score)) for score in ordered]
    formatted = [number(v, 2) for v in values]
    return Curve(name, tr(f"solver.{name}.short"), nfe, np.array(values), formatted)


def _coincide(curves: list[Curve]) -> bool:
    """Whether the curves of Euler and DDIM coincide, so that one hides the other."""
    euler, ddim = (next((c for c in curves if c.solver == name), None) for name in _SAME_FOR_LINES)
    if euler is None or ddim is None or not np.array_equal(euler.nfe, ddim.nfe):
        return False
    return bool(np.allclose(euler.value, ddim.value, rtol=1e-3, atol=FLOOR))


def _order_table(
    curves: list[Curve], outside: dict[str, float], tr: Translator, *, fraction: bool
) -> None:
    """The table below the chart; a ``fraction`` is formatted in percent."""
    names = ("solver", "cost", "order", "slope", "best.wrong" if fraction else "best")
    head = " | ".join(tr(f"solvers.table.{name}") for name in names)
    rows = "\n".join(_row(curve) for curve in curves)
    st.markdown(f"| {head} |\n|:---|{'---:|' * (len(names) - 1)}\n{rows}")
    bound = percent(_GOOD) if fraction else number(_GOOD)
    caption = tr("solvers.table.caption", bound=bound, doubt=MAX_SLOPE_ERROR)
    st.caption(caption)
    if outside:
        fractions = ", ".join(f"{c.name} {percent(outside[c.solver], 2)}" for c in curves)
        st.caption(tr("solvers.table.outside", fractions=fractions), help=tips(tr, "support"))


def _row(curve: Curve) -> str:
    solver = SOLVERS[curve.solver]
    measured = slope(curve.nfe, curve.value)
    good = stays_below(curve.nfe, curve.value, _GOOD)
    cost = solver.evaluations - (1 if solver.adaptive else 0)
    cells = (
        curve.name,
        cost,
        solver.order,
        "—" if measured is None else fixed(measured, 2),
        "—" if good is None else good,
    )
    return "| " + " | ".join(map(str, cells)) + " |"


# ---------------------------------------------------------------------- likelihood


def _likelihood(scene: Scene, setup: compute.Setup, method: compute.Method, tr: Translator) -> None:
    query = likelihood.query_point(scene)
    if query is None:
        st.caption(tr("solvers.likelihood.none"))
        return
    if scene.space == "plane":
        _time_slider(scene, tr)
    t, *x = query
    at = ",\\ ".join(fixed(v, 3) for v in x)
    t = tr.time_value(t)
    st.markdown(f"$t={t:.3f},\\; x={at}$" if len(x) == 1 else f"$t={t:.3f},\\; x=({at})$")
    with progress_bar(tr, _DELAY_S) as progress:
        found = likelihood.log_probs(setup, query, progress)
    if not np.isfinite(found.exact):
        st.info(tr("solvers.likelihood.nowhere"))
        return
    chosen = likelihood.log_prob(setup, method, query)
    st.markdown(
        tr(
            "solvers.likelihood.chosen",
            solver=f"**{tr(f'solver.{method.name}')}**",
            nfe=chosen.nfe,
            log_p=f"**{fixed(chosen.log_p, 4)}**",
            exact=fixed(found.exact, 4),
            mass=f"{fixed(chosen.mass, 3)} ± {fixed(chosen.noise, 3)}",
        ),
        help=_why_more(method, chosen.nfe, tr),
    )
    if jumps(setup.field.prior):
        st.markdown(tr("solvers.likelihood.edges"))
    _table(found, tr)
    st.caption(tr("solvers.likelihood.caption", draws=likelihood.DRAWS))


def _why_more(method: compute.Method, nfe: int, tr: Translator) -> str | None:
    """Why a likelihood takes more evaluations than a trajectory with as many steps, if it does."""
    solver = method.solver
    trajectory = nfe if solver.adaptive else solver.cost(method.steps)
    more = trajectory < nfe
    return tr("solvers.likelihood.more", nfe=nfe, above=trajectory) if more else None


def _time_slider(scene: Scene, tr: Translator) -> None:
    """The time of the query point, for d = 2."""
    assert scene.plane_probe is not None
    time_slider(
        tr("solvers.likelihood.when"),
        "solvers.when",
        0.0,
        1.0,
        tr,
        value=scene.plane_probe[0],
        take=_apply_time,
    )


def _apply_time(t: float) -> None:
    probe = state.current().plane_probe
    if probe is not None:
        state.change("plane_probe", plane_probe=(t, *probe[1:]))


def _table(found: likelihood.LogProbs, tr: Translator) -> None:
    head = " | ".join(
        [
            tr("solvers.table.solver"),
            *(tr("solvers.likelihood.steps", n=n) for n in likelihood.STEP_COUNTS),
        ]
    )
    rows = [f"| {tr('solvers.likelihood.exact')} |" + f" **{fixed(found.exact, 3)}** (1) |" * 3]
    for name in SOLVERS:
        answers = [found.of(name, n) for n in likelihood.STEP_COUNTS]
        cells = " | ".join(f"{fixed(row.log_p, 3)} ({fixed(row.mass, 2)})" for row in answers)
        rows.append(f"| {tr(f'solver.{name}.short')} | {cells} |")
    body = "\n".join(rows)
    st.markdown(f"| {head} |\n|:---|---:|---:|---:|\n{body}")
