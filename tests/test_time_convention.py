"""Both directions of time: all texts, numbers, axes and formulas of one are the other's, turned."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from flowviz.conventions import DEFAULT, TimeConvention, shown_text, time_text
from flowviz.core.schedules import SCHEDULES
from flowviz.scene import Scene
from flowviz.scene.formula import Typed
from flowviz.text import ENTRIES, LANGUAGES, translator
from flowviz.text.translation import FIXED, _template
from flowviz.ui.learn import compute as learn
from flowviz.ui.widgets.formula_tex import family_tex, typed_tex
from tests.block_reader import read
from tests.visitor import ROOT, Visitor

pytestmark = pytest.mark.usefixtures("small_pages")

FLOW: TimeConvention = "flow_matching"

# --------------------------------------------------------------------------------------- sentences

# What a turned index or time does not make right: a sign, a direction, a formula in t.
DIRECTED = re.compile(
    r"−fₜ|−vθ|log t|t[²³]|\d − t|\bt/|/t\b|·fₜ|= t\b|\bt (?:de|in)creases"
    r"|(?:from|从) ?1 (?:to|走?到) ?0"
    r"|[Ss]mall(?:est time| t\b)|later time|down to t\b|power of t|α = cos|β\(\d\)|t 减小|更晚"
)
SUBSCRIPTS = tuple("₀₁₂₃₄₅₆₇₈₉")


def swapped(words: str) -> str:
    """A sentence with its indices and times turned: read letter by letter, and not by a pattern."""
    out = ""
    for i, c in enumerate(words):
        rest = words[i + 1 :]
        if c in "₀₁" and words[i - 1].isalpha() and rest[:1] not in SUBSCRIPTS:
            c = "₁" if c == "₀" else "₀"
        elif c in "01" and words[:i].endswith("t = ") and not rest.lstrip(".")[:1].isdigit():
            letter = words[: i - 4][-1:]
            if not (letter.isascii() and letter.isalpha()):
                c = "1" if c == "0" else "0"
        out += c
    return out


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sentence_is_turned_or_said_anew(lang: str) -> None:
    for key in ENTRIES:
        if key.startswith("flow_matching."):
            assert key.removeprefix("flow_matching.") in ENTRIES
            continue
        usual, other = (_template(translator(lang, c), key) for c in (DEFAULT, FLOW))
        anew = f"flow_matching.{key}" in ENTRIES
        if anew:
            assert usual != other or lang == "zh", key
            assert re.findall(r"{\w+", usual) == re.findall(r"{\w+", other), key
        elif key.startswith(FIXED):
            assert usual == other, key
        else:
            assert other == swapped(usual), key
            assert not DIRECTED.search(usual), (key, usual)


def test_a_turned_sentence_turned_again_is_the_first() -> None:
    for text in ENTRIES.values():
        for words in text:
            assert shown_text(shown_text(words, FLOW), FLOW) == words


@pytest.mark.parametrize("t", [0, 1, 0.5, 0.25, 0.001, 1e-4, 1e-8, 0.999])
def test_no_digit_of_a_time_is_lost(t: float) -> None:
    assert float(time_text(t, DEFAULT)) == t
    assert 1.0 - float(time_text(t, FLOW)) == pytest.approx(t, rel=1e-6, abs=1e-15)


# ---------------------------------------------------------------------------------------- formulas


def value_of(formula: str, t: float) -> float:
    """A formula as the texts write it: 1 − (1 − t)², cos(πt/2)."""
    python = formula.replace("−", "-").replace("²", "**2").replace("³", "**3")
    known = {"pi": math.pi, "cos": math.cos, "sin": math.sin, "t": t}
    return eval(python.replace("πt", "pi*t"), known)  # noqa: S307


@pytest.mark.parametrize("convention", [DEFAULT, FLOW])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_said_of_a_schedule_are_its_coefficients(
    lang: str, convention: TimeConvention
) -> None:
    found_in = set()
    for name, schedule in SCHEDULES.items():
        words = translator(lang, convention)(f"schedule.{name}.about").replace("：", ":")
        found = re.search(r": ?α = (.+?)[,，] ?σ = (.+?)[.。]$", words)
        if not found:
            continue
        found_in.add(name)
        for t in (0.1, 0.4, 0.75):
            core = t if convention == DEFAULT else 1.0 - t
            alpha, sigma = schedule()(torch.tensor(core, dtype=torch.float64))
            assert value_of(found[1], t) == pytest.approx(float(alpha), abs=1e-14)
            assert value_of(found[2], t) == pytest.approx(float(sigma), abs=1e-14)
    assert found_in == {"linear", "cosine", "quadratic", "cubic"}


TOKEN = re.compile(r"\\(sin|cos|tanh|pi)|(x_[01]|[a-z])|(\d+(?:\.\d+)?)|([-+/()])|\^(\d)")


def number_of(tex: str, **at: float) -> float:
    """A family's right side in TeX, for numbers: a product wherever two values stand together."""
    body = tex.split(" = ", 1)[1].replace(r"\tfrac{\pi t}{2}", r"(\pi t/2)")
    body = re.sub(r"\\(big|left|right|,)|\^\{(\d+)\}", lambda m: f"^{m[2]}" if m[2] else "", body)
    python, ended = "", False
    for command, name, number, mark, power in TOKEN.findall(body):
        if power:
            python += f"**{power}"
            continue
        opens = bool(command or name or number or mark == "(")
        python += "*" if ended and opens and not python.endswith(("sin", "cos", "tanh")) else ""
        python += command or name or number or mark
        ended = bool(name or number or mark == ")" or command == "pi")
    known = {"sin": math.sin, "cos": math.cos, "tanh": math.tanh, "pi": math.pi}
    return eval(python, known | at)  # noqa: S307


