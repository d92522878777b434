"""What a trained network is measured by, part by part: a worker's task of some seconds.

Each part is a dict of arrays; `all_of` yields it with the share of the work done so far.
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

Part = dict[str, Any]

SAMPLES = 800
LIKELIHOODS = 200
LIKELY_T = 0.1
"""When densities are compared: at t = 0 the data's are infinite."""
_LIKELY_STEPS = 40

_SEEN = 1e-3  # of a time's highest density: where there is less, nothing flows and nothing is drawn
_CHUNK = 5  # times of the difference map between two looks at whether to stop, or more often


def all_of(scene: Scene, net: VelocityNet) -> Iterator[tuple[float, Part]]:
    """Everything the page shows of a trained network: (share done, part)."""
    field, flow = scene.field(scene.space), compute.exact_key(scene)
    yield 0.1, compute.learned(net, flow, scene.learn_t_min, frames=30, steps=100)
    gap = yield from _between(0.1, 0.5, _gap(net, flow, field, _gap_times(flow)))
    yield 0.5, _gap_part(flow, field, gap)
    ends = _samples(scene, field, net)
    yield 0.6, {"samples": ends.numpy().astype(np.float32)} | _nearest(field, ends)
    yield 0.8, _distances(field, ends)
    yield 1.0, _likelihoods(scene, field, net)


def _between(
    low: float, high: float, parts: Generator[float, None, np.ndarray]
) -> Generator[tuple[float, Part], None, np.ndarray]:
    """Let parts go on, as a piece of the whole work that has no part of its own to show."""
    try:
        while True:
            yield low + (high - low) * next(parts), {}
    except StopIteration as end:
        return end.value


# ---------------------------------------------------------------------- the gap ‖v - f‖


def _gap_times(flow: Scene) -> Tensor:
    count = 100 if flow.space == "line" else 30
    return (torch.arange(count, dtype=torch.float64) + 0.5) / count


def _gap_cells(flow: Scene, field: MarginalField) -> int:
    """Cells along an axis; fewer where every pair of cell and data point must be looked at."""
    if flow.space == "line":
        return 120
    if field.prior.product and field.path.affine_schedule is not None:
        return 72
    return int(min(72.0, max(24.0, (min(2e6, 2 * pairs_per_chunk(field)) / field.n) ** 0.5)))


def _gap(
    net: VelocityNet, flow: Scene, field: MarginalField, t: Tensor
) -> Generator[float, None, np.ndarray]:
    """How far apart both velocities are at some times, NaN where next to nothing flows.

    The distance is relative to the typical speed √E‖f_t‖² of its time, so that all times share one
    scale: f_t itself grows like 1/t. Yields the share done.
    """
    axes = compute.cells(compute.stage(flow).view, _gap_cells(flow, field))
    pairs, done = len(t) * math.prod(map(len, axes)) * field.n, 0
    rows = []
    for some in t.split(_CHUNK):
        parts = difference_in_chunks(net, field, axes, some)
        try:
            while True:
                done += next(parts)
                yield done / pairs
        except StopIteration as end:
            rows.append(_relative(end.value))
    return np.concatenate(rows)


def _relative(both: Difference) -> np.ndarray:
    flat = (len(both.gap), -1)
    log_p, gap = both.log_p.reshape(flat), both.gap.reshape(flat)
    top = log_p.nan_to_num(-math.inf).max(1, keepdim=True).values
    seen = (log_p > top + math.log(_SEEN)) & gap.isfinite()
    weight = torch.where(seen, (log_p - top).exp(), 0.0)
    speed = both.exact.square().sum(-1).reshape(flat).nan_to_num(0.0)
    typical = ((weight * speed).sum(1) / weight.sum(1)).sqrt()[:, None]
    relative = torch.where(seen, gap / typical, torch.nan).reshape(both.gap.shape)
    return relative.numpy()


def _gap_part(flow: Scene, field: MarginalField, relative: np.ndarray) -> Part:
    known = relative[np.isfinite(relative)]
    top = _round_up(float(np.quantile(known, 0.98))) if known.size else 1.0
    part: Part = {"gap_t": _gap_times(flow).numpy(), "gap_top": top}
    if flow.space == "plane":
        return part | {"gap": gap_codes(relative, top)}
    (x,) = compute.cells(compute.stage(flow).view, _gap_cells(flow, field))
    return part | {"gap_x": x.numpy(), "gap": relative.astype(np.float32)}


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


def _distances(field: MarginalField, ends: Tensor) -> Part:
    """Energy distance and W₂ from the data, beside those of two exact sets: (value, noise, ±)."""
    if len(ends) < 2:
        return {}
    found = compare(ends, exact_draws(field, 0.0), runs=3, seed=21)
    pairs = {"energy": found.energy, "w2": found.w2}
    return {name: (d.value, d.noise, d.deviation) for name, d in pairs.items()}


def _nearest(field: MarginalField, ends: Tensor) -> Part:
    """How far samples land from the nearest data point, and how far data points are apart.

    The exact flow lands on data points: its distance is 0.
    """
    if not len(ends):
        return {}
    away = nearest(ends, field.x0)
    quantiles = torch.quantile(away, torch.tensor([0.5, 0.95, 1.0], dtype=away.dtype))
    return {"nearest": quantiles.numpy(), "apart": _apart(field)}


def _apart(field: MarginalField) -> float:
    """The median distance from a data point to its nearest neighbour; NaN for one point alone."""
    points = torch.unique(field.x0, dim=0)
    if len(points) < 2:
        return math.nan
    some = points[:: max(1, len(points) // 500)]
    distance = torch.cdist(some, points)
    return float(distance.masked_fill(distance == 0.0, math.inf).amin(1).median())


# ---------------------------------------------------------------------- likelihood


def _likelihoods(scene: Scene, field: MarginalField, net: VelocityNet) -> Part:
    """log p_t of positions drawn from the exact p_t: the network's and the exact one.

    All at once: it takes as long for ten positions as for hundreds, and well under a second.
    """
    t = max(LIKELY_T, scene.learn_t_min)
    x = exact_draws(field, t)(LIKELIHOODS, 31)
    own = likelihood(net, field, x, t, steps=_LIKELY_STEPS).log_p.numpy()
    return {"log_p": own, "log_p_exact": field.log_prob(x, t).numpy(), "log_p_t": t}
