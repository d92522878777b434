"""The roles of columns: coordinates, weights or labels, by their names, else by their values."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from flowviz.scene.point_parsing import MAX_POSITION
from flowviz.scene.tables.table import LABEL, LISTED, Column, Table, missing

_ROW_NAMES = frozenset(
    {"", "unnamed0", "rownames", "rowname", "rownumber", "row", "level0", "indexlevel0"}
)
_INDEX = _ROW_NAMES | {"index", "idx", "id", "ids", "no", "nr", "rank", "序号", "编号", "行号"}
_WEIGHT = frozenset({"w", "weights", "权重", "权", "poids", "gewicht", "pesos"})
# Or data, as a body weight is.
_MAYBE_WEIGHT = frozenset(
    {"weight", "peso", "重量", "count", "counts", "freq", "frequency", "频数", "频率"}
    | {"probability", "prob", "概率"}
)
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


_NAMES = _INDEX | _WEIGHT | _MAYBE_WEIGHT | _LABEL | {*_LINE, *(n for pair in _PAIRS for n in pair)}
_COORDINATES = {1: {"x"}, 2: {"x", "y"}}
_QUANTITY = r"[^\w\s]?[0-9][0-9.,]*\s?(?![).:]\Z)\S{1,5}"  # with a unit; “1)” is no quantity
MAX_LABELS = 20


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
        names = [column.name for column in table.columns]
        label = names.index(LABEL) if LABEL in names else None
        numbers = len(names) - (label is not None)
        return [Roles(tuple(range(d)), d if d < numbers else None, label)]
    numeric = [k for k, column in enumerate(table.columns) if column.numeric]
    if not table.header:
        return _unnamed(table, numeric, d)
    names = [_normalised(column.name) for column in table.columns]
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


def has_role(name: str) -> bool:
    """Whether the name of a column says what it is."""
    normalised = _normalised(name.strip(" \"'"))
    return bool(normalised) and normalised in _NAMES


def is_label(name: str) -> bool:
    """Whether the name of a column says that it has labels."""
    return _normalised(name.strip(" \"'")) in _LABEL


def passed_over(table: Table, at: tuple[int, ...]) -> tuple[int, str] | None:
    """The index and a cell of a column that was no coordinate for want of numbers.

    One that is named as a coordinate, or before the last with numbers in all but the signs.
    """
    if table.separator == LISTED:
        return None
    for k, column in enumerate(table.columns):
        if column.texts is None or column.numeric:
            continue
        cells = column.texts.loc[~missing(column.texts)]
        if cells.empty:
            continue
        meant = k < max(at) and cells.str.fullmatch(_QUANTITY).mean() > 0.5
        if meant or (_normalised(column.name) in _COORDINATES[len(at)] and k < max(at) + len(at)):
            return k, str(cells.iloc[0])
    return None


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
    never = _WEIGHT if d > 1 else frozenset()  # weights alone are positions
    attempts = (
        (in_range, _INDEX | weights | _LABEL),
        (in_range, _INDEX | never | _LABEL),
        (numeric, _INDEX | never),
        (numeric, _ROW_NAMES | never),
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
    at, others = tuple(numeric[:d]), numeric[d:]
    if len(others) != 1 or not _positive(table.columns[others[0]]):
        return [Roles(at)]
    weighted = Roles(at, others[0])
    return [weighted, Roles(at, label=others[0])] if _classes(weighted, table) else [weighted]


def _classes(roles: Roles, table: Table) -> bool:
    """Whether the weights may be labels 1, 2, …: each of them, and some repeated.

    On the line, where a second column is the weight, only if all are repeated.
    """
    assert roles.weight is not None
    numbers = table.columns[roles.weight].numbers
    values, counts = np.unique(numbers[np.isfinite(numbers)], return_counts=True)
    consecutive = np.array_equal(values, 1 + np.arange(len(values)))
    least = counts.min() if len(roles.at) == 1 else counts.max()
    return 1 < len(values) <= MAX_LABELS and consecutive and bool(least > 1)


def _positive(column: Column) -> bool:
    finite = column.numbers[np.isfinite(column.numbers)]
    return bool(np.all(finite > 0))


def _first_named(
    names: list[str], numeric: list[int], candidates: frozenset[str], but: tuple[int, ...]
) -> int | None:
    return next((k for k in numeric if names[k] in candidates and k not in but), None)


def _unless_in(label: int | None, at: tuple[int, ...]) -> int | None:
    return None if label in at else label


def _normalised(name: str) -> str:
    return re.sub(r"[\s._:#-]", "", name.lower())
