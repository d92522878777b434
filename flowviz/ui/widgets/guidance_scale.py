"""The slider of the guidance scale s, on Guidance and on Train."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from flowviz.text import Translator
from flowviz.ui.session import state


def guidance_scale(column: DeltaGenerator, tr: Translator) -> None:
    """Show it in a column; it sets ``guidance_scale`` of the scene."""
    column.slider(
        tr("guidance.scale"),
        0.0,
        10.0,
        step=0.1,
        help=tr("guidance.scale.help"),
        key=state.bound("guidance_scale"),
    )
