"""The sidebar's section on trajectories: a family and its parameters, or a typed formula.

`LINE` chooses for the line and `PLANE` for the plane, on whichever page asks. A formula that is
refused stays in its box with the reason and its column beneath; the scene, and so every picture,
stays the last good one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import streamlit as st

from flowviz.core.formula.functions import FUNCTIONS
from flowviz.core.schedules import SCHEDULES
from flowviz.scene.formula import KINDS, MAX_LETTER, MAX_TEXT, Kind, Typed
from flowviz.scene.formula_examples import EXAMPLES, STRAIGHT
from flowviz.scene.parameters import FAMILY, PLANE_FAMILY, Registry
from flowviz.scene.settings import Space
from flowviz.scene.suggestions import nearest_family
from flowviz.text import Message, Refusal, Say
from flowviz.ui.session import faults, state, valid_family
from flowviz.ui.widgets import controls, slider_range
from flowviz.ui.widgets.glossary import tips

_REACH = 5.0  # of a letter's slider, until the letter is further out


@dataclass(frozen=True)
class FamilyEditor:
    """The choice of a family in one space.

    Attributes:
        space: the line or the plane.
        family: the scene's field that names the family.
        formula: the scene's field of the typed one.
        registry: of the families on offer.
    """

    space: Space
    family: Literal["family", "plane_family"]
    formula: Literal["formula", "plane_formula"]
    registry: Registry

    @property
    def typed(self) -> Typed:
        """The typed family as the scene has it."""
        return getattr(state.current(), self.formula)

    @faults.guarded
    def sidebar(self, say: Say) -> None:
        """The widgets: the family, its about line, and what there is to set."""
        scene = state.current()
        controls.entry(self.family, list(self.registry.classes()), scene, say)
        match getattr(scene, self.family):
            case "affine":
                notes = (say("fan.schedule.help"), say("schedule.names.help"))
                note = "\n\n".join((tips(say, "schedule"), *notes))
                label = say("fan.schedule")
                controls.entry("schedule", list(SCHEDULES), scene, say, label=label, note=note)
            case "formula":
                self._boxes(say)
            case _:
                pass

    # ---------------------------------------------------------------------- the formula's widgets

    def _boxes(self, say: Say) -> None:
        typed = self.typed
        examples = EXAMPLES[self.space]
        st.selectbox(
            say("formula.example"),
            ["", *examples],
            format_func=lambda name: say(f"formula.example.{name or 'none'}"),
            key=state.bound_as(self._key("example"), self._example(typed), self._take_example),
        )
        st.segmented_control(
            say("formula.kind"),
            KINDS,
            format_func=lambda kind: say(f"formula.kind.{kind}"),
            required=True,
            help=say("formula.kind.help"),
            key=state.bound_as(self._key("kind"), typed.kind, self._take_kind),
        )
        controls.typed_time(say)
        self._box("text", f"formula.text.{typed.kind}", typed.text, say)
        if typed.kind == "mean":
            self._box("sigma", "formula.text.sigma", typed.sigma or "t", say)
        for name, value in typed.letters:
            self._slider(name, value, say)
        self._offer(say)

    def _offer(self, say: Say) -> None:
        """The nearest valid family, where what stands in the boxes is refused or makes no flow."""
        typed = self._entered()
        refused = any(state.refusal(self._key(part)) for part in ("text", "sigma"))
        if refused or valid_family.violation(state.current(), self.space):
            found = nearest_family(typed, 1 if self.space == "line" else 2)
            controls.offer(found, self.formula, self._take_nearest, say)

    def _take_nearest(self, texts: Mapping[str, str]) -> None:
        if self._take("text", **texts):
            self._refill("example", "text", "sigma")

    def _entered(self) -> Typed:
        """The typed family as its boxes hold it, also where the scene refused it."""
        held = {p: st.session_state.get(state.key(self._key(p))) for p in ("text", "sigma")}
        return replace(self.typed, **{p: v for p, v in held.items() if v is not None})

    def _box(self, part: Literal["text", "sigma"], label: str, text: str, say: Say) -> None:
        key = self._key(part)
        st.text_input(
            say(label),
            max_chars=MAX_TEXT,
            help=self._help(say) if part == "text" else None,
            key=state.bound_as(key, text, lambda new: self._take(part, **{part: new})),
        )
        why = state.refusal(key)
        if why is not None:
            st.error(why.markdown(say))
            _point_at(st.session_state[state.key(key)], why)

    def _slider(self, name: str, value: float, say: Say) -> None:
        field = self._key(f"letter.{name}")
        reach = _REACH if abs(value) <= _REACH else min(MAX_LETTER, 2.0 * abs(value))
        slider_range.follow(field, -reach, reach)
        st.slider(
            say("formula.letter", name=name),
            -reach,
            reach,
            step=0.01,
            key=state.bound_as(
                field,
                value,
                lambda new: self._take(f"letter.{name}", letters=self._with_letter(name, new)),
            ),
        )
        controls.complain(say, field)

    def _help(self, say: Say) -> str:
        text = say("formula.help", functions=", ".join(FUNCTIONS))
        text = text if self.space == "line" else f"{text} {say('formula.help.plane')}"
        return text.replace("*", "\\*").replace("^", "\\^").replace("[", "\\[")

    # ---------------------------------------------------------------------- what is entered

    def _take(self, part: str, **parts: object) -> bool:
        """Try the typed family with some parts changed; letters once used keep their values."""
        typed = self.typed
        letters = {**self._remembered, **dict(typed.letters)}
        held = {"kind": typed.kind, "text": typed.text, "sigma": typed.sigma}
        new = Typed(**{**held, "letters": tuple(letters.items()), **parts})  # pyright: ignore[reportArgumentType]
        taken = state.change(self._key(part), **{self.formula: new})
        if taken:
            state.remembered(self.formula)["letters"] = {**letters, **dict(self.typed.letters)}
        return taken

    def _take_kind(self, kind: Kind) -> None:
        """Another kind starts from what was last typed of it, or from straight lines."""
        kept, typed = state.remembered(self.formula), self.typed
        if kind == typed.kind:
            return
        kept[typed.kind] = {"text": typed.text, "sigma": typed.sigma}
        usual = STRAIGHT[kind]
        last = kept.get(kind, {"text": usual.text, "sigma": usual.sigma})
        if self._take("kind", kind=kind, **last):
            self._refill("example", "text", "sigma")

    def _take_example(self, name: str) -> None:
        if name and self._take("example", **vars(EXAMPLES[self.space][name])):
            self._refill("kind", "text", "sigma")

    def _refill(self, *parts: str) -> None:
        """Let widgets show the scene again, the letters' among them."""
        letters = [f"letter.{name}" for name in "abcdefghijklmnopqrstuvwxyz"]
        state.forget(*(self._key(part) for part in (*parts, *letters)))

    def _with_letter(self, name: str, value: float) -> tuple[tuple[str, float], ...]:
        return tuple((dict(self.typed.letters) | {name: value}).items())

    @property
    def _remembered(self) -> dict[str, float]:
        return dict(state.remembered(self.formula).get("letters", {}))

    def _example(self, typed: Typed) -> str:
        """The example this is, whatever its letters' values; none for a text of one's own."""
        same = (name for name, e in EXAMPLES[self.space].items() if _texts(e) == _texts(typed))
        return next(same, "")

    def _key(self, part: str) -> str:
        return f"{self.formula}.{part}"


def _texts(typed: Typed) -> tuple[str, str, str]:
    return typed.kind, typed.text, typed.sigma


def _point_at(text: str, why: Refusal) -> None:
    """The text once more with a caret under the column that the refusal names."""
    where = dict(why.message.values).get("where")
    if not isinstance(where, Message) or not text.isprintable():
        return
    column = min(int(str(dict(where.values)["n"])), len(text) + 1)
    start = max(0, column - 24)  # a sidebar is narrow
    st.code(f"{text[start : start + 30]}\n{' ' * (column - 1 - start)}^", language=None)


LINE = FamilyEditor("line", "family", "formula", FAMILY)
PLANE = FamilyEditor("plane", "plane_family", "plane_formula", PLANE_FAMILY)
