"""The Fan page's widgets: what each changes, and that refused input changes nothing."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import torch

from flowviz.core.datasets import DATASETS
from flowviz.core.schedules import SCHEDULES
from flowviz.scene import Scene
from flowviz.scene.formula_examples import EXAMPLES
from flowviz.scene.parameters import FAMILY, PRIOR, SCHEDULE
from flowviz.text import LANGUAGES, translator
from flowviz.ui.fan import compute
from flowviz.ui.session import turns
from flowviz.ui.widgets import points_editor
from tests.block_reader import inner, read
from tests.numerals import value_of
from tests.test_pages import LINE_PRIORS
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("small_pages")


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


def ends(visitor: Visitor, kind: str, name: str) -> list[tuple[str, Any]]:
    """Every slider of an entry at each end of its range."""
    specs = {"prior": PRIOR, "schedule": SCHEDULE}[kind].specs(name).values()
    sliders = [spec for spec in specs if not (spec.many or spec.role)]
    return [(spec.name, end) for spec in sliders for end in (spec.low, spec.high)]


@pytest.mark.parametrize("name", LINE_PRIORS)
def test_every_prior_is_drawn_at_both_ends_of_every_slider(visitor: Visitor, name: str) -> None:
    visitor.set("prior", name)
    assert (visitor.scene.prior, visitor.complaints) == (name, [])
    usual = visitor.scene
    for param, end in ends(visitor, "prior", name):
        values = dict(usual.prior_params) | {param: end}
        visitor.set(f"prior.{name}.{param}", end)
        try:
            PRIOR.classes()[name](**values)
        except ValueError:  # ends in the wrong order: refused, and the picture stays
            assert (visitor.scene, len(visitor.complaints)) == (usual, 1)
        else:
            assert (dict(visitor.scene.prior_params), visitor.complaints) == (values, [])
        assert np.isfinite(visitor.traces("fan")[0]["y"]).any()
        visitor.set(f"prior.{name}.{param}", dict(usual.prior_params)[param])
        assert (visitor.scene, visitor.complaints) == (usual, [])


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_is_drawn_at_both_ends_of_every_slider(visitor: Visitor, name: str) -> None:
    visitor.set("schedule", name)
    assert (visitor.scene, visitor.complaints) == (Scene(schedule=name), [])
    for param, end in ends(visitor, "schedule", name):
        visitor.set(f"schedule.{name}.{param}", end)
        assert dict(visitor.scene.schedule_params)[param] == end
        assert not visitor.complaints


def test_a_typed_schedule_is_taken_and_one_that_is_none_is_refused(visitor: Visitor) -> None:
    visitor.set("schedule", "formula")
    visitor.set("schedule.formula.sigma", "t ^ 2")
    good = visitor.scene
    assert (dict(good.schedule_params)["sigma"], visitor.complaints) == ("t ^ 2", [])
    for typed in ("t+", "t+1", "__import__('os')"):
        visitor.set("schedule.formula.sigma", typed)
        assert (visitor.scene, len(visitor.complaints)) == (good, 1)
        assert visitor.widget("schedule.formula.sigma").value == typed


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("trajectories", 1),
        ("trajectories", 400),
        ("launch", "probability"),
        ("color", "x1"),
        ("heatmap", False),
        ("fan", False),
        ("arrows", True),
        ("large", True),
        ("lang", "zh"),
    ],
)
def test_a_setting_and_its_widget_are_one(visitor: Visitor, field: str, value: Any) -> None:
    visitor.set(field, value)
    assert visitor.scene == Scene(**{field: value})
    assert not visitor.complaints
    visitor.set(field, getattr(Scene(), field))
    assert visitor.scene == Scene()


def drawn(visitor: Visitor) -> list[bool]:
    """Which of the traces of the density and of the trajectories are visible."""
    heat = [trace["opacity"] > 0.0 for trace in visitor.traces("heat")]
    return heat + [trace["visible"] for trace in visitor.traces("fan")]


def test_what_is_shown_follows_the_settings(visitor: Visitor) -> None:
    assert drawn(visitor) == [True] * 4
    assert not visitor.traces("arrows")
    visitor.set("heatmap", False)
    visitor.set("fan", False)
    visitor.set("arrows", True)
    assert drawn(visitor) == [False] * 4
    assert visitor.traces("arrows")
    visitor.set("trajectories", 5)
    assert sum(np.isnan(trace["y"]).sum() for trace in visitor.traces("fan")) == 5


@pytest.mark.parametrize("name", [name for name, data in DATASETS.items() if data.d == 1])
def test_an_example_fills_the_points_and_is_recognised(visitor: Visitor, name: str) -> None:
    visitor.set("points", "0.25")
    assert not visitor.widget("preset").value  # the visitor's own
    visitor.set("preset", name)
    data = DATASETS[name]
    assert list(visitor.scene.points.x) == [x for (x,) in data.points]
    assert visitor.widget("points").value == visitor.scene.points.text()
    assert visitor.widget("preset").value == name
    assert np.allclose(visitor.traces("points")[0]["y"], visitor.scene.points.x)


LEGAL = [name for name in EXAMPLES["line"] if name != "fold"]


@pytest.mark.parametrize("family", [name for name in FAMILY.classes() if name != "formula"])
def test_every_family_is_drawn_with_green_checks(visitor: Visitor, family: str) -> None:
    visitor.set("family", family)
    assert (visitor.scene, visitor.complaints) == (Scene(family=family), [])
    # Only straight lines are said to be straight.
    assert (translator("en")("fan.lead") in visitor.words()) == (family == "affine")
    if family != "affine":
        assert not any(line.startswith((":green[", ":red[")) for line in _checks(visitor))
        visitor.run()  # nothing has changed: the scene rests
    _judge(visitor, visitor.scene)


@pytest.mark.parametrize("name", LEGAL)
def test_every_typed_family_is_drawn_with_green_checks(name: str) -> None:
    typed = EXAMPLES["line"][name]
    visitor = Visitor(query={"family": "formula", "formula": typed.link})
    assert visitor.scene.formula == typed
    _judge(visitor, visitor.scene)


def _judge(visitor: Visitor, scene: Scene) -> None:
    """The lines drawn conserve the level of the family's own field, and all checks are green."""
    field, (first, *_) = scene.field(), visitor.traces("fan")
    nodes = int(np.isnan(first["y"]).argmax())
    t, x = (torch.tensor(first[axis][:nodes].astype(float)) for axis in ("x", "y"))
    inner = t > 0.05
    level = field.cdf(x[inner][:, None], t[inner])
    assert torch.allclose(level, level[-1].expand_as(level), atol=1e-5)
    assert all(line.startswith(":green[") for line in _checks(visitor))


