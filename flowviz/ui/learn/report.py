"""Results for a trained network: samples, likelihoods, distances, and downloads."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import streamlit as st

from flowviz.core.training.export import training_script
from flowviz.figures.learned import cloud_figure, landing_figure, likelihood_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import ENTRIES, Translator
from flowviz.text.numbers import fixed, number, percent
from flowviz.ui.browser import codec, mount
from flowviz.ui.learn import compute, measures
from flowviz.ui.learn.compute import Arrays
from flowviz.ui.learn.session import TrainingRun
from flowviz.ui.learn.tasks import flow_of, shape_of, spec_of
from flowviz.ui.session.cache import shared_cache
from flowviz.ui.widgets.glossary import tips

_MEMORISED, _SMOOTHED = 0.1, 0.35  # median distance of samples, relative to the data's spacing


def show(run: TrainingRun, found: Arrays, nothing: str, tr: Translator, style: Style) -> None:
    """The samples, the likelihoods and the downloads; the text ``nothing`` in empty figures.

    During the evaluation all elements are there, so that nothing moves when numbers come.
    """
    st.markdown(f"## {tr('learn.report')}")
    if "samples" in found or run.measuring:
        left, right = st.columns(2, gap="large")
        with left:
            _samples(run, found, nothing, tr, style)
        with right:
            _likelihoods(run, found, nothing, tr, style)
        _table(run, found, tr)
        _memorisation(found, tr)
    if not run.busy:
        _downloads(run, tr)


# ---------------------------------------------------------------------- samples and likelihoods


def _samples(run: TrainingRun, found: Arrays, nothing: str, tr: Translator, style: Style) -> None:
    st.markdown(f"**{tr('learn.samples')}**")
    scene = run.scene
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
    mount.plot(codec.pack(figure), key="learn.samples", label=tr("learn.alt.samples"))
    n = len(samples) if "samples" in found else measures.SAMPLES
    st.caption(tr(f"learn.samples.{scene.space}", n=n))


def _likelihoods(
    run: TrainingRun, found: Arrays, nothing: str, tr: Translator, style: Style
) -> None:
    if "log_p" not in found and not run.measuring and measures.has_likelihood(run.scene):
        return
    st.markdown(f"**{tr('learn.likelihood')}**", help=tips(tr, "likelihood"))
    if not measures.has_likelihood(run.scene):
        st.caption(tr("learn.likelihood.jumps"))
        return
    learned, exact = (found.get(name, np.zeros(0)) for name in ("log_p", "log_p_exact"))
    nothing = "" if "log_p" in found else nothing
    labels = {name: tr(f"learn.likelihood.{name}") for name in ("network", "exact")}
    figure = likelihood_figure(learned, exact, labels, style, nothing)
    mount.plot(codec.pack(figure), key="learn.likelihood", label=tr("learn.alt.likelihood"))
    n = len(learned) if "log_p" in found else measures.LIKELIHOODS
    st.caption(tr("learn.likelihood.caption", n=n, t=_likely_t(run, tr)))


def _likely_t(run: TrainingRun, tr: Translator) -> str:
    return tr.time(max(measures.LIKELY_T, run.scene.learn_t_min))


def _table(run: TrainingRun, found: Arrays, tr: Translator) -> None:
    """The numbers, with those for exact samples; "…" until they are there."""
    rows: list[tuple[str, str, str]] = []
    for name in ("energy", "w2"):
        if name in found:
            value, noise, deviation = found[name].tolist()
            chance = f"{number(noise, 2)}\u00a0±\u00a0{number(deviation, 1)}"  # on one line
            rows.append((tr(f"learn.{name}"), number(value), chance))
        elif run.measuring:
            rows.append((tr(f"learn.{name}"), "…", "…"))
    if "nearest" in found:
        middle, most, _ = found["nearest"].tolist()
        rows.append((tr("learn.nearest"), f"{number(middle, 2)}; {number(most, 2)}", "0; 0"))
    elif run.measuring:
        rows.append((tr("learn.nearest"), "…", "0; 0"))
    label = tr("learn.table.likelihood", t=_likely_t(run, tr))
    if "log_p" in found:
        rows.append((label, *_likelihoods_mean(found, tr)))
    elif run.measuring and measures.has_likelihood(run.scene):
        rows.append((label, "…", "…"))
    head = " | ".join(tr(f"learn.table.{name}") for name in ("what", "network", "exact"))
    lines = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    st.markdown(f"| {head} |\n|:---|---:|---:|\n{lines}")
    st.caption(tr("learn.table.caption"), help=tips(tr, "energy_distance", "w2"))


def _likelihoods_mean(found: Arrays, tr: Translator) -> tuple[str, str]:
    """The mean log p, the network's and the exact one."""
    learned, exact = found["log_p"], found["log_p_exact"]
    finite = np.isfinite(learned) & np.isfinite(exact)
    outside = int((~finite).sum())
    exact_mean = fixed(exact[np.isfinite(exact)].mean(), 4)
    if not finite.any():
        return "−∞", exact_mean
    mean = fixed(learned[finite].mean(), 4)
    if not outside:
        return mean, exact_mean
    # Trajectories that end outside the prior's support have log p = −∞.
    return f"−∞ ({tr('learn.table.outside', n=outside, mean=mean)})", exact_mean


def _memorisation(found: Arrays, tr: Translator) -> None:
    """Whether the network reproduces the data points or smooths between them."""
    if "nearest" not in found or not math.isfinite(spacing := float(found["apart"])):
        return
    ratio = float(found["nearest"][0]) / spacing
    kind = "points" if ratio < _MEMORISED else "smooth" if ratio > _SMOOTHED else "between"
    sentence = tr(f"learn.heart.{kind}", fraction=percent(ratio), apart=number(spacing))
    st.markdown(f"**{tr('learn.heart')}** {sentence}")


# ---------------------------------------------------------------------- downloads


def _downloads(run: TrainingRun, tr: Translator) -> None:
    if not run.data:
        return
    with st.container(horizontal=True, gap="small"):
        weights = compute.unpack(run.data)["weights"].tobytes()
        _download("weights", weights, "flowviz-velocity.safetensors", tr)
        _download("script", _script(run.scene).encode(), "flowviz-train.py", tr)
    st.caption(tr("learn.downloads"))


def _download(name: str, data: bytes, file: str, tr: Translator) -> Any:
    return st.download_button(
        tr(f"learn.{name}"),
        data,
        file_name=file,
        mime="application/octet-stream" if name == "weights" else "text/x-python",
        icon=":material/download:",
        on_click="ignore",
        key=f"learn.{name}",
    )


@shared_cache(maxsize=32)
def _script(scene: Scene) -> str:
    """The source of a script that trains the scene's network."""
    link = f"FlowViz, page {ENTRIES['nav.learn'].en}: ?{scene.query_string('learn')}"
    heading = f"{link}\n{ENTRIES['learn.script.time'].en}"
    return training_script(flow_of(scene), shape_of(scene), spec_of(scene), heading)


_SYMBOLS = re.compile("‖vθ − fₜ‖|−?(?:vθ|fₜ)")
_TEX = {"vθ": r"v_\theta", "fₜ": "f_t", "‖": r"\|", "−": "-"}


def with_tex(text: str) -> str:
    r"""A text with its symbols in TeX: "Learned vθ" → "Learned $v_\theta$"."""
    return _SYMBOLS.sub(_typeset, text)


def _typeset(found: re.Match[str]) -> str:
    text = found[0]
    for symbol, tex in _TEX.items():
        text = text.replace(symbol, tex)
    return f"${text}$"
