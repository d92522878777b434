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
from flowviz.ui.session.preemption import uninterrupted

MAX_SEED = 999_999
_MAX_READINGS = 8  # that an undo finds again


@dataclass(frozen=True)
class _SourceReading:
    """A source with its reading, and a number for the keys of the widgets.

    Attributes:
        source: a file or a text.
        reading: how it was read.
        revision: the number.
        belongs_to: the points in the scene that it gave; of a question, the source's refusal.
    """

    source: Source
    reading: Reading
    revision: int
    belongs_to: object = None


@dataclass(frozen=True)
class PointsReading:
    """The reading of files and texts for one set of points or samples.

    The panel on a reading is shown whenever the scene has the points that it gave: also after an
    undo, and beside the refusal of another source.

    Attributes:
        field: the scene's field, or the widget's name, for refusals.
        kind: the class of the points.
        prefix: of the widgets' keys.
        current: returns the points in the scene.
        store: stores points in the scene; returns whether it accepts them.
        undo: undoes the last change.
        sample_limit: to read samples; see `reading.read`.
    """

    field: str
    kind: type[Points] | type[PlanePoints]
    prefix: str
    current: Callable[[], object]
    store: Callable[[AnyPoints, bool], bool]
    undo: Callable[[], None]
    sample_limit: int | None = None

    def read(self, source: Source, choice: Choice | None = None) -> None:
        """Read a source and store the points; refuse it if it is ambiguous or has too many rows."""
        try:
            read = reading.read(source, self.kind, choice, self.sample_limit)
        except Refusal as why:
            state.refuse(self.field, why)
            return
        if read.points is None or read.asked:
            key = "read.ask" if read.asked else "read.many"
            limit = MAX_POINTS[self.kind.d]
            state.refuse(self.field, Refusal(key, rows=read.rows, limit=limit))
            why = state.refusal(self.field)
            asked = _SourceReading(source, read, self._next_revision(), why)
            st.session_state[self._question_key] = asked
        elif self.store(read.points, read.listed and read.as_written):
            self._record(_SourceReading(source, read, self._next_revision()))

    def store_again(self, points: AnyPoints) -> None:
        """Store the points of the same reading in another form."""
        last = self._last
        if self.store(points, False) and last is not None:
            self._record(last)

    @property
    def has_message(self) -> bool:
        """Whether the panel has a sentence on what was read."""
        return self._last is not None

    def panel(self, tr: Translator) -> None:
        """Show what was read in one sentence, and the widgets to choose another reading."""
        asked, last = self._question, self._last
        if asked is not None:
            self._choices(asked, tr)
        if last is not None:
            st.caption(last.reading.message.markdown(tr))
            if last.reading.alternatives:
                self._show_alternatives(last, tr)
            st.button(
                tr("read.undo"),
                key=f"w.{self.prefix}read.undo",
                on_click=uninterrupted()(self.undo),
                icon=":material/undo:",
            )
            if asked is None or asked.source is not last.source:
                self._roles(last, tr)

    def _choices(self, asked: _SourceReading, tr: Translator) -> None:
        """The widgets that answer a question about a source."""
        if asked.reading.asked:
            self._show_alternatives(asked, tr)
        else:
            self._offer_subset(asked, tr)
            self._roles(asked, tr)

    def _roles(self, last: _SourceReading, tr: Translator) -> None:
        """Select boxes for the sheet and the columns."""
        if len(last.reading.sheets) > 1:
            self._sheet(last, tr)
        if not last.reading.listed:
            self._columns(last, tr)

    # ---------------------------------------------------------------------- choices

    def _show_alternatives(self, last: _SourceReading, tr: Translator) -> None:
        """A button for each way to read the source, or each other one, with its first points."""
        if not last.reading.asked:
            st.caption(tr("read.or"))
        for k, choice in enumerate(last.reading.alternatives):
            if choice == last.reading.choice and not last.reading.asked:
                continue
            read = reading.read(last.source, self.kind, choice, self.sample_limit)
            st.button(
                read.preview.replace("*", r"\*"),
                key=f"w.{self.prefix}read.way.{last.revision}.{k}",
                help=read.message.markdown(tr),
                on_click=uninterrupted()(self.read),
                args=(last.source, choice),
                width="stretch",
            )

    def _offer_subset(self, last: _SourceReading, tr: Translator) -> None:
        """Offer to draw as many rows at random as are allowed."""
        seed = f"w.{self.prefix}read.seed.{last.revision}"

        def read() -> None:
            number = int(st.session_state.get(seed) or 0)
            self.read(last.source, replace(last.reading.choice, seed=number))

        st.number_input(tr("read.seed"), 0, MAX_SEED, key=seed)
        st.button(
            tr("read.many.take", limit=MAX_POINTS[self.kind.d]),
            key=f"w.{self.prefix}read.draw.{last.revision}",
            on_click=uninterrupted()(read),
            width="stretch",
        )

    # ---------------------------------------------------------------------- sheets, columns

    def _sheet(self, last: _SourceReading, tr: Translator) -> None:
        """A select box for the sheet; it stays if another sheet is refused."""
        key = self._widget_key(last, "sheet", last.reading.choice.sheet)
        names = last.reading.sheets
        st.selectbox(tr("read.sheets"), range(len(names)), format_func=names.__getitem__, key=key)
        state.on_change(key, lambda value: self._reread(last, "sheet", value))

    def _columns(self, last: _SourceReading, tr: Translator) -> None:
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
        last: _SourceReading,
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

    def _widget_key(self, last: _SourceReading, role: str, value: object) -> str:
        key = f"w.{self.prefix}read.{role}.{last.revision}"
        st.session_state.setdefault(key, value)
        return key

    def _reread(self, last: _SourceReading, role: str, value: int | str | None) -> None:
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

    def _record(self, read: _SourceReading) -> None:
        """Record the reading of the points that the scene has now."""
        current = self.current()
        others = [r for r in self._readings if r.belongs_to != current]
        recorded = [*others, replace(read, belongs_to=current)]
        st.session_state[self._readings_key] = recorded[-_MAX_READINGS:]

    @property
    def _readings(self) -> list[_SourceReading]:
        return st.session_state.get(self._readings_key, [])

    @property
    def _last(self) -> _SourceReading | None:
        """The reading of the points in the scene, if they were read."""
        current = self.current()
        return next((read for read in self._readings if read.belongs_to == current), None)

    @property
    def _question(self) -> _SourceReading | None:
        """The source that was refused with a question, while the refusal is shown."""
        asked = st.session_state.get(self._question_key)
        refusal = state.refusal(self.field)
        return asked if refusal is not None and asked and asked.belongs_to is refusal else None

    def _next_revision(self) -> int:
        st.session_state[self._revision_key] = st.session_state.get(self._revision_key, 0) + 1
        return st.session_state[self._revision_key]

    @property
    def _readings_key(self) -> str:
        return f"flowviz.{self.prefix}readings"

    @property
    def _question_key(self) -> str:
        return f"flowviz.{self.prefix}question"

    @property
    def _revision_key(self) -> str:
        return f"flowviz.{self.prefix}revision"


def _with_coordinates(roles: Roles, at: tuple[int, ...]) -> Roles:
    """The roles with other coordinates; a column cannot be a coordinate and the weight."""
    return replace(roles, at=at, weight=None if roles.weight in at else roles.weight)
