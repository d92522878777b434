"""The page Images: one topic at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import get_args

import numpy as np
import streamlit as st
from torch import Tensor

from flowviz.core.images.memorising import Mean, falls_through
from flowviz.core.images.targets import ALIKE
from flowviz.figures.images import Array, Curve, Mark, Row, curves_figure, rows_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.settings import ImageWindow
from flowviz.text import Translator
from flowviz.text.numbers import number, percent
from flowviz.ui.browser import codec, mount
from flowviz.ui.frame import side_by_side
from flowviz.ui.images import compute
from flowviz.ui.session import faults, state
from flowviz.ui.widgets import controls
from flowviz.ui.widgets.progress_bar import progress_bar

WINDOWS: tuple[ImageWindow, ...] = get_args(ImageWindow)
_FRAMES = 9
_COLUMNS = 8


@faults.guarded
def sidebar(tr: Translator) -> None:
    """The settings of all topics."""
    st.markdown(f"## {tr('images.settings')}")
    st.slider(
        tr("images.count"), 10, 1797, help=tr("images.count.help"), key=state.bound("image_count")
    )
    st.number_input(
        tr("images.seed"), 0, 999_999, help=tr("images.seed.help"), key=state.bound("image_seed")
    )
    st.caption(tr("images.data"))


@faults.guarded
def show(tr: Translator, style: Style) -> None:
    """The chosen topic."""
    controls.choice("images", "image_topic", tr, separate=True)
    scene = state.current()
    with st.container(key="images"):
        _TOPICS[scene.image_topic](scene, tr, style)


# ---------------------------------------------------------------------- the exact flow


def _draws(scene: Scene, tr: Translator, style: Style) -> None:
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
        rows.append(Row(tr("images.row.made"), _pictures(found.x[chosen, -1])))
        rows.append(Row(tr("images.row.nearest"), _pictures(x0[found.nearest.index[chosen]])))
    label = tr(
        "images.draws.alt",
        draws=compute.SHOWN,
        window=tr(f"images.image_window.{window}"),
        n=scene.image_count,
    )
    mount.plot(codec.pack(rows_figure(rows, (), style)), key="images.board", label=label)


def _pictures(x: Tensor) -> Array:
    return x.reshape(-1, *compute.SHAPE).numpy()


def _metrics(found: compute.Made, scene: Scene, tr: Translator) -> None:
    """Share memorised, and distances with their standard errors."""
    n, held = scene.image_count, len(compute.peers(scene.image_count))
    with st.container(horizontal=True):
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
    shown = tr(
        "images.mean_error", mean=number(_clean(mean.value)), error=number(_clean(mean.error), 2)
    )
    st.metric(tr(f"images.{name}"), shown, help=tr(f"images.{name}.help", n=n), width="content")


def _clean(value: float) -> float:
    """Rounding errors are 0."""
    return 0.0 if abs(value) < compute.ROUNDING else value


def _follow(scene: Scene, window: ImageWindow, tr: Translator, style: Style) -> None:
    """One draw along time: the film strip, and posterior weights for the exact flow."""
    st.markdown(f"## {tr('images.strip')}")
    st.slider(tr("images.draw"), 1, compute.SHOWN, key=state.bound("image_draw"))
    draw = scene.image_draw
    found = compute.strip(scene.image_count, window, scene.image_seed, draw - 1)
    frames = np.linspace(0, compute.STEPS, _FRAMES).round().astype(int)
    t = compute.TIMES[frames]
    # Noise is shown with less contrast, or most of its pixels would be black or white.
    scale = (1.0 - t + 2.0 * t)[:, None]
    rows = [
        Row(tr("images.row.x"), _pictures(found.x[frames] / scale)),
        Row(tr("images.row.mean"), _pictures(found.mean[frames])),
    ]
    columns = [tr.time(float(time), 2) for time in t]
    label = tr("images.strip.alt", draw=draw, count=_FRAMES)
    figure = rows_figure(rows, columns, style, pixel=8.0)
    mount.plot(codec.pack(figure), key="images.strip", label=label)
    st.caption(_told(found, scene, window, tr))
    if window == "whole":
        _weights(found, draw, tr, style)


def _told(found: compute.Strip, scene: Scene, window: ImageWindow, tr: Translator) -> str:
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
    rising = compute.TIMES.flip(0)
    times = {
        f"{name}_time": _time(falls_through(rising, curve.flip(0)), tr)
        for name, curve in (("class", found.label), ("image", found.image))
    }
    return tr("images.strip.whole", **about, **times)


def _time(t: float, tr: Translator) -> str:
    return number(t) if math.isnan(t) else tr.time(t)


def _weights(found: compute.Strip, draw: int, tr: Translator, style: Style) -> None:
    curves = [
        Curve(tr("images.weights.class"), found.label.numpy()),
        Curve(tr("images.weights.image"), found.image.numpy()),
    ]
    labels = {"t": tr("images.axis.t"), "value": tr("images.axis.weight")}
    figure = curves_figure(compute.TIMES.numpy(), curves, labels, style, top=1.0)
    mount.plot(codec.pack(figure), key="images.weights", label=tr("images.weights.alt", draw=draw))


def _decided(scene: Scene, tr: Translator, style: Style) -> None:
    """Speciation and collapse, measured and expected."""
    st.markdown(f"## {tr('images.decided')}")
    with progress_bar(tr) as report:
        found = compute.decision(scene.image_count, progress=report)
    curves = [
        Curve(tr(f"images.decided.{name}"), *_mean_and_error(values))
        for name, values in (("class", found.curves.label), ("image", found.curves.image))
    ]
    marks = [
        Mark(found.speciation_theory, tr("images.speciation"), 0),
        Mark(found.collapse_theory, tr("images.collapse"), 1),
    ]
    st.markdown(tr("images.decided.about", draws=found.curves.image.shape[1]))
    labels = {"t": tr("images.axis.t"), "value": tr("images.axis.decided")}
    figure = curves_figure(found.curves.t.numpy(), curves, labels, style, marks=marks, top=1.0)
    mount.plot(codec.pack(figure), key="images.decided", label=tr("images.decided.alt"))
    times = ("speciation", "collapse", "speciation_theory", "collapse_theory")
    st.markdown(
        tr("images.decided.times", **{name: _time(getattr(found, name), tr) for name in times})
    )
    st.caption(tr("images.decided.theory"))


def _mean_and_error(values: Tensor) -> tuple[Array, Array]:
    return values.mean(1).numpy(), (values.std(1) / values.shape[1] ** 0.5).numpy()


def _checks(scene: Scene, tr: Translator) -> None:
    with progress_bar(tr) as report:
        found = compute.exactness(scene.image_count, scene.image_seed, progress=report)
    said = {"field": number(found.field, 2), "ends": number(found.ends, 2)}
    st.caption(tr("images.checks", **said, steps=found.steps, draws=compute.DRAWS))


# ---------------------------------------------------------------------- windows


def _windows(scene: Scene, tr: Translator, style: Style) -> None:
    st.markdown(f"## {tr('images.windows')}")
    n, made = scene.image_count, {}
    with progress_bar(tr) as report:
        for k, window in enumerate(WINDOWS):
            part = _part(report, k, len(WINDOWS))
            made[window] = compute.made(n, window, scene.image_seed, progress=part)
    names, until = compute.intervals(n)
    told = [tr(f"images.image_window.{names[0]}")]
    for name, t in zip(names[1:], until, strict=True):
        window = tr(f"images.image_window.{name}")
        told.append(tr("images.windows.from", window=window, t=tr.time(t)))
    st.markdown(tr("images.windows.about", windows=" → ".join(told)))
    rows = [
        Row(tr(f"images.image_window.{window}"), _pictures(found.x[:_COLUMNS, -1]))
        for window, found in made.items()
    ]
    label = tr("images.windows.alt", draws=_COLUMNS, n=n)
    mount.plot(codec.pack(rows_figure(rows, (), style)), key="images.windows", label=label)
    st.select_slider(
        tr("images.window"),
        WINDOWS,
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


# ---------------------------------------------------------------------- errors


def _errors(scene: Scene, tr: Translator, style: Style) -> None:
    st.markdown(f"## {tr('images.errors')}")
    n = compute.measured_count(scene.image_count)
    with progress_bar(tr) as report:
        found = compute.errors(n, progress=report)
    st.markdown(tr("images.errors.about", held=compute.HELD_OUT))
    curves = [
        Curve(tr(f"images.curve.{name}"), *_mean_and_error(values))
        for name, values in found.items()
    ]
    labels = {"t": tr("images.axis.t"), "value": tr("images.axis.error")}
    figure = curves_figure(compute.ERROR_TIMES.numpy(), curves, labels, style, log=True)
    mount.plot(codec.pack(figure), key="images.errors", label=tr("images.errors.alt"))
    late, early = compute.ERROR_TIMES[[1, -5]].tolist()
    at = {"late": tr.time(late), "early": tr.time(early)}
    for name, key in (("whole", "exact"), ("three", "small")):
        means = found[name].mean(1)
        at |= {f"{key}_late": number(float(means[1])), f"{key}_early": number(float(means[-5]))}
    st.markdown(tr("images.errors.ends", **at))
    if n < scene.image_count:
        st.caption(tr("images.errors.capped", n=n, held=compute.HELD_OUT))


# ---------------------------------------------------------------------- guidance


def _guidance(scene: Scene, tr: Translator, style: Style) -> None:
    st.markdown(f"## {tr('images.guidance')}")
    controls.choice("images", "image_guide", tr)
    kind = scene.image_guide
    if kind == "label":
        st.slider(tr("images.label"), 0, 9, key=state.bound("image_label"))
    label = scene.image_label if kind == "label" else 0
    with progress_bar(tr) as report:
        found = compute.guided(scene.image_count, kind, label, scene.image_seed, progress=report)
    st.markdown(tr(f"images.guidance.{kind}.about"))
    scales = [number(scale) for scale in compute.SCALES[kind]]
    rows = [
        Row(tr("images.row.scale", scale=scale), _pictures(made.x[:, -1]))
        for scale, made in zip(scales, found, strict=True)
    ]
    told = tr("images.guidance.alt", draws=compute.GUIDED, scales=", ".join(scales))
    mount.plot(codec.pack(rows_figure(rows, (), style)), key="images.guidance", label=told)
    _guidance_table(scales, found, tr)


def _guidance_table(scales: Sequence[str], found: Sequence[compute.Made], tr: Translator) -> None:
    columns = ("scale", "memorised", "distance")
    head = [tr(f"images.guidance.table.{name}") for name in columns]
    lines = [f"| {' | '.join(head)} |", "|---|---|---|"]
    for scale, made in zip(scales, found, strict=True):
        distance = tr(
            "images.mean_error",
            mean=number(_clean(made.distance.value)),
            error=number(_clean(made.distance.error), 2),
        )
        lines.append(f"| {scale} | {percent(made.memorised.value, 2)} | {distance} |")
    st.markdown("\n".join(lines))


# ---------------------------------------------------------------------- targets


def _targets(scene: Scene, tr: Translator, style: Style) -> None:
    st.markdown(f"## {tr('images.targets')}")
    with progress_bar(tr) as report:
        found = compute.target_variance(scene.image_count, progress=report)
    st.markdown(tr("images.targets.about"))
    draws = found["images"].cosine.shape[1]
    names = {name: tr(f"images.targets.{name}", n=scene.image_count) for name in found}
    alike = {name: compute.alike(values) for name, values in found.items()}
    shares = [Curve(names[k], mean.numpy(), error.numpy()) for k, (mean, error) in alike.items()]
    floors = [Curve(names[k], values.variance_share.numpy()) for k, values in found.items()]
    about = {"draws": draws, "cosine": ALIKE}
    left, right = side_by_side("images-targets", (1, 1), scene)
    for column, name, curves in ((left, "alike", shares), (right, "variance", floors)):
        with column:
            st.markdown(f"### {tr(f'images.targets.{name}')}")
            st.caption(tr(f"images.targets.{name}.about", **about))
            labels = {"t": tr("images.axis.t"), "value": tr(f"images.axis.{name}")}
            t = compute.TARGET_TIMES.numpy()
            figure = curves_figure(t, curves, labels, style, top=1.0)
            label = tr("images.targets.alt", what=tr(f"images.targets.{name}"))
            mount.plot(codec.pack(figure), key=f"images.targets.{name}", label=label)


_TOPICS: dict[str, Callable[[Scene, Translator, Style], None]] = {
    "draws": _draws,
    "windows": _windows,
    "errors": _errors,
    "guidance": _guidance,
    "targets": _targets,
}