def test_checks_are_of_the_scene_that_is_shown(visitor: Visitor) -> None:
    """They are asked for by the scene's name, which may have gone by: then nothing is said."""
    first = json.loads(visitor.component("fan-rest").json)
    assert first["answered"]
    assert all(line.startswith(":green[") for line in _checks(visitor))
    for high, name in ((2.5, first["name"]), (2.6, ""), (2.7, "0" * 16)):
        visitor.app.session_state["fan-rest"] = {"rested": {"name": name}}
        visitor.set("prior.uniform.high", high)
        now = json.loads(visitor.component("fan-rest").json)
        assert (now["answered"], now["wait"]) == (False, 400)
        assert all(line.startswith(":gray[") for line in _checks(visitor))
        assert compute.measured(visitor.scene) is None
    # What this session or another has seen is there at once, and so is what rests.
    visitor.set("prior.uniform.high", 2.0)
    assert json.loads(visitor.component("fan-rest").json) == first
    assert all(line.startswith(":green[") for line in _checks(visitor))
    visitor.set("prior.uniform.high", 2.7)
    visitor.app.session_state["fan-rest"] = {"rested": {"name": now["name"]}}
    visitor.set("trajectories", 41)  # another scene, for the checks follow the trajectories
    assert all(line.startswith(":gray[") for line in _checks(visitor))
    visitor.app.session_state["fan-rest"] = {"rested": {"name": now["name"]}}
    visitor.set("trajectories", visitor_default := 37)
    assert visitor.scene.trajectories == visitor_default
    assert all(line.startswith(":green[") for line in _checks(visitor))


