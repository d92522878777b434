"""Every short formula in every role gives a value or one refusal."""

from __future__ import annotations

import re
from functools import cache
from itertools import product

import pytest
import torch

from flowviz.core.formula import ROLES, FormulaError, parse
from flowviz.core.formula.functions import CONSTANTS, FUNCTIONS
from flowviz.core.formula.grammar import read
from flowviz.core.paths.validity import first_violation
from flowviz.scene import Scene
from flowviz.scene.formula import KINDS, Typed
from flowviz.text import Refusal
from tests.visitor import ROOT, Visitor

TOKENS = (
    *("0", "1", "2.5", "a", "x", "x0", "x1", "t", *CONSTANTS, *FUNCTIONS),
    *("+", "-", "*", "/", "^", "**", "(", ")", "[", "]", ","),
)


def accepted(read, *given):
    """Whether a text is read or refused; any other error is a fault."""
    try:
        read(*given)
    except FormulaError:
        return False
    return True


@cache
def short_formulas():
    """Each role's texts of up to three tokens that the grammar makes, and calls of one.

    A name of a function is read like any other: among three tokens one stands for all.
    """
    few = [token for token in TOKENS if token not in FUNCTIONS or token == "sin"]
    texts = {"".join(tokens) for n in (1, 2) for tokens in product(TOKENS, repeat=n)}
    texts |= {"".join(tokens) for tokens in product(few, repeat=3)}
    texts |= {f"{name}({value})" for name, value in product(FUNCTIONS, TOKENS)}
    # What the grammar refuses is refused in every role.
    texts = [text for text in sorted(texts) if accepted(read, text)]
    found = {role: [text for text in texts if accepted(parse, text, role)] for role in ROLES}
    return {role: texts for role, texts in found.items() if texts}


def test_the_grammar_makes_many_short_formulas_and_constants_among_them():
    for role, texts in short_formulas().items():
        assert len(texts) > 300
        assert {"0", "1", "pi", "a", "e*e", "-1", "sqrt(1)", "(t)"} <= set(texts), role


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("d", [1, 2])
def test_a_short_formula_has_a_value_for_each_pair_or_is_refused(role, d):
    shape = (3, 2, d if ROLES[role].result == "vector" else 1)
    kinds = {"x": (3, 1, d), "x1": (3, 1, d), "x0": (2, d), "t": (3, 1, 1)}
    values = {name: 0.7 * torch.ones(kinds[name]).double() for name in ROLES[role].variables}
    shape = torch.broadcast_shapes(*(v.shape[:-1] for v in values.values())) + shape[-1:]
    for text in short_formulas()[role]:
        try:
            run = parse(text, role).compile(d)
        except FormulaError:
            continue
        assert run(values).shape == shape, text


def shapes(role):
    """A role's formulas, one of each shape: constants are alike, and so are functions of one."""
    alike: dict[str, str] = {"0": "N", "1": "N", "2.5": "N", "a": "N", "**": "^"} | dict.fromkeys(
        CONSTANTS, "N"
    )
    alike |= {name: "f" for name, of in FUNCTIONS.items() if of.most == 1 and name != "norm"}
    found = {}
    for text in short_formulas()[role]:
        tokens: list[str] = re.findall(r"[a-z]\w*|[\d.]+|\*\*|.", text)
        found.setdefault(" ".join(alike.get(token, token) for token in tokens), text)
    return list(found.values())


def families():
    """Typed families: each kind's formulas, and μ and σ beside the other's usual one."""
    for kind in KINDS:
        role = "mu" if kind == "mean" else kind
        for text in shapes(role):
            yield Typed(kind, text)
    for text in shapes("sigma"):
        yield Typed("mean", "(1-t)*x0", text)


def scenes(space, every=1):
    """Scenes of those typed families that are taken, and of schedules."""
    family, field = ("family", "formula") if space == "line" else ("plane_family", "plane_formula")
    for typed in list(families())[::every]:
        try:
            yield Scene(**{"space": space, family: "formula", field: typed})
        except Refusal:
            continue
    curves = [(a, "t") for a in shapes("alpha")] + [("1-t", s) for s in shapes("sigma")]
    for alpha, sigma in curves[::every]:
        query = {"schedule": "formula", "s.alpha": alpha, "s.sigma": sigma, "space": space}
        yield Scene.read_query(query)[0]


@pytest.mark.parametrize("space", ["line", "plane"])
def test_a_short_formula_is_a_scene_with_a_field_or_one_refusal(space):
    """Any other error is a red box that survives a reload."""
    taken = set()
    for scene in scenes(space, every=5):
        field = scene.field(space)
        key = (scene.formula, scene.plane_formula, scene.schedule_params)
        if key in taken:
            continue
        taken.add(key)
        assert field.probe(0.3 * torch.ones(2, field.d).double(), 0.4).velocity.shape == (
            2,
            field.d,
        )
    assert len(taken) > 20


@pytest.mark.parametrize("space", ["line", "plane"])
def test_what_is_wrong_with_a_short_formula_is_known(space):
    for scene in list(scenes(space))[::61]:
        field = scene.field(space)
        assert isinstance(first_violation(field.path, field.x0, field.prior), str)


PAGES = {"fan": "line", "plane": "plane", "green": "line", "learn": "line", "solvers": "line"}
FIRST = [  # constants, and what does not move, in every role
    {"schedule": "formula", "s.alpha": "1", "s.sigma": "t"},
    {"schedule": "formula", "s.alpha": "1-t", "s.sigma": "pi"},
    *(
        {"family": "formula", "formula": typed.link}
        for typed in (
            Typed("forward", "1"),
            Typed("forward", "x0"),
            Typed("inverse", "x0"),
            Typed("inverse", "sqrt(1)"),
            Typed("mean", "0", "t"),
        )
    ),
]


# The Green page shows what is no flow, too; the others say so, whatever it is.
VISITS = [("green", query) for query in FIRST] + [
    (page, query) for page in PAGES if page != "green" for query in (FIRST[0], FIRST[2])
]


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize(("page", "query"), VISITS, ids=str)
def test_a_formula_without_a_variable_breaks_no_page(page, query):
    plane = {f"plane_{key}" if key[0] == "f" else key: value for key, value in query.items()}
    Visitor(ROOT / "pages" / f"{page}.py", plane if PAGES[page] == "plane" else query)
