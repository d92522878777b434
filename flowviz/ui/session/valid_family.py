"""A typed family may make no flow: a page says why in one line, and shows the last that did."""

from __future__ import annotations

import streamlit as st

from flowviz.core.paths import validity
from flowviz.core.transport import Trajectories
from flowviz.scene import Scene
from flowviz.scene.settings import FLOW, Space
from flowviz.text import Say
from flowviz.ui.session.cache import shared

_FIELDS: dict[Space, tuple[str, ...]] = {
    "line": ("family", "family_params", "formula"),
    "plane": ("plane_family", "plane_family_params", "plane_formula"),
}


def error_notice(shown: Trajectories, say: Say, asked: int = 0) -> None:
    """A word where fewer trajectories were followed than asked for, or some not to their end."""
    if len(shown.x) < asked:
        st.caption(say("flow.followed", n=len(shown.x), count=asked))
    if shown.unfinished:
        st.caption(say("fan.family.unfinished", n=shown.unfinished, count=len(shown.error)))


@shared(maxsize=256)
def _first_violation(flow: Scene, space: Space) -> str:
    field = flow.field(space)
    return validity.first_violation(field.path, field.x0, field.prior)


def violation(scene: Scene, space: Space) -> str:
    """Why a typed family makes no flow: the first rule of `core.families.check_validity`, or ""."""
    if getattr(scene, _FIELDS[space][0]) != "formula":
        return ""
    return _first_violation(Scene(**{name: getattr(scene, name) for name in FLOW[space]}), space)


def last_valid(scene: Scene, space: Space, say: Say | None = None) -> Scene:
    """The scene, or the same with the last family of this visitor's that made a flow.

    Args:
        scene: what is asked for.
        space: the line's family or the plane's.
        say: to say what is wrong with this one; without it nothing is said.
    """
    kept, fields = f"flowviz.lawful.{space}", _FIELDS[space]
    why = violation(scene, space)
    if not why:
        st.session_state[kept] = {name: getattr(scene, name) for name in fields}
        return scene
    if say:
        st.warning(say("fan.family.illegal", why=say(f"fan.family.illegal.{why}")))
    other = scene.with_(**st.session_state.get(kept, {fields[0]: "affine"}))
    # With other points or another prior the last one may be none, either.
    return scene.with_(**{fields[0]: "affine"}) if violation(other, space) else other