def test_in_a_crowd_the_density_is_fine_when_its_scene_rests(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shown() -> tuple[list[int], bool, int]:
        rest = json.loads(visitor.component("fan-rest").json)
        cells = read(inner(visitor.component("fan-flow").bytes, "flow"))["p"].shape
        return list(cells), rest["answered"], rest["wait"]

    fine = list(reversed(compute.FULL))
    monkeypatch.setattr(turns.Turns, "waiting", 5)
    visitor.run()
    assert shown()[:2] == (fine, True)  # it is in memory
    visitor.set("prior.uniform.high", 2.4)
    assert shown() == (list(reversed(compute.QUICK)), False, 2400)
    name = json.loads(visitor.component("fan-rest").json)["name"]
    visitor.app.session_state["fan-rest"] = {"rested": {"name": name}}
    visitor.run()
    assert shown()[:2] == (fine, True)
    first = Visitor(query={"points": "1,2.25"})  # the first picture of a session
    assert not any(line.startswith((":green[", ":red[")) for line in _checks(first))
    assert not json.loads(first.component("fan-rest").json)["answered"]
    visitor.set("prior.uniform.high", 2.5)
    monkeypatch.setattr(turns.Turns, "waiting", 0)
    visitor.set("prior.uniform.high", 2.6)
    assert shown() == (fine, False, 400)


def _checks(visitor: Visitor) -> list[str]:
    lines = [text.value for text in visitor.app.markdown if "material/" in text.value]
    assert len(lines) == len(compute.CHECKS)
    return lines


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x1", "start"),
        ("x0", "end"),
        ("(1-t)*x0 + t*sin(20*x1)", "invertible"),
        ("(1-t)*x0 + t*abs(x1-1)", "invertible"),
        ("(1-t)*x0 + 2*t*x1", "relabelled"),
    ],
)
def test_what_is_no_family_is_explained_and_the_picture_stays(lang, text, fault) -> None:
    visitor = Visitor(query={"lang": lang, "family": "parabola"})
    picture = visitor.traces("fan")[0]["y"]
    visitor.set("family", "formula")
    visitor.set("formula.text", text)
    assert visitor.scene.formula.text.replace(" ", "") == text.replace(" ", "")
    tr = translator(lang)
    warned = [warning.value for warning in visitor.app.warning]
    assert warned == [tr("fan.family.invalid", why=tr(f"fan.family.invalid.{fault}"))]
    straight = Visitor(query={"lang": lang}).traces("fan")[0]["y"]
    assert np.array_equal(visitor.traces("fan")[0]["y"], straight, equal_nan=True)
    visitor.set("family", "parabola")
    assert not visitor.app.warning
    assert np.array_equal(visitor.traces("fan")[0]["y"], picture, equal_nan=True)


def test_a_schedule_belongs_to_the_affine_family(visitor: Visitor) -> None:
    visitor.set("schedule", "cosine")
    visitor.set("family", "wave")
    assert not [e for e in visitor.elements() if getattr(e, "key", "") == "w.schedule"]
    wave = visitor.traces("fan")[0]["y"]
    other = Visitor(query={"family": "wave"})
    assert np.array_equal(wave, other.traces("fan")[0]["y"], equal_nan=True)


def test_typed_points_reach_the_picture_and_the_link(visitor: Visitor) -> None:
    visitor.set("points", "０．５×２；1.2、 -3")
    assert visitor.scene.points.text() == "0.5*2, 1.2, -3"
    assert visitor.traces("points")[0]["y"].tolist() == pytest.approx([0.5, 1.2, -3])


def test_a_prior_keeps_its_parameters_while_another_is_tried(visitor: Visitor) -> None:
    visitor.set("prior", "gaussian")
    visitor.set("prior.gaussian.scale", 0.3)
    visitor.set("prior.gaussian.loc", 1.5)
    picture = visitor.picture
    visitor.set("prior", "uniform")
    visitor.set("prior.uniform.high", 3.0)
    visitor.set("prior", "gaussian")
    assert dict(visitor.scene.prior_params) == {"loc": 1.5, "scale": 0.3}
    assert visitor.widget("prior.gaussian.scale").value == 0.3
    assert visitor.picture == picture
    visitor.set("prior", "uniform")
    assert dict(visitor.scene.prior_params) == {"low": 0.0, "high": 3.0}


def test_a_schedule_keeps_its_parameters_while_another_is_tried(visitor: Visitor) -> None:
    visitor.set("schedule", "vp")
    visitor.set("schedule.vp.bmax", 10.0)
    kept = visitor.scene
    visitor.set("schedule", "cosine")
    visitor.set("schedule", "vp")
    assert visitor.scene == kept


def test_the_language_is_changed_and_nothing_else(visitor: Visitor) -> None:
    for field, value in [
        ("points", "1*3, 2"),
        ("prior", "student_t"),
        ("prior.student_t.df", 1.5),
        ("schedule", "vp"),
        ("schedule.vp.bmin", 0.5),
        ("trajectories", 20),
        ("launch", "probability"),
        ("color", "x1"),
        ("arrows", True),
        ("large", True),
    ]:
        visitor.set(field, value)
    visitor.set("points", "1*3, 2, oops")
    before = visitor.scene
    visitor.set("lang", "zh")
    assert visitor.scene == before.with_(lang="zh")
    assert visitor.widget("points").value == "1*3, 2, oops"
    assert "不是数" in visitor.complaints[0]
    visitor.set("lang", "en")
    assert visitor.scene == before


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_query_point_reads_weights_that_add_up(lang: str) -> None:
    visitor = Visitor(query={"lang": lang, "probe": "0.4,1.1"})
    (table,) = [text.value for text in visitor.app.markdown if text.value.startswith("|")] or [
        next(text.value for text in visitor.app.markdown if "|---:" in text.value)
    ]
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.split("\n")[2:]]
    assert sorted(value_of(row[0]) for row in rows) == [0.5, 1.2, 1.7]
    shares = [value_of(row[1]) for row in rows]
    assert sum(shares) == pytest.approx(1.0, abs=2e-3)
    mean = sum(r * value_of(row[2]) for r, row in zip(shares, rows, strict=True))
    at = Scene(probe=(0.4, 1.1)).field().probe(_column(1.1), 0.4)
    # The way generation goes.
    assert mean == pytest.approx(-float(at.velocity), abs=5e-3)
    said = f"-f_t(x) = {-float(at.velocity):.4g}"
    assert any(said in text.value for text in visitor.app.markdown)


