"""The average velocity between two times, which a network may learn to need one step alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st
import torch

from flowviz.core.checks import Check
from flowviz.core.numerics.work import BudgetSpent, at_work
from flowviz.core.transport import Trajectories, trajectories
from flowviz.core.transport.average_velocity import (
    AverageVelocity,
    average_velocity,
    identity_residual,
    variance_shares,
)
from flowviz.figures.couplings import Curves
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import number, percent
from flowviz.ui.frame import side_by_side
from flowviz.ui.session import faults
from flowviz.ui.session.cache import Progress, no_progress, shared_cache
from flowviz.ui.solvers import compute
from flowviz.ui.solvers.section import lines_picture, scene_and_flow
from flowviz.ui.widgets.glossary import tips
from flowviz.ui.widgets.progress_bar import progress_bar
from flowviz.ui.widgets.readouts import check_line
from flowviz.ui.widgets.time_widgets import time_slider

NODES = 61
_BUDGET = 8e7
_TOLERANCE = 1e-12
_CHECKED = 12  # trajectories of the check
_BOUND = 1e-8


@dataclass(frozen=True)
class Averaged:
    """Trajectories, and the average velocity of each between two times; the largest residual of
    its identity in units of 1 + |f|, None where the velocity jumps; ``share`` of the variance of
    a trajectory in its main direction, for d = 2.
    """

    flow: Trajectories
    average: AverageVelocity
    residual: float | None
    share: float | None


@shared_cache(maxsize=64)
def averaged(
    flow: Scene, lines: int, t: float, s: float, progress: Progress = no_progress
) -> Averaged | None:
    """The average velocities between t and s; None where they take too long."""
    field = compute.field_of(flow)
    x1 = compute.starts(field, lines)
    times = torch.linspace(0.0, 1.0, NODES, dtype=torch.float64) ** 2
    try:
        with at_work(progress, _BUDGET):
            drawn = trajectories(field, x1, times, 1e-5)
            found = average_velocity(field, x1, t, s, 1e-7)
            residual = None
            if field.prior.smooth and field.path.affine_schedule is not None:
                few = x1[:: max(1, lines // _CHECKED)]
                size = 1.0 + field(trajectories(field, few, [t], _TOLERANCE).x[:, 0], t).abs()
                apart = identity_residual(field, few, t, s, _TOLERANCE)
                residual = float((apart / size).abs().max())
    except BudgetSpent:
        return None
    share = float(variance_shares(drawn.x)[0]) if field.d == 2 else None
    return Averaged(drawn, found, residual, share)


@faults.guarded
def show(tr: Translator, style: Style) -> None:
    """The sliders of the two times, the chords, and the identity."""
    scene, flow = scene_and_flow()
    st.markdown(tr("solvers.average.about"), help=tips(tr, "trajectory"))
    st.latex(r"u=\frac{x_t-x_s}{t-s},\qquad u+(t-s)\,\frac{du}{dt}=f_t(x_t)")
    left, right = st.columns(2)
    with left:
        time_slider(tr("solvers.average.from"), "solver_mean_t", 0.05, 1.0, tr)
    with right:
        time_slider(tr("solvers.average.to"), "solver_mean_s", 0.0, 0.95, tr)
    t, s = scene.solver_mean_t, scene.solver_mean_s
    if s >= t:
        st.info(tr("solvers.average.order"))
        return
    with progress_bar(tr) as report:
        found = averaged(flow, scene.solver_lines, t, s, progress=report)
    if found is None:
        st.info(tr("solvers.average.long"))
        return
    picture, words = side_by_side("solvers-average", (3, 2), scene)
    with picture:
        _picture(scene, flow, found, tr, style)
    with words:
        _words(found, tr)


def _picture(scene: Scene, flow: Scene, found: Averaged, tr: Translator, style: Style) -> None:
    ends = torch.stack([found.average.x, found.average.end], dim=1).numpy()
    curves = Curves(
        found.flow.t.numpy(),
        found.flow.x.numpy(),
        found.flow.basin.numpy(),
        scene.solver_mean_t,
        np.array([scene.solver_mean_t, scene.solver_mean_s]),
        ends,
    )
    title = tr("solvers.average.alt")
    lines_picture(curves, scene, flow, tr, style, "solvers.average", title)


def _words(found: Averaged, tr: Translator) -> None:
    size = number(float(found.average.u.norm(dim=1).mean()))
    st.markdown(tr("solvers.average.size", size=f"**{size}**", n=len(found.average.u)))
    if found.share is not None:
        st.markdown(tr("solvers.average.share", share=f"**{percent(found.share, 3)}**"))
    if found.residual is None:
        st.caption(tr("solvers.average.unchecked"))
    else:
        check_line("mean_flow", Check(found.residual, _BOUND), tr)
