"""The network: preconditioning, gradient, calls and file."""

from __future__ import annotations

import json
import math
from dataclasses import fields

import pytest
import torch

from flowviz.core.field import MarginalField
from flowviz.core.likelihood import with_divergence
from flowviz.core.numerics.autodiff import time_derivative
from flowviz.core.paths import PATHS
from flowviz.core.priors import PLANE_PRIORS, PRIORS, Gaussian, StudentT
from flowviz.core.schedules import SCHEDULES
from flowviz.core.training import TrainSpec, network, train
from flowviz.core.training.evaluation import Evaluation
from flowviz.core.training.loss_floor import Floor
from flowviz.core.training.network import NetSpec, VelocityNet, load, notes, weights
from flowviz.core.training.preconditioning import measure


def flow(n: int = 64, d: int = 2, law: str = "gaussian", **path) -> MarginalField:
    generator = torch.Generator().manual_seed(n)
    x0 = 2.0 * torch.randn(n, d, generator=generator, dtype=torch.float64) + 1.0
    prior = {**PRIORS, **PLANE_PRIORS}[law]()
    return MarginalField(x0, torch.ones(n), prior, PATHS[path.pop("name", "affine")](**path))


def stirred(field: MarginalField, **shape) -> VelocityNet:
    """A network whose last layer is not 0."""
    net = VelocityNet(field, **shape)
    with torch.no_grad():
        for p in net.parameters():
            p.add_(0.3 * torch.randn(p.shape, generator=torch.Generator().manual_seed(p.numel())))
    return net


@pytest.mark.parametrize("timing", SCHEDULES)
def test_scales_are_the_moments(timing):
    """Mean, size and best linear field of x = α x₀ + σ x₁ in closed form."""
    schedule = SCHEDULES[timing]()
    field = flow(schedule=schedule)
    found = measure(field)
    t = found.t[30:]
    (alpha, sigma), (da, ds) = time_derivative(schedule.__call__, t)
    mean, cov = field.x0.mean(0), torch.cov(field.x0.T, correction=0)
    eye = torch.eye(2).double()
    spread = (alpha**2)[:, None, None] * cov + (sigma**2)[:, None, None] * eye
    shared = (alpha * da)[:, None, None] * cov + (sigma * ds)[:, None, None] * eye
    slope = shared @ torch.linalg.inv(spread)
    size = (spread.diagonal(dim1=1, dim2=2).mean(1)).sqrt()
    # The furthest prior draws are left out of the moments, hence a few per cent.
    assert torch.allclose(found.mean[30:], alpha[:, None] * mean, atol=0.1)
    assert torch.allclose(found.size[30:, 0], size, rtol=0.06)
    scale = slope.abs().amax((1, 2), keepdim=True) + 1.0
    assert ((found.slope[30:] - slope) / scale).abs().max() < 0.2


@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("path", ["affine", "parabola", "per_axis"])
def test_it_starts_from_the_best_linear_field(path, d):
    """One data point has a linear field on these paths: exact before any training."""
    x0 = torch.tensor([[0.7, -0.4]], dtype=torch.float64)[:, :d]
    field = MarginalField(x0, torch.ones(1), Gaussian(), PATHS[path]())
    net = VelocityNet(field)
    x = torch.linspace(-2, 2, 20, dtype=torch.float64)[:, None].repeat(1, d)
    for t in (0.3, 0.7, 1.0):
        exact = field(x, t)
        assert (net(x, t) - exact).abs().max() < 2e-2 * exact.abs().max()


@pytest.mark.parametrize("law", [*PRIORS, *PLANE_PRIORS])
def test_scales_are_finite_and_of_one_order_for_every_prior(law):
    found = measure(flow(5, law=law))
    for name, table in vars(found).items():
        assert bool(torch.isfinite(table).all()), name
    assert float(found.size.min()) > 0.0


