"""Evaluation of a trained network by a worker, which takes some seconds.

Results are dicts of arrays; `evaluate` yields them one by one with the fraction of the work done.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor

from flowviz.core.distances import compare, exact_draws, nearest
from flowviz.core.field import MarginalField
from flowviz.core.training.learned_flow import (
    Difference,
    difference_in_chunks,
    generate,
    likelihood,
)
from flowviz.core.training.network import VelocityNet
from flowviz.core.training.progress import pairs_per_chunk
from flowviz.figures.learn import gap_codes
from flowviz.scene import Scene
from flowviz.ui.learn import compute

Measures = dict[str, Any]

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
    ends = _samples(scene, field, net)
    yield 0.6, {"samples": ends.numpy().astype(np.float32)} | _nearest(field, ends)
    yield 0.8, _distances(field, ends)
    yield 1.0, _likelihoods(scene, field, net)


def _rescaled(
    low: float, high: float, progress: Generator[float, None, np.ndarray]
) -> Generator[tuple[float, Measures], None, np.ndarray]:
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
) -> Generator[float, None, np.ndarray]:
    """The difference of both velocities at given times, NaN where the density is low.

    Relative to √E‖f_t‖² at each time, so that all times have one scale: f_t grows like 1/t. Yields
    the fraction done.
    """
    axes = compute.cells(compute.stage(flow).view, _gap_cells(flow, field))
    pairs, done = len(t) * math.prod(map(len, axes)) * field.n, 0
    rows = []
    for times in t.split(_CHUNK):
        chunks = difference_in_chunks(net, field, axes, times)
        try:
            while True:
                done += next(chunks)
                yield done / pairs
        except StopIteration as end:
            rows.append(_relative(end.value))
    return np.concatenate(rows)


def _relative(difference: Difference) -> np.ndarray:
    flat = (len(difference.gap), -1)
    log_p, gap = difference.log_p.reshape(flat), difference.gap.reshape(flat)
    top = log_p.nan_to_num(-math.inf).max(1, keepdim=True).values
    shown = (log_p > top + math.log(_MIN_DENSITY)) & gap.isfinite()
    weight = torch.where(shown, (log_p - top).exp(), 0.0)
    square = difference.exact.square().sum(-1).reshape(flat).nan_to_num(0.0)
    speed = ((weight * square).sum(1) / weight.sum(1)).sqrt()[:, None]
    return torch.where(shown, gap / speed, torch.nan).reshape(difference.gap.shape).numpy()


def _gap_map(flow: Scene, field: MarginalField, relative: np.ndarray) -> Measures:
    finite = relative[np.isfinite(relative)]
    top = _round_up(float(np.quantile(finite, 0.98))) if finite.size else 1.0
    found: Measures = {"gap_t": _gap_times(flow).numpy(), "gap_top": top}
    if flow.space == "plane":
        return found | {"gap": gap_codes(relative, top)}
    (x,) = compute.cells(compute.stage(flow).view, _gap_cells(flow, field))
    return found | {"gap_x": x.numpy(), "gap": relative.astype(np.float32)}


def _round_up(value: float) -> float:
    """The next of 1, 2, 3, 5 times a power of ten."""
    decade = 10.0 ** math.floor(math.log10(max(value, 0.01)))
    return next(step * decade for step in (1.0, 2.0, 3.0, 5.0, 10.0) if step * decade >= value)


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


def _likelihoods(scene: Scene, field: MarginalField, net: VelocityNet) -> Measures:
    """log p_t of the network and of the exact flow, at samples of the exact p_t."""
    t = max(LIKELY_T, scene.learn_t_min)
    x = exact_draws(field, t)(LIKELIHOODS, 31)
    log_p = likelihood(net, field, x, t, steps=_LIKELY_STEPS).log_p.numpy()
    return {"log_p": log_p, "log_p_exact": field.log_prob(x, t).numpy(), "log_p_t": t}
