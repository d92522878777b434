"""The Plane page's parts: the picture, the query point's reading, the basins, the checks.

What a hand changes is drawn first and alone. The checks follow at the end of a page's run, and give
way as soon as the hand moves again: until then the last ones stand there, pale.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st
import torch
from streamlit.delta_generator import DeltaGenerator

from flowviz.figures.plane import basin_codes, handle_sizes, reading_arrows, track_codes
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Say
from flowviz.ui import browser, lawful, points_editor, state, turn, wire
from flowviz.ui.hand import Hand, Word
from flowviz.ui.plane import checks as plane_checks
from flowviz.ui.plane import compute
from flowviz.ui.plane.checks import Checks
from flowviz.ui.readings import check_line, density_tex, tex
from flowviz.ui.shared import shared

_LOG = logging.getLogger(__name__)
_HAND = Hand("plane")
_MEASURED = "flowviz.plane.checks"
_ASKS = "flowviz.plane.asks"
_PATIENCE_S = 0.5  # a computation longer than this shows how far it is
_EVERY_S = 0.1  # and says so no more often
_LINES = 200  # trajectories drawn as lines; particles may be more
_LISTED = 8  # data points in a table
_ARROWS = 24  # arrows at the query point
_COLOURS = 8
_WORDS = ("play", "pause", "time", "speed", "handle", "undo")
_OWN_WORDS = ("hint", "top", "download")
_TOOLS = ("points", "brush", "probe", "write")
_HELPED = _TOOLS[:3]

Places = dict[str, DeltaGenerator]


def show(say: Say, style: Style) -> Callable[[], None]:
    """The picture, and beside it the reading of the query point, the basins and the checks.

    Returns:
        What is to be called at the end of the page's run: it measures the checks.
    """
    _HAND.rest()  # this run draws the whole page anyway
    places: Places = {}
    _alive(say, style, places)
    return lambda: _measure(say, places)


@st.fragment
def _alive(say: Say, style: Style, places: Places) -> None:
    """A fragment: what a hand does in the picture redraws this alone, until it lets go."""
    scene = lawful.drawable(state.take_in(), "plane", say)
    _HAND.follow()  # the text, the table and the link are drawn with the whole page
    # For a projector the picture takes the whole width, and the facts come below.
    if scene.large:
        picture, facts = st.container(), st.container()
    else:
        picture, facts = st.columns([3, 2], gap="large")
    with picture:
        _picture(scene, say, style)
    with facts:
        _reading(scene, say)
        places["facts"] = st.empty()
        _facts(places["facts"], scene, say)
    _HAND.answered()


# ---------------------------------------------------------------------- the picture


def _picture(scene: Scene, say: Say, style: Style) -> None:
    place = st.empty()
    # A question leaves the flow as it is: the picture stays fine while it is dragged.
    asks = st.session_state.get(_ASKS, False)
    detail = compute.QUICK if _HAND.moving and not asks else compute.FULL
    report = _reporting(place, lambda percent: say("frame.computing", percent=percent))
    frames = compute.frames(scene, detail, lambda done: report(0.5 * done))
    followed = compute.trajectories(scene, detail, lambda done: report(0.5 + 0.5 * done))
    lawful.owned_up(followed, say)
    shown = compute.flow_of(scene).with_(
        plane_views=scene.plane_views, plane_scale=scene.plane_scale
    )
    flow, name = _block(shown, detail)
    place.empty()
    weights = np.asarray(scene.plane_points.w)
    tools = {name: [say(f"plane.tool.{name}"), say(f"plane.tool.{name}.help")] for name in _HELPED}
    tools["write"] = [say("plane.tool.write"), say("plane.tool.write.go")]
    content: dict[str, Any] = {
        "flow": name,
        "points": {
            "x": scene.plane_points.x,
            "y": scene.plane_points.y,
            "w": scene.plane_points.w,
            "size": handle_sizes(weights, scene.large).tolist(),
        },
        "undo": points_editor.PLANE.undoable,
        "query": _query(scene),
        "time": scene.time,
        "speed": scene.speed,
        "large": scene.large,
        "views": scene.plane_views,
        "style": {
            "accent": style.accent,
            "ground": style.ground,
            "ink": style.ink,
            "faint": style.faint,
            "dark": style.dark,
            "basins": style.basins,
            "density": style.density,
            "line": style.line,
            "font": style.font_size,
        },
        "tools": tools,
        "words": {
            "picture": say("plane.alt", n=len(scene.plane_points)),
            **{word: say(f"fan.{word}") for word in _WORDS},
            **{word: say(f"plane.{word}") for word in _OWN_WORDS},
        },
    }
    browser.flow(flow, name, key="plane")
    browser.picture("field", _HAND.numbered(content), key="plane", hear=_hear)
    if frames.lost:
        st.caption(say("plane.lost"))


def _reporting(place: DeltaGenerator, words: Callable[[int], str]) -> Callable[[float], None]:
    """A listener that draws a bar once it takes long."""
    started = last = time.monotonic()

    def report(done: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - started > _PATIENCE_S and now - last > _EVERY_S:
            last = now
            place.progress(min(max(done, 0.0), 1.0), words(min(99, round(100 * done))))

    return report


@shared(maxsize=96)
def _block(shown: Scene, detail: compute.Detail) -> tuple[bytes, str]:
    """The flow as it travels, one for all visitors who see the same; and its name."""
    view = compute.view(compute.flow_of(shown))
    frames = compute.frames(shown, detail)
    tr = compute.trajectories(shown, detail)
    # Drawn colour by colour: a canvas strokes one colour at a time.
    order = torch.argsort(tr.basin % _COLOURS, stable=True)
    lines = torch.nonzero(order < _LINES)[:, 0]
    straight = "straight" in shown.plane_views
    found = compute.basins(shown, detail) if "basins" in shown.plane_views else None
    block = wire.pack(
        {
            "view": list(view),
            "t": frames.t.tolist(),
            "tops": frames.tops.tolist(),
            "cells": frames.codes.shape[1],
            "density": frames.codes,
            "arrows": compute.arrows(shown, detail) if "arrows" in shown.plane_views else None,
            "arrow_side": compute.ARROWS,
            "nodes": tr.t.tolist(),
            "tracks": track_codes(tr.x[order].numpy(), view),
            "alone": _alone(shown, tr, order[lines], view) if straight else None,
            "colour": (tr.basin[order] % _COLOURS).numpy().astype(np.uint8),
            "lines": lines.numpy().astype(np.int32),
            "basins": None if found is None else basin_codes(found.index.numpy(), _COLOURS),
            "basin_side": 0 if found is None else len(found.axes[0]),
        }
    )
    return block, hashlib.sha256(block).hexdigest()[:16]


def _alone(
    shown: Scene, tr: compute.Trajectories, which: torch.Tensor, view: compute.View
) -> np.ndarray:
    return track_codes(compute.alone(shown, tr, which).numpy(), view)


def _query(scene: Scene) -> dict[str, Any] | None:
    """The query point with its arrows."""
    if scene.plane_probe is None:
        return None
    t, x, y = scene.plane_probe
    at = compute.probe(scene, scene.plane_probe)
    out: dict[str, Any] = {"t": t, "at": [x, y], "arrows": []}
    if bool(at.log_p.isfinite().all()):
        posterior = at.posterior[0].numpy()
        top = np.argsort(-posterior)[:_ARROWS]
        # Drawn towards the data, the way the particles go: against the direction of time.
        pulls, flow = -at.conditional[0].numpy(), -at.velocity[0].numpy()
        read = reading_arrows(pulls[top], posterior[top], flow)
        out |= {"arrows": read["arrows"], "marginal": read["marginal"]}
        out |= {"shares": posterior[top].tolist(), "colours": (top % _COLOURS).tolist()}
    return out


def _hear(word: Word) -> None:
    _HAND.hear(word, _do)


def _do(word: Word) -> None:
    """An edit of the points, or a place to ask about."""
    st.session_state[_ASKS] = word.get("op") == "query"
    if word.get("op") != "query":
        points_editor.PLANE.take_word(word)
        return
    place = tuple(word.get(name) for name in ("t", "x", "y"))
    state.change("plane_probe", plane_probe=None if None in place else place)


def _reading(scene: Scene, say: Say) -> None:
    """At the query point: p_t, f_t, whose pull it is, and how much of it cancels."""
    st.markdown(f"##### {say('fan.query')}")
    if scene.plane_probe is None:
        st.caption(say("plane.query.none"))
        return
    t, x, y = scene.plane_probe
    at = compute.probe(scene, scene.plane_probe)
    density = density_tex(float(at.log_p))
    st.markdown(f"$t={t:.3f},\\; x=({x:.3f},\\ {y:.3f})$")
    if density is None:
        st.info(say("fan.query.nowhere"))
        return
    f_x, f_y = at.velocity[0].tolist()
    st.markdown(f"$p_t(x) = {density}, \\quad f_t(x) = ({tex(f_x)},\\ {tex(f_y)})$")
    posterior, conditional = at.posterior[0].numpy(), at.conditional[0].numpy()
    left = reading_arrows(conditional, posterior, at.velocity[0].numpy())["left"]
    st.markdown(say("plane.query.cancel", left=f"{left:.1%}", gone=f"{1 - left:.1%}"))
    top = np.argsort(-posterior)[:_LISTED]
    points = scene.plane_points
    rows = "\n".join(
        f"| {_pair(points.x[i], points.y[i])} | {100 * posterior[i]:.3g}\u00a0% "
        f"| {_pair(*conditional[i])} |"
        for i in top.tolist()
    )
    head = " | ".join(say(f"fan.query.table.{c}") for c in ("point", "posterior", "velocity"))
    st.markdown(f"| {head} |\n|---:|---:|---:|\n{rows}")
    if len(posterior) > _LISTED:
        rest = f"{100 * max(1.0 - float(posterior[top].sum()), 0.0):.2g} %"
        st.caption(say("fan.query.rest", n=_LISTED, rest=rest))
    st.caption(say("plane.query.caption"))


# ---------------------------------------------------------------------- the facts


def _facts(place: DeltaGenerator, scene: Scene, say: Say) -> None:
    """The basins' masses and the exact facts, or the last ones, pale, until they are measured."""
    fresh = None if _HAND.moving else plane_checks.known(scene)
    if fresh is not None:
        st.session_state[_MEASURED] = scene, fresh
    last = st.session_state.get(_MEASURED)
    pale = fresh is None
    with place.container(key="plane-pale" if pale else "plane-facts"):
        if last is None:
            st.caption(say("plane.measuring"))
        else:
            _lines(last[0], last[1], say, pale=pale)


