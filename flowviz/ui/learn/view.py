"""The Learn page's parts, one below the other: the curves, both flows side by side, the report.

Everything is one fragment. While a job is under way, or the exact flow still being computed, it
runs twice a second and asks how that stands; in the end the whole page follows.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from flowviz.figures.fan import Fan
from flowviz.figures.learn import (
    excess_figure,
    gap_figure,
    gap_scale,
    line_figure,
    loss_figure,
    median_figure,
)
from flowviz.figures.plane import handle_sizes, track_codes
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Say
from flowviz.text.numbers import number, percent
from flowviz.ui import jobs
from flowviz.ui.browser import codec, mount
from flowviz.ui.learn import compute, controls
from flowviz.ui.learn import report as learn_report
from flowviz.ui.learn.compute import Arrays, Exact
from flowviz.ui.learn.report import with_tex
from flowviz.ui.learn.session import TrainingRun, run_of
from flowviz.ui.learn.status import buttons, standing
from flowviz.ui.session import faults, state, valid_family
from flowviz.ui.session.cache import shared
from flowviz.ui.session.drag import Drag
from flowviz.ui.widgets.glossary import tips
from flowviz.ui.widgets.readouts import check_fold

_DRAG = Drag("learn")
_EVERY_S = 0.5
_CAPTIONED = ("learned", "exact", "gap")
_NOTHING: Arrays = {}
_NO_CURVE = np.zeros((0, 5))
_POLLING = "flowviz.learn.asking"


@faults.guarded
def show(say: Say, style: Style) -> None:
    """The page below its title."""
    jobs.wake()  # the workers start while the visitor reads
    lesson = run_of(state.current())
    lesson.advance()
    asking = st.session_state[_POLLING] = _unfinished(lesson)
    faults.fragment(_live, _EVERY_S if asking else None)(say, style)


def _unfinished(lesson: TrainingRun) -> bool:
    """Whether something is under way that this page will show."""
    return lesson.busy or compute.exact_soon(compute.exact_key(lesson.scene)) is None


def _live(say: Say, style: Style) -> None:
    asked = state.sync_widgets()
    scene = valid_family.last_valid(asked, asked.space, say)
    lesson = run_of(scene)
    lesson.advance()
    buttons(lesson, say)
    if _unfinished(run_of(state.current())) != st.session_state[_POLLING]:
        st.rerun(scope="app")  # begin to ask, or stop asking
    news = _news(lesson)
    standing(lesson, news, say)
    _curves(lesson, news, say, style)
    found = compute.unpack(lesson.found) if lesson.found else _NOTHING
    if lesson.measuring and lesson.status and lesson.status.news:
        found = compute.unpack(lesson.status.news)
    _flows(scene, lesson, news, found, say, style)
    _checks(lesson, news, say)
    controls.show(say)
    # Last, as it comes last: what stands above must not move while it is read.
    if lesson.data and not lesson.training:
        learn_report.show(lesson, found, _nothing(lesson, say), say, style)


def _news(lesson: TrainingRun) -> Arrays:
    """The newest curves, and with them the newest picture of the network's flow."""
    if lesson.training and lesson.status and lesson.status.news:
        return compute.unpack(lesson.status.news)
    return compute.unpack(lesson.data) if lesson.data else _NOTHING


# ---------------------------------------------------------------------- the loss


