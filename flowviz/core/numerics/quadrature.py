"""Adaptive Gauss-Legendre quadrature of many functions of one variable at once.

On a panel of half-width h a function is Σ_k c_k P_k, and Gauss' rule of n nodes gives c_0 … c_{n-1}
from n values. How they fall off says what the rule leaves out: for an analytic function they fall
like ρ^-k and the rule, exact to degree 2n - 1, is off by about h c_{n-1} ρ^-(n+1). Panels where
that is too much are halved. At a jump the coefficients do not fall, and the halving goes on until
the panel that holds it has no weight left.

A jump between the end of a panel and its outermost node is seen by no node of it. But the series of
two neighbours then disagree at the end they share, and the area between is counted as well.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

ORDER = 8
_SAFETY = 16.0
_CORNER = 0.5 * (1.0 - float(np.polynomial.legendre.leggauss(ORDER)[0][-1]))
"""Share of a panel between its end and the outermost node."""

Integrand = Callable[[Tensor, Tensor], Tensor]
"""Maps positions (M,) and the functions they belong to (M,) to values (M,)."""


@dataclass
class _Panels:
    """Panels [low, high] of functions ``row``, (P,), sorted, and values at their nodes, (P, n)."""

    low: Tensor
    high: Tensor
    row: Tensor
    value: Tensor

    def picked(self, which: Tensor) -> _Panels:
        return _Panels(self.low[which], self.high[which], self.row[which], self.value[which])

    def joined(self, other: _Panels) -> _Panels:
        both = [
            torch.cat(pair)
            for pair in (
                (self.low, other.low),
                (self.high, other.high),
                (self.row, other.row),
                (self.value, other.value),
            )
        ]
        order = both[0].argsort(stable=True)
        order = order[both[2][order].argsort(stable=True)]
        return _Panels(*(v[order] for v in both))


def integrate(
    function: Integrand,
    edges: list[Tensor],
    jumps: list[Tensor],
    budget: int,
    tolerance: float = 1e-11,
    singular: bool = False,
) -> tuple[Tensor, Tensor]:
    """∫ f_r over the panels that end at ``edges[r]``, for every function r.

    Args:
        function: the functions.
        edges: of each function's first panels, rising, (M_r,).
        jumps: ends of panels where a jump is no surprise, (K_r,).
        budget: how many values may be asked for.
        tolerance: what a panel may leave out.
        singular: whether values may be infinite at ends of panels, like 1/√distance; then
            x = middle + h sin(πs/2) makes them smooth in s.

    Returns:
        The integrals and an estimate of their errors, (R,) each.
    """
    low, high = torch.cat([e[:-1] for e in edges]), torch.cat([e[1:] for e in edges])
    counts = torch.tensor([e.numel() - 1 for e in edges], device=low.device)
    row = torch.arange(len(edges), device=low.device).repeat_interleave(counts)
    wide = (high > low).nonzero().squeeze(-1)
    panels = _valued(function, low[wide], high[wide], row[wide], singular)
    used = panels.value.numel()
    while True:
        error = _errors(panels, jumps, singular)
        middle = 0.5 * (panels.low + panels.high)
        split = (error > tolerance) & (middle > panels.low) & (middle < panels.high)
        which = split.nonzero().squeeze(-1)
        room = (budget - used) // (2 * ORDER)
        if which.numel() > room:
            which = which[error[which].topk(max(room, 0)).indices]
        if which.numel() == 0:
            break
        parts = panels.picked(which)
        children = _valued(
            function,
            torch.cat([parts.low, middle[which]]),
            torch.cat([middle[which], parts.high]),
            parts.row.repeat(2),
            singular,
        )
        used += children.value.numel()
        rest = torch.ones_like(split)
        rest[which] = False
        panels = panels.picked(rest).joined(children)
    half = 0.5 * (panels.high - panels.low)
    weight = _rule(half, singular)[1]
    zero = low.new_zeros(len(edges))
    total = zero.index_add(0, panels.row, half * (panels.value @ weight))
    return total, zero.index_add(0, panels.row, error)


def _rule(like: Tensor, singular: bool) -> tuple[Tensor, Tensor]:
    """Nodes in [-1, 1] and weights, (n,) each."""
    node, weight = (torch.from_numpy(v).to(like) for v in np.polynomial.legendre.leggauss(ORDER))
    if singular:
        angle = 0.5 * math.pi * node
        node, weight = torch.sin(angle), weight * torch.cos(angle) * (0.5 * math.pi)
    return node, weight


def _valued(function: Integrand, low: Tensor, high: Tensor, row: Tensor, singular: bool) -> _Panels:
    node, _ = _rule(low, singular)
    x = 0.5 * (low + high)[:, None] + 0.5 * (high - low)[:, None] * node
    value = function(x.flatten(), row.repeat_interleave(node.numel()))
    return _Panels(low, high, row, value.reshape(x.shape))


def _errors(panels: _Panels, jumps: list[Tensor], singular: bool) -> Tensor:
    """What each panel may leave out, (P,)."""
    half = 0.5 * (panels.high - panels.low)
    node, weight = _rule(half, singular=False)
    series = torch.from_numpy(np.polynomial.legendre.legvander(node.cpu().numpy(), ORDER - 1))
    degree = torch.arange(ORDER, dtype=half.dtype, device=half.device)
    analyse = (weight[:, None] * series.to(half)) * (degree + 0.5)
    value = panels.value
    if singular:
        value = value * torch.cos(0.5 * math.pi * node) * (0.5 * math.pi)
    c = value @ analyse
    last, middle = c[:, -2:].abs().sum(1), c[:, -6:-4].abs().sum(1)
    # Four degrees apart: (last/middle)^(1/4) is 1/ρ, and the rule's first missed degree is 2n.
    fall = (last / middle).nan_to_num(1.0).clamp(max=1.0)
    error = _SAFETY * half * last * fall ** ((ORDER + 1) / 4.0)
    if singular:
        return error
    at_high, at_low = c.sum(1), c @ torch.where(degree % 2 == 0, 1.0, -1.0).to(c)
    gap = (at_high[:-1] - at_low[1:]).abs()
    beside = (panels.row[1:] == panels.row[:-1]) & (panels.high[:-1] == panels.low[1:])
    expected = torch.zeros_like(beside)
    for row, at in enumerate(jumps):
        expected |= (panels.row[1:] == row) & torch.isin(panels.low[1:], at)
    gap = torch.where(beside & ~expected, gap, torch.zeros_like(gap))
    error[:-1] += 2.0 * _CORNER * half[:-1] * gap
    error[1:] += 2.0 * _CORNER * half[1:] * gap
    return error
