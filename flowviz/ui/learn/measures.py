"""Evaluation of a trained network by a worker, which takes some seconds.

Results are dicts of arrays; `evaluate` yields them one by one with the fraction of the work done.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from typing import Any, get_args

import numpy as np
import torch
from torch import Tensor

from flowviz.core.distances import compare, exact_draws, nearest
from flowviz.core.field import MarginalField
from flowviz.core.field.predictions import (
    Prediction,
    error_factor,
    from_velocity,
    missing_conversion,
)
from flowviz.core.training.evaluation import Evaluation, finite_second_moment
from flowviz.core.training.learned_flow import (
    Difference,
    difference,
    generate,
    likelihood,
)
from flowviz.core.training.network import VelocityNet
from flowviz.core.training.progress import pairs_per_chunk
from flowviz.scene import Scene
from flowviz.ui.learn import compute

Measures = dict[str, Any]
_Gap = tuple[np.ndarray, np.ndarray]

SAMPLES = 800
LIKELIHOODS = 200
LIKELY_T = 0.1
"""Time at which densities are compared: at t = 0 those of the data are infinite."""
_LIKELY_STEPS = 40

_MIN_DENSITY = 1e-3  # relative to the maximum at a time; nothing is drawn below
_CHUNK = 5  # times of the difference map between two checks for a stop, at most


def evaluate(scene: Scene, net: VelocityNet) -> Iterator[tuple[float, Measures]]:
    """All results for a trained network: (fraction done, new results)."""
    field, flow = scene.field(scene.space), compute.exact_key(scene)
    yield 0.1, compute.learned(net, flow, scene.learn_t_min, frames=30, steps=100)
    gap = yield from _rescaled(0.1, 0.5, _gap(net, flow, field, _gap_times(flow)))
    yield 0.5, _gap_map(flow, field, gap)
    yield 0.55, _prediction_errors(scene, field, net)
    ends = _samples(scene, field, net)
    yield 0.6, {"samples": ends.numpy().astype(np.float32)} | _nearest(field, ends)
    yield 0.8, _distances(field, ends)
    yield 1.0, _likelihoods(scene, field, net) if has_likelihood(scene) else {}


def _rescaled(
    low: float, high: float, progress: Generator[float, None, _Gap]
) -> Generator[tuple[float, Measures], None, _Gap]:
    """Progress of one computation, rescaled to [low, high], without results."""
    try:
        while True:
            yield low + (high - low) * next(progress), {}
    except StopIteration as end:
        return end.value


# ---------------------------------------------------------------------- the gap ‖v - f‖


def _gap_times(flow: Scene) -> Tensor:
    count = 100 if flow.space == "line" else 30
    return (torch.arange(count, dtype=torch.float64) + 0.5) / count


def _gap_cells(flow: Scene, field: MarginalField) -> int:
    """Cells along an axis; fewer where all pairs of a cell and a data point are evaluated."""
    if flow.space == "line":
        return 120
    if field.prior.product and field.path.affine_schedule is not None:
        return 72
    return int(min(72.0, max(24.0, (min(2e6, 2 * pairs_per_chunk(field)) / field.n) ** 0.5)))


def _gap(
    net: VelocityNet, flow: Scene, field: MarginalField, t: Tensor
) -> Generator[float, None, _Gap]:
    """The difference of both velocities at given times, NaN where the density is low.

    Relative to √E‖f_t‖² at each time, so that all times have one scale: f_t grows like 1/t. Yields
    the fraction done.

    Returns:
        The difference, (T, cells…), and `_factors`.
    """
    axes = compute.cells(compute.stage(flow).view, _gap_cells(flow, field))
    pairs, done = len(t) * math.prod(map(len, axes)) * field.n, 0
    rows, factors = [], []
    for times in t.split(_CHUNK):
        chunks = difference(net, field, axes, times)
        try:
            while True:
                done += next(chunks)
                yield done / pairs
        except StopIteration as end:
            relative, weight = _relative(end.value)
            rows.append(relative)
            exact = end.value.exact.reshape(len(times), -1, field.d)
            factors.append(_factors(field, axes, times, exact, weight))
    return np.concatenate(rows), np.concatenate(factors, axis=1)


def _relative(found: Difference) -> tuple[np.ndarray, Tensor]:
    """The relative difference, and each cell's weight, (T, cells)."""
    flat = (len(found.gap), -1)
    log_p, gap = found.log_p.reshape(flat), found.gap.reshape(flat)
    top = log_p.nan_to_num(-math.inf).max(1, keepdim=True).values
    shown = (log_p > top + math.log(_MIN_DENSITY)) & gap.isfinite()
    weight = torch.where(shown, (log_p - top).exp(), 0.0)
    speed = _typical(found.exact.reshape(*gap.shape, -1), weight)[:, None]
    relative = torch.where(shown, gap / speed, torch.nan).reshape(found.gap.shape)
    return relative.numpy(), weight


