"""Families given by typed formulas: ψ or φ, or μ and σ (``formula`` has the language)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from flowviz.core.formula import Formula, FormulaError, parse
from flowviz.core.formula.affine import affine
from flowviz.core.formula.elementwise import elementwise
from flowviz.core.numerics.jacobians import solve
from flowviz.core.paths.base import FAR_OUT, Affine, Path, pairs, per_pair
from flowviz.core.paths.implicit import ByForward, ByInverse
from flowviz.core.priors.base import require
from flowviz.core.schedules import Schedule

Letters = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class _TypedMap:
    """ψ or φ as typed, and what its formula says of it."""

    formula: Formula
    letters: Letters = ()
    variable: ClassVar[str]

    @property
    def affine_in_x1(self) -> bool:
        return affine(self.formula.tree, self.variable)

    @property
    def affine_in_both(self) -> bool:
        return self.affine_in_x1 and affine(self.formula.tree, "x0")

    @property
    def elementwise(self) -> bool:
        return elementwise(self.formula.tree)

    def _value(self, z: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        """For the variable z, (Q, d) or (Q, N, d)."""
        values = {self.variable: pairs(z), "x0": x0, "t": _last(per_pair(t))}
        return self.formula.compile(x0.shape[-1], dict(self.letters))(values)


@dataclass(frozen=True)
class TypedForward(_TypedMap, ByForward):
    """x = ψ_t(x₁|x₀) as typed."""

    variable: ClassVar[str] = "x1"

    def forward(self, x1: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return self._value(x1, x0, t)

    def inverse(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        if self.affine_in_x1 and x0.shape[-1] > 1:
            return _linear_solve(self.forward, x, x0, t)
        return super().inverse(x, x0, t)


@dataclass(frozen=True)
class TypedInverse(_TypedMap, ByInverse):
    """x₁ = φ_t(x|x₀) as typed."""

    variable: ClassVar[str] = "x"

    def inverse(self, x: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        return self._value(x, x0, t)

    def forward(self, x1: Tensor, x0: Tensor, t: Tensor) -> Tensor:
        if self.affine_in_x1 and x0.shape[-1] > 1:
            positive = torch.where(t == 0, torch.ones_like(t), t)
            x = _linear_solve(self.inverse, x1, x0, positive)
            return torch.where(per_pair(t) == 0, x0.expand_as(x), x)
        return super().forward(x1, x0, t)


@dataclass(frozen=True)
class TypedSchedule(Schedule):
    """σ_t as typed, with α_t = 1 - t."""

    formula: Formula
    letters: Letters = ()

    def __call__(self, t: Tensor) -> tuple[Tensor, Tensor]:
        return 1.0 - t, self.formula.compile(1, dict(self.letters))({"t": t[..., None]})[..., 0]


@dataclass(frozen=True)
class TypedMean:
    """μ_t(x₀) as typed."""

    formula: Formula
    letters: Letters = ()

    @property
    def affine(self) -> bool:
        """Whether μ_t(x₀) = α_t x₀ + β_t."""
        return affine(self.formula.tree, "x0")

    def __call__(self, x0: Tensor, t: Tensor) -> Tensor:
        values = {"x0": x0, "t": _last(t)}
        return self.formula.compile(x0.shape[-1], dict(self.letters))(values)


def _linear_solve(
    function: Callable[[Tensor, Tensor, Tensor], Tensor], y: Tensor, x0: Tensor, t: Tensor
) -> Tensor:
    """The z with A_t z + m_t(x₀) = y, (Q, N, d), of an affine function (z, x₀, t)."""
    d = x0.shape[-1]
    base = x0[..., :1, :]
    origin = function(x0.new_zeros(1, 1, d), x0, t)
    columns = [
        function(unit[None, None], base, t) / FAR_OUT
        for unit in FAR_OUT * torch.eye(d, dtype=x0.dtype, device=x0.device)
    ]
    matrix, gap = torch.stack(columns, dim=-1), pairs(y) - origin
    return solve(matrix.expand(*gap.shape, d), gap)


def _last(t: Tensor) -> Tensor:
    """Times with a last axis of 1, as formulas need."""
    return t[None] if t.dim() == 0 else t


def formula(
    forward: str | None = None,
    inverse: str | None = None,
    mu: str | None = None,
    sigma: str | None = None,
    parameters: Mapping[str, float] | None = None,
    d: int | None = None,
) -> Path:
    """A family given by formulas: ψ, or φ, or μ and σ.

    Args:
        forward: x = ψ_t(x₁|x₀), in x1, x0, t.
        inverse: x₁ = φ_t(x|x₀), in x, x0, t.
        mu: μ_t(x₀), in x0, t; (1-t)*x0 when only sigma is given.
        sigma: σ_t, in t; t when only mu is given.
        parameters: values of the letters, 1 by default; letters that do not occur are ignored, so
            that one mapping can be kept while a text is edited.
        d: the dimension to check it for; by default it must be defined for d = 1 or 2.

    Raises:
        FormulaError: for an invalid formula.
        ValueError: unless exactly one of forward, inverse and (mu, sigma) is given.
    """
    means = mu is not None or sigma is not None
    given = [forward is not None, inverse is not None, means]
    require(sum(given) == 1, "give one of: forward, inverse, or mu and sigma")
    if forward is not None:
        return TypedForward(*_read(forward, "forward", parameters, d))
    if inverse is not None:
        return TypedInverse(*_read(inverse, "inverse", parameters, d))
    return Affine(
        TypedSchedule(*_read(sigma or "t", "sigma", parameters, 1)),
        TypedMean(*_read(mu or "(1-t)*x0", "mu", parameters, d)),
    )


def _read(
    text: str, role: str, parameters: Mapping[str, float] | None, d: int | None
) -> tuple[Formula, Letters]:
    """The formula, checked for its dimension, and the values of its letters."""
    read, given = parse(text, role), parameters or {}
    letters = tuple((name, float(given.get(name, 1.0))) for name in read.letters)
    dimensions = (d,) if d is not None else (1, 2)
    for last, dimension in enumerate(dimensions, 1):
        try:
            read.compile(dimension, dict(letters))
        except FormulaError:
            if last == len(dimensions):
                raise
        else:
            break
    return read, letters
