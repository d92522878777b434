"""Flows of the plane under every prior and schedule, and what the core says of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors.base import Prior
from flowviz.core.priors.registry import PLANE_PRIORS, PRIORS
from flowviz.core.priors.student_t_2d import StudentT2D
from flowviz.core.priors.two_dimensional import GaussianMixture2D
from flowviz.core.schedules import SCHEDULES
from flowviz.core.transport import straight_fan
from flowviz.ui.browser import codec
from flowviz.ui.browser.codec import Double
from flowviz.ui.engine import plane, tables

POINTS: tuple[tuple[tuple[float, float, float], ...], ...] = (  # x, y, weight
    ((-1.5, 0.8, 1.0), (1.2, 1.3, 1.0), (0.3, -1.1, 2.0)),
    (
        (-3.1, 0.4, 0.4),
        (-0.2, 1.0, 1.0),
        (-0.2, 1.0, 0.5),
        (0.05, -2.0, 2.0),
        (0.9, 0.3, 0.01),
        (2.0, 3.0, 3.0),
        (12.0, -5.0, 0.3),
    ),
    ((1.25, -0.5, 1.0),),
)
NARROW = GaussianMixture2D(
    means_x=(-6.0, 6.0, 0.0),
    means_y=(0.0, 0.3, 7.0),
    scales_x=(0.1, 0.1, 0.1),
    scales_y=(0.1, 0.1, 0.1),
    correlations=(0.0, 0.5, 0.0),
    weights=(1.0, 1.0, 1.0),
)
"""Modes so narrow that an endpoint without weight passes between two stages of a long step."""
TIMES = (1e-3, 0.03, 0.13, 0.4, 0.72, 0.95, 1.0)
ASKED_FROM = 1  # of TIMES: earlier a position is too few roundings apart from the data
STARTS = 20
BORDER = 1e-3
PATH = {name: PATHS["affine"](schedule=kind()) for name, kind in SCHEDULES.items()}


@dataclass(frozen=True)
class Case:
    """One flow under every schedule."""

    name: str
    prior: Prior
    points: tuple[tuple[float, float, float], ...]

    def field(self, schedule: str = "linear") -> MarginalField:
        x0 = torch.tensor(self.points, dtype=torch.float64)
        return MarginalField(x0[:, :2], x0[:, 2], self.prior, PATH[schedule])


def cases() -> Iterator[Case]:
    """Every prior that the engine has, for each set of points."""
    for name, kind in (PRIORS | PLANE_PRIORS).items():
        if plane.unsupported(kind(), PATH["linear"]) is None:
            for k, points in enumerate(POINTS):
                yield Case(f"{name}, {k}", kind(), points)
    yield Case("narrow modes", NARROW, POINTS[0])
    yield Case("off the origin, 0", StudentT2D(df=1.0, loc=1.3, scale=0.6), POINTS[1])


@dataclass(frozen=True)
class Truth:
    """What the core says under each of S schedules at the times of `TIMES`.

    Trajectories from ``starts`` (Q, 2) are at ``x`` (S, T, Q, 2) and reach ``basin`` (Q,);
    ``inner`` (Q,), whether all that starts within `BORDER` does so too. At ``positions``
    (S, T', K, 2) of the later times the ``values`` (S, T', K, 3 + N) are log p_t, the velocity and
    the posterior weights of distinct data points in order.
    """

    starts: Tensor
    x: Tensor
    basin: Tensor
    inner: Tensor
    positions: Tensor
    values: Tensor


def truth(case: Case) -> Truth:
    """The core's answers for a case."""
    t = torch.tensor(TIMES, dtype=torch.float64)
    starts = case.prior.sample(STARTS, 2, torch.Generator().manual_seed(3))
    around = torch.tensor([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]], dtype=torch.float64)
    moved = starts[None] + BORDER * around[:, None]
    inside = torch.isfinite(case.prior.log_prob(moved))
    moved = torch.where(inside[..., None], moved, starts)
    lenses = [kind().linear_time_and_scale(t) for kind in SCHEDULES.values()]
    fan = straight_fan(case.field(), moved.reshape(-1, 2), torch.cat([u for u, _ in lenses]))
    basin = fan.basin.reshape(5, -1)
    y = fan.x[: len(starts)].reshape(len(starts), len(lenses), len(t), 2).permute(1, 2, 0, 3)
    x = y * torch.stack([scale for _, scale in lenses])[..., None, None]
    reach = torch.tensor([[[0.0, 0.0]], [[0.4, -0.3]]], dtype=torch.float64)
    positions = (x[:, ASKED_FROM:, None, :4] + reach).flatten(2, 3)
    values = [
        _values(case.field(name), at, t[ASKED_FROM:])
        for name, at in zip(SCHEDULES, positions, strict=True)
    ]
    inner = (basin == basin[0]).all(0)
    return Truth(starts, x, basin[0], inner, positions, torch.stack(values))


def _values(field: MarginalField, x: Tensor, t: Tensor) -> Tensor:
    merged = field.merged()[0]
    at = x.reshape(-1, 2), t[:, None].expand(x.shape[:2]).reshape(-1)
    probe = merged.probe(*at)
    distinct = list(dict.fromkeys(map(tuple, field.x0.tolist())))
    order = [merged.x0.tolist().index(list(point)) for point in distinct]
    columns = [probe.log_p[:, None], field(*at), probe.posterior[:, order]]
    return torch.cat(columns, dim=1).reshape(*x.shape[:2], -1)


def asked(case: Case, true: Truth) -> dict[str, Any]:
    """What the engine is asked, to be packed: `tests/browser/engine_answers.js` reads it."""
    x, y, w = zip(*case.points, strict=True)
    return {
        "prior": plane.prior_table(case.prior),
        "families": [tables.path_table(path) for path in PATH.values()],
        "points": {"x": list(x), "y": list(y), "w": list(w)},
        "x1": Double(true.starts.reshape(-1).numpy()),
        "t": Double(np.array(TIMES)),
        "x": Double(true.positions.reshape(-1).numpy()),
        "from": ASKED_FROM,
    }


def packed(case: Case, true: Truth) -> bytes:
    """The same, packed."""
    return codec.pack(asked(case, true))
