"""A family as a visitor typed it: which map is given, its formula, and the letters' values.

Its link form is ``1~forward~(1-t)*x0+t*x1+a*t*(1-t)~~a=0.5``: version, kind, formula, formula of σ
(for μ and σ), letters. A formula cannot contain a ``~``, so nothing has to be escaped beyond the
link's percent-encoding. A text is parsed by the grammar of `flowviz.core.formula` and never passed
to Python's ``eval``, so that a hostile link can do no harm.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, get_args

from flowviz.core.formula import FormulaError
from flowviz.scene.decimals import decimal_text, parse_decimal, snap_fine
from flowviz.scene.notation import plain_formula
from flowviz.text import Message, Refusal, excerpt

if TYPE_CHECKING:
    from flowviz.core.paths import Path

Kind = Literal["forward", "inverse", "mean"]
KINDS: tuple[Kind, ...] = get_args(Kind)

MARK = "1"
MAX_LETTER = 100.0
MAX_TEXT = 2_000  # characters of a formula that reach the parser, whose own limit is smaller
_FIELDS = 5  # of the link form
_LEAST_FIELDS = 3  # as typed by hand: mark, kind and formula


@dataclass(frozen=True)
class Typed:
    """A typed family.

    Attributes:
        kind: ``forward`` for x = ψ_t(x₁|x₀), ``inverse`` for x₁ = φ_t(x|x₀), ``mean`` for μ and σ.
        text: the formula of ψ, φ or μ.
        sigma: the formula of σ_t, for ``mean`` only.
        letters: (name, value) of each free letter.
    """

    kind: Kind = "forward"
    text: str = "(1-t)*x0 + t*x1"
    sigma: str = ""
    letters: tuple[tuple[str, float], ...] = ()

    @property
    def link(self) -> str:
        """The link form, which ``from_link`` parses."""
        letters = ",".join(f"{name}={decimal_text(value)}" for name, value in self.letters)
        return "~".join((MARK, self.kind, self.text, self.sigma, letters))

    @classmethod
    def from_link(cls, text: str) -> Typed:
        """Parse a link form, without parsing its formulas; ``checked`` does that.

        Raises:
            Refusal: if the text is not a link form.
        """
        values = plain_formula(text).split("~")
        if not _LEAST_FIELDS <= len(values) <= _FIELDS or values[1] not in KINDS:
            raise Refusal("error.formula.link", token=excerpt(text), kinds=", ".join(KINDS))
        mark, kind, body, sigma, letters = [*values, "", ""][:_FIELDS]
        if mark != MARK:
            raise Refusal("error.formula.mark", token=excerpt(mark), current=MARK)
        return cls(_kind(kind), body, sigma, tuple(map(_letter, filter(None, letters.split(",")))))

    def left_out(self, kept: Typed) -> list[Message]:
        """A sentence for each part of a link form that ``kept``, the same family checked, lacks."""
        given = dict(self.letters)
        values = Counter(name for name, _ in set(self.letters))
        said = [
            Message("notice.formula.twice", letter=name, value=given[name])
            for name, n in values.items()
            if n > 1 and name in dict(kept.letters)
        ]
        unused = sorted(given.keys() - dict(kept.letters).keys())
        if unused:
            said.append(Message("notice.formula.unused", letters=excerpt(", ".join(unused))))
        if self.sigma and self.kind != "mean":
            said.append(Message("notice.formula.sigma", token=excerpt(self.sigma)))
        return said

    def checked(self, d: int) -> Typed:
        """The same family with single spaces and only the letters that its formulas contain.

        Letters without a value are 1.

        Raises:
            Refusal: for a formula that cannot be parsed or used in d dimensions, with the column.
        """
        return _checked(self, d)

    def path(self, d: int) -> Path:
        """The family in d dimensions.

        Raises:
            Refusal: as for ``checked``.
        """
        from flowviz.core.formula import FormulaError
        from flowviz.core.paths.typed import formula

        letters = dict(self.letters)
        try:
            if self.kind == "mean":
                return formula(mu=self.text, sigma=self.sigma or "t", parameters=letters, d=d)
            return formula(**{self.kind: self.text}, parameters=letters, d=d)
        except FormulaError as error:
            raise refusal(error) from error


@lru_cache(maxsize=256)
def _checked(typed: Typed, d: int) -> Typed:
    from flowviz.core.formula import FormulaError, parse
    from flowviz.core.paths.base import Affine
    from flowviz.core.schedules import require_sigma

    tidy = Typed(
        typed.kind,
        _tidy(typed.text),
        _tidy(typed.sigma) if typed.kind == "mean" else "",
        tuple((name, _bounded(name, value)) for name, value in typed.letters),
    )
    roles = {"mean": ("mu", "sigma")}.get(tidy.kind, (tidy.kind,))
    texts = (tidy.text, tidy.sigma or "t")
    path = tidy.path(d)  # raises Refusal
    try:
        if isinstance(path, Affine):
            require_sigma(lambda t: path.schedule(t)[1])
        parsed = [parse(text, role) for role, text in zip(roles, texts, strict=False)]
    except FormulaError as error:
        raise refusal(error) from error
    used = {name for one in parsed for name in one.letters}
    given = dict(tidy.letters)
    letters = tuple((name, given.get(name, 1.0)) for name in sorted(used))
    return Typed(tidy.kind, tidy.text, tidy.sigma, letters)


def _tidy(text: str) -> str:
    """The text in the grammar's signs: t² is t^2, and an input method's （ is (."""
    return plain_formula(text[: MAX_TEXT + 1])


def _kind(text: str) -> Kind:
    return next(kind for kind in KINDS if kind == text)


def _letter(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    number = parse_decimal(value)
    if len(name.strip()) != 1 or number is None or abs(number) > MAX_LETTER:
        raise Refusal("error.formula.letter", token=excerpt(text), limit=MAX_LETTER)
    return name.strip(), number


def _bounded(name: str, value: float) -> float:
    if not abs(value) <= MAX_LETTER:
        raise Refusal("error.formula.letter", token=excerpt(f"{name}={value:g}"), limit=MAX_LETTER)
    return snap_fine(value)


def refusal(error: FormulaError) -> Refusal:
    """The refusal with the error's sentence in both languages, and its column in the text."""
    values = {name: _formatted(name, value) for name, value in error.values.items()}
    where = Message("where.column", n=error.column)
    return Refusal(f"error.formula.{error.code}", where=where, **values)


def _formatted(name: str, value: object) -> object:
    """An error's value for its sentence: a type's name is translated, typed text is shortened."""
    if name in ("found", "wanted") and value in _TYPES:
        return Message(f"formula.is.{value}")
    return excerpt(value) if isinstance(value, str) and name == "token" else value


_TYPES = ("number", "vector", "rotation")
