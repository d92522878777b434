"""Readouts: checks with their bounds, and numbers as TeX."""

from __future__ import annotations

import math
from collections.abc import Mapping

import streamlit as st
import torch

from flowviz.core.checks import Check, ReferenceData
from flowviz.scene import Scene
from flowviz.scene.settings import Space
from flowviz.text import ENTRIES, Translator
from flowviz.text.numbers import number, scientific

_MAX_LOG = 700.0  # beyond it exp overflows or underflows


def reference_data(scene: Scene, space: Space) -> ReferenceData:
    """A scene's data points and weights as typed, the reference of the checks."""
    rows = scene.plane_points.rows if space == "plane" else zip(*_columns(scene), strict=True)
    table = torch.tensor(list(rows), dtype=torch.float64)
    return ReferenceData(table[:, :-1].contiguous(), table[:, -1])


def _columns(scene: Scene) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(scene.points.x), tuple(scene.points.w)


def check_expander(found: Mapping[str, Check], tr: Translator, page: str = "") -> None:
    """Several checks in an expander, which is open if one fails."""
    failed = sum(not check.ok for check in found.values())
    colour, mark = ("red", "error") if failed else ("green", "check_circle")
    text = tr("checks.some" if failed else "checks.all", n=len(found), bad=failed)
    with st.expander(f":{colour}[:material/{mark}:] {text}", expanded=failed > 0):
        for name, check in found.items():
            check_line(name, check, tr, page)


def check_line(name: str, check: Check, tr: Translator, page: str = "") -> None:
    """One check: its statement, its value and bound, and the reason if it fails.

    Args:
        name: of the text keys ``checks.<name>``, ``.why`` and ``.bad``.
        check: the measurement.
        tr: the translator.
        page: the prefix of texts that replace the general ones.
    """

    def text(suffix: str = "") -> str:
        return tr(_page_key(f"checks.{name}.{page}{suffix}", f"checks.{name}{suffix}"))

    value = tr(
        _page_key(f"checks.{name}.{page}.value", _page_key(f"checks.{name}.value", "checks.value")),
        value=number(check.value, 2),
        bound=number(check.bound, 2),
    )
    colour, mark = ("green", "check_circle") if check.ok else ("red", "error")
    st.markdown(f":{colour}[:material/{mark}: **{text()}**]  \n{value}", help=text(".why"))
    if not check.ok:
        st.caption(tr("checks.unmeasured") if math.isnan(check.value) else text(".bad"))


def _page_key(key: str, default: str) -> str:
    return key if key in ENTRIES else default


def density_tex(log_p: float) -> str | None:
    """p_t as TeX, also if only log p_t is representable; None for 0 and NaN."""
    if log_p == -math.inf or math.isnan(log_p):
        return None
    if math.isinf(log_p) or abs(log_p) < _MAX_LOG:
        return tex(math.exp(log_p))
    return f"10^{{{log_p / math.log(10.0):.0f}}}"


def tex(value: float) -> str:
    """A number with four digits, as TeX."""
    mantissa, exponent = scientific(value, 4)
    if exponent is None:
        return mantissa.replace("∞", "\\infty")
    factor = {"1": "", "-1": "-"}.get(mantissa, f"{mantissa}\\cdot ")
    return f"{factor}10^{{{exponent}}}"
