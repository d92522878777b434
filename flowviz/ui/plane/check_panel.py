"""The panel beside the Plane page's figure: each basin's mass, and the checks."""

from __future__ import annotations

import math

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from flowviz.scene import Scene
from flowviz.text import Translator
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


def show(
    placeholder: DeltaGenerator, scene: Scene, tr: Translator, *, moving: bool = False
) -> None:
    """The basins' masses and the checks; until they are measured, the last ones, greyed out."""
    current = None if moving else plane_checks.found(scene)
    if current is not None:
        st.session_state[_MEASURED] = scene, current
    last = st.session_state.get(_MEASURED)
    pale = current is None
    with placeholder.container(key="plane-pale" if pale else "plane-facts"):
        if last is None:
            st.caption(tr("checks.measuring"))
        else:
            _lines(last[0], last[1], tr, pale=pale)


def _lines(scene: Scene, measured: Checks, tr: Translator, *, pale: bool) -> None:
    heading(tr("plane.basins"), tr, "basin", "separatrix")
    _masses(scene, measured, tr)
    count = measured.followed
    suffix = "" if compute.has_schedule(scene) else ".family"
    st.markdown(
        tr(f"plane.ends{suffix}", moved=measured.moved, n=count),
        help=tr(f"plane.ends.why{suffix}"),
    )
    st.markdown(f"## {tr('checks.title')}")
    for name in _LINES:
        check_line(name, getattr(measured, name), tr, "plane")
    # With a single basin the masses have no standard errors.
    single = measured.masses.ok and not bool(measured.basins.noise.any())
    check_line("masses.one" if single else "masses", measured.masses, tr, "plane")
    if pale:
        st.caption(tr("checks.measuring"))


def _masses(scene: Scene, measured: Checks, tr: Translator) -> None:
    found, points = measured.basins, scene.plane_points
    first = [i for i in np.argsort(-found.exact.numpy(), kind="stable") if found.exact[i] > 0]
    digits = digits_apart(*([axis[i] for i in first[:LISTED]] for axis in (points.x, points.y)))
    rows = [
        (
            pair(points.x[i], points.y[i], digits),
            percent(float(found.exact[i]), 4),
            " ±\u00a0".join(percent(float(v[i]), places=1) for v in (found.mass, found.noise))
            if found.draws
            else percent(math.nan),
        )
        for i in first[:LISTED]
    ]
    table([tr(f"plane.basins.{column}") for column in ("point", "exact", "mass")], rows)
    if len(first) > LISTED:
        st.caption(tr("plane.basins.rest", n=len(first) - LISTED))
    caption = "plane.basins.caption" if found.draws else "plane.basins.none"
    st.caption(tr(caption, draws=found.draws))
