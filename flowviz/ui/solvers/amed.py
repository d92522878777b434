"""Learned steps (AMED) beside the exact times that the mean value theorem promises."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.work import BudgetSpent, at_work, within
from flowviz.core.solvers import SOLVERS, solve
from flowviz.core.solvers.amed import LearnedStep, learn_steps, solve_learned
from flowviz.core.solvers.convergence import (
    CALIBRATION_SIZE,
    EvaluationSet,
    calibration_set,
)
from flowviz.core.transport import Trajectories, trajectories
from flowviz.core.transport.average_velocity import mean_value_times
from flowviz.figures.couplings import Curves
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import fixed, number
from flowviz.ui.frame import side_by_side
from flowviz.ui.session import faults
from flowviz.ui.session.cache import Progress, no_progress, shared_cache
from flowviz.ui.solvers import compute
from flowviz.ui.solvers.compute import Setup
from flowviz.ui.solvers.section import lines_picture, scene_and_flow
from flowviz.ui.widgets.glossary import tips
from flowviz.ui.widgets.progress_bar import progress_bar

MOST_STEPS = 12
_BUDGET = 2e8
_EXACT_BUDGET = 1e8
_SPREAD = (0.1, 0.9)
_FORMULA = r"\begin{aligned}x_s&=x_t+(s-t)\,f_t(x_t)\\x_{t'}&=x_t+c\,(t'-t)\,f_s(x_s)\end{aligned}"


@dataclass(frozen=True)
class Learned:
    """What was learned, and what it is compared with.

    ``times`` of the steps; ``steps``, learned; ``flow``, the exact trajectories of the figure;
    ``exact`` and ``at`` (Q, K), for d = 1, each trajectory's mean-value time in each step and its
    position there, NaN where none was found, as where every time is one, ``straight`` (Q, K), or
    the velocity ``jumps`` (Q, K); all None for d = 2, or where finding them takes too long;
    ``error``, the mean error at the end of the midpoint method, the learned steps, and the fitted
    intermediate time; ``nfe`` of each.
    """

    times: tuple[float, ...]
    steps: tuple[LearnedStep, ...]
    flow: Trajectories
    exact: NDArray[np.float64] | None
    at: NDArray[np.float64] | None
    straight: NDArray[np.bool_] | None
    jumps: NDArray[np.bool_] | None
    error: tuple[float, float, float]
    nfe: int

    @property
    def positions(self) -> tuple[float, ...]:
        """The learned intermediate times."""
        return tuple(
            a + step.fraction * (b - a)
            for (a, b), step in zip(pairwise(self.times), self.steps, strict=True)
        )


@shared_cache(maxsize=32)
def learned(setup: Setup, n: int, lines: int, progress: Progress = no_progress) -> Learned | None:
    """Steps learned for n steps of the setup's grid; None where they take too long."""
    field, times = setup.field, setup.grid.times(n)
    try:
        evaluation, _ = compute.particles(setup, progress)
        with at_work(progress, _BUDGET):
            steps, error, nfe = _scored(setup, times, evaluation)
            x1 = compute.starts(field, lines)
            grid = torch.linspace(0.0, 1.0, compute.NODES, dtype=torch.float64) ** 2
            flow = trajectories(field, x1, grid, 1e-5)
            exact = _exact(field, x1, times)
    except (BudgetSpent, ValueError):
        return None
    return Learned(times, steps, flow, *exact, error, nfe)


def _scored(
    setup: Setup, times: tuple[float, ...], evaluation: EvaluationSet
) -> tuple[tuple[LearnedStep, ...], tuple[float, float, float], int]:
    vector_field = setup.vector_field()
    calibration = calibration_set(setup.field, [times])
    first, *later = (calibration.index[t] for t in times)
    x = calibration.x
    steps = learn_steps(vector_field, x[:, first], x[:, later], times)
    fractions = calibration.fit(vector_field, times)
    midpoint = solve(SOLVERS["midpoint"], vector_field, evaluation.x1, times)
    fitted = solve(SOLVERS["mean_value"], vector_field, evaluation.x1, times, fractions)
    own = solve_learned(vector_field, evaluation.x1, times, steps)

    def error(x: Tensor) -> float:
        return float(evaluation.weight @ (x[:, -1] - evaluation.end).norm(dim=-1))

    return steps, (error(midpoint.x), error(own), error(fitted.x)), midpoint.nfe


_NOT_EXACT = (None, None, None, None)
_Exact = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]


