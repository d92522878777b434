"""The topic of two networks: trained in the background, then compared with their images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
import torch
from numpy.typing import NDArray
from torch import Tensor

from flowviz.core.images.memorising import Mean, Nearest, mean_of, nearest
from flowviz.core.numerics.work import at_work
from flowviz.figures.images import Curve, Row, curves_figure, rows_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Refusal, Translator
from flowviz.text.numbers import number, percent
from flowviz.ui import jobs
from flowviz.ui.images import compute, tasks
from flowviz.ui.images.parts import pictures, show_figure
from flowviz.ui.jobs import Handle, Phase, Spec, Status
from flowviz.ui.learn.compute import is_readable, unpack
from flowviz.ui.learn.session import visitor
from flowviz.ui.session import faults, state
from flowviz.ui.session.cache import Progress, no_progress, shared_cache
from flowviz.ui.session.connection import address, browser_name
from flowviz.ui.widgets import controls

_HANDLE, _EVERY_S, _COLUMNS = "flowviz.images.training", 0.5, 8
_SPEC = Spec(tasks.train_two, page="images")
Arrays = dict[str, NDArray[Any]]


def learned(scene: Scene, tr: Translator, style: Style) -> None:
    """Two networks on disjoint sets of images, from the same noise."""
    jobs.start_workers()
    st.markdown(f"## {tr('images.learned')}")
    controls.choice("images", "image_net", tr)
    st.markdown(tr("images.learned.about", n=compute.half_size(scene.image_count)))
    polling = _running(tasks.run_key(scene)) is not None
    faults.fragment(_live, _EVERY_S if polling else None)(polling, tr, style)


def _running(key: Scene) -> Handle | None:
    """The training of this scene that the session waits for; one for another scene is left."""
    kept: tuple[Scene, Handle] | None = st.session_state.get(_HANDLE)
    if kept and kept[0] != key:
        kept[1].stop()
        kept = st.session_state[_HANDLE] = None
    if kept is None and (found := jobs.join(key, _SPEC, visitor())):
        kept = st.session_state[_HANDLE] = key, found
    return kept[1] if kept else None


def _live(polling: bool, tr: Translator, style: Style) -> None:
    scene = state.sync_widgets()
    key = tasks.run_key(scene)
    handle = _running(key)
    status = handle.status() if handle else None
    if status and status.phase.is_final:
        st.session_state[_HANDLE] = None
    busy = status is not None and not status.phase.is_final
    data = _result(key)
    _button(key, handle if busy else None, data is not None, tr)
    if busy != polling:
        st.rerun(scope="app")  # start or stop polling
    if status and status.why:
        st.error(status.why.markdown(tr))
    if busy and status:
        st.progress(min(status.done, 1.0), _progress(status, tr))
    found = unpack(data) if data else unpack(status.news) if status and status.news else {}
    _losses(key, found, tr, style)
    if data is None:
        st.caption(tr("images.learned.idle"))
    else:
        _compared(scene, found, generated(data, key, scene.image_seed), tr, style)


def _result(key: Scene) -> bytes | None:
    data = jobs.cached_result(key, _SPEC)
    if data is not None and not _is_whole(data):
        jobs.discard_result(key, _SPEC)
        return None
    return data


def _is_whole(data: bytes) -> bool:
    """Whether a result can be read, and has the networks: those of earlier versions had none."""
    return is_readable(data) and any(name.startswith(tasks.WEIGHT) for name in unpack(data))


def result(scene: Scene) -> Arrays | None:
    """The arrays of the training of a scene, if it has been trained."""
    data = _result(tasks.run_key(scene))
    return None if data is None else unpack(data)


@shared_cache(maxsize=8)
def generated(
    data: bytes, key: Scene, seed: int, progress: Progress = no_progress
) -> tuple[Tensor, ...]:
    """What both networks generate from the noise of a seed, (Q, 64) each."""
    with at_work(progress):
        nets = tasks.trained_nets(key, unpack(data))
        return tuple(compute.generate(net, compute.noise(seed))[:, -1] for net in nets)


def generated_by(scene: Scene) -> tuple[Tensor, ...]:
    """What both networks generate, (Q, 64) each; none before they are trained."""
    key = tasks.run_key(scene)
    data = _result(key)
    return () if data is None else generated(data, key, scene.image_seed)


def errors(scene: Scene) -> Tensor | None:
    """The errors of network A on held-out images, (T, Q), if it has been trained."""
    found = result(scene)
    return None if found is None else torch.from_numpy(found["errors0"])


def _button(key: Scene, handle: Handle | None, known: bool, tr: Translator) -> None:
    """Train, or Stop; nothing where the result is there."""
    if known and not handle:
        return
    name = "stop" if handle else "train"
    pressed = st.button(tr(f"images.{name}"), key="images.train", type="primary")
    if not pressed:
        return
    if handle:
        handle.stop()
        st.session_state[_HANDLE] = None
    else:
        try:
            begun = jobs.submit(key, _SPEC, visitor(), address=address(), browser=browser_name())
            st.session_state[_HANDLE] = key, begun
        except Refusal as why:
            st.error(why.markdown(tr))
            return
    st.rerun(scope="app")


def _progress(status: Status, tr: Translator) -> str:
    if status.phase is Phase.WAITING:
        return tr("learn.waiting", n=status.ahead) if status.ahead else tr("learn.next")
    return tr("images.training", percent=round(100 * min(status.done, 1.0)))


def _losses(key: Scene, found: Arrays, tr: Translator, style: Style) -> None:
    """The losses over their exact floors."""
    steps = tasks.STEPS[key.image_net]
    curves = []
    for k in range(tasks.NETWORKS):
        if f"curve{k}" in found:
            loss = found[f"curve{k}"][:, 1]
            curves.append(Curve(tr("images.net", name="AB"[k]), loss))
    if not curves:
        return
    at = found["curve0"][:, 0]
    curves = [curve for curve in curves if len(curve.value) == len(at)]
    floor = float(found["floor0"][0])
    curves.append(Curve(tr("images.floor"), 0.0 * at + floor))
    labels = {"t": tr("images.axis.step"), "value": tr("images.axis.loss")}
    top = 1.1 * float(max(curve.value.max() for curve in curves))
    figure = curves_figure(at, curves, labels, style, top=top, steps=steps)
    show_figure("losses", figure, tr("images.losses.alt"))


def _compared(
    scene: Scene, found: Arrays, ends: Sequence[Tensor], tr: Translator, style: Style
) -> None:
    """What both generate from the same noise, above the nearest images of each."""
    rows, near = list[Row](), list[Nearest]()
    for k, x in enumerate(ends):
        images = compute.half(scene.image_count, k)
        near.append(nearest(x, images.x0))
        rows.append(Row(tr("images.row.net", name="AB"[k]), pictures(x[:_COLUMNS])))
        closest = images.x0[near[-1].index[:_COLUMNS]]
        rows.append(Row(tr("images.row.nearest.net", name="AB"[k]), pictures(closest)))
    order = [1, 0, 2, 3]  # both networks' images side by side
    label = tr("images.learned.alt", draws=_COLUMNS)
    shown = [rows[k] for k in order]
    show_figure("learned", rows_figure(shown, (), style), label, first=True)
    alike = compute.correlation(*ends)
    shares = [mean_of(one.remembered) for one in near]
    with st.container(horizontal=True):
        note = tr("images.alike.help", draws=compute.DRAWS)
        value = tr("images.mean_error", mean=number(alike.value), error=number(alike.error, 2))
        st.metric(tr("images.alike"), value, help=note, width="content")
        for k, share in enumerate(shares):
            _share(share, "AB"[k], tr)
    floor, error = found["floor0"].tolist()
    loss = float(found["curve0"][-1, 1])
    st.markdown(
        tr(
            "images.learned.floor",
            loss=number(loss),
            floor=number(floor),
            error=number(error, 1),
            gap=percent((loss - floor) / floor, 2),
        )
    )


def _share(share: Mean, name: str, tr: Translator) -> None:
    value = tr("images.mean_error", mean=percent(share.value, 2), error=percent(share.error, 2))
    note = tr("images.memorised.help", draws=compute.DRAWS)
    st.metric(tr("images.memorised.net", name=name), value, help=note, width="content")
