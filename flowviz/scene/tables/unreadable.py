"""Refusals of tables without points, quoting what is there instead."""

from __future__ import annotations

from flowviz.scene.tables.roles import has_role
from flowviz.scene.tables.table import Column, Table, missing
from flowviz.text import Refusal, excerpt

_MAX_NAMES = 12  # of columns


def too_few_columns(table: Table, d: int) -> Refusal:
    """The refusal of a table with too few columns of numbers, naming its columns."""
    numeric = [c for c in table.columns if c.numeric]
    if d == 2 and len(numeric) > 1 and all(c.name for c in numeric):
        return Refusal("error.file.one.named", names=_names(numeric))
    if d == 2 and numeric:
        return Refusal("error.file.one")
    names, cell = _names(table.columns), first_text(table.columns)
    if names and cell:
        return Refusal("error.file.numbers", names=names, cell=excerpt(cell))
    if (cell or names) and not any(has_role(c.name) for c in table.columns):
        return Refusal("error.file.text", cell=excerpt(cell or table.columns[0].name or names))
    return no_source(d)


def no_source(d: int) -> Refusal:
    """The refusal of a source without anything."""
    return Refusal("error.points.empty" if d == 1 else "error.points.empty.plane")


def first_text(columns: tuple[Column, ...]) -> str:
    """The first cell with a value, of the first row that has one; "" if there are none."""
    texts = [c.texts.loc[~missing(c.texts)] for c in columns if c.texts is not None]
    found = [(int(t.index[0]), str(t.iloc[0])) for t in texts if len(t)]
    return min(found, key=lambda cell: cell[0])[1] if found else ""


def _names(columns: tuple[Column, ...] | list[Column]) -> str:
    return ", ".join(filter(None, (excerpt(c.name) for c in columns[:_MAX_NAMES])))
