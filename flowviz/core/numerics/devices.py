"""Choice of the device: a GPU if there is one and the problem is large enough."""

from __future__ import annotations

import torch

MIN_GPU_PAIRS = 1 << 20
"""Pairs of query and data point from which a GPU is faster than the CPU."""


def choose(
    pairs: int, tensor_device: torch.device, device: torch.device | str | None = None
) -> torch.device:
    """The device to compute on.

    Args:
        pairs: size of the problem, in pairs of query and data point.
        tensor_device: the device of the tensors.
        device: the caller's choice, if any.
    """
    if device is not None:
        return torch.device(device)
    if tensor_device.type == "cpu" and pairs >= MIN_GPU_PAIRS and torch.cuda.is_available():
        return torch.device("cuda")
    return tensor_device
