"""Sidebar widgets that are built from the registries."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import Literal, get_args

import streamlit as st

from flowviz.conventions import DEFAULT
from flowviz.core.priors.kernel_density import MAX_SAMPLES
from flowviz.scene import Scene, number_lists
from flowviz.scene.number_lists import NumberList
from flowviz.scene.parameters import (
    FAMILY,
    PLANE_FAMILY,
    PLANE_PRIOR,
    PRIOR,
    SCHEDULE,
    Registry,
    Spec,
    Value,
)
from flowviz.scene.suggestions import Nearest, nearest_schedule
from flowviz.text import Refusal, Translator
from flowviz.ui.session import faults, state
from flowviz.ui.session.preemption import uninterrupted
from flowviz.ui.widgets import number_list, slider_range
from flowviz.ui.widgets.samples_editor import EDITORS

Kind = Literal["prior", "plane_prior", "schedule", "family", "plane_family"]
REGISTRIES: dict[Kind, Registry] = {
    "prior": PRIOR,
    "plane_prior": PLANE_PRIOR,
    "schedule": SCHEDULE,
    "family": FAMILY,
    "plane_family": PLANE_FAMILY,
}


@faults.guarded
def entry(
    kind: Kind,
    names: list[str],
    scene: Scene,
    tr: Translator,
    *,
    label: str = "",
    note: str | None = None,
) -> None:
    """A select box for a prior or a schedule, its one-line description and its parameters.

    Args:
        kind: the registry.
        names: the entries to choose from.
        scene: the visitor's scene.
        tr: the translator.
        label: above the box; by default hidden, for a box below a heading.
        note: the tooltip.
    """
    name, topic = getattr(scene, kind), REGISTRIES[kind].kind
    st.selectbox(
        label or tr(f"field.{kind}"),
        names,
        format_func=lambda n: tr(f"{topic}.{n}"),
        label_visibility="visible" if label else "collapsed",
        help=note,
        key=state.bound_as(kind, name, lambda chosen: _apply_entry(kind, chosen)),
    )
    st.caption(tr(f"{topic}.{name}.about"))
    params = dict(getattr(scene, f"{kind}_params"))
    if samples := EDITORS.get((kind, name)):
        samples.sidebar(tr)
    if kind == "schedule" and name == "formula":
        typed_time(tr)
    specs = [s for s in REGISTRIES[kind].specs(name).values() if s.count < MAX_SAMPLES]
    for spec in specs:
        _parameter(kind, spec, params[spec.name], tr)
    fields = {spec.name: _field(kind, spec) for spec in specs}
    show_refusals(tr, *(f for f in fields.values() if not number_list.is_question(f)))
    if kind == "schedule" and any(state.refusal(field) for field in fields.values()):
        typed = {name: st.session_state[state.key(field)] for name, field in fields.items()}
        found = nearest_schedule(**typed)
        offer(found, kind, lambda texts: _apply_schedule(texts, list(fields.values())), tr)


def typed_time(tr: Translator) -> None:
    """Above boxes for formulas in t: which time they are in, where the page shows the other."""
    if tr.convention != DEFAULT:
        st.caption(tr("formula.time"))


def offer(
    found: Nearest | None, name: str, apply: Callable[[Mapping[str, str]], None], tr: Translator
) -> None:
    """Show what a refused formula lacks, and a button for the nearest valid one.

    Args:
        found: the nearest valid formulas, if there are any.
        name: of the button.
        apply: stores the formulas, given by the names of their boxes.
        tr: the translator.
    """
    if found is None:
        return
    st.caption(tr(f"formula.nearest.{found.reason}", value=found.value))
    st.code("\n".join(found.texts.values()), language=None, wrap_lines=True)
    st.button(
        tr("formula.nearest.take"),
        key=f"nearest.{name}",
        on_click=uninterrupted()(apply),
        args=(found.texts,),
    )


def show_refusals(tr: Translator, *fields: str) -> None:
    """Show why the fields' values were refused, in one notice.

    Args:
        tr: the translator.
        fields: of the widgets above.
    """
    refusals = [why for field in fields if (why := state.refusal(field)) is not None]
    lines = [why.markdown(tr) for why in refusals]
    if lines:
        st.error(lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines))


@faults.guarded
def choice(page: str, field: str, tr: Translator, *, separate: bool = False) -> None:
    """Buttons for a field of the scene with few options.

    Args:
        page: the prefix of the text keys: ``<page>.<field>`` and ``<page>.<field>.<option>``.
        field: the field; its type lists the options.
        tr: the translator.
        separate: separate buttons, which may take two rows, not a segmented control.
    """
    buttons = st.pills if separate else st.segmented_control
    buttons(
        tr(f"{page}.{field}"),
        get_args(Scene.model_fields[field].annotation),
        format_func=lambda option: tr(f"{page}.{field}.{option}"),
        required=True,
        key=state.bound(field),
    )


def _parameter(kind: Kind, spec: Spec, value: Value, tr: Translator) -> None:
    field = _field(kind, spec)
    if isinstance(value, tuple | str):
        shown = value if isinstance(value, str) else NumberList(value).text
        st.text_input(
            spec.label.translated(tr),
            key=state.bound_as(field, shown, lambda text: _apply_text(kind, field, spec, text)),
        )
        if isinstance(value, tuple):
            take = functools.partial(_take_numbers, kind, field, spec.name)
            number_list.panel(field, spec, value, take, tr)
    else:
        needed, extent = _needed(kind, spec)
        low, high, step = spec.around(float(value), *needed, extent=extent)
        slider_range.refill_on_change(field, low, high)
        st.slider(
            spec.label.translated(tr),
            int(low) if spec.whole else low,
            int(high) if spec.whole else high,
            step=int(step) if spec.whole else step,
            format="%d" if spec.whole else slider_range.format_of(step, float(value)),
            key=state.bound_as(
                field, value, lambda number: _apply_value(kind, field, spec.name, number)
            ),
        )


def _needed(kind: Kind, spec: Spec) -> tuple[tuple[float, ...], float]:
    """Values that a prior's slider should reach, and the data's extent.

    The values are the data's ends, or, for a scale, their extent.
    """
    if not kind.endswith("prior") or spec.least == spec.low:
        return (), math.inf
    scene = state.current()
    columns = [scene.points.x] if kind == "prior" else [scene.plane_points.x, scene.plane_points.y]
    extent = max(max(column) - min(column) for column in columns)
    if spec.least < 0.0:
        return tuple(end for column in columns for end in (min(column), max(column))), extent
    return (extent,) if extent > spec.high else (), extent


def parameter_field(kind: Kind, entry: str, name: str) -> str:
    """The field of the widget of an entry's parameter."""
    return f"{kind}.{entry}.{name}"


