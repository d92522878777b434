"""What an exercise freezes: values in the place of widgets."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from flowviz.scene import Scene
from flowviz.scene.parameters import Registry, Value
from flowviz.scene.settings import Space
from flowviz.text import Translator
from flowviz.text.numbers import number
from flowviz.ui.session import state
from flowviz.ui.widgets.controls import REGISTRIES, Kind, show_refusals
from flowviz.ui.widgets.readouts import points_text

_LISTED = 6  # numbers of a parameter


def points(space: Space, scene: Scene, tr: Translator) -> None:
    """The data points; below them why a drag was refused, until another change is made."""
    st.markdown(tr("exercise.frozen.points", value=points_text(scene, space)))
    _note(tr, "plane_points" if space == "plane" else "points")


def entry(kind: Kind, scene: Scene, tr: Translator) -> None:
    """A prior, a family or a schedule, with its parameters."""
    registry: Registry = REGISTRIES[kind]
    name = getattr(scene, kind)
    values = dict(getattr(scene, f"{kind}_params"))
    specs = registry.specs(name).values()
    shown = [f"{spec.label.translated(tr)}: {_written(values[spec.name])}" for spec in specs]
    st.markdown("  \n".join([f"**{tr(f'{registry.kind}.{name}')}**", *shown]))
    _note(tr, kind)


def family(space: Space, scene: Scene, tr: Translator) -> None:
    """The family; of the affine one the schedule, of a typed one its formula."""
    kind: Literal["plane_family", "family"] = "plane_family" if space == "plane" else "family"
    entry(kind, scene, tr)
    if getattr(scene, kind) == "affine":
        entry("schedule", scene, tr)
    if getattr(scene, kind) == "formula":
        typed = scene.plane_formula if space == "plane" else scene.formula
        st.code(typed.text, language=None)


def _written(value: Value) -> str:
    if isinstance(value, str):
        return f"`{value}`"
    if not isinstance(value, tuple):
        return number(value)
    texts = [number(one) for one in value[:_LISTED]]
    return ", ".join(texts + ["…"] * (len(value) > _LISTED))


def _note(tr: Translator, field: str) -> None:
    show_refusals(tr, field)
    if state.refusal(field) is None:
        st.caption(tr("exercise.frozen"))
