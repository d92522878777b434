"""Whether a formula acts on each coordinate by itself, from its syntax tree."""

from __future__ import annotations

from flowviz.core.formula.grammar import Node

_MIXING = frozenset({"norm", "dot", "rot"})
"""Functions of several coordinates at once."""


def elementwise(tree: Node) -> bool:
    """Whether coordinate j of the value contains coordinate j of its vectors only.

    The answer "elementwise" is always right; vectors written out by coordinates are not analysed.
    """
    if tree.kind in ("component", "vector") or tree.name in _MIXING:
        return False
    return all(elementwise(arg) for arg in tree.args)
