"""One step of DOP853 for many trajectories: 12 slopes, the end, two error estimates.

A trial is first looked at between its ends by the cubic that comes for nothing; three more slopes
make the interpolant of order 7. Tableau in ``dop853``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from flowviz.core.numerics import dop853
from flowviz.core.numerics.dense import Dense, cubic
from flowviz.core.transports.kinks import Formula


@dataclass
class Trial:
    """A step that was tried: where it begins, its slopes at the stages (16, M, d), its end.

    ``fifth`` and ``third`` (M, d) are the embedded errors of these orders.
    """

    tau: Tensor
    y: Tensor
    step: Tensor
    formula: Formula
    stages: Tensor
    ahead: Tensor
    fifth: Tensor
    third: Tensor

    @property
    def rough(self) -> Dense:
        """The step in between, for a look."""
        slopes = self.stages[0], self.stages[12]
        return cubic(self.tau, self.step, self.y, self.ahead, *slopes)

    def ratio(self, unit: Tensor) -> Tensor:
        """The error in the units (M,): 1 is as much as a step may have."""
        fifth, third = (
            torch.linalg.vector_norm(e / unit[:, None], dim=-1) for e in (self.fifth, self.third)
        )
        ratio = fifth.square() / (fifth.square() + 0.01 * third.square()).sqrt()
        return torch.where(fifth == 0, 0.0, ratio)

    def interpolant(self, some: Tensor) -> Dense:
        """The interpolant of order 7 of some rows; takes three more slopes of each."""
        tau, y, step = self.tau[some], self.y[some], self.step[some]
        formula, stages = self.formula.only(some), self.stages[:, some]
        slopes = stages[0], stages[12]
        rough = cubic(tau, step, y, self.ahead[some], *slopes)
        for k in (13, 14, 15):
            stages[k] = _slope(k, tau, y, step, formula, stages)
        more = tableau(y.dtype, y.device)["dense"] @ stages.reshape(16, -1)
        return rough.refined(step[:, None] * more.reshape(-1, *y.shape))


@lru_cache(maxsize=8)
def tableau(dtype: torch.dtype, device: torch.device) -> dict[str, Tensor]:
    """The tableau as padded tensors."""

    def table(rows: tuple[tuple[float, ...], ...]) -> Tensor:
        full = [(*row, *(0.0,) * (16 - len(row))) for row in rows]
        return torch.tensor(full, dtype=dtype, device=device)

    lines = (dop853.WEIGHTS, dop853.ERROR_5, dop853.ERROR_3)
    return {"a": table(dop853.STAGES), "b": table(lines), "dense": table(dop853.DENSE)}


def attempt(tau: Tensor, y: Tensor, step: Tensor, slope: Tensor, formula: Formula) -> Trial:
    """Try one step of each trajectory.

    Args:
        tau: where each begins, (M,).
        y: its value there, (M, d).
        step: how far it goes, (M,).
        slope: the slope at its beginning, (M, d).
        formula: the slope elsewhere.
    """
    stages = y.new_zeros(16, *y.shape)
    stages[0] = slope
    for k in range(1, 12):
        stages[k] = _slope(k, tau, y, step, formula, stages)
    mix = tableau(y.dtype, y.device)["b"] @ stages.reshape(16, -1)
    move, fifth, third = mix.reshape(3, *y.shape) * step[:, None]
    ahead = y + move
    stages[12] = formula(tau + step, ahead)
    return Trial(tau, y, step, formula, stages, ahead, fifth, third)


def _slope(
    k: int, tau: Tensor, y: Tensor, step: Tensor, formula: Formula, stages: Tensor
) -> Tensor:
    row = tableau(y.dtype, y.device)["a"][k, :k]
    mixed = (row @ stages[:k].reshape(k, -1)).reshape(y.shape)
    place = torch.addcmul(y, step[:, None], mixed)
    return formula(torch.add(tau, step, alpha=dop853.NODES[k]), place)
