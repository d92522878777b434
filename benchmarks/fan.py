"""The article's figure, its way and ours: time and error of 37 trajectories.

The article integrates the marginal velocity with ``scipy.integrate.odeint``, one trajectory at a
time, from the prior at t = 1 to just above the data at t = 0. Here the same trajectories at the
same times are found as roots of the conserved distribution function. Both are held against the
roots in 40 digits. The one trajectory that starts on a separatrix (x₁ = 1 for the article's uniform
prior, 0 for the Gaussian) belongs to no data point and is left out of the errors. A second table
gives the time of the quantities a page needs, for every prior. Times are CPU times of one thread.

    OMP_NUM_THREADS=1 python -m benchmarks.fan
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from scipy.integrate import odeint

from benchmarks.timing import best
from flowviz.core import checks
from flowviz.core.datasets import DATASETS
from flowviz.core.field import MarginalField
from flowviz.core.paths import Affine
from flowviz.core.priors import PRIORS, Gaussian, Prior, Uniform
from flowviz.core.schedules import Linear, VariancePreserving
from flowviz.core.transport import basins, launch, on_schedule, straight_fan, trajectories
from tests.reference import Flow

TIMES = np.linspace(1.0, 0.001, 500)


def script_velocity(prior: Prior, points: np.ndarray, weights: np.ndarray) -> Callable:
    """f_t(x) as a plain script writes it: Σ w p(x|x₀)(x - x₀)/t / Σ w p(x|x₀)."""
    if isinstance(prior, Uniform):

        def density(z: np.ndarray) -> np.ndarray:
            return ((z >= prior.low) & (z <= prior.high)) / (prior.high - prior.low)
    else:

        def density(z: np.ndarray) -> np.ndarray:
            return np.exp(-0.5 * z * z)

    def velocity(x: np.ndarray, t: float) -> np.ndarray:
        terms = weights * density((x - (1 - t) * points) / t)
        total = terms.sum()
        mean = (terms * (x - points) / t).sum() / total if total > 0 else 0.0
        return np.atleast_1d(mean)

    return velocity


def against_the_script() -> None:
    x0, weights = DATASETS["article"].tensors()
    points, w = x0[:, 0].numpy(), (weights / weights.sum()).numpy()
    times = torch.from_numpy(TIMES.copy())
    print("| prior | method | time | largest error, t ≥ 0.001 | median error | wrong data point |")
    print("|---|---|---:|---:|---:|---:|")
    for prior in (Uniform(0.0, 2.0), Gaussian()):
        field = MarginalField(x0, weights, prior, Affine())
        x1 = launch(prior, 37)
        velocity = script_velocity(prior, points, w)

        def integrate(
            rtol: float | None = None,
            atol: float | None = None,
            start: torch.Tensor = x1,
            f: Callable = velocity,
        ) -> Any:
            rows = (odeint(f, z, TIMES, rtol=rtol, atol=atol) for z in start[:, 0].numpy())
            return np.stack([row[:, 0] for row in rows])

        odeint_ms, theirs = best(integrate, 3)
        tight_ms, tight = best(lambda run=integrate: run(rtol=1e-10, atol=1e-12), 2)
        our_ms, ours = best(lambda f=field, z=x1: trajectories(f, z, times), 5)
        true = Flow(points.tolist(), w.tolist(), prior, "linear")
        columns = range(0, TIMES.size, 7)
        exact = np.array(
            [
                [float(true.trajectory(z, TIMES[j], ours.x[i, j, 0].item())) for j in columns]
                for i, z in enumerate(x1[:, 0].tolist())
            ]
        )
        rows = (
            ("`odeint`, its defaults", odeint_ms, theirs),
            ("`odeint`, rtol 1e-10", tight_ms, tight),
            ("FlowViz, conserved level", our_ms, ours.x[..., 0].numpy()),
        )
        apart = torch.abs(x1 - basins(field).edges).amin(1).numpy() > 1e-9
        for name, ms, x in rows:
            miss = np.abs(x[:, list(columns)] - exact)[apart]
            ends = np.abs(x[:, -1:] - points).argmin(1)
            wrong = int((ends != ours.basin.numpy())[apart].sum())
            print(
                f"| {type(prior).__name__} | {name} | {ms:.1f} ms | {miss.max():.1e} "
                f"| {np.median(miss):.1e} | {wrong} of {apart.sum()} |"
            )


def budgets() -> None:
    x0 = torch.linspace(0.2, 1.8, 8, dtype=torch.float64)[:, None]
    weights = torch.arange(1.0, 9.0)
    generator = torch.Generator().manual_seed(0)
    many = 2.0 * torch.rand(2000, 1, generator=generator, dtype=torch.float64)
    times = torch.linspace(0.0, 1.0, 200, dtype=torch.float64)
    axes = (torch.linspace(-1.0, 3.0, 400, dtype=torch.float64),)
    late = torch.linspace(1.0 / 400, 1.0, 400, dtype=torch.float64)
    print("| prior | 200 × 200 trajectories | another schedule | p, f on 400² | ", end="")
    print("the same, 2,000 points | three checks |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, law in PRIORS.items():
        prior = law()
        if not prior.product:
            continue
        field = MarginalField(x0, weights, prior, Affine())
        x1 = launch(prior, 200)
        fan_ms, fan = best(lambda f=field, z=x1: straight_fan(f, z[:, 0], times), 5)
        schedule_ms, _ = best(lambda s=fan: on_schedule(s, VariancePreserving()), 5)
        shown = on_schedule(fan, Linear())
        grid_ms, _ = best(lambda f=field: f.grid(axes, late), 5)
        many_field = MarginalField(many, torch.ones(2000), prior, Affine())
        many_ms, _ = best(lambda f=many_field: f.grid(axes, late), 1)

        def judge(f: MarginalField = field, z: torch.Tensor = x1, fan: Any = shown) -> None:
            checks.mass(f, times[12::12])
            checks.conservation(f, z, fan)
            checks.continuity(f)

        check_ms, _ = best(judge, 3)
        print(
            f"| {name} | {fan_ms:.0f} ms | {schedule_ms:.1f} ms | {grid_ms:.0f} ms "
            f"| {many_ms / 1e3:.2f} s | {check_ms:.0f} ms |"
        )


if __name__ == "__main__":
    torch.set_num_threads(1)
    against_the_script()
    print()
    budgets()
