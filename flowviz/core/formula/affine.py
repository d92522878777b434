"""Whether a formula is A_t v + m_t(x₀) in one of its variables, from its syntax tree.

Factors of v may depend on t and letters only: then the matrix A_t is the same for all data points.
The answer "affine" is always right; an affine formula in another form (v²/v) may not be recognised.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowviz.core.formula.grammar import Node


@dataclass(frozen=True)
class _Dependence:
    """Degree of a subtree in the variable, 2 for more than affine; whether it contains x₀."""

    degree: int
    data: bool


def affine(tree: Node, variable: str) -> bool:
    """Whether the value is A_t v + m_t(x₀), v the variable of that name."""
    return _dependence(tree, variable).degree == 1


def _dependence(node: Node, variable: str) -> _Dependence:
    if node.kind == "name":
        return _Dependence(int(node.name == variable), node.name == "x0")
    args = [_dependence(arg, variable) for arg in node.args]
    degree = max((arg.degree for arg in args), default=0)
    data = any(arg.data for arg in args)
    if degree == 1:
        degree = _degree(node, args)
    return _Dependence(degree, data)


def _degree(node: Node, args: list[_Dependence]) -> int:
    """The degree of a node whose arguments are affine or constant."""
    if node.kind in ("sign", "component", "vector"):
        return 1
    if node.kind != "binary":
        return 2
    left, right = args
    match node.name:
        case "+" | "-":
            return 1
        case "*":
            factor = right if left.degree else left
            return 2 if factor.degree or factor.data else 1
        case "/":
            return 2 if right.degree or right.data else 1
        case _:
            return 2
