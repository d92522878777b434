"""The public names of DESIGN exist and behave as it says."""

from __future__ import annotations

import pytest
import torch

from flowviz.core.couplings import COUPLINGS, energy
from flowviz.core.field import MarginalField
from flowviz.core.guidance import LabelledField
from flowviz.core.paths import PATHS
from flowviz.core.priors import PLANE_PRIORS, PRIORS
from flowviz.core.schedules import SCHEDULES
from flowviz.core.training import TrainSpec, VelocityNet, train
from flowviz.core.transport import trajectories
from flowviz.scene import Scene

NOW = torch.tensor(0.4, dtype=torch.float64)
X0 = torch.tensor([[0.5], [1.2]], dtype=torch.float64)
NORMAL, UNIT = {"loc": 0.0, "scale": 1.0}, {"low": 0.0, "high": 1.0}
WEIGHTS = torch.tensor([2.0, 6.0], dtype=torch.float64)


@pytest.fixture
def field() -> MarginalField:
    path = PATHS["affine"](schedule=SCHEDULES["linear"]())
    return MarginalField(X0, WEIGHTS, PRIORS["gaussian"](**NORMAL), path)


def test_the_registries_have_the_promised_entries():
    assert {"gaussian", "uniform", "laplace", "student_t", "logistic", "gaussian_mixture"} <= {
        *PRIORS
    }
    assert {"disk", "ring", "student_t_2d"} <= {*PLANE_PRIORS}
    assert {"independent", "optimal_transport", "reflow"} <= {*COUPLINGS}
    assert {"linear", "cosine", "vp", "quadratic", "formula"} <= {*SCHEDULES}
    assert {"affine", "parabola", "swirl", "wave", "formula"} <= {*PATHS}
    for given in ({"forward": "(1-t)*x0+t*x1"}, {"inverse": "(x-(1-t)*x0)/t"}, {"sigma": "t"}):
        assert PATHS["formula"](**given).velocity(X0 + 1, X0, NOW).shape == (2, 2, 1)


def test_couplings_and_guidance_are_called_as_promised(field: MarginalField) -> None:
    pairing = COUPLINGS["optimal_transport"]()
    coupled = MarginalField(X0, WEIGHTS, field.prior, field.path, coupling=pairing)
    assert coupled(X0, NOW).shape == (2, 1)
    assert coupled.conditional_priors.log_prob(X0).shape == (2, 2)
    parts = energy(coupled)
    assert parts.cost == pytest.approx(parts.kinetic + parts.floor)
    labelled = LabelledField(X0, WEIGHTS, torch.tensor([0, 1]), field.prior, field.path)
    assert labelled.class_prob(X0, NOW).shape == (2, 2)
    for how in ("classifier_free", "classifier"):
        assert labelled.guided(1, 2.0, how=how)(X0, NOW).shape == (2, 1)
    assert labelled.conditional(1).n == 1
    assert labelled.marginal.n == 2


def test_a_prior_samples_in_any_dimension_and_one_of_the_plane_says_where_it_exists():
    generator = torch.Generator().manual_seed(0)
    assert PRIORS["laplace"]().sample(5, 3, generator).shape == (5, 3)
    with pytest.raises(ValueError, match="d=1"):
        PLANE_PRIORS["disk"]().sample(5, 1)


def test_the_field_answers_with_the_promised_shapes(field):
    x, t = torch.linspace(-1, 2, 7, dtype=torch.float64)[:, None], NOW
    assert field.log_prob(x, t).shape == (7,)
    assert field.posterior(x, t).shape == (7, 2)
    assert torch.allclose(field.posterior(x, t).sum(1), torch.ones(7, dtype=torch.float64))
    assert field(x, t).shape == (7, 1)
    assert field.weights.tolist() == [0.25, 0.75]
    bounded = MarginalField(X0, WEIGHTS, PRIORS["uniform"](**UNIT), field.path)
    assert torch.isnan(bounded(torch.tensor([[9.0]], dtype=torch.float64), t)).all()
    grid = field.grid((x[:, 0],), torch.tensor([0.4], dtype=torch.float64))
    assert torch.allclose(grid.p[0], field.log_prob(x, t).exp(), rtol=1e-12)


def test_trajectories_have_basins_and_error_bounds(field):
    times = torch.linspace(0, 1, 5, dtype=torch.float64)
    shown = trajectories(field, torch.tensor([[-1.0], [1.0]], dtype=torch.float64), times)
    assert shown.x.shape == (2, 5, 1)
    assert shown.basin.shape == (2,)
    assert isinstance(shown.nfe, int)
    assert shown.error.shape[0] == 2
    assert torch.equal(shown.x[:, 0], X0[shown.basin])


def test_a_network_is_called_like_the_field_and_training_is_a_generator(field):
    net = VelocityNet(field, width=8, depth=1)
    x, t = torch.zeros(4, 1, dtype=torch.float64), torch.tensor(0.4, dtype=torch.float64)
    assert net(x, t).shape == field(x, t).shape
    steps = train(net, field, TrainSpec(steps=3, batch=8, lr=1e-3, seed=0))
    first = next(iter(steps))
    assert first.step >= 1
    assert first.loss > 0
    assert first.floor > 0


def test_a_scene_is_a_mapping_of_texts_and_a_field():
    scene = Scene()
    assert Scene.from_query(scene.to_query()) == scene
    assert all(isinstance(text, str) for text in scene.to_query().values())
    assert scene.field().x0.shape == (3, 1)
    assert scene.field("plane").d == 2
