"""What looking at a family finds: one rule, all of them, and the grid they were looked at on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Finding:
    """One rule: whether it holds, how far off it is at worst, and where that is.

    ``t``, ``x`` and ``x0`` name the place, also where the rule holds; ``x1`` is the endpoint.
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

    ``sampled`` says how many endpoints, data points and times were looked at.
    ``caustic`` (M, 1 + d) holds (t, x) where the determinant passes through zero; ``relabelled``
    says that ψ_1 is a map of x₁ other than the identity: legal, but not distributed as the prior.
    """

    findings: tuple[Finding, ...]
    caustic: Tensor
    relabelled: bool
    sampled: tuple[int, int, int]

    @property
    def ok(self) -> bool:
        """Whether nothing was found against the family."""
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
