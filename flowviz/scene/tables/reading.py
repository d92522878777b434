"""Points from a file or a pasted text, with an account of how it was read.

A `Reading` has the roles of the columns, the number of rows left out with the reasons, and equally
likely ways to read the same source. A `Choice` selects one of them, or other columns.
"""

from __future__ import annotations

import functools
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import numpy as np

from flowviz.scene.point_parsing import MAX_POINTS, MAX_POSITION, MAX_WEIGHT, MIN_WEIGHT
from flowviz.scene.points import AnyPoints
from flowviz.scene.tables.classes import classes_in, numbers_of_labels, texts_of, with_classes
from flowviz.scene.tables.roles import MAX_LABELS, Roles, passed_over, roles
from flowviz.scene.tables.sources import Source, tables_of
from flowviz.scene.tables.table import LISTED, MISSING, Table
from flowviz.scene.tables.unreadable import no_source, too_few_columns
from flowviz.text import Message, Refusal, excerpt

_PREVIEWED = 3  # points


@dataclass(frozen=True)
class Choice:
    """How to read a source.

    Attributes:
        table: index among the tables that it can be read as.
        roles: of the columns; None for the likeliest.
        label: of the rows to read; "" for all.
        seed: for drawing rows if there are too many; None to draw no points. Samples are drawn with
            seed 0 then.
        sheet: of a workbook; None for the first with numbers, and for other formats.
    """

    table: int = 0
    roles: Roles | None = None
    label: str = ""
    seed: int | None = None
    sheet: int | None = None


@dataclass(frozen=True)
class SkippedRows:
    """Numbers of rows that are no point, by reason."""

    missing: int = 0  # a coordinate is no number
    beyond: int = 0  # a coordinate is out of range
    weight: int = 0  # the weight is invalid
    longer: int = 0  # there are more cells than in the first row

    @property
    def total(self) -> int:
        """The number of all skipped rows."""
        return self.missing + self.beyond + self.weight + self.longer


@dataclass(frozen=True)
class Reading:
    """The result of reading a source.

    Attributes:
        points: the points, or samples; None if there are too many rows and none were drawn.
        choice: how the source was read, with the roles.
        names: of all columns, "" for none.
        numeric: indices of the columns with numbers.
        labels: the values of the label's column, the most frequent first.
        rows: number of rows that are points.
        skipped: the other rows.
        listed: whether the text was a list of points, without columns.
        separator: between the cells; None for formats without one.
        decimal: the decimal mark.
        alternatives: equally likely ways to read it, this one first; empty if there are none.
        sheets: the names of a workbook's sheets.
        noun: what the rows are, "points" or "samples".
        by_weight: whether the samples were drawn by weight.
        asked: whether it is one of several ways of which one must be chosen.
        passed: the index and a cell of a column that has no numbers but seems to be meant.
        classes: the labels of the points, in the order of their letters; more than there are
            letters if none was taken.
    """

    points: AnyPoints | None
    choice: Choice
    names: tuple[str, ...]
    numeric: tuple[int, ...]
    labels: tuple[str, ...]
    rows: int
    skipped: SkippedRows
    listed: bool
    separator: str | None
    decimal: str
    alternatives: tuple[Choice, ...] = ()
    sheets: tuple[str, ...] = ()
    noun: str = "points"
    by_weight: bool = False
    asked: bool = False
    passed: tuple[int, str] | None = None
    classes: tuple[str, ...] = ()

    @property
    def roles(self) -> Roles:
        """The roles of the columns."""
        assert self.choice.roles is not None
        return self.choice.roles

    def name(self, column: int | None) -> Message | str:
        """A column's name for a message."""
        if column is None:
            return Message("read.none")
        return excerpt(self.names[column]) or Message("read.unnamed", n=column + 1)

    @property
    def message(self) -> Message:
        """A sentence on how the source was read."""
        d = len(self.roles.at)
        if self.points is None:
            return Message("read.many", rows=self.rows, limit=MAX_POINTS[d])
        n = Message(f"read.{self.noun}", n=len(self.points))
        if self.by_weight or len(self.points) < self.rows:
            key = "read.drawn.weight" if self.by_weight else "read.drawn"
            rows = Message(f"read.{self.noun if self.listed else 'rows'}", n=self.rows)
            n = Message(key, n=n, rows=rows, seed=self.choice.seed or 0)
        if self.listed:
            key = "read.listed" if len(self.points) <= _PREVIEWED else "read.listed.long"
            return self._with_mark(Message(key, n=n, points=self._head))
        names = {f"column{k}": self.name(column) for k, column in enumerate(self.roles.at)}
        weight = self.name(self.roles.weight)
        message = Message(f"read.{d}", n=n, **names, weight=weight, out=self._skipped_message())
        if self.choice.sheet is not None:
            sheet = excerpt(self.sheets[self.choice.sheet])
            message = Message("read.sheet", said=message, sheet=sheet)
        message = with_classes(self._with_mark(message), self.classes)
        if self.passed is not None:
            column, cell = self.passed
            name = self.name(column)
            message = Message("read.passed", said=message, column=name, cell=excerpt(cell))
        return message

    def _with_mark(self, message: Message) -> Message:
        return Message("read.comma", said=message) if self.decimal == "," else message

    @property
    def as_written(self) -> bool:
        """Whether a list has the numbers as they are written, with decimal points."""
        return self.choice.table == 0 and self.decimal == "."

    @property
    def preview(self) -> str:
        """The first points as text."""
        more = self.points is not None and len(self.points) > _PREVIEWED
        return self._head + (", …" if more else "")

    @property
    def _head(self) -> str:
        if self.points is None:
            return "…"
        return type(self.points).of(self.points.labelled_rows[:_PREVIEWED]).text()

    def _skipped_message(self) -> Message:
        """The number of skipped rows and the reasons."""
        rows = Message("read.rows", n=self.skipped.total)
        reasons = [
            Message(f"read.why.{f.name}", n=n, far=MAX_POSITION)
            for f in fields(self.skipped)
            if (n := getattr(self.skipped, f.name))
        ]
        if not reasons:
            return Message("read.left", rows=rows)
        joined = functools.reduce(lambda a, b: Message("read.and", a=a, b=b), reasons)
        return Message("read.left.why", rows=rows, reasons=joined)


