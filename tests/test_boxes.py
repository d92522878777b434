"""What is in a box of the plane changes by what flows through its four sides."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from flowviz.conventions import TimeConvention
from flowviz.core.field.boxes import box, mass_in_box
from flowviz.core.priors import PLANE_PRIORS, PRIORS
from flowviz.scene import Scene
from flowviz.text import translator
from flowviz.text.numbers import number
from flowviz.ui.demos import plane_box
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.keys import flow_key
from tests.visitor import ROOT, Visitor

LOW, HIGH = (-0.7, -0.3), (0.9, 1.1)
PLANE = [*PRIORS, *PLANE_PRIORS]


def pair(values: tuple[float, float]) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def mass(scene: Scene, t: float) -> float:
    at = torch.tensor(t, dtype=torch.float64)
    return mass_in_box(scene.field("plane"), pair(LOW), pair(HIGH), at)


def rate(scene: Scene, t: float, h: float = 1e-4) -> float:
    """d/dt of the mass, by differences of fourth order."""
    near, far = (mass(scene, t + k * h) - mass(scene, t - k * h) for k in (1, 2))
    return (8 * near - far) / (12 * h)


CASES: list[dict[str, Any]] = [{"plane_prior": name} for name in PLANE]
CASES += [{"plane_prior": "gaussian"} | found for found in (
    {"schedule": "cosine"}, {"plane_family": "swirl"}, {"plane_family": "parabola"},
)]  # fmt: skip


@pytest.mark.parametrize("changes", CASES, ids=str)
def test_the_mass_in_a_box_changes_by_the_flux_through_its_sides(changes: dict[str, Any]) -> None:
    scene, t = Scene().with_(**changes), 0.45
    found = box(scene.field("plane"), pair(LOW), pair(HIGH), torch.tensor(t, dtype=torch.float64))
    assert found.rate == pytest.approx(rate(scene, t), abs=1e-6)
    assert abs(found.rate) > 0.01
    assert found.error < 1e-6
    left, right, lower, upper = found.flux.tolist()
    assert found.rate == left - right + lower - upper


@pytest.mark.parametrize("changes", CASES, ids=str)
def test_the_mass_in_a_box_is_the_share_of_samples_in_it(changes: dict[str, Any]) -> None:
    scene, t, count = Scene().with_(**changes), 0.45, 20_000
    field, generator = scene.field("plane"), torch.Generator().manual_seed(1)
    x1 = field.prior.sample(count, 2, generator=generator).double()
    own = torch.multinomial(field.weights, count, replacement=True, generator=generator)
    at = torch.tensor(t, dtype=torch.float64)
    x = field.path.forward(x1[:, None], field.x0[own][:, None], at)[:, 0]
    share = float(((x > pair(LOW)) & (x < pair(HIGH))).all(1).double().mean())
    found = mass(scene, t)
    assert found == pytest.approx(share, abs=4 * np.sqrt(found * (1 - found) / count))


def test_boxes_side_by_side_add_up() -> None:
    field, t = Scene(plane_prior="disk").field("plane"), torch.tensor(0.3, dtype=torch.float64)
    corners = [((-4.0, -4.0), (0.2, 4.0)), ((0.2, -4.0), (4.0, 4.0))]
    masses = [mass_in_box(field, pair(low), pair(high), t) for low, high in corners]
    assert sum(masses) == pytest.approx(1.0, abs=1e-7)
    assert 0.2 < masses[0] < 0.8


def test_an_empty_box_and_a_line_are_refused() -> None:
    t = torch.tensor(0.5, dtype=torch.float64)
    with pytest.raises(ValueError, match="low must be below high"):
        box(Scene().field("plane"), pair(HIGH), pair(LOW), t)
    with pytest.raises(ValueError, match="needs d = 2"):
        box(Scene().field("line"), pair(LOW), pair(HIGH), t)


def test_the_numbers_on_the_page_are_those_of_the_box_in_both_directions_of_time() -> None:
    found = plane_box.balance(Scene(), 0.5, (-0.7, 0.9, -0.3, 1.1))
    assert found is not None
    assert found.measured == pytest.approx(found.box.rate, abs=1e-5)
    signs: dict[TimeConvention, int] = {"diffusion": 1, "flow_matching": -1}
    for convention, sign in signs.items():
        said = plane_box.words(found, translator("en", convention))
        for flux in found.box.flux.tolist():
            assert number(sign * flux, 4) in said
        assert f"**{number(sign * found.box.rate, 4)}**" in said


def test_a_side_is_moved_by_its_message_and_stays_in_order_on_its_axis() -> None:
    visitor = Visitor(ROOT / "pages" / "plane.py")
    visitor.app.session_state["flowviz.demo.plane_box"] = True
    visitor.run()
    kept, (x0, x1) = "flowviz.demo.plane_box.sides", axis_range(flow_key(Scene(), "plane"))[:2]
    for k, forged in enumerate(({"k": 5, "value": 0.0}, {"k": 1, "value": 1e9}, {"k": 2.0})):
        visitor.app.session_state["demo.plane_box"] = {"edit": forged | {"rev": k}}
        visitor.run()
        assert kept not in visitor.app.session_state, forged
    said = next(m.value for m in visitor.app.markdown if "pₜfₜ" in m.value)
    moved = {"k": 1, "value": x0 + 0.9 * (x1 - x0), "rev": 9}  # beyond the right side
    visitor.app.session_state["demo.plane_box"] = {"edit": moved}
    visitor.run()
    assert visitor.app.session_state[kept] == pytest.approx((0.65, 0.9, 0.35, 0.65))
    assert said not in [m.value for m in visitor.app.markdown]
