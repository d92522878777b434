"""What a trained network can do, in numbers and small figures; and how to take it away."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import streamlit as st

from flowviz.core.training.export import training_script
from flowviz.core.training.network import NetSpec
from flowviz.figures.learned import cloud_figure, landing_figure, likelihood_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import ENTRIES, Say
from flowviz.text.numbers import fixed, number, percent
from flowviz.ui.browser import codec, mount
from flowviz.ui.learn import compute, measures
from flowviz.ui.learn.compute import Arrays
from flowviz.ui.learn.session import TrainingRun
from flowviz.ui.learn.tasks import spec_of
from flowviz.ui.session.cache import shared
from flowviz.ui.widgets.glossary import tips

_BY_HEART, _SMOOTH = 0.1, 0.35  # of the distance between neighbouring data points


def show(lesson: TrainingRun, found: Arrays, nothing: str, say: Say, style: Style) -> None:
    """The samples, the likelihoods and the downloads; ``nothing`` in a place that is still empty.

    While it is measured every place is held, so that nothing moves as the numbers come.
    """
    st.markdown(f"##### {say('learn.report')}")
    if "samples" in found or lesson.measuring:
        left, right = st.columns(2, gap="large")
        with left:
            _samples(lesson, found, nothing, say, style)
        with right:
            _likelihoods(lesson, found, nothing, say, style)
        _numbers(lesson, found, say)
        _heart(found, say)
    if not lesson.busy:
        _downloads(lesson, say)


# ---------------------------------------------------------------------- samples and likelihoods


def _samples(lesson: TrainingRun, found: Arrays, nothing: str, say: Say, style: Style) -> None:
    st.markdown(f"**{say('learn.samples')}**")
    scene = lesson.scene
    samples = found.get("samples", np.zeros((0, 2))).astype(np.float64)
    nothing = "" if "samples" in found else nothing
    view = compute.stage(compute.exact_key(scene)).view
    if scene.space == "plane":
        points = scene.plane_points
        where = (np.asarray(points.x), np.asarray(points.y), np.asarray(points.w))
        figure = cloud_figure(samples, where, view, style, nothing)
    else:
        weights = np.asarray(scene.points.w)
        line = (np.asarray(scene.points.x), weights / weights.sum())
        figure = landing_figure(samples[:, 0], line, (view[0], view[1]), style, nothing)
    mount.plot(codec.pack(figure), key="learn.samples", label=say("learn.alt.samples"))
    n = len(samples) if "samples" in found else measures.SAMPLES
    st.caption(say(f"learn.samples.{scene.space}", n=n))


def _likelihoods(lesson: TrainingRun, found: Arrays, nothing: str, say: Say, style: Style) -> None:
    if "log_p" not in found and not lesson.measuring:
        return
    st.markdown(f"**{say('learn.likelihood')}**", help=tips(say, "likelihood"))
    own, exact = (found.get(name, np.zeros(0)) for name in ("log_p", "log_p_exact"))
    nothing = "" if "log_p" in found else nothing
    labels = {name: say(f"learn.likelihood.{name}") for name in ("own", "exact")}
    figure = likelihood_figure(own, exact, labels, style, nothing)
    mount.plot(codec.pack(figure), key="learn.likelihood", label=say("learn.alt.likelihood"))
    n = len(own) if "log_p" in found else measures.LIKELIHOODS
    st.caption(say("learn.likelihood.caption", n=n, t=_likely_t(lesson)))


def _likely_t(lesson: TrainingRun) -> str:
    return number(max(measures.LIKELY_T, lesson.scene.learn_t_min))


def _numbers(lesson: TrainingRun, found: Arrays, say: Say) -> None:
    """Every number beside what it would be without a mistake; dots while they are awaited."""
    rows: list[tuple[str, str, str]] = []
    for name in ("energy", "w2"):
        if name in found:
            value, noise, deviation = found[name].tolist()
            chance = f"{number(noise, 2)} ± {number(deviation, 1)}"
            rows.append((say(f"learn.{name}"), number(value), chance))
        elif lesson.measuring:
            rows.append((say(f"learn.{name}"), "…", "…"))
    if "nearest" in found:
        middle, most, _ = found["nearest"].tolist()
        rows.append((say("learn.nearest"), f"{number(middle, 2)}; {number(most, 2)}", "0; 0"))
    elif lesson.measuring:
        rows.append((say("learn.nearest"), "…", "0; 0"))
    label = say("learn.table.likelihood", t=_likely_t(lesson))
    if "log_p" in found:
        rows.append((label, *_likelihoods_mean(found, say)))
    elif lesson.measuring:
        rows.append((label, "…", "…"))
    head = " | ".join(say(f"learn.table.{name}") for name in ("what", "own", "exact"))
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    st.markdown(f"| {head} |\n|:---|---:|---:|\n{lines}")
    st.caption(say("learn.table.caption"), help=tips(say, "energy_distance", "w2"))


def _likelihoods_mean(found: Arrays, say: Say) -> tuple[str, str]:
    """The mean log p, the network's and the exact one."""
    own, exact = found["log_p"], found["log_p_exact"]
    here = np.isfinite(own) & np.isfinite(exact)
    lost = int((~here).sum())
    right = fixed(exact[np.isfinite(exact)].mean(), 4)
    if not here.any():
        return "−∞", right
    stayed = fixed(own[here].mean(), 4)
    if not lost:
        return stayed, right
    # What left the prior has no density at all, and neither has the mean.
    return f"−∞ ({say('learn.table.outside', n=lost, mean=stayed)})", right


def _heart(found: Arrays, say: Say) -> None:
    """Whether it reproduces the data points or smooths between them."""
    if "nearest" not in found or not math.isfinite(apart := float(found["apart"])):
        return
    share = float(found["nearest"][0]) / apart
    kind = "points" if share < _BY_HEART else "smooth" if share > _SMOOTH else "between"
    said = say(f"learn.heart.{kind}", share=percent(share), apart=number(apart))
    st.markdown(f"**{say('learn.heart')}** {said}")


# ---------------------------------------------------------------------- to take away


def _downloads(lesson: TrainingRun, say: Say) -> None:
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
    heading = f"FlowViz, page {ENTRIES['nav.learn'].en}: ?{scene.query_string('learn')}"
    return training_script(scene.field(scene.space), net, spec_of(scene), heading)


_SYMBOLS = re.compile("‖vθ − fₜ‖|−?(?:vθ|fₜ)")
_TEX = {"vθ": r"v_\theta", "fₜ": "f_t", "‖": r"\|", "−": "-"}


def with_tex(words: str) -> str:
    r"""Words with their symbols in TeX: "Learned vθ" → "Learned $v_\theta$"."""
    return _SYMBOLS.sub(_typeset, words)


def _typeset(found: re.Match[str]) -> str:
    text = found[0]
    for symbol, tex in _TEX.items():
        text = text.replace(symbol, tex)
    return f"${text}$"
