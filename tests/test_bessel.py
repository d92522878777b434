"""The table of e⁻ˣ I₀(x) against SciPy's series and 30 digits."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import torch
from scipy.special import i0e as by_series

from flowviz.core.numerics.bessel import _FEW, i0e

X = np.concatenate([[0.0], np.logspace(-14, 12, 4000), np.linspace(0.0, 60.0, 4001)])


def test_it_is_exact_to_rounding_from_0_to_infinity() -> None:
    ratio = i0e(torch.from_numpy(X)).numpy() / by_series(X)
    assert np.abs(ratio - 1.0).max() < 4e-15
    some = X[X < 500.0][::97]
    with mpmath.workdps(30):
        true = [float(mpmath.besseli(0, x) * mpmath.exp(-x)) for x in map(mpmath.mpf, some)]
    assert np.abs(i0e(torch.from_numpy(X)).numpy()[X < 500.0][::97] / true - 1.0).max() < 4e-15


def test_few_numbers_give_what_many_give() -> None:
    x = torch.from_numpy(X)
    few = torch.cat([i0e(part) for part in x.split(_FEW - 1)])
    assert torch.allclose(i0e(x), few, rtol=4e-15, atol=0.0)


def test_what_is_no_number_stays_none() -> None:
    x = torch.full((2 * _FEW,), 3.0, dtype=torch.float64)
    x[0], x[1] = math.nan, math.inf
    found = i0e(x)
    assert found[0].isnan()
    assert found[1] == 0.0
    assert found[2:].isfinite().all()


def test_it_serves_gradients_after_inference() -> None:
    x = torch.full((2 * _FEW,), 2.0, dtype=torch.float64)
    with torch.inference_mode():
        i0e(x)
    at = x.clone().requires_grad_()
    (slope,) = torch.autograd.grad(i0e(at).sum(), at)
    true = float((torch.special.i1e(x[:1]) - torch.special.i0e(x[:1]))[0])
    assert (slope - true).abs().max() < 1e-9
