"""The topics of samples: the exact flow, and windows."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from flowviz.core.images.memorising import Mean
from flowviz.core.transport import principal_share
from flowviz.figures.images import Curve, Mark, Row, curves_figure, rows_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.settings import ImageWindow
from flowviz.text import Translator
from flowviz.text.numbers import number, percent
from flowviz.ui.frame import side_by_side
from flowviz.ui.images import compute, measures
from flowviz.ui.images.parts import (
    decided_at,
    distance_text,
    mean_and_error,
    pictures,
    show_figure,
    show_strip,
    show_weights,
    time_or_none,
)
from flowviz.ui.session import state
from flowviz.ui.widgets.progress_bar import progress_bar

_COLUMNS = 8


def draws(scene: Scene, tr: Translator, style: Style) -> None:
    """Samples of the exact flow, one of them along time, and when it is decided what they are."""
    st.markdown(f"## {tr('images.draws')}")
    with progress_bar(tr) as report:
        found = compute.made(scene.image_count, "whole", scene.image_seed, progress=report)
    left, right = side_by_side("images", (3, 2), scene)
    with left:
        _board(found, scene, "whole", tr, style)
    with right:
        st.markdown(tr("images.draws.about", n=scene.image_count))
        _metrics(found, scene, tr)
    _follow(scene, "whole", tr, style)
    _decided(scene, tr, style)
    _checks(scene, tr)


def _board(
    found: compute.Made, scene: Scene, window: ImageWindow, tr: Translator, style: Style
) -> None:
    """Generated images with the nearest training images below them."""
    x0 = compute.used(scene.image_count).x0
    rows = []
    for first in range(0, compute.SHOWN, _COLUMNS):
        chosen = slice(first, first + _COLUMNS)
        rows.append(Row(tr("images.row.made"), pictures(found.x[chosen, -1])))
        rows.append(Row(tr("images.row.nearest"), pictures(x0[found.nearest.index[chosen]])))
    label = tr(
        "images.draws.alt",
        draws=compute.SHOWN,
        window=tr(f"images.image_window.{window}"),
        n=scene.image_count,
    )
    show_figure("board", rows_figure(rows, (), style), label, first=scene.image_topic == "draws")


def _follow(scene: Scene, window: ImageWindow, tr: Translator, style: Style) -> None:
    """One draw along time: the film strip, and posterior weights for the exact flow."""
    st.markdown(f"## {tr('images.strip')}")
    st.slider(tr("images.draw"), 1, compute.SHOWN, key=state.bound("image_draw"))
    draw = scene.image_draw
    found = compute.strip(scene.image_count, window, scene.image_seed, draw - 1)
    show_strip(found, draw, tr, style)
    st.caption(_strip_caption(found, scene, window, tr))
    st.caption(_planarity(scene, window, tr))
    if window == "whole":
        names = {"class": found.label, "image": found.image}
        show_weights(names, tr("images.weights.alt", draw=draw), tr, style)


def _planarity(scene: Scene, window: ImageWindow, tr: Translator) -> str:
    """How much of the samples' motion is along one direction each, and in a plane."""
    x = compute.made(scene.image_count, window, scene.image_seed).x
    one, two = (percent(float(principal_share(x, k).mean()), places=2) for k in (1, 2))
    return tr("images.planar", draws=len(x), one=one, two=two)


def _strip_caption(found: compute.Strip, scene: Scene, window: ImageWindow, tr: Translator) -> str:
    """What the film strip shows, in a sentence."""
    images = compute.used(scene.image_count)
    near = compute.made(scene.image_count, window, scene.image_seed).nearest
    end = int(near.index[scene.image_draw - 1])
    about = {
        "draw": scene.image_draw,
        "number": int(images.number[end]),
        "label": int(images.labels[end]),
    }
    if window != "whole":
        distance = number(float(near.first[scene.image_draw - 1]))
        return tr("images.strip.window", sources=found.sources, distance=distance, **about)
    times = {
        f"{name}_time": decided_at(curve, tr)
        for name, curve in (("class", found.label), ("image", found.image))
    }
    return tr("images.strip.whole", **about, **times)


