"""Choice of the device: a GPU if there is one and the problem is large enough."""

from __future__ import annotations

import torch

MIN_GPU_PAIRS = 1 << 20
"""Pairs of query and data point from which a GPU is faster than the CPU."""


def choose(
    pairs: int, home: torch.device, device: torch.device | str | None = None
) -> torch.device:
    """The device to compute on.

    Args:
        pairs: size of the problem, in pairs of query and data point.
        home: where the tensors are.
        device: the caller's choice, if any.
    """
    if device is not None:
        return torch.device(device)
    if home.type == "cpu" and pairs >= MIN_GPU_PAIRS and torch.cuda.is_available():
        return torch.device("cuda")
    return home