def _exact(
    field: MarginalField, x1: Tensor, times: tuple[float, ...]
) -> _Exact | tuple[None, None, None, None]:
    """The exact times of each step: all, or none where there are too many."""
    if field.d > 1:
        return _NOT_EXACT
    with within(_EXACT_BUDGET):
        found = [mean_value_times(field, x1, t, s) for t, s in pairwise(times)]
        time, at, straight, jumps = (
            torch.stack(v, dim=1).numpy()
            for v in zip(*((v.time, v.x, v.straight, v.jumps) for v in found), strict=True)
        )
        return time, at, straight, jumps
    return _NOT_EXACT


@faults.guarded
def show(tr: Translator, style: Style) -> None:
    """The learned times over the exact ones, and what they are worth."""
    scene, _ = scene_and_flow()
    n = scene.solver_steps
    st.markdown(tr("solvers.amed.about", n=CALIBRATION_SIZE), help=tips(tr, "nfe"))
    st.latex(_FORMULA)
    if n > MOST_STEPS:
        st.info(tr("solvers.amed.many", most=MOST_STEPS))
        return
    setup = compute.setup_of(scene.with_(solver_flow="exact"))
    with progress_bar(tr) as report:
        found = learned(setup, n, scene.solver_lines, progress=report)
    if found is None:
        st.info(tr("solvers.average.long"))
        return
    if setup.field.d > 1:
        st.caption(tr("solvers.amed.plane"))
        _errors(found, tr)
        _table(found, tr)
        return
    picture, words = side_by_side("solvers-amed", (3, 2), scene)
    with picture:
        _picture(scene, setup.flow, found, tr, style)
        st.caption(tr("solvers.amed.marks" if found.exact is not None else "solvers.amed.long"))
    with words:
        _errors(found, tr)
        _notes(found, tr)
    _table(found, tr)


def _picture(scene: Scene, flow: Scene, found: Learned, tr: Translator, style: Style) -> None:
    curves = Curves(
        found.flow.t.numpy(),
        found.flow.x.numpy(),
        found.flow.basin.numpy(),
        None,
        mark_t=found.exact,
        mark_x=None if found.at is None else found.at[..., None],
        dashed=found.positions,
    )
    lines_picture(curves, scene, flow, tr, style, "solvers.amed", tr("solvers.amed.alt"))


def _errors(found: Learned, tr: Translator) -> None:
    names = ("midpoint", "learned", "fitted")
    values = {k: f"**{number(v)}**" for k, v in zip(names, found.error, strict=True)}
    st.markdown(tr("solvers.amed.error", nfe=found.nfe, **values))
    if found.error[1] > found.error[0]:
        st.caption(tr("solvers.amed.worse", n=CALIBRATION_SIZE))


def _table(found: Learned, tr: Translator) -> None:
    """One row for each step."""
    heads = ["step", "learned", "exact", "scale"]
    if found.exact is None:
        heads.remove("exact")
    rows = []
    for k, ((a, b), step) in enumerate(zip(pairwise(found.times), found.steps, strict=True)):
        cells = [f"{tr.time(a)} → {tr.time(b)}", tr.time(found.positions[k])]
        if found.exact is not None:
            cells.append(_spread(found.exact[:, k], tr))
        rows.append(f"| {' | '.join([*cells, fixed(step.scale, 3)])} |")
    words = " | ".join(tr(f"solvers.amed.table.{head}") for head in heads)
    st.markdown("\n".join([f"| {words} |", "|---:" * len(heads) + "|", *rows]))


def _spread(exact: NDArray[np.float64], tr: Translator) -> str:
    """The median of the exact times, and between which times eight of ten are."""
    times = exact[np.isfinite(exact)]
    if not len(times):
        return "—"
    low, high = sorted(tr.time_value(float(v)) for v in np.quantile(times, _SPREAD))
    return f"{tr.time(float(np.median(times)))} ({number(low)} – {number(high)})"


def _notes(found: Learned, tr: Translator) -> None:
    """What the exact times are, and how many steps of a trajectory have none, or any."""
    if found.exact is None or found.straight is None or found.jumps is None:
        return
    if np.isfinite(found.exact).any():
        st.caption(tr("solvers.amed.table.caption"))
    missing = np.isnan(found.exact) & ~found.straight & ~found.jumps
    kinds = (("straight", found.straight), ("none", found.jumps), ("unknown", missing))
    for key, steps in kinds:
        if count := int(steps.sum()):
            st.caption(tr(f"solvers.amed.{key}", count=count, n=steps.size))
