"""Features of edges: 0 at the edge, their sign, their cost; what a network gains by them."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import PLANE_PRIORS, PRIORS, Prior, Uniform
from flowviz.core.training import TrainSpec, VelocityNet, load, train, weights
from flowviz.core.training.edges import MAX_CONES, edges_of
from flowviz.core.training.export import training_script
from flowviz.core.training.loss_floor import Floor
from flowviz.core.training.network import NetSpec

ALL = {**PRIORS, **PLANE_PRIORS}
EDGED = [name for name, prior in ALL.items() if prior().has_edges]
BOUNDED = {"uniform", "triangular", "exponential", "arcsine", "disk"}


def flow(prior: Prior, n: int = 3, path: str = "affine", d: int = 2) -> MarginalField:
    generator = torch.Generator().manual_seed(n)
    x0 = torch.randn(n, d, generator=generator, dtype=torch.float64)
    return MarginalField(x0, torch.ones(n), prior, PATHS[path]())


def features(field: MarginalField, x: Tensor, t: float) -> Tensor:
    """Those of each cone, (Q, K)."""
    edges = edges_of(field)
    assert edges
    time, blur = torch.full((len(x),), t).double(), torch.full((len(x),), (1 - t) / t).double()
    return edges(x, time, blur)[:, : len(edges.tips)]


def on_edge(name: str) -> tuple[Tensor, Tensor]:
    """Points of the prior's edge, and outward normals there, worked out by hand."""
    if name == "disk":
        angle = torch.linspace(0.1, 6.0, 7).double()
        normal = torch.stack([angle.cos(), angle.sin()], 1)
        return 2.0 * normal, normal
    if name == "ring":  # half the height of a Gaussian of width 0.3 about the circle of radius 2
        outer = 2.0 + 0.3 * math.sqrt(2.0 * math.log(2.0))
        normals = torch.tensor([[1.0, 0.0], [0.0, -1.0]]).double()
        return outer * normals, normals
    along = 0.7  # low = loc = 0 in every registry entry, high = 2
    points, normals = [[0.0, along], [along, 0.0]], [[-1.0, 0.0], [0.0, -1.0]]
    if name != "exponential":
        points, normals = [*points, [2.0, along]], [*normals, [1.0, 0.0]]
    return torch.tensor(points).double(), torch.tensor(normals).double()


def test_every_bounded_prior_has_edges() -> None:
    assert set(EDGED) == BOUNDED | {"ring"}
    assert all((not math.isinf(min(map(abs, ALL[n]().support)))) == (n in BOUNDED) for n in ALL)
    assert edges_of(flow(PRIORS["gaussian"]())) is None


@pytest.mark.parametrize("path", ["affine", "swirl"])
@pytest.mark.parametrize("name", EDGED)
def test_they_are_0_at_the_edge_positive_inside_and_negative_outside(name: str, path: str) -> None:
    field = flow(ALL[name](), path=path)
    z, normal = on_edge(name)
    t = torch.tensor(0.3).double()
    for k in range(field.n):

        def at(step: float, k: int = k) -> Tensor:
            x = field.path.forward(z + step * normal, field.x0[k : k + 1], t)[:, 0]
            tips = edges_of(field).tips  # type: ignore[union-attr]
            column = int((tips - field.x0[k]).square().sum(1).argmin())
            return features(field, x, 0.3)[:, column]

        assert bool((at(-1e-6) > 0).all())
        assert bool((at(1e-6) < 0).all())
        sharp = name in BOUNDED
        assert bool((at(-1e-6).abs() == 1).all()) == sharp
        if not sharp:
            assert float(at(0.0).abs().max()) < 1e-12
    assert field.prior.edge_distance(z).abs().max() < 1e-12


@pytest.mark.parametrize("name", sorted(BOUNDED))
def test_their_sign_says_where_the_density_is_0(name: str) -> None:
    field = flow(ALL[name]())
    x = 4.0 * torch.rand(500, 2, generator=torch.Generator().manual_seed(1)).double() - 1.5
    inside = field.posterior(x, 0.4) > 0
    reached = ~torch.isnan(field(x, 0.4)).any(1)
    order = torch.unique(field.x0, dim=0, return_inverse=True)[1]
    found = features(field, x, 0.4)[:, order] > 0
    assert torch.equal(found[reached], inside[reached])
    assert not bool(found[~reached].any())


def test_many_points_cost_no_more_and_their_edges_are_soft() -> None:
    prior = Uniform()
    few, many = (edges_of(flow(prior, n)) for n in (MAX_CONES, 500))
    assert few is not None
    assert many is not None
    assert len(few.tips) == MAX_CONES
    assert many.count <= few.count
    assert bool((few.spread == 0).all())
    assert int((many.spread > 0).sum()) > MAX_CONES // 2
    x = torch.rand(200, 2, generator=torch.Generator().manual_seed(1)).double()
    soft = features(flow(prior, 500), x, 0.5).abs()
    assert bool(((soft > 0.05) & (soft < 0.95)).any())
    equal = MarginalField(torch.ones(500, 2), torch.ones(500), prior, PATHS["affine"]())
    assert edges_of(equal).count == 3  # type: ignore[union-attr]


def test_a_network_that_knows_them_is_nearer_to_the_exact_velocity() -> None:
    """On the article's scene, from the same examples."""
    x0 = torch.tensor([[0.5], [1.2], [1.7]]).double()
    field = MarginalField(x0, torch.tensor([2.0, 1.0, 1.0]), Uniform(), PATHS["affine"]())
    errors = []
    for edges in (False, True):
        net = VelocityNet(field, 32, 2, edges=edges)
        *_, last = train(net, field, TrainSpec(steps=300, batch=128), floor=Floor(0.0, 0.0))
        errors.append(last.relative)
    assert errors[1] < 0.25 * errors[0]


def test_where_there_is_no_edge_the_network_is_the_same() -> None:
    field = flow(PRIORS["gaussian"]())
    plain, knowing = VelocityNet(field, 8, 1), VelocityNet(field, 8, 1, edges=True)
    assert [p.shape for p in plain.parameters()] == [p.shape for p in knowing.parameters()]
    assert load(weights(knowing), field).spec == knowing.spec


def test_a_file_needs_the_flow_and_gives_the_network_back() -> None:
    field = flow(Uniform())
    net = VelocityNet(field, 8, 1, edges=True)
    with torch.no_grad():
        net.inner.last.add_(0.1)
    x = torch.rand(9, 2, generator=torch.Generator().manual_seed(0)).double()
    assert torch.equal(load(weights(net), field)(x, 0.3), net(x, 0.3))
    assert net.spec == NetSpec(8, 1, edges=True)
    with pytest.raises(ValueError, match="field"):
        load(weights(net))
    with pytest.raises(ValueError, match=r".+"):
        load(weights(net), flow(Uniform(), n=5))
    assert "edges=True" in training_script(field, net.spec, TrainSpec())