def _curves(lesson: TrainingRun, news: Arrays, say: Say, style: Style) -> None:
    """The loss and what of it is error; their places are held before there is anything."""
    curve, floor = _NO_CURVE, (np.nan, np.nan)
    if len(news.get("curve", ())):
        curve, floor = news["curve"].astype(np.float64), tuple(news["floor"].tolist())
    steps, exact = lesson.scene.learn_steps, lesson.scene.learn_target == "exact"
    left, right = st.columns(2, gap="medium")
    names = ("step", "loss", "floor", "excess", "batches", "true", "median")
    labels = {name: say(f"learn.axis.{name}") for name in names}
    labels["nothing"] = _nothing(lesson, say)
    if exact:
        labels["floor"] = say("learn.axis.floor.none")
    heavy = bool(np.isnan(curve[-1:, 3]).any())  # E‖f‖² is infinite
    with left:
        figure = loss_figure(curve, floor, steps, labels, style, heavy)
        mount.plot(codec.pack(figure), key="learn.loss", label=say("learn.alt.loss"))
    with right:
        name = "median" if heavy else "excess"
        figure = (
            median_figure(curve, steps, labels, style)
            if heavy
            else excess_figure(curve, floor, steps, labels, style)
        )
        mount.plot(codec.pack(figure), key="learn.excess", label=say(f"learn.alt.{name}"))
    with st.container(key="learn-said"):
        st.caption(
            _said_of_the_curves(curve, floor, say, exact=exact),
            help=tips(say, "loss_floor", "relative_error"),
        )


def _said_of_the_curves(
    curve: NDArray[np.floating[Any]], floor: tuple[float, ...], say: Say, *, exact: bool
) -> str:
    """The last numbers of the curves; before there are any, which they will be."""
    text = "learn.curves.exact" if exact else "learn.curves"
    if not len(curve):
        return say(f"{text}.before")
    _, loss, excess, relative, median = curve[-1].tolist()
    if math.isnan(relative):
        return say("learn.curves.heavy", loss=number(loss), median=percent(median))
    values = {"loss": number(loss, 4), "excess": number(excess), "relative": percent(relative)}
    if not exact:
        values |= {"floor": number(floor[0], 4), "error": number(floor[1], 1)}
    return say(text, **values)


# ---------------------------------------------------------------------- both flows


def _flows(
    scene: Scene, lesson: TrainingRun, news: Arrays, found: Arrays, say: Say, style: Style
) -> None:
    """Learned, exact, and where they differ."""
    look = found if "arrows" in found or "x" in found else news
    if scene.space == "plane":
        _flows_of_the_plane(scene, lesson, look, found, say, style)
    else:
        _flows_of_the_line(lesson, look, found, say, style)
    st.caption(with_tex(say(f"learn.flows.{scene.space}")))


def _flows_of_the_line(
    lesson: TrainingRun, look: Arrays, found: Arrays, say: Say, style: Style
) -> None:
    flow = compute.exact_key(lesson.scene)
    exact, at = compute.exact_soon(flow), compute.stage(flow)
    view = (at.view[0], at.view[1])
    weights = np.asarray(flow.points.w)
    points = np.asarray(flow.points.x), weights / weights.sum()
    labels = {"t": say("learn.axis.t"), "x": "x", "nothing": _nothing(lesson, say)}
    soon = labels | {"nothing": say("learn.nothing.exact")}
    t, feet, colour = at.times.numpy(), compute.feet(flow), _colours(exact, len(at.x1))
    fan = Fan(t, exact.x[..., 0], exact.basin) if exact else None
    own = Fan(t, look["x"].astype(np.float64), colour) if "x" in look else None
    arrows = (*feet, look["v"].astype(np.float64)) if "v" in look else None
    figures = {
        "learned": line_figure(own, arrows, points, view, labels, style),
        "exact": line_figure(
            fan, (*feet, exact.slopes) if exact else None, points, view, soon, style
        ),
        "gap": gap_figure(_gap(found), _top(found), points, view, labels, style),
    }
    # Large letters need room: the difference takes a row of its own.
    places = [*st.columns(2), st.container()] if style.large else st.columns(3, gap="small")
    for column, name in zip(places, _CAPTIONED, strict=True):
        with column:
            st.markdown(f"**{with_tex(say(f'learn.panel.{name}'))}**")
            label = say(f"learn.alt.{name}")
            mount.plot(codec.pack(figures[name]), key=f"learn.{name}", label=label)


