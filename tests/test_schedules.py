"""Every schedule: its ends, its rates, its straight-line time."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from flowviz.core.formula import FormulaError
from flowviz.core.schedules import SCHEDULES, Linear, VariancePreserving
from tests import reference

every_schedule = pytest.mark.parametrize("name", SCHEDULES)


@every_schedule
def test_ends_are_exact(name):
    alpha, sigma = SCHEDULES[name]()(torch.tensor([0.0, 1.0], dtype=torch.float64))
    assert alpha[0] == pytest.approx(1.0, abs=1e-15)
    assert alpha[1] == 0.0
    assert sigma[0] == 0.0
    assert sigma[1] == pytest.approx(1.0, abs=1e-15)


@every_schedule
def test_alpha_falls_and_sigma_rises(name):
    alpha, sigma = SCHEDULES[name]()(torch.linspace(0, 1, 1001, dtype=torch.float64))
    assert (alpha.diff() < 0).all()
    assert (sigma.diff() > 0).all()


@every_schedule
@pytest.mark.parametrize("t", [1e-6, 1e-4, 0.01, 0.3, 0.77, 0.999, 1 - 1e-6])
def test_values_and_rates_agree_with_forty_digits(name, t):
    schedule, true = SCHEDULES[name](), reference.SCHEDULES[name]
    time = torch.tensor(t, dtype=torch.float64)
    for k in range(2):
        value = true(mp.mpf(t))[k]
        rate = mp.diff(lambda s, k=k: true(s)[k], mp.mpf(t), h=mp.mpf("1e-18"))
        # α near 1 and its rate near 0 are right absolutely; σ, which is divided by, relatively.
        room = 1e-14 * (abs(value) if k == 1 else 1)
        assert abs(mp.mpf(schedule(time)[k].item()) - value) < room
        assert abs(mp.mpf(schedule.rates(time)[k].item()) - rate) < 1e-14 * abs(rate) + 1e-13


@every_schedule
@pytest.mark.parametrize("t", [1e-9, 1e-4, 0.3, 1.0])
def test_one_minus_alpha_is_exact_at_small_times(name, t):
    gone = SCHEDULES[name]().one_minus_alpha(torch.tensor(t, dtype=torch.float64))
    true = 1 - reference.SCHEDULES[name](mp.mpf(t))[0]
    # A typed α_t is all there is: the difference from 1 has the digits that are left.
    room = 2e-16 if name == "formula" else 1e-14 * true
    assert abs(mp.mpf(gone.item()) - true) <= room


@every_schedule
@settings(deadline=None, max_examples=40)
@given(u=st.floats(1e-9, 1 - 1e-9))
def test_time_of_inverts_the_straight_line_time(name, u):
    schedule = SCHEDULES[name]()
    seen, _ = schedule.linear_time_and_scale(
        schedule.time_of(torch.tensor([u], dtype=torch.float64))
    )
    assert seen.item() == pytest.approx(u, rel=1e-13)


TYPED = {
    "t^0.1": lambda t: t ** mp.mpf(0.1),
    "t^8": lambda t: t**8,
    "exp(1-1/t)": lambda t: mp.exp(1 - 1 / t),
}
U = [1e-300, 1e-100, 1e-30, 1e-9, 1e-3, 0.1, 0.5, 0.9, 1 - 1e-6, 1 - 1e-12]


@pytest.mark.parametrize("name", [*SCHEDULES, *TYPED])
def test_the_time_of_a_straight_time_is_right_to_rounding(name):
    """Against 700 digits: u lies between what the neighbours of t show, at every size of t."""
    true = (lambda t: (1 - t, TYPED[name](t))) if name in TYPED else reference.SCHEDULES[name]
    typed = {"sigma": name} if name in TYPED else {}
    schedule = SCHEDULES["formula" if typed else name](**typed)
    u = torch.tensor(U, dtype=torch.float64)
    t = schedule.time_of(u)
    shown = schedule.linear_time_and_scale(t)[0]

    def straight(time: float) -> Any:
        alpha, sigma = true(mp.mpf(time))
        return sigma / (alpha + sigma)

    with mp.workdps(700):  # 1 - α is 1e-300 or less
        for wanted, time, back in zip(U, t.tolist(), shown.tolist(), strict=True):
            if time < 1e-300:  # t is no normal number
                assert wanted < straight(1e-300)
                continue
            # What rounding of t and of u itself allows.
            step = 4 * 2.3e-16 * time
            below, above = straight(time - step), straight(min(time + step, 1))
            room = 8 * 2.3e-16 * mp.mpf(wanted)
            assert below - room <= wanted <= above + room, (wanted, time)
            assert abs(back - wanted) <= max(2 * (above - below), room), (wanted, back)


@every_schedule
def test_the_straight_line_time_has_the_same_ends(name):
    schedule = SCHEDULES[name]()
    ends = torch.tensor([0.0, 1.0], dtype=torch.float64)
    u, scale = schedule.linear_time_and_scale(ends)
    assert torch.allclose(u, ends, rtol=0, atol=1e-16)
    assert torch.allclose(scale, torch.ones(2, dtype=torch.float64), rtol=0, atol=1e-15)
    assert torch.equal(schedule.time_of(ends), ends)


@every_schedule
def test_dtype_and_shape_are_kept(name):
    t = torch.rand(3, 2)
    for value in (
        *SCHEDULES[name]()(t),
        *SCHEDULES[name]().rates(t),
        *SCHEDULES[name]().linear_time_and_scale(t),
    ):
        assert value.shape == (3, 2)
        assert value.dtype == torch.float32


def test_the_linear_schedule_has_its_own_time():
    t = torch.linspace(0, 1, 11, dtype=torch.float64)
    u, scale = Linear().linear_time_and_scale(t)
    assert torch.equal(u, t)
    assert torch.equal(scale, torch.ones_like(t))


@pytest.mark.parametrize(("bmin", "bmax"), [(0.0, 1.0), (2.0, 1.0), (-1.0, 3.0)])
def test_impossible_betas_are_refused(bmin, bmax):
    with pytest.raises(ValueError, match=f"got bmin={bmin}"):
        VariancePreserving(bmin, bmax)


@pytest.mark.parametrize(
    ("alpha", "sigma", "code"),
    [
        ("1-t", "t+1", "ends"),
        ("2*(1-t)", "t", "ends"),
        ("1-t", "t+0.1*sin(6*pi*t)", "rise"),
        ("1-t+9*sin(pi*t)^2", "t", "rise"),  # σ rises, σ/(α+σ) does not
        ("1-t", "t*a", "variable"),
        ("1-t", "x0", "variable"),
        ("1-t", "t+", "end"),
        ("1-t", "sqrt(t-0.5)", "ends"),
        ("1-t", "t+0*sqrt((t-0.3)*(t-0.6))", "rise"),
    ],
)
def test_a_typed_schedule_that_is_none_is_refused(alpha, sigma, code):
    with pytest.raises(FormulaError) as caught:
        SCHEDULES["formula"](alpha=alpha, sigma=sigma)  # pyright: ignore[reportCallIssue]
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("name", "alpha", "sigma"),
    [
        ("cosine", "cos(pi*t/2)", "sin(pi*t/2)"),
        ("quadratic", "1-t^2", "t^2"),
        ("cubic", "1-t*t*t", "t**3"),
    ],
)
def test_a_typed_schedule_is_the_one_it_writes(name, alpha, sigma):
    typed = SCHEDULES["formula"](alpha=alpha, sigma=sigma)  # pyright: ignore[reportCallIssue]
    t = torch.linspace(0, 1, 101, dtype=torch.float64)
    for one, other in (
        (typed(t), SCHEDULES[name]()(t)),
        (typed.rates(t), SCHEDULES[name]().rates(t)),
    ):
        for a, b in zip(one, other, strict=True):
            assert torch.allclose(a, b, rtol=0, atol=1e-14)
