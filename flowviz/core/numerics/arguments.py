"""Argument conversion: numbers, lists and arrays become tensors, everything else is an error.

A position or a time may be a tensor, a number (Python's or NumPy's), or a list, tuple or array of
numbers. Text, booleans, complex numbers and None are a ``TypeError`` that names the value, lists of
unequal lengths a ``ValueError``. For tensors of floats the conversion costs one type check.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Sequence
from numbers import Real
from typing import Any

import numpy as np
import torch
from torch import Tensor

Numbers = Any
"""A tensor, a number, or a list, tuple or array of numbers. (``Any``, so that overriding methods
may declare Tensor: their argument has been converted.)"""


def is_float_tensor(value: object) -> bool:
    """Whether it is a tensor of floats already."""
    return isinstance(value, Tensor) and value.is_floating_point()


def as_tensor(name: str, value: Numbers) -> Tensor:
    """A tensor of floats: arrays and tensors of floats keep their dtype, other numbers are float64.

    Raises:
        TypeError: for anything but real numbers, naming the value.
        ValueError: for a ragged list, or a number too large for a float.
    """
    if isinstance(value, Tensor):
        if value.is_floating_point():
            return value
        if value.dtype == torch.bool or value.is_complex():
            raise _type_error(name, f"a tensor of {str(value.dtype).removeprefix('torch.')}")
        return value.to(torch.float64)
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O" and all(_is_number(v) for v in array.flat):
            array = array.astype(np.float64)
    except ValueError as error:  # NumPy's: rows of unequal lengths
        raise ValueError(f"{name} must have rows of one length, got {_shown(value)}") from error
    except OverflowError:
        raise ValueError(f"{name} must be within floats, got {_shown(value)}") from None
    if array.dtype.kind not in "fiu":
        raise _type_error(name, _shown(value))
    keep_dtype = isinstance(value, np.ndarray) and array.dtype in (np.float32, np.float64)
    return torch.tensor(array if keep_dtype else array.astype(np.float64))


def as_positions(value: Numbers, like: Tensor, name: str = "x") -> Tensor:
    """Positions as a tensor in the dtype of ``like``, on the same device.

    Raises:
        TypeError: as ``as_tensor``.
        ValueError: as ``as_tensor``; and for a tensor on another device.
    """
    tensor = value if is_float_tensor(value) else as_tensor(name, value)
    if tensor.dtype == like.dtype and tensor.device == like.device:
        return tensor
    if isinstance(value, Tensor) and value.device != like.device:
        raise ValueError(f"{name} must be on the data's device {like.device}, got {value.device}")
    return tensor.to(like)


def as_axes(axes: Sequence[Numbers], count: int, like: Tensor) -> tuple[Tensor, ...]:
    """The axes of a grid as vectors in the dtype of ``like``.

    Raises:
        TypeError: as ``as_tensor``; and for anything but a sequence.
        ValueError: as ``as_positions``; and for another number of axes, or an axis that is not a
            vector.
    """
    require_kind(axes, Sequence, "axes", f"a sequence of {count} vectors")
    if len(axes) != count:
        raise ValueError(f"axes must hold {count} vectors, got {len(axes)}")
    vectors = tuple(as_positions(axis, like, "an axis") for axis in axes)
    for axis in vectors:
        if axis.dim() != 1:
            raise ValueError(f"an axis must be a vector, got shape {tuple(axis.shape)}")
    return vectors


def as_times(value: Numbers, like: Tensor, name: str = "t", rows: int | None = None) -> Tensor:
    """Times as a tensor in the dtype and on the device of ``like``.

    Args:
        value: the times.
        like: a tensor.
        name: of the argument, for messages.
        rows: if given, the shape must be () or (rows,).

    Raises:
        TypeError: as ``as_tensor``.
        ValueError: as ``as_tensor``; and for another shape.
    """
    tensor = value if is_float_tensor(value) else as_tensor(name, value)
    if rows is not None and tensor.dim() and tensor.shape != (rows,):
        raise ValueError(
            f"{name} must be a scalar or have shape ({rows},), got {tuple(tensor.shape)}"
        )
    return tensor.to(like)  # no copy if dtype and device are the same


def as_floats(value: Numbers, name: str) -> tuple[float, ...]:
    """Numbers of a vector as Python's floats.

    Raises:
        TypeError: as ``as_tensor``.
        ValueError: as ``as_tensor``; and for anything but a vector.
    """
    if isinstance(value, tuple) and all(type(v) is float for v in value):
        return value
    tensor = as_tensor(name, value)
    if tensor.dim() != 1:
        raise ValueError(f"{name} must be a vector, got shape {tuple(tensor.shape)}")
    return tuple(tensor.tolist())


def as_float(value: Numbers, name: str) -> float:
    """One number as Python's float.

    Raises:
        TypeError: as ``as_tensor``.
        ValueError: as ``as_tensor``; and for more than one number, or none.
    """
    tensor = as_tensor(name, value)
    if tensor.numel() != 1:
        raise ValueError(f"{name} must be one number, got shape {tuple(tensor.shape)}")
    return tensor.item()


def require_integer(value: object, name: str) -> None:
    """Raise TypeError, naming the value, unless it is a whole number."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} must be a whole number, got {_shown(value)}")


def require_kind(value: object, kind: type, name: str, expected: str) -> None:
    """Raise TypeError, naming the value, unless it is an object of that class."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be {expected}, got {_shown(value)}")


def require_each(values: Tensor, valid: Tensor, message: str) -> None:
    """Raise ValueError naming the first value that is not valid."""
    if not bool(valid.all()):
        invalid = values[~valid].flatten()[0].item()
        raise ValueError(f"{message}, got {invalid!r}")


def takes_numbers(method: Callable[..., Any]) -> Callable[..., Any]:
    """Convert the first argument of a method f(self, value, …) to a tensor."""
    signature = inspect.signature(method)
    name = list(signature.parameters)[1]

    @functools.wraps(method)
    def call(self: Any, *args: Any, **named: Any) -> Any:
        if named or not args:
            args = signature.bind(self, *args, **named).args[1:]
        if not is_float_tensor(args[0]):
            args = as_tensor(name, args[0]), *args[1:]
        return method(self, *args)

    return call


def accept(
    owner: type, names: Iterable[str], convert: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> None:
    """Wrap methods of a class in an argument conversion, unless they are wrapped already.

    Called for a class and, from ``__init_subclass__``, for its subclasses: methods can rely on
    getting tensors.
    """
    for name in names:
        method = getattr(owner, name)
        if not hasattr(method, "_converts"):
            converted = convert(method)
            converted._converts = True  # type: ignore[attr-defined]
            setattr(owner, name, converted)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _type_error(name: str, got: str) -> TypeError:
    return TypeError(
        f"{name} must be real numbers (a tensor, a number, or a list or array of them), got {got}"
    )
