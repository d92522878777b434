"""Every public call takes a number, a list or an array where it takes a tensor, and refuses the
rest by a sentence: no AttributeError, no IndexError, no RuntimeError of torch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.greens.characteristics import characteristic, characteristic_curve
from flowviz.core.greens.single_point import density, divergence, path_statistics, shrinking_box
from flowviz.core.likelihood import log_prob
from flowviz.core.numerics.arguments import as_positions, as_tensor, as_times
from flowviz.core.paths import PATHS, Path
from flowviz.core.paths.base import pairs, per_pair
from flowviz.core.priors import PLANE_PRIORS, PRIORS
from flowviz.core.schedules import SCHEDULES, Schedule
from flowviz.core.solvers import SOLVERS, solve
from flowviz.core.solvers.vector_fields import vector_field_of
from flowviz.core.training import VelocityNet
from flowviz.core.transport import basin_map, straight_fan, trajectories
from tests.cases import each_of

DTYPE = torch.float64
T = 0.375  # exact in every float there is
LINE = torch.tensor([[0.5], [1.25]], dtype=DTYPE)
FLAT = torch.tensor([[0.5, 0.25], [1.25, -0.5]], dtype=DTYPE)
FIELD = MarginalField([[0.5], [1.25]], [2, 6], PRIORS["gaussian"](), PATHS["affine"]())
PLANE = MarginalField(FLAT, [1.0, 3.0], PRIORS["gaussian"](), PATHS["affine"]())
NET = VelocityNet(FIELD, width=8, depth=1)
PATH = PATHS["affine"]()
FLOW = vector_field_of(FIELD)


@dataclass(frozen=True)
class Call:
    """A public call of positions and times: ``at(x, t)``.

    ``x`` good positions, None where there are none; ``times`` good times where a vector is taken
    whatever ``x`` is; ``one`` whether a single time is taken.
    """

    name: str
    at: Callable[[Any, Any], Any]
    x: Tensor | None = None
    times: tuple[float, ...] | None = (0.25, 0.5)
    one: bool = True
    shapes: tuple[tuple[int, ...], ...] = ((), (3,), (2, 7))
    """Of positions that make no sense."""


def paths() -> list[Call]:
    """Every direction of every family."""
    made = {name: kind() for name, kind in PATHS.items() if name != "formula"}
    made["formula"] = PATHS["formula"](forward="(1-t)*x0+t*x1+t*(1-t)*tanh(x1)/4")
    return [
        Call(
            f"{name}.{method}",
            lambda v, t, p=path, m=method: getattr(p, m)(v, LINE if p.exists_in(1) else FLAT, t),
            LINE if path.exists_in(1) else FLAT,
        )
        for name, path in made.items()
        for method in ("forward", "inverse", "velocity", "log_det", "conditional")
    ]


def schedules() -> list[Call]:
    """Every curve of every schedule."""
    return [
        Call(f"{name}.{method}", lambda _, t, s=schedule, m=method: getattr(s, m)(t))
        for name, schedule in {name: kind() for name, kind in SCHEDULES.items()}.items()
        for method in (
            "__call__",
            "one_minus_alpha",
            "rates",
            "velocity_coefficients",
            "linear_time_and_scale",
            "time_of",
        )
    ]


def priors() -> list[Call]:
    """Every function of every prior; in d dimensions any shape but a number's will do."""
    return [
        Call(
            f"{name}.{method}",
            lambda x, _, p=prior, m=method: getattr(p, m)(x),
            x,
            None,
            one=False,
            shapes=((),) if method in ("log_prob", "prob") else (),
        )
        for name, prior in {n: kind() for n, kind in (PRIORS | PLANE_PRIORS).items()}.items()
        for method, x in (
            *((m, LINE[:, 0]) for m in ("log_pdf", "pdf", "cdf", "sf") if name in PRIORS),
            *((m, LINE[:, 0] / 2) for m in ("icdf", "isf") if name in PRIORS),
            *((m, FLAT) for m in ("log_prob", "prob", "nearest")),
        )
    ]


