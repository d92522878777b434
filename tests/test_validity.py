"""Validity of families: the violated rule with its position, and the derivation."""

from __future__ import annotations

import math
from dataclasses import fields
from itertools import pairwise, product
from typing import Any, cast

import numpy as np
import pytest
import torch
from scipy.optimize import brentq, minimize_scalar

from flowviz.core.greens import single_point
from flowviz.core.greens.characteristics import characteristic
from flowviz.core.paths import PATHS
from flowviz.core.paths.validity import check_validity, first_violation
from flowviz.core.priors import PRIORS, Gaussian
from flowviz.core.schedules import FormulaSchedule

formula = PATHS["formula"]
DATA = {
    1: torch.tensor([[0.5], [1.2]], dtype=torch.float64),
    2: torch.tensor([[0.5, 0.0], [-1.0, 0.3]], dtype=torch.float64),
}


@pytest.mark.parametrize("name", [name for name in PATHS if name != "formula"])
@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("law", ["gaussian", "uniform"])
def test_every_built_in_family_is_valid(name, d, law):
    if name == "swirl" and d == 1:
        pytest.skip("needs a plane")
    report = check_validity(PATHS[name](), DATA[d], PRIORS[law]())
    assert report.ok, [finding for finding in report.findings if not finding.ok]
    assert report.caustic.shape == (0, 1 + d)
    assert not report.relabelled


@pytest.mark.parametrize(
    ("given", "d", "broken"),
    [
        ({"forward": "x0 + t*x1"}, 1, "end"),
        ({"forward": "x0 + t*x1"}, 2, "end"),
        ({"mu": "x0", "sigma": "t"}, 1, "end"),
        ({"forward": "t*x1"}, 1, "start"),
        ({"inverse": "x/t"}, 2, "start"),
        ({"forward": "(1-t)*x0 + t*x1 + 4*t*(1-t)*sin(3*x1)"}, 1, "invertible"),
        ({"forward": "(1-t)*x0 + t*x1 + 0.3*sin(pi*t)*x1^2"}, 2, "invertible"),
        ({"forward": "(1-t)*x0 + t*abs(x1)"}, 1, "invertible"),
        ({"inverse": "x0 + (x-x0)/t*(1 + (1-t)*sin(4*x))"}, 1, "invertible"),
        ({"mu": "(1-t)*x0", "sigma": "t*(1-2*t)"}, 1, "invertible"),
        ({"mu": "(1-t)*x0", "sigma": "t*(1-2*t)"}, 2, "invertible"),
        ({"forward": "(1-t)*x0 + t*x1 + t*(1-t)*log(x1)"}, 1, "finite"),
        ({"forward": "(1-t)*x0 + t*x1 + t*(1-t)*sign(x1)"}, 1, "continuous"),
        ({"forward": "(1-t)*x0 + t*x1 + t*(1-t)*sign(x1-0.3)"}, 2, "continuous"),
        ({"forward": "(1-t)*x0 + t*x1 + 0.2*t*(1-t)*sign(t-0.51)"}, 1, "continuous"),
        ({"forward": "(1-t)*x0 + t*x1 + 0.1*t*(1-t)*atan2(x1[1],x1[0])"}, 2, "continuous"),
        ({"inverse": "(x-(1-t)*x0)/t + 0.5*(1-t)*sign(x)"}, 1, "continuous"),
    ],
)
def test_the_violated_rule_is_named_with_its_position(given, d, broken):
    report = check_validity(formula(**given), DATA[d], Gaussian())
    finding = report[broken]
    assert not report.ok
    assert not finding.ok
    assert 0.0 <= finding.t <= 1.0
    assert len(finding.x) == len(finding.x0) == len(finding.x1) == d


def test_a_caustic_lies_where_the_slope_in_x1_is_zero():
    """ψ = (1-t)x₀ + t x₁ + 4t(1-t) sin 3x₁ turns over where 1 + 12(1-t) cos 3x₁ = 0."""
    path = formula(forward="(1-t)*x0 + t*x1 + 4*t*(1-t)*sin(3*x1)")
    caustic = check_validity(path, DATA[1], Gaussian()).caustic
    assert caustic.shape[0] > 20
    # It begins where cos 3x₁ = -1.
    assert float(caustic[:, 0].max()) == pytest.approx(1 - 1 / 12, abs=0.01)


