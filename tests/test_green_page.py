"""The Green page for every family; violations of validity with their positions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote

import pytest

from flowviz.scene import Scene
from flowviz.scene.formula_examples import EXAMPLES
from flowviz.scene.parameters import FAMILY, PLANE_FAMILY
from flowviz.text import LANGUAGES, translator
from tests.block_reader import header_of, read
from tests.numerals import value_of
from tests.visitor import ROOT, Visitor

PAGE = ROOT / "pages" / "green.py"
pytestmark = pytest.mark.usefixtures("small_pages")
each_language = pytest.mark.parametrize("lang", LANGUAGES)


def visit(query: Mapping[str, str] | None = None) -> Visitor:
    return Visitor(PAGE, query)


def says(visitor: Visitor) -> str:
    return "\n".join(visitor.words())


def traces(visitor: Visitor, key: str = "green") -> dict[str, dict]:
    figure = read(visitor.component(key).bytes)["figure"]
    return {trace["name"]: trace for trace in figure["data"]}


STEPS = (
    "lines",
    "velocity",
    "divergence",
    "characteristic",
    "curves",
    "density",
    "residual",
    "superposition",
)


@each_language
@pytest.mark.parametrize("space", ["line", "plane"])
def test_every_family_shows_every_step(lang: str, space: str) -> None:
    visitor = visit({"lang": lang, "space": space, "plane_points": "(1, 0)"})
    field = {"line": "family", "plane": "plane_family"}[space]
    names = FAMILY.classes() if space == "line" else ("affine", "swirl", "formula")
    assert set(names) <= set(PLANE_FAMILY.classes()) | set(FAMILY.classes())
    tr, usual = translator(lang), visitor.scene
    for name in names:
        visitor.set(field, name)
        assert not visitor.complaints
        # A family of another size must not move the point or the place.
        assert visitor.scene.with_(**{field: getattr(usual, field)}) == usual
        words = says(visitor)
        assert not [step for step in STEPS if tr(f"green.step.{step}") not in words]
        assert tr("green.valid.yes") in words
        assert {
            "green",
            "characteristic",
            "curves",
            "density",
            "residual",
            "superposition",
            "growth",
        } <= {element.key for element in visitor.app.get("bidi_component")}


def test_the_difference_between_both_methods_is_shown_as_a_number() -> None:
    (line,) = [text for text in visit().words() if text.startswith("Largest difference")]
    raised = re.search(r"10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", line)
    assert raised
    assert int(raised[1].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))) < -8


@each_language
@pytest.mark.parametrize(
    ("link", "rule"),
    [
        (EXAMPLES["line"]["fold"].link, "invertible"),
        ("1~forward~x0+t*x1~~", "end"),
        ("1~forward~t*x1~~", "start"),
        ("1~forward~(1-t)*x0+t*x1+t*(1-t)*log(x1-1)~~", "finite"),
    ],
)
def test_the_violated_rule_is_named_with_its_position_and_the_rest_is_shown(
    lang: str, link: str, rule: str
) -> None:
    visitor = visit({"lang": lang, "family": "formula", "formula": link})
    tr = translator(lang)
    words = says(visitor)
    assert tr("green.valid.no.line") in words
    assert tr("green.valid.yes") not in words
    (line,) = [text for text in visitor.words() if tr(f"green.rule.{rule}") in text]
    broken = line.split(tr(f"green.rule.{rule}"))[1].split("\n\n")[0]
    assert re.search(r"\d", broken)
    assert line.index(":red[") < line.index(tr(f"green.rule.{rule}"))
    assert tr("green.characteristic.invalid") in words
    assert tr("green.invalid.density") in words
    assert not {"characteristic", "curves"} & {e.key for e in visitor.app.get("bidi_component")}
    shown = traces(visitor)
    assert ("caustic" in shown) == (rule == "invertible")
    assert "worst" in shown or rule == "finite"


def test_a_mirrored_end_is_valid_and_called_another_distribution() -> None:
    visitor = visit({"family": "formula", "formula": "1~forward~(1-t)*x0-t*x1~~"})
    words = says(visitor)
    assert translator("en")("green.valid.yes") in words
    assert translator("en")("green.relabelled") in words
    assert translator("en")("green.characteristic.invalid") in words


def test_outside_the_priors_reach_the_density_is_zero_and_nothing_is_followed() -> None:
    visitor = visit({"green_t": "0.2", "green_x": "1.9"})
    assert [text for text in visitor.words() if text == translator("en")("green.nowhere")]
    assert "characteristic" not in {element.key for element in visitor.app.get("bidi_component")}


@pytest.mark.parametrize(
    ("query", "rate"),
    [
        ({}, 2.5),
        ({"space": "plane"}, 5),
        ({"family": "parabola"}, None),
        ({"schedule": "vp"}, None),
    ],
)
def test_d_over_t_is_shown_for_straight_lines_only(
    query: dict[str, str], rate: float | None
) -> None:
    (line,) = [text for text in visit(query).words() if r"\nabla\cdot f = \frac" in text]
    assert (r"\tfrac{d}{t}" in line) == (rate is not None)
    assert rate is None or f"= {rate}" in line


def test_the_sliders_move_the_query_point_and_the_handles_follow() -> None:
    visitor = visit()
    visitor.set("green_x", 1.2)
    visitor.set("green_t", 0.7)
    content = read(visitor.component("green").bytes)
    handles = {handle["name"]: handle for handle in content["handles"]}
    assert handles["query"]["at"] == [0.7, 1.2]
    assert handles["x0"]["at"] == [0.0, 0.5]
    assert visitor.scene == Scene(green_x=1.2, green_t=0.7)


def test_a_typed_family_is_in_the_link_with_its_letters() -> None:
    visitor = visit()
    visitor.set("family", "formula")
    visitor.set("formula.text", "(1-t)*x0 + t*x1 + b*t*(1-t)")
    visitor.set("formula.letter.b", 0.5)
    assert "formula=1~forward~" in unquote(visitor.link)
    assert visitor.scene.formula.letters == (("b", 0.5),)
    again = visit(visitor.scene.to_query("green"))
    assert again.scene == visitor.scene
    assert again.link == visitor.link


def test_a_refused_formula_keeps_the_last_good_picture() -> None:
    visitor = visit({"family": "formula", "formula": EXAMPLES["line"]["bow"].link})
    before = visitor.component("green").bytes
    visitor.set("formula.text", "(1-t)*x0 + t*")
    assert len(visitor.complaints) == 1
    assert visitor.component("green").bytes == before
    assert visitor.scene.formula == EXAMPLES["line"]["bow"]


HOSTILE = [
    "1~forward~__import__('os').system('id')~~",
    "1~forward~x0.__class__~~",
    "1~forward~9**9**9**9~~",
    "1~forward~" + "(" * 5000 + "~~",
    "1~inverse~" + "x" * 100_000 + "~~",
    "1~forward~(1-t)*x0+t*х1~~",  # a Cyrillic letter
    "1~mean~(1-t)*x0~open('/etc/passwd')~a=1",
    "1~forward~a*t*x1+(1-t)*x0~~a=1e999",
    "1~forward~a*t*x1+(1-t)*x0~~a=nan,b=__dict__",
    "2~forward~(1-t)*x0+t*x1~~",
    "~~~~~~~~",
    "1~exec~x0~~",
    "<script>alert(1)</script>",
    "![x](//evil.example)",
]


@pytest.mark.parametrize("link", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_link_is_as_harmless_as_a_hostile_text_box(link: str) -> None:
    for field, family in (("formula", "family"), ("plane_formula", "plane_family")):
        query = {family: "formula", field: link}
        scene, notices = Scene.read_query(query)
        assert Scene.from_query(query) == scene
        assert getattr(scene, field) == getattr(Scene(), field)
        assert len(notices) == 1
        assert notices[0].name == field
        assert len(str(notices[0])) < 600


def test_a_hostile_link_shows_a_notice_and_straight_lines() -> None:
    visitor = visit({"family": "formula", "formula": HOSTILE[0]})
    (notice,) = visitor.app.warning
    assert "formula" in notice.value
    assert visitor.scene == Scene(family="formula")
    assert translator("en")("green.valid.yes") in says(visitor)


def test_why_d_over_t_is_shown_for_four_dimensions() -> None:
    rows = [text for text in visit().words() if text.startswith("| Dimension")]
    cells = [row.split("|")[1:5] for row in rows[0].splitlines()[2:]]
    t = 0.4
    assert [int(d) for d, *_ in cells] == [1, 2, 3, 16]
    for d, divergence, rate, volume in ([value_of(v) for v in row] for row in cells):
        assert divergence == pytest.approx(d / t, rel=1e-5)
        assert rate == pytest.approx(d / t, rel=1e-5)
        assert volume == pytest.approx(t**d, rel=1e-2)


def test_the_planes_density_travels_as_frames_of_one_figure() -> None:
    visitor = visit({"space": "plane"})
    block = visitor.component("density").bytes
    (panel,) = read(block)["panels"]
    flow = panel["flow"]
    frames, side = len(flow["t"]), flow["cells"]
    assert flow["density"].shape == (frames, side, side)
    assert (flow["density"].max((1, 2)) == 255).all()
    assert len(flow["scale_max"]) == frames
    assert [trace["name"] for trace in panel["figure"]["data"]] == ["heat", "particles", "points"]
    assert len(block) < 500_000
    assert header_of(block)[0]["texts"]["play"]


@each_language
def test_a_refused_formula_is_not_called_valid(lang: str) -> None:
    visitor, tr = visit({"lang": lang, "family": "formula"}), translator(lang)
    assert tr("green.valid.yes") in says(visitor)
    visitor.set("formula.text", "x0 +")
    assert tr("green.valid.yes") not in says(visitor)
    assert tr("green.valid.refused") in says(visitor)
    visitor.set("formula.text", "(1-t)*x0 + t*x1")
    assert tr("green.valid.yes") in says(visitor)
    assert tr("green.valid.refused") not in says(visitor)


@each_language
@pytest.mark.parametrize("space", ["line", "plane"])
def test_a_refused_formula_says_nothing_of_a_built_in_family(lang: str, space: str) -> None:
    prefix = "plane_" if space == "plane" else ""
    visitor, tr = (
        visit({"space": space, f"{prefix}family": "formula", "lang": lang}),
        translator(lang),
    )
    visitor.set(f"{prefix}formula.text", "(1-t)*x0 + t*")
    visitor.set(f"{prefix}family", "affine")
    assert tr("green.valid.refused") not in says(visitor)
    assert tr("green.valid.yes") in says(visitor)
    visitor.set(f"{prefix}family", "formula")
    assert tr("green.valid.refused") in says(visitor)
    assert visitor.widget(f"{prefix}formula.text").value == "(1-t)*x0 + t*"


@each_language
@pytest.mark.parametrize("text", ["x0/t", "x0 + t*x1 + 1", "(1-t)*x0 + sin(t)*x1"])
def test_marks_are_promised_only_where_they_are(lang: str, text: str) -> None:
    visitor, tr = visit({"lang": lang, "family": "formula"}), translator(lang)
    visitor.set("formula.text", text)
    marked = {"worst", "caustic"} & traces(visitor).keys()
    assert (tr("green.valid.no.line") in says(visitor)) == bool(marked)
    assert "e+308" not in says(visitor)
    assert "10³⁰⁸" not in says(visitor)
