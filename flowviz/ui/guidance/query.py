"""The query point of the page Guidance: its arrows, its numbers, and the two guidances compared."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from flowviz.core.priors import Gaussian
from flowviz.figures.guidance import Arrow, class_colour
from flowviz.figures.style import Style
from flowviz.text import Translator
from flowviz.text.numbers import number, percent, position
from flowviz.ui.guidance.compute import Setup
from flowviz.ui.guidance.velocities import AtQuery
from flowviz.ui.widgets.glossary import heading
from flowviz.ui.widgets.labels import letter


def arrows(setup: Setup, query: AtQuery | None, tr: Translator, style: Style) -> list[Arrow]:
    """The velocities as arrows; the guided one last, above all others."""
    guide = setup.guide
    if query is None or guide is None:
        return []
    named = (
        ("every", query.every, style.faint),
        ("class", query.of_class, class_colour(guide.y, style)),
        ("classifier", query.by_classifier, style.ink),
        ("guided", query.guided, style.accent),
    )
    return [
        Arrow(velocity, tr(f"guidance.arrow.{name}"), colour)
        for name, velocity, colour in named
        if velocity is not None and (name == "guided" or not _same(velocity, query.guided))
    ]


def _same(velocity: NDArray[np.float64], guided: NDArray[np.float64]) -> bool:
    """Whether an arrow would lie on that of the guided velocity, or has no value."""
    return not np.isfinite(velocity).all() or np.allclose(velocity, guided, rtol=1e-6)


def reading(
    setup: Setup, at: tuple[float, tuple[float, ...]] | None, query: AtQuery | None, tr: Translator
) -> None:
    """The velocities at the query point, and the angle between the two guidances."""
    heading(tr("guidance.query"), tr, "marginal_velocity")
    if at is None or setup.guide is None:
        st.caption(tr("guidance.query.none"))
        return
    if query is None:
        st.caption(tr("guidance.query.nowhere"))
        return
    label, scale = letter(setup.guide.y), number(query.scale)
    said = {"share": percent(query.share), "label": label, "scale": scale}
    st.markdown(tr("guidance.query.at", t=tr.time(at[0]), **said))
    rows = [
        (tr(f"guidance.query.{name}"), position(tuple(velocity.tolist())))
        for name, velocity in (
            ("every", query.every),
            ("class", query.of_class),
            ("guided", query.guided),
            ("classifier", query.by_classifier),
        )
        if velocity is not None
    ]
    lines = [("", tr("guidance.query.velocity")), (":---", "---:"), *rows]
    st.markdown("\n".join(f"| {a} | {b} |" for a, b in lines))
    if query.by_classifier is None:
        st.caption(tr("guidance.angle.family"))
    elif query.angle is not None:
        gaussian = isinstance(setup.labelled.marginal.prior, Gaussian)
        key = "guidance.angle.gaussian" if gaussian else "guidance.angle.other"
        st.caption(tr(key, angle=number(round(query.angle, 6)), **_ratio(query, gaussian)))


def _ratio(query: AtQuery, gaussian: bool) -> dict[str, str]:
    if gaussian or query.by_classifier is None:
        return {}
    lengths = (np.linalg.norm(v - query.every) for v in (query.by_classifier, query.guided))
    by_classifier, guided = map(float, lengths)
    return {"ratio": number(by_classifier / guided)}
