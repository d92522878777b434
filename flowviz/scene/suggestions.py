"""Suggest a valid formula in place of one that is refused.

The faults of a typed schedule (α, σ) are recognised by its values at a few times, not by its text:

- *reversed*: α rises from 0 and σ falls to 0: t runs from prior to data, as in many papers on flow
  matching, so t is replaced by 1 - t;
- *exploding*: α stays at 1 (variance exploding): no finite prior is reached, but divided by α + σ
  the flow is that of straight lines;
- *blurred*: σ_0 = s > 0 (optimal transport with σ_min): it ends at blurred data points;
- *remains*: α_1 ≠ 0: x_1 still depends on the data;
- *scaled*: other values at t = 0 or t = 1.

The last three are corrected by an affine map of each curve, (α - α_1)/(α_0 - α_1) and
(σ - σ_0)/(σ_1 - σ_0). A missing ``*``, as in t(1-t), is inserted first. Suggestions are checked by
the same rules as typed formulas. A library's name of a schedule ("CondOT") is replaced by formulas.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from flowviz.scene.aliases import named_formulas
from flowviz.scene.formula import Typed
from flowviz.scene.notation import plain_formula
from flowviz.text import Refusal

_TIMES = 33
_EQUAL = 1e-9
_EXPLODING = 0.5
"""A schedule with α_1 / α_0 above this counts as variance exploding."""
_MAX_STARS = 8  # missing ``*`` that are inserted, at most
_STANDARD = {
    "alpha": ("1-t", "cos(pi*t/2)", "1-t^2", "(1-t)^2"),
    "sigma": ("t", "sin(pi*t/2)", "t^2", "sqrt(t)", "sqrt(1-(1-t)^2)"),
}


@dataclass(frozen=True)
class Nearest:
    """A suggestion: ``reason``, the fault (text key ``formula.nearest.<reason>``); ``value``, the
    wrong value as text; ``texts``, the suggested formulas by field name.
    """

    reason: str
    value: str
    texts: Mapping[str, str]


@lru_cache(maxsize=64)
def nearest_schedule(alpha: str, sigma: str) -> Nearest | None:
    """The nearest valid schedule to the typed α_t and σ_t; None where none is near."""
    if named := named_formulas(alpha) or named_formulas(sigma):
        return Nearest("named", "", dict(zip(("alpha", "sigma"), named, strict=True)))
    texts = {"alpha": _starred(alpha, "alpha"), "sigma": _starred(sigma, "sigma")}
    starred = _lacks_stars(alpha, "alpha") or _lacks_stars(sigma, "sigma")
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
    if a1 > _EXPLODING * a0:
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
    reason = reason or ("star" if starred else "scaled")
    return Nearest(reason, value, texts) if _valid(texts) else None


@lru_cache(maxsize=64)
def nearest_family(typed: Typed, d: int) -> Nearest | None:
    """The nearest valid family to a typed one that equals α_t x₀ + σ_t x₁ or only lacks ``*``."""
    schedule = named_formulas(typed.text) or _linear(typed)
    found = nearest_schedule(*schedule) if schedule else _only_stars(typed, d)
    if found is not None and named_formulas(typed.text):
        found = replace(found, reason="named")
    if found is None or schedule is None:
        return found
    role = _role(typed)
    if found.reason == "scaled" and _lacks_stars(typed.text, role):
        found = replace(found, reason="star")
    alpha, sigma = found.texts["alpha"], found.texts["sigma"]
    if typed.kind == "mean":
        texts = {"text": f"{_factor(alpha)}*x0", "sigma": sigma}
    elif typed.kind == "inverse":
        texts = {"text": f"(x - {_factor(alpha)}*x0)/{_factor(sigma)}"}
    else:
        texts = {"text": f"{_factor(alpha)}*x0 + {_factor(sigma)}*x1"}
    # Where σ loses its digits near t = 0 (1-exp(-10*t^2)), φ has no limit there in numbers.
    if typed.kind == "inverse" and not _is_flow(replace(typed, **texts), d):
        return None
    return replace(found, texts=texts)


def _is_flow(typed: Typed, d: int) -> bool:
    import torch

    from flowviz.core.paths.validity import first_violation
    from flowviz.core.priors import Gaussian

    points = torch.tensor([[-1.0] * d, [1.0] * d], dtype=torch.float64)
    return not first_violation(typed.path(d), points, Gaussian())


def _role(typed: Typed) -> str:
    return "mu" if typed.kind == "mean" else typed.kind


def _linear(typed: Typed) -> tuple[str, str] | None:
    """The formulas of α and σ, if the family is α x₀ + σ x₁ (or μ = α x₀, with σ).

    Given as φ it is (x - α x₀)/σ, which is the same as x = α x₀ + σ φ.
    """
    role = _role(typed)
    letters = dict(typed.letters)

    def substitute(text: str, names: Mapping[str, str]) -> str:
        return re.sub(r"[a-z]\w*", lambda m: names.get(m[0], _letter(letters, m[0])), text)

    text, sigma = _starred(typed.text, role), _starred(typed.sigma or "t", "sigma")
    if typed.kind == "inverse":
        solved = _solved_for_x(text)
        if solved is None:
            return None
        text = solved
    alpha = substitute(text, {"x0": "1", "x1": "0"})
    if typed.kind == "mean":
        sigma = substitute(sigma, {})
    else:
        sigma = substitute(text, {"x0": "0", "x1": "1"})
    alpha, sigma = _simple(alpha), _simple(sigma)
    curves = _curves({"alpha": alpha, "sigma": sigma})
    if curves is None:
        return None
    # Three positions show whether the text is linear in x0 and x1.
    for x0, x1 in ((-3.0, 2.0), (0.7, -1.3), (0.0, 0.0)):
        values = _curve(substitute(text, {"x0": f"({x0})", "x1": f"({x1})"}))
        factor = 0.0 if typed.kind == "mean" else x1
        linear = [x0 * a + factor * s for a, s in zip(*curves.values(), strict=True)]
        if values is None or _max_difference(values, linear) > 1e-6:
            return None
    return alpha, sigma


def _solved_for_x(text: str) -> str | None:
    """α*x0 + σ*x1 of a text (x - α*x0)/σ; None where it is written otherwise."""
    bare = text.replace(" ", "")
    quotient = re.fullmatch(r"\(x-(?:(.+?)\*)?x0\)/(.+)", bare)
    if not quotient or re.search(r"[-+*/]", _outside_brackets(quotient[2])):
        return None
    if re.search(r"\bx[01]?\b", f"{quotient[1]} {quotient[2]}"):
        return None
    return f"({quotient[1] or 1})*x0 + ({quotient[2]})*x1"


def _outside_brackets(text: str) -> str:
    depth, outside = 0, ""
    for character in text:
        depth -= character in ")]"
        outside += character if depth == 0 else ""
        depth += character in "(["
    return outside


def _letter(letters: Mapping[str, float], name: str) -> str:
    from flowviz.core.formula.functions import CONSTANTS, FUNCTIONS

    if len(name) > 1 or name in CONSTANTS or name in FUNCTIONS or name == "t":
        return name
    return f"({letters.get(name, 1.0):.12g})"


def _only_stars(typed: Typed, d: int) -> Nearest | None:
    role = _role(typed)
    text, sigma = _starred(typed.text, role), _starred(typed.sigma, "sigma")
    if not (_lacks_stars(typed.text, role) or _lacks_stars(typed.sigma, "sigma")):
        return None
    try:
        replace(typed, text=text, sigma=sigma).checked(d)
    except Refusal:
        return None
    return Nearest("star", "", {"text": text} | ({"sigma": sigma} if typed.kind == "mean" else {}))


def _starred(text: str, role: str) -> str:
    """The text with each missing ``*`` inserted; unchanged if it is invalid even so."""
    from flowviz.core.formula import FormulaError, parse

    starred = text = plain_formula(text)
    for _ in range(_MAX_STARS):
        try:
            parse(starred, role)
        except FormulaError as error:
            if error.code not in ("operator", "times"):
                return text
            at = error.column - 1
            if error.code == "times":  # t(1-t): the name is called like a function
                at += len(str(error.values["token"]))
            starred = f"{starred[:at]}*{starred[at:]}"
        else:
            return starred
    return text


def _lacks_stars(text: str, role: str) -> bool:
    return _starred(text, role) != plain_formula(text)


def _moved(name: str, text: str, curve: list[float], first: float, span: float) -> str:
    """(text - first)/span as text, or the standard formula with the same values."""
    if span == 0:
        return text
    values = [(v - first) / span for v in curve]
    for standard in _STANDARD[name]:
        standard_values = _curve(standard)
        if standard_values is not None and _max_difference(values, standard_values) < _EQUAL:
            return standard
    subtrahend = "" if abs(first) <= _EQUAL else f" - {first:.15g}".replace("- -", "+ ")
    shifted = f"{text}{subtrahend}"
    return shifted if abs(span - 1.0) <= _EQUAL else f"({shifted})/{span:.15g}"


def _simple(text: str) -> str:
    """The text without factors 1 and summands 0, if that leaves its values unchanged."""
    depth, summands = 0, [""]
    for character in text:
        depth += (character in "([") - (character in ")]")
        if character == "+" and depth == 0:
            summands.append("")
        summands[-1] += character
    kept = [summand for summand in summands if not re.search(r"\*\s*0\s*$", summand)]
    short = re.sub(r"\s*\*\s*1(?![\d.^*])", "", "".join(kept)).strip().removeprefix("+")
    before, after = _curve(text), _curve(short)
    return short if before and after and _max_difference(before, after) < _EQUAL else text


def _factor(text: str) -> str:
    return text if re.fullmatch(r"\w+(\([^()]*\))?", text) else f"({text})"


def _max_difference(first: list[float], second: list[float]) -> float:
    """The largest |a - b|; NaN counts as 1."""
    return max(abs(a - b) if a == a and b == b else 1.0 for a, b in zip(first, second, strict=True))


def _curves(texts: Mapping[str, str]) -> dict[str, list[float]] | None:
    curves = {name: _curve(text) for name, text in texts.items()}
    return None if None in curves.values() else {k: v for k, v in curves.items() if v is not None}


def _curve(text: str) -> list[float] | None:
    """A formula's values at times from 0 to 1; None if it is invalid or not finite at 0 or 1."""
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
