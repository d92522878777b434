"""Learning beside other packages: time of a step, error against the exact field, samples, NFE.

Eight points on a circle of radius 4, or 500 points around them (spread 0.1); standard Gaussian
prior, straight path; batch 256, three hidden layers, 10,000 steps, everything in float32, one
thread.

- *FlowViz*: its network and its loop, the time of making its draws included.
- *torchcfm*: its MLP (SELU, the time as one more input) and its ``ConditionalFlowMatcher``, Adam at
  1e-3 as in its examples.
- *flow_matching* (Meta): ``CondOTProbPath``, and the Swish MLP of its example in the plane with as
  many layers and as wide as the others, Adam at 1e-3 as there.

The others are given their data and noise ready-made: making them is not on their clock. Their time
runs the other way: their fields are ours at 1 - t with the other sign. Errors are
√(E‖v - f‖²/E‖f‖²), t uniform on [0.05, 1]. Samples are 1,000 solutions of torchdiffeq's dopri5
(rtol = atol = 1e-5) from t = 1 to 0.001 for each field alike, and W₂ is to the data points
themselves; the exact field's row says what chance and the solver leave.

The other packages are optional: what is not installed is left out and said so.

    OMP_NUM_THREADS=1 python -m benchmarks.learn [--quick]
    python -m benchmarks.learn --device cuda

Times are CPU times of one thread; on a GPU, wall times after a synchronisation.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from flowviz.core.distances import wasserstein
from flowviz.core.field import MarginalField
from flowviz.core.paths import Affine
from flowviz.core.priors import Gaussian
from flowviz.core.training import TrainSpec, train
from flowviz.core.training.network import VelocityNet
from flowviz.core.training.sampling import PairSampler

Velocity = Callable[[Tensor, Tensor], Tensor]
BATCH = 256
T_END = 1e-3


def circle(n: int, deviation: float) -> MarginalField:
    """n points around eight centres at radius 4."""
    angle = torch.arange(n, dtype=torch.float64) * (math.pi / 4)
    x0 = 4.0 * torch.stack([angle.cos(), angle.sin()], dim=1)
    noise = torch.randn(n, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return MarginalField(x0 + deviation * noise, torch.ones(n), Gaussian(), Affine())


FIELDS = {"8 points": circle(8, 0.0), "500 points": circle(500, 0.1)}


def clock(device: str) -> float:
    """Seconds: of CPU, or of the wall once the GPU is done."""
    if device == "cpu":
        return time.process_time()
    torch.cuda.synchronize()
    return time.perf_counter()


class Exam:
    """The error of a velocity against the exact field, on draws of its own."""

    def __init__(self, field: MarginalField, t_min: float = 0.05, n: int = 20_000) -> None:
        drawn = PairSampler(field, t_min, seed=4321, even=False)(0, n)
        exact = field(drawn.x, drawn.t)
        good = torch.isfinite(exact).all(1)
        self.x, self.t, self.exact = drawn.x[good], drawn.t[good], exact[good]

    def __call__(self, velocity: Velocity) -> float:
        with torch.no_grad():
            miss = (velocity(self.x, self.t) - self.exact).square().sum()
        return float((miss / self.exact.square().sum()).sqrt())


def pairs(field: MarginalField, steps: int, device: str) -> Iterator[tuple[Tensor, Tensor]]:
    """Ready-made batches of (noise, data) in float32."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(steps, BATCH, field.d, generator=generator)
    which = torch.randint(field.n, (steps, BATCH), generator=generator)
    data = field.x0.float()[which]
    return zip(noise.to(device), data.to(device), strict=True)


def ours(field: MarginalField, width: int, steps: int, device: str) -> tuple[Velocity, float]:
    net = VelocityNet(field, width)
    start = clock(device)
    for _ in train(net, field, TrainSpec(steps=steps, batch=BATCH), device=device):
        pass
    return net, clock(device) - start


def fit(
    model: nn.Module,
    loss: Callable[[Tensor, Tensor], Tensor],
    field: MarginalField,
    steps: int,
    device: str,
) -> float:
    """Train as the packages' examples do: Adam at 1e-3, one loss at a time. Returns seconds."""
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    data = pairs(field, steps, device)
    start = clock(device)
    for noise, points in data:
        optimiser.zero_grad()
        loss(noise, points).backward()
        optimiser.step()
    return clock(device) - start


