"""Where to compute: a GPU is used when there is one and the work is worth the trip."""

from __future__ import annotations

import torch

WORTHWHILE = 1 << 20
"""Pairs of query and data point at a time from which a GPU is faster than a cache."""


def choose(
    pairs: int, home: torch.device, device: torch.device | str | None = None
) -> torch.device:
    """The device for work on so many pairs at once, with tensors that live at ``home``.

    A device that is asked for is taken; otherwise a GPU if one is there and the work is worthwhile.
    """
    if device is not None:
        return torch.device(device)
    if home.type == "cpu" and pairs >= WORTHWHILE and torch.cuda.is_available():
        return torch.device("cuda")
    return home