def test_the_readout_reports_zero_density() -> None:
    visitor = Visitor(query={"probe": "0.9,5"})
    assert [info.value for info in visitor.app.info] == [translator("en")("fan.query.nowhere")]


def _content(visitor: Visitor) -> dict[str, Any]:
    return read(visitor.component("fan").bytes)


def _send(visitor: Visitor, **message: Any) -> None:
    """A message of the component."""
    content = _content(visitor)
    message |= {
        "rev": content["ack"] + 1,
        "session": content["session"],
        "n": len(visitor.scene.points),
    }
    visitor.app.session_state["fan"] = {"edit": message}
    visitor.run()


@pytest.mark.parametrize("other", [{"points": "1, 2"}, {"preset": "two_points"}, {}])
def test_changes_of_the_points_are_taken_back(visitor: Visitor, other: dict[str, str]) -> None:
    assert _content(visitor)["history"] == {"undo": False, "redo": False}
    for key, value in other.items():
        visitor.set(key, value)
    visitor.set("points", "0.5*3, 1.2")
    usual = visitor.scene
    visitor.set("points", "7")
    assert _content(visitor)["history"] == {"undo": True, "redo": False}
    _send(visitor, op="undo")
    assert visitor.scene == usual
    assert visitor.widget("points").value == usual.points.text()
    for _ in other:
        _send(visitor, op="undo")
    _send(visitor, op="undo")
    assert visitor.scene == Scene()
    assert _content(visitor)["history"] == {"undo": False, "redo": True}
    _send(visitor, op="undo")
    assert visitor.scene == Scene()
    # And all of them are made again, unless something else was changed since.
    for _ in range(len(other) + 2):
        _send(visitor, op="redo")
    assert visitor.scene.points.text() == "7"
    assert _content(visitor)["history"] == {"undo": True, "redo": False}
    _send(visitor, op="undo")
    assert visitor.scene == usual
    _send(visitor, op="move", i=0, x=0.25)
    changed = visitor.scene
    assert _content(visitor)["history"] == {"undo": True, "redo": False}
    _send(visitor, op="redo")
    assert visitor.scene == changed


def test_a_drag_is_one_change(visitor: Visitor) -> None:
    for x in (1.3, 1.4, 1.5):
        _send(visitor, op="move", i=1, x=x, preview=True)
    _send(visitor, op="move", i=1, x=1.6)
    assert visitor.scene.points.x == (0.5, 1.6, 1.7)
    _send(visitor, op="undo")
    assert visitor.scene == Scene()


def test_only_the_last_changes_are_kept(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert points_editor._MAX_UNDO == 50
    monkeypatch.setattr(points_editor, "_MAX_UNDO", 3)
    for k in range(5):
        _send(visitor, op="move", i=1, x=2.0 + k)
    past = visitor.app.session_state["flowviz.history"]
    assert [points.x[1] for points in past] == [3.0, 4.0, 5.0]


@pytest.mark.parametrize("prior", LINE_PRIORS)
def test_the_tables_of_a_glance_are_right_to_three_digits(prior: str) -> None:
    tables = compute.kernel(Scene(prior=prior, schedule="vp"), 40)
    assert tables is not None
    law = PRIOR.build(prior, ())
    z = law.icdf(torch.linspace(1e-6, 1 - 1e-6, 999, dtype=torch.float64))
    true = law.pdf(z).numpy()
    found = np.exp(np.interp(z.numpy(), tables.z, tables.log_p))
    assert np.median(np.abs(found / true - 1)) < 1e-4
    near_kink = np.array(
        [min([abs(float(v) - k) for k in law.breakpoints] or [1]) < 0.02 for v in z]
    )
    assert np.abs(found / true - 1)[~near_kink].max() < 3e-3
    schedule, t = SCHEDULES["vp"](), (torch.arange(40).double() + 0.5) / 40
    found = torch.tensor(np.stack(tables.schedule))
    assert torch.equal(found, torch.stack([*schedule(t), *schedule.rates(t)]))
    assert compute.kernel(Scene(family="wave"), 40) is None


def _column(x: float) -> Any:
    return torch.tensor([[x]], dtype=torch.float64)
