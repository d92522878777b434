"""What the topics of the page Images have in common."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st
from torch import Tensor

from flowviz.core.images.memorising import Mean
from flowviz.figures.images import Array
from flowviz.text import Translator
from flowviz.text.numbers import number
from flowviz.ui.browser import codec, mount
from flowviz.ui.images import compute


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
    """A distance with its standard error; rounding errors are 0."""
    value, error = (0.0 if abs(v) < compute.ROUNDING else v for v in (mean.value, mean.error))
    return tr("images.mean_error", mean=number(value), error=number(error, 2))
