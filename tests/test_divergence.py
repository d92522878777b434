"""Detection of diverging training, and the message where E‖f‖² is infinite."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import stats

from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import PLANE_PRIORS, PRIORS, Gaussian, Prior, StudentT, Uniform
from flowviz.core.training import DIVERGED, Diverged, TrainSpec, TrainStep, train
from flowviz.core.training.evaluation import DRAWS, Evaluation, finite_second_moment
from flowviz.core.training.loop import Loop
from flowviz.core.training.loss_floor import Floor
from flowviz.core.training.network import VelocityNet
from tests.cases import each_of

NO_FLOOR = Floor(0.0, 0.0)
EVERY = {**PRIORS, **PLANE_PRIORS}
FREEDOMS = (1.0, 1.5, 2.0, 2.01, 3.0)

# The priors of the registry in scipy, with their default parameters.
LAWS = {
    "uniform": lambda p: stats.uniform(p.low, p.high - p.low),
    "gaussian": lambda p: stats.norm(p.loc, p.scale),
    "laplace": lambda p: stats.laplace(p.loc, p.scale),
    "student_t": lambda p: stats.t(p.df, p.loc, p.scale),
    "logistic": lambda p: stats.logistic(p.loc, p.scale),
    "gaussian_mixture": lambda p: stats.norm(),
    "triangular": lambda p: stats.triang(0.5, p.low, p.high - p.low),
    "exponential": lambda p: stats.expon(p.loc, p.scale),
    "arcsine": lambda p: stats.arcsine(p.low, p.high - p.low),
}


def line(points: list[float], weights: list[float], prior: Prior) -> MarginalField:
    x0 = torch.tensor(points, dtype=torch.float64)[:, None]
    return MarginalField(x0, torch.tensor(weights, dtype=torch.float64), prior, PATHS["affine"]())


def tailed(df: float) -> MarginalField:
    return line([-1.0, 0.3, 1.2], [1.0, 2.0, 1.0], StudentT(df=df))


RARE = {
    "rare, Gaussian": lambda: line([0.0, 1.0, 1000.0], [1.0, 1.0, 0.001], Gaussian()),
    "rare, box": lambda: line([0.0, 1.0, 1000.0], [1.0, 1.0, 0.001], Uniform()),
    "rare, Cauchy": lambda: line([0.0, 1.0, 1000.0], [1.0, 1.0, 0.001], StudentT(df=1.0)),
    "far, one in a hundred": lambda: line([0.0, 1.0, 1000.0], [1.0, 1.0, 0.02], Gaussian()),
    "one point, Cauchy": lambda: line([0.5], [1.0], StudentT(df=1.0)),
}
HARMLESS = {f"Student t, df = {df:g}": lambda df=df: tailed(df) for df in FREEDOMS} | RARE


def trained(field: MarginalField, seed: int, lr: float = 7e-3) -> list[TrainStep]:
    spec = TrainSpec(steps=120, seed=seed)
    object.__setattr__(spec, "lr", lr)  # beyond what a spec accepts, too
    return list(train(VelocityNet(field, 32, 2, seed=seed), field, spec, floor=NO_FLOOR))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("case", HARMLESS)
def test_draws_from_a_tail_are_no_divergence(case, seed):
    """A hundred and twenty steps on the way of which a batch is worth thousands of others."""
    last = trained(HARMLESS[case](), seed)[-1]
    assert math.isfinite(last.loss)
    assert math.isfinite(last.median)


def test_some_of_those_draws_are_far():
    """Else the test above could not fail: the loss leaps beyond a thousand times its least."""
    leaps = []
    for case in ("Student t, df = 1", "Student t, df = 2", "rare, Gaussian"):
        field = HARMLESS[case]()
        spec = TrainSpec(steps=1)
        net = VelocityNet(field, 8, 1)
        loop = Loop(net, field, spec, torch.device("cpu"))
        pairs = loop.draws(0, 120 * 256)
        square = pairs.velocity.square().sum(1).reshape(120, 256).mean(1)
        leaps.append(float(square.max() / square.min()))
    assert min(leaps) > 1e3


@pytest.mark.parametrize("case", HARMLESS)
@pytest.mark.parametrize("lr", [10.0, 100.0])
def test_a_learning_rate_of_ten_is_divergence_and_said_at_once(case, lr):
    if case == "one point, Cauchy":
        return  # its best linear field is exact, and Adam's steps are too small beside its tail
    with pytest.raises(Diverged) as caught:
        trained(HARMLESS[case](), 0, lr)
    assert 2 <= caught.value.step <= 20


def test_divergence_is_of_the_typical_row():
    """Half of a batch a hundred times off, or all of it by the factor: no; more than half: yes."""
    assert DIVERGED == 1e3
    field = tailed(3.0)
    net = VelocityNet(field, 8, 1)
    loop = Loop(net, field, TrainSpec(batch=64), torch.device("cpu"))
    batch = loop._batch()
    square = batch.target.square().sum(1)
    found = loop.advance(1)
    own = (square / (1.0 + square)).sort().values
    assert float(found.typical) == pytest.approx(float(own[31]), rel=1e-5)
    assert float(found.mean) == pytest.approx(float((square * batch.unit).mean()), rel=1e-5)


# ---------------------------------------------------------------------- E‖f‖² infinite


def build(name: str, df: float) -> Prior:
    return StudentT(df=df) if name == "student_t" else EVERY[name]()


CASES = [(name, df) for name in EVERY for df in (FREEDOMS if name == "student_t" else (0.0,))]


@each_of((*case, path) for case in CASES for path in PATHS)
def test_the_second_moment_is_finite_where_scipys_is(name, df, path):
    """Families grow like x₁ far out, and so does f: E‖f‖² is finite where E‖x₁‖² is."""
    prior = build(name, df)
    law = LAWS[name](prior) if name in LAWS else stats.norm()  # in the plane: bounded or Gaussian
    expected = bool(np.isfinite(law.var()))
    assert expected == (name != "student_t" or df > 2.0)
    given = {"forward": "(1-t)*x0+t*x1+0.3*t*(1-t)*tanh(x1-x0)"} if path == "formula" else {}
    family = PATHS[path](**given)
    for d in (1, 2):
        if prior.exists_in(d) and family.exists_in(d):
            x0 = torch.tensor([[1.0, 0.5], [-1.0, 2.0]], dtype=torch.float64)[:, :d]
            field = MarginalField(x0, torch.ones(2), prior, family)
            assert finite_second_moment(field) == expected


@pytest.mark.parametrize(("df", "finite"), [(5.0, False), (5.9, False), (6.2, True)])
def test_a_family_that_grows_faster_needs_a_thinner_tail(df, finite):
    """f grows like x³: E x⁶ is finite for df > 6."""
    family = PATHS["formula"](forward="(1-t)*x0 + t*x1 + t*(1-t)*x1^3")
    x0 = torch.tensor([[0.5]], dtype=torch.float64)
    field = MarginalField(x0, torch.ones(1), StudentT(df=df), family)
    assert finite_second_moment(field) == finite


@pytest.mark.parametrize(("df", "finite"), [(1.0, False), (2.0, False), (3.0, True)])
def test_without_a_second_moment_there_is_a_median_and_no_mean(df, finite):
    field = tailed(df)
    evaluation = Evaluation(field, 0.05)
    found = evaluation(lambda x, t: 1.3 * field(x, t))
    assert math.isfinite(found.relative) == finite
    if finite:
        assert found.relative == pytest.approx(0.3)
    assert found.median == pytest.approx(0.3)
    # Half of them wrong by far more: a median does not mind a tail.
    wild = evaluation(lambda x, t: field(x, t) * torch.where(x.abs() > 1e2, 50.0, 1.3))
    assert wild.median == pytest.approx(0.3)


def test_the_judges_draws_are_enough():
    """Its numbers beside those of many more draws; a fourth of them would not do."""
    field = line([-1.0, 0.3, 1.2], [1.0, 2.0, 1.0], Gaussian())

    def velocity(x, t):
        return field(x, t) + torch.sin(7.0 * x)

    usual, fine = Evaluation(field, 1e-3), Evaluation(field, 1e-3, n=1 << 15, seed=5)
    assert len(usual.x) == DRAWS
    for own, many in zip(usual(velocity), fine(velocity), strict=True):
        assert own == pytest.approx(many, rel=0.05)
