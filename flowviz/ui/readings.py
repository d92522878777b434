"""Lines of numbers that pages share: a check with its bound, a number as TeX."""

from __future__ import annotations

import math

import streamlit as st

from flowviz.core.checks import Check
from flowviz.text import ENTRIES, Say
from flowviz.text.numbers import number, scientific

_SPAN = 700.0  # a logarithm further from 0 is none of a double


def check_line(name: str, check: Check, say: Say, page: str = "") -> None:
    """One check: what must hold, what was measured, and why it may fail.

    Args:
        name: of the entries ``checks.<name>``, ``.why`` and ``.bad``.
        check: the measurement.
        say: the speaker.
        page: whose own wording comes first, where there is one.
    """

    def words(ending: str = "") -> str:
        return say(_own(f"checks.{name}.{page}{ending}", f"checks.{name}{ending}"))

    value = say(
        _own(f"checks.{name}.{page}.value", "checks.value"),
        value=number(check.value, 2),
        bound=number(check.bound, 2),
    )
    colour, mark = ("green", "check_circle") if check.ok else ("red", "error")
    st.markdown(f":{colour}[:material/{mark}: **{words()}**]  \n{value}", help=words(".why"))
    if not check.ok:
        st.caption(words(".bad"))


def _own(key: str, usual: str) -> str:
    return key if key in ENTRIES else usual


def density_tex(log_p: float) -> str | None:
    """p_t as TeX, also where only its logarithm is a number; None where it is 0 or unknown."""
    if log_p == -math.inf or math.isnan(log_p):
        return None
    if math.isinf(log_p) or abs(log_p) < _SPAN:
        return tex(math.exp(log_p))
    return f"10^{{{log_p / math.log(10.0):.0f}}}"


def tex(value: float) -> str:
    """A number with four digits, as TeX."""
    mantissa, exponent = scientific(value, 4)
    if exponent is None:
        return mantissa.replace("∞", "\\infty")
    factor = {"1": "", "-1": "-"}.get(mantissa, f"{mantissa}\\cdot ")
    return f"{factor}10^{{{exponent}}}"
