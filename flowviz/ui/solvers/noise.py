"""Noise that keeps the densities: which samples end elsewhere, and that the shares stay.

The solver and its times are fixed, fine enough for the shares to be those of the exact flow.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from flowviz.core.checks import Check
from flowviz.core.field import MarginalField
from flowviz.core.numerics.work import BudgetSpent, at_work
from flowviz.core.solvers import SOLVERS
from flowviz.core.solvers.noise import has_score, langevin_steps, solve_with_noise
from flowviz.core.solvers.time_grids import time_grid
from flowviz.core.transport import trajectories
from flowviz.figures.couplings import Curves
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import fixed, percent
from flowviz.ui.frame import side_by_side
from flowviz.ui.session import faults, state
from flowviz.ui.session.cache import Progress, no_progress, shared_cache
from flowviz.ui.solvers import compute
from flowviz.ui.solvers.section import lines_picture, scene_and_flow
from flowviz.ui.widgets.glossary import tips
from flowviz.ui.widgets.progress_bar import progress_bar
from flowviz.ui.widgets.readouts import check_line

STEPS = 24
SAMPLES = 2000
_PAIRS = 2e5  # most pairs of a sample and a data point
_BUDGET = 2e8
_LISTED = 8  # data points in the table
_STANDARD_ERRORS = 4.0
_FEWEST = 5.0  # samples of a data point whose share is judged


@dataclass(frozen=True)
class NoisyEnds:
    """Samples with and without noise.

    ``t`` the times of the steps, ``x`` (Q, K+1, d) the noisy positions; ``exact``, ``quiet`` and
    ``noisy`` (Q,), the data points reached by the exact flow, by the predictor alone, and with
    noise; ``velocities`` and ``scores``, evaluations for each sample.
    """

    t: tuple[float, ...]
    x: Tensor
    exact: Tensor
    quiet: Tensor
    noisy: Tensor
    velocities: int
    scores: int


@shared_cache(maxsize=32)
def noisy_ends(flow: Scene, noise: float, progress: Progress = no_progress) -> NoisyEnds | None:
    """The samples of a flow under noise λ; None where they take too long."""
    field = compute.field_of(flow)
    count = max(100, min(SAMPLES, int(_PAIRS / field.n)))
    draw = torch.Generator().manual_seed(13)
    x1, times = field.prior.sample(count, field.d, draw), time_grid("log", STEPS)
    solver = SOLVERS["ddim" if field.path.affine_schedule is not None else "heun"]
    try:
        with at_work(progress, _BUDGET):
            exact = trajectories(field, x1, [0.0], 1e-4).basin
            quiet = solve_with_noise(field, x1, times, 0.0, draw, solver)
            noisy = solve_with_noise(field, x1, times, noise, draw, solver)
            scores = sum(_scores(field, times, noise))
    except (BudgetSpent, ValueError):
        return None
    alone, both = (torch.cdist(v.x[:, -1], field.x0).argmin(1) for v in (quiet, noisy))
    return NoisyEnds(times, noisy.x, exact, alone, both, noisy.nfe - scores, scores)


def _scores(field: MarginalField, times: tuple[float, ...], noise: float) -> list[int]:
    counts = [langevin_steps(field, a, b, noise)[1] for a, b in pairwise(times)]
    return [count + 1 for count in counts if count]


def shares(flow: Scene, reached: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The fraction of samples at each distinct data point, its weight, and the standard error."""
    field = compute.field_of(flow)
    _, which = torch.unique(field.x0, dim=0, return_inverse=True)
    size = int(which.max()) + 1
    weights = field.weights.new_zeros(size).index_add_(0, which, field.weights)
    found = torch.bincount(which[reached], minlength=size).to(weights) / len(reached)
    return found, weights, (weights * (1.0 - weights) / len(reached)).sqrt()


def share_check(flow: Scene, reached: Tensor) -> Check:
    """The largest distance of a share from its weight, in standard errors."""
    found, weights, error = shares(flow, reached)
    judged = (weights * len(reached) >= _FEWEST) & (error > 0)
    apart = ((found - weights).abs() / error)[judged]
    return Check(float(apart.max()) if len(apart) else 0.0, _STANDARD_ERRORS)


@faults.guarded
def show(tr: Translator, style: Style) -> None:
    """The slider, the noisy paths, and the shares."""
    scene, flow = scene_and_flow()
    st.markdown(tr("solvers.noise.about"), help=tips(tr, "score"))
    if not has_score(compute.field_of(flow)):
        st.info(tr("solvers.noise.jumps"))
        return
    st.slider(
        tr("solvers.noise.strength"),
        0.0,
        4.0,
        step=0.1,
        help=tr("solvers.noise.strength.help"),
        key=state.bound("solver_noise"),
    )
    if scene.solver_noise == 0.0:
        st.caption(tr("solvers.noise.none"))
        return
    with progress_bar(tr) as report:
        found = noisy_ends(flow, scene.solver_noise, progress=report)
    if found is None:
        st.info(tr("solvers.noise.long"))
        return
    picture, words = side_by_side("solvers-noise", (3, 2), scene)
    with picture:
        _picture(scene, flow, found, tr, style)
    with words:
        _words(flow, found, tr)


def _picture(scene: Scene, flow: Scene, found: NoisyEnds, tr: Translator, style: Style) -> None:
    lines = scene.solver_lines
    x, group = found.x[:lines].numpy(), found.noisy[:lines].numpy()
    curves = Curves(np.asarray(found.t), x, group, scene.time)
    title = tr("solvers.noise.alt", noise=scene.solver_noise)
    lines_picture(curves, scene, flow, tr, style, "solvers.noise", title)


def _words(flow: Scene, found: NoisyEnds, tr: Translator) -> None:
    x0 = compute.field_of(flow).x0
    quiet, noisy = (
        float((x0[v] != x0[found.exact]).any(1).double().mean()) for v in (found.quiet, found.noisy)
    )
    st.markdown(
        tr(
            "solvers.noise.ends",
            share=f"**{percent(noisy, 3)}**",
            n=len(found.noisy),
            quiet=percent(quiet, 3),
        )
    )
    st.markdown(tr("solvers.noise.cost", velocities=found.velocities, scores=found.scores))
    share, weights, error = shares(flow, found.noisy)
    alone = shares(flow, found.quiet)[0]
    if len(weights) <= _LISTED:
        heads = [tr(f"solvers.noise.table.{k}") for k in ("point", "weight", "alone", "both")]
        rows = [
            f"| {k + 1} | {fixed(float(w), 4)} | {fixed(float(a), 4)} "
            f"| {fixed(float(s), 4)} ± {fixed(float(e), 4)} |"
            for k, (w, a, s, e) in enumerate(zip(weights, alone, share, error, strict=True))
        ]
        st.markdown("\n".join([f"| {' | '.join(heads)} |", "|---:|---:|---:|---:|", *rows]))
    check_line("shares", share_check(flow, found.noisy), tr)
