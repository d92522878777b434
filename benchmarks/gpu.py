"""The exact field, trajectories and training on a GPU: time, share of the limit, same numbers.

    python -m benchmarks.gpu [--small] [--device cuda]

1. The field f_t(x) of N data points in the plane, Gaussian prior, by all pairs. Its operations are
   not fused, so memory is its limit: the share is of the bandwidth a copy reaches on the same
   device, and the traffic is counted operation by operation (``Traffic``), not estimated. Beside it
   the largest relative difference from plain NumPy sums in float64 at a few positions.
2. Trajectories among N points, the same share, from the traffic of one evaluation and their number;
   beside it the largest difference from the CPU. (Steps are chosen by their errors, so a rounding
   may change one: at a tolerance of 1e-11 what that changes is below 1e-9.)
3. A step of training in float32: the share is of the rate a large matrix product reaches on the
   same device, at 6 operations for each weight and draw; beside it the relative difference of the
   first loss from the CPU's.

Without a GPU the same runs on the CPU in small, as with ``--small``: differences from the CPU are
then 0 by definition, that of the field from NumPy is not.
"""

from __future__ import annotations

import argparse
import math
import platform
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import PRIORS
from flowviz.core.training import TrainSpec, VelocityNet
from flowviz.core.training.loop import Loop
from flowviz.core.training.progress import drain
from flowviz.core.transport import Trajectories, trajectories
from flowviz.core.transport.posterior_mean_ode import PosteriorMeanODE

AGREE = 1e-9
"""The largest difference of positions and velocities in float64 that is the same answer."""
NOW = 0.3

COMPARED = 100
"""Trajectories that the CPU, too, computes."""


@dataclass(frozen=True)
class Sizes:
    """How much to do: N for the field and its queries, for trajectories, and the network."""

    points: tuple[int, ...]
    queries: int
    trajectory_points: tuple[int, ...]
    starts: int
    tolerance: float
    width: int
    batch: int
    steps: int


LARGE = Sizes((10_000, 100_000, 1_000_000), 1_000, (1_000, 10_000), 2_000, 1e-11, 512, 8_192, 300)
SMALL = Sizes((50, 500), 20, (6,), 3, 1e-7, 16, 64, 20)


@dataclass(frozen=True)
class Row:
    """One line of the table: times in seconds, the fraction of ``limit``, a relative difference."""

    what: str
    seconds: float
    fraction: float
    limit: str
    difference: float


class Traffic(TorchDispatchMode):
    """Counts the bytes that operations read and write; views move none."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if not func.is_view:
            for value in (*args, *(kwargs or {}).values(), result):
                self.bytes += sum(map(_size, value if isinstance(value, list | tuple) else [value]))
        return result


def _size(value: object) -> int:
    """Bytes of a tensor's memory; what is only expanded has less of it than elements."""
    if not isinstance(value, Tensor):
        return 0
    held = math.prod(n for n, step in zip(value.shape, value.stride(), strict=True) if step)
    return held * value.element_size()


def data(n: int, device: torch.device) -> MarginalField:
    """N points on a noisy circle, a Gaussian prior, straight lines."""
    generator = torch.Generator().manual_seed(n)
    angle = torch.rand(n, generator=generator, dtype=torch.float64) * math.tau
    noise = 0.2 * torch.randn(n, 2, generator=generator, dtype=torch.float64)
    x0 = 2.0 * torch.stack([angle.cos(), angle.sin()], dim=1) + noise
    weights = torch.rand(n, generator=generator, dtype=torch.float64) + 0.5
    return MarginalField(x0, weights, PRIORS["gaussian"](), PATHS["affine"]()).to(device)


def clock(work: Callable[[], Any], device: torch.device, repeat: int = 3) -> float:
    """Seconds of the best of a few runs, after one that loads what has to be loaded."""

    def once() -> float:
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        start = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return time.perf_counter() - start

    once()
    return min(once() for _ in range(repeat))


def traffic(work: Callable[[], Any]) -> int:
    """Bytes that some work reads and writes."""
    with Traffic() as counted:
        work()
    return counted.bytes


def bandwidth(device: torch.device, megabytes: int) -> float:
    """Bytes a second that a copy reads and writes."""
    source = torch.ones(megabytes << 17, dtype=torch.float64, device=device)
    return 2 * 8 * source.numel() / clock(lambda: source.clone(), device)


def arithmetic(device: torch.device, size: int) -> float:
    """Operations a second of a float32 matrix product of that size."""
    a = torch.ones(size, size, device=device)
    return 2 * size**3 / clock(lambda: a @ a, device)


def plain_velocity(field: MarginalField, x: np.ndarray, t: float) -> np.ndarray:
    """f_t(x) of straight lines and a Gaussian prior by sums in NumPy, a position at a time."""
    x0, weights = field.x0.cpu().numpy(), field.weights.cpu().numpy()
    rows = []
    for at in x:
        x1 = (at - (1.0 - t) * x0) / t
        log = np.log(weights) - 0.5 * (x1**2).sum(1)
        weight = np.exp(log - log.max())
        rows.append((weight[:, None] * (at - x0) / t).sum(0) / weight.sum())
    return np.array(rows)


