"""The data set of small images: 1,797 handwritten digits of 8 × 8 pixels (`digits.txt`)."""

from __future__ import annotations

import functools
import gzip
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

SHAPE = (8, 8)
LEVELS = 8.0
"""Pixels 0 to 16 are divided by this, less 1: values in [-1, 1]."""
_FILE = Path(__file__).with_name("digits.npz")


@functools.cache
def digits() -> tuple[Tensor, Tensor]:
    """The images, (1797, 64) float64 in [-1, 1], row by row, and their labels, (1797,) int64.

    Source: Alpaydin, Kaynak, "Optical recognition of handwritten digits", UCI, 1998.
    """
    with np.load(_FILE, allow_pickle=False) as file:
        pixels, labels = file["pixels"], file["labels"]
    images = torch.from_numpy(pixels.reshape(len(pixels), -1)).to(torch.float64) / LEVELS - 1.0
    return images, torch.from_numpy(labels).long()


def write(source: Path, target: Path = _FILE) -> None:
    """Write the file of arrays from scikit-learn's table, ``digits.csv.gz``.

    Raises:
        ValueError: for a table that is not of whole pixels from 0 to 16.
    """
    with gzip.open(source) as file:
        table = np.loadtxt(file, delimiter=",")
    pixels = table[:, :-1].astype(np.uint8)
    if not np.array_equal(pixels, table[:, :-1]) or pixels.max() > 2 * LEVELS:
        raise ValueError(f"{source} must have whole pixels from 0 to 16")
    labels = table[:, -1].astype(np.uint8)
    np.savez_compressed(target, pixels=pixels.reshape(-1, *SHAPE), labels=labels)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