CALLS = [
    *paths(),
    *schedules(),
    *(
        Call(f"field.{method}", lambda x, t, m=method: getattr(FIELD, m)(x, t), LINE)
        for method in (
            *("__call__", "log_prob", "posterior", "probe", "cdf", "sf"),
            *("continuity_terms", "continuity_residual"),
        )
    ),
    Call("field.log_prob_rows", FIELD.log_prob_rows, LINE, shapes=((), (3,))),
    Call("field.grid", lambda x, t: FIELD.grid((x,), t), LINE[:, 0]),
    Call("field.grid, d = 2", lambda x, t: PLANE.grid((x, x), t), LINE[:, 0]),
    Call("trajectories", lambda x, t: trajectories(FIELD, x, t), LINE, one=False),
    Call("trajectories, d = 2", lambda x, t: trajectories(PLANE, x, t), FLAT, one=False),
    Call(
        "straight_fan", lambda x, t: straight_fan(FIELD, x, t), LINE, one=False, shapes=((), (2, 7))
    ),
    Call("basin_map", lambda x, _: basin_map(PLANE, (x, x), 9), LINE[:, 0], None, one=False),
    Call("net", NET, LINE),
    Call("divergence", lambda x, t: divergence(PATH, x, LINE, t), LINE),
    Call("density", lambda x, t: density(PATH, FIELD.prior, x, LINE, t), LINE),
    Call("shrinking_box", lambda _, t: shrinking_box(2, t), one=False),
    Call(
        "superposition",
        path_statistics,
        torch.ones(2, 3, 1, dtype=DTYPE),
        (0.25, 0.5, 1.0),
        one=False,
    ),
    Call(
        "characteristic",
        lambda x, t: characteristic(PATH, FIELD.prior, x, LINE[:1] + 1.0, t),
        LINE,
        None,
    ),
    Call("along", lambda x, t: characteristic_curve(PATH, x, LINE[:1] + 1.0, t), LINE[:1], None),
    Call(
        "likelihood", lambda x, t: log_prob(FIELD, FIELD.prior, x, t), LINE, (0.5, 1.0), one=False
    ),
    *(
        Call(f"walk by {name}", lambda x, t, s=s: solve(s, FLOW, x, t), LINE, (1.0, 0.5), one=False)
        for name, s in SOLVERS.items()
    ),
    *priors(),
]
every_call = each_of(CALLS, lambda call: call.name)
WRONG_TYPES = [
    *("a", None, 1j, True, b"1", object(), {0.5}, ["a"], [None], [0.5, 1j], [[1.0], [2.0, 3.0]]),
    *(np.array(["a"]), np.array([True]), torch.tensor([True]), torch.tensor([0.5 + 0j])),
]
REFUSALS = (TypeError, ValueError)


def values(result: Any) -> list[Any]:
    """The tensors and numbers of a result, whatever holds them."""
    if isinstance(result, Tensor | int | float):
        return [result]
    parts = result if isinstance(result, tuple | list) else vars(result).values()
    return [v for part in parts for v in values(part)]


def same(one: Any, two: Any) -> bool:
    """Whether two results are the same, bit for bit and in every dtype."""
    return all(
        (torch.equal(a.nan_to_num(), b.nan_to_num()) and a.dtype == b.dtype)
        if isinstance(a, Tensor)
        else a == b
        for a, b in zip(values(one), values(two), strict=True)
    )


def refused(work: Callable[[], Any]) -> None:
    """The work is refused, in a sentence of this project that says what came."""
    with pytest.raises(REFUSALS, match=r"\b(got|exists only)\b") as caught:
        work()
    assert type(caught.value) in REFUSALS


@every_call
def test_a_time_may_be_a_number(call):
    if not call.one:
        return
    wanted = call.at(call.x, torch.tensor(T, dtype=DTYPE))
    for time in (T, np.float64(T), np.float32(T), np.array(T), torch.tensor(T)):
        if call.x is None and getattr(time, "dtype", None) in (np.float32, torch.float32):
            continue  # a tensor's own dtype is kept where there is no other
        assert same(call.at(call.x, time), wanted), type(time)
    assert same(call.at(call.x, 1), call.at(call.x, torch.tensor(1.0, dtype=DTYPE)))


@every_call
def test_times_may_be_a_list(call):
    if call.times is None:
        return
    wanted = call.at(call.x, torch.tensor(call.times, dtype=DTYPE))
    for times in (list(call.times), tuple(call.times), np.array(call.times)):
        assert same(call.at(call.x, times), wanted), type(times)


@every_call
def test_positions_may_be_a_list(call):
    if call.x is None:
        return
    time = T if call.one else call.times
    wanted = call.at(call.x, time)
    for x in (call.x.tolist(), call.x.numpy()):
        assert same(call.at(x, time), wanted), type(x)


@every_call
def test_what_is_no_number_is_refused(call):
    time = T if call.one else call.times
    for wrong in WRONG_TYPES:
        if call.x is not None:
            refused(lambda wrong=wrong: call.at(wrong, time))
        if time is not None:
            refused(lambda wrong=wrong: call.at(call.x, wrong))


@every_call
def test_shapes_that_do_not_belong_together_are_refused(call):
    time = T if call.one else call.times
    if call.x is not None and call.x.dim() > 1:
        for wrong in call.shapes:
            refused(lambda wrong=wrong: call.at(torch.ones(wrong), time))
            refused(lambda wrong=wrong: call.at(np.ones(wrong), time))
    if call.x is not None and call.times is not None:
        refused(lambda: call.at(call.x, torch.full((5, 3), 0.5)))


@every_call
def test_nan_is_refused_or_returned(call):
    nan, refusals = float("nan"), list[str]()
    for x, t in ((call.x, nan), (None if call.x is None else torch.full_like(call.x, nan), T)):
        time = t if call.one else (t,) * len(call.times or ())
        try:
            assert values(call.at(x, time))
        except REFUSALS as refusal:
            refusals.append(str(refusal))
    assert all("got" in sentence for sentence in refusals)