def read(
    source: Source,
    kind: type[AnyPoints],
    choice: Choice | None = None,
    sample_limit: int | None = None,
) -> Reading:
    """Read a file or a pasted text.

    Args:
        source: the bytes of a file, or a text.
        kind: points on the line or in the plane.
        choice: how to read it; None for the likeliest way.
        sample_limit: to read samples, which have no weights, at most as many: weighted rows are
            drawn by their weights; None to read data points.

    Raises:
        Refusal: if there are no points, naming what was found instead.
    """
    tables = tables_of(source, kind.d, choice.sheet if choice else None)
    if choice is not None:
        return _read(tables, kind, choice, sample_limit)
    choices = [
        Choice(k, role, sheet=table.sheet)
        for k, table in enumerate(tables)
        for role in roles(table, kind.d)
        if _has_numbers(table, role)
    ]
    first = _read(tables, kind, choices[0] if choices else Choice(), sample_limit)
    others = [c for c in choices[1:] if _differs(tables, kind, c, first, sample_limit)]
    if not others:
        return first
    asked = tables[first.choice.table].asked
    return replace(first, alternatives=(first.choice, *others), asked=asked)


def _differs(
    tables: list[Table],
    kind: type[AnyPoints],
    choice: Choice,
    first: Reading,
    sample_limit: int | None,
) -> bool:
    try:
        other = _read(tables, kind, choice, sample_limit)
        return other.points != first.points or first.points is None
    except Refusal:
        return False


def _has_numbers(table: Table, role: Roles) -> bool:
    return any(table.columns[k].number_count for k in role.at)


