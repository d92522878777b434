"""Noise on the Solvers page: shares stay under every smooth prior, jumps are refused in words."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from flowviz.core.priors import PRIORS
from flowviz.scene import Scene
from flowviz.scene.parameters import PLANE_PRIOR
from flowviz.scene.points import Points
from flowviz.text import ENTRIES
from flowviz.ui.solvers import compute, noise
from tests.visitor import ROOT, Visitor

PAGE = ROOT / "pages" / "solvers.py"
JUMPS = {"uniform", "exponential", "arcsine", "disk"}
LINE = [(name, "line") for name in sorted(PRIORS.keys() - JUMPS)]
PLANE = [(name, "plane") for name in sorted(PLANE_PRIOR.classes().keys() - PRIORS.keys() - JUMPS)]

pytestmark = pytest.mark.usefixtures("small_pages")


def flow_of(**fields: Any) -> Scene:
    return compute.setup_of(Scene(**fields)).flow


@pytest.mark.parametrize(("prior", "space"), LINE + PLANE)
def test_shares_stay_and_samples_end_elsewhere(
    prior: str, space: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(noise, "SAMPLES", 400)
    flow = flow_of(space=space, **{"prior" if space == "line" else "plane_prior": prior})
    found = noise.noisy_ends(flow, 1.0)
    assert found is not None
    assert noise.share_check(flow, found.noisy).ok
    assert 0.1 < float((found.noisy != found.exact).double().mean()) < 0.8
    moved = [float((v != found.exact).double().mean()) for v in (found.quiet, found.noisy)]
    assert moved[0] < 0.2
    assert moved[0] < moved[1]
    assert found.velocities >= noise.STEPS
    assert found.scores > noise.STEPS


def test_shares_that_change_are_seen() -> None:
    flow = flow_of(prior="gaussian")
    field = compute.field_of(flow)
    seeded = torch.Generator().manual_seed(1)
    right = torch.multinomial(field.weights, 2000, replacement=True, generator=seeded)
    assert noise.share_check(flow, right).ok
    wrong = torch.where(torch.arange(2000) % 8 == 0, 0, right)  # an eighth goes to the first
    assert noise.share_check(flow, wrong).failed


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_has_the_noise_or_says_why_not(lang: str) -> None:
    scene = Scene(prior="gaussian", solver_noise=1.0, lang=lang)  # type: ignore[arg-type]
    visitor = Visitor(PAGE, scene.to_query("solvers"))
    assert not visitor.complaints
    found = noise.noisy_ends(compute.setup_of(scene).flow, 1.0)
    assert found is not None
    said = " ".join(visitor.words())
    assert f" {found.scores} " in said
    assert getattr(ENTRIES["checks.shares"], lang) in said
    visitor = Visitor(PAGE, scene.with_(prior="uniform").to_query("solvers"))
    assert not visitor.complaints
    assert getattr(ENTRIES["solvers.noise.jumps"], lang) in " ".join(visitor.words())


def test_what_takes_too_long_is_said() -> None:
    points = Points(tuple(k / 100 for k in range(500)), (1.0,) * 500)
    narrow = flow_of(points=points, prior="gaussian", prior_params=(("loc", 0.0), ("scale", 1e-3)))
    assert noise.noisy_ends(narrow, 4.0) is None
