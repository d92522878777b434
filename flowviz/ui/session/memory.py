"""The memory that a result takes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np
import torch

_PLAIN = frozenset({bool, int, float, complex, str, bytes, type(None)})
"""Types of objects that refer to no others."""
_SMALL = frozenset({bool, int, float, type(None)})


def size_of(value: object) -> int:
    """Bytes of an object and all that it refers to, each object and each buffer counted once.

    Classes, functions and modules count 0, a small number 32.
    """
    total, visited = 0, set[int]()
    pending: list[Any] = [value]
    while pending:
        one = pending.pop()
        if type(one) in _SMALL:  # most of a scene: not worth to be known again
            total += 32
            continue
        if id(one) in visited:
            continue
        visited.add(id(one))
        kind = _kind(type(one))
        if kind == "plain":
            total += sys.getsizeof(one)
        elif kind == "tensor":
            storage = one.untyped_storage()
            if storage.data_ptr() not in visited:  # shared by views
                visited.add(storage.data_ptr())
                total += storage.nbytes()
        elif kind == "array":
            if one.base is None:
                total += one.nbytes
            else:
                pending.append(one.base)
        elif kind == "object" or (kind == "callable" and not _is_function(one)):
            total += sys.getsizeof(one, 0)
            pending.extend(_referents(one))
    return total


@lru_cache(maxsize=4096)
def _kind(of: type) -> str:
    """How objects of a type are counted; the tests for it take longer than all the rest."""
    if of in _PLAIN:
        return "plain"
    if issubclass(of, type | ModuleType):
        return "nothing"
    if issubclass(of, torch.Tensor):
        return "tensor"
    if issubclass(of, np.ndarray):
        return "array"
    return "callable" if any("__call__" in vars(base) for base in of.__mro__) else "object"


def _is_function(one: Any) -> bool:
    """Whether a callable is a function, and not an instance with state of its own."""
    return not hasattr(one, "__dict__") or hasattr(one, "__code__") or hasattr(one, "__func__")


def _referents(one: Any) -> Iterable[object]:
    holds = _holds(type(one))
    if holds == "mapping":
        return [*one.keys(), *one.values()]
    if holds == "items":
        return one
    if holds == "view":
        return [one.obj]
    slots = (getattr(one, name, None) for name in _slots(type(one)))
    return [*getattr(one, "__dict__", {}).values(), *slots]


@lru_cache(maxsize=4096)
def _slots(of: type) -> tuple[str, ...]:
    """Attributes outside of ``__dict__``, but for pydantic's own of its models."""
    names = getattr(of, "__slots__", ())
    names = (names,) if isinstance(names, str) else names
    return tuple(name for name in names if not name.startswith("__"))


@lru_cache(maxsize=4096)
def _holds(of: type) -> str:
    """How objects of a type refer to others."""
    if issubclass(of, Mapping):
        return "mapping"
    if issubclass(of, tuple | list | set | frozenset):
        return "items"
    return "view" if issubclass(of, memoryview) else "attributes"
