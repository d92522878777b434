"""The average velocity on the Solvers page."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from flowviz.core.priors import PRIORS
from flowviz.scene import Scene
from flowviz.text import ENTRIES
from flowviz.ui.solvers import average, compute
from tests.visitor import ROOT, Visitor

PAGE = ROOT / "pages" / "solvers.py"
pytestmark = pytest.mark.usefixtures("small_pages")


@pytest.mark.parametrize("name", PRIORS)
def test_the_identity_is_within_its_bound_or_not_claimed(name: str) -> None:
    flow = compute.setup_of(Scene(prior=name)).flow
    found = average.averaged(flow, 20, 0.8, 0.2)
    assert found is not None
    assert (found.residual is None) == (not PRIORS[name]().smooth)
    if found.residual is not None:
        assert found.residual <= average._BOUND


def test_in_the_plane_it_is_too_and_trajectories_are_nearly_straight() -> None:
    found = average.averaged(compute.setup_of(Scene(space="plane")).flow, 20, 1.0, 0.0)
    assert found is not None
    assert found.residual is not None
    assert found.residual <= average._BOUND
    assert found.share is not None
    assert 0.9 < found.share < 1.0


def test_a_velocity_that_is_not_the_flow_s_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = compute.setup_of(Scene(prior="gaussian", schedule="cosine")).flow
    right = average.trajectories

    def bent(field: object, x1: object, times: object, *given: float) -> object:
        found = right(field, x1, times, *given)  # type: ignore[arg-type]
        found.x.mul_(1.0 + 1e-6 * torch.sin(9.0 * torch.as_tensor(times)).reshape(1, -1, 1))
        return found

    monkeypatch.setattr("flowviz.core.transport.average_velocity.trajectories", bent)
    found = average.averaged(flow, 19, 0.7, 0.1)
    assert found is not None
    assert found.residual is not None
    assert found.residual > average._BOUND


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        ({"prior": "gaussian", "solver_mean_t": 0.9}, "checks.mean_flow"),
        ({"prior": "uniform", "solver_mean_t": 0.9}, "solvers.average.unchecked"),
        ({"solver_mean_t": 0.3, "solver_mean_s": 0.5}, "solvers.average.order"),
    ],
)
def test_the_page_says_what_it_can_and_cannot(settings: dict[str, Any], key: str) -> None:
    visitor = Visitor(PAGE, Scene(**settings).to_query("solvers"))
    assert not visitor.complaints
    assert ENTRIES[key].en in " ".join(visitor.words())


def test_it_is_closed_until_it_is_asked_for() -> None:
    said = " ".join(Visitor(PAGE, Scene(prior="gaussian").to_query("solvers")).words())
    assert ENTRIES["demo.average"].en in said
    assert ENTRIES["solvers.average.about"].en not in said
