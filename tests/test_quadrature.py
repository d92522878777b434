"""The mass of nonlinear families by quadrature, and that faults are detected."""

from __future__ import annotations

import dataclasses
import math

import pytest
import torch
from scipy import integrate as scipy_integrate

from flowviz.core import checks
from flowviz.core.datasets import DATASETS
from flowviz.core.field import MarginalField
from flowviz.core.numerics.quadrature import integrate
from flowviz.core.paths import PATHS, Affine
from flowviz.core.paths.typed import formula
from flowviz.core.priors import PRIORS, Gaussian, Uniform

LINE = [name for name in PRIORS if PRIORS[name].product]
TIMES = torch.tensor([0.06, 0.45, 0.9], dtype=torch.float64)
BENT = {
    "sin": "(1-t)*x0+t*x1+0.2*t*(1-t)*sin(5*x1)",
    "abs": "(1-t)*x0+t*x1+0.3*t*(1-t)*abs(x1-x0)",
    "tanh": "(1-t)*x0+t*x1+0.2*t*(1-t)*tanh(5*(x1-x0))",
    "erf": "(1-t)*x0+t*x1+0.5*t*(1-t)*erf(3*x1)",
    "clip": "(1-t)*x0+t*x1+0.3*t*(1-t)*clip(x1-x0,-1,1)",
}


def flow(prior, path) -> MarginalField:
    return MarginalField(*DATASETS["article"].tensors(), prior, path)


def none(edges: torch.Tensor) -> torch.Tensor:
    """No jump is expected anywhere."""
    return torch.zeros_like(edges, dtype=torch.bool)


def one(function, edges, **kwargs):
    start = torch.tensor(edges, dtype=torch.float64)
    value, error = integrate(
        lambda x, row: function(x), start[None], none(start[None]), 20_000, **kwargs
    )
    return float(value), float(error)


@pytest.mark.parametrize(
    ("function", "edges", "true"),
    [
        (lambda x: x.exp(), [0.0, 1.0], math.e - 1.0),
        (lambda x: torch.sin(40.0 * x) ** 2, [0.0, math.pi], math.pi / 2),
        (lambda x: 1.0 / (1e-6 + x * x), [-1.0, 1.0], 2e3 * math.atan(1e3)),
        (lambda x: (x > math.pi / 7).double(), [0.0, 1.0], 1 - math.pi / 7),
        (lambda x: (x > 0.999).double(), [0.0, 1.0, 2.0], 1.001),  # beyond every node of its panel
        (lambda x: (x < 1.001).double(), [0.0, 1.0, 2.0], 1.001),
        (lambda x: (x - 0.3).abs().sqrt(), [0.0, 1.0], 2 / 3 * (0.3**1.5 + 0.7**1.5)),
    ],
)
def test_the_error_estimate_is_the_error(function, edges, true):
    value, error = one(function, edges)
    assert abs(value - true) <= max(error, 1e-14 * abs(true))
    assert error < 1e-8


def test_a_budget_that_is_too_small_is_reported():
    start = torch.tensor([[0.0, 1.0]], dtype=torch.float64)
    value, error = integrate(
        lambda x, row: (x > math.pi / 7).double(), start, none(start), budget=64
    )
    assert 1e-3 < abs(float(value) - (1 - math.pi / 7)) + 1e-3 <= float(error) + 1e-3
    assert float(error) > 1e-3


def test_many_functions_are_integrated_each_by_itself():
    edges = torch.tensor([[0.0, 1.0, k + 1.0] for k in range(1, 4)], dtype=torch.float64)
    scale = torch.tensor([1.0, 7.0, 30.0], dtype=torch.float64)
    value, error = integrate(
        lambda x, row: torch.cos(scale[row] * x).square(), edges, none(edges), 50_000
    )
    for k, (s, edge) in enumerate(zip(scale.tolist(), edges, strict=True)):
        true = scipy_integrate.quad(lambda x, s=s: math.cos(s * x) ** 2, 0, float(edge[-1]))[0]
        assert value[k] == pytest.approx(true, abs=max(1e-9, float(error[k])))


def test_infinite_ends():
    value, error = one(lambda x: 1.0 / (x * (1.0 - x)).sqrt(), [0.0, 1.0], singular=True)
    assert abs(value - math.pi) <= error + 1e-12


