"""How long the Solvers page's numbers take, and how few evaluations each solver needs.

    python -m benchmarks.solvers

CPU seconds of one thread. The chart is nine solvers, eight step counts, 500 particles, eight data
points; its budget is two seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import torch

from flowviz.core.datasets import DATASETS
from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS, Path
from flowviz.core.paths.implicit import ByForward, ByInverse
from flowviz.core.priors import PRIORS
from flowviz.core.schedules import SCHEDULES
from flowviz.core.solvers import SOLVERS
from flowviz.core.solvers.convergence import COUNTS, Score, evaluation_and_calibration, slope, sweep
from flowviz.core.solvers.likelihood import solver_log_prob
from flowviz.core.solvers.time_grids import TimeGrid
from flowviz.core.solvers.vector_fields import vector_field_of

T = TypeVar("T")
GOOD = 0.01


#: Trajectories: affine ones by their schedule, bent ones, one given by ψ and one by φ.
FAMILIES: dict[str, Callable[[], Path]] = {
    name: partial(PATHS[name])
    for name in ("parabola", "wave", "swirl", "per_axis", "detour", "squeeze")
} | {
    "mu, sigma": lambda: PATHS["formula"](mu="(1-t)^2*x0", sigma="t^2"),
    "phi": lambda: PATHS["formula"](inverse="(x-(1-t)*x0)/t+0.3*(1-t)*sin(x)"),
}


def field_of(d: int, prior: str, schedule: str, path: Path | None = None) -> MarginalField:
    """Eight data points, on the line or in the plane."""
    if d == 1:
        x0 = torch.linspace(-1.4, 1.4, 8, dtype=torch.float64)[:, None]
        weights = torch.arange(1.0, 9.0, dtype=torch.float64)
    else:
        x0, weights = DATASETS["eight_gaussians"].tensors()
    family = path or PATHS["affine"](schedule=SCHEDULES[schedule]())
    return MarginalField(x0, weights, PRIORS[prior](), family)


def timed(task: Callable[[], T], times: int = 3) -> tuple[float, T]:
    """The least CPU time of a few runs, and the result."""
    found = []
    for _ in range(times):
        start = time.process_time()
        result = task()
        found.append((time.process_time() - start, result))
    return min(found, key=lambda pair: pair[0])


def chart(field: MarginalField, grid: TimeGrid, q: int = 500) -> list[Score]:
    """All of the chart."""
    evaluation, calibration = evaluation_and_calibration(field, q, grid)
    vector_field = vector_field_of(field)
    return list(sweep(field, vector_field, grid, evaluation, calibration=calibration))


def charts() -> None:
    """Seconds a chart takes."""
    print(f"chart: {len(SOLVERS)} solvers x {len(COUNTS)} step counts, 500 particles, 8 points")
    print(f"{'d':>2} {'prior':10} {'schedule':8} {'grid':8} {'CPU s':>6}")
    for d, prior, schedule, grid in (
        (1, "gaussian", "linear", "uniform"),
        (1, "uniform", "linear", "uniform"),
        (1, "gaussian", "vp", "karras"),
        (2, "gaussian", "linear", "uniform"),
        (2, "uniform", "linear", "uniform"),
        (2, "gaussian", "vp", "karras"),
    ):
        field = field_of(d, prior, schedule)
        seconds, _ = timed(partial(chart, field, TimeGrid(grid)))
        print(f"{d:2d} {prior:10} {schedule:8} {grid:8} {seconds:6.2f}")


def families() -> None:
    """Seconds a chart takes where trajectories are not affine, and of them for the exact ones."""
    print("\nchart of other families, uniform grid: CPU s in all, and of them for what judges")
    print(f"{'d':>2} {'family':10} {'prior':10} {'particles':>9} {'all':>6} {'exact':>6}")
    for d in (1, 2):
        for name, make in FAMILIES.items():
            if not make().exists_in(d):
                continue
            for prior in ("gaussian", "uniform"):
                field = field_of(d, prior, "linear", make())
                q = 60 if isinstance(field.path, ByForward | ByInverse) else 500
                whole, _ = timed(partial(chart, field, TimeGrid(), q), 2)
                exact, _ = timed(partial(evaluation_and_calibration, field, q, TimeGrid()), 2)
                print(f"{d:2d} {name:10} {prior:10} {q:9d} {whole:6.2f} {exact:6.2f}", flush=True)


def needs() -> None:
    """Evaluations for a hundredth of mean error, and the orders read off at t = 0."""
    print("\nevaluations for a mean error below 0.01 at t = 0, and the slope, by grid")
    field = field_of(1, "gaussian", "linear")
    grids = ("uniform", "log", "cosine", "karras")
    print(f"{'solver':12}" + "".join(f"{grid:>16}" for grid in grids))
    found = {grid: chart(field, TimeGrid(grid)) for grid in grids}
    for name in SOLVERS:
        cells = []
        for grid in grids:
            scores = [score for score in found[grid] if score.solver == name]
            good = [score.nfe for score in scores if score.error < GOOD]
            order = slope([s.nfe for s in scores], [s.error for s in scores])
            cells.append(f"{min(good, default=0) or '-':>8} {order or float('nan'):>6.2f} ")
        print(f"{name:12}" + "".join(cells))


def likelihoods() -> None:
    """Milliseconds for the likelihoods of 200 positions, sixteen steps of each solver."""
    print("\nlikelihood of 200 positions, 16 steps: CPU ms")
    for d in (1, 2):
        field = field_of(d, "gaussian", "linear")
        x = field.prior.sample(200, d, torch.Generator().manual_seed(0))
        times = tuple(reversed(TimeGrid(end=0.3).times(16)))
        cells = []
        for name, solver in SOLVERS.items():
            vector_field = vector_field_of(field, divergence=True)
            seconds, _ = timed(
                partial(solver_log_prob, solver, vector_field, field.prior, x, times)
            )
            cells.append(f"{name} {1000 * seconds:.0f}")
        print(f"d={d}: " + ", ".join(cells))


if __name__ == "__main__":
    torch.set_num_threads(1)
    charts()
    families()
    needs()
    likelihoods()
