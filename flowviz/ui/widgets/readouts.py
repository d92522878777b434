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
from flowviz.text.numbers import number, percent, position, scientific

_OK, _FAILED = ("green", ":material/check_circle:"), ("red", ":material/error:")
_SKIPPED = ("gray", ":material/hourglass_disabled:")
_WAITS = ":material/hourglass_empty:"
_MAX_LOG = 700.0  # beyond it exp overflows or underflows
_LISTED = 6  # data points in a text alternative


def reference_data(scene: Scene, space: Space) -> ReferenceData:
    """A scene's data points and weights as typed, the reference of the checks."""
    rows = scene.plane_points.rows if space == "plane" else zip(*_columns(scene), strict=True)
    table = torch.tensor(list(rows), dtype=torch.float64)
    return ReferenceData(table[:, :-1].contiguous(), table[:, -1])


def _columns(scene: Scene) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(scene.points.x), tuple(scene.points.w)


def points_text(scene: Scene, space: Space) -> str:
    """Positions and weights of the first data points, for text alternatives: −1 (50%), 2 (50%)."""
    data = reference_data(scene, space)
    rows = zip(data.x0.tolist(), (data.weights / data.weights.sum()).tolist(), strict=True)
    texts = [f"{position(x)} ({percent(w)})" for x, w in rows]
    return ", ".join(texts[:_LISTED] + ["…"] * (len(texts) > _LISTED))


def check_expander(found: Mapping[str, Check], tr: Translator, page: str = "") -> None:
    """Several checks in an expander, which is open if one fails."""
    failed = sum(check.failed for check in found.values())
    colour, mark = _FAILED if failed else _OK
    text = tr("checks.some" if failed else "checks.all", n=len(found), bad=failed)
    with st.expander(f":{colour}[{mark}] {text}", expanded=failed > 0):
        for name, check in found.items():
            check_line(name, check, tr, page)


def check_line(name: str, check: Check, tr: Translator, page: str = "") -> None:
    """One check: its statement, its value and bound, and the reason if it fails or has no value.

    Args:
        name: of the text keys ``checks.<name>``, ``.why`` and ``.bad``.
        check: the measurement.
        tr: the translator.
        page: the prefix of texts that replace the general ones.
    """

    def text(suffix: str = "") -> str:
        return tr(_page_key(f"checks.{name}.{page}{suffix}", f"checks.{name}{suffix}"))

    if check.out_of_budget:
        (colour, mark), value = _SKIPPED, tr("checks.out_of_budget")
    else:
        key = f"checks.{name}.{page}.value"
        key = _page_key(key, _page_key(f"checks.{name}.value", "checks.value"))
        colour, mark = _FAILED if check.failed else _OK
        value = tr(key, value=number(check.value, 2), bound=number(check.bound, 2))
    st.markdown(f":{colour}[{mark} **{text()}**]  \n{value}", help=text(".why"))
    if check.failed:
        st.caption(tr("checks.unmeasured") if math.isnan(check.value) else text(".bad"))


def unanswered_line(name: str, tr: Translator) -> None:
    """The statement of a check that is about to be measured."""
    st.markdown(f":gray[{_WAITS} **{tr(f'checks.{name}')}**]  \n{tr('checks.measuring')}")


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
