"""A file or a pasted text on its way to points: what was read, other ways to read it, undo."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st

from flowviz.scene.point_parsing import MOST
from flowviz.scene.points import PlanePoints, Points
from flowviz.scene.tables import reading
from flowviz.scene.tables.reading import Choice, Reading
from flowviz.scene.tables.roles import Roles
from flowviz.scene.tables.sources import Source
from flowviz.text import Refusal, Say
from flowviz.ui.session import state

Set = Points | PlanePoints

MAX_SEED = 999_999


@dataclass(frozen=True)
class _Kept:
    """A source of this session and how it was last read."""

    source: Source
    reading: Reading
    turn: int


@dataclass(frozen=True)
class PointsReading:
    """The reading of one set of points.

    Attributes:
        field: the scene's field.
        kind: its class.
        prefix: of the widgets' names.
        store: takes points into the scene; says whether they were taken.
        undo: takes the last change back.
    """

    field: str
    kind: type[Points] | type[PlanePoints]
    prefix: str
    store: Callable[[Set, bool], bool]
    undo: Callable[[], None]

    def take(self, source: Source, choice: Choice | None = None) -> None:
        """Read a source; ask where it can be read in two ways, say so where too much came."""
        try:
            read = reading.read(source, self.kind, choice)
        except Refusal as why:
            state.refuse(self.field, why)
            return
        if read.points is None or read.alternatives:
            key = "read.ask" if read.alternatives else "read.many"
            limit = MOST[self.kind.d]
            state.refuse(self.field, Refusal(key, rows=read.rows, limit=limit))
        elif not self.store(read.points, read.listed):
            return
        elif read.listed and read.rows == len(read.points):
            self.forget()
            return
        st.session_state[self._key] = _Kept(source, read, self._turn + 1)

    def forget(self) -> None:
        """The points came from elsewhere."""
        st.session_state.pop(self._key, None)

    @property
    def said(self) -> bool:
        """Whether there is a sentence on what was read."""
        return self._kept is not None

    def panel(self, say: Say) -> None:
        """What was read, in one sentence, and what can be chosen about it."""
        kept = self._kept
        if kept is None:
            return
        if state.refusal(self.field) is None:
            st.caption(kept.reading.message.markdown(say))
            st.button(
                say("read.undo"),
                key=f"w.{self.prefix}read.undo",
                on_click=self.undo,
                icon=":material/undo:",
            )
        elif kept.reading.alternatives:
            self._ask(kept, say)
        elif kept.reading.points is None:
            self._draw(kept, say)
        else:
            return
        if not kept.reading.listed and not kept.reading.alternatives:
            self._columns(kept, say)

    # ---------------------------------------------------------------------- questions

    def _ask(self, kept: _Kept, say: Say) -> None:
        """The ways to read the source, a button each, with the points that it makes."""
        for k, choice in enumerate(kept.reading.alternatives):
            read = reading.read(kept.source, self.kind, choice)
            st.button(
                reading.preview(read, self.kind).replace("*", r"\*"),
                key=f"w.{self.prefix}read.way.{kept.turn}.{k}",
                help=read.message.markdown(say),
                on_click=self.take,
                args=(kept.source, choice),
                width="stretch",
            )

    def _draw(self, kept: _Kept, say: Say) -> None:
        """The offer to take as many rows as fit."""
        seed = f"w.{self.prefix}read.seed.{kept.turn}"
        st.number_input(say("read.seed"), 0, MAX_SEED, key=seed)
        st.button(
            say("read.many.take", limit=MOST[self.kind.d]),
            key=f"w.{self.prefix}read.draw.{kept.turn}",
            on_click=lambda: self.take(
                kept.source,
                replace(kept.reading.choice, seed=int(st.session_state.get(seed) or 0)),
            ),
            width="stretch",
        )

    # ---------------------------------------------------------------------- columns

    def _columns(self, kept: _Kept, say: Say) -> None:
        """Which columns are what; there is something to choose from two columns on."""
        read = kept.reading
        if len(read.names) < 2:
            return
        with st.expander(say("read.columns")):
            for axis, column in zip("xy", read.roles.at, strict=False):
                self._column(kept, axis, list(read.numeric), column, say)
            self._column(kept, "weight", [None, *read.numeric], read.roles.weight, say)
            every = [None, *range(len(read.names))]
            self._column(kept, "label", every, read.roles.label, say)
            if read.labels:
                key = self._watched(kept, "keep", read.choice.keep)
                st.selectbox(
                    say("read.keep"),
                    ["", *read.labels],
                    format_func=lambda label: label or say("read.keep.all"),
                    key=key,
                )
                state.on_change(key, lambda value: self._choose(kept, "keep", value))

    def _column(
        self, kept: _Kept, role: str, options: list[int | None], chosen: int | None, say: Say
    ) -> None:
        def said(column: int | None) -> str:
            name = kept.reading.name(column)
            return name if isinstance(name, str) else name.say(say)

        key = self._watched(kept, role, chosen)
        st.selectbox(say(f"read.column.{role}"), options, format_func=said, key=key)
        state.on_change(key, lambda value: self._choose(kept, role, value))

    def _watched(self, kept: _Kept, role: str, value: object) -> str:
        key = f"w.{self.prefix}read.{role}.{kept.turn}"
        st.session_state.setdefault(key, value)
        return key

    def _choose(self, kept: _Kept, role: str, value: int | str | None) -> None:
        """Read once more with another column, or with the rows of one label."""
        old = kept.reading
        match role, value:
            case "keep", str():
                choice = replace(old.choice, keep=value)
            case "weight" | "label", int() | None:
                choice = replace(old.choice, roles=replace(old.roles, **{role: value}), keep="")
            case "x" | "y", int():
                at = list(old.roles.at)
                at["xy".index(role)] = value
                choice = replace(old.choice, roles=_moved(old.roles, tuple(at)), keep="")
            case _:
                return
        self.take(kept.source, choice)

    # ---------------------------------------------------------------------- session

    @property
    def _key(self) -> str:
        return f"flowviz.{self.prefix}read"

    @property
    def _kept(self) -> _Kept | None:
        return st.session_state.get(self._key)

    @property
    def _turn(self) -> int:
        return self._kept.turn if self._kept else 0


def _moved(roles: Roles, at: tuple[int, ...]) -> Roles:
    """Other coordinates; a column that was the weight and is a coordinate now weighs no more."""
    return replace(roles, at=at, weight=None if roles.weight in at else roles.weight)
