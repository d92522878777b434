"""Forward-mode derivatives: right, nested, and from many threads at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from flowviz.core.numerics.autodiff import elementwise_grad, jvp, time_derivative
from flowviz.core.numerics.jacobians import ValueJacobianRate, value_jacobian_rate
from flowviz.core.paths.implicit import Family
from flowviz.core.paths.nonlinear import Squeeze
from flowviz.core.schedules import SCHEDULES


def test_a_nested_rate_is_the_second_derivative():
    t = torch.linspace(0.1, 1.0, 7, dtype=torch.float64)
    (_, first), (_, second) = jvp(lambda s: time_derivative(torch.sin, s), t, torch.ones_like(t))
    torch.testing.assert_close(first, torch.cos(t))
    torch.testing.assert_close(second, -torch.sin(t))


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
