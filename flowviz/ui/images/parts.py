"""What the topics of the page Images have in common."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from torch import Tensor

from flowviz.core.images.memorising import Mean, falls_through
from flowviz.figures.images import Array, Curve, Row, curves_figure, rows_figure
from flowviz.figures.style import Style
from flowviz.text import Translator
from flowviz.text.numbers import fixed, number
from flowviz.ui.browser import codec, mount
from flowviz.ui.images import compute

_FRAMES = 9


def show_figure(name: str, shown: go.Figure, label: str, *, first: bool = False) -> None:
    """A figure; the first of a topic is what is presented."""
    with st.container(key="images-picture" if first else None):
        mount.plot(codec.pack(shown), key=f"images.{name}", label=label)


def pictures(x: Tensor) -> Array:
    """Images (K, 64) as (K, height, width)."""
    return x.reshape(-1, *compute.SHAPE).numpy()


def mean_and_error(values: Tensor) -> tuple[Array, Array]:
    """The mean over draws and its standard error, (T,) each, of (T, Q)."""
    return values.mean(1).numpy(), (values.std(1) / values.shape[1] ** 0.5).numpy()


def distance_text(mean: Mean, tr: Translator) -> str:
    """A distance with its standard error, to two digits of that; rounding errors are 0."""
    value, error = (0.0 if abs(v) < compute.ROUNDING else v for v in (mean.value, mean.error))
    if not 0.0 < error < math.inf:
        return tr("images.mean_error", mean=number(value), error=number(error))
    places = max(0, 1 - math.floor(math.log10(error)))
    return tr("images.mean_error", mean=fixed(value, places), error=fixed(error, places))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def show_strip(found: compute.Strip, draw: int, tr: Translator, style: Style) -> None:
    """The film strip: a sample at some times, and what it is denoised to there."""
    frames = np.linspace(0, compute.STEPS, _FRAMES).round().astype(int)
    t = compute.TIMES[frames]
    # Noise is shown with less contrast, or most of its pixels would be black or white.
    scale = (1.0 - t + 2.0 * t)[:, None]
    rows = [
        Row(tr("images.row.x"), pictures(found.x[frames] / scale)),
        Row(tr("images.row.mean"), pictures(found.mean[frames])),
    ]
    columns = [tr.time(float(time), 2) for time in t]
    label = tr("images.strip.alt", draw=draw, count=_FRAMES)
    show_figure("strip", rows_figure(rows, columns, style, pixel=8.0), label)


def time_or_none(t: float, tr: Translator) -> str:
    """A time in words; what a missing number is where there is none."""
    return number(t) if math.isnan(t) else tr.time(t)


def decided_at(weight: Tensor, tr: Translator) -> str:
    """The time at which a weight at `compute.TIMES` passes ½, in words."""
    return time_or_none(falls_through(compute.TIMES.flip(0), weight.flip(0)), tr)


def show_weights(weights: Mapping[str, Tensor], label: str, tr: Translator, style: Style) -> None:
    """Posterior weights along time, by their names."""
    curves = [Curve(tr(f"images.weights.{name}"), w.numpy()) for name, w in weights.items()]
    labels = {"t": tr("images.axis.t"), "value": tr("images.axis.weight")}
    figure = curves_figure(compute.TIMES.numpy(), curves, labels, style, top=1.0)
    show_figure("weights", figure, label)
