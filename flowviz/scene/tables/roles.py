"""Which columns are coordinates, weights and labels: by their names, else by what they hold."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from flowviz.scene.point_parsing import MAX_POSITION
from flowviz.scene.tables.table import LISTED, Column, Table

_ROW_NAMES = frozenset({"", "unnamed0", "rownames", "rowname", "rownumber", "row", "level0"})
_INDEX = _ROW_NAMES | {"index", "idx", "id", "ids", "no", "nr", "rank", "序号", "编号", "行号"}
_WEIGHT = frozenset({"w", "weights", "权重", "权", "poids", "gewicht", "pesos"})
_MAYBE_WEIGHT = frozenset({"weight", "peso", "重量"})  # or body weight, a number like another
_LABEL = frozenset({"label", "labels", "class", "target", "species", "cluster", "标签", "类别"})
_LINE = ("x", "position", "positions", "pos", "value", "values", "位置")
_PAIRS = (
    ("x", "y"),
    ("x1", "x2"),
    ("x0", "x1"),
    ("0", "1"),
    ("long", "lat"),
    ("lon", "lat"),
    ("lng", "lat"),
    ("longitude", "latitude"),
    ("经度", "纬度"),
)


@dataclass(frozen=True)
class Roles:
    """Columns by their numbers.

    Attributes:
        at: of the coordinates.
        weight: of the weights; None where each is 1.
        label: of the labels; None where there are none.
    """

    at: tuple[int, ...]
    weight: int | None = None
    label: int | None = None


def roles(table: Table, d: int) -> list[Roles]:
    """What the columns may be, the likeliest first; more than one where two are as likely.

    Args:
        table: with any columns.
        d: coordinates of a point.

    Returns:
        Nothing where there are too few columns of numbers.
    """
    if table.separator == LISTED:
        return [Roles(tuple(range(d)), d if d < len(table.columns) else None)]
    numeric = [k for k, column in enumerate(table.columns) if column.numeric]
    if not table.header:
        return _unnamed(table, numeric, d)
    names = [_bare(column) for column in table.columns]
    label = next((k for k, name in enumerate(names) if name in _LABEL), None)
    if at := _named(names, numeric, d):
        weights = _WEIGHT | _MAYBE_WEIGHT
        return [Roles(at, _first(names, numeric, weights, but=at), _other(label, at))]
    found = []
    for weights in (_WEIGHT, _MAYBE_WEIGHT):
        at = _likely(table, names, numeric, d, weights)
        weight = _first(names, numeric, weights, but=at)
        if len(at) == d and (weights is _WEIGHT or weight is not None):
            found.append(Roles(at, weight, _other(label, at)))
    return found


def _named(names: list[str], numeric: list[int], d: int) -> tuple[int, ...]:
    """The columns whose names say that they are coordinates."""
    for wanted in [(name,) for name in _LINE] if d == 1 else _PAIRS:
        found = tuple(k for name in wanted for k in numeric if names[k] == name)
        if len(found) == d:
            return found
    return ()


def _likely(
    table: Table, names: list[str], numeric: list[int], d: int, weights: frozenset[str]
) -> tuple[int, ...]:
    """The first columns of numbers; those named otherwise only where there are too few."""
    counted = {k for k in numeric if names[k].endswith("id") and table.columns[k].counts_rows}
    near = [k for k in numeric if k not in counted and table.columns[k].within(MAX_POSITION)]
    ladder = (
        (near, _INDEX | weights | _LABEL),
        (near, _INDEX | _LABEL),
        (numeric, _INDEX),
        (numeric, _ROW_NAMES),
    )
    for columns, barred in ladder:
        at = [k for k in columns if names[k] not in barred][:d]
        if len(at) == d:
            return tuple(at)
    return ()


def _unnamed(table: Table, numeric: list[int], d: int) -> list[Roles]:
    """Without a header: the coordinates come first, then a weight if that is all there is."""
    found = _plain(table, numeric, d)
    counted = bool(numeric) and table.columns[numeric[0]].counts_rows
    if counted and (without := _plain(table, numeric[1:], d)):
        return [*without, *found] if found else without
    return found


def _plain(table: Table, numeric: list[int], d: int) -> list[Roles]:
    if len(numeric) < d:
        return []
    rest = numeric[d:]
    weighs = len(rest) == 1 and _positive(table.columns[rest[0]])
    return [Roles(tuple(numeric[:d]), rest[0] if weighs else None)]


def _positive(column: Column) -> bool:
    known = column.numbers[np.isfinite(column.numbers)]
    return bool(np.all(known > 0))


def _first(
    names: list[str], numeric: list[int], wanted: frozenset[str], but: tuple[int, ...]
) -> int | None:
    return next((k for k in numeric if names[k] in wanted and k not in but), None)


def _other(label: int | None, at: tuple[int, ...]) -> int | None:
    return None if label in at else label


def _bare(column: Column) -> str:
    return re.sub(r"[\s._:#-]", "", column.name.lower())
