"""The tables that a file or a pasted text may hold."""

from __future__ import annotations

import re

import numpy as np

from flowviz.scene import point_parsing
from flowviz.scene.decimals import to_ascii
from flowviz.scene.point_parsing import MAX_FILE, MAX_POINTS, MAX_TEXT, decoded, text_key
from flowviz.scene.tables import archive, binary, excel, printed, separated
from flowviz.scene.tables.table import LISTED, Column, Table
from flowviz.text import Refusal

Source = bytes | str

_COMMA_NUMBER = re.compile(r"[+-]?[0-9]+,[0-9]+")
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def tables_of(source: Source, d: int, sheet: int | None = None) -> list[Table]:
    """All tables that a source can be read as, the likeliest first.

    Args:
        source: a file's bytes, or a text that was typed or pasted.
        d: dimension of the points.
        sheet: of a workbook; None for the first with d columns of numbers.

    Raises:
        Refusal: for a source that is too large, damaged, or in an unknown format.
    """
    return _pasted(source, d) if isinstance(source, str) else _of_file(source, d, sheet)


def _of_file(data: bytes, d: int, sheet: int | None) -> list[Table]:
    if len(data) > MAX_FILE:
        raise Refusal(
            text_key("error.file.size", d), n=len(data), limit=MAX_FILE, rows=MAX_POINTS[d]
        )
    if data.startswith(b"\x93NUMPY"):
        return [binary.npy(data)]
    if data.startswith(b"PK\x03\x04"):
        kind = "Excel" if data.find(b"xl/") >= 0 else "npz"
        workbook = excel.WORKBOOK in archive.names(data, kind)
        return excel.tables(data, d, sheet) if workbook else [binary.npz(data)]
    if data.startswith(b"PAR1"):
        return [binary.parquet(data)]
    if data.startswith(_OLD_EXCEL):
        raise Refusal("error.file.excel")
    return [_as_column(table, d) for table in _of_text(decoded(data), d)]


def _of_text(text: str, d: int) -> list[Table]:
    return _printed(text) or separated.tables(text, least=d)


def _printed(text: str) -> list[Table]:
    """The table of a text printed by Python, or of JSON."""
    for reader in (printed.table, binary.json_table):
        if (table := reader(text)) is not None:
            return [table]
    return []


def _as_column(table: Table, d: int) -> Table:
    """A table of one row as one column, for d = 1."""
    if d > 1 or table.rows != 1 or table.header or len(table.columns) <= 2:
        return table
    numbers = np.array([column.numbers[0] for column in table.columns])
    return Table((Column("", numbers),), False, table.separator, table.decimal)


def _pasted(text: str, d: int) -> list[Table]:
    """A list of points, a table, or both if it can be read as either."""
    if len(text) > MAX_TEXT:
        raise Refusal("error.points.text", n=len(text), limit=MAX_TEXT)
    if d == 1 and (table := printed.table(text)) is not None:
        return [_as_column(table, d)]
    lines = [line for line in to_ascii(text).strip().splitlines() if line.strip()]
    try:
        listed = _listed(text, d)
    except Refusal:
        read = _of_text(text, d) if len(lines) > 1 else _printed(text)
        found = [_as_column(table, d) for table in read]
        if not any(column.number_count for table in found for column in table.columns):
            raise
        return found
    if listed is None:
        return []
    tables = _tables_of_list(text, lines) if d == 1 else []
    if tables and tables[0].separator == "\t":
        return tables  # copied from a spreadsheet
    return [listed, *tables]


def _listed(text: str, d: int) -> Table | None:
    rows = np.array(list(point_parsing.from_text(text, d)))
    if not len(rows):
        return None
    columns = tuple(Column("", rows[:, k]) for k in range(d + 1))
    unweighted = bool(np.all(rows[:, -1] == 1.0))
    return Table(columns[:-1] if unweighted else columns, False, LISTED)


def _tables_of_list(text: str, lines: list[str]) -> list[Table]:
    """The tables that a list of positions can be read as, too."""
    if "*" in text:
        return []
    if len(lines) > 1:
        found = separated.tables("\n".join(lines))
        return [t for t in found if len(t.columns) > 1 or t.decimal == ","]
    tokens = lines[0].split()
    if len(tokens) > 1 and all(map(_COMMA_NUMBER.fullmatch, tokens)):
        return [t for t in separated.tables("\n".join(tokens)) if t.decimal == ","]
    return []
