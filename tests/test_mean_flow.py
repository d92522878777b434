"""A network of the average velocity: its derivative, its targets, one step beside the exact map."""

from __future__ import annotations

import pytest
import torch

from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import Gaussian, Uniform
from flowviz.core.training import TrainSpec, VelocityNet, load, mean_flow, train, weights
from flowviz.core.training.loss_floor import Floor
from flowviz.core.transport import trajectories

NO_FLOOR = Floor(0.0, 0.0)


def flow(prior: Gaussian | Uniform | None = None) -> MarginalField:
    x0 = torch.tensor([[0.5], [1.2], [1.7]]).double()
    return MarginalField(x0, [2.0, 1.0, 1.0], prior or Gaussian(), PATHS["affine"]())


def stirred(field: MarginalField) -> VelocityNet:
    net = VelocityNet(field, 12, 2, average=True)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for p in net.parameters():
            p.add_(0.3 * torch.randn(p.shape, generator=generator))
    return net.double()


def test_half_of_a_batch_has_an_earlier_time_and_a_fifth_of_those_is_0() -> None:
    t = torch.rand(64_000, generator=torch.Generator().manual_seed(0)).double()
    s = mean_flow.earlier_times(t, 64, 5)
    rows = torch.arange(len(t)) % 64
    assert torch.equal(s[rows >= 32], t[rows >= 32])
    part = (s / t)[rows < 32]
    assert float((part == 0).double().mean()) == pytest.approx(0.2, abs=0.01)
    assert float(part[part > 0].mean()) == pytest.approx(0.5, abs=0.01)
    assert bool((part < 1).all())


def test_targets_are_those_of_the_identity() -> None:
    """v - (t - s) du/dt, du/dt by central differences of the whole network along (v, 1)."""
    net = stirred(flow())
    generator = torch.Generator().manual_seed(1)
    x, v = torch.randn(2, 40, 1, generator=generator).double()
    t = 0.2 + 0.6 * torch.rand(40, generator=generator).double()
    s = 0.5 * t
    features, change = mean_flow.rates(net, x, t, s, v)
    conditioning = net.conditioning(t)
    linear, size = conditioning.linear(x)
    plain = (v - linear) / size
    found, weight = mean_flow.targets(net, features, conditioning.time_embedding, plain, change)
    h = 1e-6
    with torch.no_grad():
        slope = (net(x + h * v, t + h, s=s) - net(x - h * v, t - h, s=s)) / (2 * h)
        u = net(x, t, s=s)
    wanted = v - (t - s)[:, None] * slope
    gap = (linear + size * found - wanted).abs() / (1.0 + wanted.abs())
    # Tables of scales are linear between nodes: a difference across a node is none of either side.
    assert float(gap.median()) < 1e-6
    error = (u - linear) / size - found
    assert torch.allclose(weight, (1.0 + error.square().sum(1)).rsqrt())
    assert not found.requires_grad


def test_one_step_of_the_average_velocity_is_nearer_to_the_exact_map_than_eulers() -> None:
    field = flow()
    net = VelocityNet(field, 32, 2, average=True)
    spec = TrainSpec(steps=1500, target="average")
    *_, last = train(net, field, spec, floor=NO_FLOOR)
    assert last.relative < 0.5
    x1 = field.prior.sample(200, 1, torch.Generator().manual_seed(0))
    end = trajectories(field, x1, torch.tensor([0.0, 1.0]).double()).x[:, 0]
    with torch.no_grad():
        one, euler = x1 - net(x1, 1.0, s=0.0), x1 - net(x1, 1.0)
    assert float((one - end).norm()) < 0.7 * float((euler - end).norm())
    assert torch.equal(load(weights(net))(x1, 1.0, s=0.0), net(x1, 1.0, s=0.0))


def test_the_target_and_the_network_must_agree() -> None:
    field = flow(Uniform())
    with pytest.raises(ValueError, match="average"):
        next(train(VelocityNet(field, 8, 1), field, TrainSpec(steps=1, target="average")))
    with pytest.raises(ValueError, match="average"):
        next(train(VelocityNet(field, 8, 1, average=True), field, TrainSpec(steps=1)))
