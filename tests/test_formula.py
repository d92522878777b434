"""Typed formulas: their values, and that hostile ones are refused with their column."""

from __future__ import annotations

import ast
import itertools
import math
import pickle
import time
from pathlib import Path

import pytest
import torch

import flowviz.core.formula as formula_module
from flowviz.core.formula import FormulaError, parse
from flowviz.core.numerics.autodiff import time_derivative
from flowviz.scene.formula import refusal
from flowviz.text import ENTRIES, LANGUAGES, translator
from tests.cases import each_of

parse("x0", "mu")  # whatever is made once is not on the clock


def value(text: str, d: int = 1) -> torch.Tensor:
    """A formula at one fixed place: x0 = (0.5, -2), x1 = (1.5, 3), t = 0.25."""
    at = {
        "x0": torch.tensor([0.5, -2.0], dtype=torch.float64)[:d],
        "x1": torch.tensor([1.5, 3.0], dtype=torch.float64)[:d],
        "t": torch.tensor([0.25], dtype=torch.float64),
    }
    return parse(text, "forward").compile(d)(at)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-2^2 + t*0", -4.0),
        ("2^3^2*t", 128.0),
        ("2**-1*t", 0.125),
        ("1 - 2 - 3 + 0*t", -4.0),
        ("8/4/2 + 0*t", 1.0),
        ("+t", 0.25),
        ("--t", 0.25),
        (" \t( t )\n", 0.25),
        (".5e1*t + 1.", 2.25),
        ("pi*t + e", math.pi / 4 + math.e),
        ("sin(x1)", math.sin(1.5)),
        ("cos(x1)", math.cos(1.5)),
        ("tan(x1)", math.tan(1.5)),
        ("exp(x1)", math.exp(1.5)),
        ("log(x1)", math.log(1.5)),
        ("sqrt(x1)", math.sqrt(1.5)),
        ("tanh(x1)", math.tanh(1.5)),
        ("sinh(x1)", math.sinh(1.5)),
        ("cosh(x1)", math.cosh(1.5)),
        ("abs(-x1)", 1.5),
        ("sign(-x1)", -1.0),
        ("erf(x1)", math.erf(1.5)),
        ("atan2(x1, -1)", math.atan2(1.5, -1)),
        ("min(x1, 1, t)", 0.25),
        ("max(x1, 1, 2)", 2.0),
        ("clip(x1, 0, 1)", 1.0),
        ("norm(-x1)", 1.5),
        ("dot(x1, x0)", 0.75),
        ("x1[0]", 1.5),
        ("t^0.5", 0.5),
        ("x1^t", 1.5**0.25),
        ("a*x1 + b", 2.5),
    ],
)
def test_a_formula_has_its_value(text, expected):
    assert value(text).item() == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x0 + t", [0.75, -1.75]),
        ("[x1[1], x0[0]]", [3.0, 0.5]),
        ("[1, t]", [1.0, 0.25]),
        ("rot(pi/2)*x1", [-3.0, 1.5]),
        ("2*rot(pi)*x1", [-3.0, -6.0]),
        ("rot(pi/4)*rot(pi/4)*x1*t", [-0.75, 0.375]),
        ("-rot(0)*x1", [-1.5, -3.0]),
        ("x0*dot(x1, x0)", [-2.625, 10.5]),
        ("x0*norm(x1)", [0.5 * math.sqrt(11.25), -2 * math.sqrt(11.25)]),
        ("(x0 - x1)[1]*x0", [-2.5, 10.0]),
        ("x1^2", [2.25, 9.0]),
    ],
)
def test_vectors_of_the_plane(text, expected):
    assert value(text, d=2).tolist() == pytest.approx(expected, rel=1e-14, abs=1e-14)


def test_letters_are_found_and_default_to_one():
    read = parse("b*sin(k*t)*x0 + a + e*pi", "mu")
    assert read.letters == ("a", "b", "k")
    assert value("a*t").item() == 0.25
    with pytest.raises(ValueError, match="no letter 'z'"):
        parse("a*t", "sigma").compile(1, {"z": 2.0})
    with pytest.raises(ValueError, match="a must lie within"):
        parse("a*t", "sigma").compile(1, {"a": math.inf})


