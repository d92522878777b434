"""Why ∇·f = d/t on straight lines: a box that moves along them, in several dimensions."""

from __future__ import annotations

import streamlit as st

from flowviz.figures.style import Style
from flowviz.figures.superposition import box_figure
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import number
from flowviz.ui.browser import codec, mount
from flowviz.ui.green import checks
from flowviz.ui.session.cache import shared_cache


def show(scene: Scene, tr: Translator, style: Style) -> None:
    """The text, the table of all dimensions at the scene's time, and the figure."""
    boxes = checks.boxes()
    k = int((boxes[0].t - scene.green_t).abs().argmin())
    st.markdown(tr("green.why.text", t=tr.time(float(boxes[0].t[k]))))
    head = [tr(f"green.why.{name}") for name in ("d", "divergence", "rate", "volume")]
    rows = "\n".join(
        f"| {box.d} | {number(tr.rate(float(box.divergence[k])), 6)} "
        f"| {number(tr.rate(float(box.rate[k])), 6)} "
        f"| {number(float(box.volume[k]))} |"
        for box in boxes
    )
    st.markdown(f"| {' | '.join(head)} |\n|---:|---:|---:|---:|\n{rows}")
    mount.plot(_block(style, tr), key="boxes", label=tr("green.why.alt"))


@shared_cache(maxsize=16)
def _block(style: Style, tr: Translator) -> bytes:
    boxes = checks.boxes()
    labels = {"t": tr("green.axis.time")}
    labels |= {"divergence": tr("green.axis.divergence.size"), "volume": tr("green.axis.volume")}
    measured = [(box.d, box.divergence.numpy(), box.volume.numpy()) for box in boxes]
    return codec.pack(box_figure(boxes[0].t.numpy(), measured, labels, style))
