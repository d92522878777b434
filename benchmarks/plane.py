"""The plane: our field and trajectories beside other packages', in time and in error.

1. The marginal velocity for a Gaussian prior at points drawn from p_t: ours, the ``IdealDenoiser``
   of smalldiffusion and the ``AnalyticGaussianVelocity`` of rectified-flow, against sums in
   extended precision (numpy longdouble). All in float64.
2. Trajectories: ours and torchdiffeq's dopri5 on the same field, against scipy's DOP853 at 1e-12.
   Under a uniform prior the velocity jumps, and there the difference is scipy's: ours are polygons.
   So it is under an exponential one; under a Laplace prior the velocity has corners.
3. Errors of trajectories beside those of our own much smaller steps, over priors and data.
4. The density on a grid by matrix products and by all pairs.
5. What one picture of the page costs.

The other packages are optional: what is not installed is left out and said so. smalldiffusion and
rectified-flow are loaded without their package ``__init__``, and with an empty module in place of
torchvision: their fields need no images.

    OMP_NUM_THREADS=1 python -m benchmarks.plane
    OMP_NUM_THREADS=1 python -m benchmarks.plane page   # or fields, paths, errors, grids

Times are CPU times of one thread.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from scipy.integrate import solve_ivp

from benchmarks.timing import best
from flowviz.core.field import MarginalField
from flowviz.core.field.density_frames import density_frames
from flowviz.core.paths import Affine
from flowviz.core.priors import Exponential, Gaussian, Laplace, Prior, Ring, Uniform
from flowviz.core.transport import basin_map, straight_fan, trajectories
from flowviz.core.transport.exponential import TOLERANCE

Velocity = Callable[[torch.Tensor, float], torch.Tensor]


def load(module: str) -> Any | None:
    """A module of an installed package, without running the package's ``__init__``."""
    sys.modules.setdefault("torchvision", types.ModuleType("torchvision"))
    if module in sys.modules:
        return sys.modules[module]
    package = module.partition(".")[0]
    spec = importlib.util.find_spec(package)
    if spec is None or spec.submodule_search_locations is None:
        return None
    for name in (package, module.rpartition(".")[0]):
        bare = types.ModuleType(name)
        inner = name.removeprefix(package).replace(".", "/")
        bare.__path__ = [folder + inner for folder in spec.submodule_search_locations]
        sys.modules.setdefault(name, bare)
    try:
        return importlib.import_module(module)
    except ImportError as error:
        print(f"({module}: {error})")
        for name in (package, module.rpartition(".")[0]):  # to be looked for again
            sys.modules.pop(name, None)
        return None


def gaussian_field(n: int) -> MarginalField:
    generator = torch.Generator().manual_seed(n)
    x0 = torch.randn(n, 2, generator=generator, dtype=torch.float64)
    return MarginalField(x0, torch.ones(n), Gaussian(), Affine())


