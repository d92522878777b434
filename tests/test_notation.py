"""Formulas in people's notation are read as in the grammar's, or refused."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowviz.scene import Scene
from flowviz.scene.formula import Typed
from flowviz.scene.formula_examples import EXAMPLES
from flowviz.scene.notation import plain_formula
from flowviz.scene.suggestions import nearest_schedule
from flowviz.text import Refusal, translator


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("(1−t)*x0 + t*x1", "(1-t)*x0 + t*x1"),
        ("(1–t)·x₀ + t·x₁", "(1-t)*x0 + t*x1"),
        ("(1 - t²)*x0 + t²*x1", "(1 - t^2)*x0 + t^2*x1"),
        ("(1-t)*x0 + t*x1 + t(1-t)", "(1-t)*x0 + t*x1 + t*(1-t)"),
        ("(1-t²)x0 + t²x1", "(1-t^2)*x0 + t^2*x1"),
        ("(1-t) x0 + t*x1 + t(1-t)(1+t)sin(x0)", "(1-t)*x0 + t*x1 + t*(1-t)*(1+t)*sin(x0)"),
        ("x0(1-t) + x1(2t)/2", "x0*(1-t) + x1*(2*t)/2"),
        ("sin(π(1-t)/2)x0 + cos(π(1-t)/2)x1", "sin(pi*(1-t)/2)*x0 + cos(pi*(1-t)/2)*x1"),
        ("(1-t)*x0[0](1+0t) + t*x1", "(1-t)*x0[0]*(1+0*t) + t*x1"),
        ("(1-t)*x0 + t*x1(t)", None),  # a function of t
        ("(1-t)*x0 + a(1-t)", None),
        ("(1-t)*x0 + t*x1 + 1/(1+t)x0", None),
        ("(1-t)*x0 + t*x1 + 1/sin(1+t)x0", None),
        ("(1-t)*x0 + t*x1 + 2^(t)x0", None),
        ("(1-t)*x0 + t*x1 + 1/t(1-t)", None),
        ("(1-t)*x0 + t*x1 + (1-t)2", None),  # a square that was pasted
        ("(1-t)*x0 + t*x1 + 2t*(1-t)", "(1-t)*x0 + t*x1 + 2*t*(1-t)"),
        ("2x0 - (1+t)x0 + t*x1", "2*x0 - (1+t)*x0 + t*x1"),
        ("2x0 - (1+t)*x0 + t*x1", "2*x0 - (1+t)*x0 + t*x1"),
        ("(1-t)*x0 + t*x1 + 0.5 sin(3x0)*t*(1-t)", "(1-t)*x0 + t*x1 + 0.5*sin(3*x0)*t*(1-t)"),
        ("（１－ｔ）×ｘ０＋ｔ×ｘ１", "(1-t)*x0+t*x1"),
        ("(1-t)⋅x0 + t⋅x1 + t³(1-t)·t⁻¹", "(1-t)*x0 + t*x1 + t^3*(1-t)*t^(-1)"),
        ("(1-t)*x0 + t*x1 + 1e-2t*(1-t)", "(1-t)*x0 + t*x1 + 1e-2*t*(1-t)"),
        ("cos(πt÷2)*x0 + sin(π*t/2)*x1", "cos(pi*t/2)*x0 + sin(pi*t/2)*x1"),
        ("cos(πt/2)x0 + sin(πt/2)x1", "cos(pi*t/2)*x0 + sin(pi*t/2)*x1"),
        ("x₀(1−t)+x₁t", "x0*(1-t)+x1*t"),
        ("(1-t)*x0 + t*x1 + 2πx1*t*(1-t)", "(1-t)*x0 + t*x1 + 2*pi*x1*t*(1-t)"),
        ("(1-t)*x0 + t*x1 + (2²ᵗ-1)*(1-t)", "(1-t)*x0 + t*x1 + (2^(2*t)-1)*(1-t)"),
        ("(1-t)*x0 + t*x1 + t²ᵃ(1-t)", "(1-t)*x0 + t*x1 + t^(2*a)*(1-t)"),
        ("(1-t)*x0 + t*x1 + t(1-t)e⁻ᵗ", "(1-t)*x0 + t*x1 + t*(1-t)*e^(-t)"),
        ("√(1-t²)x0 + tx1", None),  # a name, as it would be in a program
        ("√(1-t²)x0 + t*x1", "sqrt(1-t^2)*x0 + t*x1"),
        ("(1-t)*x0 + √t·x1", "(1-t)*x0 + sqrt(t)*x1"),
        ("(1-t)*x0 + t*x1 + t√t(1-t)", None),  # √(t(1-t)), or √t·(1-t)
        ("(1-t)*x0 + t*x1 + √2t*(1-t)", None),
        (r"(1-t)\,x_0 + t\cdot x_{1}", r"(1-t)*x0 + t* x1"),
        (r"\left(1-t\right)x_0 + \frac{2t}{2}x_1", "(1-t)*x0 + ((2*t)/(2))*x1"),
        (r"\sqrt{1-t}x_0 + \sqrt{t}x_1", "sqrt(1-t)*x0 + sqrt(t)*x1"),
        (r"\cos(\pi t/2) x_0 + \sin(\pi t/2) x_1", "cos(pi*t/2)*x0 + sin(pi*t/2)*x1"),
        (r"(1-t)x_0 + t x_1 + t(1-t)e^{-2t}x_1", None),
        (r"(1-t)x_0 + t*x_1 + t(1-t)e^{-2t}x_1", "(1-t)*x0 + t*x1 + t*(1-t)*e^(-2*t)*x1"),
        (r"(1-t)x_0 + t*x_1 + t(1-t)/e^{2t}x_1", None),  # divided by what?
        (r"(1-t)x_0 + t*x_1 + \frac{t}2", None),
        (r"(1-t)\boldsymbol{x}_0 + t\boldsymbol{x}_1", "(1-t)*x0 + t*x1"),
        (r"\bm{x}_{0}(1-t) + 2t\mathbf {x}_1/2", "x0*(1-t) + 2*t*x1/2"),
        (r"(1-t)\boldsymbol{x}_0 + t\cdot\boldsymbol{x}_1", "(1-t)*x0 + t* x1"),
        (r"(1-t)\times\mathbf{x}_0 + t*\pi\mathbf{x}_1/\pi", "(1-t)* x0 + t*pi*x1/pi"),
        (r"(1-t)\vec{x}_0 + t\mathrm{x}_1 + 1/t\mathrm{x}_1", None),  # divided by what?
        (r"(1-t)\boldsymbol{x}_0 + t*x_1 + \boldsymbol{x}_t", None),
        ("(1-𝑡)𝑥₀ + 𝑡·𝒙₁", "(1-t)*x0 + t*x1"),
        ("（1－ｔ）ｘ₀＋ｔ·ｘ_1", "(1-t)*x0+t*x1"),
        ("(1-t)*x0 + t*x1 + 1/πt*t", None),
        ("(1-t)*x0 + t*x1 + 2₁*t*(1-t)", None),
        ("(1\u200b-t)*x0\ufeff + t*x1", "(1-t)*x0 + t*x1"),
        ("cos(π·t÷2)*x0 + sin(π*t/2)*x1", "cos(pi*t/2)*x0 + sin(pi*t/2)*x1"),
        ("(1-t)*x0 + t*x1 + 1/2x0", None),
        ("(1-t)*x0 + t*x1 + 2^2x0", None),
    ],
)
def test_a_written_formula_is_the_same_in_the_grammars_signs_or_refused(
    written: str, plain: str | None
) -> None:
    if plain is None:
        with pytest.raises(Refusal):
            Typed(text=written).checked(1)
        return
    assert Typed(text=written).checked(1) == Typed(text=plain).checked(1)
    scene = Scene(family="formula", formula=Typed(text=written))
    assert scene.formula.text == plain
    assert Scene.from_query(scene.to_query()) == scene
    assert Scene.from_query({"family": "formula", "formula": f"1~forward~{written}~~"}) == scene


@pytest.mark.parametrize("missing", ["~", "~~"])
@pytest.mark.parametrize("kind", ["forward", "mean"])
def test_a_link_form_may_lack_its_empty_ends(kind: str, missing: str) -> None:
    text = "(1-t)*x0 + t*x1" if kind == "forward" else "(1-t)*x0"
    whole = f"1~{kind}~{text}~~"
    assert Typed.from_link(whole.removesuffix(missing)) == Typed.from_link(whole)
    scene, notices = Scene.read_query({"formula": whole.removesuffix(missing)})
    assert (scene.formula.text, notices) == (text, [])
    with pytest.raises(Refusal, match="does not hold a typed family"):
        Typed.from_link(f"1~{kind}")
    with pytest.raises(Refusal, match="does not hold a typed family"):
        Typed.from_link(whole + "~")


def test_a_letters_value_is_quoted_as_written() -> None:
    for value in ("1e400", "-1e400", "1000.50"):
        with pytest.raises(Refusal, match=f"“a={value}” gives no letter a value"):
            Typed.from_link(f"1~forward~x0+a*t~~a={value}")


def test_a_schedule_is_written_the_same_way() -> None:
    written = Scene(schedule="formula", schedule_params=(("alpha", "1−t²"), ("sigma", "t²")))
    assert written == Scene(
        schedule="formula", schedule_params=(("alpha", "1-t^2"), ("sigma", "t^2"))
    )


def test_what_stays_ambiguous_is_offered_and_not_assumed() -> None:
    found = nearest_schedule("1-t", "1/2t + 1/2t")
    assert found is not None
    assert found.reason == "star"


@pytest.mark.parametrize("space", EXAMPLES)
def test_every_example_is_written_plainly_already(space: str) -> None:
    for example in EXAMPLES[space].values():  # pyright: ignore[reportArgumentType]
        for text in (example.text, example.sigma):
            assert plain_formula(text) == " ".join(text.split())


@given(st.text(alphabet="tx01²⁻π·÷+-*/^().eE ₀（２", max_size=40))
def test_plain_is_plain(text: str) -> None:
    once = plain_formula(text)
    assert plain_formula(once) == once or "^" in once


@pytest.mark.parametrize(
    "text", ["²" * 2_000, "2x" * 1_000, "1." * 1_000, "e" * 2_000, "·" * 2_000]
)
def test_a_long_text_takes_no_time(text: str) -> None:
    start = time.process_time()
    plain_formula(text)
    assert time.process_time() - start < 0.2


@pytest.mark.parametrize(
    ("written", "quoted"), [("1,5*x0 + t*x1", "1,5"), ("(1-t)*x0 + 0,25 t*x1", "0,25")]
)
def test_a_decimal_comma_is_named(written: str, quoted: str) -> None:
    with pytest.raises(Refusal, match=f"“{quoted}” .* a number has a decimal point"):
        Typed(text=written).checked(1)


def test_a_comma_between_arguments_is_none() -> None:
    with pytest.raises(Refusal) as refused:
        Typed(text="min(1,5 x0 t) + t*x1").checked(1)
    assert "decimal" not in str(refused.value)


def test_a_schedules_formula_is_named_by_its_curve() -> None:
    values = {"alpha": "1-t+y1", "sigma": "t+y1"}
    said = []
    for name, text in values.items():
        with pytest.raises(Refusal) as refused:
            Scene(schedule="formula", schedule_params=((name, text),))
        said.append(refused.value.markdown(translator("en")))
    assert len({sentence.split(":")[0] for sentence in said}) == 2
    assert all("y1" in sentence for sentence in said)


@pytest.mark.parametrize("blank", ["", "   ", "\u3000\u200b"])
def test_an_empty_box_says_which_variables_its_formula_has(blank: str) -> None:
    """No example of another box: x0 is refused in a schedule, and x1 where x₁ is to be given."""
    boxes = {
        "x1, x0, t": lambda: Typed("forward", blank).checked(1),
        "x, x0, t": lambda: Typed("inverse", blank).checked(1),
        "x0, t": lambda: Typed("mean", blank, "t").checked(1),
        "t": lambda: Scene(schedule="formula", schedule_params=(("sigma", blank),)),
    }
    for names, made in boxes.items():
        with pytest.raises(Refusal) as refused:
            made()
        said = refused.value.markdown(translator("en"))
        assert said.endswith(f"There is no formula yet (character 1): write one in {names}.")
