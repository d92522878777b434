"""What a trained network can do, in numbers and small figures; and how to take it away."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import streamlit as st

from flowviz.core.learning.network import NetSpec
from flowviz.core.learning.script import training_script
from flowviz.figures.learned import cloud_figure, landing_figure, likelihood_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Say
from flowviz.ui import browser, wire
from flowviz.ui.learn import compute
from flowviz.ui.learn.compute import Arrays
from flowviz.ui.learn.session import Lesson
from flowviz.ui.learn.works import spec_of
from flowviz.ui.shared import shared

_BY_HEART, _SMOOTH = 0.1, 0.35  # of the distance between neighbouring data points


def show(lesson: Lesson, news: Arrays, found: Arrays, say: Say, style: Style) -> None:
    """The summary, the samples, the likelihoods and the downloads, as far as they are found."""
    if len(news.get("curve", ())):
        st.markdown(f"##### {say('learn.report')}")
        _summary(lesson, news, say)
    if "samples" in found:
        left, right = st.columns(2, gap="large")
        with left:
            _samples(lesson, found, say, style)
        with right:
            _likelihoods(found, say, style)
        _numbers(found, say)
        _heart(lesson, found, say)
    if not lesson.busy:
        _downloads(lesson, say)


def _summary(lesson: Lesson, news: Arrays, say: Say) -> None:
    """How good it is, how long it took, where, and who asked for it first."""
    step = int(news["step"])
    name = str(news["device"])
    values = {
        "relative": f"{float(news['curve'][-1][3]):.1%}",
        "step": step,
        "seconds": f"{float(news['seconds']):.1f}",
        "device": say("learn.device.cpu") if name == "cpu" else say("learn.device.gpu", name=name),
    }
    st.markdown(say("learn.summary" if lesson.whole else "learn.summary.stopped", **values))
    if lesson.known and not lesson.busy:  # "at once" is not true of what is still being measured
        st.caption(say("learn.known"))


# ---------------------------------------------------------------------- samples and likelihoods


def _samples(lesson: Lesson, found: Arrays, say: Say, style: Style) -> None:
    st.markdown(f"**{say('learn.samples')}**")
    scene, samples = lesson.scene, found["samples"].astype(np.float64)
    view = compute.stage(compute.flow_of(scene)).view
    if scene.space == "plane":
        points = scene.plane_points
        where = (np.asarray(points.x), np.asarray(points.y), np.asarray(points.w))
        figure = cloud_figure(samples, where, view, style)
    else:
        weights = np.asarray(scene.points.w)
        line = (np.asarray(scene.points.x), weights / weights.sum())
        figure = landing_figure(samples[:, 0], line, (view[0], view[1]), style)
    browser.plot(wire.pack(figure), key="learn.samples", label=say("learn.alt.samples"))
    st.caption(say(f"learn.samples.{scene.space}", n=len(samples)))


def _likelihoods(found: Arrays, say: Say, style: Style) -> None:
    if "log_p" not in found:
        return
    st.markdown(f"**{say('learn.likelihood')}**")
    own, exact = found["log_p"], found["log_p_exact"]
    labels = {name: say(f"learn.likelihood.{name}") for name in ("own", "exact")}
    figure = likelihood_figure(own, exact, labels, style)
    browser.plot(wire.pack(figure), key="learn.likelihood", label=say("learn.alt.likelihood"))
    t = f"{float(found['log_p_t']):g}"
    st.caption(say("learn.likelihood.caption", n=len(own), t=t))


def _numbers(found: Arrays, say: Say) -> None:
    """Every number beside what it would be without a mistake."""
    rows: list[tuple[str, str, str]] = []
    for name in ("energy", "w2"):
        if name in found:
            value, noise, deviation = found[name].tolist()
            rows.append((say(f"learn.{name}"), f"{value:.3g}", f"{noise:.2g} ± {deviation:.1g}"))
    if "nearest" in found:
        middle, most, _ = found["nearest"].tolist()
        rows.append((say("learn.nearest"), f"{middle:.2g}; {most:.2g}", "0; 0"))
    if "log_p" in found:
        rows.append(_likelihood_row(found, say))
    head = " | ".join(say(f"learn.table.{name}") for name in ("what", "own", "exact"))
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    st.markdown(f"| {head} |\n|:---|---:|---:|\n{lines}")
    st.caption(say("learn.table.caption"))


def _likelihood_row(found: Arrays, say: Say) -> tuple[str, str, str]:
    own, exact = found["log_p"], found["log_p_exact"]
    here = np.isfinite(own) & np.isfinite(exact)
    label = say("learn.table.likelihood", t=f"{float(found['log_p_t']):g}")
    lost = int((~here).sum())
    right = f"{exact[np.isfinite(exact)].mean():.4f}"
    if not here.any():
        return label, "−∞", right
    stayed = f"{own[here].mean():.4f}"
    if not lost:
        return label, stayed, right
    # What left the prior has no density at all, and neither has the mean.
    return label, f"−∞ ({say('learn.table.outside', n=lost, mean=stayed)})", right


def _heart(lesson: Lesson, found: Arrays, say: Say) -> None:
    """Whether it reproduces the data points or smooths between them."""
    if "nearest" not in found or not math.isfinite(apart := float(found["apart"])):
        return
    share = float(found["nearest"][0]) / apart
    kind = "points" if share < _BY_HEART else "smooth" if share > _SMOOTH else "between"
    said = say(f"learn.heart.{kind}", share=f"{share:.1%}", apart=f"{apart:.3g}")
    st.markdown(f"**{say('learn.heart')}** {said}")


# ---------------------------------------------------------------------- to take away


def _downloads(lesson: Lesson, say: Say) -> None:
    if not lesson.data:
        return
    with st.container(horizontal=True, gap="small"):
        weights = compute.unpack(lesson.data)["weights"].tobytes()
        _download("weights", weights, "flowviz-velocity.safetensors", say)
        _download("script", _script(lesson.scene).encode(), "flowviz-train.py", say)
    st.caption(say("learn.downloads"))


def _download(name: str, data: bytes, file: str, say: Say) -> Any:
    return st.download_button(
        say(f"learn.{name}"),
        data,
        file_name=file,
        mime="application/octet-stream" if name == "weights" else "text/x-python",
        icon=":material/download:",
        on_click="ignore",
        key=f"learn.{name}",
    )


@shared(maxsize=32)
def _script(scene: Scene) -> str:
    """The source of a script that trains the scene's network."""
    net = NetSpec(scene.learn_width, scene.learn_depth, scene.learn_activation)
    heading = f"FlowViz, page Learn: ?{scene.query_string('learn')}"
    return training_script(scene.field(scene.space), net, spec_of(scene), heading)
