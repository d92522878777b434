"""Families that are invertible only on the prior's support: exact there, refused elsewhere."""

from __future__ import annotations

import pytest
import torch

from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS, Affine
from flowviz.core.paths.extension import extended
from flowviz.core.paths.validity import first_violation
from flowviz.core.priors import Gaussian, Uniform
from flowviz.core.transport import launch, trajectories
from flowviz.scene import Scene
from flowviz.scene.formula import Typed
from flowviz.scene.formula_examples import EXAMPLES
from flowviz.scene.settings import Space
from flowviz.text import translator
from flowviz.ui.session import valid_family
from tests.visitor import ROOT, Visitor

pytestmark = pytest.mark.usefixtures("small_pages")

formula = PATHS["formula"]
X0 = torch.tensor([[0.5], [1.2], [1.7], [-2.3]], dtype=torch.float64)
TIMES = torch.linspace(0.0, 1.0, 17, dtype=torch.float64)
POSITIVE = Uniform(low=0.0, high=2.0)
HALF = {"forward": "(1-t)*x0 + t*abs(x1)"}


def field_of(given, prior, x0=X0):
    return MarginalField(x0, torch.ones(len(x0)), prior, formula(**given))


@pytest.mark.parametrize(
    ("given", "prior"),
    [
        (HALF, POSITIVE),
        ({"inverse": "abs(x - (1-t)*x0)/t"}, POSITIVE),
        ({"inverse": "x0 + (x-x0)/t*(1 + 0.1*(1-t)*sin(4*x))"}, POSITIVE),
        ({"forward": "(1-t)*x0 + t*x1*(1 + (1-t)*x0/3)"}, Gaussian()),
        ({"forward": "(1-t)*x0 + t*abs(x1+8) - 8*t"}, Gaussian()),
        ({"forward": "(1-t)*x0 + t*x1 + t*(1-t)*log(x1+1)"}, POSITIVE),
        (
            {"forward": "(1-t)*x0 + t*x1 + 2*t*(1-t)*sin(3*x1)"},
            Uniform(low=-0.3, high=0.3),
        ),
    ],
)
def test_what_increases_where_the_prior_lives_conserves_its_distribution(given, prior):
    field = field_of(given, prior)
    assert first_violation(formula(**given), X0, prior) == ""
    x1 = launch(prior, 9)
    shown = trajectories(field, x1, TIMES)
    for k, t in enumerate(TIMES[1:], 1):
        assert torch.allclose(field.cdf(shown.x[:, k], t), prior.cdf(x1[:, 0]), atol=1e-13)
    x = torch.linspace(-8.0, 8.0, 20_001, dtype=torch.float64)[:, None]
    mass = torch.trapezoid(field.log_prob(x, TIMES[8]).exp(), x[:, 0])
    assert float(mass) == pytest.approx(1.0, abs=2e-3)  # it jumps at edges


@pytest.mark.parametrize("given", [HALF, {"inverse": "abs(x - (1-t)*x0)/t"}])
def test_a_mirror_that_the_prior_never_sees_leaves_straight_lines(given):
    """On [0, 2] |x₁| is x₁: everything is what the straight family says it is."""
    field, plain = field_of(given, POSITIVE), MarginalField(X0, torch.ones(4), POSITIVE, Affine())
    x1 = launch(POSITIVE, 37)
    shown, known = (trajectories(f, x1, TIMES) for f in (field, plain))
    assert torch.equal(shown.basin, known.basin)
    assert torch.allclose(shown.x, known.x, atol=1e-12)
    x = torch.linspace(-2.6, 2.2, 400, dtype=torch.float64)[:, None] + 1e-4
    for t in (0.01, 0.4, 1.0):
        assert torch.allclose(field.log_prob(x, t), plain.log_prob(x, t), atol=1e-9)
        assert torch.allclose(field(x, t), plain(x, t), atol=1e-9, equal_nan=True)


