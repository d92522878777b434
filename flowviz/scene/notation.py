"""Formulas as people write and copy them, in the signs of the grammar.

``1−t``, ``t²``, ``2x₀``, ``t·x1`` and full-width signs become ``1-t``, ``t^2``, ``2*x0``, ``t*x1``.
Only what can mean one thing is rewritten: ``1/2x0`` is left for the grammar to refuse.
"""

from __future__ import annotations

import re

from flowviz.scene.decimals import to_ascii

_RAISED = "⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹"
_RAISED_RUN = re.compile(f"[{_RAISED}]+")
_FROM_RAISED = str.maketrans(_RAISED, "+-0123456789")
_SIGNS = str.maketrans({"·": "*", "⋅": "*", "∙": "*", "•": "*", "÷": "/", "∕": "/", "π": "pi"})
_FACTOR = re.compile(
    r"(?<![\w.\]/^])(?P<number>(?>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?))\s?(?=[A-Za-z(])"
)


def plain_formula(text: str) -> str:
    """The formula in ASCII, with single blanks; time is linear in its length."""
    raised = _RAISED_RUN.sub(_power, text)
    plain = to_ascii(raised.translate(_FROM_RAISED).translate(_SIGNS))
    return " ".join(_FACTOR.sub(_times, plain).split())


def _power(match: re.Match[str]) -> str:
    digits = match[0] if len(match[0]) == 1 else f"({match[0]})"
    follows = match.string[match.end() : match.end() + 2].lstrip()[:1]
    return f"^{digits}*" if follows.isalpha() or follows == "(" else f"^{digits}"


def _times(match: re.Match[str]) -> str:
    before = match.string[: match.start()].rstrip()
    divides = before.endswith(("/", "^", "**"))
    return match[0] if divides else f"{match['number']}*"
