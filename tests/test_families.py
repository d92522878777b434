"""Every family, built in or typed: two methods for its density, continuity, both directions."""

from __future__ import annotations

import time

import pytest
import torch

from flowviz.core import checks
from flowviz.core.field import MarginalField
from flowviz.core.formula import FormulaError
from flowviz.core.greens import characteristics, single_point
from flowviz.core.numerics.autodiff import time_derivative
from flowviz.core.numerics.inversion import UNREACHED
from flowviz.core.paths import PATHS
from flowviz.core.paths.base import Path
from flowviz.core.priors import PRIORS, Gaussian
from flowviz.core.schedules import SCHEDULES
from flowviz.core.transport import trajectories

formula = PATHS["formula"]

BUILT_IN = {
    "affine": PATHS["affine"](),
    "parabola": PATHS["parabola"](bend=1.5),
    "wave": PATHS["wave"](height=0.4, halves=3),
    "per_axis": PATHS["per_axis"](first=1.0, second=2.5),
    "detour": PATHS["detour"](swing=1.0),
    "squeeze": PATHS["squeeze"](k=2.0),
}
TYPED = {
    "straight": formula(forward="(1-t)*x0 + t*x1"),
    "straight, inverse": formula(inverse="(x - (1-t)*x0)/t"),
    "mean and scale": formula(mu="(1-t)*x0 + a*t*(1-t)*cos(2*x0)", sigma="sin(pi*t/2)"),
    "fractional power": formula(forward="x0 + t^1.5*(x1 - x0)"),
    "soft": formula(forward="(1-t)*x0 + t*x1 + k*t*(1-t)*erf(x1 - x0)"),
    "outward": formula(forward="x0 + t*(x1-x0)*(1 + 0.2*(1-t)*(x1-x0)^2)"),
    "inverse cubic": formula(inverse="x0 + (x-x0)/t + 0.1*(1-t)*((x-x0)/t)^3"),
    "inverse, stretched": formula(inverse="x0 + (x-x0)/t*(1 + 0.2*(1-t)*(x-x0)^2)"),
    "slow start": formula(forward="x0 + (exp(t) - 1)/(e - 1)*(x1 - x0)"),
}
PLANE = {
    "swirl": PATHS["swirl"](turns=0.5),
    "typed swirl": formula(forward="x0 + t*rot(b*(1-t))*(x1 - x0)", parameters={"b": 2.0}),
    "typed swirl, inverse": formula(inverse="x0 + rot(-b*(1-t))*(x - x0)/t"),
    "each axis": formula(
        forward="[(1-t)*x0[0] + t*x1[0], (1-t^2)*x0[1] + t^2*x1[1] + t*(1-t)*sin(x1[0])]"
    ),
    "shear": formula(mu="(1-t)*x0 + t*(1-t)*rot(pi/2)*x0*norm(x0)", sigma="t"),
    "radial": formula(forward="x0 + t*(x1-x0)*(1 + 0.3*(1-t)*tanh(norm(x1-x0)))"),
}
CASES = [
    pytest.param(path, d, id=f"{name}, d = {d}")
    for family, dimensions in ((BUILT_IN, (1, 2)), (TYPED, (1, 2)), (PLANE, (2,)))
    for name, path in family.items()
    for d in dimensions
]
every_case = pytest.mark.parametrize(("path", "d"), CASES)


def cloud(d: int, q: int = 9, n: int = 4):
    generator = torch.Generator().manual_seed(4)
    x1 = torch.randn(q, d, generator=generator, dtype=torch.float64)
    x0 = torch.randn(n, d, generator=generator, dtype=torch.float64)
    t = 0.1 + 0.85 * torch.rand(q, generator=generator, dtype=torch.float64)
    return x1, x0, t


@every_case
def test_each_position_may_have_a_data_point_of_its_own(path, d):
    """x₀ (Q, 1, d): the pairs on the diagonal of (Q, d) against (Q, d)."""
    if not path.exists_in(d):
        return
    x1, x0, t = cloud(d, q=4)
    x = path.forward(x1, x0[:, None], t)[:, 0]
    for method in (path.forward, path.inverse, path.velocity, path.log_det):
        at = x1 if method == path.forward else x
        every, single = method(at, x0, t), method(at, x0[:, None], t)
        diagonal = torch.stack([every[k, k] for k in range(4)])
        assert single.shape[:2] == (4, 1)
        assert torch.allclose(single[:, 0], diagonal, rtol=1e-9, atol=1e-10), method.__name__


