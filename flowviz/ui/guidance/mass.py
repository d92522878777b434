"""Where the mass of the guided flow ends: bars, numbers, and what the scale does to them."""

from __future__ import annotations

import numpy as np
import streamlit as st

from flowviz.core.guidance import Shares
from flowviz.figures.guidance import Bars, Curve, scale_chart, share_bars
from flowviz.figures.style import Style
from flowviz.text import Translator
from flowviz.text.numbers import digits_apart, fixed, number, percent, position
from flowviz.ui.browser import codec, mount
from flowviz.ui.guidance import compute
from flowviz.ui.guidance.compute import Setup
from flowviz.ui.widgets.glossary import heading
from flowviz.ui.widgets.progress_bar import progress_bar

LISTED = 8
"""Places with a bar, and curves of the chart."""
_MOST_BORDERS = 6
_PLACES = 3  # of both entropies, which are compared


def show(setup: Setup, tr: Translator, style: Style) -> None:
    """The share of every point, the class's share, and the entropy."""
    found = compute.shares(setup)
    with st.container(horizontal=True):
        help_text = tr("guidance.share.help")
        share, entropy = percent(found.in_class), fixed(found.entropy, _PLACES)
        st.metric(tr("guidance.share"), share, help=help_text, width="content")
        help_text = tr("guidance.entropy.help")
        st.metric(tr("guidance.entropy"), entropy, help=help_text, width="content")
        of_class = fixed(found.class_entropy, _PLACES)
        st.metric(tr("guidance.entropy.class"), of_class, width="content")
    heading(tr("guidance.bars"), tr, "basin", level=3)
    _bars(setup, found, tr, style)


def _bars(setup: Setup, found: Shares, tr: Translator, style: Style) -> None:
    top = _largest(found)
    names, labels = _names(found, top), _labels(setup, found)[top]
    share, of_class = found.share.numpy()[top], found.of_class.numpy()[top]
    line = found.places.shape[1] == 1
    noise = np.zeros(len(top)) if line else found.noise.numpy()[top]
    words = {name: tr(f"guidance.bars.{name}") for name in ("guided", "places", "share")}
    words["of_class"] = tr("guidance.bars.class")
    broken = [name.replace(", ", ",<br>") for name in names]
    figure = share_bars(Bars(broken, labels, share, noise, of_class), words, style)
    listed = ", ".join(
        f"{name}: {percent(float(a))} / {percent(float(b))}"
        for name, a, b in zip(names, share, of_class, strict=True)
    )
    alt = tr("guidance.bars.alt", shares=listed)
    mount.plot(codec.pack(figure), key="guidance-bars", label=alt)
    if line:
        said = tr("guidance.bars.line", noise=number(float(found.noise.max()), 2))
    else:
        n = compute.count(setup.labelled, compute.MOST_DRAWS)
        said = tr("guidance.bars.plane", n=n)
    st.caption(said)
    if len(found.places) > len(top):
        st.caption(tr("guidance.bars.more", shown=len(top), n=len(found.places)))
    scale = setup.followed.scale
    if 0.0 < scale < 1.0:
        st.caption(tr("guidance.between"))
    elif 0 < len(found.borders) <= _MOST_BORDERS:
        borders = ", ".join(number(x) for x in found.borders.tolist())
        st.caption(tr("guidance.borders", borders=borders))


def _largest(found: Shares) -> np.ndarray:
    """The places with the largest shares, in their order."""
    most = np.maximum(found.share.numpy(), found.of_class.numpy())
    return np.sort(np.argsort(-most, kind="stable")[:LISTED])


def _names(found: Shares, top: np.ndarray) -> list[str]:
    x = found.places.numpy()[top]
    digits = digits_apart(*x.T.tolist())
    return [position(row, digits) for row in x.tolist()]


def _labels(setup: Setup, found: Shares) -> np.ndarray:
    return compute.label_at(setup.labelled, found.places)


def chart(setup: Setup, tr: Translator, style: Style) -> None:
    """The shares of the class's points and the entropy, as the scale grows."""
    heading(tr("guidance.chart"), tr, "basin")
    if not compute.is_charted(setup):
        st.caption(tr("guidance.chart.many", limit=compute.MOST_CHARTED))
        return
    with progress_bar(tr) as report:
        found = compute.chart(setup.scaled(0.0), progress=report)
    places = compute.shares(setup)
    labels = _labels(setup, places)
    own = np.flatnonzero(places.of_class.numpy() > 0)
    top = own[np.sort(np.argsort(-places.of_class.numpy()[own], kind="stable")[: LISTED - 1])]
    curves = [
        Curve(tr("guidance.chart.point", point=name), int(labels[k]), found.place[:, k])
        for name, k in zip(_names(places, top), top, strict=True)
    ]
    curves.append(Curve(tr("guidance.chart.rest"), 0, 1.0 - found.in_class))
    words = {name: tr(f"guidance.chart.{name}") for name in ("scale", "entropy")}
    words["share"] = tr("guidance.bars.share")
    chosen = setup.followed.scale
    figure = scale_chart(found.scale, curves, found.entropy, chosen, words, style)
    mount.plot(codec.pack(figure), key="guidance-chart", label=tr("guidance.chart.alt"))