def _lines(scene: Scene, measured: Checks, say: Say, *, pale: bool) -> None:
    st.markdown(f"##### {say('plane.basins')}")
    _masses(scene, measured, say)
    count = min(scene.plane_particles, compute.FULL.most)
    lens = "" if compute.lens_of(scene) else ".family"
    st.markdown(
        say(f"plane.ends{lens}", moved=measured.moved, n=count), help=say(f"plane.ends.why{lens}")
    )
    st.markdown(f"##### {say('checks.title')}")
    for name in ("mass", "continuity", "refinement", "masses"):
        check_line(name, getattr(measured, name), say, "plane")
    if pale:
        st.caption(say("plane.measuring"))


class _Overtaken(Exception):
    """Somebody changed something: what was being measured is no longer asked for."""


def _measure(say: Say, places: Places) -> None:
    """Measure the checks, unless they are known; give way to whatever the visitor does next."""
    scene = lawful.drawable(state.current(), "plane")
    if plane_checks.known(scene) is not None:
        return

    def report(done: float) -> None:
        if turn.asked_for():
            raise _Overtaken

    try:
        plane_checks.check(scene, report)
        _facts(places["facts"], scene, say)
    except _Overtaken:
        return
    except Exception:
        # The frame's own net has been taken in: this comes after it.
        _LOG.exception("the plane's checks failed")
        places["facts"].error(say("frame.wrong"), icon=":material/error:")


def _masses(scene: Scene, measured: Checks, say: Say) -> None:
    found, points = measured.basins, scene.plane_points
    first = [i for i in np.argsort(-found.exact.numpy(), kind="stable") if found.exact[i] > 0]
    rows = "\n".join(
        f"| {_pair(points.x[i], points.y[i])} | {100 * float(found.exact[i]):.4g}\u00a0% "
        f"| {100 * float(found.mass[i]):.1f}\u00a0±\u00a0{100 * float(found.noise[i]):.1f}\u00a0% |"
        for i in first[:_LISTED]
    )
    head = " | ".join(say(f"plane.basins.{c}") for c in ("point", "exact", "mass"))
    st.markdown(f"| {head} |\n|---:|---:|---:|\n{rows}")
    if len(first) > _LISTED:
        st.caption(say("plane.basins.rest", n=len(first) - _LISTED))
    st.caption(say("plane.basins.caption", draws=compute.draws(len(points))))


def _pair(x: float, y: float) -> str:
    return f"({x:.3g},\u00a0{y:.3g})".replace("-", "−")