def _read(
    tables: list[Table], kind: type[AnyPoints], choice: Choice, sample_limit: int | None
) -> Reading:
    if not tables:
        raise no_source(kind.d)
    table = tables[min(choice.table, len(tables) - 1)]
    role = choice.roles or next(iter(roles(table, kind.d)), None)
    if role is None:
        raise too_few_columns(table, kind.d)
    labels = _labels(table, role)
    rows, skipped = _rows(table, role, choice.label if choice.label in labels else "")
    if not len(rows):
        raise _no_points(skipped, kind.d)
    limit = sample_limit or MAX_POINTS[kind.d]
    by_weight = sample_limit is not None and len(set(rows[:, kind.d])) > 1
    classes: tuple[str, ...] = ()
    if sample_limit is not None:
        choice = replace(choice, seed=choice.seed or 0)
        rows[:, kind.d] = rows[:, kind.d] if by_weight else 1.0
        rows = rows[:, : kind.d + 1]
    else:
        if not choice.label:  # the rows of one label need none
            classes = classes_in(table, role, rows[:, -1].astype(int))
        rows[:, -1] = numbers_of_labels(table, role, classes)[rows[:, -1].astype(int)]
    points = None
    if len(rows) <= limit or choice.seed is not None:
        points = kind.of((_drawn_by_weight if by_weight else _drawn)(rows, choice, limit))
    return Reading(
        points,
        replace(choice, roles=role, sheet=table.sheet),
        tuple(column.name for column in table.columns),
        tuple(k for k, column in enumerate(table.columns) if column.number_count),
        labels,
        len(rows),
        skipped,
        table.separator == LISTED,
        table.separator,
        table.decimal,
        sheets=table.sheets,
        noun="points" if sample_limit is None else "samples",
        by_weight=by_weight,
        passed=passed_over(table, role.at),
        classes=classes,
    )


def _rows(table: Table, role: Roles, label: str) -> tuple[np.ndarray, SkippedRows]:
    """The rows that are points, (rows, d + 2), and the numbers of others.

    A row has its coordinates, its weight, and its index in the table.
    """
    at = np.stack([table.columns[k].numbers for k in role.at], axis=1)
    finite = np.all(np.isfinite(at), axis=1)
    in_range = np.all(np.abs(np.where(finite[:, None], at, np.inf)) <= MAX_POSITION, axis=1)
    w = np.ones(len(at)) if role.weight is None else table.columns[role.weight].numbers
    # An empty weight is 1, as in the table on the page.
    w = np.where(_empty(table, role.weight), 1.0, w)
    valid = in_range & (w >= MIN_WEIGHT) & (w <= MAX_WEIGHT)
    selected = np.ones(len(at), dtype=bool)
    if label and role.label is not None:
        selected = np.array([text == label for text in texts_of(table.columns[role.label])])
    longer = np.zeros(len(at), dtype=bool) if table.longer is None else table.longer
    regular = selected & ~longer
    masks = (
        regular & ~finite,
        regular & finite & ~in_range,
        regular & in_range & ~valid,
        selected & longer,
    )
    skipped = SkippedRows(*(int(mask.sum()) for mask in masks))
    index = np.arange(len(at))
    return np.column_stack([at, w, index])[np.flatnonzero(valid & regular)], skipped


def _empty(table: Table, weight: int | None) -> np.ndarray:
    texts = None if weight is None else table.columns[weight].texts
    if texts is None:
        return np.zeros(table.rows, dtype=bool)
    return texts.eq("").to_numpy(dtype=bool)


def _drawn(rows: np.ndarray, choice: Choice, most: int) -> Iterator[list[float]]:
    """All rows, or ``most`` of them drawn at random, in their order."""
    drawn = range(len(rows))
    if len(rows) > most:
        drawn = sorted(random.Random(choice.seed).sample(drawn, most))
    return (rows[i].tolist() for i in drawn)


def _drawn_by_weight(rows: np.ndarray, choice: Choice, n: int) -> Iterator[list[float]]:
    """``n`` of the rows, drawn at random by their weights, without them."""
    drawn = random.Random(choice.seed).choices(rows[:, :-1].tolist(), rows[:, -1].tolist(), k=n)
    return ([*row, 1.0] for row in drawn)


def _labels(table: Table, role: Roles) -> tuple[str, ...]:
    """The values of the label's column, if they are few."""
    if role.label is None:
        return ()
    counts = Counter(texts_of(table.columns[role.label]))
    found = [text for text, _ in counts.most_common() if text.lower() not in MISSING]
    return tuple(found) if len(found) <= MAX_LABELS else ()


def _no_points(skipped: SkippedRows, d: int) -> Refusal:
    if not skipped.total:
        return no_source(d)
    return Refusal(
        "error.file.none",
        missing=skipped.missing + skipped.longer,
        beyond=skipped.beyond,
        weight=skipped.weight,
        far=MAX_POSITION,
        low="0.000001",
        high="1,000,000",
    )
