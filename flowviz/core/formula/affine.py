"""Whether a formula is A_t v + m_t(x₀) in one of its variables, read off its tree.

What multiplies v may depend on t and letters alone: then the matrix A_t is the same for all data
points. The reading is strict: what it calls affine is; an affine formula in disguise (v²/v) may be
taken for another.
"""

from __future__ import annotations

from dataclasses import dataclass

from flowviz.core.formula.grammar import Node


@dataclass(frozen=True)
class _Use:
    """How a part uses the variable, ``degree`` 0, 1 or 2 for more; and whether it uses x₀."""

    degree: int
    data: bool


def affine(tree: Node, variable: str) -> bool:
    """Whether the value is A_t v + m_t(x₀), v the variable of that name."""
    return _use(tree, variable).degree == 1


def _use(node: Node, variable: str) -> _Use:
    if node.kind == "name":
        return _Use(int(node.name == variable), node.name == "x0")
    parts = [_use(arg, variable) for arg in node.args]
    degree = max((part.degree for part in parts), default=0)
    data = any(part.data for part in parts)
    if degree == 1:
        degree = _degree(node, parts)
    return _Use(degree, data)


def _degree(node: Node, parts: list[_Use]) -> int:
    """The degree of a part that is made of affine ones."""
    if node.kind in ("sign", "component", "vector"):
        return 1
    if node.kind != "binary":
        return 2
    left, right = parts
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
