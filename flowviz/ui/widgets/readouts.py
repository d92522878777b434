"""Lines of numbers that pages share: a check with its bound, a number as TeX."""

from __future__ import annotations

import math
from collections.abc import Mapping

import streamlit as st
import torch

from flowviz.core.checks import Check, ReferenceData
from flowviz.scene import Scene
from flowviz.scene.settings import Space
from flowviz.text import ENTRIES, Say
from flowviz.text.numbers import number, scientific

_SPAN = 700.0  # a logarithm further from 0 is none of a double


def reference_data(scene: Scene, space: Space) -> ReferenceData:
    """A scene's data points and weights as they are typed: what its flow is checked against."""
    rows = scene.plane_points.rows if space == "plane" else zip(*_columns(scene), strict=True)
    table = torch.tensor(list(rows), dtype=torch.float64)
    return ReferenceData(table[:, :-1].contiguous(), table[:, -1])


def _columns(scene: Scene) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(scene.points.x), tuple(scene.points.w)


def check_fold(found: Mapping[str, Check], say: Say, page: str = "") -> None:
    """Several checks in one line that opens; it is open where one fails."""
    bad = sum(not check.ok for check in found.values())
    colour, mark = ("red", "error") if bad else ("green", "check_circle")
    words = say("checks.some" if bad else "checks.all", n=len(found), bad=bad)
    with st.expander(f":{colour}[:material/{mark}:] {words}", expanded=bad > 0):
        for name, check in found.items():
            check_line(name, check, say, page)


def check_line(name: str, check: Check, say: Say, page: str = "") -> None:
    """One check: what must hold, what was measured, and why it may fail.

    Args:
        name: of the entries ``checks.<name>``, ``.why`` and ``.bad``.
        check: the measurement.
        say: the speaker.
        page: whose own wording comes first, where there is one.
    """

    def words(ending: str = "") -> str:
        return say(_page_key(f"checks.{name}.{page}{ending}", f"checks.{name}{ending}"))

    value = say(
        _page_key(f"checks.{name}.{page}.value", _page_key(f"checks.{name}.value", "checks.value")),
        value=number(check.value, 2),
        bound=number(check.bound, 2),
    )
    colour, mark = ("green", "check_circle") if check.ok else ("red", "error")
    st.markdown(f":{colour}[:material/{mark}: **{words()}**]  \n{value}", help=words(".why"))
    if not check.ok:
        st.caption(say("checks.unmeasured") if math.isnan(check.value) else words(".bad"))


def _page_key(key: str, usual: str) -> str:
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
