"""Families as TeX: built-in ones with their parameters, typed ones from their syntax trees.

Typeset from the tree, never from the typed text, so that no typed text can be markup.
"""

from __future__ import annotations

import re
from dataclasses import replace

from flowviz.conventions import DEFAULT, TimeConvention, shown_tex
from flowviz.core.formula import parse
from flowviz.core.formula.grammar import Node
from flowviz.scene import Scene
from flowviz.scene.decimals import decimal_text
from flowviz.scene.formula import Typed
from flowviz.scene.parameters import Params
from flowviz.scene.settings import Space

_NAMES = {"x0": "x_0", "x1": "x_1", "pi": r"\pi", "e": r"\mathrm{e}"}
_CALLS = {"sin", "cos", "tan", "exp", "log", "tanh", "sinh", "cosh", "min", "max"}
_LEVEL = {"+": 1, "-": 1, "*": 2, "/": 3, "^": 4}
_ATOM = 5


def family_tex(scene: Scene, space: Space, convention: TimeConvention = DEFAULT) -> str:
    """The family as an equation: x_t = …, or x_1 = … where that is what was typed.

    In flow matching's time t is replaced by 1 − t, and x_0 and x_1 change places.
    """
    line = space == "line"
    name = scene.family if line else scene.plane_family
    if name == "formula":
        return typed_tex(scene.formula if line else scene.plane_formula, convention)
    params = scene.family_params if line else scene.plane_family_params
    if name == "affine":
        body = _SCHEDULES[convention].get(scene.schedule, r"\alpha_t\,x_0 + \sigma_t\,x_1")
    else:
        body = _built_in(name, params, line, convention)
    return "x_t = " + shown_tex(body, convention)


def typed_tex(typed: Typed, convention: TimeConvention = DEFAULT) -> str:
    """A typed family as an equation, with its letters' names; a long one on several lines."""

    def tree(text: str, role: str) -> Node:
        found = parse(text, role).tree
        return found if convention == DEFAULT else _turned(found)

    if typed.kind == "mean":
        mu, sigma = tree(typed.text, "mu"), tree(typed.sigma or "t", "sigma")
        body = _lines("x_t", [*_terms(mu), f"+ {tex(sigma, 2)}\\,x_1"])
    else:
        left = "x_t" if typed.kind == "forward" else "x_1"
        body = _lines(left, _terms(tree(typed.text, typed.kind)))
    return shown_tex(body, convention)


def _turned(node: Node) -> Node:
    """A tree with 1 − t for t, and so t for 1 − t."""
    if _is_time(node):
        return replace(
            node,
            kind="binary",
            name="-",
            args=(replace(node, kind="number", name="", value=1.0), node),
        )
    if node.kind == "binary" and node.name == "-" and _is_time(node.args[1]):
        one = node.args[0]
        if one.kind == "number" and one.value == 1.0:
            return node.args[1]
    return replace(node, args=tuple(map(_turned, node.args)))


def _is_time(node: Node) -> bool:
    return node.kind == "name" and node.name == "t"


def _terms(node: Node) -> list[str]:
    """The terms of a sum, each with its sign, the first without a +."""
    if node.kind == "binary" and node.name in ("+", "-"):
        left, right = node.args
        return [*_terms(left), f"{node.name} {tex(right, 2 if node.name == '-' else 1)}"]
    return [tex(node)]


def _lines(left: str, terms: list[str]) -> str:
    """An equation with line breaks between terms, for narrow screens."""
    lines = [f"{left} = {terms[0]}"]
    for term in terms[1:]:
        if _width(lines[-1]) + _width(term) > _WIDEST:
            lines.append(term)
        else:
            lines[-1] += f" {term}"
    body = " \\\\ ".join(lines)
    return body if len(lines) == 1 else f"\\begin{{gathered}}{body}\\end{{gathered}}"


def _width(body: str) -> int:
    """The approximate width of a formula in characters: a command is one, layout is none."""
    return len(_COMMAND.sub("x", _LAYOUT.sub("", body)).replace(" ", ""))


_WIDEST = 26
_LAYOUT = re.compile(r"\\left|\\right|\\big|\\,|\\;|[{}^_]")
_COMMAND = re.compile(r"\\[a-zA-Z]+")


