"""From a stranger's file or pasted text to points, with an account of what was read.

A `Reading` says which columns were taken as what, how many rows were left out and why, and what
else the same text may be. A `Choice` picks another reading; nothing is guessed twice.
"""

from __future__ import annotations

import functools
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import numpy as np

from flowviz.scene.point_parsing import MAX_POSITION, MAX_WEIGHT, MIN_WEIGHT, MOST
from flowviz.scene.points import PlanePoints, Points
from flowviz.scene.tables.roles import Roles, roles
from flowviz.scene.tables.sources import Source, tables_of
from flowviz.scene.tables.table import LISTED, MISSING, Column, Table
from flowviz.text import Message, Refusal, excerpt

Set = Points | PlanePoints

_MAX_LABELS = 20
_NAMED = 12  # columns that a refusal lists
_SHOWN = 3  # points that stand for a reading


@dataclass(frozen=True)
class Choice:
    """How to read a source, where there is more than one way.

    Attributes:
        table: which of the tables it may be.
        roles: of the columns; None for the likeliest.
        keep: only rows of this label; "" for all.
        seed: of the draw, where more rows come than fit; None to draw none.
    """

    table: int = 0
    roles: Roles | None = None
    keep: str = ""
    seed: int | None = None


@dataclass(frozen=True)
class LeftOut:
    """Rows that made no point, by what was wrong with them."""

    missing: int = 0  # a coordinate is no number
    beyond: int = 0  # a coordinate is out of range
    weight: int = 0  # the weight is not accepted

    @property
    def total(self) -> int:
        """All of them."""
        return self.missing + self.beyond + self.weight


@dataclass(frozen=True)
class Reading:
    """What was read of a source.

    Attributes:
        points: the points; None while there are more rows than fit and none were drawn.
        choice: how the source was read, roles included.
        names: of all columns, "" where there is none; numeric: those that hold numbers.
        labels: the values of the label's column, the most frequent first.
        rows: that make a point.
        left_out: the others.
        listed: the text was a list of points, without columns.
        separator: between the cells, None where there is no such thing.
        decimal: the decimal mark.
        alternatives: other ways to read it that are as likely, this one first; else empty.
    """

    points: Set | None
    choice: Choice
    names: tuple[str, ...]
    numeric: tuple[int, ...]
    labels: tuple[str, ...]
    rows: int
    left_out: LeftOut
    listed: bool
    separator: str | None
    decimal: str
    alternatives: tuple[Choice, ...] = ()

    @property
    def roles(self) -> Roles:
        """Which columns were taken as what."""
        assert self.choice.roles is not None
        return self.choice.roles

    def name(self, column: int | None) -> Message | str:
        """A column's name in words."""
        if column is None:
            return Message("read.none")
        return excerpt(self.names[column]) or Message("read.unnamed", n=column + 1)

    @property
    def message(self) -> Message:
        """One sentence on what was read."""
        d = len(self.roles.at)
        if self.points is None:
            return Message("read.many", rows=self.rows, limit=MOST[d])
        n = counted("point", len(self.points))
        if self.listed and len(self.points) == self.rows:
            return Message("read.listed", n=n)
        if len(self.points) < self.rows:
            rows = counted("row", self.rows)
            n = Message("read.drawn", n=n, rows=rows, seed=self.choice.seed or 0)
        names = {f"column{k}": self.name(column) for k, column in enumerate(self.roles.at)}
        weight = self.name(self.roles.weight)
        said = Message(f"read.{d}", n=n, **names, weight=weight, out=self._out())
        return Message("read.comma", said=said) if self.decimal == "," else said

    def _out(self) -> Message:
        """How many rows were left out, and why."""
        rows = counted("row", self.left_out.total)
        reasons = [
            Message(f"read.why.{f.name}", n=n, far=MAX_POSITION)
            for f in fields(self.left_out)
            if (n := getattr(self.left_out, f.name))
        ]
        if not reasons:
            return Message("read.left", rows=rows)
        joined = functools.reduce(lambda a, b: Message("read.and", a=a, b=b), reasons)
        return Message("read.left.why", rows=rows, reasons=joined)


def counted(what: str, n: int) -> Message:
    """So many points or rows, in words: one point, two points."""
    return Message(f"read.{what}" if n == 1 else f"read.{what}s", n=n)


def read(source: Source, kind: type[Set], choice: Choice | None = None) -> Reading:
    """Read a file or a pasted text.

    Args:
        source: the bytes of a file, or a text.
        kind: points on the line or in the plane.
        choice: how; None for the likeliest way, with what is as likely in ``alternatives``.

    Raises:
        Refusal: where there is nothing to read, saying what was found instead.
    """
    tables = tables_of(source, kind.d)
    if choice is not None:
        return _read(tables, kind, choice)
    ways = [
        Choice(k, role)
        for k, table in enumerate(tables)
        for role in roles(table, kind.d)
        if _any_row(table, role)
    ]
    first = _read(tables, kind, ways[0] if ways else Choice())
    kept = [way for way in ways[1:] if _differs(tables, kind, way, first)]
    return replace(first, alternatives=(first.choice, *kept) if kept else ())


