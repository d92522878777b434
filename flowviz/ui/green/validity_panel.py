"""Whether a family is valid: its rules, each with its mark, and where a broken one fails."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from flowviz.core.paths.validity import Finding, Validity
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import number, percent, position
from flowviz.ui.green import checks, compute
from flowviz.ui.widgets import family_editor
from flowviz.ui.widgets.glossary import heading

_UNBOUNDED = 1e300  # a distance that is written as infinite


def show(scene: Scene, verdict: Validity | None, tr: Translator) -> None:
    """The rules of a valid family, each with its mark, and where a broken one fails."""
    heading(tr("green.valid"), tr, "caustic", level=3)
    editor = family_editor.LINE if scene.space == "line" else family_editor.PLANE
    if editor.refused:
        st.warning(tr("green.valid.refused"))
        return
    if verdict is None:
        st.error(tr("green.valid.nothing"))
        return
    if verdict.ok:
        st.success(tr("green.valid.yes"))
    else:
        marked = worst(verdict) is not None or len(checks.caustic(compute.point_key(scene))) > 0
        st.error(tr(f"green.valid.no.{scene.space}" if marked else "green.valid.no"))
    lines = []
    for finding in verdict.findings:
        colour, mark = ("green", "check_circle") if finding.ok else ("red", "error")
        lines.append(f":{colour}[:material/{mark}:] {tr(f'green.rule.{finding.rule}')}")
        if not finding.ok:
            lines[-1] += f"  \n{_violation(finding, tr)}"
    st.markdown("\n\n".join(lines))
    if verdict.relabelled:
        st.info(tr("green.relabelled"))
    ends, points, times = verdict.sampled
    st.caption(tr("green.valid.sampled", ends=ends, points=points, times=times))


def _violation(finding: Finding, tr: Translator) -> str:
    """The sentence on a broken rule, with t, x and the value."""
    values = {
        "t": tr.time(finding.t),
        "x": position(finding.x, 3),
        "x1": position(finding.x1, 3),
        "value": "∞" if finding.value >= _UNBOUNDED else number(finding.value),
        "fraction": percent(finding.value),
    }
    match finding.rule:
        case "start":
            return tr("green.bad.start", **values)
        case "end":
            return tr("green.bad.end", **values)
        case "finite":
            return tr("green.bad.finite", **values)
        case "continuous":
            return tr("green.bad.continuous", **values)
        case _ if finding.value == float("inf"):
            return tr("green.bad.lost", **values)
        case _ if finding.value > 0:
            return tr("green.bad.meet", **values)
        case _:
            return tr("green.bad.invertible", **values)


def worst(verdict: Validity | None) -> Any:
    """(t, x) where the first broken rule that has such a place is broken most, or None."""
    broken = [finding for finding in verdict.findings if not finding.ok] if verdict else []
    placed = [finding for finding in broken if np.isfinite(finding.x).all()]
    return np.array([placed[0].t, *placed[0].x]) if placed else None
