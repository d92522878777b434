"""The topic of a visitor's own images: drawn, or uploaded as a strip."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st
import torch
from torch import Tensor

from flowviz.core.images import WindowField
from flowviz.core.numerics.work import at_work
from flowviz.figures.images import Row, rows_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.own_images import EXAMPLE, LEVELS, MOST, drawn, images_in, pixels
from flowviz.scene.settings import ImageWindow
from flowviz.text import Refusal, Translator
from flowviz.text.numbers import number, percent
from flowviz.ui.browser import mount_controls
from flowviz.ui.images import compute, uploaded
from flowviz.ui.images.parts import (
    decided_at,
    distance_text,
    pictures,
    show_figure,
    show_strip,
    show_weights,
    table,
)
from flowviz.ui.session import state
from flowviz.ui.session.cache import Progress, no_progress, shared_cache
from flowviz.ui.session.preemption import uninterrupted
from flowviz.ui.widgets import upload
from flowviz.ui.widgets.progress_bar import progress_bar

_COLUMNS = 8
_MOST_UNDONE = 50
_GRID = ("grid", "pixel", "ink", "undo", "clear", "help")
_WHY, _BEFORE = "flowviz.images.refused", "flowviz.images.before"
_DRAWING = "w.images.drawing"


def own(scene: Scene, tr: Translator, style: Style) -> None:
    """The visitor's images, and what every window generates from them."""
    st.markdown(f"## {tr('images.own')}")
    x0 = tensor(scene.image_own)
    st.markdown(tr("images.own.about", n=len(x0)))
    blank = -torch.ones(max(0, _COLUMNS - len(x0)), x0.shape[1], dtype=x0.dtype)
    first = pictures(torch.cat([x0[:_COLUMNS], blank]))
    rows, names = [Row(tr("images.own.row"), first)], dict[ImageWindow, str]()
    made = dict[ImageWindow, compute.Made]()
    with progress_bar(tr) as report:
        for window in compute.SIDES:
            names[window] = tr(f"images.image_window.{window}")
            made[window] = generated(scene.image_own, window, scene.image_seed, progress=report)
            rows.append(Row(names[window], pictures(made[window].x[:_COLUMNS, -1])))
    label = tr("images.own.alt", draws=_COLUMNS)
    show_figure("own", rows_figure(rows, (), style), label, first=True)
    _editor(tr)
    st.markdown(f"## {tr('images.own.measured')}")
    st.caption(tr("images.own.measured.about", draws=compute.DRAWS))
    head = [tr(f"images.own.table.{name}") for name in ("window", "memorised", "distance")]
    st.markdown(table(head, [(names[window], *_numbers(made[window], tr)) for window in made]))
    _follow(scene, tr, style)


def _numbers(made: compute.Made, tr: Translator) -> tuple[str, str]:
    """The share memorised and the distance, each with its standard error."""
    mean, error = percent(made.memorised.value, 2), percent(made.memorised.error, 2)
    return tr("images.mean_error", mean=mean, error=error), distance_text(made.distance, tr)


def _follow(scene: Scene, tr: Translator, style: Style) -> None:
    """One sample of a window along time; of the exact flow with its image's posterior weight."""
    st.markdown(f"## {tr('images.strip')}")
    left, right = st.columns(2, gap="large")
    with left:
        st.slider(tr("images.draw"), 1, compute.SHOWN, key=state.bound("image_draw"))
    with right:
        st.select_slider(
            tr("images.window"),
            list(compute.SIDES),
            format_func=lambda name: tr(f"images.image_window.{name}"),
            help=tr("images.window.help"),
            key=state.bound_as("own_window", window_of(scene), _choose_window),
        )
    draw, window = scene.image_draw, window_of(scene)
    found = strip(scene.image_own, window, scene.image_seed, draw - 1)
    show_strip(found, draw, tr, style)
    near = generated(scene.image_own, window, scene.image_seed).nearest
    about = {"draw": draw, "number": int(near.index[draw - 1]) + 1}
    if window == "whole":
        st.caption(_decision(found.image, about, tr))
        label = tr("images.own.weights.alt", draw=draw)
        show_weights({"image": found.image}, label, tr, style)
    else:
        distance = number(float(near.first[draw - 1]))
        of_window = {"sources": found.sources, "distance": distance}
        st.caption(tr("images.own.strip.window", **about, **of_window))


