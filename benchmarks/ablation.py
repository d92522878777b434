"""What each part of the learning buys: the error with all of it, and without each part in turn.

Eight points on a circle of radius 4, and 500 points around them (spread 0.1); standard Gaussian
prior, straight path, batch 256, three hidden layers of 64, 10,000 steps. The number is
√(E‖v - f‖²/E‖f‖²) over x_t ~ p_t, t uniform on [0.05, 1]. Then the same, with all parts, for priors
and paths that are neither Gaussian nor straight. Last, what a network gains that knows the edges of
the prior's support, by which of its features; the number is the one that the page Train shows, t
uniform on [0.001, 1].

    OMP_NUM_THREADS=1 python -m benchmarks.ablation [--quick] [--only WORDS …]

``--only`` runs the rows whose name contains one of the texts, such as ``"the time"`` or ``swirl``.
Times are CPU times of one thread.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as made

import torch
from torch import Tensor

from benchmarks.learn import FIELDS, Exam
from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import PLANE_PRIORS, PRIORS
from flowviz.core.schedules import SCHEDULES
from flowviz.core.training import TrainSpec
from flowviz.core.training.edges import MAX_CONES, Edges
from flowviz.core.training.evaluation import Evaluation
from flowviz.core.training.loop import Block, Loop
from flowviz.core.training.network import Conditioning, VelocityNet
from flowviz.core.training.preconditioning import Scales, measure


class Net(VelocityNet):
    """A network with a smaller time embedding."""

    clocked = True

    def conditioning(self, t: Tensor) -> Conditioning:
        conditioning = super().conditioning(t)
        if not self.clocked:  # a constant and t itself
            keep = torch.zeros_like(conditioning.time_embedding[0])
            keep[0] = keep[-1] = 1.0
            conditioning = replace(conditioning, time_embedding=conditioning.time_embedding * keep)
        return conditioning


class Run(Loop):
    """A loop without some of its parts."""

    constant, rescaled = False, False

    def rate(self, step: int) -> float:
        return self.settings.lr if self.constant else super().rate(step)

    def _draw(self, first: int, steps: int) -> Block:
        block = super()._draw(first, steps)
        return block._replace(weight=torch.ones_like(block.weight)) if self.rescaled else block


def no_skip(scales: Scales) -> Scales:
    """No linear field; the unit of the output is the size of the velocity."""
    square = (
        scales.rest.square()
        + (scales.slope.square().sum((1, 2)) / scales.mean.shape[1])[:, None] * scales.size.square()
    )
    size = (square + scales.offset.square().mean(1, keepdim=True)).sqrt()
    return replace(
        scales,
        slope=torch.zeros_like(scales.slope),
        offset=torch.zeros_like(scales.offset),
        rest=size,
    )


def plain_output(scales: Scales) -> Scales:
    return replace(no_skip(scales), rest=torch.ones_like(scales.rest))


def plain_input(scales: Scales) -> Scales:
    return replace(scales, mean=torch.zeros_like(scales.mean), size=torch.ones_like(scales.size))


@dataclass(frozen=True)
class Case:
    """One row: what is changed."""

    name: str
    spec: TrainSpec = made(default_factory=TrainSpec)
    scales: Callable[[Scales], Scales] = lambda scales: scales
    net: Callable[[VelocityNet], None] = lambda net: None
    loop: Callable[[Loop], None] = lambda loop: None
    activation: str = "silu"


def without(*names: str) -> Callable[[object], None]:
    def change(owner: object) -> None:
        for name in names:
            setattr(owner, name, not getattr(owner, name))

    return change


def uneven(loop: Loop) -> None:
    loop.draws.even = False


def unordered(loop: Loop) -> None:
    draws = loop.draws
    draws.order = torch.arange(loop.field.n)
    draws.edges = loop.field.weights.cumsum(0)[:-1].contiguous()


def plain_loop(loop: Loop) -> None:
    uneven(loop)
    without("constant")(loop)


CASES = [
    Case("everything"),
    Case("independent draws", loop=uneven),
    Case("data points in the order given", loop=unordered),
    Case("a constant learning rate", loop=without("constant")),
    Case("learning rate 1e-3", TrainSpec(lr=1e-3)),
    Case("no linear field in the output", scales=no_skip),
    Case("no scales of the output", scales=plain_output),
    Case("no scales of the input", scales=plain_input),
    Case("the time as t alone", net=without("clocked")),
    Case("squares weighed by 1/c²", loop=without("rescaled")),
    Case("the exact field as target", TrainSpec(target="exact")),
    Case(
        "none of it: SELU, Adam at 1e-3",
        TrainSpec(lr=1e-3),
        scales=lambda scales: plain_input(plain_output(scales)),
        net=without("clocked"),
        loop=plain_loop,
        activation="selu",
    ),
]


def learn(case: Case, field: MarginalField, steps: int) -> tuple[VelocityNet, float]:
    """A network trained as the case says, and the time of a step in milliseconds."""
    scales = case.scales(measure(field))
    net = Net(field, activation=case.activation, scales=scales)
    case.net(net)
    loop = Run(net, field, replace(case.spec, steps=steps), torch.device("cpu"))
    case.loop(loop)
    start = time.process_time()
    loop.advance(steps)
    seconds = time.process_time() - start
    loop.publish()
    return net, seconds / steps * 1e3


def wanted(name: str, only: Sequence[str]) -> bool:
    """Whether a row is asked for: all are, when none is named."""
    return not only or any(text in name for text in only)


def components(steps: int, only: Sequence[str]) -> None:
    exams = {name: Exam(field) for name, field in FIELDS.items()}
    print(f"| without | {' | '.join(FIELDS)} | a step |")
    print("|---|---:|---:|---:|")
    for case in CASES:
        if not wanted(case.name, only):
            continue
        cells, took = [], math.inf
        for name, field in FIELDS.items():
            net, ms = learn(case, field, steps)
            cells.append(f"{exams[name](net):.4f}")
            took = min(took, ms)
        print(f"| {case.name} | {' | '.join(cells)} | {took:.2f} ms |", flush=True)


def elsewhere(steps: int, only: Sequence[str]) -> None:
    """Other priors and paths: eight points at radius 2, and the article's three on the line."""
    priors = {**PRIORS, **PLANE_PRIORS}
    ring = 0.5 * FIELDS["8 points"].x0
    line = torch.tensor([[0.5], [1.2], [1.7]], dtype=torch.float64)
    line_weights = torch.tensor([2.0, 1.0, 1.0], dtype=torch.float64)
    print("| data | prior | path | relative L2 | best linear field |")
    print("|---|---|---|---:|---:|")
    cases = [(ring, prior, "affine", {}) for prior in priors]
    cases += [(ring, "gaussian", name, {}) for name in PATHS if name not in {"affine", "formula"}]
    cases += [(ring, "gaussian", "affine", {"schedule": SCHEDULES[s]()}) for s in SCHEDULES]
    cases += [(ring, "uniform", "swirl", {}), (ring, "laplace", "parabola", {})]
    cases += [
        (line, prior, "affine", {}) for prior in ("uniform", "gaussian", "laplace", "student_t")
    ]
    for x0, prior, path, given in cases:
        weights = torch.ones(8) if x0 is ring else line_weights
        field = MarginalField(x0, weights, priors[prior](), PATHS[path](**given))
        timing = "".join(f" ({type(s).__name__})" for s in given.values())
        where = "8 in the plane" if x0 is ring else "3 on the line"
        name = f"{where} | {prior} | {path}{timing}"
        if not wanted(name, only):
            continue
        exam = Exam(field)
        net, _ = learn(CASES[0], field, steps)
        print(f"| {name} | {exam(net):.4f} | {exam(VelocityNet(field)):.4f} |", flush=True)