def _field(kind: Kind, spec: Spec) -> str:
    return parameter_field(kind, getattr(state.current(), kind), spec.name)


def _apply_entry(kind: Kind, name: str) -> None:
    scene = state.current()
    params = state.remembered(kind)
    params[getattr(scene, kind)] = dict(getattr(scene, f"{kind}_params"))
    state.change(kind, **{kind: name, f"{kind}_params": params.get(name, ())})


def _apply_schedule(texts: Mapping[str, str], fields: list[str]) -> None:
    if state.change("schedule", schedule_params=tuple(texts.items())):
        state.refill(*fields)


def _apply_text(kind: Kind, field: str, spec: Spec, text: str) -> None:
    try:
        _apply_value(kind, field, spec.name, _typed(text, spec))
    except Refusal as why:
        _other_values(kind, spec.name)  # they were refused together with the value before this one
        state.refuse(field, why)


def _typed(text: str, spec: Spec) -> Value:
    return number_lists.value(text, spec) if spec.many else spec.read(text)


def _take_numbers(kind: Kind, field: str, name: str, way: NumberList) -> None:
    """Take a list as it was chosen to be read, and show it so."""
    _apply_value(kind, field, name, way.values)
    st.session_state[state.key(field)] = way.text


def _apply_value(kind: Kind, field: str, name: str, value: Value) -> None:
    """Change a parameter, and the others to their widgets' values, which may have been refused.

    So an interval can be moved end by end, and a mixture be given another component, through
    values that the scene refuses.
    """
    params = dict(getattr(state.current(), f"{kind}_params"))
    params |= _other_values(kind, name) | {name: value}
    state.change(field, **{f"{kind}_params": params})


def _other_values(kind: Kind, name: str) -> dict[str, Value]:
    """The other parameters' values in their widgets, if valid by themselves, now unrefused.

    Only all values together can have been refused there, which is shown under the last change.
    """
    values: dict[str, Value] = {}
    for spec in REGISTRIES[kind].specs(getattr(state.current(), kind)).values():
        field = _field(kind, spec)
        entered = _entered(field, spec)
        if spec.name != name and entered is not None:
            values[spec.name] = entered
            state.clear_refusal(field)
    return values


def _entered(field: str, spec: Spec) -> Value | None:
    """The value of a parameter's widget; None if it is invalid."""
    entered = st.session_state.get(state.key(field))
    try:
        return _typed(entered, spec) if isinstance(entered, str) else spec.canonical(entered)
    except Refusal:
        return None
