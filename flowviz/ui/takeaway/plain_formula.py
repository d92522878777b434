"""A typed formula as a NumPy expression, for d = 1: written from its syntax tree, never its text.

Only names of the grammar, numbers by ``repr`` and the functions of this table can occur in it.
"""

from __future__ import annotations

from collections.abc import Mapping

from flowviz.core.formula import Formula, parse
from flowviz.core.formula.functions import CONSTANTS
from flowviz.core.formula.grammar import Node

FUNCTIONS = {
    "sin": "np.sin({0})",
    "cos": "np.cos({0})",
    "tan": "np.tan({0})",
    "exp": "np.exp({0})",
    "log": "np.log({0})",
    "sqrt": "np.sqrt({0})",
    "tanh": "np.tanh({0})",
    "sinh": "np.sinh({0})",
    "cosh": "np.cosh({0})",
    "abs": "np.abs({0})",
    "sign": "np.sign({0})",
    "erf": "special.erf({0})",
    "atan2": "np.arctan2({0}, {1})",
    "min": "np.minimum({0}, {1})",
    "max": "np.maximum({0}, {1})",
    "clip": "np.minimum(np.maximum({0}, {1}), {2})",
    "norm": "np.abs({0})",
    "dot": "({0} * {1})",
}
"""For a number; ``rot`` is not among them, as it needs a plane."""

_VARIABLES = ("x", "x0", "x1", "t")


def parsed(text: str, role: str) -> Formula:
    """The formula of a text, by the grammar.

    Raises:
        FormulaError: where it is none.
    """
    return parse(text, role)


def numpy_source(node: Node, letters: Mapping[str, float]) -> str:
    """A NumPy expression with the value of the tree, for d = 1.

    Args:
        node: the tree.
        letters: values of its letters.

    Raises:
        ValueError: for what has no value on the line.
    """
    args = [numpy_source(arg, letters) for arg in node.args]
    match node.kind:
        case "number":
            return repr(float(node.value))
        case "name" if node.name in _VARIABLES:
            return node.name
        case "name":
            return repr(float((CONSTANTS | dict(letters))[node.name]))
        case "sign":
            return f"({'-' if node.name == '-' else '+'}{args[0]})"
        case "binary" if node.name in "+-*/^":
            return f"({args[0]} {'**' if node.name == '^' else node.name} {args[1]})"
        case "component" | "vector" if len(args) == 1:
            return args[0]
        case "call" if node.name in FUNCTIONS:
            return _call(FUNCTIONS[node.name], node.name, args)
    raise ValueError(f"{node.kind} {node.name} has no value for d = 1")


def _call(template: str, name: str, args: list[str]) -> str:
    if name not in ("min", "max"):
        return template.format(*args)
    first, *rest = args
    for arg in rest:
        first = template.format(first, arg)
    return first
