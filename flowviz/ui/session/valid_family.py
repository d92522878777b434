"""Validity of a typed family: the first violated rule, and the session's last valid family."""

from __future__ import annotations

import streamlit as st

from flowviz.core.paths import validity
from flowviz.core.transport import Trajectories
from flowviz.scene import Scene
from flowviz.scene.settings import FLOW, Space
from flowviz.text import Translator
from flowviz.ui.session.cache import shared_cache

_FIELDS: dict[Space, tuple[str, ...]] = {
    "line": ("family", "family_params", "formula"),
    "plane": ("plane_family", "plane_family_params", "plane_formula"),
}


def error_notice(shown: Trajectories, tr: Translator, asked: int = 0) -> None:
    """A caption where fewer trajectories were followed than asked for, or some not to their end."""
    if len(shown.x) < asked:
        st.caption(tr("flow.followed", n=len(shown.x), count=asked))
    if shown.unfinished:
        st.caption(tr("fan.family.unfinished", n=shown.unfinished, count=len(shown.error)))


@shared_cache(maxsize=256)
def _first_violation(flow: Scene, space: Space) -> str:
    field = flow.field(space)
    return validity.first_violation(field.path, field.x0, field.prior)


def violation(scene: Scene, space: Space) -> str:
    """The first rule of `core.paths.validity` that the scene's typed family violates, or ""."""
    if getattr(scene, _FIELDS[space][0]) != "formula":
        return ""
    return _first_violation(Scene(**{name: getattr(scene, name) for name in FLOW[space]}), space)


def last_valid(scene: Scene, space: Space, tr: Translator | None = None) -> Scene:
    """The scene, with the session's last valid family in place of an invalid typed one.

    Args:
        scene: the visitor's scene.
        space: the line's family or the plane's.
        tr: shows the violated rule; without it nothing is shown.
    """
    last, fields = f"flowviz.valid_family.{space}", _FIELDS[space]
    why = violation(scene, space)
    if not why:
        st.session_state[last] = {name: getattr(scene, name) for name in fields}
        return scene
    if tr:
        st.warning(tr("fan.family.invalid", why=tr(f"fan.family.invalid.{why}")))
    replaced = scene.with_(**st.session_state.get(last, {fields[0]: "affine"}))
    # With other points or another prior the last one may be invalid, too.
    return scene.with_(**{fields[0]: "affine"}) if violation(replaced, space) else replaced
