"""Work counted from outside: the elements that torch forms, whoever calls it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

CALL_ELEMENTS = 2_000
"""How many elements take as long as the overhead of a torch function."""
MOST = 100_000_000
"""Elements between two reports: a fifth of a second, at 2 ns each."""


class Elements(TorchFunctionMode):
    """Counts the elements of all results, also between two calls of ``report``."""

    def __init__(self) -> None:
        super().__init__()
        self.total, self.since, self.longest = 0, 0, 0

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        size = result.numel() if type(result) is torch.Tensor else 0
        self.total, self.since = (
            self.total + size + CALL_ELEMENTS,
            self.since + size + CALL_ELEMENTS,
        )
        return result

    def report(self, done: float) -> None:
        assert 0.0 <= done <= 1.0
        self.longest, self.since = max(self.longest, self.since), 0
