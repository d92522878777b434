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
from flowviz.text import Refusal


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("(1−t)*x0 + t*x1", "(1-t)*x0 + t*x1"),
        ("(1–t)·x₀ + t·x₁", "(1-t)*x0 + t*x1"),
        ("(1 - t²)*x0 + t²*x1", "(1 - t^2)*x0 + t^2*x1"),
        ("(1-t)*x0 + t*x1 + t(1-t)", None),
        ("(1-t)*x0 + t*x1 + 2t*(1-t)", "(1-t)*x0 + t*x1 + 2*t*(1-t)"),
        ("2x0 - (1+t)x0 + t*x1", None),
        ("2x0 - (1+t)*x0 + t*x1", "2*x0 - (1+t)*x0 + t*x1"),
        ("(1-t)*x0 + t*x1 + 0.5 sin(3x0)*t*(1-t)", "(1-t)*x0 + t*x1 + 0.5*sin(3*x0)*t*(1-t)"),
        ("（１－ｔ）×ｘ０＋ｔ×ｘ１", "(1-t)*x0+t*x1"),
        ("(1-t)⋅x0 + t⋅x1 + t³(1-t)·t⁻¹", "(1-t)*x0 + t*x1 + t^3*(1-t)*t^(-1)"),
        ("(1-t)*x0 + t*x1 + 1e-2t*(1-t)", "(1-t)*x0 + t*x1 + 1e-2*t*(1-t)"),
        ("cos(πt÷2)*x0 + sin(π*t/2)*x1", None),
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
