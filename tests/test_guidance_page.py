"""The page Guidance: what it shows is the core's, labels come and stay, and its checks can fail."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
import torch
from streamlit.testing.v1 import AppTest

from flowviz.core.guidance import Guide, LabelledField, guided_flow, shares_on_line
from flowviz.core.guidance.trajectories import GuidedField
from flowviz.core.paths import PATHS
from flowviz.core.priors import Gaussian
from flowviz.core.solvers.vector_field import VectorField
from flowviz.figures import guidance as figures
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.labelling import EXAMPLE, WAYS, labelled, ways
from flowviz.scene.points import PlanePoints, Points
from flowviz.scene.settings import Space
from flowviz.ui.guidance import checks, compute, velocities
from flowviz.ui.session.cache import RESULTS
from flowviz.ui.takeaway.kinds import KINDS, FileRequest
from tests.block_reader import inner, read
from tests.visitor import ROOT, Visitor

pytestmark = pytest.mark.usefixtures("small_pages")

PAGE = ROOT / "pages" / "guidance.py"
SPACES: tuple[Space, ...] = ("line", "plane")


def scene(space: Space = "line", **more: Any) -> Scene:
    return Scene(**({"space": space, "prior": "gaussian", **EXAMPLE} | more))


def said(visitor: Visitor) -> str:
    return "\n".join(visitor.words())


# ---------------------------------------------------------------------- numbers and pictures


def test_the_page_says_the_shares_of_the_core() -> None:
    visitor = Visitor(PAGE, scene(guidance_scale=1.5).to_query("guidance"))
    alt = read(visitor.component("guidance-bars").bytes)["label"]
    assert "1: 34.3% / 50%" in alt
    assert "2: 65.7% / 50%" in alt
    metrics = [metric.value for metric in visitor.app.metric]
    assert metrics == ["100%", "0.643", "0.693"]
    assert "Borders of x₁: −0.404" in said(visitor)


def test_both_entropies_have_the_same_decimal_places() -> None:
    """Of three points alike, of which the entropy is log 3 = 1.0986."""
    points = Points((-1.0, 0.2, 1.0, 2.0), (1.0,) * 4, (1, 1, 1, 2))
    visitor = Visitor(PAGE, scene(points=points, guidance_scale=2.0).to_query("guidance"))
    _, guided, of_class = (metric.value for metric in visitor.app.metric)
    assert of_class == "1.099"
    assert len(guided.partition(".")[2]) == 3


@pytest.mark.parametrize("space", SPACES)
def test_its_picture_is_valid_and_has_the_guided_trajectories(space: Space) -> None:
    at = {"probe": (0.5, 0.2)} if space == "line" else {"plane_probe": (0.5, 0.2, 0.9)}
    visitor = Visitor(PAGE, scene(space, prior="laplace", **at).to_query("guidance"))
    figure = read(inner(visitor.component("guidance").bytes, "figure"))
    go.Figure(figure)  # refuses what Plotly does not know
    names = {trace["name"] for trace in figure["data"]}
    assert {"heat", "guided", "points"} <= names
    arrows = [a for a in figure["layout"]["annotations"] if a["showarrow"]]
    texts = {re.sub("</?b>", "", a["text"]) for a in figure["layout"]["annotations"]} - {""}
    assert texts == {"all", "class", "guided"} | ({"classifier"} if space == "line" else set())
    assert len(arrows) == len(texts)
    for key in ("guidance-bars", "guidance-chart"):
        go.Figure(read(inner(visitor.component(key).bytes, "figure")))


@pytest.mark.parametrize("space", SPACES)
def test_the_density_has_the_probability_between_trajectories(space: Space) -> None:
    setup = compute.setup_of(scene(space))
    found = compute.picture(setup, 30)
    if space == "line":
        assert found.heat is not None
        width = found.heat.x[1] - found.heat.x[0]
        np.testing.assert_allclose(found.heat.p.sum(0) * width, 1.0, atol=0.02)
        return
    density = compute.plane_density(setup, 0.5)
    assert density is not None
    k = int(np.abs(found.t - 0.5).argmin())
    x, y = density.axes
    total = density.p.sum() * (x[1] - x[0]) * (y[1] - y[0])
    assert total == pytest.approx(1.0, abs=0.02)
    mean = (density.p.sum(0) @ x) / density.p.sum()
    noise = found.x[:, k, 0].std() / np.sqrt(len(found.x))
    assert mean == pytest.approx(found.x[:, k, 0].mean(), abs=4 * noise)


def test_both_guidances_are_one_under_a_gaussian_prior_and_not_under_another() -> None:
    for space in SPACES:
        x = (0.2,) if space == "line" else (0.2, 0.9)
        for prior, same in (("gaussian", True), ("student_t", False)):
            named = {"prior": prior} if space == "line" else {"plane_prior": prior}
            setup = compute.setup_of(scene(space, **named))
            found = velocities.at_query(setup, 0.5, x)
            assert found is not None
            assert found.by_classifier is not None
            apart = float(np.linalg.norm(found.by_classifier - found.guided))
            assert (apart < 1e-9) is same
            angle = found.angle
            assert angle is not None
            if space == "plane":
                assert (angle < 1e-6) is same


def test_at_scale_0_the_class_is_not_asked_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    setup = compute.setup_of(scene(guidance_scale=0.0))
    RESULTS.clear()

    def refuse(self: LabelledField, y: int) -> None:
        raise AssertionError(f"class {y} was asked")

    def once(self: LabelledField, y: int, scale: float, how: str = "") -> Any:
        assert scale == 0.0
        return self.marginal

    monkeypatch.setattr(LabelledField, "conditional", refuse)
    monkeypatch.setattr(LabelledField, "guided", once)
    compute.picture(setup, 20)
    compute.shares(setup)
    found = velocities.at_query(setup, 0.5, (0.2,))
    assert found is not None
    assert found.of_class is None
    RESULTS.clear()


# ---------------------------------------------------------------------- labels


def _captions(visitor: Visitor) -> list[str]:
    """What stands on the picture until it is touched."""
    texts = read(visitor.component("guidance").bytes)["texts"]
    return [text for name, text in texts.items() if name.startswith("caption.")]


@pytest.mark.parametrize("space", SPACES)
def test_points_without_labels_are_labelled_with_one_press(space: Space) -> None:
    visitor = Visitor(PAGE, {"space": space, "lang": "en"})
    field = "points" if space == "line" else "plane_points"
    before = getattr(visitor.scene, field)
    assert not before.labels
    assert not visitor.app.metric
    for absent in ("guided trajectories", "Arrows", "one colour for each class"):
        assert absent not in said(visitor)
        assert absent not in " ".join(_captions(visitor))
    assert len(_captions(visitor)) == 3
    visitor.app.button(key="w.guidance.label.halves").click()
    visitor.run()
    assert any("guided trajectories" in caption for caption in _captions(visitor))
    after = getattr(visitor.scene, field)
    assert after == labelled(before, "halves")
    assert after.classes == (1, 2)
    assert visitor.app.metric
    visitor.app.button(key="w.guidance.label.remove").click()
    visitor.run()
    assert getattr(visitor.scene, field) == before
    visitor.app.button(key="w.guidance.label.example").click()
    visitor.run()
    assert getattr(visitor.scene, field) == EXAMPLE[field]


@pytest.mark.parametrize("name", WAYS)
def test_a_way_to_label_gives_two_classes_or_is_not_offered(name: str) -> None:
    spread = PlanePoints.of([(x, y, 1.0) for x in (-2, -1, 1, 3) for y in (-1, 2)])
    assert name in ways(spread)
    found = labelled(spread, name)
    assert set(found.labels) == {1, 2}
    assert found.with_labels(()) == spread
    assert ways(Points((1.0,), (1.0,))) == []


def test_the_class_that_is_asked_for_or_else_the_first() -> None:
    assert compute.class_of(scene(guidance_class="b")) == 2
    assert compute.class_of(scene(guidance_class="f")) == 1
    assert compute.class_of(Scene()) is None


@pytest.mark.parametrize("page", ["fan", "plane"])
def test_other_pages_keep_labels_through_edits_and_undo(page: str) -> None:
    app = AppTest.from_function(_edits, kwargs={"page": page})
    app.run()
    assert not app.exception
    before, moved, added, removed, undone = app.session_state["out"]
    assert moved.labels == before.labels
    assert added.labels == (*before.labels, 1)
    assert removed.labels == (*before.labels[1:], 1)
    assert undone == added


def _edits(page: str) -> None:
    import streamlit as st

    from flowviz.scene.labelling import EXAMPLE
    from flowviz.ui.session import state
    from flowviz.ui.widgets.points_editor import LINE, PLANE

    editor = LINE if page == "fan" else PLANE
    state.current()
    state.change(editor.field, **{editor.field: EXAMPLE[editor.field]})
    st.session_state[f"flowviz.{editor.prefix}label"] = 1
    out = [editor.points]
    for message in (
        {"op": "move", "i": 0, "x": -3.0, "y": 0.5},
        {"op": "add", "x": 4.0, "y": 0.25},
        {"op": "remove", "i": 0},
        {"op": "undo"},
    ):
        editor.apply({"n": len(editor.points)} | message)
        out.append(editor.points)
    st.session_state["out"] = out


# ---------------------------------------------------------------------- what is taken away


@pytest.mark.parametrize("space", SPACES)
def test_the_script_computes_the_arrays_of_the_page(
    space: Space, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = FileRequest("guidance", scene(space), "http://localhost/guidance")
    file = tmp_path / "flow.py"
    file.write_bytes(KINDS["script"].make(asked))
    monkeypatch.chdir(tmp_path)
    exec(compile(file.read_text(), str(file), "exec"), {"__file__": str(file)})  # noqa: S102
    shown = np.load(tmp_path / "flow.npz")
    npz = tmp_path / "page.npz"
    npz.write_bytes(KINDS["npz"].make(asked))
    page = np.load(npz)
    for name in ("t", "x", "labels", "points"):
        np.testing.assert_allclose(shown[name], page[name], rtol=1e-9, atol=1e-9)
    table = KINDS["shares"].make(asked).decode()
    assert "guided,class" in table
    assert ",label" in KINDS["points"].make(asked).decode()
    assert KINDS["plain"].exists("guidance", asked.scene) is False


# ---------------------------------------------------------------------- checks


def found(**more: Any) -> dict[str, Any]:
    RESULTS.clear()
    out = checks.found(compute.setup_of(scene(**more)), 0.5)
    RESULTS.clear()
    return out


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("scale", [0.0, 1.0, 2.0, 10.0])
def test_the_checks_hold(space: Space, scale: float) -> None:
    named = found(space=space, guidance_scale=scale)
    assert set(named) == {"guide_ends", "guide_mixing", "guide_variance", "guide_mass"}
    assert all(check.ok for check in named.values()), named


def _shifted(of: Callable[..., Any]) -> Callable[..., Any]:
    def velocity(self: VectorField, x: Any, t: Any) -> Any:
        value, outside = of(self, x, t)
        return value * (1.0 + 1e-8), outside

    return velocity


def _half_divergence(of: Callable[..., Any]) -> Callable[..., Any]:
    def log_prob(flow: Any, guide: Any, x: Any, t: float, steps: int = 32) -> Any:
        p1 = flow.marginal.prior.log_prob(x)
        return 0.5 * (of(flow, guide, x, t, steps) + p1)

    return log_prob


FAULTS: dict[str, tuple[str, Callable[[pytest.MonkeyPatch], None]]] = {
    "the guided velocity off by 1e-8": (
        "guide_ends",
        lambda patch: patch.setattr(
            GuidedField,
            "_velocity",
            _shifted(GuidedField._velocity),
        ),
    ),
    "classes with the wrong probability": (
        "guide_mixing",
        lambda patch: patch.setattr(
            LabelledField, "class_prob", lambda self, x, t: torch.full((len(x), 2), 0.5).double()
        ),
    ),
    "steps that are too long": (
        "guide_variance",
        lambda patch: patch.setattr(
            checks, "gaussian_variance", lambda s, of=checks.gaussian_variance: of(s, 3)
        ),
    ),
    "a density with half of the divergence": (
        "guide_mass",
        lambda patch: patch.setattr(
            checks, "guided_log_prob", _half_divergence(checks.guided_log_prob)
        ),
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_an_injected_fault_turns_its_check_red(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    red, inject = FAULTS[name]
    inject(monkeypatch)
    named = found(guidance_scale=4.0)
    assert [key for key, check in named.items() if check.failed] == [red]


# ---------------------------------------------------------------------- hard scenes


@pytest.mark.parametrize(
    "more",
    [
        {"prior": "uniform"},
        {"points": Points((1.0, 1.0, 1.0), (1.0, 1.0, 2.0), (1, 2, 0))},
        {"points": Points((1.0,), (1.0,), (1,))},
        {"guidance_end": 0.6, "guidance_begin": 0.2},
        {"guidance_end": 0.4, "guidance_begin": 0.4, "guidance_scale": 10.0},
        {"family": "parabola"},
        {"prior": "exponential", "guidance_scale": 0.5, "probe": (0.1, -5.0)},
        {"space": "plane", "plane_prior": "ring", "guidance_scale": 0.7, "time": 0.0},
        {"space": "plane", "plane_family": "swirl", "time": 1.0, "plane_probe": (1.0, 0.0, 0.0)},
    ],
)
def test_a_hard_scene_comes_up(more: dict[str, Any]) -> None:
    visitor = Visitor(PAGE, scene(**more).to_query("guidance"))
    assert not visitor.complaints
    assert visitor.component("guidance")


def test_points_at_one_place_are_one_place() -> None:
    x0 = torch.tensor([[0.0], [0.0], [2.0]], dtype=torch.float64)
    flow = LabelledField(
        x0, torch.tensor([1.0, 3.0, 4.0]), torch.tensor([1, 2, 1]), Gaussian(), PATHS["affine"]()
    )
    ends = shares_on_line(flow, Guide(1, 0.0))
    assert ends.places[:, 0].tolist() == [0.0, 2.0]
    assert ends.of_class.tolist() == pytest.approx([0.2, 0.8])
    assert ends.share.tolist() == pytest.approx([0.5, 0.5], abs=1e-4)


@pytest.mark.parametrize("large", [False, True])
def test_a_class_has_the_same_colour_everywhere(large: bool) -> None:
    style = Style(large=large)
    colours = [figures.class_colour(label, style) for label in range(7)]
    assert len(set(colours)) == 7
    assert colours[0] == style.faint


def test_the_message_of_the_picture_sets_the_query_point() -> None:
    visitor = Visitor(PAGE, scene("plane", time=0.25).to_query("guidance"))
    assert json.loads(visitor.component("link").json)["query"]
    assert "Click in the picture" in said(visitor)
    visitor.app.session_state["flowviz.scene"] = visitor.scene.with_(plane_probe=(0.9, 0.1, 0.2))
    visitor.run()
    assert "At t = 0.25" in said(visitor)


def test_guided_trajectories_are_those_of_the_core() -> None:
    setup = compute.setup_of(scene())
    shown = compute.picture(setup, 10)
    x1 = torch.from_numpy(shown.x[shown.drawn][:, 0].copy())
    again = guided_flow(setup.labelled, setup.followed, x1)
    np.testing.assert_allclose(again.x.numpy(), shown.x[shown.drawn], atol=1e-12)
