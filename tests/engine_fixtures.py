"""Flows of the line of every kind in the registries, and what the core says of them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS, Path
from flowviz.core.paths.base import Affine
from flowviz.core.priors import PRIORS
from flowviz.core.priors.base import Prior
from flowviz.core.schedules import SCHEDULES
from flowviz.core.transport import launch, trajectories
from flowviz.core.transport.separatrices import NO_BASIN, with_separatrices
from flowviz.ui.browser import codec
from flowviz.ui.browser.codec import Double
from flowviz.ui.engine import tables

POINTS: tuple[tuple[tuple[float, float], ...], ...] = (
    ((0.5, 2.0), (1.2, 1.0), (1.7, 1.0)),  # the article's: a start lies on a separatrix
    ((-3.1, 0.4), (-0.2, 1.0), (-0.2, 0.5), (0.05, 2.0), (0.9, 0.01), (2.0, 3.0), (40.0, 0.3)),
    ((1.25, 1.0),),
)
_BOW = {"a": 0.7}
TYPED: dict[str, tuple[Path, Path]] = {  # each with the same family by other formulas
    "forward": (
        PATHS["formula"](forward="x0 + t*(x1 - x0) + a*t*(1-t)", parameters=_BOW),
        PATHS["parabola"](bend=_BOW["a"]),
    ),
    "inverse": (
        PATHS["formula"](inverse="(x - (1-t^2)*x0)/t^2"),
        PATHS["affine"](schedule=SCHEDULES["quadratic"]()),
    ),
    "mean": (
        PATHS["formula"](mu="(1-t)^2*x0 + sin(pi*t)", sigma="t^2"),
        Affine(
            SCHEDULES["quadratic"](),
            mu=lambda x0, t: (1.0 - t) ** 2 * x0 + torch.sin(math.pi * t),
        ),
    ),
}
TIMES = (1e-3, 4e-3, 0.03, 0.13, 0.4, 0.72, 0.95, 1.0)
STARTS = 7
ROUNDINGS = 16.0
UNDERFLOW, THRESHOLD = -600.0, 0.5
EPS = float(torch.finfo(torch.float64).eps)


@dataclass(frozen=True)
class Case:
    """One flow: its names in the registries, what the engine computes, and the core's family."""

    name: str
    prior: Prior
    path: Path
    points: tuple[tuple[float, float], ...]
    reference: Path

    @property
    def field(self) -> MarginalField:
        x, w = torch.tensor(self.points, dtype=torch.float64).T
        return MarginalField(x[:, None], w, self.prior, self.reference)


def paths() -> Iterator[tuple[str, Path, Path]]:
    """Every family of the line by its name, the affine one with every schedule; and a reference."""
    for name, make in PATHS.items():
        if name == "affine":
            for schedule, kind in SCHEDULES.items():
                path = make(schedule=kind())
                yield f"affine, {schedule}", path, path
        elif name == "formula":
            yield from ((f"formula, {kind}", *pair) for kind, pair in TYPED.items())
        elif (path := make()).exists_in(1):
            yield name, path, path


def cases() -> Iterator[Case]:
    """Every prior with every family that the engine has, for each set of points."""
    for prior_name, prior in PRIORS.items():
        for path_name, path, reference in paths():
            if tables.unsupported(prior(), path) is None:
                for k, points in enumerate(POINTS):
                    name = f"{prior_name}, {path_name}, {k}"
                    yield Case(name, prior(), path, points, reference)


def asked(case: Case, starts: Tensor, positions: Tensor) -> dict[str, Any]:
    """What the engine is asked, to be packed: `tests/browser/engine_answers.js` reads it."""
    x, w = zip(*case.points, strict=True)
    return {
        "prior": tables.prior_table(case.prior),
        "family": tables.path_table(case.path),
        "points": {"x": list(x), "w": list(w)},
        "starts": tables.starts_table(case.prior, starts[:, 0]),
        "t": Double(np.array(TIMES)),
        "x": Double(positions.numpy()),
    }


def packed(case: Case, starts: Tensor, positions: Tensor) -> bytes:
    """The same, packed."""
    return codec.pack(asked(case, starts, positions))


@dataclass(frozen=True)
class Truth:
    """What the core says at the times of `TIMES`, (T,).

    Trajectories from ``starts`` (Q, 1) are at ``x`` (Q, T), to within ``error`` (Q, T), and reach
    ``basin`` (Q,). At ``positions`` (T, X) the ``values`` (3, T, X, 2 + K) are the log-density, the
    velocity and the posterior weights of distinct data points in order: there, and a few roundings
    on either side of it.
    """

    starts: Tensor
    x: Tensor
    error: Tensor
    basin: Tensor
    positions: Tensor
    values: Tensor


def truth(case: Case) -> Truth:
    """The core's answers for a case."""
    field, t = case.field, torch.tensor(TIMES, dtype=torch.float64)
    starts = torch.cat([launch(case.prior, STARTS), launch(case.prior, STARTS, "probability")])
    found = with_separatrices(field, trajectories(field, starts, t))
    x = found.x[..., 0]
    on = found.basin == NO_BASIN
    error = found.error.clone()
    error[on] = _separatrix_error(field, x[on], t)
    # On trajectories, between them, and outside all of them.
    reach = 0.2 * (x.amax(0) - x.amin(0))
    ends = torch.stack([x.amin(0) - reach, x.amax(0) + reach])
    positions = torch.cat([x[::4], 0.5 * (x[1:] + x[:-1])[::4], ends]).T.contiguous()
    rounding = ROUNDINGS * EPS * (positions.abs() + field.x0.abs().amax())
    beside = torch.stack([positions, positions - rounding, positions + rounding])
    return Truth(starts, x, error, found.basin, positions, _values(field, beside, t))


def _separatrix_error(field: MarginalField, x: Tensor, t: Tensor) -> Tensor:
    """How exact a trajectory on a separatrix is, (K, T): where p_t underflows, it is between."""
    one, zero = torch.ones(1, 1, dtype=torch.float64), torch.zeros(1, 1, dtype=torch.float64)
    sigma = torch.stack(
        [(field.path.forward(one, zero, s) - field.path.forward(zero, zero, s)) for s in t]
    )
    log_p = field.log_prob(x.reshape(-1, 1), t.repeat(len(x))).reshape(x.shape)
    return torch.where(log_p < UNDERFLOW, THRESHOLD * sigma[:, 0, 0, 0], 0.0)


def _values(field: MarginalField, x: Tensor, t: Tensor) -> Tensor:
    """`Truth.values` at x (3, T, X)."""
    merged = field.merged()[0]
    at = x.reshape(-1, 1), t[:, None].expand(x.shape).reshape(-1)
    probe = merged.probe(*at)
    columns = [probe.log_p[:, None], field(*at), probe.posterior[:, merged.x0[:, 0].argsort()]]
    return torch.cat(columns, dim=1).reshape(*x.shape, -1)
