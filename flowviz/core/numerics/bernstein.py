"""Polynomials over [0, 1] in Bernstein form, many at once (for MATH §3.11).

    p(θ) = Σ_k b_k C(m, k) θᵏ (1-θ)^(m-k),      min b ≤ p(θ) ≤ max b.

A polynomial stays between its least and its greatest control point b_k, b_0 and b_m are its ends,
and de Casteljau's lines between control points cut it in two. The control points come first:
tensors are (m + 1, ...).
"""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from torch import Tensor

_HALVINGS = 46


def cubic(first: Tensor, last: Tensor, slopes: tuple[Tensor, Tensor], width: Tensor) -> Tensor:
    """The cubics with these values and slopes at both ends of an interval, (4, ...).

    Args:
        first: values at the start, (...).
        last: values at the end.
        slopes: rates of change at both, in units of the variable.
        width: of the interval.
    """
    third = width / 3.0
    return torch.stack([first, first + third * slopes[0], last - third * slopes[1], last])


def later(control: Tensor, theta: Tensor) -> Tensor:
    """The control points of the polynomials on [θ, 1] (...); the first of them is p(θ)."""
    points, rest = [control[-1]], control
    while len(rest) > 1:
        rest = torch.lerp(rest[:-1], rest[1:], theta)
        points.append(rest[-1])
    return torch.stack(points[::-1])


def product(a: Tensor, b: Tensor) -> Tensor:
    """The control points of p·q, (2m + 1, ...), of two polynomials of degree m."""
    m = len(a) - 1
    pairs = (a[:, None] * b).flatten(0, 1)
    return torch.tensordot(a.new_tensor(_pairing(m)), pairs, 1)


@lru_cache
def _pairing(m: int) -> list[list[float]]:
    """Coefficients of the products a_i b_j in the control points of p·q, (2m + 1, (m + 1)²)."""
    pairs = [(i, j) for i in range(m + 1) for j in range(m + 1)]
    return [
        [math.comb(m, i) * math.comb(m, j) / math.comb(2 * m, k) * (i + j == k) for i, j in pairs]
        for k in range(2 * m + 1)
    ]


def first_below(control: Tensor, level: Tensor) -> Tensor:
    """The first θ at which polynomials (m + 1, E) are below their levels (E,); inf where none is.

    By bisection to rounding: of the two halves the first whose control points reach below the
    level.
    """
    left, right = _halves(control)
    found = torch.full_like(level, math.inf)
    start, todo = torch.zeros_like(found), torch.arange(len(found), device=found.device)
    while len(todo):
        rest, threshold = later(control[:, todo], start[todo]), level[todo]
        theta, size = torch.zeros_like(threshold), 1.0
        for _ in range(_HALVINGS):
            size *= 0.5
            first = left @ rest
            below = first.amin(0) < threshold
            rest = torch.where(below, first, right @ rest)
            theta = torch.where(below, theta, theta + size)
        start[todo] += (1.0 - start[todo]) * (theta + size)
        below = rest.amin(0) < threshold
        found[todo[below]] = start[todo[below]]
        # The control points reached below the level, the polynomial did not: search on from there.
        todo = todo[~below & (theta < 1.0 - 4.0 * size)]
    return found


def _halves(like: Tensor) -> tuple[Tensor, Tensor]:
    """The matrices from control points to those of the left and of the right half."""
    m = len(like) - 1
    rows = [[math.comb(i, j) / 2**i for j in range(m + 1)] for i in range(m + 1)]
    left = like.new_tensor(rows)
    return left, left.flip(0, 1)
