"""One step of DOP853 for many trajectories: 12 stages, the end, two error estimates.

Between its ends a trial step is first approximated by the Hermite cubic, which costs no evaluation;
three more stages give the interpolant of order 7.

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
from flowviz.core.numerics.ode.interpolant import DenseOutput, cubic

_THIRD_ORDER_FACTOR = 0.3
"""Factor of the error estimate that uses the third-order error alone."""


@dataclass
class Trial:
    """A trial step: its beginning, the slopes at its stages (16, M, d), its end ``y_end`` (M, d).

    ``fifth`` and ``third`` (M, d) are the embedded errors of these orders.
    """

    tau: Tensor
    y: Tensor
    step: Tensor
    formula: Formula
    stages: Tensor
    y_end: Tensor
    fifth: Tensor
    third: Tensor

    @property
    def hermite(self) -> DenseOutput:
        """The Hermite cubic through both ends."""
        slopes = self.stages[0], self.stages[12]
        return cubic(self.tau, self.step, self.y, self.y_end, *slopes)

    def ratio(self, unit: Tensor) -> Tensor:
        """The error in the units (M,); a step is accepted up to 1.

        Hairer's estimate of order 8, fifth²/√(fifth² + third²/100), nearly vanishes where the fifth
        happens to pass through 0. So the third is used on its own as well: relative to the
        variation of the slope, θ = third/(step · variation) ~ step³, it gives θ^(7/3) ~ step⁷.
        """
        fifth, third = (
            torch.linalg.vector_norm(e / unit[:, None], dim=-1) for e in (self.fifth, self.third)
        )
        ratio = fifth.square() / (fifth.square() + 0.01 * third.square()).sqrt()
        slopes = self.stages[:13]
        variation = torch.linalg.vector_norm(slopes.amax(0) - slopes.amin(0), dim=-1)
        # Where the slope varies by rounding alone θ means nothing, but is at most 1.
        theta = (third * unit / (variation * self.step)).nan_to_num(1.0).clamp(max=1.0)
        third_order = _THIRD_ORDER_FACTOR * third * theta.pow(4.0 / 3.0)
        return torch.where(fifth == 0, 0.0, torch.maximum(ratio, third_order))

    def interpolant(self, rows: Tensor) -> DenseOutput:
        """The interpolant of order 7 of these rows; takes three more evaluations of each."""
        tau, y, step = self.tau[rows], self.y[rows], self.step[rows]
        stages, table = self.stages[:, rows], tableau(y.dtype, y.device)
        hermite = cubic(tau, step, y, self.y_end[rows], stages[0], stages[12])
        _evaluate_stages(range(13, 16), tau, y, step, self.formula.select(rows), stages)
        more = (table.dense @ stages.view(16, -1)).view(-1, *y.shape)
        return hermite.refined(more.mul_(step[:, None]))


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
    """The tableau of SciPy's ``DOP853`` as tensors."""

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
        step: its length, (M,).
        slope: the slope at its beginning, (M, d).
        formula: the slope elsewhere.
    """
    # Stages that are not evaluated yet are multiplied by 0: they must be finite.
    stages = y.new_zeros(16, *y.shape)
    stages[0] = slope
    _evaluate_stages(range(1, 12), tau, y, step, formula, stages)
    ends = (tableau(y.dtype, y.device).ends @ stages.view(16, -1)).view(3, *y.shape)
    change, fifth, third = ends.mul_(step[:, None])
    y_end = y + change
    stages[12] = formula(tau + step, y_end)
    return Trial(tau, y, step, formula, stages, y_end, fifth, third)


def _evaluate_stages(
    indices: range, tau: Tensor, y: Tensor, step: Tensor, formula: Formula, stages: Tensor
) -> None:
    """Evaluate these stages in order, each from those before it."""
    table, previous, length = tableau(y.dtype, y.device), stages.view(16, -1), step[:, None]
    for k in indices:
        y_stage = torch.addcmul(y, length, (table.rows[k] @ previous[:k]).view_as(y))
        stages[k] = formula(torch.add(tau, step, alpha=table.nodes[k]), y_stage)
