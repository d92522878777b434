"""The data points in every form a visitor may edit: text, table, CSV, examples, and by hand.

The scene's points are the truth; each view is filled from them when another view changed them.
`LINE` edits the points on the line, `PLANE` those of the plane.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from flowviz.core.datasets import DATASETS
from flowviz.scene.decimals import plain
from flowviz.scene.points import PlanePoints, Points
from flowviz.text import Refusal, Say
from flowviz.ui.session import faults, state
from flowviz.ui.widgets import upload
from flowviz.ui.widgets.data_scale import DataScale
from flowviz.ui.widgets.points_reading import PointsReading
from flowviz.ui.widgets.rounded import Rounded

Set = Points | PlanePoints

_MOST_AT_ONCE = 1000  # points one stroke of a brush, or one written word, may hold


_REMEMBERED = 50  # changes that can be taken back

_TABLE_HEIGHT = 260
_FEW = 12  # points that are counted at a glance


@dataclass(frozen=True)
class Editor:
    """One set of points and the places it is edited in.

    Attributes:
        field: the scene's field.
        kind: its class.
        columns: names of the coordinates.
        topic: of its words in ``flowviz.text``.
        prior: the scene's field of the prior beside it.
        prefix: of its widgets' names, which no other page has.
    """

    field: str
    kind: type[Points] | type[PlanePoints]
    columns: tuple[str, ...]
    topic: str
    prior: str
    prefix: str = ""

    @property
    def points(self) -> Set:
        """The points as they are now."""
        return getattr(state.current(), self.field)

    @faults.guarded
    def sidebar(self, say: Say) -> None:
        """The points' section of the sidebar."""
        points = self.points
        st.selectbox(
            say("fan.preset"),
            ["", *self._examples()],
            format_func=lambda name: say(f"dataset.{name}") if name else say("fan.preset.own"),
            key=state.bound_as(self._preset, self._example_of(points), self._take_example),
        )
        st.text_area(
            say(f"{self.topic}.points.text"),
            height=68 if len(points) <= _FEW else 140,
            help=say(f"{self.topic}.points.help"),
            key=state.bound_as(self.field, points.text(), self._take_text),
        )
        self._complain(say)
        self._reading.panel(say)
        scale = DataScale(self.prior, self.prefix, self._store_read, self._undo)
        if beside := scale.matters(points):
            scale.panel(points, say)
        table = st.expander(say("fan.table"), key=f"w.{self.prefix}table.open", on_change="rerun")
        if table.open:
            with table:
                self._table(points, say)
                upload.file_uploader(say("fan.csv"), self._file, say)
                state.on_change(self._file, self._take_file, lambda file: file and file.file_id)
                if not beside:
                    scale.panel(points, say)

    def apply(self, message: dict[str, Any]) -> None:
        """Apply an edit made in the picture: move, add, remove, weigh, brush, write.

        A message names the result, not the change, and how many points the picture had: received
        twice, it does the same as once.
        """
        rows = [list(row) for row in self.points.rows]
        if message.get("n") != len(rows):
            return
        try:
            i = int(message.get("i", -1))
            usual = sorted(row[-1] for row in rows)[(len(rows) - 1) // 2]
            match message.get("op"):
                case "move" if 0 <= i < len(rows):
                    rows[i][:-1] = [float(message[name]) for name in self.columns]
                case "weigh" if 0 <= i < len(rows):
                    rows[i][-1] = float(message["w"])
                case "remove" if len(rows) == 1:
                    state.refuse(self.field, Refusal("error.points.last"))
                    return
                case "remove" if 0 <= i < len(rows):
                    del rows[i]
                case "add":
                    rows.append([*(float(message[name]) for name in self.columns), usual])
                case "brush":
                    rows += [[*at, usual] for at in self._places(message)]
                case "undo":
                    self._undo()
                    return
                case "write":
                    rows = [[*at, 1.0] for at in self._places(message)]
                case _:
                    return
        except (TypeError, ValueError, KeyError):
            return  # not a message of the component
        try:
            self._store(self.kind.of(rows), passing=bool(message.get("preview")))
        except Refusal as why:
            state.refuse(self.field, why)

    @property
    def undoable(self) -> bool:
        """Whether there is a change of the points to take back."""
        return bool(st.session_state.get(self._past))

    def _undo(self) -> None:
        """The points as they were before the last change; on the way of a drag there is none."""
        past = st.session_state.get(self._past, [])
        if past:
            *kept, before = past
            self._store(before)
            st.session_state[self._past] = kept  # there is no way forward again

    def _remember(self, before: Set, passing: bool) -> None:
        """Keep what the points were, for `_undo`; of a drag only where it began."""
        began = st.session_state.setdefault(self._began, before)
        if passing:
            return
        del st.session_state[self._began]
        past = st.session_state.setdefault(self._past, [])
        if began != self.points:
            past.append(began)
            del past[:-_REMEMBERED]

    def _places(self, message: dict[str, Any]) -> list[list[float]]:
        """The positions of a stroke or of a written word."""
        places = [[float(value) for value in at] for at in message["at"][:_MOST_AT_ONCE]]
        if any(len(at) != len(self.columns) for at in places):
            raise ValueError("a place needs all its coordinates")
        return places

    def _store(
        self,
        points: Set,
        *,
        keep_text: bool = False,
        keep_table: bool = False,
        passing: bool = False,
    ) -> bool:
        """Take points into the scene, rounded where the link is short; whether they were taken."""
        before = self.points
        limit = state.current().room(self.field)
        shareable = points.shareable(limit)
        if not state.change(self.field, **{self.field: shareable}):
            return False
        self._reading.forget()
        self._remember(before, passing)
        rounded = shareable != points and len(shareable) == len(points)
        st.session_state[self._rounded] = Rounded.of(points, shareable, limit) if rounded else None
        state.refill(self._preset)
        if not keep_text or shareable != points:
            state.refill(self.field)
        if not keep_table:
            st.session_state.pop(self._base, None)
        return True

    def _complain(self, say: Say) -> None:
        why = state.refusal(self.field)
        if why is not None:
            st.error(why.markdown(say))
        elif (rounded := st.session_state.get(self._rounded)) is not None:
            rounded.panel(say, f"w.{self.prefix}rounded", self._store_read)
        elif len(self.points) > _FEW and not self._reading.said:
            st.caption(say("fan.points.count", n=len(self.points)))

    # -------------------------------------------------------------------------- text, examples

    @property
    def _reading(self) -> PointsReading:
        return PointsReading(self.field, self.kind, self.prefix, self._store_read, self._undo)

    def _store_read(self, points: Set, keep_text: bool) -> bool:
        try:
            return self._store(points, keep_text=keep_text)
        except Refusal as why:
            state.refuse(self.field, why)
            return False

    def _take_text(self, text: str) -> None:
        self._reading.take(text)

    def _examples(self) -> list[str]:
        return [name for name, data in DATASETS.items() if data.d == len(self.columns)]

    def _points_of(self, name: str) -> Set:
        data = DATASETS[name]
        return self.kind.of((*at, w) for at, w in zip(data.points, data.weights, strict=True))

    def _example_of(self, points: Set) -> str:
        return next((name for name in self._examples() if self._points_of(name) == points), "")

    def _take_example(self, name: str) -> None:
        if name in self._examples():
            self._store(self._points_of(name))

    # -------------------------------------------------------------------------- table, file

    def _table(self, points: Set, say: Say) -> None:
        """An editable table. Its base stays as it was while the table is edited: only then does the
        editor keep the visitor's place; another view's change starts it afresh.
        """
        columns = (*self.columns, "w")
        if self._base not in st.session_state:
            texts = [[plain(value) for value in row] for row in points.rows]
            st.session_state[self._base] = pd.DataFrame(texts, columns=list(columns), dtype=str)
            st.session_state[self._turn] = st.session_state.get(self._turn, 0) + 1
        names = {column: say(f"{self.topic}.table.{column}") for column in columns}
        st.data_editor(
            st.session_state[self._base],
            key=self._table_key(),
            num_rows="dynamic",
            hide_index=True,
            height=_TABLE_HEIGHT,  # one height: another would make it another editor
            column_config={
                # Texts: a column of numbers takes a pasted 0,75 for 75 before we see it.
                column: st.column_config.TextColumn(name, width="small", alignment="right")
                for column, name in names.items()
            },
        )
        state.on_change(self._table_key(), self._take_table, repr)

    def _table_key(self) -> str:
        return f"w.{self.prefix}table.{st.session_state.get(self._turn, 0)}"

    def _take_table(self, edits: dict[str, Any]) -> None:
        if self._base not in st.session_state:
            return  # another view has just changed the points: the table starts afresh
        if not any(edits.values()):
            # The editor began anew: what it was given is no longer what it should show.
            del st.session_state[self._base]
            return
        columns = (*self.columns, "w")
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
        kept = [row for row in rows if row is not None]
        try:
            self._store(self.kind.from_rows(kept), keep_table=True)
        except Refusal as why:
            state.refuse(self.field, why)

    def _take_file(self, file: UploadedFile | None) -> None:
        if file is not None:
            self._reading.take(file.getvalue())

    # -------------------------------------------------------------------------- session keys

    @property
    def _preset(self) -> str:
        return f"{self.prefix}preset"

    @property
    def _file(self) -> str:
        return f"w.{self.prefix}csv"

    @property
    def _base(self) -> str:
        return f"flowviz.{self.prefix}table"

    @property
    def _turn(self) -> str:
        return f"flowviz.{self.prefix}table.turn"

    @property
    def _past(self) -> str:
        return f"flowviz.{self.prefix}past"

    @property
    def _began(self) -> str:
        return f"flowviz.{self.prefix}began"

    @property
    def _rounded(self) -> str:
        return f"flowviz.{self.prefix}rounded"


LINE = Editor("points", Points, ("x",), "fan", "prior")
PLANE = Editor("plane_points", PlanePoints, ("x", "y"), "plane", "plane_prior", "plane.")