def test_a_mirrored_end_is_valid_but_not_the_prior_itself():
    report = check_validity(formula(forward="(1-t)*x0 - t*x1"), DATA[1], Gaussian())
    assert report.ok
    assert report.relabelled


@pytest.mark.parametrize("d", [1, 2, 3, 16])
def test_the_divergence_is_d_over_t_because_a_box_shrinks_on_every_side(d):
    t = torch.tensor([0.1, 0.35, 1.0], dtype=torch.float64)
    box = single_point.shrinking_box(d, t)
    assert torch.allclose(box.divergence, d / t, rtol=1e-13)
    assert torch.allclose(box.rate, d / t, rtol=1e-13)
    assert torch.allclose(box.volume, t**d, rtol=1e-12)


def test_a_circle_is_as_long_and_as_curved_as_it_is():
    t = torch.linspace(0, 1, 2001, dtype=torch.float64)
    circle = torch.stack([torch.cos(math.tau * t), torch.sin(math.tau * t)], -1)[None]
    seen = single_point.path_statistics(2.0 * circle, t)
    assert seen.length.item() == pytest.approx(4 * math.pi, rel=1e-5)
    assert seen.turning.item() == pytest.approx(math.tau * 1999 / 2000, rel=1e-9)
    line = torch.stack([t, 3 * t], -1)[None]
    assert single_point.path_statistics(line, t).turning.item() < 1e-9
    more = single_point.compare_paths(torch.cat([circle, circle]), torch.cat([line, line]), t)
    assert more.length == pytest.approx(math.tau / math.sqrt(10), rel=1e-5)
    with pytest.raises(ValueError, match="three times"):
        single_point.path_statistics(line[:, :2], t[:2])


def test_a_characteristic_belongs_to_one_point_and_one_law():
    x = DATA[1][:1]
    with pytest.raises(ValueError, match="one data point, got 2"):
        characteristic(PATHS["affine"](), Gaussian(), x, DATA[1], 0.5)
    mirrored = formula(forward="(1-t)*x0 - t*x1")
    with pytest.raises(ValueError, match="ends at"):
        characteristic(mirrored, Gaussian(), x, DATA[1][:1], 0.5)


def least(curve, pair):
    found: Any = minimize_scalar(curve, bounds=pair, options={"xatol": 1e-12})
    return found.fun


def threshold(slope, low, high):
    """The least a at which min over u of slope(a, u) is 0; slope falls in a."""
    return brentq(
        lambda a: min(
            least(lambda u: slope(a, u), pair) for pair in pairwise(np.linspace(1e-3, 1.0, 41))
        ),
        low,
        high,
        xtol=1e-12,
    )


# A family with a letter, and the a from which on it folds, in closed form or by SciPy.
FOLDS = [
    (
        "x0+(x1-x0)*(t+a*sin(3*pi*t))",
        threshold(lambda a, t: 1 + a * np.sin(3 * np.pi * t) / t, 0.4, 0.6),
    ),
    (
        "x0+(x1-x0)*(t+a*sin(5*pi*t))",
        threshold(lambda a, t: 1 + a * np.sin(5 * np.pi * t) / t, 0.1, 0.4),
    ),
    ("(1-t)*x0+t*x1+a*t*(1-t)*sin(3*x1)", 1 / 3),  # 1 + 3a(1-t)cos 3x₁, first at t = 0
    ("(1-t)*x0+t*x1+a*t^2*(1-t)*sin(3*x1)", 4 / 3),  # t(1-t) is at most ¼
    ("(1-t)*x0+t*x1+a*t*t*(1-t)*(1-t)*sin(2*x1+5*t)", 27 / 8),  # t(1-t)² is at most 4/27
    ("(1-t)*x0+t*x1-a*t*(1-t)*t*tanh(x1-0.123)", 4.0),
]


