"""Special functions that torch does not have: Student's t distribution function."""

from __future__ import annotations

import math

import numpy as np
import scipy.special
import torch
from torch import Tensor


def student_log_norm(df: float) -> float:
    """log of the normalising constant of Student's t density."""
    return math.lgamma((df + 1) / 2) - math.lgamma(df / 2) - 0.5 * math.log(df * math.pi)


def student_cdf(y: Tensor, df: float) -> Tensor:
    """P(T ≤ y) for Student's t with df degrees of freedom."""
    return torch.from_numpy(np.asarray(scipy.special.stdtr(df, y.detach().cpu().numpy()))).to(y)


def student_icdf(q: Tensor, df: float) -> Tensor:
    """The y with P(T ≤ y) = q."""
    return torch.from_numpy(np.asarray(scipy.special.stdtrit(df, q.detach().cpu().numpy()))).to(q)
