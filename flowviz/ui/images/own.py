"""The topic of a visitor's own images: drawn, or uploaded as a strip."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
import torch
from torch import Tensor

from flowviz.core.images import WindowField
from flowviz.core.numerics.work import at_work
from flowviz.figures.images import Row, rows_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.own_images import EXAMPLE, LEVELS, MOST, drawn, images_in
from flowviz.scene.settings import ImageWindow
from flowviz.text import Refusal, Translator
from flowviz.text.numbers import percent
from flowviz.ui.images import compute, uploaded
from flowviz.ui.images.parts import pictures, show_figure
from flowviz.ui.session import state
from flowviz.ui.session.cache import Progress, no_progress, shared_cache
from flowviz.ui.session.preemption import uninterrupted
from flowviz.ui.widgets import upload
from flowviz.ui.widgets.progress_bar import progress_bar

_COLUMNS = 8
_WHY = "flowviz.images.refused"
_DRAWING = "w.images.drawing"


def own(scene: Scene, tr: Translator, style: Style) -> None:
    """The visitor's images, and what every window generates from them."""
    st.markdown(f"## {tr('images.own')}")
    x0 = tensor(scene.image_own)
    st.markdown(tr("images.own.about", n=len(x0)))
    blank = -torch.ones(max(0, _COLUMNS - len(x0)), x0.shape[1], dtype=x0.dtype)
    first = pictures(torch.cat([x0[:_COLUMNS], blank]))
    rows = [Row(tr("images.own.row"), first)]
    shares = []
    with progress_bar(tr) as report:
        for window in compute.SIDES:
            found = generated(scene.image_own, window, scene.image_seed, progress=report)
            rows.append(Row(tr(f"images.image_window.{window}"), pictures(found.x[:_COLUMNS, -1])))
            share = percent(found.memorised.value, 2)
            shares.append(f"{tr(f'images.image_window.{window}')} {share}")
    label = tr("images.own.alt", draws=_COLUMNS)
    show_figure("own", rows_figure(rows, (), style), label, first=True)
    st.caption(tr("images.own.memorised", draws=compute.DRAWS, shares=" · ".join(shares)))
    _editor(tr)


def tensor(text: str) -> Tensor:
    """Images as data points, (N, 64), in [-1, 1]."""
    levels = [[int(digit, 16) for digit in image] for image in images_in(text)]
    return 2.0 * torch.tensor(levels, dtype=torch.float64) / LEVELS - 1.0


@shared_cache(maxsize=64)
def field(text: str, window: ImageWindow) -> WindowField:
    """The flow of a window over the visitor's images."""
    x0 = tensor(text)
    weights = torch.full((len(x0),), 1.0 / len(x0), dtype=x0.dtype)
    return WindowField(x0, weights, compute.SHAPE, compute.SIDES[window])


@shared_cache(maxsize=64)
def generated(
    text: str, window: ImageWindow, seed: int, progress: Progress = no_progress
) -> compute.Made:
    """What a window generates from the images."""
    with at_work(progress):
        return compute.measured(
            compute.generate(field(text, window), compute.noise(seed)), tensor(text)
        )


def _editor(tr: Translator) -> None:
    """A drawing in characters, a file, and what removes images."""
    left, right = st.columns(2, gap="large")
    with left:
        st.text_area(
            tr("images.own.draw"), help=tr("images.own.draw.help"), height=230, key=_DRAWING
        )
        with st.container(horizontal=True):
            st.button(
                tr("images.own.add"), key="images.own.add", on_click=uninterrupted()(_add_drawing)
            )
            st.button(
                tr("images.own.remove"),
                key="images.own.remove",
                on_click=uninterrupted()(_remove_last),
            )
            st.button(
                tr("images.own.example"),
                key="images.own.example",
                on_click=uninterrupted()(_example),
            )
    with right:
        upload.file_uploader(tr("images.own.file"), "w.images.file", tr, _add_file)
        st.caption(tr("images.own.file.about", limit=MOST))
    if why := st.session_state.pop(_WHY, None):
        st.error(why.markdown(tr))


def _add_drawing() -> None:
    _add(lambda: (drawn(st.session_state.get(_DRAWING, "")),))


def _add_file(data: bytes) -> None:
    _add(lambda: uploaded.images_of(data))


def _add(read: Callable[[], tuple[str, ...]]) -> None:
    """Add images to the visitor's; the first ones take the place of the example."""
    text = state.current().image_own
    kept = () if text == EXAMPLE else images_in(text)
    try:
        joined = ".".join((*kept, *read()))
        images_in(joined)
    except Refusal as why:
        st.session_state[_WHY] = why
        return
    state.change("image_own", image_own=joined)


def _remove_last() -> None:
    left = images_in(state.current().image_own)[:-1]
    state.change("image_own", image_own=".".join(left) or EXAMPLE)


def _example() -> None:
    state.change("image_own", image_own=EXAMPLE)