@pytest.mark.parametrize(
    "scene",
    [
        *({"schedule": name} for name in ("linear", "cosine", "quadratic", "cubic")),
        *({"family": name} for name in ("parabola", "wave", "squeeze")),
        {"family": "formula", "formula": Typed("forward", "(1-t)*x0 + t*x1 + t*(1-t)*x0*x1")},
        {"family": "formula", "formula": Typed("mean", "x0*(1-t)^2", "t^2")},
    ],
)  # fmt: skip
def test_a_familys_equation_holds_in_either_time(scene: dict[str, Any]) -> None:
    shown = Scene(**scene)
    for x0, x1, t in ((0.3, 1.2, 0.2), (-0.7, 0.4, 0.6)):
        at = torch.tensor(t, dtype=torch.float64)
        ends = torch.tensor([[[x1]], [[x0]]], dtype=torch.float64)
        x = shown.path().forward(ends[0], ends[1], at)
        usual, turned = (family_tex(shown, "line", c) for c in (DEFAULT, FLOW))
        assert number_of(usual, x_0=x0, x_1=x1, t=t) == pytest.approx(float(x), abs=1e-12), usual
        assert number_of(turned, x_0=x1, x_1=x0, t=1.0 - t) == pytest.approx(float(x), abs=1e-12)


def test_an_inverse_is_turned_on_both_sides() -> None:
    typed = Typed("inverse", "(x - (1-t)*x0)/t")
    assert typed_tex(typed, FLOW) == r"x_0 = \frac{x - t\,x_1}{1 - t}"


# ------------------------------------------------------------------------------------------- pages

LINK = {"probe": "0.4,1.1", "plane_probe": "0.35,0.2,0.1", "time": "0.3", "arrows": "1"}
PAGES = [
    ("fan", {}),
    ("fan", {"family": "wave", "probe": "0,1"}),
    ("plane", {"plane_views": "density,arrows"}),
    *((page, {"space": space}) for page in ("green", "learn") for space in ("line", "plane")),
    ("green", {"family": "formula", "formula": "1~forward~x0+t*t*x1-0.2*t~t~"}),
    ("solvers", {"solver_grid": "karras", "solver_step": "2"}),
    ("solvers", {"solver_measure": "way", "space": "plane", "solver_method": "dopri5"}),
    ("guidance", {"points": "-1@b,0@b,1@a,2@a", "prior": "laplace"}),
    ("guidance", {"plane_points": "(-1,0)@b,(0.5,0)@b,(1,1)@a", "space": "plane"}),
    ("images", {"image_count": "30"}),
    ("images", {"image_count": "30", "image_topic": "windows"}),
]
NUMBER = re.compile(r"[−-]?\d+(?:\.\d+)?")
TIME = re.compile(r"\bt\s?=\s?(\d+(?:\.\d+)?)(?![\d^⁻])|^\((0\.\d+), ")
LABELLED = re.compile(r"\b[Tt]ime\b|\bt\b")