@pytest.mark.parametrize(
    ("text", "at_zero", "slope"),
    [
        ("sqrt(t)", 0.0, 0.0),
        ("t^0.5", 0.0, 0.0),
        ("t^a", 0.0, 1.0),
        ("t*log(t)", 0.0, math.log(2.2250738585072014e-308)),
        ("norm(t)", 0.0, 0.0),
        ("abs(t)", 0.0, 0.0),
        ("atan2(t, t)", 0.0, 0.0),
        ("t^0", 1.0, 0.0),
        ("exp(-t*log(t))", 1.0, -math.log(2.2250738585072014e-308)),
    ],
)
def test_values_and_slopes_are_numbers_at_the_first_moment(text, at_zero, slope):
    run = parse(text, "sigma").compile(1)
    got, moved = time_derivative(lambda t: run({"t": t}), torch.zeros(1, dtype=torch.float64))
    assert got.item() == at_zero
    assert moved.item() == pytest.approx(slope)


def test_the_length_of_a_zero_vector_has_a_slope_and_a_long_one_does_not_overflow():
    run = parse("x0*norm(x0)", "mu").compile(2)
    zero = torch.zeros(2, dtype=torch.float64)
    got, moved = time_derivative(lambda x0: run({"x0": x0, "t": zero[:1]}), zero)
    assert got.tolist() == moved.tolist() == [0.0, 0.0]
    assert parse("norm(x0) + x0", "mu").compile(2)({"x0": zero + 1e200}).isfinite().all()


HOSTILE = [
    # Attributes, calls and names of Python.
    ("x0.__class__", 3),
    ("x0.__class__.__bases__[0]", 3),
    ("().__class__", 2),
    ("__import__('os').system('id')", 1),
    ("eval('1')", 6),
    ("exec(x0)", 1),
    ("open(x0)", 1),
    ("getattr(x0, t)", 1),
    ("lambda: 0", 7),
    ("[x0 for x in t]", 5),
    ("x0 if t else x1", 4),
    ("import os", 8),
    ("x0; x1", 3),
    ("x0 = 3", 4),
    ("x0 == 3", 4),
    ("x0 := 3", 4),
    ("x0 or x1", 4),
    ("not x0", 5),
    ("x0 @ x1", 4),
    ("x0 % 2", 4),
    ("x0 // 2", 5),
    ("~x0", 1),
    ("x0 & x1", 4),
    ("x0 << 9999", 4),
    ("{x0}", 1),
    ("{}", 1),
    ("'x0'", 1),
    ('"x0"*9', 1),
    ("f'{x0}'", 2),
    ("`id`", 1),
    ("$(id)", 1),
    ("\\x41", 1),
    ("x0#comment", 3),
    ("x0\x00", 3),
    ("globals()", 9),
    ("torch.load(x0)", 6),
    ("sin.__call__(x0)", 4),
    ("x0[t]", 4),
    ("x0[-1]", 4),
    ("x0[0:1]", 5),
    ("x0[0.5]", 4),
    ("<script>", 1),
    ("${7*7}", 1),
    ("{{7*7}}", 1),
    ("%s%s%n", 1),
    ("1_000*x0", 2),
    ("0x10*x0", 2),
    ("1j*x0", 2),
    ("x0__class__", 1),
    # Numbers and powers that would not end.
    ("9**9**9**9*x0", 5),
    ("2^1e6*x0", 2),
    ("x0^100", 3),
    ("x0^-65", 3),
    ("1e7*x0", 1),
    ("1e999999*x0", 1),
    ("9" * 200, 1),
    ("exp(1e6)*x0", 1),
    ("1/0*x0", 2),
    ("sqrt(-1)*x0", 1),
    ("1e6^64*x0", 4),
    # Deep, long and slow.
    ("(" * 200 + "x0" + ")" * 200, 257),
    ("(" * 100 + "x0" + ")" * 100, 33),
    ("[" * 60, 33),
    ("-" * 250 + "x0", 219),
    ("sin(" * 33 + "x0" + ")" * 33, 132),
    ("^".join(["t"] * 100), 136),
    ("+".join(["t"] * 120), 64),
    ("x" * 100_000, 257),
    ("(" * 100_000, 257),
    (" " * 100_000, 257),
    ("9" * 100_000, 257),
    ("1" + "e" * 250, 2),
    ("a" * 256, 1),
    ("." * 256, 1),
    ("1." * 128, 4),
    ("max(" + "t," * 100 + "t)*x0", 1),
    ("a*b*c*f*g*h*i*j*k*x0", 17),
    # Look-alikes and what cannot be seen.
    ("х0", 1),  # Cyrillic
    ("x٠", 2),  # an Arabic digit
    ("x０", 2),
    ("(1－t)*x0", 3),
    ("x0×x1", 3),
    ("x0·t", 3),
    ("𝑥0", 1),
    ("ｓｉｎ(x0)", 1),
    ("π*x0", 1),
    ("x₀", 2),
    ("x²", 2),
    ("x0\u200b", 3),
    ("\u202ex0", 1),
    ("\ufeffx0", 1),
    ("x0\u00a0+t", 3),
    ("（x0）", 1),
    ("\ud800", 1),
    # Plain mistakes.
    ("", 1),
    ("   ", 1),
    ("x0 +", 5),
    ("* x0", 1),
    ("x0 x1", 4),
    ("2x0", 2),
    ("x0(3)", 1),
    ("a(t)", 1),
    ("sin x0", 1),
    ("sin", 1),
    ("sin()", 5),
    ("sin(x0, t)", 1),
    ("(x0", 1),
    ("x0)", 3),
    ("(x0]", 4),
    ("x", 1),
    ("T*x0", 1),
    ("x2", 1),
    ("x0, x1", 3),
    ("rot(t)*x0", 1),
    ("[x0, x1]", 1),
    ("x0[1]", 4),
]


