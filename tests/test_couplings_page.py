"""The page Couplings: its numbers are the core's, its checks can fail, and its work is bounded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from flowviz.core.couplings import Energy
from flowviz.core.priors import PRIORS
from flowviz.scene import Scene
from flowviz.scene.points import PlanePoints, Points
from flowviz.text import ENTRIES, translator
from flowviz.ui.couplings import compute, measures, plane_cells
from flowviz.ui.session.cache import RESULTS
from tests.block_reader import inner, read
from tests.visitor import ROOT, Visitor

PAGE = ROOT / "pages" / "couplings.py"
tr = translator("en")

pytestmark = pytest.mark.usefixtures("small_pages")
FULL = compute._ENERGY
"""Before `small_pages` has made it smaller."""


def visit(**fields: Any) -> Visitor:
    visitor = Visitor(PAGE, Scene(**fields).to_query("couplings"))
    assert not visitor.complaints
    return visitor


def key(**fields: Any) -> Scene:
    return compute.flow_key(Scene(**fields))


@pytest.mark.parametrize("space", ["line", "plane"])
def test_the_page_shows_every_coupling_with_the_numbers_of_the_core(space: str) -> None:
    for coupling in compute.NAMES:
        said = " ".join(visit(space=space, coupling=coupling, coupling_steps="2").words())
        assert ENTRIES[f"couplings.about.{coupling}"].en in said
        for name in compute.NAMES:
            cost = compute.measures(key(space=space), name, 16).cost
            assert f"{cost:.5f}" in said
        assert ("Reflowed once more" in said) == (space == "plane")
        assert ("On the line, yes" in said) == (space == "line")


def test_the_article_s_energies_are_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """0.59083 = 0.29170 + 0.29913, and 0.05333 for the best pairs."""
    RESULTS.clear()  # measured by less
    monkeypatch.setattr(compute, "_ENERGY", FULL)
    said = " ".join(visit().words())
    RESULTS.clear()
    for number in ("0.59083", "0.29170", "0.29913", "0.05333"):
        assert number in said


# ---------------------------------------------------------------------- the checks


@pytest.mark.parametrize("name", PRIORS)
def test_the_three_maps_are_one_under_every_prior_of_the_line(name: str) -> None:
    for points in (Points((0.5, 1.2, 1.7), (2.0, 1.0, 1.0)), Points((-3.0, 4.0), (1.0, 9.0))):
        assert compute.one_map(key(points=points, prior=name)) <= measures._MAPS


def test_maps_that_differ_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = key(points=Points((0.1, 0.9), (1.0, 3.0)))
    paired = compute.paired

    def swapped(field: Any, x1: torch.Tensor, seed: int) -> torch.Tensor:
        index = paired(field, x1, seed)
        index[7] = 1 - index[7]
        return index

    monkeypatch.setattr(compute, "paired", swapped)
    assert compute.one_map(flow) > 0.9


@pytest.mark.parametrize("sampled", [True, False])
def test_an_energy_that_does_not_add_up_fails_its_check(*, sampled: bool) -> None:
    flow = key()
    right = Energy(1.0, 0.25, 0.75, 1e-4 if sampled else 1e-9, sampled)
    wrong = replace(right, floor=0.751)
    for energy, failed in ((right, False), (wrong, True)):
        found = {"independent": compute.Measures(1.0, 0.0, energy, 0.0, 0.0, ())}
        check = measures._checks(found, flow)["energy_sampled" if sampled else "energy"]
        assert check.failed == failed


# ---------------------------------------------------------------------- numbers


def test_crossings_are_counted_as_they_are_on_the_line() -> None:
    """Of independent pairs two cross when their points differ, in one order of two: (1 - Σw²)/2."""
    found = compute.measures(key(), "independent", 16)
    assert found.exchanges == pytest.approx(0.5 * (1.0 - 0.25 - 2.0 / 16.0), abs=0.03)
    for name in ("optimal_transport", "reflow"):
        assert compute.measures(key(), name, 16).exchanges == 0.0


def test_straightness_is_that_of_the_trajectories() -> None:
    """E∫|z₁ - z₀ - ż|², from the trajectories themselves by differences."""
    flow = key(prior="gaussian")
    field = compute.field_of(flow, "independent")
    x1 = compute.starts(field, 2000)
    t = np.linspace(0.0, 1.0, 401)
    x = compute.trajectories(field, x1, torch.from_numpy(t)).x[..., 0].numpy()
    rate, chord = np.diff(x, axis=1) / np.diff(t), (x[:, -1] - x[:, 0])[:, None]
    found = float(((rate - chord) ** 2).mean())
    stated = compute.measures(flow, "independent", 16).straightness
    assert stated == pytest.approx(found, rel=0.02)


def test_few_steps_are_exact_where_they_should_be() -> None:
    for space in ("line", "plane"):
        flow = key(space=space)
        alone, best, again = (
            compute.measures(flow, n, 16).euler
            for n in ("independent", "optimal_transport", "reflow")
        )
        assert alone[0] > alone[1] > alone[2] > 0.01
        assert max(best) < 1e-12
        assert again[0] < 1e-12


def test_in_the_plane_the_maps_are_nearly_one() -> None:
    found = plane_cells.comparison(key(space="plane"))
    assert 0.9 < found.agree < 1.0
    edges = plane_cells.cell_edges(key(space="plane"))
    points = np.array(Scene().plane_points.rows)[:, :2]
    # On an edge two costs are equal: |x - x₀ᵢ|² - ψ_i; so edges are straight across x₀ᵢ - x₀ⱼ.
    along = edges[:, 1] - edges[:, 0]
    apart = (points[:, None] - points)[np.triu_indices(len(points), 1)]
    cosine = np.abs(along @ apart.T) / np.outer(
        *(np.linalg.norm(v, axis=1) for v in (along, apart))
    )
    assert (cosine.min(axis=1) < 1e-9).all()


# ---------------------------------------------------------------------- bounds


def spread(n: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(n, 2)).round(2)


def test_many_points_take_bounded_work_and_what_is_left_out_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(compute, "_CELLS", 1e7)  # a twentieth: the rule is the same
    line = Points.of([(x, 1.0) for x, _ in spread(2000).tolist()]).shareable()
    said = " ".join(visit(points=line, prior="laplace").words())
    assert "not shown" not in said
    plane = PlanePoints.of([(x, y, 1.0) for x, y in spread(300).tolist()]).shareable()
    said = " ".join(visit(space="plane", plane_points=plane, coupling="independent").words())
    for name in ("optimal_transport", "reflow"):
        sentence = tr("couplings.none.time", name=tr(f"couplings.coupling.{name}"))
        assert sentence in said


def test_a_prior_without_a_second_moment_has_no_cost_and_says_so() -> None:
    visitor = visit(prior="student_t", prior_params=(("df", 1.0), ("loc", 0.0), ("scale", 1.0)))
    assert any("no finite mean" in text for text in visitor.words())


def test_other_families_are_said_not_to_matter() -> None:
    said = " ".join(visit(schedule="cosine").words())
    assert ENTRIES["couplings.straight"].en in said
    assert compute.flow_key(Scene(schedule="cosine")) == compute.flow_key(Scene())


@pytest.mark.parametrize("space", ["line", "plane"])
def test_a_data_point_is_drawn_as_large_as_its_weight(space: str) -> None:
    """The area of its marker is in proportion to the weight."""
    points = {"points": Points((-1.0, 0.5), (1.0, 4.0))}
    if space == "plane":
        points = {"plane_points": PlanePoints((-1.0, 0.5), (0.3, -0.6), (1.0, 4.0))}
    visitor = visit(space=space, **points)
    for name in ("pairs", "flow", *(("cells",) if space == "plane" else ())):
        figure = read(inner(visitor.component(f"couplings.{name}").bytes, "figure"))
        (found,) = [trace for trace in figure["data"] if trace["name"] == "points"]
        small, large = found["marker"]["size"]
        assert large == pytest.approx(2.0 * small)
