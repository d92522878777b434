"""A refused formula in the reader's language."""

from __future__ import annotations

from flowviz.core.formula import FormulaError
from flowviz.text import Message, Refusal, excerpt


def refusal(error: FormulaError) -> Refusal:
    """The same refusal with its sentence in both languages and its place in the text."""
    values = {name: _said(name, value) for name, value in error.values.items()}
    where = Message("where.column", n=error.column)
    return Refusal(f"error.formula.{error.code}", where=where, **values)


def _said(name: str, value: object) -> object:
    """A value as a sentence holds it: kinds have their own words, what was typed is cut short."""
    if name in ("found", "wanted") and value in _KINDS:
        return Message(f"formula.is.{value}")
    return excerpt(value) if isinstance(value, str) and name == "token" else value


_KINDS = ("number", "vector", "rotation")
