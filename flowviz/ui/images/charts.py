"""The topics that explain: errors on held-out images, guidance, the target of training."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from flowviz.core.images.targets import ALIKE
from flowviz.figures.images import Curve, Row, curves_figure, rows_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import number, percent
from flowviz.ui.frame import side_by_side
from flowviz.ui.images import compute, learned, measures
from flowviz.ui.images.parts import (
    distance_text,
    mean_and_error,
    pictures,
    show_figure,
    table,
)
from flowviz.ui.session import state
from flowviz.ui.widgets import controls
from flowviz.ui.widgets.progress_bar import progress_bar


def errors(scene: Scene, tr: Translator, style: Style) -> None:
    """Errors of each denoiser on held-out images."""
    st.markdown(f"## {tr('images.errors')}")
    n = compute.measured_count(scene.image_count)
    with progress_bar(tr) as report:
        found = compute.errors(n, progress=report)
    st.markdown(tr("images.errors.about", held=compute.HELD_OUT))
    curves = [
        Curve(tr(f"images.curve.{name}"), *mean_and_error(values)) for name, values in found.items()
    ]
    if (trained := learned.errors(scene)) is not None:
        curves.append(Curve(tr("images.curve.network"), *mean_and_error(trained)))
    labels = {"t": tr("images.axis.t"), "value": tr("images.axis.error")}
    figure = curves_figure(compute.ERROR_TIMES.numpy(), curves, labels, style, log=True)
    show_figure("errors", figure, tr("images.errors.alt"), first=True)
    late, early = compute.ERROR_TIMES[[1, -5]].tolist()
    at = {"late": tr.time(late), "early": tr.time(early)}
    for name, key in (("whole", "exact"), ("three", "small")):
        means = found[name].mean(1)
        at |= {f"{key}_late": number(float(means[1])), f"{key}_early": number(float(means[-5]))}
    st.markdown(tr("images.errors.ends", **at))
    if trained is None:
        st.caption(tr("images.errors.untrained"))
    if n < scene.image_count:
        st.caption(tr("images.errors.capped", n=n, held=compute.HELD_OUT))


def guidance(scene: Scene, tr: Translator, style: Style) -> None:
    """What is generated at each guidance scale."""
    st.markdown(f"## {tr('images.guidance')}")
    controls.choice("images", "image_guide", tr)
    kind = scene.image_guide
    if kind == "label":
        st.slider(tr("images.label"), 0, 9, key=state.bound("image_label"))
    label = scene.image_label if kind == "label" else 0
    with progress_bar(tr) as report:
        found = measures.guided(scene.image_count, kind, label, scene.image_seed, progress=report)
    st.markdown(tr(f"images.guidance.{kind}.about"))
    scales = [number(scale) for scale in measures.SCALES[kind]]
    rows = [
        Row(tr("images.row.scale", scale=scale), pictures(made.x[:, -1]))
        for scale, made in zip(scales, found, strict=True)
    ]
    label = tr("images.guidance.alt", draws=compute.GUIDED, scales=", ".join(scales))
    show_figure("guidance", rows_figure(rows, (), style), label, first=True)
    _guidance_table(scales, found, tr)


def _guidance_table(scales: Sequence[str], found: Sequence[compute.Made], tr: Translator) -> None:
    head = [tr(f"images.guidance.table.{name}") for name in ("scale", "memorised", "distance")]
    rows = [
        (scale, percent(made.memorised.value, 2), distance_text(made.distance, tr))
        for scale, made in zip(scales, found, strict=True)
    ]
    st.markdown(table(head, rows))


def targets(scene: Scene, tr: Translator, style: Style) -> None:
    """The variance of the target, in the plane and in 64 dimensions."""
    st.markdown(f"## {tr('images.targets')}")
    with progress_bar(tr) as report:
        found = measures.target_variance(scene.image_count, progress=report)
    draws = found["images"].cosine.shape[1]
    names = {name: tr(f"images.targets.{name}", n=scene.image_count) for name in found}
    shares = {name: measures.shares_of(values) for name, values in found.items()}
    agree = {
        name: percent(float((values["alike"][0] > 0.5).double().mean()))
        for name, values in shares.items()
    }
    st.markdown(tr("images.targets.about", **agree))
    about = {"draws": draws, "cosine": ALIKE}
    with st.container(key="images-picture"):
        left, right = side_by_side("images-targets", (1, 1), scene)
    for column, name in ((left, "alike"), (right, "variance")):
        curves = [
            Curve(names[k], *(column.numpy() for column in values[name]))
            for k, values in shares.items()
        ]
        with column:
            st.markdown(f"### {tr(f'images.targets.{name}')}")
            st.caption(tr(f"images.targets.{name}.about", **about))
            labels = {"t": tr("images.axis.t"), "value": tr(f"images.axis.{name}")}
            t = measures.TARGET_TIMES.numpy()
            figure = curves_figure(t, curves, labels, style, top=1.0)
            label = tr("images.targets.alt", what=tr(f"images.targets.{name}"))
            show_figure(f"targets.{name}", figure, label)
