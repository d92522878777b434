"""The modified Bessel function e⁻ˣ I₀(x) from a table, to rounding.

With q = 1/√(1+x) the ratio e⁻ˣ I₀(x)/q is smooth on all of (0, 1], also at q = 0, where x = ∞. On
each of `_CELLS` equal intervals of q it is a polynomial of degree `_DEGREE` to rounding.
``torch.special.i0e`` sums a series one number at a time, which takes twice as long.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from scipy.special import i0e as scipy_i0e
from torch import Tensor

_CELLS, _DEGREE = 1024, 4
_FEW = 1000
"""Numbers for which the table's overheads cost more than the series."""


def i0e(x: Tensor) -> Tensor:
    """e⁻ˣ I₀(x), elementwise for x ≥ 0."""
    if x.numel() < _FEW:
        return torch.special.i0e(x)
    q = torch.rsqrt(x + 1.0)
    scaled = q * _CELLS
    cell = scaled.long().clamp_(0, _CELLS - 1)  # whatever a NaN becomes
    rest = scaled.sub_(cell)
    rows = _table(x.dtype, x.device).index_select(0, cell.flatten())
    *lower, value = rows.view(*x.shape, _DEGREE + 1).unbind(-1)
    for coefficient in reversed(lower):
        value = torch.addcmul(coefficient, value, rest)
    return value.mul_(q)


@lru_cache(maxsize=4)
def _table(dtype: torch.dtype, device: torch.device) -> Tensor:
    """The polynomials' coefficients, (_CELLS, _DEGREE + 1), through Chebyshev points."""
    node = 0.5 - 0.5 * np.cos(np.pi * (np.arange(_DEGREE + 1) + 0.5) / (_DEGREE + 1))
    q = (np.arange(_CELLS)[:, None] + node) / _CELLS
    ratio = scipy_i0e(1.0 / q**2 - 1.0) / q
    powers = np.vander(node, _DEGREE + 1, increasing=True)
    coefficients = np.linalg.solve(powers, ratio.T).T
    with torch.inference_mode(False):  # it outlives the caller's inference
        return torch.from_numpy(coefficients.copy()).to(dtype=dtype, device=device)