def field_rows(sizes: Sizes, device: torch.device, speed: float) -> Iterator[Row]:
    """The exact field at N points."""
    for n in sizes.points:
        field = data(n, device)
        x = torch.randn(sizes.queries, 2, generator=torch.Generator().manual_seed(1)).double()
        home = x.to(device)
        seconds = clock(lambda f=field, x=home: f(x, NOW), device)
        moved = traffic(lambda f=field, x=home: f(x, NOW))
        exact = plain_velocity(field, x[:20].numpy(), NOW)
        found = field(home, NOW)[:20].cpu().numpy()
        difference = float((np.abs(found - exact) / (1.0 + np.abs(exact))).max())
        what = f"field, N = {n:,}, {sizes.queries:,} positions"
        yield Row(what, seconds, moved / seconds / speed, "memory", difference)


def trajectory_rows(sizes: Sizes, device: torch.device, speed: float) -> Iterator[Row]:
    """Trajectories among N points, at 10 times."""
    for n in sizes.trajectory_points:
        field = data(n, torch.device("cpu"))
        x1 = field.prior.sample(sizes.starts, 2, torch.Generator().manual_seed(2))
        times = torch.linspace(1e-3, 1.0, 10, dtype=torch.float64)

        def follow(
            on: torch.device, f: MarginalField = field, x1: Tensor = x1, t: Tensor = times
        ) -> Trajectories:
            return trajectories(f, x1, t, tolerance=sizes.tolerance, device=on)

        found = follow(device)
        seconds = clock(lambda w=follow: w(device), device, 1)
        ode, v, z = (
            PosteriorMeanODE(field.to(device).posterior_mean),
            x1.new_full((len(x1),), 2.0),
            2.0 * x1,
        )
        v, z = v.to(device), z.to(device)
        once = traffic(lambda p=ode, v=v, z=z: p(v, z)) / len(x1)
        moved = found.nfe * once
        home = follow(torch.device("cpu"), x1=x1[:COMPARED])
        gap = found.x[:COMPARED] - home.x
        what = f"{sizes.starts:,} trajectories, N = {n:,}"
        yield Row(what, seconds, moved / seconds / speed, "memory", float(gap.abs().max()))


def training_rows(sizes: Sizes, device: torch.device) -> Iterator[Row]:
    """A step of training."""
    spec = TrainSpec(steps=2 * sizes.steps, batch=sizes.batch, seed=0)

    def run(on: torch.device) -> tuple[float, float, int]:
        """Seconds of a step, the first loss and the number of weights."""
        field = data(16, torch.device("cpu"))
        net = VelocityNet(field, width=sizes.width, depth=3)
        loop, losses = Loop(net, field, spec, on, None), list[float]()
        for _ in range(2):  # the first half loads what has to be loaded
            drain(loop.prepare(sizes.steps))
            start = time.perf_counter()
            losses += loop.advance(sizes.steps).mean.tolist()
            seconds = time.perf_counter() - start
        return seconds / sizes.steps, losses[0], sum(p.numel() for p in net.parameters())

    seconds, loss, weights = run(device)
    other = run(torch.device("cpu"))[1] if device.type != "cpu" else loss
    rate = 6 * weights * sizes.batch / seconds
    limit = arithmetic(device, 8192 if device.type == "cuda" else 256)
    what = f"a step of training, width {sizes.width}, batch {sizes.batch:,}"
    yield Row(what, seconds, rate / limit, "arithmetic", abs(loss / other - 1.0))


def measure(sizes: Sizes, device: torch.device) -> Iterator[Row]:
    """All rows of the table, each as soon as it is measured."""
    speed = bandwidth(device, 1024 if device.type == "cuda" else 16)
    yield from field_rows(sizes, device, speed)
    yield from training_rows(sizes, device)
    yield from trajectory_rows(sizes, device, speed)


def table(rows: Sequence[Row], device: torch.device, when: datetime) -> str:
    """The rows as Markdown, under the device's name and the date."""
    name = (
        torch.cuda.get_device_name(device)
        if device.type == "cuda"
        else f"{platform.machine()} CPU, {torch.get_num_threads()} thread(s); no GPU was at hand"
    )
    lines = [
        f"{name}, torch {torch.__version__}, {when:%Y-%m-%d}",
        "",
        "| | time | share of the limit | difference |",
        "|---|---:|---:|---:|",
    ]
    for row in rows:
        fraction = f"{100 * row.fraction:.0f} % of {row.limit}"
        lines.append(
            f"| {row.what} | {row.seconds * 1e3:.3g} ms | {fraction} | {row.difference:.1e} |"
        )
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--small", action="store_true", help="small sizes, a second or two")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    given = parser.parse_args(argv)
    device = torch.device(given.device)
    sizes = SMALL if given.small or device.type == "cpu" else LARGE
    rows = []
    for row in measure(sizes, device):
        print(row, file=sys.stderr, flush=True)
        rows.append(row)
    print(table(rows, device, datetime.now(UTC)))


if __name__ == "__main__":
    main()