def _decision(weight: Tensor, about: Mapping[str, int], tr: Translator) -> str:
    """When the image a sample ends on is decided; of one or two images it is from the start."""
    if (start := float(weight[0])) >= 0.5:
        return tr("images.own.strip.start", **about, weight=number(start))
    return tr("images.own.strip", **about, time=decided_at(weight, tr))


def window_of(scene: Scene) -> ImageWindow:
    """The window whose sample is followed; none shrinks here, as no images are held out."""
    return scene.image_window if scene.image_window in compute.SIDES else "whole"


def _choose_window(window: ImageWindow) -> None:
    state.change("image_window", image_window=window)


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


@shared_cache(maxsize=128)
def strip(text: str, window: ImageWindow, seed: int, draw: int) -> compute.Strip:
    """One of what a window generates along time."""
    x0 = tensor(text)
    each = torch.arange(len(x0))  # every image is a class of its own
    made = generated(text, window, seed)
    return compute.along(field(text, window), made, draw, x0, each)


def _editor(tr: Translator) -> None:
    """The grid, a file, a drawing in characters, and what takes images back."""
    is_example = state.current().image_own == EXAMPLE
    add = tr("images.own.add.first" if is_example else "images.own.add")
    if is_example:
        st.caption(tr("images.own.first"))
    left, right = st.columns(2, gap="large")
    with left:
        texts = {name: tr(f"images.own.grid.{name}") for name in _GRID}
        texts |= {"add": add, "empty": tr("error.images.empty")}
        mount_controls.pixel_grid(texts, _add_pixels, key="own-grid")
    with right:
        with st.container(horizontal=True):
            _button(
                "undo", _undo, tr("images.own.undo"), disabled=not st.session_state.get(_BEFORE)
            )
            _button("remove", _remove_last, tr("images.own.remove"))
            _button("example", _example, tr("images.own.example"))
        upload.file_uploader(tr("images.own.file"), "w.images.file", tr, _add_file)
        st.caption(tr("images.own.file.about", limit=MOST))
        with st.expander(tr("images.own.draw")):
            st.text_area(
                tr("images.own.draw"), help=tr("images.own.draw.help"), height=230, key=_DRAWING
            )
            _button("add", _add_drawing, add)
    if why := st.session_state.pop(_WHY, None):
        st.error(why.markdown(tr))


def _button(name: str, act: Callable[[], None], label: str, *, disabled: bool = False) -> None:
    key = f"images.own.{name}"
    st.button(label, key=key, on_click=uninterrupted()(act), disabled=disabled)  # type: ignore[arg-type]


def _add_pixels(image: str) -> None:
    _add(lambda: (pixels(image),))


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
    _change(joined)


def _remove_last() -> None:
    left = images_in(state.current().image_own)[:-1]
    _change(".".join(left) or EXAMPLE)


def _example() -> None:
    _change(EXAMPLE)


def _change(text: str) -> None:
    """Show other images, and remember those before."""
    before = state.current().image_own
    if text != before and state.change("image_own", image_own=text):
        kept = st.session_state.get(_BEFORE, ())
        st.session_state[_BEFORE] = (*kept, before)[-_MOST_UNDONE:]


def _undo() -> None:
    *left, last = st.session_state.get(_BEFORE) or (state.current().image_own,)
    if state.change("image_own", image_own=last):
        st.session_state[_BEFORE] = tuple(left)
