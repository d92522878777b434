"""How many bytes a result takes: its arrays, and what else it is made of."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import torch


_PLAIN = frozenset({bool, int, float, complex, str, bytes, type(None)})
"""Types of what holds nothing else: most of what there is to look through."""


def size_of(value: object) -> int:
    """Bytes of a value and of all that it holds, each object and each block of memory once.

    Classes, functions and modules count for nothing: they are there anyway.
    """
    total, seen, open_ends = 0, set[int](), [value]
    while open_ends:
        one = open_ends.pop()
        if id(one) in seen:
            continue
        if type(one) in _PLAIN:
            seen.add(id(one))
            total += sys.getsizeof(one)
            continue
        if isinstance(one, type | ModuleType) or (callable(one) and _bare(one)):
            continue
        seen.add(id(one))
        if isinstance(one, torch.Tensor):
            storage = one.untyped_storage()
            if storage.data_ptr() not in seen:  # views share it
                seen.add(storage.data_ptr())
                total += storage.nbytes()
        elif isinstance(one, np.ndarray):
            if one.base is None:
                total += one.nbytes
            else:
                open_ends.append(one.base)
        else:
            total += sys.getsizeof(one, 0)
            open_ends.extend(_parts(one))
    return total


def _bare(one: Any) -> bool:
    """Whether it is a function, and no object that can be called besides."""
    return not hasattr(one, "__dict__") or hasattr(one, "__code__") or hasattr(one, "__func__")


def _parts(one: Any) -> Iterable[object]:
    if isinstance(one, Mapping):
        return [*one.keys(), *one.values()]
    if isinstance(one, tuple | list | set | frozenset):
        return one
    if isinstance(one, memoryview):
        return [one.obj]
    slots = (getattr(one, name, None) for name in getattr(type(one), "__slots__", ()))
    return [*getattr(one, "__dict__", {}).values(), *slots]