# What is said of both directions, or of what is typed.
SAME = [
    part
    for key in ENTRIES
    if key.removeprefix("flow_matching.") == "term.time.tip" or key.startswith(FIXED)
    for part in re.split(r"{.*?}", ENTRIES[key].en)
    if " t = " in part
]


def without(words: str) -> str:
    """A text without those parts."""
    words = words.replace("\\", "")
    for part in SAME:
        words = words.replace(part, "")
    return words


@pytest.fixture(scope="module")
def both() -> Any:
    """The same page for both readers, once."""
    found: dict[str, tuple[Visitor, Visitor]] = {}

    def open_page(page: str, query: dict[str, str]) -> tuple[Visitor, Visitor]:
        key = f"{page} {query}"
        if key not in found:
            if page == "learn":  # what is computed in the background is there for both
                scene = Scene.from_query(LINK | query)
                learn._request(learn.exact_key(scene)).future.result()
            readers = (LINK | query | {"convention": c} for c in (DEFAULT, FLOW))
            usual, turned = (Visitor(ROOT / "pages" / f"{page}.py", link) for link in readers)
            found[key] = usual, turned
        return found[key]

    return open_page


each_page = pytest.mark.parametrize(("page", "query"), PAGES)


@each_page
def test_every_time_said_on_a_page_is_turned(both: Any, page: str, query: dict[str, str]) -> None:
    usual, turned = (list(said(v)) for v in both(page, query))
    assert len(usual) == len(turned)
    times = 0
    for a, b in zip(usual, turned, strict=True):
        told = [list(TIME.finditer(without(text))) for text in (a, b)]
        assert len(told[0]) == len(told[1]), (a, b)
        for one, other in zip(*told, strict=True):
            times += 1
            first, second = (float(found[1] or found[2]) for found in (one, other))
            assert first + second == pytest.approx(1.0, abs=1e-3), (a, b)
    assert times >= 3


@each_page
def test_nothing_else_of_a_page_is_turned(both: Any, page: str, query: dict[str, str]) -> None:
    """A number is the same, or a time's complement, or a rate's negative."""
    usual, turned = (list(said(v)) for v in both(page, query))
    said_anew = {
        part
        for key in ENTRIES
        if key.startswith("flow_matching.")
        for part in re.split(r"{\w*[^}]*}|[$]", ENTRIES[key].en)
        if len(part) > 12
    }
    for a, b in zip(usual, turned, strict=True):
        if any(part in b for part in said_anew):
            continue
        first, second = (
            [float(x.replace("−", "-")) for x in NUMBER.findall(re.sub(r"_\w|[₀₁]", "", text))]
            for text in (a, b)
        )
        if len(first) != len(second):  # a formula in t
            assert "t" in a, (a, b)
            continue
        for x, y in zip(first, second, strict=True):
            close = (abs(y - z) < 2e-3 * max(1.0, abs(x)) for z in (x, 1.0 - x, -x))
            assert any(close), (a, b)


@each_page
def test_every_widget_for_a_time_is_turned(both: Any, page: str, query: dict[str, str]) -> None:
    kinds = ("slider", "text_input", "number_input")
    usual, turned = ([e for e in v.elements() if e.type in kinds] for v in both(page, query))
    for a, b in zip(usual, turned, strict=True):
        directed = LABELLED.search(a.label) and "Number" not in a.label and "(" not in a.label
        try:
            values = float(a.value), float(b.value)
        except ValueError:
            continue
        if directed:
            assert sum(values) == pytest.approx(1.0), a.label
        else:
            assert values[0] == values[1], a.label


