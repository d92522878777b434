"""Tables in Excel workbooks (``.xlsx``), one sheet at a time.

openpyxl reads the cells. It computes no formula (the values last saved count) and runs no macro.
Its time and memory grow with the number of XML tags, of which a file of 1 MB may unpack to 200
million: so all parts are unpacked within a limit, and their tags counted, before it opens the file.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import dropwhile, islice
from typing import Any

import numpy as np
import pandas as pd

from flowviz.scene.decimals import numerals
from flowviz.scene.tables import separated
from flowviz.scene.tables.archive import unpacked
from flowviz.scene.tables.table import MAX_COLUMNS, Numbers, Table
from flowviz.text import Refusal

WORKBOOK = "xl/workbook.xml"  # a member of every workbook
MAX_CELLS = 100_000
_TAGS = 5  # of a cell, and of its row and its text
_MAX_OTHER_TAGS = 30_000  # of styles and the like, which take openpyxl ten times as long as cells
_CELLS = ("xl/worksheets/", "xl/sharedStrings.xml")
_MAX_GAPS = 20 * MAX_CELLS  # empty cells before the last of a row
_MAX_ROWS = 1_048_576  # Excel's own limit
# No workbook declares entities, which could unpack a second time; in UTF-8 and in UTF-16.
_DECLARATIONS = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le")[:-1])

Row = tuple[Any, ...]


def tables(data: bytes, least: int = 1, sheet: int | None = None) -> list[Table]:
    """All tables that a sheet can be read as, the likeliest first.

    Args:
        data: a workbook.
        least: number of columns of numbers that a sheet should have.
        sheet: its index among the visible ones; None for the first with ``least`` such columns, or
            for the first if there is none.

    Raises:
        Refusal: for a damaged file, one that unpacks to more than is read, or over a thousand
            columns.
    """
    import openpyxl

    _check_size(data)
    try:
        book = openpyxl.load_workbook(
            io.BytesIO(data), read_only=True, data_only=True, keep_links=False
        )
        sheets = [s for s in book.worksheets if s.sheet_state == "visible"] or book.worksheets
        names = tuple(str(s.title) for s in sheets)
        indices = range(len(sheets)) if sheet is None else [min(max(sheet, 0), len(sheets) - 1)]
        found = (_of_sheet(sheets[k], k, names) for k in indices)
        return _first(found, least)
    except Refusal:
        raise
    except Exception as error:  # openpyxl raises whatever its classes do for values they lack
        raise Refusal("error.file.damaged", kind="Excel") from error


def _first(found: Iterator[list[Table]], least: int) -> list[Table]:
    """The first sheet's tables with so many columns of numbers; else the first sheet's."""
    first: list[Table] = []
    for tables in found:
        if tables and sum(column.numeric for column in tables[0].columns) >= least:
            return tables
        first = first or tables
    return first


def _check_size(data: bytes) -> None:
    """Unpack all parts within the limits, whatever size they declare.

    Raises:
        Refusal: if they have more bytes or tags, or the file is damaged.
    """
    tags = {True: _TAGS * MAX_CELLS, False: _MAX_OTHER_TAGS}
    for name, part in unpacked(data, "Excel"):
        of_cells = name.startswith(_CELLS)
        tags[of_cells] -= part.count(b"<")
        if tags[of_cells] < 0:
            raise Refusal("error.file.cells", limit=MAX_CELLS)
        if any(map(part.__contains__, _DECLARATIONS)):
            raise Refusal("error.file.damaged", kind="Excel")


def _of_sheet(sheet: Any, index: int, names: tuple[str, ...]) -> list[Table]:
    rows = _without_title([row for row in _rows(sheet) if row])
    width = max(map(len, rows), default=0)
    columns = [[row[k] if k < len(row) else None for row in rows] for k in range(width)]
    filled = [column for column in columns if any(value is not None for value in column)]
    if not filled:
        return []
    texts = [pd.Series([_text(v) for v in column], dtype=str) for column in filled]
    found = separated.of_cells(texts, [_numbers(column) for column in filled])
    return [table.on_sheet(names, index) for table in found]


def _rows(sheet: Any) -> Iterator[Row]:
    """The rows without the empty cells at their ends.

    Raises:
        Refusal: for over a thousand columns, or many far apart.
    """
    sheet.reset_dimensions()  # what the file declares of them may be wrong
    gaps = _MAX_GAPS
    for row in islice(sheet.iter_rows(values_only=True), _MAX_ROWS):
        gaps -= len(row)
        end = next((k for k in range(len(row), 0, -1) if row[k - 1] is not None), 0)
        if end > MAX_COLUMNS:
            raise Refusal("error.file.wide", n=end, limit=MAX_COLUMNS)
        if gaps < 0:
            raise Refusal("error.file.cells", limit=MAX_CELLS)
        yield row[:end]


def _without_title(rows: list[Row]) -> list[Row]:
    """The rows from the first that is more than half as long as most are."""
    usual = Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    return list(dropwhile(lambda row: 2 * len(row) <= usual, rows))


def _text(value: object) -> str:
    return "" if value is None else numerals(str(value).strip())


def _numbers(column: Sequence[object]) -> Numbers:
    """The numbers among cells, NaN for others; truth values are texts, as in CSV files."""
    return np.array(
        [
            float(v) if isinstance(v, int | float) and not isinstance(v, bool) else np.nan
            for v in column
        ]
    )
