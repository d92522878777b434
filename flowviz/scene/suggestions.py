"""The nearest valid formula to one that is refused: what researchers type first, put right.

A typed schedule (α, σ) is recognised by its values at a few times, never by its text:

- *reversed*: α rises from 0 and σ falls to 0: flow-matching papers' time is our 1 - t;
- *exploding*: α stays at 1 (variance exploding): no finite prior is reached, but divided by α + σ
  the same flow is the straight line (a lens);
- *blurred*: σ_0 = s > 0 (optimal transport with σ_min): it ends on blurred points;
- *remains*: α_1 ≠ 0: some of the data is still in the prior;
- *scaled*: it begins or ends elsewhere.

The last three are put right by moving each curve's ends, (α - α_1)/(α_0 - α_1) and
(σ - σ_0)/(σ_1 - σ_0). A ``*`` that is missing, as in t(1-t), is put in first. What is suggested is
checked by the same rules as what is typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from flowviz.scene.formula import Typed
from flowviz.scene.notation import plain_formula
from flowviz.text import Refusal

_TIMES = 33
_EQUAL = 1e-9
_STAYS = 0.5
"""An α that keeps more than this share of the data is taken for one that never falls."""
_STARS = 8  # missing signs that are put in at most
_USUAL = {
    "alpha": ("1-t", "cos(pi*t/2)", "1-t^2", "(1-t)^2"),
    "sigma": ("t", "sin(pi*t/2)", "t^2", "sqrt(t)", "sqrt(1-(1-t)^2)"),
}


@dataclass(frozen=True)
class Nearest:
    """A suggestion: ``reason`` names its sentence (``formula.nearest.<reason>``), ``value`` is what
    was wrong in numbers, ``texts`` are the formulas to put into the boxes, by their names.
    """

    reason: str
    value: str
    texts: Mapping[str, str]


@lru_cache(maxsize=64)
def nearest_schedule(alpha: str, sigma: str) -> Nearest | None:
    """The nearest valid schedule to the typed α_t and σ_t; None where none is near."""
    texts = {"alpha": _starred(alpha, "alpha"), "sigma": _starred(sigma, "sigma")}
    usual = "star" if _lacks_stars(alpha, "alpha") or _lacks_stars(sigma, "sigma") else "scaled"
    reason = value = ""
    curves = _curves(texts)
    if curves is None:
        return None
    if curves["alpha"][0] + _EQUAL < curves["alpha"][-1] and (
        curves["sigma"][-1] + _EQUAL < curves["sigma"][0]
    ):
        texts = {name: re.sub(r"\bt\b", "(1-t)", text) for name, text in texts.items()}
        reason, curves = "reversed", _curves(texts)
        if curves is None:
            return None
    (a0, *_, a1), (s0, *_, s1) = curves["alpha"], curves["sigma"]
    if a1 > _STAYS * a0:
        reason, texts = "exploding", {"alpha": "1-t", "sigma": "t"}
    else:
        if abs(s0) > _EQUAL:
            reason, value = reason or "blurred", f"{s0:.4g}"
        elif abs(a1) > _EQUAL:
            reason, value = reason or "remains", f"{a1:.4g}"
        texts = {
            "alpha": _moved("alpha", texts["alpha"], curves["alpha"], a1, a0 - a1),
            "sigma": _moved("sigma", texts["sigma"], curves["sigma"], s0, s1 - s0),
        }
    return Nearest(reason or usual, value, texts) if _valid(texts) else None


@lru_cache(maxsize=64)
def nearest_family(typed: Typed, d: int) -> Nearest | None:
    """The nearest valid family to one whose value is α_t x₀ + σ_t x₁, typed in any words."""
    parts = _linear(typed)
    found = nearest_schedule(*parts) if parts else _only_stars(typed, d)
    if found is None or parts is None:
        return found
    role = {"forward": "forward", "mean": "mu"}[typed.kind]
    if found.reason == "scaled" and _lacks_stars(typed.text, role):
        found = replace(found, reason="star")
    alpha, sigma = found.texts["alpha"], found.texts["sigma"]
    if typed.kind == "mean":
        texts = {"text": f"{_factor(alpha)}*x0", "sigma": sigma}
    else:
        texts = {"text": f"{_factor(alpha)}*x0 + {_factor(sigma)}*x1"}
    return replace(found, texts=texts)


def _linear(typed: Typed) -> tuple[str, str] | None:
    """α and σ as texts of a family that is α x₀ + σ x₁ (or α x₀, and σ)."""
    role = {"forward": "forward", "mean": "mu"}.get(typed.kind)
    if role is None:
        return None
    letters = dict(typed.letters)

    def filled(text: str, names: Mapping[str, str]) -> str:
        return re.sub(r"[a-z]\w*", lambda m: names.get(m[0], _letter(letters, m[0])), text)

    text, sigma = _starred(typed.text, role), _starred(typed.sigma or "t", "sigma")
    alpha = filled(text, {"x0": "1", "x1": "0"})
    sigma = filled(sigma, {}) if typed.kind == "mean" else filled(text, {"x0": "0", "x1": "1"})
    names = ({"x0": "(-3)", "x1": "2"}, {"x0": "0.7", "x1": "(-1.3)"}, {"x0": "0", "x1": "0"})
    factors = ((-3.0, 2.0), (0.7, -1.3), (0.0, 0.0))
    alpha, sigma = _simple(alpha), _simple(sigma)
    curves = _curves({"alpha": alpha, "sigma": sigma})
    if curves is None:
        return None
    for given, (p, q) in zip(names, factors, strict=True):
        seen = _curve(filled(text, given))
        second = 0.0 if typed.kind == "mean" else q
        wanted = [p * a + second * s for a, s in zip(*curves.values(), strict=True)]
        if seen is None or _apart(seen, wanted) > 1e-6:
            return None
    return alpha, sigma


def _letter(letters: Mapping[str, float], name: str) -> str:
    from flowviz.core.formula.functions import CONSTANTS, FUNCTIONS

    if len(name) > 1 or name in CONSTANTS or name in FUNCTIONS or name == "t":
        return name
    return f"({letters.get(name, 1.0):.12g})"


def _only_stars(typed: Typed, d: int) -> Nearest | None:
    role = "mu" if typed.kind == "mean" else typed.kind
    text, sigma = _starred(typed.text, role), _starred(typed.sigma, "sigma")
    if not (_lacks_stars(typed.text, role) or _lacks_stars(typed.sigma, "sigma")):
        return None
    try:
        replace(typed, text=text, sigma=sigma).checked(d)
    except Refusal:
        return None
    return Nearest("star", "", {"text": text} | ({"sigma": sigma} if typed.kind == "mean" else {}))


def _starred(text: str, role: str) -> str:
    """The text with each ``*`` that the grammar misses; the text itself where that is no cure."""
    from flowviz.core.formula import FormulaError, parse

    held = text = plain_formula(text)
    for _ in range(_STARS):
        try:
            parse(held, role)
        except FormulaError as error:
            if error.code not in ("operator", "times"):
                return text
            at = error.column - 1
            if error.code == "times":  # t(1-t): the name is called like a function
                at += len(str(error.values["token"]))
            held = f"{held[:at]}*{held[at:]}"
        else:
            return held
    return text


def _lacks_stars(text: str, role: str) -> bool:
    return _starred(text, role) != plain_formula(text)


def _moved(name: str, text: str, curve: list[float], first: float, span: float) -> str:
    """(text - first)/span, in the usual words where it is a usual curve."""
    if span == 0:
        return text
    values = [(v - first) / span for v in curve]
    for usual in _USUAL[name]:
        known = _curve(usual)
        if known is not None and _apart(values, known) < _EQUAL:
            return usual
    less = "" if abs(first) <= _EQUAL else f" - {first:.15g}".replace("- -", "+ ")
    whole = f"{text}{less}"
    return whole if abs(span - 1.0) <= _EQUAL else f"({whole})/{span:.15g}"


def _simple(text: str) -> str:
    """The text without factors of 1 and without summands that are 0, where its values stay."""
    depth, parts = 0, [""]
    for character in text:
        depth += (character in "([") - (character in ")]")
        parts.append("") if character == "+" and depth == 0 else None
        parts[-1] += character
    kept = [part for part in parts if not re.search(r"\*\s*0\s*$", part)]
    short = re.sub(r"\s*\*\s*1(?![\d.^*])", "", "".join(kept)).strip().removeprefix("+")
    one, other = _curve(text), _curve(short)
    return short if one and other and _apart(one, other) < _EQUAL else text


def _factor(text: str) -> str:
    return text if re.fullmatch(r"\w+(\([^()]*\))?", text) else f"({text})"


def _apart(one: list[float], other: list[float]) -> float:
    return max(abs(a - b) if a == a and b == b else 1.0 for a, b in zip(one, other, strict=True))


def _curves(texts: Mapping[str, str]) -> dict[str, list[float]] | None:
    found = {name: _curve(text) for name, text in texts.items()}
    return None if None in found.values() else {k: v for k, v in found.items() if v is not None}


def _curve(text: str) -> list[float] | None:
    """A number's values at times from 0 to 1; None where it cannot be read or is none at an end."""
    import torch

    from flowviz.core.formula import FormulaError, parse

    t = torch.linspace(0.0, 1.0, _TIMES, dtype=torch.float64)
    try:
        values = parse(text, "sigma").compile(1)({"t": t[:, None]})[:, 0]
    except FormulaError:
        return None
    return values.tolist() if bool(values[[0, -1]].isfinite().all()) else None


def _valid(texts: Mapping[str, str]) -> bool:
    from flowviz.core.formula import FormulaError
    from flowviz.core.schedules import FormulaSchedule

    try:
        FormulaSchedule(**texts)
    except FormulaError:
        return False
    return True