@each_page
def test_every_axis_of_time_is_turned(both: Any, page: str, query: dict[str, str]) -> None:
    usual, turned = (list(figures(visitor)) for visitor in both(page, query))
    assert len(usual) == len(turned)
    axes = 0
    for a, b in zip(usual, turned, strict=True):
        for name, axis in a["layout"].items():
            if name[1:5] != "axis" or not is_time(axis) or axis.get("showticklabels") is False:
                continue
            axes += 1
            for tick, first, second in zip(
                axis["tickvals"], axis["ticktext"], b["layout"][name]["ticktext"], strict=True
            ):
                assert float(first) == tick
                assert float(second) == pytest.approx(1.0 - tick)
    assert axes or page in ("plane",) or query.get("space") == "plane"


def said(visitor: Visitor) -> Iterator[str]:
    """Every text of a page but the one that is said in flow matching's time alone."""
    yield from (text for text in visitor.words() if text not in ("", ENTRIES["formula.time"].en))


def is_time(axis: dict[str, Any]) -> bool:
    """Whether an axis says that it is one of time."""
    title = axis.get("title") or {}
    return bool(re.search(r"\bt\b", title.get("text", "")) and "time" in title["text"]) or (
        title.get("text") in ("t", "← data    t    prior →")
    )


def figures(visitor: Visitor) -> Iterator[dict[str, Any]]:
    """Every figure of a page."""
    for element in visitor.elements():
        if block := getattr(getattr(element, "proto", None), "bytes", b""):
            content = read(block)
            if "figure" in content:
                yield content["figure"]


def test_velocities_towards_the_data_and_densities_are_the_same(both: Any) -> None:
    value = r"f_t\(x\) = (-?[\d.]+)"
    usual, turned = both("fan", {})
    first, second = (
        next(m.value for m in visitor.app.markdown if "f_t(x)" in m.value)
        for visitor in (usual, turned)
    )
    velocities = [float(re.search(value, text)[1]) for text in (first, second)]  # type: ignore[index]
    assert velocities[0] == velocities[1] != 0.0
    assert "-f_t(x)" in first
    assert "-f_t(x)" not in second
    densities = [re.search(r"p_t\(x\) = ([\d.]+)", text)[1] for text in (first, second)]  # type: ignore[index]
    assert densities[0] == densities[1]


def test_the_link_holds_the_cores_time_and_the_readers_direction(both: Any) -> None:
    usual, turned = both("fan", {})
    assert usual.scene.time == turned.scene.time == 0.3
    assert usual.scene.probe == turned.scene.probe == (0.4, 1.1)
    assert "convention" not in usual.link
    assert "convention=flow_matching" in turned.link


def test_a_widget_for_a_time_stores_the_cores() -> None:
    visitor = Visitor(ROOT / "pages" / "green.py", {"convention": FLOW, "green_t": "0.4"})
    visitor.set("green_t", 0.7)
    assert visitor.scene.green_t == pytest.approx(0.3)
    visitor.set("convention", False)
    assert visitor.widget("green_t").value == pytest.approx(0.3)
    assert visitor.scene.green_t == pytest.approx(0.3)


@pytest.mark.parametrize("query", [{"family": "formula"}, {"schedule": "formula"}])
def test_a_box_for_a_formula_says_which_time_it_is_in(query: dict[str, str]) -> None:
    hint = ENTRIES["formula.time"].en
    for convention in (DEFAULT, FLOW):
        visitor = Visitor(query=query | {"convention": convention})
        shown = hint in {caption.value for caption in visitor.app.caption}
        assert shown == (convention == FLOW)


def test_a_refused_time_is_named_as_it_was_typed() -> None:
    visitor = Visitor(ROOT / "pages" / "learn.py", {"convention": FLOW})
    visitor.set("learn_t_min", "0.4")
    (complaint,) = visitor.complaints
    assert all(number in complaint for number in ("0.4", "0.5", "0.9999"))
    visitor.set("learn_t_min", "0.99")
    assert visitor.scene.learn_t_min == pytest.approx(0.01)


# ------------------------------------------------------------------------------------- the browser

WRITTEN = re.compile(r"t = \$\{((?:[^{}]|\{[^}]*\})*)\}")


def test_no_script_writes_a_time_that_was_not_turned() -> None:
    scripts = ROOT / "flowviz" / "ui" / "browser" / "components"
    written = [
        found for file in scripts.glob("*.js") for found in WRITTEN.findall(file.read_text())
    ]
    assert len(written) >= 2
    assert all("shownTime(" in expression for expression in written)
