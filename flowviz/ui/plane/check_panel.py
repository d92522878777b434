"""The panel beside the Plane page's figure: each basin's mass, and the checks."""

from __future__ import annotations

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from flowviz.scene import Scene
from flowviz.text import Say
from flowviz.text.numbers import digits_apart, percent
from flowviz.ui.plane import checks as plane_checks
from flowviz.ui.plane import compute
from flowviz.ui.plane.checks import Checks
from flowviz.ui.plane.query import LISTED, pair, table
from flowviz.ui.widgets.glossary import heading
from flowviz.ui.widgets.readouts import check_line

_MEASURED = "flowviz.plane.checks"
_LINES = ("mass", "continuity", "superposition", "integration", "refinement", "endpoints")
_LINES += ("samples",)


def show(placeholder: DeltaGenerator, scene: Scene, say: Say, *, moving: bool = False) -> None:
    """The basins' masses and the checks; until they are measured, the last ones, greyed out."""
    current = None if moving else plane_checks.found(scene)
    if current is not None:
        st.session_state[_MEASURED] = scene, current
    last = st.session_state.get(_MEASURED)
    pale = current is None
    with placeholder.container(key="plane-pale" if pale else "plane-facts"):
        if last is None:
            st.caption(say("plane.measuring"))
        else:
            _lines(last[0], last[1], say, pale=pale)


def _lines(scene: Scene, measured: Checks, say: Say, *, pale: bool) -> None:
    heading(say("plane.basins"), say, "basin", "separatrix")
    _masses(scene, measured, say)
    count = measured.followed
    suffix = "" if compute.has_schedule(scene) else ".family"
    st.markdown(
        say(f"plane.ends{suffix}", moved=measured.moved, n=count),
        help=say(f"plane.ends.why{suffix}"),
    )
    st.markdown(f"##### {say('checks.title')}")
    for name in _LINES:
        check_line(name, getattr(measured, name), say, "plane")
    # With a single basin the masses have no standard errors.
    single = measured.masses.ok and not bool(measured.basins.noise.any())
    check_line("masses.one" if single else "masses", measured.masses, say, "plane")
    if pale:
        st.caption(say("plane.measuring"))


def _masses(scene: Scene, measured: Checks, say: Say) -> None:
    found, points = measured.basins, scene.plane_points
    first = [i for i in np.argsort(-found.exact.numpy(), kind="stable") if found.exact[i] > 0]
    digits = digits_apart(*([axis[i] for i in first[:LISTED]] for axis in (points.x, points.y)))
    rows = [
        (
            pair(points.x[i], points.y[i], digits),
            percent(float(found.exact[i]), 4),
            "\u00a0±\u00a0".join(percent(float(v[i]), places=1) for v in (found.mass, found.noise)),
        )
        for i in first[:LISTED]
    ]
    table([say(f"plane.basins.{column}") for column in ("point", "exact", "mass")], rows)
    if len(first) > LISTED:
        st.caption(say("plane.basins.rest", n=len(first) - LISTED))
    st.caption(say("plane.basins.caption", draws=found.draws))
