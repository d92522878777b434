"""The functions a formula may call, with finite derivatives wherever values are finite.

A trajectory family is differentiated at t = 0 and where positions coincide. There a finite value
may have an infinite slope, which times a slope of 0 would be NaN. So, at these points only:

- ``sqrt(0)``, ``norm`` of a zero vector and ``0^p`` with a fraction p > 0 have the slope 0;
- ``log(0)`` is the logarithm of the smallest positive number, -708.4, with the slope 0, so that
  t·log(t) is 0 at t = 0;
- ``atan2(0, 0)`` is 0 with the slope 0.

For negative arguments ``sqrt``, ``log`` and fractional powers are NaN (``paths.validity`` reports
where).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

_LOG_TINY = math.log(sys.float_info.min)


@dataclass(frozen=True)
class Function:
    """A function, and the least and greatest number of its arguments."""

    run: Callable[..., Tensor]
    least: int = 1
    most: int = 1


def sqrt(z: Tensor) -> Tensor:
    """√z, with the slope 0 at z = 0."""
    root = torch.sqrt(torch.where(z > 0, z, 1.0))
    return torch.where(z > 0, root, torch.where(z == 0, 0.0, math.nan))


def log(z: Tensor) -> Tensor:
    """log z, and -708.4 with the slope 0 at z = 0."""
    value = torch.log(torch.where(z > 0, z, 1.0))
    return torch.where(z > 0, value, torch.where(z == 0, _LOG_TINY, math.nan))


def power(base: Tensor, exponent: Tensor | float) -> Tensor:
    """base^exponent; a fractional or varying exponent needs base ≥ 0, and base 0 is slope 0."""
    if isinstance(exponent, float) and exponent == round(exponent):
        return torch.pow(base, exponent)
    value = torch.pow(torch.where(base > 0, base, 1.0), exponent)
    sign = torch.as_tensor(exponent, dtype=base.dtype)
    at_zero = torch.where(sign > 0, 0.0, torch.where(sign == 0, 1.0, math.inf)).to(value.dtype)
    return torch.where(base > 0, value, torch.where(base == 0, at_zero, math.nan))


def atan2(y: Tensor, x: Tensor) -> Tensor:
    """The angle of (x, y), in (-π, π]; 0 with the slope 0 at the origin."""
    origin = (x == 0) & (y == 0)
    return torch.where(origin, 0.0, torch.atan2(y, torch.where(origin, 1.0, x)))


def dot(u: Tensor, v: Tensor) -> Tensor:
    """Σ u_j v_j, (..., d) -> (..., 1)."""
    return (u * v).sum(-1, keepdim=True)


def norm(v: Tensor) -> Tensor:
    """√(Σ v_j²), (..., d) -> (..., 1), with the slope 0 at v = 0."""
    # Relative to the largest component, squares neither overflow nor underflow.
    top = v.detach().abs().amax(-1, keepdim=True)
    top = torch.where((top > 0) & torch.isfinite(top), top, 1.0)
    return top * sqrt((v / top).square().sum(-1, keepdim=True))


def least(*values: Tensor) -> Tensor:
    """The smallest of its arguments, elementwise."""
    result = values[0]
    for value in values[1:]:
        result = torch.minimum(result, value)
    return result


def greatest(*values: Tensor) -> Tensor:
    """The largest of its arguments, elementwise."""
    result = values[0]
    for value in values[1:]:
        result = torch.maximum(result, value)
    return result


def clip(value: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """The value kept between two others."""
    return least(greatest(value, low), high)


FUNCTIONS: dict[str, Function] = {
    "sin": Function(torch.sin),
    "cos": Function(torch.cos),
    "tan": Function(torch.tan),
    "exp": Function(torch.exp),
    "log": Function(log),
    "sqrt": Function(sqrt),
    "tanh": Function(torch.tanh),
    "sinh": Function(torch.sinh),
    "cosh": Function(torch.cosh),
    "abs": Function(torch.abs),
    "sign": Function(torch.sign),
    "erf": Function(torch.erf),
    "atan2": Function(atan2, 2, 2),
    "min": Function(least, 2, 8),
    "max": Function(greatest, 2, 8),
    "clip": Function(clip, 3, 3),
    "norm": Function(norm),
    "dot": Function(dot, 2, 2),
    "rot": Function(torch.cos),  # only its arity is used: the compiler makes a rotation
}

CONSTANTS: dict[str, float] = {"pi": math.pi, "e": math.e}