class Half(Edges):
    """Features of edges of which one kind is 0: "inside" or "position" is kept."""

    kept = ""

    def __call__(self, x: Tensor, t: Tensor, blur: Tensor) -> Tensor:
        features = super().__call__(x, t, blur)
        cones = len(self.tips)
        dropped = slice(cones, None) if self.kept == "inside" else slice(0, cones)
        features[:, dropped] = 0.0
        return features


class Inside(Half):
    kept = "inside"


class Position(Half):
    kept = "position"


def edges(steps: int, only: Sequence[str]) -> None:
    """Every prior with edges, eight and 500 points in the plane; the article's line; Gaussian."""
    priors = {**PRIORS, **PLANE_PRIORS}
    print("| data | prior | without | inside | position | both | CPU time, both to without |")
    print("|---|---|---:|---:|---:|---:|---:|")
    line = torch.tensor([[0.5], [1.2], [1.7]], dtype=torch.float64)
    line_weights = torch.tensor([2.0, 1.0, 1.0], dtype=torch.float64)
    cases = [("3 on the line", line, line_weights, "uniform")]
    edged = [name for name, prior in priors.items() if prior().has_edges]
    for count, field in FIELDS.items():
        cases += [(count, 0.5 * field.x0, field.weights, name) for name in edged]
        cases += [(f"{count}, radius 4", field.x0, field.weights, "gaussian")]
    for where, x0, weights, prior in cases:
        name = f"{where} | {prior}"
        if not wanted(name, only):
            continue
        field = MarginalField(x0, weights, priors[prior](), PATHS["affine"]())
        exam, cells, took = Evaluation(field, TrainSpec().t_min), [], []
        both = field.prior.has_edges and field.n <= MAX_CONES
        for kind in (None, Inside, Position, Edges) if both else (None, Edges):
            net = VelocityNet(field, edges=kind is not None)
            if kind and net.edges:
                net.edges = kind(**vars(net.edges))
            loop = Loop(net, field, replace(TrainSpec(), steps=steps), torch.device("cpu"))
            start = time.process_time()
            loop.advance(steps)
            took.append(time.process_time() - start)
            loop.publish()
            cells.append(f"{exam(net).relative:.4f}")
        cells[1:1] = [""] * (4 - len(cells))
        print(f"| {name} | {' | '.join(cells)} | {took[-1] / took[0]:.2f} |", flush=True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description="What each part of the learning buys")
    parser.add_argument("--quick", action="store_true", help="1,000 steps")
    parser.add_argument("--only", nargs="+", default=[], metavar="WORDS", help="some rows")
    options = parser.parse_args()
    how_many = 1_000 if options.quick else 10_000
    components(how_many, options.only)
    print()
    elsewhere(how_many, options.only)
    print()
    edges(how_many, options.only)
