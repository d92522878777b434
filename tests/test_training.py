"""Training: the error it must reach, its reports, its refusals, continuing a run."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
import torch

from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import PLANE_PRIORS, PRIORS, Gaussian
from flowviz.core.training import (
    TARGETS,
    Diverged,
    TrainSpec,
    TrainState,
    TrainStep,
    VelocityNet,
    train,
    train_with_progress,
)
from flowviz.core.training.evaluation import Evaluation
from flowviz.core.training.loop import Loop
from flowviz.core.training.loss_floor import Floor
from flowviz.core.training.network import ACTIVATIONS
from flowviz.core.training.progress import pair_budget
from flowviz.core.training.sampling import PairSampler

BAR = 0.05
CPU = torch.device("cpu")
NO_FLOOR = Floor(0.0, 0.0)


def circle(n: int, spread: float = 0.0) -> MarginalField:
    """Eight centres at radius 4, and points around them."""
    angle = torch.arange(n, dtype=torch.float64) * (math.pi / 4)
    x0 = 4.0 * torch.stack([angle.cos(), angle.sin()], dim=1)
    noise = torch.randn(n, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return MarginalField(x0 + spread * noise, torch.ones(n), Gaussian(), PATHS["affine"]())


def small(law: str = "gaussian", d: int = 2, path: str = "affine", **given) -> MarginalField:
    x0 = torch.tensor([[1.5, 0.5], [-1.2, 0.3], [0.2, -1.4]], dtype=torch.float64)[:, :d]
    prior = {**PRIORS, **PLANE_PRIORS}[law]()
    return MarginalField(x0, torch.tensor([2.0, 1.0, 1.0]), prior, PATHS[path](**given))


def run(net: VelocityNet, field: MarginalField, spec: TrainSpec, **given) -> list[TrainStep]:
    return list(train(net, field, spec, floor=NO_FLOOR, **given))


@pytest.mark.parametrize(("n", "spread"), [(8, 0.0), (500, 0.1)])
def test_four_thousand_steps_reach_the_bar(n, spread):
    """√(E‖v - f‖²/E‖f‖²) ≤ 0.05, t uniform on [0.05, 1], by draws of its own; default settings."""
    torch.set_num_threads(1)
    field = circle(n, spread)
    net = VelocityNet(field, width=64, depth=3)
    last = run(net, field, TrainSpec(steps=4_000, batch=256, seed=0))[-1]
    assert last.step == 4_000
    drawn = PairSampler(field, 0.05, seed=4321, even=False)(0, 20_000)
    exact = field(drawn.x, drawn.t)
    with torch.no_grad():
        miss = (net(drawn.x, drawn.t) - exact).square().sum()
    relative = float((miss / exact.square().sum()) ** 0.5)
    assert relative <= 0.8 * BAR


def test_reports_say_where_training_is():
    field = small()
    net = VelocityNet(field, 16, 2)
    spec = TrainSpec(steps=230, batch=64)
    evaluation, seen = Evaluation(field, spec.t_min), []
    before = evaluation(net)[0]
    for at in train(net, field, spec):
        seen.append(at)
        # Between two reports the network is what the report is about.
        assert evaluation(net) == pytest.approx((at.excess, at.relative, at.median))
    assert seen[-1].step == seen[-1].steps == 230
    assert [at.step for at in seen] == sorted({at.step for at in seen})
    assert seen[-1].excess < 0.7 * before
    floor = seen[0].floor
    assert floor > 0.1
    late = [at for at in seen if at.step > 115]
    loss = sum(at.loss for at in late) / len(late)
    assert abs(loss - floor - late[0].excess) < 0.1 * floor
    assert seen[-1].lr < 0.01 * spec.lr


def test_stopping_and_going_on_is_not_stopping():
    field = small()
    spec = TrainSpec(steps=260, batch=32, seed=4)
    whole, halves = VelocityNet(field, 12, 2), VelocityNet(field, 12, 2)
    end = run(whole, field, spec)[-1]
    for at in train(halves, field, spec, floor=NO_FLOOR):
        if at.step >= 100:
            break
    kept = TrainState.from_bytes(at.state.to_bytes())
    assert 100 <= kept.step < 260
    fresh = VelocityNet(field, 12, 2)
    again = run(fresh, field, spec, state=kept)[-1]
    for mine, theirs in zip(fresh.parameters(), whole.parameters(), strict=True):
        assert torch.equal(mine, theirs)
    for name, value in again.state.tensors().items():
        assert torch.equal(value, end.state.tensors()[name])
    assert (again.step, again.loss) == (end.step, end.loss)


def test_a_state_keeps_to_its_network():
    field = small()
    state = run(VelocityNet(field, 12, 2), field, TrainSpec(steps=5, batch=32))[-1].state
    with pytest.raises(ValueError, match="the state is of a network with"):
        run(VelocityNet(field, 16, 2), field, TrainSpec(steps=9, batch=32), state=state)
    for data in (b"", b"nonsense", state.to_bytes()[:-4]):
        with pytest.raises(ValueError, match="not a training state"):
            TrainState.from_bytes(data)


def test_the_same_seed_is_the_same_run_and_another_is_not():
    field = small()
    losses = [
        run(VelocityNet(field, 12, 2), field, TrainSpec(steps=40, batch=32, seed=seed))[-1].loss
        for seed in (1, 1, 2)
    ]
    assert losses[0] == losses[1] != losses[2]


def test_the_exact_target_has_no_floor():
    """Its loss is the field error itself, and falls far below the floor of the other."""
    field = small()
    exact = list(train(VelocityNet(field, 32, 2), field, TrainSpec(steps=400, target="exact")))[-1]
    assert exact.floor == 0.0
    assert exact.loss == pytest.approx(exact.excess, rel=0.5)
    other = next(train(VelocityNet(field, 32, 2), field, TrainSpec(steps=1)))
    assert exact.loss < 0.3 * other.floor


@pytest.fixture
def asked(monkeypatch):
    """How many positions each call of an exact field was about, as they come."""
    calls: list[int] = []
    once = MarginalField.__call__

    def counted(field, x, t):
        calls.append(len(x))
        return once(field, x, t)

    monkeypatch.setattr(MarginalField, "__call__", counted)
    return calls


def test_exact_targets_are_reused_where_they_are_costly(asked):
    """A family without formulas, and many points: some thousand targets, asked for once each."""
    field = small(path="squeeze")
    loop = Loop(VelocityNet(field, 8, 1), field, TrainSpec(batch=8192, target="exact"), CPU)
    pairs = loop.draws(0, 64)
    first = loop._exact_velocity(0, pairs)
    assert torch.equal(loop._exact_velocity(0, pairs), first)
    assert asked == [64]
    assert torch.equal(first, field(pairs.x, pairs.t))


@pytest.mark.parametrize("target", TARGETS)
def test_a_costly_field_is_evaluated_in_blocks_with_progress(monkeypatch, asked, target):
    """Between two looks little is done; nothing else changes."""
    field, spec = small(path="squeeze"), TrainSpec(steps=20, batch=64, target=target)
    average = target == "average"
    usual = list(train(VelocityNet(field, 8, 1, average=average), field, spec))
    asked.clear()
    monkeypatch.setattr(
        "flowviz.core.training.progress._CHUNKS", pair_budget(field) // (400 * field.n)
    )
    shares, steps, before = [], [], 0
    for at in train_with_progress(VelocityNet(field, 8, 1, average=average), field, spec):
        assert sum(asked[before:]) <= 400
        before = len(asked)
        (steps if isinstance(at, TrainStep) else shares).append(at)
    assert len(shares) > 10
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert steps[-1].loss == usual[-1].loss
    assert steps[-1].excess == pytest.approx(usual[-1].excess, rel=1e-9)


TYPED = {"forward": "(1-t)*x0 + t*x1 + 0.3*t*(1-t)*tanh(x1-x0)"}
CASES = [(law, d, "affine", {}) for law in PRIORS for d in (1, 2)]
CASES += [(law, 2, "affine", {}) for law in PLANE_PRIORS]
CASES += [("gaussian", 2, name, {}) for name in PATHS if name != "formula"]
CASES += [("uniform", 1, name, {}) for name in PATHS if name not in {"formula", "swirl"}]
CASES += [("laplace", d, "formula", TYPED) for d in (1, 2)]


@pytest.mark.parametrize(("law", "d", "path", "given"), CASES, ids=lambda v: str(v))
def test_any_prior_and_any_path_is_learned_from(law, d, path, given):
    """Sixty steps are enough to be better than the best linear field."""
    field = small(law, d, path, **given)
    net = VelocityNet(field, 24, 2)
    evaluation = Evaluation(field, 0.05, n=512)
    before = evaluation(net)[0]
    run(net, field, TrainSpec(steps=60, batch=128, t_min=0.05))
    assert evaluation(net)[0] < 0.9 * before


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_learns(activation):
    field = small()
    net = VelocityNet(field, 24, 2, activation)
    evaluation = Evaluation(field, 0.05, n=512)
    before = evaluation(net)[0]
    run(net, field, TrainSpec(steps=150, batch=128))
    assert evaluation(net)[0] < 0.5 * before


@pytest.mark.parametrize("sampling", ["uniform", "logit_normal"])
def test_times_have_the_given_distribution(sampling):
    field = small()
    last = run(VelocityNet(field, 12, 1), field, TrainSpec(steps=20, batch=64, sampling=sampling))
    assert math.isfinite(last[-1].loss)


def test_divergence_is_noticed():
    field = small()
    with pytest.raises(Diverged, match=r"diverged at step \d+: the loss was") as caught:
        run(VelocityNet(field, 64, 3), field, TrainSpec(steps=500, lr=1.0))
    assert 1 <= caught.value.step <= 500
    assert caught.value.value > 100.0


def test_a_loss_that_is_no_number_is_divergence_at_its_step():
    field, spec = small(), TrainSpec(steps=300, batch=32)
    state = next(train(VelocityNet(field, 8, 1), field, spec, floor=NO_FLOOR)).state
    state.weights[0] = math.nan
    with pytest.raises(Diverged, match="the loss was nan") as caught:
        run(VelocityNet(field, 8, 1), field, spec, state=state)
    assert caught.value.step == state.step + 1


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"batch": 10**9}, "batch must be a whole number from 8 to 8192, got 1000000000"),
        ({"batch": 0}, "got 0"),
        ({"lr": 0.0}, "lr must be a number from 1e-06 to 1, got 0.0"),
        ({"lr": math.nan}, "got nan"),
        ({"lr": math.inf}, "got inf"),
        ({"lr": "0.1"}, "got '0.1'"),
        ({"lr": -1e-3}, "got -0.001"),
        ({"steps": 0}, "steps must be a whole number from 1 to 200000, got 0"),
        ({"steps": 1e4}, "got 10000.0"),
        ({"steps": True}, "got True"),
        ({"seed": -1}, "got -1"),
        ({"t_min": 0.0}, "got 0.0"),
        ({"sampling": "beta"}, "sampling must be one of uniform, logit_normal, got 'beta'"),
        ({"target": "both"}, "target must be one of conditional, exact, average, got 'both'"),
    ],
)
def test_bad_settings_are_refused_with_what_is_accepted(setting, message):
    with pytest.raises(ValueError, match=message):
        TrainSpec(**setting)


def test_every_number_carries_its_bounds():
    for f in dataclasses.fields(TrainSpec):
        assert {"min", "max", "step"} <= set(f.metadata) or f.metadata["choices"], f.name
        if "min" in f.metadata:
            for edge in (f.metadata["min"], f.metadata["max"]):
                given: dict[str, Any] = {f.name: type(f.default)(edge)}
                TrainSpec(**given)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_learns_the_same():
    field = small()
    spec = TrainSpec(steps=200, batch=128)
    here, there = VelocityNet(field, 24, 2), VelocityNet(field, 24, 2)
    run(here, field, spec, device="cpu")
    run(there, field, spec, device="cuda")
    evaluation = Evaluation(field, 0.05)
    assert evaluation(there)[0] == pytest.approx(evaluation(here)[0], rel=0.1)
