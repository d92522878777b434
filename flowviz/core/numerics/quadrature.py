"""Adaptive Gauss-Legendre quadrature of many functions of one variable at once.

On a panel of half-width h a function is Σ_k c_k P_k, and Gauss' rule of n nodes gives c_0 … c_{n-1}
from n values. Their decay gives the error: for an analytic function they fall like ρ^-k and the
rule, exact to degree 2n - 1, has an error of about h c_{n-1} ρ^-(n+1). Panels where that is too
large are halved. At a jump the coefficients do not fall, and the panel is halved until its width is
negligible.

A jump between the end of a panel and its outermost node affects none of its values. But the series
of two neighbours then disagree at their common end, and the area in between is added to the error.
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
"""Fraction of a panel between its end and the outermost node."""

Integrand = Callable[[Tensor, Tensor], Tensor]
"""Positions (M,), indices of the functions (M,) -> values (M,)."""


@dataclass
class _Panels:
    """Panels [low, high] of functions ``row``, (P,), sorted, and values at their nodes, (P, n).

    ``jump`` (P,): whether the function may jump at ``low``.
    """

    low: Tensor
    high: Tensor
    row: Tensor
    jump: Tensor
    value: Tensor

    def columns(self) -> tuple[Tensor, ...]:
        return self.low, self.high, self.row, self.jump, self.value

    def select(self, rows: Tensor) -> _Panels:
        return _Panels(*(v[rows] for v in self.columns()))

    def joined(self, other: _Panels) -> _Panels:
        both = [torch.cat(pair) for pair in zip(self.columns(), other.columns(), strict=True)]
        order = both[0].argsort(stable=True)
        order = order[both[2][order].argsort(stable=True)]
        return _Panels(*(v[order] for v in both))


def integrate(
    function: Integrand,
    edges: Tensor,
    jumps: Tensor,
    budget: int,
    tolerance: float = 1e-11,
    singular: bool = False,
) -> tuple[Tensor, Tensor]:
    """∫ f_r over the panels that end at ``edges[r]``, for every function r.

    Args:
        function: the functions.
        edges: ends of each function's initial panels, rising, (R, M).
        jumps: at which of them the function may jump, (R, M).
        budget: most evaluations; the initial panels are always evaluated.
        tolerance: error allowed in a panel.
        singular: whether values may be infinite at ends of panels, like 1/√distance; then
            x = middle + h sin(πs/2) makes them smooth in s.

    Returns:
        The integrals and an estimate of their errors, (R,) each.
    """
    panels, error = _refined(function, edges, jumps, budget, tolerance, singular)
    half = 0.5 * (panels.high - panels.low)
    weight = _rule(half, singular)[1]
    zero = edges.new_zeros(len(edges))
    total = zero.index_add(0, panels.row, half * (panels.value @ weight))
    return total, zero.index_add(0, panels.row, error)


def gauss(edges: Tensor, order: int, singular: bool = False) -> tuple[Tensor, Tensor]:
    """Gauss-Legendre nodes and weights between neighbours of ``edges`` (..., M).

    Where a function may be infinite at an end like 1/√distance, x = middle + half sin(πs/2) makes
    it smooth in s.
    """
    node, weight = _rule(edges, singular, order)
    half = 0.5 * edges.diff(dim=-1)[..., None]
    x = 0.5 * (edges[..., 1:] + edges[..., :-1])[..., None] + half * node
    return x.flatten(-2), (half * weight).flatten(-2)


def resolving_ends(
    function: Callable[[Tensor], Tensor], edges: Tensor, tolerance: float, budget: int = 1 << 16
) -> Tensor:
    """Ends (K,) of the panels that resolve a function, refined from the ends ``edges`` (M,)."""
    panels, _ = _refined(
        lambda x, _: function(x),
        edges[None],
        torch.ones_like(edges[None], dtype=torch.bool),
        budget,
        tolerance,
        singular=False,
    )
    return torch.cat([panels.low, panels.high[-1:]])


def _refined(
    function: Integrand,
    edges: Tensor,
    jumps: Tensor,
    budget: int,
    tolerance: float,
    singular: bool,
) -> tuple[_Panels, Tensor]:
    """Panels halved until the error of each is within the tolerance, and the errors, (P,)."""
    row = torch.arange(len(edges), device=edges.device)[:, None].expand_as(edges[:, 1:])
    wide = edges[:, 1:] > edges[:, :-1]
    low, high, row, jump = (v[wide] for v in (edges[:, :-1], edges[:, 1:], row, jumps[:, :-1]))
    panels = _evaluated(function, low, high, row, jump, singular)
    evaluations = panels.value.numel()
    while True:
        error = _errors(panels, singular)
        middle = 0.5 * (panels.low + panels.high)
        split = (error > tolerance) & (middle > panels.low) & (middle < panels.high)
        which = split.nonzero().squeeze(-1)
        affordable = max(0, (budget - evaluations) // (2 * ORDER))
        if which.numel() > affordable:
            which = which[error[which].topk(affordable).indices]
        if which.numel() == 0:
            return panels, error
        halved = panels.select(which)
        children = _evaluated(
            function,
            torch.cat([halved.low, middle[which]]),
            torch.cat([middle[which], halved.high]),
            halved.row.repeat(2),
            torch.cat([halved.jump, torch.zeros_like(halved.jump)]),
            singular,
        )
        evaluations += children.value.numel()
        rest = torch.ones_like(split)
        rest[which] = False
        panels = panels.select(rest).joined(children)


def _rule(like: Tensor, singular: bool, order: int = ORDER) -> tuple[Tensor, Tensor]:
    """Nodes in [-1, 1] and weights, (n,) each."""
    node, weight = (torch.from_numpy(v).to(like) for v in np.polynomial.legendre.leggauss(order))
    if singular:
        angle = 0.5 * math.pi * node
        node, weight = torch.sin(angle), weight * torch.cos(angle) * (0.5 * math.pi)
    return node, weight


def _evaluated(
    function: Integrand, low: Tensor, high: Tensor, row: Tensor, jump: Tensor, singular: bool
) -> _Panels:
    node, _ = _rule(low, singular)
    x = 0.5 * (low + high)[:, None] + 0.5 * (high - low)[:, None] * node
    value = function(x.flatten(), row.repeat_interleave(node.numel()))
    return _Panels(low, high, row, jump, value.reshape(x.shape))


def _errors(panels: _Panels, singular: bool) -> Tensor:
    """An estimate of each panel's error, (P,)."""
    half = 0.5 * (panels.high - panels.low)
    node, weight = _rule(half, singular=False)
    legendre = torch.from_numpy(np.polynomial.legendre.legvander(node.cpu().numpy(), ORDER - 1))
    degree = torch.arange(ORDER, dtype=half.dtype, device=half.device)
    to_coefficients = (weight[:, None] * legendre.to(half)) * (degree + 0.5)
    value = panels.value
    if singular:
        value = value * torch.cos(0.5 * math.pi * node) * (0.5 * math.pi)
    c = value @ to_coefficients
    last, middle = c[:, -2:].abs().sum(1), c[:, -6:-4].abs().sum(1)
    # Four degrees apart: (last/middle)^(1/4) is 1/ρ; the rule is exact below degree 2n.
    decay = (last / middle).nan_to_num(1.0).clamp(max=1.0)
    error = _SAFETY * half * last * decay ** ((ORDER + 1) / 4.0)
    if singular:
        return error
    at_high, at_low = c.sum(1), c @ torch.where(degree % 2 == 0, 1.0, -1.0).to(c)
    gap = (at_high[:-1] - at_low[1:]).abs()
    adjacent = (panels.row[1:] == panels.row[:-1]) & (panels.high[:-1] == panels.low[1:])
    gap = torch.where(adjacent & ~panels.jump[1:], gap, torch.zeros_like(gap))
    error[:-1] += 2.0 * _CORNER * half[:-1] * gap
    error[1:] += 2.0 * _CORNER * half[1:] * gap
    return error