@pytest.mark.parametrize(("text", "a"), FOLDS, ids=[text for text, _ in FOLDS])
@pytest.mark.parametrize("d", [1, 2])
def test_a_family_is_refused_from_where_it_folds(text, a, d):
    """To six digits of the letter, where thirty times would step over the fold."""
    # At small t 1 + 3a(1-t)cos 3x₁ is as small as it gets: times begin at 1e-3.
    near = 2e-3 if text == FOLDS[2][0] else 1e-5
    good, bad = (
        check_validity(formula(forward=text, parameters={"a": a * by}), DATA[d], Gaussian())[
            "invertible"
        ]
        for by in (1 - near, 1 + near)
    )
    assert good.ok
    assert not bad.ok


def ends_of_sliders():
    for name, kind in PATHS.items():
        if name in ("formula", "affine"):
            continue
        ends = {
            f.name: (f.metadata["min"], f.metadata["max"])
            for f in fields(cast(Any, kind))
            if "min" in f.metadata
        }
        for values in product(*ends.values()):
            yield pytest.param(kind(**dict(zip(ends, values, strict=True))), id=f"{name} {values}")


@pytest.mark.parametrize("path", list(ends_of_sliders()))
@pytest.mark.parametrize("d", [1, 2])
def test_no_built_in_family_is_refused_at_the_ends_of_its_sliders(path, d):
    if not path.exists_in(d):
        pytest.skip("does not exist there")
    assert first_violation(path, DATA[d], Gaussian()) == ""


@pytest.mark.parametrize(
    "text",
    [
        "(1-t)*x0+t*x1+t*(1-t)*tanh(1000*x1)",
        "(1-t)*x0+t*x1+0.5*t*(1-t)*abs(x1)",
        "(1-t)*x0+t*x1+0.5*t*(1-t)*clip(x1,-1,1)",
        "(1-t)*x0+t*x1+t*(1-t)*erf(30*x1)",
        "(1-t)*x0+t*x1+sqrt(t)*(1-t)*max(x0,0.2)",
    ],
)
@pytest.mark.parametrize("d", [1, 2])
def test_what_is_steep_or_has_corners_is_not_torn(text, d):
    assert first_violation(formula(forward=text), DATA[d], Gaussian()) == ""


@pytest.mark.parametrize(
    "sigma", ["t^8", "t^64", "exp(1-1/t)", "exp(9-9/t)", "t^0.1", "sqrt(t)", "t*log(1+t)/log(2)"]
)
@pytest.mark.parametrize("d", [1, 2])
def test_a_schedule_that_its_box_accepts_makes_a_family(sigma, d):
    """However small σ is near t = 0: what is no float there is no crossing."""
    FormulaSchedule(sigma=sigma)
    assert first_violation(formula(mu="(1-t)*x0", sigma=sigma), DATA[d], Gaussian()) == ""


WIDE = [name for name, prior in PRIORS.items() if "scale" in {f.name for f in fields(prior)}]


@pytest.mark.parametrize("name", WIDE)
@pytest.mark.parametrize("d", [1, 2])
def test_a_family_is_continuous_however_far_the_prior_reaches(name, d):
    """The rounding of positions of 1e12 is no jump; a jump of 0.1 near the data still is one."""
    heaviest = {"df": 1.0} if name == "student_t" else {}
    prior = cast("Any", PRIORS[name])(scale=1e6, **heaviest)
    assert first_violation(PATHS["affine"](), DATA[d], prior) == ""
    straight = "(1-t)*x0+t*x1"
    assert first_violation(formula(forward=straight), DATA[d], prior) == ""
    torn = formula(forward=f"{straight}+0.1*t*(1-t)*sign(t-0.3)*(x0-2)")
    assert first_violation(torn, DATA[d], prior) == "continuous"


@pytest.mark.parametrize("sign", "+-")
@pytest.mark.parametrize("d", [1, 2])
@pytest.mark.parametrize("data", [-50.0, 50.0])
def test_a_jump_is_found_whether_it_follows_or_opposes_the_motion(sign, d, data):
    """Far data make every trajectory move the same way, by more than the jump in each time step."""
    torn = formula(forward=f"(1-t)*x0+t*x1{sign}0.1*t*(1-t)*sign(t-0.3)*x0/50")
    x0 = torch.full((1, d), data, dtype=torch.float64)
    assert first_violation(torn, x0, PRIORS["uniform"]()) == "continuous"
