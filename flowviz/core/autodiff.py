"""Forward-mode differentiation: a function and its derivative along one direction, in one pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor


def push(function: Callable[[Tensor], Any], x: Tensor, direction: Tensor) -> tuple[Any, Any]:
    """(function(x), its directional derivative at x); nested tuples come back as they are."""
    result = torch.func.jvp(function, (x,), (direction,))
    return result[0], result[1]


def rate(function: Callable[[Tensor], Any], t: Tensor) -> tuple[Any, Any]:
    """(function(t), d function/dt), every element of t moving at unit rate."""
    return push(function, t, torch.ones_like(t))


def coordinate(x: Tensor, j: int) -> Tensor:
    """The direction that moves coordinate j of every position at unit rate."""
    unit = torch.zeros_like(x)
    unit[..., j] = 1.0
    return unit