_SCHEDULES = {
    "diffusion": {
        "linear": r"(1-t)\,x_0 + t\,x_1",
        "cosine": r"\cos\tfrac{\pi t}{2}\,x_0 + \sin\tfrac{\pi t}{2}\,x_1",
        "quadratic": r"(1-t^2)\,x_0 + t^2\,x_1",
        "cubic": r"(1-t^3)\,x_0 + t^3\,x_1",
    },
    "flow_matching": {
        "linear": r"t\,x_0 + (1-t)\,x_1",
        "cosine": r"\sin\tfrac{\pi t}{2}\,x_0 + \cos\tfrac{\pi t}{2}\,x_1",
        "quadratic": r"\big(1-(1-t)^2\big)\,x_0 + (1-t)^2\,x_1",
        "cubic": r"\big(1-(1-t)^3\big)\,x_0 + (1-t)^3\,x_1",
    },
}


def _built_in(name: str, params: Params, line: bool, convention: TimeConvention) -> str:
    """x_t with the core's names of the ends; ``t`` and ``s`` are t and 1 − t of the core."""
    value = {key: decimal_text(v) for key, v in params if isinstance(v, float | int)}
    t, s = ("t", "(1-t)") if convention == DEFAULT else ("(1-t)", "t")
    straight = f"{s}\\,x_0 + {t}\\,x_1"
    match name:
        case "parabola":
            bow = f"{_factor(value['bend'])}t(1-t)"
        case "wave":
            bow = f"{_factor(value['height'])}\\sin({value['halves']}\\pi {t})"
        case "swirl":
            return f"x_0 + {t}\\,R\\big(2\\pi\\cdot {value['turns']}\\,{s}\\big)(x_1 - x_0)"
        case "per_axis":
            powers = f"\\big({t}^{{{value['first']}}},\\, {t}^{{{value['second']}}}\\big)"
            return f"x_0 + {powers}\\odot(x_1 - x_0)"
        case "detour":
            swing = f"{_factor(value['swing'])}{t}\\sin(\\pi x_0)"
            return f"{s}\\big(x_0 + {swing}\\big) + {t}\\,x_1"
        case "squeeze":
            return f"{straight} + {_factor(value['k'])}t(1-t)\\tanh(x_1 - x_0)"
        case _:
            return r"\psi_t(x_1 \mid x_0)"
    if line:
        return f"{straight} + {bow}"
    return f"x_0 + \\big({t} + {bow}\\,J\\big)(x_1 - x_0)"


def _factor(number: str) -> str:
    """A number as a factor; empty for 1."""
    return "" if number == "1" else f"{number}\\,"


def tex(node: Node, least: int = 0) -> str:
    """A tree as TeX, in brackets if its precedence is lower than ``least``."""
    body, level = _tex(node)
    return body if level >= least else f"\\left({body}\\right)"


def _tex(node: Node) -> tuple[str, int]:
    """(TeX, precedence)."""
    args = node.args
    match node.kind:
        case "number":
            text = f"{node.value:.10g}"
            if "e" not in text:
                return text, _ATOM
            mantissa, _, exponent = text.partition("e")
            return f"{mantissa}\\cdot 10^{{{int(exponent)}}}", 2
        case "name":
            return _NAMES.get(node.name, node.name), _ATOM
        case "sign":
            return f"{node.name}{tex(args[0], 2)}", 1
        case "component":
            return f"{tex(args[0], _ATOM)}^{{({int(node.value) + 1})}}", 3
        case "vector":
            return "\\left(" + ",\\; ".join(tex(arg) for arg in args) + "\\right)", _ATOM
        case "call":
            return _call(node), 3
        case _:
            return _operation(node), _LEVEL[_symbol(node)]


def _symbol(node: Node) -> str:
    return "^" if node.name in ("^", "**") else node.name


def _operation(node: Node) -> str:
    left, right = node.args
    match _symbol(node):
        case "/":
            return f"\\frac{{{tex(left)}}}{{{tex(right)}}}"
        case "^":
            return f"{tex(left, _ATOM)}^{{{tex(right)}}}"
        case "*":
            dot = "\\cdot " if right.kind == "number" else "\\,"
            return f"{tex(left, 2)}{dot}{tex(right, 2)}"
        case symbol:
            return f"{tex(left, 1)} {symbol} {tex(right, 2 if symbol == '-' else 1)}"


def _call(node: Node) -> str:
    inside = ",\\, ".join(tex(arg) for arg in node.args)
    match node.name:
        case "sqrt":
            return f"\\sqrt{{{inside}}}"
        case "abs":
            return f"\\left|{inside}\\right|"
        case "norm":
            return f"\\left\\|{inside}\\right\\|"
        case "rot":
            return f"R\\left({inside}\\right)"
        case "dot":
            left, right = (tex(arg, 2) for arg in node.args)
            return f"\\left\\langle {left},\\, {right}\\right\\rangle"
        case name if name in _CALLS:
            return f"\\{name}\\left({inside}\\right)"
        case name:
            return f"\\operatorname{{{name}}}\\left({inside}\\right)"
