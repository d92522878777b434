"""The processor time of a call."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any


def best(call: Callable[[], Any], repeats: int = 3) -> tuple[float, Any]:
    """The shortest of a few runs, in milliseconds, and what it returned."""
    shortest, result = math.inf, None
    for _ in range(repeats):
        start = time.process_time()
        result = call()
        shortest = min(shortest, time.process_time() - start)
    return shortest * 1e3, result
