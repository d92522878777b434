"""One step of DOP853 for many trajectories: 12 slopes, the end, two error estimates.

A trial is first looked at between its ends by the cubic that comes for nothing; three more slopes
make the interpolant of order 7.

Source: E. Hairer, S. P. Nørsett, G. Wanner, "Solving Ordinary Differential Equations I", second
edition 1993, section II.10; the coefficients are those that SciPy's ``DOP853`` carries.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from scipy.integrate import DOP853
from torch import Tensor

from flowviz.core.numerics.ode.events import Formula
from flowviz.core.numerics.ode.interpolant import Dense, cubic

_ALONE = 0.3
"""How much the third-order error counts by itself."""


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
        """The error in the units (M,): 1 is as much as a step may have.

        Hairer's estimate of order 8, fifth²/√(fifth² + third²/100), is as good as 0 where the fifth
        happens to pass through 0. So the third is heard by itself as well: measured by how much
        the slope varies, θ = third/(step · variation) ~ step³, it stands for θ^(7/3) ~ step⁷.
        """
        fifth, third = (
            torch.linalg.vector_norm(e / unit[:, None], dim=-1) for e in (self.fifth, self.third)
        )
        ratio = fifth.square() / (fifth.square() + 0.01 * third.square()).sqrt()
        slopes = self.stages[:13]
        varies = torch.linalg.vector_norm(slopes.amax(0) - slopes.amin(0), dim=-1)
        # Where the slope varies by rounding alone the share means nothing, but is at most 1.
        share = (third * unit / (varies * self.step)).nan_to_num(1.0).clamp(max=1.0)
        alone = _ALONE * third * share.pow(4.0 / 3.0)
        return torch.where(fifth == 0, 0.0, torch.maximum(ratio, alone))

    def interpolant(self, some: Tensor) -> Dense:
        """The interpolant of order 7 of some rows; takes three more slopes of each."""
        tau, y, step = self.tau[some], self.y[some], self.step[some]
        stages, table = self.stages[:, some], tableau(y.dtype, y.device)
        rough = cubic(tau, step, y, self.ahead[some], stages[0], stages[12])
        _fill(range(13, 16), tau, y, step, self.formula.only(some), stages)
        more = (table.dense @ stages.view(16, -1)).view(-1, *y.shape)
        return rough.refined(more.mul_(step[:, None]))


@dataclass(frozen=True)
class Tableau:
    """The Runge-Kutta pair of order 8(5, 3) with an interpolant of order 7.

    ``nodes`` (16), c; ``rows``, the coefficients a of each stage; ``ends`` (3, 16), the weights b
    and those of both embedded errors; ``dense`` (4, 16), of the interpolant.
    """

    nodes: tuple[float, ...]
    rows: tuple[Tensor, ...]
    ends: Tensor
    dense: Tensor


@lru_cache(maxsize=8)
def tableau(dtype: torch.dtype, device: torch.device) -> Tableau:
    """The tableau as tensors."""

    def table(*rows: np.ndarray) -> Tensor:
        full = np.zeros((len(rows), 16))
        for k, row in enumerate(rows):
            full[k, : len(row)] = row
        return torch.from_numpy(full).to(dtype=dtype, device=device)

    # The 13th stage is the end of the step: its row holds the weights, and its node is 1.
    stages = table(*DOP853.A, DOP853.B, *DOP853.A_EXTRA)
    nodes = tuple(map(float, (*DOP853.C, 1.0, *DOP853.C_EXTRA)))
    rows = tuple(row[:k] for k, row in enumerate(stages))
    return Tableau(nodes, rows, table(DOP853.B, DOP853.E5, DOP853.E3), table(*DOP853.D))


def attempt(tau: Tensor, y: Tensor, step: Tensor, slope: Tensor, formula: Formula) -> Trial:
    """Try one step of each trajectory.

    Args:
        tau: where each begins, (M,).
        y: its value there, (M, d).
        step: how far it goes, (M,).
        slope: the slope at its beginning, (M, d).
        formula: the slope elsewhere.
    """
    # Stages that are not known yet are multiplied by 0: they must be numbers.
    stages = y.new_zeros(16, *y.shape)
    stages[0] = slope
    _fill(range(1, 12), tau, y, step, formula, stages)
    ends = (tableau(y.dtype, y.device).ends @ stages.view(16, -1)).view(3, *y.shape)
    move, fifth, third = ends.mul_(step[:, None])
    ahead = y + move
    stages[12] = formula(tau + step, ahead)
    return Trial(tau, y, step, formula, stages, ahead, fifth, third)


def _fill(
    which: range, tau: Tensor, y: Tensor, step: Tensor, formula: Formula, stages: Tensor
) -> None:
    """Take the slopes of some stages, one after the other."""
    table, known, length = tableau(y.dtype, y.device), stages.view(16, -1), step[:, None]
    for k in which:
        place = torch.addcmul(y, length, (table.rows[k] @ known[:k]).view_as(y))
        stages[k] = formula(torch.add(tau, step, alpha=table.nodes[k]), place)
