"""The memory that a result takes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import torch

_PLAIN = frozenset({bool, int, float, complex, str, bytes, type(None)})
"""Types of objects that refer to no others."""


def size_of(value: object) -> int:
    """Bytes of an object and all that it refers to, each object and each buffer counted once.

    Classes, functions and modules count 0.
    """
    total, visited, pending = 0, set[int](), [value]
    while pending:
        one = pending.pop()
        if id(one) in visited:
            continue
        if type(one) in _PLAIN:
            visited.add(id(one))
            total += sys.getsizeof(one)
            continue
        if isinstance(one, type | ModuleType) or (callable(one) and _is_function(one)):
            continue
        visited.add(id(one))
        if isinstance(one, torch.Tensor):
            storage = one.untyped_storage()
            if storage.data_ptr() not in visited:  # shared by views
                visited.add(storage.data_ptr())
                total += storage.nbytes()
        elif isinstance(one, np.ndarray):
            if one.base is None:
                total += one.nbytes
            else:
                pending.append(one.base)
        else:
            total += sys.getsizeof(one, 0)
            pending.extend(_referents(one))
    return total


def _is_function(one: Any) -> bool:
    """Whether a callable is a function, and not an instance with state of its own."""
    return not hasattr(one, "__dict__") or hasattr(one, "__code__") or hasattr(one, "__func__")


def _referents(one: Any) -> Iterable[object]:
    if isinstance(one, Mapping):
        return [*one.keys(), *one.values()]
    if isinstance(one, tuple | list | set | frozenset):
        return one
    if isinstance(one, memoryview):
        return [one.obj]
    slots = (getattr(one, name, None) for name in getattr(type(one), "__slots__", ()))
    return [*getattr(one, "__dict__", {}).values(), *slots]