CURVES = [call for call in schedules() if not call.name.endswith("rates")]  # those may be constant


@pytest.mark.parametrize("call", CURVES, ids=lambda c: c.name)
def test_a_schedule_returns_nan_for_nan(call):
    for time in (float("nan"), [0.5, float("nan")]):
        for value in values(call.at(None, time)):
            assert value.reshape(-1)[-1].isnan()
            assert value.reshape(-1)[:-1].isfinite().all()


def test_the_data_may_be_lists_and_are_refused_by_name():
    prior: Any = PRIORS["gaussian"]()
    path = PATHS["affine"]()
    made = MarginalField([[0.5], [1.25]], np.array([2, 6]), prior, path)
    assert torch.equal(made.x0, LINE)
    assert made.weights.tolist() == [0.25, 0.75]
    for wrong in WRONG_TYPES:
        refused(lambda wrong=wrong: MarginalField(wrong, [1.0], prior, path))
        refused(lambda wrong=wrong: MarginalField(LINE, wrong, prior, path))
        refused(lambda wrong=wrong: MarginalField(LINE, [1.0, 1.0], wrong, path))
        refused(lambda wrong=wrong: MarginalField(LINE, [1.0, 1.0], prior, wrong))
        refused(lambda wrong=wrong: trajectories(wrong, LINE, [0.5]))
        refused(lambda wrong=wrong: prior.sample(wrong, 1))
    refused(lambda: prior.sample(2.5, 1))
    refused(lambda: FIELD(torch.ones(2, 1, device="meta"), 0.5))


def test_dtype_is_the_data_s():
    small = MarginalField(LINE.float(), torch.ones(2), PRIORS["gaussian"](), PATHS["affine"]())
    for x in (LINE, LINE.float(), LINE.numpy(), LINE.tolist(), torch.ones(2, 1, dtype=torch.int32)):
        assert small(x, T).dtype == torch.float32
        assert FIELD(x, T).dtype == torch.float64
        assert small.grid((LINE[:, 0],), [T]).log_p.dtype == torch.float32


def test_methods_of_families_and_schedules_receive_tensors():
    class Mine(Path):
        def forward(self, x1: Tensor, x0: Tensor, t: Tensor) -> Tensor:
            assert all(isinstance(v, Tensor) and v.dtype == DTYPE for v in (x1, x0, t))
            return (1 - per_pair(t)) * x0 + per_pair(t) * pairs(x1)

        def inverse(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
            assert all(isinstance(v, Tensor) for v in (x, x0, t))
            return (pairs(x) - (1 - per_pair(t)) * x0) / per_pair(t)

    class Slow(Schedule):
        def __call__(self, t: Tensor) -> tuple[Tensor, Tensor]:
            assert isinstance(t, Tensor)
            return 1 - t**4, t**4

    own: Any = Mine()
    for method in ("forward", "inverse", "velocity", "log_det"):
        mine, known = (getattr(p, method)(LINE.tolist(), LINE.tolist(), T) for p in (own, PATH))
        assert torch.allclose(mine, known)
    named = own.forward(t=T, x0=LINE, x1=LINE.numpy())
    assert torch.equal(named, own.forward(LINE, LINE, T))
    assert Slow().rates(0.5)[1].item() == pytest.approx(0.5)
    assert Slow().time_of(u=[0.0625]).tolist() == pytest.approx([0.5])
    with pytest.raises(TypeError, match="x1, x0, t"):
        own.forward(LINE, LINE, time=T)


JUNK = st.recursive(
    st.none() | st.booleans() | st.text(max_size=3) | st.complex_numbers() | st.binary(max_size=3),
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)


@settings(deadline=None, max_examples=150)
@given(junk=JUNK, which=st.integers(0, len(CALLS) - 1))
def test_junk_is_refused_everywhere(junk, which):
    call = CALLS[which]
    time = T if call.one else call.times
    if isinstance(junk, list) and np.asarray(junk, dtype=object).size == 0:
        return
    for x, t in ((junk, time), (call.x, junk)):
        if (call.x is None and x is junk) or (t is junk and time is None):
            continue
        refused(lambda x=x, t=t: call.at(x, t))


NUMBERS = st.floats(-1e300, 1e300) | st.integers(-(10**30), 10**30)


@settings(deadline=None)
@given(numbers=st.lists(NUMBERS, min_size=1, max_size=5))
def test_numbers_come_through_unchanged(numbers):
    wanted = torch.tensor([float(v) for v in numbers], dtype=DTYPE)
    arrays = np.array(numbers, dtype=object), wanted.numpy(), wanted, tuple(numbers)
    for given_ in (numbers, *arrays):
        assert torch.equal(as_tensor("x", given_), wanted)
        assert torch.equal(as_times(given_, wanted), wanted)
        assert torch.equal(as_positions(given_, wanted), wanted)
    assert as_tensor("x", wanted) is wanted
    assert as_times(wanted, wanted) is wanted