@pytest.mark.parametrize(("text", "column"), HOSTILE, ids=lambda v: repr(v)[:24])
def test_what_is_hostile_or_wrong_is_refused_at_once_at_its_column(text, column):
    spent = []
    for _ in range(3):  # a collection of garbage may fall into one of them
        start = time.process_time()
        with pytest.raises(FormulaError) as refused:
            parse(text, "forward").compile(1)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.05
    assert refused.value.column == column
    assert f"character {column}" in str(refused.value)
    assert len(str(refused.value)) < 400


@each_of(itertools.product([text for text, _ in HOSTILE], LANGUAGES))
def test_every_refusal_is_said_in_both_languages(text, lang):
    with pytest.raises(FormulaError) as refused:
        parse(text, "forward").compile(1)
    said = refusal(refused.value).translated(translator(lang))
    assert f"{refused.value.column:,}" in said
    assert len(said) < 300


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("t", 1),
        ("dot(x0, x1)", 1),
        ("x0 + rot(t)", 4),
        ("rot(x0)*x1", 1),
        ("[x0, t]", 1),
        ("[t, t, t]", 1),
        ("[t]", 1),
        ("x0[2]", 4),
        ("t[0]*x0", 3),
        ("t^x0", 2),
        ("norm(t)*x0", 1),
        ("sin(rot(t))*x0", 1),
        ("rot(t)", 1),
        ("x0*rot(t)", 3),
    ],
)
def test_what_makes_no_sense_in_the_plane_is_refused_at_its_column(text, column):
    with pytest.raises(FormulaError) as refused:
        parse(text, "forward").compile(2)
    assert refused.value.column == column


@pytest.mark.parametrize(("role", "text"), [("mu", "x1"), ("sigma", "x0"), ("inverse", "x1")])
def test_each_kind_of_formula_has_its_own_variables(role, text):
    with pytest.raises(FormulaError, match="variable"):
        parse(text, role)


def test_every_code_has_its_sentence_and_every_sentence_its_code():
    codes = set()
    core = Path(formula_module.__file__).parents[1]
    for path in (*core.rglob("*.py"), core.parent / "scene" / "formula.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            place = {"FormulaError": 0, "Refusal": 0, "_refuse": 1}.get(name)
            if place is None or len(node.args) <= place:
                continue
            if not isinstance(node.args[place], ast.JoinedStr):  # a code that is handed on
                codes |= {
                    leaf.value.removeprefix("error.formula.")
                    for leaf in ast.walk(node.args[place])
                    if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)
                }
    said = {key.removeprefix("error.formula.") for key in ENTRIES if "error.formula." in key}
    assert codes == said


def test_a_refusal_travels_between_processes():
    error = FormulaError("name", 5, {"token": "foo", "names": "t"})
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (copy.code, copy.column, copy.values) == (error.code, error.column, error.values)


def test_equal_texts_are_equal_formulas():
    assert parse("a*t", "sigma") == parse("a*t", "sigma")
    assert parse("a*x0*t", "mu") != parse("a*x0*t", "forward")
