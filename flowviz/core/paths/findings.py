"""Results of the validity check: one rule, all rules, and the grid they were checked on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Finding:
    """One rule: whether it holds, and the worst value with its time, position and points.

    ``x1`` is the endpoint that belongs to ``t``, ``x`` and ``x0``.
    """

    rule: str
    ok: bool
    value: float
    t: float
    x: tuple[float, ...]
    x0: tuple[float, ...]
    x1: tuple[float, ...]


@dataclass(frozen=True)
class Validity:
    """The findings in the order of the rules.

    ``sampled`` has the numbers of endpoints, data points and times of the check. ``caustic``
    (M, 1 + d) has points (t, x) at which the determinant is zero. ``relabelled``: ψ_1 is a map
    other than the identity, which is valid, but the flow does not start from the prior.
    """

    findings: tuple[Finding, ...]
    caustic: Tensor
    relabelled: bool
    sampled: tuple[int, int, int]

    @property
    def ok(self) -> bool:
        """Whether all rules hold."""
        return all(finding.ok for finding in self.findings)

    def __getitem__(self, rule: str) -> Finding:
        return next(finding for finding in self.findings if finding.rule == rule)


@dataclass(frozen=True)
class Samples:
    """Positions (T, Q, N, d), their endpoints, determinants (T, Q, N), data (N, d), times (T,)."""

    x: Tensor
    x1: Tensor
    det: Tensor
    x0: Tensor
    t: Tensor

    def finding_at(self, rule: str, ok: bool, value: float, flat: int) -> Finding:
        """A finding at one element of ``det``."""
        i, q, n = (int(v) for v in torch.unravel_index(torch.tensor(flat), self.det.shape))
        return Finding(
            rule,
            ok,
            value,
            float(self.t[i]),
            tuple(self.x[i, q, n].tolist()),
            tuple(self.x0[n].tolist()),
            tuple(self.x1[i, q, n].tolist()),
        )
