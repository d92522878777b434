"""Sidebar widgets, built from the registries: a new prior or schedule appears here by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, get_args

import streamlit as st

from flowviz.conventions import DEFAULT
from flowviz.core.priors.kernel_density import MAX_SAMPLES
from flowviz.scene import Scene
from flowviz.scene.decimals import plain
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
from flowviz.text import Refusal, Say
from flowviz.ui.session import faults, state
from flowviz.ui.widgets import slider_range
from flowviz.ui.widgets.samples_editor import EDITORS

Kind = Literal["prior", "plane_prior", "schedule", "family", "plane_family"]
_REGISTRIES: dict[Kind, Registry] = {
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
    say: Say,
    *,
    label: str = "",
    note: str | None = None,
) -> None:
    """A select box for a prior or a schedule, its one-line description and its parameters.

    Args:
        kind: which registry.
        names: the entries on offer.
        scene: the visitor's scene.
        say: the speaker.
        label: stands above the box; without one a heading says what it is.
        note: what the label's "?" says.
    """
    name, topic = getattr(scene, kind), _REGISTRIES[kind].kind
    st.selectbox(
        label or say(f"field.{kind}"),
        names,
        format_func=lambda n: say(f"{topic}.{n}"),
        label_visibility="visible" if label else "collapsed",
        help=note,
        key=state.bound_as(kind, name, lambda chosen: _take_entry(kind, chosen)),
    )
    st.caption(say(f"{topic}.{name}.about"))
    params = dict(getattr(scene, f"{kind}_params"))
    samples = EDITORS.get(kind)
    if samples is not None and name == samples.name:
        samples.sidebar(say)
    if kind == "schedule" and name == "formula":
        typed_time(say)
    specs = [s for s in _REGISTRIES[kind].specs(name).values() if s.count < MAX_SAMPLES]
    for spec in specs:
        _parameter(kind, spec, params[spec.name], say)
    fields = {spec.name: _field(kind, spec) for spec in specs}
    complain(say, *fields.values())
    if kind == "schedule" and any(state.refusal(field) for field in fields.values()):
        typed = {part: st.session_state[state.key(field)] for part, field in fields.items()}
        found = nearest_schedule(**typed)
        offer(found, kind, lambda texts: _take_schedule(texts, list(fields.values())), say)


def typed_time(say: Say) -> None:
    """Above boxes for formulas in t: which time they are in, where the page shows the other."""
    if say.convention != DEFAULT:
        st.caption(say("formula.time"))


def offer(
    found: Nearest | None, name: str, take: Callable[[Mapping[str, str]], None], say: Say
) -> None:
    """Say what a refused formula lacks, and offer the nearest that is valid as a button.

    Args:
        found: the nearest, if there is one.
        name: what the button is for, its key.
        take: puts the formulas, by their boxes' names, where the refused ones are.
        say: the speaker.
    """
    if found is None:
        return
    st.caption(say(f"formula.nearest.{found.reason}", value=found.value))
    st.code("\n".join(found.texts.values()), language=None, wrap_lines=True)
    st.button(
        say("formula.nearest.take"), key=f"nearest.{name}", on_click=take, args=(found.texts,)
    )


def complain(say: Say, *fields: str) -> None:
    """Say what is accepted of each value that was not taken: in one notice, whatever their number.

    Args:
        say: the speaker.
        fields: those whose widgets stand above.
    """
    refusals = [why for field in fields if (why := state.refusal(field)) is not None]
    lines = [why.markdown(say) for why in refusals]
    if lines:
        st.error(lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines))


@faults.guarded
def choice(page: str, field: str, say: Say, *, apart: bool = False) -> None:
    """Buttons for a field of the scene that is one of a few words.

    Args:
        page: the prefix of the words: ``<page>.<field>`` and ``<page>.<field>.<option>``.
        field: the field; its type lists the options.
        say: the speaker.
        apart: buttons that stand apart, each with a border of its own: they may need two rows.
    """
    buttons = st.pills if apart else st.segmented_control
    buttons(
        say(f"{page}.{field}"),
        get_args(Scene.model_fields[field].annotation),
        format_func=lambda option: say(f"{page}.{field}.{option}"),
        required=True,
        key=state.bound(field),
    )


def _parameter(kind: Kind, spec: Spec, value: Value, say: Say) -> None:
    field = _field(kind, spec)
    if isinstance(value, tuple | str):
        shown = value if isinstance(value, str) else ", ".join(plain(v) for v in value)
        st.text_input(
            spec.label.say(say),
            key=state.bound_as(field, shown, lambda text: _take_text(kind, field, spec, text)),
        )
    else:
        low, high, step = spec.around(float(value), *_extent(kind, spec))
        slider_range.follow(field, low, high)
        st.slider(
            spec.label.say(say),
            int(low) if spec.whole else low,
            int(high) if spec.whole else high,
            step=int(step) if spec.whole else step,
            key=state.bound_as(
                field, value, lambda number: _take_value(kind, field, spec.name, number)
            ),
        )


def _extent(kind: Kind, spec: Spec) -> tuple[float, ...]:
    """What of the data a prior's slider should reach: their ends, or, for a scale, their extent."""
    if not kind.endswith("prior") or spec.least == spec.low:
        return ()
    scene = state.current()
    columns = [scene.points.x] if kind == "prior" else [scene.plane_points.x, scene.plane_points.y]
    if spec.least < 0.0:
        return tuple(end for column in columns for end in (min(column), max(column)))
    extent = max(max(column) - min(column) for column in columns)
    return (extent,) if extent > spec.high else ()


def _field(kind: Kind, spec: Spec) -> str:
    return f"{kind}.{getattr(state.current(), kind)}.{spec.name}"


def _take_entry(kind: Kind, name: str) -> None:
    scene = state.current()
    kept = state.remembered(kind)
    kept[getattr(scene, kind)] = dict(getattr(scene, f"{kind}_params"))
    state.change(kind, **{kind: name, f"{kind}_params": kept.get(name, ())})


def _take_schedule(texts: Mapping[str, str], fields: list[str]) -> None:
    if state.change("schedule", schedule_params=tuple(texts.items())):
        state.forget(*fields)


def _take_text(kind: Kind, field: str, spec: Spec, text: str) -> None:
    try:
        _take_value(kind, field, spec.name, spec.read(text))
    except Refusal as why:
        state.refuse(field, why)


def _take_value(kind: Kind, field: str, name: str, value: Value) -> None:
    """Try a parameter together with the others as their widgets stand: an interval may be moved
    end by end, and a mixture given another component, through states the scene refuses.
    """
    scene = state.current()
    entry = getattr(scene, kind)
    params = dict(getattr(scene, f"{kind}_params"))
    for spec in _REGISTRIES[kind].specs(entry).values():
        other = f"{kind}.{entry}.{spec.name}"
        entered = _entered(other, spec)
        if spec.name != name and entered is not None:
            params[spec.name] = entered
            state.settle(other)  # what the parameters together lack is said under this one
    params[name] = value
    state.change(field, **{f"{kind}_params": params})


def _entered(field: str, spec: Spec) -> Value | None:
    """What the widget of a parameter holds, when it can be read."""
    held = st.session_state.get(state.key(field))
    try:
        return spec.read(held) if isinstance(held, str) else spec.canonical(held)
    except Refusal:
        return None
