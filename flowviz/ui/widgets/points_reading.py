"""What was read of a file or a pasted text, with widgets to choose another reading or undo it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st

from flowviz.scene.point_parsing import MAX_POINTS
from flowviz.scene.points import AnyPoints, PlanePoints, Points
from flowviz.scene.tables import reading
from flowviz.scene.tables.reading import Choice, Reading
from flowviz.scene.tables.roles import Roles
from flowviz.scene.tables.sources import Source
from flowviz.text import Refusal, Translator
from flowviz.ui.session import state

MAX_SEED = 999_999


@dataclass(frozen=True)
class _LastReading:
    """A source and its last reading; the number of readings before it is in the widgets' keys."""

    source: Source
    reading: Reading
    revision: int


@dataclass(frozen=True)
class PointsReading:
    """The reading of files and texts for one set of points.

    Attributes:
        field: the scene's field.
        kind: its class.
        prefix: of the widgets' keys.
        store: stores points in the scene; returns whether it accepts them.
        undo: undoes the last change.
    """

    field: str
    kind: type[Points] | type[PlanePoints]
    prefix: str
    store: Callable[[AnyPoints, bool], bool]
    undo: Callable[[], None]

    def read(self, source: Source, choice: Choice | None = None) -> None:
        """Read a source and store the points; refuse it if it is ambiguous or has too many rows."""
        try:
            read = reading.read(source, self.kind, choice)
        except Refusal as why:
            state.refuse(self.field, why)
            return
        if read.points is None or read.alternatives:
            key = "read.ask" if read.alternatives else "read.many"
            limit = MAX_POINTS[self.kind.d]
            state.refuse(self.field, Refusal(key, rows=read.rows, limit=limit))
        elif not self.store(read.points, read.listed):
            return
        elif read.listed and read.rows == len(read.points):
            self.clear()
            return
        st.session_state[self._key] = _LastReading(source, read, self._revision + 1)

    def clear(self) -> None:
        """Remove the last reading: the points were changed by something else."""
        st.session_state.pop(self._key, None)

    @property
    def has_message(self) -> bool:
        """Whether the panel has a sentence on what was read."""
        return self._last is not None

    def panel(self, tr: Translator) -> None:
        """Show what was read in one sentence, and the widgets to choose another reading."""
        last = self._last
        if last is None:
            return
        if len(last.reading.sheets) > 1:
            self._sheet(last, tr)
        if state.refusal(self.field) is None:
            st.caption(last.reading.message.markdown(tr))
            st.button(
                tr("read.undo"),
                key=f"w.{self.prefix}read.undo",
                on_click=self.undo,
                icon=":material/undo:",
            )
        elif last.reading.alternatives:
            self._show_alternatives(last, tr)
        elif last.reading.points is None:
            self._offer_subset(last, tr)
        else:
            return
        if not last.reading.listed and not last.reading.alternatives:
            self._columns(last, tr)

    # ---------------------------------------------------------------------- choices

    def _show_alternatives(self, last: _LastReading, tr: Translator) -> None:
        """A button for each way to read the source, with its first points."""
        for k, choice in enumerate(last.reading.alternatives):
            read = reading.read(last.source, self.kind, choice)
            st.button(
                reading.preview(read, self.kind).replace("*", r"\*"),
                key=f"w.{self.prefix}read.way.{last.revision}.{k}",
                help=read.message.markdown(tr),
                on_click=self.read,
                args=(last.source, choice),
                width="stretch",
            )

    def _offer_subset(self, last: _LastReading, tr: Translator) -> None:
        """Offer to draw as many rows at random as are allowed."""
        seed = f"w.{self.prefix}read.seed.{last.revision}"
        st.number_input(tr("read.seed"), 0, MAX_SEED, key=seed)
        st.button(
            tr("read.many.take", limit=MAX_POINTS[self.kind.d]),
            key=f"w.{self.prefix}read.draw.{last.revision}",
            on_click=lambda: self.read(
                last.source,
                replace(last.reading.choice, seed=int(st.session_state.get(seed) or 0)),
            ),
            width="stretch",
        )

    # ---------------------------------------------------------------------- sheets, columns

    def _sheet(self, last: _LastReading, tr: Translator) -> None:
        """A select box for the sheet; it stays if another sheet is refused."""
        key = self._widget_key(last, "sheet", last.reading.choice.sheet)
        names = last.reading.sheets
        st.selectbox(tr("read.sheets"), range(len(names)), format_func=names.__getitem__, key=key)
        state.on_change(key, lambda value: self._reread(last, "sheet", value))

    def _columns(self, last: _LastReading, tr: Translator) -> None:
        """Select boxes for the roles of the columns, if there is more than one."""
        read = last.reading
        if len(read.names) < 2:
            return
        with st.expander(tr("read.columns")):
            for axis, column in zip("xy", read.roles.at, strict=False):
                self._column(last, axis, list(read.numeric), column, tr)
            self._column(last, "weight", [None, *read.numeric], read.roles.weight, tr)
            every = [None, *range(len(read.names))]
            self._column(last, "label", every, read.roles.label, tr)
            if read.labels:
                key = self._widget_key(last, "keep", read.choice.label)
                st.selectbox(
                    tr("read.keep"),
                    ["", *read.labels],
                    format_func=lambda label: label or tr("read.keep.all"),
                    key=key,
                )
                state.on_change(key, lambda value: self._reread(last, "keep", value))

    def _column(
        self,
        last: _LastReading,
        role: str,
        options: list[int | None],
        chosen: int | None,
        tr: Translator,
    ) -> None:
        def label(column: int | None) -> str:
            name = last.reading.name(column)
            return name if isinstance(name, str) else name.translated(tr)

        key = self._widget_key(last, role, chosen)
        st.selectbox(tr(f"read.column.{role}"), options, format_func=label, key=key)
        state.on_change(key, lambda value: self._reread(last, role, value))

    def _widget_key(self, last: _LastReading, role: str, value: object) -> str:
        key = f"w.{self.prefix}read.{role}.{last.revision}"
        st.session_state.setdefault(key, value)
        return key

    def _reread(self, last: _LastReading, role: str, value: int | str | None) -> None:
        """Read the source again with another column for a role, or with the rows of one label."""
        old = last.reading
        match role, value:
            case "sheet", int():
                choice = Choice(sheet=value)
            case "keep", str():
                choice = replace(old.choice, label=value)
            case "weight" | "label", int() | None:
                choice = replace(old.choice, roles=replace(old.roles, **{role: value}), label="")
            case "x" | "y", int():
                at = list(old.roles.at)
                at["xy".index(role)] = value
                choice = replace(
                    old.choice, roles=_with_coordinates(old.roles, tuple(at)), label=""
                )
            case _:
                return
        self.read(last.source, choice)

    # ---------------------------------------------------------------------- session

    @property
    def _key(self) -> str:
        return f"flowviz.{self.prefix}read"

    @property
    def _last(self) -> _LastReading | None:
        return st.session_state.get(self._key)

    @property
    def _revision(self) -> int:
        return self._last.revision if self._last else 0


def _with_coordinates(roles: Roles, at: tuple[int, ...]) -> Roles:
    """The roles with other coordinates; a column cannot be a coordinate and the weight."""
    return replace(roles, at=at, weight=None if roles.weight in at else roles.weight)
