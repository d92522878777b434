"""Typed formulas for trajectory families and schedules.

    (1-t)*x0 + t*x1 + a*t*(1-t)*sin(3*x0)            rot(b*(1-t))*(x - x0)/t + x0

*Names.* ``x0`` the data point, ``x1`` the endpoint, ``x`` the position, ``t`` the time; ``pi`` and
``e``; any other lower-case letter is a parameter, with the default 1.
*Operators.* ``+ - * /`` and ``^`` or ``**``; multiplication needs a ``*``.
*Functions.* sin cos tan exp log sqrt tanh sinh cosh abs sign erf, atan2(y, x), min, max,
clip(value, low, high), norm(v), dot(u, v), and rot(angle), which rotates the vector that it
multiplies.
*Vectors.* ``x0[0]`` and ``x0[1]`` are components, ``[a, b]`` is a vector, and a function of a
number acts on each component.

A formula is parsed by a grammar (``formula.grammar``) and compiled to torch (``formula.compile``);
it is never evaluated as Python. Its length, size, depth, constants and constant exponents are
bounded, so that a hostile text costs no more than an error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from torch import Tensor

from flowviz.core.formula.compile import NUMBER, VECTOR, Compiler, Values, names
from flowviz.core.formula.functions import CONSTANTS, FUNCTIONS
from flowviz.core.formula.grammar import MAX_CONSTANT, MAX_LENGTH, FormulaError, Node, read

__all__ = ["MAX_LETTERS", "ROLES", "Formula", "FormulaError", "Role", "parse"]

MAX_LETTERS = 8


@dataclass(frozen=True)
class Role:
    """The use of a formula: the variables it may contain and the kind of its value."""

    variables: tuple[str, ...]
    result: str = VECTOR


ROLES: dict[str, Role] = {
    "forward": Role(("x1", "x0", "t")),  # the position x
    "inverse": Role(("x", "x0", "t")),  # the endpoint x1
    "mu": Role(("x0", "t")),
    "sigma": Role(("t",), NUMBER),
    "alpha": Role(("t",), NUMBER),
}

_KINDS = {"x": VECTOR, "x0": VECTOR, "x1": VECTOR, "t": NUMBER}


@dataclass(frozen=True)
class Formula:
    """A parsed formula: its text, its role and the parameters (``letters``) in it.

    Formulas with equal text and role are equal.
    """

    text: str
    role: str
    letters: tuple[str, ...] = field(compare=False)
    tree: Node = field(compare=False, repr=False)

    def compile(
        self, d: int, parameters: Mapping[str, float] | None = None
    ) -> Callable[[Values], Tensor]:
        """The formula as a function of its variables in dimension d.

        Args:
            d: the dimension.
            parameters: values of the letters; 1 by default.

        Returns:
            A function of {"x0": (..., d), "t": (..., 1), …} that broadcasts them against each
            other; the last axis of its value is d, or 1 for a number.

        Raises:
            FormulaError: where kinds, components or constants do not fit d.
            ValueError: for a parameter that is not a letter of the formula, or not finite.
        """
        given = dict(parameters or {})
        for name, value in given.items():
            if name not in self.letters:
                raise ValueError(f"the formula has no letter {name!r}; it has {self.letters}")
            if not (math.isfinite(value) and abs(value) <= MAX_CONSTANT):
                raise ValueError(f"{name} must lie within ±{MAX_CONSTANT:g}, got {value!r}")
        filled = tuple((letter, float(given.get(letter, 1.0))) for letter in self.letters)
        return _compiled(self, d, filled)

    def fits(self, d: int) -> bool:
        """Whether the formula can be compiled for dimension d."""
        try:
            self.compile(d)
        except FormulaError:
            return False
        return True


@lru_cache(maxsize=256)
def _compiled(
    formula: Formula, d: int, letters: tuple[tuple[str, float], ...]
) -> Callable[[Values], Tensor]:
    role = ROLES[formula.role]
    kinds = {name: _KINDS[name] for name in role.variables}
    return Compiler(d, kinds, dict(letters)).compile(formula.tree, role.result)


def parse(text: str, role: str) -> Formula:
    """Parse a formula.

    Args:
        text: at most 256 characters.
        role: a key of `ROLES`.

    Raises:
        FormulaError: with a code, the character and the placeholders of the message.
    """
    variables = ROLES[role].variables
    if not text.strip() and len(text) <= MAX_LENGTH:
        raise FormulaError("empty", 1, {"names": ", ".join(variables)})
    tree = read(text)
    letters: dict[str, None] = {}
    for node in names(tree):
        if node.kind == "call":
            _require_function(node)
        elif _is_letter(node, variables):
            letters[node.name] = None
            if len(letters) > MAX_LETTERS:
                raise FormulaError("letters", node.column, {"limit": MAX_LETTERS})
    return Formula(text, role, tuple(sorted(letters)), tree)


def _require_function(node: Node) -> None:
    """Check a call's name and number of arguments."""
    function = FUNCTIONS.get(node.name)
    if function is None:
        is_name = node.name in _KINDS or node.name in CONSTANTS or len(node.name) == 1
        values = {"token": node.name, "names": ", ".join(FUNCTIONS)}
        raise FormulaError("times" if is_name else "function", node.column, values)
    n = len(node.args)
    if not function.least <= n <= function.most:
        wanted = (
            f"{function.least}"
            if function.least == function.most
            else f"{function.least}-{function.most}"
        )
        raise FormulaError("arity", node.column, {"token": node.name, "wanted": wanted, "n": n})


def _is_letter(node: Node, variables: tuple[str, ...]) -> bool:
    """Whether a name is a parameter; raises FormulaError for an unknown name."""
    name = node.name
    if name in variables or name in CONSTANTS:
        return False
    values = {"token": name, "names": ", ".join(variables)}
    if name in _KINDS:
        raise FormulaError("variable", node.column, values)
    if name in FUNCTIONS:
        raise FormulaError("bare", node.column, values)
    if len(name) > 1 or not name.islower():
        raise FormulaError("name", node.column, values)
    return True
