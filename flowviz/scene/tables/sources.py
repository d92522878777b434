"""The tables that a file or a pasted text may hold."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace

import numpy as np

from flowviz.scene.decimals import numerals, parse_decimal, to_ascii
from flowviz.scene.point_parsing import MAX_FILE, MAX_POINTS, MAX_TEXT, decoded, text_key
from flowviz.scene.tables import archive, binary, excel, lists, printed, separated
from flowviz.scene.tables.table import Column, Table
from flowviz.text import Refusal

Source = bytes | str

_OF_A_VALUE = {
    f"error.points.{kind}" for kind in ("range", "finite", "weight", "fraction", "power", "span")
}
_ASSIGNED = re.compile(r"\A\s*[A-Za-z_]\w*\s*=[ \t]*(?=[-+.(0-9])")
_FACTOR = re.compile(r"\*[ \t]*\r?\n")  # of all numbers that follow
_GROUPED = re.compile(  # with thousands separated by points or commas
    r"[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+,[0-9]+|(?:,[0-9]{2,3})*,[0-9]{3}(?:\.[0-9]+)?)"
)
_ROWS = re.compile(r"\s*[(\[][^\[\]()]*[)\]]\s*[,;]?\s*[(\[].*")  # brackets without outer ones
_GAP = r"[\u200b\u2060\ufeff]"  # no space between a number and a mark is seen, and one may be there
_INVISIBLE = re.compile(rf"(?<![^\s,;*()\[\]]){_GAP}+|{_GAP}+(?![^\s,;*()\[\]])")
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
    tables = _of_text(decoded(data), d)
    if d > 1 or len(tables) != 1 or (column := _as_column(tables[0], least=2)) is None:
        return tables
    # One row of two numbers may be a position and a weight.
    return [column] if len(tables[0].columns) > 2 else [tables[0], column]


def _of_text(text: str, d: int) -> list[Table]:
    if {"*", "@"} & set(plain := numerals(text)) and not _FACTOR.search(plain):
        with suppress(Refusal):
            return lists.tables(text, d)
    return _printed(text) or separated.tables(_with_lines(_without_name(text)), least=d)


def _without_name(text: str) -> str:
    """``x = 1, 2`` without its name; any other text as it is."""
    return _ASSIGNED.sub("", text) if text.count("=") == 1 else text


def _with_lines(text: str) -> str:
    """``1.5,2; 3,4`` or ``1.5,2 3,4`` with a line for each row; any other text as it is."""
    if "\n" in text.strip() or "." not in text:
        return text
    for rows, cells in ((text.split(";"), r"[,\s]+"), (text.split(), ",")):
        split = [re.split(cells, row.strip()) for row in rows if row.strip()]
        widths = {len(row) for row in split}
        numbers = all(parse_decimal(cell) is not None for row in split for cell in row)
        if len(split) > 1 and len(widths) == 1 and min(widths) in (2, 3) and numbers:
            grouped = any(_GROUPED.fullmatch(row.strip()) for row in rows)
            return text if grouped else "\n".join(rows)
    return text


def _printed(text: str) -> list[Table]:
    """The table of a text printed by Python, or of JSON."""
    for reader in (printed.table, binary.json_table):
        if (table := reader(text)) is not None:
            return [table]
    return []


def _as_column(table: Table, least: int = 3) -> Table | None:
    """A table of one row as one column; None for others, and for fewer columns than ``least``."""
    if table.rows != 1 or table.header or len(table.columns) < least:
        return None
    numbers = np.array([column.numbers[0] for column in table.columns])
    return Table((Column("", numbers),), False, table.separator, table.decimal)


def _pasted(text: str, d: int) -> list[Table]:
    """A list of points, a table, or both if it can be read as either."""
    if len(text) > MAX_TEXT:
        raise Refusal("error.points.text", n=len(text), limit=MAX_TEXT)
    if d == 1 and (table := printed.table(text)) is not None:
        return [_as_column(table) or table]
    text = _with_lines(_without_name(_INVISIBLE.sub(" ", text).rstrip().removesuffix("。")))
    lines = [line for line in to_ascii(text).strip().splitlines() if line.strip()]
    try:
        listed = lists.tables(text, d)
    except Refusal as why:
        if len(lines) == 1 and why.key in _OF_A_VALUE:
            raise  # a list in which one value is wrong
        several = len(lines) > 1 or "\\\\" in text  # of LaTeX
        read = _of_text(text, d) if several else _printed(text)
        if d == 2 and len(lines) == 1 and text.lstrip().startswith(("(", "[")):
            points = _ROWS.fullmatch(text)
            read = [
                t for t in read if not points and (len(t.columns) > 1 or text.lstrip()[0] == "[")
            ]
        found = [(_as_column(t) if d == 1 else None) or t for t in read]
        if not any(column.number_count for table in found for column in table.columns):
            raise
        return found
    if d > 1 or len(lines) < 2 or {"*", "@"} & set(to_ascii(text)) or not listed:
        return listed
    tables = [t for t in separated.tables("\n".join(lines)) if _is_like_a_list(t)]
    if tables and tables[0].separator == "\t":
        return tables  # copied from a spreadsheet
    # A list with commas between digits is one with a comma as decimal mark or a table.
    return [replace(listed[0], asked=True), *tables]


def _is_like_a_list(table: Table) -> bool:
    """Whether a table that is a list of numbers, too, has all of them."""
    first, *others = table.columns
    return bool(others) or (not table.header and first.number_count == table.rows)
