"""Training with labels: what is left out, the floor, the velocities of classes, guidance."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats

from flowviz.core.guidance import LabelledField
from flowviz.core.paths import PATHS
from flowviz.core.priors import Gaussian, Uniform
from flowviz.core.training import TrainSpec, VelocityNet, load, train, weights
from flowviz.core.training.labels import NONE, Labels
from flowviz.core.training.loss_floor import Floor
from flowviz.core.training.progress import drain
from flowviz.core.training.sampling import PairSampler

X0, W, Y = [-1.0, 0.0, 1.0, 2.0], [1.0, 2.0, 1.0, 1.0], [2, 2, 1, 1]
NO_FLOOR = Floor(0.0, 0.0)


def flow(prior: Gaussian | Uniform | None = None) -> LabelledField:
    x0 = torch.tensor(X0).double()[:, None]
    return LabelledField(x0, W, torch.tensor(Y), prior or Gaussian(), PATHS["affine"]())


def test_labels_are_left_out_with_the_probability_asked_for() -> None:
    labels = Labels(flow(), 0.3, seed=5)
    which = torch.arange(4).repeat(2000)
    given = labels.given(which, 64)
    left_out = given == NONE
    assert float(left_out.double().mean()) == pytest.approx(0.3, abs=0.02)
    classes = torch.tensor([1, 2])[given[~left_out]]  # rising labels
    assert torch.equal(classes, torch.tensor(Y)[which][~left_out])
    assert torch.equal(labels.given(which, 64), given)
    assert not torch.equal(labels.given(which, 128), given)


def test_the_floor_is_the_mean_variance_within_what_the_label_leaves_open() -> None:
    """By NumPy, with posterior weights from normal densities."""
    p, t_min = 0.4, 0.05
    floor = drain(Labels(flow(), p).floor(t_min, "uniform"))
    random = np.random.default_rng(1)
    x0, w, y = np.array(X0), np.array(W) / sum(W), np.array(Y)
    n = 200_000
    t = random.uniform(t_min, 1.0, n)
    which = random.choice(4, n, p=w)
    x = (1 - t) * x0[which] + t * random.standard_normal(n)
    r = w * stats.norm.pdf((x[:, None] - (1 - t)[:, None] * x0) / t[:, None])
    known = random.uniform(size=n) >= p
    r = np.where(known[:, None] & (y != y[which][:, None]), 0.0, r)
    r /= r.sum(1, keepdims=True)
    velocity = (x[:, None] - x0) / t[:, None]
    mean = (r * velocity).sum(1, keepdims=True)
    variance = (r * (velocity - mean) ** 2).sum(1)
    assert floor.value == pytest.approx(variance.mean(), abs=5 * variance.std() / n**0.5)
    assert 0.0 < floor.error < 0.02 * floor.value


@pytest.mark.parametrize("prior", [Gaussian(), Uniform(-2.0, 2.0)])
def test_exact_velocities_are_those_of_the_class_or_of_all(prior: Gaussian | Uniform) -> None:
    labels = Labels(flow(prior), 0.5)
    pairs = PairSampler(labels.flow.marginal, 0.05, seed=3)(0, 64)
    given = labels.given(pairs.which, 0)
    found = drain(labels.velocities(pairs.x, pairs.t, given))
    fields = {0: labels.flow.conditional(1), 1: labels.flow.conditional(2)}
    for k, label in enumerate(given.tolist()):
        field = fields.get(label, labels.flow.marginal)
        assert torch.equal(found[k], field(pairs.x[k : k + 1], pairs.t[k])[0])
    assert set(given.tolist()) == {NONE, 0, 1}


def test_one_network_learns_the_velocity_of_all_data_and_of_each_class() -> None:
    labelled = flow()
    net = VelocityNet(labelled.marginal, 32, 2, classes=2)
    spec = TrainSpec(steps=700, batch=256, dropout=0.3, t_min=0.05)
    *_, last = train(net, labelled, spec, floor=NO_FLOOR)
    assert last.relative < 0.6
    fields = {NONE: labelled.marginal, 0: labelled.conditional(1), 1: labelled.conditional(2)}
    for label, field in fields.items():
        pairs = PairSampler(field, 0.1, seed=3)(0, 512)
        given = torch.full((512,), label)
        with torch.no_grad():
            learned = net(pairs.x, pairs.t, given)
        gaps = {k: float((learned - f(pairs.x, pairs.t)).norm()) for k, f in fields.items()}
        own = gaps.pop(label)
        assert own < 0.7 * min(gaps.values())
    x, t = torch.linspace(-2.0, 2.0, 9).double()[:, None], torch.tensor(0.4).double()
    with torch.no_grad():
        every, of_class = net(x, t), net(x, t, torch.zeros(9, dtype=torch.long))
        assert torch.equal(net(x, t, torch.full((9,), NONE)), every)
        assert torch.equal(net.guided(0, 0.0)(x, t), every)
        assert torch.equal(net.guided(0, 1.0)(x, t), of_class)
        doubled = net.guided(0, 2.0)(x, t)
        assert torch.allclose(doubled, every + 2.0 * (of_class - every))
        assert torch.equal(load(weights(net)).guided(0, 2.0)(x, t), doubled)
    with pytest.raises(ValueError, match="no class 2"):
        net.guided(2, 1.0)


def test_a_run_that_is_continued_leaves_the_same_labels_out() -> None:
    labelled, spec = flow(), TrainSpec(steps=150, batch=32)
    whole, halves = (VelocityNet(labelled.marginal, 8, 1, classes=2) for _ in range(2))
    list(train(whole, labelled, spec, floor=NO_FLOOR))
    state = next(train(halves, labelled, spec, floor=NO_FLOOR)).state
    assert state.step < spec.steps
    fresh = VelocityNet(labelled.marginal, 8, 1, classes=2)
    list(train(fresh, labelled, spec, state, floor=NO_FLOOR))
    assert torch.equal(fresh.inner.last, whole.inner.last)


def test_a_network_must_know_as_many_classes_as_the_data_have() -> None:
    labelled, spec = flow(), TrainSpec(steps=1)
    with pytest.raises(ValueError, match="0 classes"):
        next(train(VelocityNet(labelled.marginal, 8, 1), labelled, spec))
    net = VelocityNet(labelled.marginal, 8, 1, classes=2)
    with pytest.raises(ValueError, match="conditional"):
        next(train(net, labelled, TrainSpec(steps=1, target="exact")))