def drawn(field: MarginalField, t: float, q: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    x1 = field.prior.sample(q, 2, generator)
    which = torch.randint(field.n, (q,), generator=generator)
    return (1 - t) * field.x0[which] + t * x1


def exact(field: MarginalField, x: torch.Tensor, t: float) -> np.ndarray:
    """The velocity by plain sums of differences in extended precision."""
    time_ = np.longdouble(t)
    x0, at = field.x0.numpy().astype(np.longdouble), x.numpy().astype(np.longdouble)
    rows = []
    for row in at:
        x1 = (row - (1 - time_) * x0) / time_
        log_k = -0.5 * (x1 * x1).sum(1)
        weight = np.exp(log_k - log_k.max())
        rows.append((row - (weight[:, None] * x0).sum(0) / weight.sum()) / time_)
    return np.stack(rows)


def others(field: MarginalField) -> dict[str, Velocity]:
    """The same velocity from other packages, as far as they are here."""
    found: dict[str, Velocity] = {}
    small = load("smalldiffusion.model")
    if small is not None:
        ideal = small.IdealDenoiser(list(field.x0))

        def by_noise(x: torch.Tensor, t: float) -> torch.Tensor:
            # Its family is y = x₀ + s ε: ours seen through the lens y = x/(1-t), s = t/(1-t).
            s = torch.tensor(t / (1 - t), dtype=x.dtype)
            y = x / (1 - t)
            return (x - (y - s * ideal(y, s))) / t

        found["smalldiffusion"] = by_noise
    flow = load("rectified_flow.models.gauss_analytic")
    if flow is not None:
        analytic = flow.AnalyticGaussianVelocity(field.x0, None)

        def one_by_one(x: torch.Tensor, t: float) -> torch.Tensor:
            # Its answer is reshaped to one point's shape: it takes one query at a time.
            a, b, one = (torch.tensor([v], dtype=x.dtype) for v in (1 - t, t, 1.0))
            rows = [analytic.get_analytic_velocity(row[None], a, -one, b, one) for row in x]
            return torch.stack(rows)

        found["rectified-flow"] = one_by_one
    return found


def fields() -> None:
    print("| N | t | method | 1,000 queries | largest error of f | relative to the largest f |")
    print("|---:|---:|---|---:|---:|---:|")
    for n in (8, 500, 5000):
        field = gaussian_field(n)
        methods: dict[str, Velocity] = {"FlowViz": field.__call__, **others(field)}
        for t in (0.5, 0.01, 0.001):
            x = drawn(field, t, 1000)
            few = slice(0, 100)
            true = exact(field, x[few], t)
            for name, method in methods.items():
                ms, f = best(lambda m=method, y=x, s=t: m(y, s), 2)
                miss = float(np.abs(f[few].numpy() - true).max())
                size = float(np.abs(true).max())
                print(f"| {n} | {t} | {name} | {ms:.1f} ms | {miss:.1e} | {miss / size:.1e} |")


def reference(field: MarginalField, starts: torch.Tensor, times: np.ndarray) -> np.ndarray:
    """scipy's DOP853 at 1e-12 in log t, one trajectory at a time, (Q, T, 2); times falling."""
    s = np.log(times)

    def slope(at: float, x: np.ndarray) -> np.ndarray:
        t = math.exp(at)
        f = field.posterior_mean.mean_or_nearest(
            torch.from_numpy(x)[None], *torch.tensor([[[1 - t]], [[t]]], dtype=torch.float64)
        )
        return x - f[0].numpy()

    rows = []
    for start in starts.numpy():
        solved = solve_ivp(slope, (0.0, s[-1]), start, "DOP853", t_eval=s, rtol=1e-12, atol=1e-13)
        rows.append(solved.y.T)
    return np.stack(rows)


def paths() -> None:
    here = importlib.util.find_spec("torchdiffeq") is not None
    package: Any = importlib.import_module("torchdiffeq") if here else None
    if not here:
        print("(torchdiffeq is not installed)")
    print("| prior | N | method | 200 trajectories × 60 times | largest error, t ≥ 0.001 |", end="")
    print(" f evaluations |")
    print("|---|---:|---|---:|---:|---:|")
    times = np.geomspace(1.0, 1e-3, 60)
    at = torch.from_numpy(times.copy())
    cases: list[tuple[Prior, int]] = [(Gaussian(), 8), (Gaussian(), 500), (Gaussian(), 5000)]
    cases += [(prior, 8) for prior in (Uniform(-2.0, 2.0), Laplace(), Exponential(-2.0))]
    for prior, n in cases:
        x0 = gaussian_field(n).x0
        field = MarginalField(x0, torch.ones(n), prior, Affine())
        x1 = prior.sample(200, 2, torch.Generator().manual_seed(2))
        judged = 12 if n < 1000 else 3
        true = reference(field, x1[:judged], times)
        rows: list[tuple[str, float, np.ndarray, float]] = []
        ms, ours = best(lambda f=field, z=x1: trajectories(f, z, at), 2 if n < 1000 else 1)
        rows.append(("FlowViz", ms, ours.x.numpy(), ours.nfe / 200))
        tolerances = (1e-5, 1e-8) if prior.smooth else (1e-5,)
        for rtol in (
            tolerances if here and n <= 500 and not (prior.uniform_density and n > 8) else ()
        ):
            count = 0

            def slope(s: torch.Tensor, x: torch.Tensor, f: MarginalField = field) -> torch.Tensor:
                nonlocal count
                count += 1
                return s.exp() * f(x, s.exp().clamp(max=1.0)).nan_to_num()

            ms, x = best(
                lambda g=slope, z=x1, r=rtol, p=package: p.odeint(
                    g, z, at.log(), rtol=r, atol=1e-3 * r, method="dopri5"
                ),
                1,
            )
            rows.append((f"torchdiffeq dopri5, rtol {rtol:g}", ms, x.numpy().swapaxes(0, 1), count))
        for name, ms, x, nfe in rows:
            miss = np.abs(x[:judged] - true).max()
            print(
                f"| {type(prior).__name__} | {n} | {name} | {ms:.0f} ms | {miss:.1e} | {nfe:.0f} |"
            )


def errors() -> None:
    """The worst of 180 trajectories, and how much worse than it says itself."""
    print("| prior | N | largest error, t ≥ 0.001 | other ends | largest error / `error` |")
    print("|---|---:|---:|---:|---:|")
    u = torch.cat([torch.zeros(1), torch.logspace(-3, 0, 40)]).double()
    laws = {k: law for k, law in every_prior().items() if not law.uniform_density}
    for name, prior in (laws | {"ring, width 0.1": Ring(2.0, 0.1)}).items():
        for n in (6, 16, 64):
            away, ratio, other = 0.0, 0.0, 0
            for x0, weights in data_sets(n):
                field = MarginalField(x0, weights, prior, Affine())
                x1 = prior.sample(30, 2, torch.Generator().manual_seed(100))
                usual, fine = (straight_fan(field, x1, u, tol) for tol in (TOLERANCE, 1e-12))
                gap = (usual.x - fine.x).norm(dim=-1)
                away = max(away, gap.max().item())
                ratio = max(ratio, (gap / (usual.error + 1e-14)).max().item())
                other += int((usual.basin != fine.basin).sum())
            print(f"| {name} | {n} | {away:.1e} | {other} | {ratio:.1f} |", flush=True)


def data_sets(n: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Normal draws, a circle and two moons, twice each."""
    for seed in (0, 1):
        generator = torch.Generator().manual_seed(seed)
        noise = torch.randn(n, 2, generator=generator, dtype=torch.float64)
        weights = 0.2 + torch.rand(n, generator=generator, dtype=torch.float64)
        yield noise, weights if seed else torch.ones(n)
        turn = torch.arange(n, dtype=torch.float64) / n
        circle, arc = (torch.polar(torch.ones_like(turn), turn * a) for a in (math.tau, math.pi))
        moons = torch.where(torch.arange(n) % 2 == 0, arc, 1.0 + 0.5j - arc)
        for shape in (1.5 * circle, moons):
            yield torch.view_as_real(shape) + 0.05 * seed * noise, torch.ones(n)


def grids() -> None:
    print("| N | method | p and f on 200 × 200 | largest relative difference, p > 1e-200 |")
    print("|---:|---|---:|---:|")
    for n in (16, 1000, 10_000):
        field = gaussian_field(n)
        axis = torch.linspace(-4.0, 4.0, 200, dtype=torch.float64)
        t = torch.tensor([0.3], dtype=torch.float64)
        ms, grid = best(lambda f=field, a=(axis, axis), s=t: f.grid(a, s), 3)
        x = torch.stack(torch.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
        all_ms, log_p = best(lambda f=field, y=x: f.log_prob(y, 0.3), 1)
        positive = log_p > math.log(1e-200)
        gap = (grid.log_p.flatten() - log_p)[positive].expm1().abs().max().item()
        print(f"| {n} | matrix products | {ms:.0f} ms | {gap:.1e} |")
        print(f"| {n} | all pairs | {all_ms:.0f} ms | |")


def page() -> None:
    print("| prior | 200 trajectories × 60 | 60 frames of 128² | together |", end="")
    print(" basin map 64² + 500 draws |")
    print("|---|---:|---:|---:|---:|")
    x0, frames = gaussian_field(16).x0, torch.linspace(1 / 60, 1.0, 60, dtype=torch.float64)
    axis = torch.linspace(-3.0, 3.0, 128, dtype=torch.float64)
    small = torch.linspace(-3.0, 3.0, 64, dtype=torch.float64)
    for name, prior in every_prior().items():
        field = MarginalField(x0, torch.ones(16), prior, Affine())
        x1 = prior.sample(200, 2, torch.Generator().manual_seed(2))
        path_ms, _ = best(lambda f=field, z=x1: trajectories(f, z, frames), 3)
        single = isinstance(prior, Ring)  # as the page does: a frame is kept in bytes
        grid_ms, _ = best(
            lambda f=field, s=single: density_frames(f, (axis, axis), frames, single=s), 2
        )
        map_ms, _ = best(lambda f=field: basin_map(f, (small, small), draws=500, tolerance=1e-4), 1)
        print(f"| {name} | {path_ms:.0f} ms | {grid_ms:.0f} ms |", end="")
        print(f" {path_ms + grid_ms:.0f} ms | {map_ms / 1e3:.2f} s |")


def every_prior() -> dict[str, Prior]:
    from flowviz.core.priors import PLANE_PRIORS, PRIORS

    return {name: law() for name, law in {**PRIORS, **PLANE_PRIORS}.items()}


if __name__ == "__main__":
    torch.set_num_threads(1)
    tables = {table.__name__: table for table in (fields, paths, errors, grids, page)}
    for wanted in sys.argv[1:] or tables:
        tables[wanted]()
        print()
