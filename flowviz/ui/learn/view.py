"""The page Train: the loss curves, both flows side by side, and the results.

Everything is one fragment. While a job is running, or the exact flow is being computed, it runs
twice a second; at the end the whole page is rerun.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from flowviz.figures.fan import NO_GROUP, Fan
from flowviz.figures.learn import (
    excess_figure,
    gap_figure,
    line_figure,
    loss_figure,
    median_figure,
)
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import number, percent
from flowviz.ui import jobs
from flowviz.ui.browser import codec, mount
from flowviz.ui.demos import example, fold
from flowviz.ui.learn import checkpoints, compute, controls, flows, guided, one_step, predictions
from flowviz.ui.learn import report as learn_report
from flowviz.ui.learn.compute import Arrays
from flowviz.ui.learn.report import with_tex
from flowviz.ui.learn.session import TrainingRun, run_of
from flowviz.ui.learn.status import buttons, show_status
from flowviz.ui.learn.tasks import untrained
from flowviz.ui.session import faults, state, valid_family
from flowviz.ui.widgets.glossary import tips
from flowviz.ui.widgets.readouts import check_expander, points_text

_EVERY_S = 0.5
_NOTHING: Arrays = {}
_NO_CURVE = np.zeros((0, 5))
_POLLING = "flowviz.learn.asking"


@faults.guarded
def show(tr: Translator, style: Style) -> None:
    """The page below its title."""
    jobs.start_workers()  # start the workers in advance
    run = run_of(state.current())
    run.advance()
    polling = st.session_state[_POLLING] = _unfinished(run)
    faults.fragment(_live, _EVERY_S if polling else None)(tr, style)


def _unfinished(run: TrainingRun) -> bool:
    """Whether a job or the computation of the exact flow is running."""
    return run.busy or compute.exact_soon(compute.exact_key(run.scene)) is None


def _live(tr: Translator, style: Style) -> None:
    asked = state.sync_widgets()
    scene = valid_family.last_valid(asked, asked.space, tr)
    run = run_of(scene)
    run.advance()
    buttons(run, tr)
    if _unfinished(run_of(state.current())) != st.session_state[_POLLING]:
        st.rerun(scope="app")  # start or stop polling
    news = _news(run)
    show_status(run, news, tr)
    _curves(run, news, tr, style)
    found = compute.unpack(run.measured) if run.measured else _NOTHING
    if run.measuring and run.status and run.status.news:
        found = compute.unpack(run.status.news)
    with st.container(key="learn-picture"):
        _flows(scene, run, news, found, tr, style)
    _checks(run, news, tr)
    draw = partial(checkpoints.show, run.scene, news, tr, style, live=run.training is not None)
    fold.show("checkpoints", tr, draw)
    fold.show("example", tr, partial(example.show, run.scene, tr, style, run.data))
    draw = partial(guided.show, run.scene, scene, tr, run.data)
    fold.show("guided", tr, draw)
    fold.show("one_step", tr, partial(one_step.show, run.scene, tr, style, run.data))
    controls.show(tr)
    # At the bottom, so that the elements above do not move when it appears.
    if run.data and not run.training:
        learn_report.show(run, found, _nothing(run, tr), tr, style)


def _news(run: TrainingRun) -> Arrays:
    """The latest curves and the latest flow of the network."""
    if run.training and run.status and run.status.news:
        return compute.unpack(run.status.news)
    return compute.unpack(run.data) if run.data else _NOTHING


# ---------------------------------------------------------------------- the loss


def _curves(run: TrainingRun, news: Arrays, tr: Translator, style: Style) -> None:
    """The loss, and the error of the field; both figures are there from the start."""
    curve, floor = _NO_CURVE, (np.nan, np.nan)
    if len(news.get("curve", ())):
        curve, floor = news["curve"].astype(np.float64), tuple(news["floor"].tolist())
    steps, exact = run.scene.learn_steps, run.scene.learn_target == "exact"
    with st.container(key="side-by-side-loss"):
        left, right = st.columns(2, gap="medium")
    names = ("step", "loss", "floor", "excess", "batches", "true", "median")
    labels = {name: tr(f"learn.axis.{name}") for name in names}
    labels["nothing"] = _nothing(run, tr)
    if exact:
        labels["floor"] = tr("learn.axis.floor.none")
    heavy = bool(np.isnan(curve[-1:, 3]).any())  # E‖f‖² is infinite
    with left:
        figure = loss_figure(curve, floor, steps, labels, style, heavy, number)
        mount.plot(codec.pack(figure), key="learn.loss", label=tr("learn.alt.loss"))
    with right:
        name = "median" if heavy else "excess"
        figure = (
            median_figure(curve, steps, labels, style, percent)
            if heavy
            else excess_figure(curve, floor, steps, labels, style, number)
        )
        mount.plot(codec.pack(figure), key="learn.excess", label=tr(f"learn.alt.{name}"))
    with st.container(key="learn-said"):
        st.caption(
            _curve_summary(curve, floor, tr, exact=exact),
            help=tips(tr, "loss_floor", "relative_error"),
        )


def _curve_summary(
    curve: NDArray[np.floating[Any]], floor: tuple[float, ...], tr: Translator, *, exact: bool
) -> str:
    """The last numbers of the curves; before there are any, which they will be."""
    text = "learn.curves.exact" if exact else "learn.curves"
    if not len(curve):
        return tr(f"{text}.before")
    _, loss, excess, relative, median = curve[-1].tolist()
    if math.isnan(relative):
        return tr("learn.curves.heavy", loss=number(loss), median=percent(median))
    values = {"loss": number(loss, 4), "excess": number(excess), "relative": percent(relative)}
    if not exact:
        values |= {"floor": number(floor[0], 4), "error": number(floor[1], 1)}
    return tr(text, **values)


# ---------------------------------------------------------------------- both flows


def _flows(
    scene: Scene, run: TrainingRun, news: Arrays, found: Arrays, tr: Translator, style: Style
) -> None:
    """The learned flow, the exact flow and their difference."""
    learned = found if "arrows" in found or "x" in found else news
    flow = compute.exact_key(run.scene)
    # The exact flow first: it says where both are drawn.
    first = not {"x", "tracks"} & set(learned) and compute.exact_soon(flow) is not None
    if first:
        learned = untrained(run.scene)
    nothing: dict[flows.Panel, str] = {
        "learned": _nothing(run, tr),
        "exact": _computing(flow, tr),
        "gap": "" if "gap" in found else _nothing(run, tr),
    }
    if scene.space == "plane":
        flows.show(scene, flow, learned, found, nothing, tr, style)
    else:
        _flows_1d(scene, flow, learned, found, nothing, tr, style)
    exact, asked = compute.exact_soon(flow), len(compute.stage(flow).x1)
    if exact and len(exact.x) < asked:
        st.caption(tr("flow.followed", n=len(exact.x), count=asked))
    if first:
        st.caption(tr("learn.untrained"))
    st.caption(with_tex(tr(f"learn.flows.{scene.space}")))
    predictions.show(run.scene.field(run.scene.space), found, scene.prediction, tr)


def _flows_1d(
    scene: Scene,
    flow: Scene,
    learned: Arrays,
    found: Arrays,
    nothing: dict[flows.Panel, str],
    tr: Translator,
    style: Style,
) -> None:
    exact, at = compute.exact_soon(flow), compute.stage(flow)
    view = (at.view[0], at.view[1])
    weights = np.asarray(flow.points.w)
    points = np.asarray(flow.points.x), weights / weights.sum()
    axes = {"t": tr("learn.axis.t"), "x": "x"}
    labels = {name: {**axes, "nothing": text} for name, text in nothing.items()}
    t, feet, colour = at.times.numpy(), compute.feet(flow), flows.colours(exact, len(at.x1))
    exact_fan = (
        Fan(t, exact.x[..., 0], exact.basin, exact.reached[:, 0], exact.p) if exact else None
    )
    exact_arrows = (*feet, exact.slopes) if exact else None
    fan = Fan(t, learned["x"].astype(np.float64), colour) if "x" in learned else None
    arrows = (*feet, learned["v"].astype(np.float64)) if "v" in learned else None
    read = predictions.gap_map(found, scene.prediction)
    relative, top = read or (None, 1.0)
    gap = None if relative is None else (found["gap_t"], found["gap_x"], relative)
    figures = {
        "learned": line_figure(fan, arrows, points, view, labels["learned"], style),
        "exact": line_figure(exact_fan, exact_arrows, points, view, labels["exact"], style),
        "gap": gap_figure(gap, top, points, view, labels["gap"], style),
    }
    # With large text the difference has its own row; on a screen of its own there is room.
    in_rows = style.large and not scene.present
    columns = [*st.columns(2), st.container()] if in_rows else st.columns(3, gap="small")
    for column, (name, k) in zip(columns, flows.CAPTIONS.items(), strict=True):
        with column:
            title = predictions.panel(scene.prediction, tr) if name == "gap" else ""
            st.markdown(f"**{with_tex(title or tr(f'learn.panel.{name}'))}**")
            title = tr(f"learn.alt.{name}")
            label = tr("figure.points", figure=title, points=points_text(flow, "line"))
            block = codec.pack(figures[name])
            caption = tr(f"learn.caption.{k}")
            mount.still(
                block, tr, style, key=f"learn.{name}", title=title, label=label, caption=caption
            )
    if exact and (exact.basin == NO_GROUP).any():
        st.caption(tr("flow.separatrix"))


def _computing(flow: Scene, tr: Translator) -> str:
    """The text of the exact flow's empty figure."""
    percent = min(99, round(100 * compute.exact_done(flow)))
    return tr("frame.computing", percent=percent)


def _nothing(run: TrainingRun, tr: Translator) -> str:
    """The text of an empty figure."""
    if run.measuring:
        return tr("learn.nothing.measuring")
    return tr("learn.nothing.stopped" if run.data and not run.busy else "learn.nothing")


def _checks(run: TrainingRun, news: Arrays, tr: Translator) -> None:
    """The checks of the exact flow and of the loss floor."""
    exact = compute.exact_soon(compute.exact_key(run.scene))
    found = dict(exact.checks) if exact else {}
    if len(news.get("curve", ())) and run.scene.learn_target != "exact":
        value, error = news["floor"].tolist()
        found["floor"] = compute.floor_check(run.scene, (value, error))
    if found:
        check_expander(found, tr)
