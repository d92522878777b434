"""From syntax trees to torch: closures that compute a formula for arrays of pairs.

Every value has one of three kinds, determined before anything is computed: a *number* for each
pair, (..., 1); a *vector*, (..., d); or a scaled *rotation*, which may only multiply. Functions of
one number act on each component of a vector. For d = 1 a vector is a number.

Subtrees without variables are computed once, here, so that an undefined constant is an error at its
column.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, NoReturn

import torch
from torch import Tensor

from flowviz.core.formula.functions import CONSTANTS, FUNCTIONS, power
from flowviz.core.formula.grammar import FormulaError, Node

MAX_EXPONENT = 64.0

NUMBER, VECTOR, ROTATION = "number", "vector", "rotation"

Values = Mapping[str, Tensor]


@dataclass(frozen=True)
class _Compiled:
    """A compiled subtree: its kind, the function, and its value if that is constant."""

    kind: str
    run: Callable[[Values], Any]
    constant: float | None = None

    def tensor(self) -> Callable[[Values], Tensor]:
        """The same function with tensors as values, as torch functions need."""
        if self.constant is None:
            return self.run
        value = torch.tensor(self.constant, dtype=torch.float64)
        return lambda values: value


def _constant(value: float, column: int) -> _Compiled:
    if not math.isfinite(value):
        raise FormulaError("undefined", column)
    return _Compiled(NUMBER, lambda values: value, value)


@dataclass(frozen=True)
class Compiler:
    """Compiles trees for dimension d.

    Args:
        d: the dimension.
        kinds: name of each variable -> its kind.
        letters: the value of each free letter.
    """

    d: int
    kinds: Mapping[str, str]
    letters: Mapping[str, float]

    def compile(self, node: Node, result: str) -> Callable[[Values], Tensor]:
        """The formula as a function of its variables, (..., d) or (..., 1).

        Its value has the variables' broadcast shape and dtype, also if it contains none of them.

        Args:
            node: the tree.
            result: the kind its value must have, ``NUMBER`` or ``VECTOR``.

        Raises:
            FormulaError: where kinds, components or constants do not fit.
        """
        compiled = self._subtree(node)
        if compiled.kind != (NUMBER if self.d == 1 else result):
            raise FormulaError("result", node.column, {"found": compiled.kind, "wanted": result})
        run, width = compiled.tensor(), self.d if result == VECTOR else 1

        def value(values: Values) -> Tensor:
            shape = torch.broadcast_shapes(*(v.shape[:-1] for v in values.values()))
            return run(values).to(next(iter(values.values()))).expand(*shape, width)

        return value

    def _subtree(self, node: Node) -> _Compiled:
        args = [self._subtree(arg) for arg in node.args]
        compiled: _Compiled = getattr(self, f"_{node.kind}")(node, *args)
        if args and compiled.kind == NUMBER and all(arg.constant is not None for arg in args):
            return _constant(float(compiled.run({})), node.column)
        return compiled

    def _number(self, node: Node) -> _Compiled:
        return _constant(node.value, node.column)

    def _name(self, node: Node) -> _Compiled:
        name = node.name
        if name in self.kinds:
            kind = NUMBER if self.d == 1 else self.kinds[name]
            return _Compiled(kind, lambda values: values[name])
        value = CONSTANTS[name] if name in CONSTANTS else float(self.letters[name])
        return _constant(value, node.column)

    def _sign(self, node: Node, arg: _Compiled) -> _Compiled:
        if node.name == "+":
            return arg
        run = arg.run
        if arg.kind == ROTATION:
            return _Compiled(ROTATION, lambda values: tuple(-v for v in run(values)))
        return _Compiled(arg.kind, lambda values: -run(values))

    def _component(self, node: Node, arg: _Compiled) -> _Compiled:
        index, run = int(node.value), arg.tensor()
        if arg.kind == ROTATION or (self.d > 1 and arg.kind != VECTOR):
            self._refuse(node, "vector", found=arg.kind)
        if index >= self.d:
            self._refuse(node, "index", token=index, last=self.d - 1)
        return (
            arg if self.d == 1 else _Compiled(NUMBER, lambda values: run(values)[..., index, None])
        )

    def _vector(self, node: Node, *args: _Compiled) -> _Compiled:
        if len(args) != self.d:
            self._refuse(node, "parts", n=len(args), d=self.d)
        if any(arg.kind != NUMBER for arg in args):
            self._refuse(node, "number", found=_not(NUMBER, args))
        if self.d == 1:
            return args[0]
        runs = [arg.tensor() for arg in args]

        def run(values: Values) -> Tensor:
            components = [run(values) for run in runs]
            shape = torch.broadcast_shapes((1,), *(v.shape for v in components))
            # Constants take the dtype of the variables.
            dtype = next(iter(values.values())).dtype if values else torch.float64
            return torch.cat([v.to(dtype).expand(shape) for v in components], dim=-1)

        return _Compiled(VECTOR, run)

    def _binary(self, node: Node, left: _Compiled, right: _Compiled) -> _Compiled:
        if ROTATION in (left.kind, right.kind):
            return self._rotated(node, left, right)
        kind = VECTOR if VECTOR in (left.kind, right.kind) else NUMBER
        f, g = left.run, right.run
        match node.name:
            case "+":
                return _Compiled(kind, lambda values: f(values) + g(values))
            case "-":
                return _Compiled(kind, lambda values: f(values) - g(values))
            case "*":
                return _Compiled(kind, lambda values: f(values) * g(values))
            case "/":
                return self._quotient(node, kind, left, right)
            case _:
                return self._power(node, left, right)

    def _quotient(self, node: Node, kind: str, left: _Compiled, right: _Compiled) -> _Compiled:
        f, g = left.run, right.run
        if right.constant == 0:
            self._refuse(node, "undefined")
        return _Compiled(kind, lambda values: f(values) / g(values))

    def _power(self, node: Node, base: _Compiled, exponent: _Compiled) -> _Compiled:
        if exponent.kind != NUMBER:
            self._refuse(node, "number", found=exponent.kind)
        value = exponent.constant
        if value is not None and abs(value) > MAX_EXPONENT:
            self._refuse(node, "exponent", value=value, limit=MAX_EXPONENT)
        f, g = base.tensor(), exponent.run
        return _Compiled(base.kind, lambda values: power(f(values), g(values)))

    def _rotated(self, node: Node, left: _Compiled, right: _Compiled) -> _Compiled:
        """Rotations multiply vectors, numbers and each other, as complex numbers do."""
        f, g = left.run, right.run
        match node.name, left.kind, right.kind:
            case "*", "rotation", "vector":
                return _Compiled(VECTOR, lambda values: _rotate(f(values), g(values)))
            case "*", "rotation", "rotation":
                return _Compiled(ROTATION, lambda values: _product(f(values), g(values)))
            case "*", "rotation", "number":
                return _Compiled(ROTATION, lambda values: _scaled(f(values), g(values)))
            case "*", "number", "rotation":
                return _Compiled(ROTATION, lambda values: _scaled(g(values), f(values)))
            case _:
                return self._refuse(node, "rotation")

    def _call(self, node: Node, *args: _Compiled) -> _Compiled:
        kinds = [arg.kind for arg in args]
        if ROTATION in kinds:
            self._refuse(node, "rotation")
        if node.name == "rot":
            return self._rotation(node, args[0])
        function: Callable[..., Tensor] = FUNCTIONS[node.name].run
        runs = [arg.tensor() for arg in args]
        kind = VECTOR if VECTOR in kinds else NUMBER
        if node.name in ("norm", "dot"):
            if self.d > 1 and NUMBER in kinds:
                self._refuse(node, "vector", found=NUMBER)
            if self.d == 1:  # numbers may lack the axis of the sum
                function = torch.abs if node.name == "norm" else _times
            kind = NUMBER
        if len(runs) == 1:  # the common case, faster without a list
            run = runs[0]
            return _Compiled(kind, lambda values: function(run(values)))
        return _Compiled(kind, lambda values: function(*[run(values) for run in runs]))

    def _rotation(self, node: Node, angle: _Compiled) -> _Compiled:
        if self.d != 2:
            self._refuse(node, "plane", d=self.d)
        if angle.kind != NUMBER:
            self._refuse(node, "number", found=angle.kind)
        run = angle.tensor()

        def cos_sin(values: Values) -> tuple[Tensor, Tensor]:
            theta = run(values)
            return torch.cos(theta), torch.sin(theta)

        return _Compiled(ROTATION, cos_sin)

    def _refuse(self, node: Node, code: str, **values: Any) -> NoReturn:
        raise FormulaError(code, node.column, {"token": node.name or "[ ]", **values})


def _not(kind: str, compiled: tuple[_Compiled, ...]) -> str:
    return next(compiled.kind for compiled in compiled if compiled.kind != kind)


def _times(u: Tensor, v: Tensor) -> Tensor:
    return u * v


def _rotate(rotation: tuple[Any, Any], v: Tensor) -> Tensor:
    c, s = rotation
    x, y = v[..., :1], v[..., 1:]
    return torch.cat(torch.broadcast_tensors(c * x - s * y, s * x + c * y), dim=-1)


def _product(left: tuple[Any, Any], right: tuple[Any, Any]) -> tuple[Any, Any]:
    (a, b), (c, s) = left, right
    return a * c - b * s, a * s + b * c


def _scaled(rotation: tuple[Any, Any], factor: Any) -> tuple[Any, Any]:
    return rotation[0] * factor, rotation[1] * factor


def names(node: Node) -> list[Node]:
    """Every name and call of a tree, from left to right."""
    here = [node] if node.kind in ("name", "call") else []
    below = reduce(lambda found, arg: found + names(arg), node.args, list[Node]())
    return here + below
