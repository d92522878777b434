"""The sidebar's section on trajectories: a family and its parameters, or a typed formula.

`LINE` is for the line and `PLANE` for the plane, on all pages. A refused formula stays in its box,
with the reason and the column beneath; the scene, and so every figure, stays the last valid one.
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
from flowviz.scene.notation import plain_formula
from flowviz.scene.parameters import FAMILY, PLANE_FAMILY, Registry
from flowviz.scene.settings import Space
from flowviz.scene.suggestions import nearest_family
from flowviz.text import Message, Refusal, Translator
from flowviz.ui.session import faults, state, valid_family
from flowviz.ui.widgets import controls, slider_range
from flowviz.ui.widgets.glossary import tips

_REACH = 5.0  # of a parameter's slider; twice the value if that is further out


@dataclass(frozen=True)
class FamilyEditor:
    """The widgets for the family in one space.

    Attributes:
        space: the line or the plane.
        family: the scene's field that names the family.
        formula: the scene's field of the typed one.
        registry: of the families.
    """

    space: Space
    family: Literal["family", "plane_family"]
    formula: Literal["formula", "plane_formula"]
    registry: Registry

    @property
    def typed(self) -> Typed:
        """The scene's typed family."""
        return getattr(state.current(), self.formula)

    @faults.guarded
    def sidebar(self, tr: Translator) -> None:
        """The widgets: the family, its description, and its parameters or formulas."""
        scene = state.current()
        controls.entry(self.family, list(self.registry.classes()), scene, tr)
        match getattr(scene, self.family):
            case "affine":
                notes = (tr("fan.schedule.help"), tr("schedule.names.help"))
                note = "\n\n".join((tips(tr, "schedule"), *notes))
                label = tr("fan.schedule")
                controls.entry("schedule", list(SCHEDULES), scene, tr, label=label, note=note)
            case "formula":
                self._boxes(tr)
            case _:
                pass

    # ---------------------------------------------------------------------- the formula's widgets

    def _boxes(self, tr: Translator) -> None:
        typed = self.typed
        examples = EXAMPLES[self.space]
        st.selectbox(
            tr("formula.example"),
            ["", *examples],
            format_func=lambda name: tr(f"formula.example.{name or 'none'}"),
            key=state.bound_as(self._key("example"), self._example(typed), self._apply_example),
        )
        st.segmented_control(
            tr("formula.kind"),
            KINDS,
            format_func=lambda kind: tr(f"formula.kind.{kind}"),
            required=True,
            help=tr("formula.kind.help"),
            key=state.bound_as(self._key("kind"), typed.kind, self._apply_kind),
        )
        controls.typed_time(tr)
        self._box("text", f"formula.text.{typed.kind}", typed.text, tr)
        if typed.kind == "mean":
            self._box("sigma", "formula.text.sigma", typed.sigma or "t", tr)
        for name, value in typed.letters:
            self._slider(name, value, tr)
        self._offer(tr)

    def _offer(self, tr: Translator) -> None:
        """Offer the nearest valid family, if that in the boxes is refused or invalid."""
        typed = self._entered()
        if self.refused or valid_family.violation(state.current(), self.space):
            found = nearest_family(typed, 1 if self.space == "line" else 2)
            controls.offer(found, self.formula, self._apply_nearest, tr)

    @property
    def refused(self) -> bool:
        """Whether a formula in the boxes shown cannot be read: the scene has the one before."""
        shown = getattr(state.current(), self.family) == "formula"
        return shown and any(state.refusal(self._key(box)) for box in ("text", "sigma"))

    def _apply_nearest(self, texts: Mapping[str, str]) -> None:
        if self._apply("text", **texts):
            self._refill("example", "text", "sigma")

    def _entered(self) -> Typed:
        """The typed family in the boxes, also if the scene refused it."""
        entered = {p: st.session_state.get(state.key(self._key(p))) for p in ("text", "sigma")}
        return replace(self.typed, **{p: v for p, v in entered.items() if v is not None})

    def _box(self, name: Literal["text", "sigma"], label: str, text: str, tr: Translator) -> None:
        key = self._key(name)
        st.text_input(
            tr(label),
            max_chars=MAX_TEXT,
            help=self._help(tr) if name == "text" else None,
            key=state.bound_as(key, text, lambda new: self._apply(name, **{name: new})),
        )
        why = state.refusal(key)
        if why is not None:
            st.error(why.markdown(tr))
            # The column is that of the formula in the grammar's signs.
            _show_column(plain_formula(st.session_state[state.key(key)]), why)

    def _slider(self, name: str, value: float, tr: Translator) -> None:
        field = self._key(f"letter.{name}")
        reach = _REACH if abs(value) <= _REACH else min(MAX_LETTER, 2.0 * abs(value))
        slider_range.refill_on_change(field, -reach, reach)
        st.slider(
            tr("formula.letter", name=name),
            -reach,
            reach,
            step=0.01,
            key=state.bound_as(
                field,
                value,
                lambda new: self._apply(f"letter.{name}", letters=self._with_letter(name, new)),
            ),
        )
        controls.show_refusals(tr, field)

    def _help(self, tr: Translator) -> str:
        text = tr("formula.help", functions=", ".join(FUNCTIONS))
        text = text if self.space == "line" else f"{text} {tr('formula.help.plane')}"
        return text.replace("*", "\\*").replace("^", "\\^").replace("[", "\\[")

    # ---------------------------------------------------------------------- changes

    def _apply(self, widget: str, **changes: object) -> bool:
        """Change the typed family; letters that were used before keep their values."""
        typed = self.typed
        letters = {**self._last_letters, **dict(typed.letters)}
        fields = {"kind": typed.kind, "text": typed.text, "sigma": typed.sigma}
        new = Typed(**{**fields, "letters": tuple(letters.items()), **changes})  # pyright: ignore[reportArgumentType]
        accepted = state.change(self._key(widget), **{self.formula: new})
        if accepted:
            state.remembered(self.formula)["letters"] = {**letters, **dict(self.typed.letters)}
        return accepted

    def _apply_kind(self, kind: Kind) -> None:
        """Change the kind of formula, with its last text, or with straight lines."""
        last_texts, typed = state.remembered(self.formula), self.typed
        if kind == typed.kind:
            return
        last_texts[typed.kind] = {"text": typed.text, "sigma": typed.sigma}
        straight = STRAIGHT[kind]
        last = last_texts.get(kind, {"text": straight.text, "sigma": straight.sigma})
        if self._apply("kind", kind=kind, **last):
            self._refill("example", "text", "sigma")

    def _apply_example(self, name: str) -> None:
        if name and self._apply("example", **vars(EXAMPLES[self.space][name])):
            self._refill("kind", "text", "sigma")

    def _refill(self, *names: str) -> None:
        """Fill widgets from the scene, those of all letters among them."""
        letters = [f"letter.{name}" for name in "abcdefghijklmnopqrstuvwxyz"]
        state.refill(*(self._key(name) for name in (*names, *letters)))

    def _with_letter(self, name: str, value: float) -> tuple[tuple[str, float], ...]:
        return tuple((dict(self.typed.letters) | {name: value}).items())

    @property
    def _last_letters(self) -> dict[str, float]:
        return dict(state.remembered(self.formula).get("letters", {}))

    def _example(self, typed: Typed) -> str:
        """The name of the example with the same formulas; "" if there is none."""
        matching = (name for name, e in EXAMPLES[self.space].items() if _texts(e) == _texts(typed))
        return next(matching, "")

    def _key(self, name: str) -> str:
        return f"{self.formula}.{name}"


def _texts(typed: Typed) -> tuple[str, str, str]:
    return typed.kind, typed.text, typed.sigma


def _show_column(text: str, why: Refusal) -> None:
    """Show the text with a caret under the column of the error."""
    location = dict(why.message.values).get("where")
    if not isinstance(location, Message) or not text.isprintable():
        return
    column = min(int(str(dict(location.values)["n"])), len(text) + 1)
    start = max(0, column - 24)  # a sidebar is narrow
    st.code(f"{text[start : start + 30]}\n{' ' * (column - 1 - start)}^", language=None)


LINE = FamilyEditor("line", "family", "formula", FAMILY)
PLANE = FamilyEditor("plane", "plane_family", "plane_formula", PLANE_FAMILY)