def _colours(exact: Exact | None, count: int) -> NDArray[np.integer[Any]]:
    """The basin of each trajectory: one for all, until it is known."""
    return exact.basin if exact else np.zeros(count, np.int64)


def _nothing(lesson: TrainingRun, say: Say) -> str:
    """What stands where nothing is to be drawn yet."""
    if lesson.measuring:
        return say("learn.nothing.measuring")
    return say("learn.nothing.stopped" if lesson.data and not lesson.busy else "learn.nothing")


def _gap(found: Arrays) -> tuple[Any, Any, Any] | None:
    return (found["gap_t"], found["gap_x"], found["gap"]) if "gap" in found else None


def _top(found: Arrays) -> float:
    return float(found["gap_top"]) if "gap" in found else 1.0


def _flows_of_the_plane(
    scene: Scene, lesson: TrainingRun, look: Arrays, found: Arrays, say: Say, style: Style
) -> None:
    flow = compute.exact_key(lesson.scene)
    points, exact, at = flow.plane_points, compute.exact_soon(flow), compute.stage(flow)
    content: dict[str, Any] = {
        "view": list(at.view),
        "nodes": at.times.tolist(),
        "colour": (_colours(exact, len(at.x1)) % len(style.basins)).tolist(),
        "exact": _exact_block(flow) if exact else None,
        "learned": codec.pack(_arrows(look)) if "tracks" in look else None,
        "gap": codec.pack(_map(found)) if "gap" in found else None,
        "points": {
            "x": points.x,
            "y": points.y,
            "size": (0.7 * handle_sizes(np.asarray(points.w), scene.large)).tolist(),
        },
        "time": scene.time,
        "speed": scene.speed,
        "large": scene.large,
        "style": mount.style(style) | {"gap": gap_scale(style)},
        "words": {
            **{name: say(f"learn.panel.{name}") for name in _CAPTIONED},
            **{f"{name}_alt": say(f"learn.alt.{name}") for name in _CAPTIONED},
            **{word: say(f"fan.{word}") for word in ("play", "pause", "time", "speed")},
            **{f"{name}_nothing": _nothing(lesson, say) for name in _CAPTIONED},
            "exact_nothing": say("learn.nothing.exact"),
            "top": say("learn.gap.top", percent=percent(_top(found), 2)),
        },
    }
    mount.view("compare", _DRAG.numbered(content), key="learn.flows")


def _checks(lesson: TrainingRun, news: Arrays, say: Say) -> None:
    """Whether what the network is measured by is right: the exact flow, and the floor."""
    exact = compute.exact_soon(compute.exact_key(lesson.scene))
    found = dict(exact.checks) if exact else {}
    if len(news.get("curve", ())) and lesson.scene.learn_target != "exact":
        value, error = news["floor"].tolist()
        found["floor"] = compute.floor_check(lesson.scene, (value, error))
    if found:
        check_fold(found, say)


def _arrows(look: Arrays) -> dict[str, Any]:
    return {
        "tracks": look["tracks"].astype(np.uint16),
        "t": look["arrow_t"].tolist(),
        "arrows": look["arrows"].astype(np.uint8),
        "arrow_side": look["arrows"].shape[1],
    }


def _map(found: Arrays) -> dict[str, Any]:
    gap = found["gap"].astype(np.uint8)
    return {"t": found["gap_t"].tolist(), "density": gap, "cells": gap.shape[1]}


@shared(maxsize=48)
def _exact_block(flow: Scene) -> bytes:
    """The exact flow as it travels, one for all visitors who see the same."""
    exact, view = compute.exact(flow), compute.stage(flow).view
    tracks = track_codes(exact.x, view)  # type: ignore[arg-type]
    look = {"tracks": tracks, "arrow_t": exact.arrow_t, "arrows": exact.arrows}
    return codec.pack(_arrows(look))
