"""Editors of the data points: as text, table, file, by examples, and in the figure.

Each widget shows the scene's points and is filled from them when something else changes them.
`LINE` edits the points on the line, `PLANE` those of the plane.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from flowviz.core.datasets import DATASETS
from flowviz.scene.decimals import decimal_text
from flowviz.scene.points import AnyPoints, PlanePoints, Points
from flowviz.text import Refusal, Translator
from flowviz.ui.session import faults, state
from flowviz.ui.widgets import labels, upload
from flowviz.ui.widgets.data_scale import DataScale
from flowviz.ui.widgets.points_reading import PointsReading
from flowviz.ui.widgets.rounding import Rounding

_MAX_STROKE = 1000  # points of one stroke of the brush, or of one written word
_MAX_UNDO = 50

_TABLE_HEIGHT = 260
_FEW_POINTS = 12  # more are shown with their number


@dataclass(frozen=True)
class PointsEditor:
    """The widgets for one set of points, and the edits in its figure.

    Attributes:
        field: the scene's field.
        kind: its class.
        columns: names of the coordinates.
        topic: the prefix of its text keys.
        prior: the scene's field of the prior.
        prefix: of its widgets' keys.
    """

    field: str
    kind: type[Points] | type[PlanePoints]
    columns: tuple[str, ...]
    topic: str
    prior: str
    prefix: str = ""

    @property
    def points(self) -> AnyPoints:
        """The scene's points."""
        return getattr(state.current(), self.field)

    @faults.guarded
    def sidebar(self, tr: Translator) -> None:
        """The points' section of the sidebar."""
        points = self.points
        st.selectbox(
            tr("fan.preset"),
            ["", *self._examples()],
            format_func=lambda name: tr(f"dataset.{name}") if name else tr("fan.preset.custom"),
            key=state.bound_as(self._preset, self._example_of(points), self._apply_example),
        )
        st.text_area(
            tr(f"{self.topic}.points.text"),
            height=68 if len(points) <= _FEW_POINTS else 140,
            help=tr(f"{self.topic}.points.help"),
            key=state.bound_as(self.field, points.text(), self._apply_text),
        )
        self._show_status(tr)
        if points.labels:
            labels.choose_new(self.prefix, tr)
        self._reading.panel(tr)
        scale = DataScale(self.field, self.prior, self.prefix, self._store_read)
        if prominent := scale.is_prominent(points):
            scale.panel(points, tr)
        table = st.expander(tr("fan.table"), key=f"w.{self.prefix}table.open", on_change="rerun")
        if table.open:
            with table:
                self._table(points, tr)
                key = f"w.{self.prefix}csv"
                upload.file_uploader(tr("fan.csv"), key, tr, self._reading.read)
                if not prominent:
                    scale.panel(points, tr)

    def apply(self, message: dict[str, Any]) -> None:
        """Apply an edit made in the figure: move, add, remove, weigh, brush, write.

        A message contains the result, not the change, and the number of points before it: received
        twice, it has the same effect as once.
        """
        rows = [list(row) for row in self.points.labelled_rows]
        d = len(self.columns)
        if message.get("n") != len(rows):
            return
        try:
            i = int(message.get("i", -1))
            median_weight = sorted(self.points.w)[(len(rows) - 1) // 2]
            label = labels.of_new(self.prefix) if self.points.labels else 0
            match message.get("op"):
                case "move" if 0 <= i < len(rows):
                    rows[i][:d] = [float(message[name]) for name in self.columns]
                case "weigh" if 0 <= i < len(rows):
                    rows[i][d] = float(message["w"])
                case "remove" if len(rows) == 1:
                    state.refuse(self.field, Refusal("error.points.last"))
                    return
                case "remove" if 0 <= i < len(rows):
                    del rows[i]
                case "add":
                    rows.append(
                        [*(float(message[name]) for name in self.columns), median_weight, label]
                    )
                case "brush":
                    rows += [[*at, median_weight, label] for at in self._positions(message)]
                case "undo":
                    self._undo()
                    return
                case "redo":
                    self._redo()
                    return
                case "write":
                    rows = [[*at, 1.0, label] for at in self._positions(message)]
                case _:
                    return
        except (TypeError, ValueError, KeyError, OverflowError):
            return  # not a message of the component
        try:
            self._store(self.kind.of(rows), preview=bool(message.get("preview")))
        except Refusal as why:
            state.refuse(self.field, why)

    def replace(self, points: AnyPoints) -> None:
        """Put other points in place of these, as one change that can be undone."""
        self._store_read(points, False)

    @property
    def history_steps(self) -> dict[str, bool]:
        """Whether there is a change of the points to undo, and one to redo."""
        kept = {"undo": self._history, "redo": self._undone}
        return {step: bool(st.session_state.get(key)) for step, key in kept.items()}

    def _undo(self) -> None:
        """Restore the points before the last change; a drag is one change."""
        if history := st.session_state.get(self._history, []):
            *earlier, before = history
            undone = [*st.session_state.get(self._undone, []), self.points]
            self._store(before)
            st.session_state[self._history], st.session_state[self._undone] = earlier, undone

    def _redo(self) -> None:
        """Restore the points before the last undo, if nothing was changed since."""
        if undone := st.session_state.get(self._undone, []):
            *others, after = undone
            if self._store(after):
                st.session_state[self._undone] = others

    def _record(self, before: AnyPoints, preview: bool) -> None:
        """Record the points before a change, for `_undo`; of a drag, those before it began."""
        first = st.session_state.setdefault(self._before_drag, before)
        if preview:
            return
        del st.session_state[self._before_drag]
        history = st.session_state.setdefault(self._history, [])
        if first != self.points:
            st.session_state.pop(self._undone, None)
            history.append(first)
            del history[:-_MAX_UNDO]

    def _positions(self, message: dict[str, Any]) -> list[list[float]]:
        """The positions of a stroke or of a written word."""
        positions = [[float(value) for value in at] for at in message["at"][:_MAX_STROKE]]
        if any(len(at) != len(self.columns) for at in positions):
            raise ValueError("a position needs all its coordinates")
        return positions

    def _store(
        self,
        points: AnyPoints,
        *,
        keep_text: bool = False,
        keep_table: bool = False,
        preview: bool = False,
    ) -> bool:
        """Store points in the scene, rounded if they do not fit the link; whether accepted."""
        before = self.points
        limit = state.current().link_budget(self.field)
        shareable = points.shareable(limit)
        if not state.change(self.field, **{self.field: shareable}):
            return False
        self._record(before, preview)
        rounded = shareable != points and len(shareable) == len(points)
        st.session_state[self._rounded] = Rounding.of(points, shareable, limit) if rounded else None
        state.refill(self._preset)
        if not keep_text or shareable != points:
            state.refill(self.field)
        if not keep_table:
            st.session_state.pop(self._base, None)
        return True

    def _show_status(self, tr: Translator) -> None:
        why = state.refusal(self.field)
        if why is not None:
            st.error(why.markdown(tr))
        elif (rounded := st.session_state.get(self._rounded)) is not None:
            rounded.panel(tr, f"w.{self.prefix}rounded", self._reading.store_again)
        elif len(self.points) > _FEW_POINTS and not self._reading.has_message:
            st.caption(tr("fan.points.count", n=len(self.points)))

    # -------------------------------------------------------------------------- text, examples

    @property
    def _reading(self) -> PointsReading:
        return PointsReading(
            self.field, self.kind, self.prefix, lambda: self.points, self._store_read, self._undo
        )

    def _store_read(self, points: AnyPoints, keep_text: bool) -> bool:
        try:
            return self._store(points, keep_text=keep_text)
        except Refusal as why:
            state.refuse(self.field, why)
            return False

    def _apply_text(self, text: str) -> None:
        self._reading.read(text)

    def _examples(self) -> list[str]:
        return [name for name, data in DATASETS.items() if data.d == len(self.columns)]

    def _points_of(self, name: str) -> AnyPoints:
        data = DATASETS[name]
        return self.kind.of((*at, w) for at, w in zip(data.points, data.weights, strict=True))

    def _example_of(self, points: AnyPoints) -> str:
        return next((name for name in self._examples() if self._points_of(name) == points), "")

    def _apply_example(self, name: str) -> None:
        if name in self._examples():
            self._store(self._points_of(name))

    # -------------------------------------------------------------------------- table, file

    def _table(self, points: AnyPoints, tr: Translator) -> None:
        """An editable table.

        Its base data stays the same while the table is edited, so that the widget keeps its scroll
        position and selection; a change by another widget creates it again.
        """
        columns = (*self.columns, "w", "label")
        if self._base not in st.session_state:
            texts = [
                [*map(decimal_text, row[:-1]), labels.letter(int(row[-1]))]
                for row in points.labelled_rows
            ]
            st.session_state[self._base] = pd.DataFrame(texts, columns=list(columns), dtype=str)
            st.session_state[self._revision] = st.session_state.get(self._revision, 0) + 1
        names = {column: tr(f"{self.topic}.table.{column}") for column in columns[:-1]}
        names["label"] = tr("points.label")
        st.data_editor(
            st.session_state[self._base],
            key=self._table_key(),
            num_rows="dynamic",
            hide_index=True,
            height=_TABLE_HEIGHT,  # constant: another height would create another widget
            column_config={
                # Text columns: a number column would read a pasted 0,75 as 75.
                column: st.column_config.TextColumn(name, width="small", alignment="right")
                for column, name in names.items()
            },
        )
        state.on_change(self._table_key(), self._apply_table, repr)

    def _table_key(self) -> str:
        return f"w.{self.prefix}table.{st.session_state.get(self._revision, 0)}"

    def _apply_table(self, edits: dict[str, Any]) -> None:
        if self._base not in st.session_state:
            return  # another widget has changed the points
        if not any(edits.values()):
            # The widget was created again, with base data that is out of date.
            del st.session_state[self._base]
            return
        columns = (*self.columns, "w", "label")
        rows: list[Sequence[object] | None] = [
            tuple(row) for row in st.session_state[self._base].itertuples(index=False)
        ]
        for index, changed in edits["edited_rows"].items():
            old = rows[int(index)] or (None,) * len(columns)
            rows[int(index)] = tuple(
                changed.get(column, value) for column, value in zip(columns, old, strict=True)
            )
        for index in edits["deleted_rows"]:
            rows[int(index)] = None
        rows.extend(tuple(row.get(column) for column in columns) for row in edits["added_rows"])
        remaining = [row for row in rows if row is not None]
        try:
            self._store(self.kind.from_rows(remaining), keep_table=True)
        except Refusal as why:
            state.refuse(self.field, why)

    # -------------------------------------------------------------------------- session keys

    @property
    def _preset(self) -> str:
        return f"{self.prefix}preset"

    @property
    def _base(self) -> str:
        return f"flowviz.{self.prefix}table"

    @property
    def _revision(self) -> str:
        return f"flowviz.{self.prefix}table.revision"

    @property
    def _history(self) -> str:
        return f"flowviz.{self.prefix}history"

    @property
    def _undone(self) -> str:
        return f"flowviz.{self.prefix}undone"

    @property
    def _before_drag(self) -> str:
        return f"flowviz.{self.prefix}before_drag"

    @property
    def _rounded(self) -> str:
        return f"flowviz.{self.prefix}rounded"


LINE = PointsEditor("points", Points, ("x",), "fan", "prior")
PLANE = PointsEditor("plane_points", PlanePoints, ("x", "y"), "plane", "plane_prior", "plane.")