def test_the_planes_mirror_leaves_straight_lines_too():
    x0 = torch.tensor([[0.5, 1.0], [1.5, -0.5]], dtype=torch.float64)
    field = field_of(HALF, POSITIVE, x0)
    plain = MarginalField(x0, torch.ones(2), POSITIVE, Affine())
    x = torch.rand(50, 2, generator=torch.Generator().manual_seed(3), dtype=torch.float64) * 4 - 1
    assert torch.allclose(field.log_prob(x, 0.6), plain.log_prob(x, 0.6), atol=1e-9)
    assert torch.allclose(field(x, 0.6), plain(x, 0.6), atol=1e-9, equal_nan=True)


def test_a_family_without_need_of_extension_is_unchanged():
    for typed in EXAMPLES["line"].values():
        path = typed.path(1)
        assert extended(path, Gaussian(), X0) is path
    for name in PATHS:
        if name not in ("formula", "swirl"):
            path = PATHS[name]()
            assert extended(path, POSITIVE, X0) is path


@pytest.mark.parametrize(
    ("given", "prior", "rule"),
    [
        (HALF, Gaussian(), "invertible"),
        (HALF, Uniform(low=-0.1, high=2.0), "invertible"),
        ({"forward": "(1-t)*x0 + t*abs(x1+3) - 3*t"}, Gaussian(), "invertible"),
        ({"forward": "(1-t)*x0 + t*x1 + t*(1-t)*log(x1+3)"}, Gaussian(), "finite"),
        # It folds at |x - x₀| = 1.83 t, and x₀ = -2.3 is further from the prior than that.
        ({"inverse": "x0 + (x-x0)/t - 0.1*(1-t)*((x-x0)/t)^3"}, POSITIVE, "invertible"),
    ],
)
def test_what_folds_where_the_prior_lives_is_refused(given, prior, rule):
    """Also where only a thousandth of the prior sees it."""
    path = formula(**given)
    assert extended(path, prior, X0) is path
    assert first_violation(path, X0, prior) == rule


PAGES: dict[str, Space] = {"fan": "line", "plane": "plane", "learn": "line", "solvers": "line"}


@pytest.mark.parametrize("page", PAGES)
def test_every_page_refuses_with_the_same_line_and_shows_what_it_showed(page, monkeypatch):
    space = PAGES[page]
    prefix = "plane_" if space == "plane" else ""
    query = {f"{prefix}family": "formula", "space": space, f"{prefix}prior": "gaussian"}
    query[f"{prefix}formula"] = Typed("forward", HALF["forward"]).link
    if page == "plane":
        del query["space"]
    visitor = Visitor(ROOT / "pages" / f"{page}.py", query)
    tr = translator("en")
    line = tr("fan.family.invalid", why=tr("fan.family.invalid.invertible"))
    assert [warning.value for warning in visitor.app.warning] == [line]
    scene = Scene.from_query(query)
    assert valid_family.last_valid(scene, space) == scene.with_(**{f"{prefix}family": "affine"})
    assert not visitor.complaints


def test_exhausted_steps_are_reported(monkeypatch):
    monkeypatch.setattr("flowviz.core.transport.exponential.MAX_STEPS", 2)
    query = {"space": "plane", "plane_family": "swirl", "solver_lines": "3"}
    visitor = Visitor(ROOT / "pages" / "solvers.py", query)
    line = translator("en")("fan.family.unfinished", n=3, count=3)
    assert line in [caption.value for caption in visitor.app.caption]


def test_the_last_family_is_not_shown_where_it_makes_no_flow_any_more(monkeypatch):
    kept: dict[str, object] = {}
    monkeypatch.setattr(valid_family.st, "session_state", kept)
    good = Scene(family="formula", formula=Typed("forward", HALF["forward"]))  # the prior is [0, 2]
    assert valid_family.last_valid(good, "line") is good
    bad = good.with_(formula=Typed("forward", "x0"))
    assert valid_family.last_valid(bad, "line") == bad.with_(formula=good.formula)
    wide = bad.with_(prior="gaussian")
    assert valid_family.last_valid(wide, "line") == wide.with_(family="affine")