@every_case
def test_trajectories_run_from_the_data_point_to_the_draw_and_back(path, d):
    x1, x0, t = cloud(d)
    shape = (9, 4, d)
    ends = path.forward(x1, x0, torch.ones(9, dtype=torch.float64))
    start = path.forward(x1, x0, torch.zeros(9, dtype=torch.float64))
    assert torch.allclose(ends, x1[:, None].expand(shape), rtol=0, atol=1e-12)
    assert torch.allclose(start, x0.expand(shape), rtol=0, atol=1e-15)
    x = path.forward(x1, x0, t)
    assert x.shape == shape
    assert torch.allclose(path.inverse(x, x0, t), x1[:, None].expand(shape), rtol=0, atol=1e-11)
    _, motion = time_derivative(lambda s: path.forward(x1, x0, s), t)
    assert torch.allclose(path.velocity(x, x0, t), motion, rtol=1e-9, atol=1e-9)


@every_case
def test_the_density_along_a_characteristic_is_the_change_of_variables(path, d):
    x1, x0, _ = cloud(d, q=3, n=1)
    t = torch.tensor(0.4, dtype=torch.float64)
    x = path.forward(x1, x0, t)[:, 0]
    followed = characteristics.characteristic(path, Gaussian(), x, x0, 0.4)
    direct = single_point.density(path, Gaussian(), x, x0, t)[:, 0]
    assert (followed.log_p.exp() - direct.exp()).abs().max() < 1e-8
    assert torch.allclose(followed.log_p, direct, rtol=0, atol=1e-8)
    assert torch.allclose(followed.x1, x1, rtol=0, atol=1e-7)


@every_case
@pytest.mark.parametrize("law", ["gaussian", "logistic"])
def test_continuity_holds(path, d, law):
    _, x0, _ = cloud(d)
    field = MarginalField(x0, torch.tensor([1.0, 2.0, 1.0, 0.5]), PRIORS[law](), path)
    check = checks.continuity(field, n=60, seed=2)
    assert check.ok, check


@every_case
def test_what_the_base_class_derives_is_the_same(path, d):
    x, x0, t = cloud(d)
    got = path.conditional(x, x0, t)
    assert torch.allclose(got.x1, path.inverse(x, x0, t), rtol=1e-13, atol=1e-13)
    assert got.log_det.shape == (9, 4)
    derived = Path.log_det(path, x, x0, t)
    assert torch.allclose(got.log_det, derived, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("typed", "built_in"),
    [
        (formula(forward="(1-t)*x0 + t*x1"), PATHS["affine"]()),
        (formula(inverse="(x - (1-t)*x0)/t"), PATHS["affine"]()),
        (formula(mu="(1-t)*x0", sigma="t"), PATHS["affine"]()),
        (formula(forward="(1-t^2)*x0 + t^2*x1"), PATHS["affine"](SCHEDULES["quadratic"]())),
        (
            formula(forward="sin((1-t)*pi/2)*x0 + sin(t*pi/2)*x1"),
            PATHS["affine"](SCHEDULES["cosine"]()),
        ),
        (formula(mu="(1-t)*(x0 + t*sin(pi*x0))", sigma="t"), PATHS["detour"]()),
    ],
    ids=["forward", "inverse", "mu, sigma", "quadratic", "cosine", "detour"],
)
@pytest.mark.parametrize("d", [1, 2])
def test_an_affine_formula_typed_by_hand_is_the_built_in_family(typed, built_in, d):
    x, x0, t = cloud(d, q=60, n=8)
    ours, theirs = (
        MarginalField(x0, torch.ones(8), Gaussian(), path) for path in (typed, built_in)
    )
    assert torch.allclose(ours(x, t), theirs(x, t), rtol=1e-12, atol=1e-12)
    assert torch.allclose(ours.log_prob(x, t), theirs.log_prob(x, t), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ["squeeze", "detour", "parabola", "wave"])
def test_a_flow_on_the_line_conserves_its_distribution(name):
    _, x0, _ = cloud(1)
    field = MarginalField(x0, torch.ones(4), Gaussian(), BUILT_IN[name])
    x1 = torch.linspace(-2.3, 2.4, 9, dtype=torch.float64)[:, None]
    times = torch.linspace(0.05, 1.0, 6, dtype=torch.float64)
    assert checks.conservation(field, x1, trajectories(field, x1, times)).ok