def preview(reading: Reading, kind: type[Set]) -> str:
    """The first points of a reading, as a question shows them."""
    if reading.points is None:
        return "…"
    few = kind.of(reading.points.rows[:_SHOWN])
    return few.text() + (", …" if len(reading.points) > _SHOWN else "")


def _differs(tables: list[Table], kind: type[Set], way: Choice, first: Reading) -> bool:
    try:
        return _read(tables, kind, way).points != first.points or first.points is None
    except Refusal:
        return False


def _any_row(table: Table, role: Roles) -> bool:
    return any(table.columns[k].known for k in role.at)


def _read(tables: list[Table], kind: type[Set], choice: Choice) -> Reading:
    if not tables:
        raise Refusal("error.points.empty" if kind.d == 1 else "error.points.empty.plane")
    table = tables[min(choice.table, len(tables) - 1)]
    role = choice.roles or next(iter(roles(table, kind.d)), None)
    if role is None:
        raise _too_few(table, kind.d)
    labels = _labels(table, role)
    rows, out = _rows(table, role, choice.keep if choice.keep in labels else "")
    if not len(rows):
        raise _none_left(out, kind.d)
    many = len(rows) > MOST[kind.d]
    points = None if many and choice.seed is None else kind.of(_drawn(rows, choice, MOST[kind.d]))
    return Reading(
        points,
        replace(choice, roles=role),
        tuple(column.name for column in table.columns),
        tuple(k for k, column in enumerate(table.columns) if column.known),
        labels,
        len(rows),
        out,
        table.separator == LISTED,
        table.separator,
        table.decimal,
    )


def _rows(table: Table, role: Roles, keep: str) -> tuple[np.ndarray, LeftOut]:
    """The rows (coordinates…, weight) that make points, (rows, d + 1), and the others' counts."""
    at = np.stack([table.columns[k].numbers for k in role.at], axis=1)
    known = np.all(np.isfinite(at), axis=1, keepdims=True)
    near = np.all(np.abs(np.where(known, at, np.inf)) <= MAX_POSITION, axis=1)
    known = known[:, 0]
    w = np.ones(len(at)) if role.weight is None else table.columns[role.weight].numbers
    # An empty cell among weights is weight 1, as it is in the table on the page.
    w = np.where(_empty(table, role.weight), 1.0, w)
    weighs = near & (w >= MIN_WEIGHT) & (w <= MAX_WEIGHT)
    wanted = np.ones(len(at), dtype=bool)
    if keep and role.label is not None:
        wanted = np.array([text == keep for text in _texts(table.columns[role.label])])
    counts = (wanted & ~known, wanted & known & ~near, wanted & near & ~weighs)
    out = LeftOut(*(int(where.sum()) for where in counts))
    return np.column_stack([at, w])[np.flatnonzero(weighs & wanted)], out


def _empty(table: Table, weight: int | None) -> np.ndarray:
    texts = None if weight is None else table.columns[weight].texts
    if texts is None:
        return np.zeros(table.rows, dtype=bool)
    return texts.eq("").to_numpy(dtype=bool)


def _drawn(rows: np.ndarray, choice: Choice, most: int) -> Iterator[list[float]]:
    """All rows, or as many as fit, drawn at random and in their order."""
    kept = range(len(rows))
    if len(rows) > most:
        kept = sorted(random.Random(choice.seed).sample(kept, most))
    return (rows[i].tolist() for i in kept)


def _labels(table: Table, role: Roles) -> tuple[str, ...]:
    """The values of the label's column, if they are few."""
    if role.label is None:
        return ()
    counts = Counter(_texts(table.columns[role.label]))
    found = [text for text, _ in counts.most_common() if text.lower() not in MISSING]
    return tuple(found) if len(found) <= _MAX_LABELS else ()


def _texts(column: Column) -> list[str]:
    if column.texts is None:
        return [f"{value:.10g}" for value in column.numbers]
    return column.texts.tolist()


def _too_few(table: Table, d: int) -> Refusal:
    """What columns there are, where there are not enough of numbers."""
    numeric = [c for c in table.columns if c.numeric]
    if d == 2 and numeric:
        return Refusal("error.file.one")
    named = ", ".join(filter(None, (excerpt(c.name) for c in table.columns[:_NAMED])))
    if not table.rows or not named:
        return Refusal("error.points.empty" if d == 1 else "error.points.empty.plane")
    return Refusal("error.file.numbers", names=named)


def _none_left(out: LeftOut, d: int) -> Refusal:
    if not out.total:
        return Refusal("error.points.empty" if d == 1 else "error.points.empty.plane")
    return Refusal(
        "error.file.none",
        missing=out.missing,
        beyond=out.beyond,
        weight=out.weight,
        far=MAX_POSITION,
        low="0.000001",
        high="1,000,000",
    )
