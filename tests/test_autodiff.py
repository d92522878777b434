"""Forward-mode derivatives: right, nested, and from many threads at once."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from flowviz.core.numerics.autodiff import elementwise_grad, jvp, time_derivative
from flowviz.core.numerics.jacobians import ValueJacobianRate, value_jacobian_rate
from flowviz.core.paths.homotopy import Family
from flowviz.core.paths.nonlinear import Squeeze
from flowviz.core.schedules import SCHEDULES


def test_a_nested_rate_is_the_second_derivative():
    t = torch.linspace(0.1, 1.0, 7, dtype=torch.float64)
    (_, first), (_, second) = jvp(lambda s: time_derivative(torch.sin, s), t, torch.ones_like(t))
    torch.testing.assert_close(first, torch.cos(t))
    torch.testing.assert_close(second, -torch.sin(t))


def test_no_python_of_torch_runs_for_the_constants_of_a_formula():
    """A release of torch that asks elsewhere for the shapes of zeros would cost tenfold time."""
    t, x0 = torch.linspace(0.1, 1.0, 7, dtype=torch.float64), torch.ones(7, dtype=torch.float64)
    asked: list[str] = []

    def listen(frame, event, _):
        where = frame.f_code.co_filename
        if event == "call" and ("torch/_refs" in where or "torch/_prims" in where):
            asked.append(f"{where}: {frame.f_code.co_name}")

    sys.setprofile(listen)
    try:
        rate = time_derivative(lambda s: (x0 * (1 - s) + 3 * s - x0) / x0 + x0 / s - 2.0, t)[1]
    finally:
        sys.setprofile(None)
    assert asked == []
    torch.testing.assert_close(rate, 2 - t**-2)


DTYPES = st.sampled_from([torch.float64, torch.float32, torch.complex128, torch.int64, torch.bool])
SHAPES = st.sampled_from([(), (1,), (3,), (2, 1), (2, 3), (4, 1, 3), (0,)])


@given(SHAPES, DTYPES, SHAPES, DTYPES, st.sampled_from([torch.add, torch.mul, torch.div]))
def test_shapes_of_results_are_known_without_their_numbers(one, first, other, second, operation):
    a, b = torch.ones(one, dtype=first), torch.ones(other, dtype=second)
    try:
        wanted = operation(a, b)
    except RuntimeError:  # shapes that do not belong together
        with pytest.raises((RuntimeError, ValueError)):
            operation(a.to("meta"), b.to("meta"))
        return
    found = operation(a.to("meta"), b.to("meta"))
    assert (found.shape, found.dtype, found.device.type) == (wanted.shape, wanted.dtype, "meta")


def test_rates_of_constants_are_the_same_in_reverse_mode():
    t = torch.linspace(0.1, 1.0, 7, dtype=torch.float64)

    def formula(s: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return s * torch.cos(1.0 - s), torch.exp(s) / s, torch.ones_like(s)

    values, slopes = elementwise_grad(formula, t)
    torch.testing.assert_close((values, slopes), time_derivative(formula, t), rtol=1e-14, atol=0)
    assert not any(v.requires_grad for v in (*values, *slopes))
    with torch.inference_mode():
        torch.testing.assert_close(elementwise_grad(formula, t.clone())[1], slopes, rtol=0, atol=0)
    # And within another differentiation they are differentiated once more.
    (_, first), (_, second) = time_derivative(lambda s: elementwise_grad(lambda r: (r**3,), s), t)
    torch.testing.assert_close((first[0], second[0]), (3 * t**2, 6 * t))


@pytest.mark.parametrize("d", [1, 2])
def test_a_change_found_backwards_is_the_one_found_forwards(d):
    """Of a root, too, whose own slope must then be whole; within another pass it goes forwards."""
    path, x0 = Squeeze(), torch.tensor([[-0.7] * d, [1.1] * d], dtype=torch.float64)
    z = torch.randn(5, d, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    at, t = z[:, None].expand(5, 2, d), torch.linspace(0.3, 0.9, 5).double()[:, None, None]
    forwards: list[ValueJacobianRate] = []

    def again(s: torch.Tensor, function: Family) -> torch.Tensor:
        forwards.append(value_jacobian_rate(lambda v, r: function(v, x0, r), at, t))
        return s

    for function in (path.forward, path.inverse):
        back = value_jacobian_rate(lambda v, s, f=function: f(v, x0, s), at, t)
        time_derivative(lambda s, f=function: again(s, f), t)
        for one, other in zip(back, forwards.pop(), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-11, atol=1e-12)


def test_visitors_threads_do_not_break_each_others_derivatives():
    """Without the lock this fails within a second: "invalid index" from torch."""
    t = torch.linspace(0.1, 1.0, 50, dtype=torch.float64)
    schedule = SCHEDULES["vp"]()
    alone = time_derivative(schedule, t)[1]

    def many(_: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
        return [time_derivative(schedule, t)[1] for _ in range(60)]

    with ThreadPoolExecutor(8) as pool:
        for results in pool.map(many, range(8)):
            for got in results:
                torch.testing.assert_close(got, alone, rtol=0, atol=0)