def turned(model: Callable[[Tensor, Tensor], Tensor], device: str) -> Velocity:
    """A field of the other direction of time, seen as ours."""

    def velocity(x: Tensor, t: Tensor) -> Tensor:
        s = (1.0 - torch.as_tensor(t)).float().expand(len(x)).to(device)
        return -model(x.float().to(device), s).to(x)

    return velocity


def torchcfm(field: MarginalField, width: int, steps: int, device: str) -> tuple[Velocity, float]:
    package: Any = importlib.import_module("torchcfm")
    models: Any = importlib.import_module("torchcfm.models.models")
    torch.manual_seed(0)
    model = models.MLP(dim=field.d, w=width, time_varying=True).to(device)
    matcher = package.ConditionalFlowMatcher(sigma=0.0)

    def at(x: Tensor, s: Tensor) -> Tensor:
        return model(torch.cat([x, s[:, None]], dim=-1))

    def loss(noise: Tensor, points: Tensor) -> Tensor:
        s, x, u = matcher.sample_location_and_conditional_flow(noise, points)
        return (at(x, s) - u).square().mean()

    return turned(at, device), fit(model, loss, field, steps, device)


def flow_matching(
    field: MarginalField, width: int, steps: int, device: str
) -> tuple[Velocity, float]:
    package: Any = importlib.import_module("flow_matching.path")
    torch.manual_seed(0)
    sizes = [field.d + 1, width, width, width]
    layers = [layer for k in range(3) for layer in (nn.Linear(sizes[k], sizes[k + 1]), nn.SiLU())]
    model = nn.Sequential(*layers, nn.Linear(width, field.d)).to(device)
    path = package.CondOTProbPath()

    def at(x: Tensor, s: Tensor) -> Tensor:
        return model(torch.cat([x, s[:, None]], dim=-1))

    def loss(noise: Tensor, points: Tensor) -> Tensor:
        drawn = path.sample(t=torch.rand(len(noise), device=device), x_0=noise, x_1=points)
        return (at(drawn.x_t, drawn.t) - drawn.dx_t).square().mean()

    return turned(at, device), fit(model, loss, field, steps, device)


METHODS = {"FlowViz": ours, "torchcfm": torchcfm, "flow_matching": flow_matching}


def samples(velocity: Velocity, x1: Tensor) -> tuple[Tensor, int]:
    """Solutions of dopri5 from t = 1 to ``T_END``, and how often the field was asked."""
    solver: Any = importlib.import_module("torchdiffeq")
    count = 0

    def slope(t: Tensor, x: Tensor) -> Tensor:
        nonlocal count
        count += 1
        with torch.no_grad():
            # The solver looks beyond the end before it interpolates; no field goes on there.
            return velocity(x, t.clamp(1e-4, 1.0)).nan_to_num()

    times = torch.tensor([1.0, T_END], dtype=x1.dtype)
    return solver.odeint(slope, x1, times, rtol=1e-5, atol=1e-5, method="dopri5")[-1], count


def installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def row(
    name: str, field: MarginalField, velocity: Velocity, seconds: float, steps: int, exam: Exam
) -> str:
    x1 = field.prior.sample(1000, field.d, torch.Generator().manual_seed(7))
    cells = [f"{seconds / steps * 1e3:.2f} ms" if steps else "", f"{exam(velocity):.4f}"]
    if installed("torchdiffeq"):
        made, nfe = samples(velocity, x1)
        cells += [f"{wasserstein(made, field.x0, None, field.weights):.3f}", str(nfe)]
    else:
        cells += ["", ""]
    return " | ".join([f"| {name}", *cells]) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description="Learning beside other packages")
    parser.add_argument("--quick", action="store_true", help="1,000 steps")
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    steps = 1_000 if options.quick else 10_000
    there = [name for name in METHODS if name == "FlowViz" or installed(name)]
    for name in [*METHODS, "torchdiffeq"]:
        if name != "FlowViz" and not installed(name):
            print(f"({name} is not installed)")
    print("| data | width | method | a step | relative L2 | W₂ to the data | NFE |")
    print("|---|---:|---|---:|---:|---:|---:|")
    for label, field in FIELDS.items():
        exam = Exam(field)
        for width in (64, 128):
            for name in there:
                velocity, seconds = METHODS[name](field, width, steps, options.device)
                line = row(name, field, velocity, seconds, steps, exam)
                print(f"| {label} | {width} {line}", flush=True)
        line = row("the exact field", field, field.__call__, 0.0, 0, exam)
        print(f"| {label} | {line}", flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