def test_monotone_is_right_for_every_family_on_the_line():
    assert formula(forward="(1-t)*x0 + t*x1").monotone
    assert formula(inverse="(x - (1-t)*x0)/t").monotone
    assert not formula(forward="(1-t)*x0 - t*x1").monotone
    assert not formula(forward="(1-t)*x0 + t*x1 + 4*t*(1-t)*sin(3*x1)").monotone
    assert not formula(forward="x0 + t*rot(t)*(x1 - x0)").monotone


def test_where_no_trajectory_passes_the_density_is_zero_and_its_slopes_are_numbers():
    """Each x₁ is drawn to within (1-t) of the data: at t = ½ nothing is beyond ½ + ½ tanh."""
    path = formula(forward="(1-t)*x0 + (1-t)*tanh(4*t*x1)*t + t^40*x1")
    t = torch.tensor(0.5, dtype=torch.float64)
    x0 = torch.zeros(1, 1, dtype=torch.float64)
    x = torch.tensor([[0.1], [0.6]], dtype=torch.float64)
    assert path.inverse(x, x0, t).abs().max() == UNREACHED or path.inverse(x, x0, t)[1] > 1e9
    field = MarginalField(x0, torch.ones(1), Gaussian(), path)
    log_p = field.log_prob(x, t)
    assert log_p[0] > -10 > -1e6 > log_p[1]


def test_a_root_that_is_not_found_in_the_plane_is_not_a_number():
    path = formula(forward="(1-t)*x0 + t*[x1[0]^2, x1[1]]")
    x0 = torch.zeros(1, 2, dtype=torch.float64)
    t = torch.tensor(0.5, dtype=torch.float64)
    x = torch.tensor([[0.5, 0.3], [-0.5, 0.3]], dtype=torch.float64)
    free = path.inverse(x, x0, t)[:, 0]
    assert free[0].abs().tolist() == pytest.approx([1.0, 0.6])
    assert bool(free[1].isnan().all())


@pytest.mark.parametrize(
    "path",
    [
        formula(inverse="x0 + rot(-b*(1-t))*(x - x0)/t"),
        formula(forward="x0 + t*rot(b*(1-t))*(x1 - x0)"),
        formula(forward="(1-t)*x0 + t*x1 + a*t*(1-t)*tanh(x1 - x0)"),
        formula(mu="(1-t)*x0 + a*t*(1-t)*sin(x0)", sigma="t"),
    ],
    ids=["inverse", "forward", "nonlinear", "affine"],
)
def test_a_call_in_the_plane_stays_within_a_frame(path):
    """200 queries × 16 points: 20 ms of one core, as the processor counts them."""
    generator = torch.Generator().manual_seed(0)
    x0 = torch.randn(16, 2, generator=generator, dtype=torch.float64)
    x = torch.randn(200, 2, generator=generator, dtype=torch.float64)
    t = 0.05 + 0.95 * torch.rand(200, generator=generator, dtype=torch.float64)
    field = MarginalField(x0, torch.ones(16), Gaussian(), path)
    spent = []
    for _ in range(15):
        start = time.process_time()
        field(x, t)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.02, spent


def test_parameters_move_a_typed_family():
    x1, x0, t = cloud(2)
    text = "x0 + t*rot(b*(1-t))*(x1 - x0)"
    one, two = (formula(forward=text, parameters={"b": b}) for b in (1.0, 2.0))
    assert one == formula(forward=text) != two
    assert not torch.allclose(one.forward(x1, x0, t), two.forward(x1, x0, t))


@pytest.mark.parametrize(
    "given", [{}, {"forward": "x1", "inverse": "x"}, {"forward": "x1", "mu": "x0"}]
)
def test_a_family_is_given_by_one_kind_of_formula(given):
    with pytest.raises(ValueError, match="give one of"):
        formula(**given)


def test_a_formula_is_checked_for_its_dimension_when_it_is_made():
    with pytest.raises(FormulaError, match="plane"):
        formula(forward="rot(t)*x1", d=1)
    with pytest.raises(FormulaError, match="character 4"):
        formula(forward="x0[3]")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("parabola", {"bend": float("nan")}),
        ("wave", {"halves": 0}),
        ("wave", {"height": float("inf")}),
        ("swirl", {"turns": float("inf")}),
        ("per_axis", {"first": 0.0}),
        ("squeeze", {"k": -1.0}),
        ("detour", {"swing": float("nan")}),
    ],
)
def test_parameters_that_make_no_family_are_named(name, given):
    with pytest.raises(ValueError, match=next(iter(given))):
        PATHS[name](**given)


def test_a_swirl_needs_a_plane():
    x1, x0, t = cloud(1)
    with pytest.raises(ValueError, match="got d=1"):
        PATHS["swirl"]().forward(x1, x0, t)