def _decided(scene: Scene, tr: Translator, style: Style) -> None:
    """Speciation and collapse, measured and expected."""
    st.markdown(f"## {tr('images.decided')}")
    with progress_bar(tr) as report:
        found = compute.decision(scene.image_count, progress=report)
    curves = [
        Curve(tr(f"images.decided.{name}"), *mean_and_error(values))
        for name, values in (("class", found.curves.label), ("image", found.curves.image))
    ]
    marks = [
        Mark(found.speciation_theory, tr("images.speciation"), 0),
        Mark(found.collapse_theory, tr("images.collapse"), 1),
    ]
    st.markdown(tr("images.decided.about", draws=found.curves.image.shape[1]))
    labels = {"t": tr("images.axis.t"), "value": tr("images.axis.decided")}
    figure = curves_figure(found.curves.t.numpy(), curves, labels, style, marks=marks, top=1.0)
    show_figure("decided", figure, tr("images.decided.alt"))
    times = ("speciation", "collapse", "speciation_theory", "collapse_theory")
    said = {name: time_or_none(getattr(found, name), tr) for name in times}
    st.markdown(tr("images.decided.times", **said))
    st.caption(tr("images.decided.theory"))


def _checks(scene: Scene, tr: Translator) -> None:
    with progress_bar(tr) as report:
        found = measures.exactness(scene.image_count, scene.image_seed, progress=report)
    said = {"field": number(found.field, 2), "ends": number(found.ends, 2)}
    st.caption(tr("images.checks", **said, steps=found.steps, draws=compute.DRAWS))
    with progress_bar(tr) as report:
        shares = measures.shares(scene.image_count, scene.image_seed, progress=report)
    by_chance = shares.probability >= measures.SIGNIFICANCE
    st.caption(
        tr(
            "images.shares.equal" if by_chance else "images.shares.unequal",
            draws=shares.draws,
            n=scene.image_count,
            share=percent(1.0 / scene.image_count, 2),
            statistic=number(shares.statistic),
            degrees=shares.degrees,
            probability=percent(shares.probability, 2),
        )
    )


def _metrics(found: compute.Made, scene: Scene, tr: Translator) -> None:
    """Share memorised, and distances with their standard errors."""
    n, held = scene.image_count, len(compute.peers(scene.image_count))
    with st.container(horizontal=True, gap="medium"):
        note = tr("images.memorised.help", draws=compute.DRAWS)
        share = tr(
            "images.mean_error",
            mean=percent(found.memorised.value, 2),
            error=percent(found.memorised.error, 2),
        )
        st.metric(tr("images.memorised"), share, help=note, width="content")
        _distance("distance", found.distance, tr, n)
        if found.held is not None:
            _distance("held", found.held, tr, held)
        if (real := compute.between_data(n)) is not None:
            _distance("real", real, tr, n)


def _distance(name: str, mean: Mean, tr: Translator, n: int) -> None:
    note = tr(f"images.{name}.help", n=n)
    st.metric(tr(f"images.{name}"), distance_text(mean, tr), help=note, width="content")


def windows(scene: Scene, tr: Translator, style: Style) -> None:
    """The same noise under every window, and the chosen window in detail."""
    st.markdown(f"## {tr('images.windows')}")
    n, made = scene.image_count, {}
    with progress_bar(tr) as report:
        for k, window in enumerate(compute.WINDOWS):
            part = _part(report, k, len(compute.WINDOWS))
            made[window] = compute.made(n, window, scene.image_seed, progress=part)
    names, until = compute.intervals(n)
    words = [tr(f"images.image_window.{names[0]}")]
    for name, t in zip(names[1:], until, strict=True):
        window = tr(f"images.image_window.{name}")
        words.append(tr("images.windows.from", window=window, t=tr.time(t)))
    st.markdown(tr("images.windows.about", windows=" → ".join(words)))
    rows = [
        Row(tr(f"images.image_window.{window}"), pictures(found.x[:_COLUMNS, -1]))
        for window, found in made.items()
    ]
    label = tr("images.windows.alt", draws=_COLUMNS, n=n)
    show_figure("windows", rows_figure(rows, (), style), label, first=True)
    st.select_slider(
        tr("images.window"),
        compute.WINDOWS,
        format_func=lambda name: tr(f"images.image_window.{name}"),
        help=tr("images.window.help"),
        key=state.bound("image_window"),
    )
    chosen = scene.image_window
    title = tr("images.chosen", window=tr(f"images.image_window.{chosen}"))
    st.markdown(f"### {title}")
    _metrics(made[chosen], scene, tr)
    _board(made[chosen], scene, chosen, tr, style)
    _follow(scene, chosen, tr, style)


def _part(report: Callable[[float], None], k: int, count: int) -> Callable[[float], None]:
    return lambda done: report((k + done) / count)