@pytest.mark.parametrize("law", LINE)
@pytest.mark.parametrize("family", [*BENT, "squeeze"])
def test_the_mass_of_a_bent_family_is_one(law, family):
    path = PATHS["squeeze"]() if family == "squeeze" else formula(forward=BENT[family], d=1)
    check = checks.mass(flow(PRIORS[law](), path), TIMES[1:2])
    assert check.ok, check
    assert check.bound < (1e-6 if law == "arcsine" else 2e-8)


@pytest.mark.parametrize("prior", [Uniform(-10.0, 10.0), Gaussian(0.0, 5.0)])
@pytest.mark.parametrize("family", [*BENT, -0.9, 5.0])
def test_wide_priors_too(prior, family):
    path = formula(forward=BENT[family], d=1) if family in BENT else PATHS["squeeze"](k=family)
    check = checks.mass(flow(prior, path), TIMES[1:2])
    assert check.ok, check
    assert check.bound < 1e-8


@dataclasses.dataclass(frozen=True)
class Heavier(Gaussian):
    """A density that claims a millionth too much."""

    def _log_pdf(self, y):
        return super()._log_pdf(y) + 1e-6


@pytest.mark.parametrize("family", [*BENT, "squeeze", "affine"])
def test_an_error_of_a_millionth_is_detected(family):
    path = formula(forward=BENT[family], d=1) if family in BENT else PATHS[family]()
    check = checks.mass(flow(Heavier(), path), TIMES[1:2])
    assert not check.ok
    assert check.value == pytest.approx(1e-6, rel=1e-2)


def ends(kind) -> list:
    """The registry's entry at its defaults and at both ends of every slider."""
    made = [kind()]
    for field in dataclasses.fields(kind):
        for end in ("min", "max"):
            if (value := field.metadata.get(end)) is None:
                continue
            usual = field.default
            given = (value,) * len(usual) if isinstance(usual, tuple) else type(usual)(value)
            try:
                made.append(kind(**{field.name: given}))
            except ValueError:
                continue  # an end that another parameter rules out
    return made


@pytest.mark.parametrize("law", LINE)
def test_the_mass_is_one_at_the_ends_of_every_slider(law):
    paths = [Affine()] + [
        p for n in ("parabola", "wave", "detour", "squeeze") for p in ends(PATHS[n])
    ]
    for k, prior in enumerate(ends(PRIORS[law])):
        for path in paths if k == 0 else paths[:1] + paths[-2:]:
            check = checks.mass(flow(prior, path), TIMES[1:2])
            assert check.ok, (prior, path, check)


@pytest.mark.parametrize("family", ["abs", "squeeze"])
@pytest.mark.parametrize("n", [40, 300])
def test_the_mass_costs_a_bounded_number_of_solutions(family, n, monkeypatch):
    """However many data points there are, and however often their densities bend."""
    asked = 0
    path = formula(forward=BENT["abs"], d=1) if family == "abs" else PATHS["squeeze"]()
    original = type(path).conditional

    def counted(self, x, x0, t):
        nonlocal asked
        found = original(self, x, x0, t)
        asked += found.log_det.numel()
        return found

    monkeypatch.setattr(type(path), "conditional", counted)
    x0 = 2.0 * torch.rand(n, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    field = MarginalField(x0, torch.ones(n), Gaussian(), path)
    check = checks.mass(field, TIMES[:2])
    assert check.ok
    assert check.bound < 1e-8
    assert asked < 3 << 20


@pytest.mark.parametrize("family", ["abs", "squeeze"])
def test_a_wrong_sum_over_data_points_is_detected(family, monkeypatch):
    """Each density integrates to 1, but what the field makes of them does not."""
    path = formula(forward=BENT["abs"], d=1) if family == "abs" else PATHS["squeeze"]()
    original = MarginalField._evaluate

    def heavier(self, *args):
        log_p, velocity = original(self, *args)
        return log_p + 1e-7, velocity

    monkeypatch.setattr(MarginalField, "_evaluate", heavier)
    check = checks.mass(flow(Gaussian(), path), TIMES[1:2])
    assert not check.ok
    assert check.value == pytest.approx(1e-7, rel=1e-2)


def test_the_bound_of_many_points_with_infinite_edges_is_small():
    generator = torch.Generator().manual_seed(0)
    points = 4.0 * torch.rand(300, 1, generator=generator, dtype=torch.float64)
    field = MarginalField(points, torch.ones(300), PRIORS["arcsine"](), Affine())
    check = checks.mass(field, TIMES)
    assert check.ok, check
    assert check.bound < 1e-4
