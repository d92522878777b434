"""Forward-mode differentiation: a function and its derivative along one direction, in one pass.

torch counts the levels of forward differentiation for the whole process: two threads that
differentiate at once break each other ("invalid index"). A server runs every visitor's script in
its own thread, hence the (reentrant) lock.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock, local
from typing import Any

import numpy as np
import torch
from torch import Tensor

from flowviz.core.numerics.work import spend

_LOCK = RLock()
_COST, _OVERHEAD = 10.0, 50_000
"""Units of work for one element of the argument, and for any number of them."""


class _Depth(local):
    """Nesting depth of differentiations in this thread."""

    now = 0


_DEPTH = _Depth()


def _result_shape(a: Tensor, b: Tensor, *, alpha: float = 1) -> Tensor:
    """What an elementwise operation of two tensors returns, without its numbers."""
    del alpha
    shape = a.shape if a.shape == b.shape else np.broadcast_shapes(a.shape, b.shape)
    return torch.empty(shape, dtype=torch.result_type(a, b), device="meta")


def _quotient_shape(a: Tensor, b: Tensor) -> Tensor:
    """The same of a division, which makes floats of whole numbers."""
    found = _result_shape(a, b)
    whole = not (found.is_floating_point() or found.is_complex())
    return found.to(torch.get_default_dtype()) if whole else found


# The derivative of what does not depend on x is a zero without memory. Before torch adds or
# multiplies such a one, it asks for the shape of the result: from kernels in Python that take ten
# times as long as the operation itself.
_SHAPES = torch.library.Library("aten", "IMPL", "Meta")  # its kernels live as long as it does
for _name in ("add.Tensor", "sub.Tensor", "mul.Tensor"):
    _SHAPES.impl(_name, _result_shape, allow_override=True)
_SHAPES.impl("div.Tensor", _quotient_shape, allow_override=True)


# torch loads its forward-mode rules on first use, with a DeprecationWarning. Load them here, so
# that the first figure neither waits for them nor warns about them.
with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    torch.func.jvp(torch.sin, (torch.zeros(()),), (torch.ones(()),))


def jvp(function: Callable[[Tensor], Any], x: Tensor, direction: Tensor) -> tuple[Any, Any]:
    """(function(x), its directional derivative at x); results may be nested tuples."""
    spend(x.numel(), _COST)
    spend(_OVERHEAD)
    with _LOCK:
        _DEPTH.now += 1
        try:
            # An expanded tensor has no memory for the directions of its elements.
            result = torch.func.jvp(function, (x.contiguous(),), (direction.contiguous(),))
        finally:
            _DEPTH.now -= 1
    return result[0], result[1]


def differentiating() -> bool:
    """Whether the caller runs inside a differentiation: its result must be differentiable."""
    return _DEPTH.now > 0


@contextmanager
def reverse_mode() -> Iterator[None]:
    """Context for values that will be differentiated by ``torch.autograd.grad``."""
    _DEPTH.now += 1
    try:
        with torch.enable_grad():
            yield
    finally:
        _DEPTH.now -= 1


def time_derivative(function: Callable[[Tensor], Any], t: Tensor) -> tuple[Any, Any]:
    """(function(t), d function/dt), every element of t moving at unit rate."""
    return jvp(function, t, torch.ones_like(t))


def elementwise_grad(
    function: Callable[[Tensor], tuple[Tensor, ...]], t: Tensor
) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    """(function(t), d function/dt) for functions that act elementwise on t.

    In reverse mode: forward mode costs 0.1 ms for every constant of a formula.
    """
    if differentiating():
        return time_derivative(function, t)
    # What inference mode makes has no graph; a copy that is made outside of it has one.
    with torch.inference_mode(False), torch.enable_grad():
        at = t.clone().detach().requires_grad_()
        values = function(at)
        slopes = tuple(
            torch.autograd.grad(value, at, torch.ones_like(value), retain_graph=True)[0]
            if value.requires_grad
            else torch.zeros_like(t)
            for value in values
        )
    return tuple(value.detach() for value in values), slopes


def coordinate(x: Tensor, j: int) -> Tensor:
    """The direction that moves coordinate j of every position at unit rate."""
    unit = torch.zeros_like(x)
    unit[..., j] = 1.0
    return unit