def _gap_map(flow: Scene, field: MarginalField, gap: _Gap) -> Measures:
    relative, factors = gap
    found: Measures = {"gap_t": _gap_times(flow).numpy(), "gap_factors": factors}
    found["gap"] = relative.astype(np.float32)
    if flow.space == "line":
        (x,) = compute.cells(compute.stage(flow).view, _gap_cells(flow, field))
        found["gap_x"] = x.numpy()
    return found


# ---------------------------------------------------------------------- other predictions


def _prediction_errors(scene: Scene, field: MarginalField, net: VelocityNet) -> Measures:
    """The network's relative error as each prediction (MATH §9), over x_t ~ p_t, (4,).

    Of root mean squares, or their median where E‖f‖² is infinite; NaN where the prediction does not
    follow from the velocity.
    """
    at = Evaluation(field, scene.learn_t_min, scene.learn_sampling)
    with torch.no_grad():
        learned = net(at.x, at.t)
    heavy, errors = not finite_second_moment(field), list[float]()
    for what in get_args(Prediction):
        if missing_conversion(field, what):
            errors.append(math.nan)
            continue
        exact, found = (from_velocity(field, v, at.x, at.t, what) for v in (at.exact, learned))
        size, gap = exact.norm(dim=1), (found - exact).norm(dim=1)
        mean = gap.square().nanmean() / size.square().nanmean()
        errors.append(float((gap / size).nanmedian() if heavy else mean.sqrt()))
    return {"prediction_errors": np.array(errors)}


def _factors(
    field: MarginalField,
    axes: tuple[Tensor, ...],
    times: Tensor,
    exact: Tensor,
    weight: Tensor,
) -> np.ndarray:
    """What turns a relative error of the velocity into one of each prediction, (4, T).

    Args:
        field: the exact flow.
        axes: of the grid.
        times: (T,).
        exact: f_t on the grid, (T, cells, d).
        weight: of each cell, (T, cells), 0 where nothing is drawn.
    """
    nodes = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1).reshape(-1, field.d)
    x, t = nodes.repeat(len(times), 1), times.repeat_interleave(len(nodes))
    speed = _typical(exact, weight)
    rows = []
    for what in get_args(Prediction):
        if missing_conversion(field, what):
            rows.append(np.full(len(times), math.nan))
            continue
        values = from_velocity(field, exact.reshape(-1, field.d), x, t, what)
        size = _typical(values.reshape(exact.shape), weight)
        rows.append((error_factor(field, times, what) * speed / size).numpy())
    return np.stack(rows)


def _typical(values: Tensor, weight: Tensor) -> Tensor:
    """The root mean square over the cells, (T,)."""
    square = values.square().sum(-1).nan_to_num(0.0)
    return ((weight * square).sum(1) / weight.sum(1)).sqrt()


# ---------------------------------------------------------------------- samples


def _samples(scene: Scene, field: MarginalField, net: VelocityNet) -> Tensor:
    generator = torch.Generator().manual_seed(11)
    x1 = field.prior.sample(SAMPLES, field.d, generator)
    ends = generate(net, x1, scene.learn_t_min)
    return ends[ends.isfinite().all(1)]


def _distances(field: MarginalField, ends: Tensor) -> Measures:
    """Energy distance and W₂ from the data, and between exact samples: (value, noise, ±)."""
    if len(ends) < 2:
        return {}
    found = compare(ends, exact_draws(field, 0.0), runs=3, seed=21)
    pairs = {"energy": found.energy, "w2": found.w2}
    return {name: (d.value, d.noise, d.deviation) for name, d in pairs.items()}


def _nearest(field: MarginalField, ends: Tensor) -> Measures:
    """Distances of samples from the nearest data point (0 for the exact flow), and the spacing."""
    if not len(ends):
        return {}
    distance = nearest(ends, field.x0)
    quantiles = torch.quantile(distance, torch.tensor([0.5, 0.95, 1.0], dtype=distance.dtype))
    return {"nearest": quantiles.numpy(), "apart": _spacing(field)}


def _spacing(field: MarginalField) -> float:
    """The median distance of data points from their nearest neighbours; NaN for a single one."""
    points = torch.unique(field.x0, dim=0)
    if len(points) < 2:
        return math.nan
    subset = points[:: max(1, len(points) // 500)]
    distance = torch.cdist(subset, points)
    return float(distance.masked_fill(distance == 0.0, math.inf).amin(1).median())


# ---------------------------------------------------------------------- likelihood


def has_likelihood(scene: Scene) -> bool:
    """Whether a network's density follows from its divergence: not where its velocity jumps."""
    return not (scene.learn_edges and scene.field(scene.space).prior.has_edges)


def _likelihoods(scene: Scene, field: MarginalField, net: VelocityNet) -> Measures:
    """log p_t of the network and of the exact flow, at samples of the exact p_t."""
    t = max(LIKELY_T, scene.learn_t_min)
    x = exact_draws(field, t)(LIKELIHOODS, 31)
    log_p = likelihood(net, field, x, t, steps=_LIKELY_STEPS).log_p.numpy()
    return {"log_p": log_p, "log_p_exact": field.log_prob(x, t).numpy(), "log_p_t": t}