def test_it_has_the_call_of_a_field():
    field = flow()
    net = stirred(field)
    x = torch.randn(7, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    value = net(x, 0.4)
    assert value.shape == x.shape
    assert value.dtype == x.dtype
    assert torch.allclose(net(x, torch.full((7,), 0.4).double()), value, atol=1e-6)
    assert torch.allclose(net(x[2:3], 0.4)[0], value[2], atol=1e-6)
    assert net(x.float(), 0.4).dtype == torch.float32
    with pytest.raises(ValueError, match=r"got \(7, 3\)"):
        net(torch.zeros(7, 3), 0.4)


def test_it_has_an_exact_divergence():
    net = stirred(flow(), width=16).double()
    x = torch.randn(5, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    t = torch.tensor(0.3, dtype=torch.float64)
    with torch.no_grad():
        _, found = with_divergence(net, x, t)
    jacobian = torch.stack(
        [torch.autograd.functional.jacobian(lambda y: net(y[None], t)[0], row) for row in x]
    )
    assert torch.allclose(found, jacobian.diagonal(dim1=1, dim2=2).sum(1), atol=1e-10)


@pytest.mark.parametrize("d", [1, 2])
def test_a_file_gives_the_network_back(d):
    net = stirred(flow(d=d), width=20, depth=2, activation="gelu")
    data = weights(net, scene="points=1,2&é")
    again = load(data)
    x = torch.randn(9, d, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert torch.equal(again(x, 0.3), net(x, 0.3))
    assert again.spec == net.spec == NetSpec(20, 2, "gelu")
    assert notes(data)["scene"] == "points=1,2&é"


def _tampered(**changes: object) -> bytes:
    data = weights(VelocityNet(flow(d=1), width=8, depth=1))
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    header["__metadata__"]["flowviz"] = json.dumps(
        json.loads(header["__metadata__"]["flowviz"]) | changes
    )
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data[8 + length :]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not a file at all",
        (1 << 60).to_bytes(8, "little") + b"{}",
        weights(VelocityNet(flow(d=1), width=8, depth=1))[:-4],
        _tampered(width=12),
        _tampered(width=10**6),
        _tampered(activation="os.system"),
        _tampered(depth="1"),
        _tampered(version=1),
    ],
)
def test_bytes_that_are_no_network_are_refused(data):
    with pytest.raises(ValueError, match=r".+"):
        load(data)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ({"width": 10**6}, "width must be a whole number from 4 to 512, got 1000000"),
        ({"width": 2.5}, "got 2.5"),
        ({"depth": 0}, "depth must be a whole number from 1 to 8, got 0"),
        ({"activation": "eval"}, "activation must be one of silu, gelu.*got 'eval'"),
    ],
)
def test_shapes_out_of_range_are_refused(shape, message):
    with pytest.raises(ValueError, match=message):
        VelocityNet(flow(), **shape)


def test_a_heavy_tail_does_not_set_the_scale():
    """A Cauchy law has no second moment: one draw in a hundred is left out, else it is all."""
    x0 = torch.tensor([[-1.0], [1.0]], dtype=torch.float64)
    field = MarginalField(x0, torch.ones(2), StudentT(df=1.0), PATHS["affine"]())
    assert 1.0 < float(measure(field).size[-1]) < 60.0


def test_the_tables_reach_as_far_as_training_and_are_fine_enough():
    """f_lin of one Gaussian point is (x - x₀)/t, between nodes too; and log(noise/signal)."""
    one = MarginalField(torch.zeros(1, 2).double(), torch.ones(1), Gaussian(), PATHS["affine"]())
    least = {f.name: f for f in fields(TrainSpec)}["t_min"].metadata["min"]
    t = torch.logspace(math.log10(least), 0.0, 201, dtype=torch.float64)
    slope = VelocityNet(one).double().conditioning(t).slope
    assert torch.allclose(slope, torch.eye(2).double() / t[:, None, None], rtol=1e-2, atol=1e-3)
    field = flow()
    found, spread = measure(field), field.x0.var(0, correction=0).sum().sqrt()
    ratio = found.t / ((1.0 - found.t) * spread) * 2**0.5
    inner = found.t < 0.99
    assert torch.allclose(found.log_nsr[inner], ratio[inner].log(), atol=0.1)


def test_cosines_of_the_time_are_worth_their_numbers(monkeypatch):
    """The network with its usual ones beside one that is told only the lowest."""
    angle = torch.arange(8, dtype=torch.float64) * (math.pi / 4)
    x0 = 4.0 * torch.stack([angle.cos(), angle.sin()], dim=1)
    field, errors = MarginalField(x0, torch.ones(8), Gaussian(), PATHS["affine"]()), []
    evaluation = Evaluation(field, 0.05)
    for waves in (network._FREQUENCIES, 1):
        monkeypatch.setattr(network, "_FREQUENCIES", waves)
        net = VelocityNet(field)
        list(train(net, field, TrainSpec(steps=1500, seed=1), floor=Floor(0.0, 0.0)))
        errors.append(evaluation(net).relative)
    assert errors[0] < 0.95 * errors[1]
