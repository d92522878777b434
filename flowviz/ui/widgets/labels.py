"""Labels of data points: their letters, and the widget for the label of new points."""

from __future__ import annotations

import streamlit as st

from flowviz.scene.point_parsing import LABELS
from flowviz.text import Translator
from flowviz.ui.session import state


def letter(label: int) -> str:
    """The letter of a label, "" for none."""
    return LABELS[label - 1] if label else ""


def choose_new(prefix: str, tr: Translator) -> None:
    """The label of points that are added in the figure.

    Args:
        prefix: of the editor's keys.
        tr: the translator.
    """
    st.segmented_control(
        tr("points.label.new"),
        range(len(LABELS) + 1),
        format_func=lambda label: letter(label) or "–",
        required=True,
        help=tr("points.label.help"),
        key=state.bound_as(f"{prefix}label", of_new(prefix), lambda label: _keep(prefix, label)),
    )


def of_new(prefix: str) -> int:
    """The label of new points, kept for the session."""
    return st.session_state.get(f"flowviz.{prefix}label", 0)


def _keep(prefix: str, label: int) -> None:
    st.session_state[f"flowviz.{prefix}label"] = label
