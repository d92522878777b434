"""The roles of columns: coordinates, weights or labels, by their names, else by their values."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from flowviz.scene.point_parsing import MAX_POSITION
from flowviz.scene.tables.table import LISTED, Column, Table

_ROW_NAMES = frozenset(
    {"", "unnamed0", "rownames", "rowname", "rownumber", "row", "level0", "indexlevel0"}
)
_INDEX = _ROW_NAMES | {"index", "idx", "id", "ids", "no", "nr", "rank", "序号", "编号", "行号"}
_WEIGHT = frozenset({"w", "weights", "权重", "权", "poids", "gewicht", "pesos"})
_MAYBE_WEIGHT = frozenset({"weight", "peso", "重量"})  # or a body weight, which is data
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
    """The indices of columns by their roles.

    Attributes:
        at: the coordinates.
        weight: the weights; None if each is 1.
        label: the labels; None if there are none.
    """

    at: tuple[int, ...]
    weight: int | None = None
    label: int | None = None


def roles(table: Table, d: int) -> list[Roles]:
    """The roles that the columns can have, the likeliest first; several if equally likely.

    Args:
        table: a table with any columns.
        d: dimension of the points.

    Returns:
        An empty list if there are too few columns of numbers.
    """
    if table.separator == LISTED:
        return [Roles(tuple(range(d)), d if d < len(table.columns) else None)]
    numeric = [k for k, column in enumerate(table.columns) if column.numeric]
    if not table.header:
        return _unnamed(table, numeric, d)
    names = [_normalised_name(column) for column in table.columns]
    label = next((k for k, name in enumerate(names) if name in _LABEL), None)
    if at := _named(names, numeric, d):
        weights = _WEIGHT | _MAYBE_WEIGHT
        return [Roles(at, _first_named(names, numeric, weights, but=at), _unless_in(label, at))]
    found = []
    for weights in (_WEIGHT, _MAYBE_WEIGHT):
        at = _likely(table, names, numeric, d, weights)
        weight = _first_named(names, numeric, weights, but=at)
        if len(at) == d and (weights is _WEIGHT or weight is not None):
            found.append(Roles(at, weight, _unless_in(label, at)))
    return found


def _named(names: list[str], numeric: list[int], d: int) -> tuple[int, ...]:
    """The columns with names of coordinates."""
    for coordinates in [(name,) for name in _LINE] if d == 1 else _PAIRS:
        found = tuple(k for name in coordinates for k in numeric if names[k] == name)
        if len(found) == d:
            return found
    return ()


def _likely(
    table: Table, names: list[str], numeric: list[int], d: int, weights: frozenset[str]
) -> tuple[int, ...]:
    """The first columns of numbers; those with names of other roles only if there are too few."""
    row_numbers = {k for k in numeric if names[k].endswith("id") and table.columns[k].is_row_number}
    in_range = [
        k for k in numeric if k not in row_numbers and table.columns[k].is_within(MAX_POSITION)
    ]
    attempts = (
        (in_range, _INDEX | weights | _LABEL),
        (in_range, _INDEX | _LABEL),
        (numeric, _INDEX),
        (numeric, _ROW_NAMES),
    )
    for columns, excluded in attempts:
        at = [k for k in columns if names[k] not in excluded][:d]
        if len(at) == d:
            return tuple(at)
    return ()


def _unnamed(table: Table, numeric: list[int], d: int) -> list[Roles]:
    """The roles without a header: coordinates first, then a weight if only one column is left."""
    found = _in_order(table, numeric, d)
    numbered = bool(numeric) and table.columns[numeric[0]].is_row_number
    if numbered and (without := _in_order(table, numeric[1:], d)):
        return [*without, *found] if found else without
    return found


def _in_order(table: Table, numeric: list[int], d: int) -> list[Roles]:
    if len(numeric) < d:
        return []
    others = numeric[d:]
    weighted = len(others) == 1 and _positive(table.columns[others[0]])
    return [Roles(tuple(numeric[:d]), others[0] if weighted else None)]


def _positive(column: Column) -> bool:
    finite = column.numbers[np.isfinite(column.numbers)]
    return bool(np.all(finite > 0))


def _first_named(
    names: list[str], numeric: list[int], candidates: frozenset[str], but: tuple[int, ...]
) -> int | None:
    return next((k for k in numeric if names[k] in candidates and k not in but), None)


def _unless_in(label: int | None, at: tuple[int, ...]) -> int | None:
    return None if label in at else label


def _normalised_name(column: Column) -> str:
    return re.sub(r"[\s._:#-]", "", column.name.lower())
