"""Workbooks are read as the same table in a CSV file is; none unpacks without bound."""

from __future__ import annotations

import contextlib
import csv
import datetime
import io
import re
import time
import tracemalloc
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl
import pytest

from flowviz.scene.points import PlanePoints, Points
from flowviz.scene.tables import excel
from flowviz.scene.tables.reading import Choice, Reading, read
from flowviz.text import LANGUAGES, Refusal, translator
from tests.public_tables import PUBLIC
from tests.visitor import Visitor

KINDS = {1: Points, 2: PlanePoints}
Rows = Sequence[Sequence[object]]


def workbook(sheets: Mapping[str, Rows], hidden: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)  # pyright: ignore[reportArgumentType]
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def cell(text: str) -> object:
    """A cell as a spreadsheet imports it from a CSV file."""
    with contextlib.suppress(ValueError):
        return float(text)
    return text or None


def reading(data: bytes, d: int = 1, choice: Choice | None = None) -> Reading:
    found = read(data, KINDS[d], choice)
    assert all(found.message.translated(translator(lang)) for lang in LANGUAGES)
    return found


COMMAS = {
    name: list(csv.reader(io.StringIO(public.text)))
    for name, public in PUBLIC.items()
    if "," in public.text.splitlines()[0] and not re.search(r"[;\t]", public.text)
}


@pytest.mark.parametrize("name", COMMAS)
def test_a_sheet_is_read_as_the_same_csv_file_is(name: str) -> None:
    public = PUBLIC[name]
    data = workbook({"Data": [[cell(text) for text in row] for row in COMMAS[name]]})
    for d in (1, 2) if public.plane is not None else (1,):
        of_text, found = read(public.text.encode(), KINDS[d]), reading(data, d)
        assert found.points == of_text.points
        assert [found.names[k] for k in found.roles.at] == [
            of_text.names[k] for k in of_text.roles.at
        ]
        assert len(found.alternatives) == len(of_text.alternatives)
        for way in found.alternatives:
            assert read(data, KINDS[d], way).choice == way


def test_the_sheet_is_named_and_another_can_be_chosen() -> None:
    data = workbook(
        {
            "Notes": [["Made in May"], ["by hand"]],
            "Secret": [["x"], [7]],
            "Data": [["x", "w"], [0.5, 2], [1.2, 1]],
            "More": [["a", "x", "y"], ["b", 3, 4]],
        },
        hidden=["Secret"],
    )
    found = reading(data)
    assert found.points == Points((0.5, 1.2), (2.0, 1.0))
    assert found.sheets == ("Notes", "Data", "More")
    said = "2 points: column x; weights: w; 0 rows left out. Sheet: Data."
    assert str(found.message) == said
    other = reading(data, 2, Choice(sheet=2))
    assert other.points == PlanePoints((3.0,), (4.0,), (1.0,))
    with pytest.raises(Refusal, match="None of these columns"):
        read(data, Points, Choice(sheet=0))


@pytest.mark.parametrize(
    ("rows", "d", "points"),
    [
        ([["Height of trees, 2024"], [], ["x", "y"], [1, 2], [3, 4.5]], 2, "(1, 2), (3, 4.5)"),
        ([[1, 2], [3, 4.5]], 2, "(1, 2), (3, 4.5)"),
        ([["x"], ["0,5"], ["1,2"]], 1, "0.5, 1.2"),
        ([["x"], [1.234], ["n/a"], [None], [True], ["1'500"]], 1, "1.234, 1500"),
        ([["day", "value"], [datetime.datetime(2024, 5, 1), 2.5]], 1, "2.5"),
        ([[None, "x"], [None, 1.5], [None, 2.5]], 1, "1.5, 2.5"),
        ([["x"], ["=1+1"], [3]], 1, "3"),
        ([["place", "x"], ["Cobb, CA", 1.234], ["Pāhala, HI", 2.345]], 1, "1.234, 2.345"),
        ([["", "long", "wait"], [1, 3.6, 79], [2, 1.8, 54], [3, 3.3, 74]], 1, "3.6, 1.8, 3.3"),
    ],
)  # fmt: skip
def test_cells_of_a_sheet_are_points(rows: Rows, d: int, points: str) -> None:
    found = reading(workbook({"S": rows}), d)
    assert not found.alternatives
    assert found.points is not None
    assert found.points.text().replace(" ", "") == points.replace(" ", "")


def test_rows_that_make_no_point_are_counted() -> None:
    found = reading(workbook({"S": [["x"], [1], ["x"], [2e6], [2]]}))
    assert "2 rows left out (1 without a number, 1 beyond" in str(found.message)


# ---------------------------------------------------------------------------------- hostile files

NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
TYPES = "[Content_Types].xml"
STYLES = "xl/styles.xml"
STRINGS = "xl/sharedStrings.xml"
SHEET = "xl/worksheets/sheet1.xml"


def forged(parts: Mapping[str, str | bytes]) -> bytes:
    """A workbook with other contents of its parts."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook({"S": [["x"], ["a"], [1]]}))) as whole,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for member in whole.namelist():
            out.writestr(member, parts.get(member, whole.read(member)))
        for member in parts.keys() - set(whole.namelist()):
            out.writestr(member, parts[member])
    return stream.getvalue()


def sheet(rows: str) -> dict[str, str]:
    return {SHEET: f"<worksheet {NS}><sheetData>{rows}</sheetData></worksheet>"}


def strings(items: str) -> dict[str, str]:
    """Texts of the workbook, which its cells name by their numbers."""
    with zipfile.ZipFile(io.BytesIO(workbook({"S": []}))) as whole:
        types = whole.read(TYPES).decode()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    declared = f'<Override PartName="/{STRINGS}" ContentType="{kind}"/></Types>'
    return {
        STRINGS: f"<sst {NS}>{items}</sst>",
        TYPES: types.replace("</Types>", declared),
    }


def styles(items: str) -> dict[str, str]:
    return {STYLES: f"<styleSheet {NS}><cellXfs>{items}</cellXfs></styleSheet>"}


TAGS = excel.MAX_CELLS * 4
JUST_READ = {
    "strings": strings("<si><t/></si>" * (TAGS // 3)),
    "texts": strings("<si><t>a</t></si>" * (TAGS // 4)) | sheet('<row><c t="s"><v>7</v></c></row>'),
    "styles": styles("<xf/>" * 29_000),
    "cells": sheet("<row>" + "<c/>" * TAGS + "</row>"),
    "rows": sheet("<row/>" * TAGS),
    "numbers": sheet("<row><c><v>1</v></c></row>" * (TAGS // 6)),
    "far right": sheet('<row><c r="XFD1"><v>1</v></c></row>' * 40_000),
    "far down": sheet('<row r="999999999"><c><v>1</v></c></row>' * 10),
    "strings in the cells": sheet(
        '<row><c t="inlineStr"><is><t>a</t></is></c></row>' * (TAGS // 10)
    ),
}


@pytest.mark.parametrize("name", JUST_READ)
def test_the_largest_workbooks_are_read_in_bounded_time(name: str) -> None:
    data = forged(JUST_READ[name])
    start = time.process_time()
    with contextlib.suppress(Refusal):
        reading(data)
    assert time.process_time() - start < 6.0


ENTITIES = "<!DOCTYPE a [<!ENTITY b 'bb'>" + "".join(
    f"<!ENTITY {chr(99 + k)} '{f'&{chr(98 + k)};' * 10}'>" for k in range(8)
)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (forged({"xl/media/a.bin": b"\0" * 20_000_000}), "16,000,000 bytes"),
        (forged(sheet("<row/>" * 600_000)), "100,000 cells"),
        (forged(strings(f"{ENTITIES}]><si><t>&j;</t></si>")), "damaged"),
        (forged({STRINGS: f"{ENTITIES}]><sst {NS}/>".encode("utf-16")}), "damaged"),
        (forged(sheet("<row>" + "<c><v>1</v></c>" * 1_001 + "</row>")), "1,001 columns"),
        (forged({"xl/workbook.xml": "<workbook"}), "Excel file cannot be read"),
        (forged({"xl/workbook.xml": f"<workbook {NS}/>"}), "at least one position"),
        (forged(sheet('<row><c t="s"><v>99</v></c></row>')), "Excel file cannot be read"),
        (workbook({"S": []}), "at least one position"),
        (workbook({"S": [["x"]]}), "at least one position"),
        (workbook({"S": [["x"], ["=1+1"]]}), "at least one position"),
        (workbook({"S": [["a", "b"], ["c", "d"]]}), "None of these columns holds numbers: a, b"),
        (workbook({"S": [["x"], [1]]})[:3_000], "Excel file cannot be read"),
    ],
)
def test_a_workbook_without_points_is_refused_in_a_sentence(data: bytes, says: str) -> None:
    with pytest.raises(Refusal, match=re.escape(says)) as caught:
        read(data, Points)
    assert all("\n" not in caught.value.translated(translator(lang)) for lang in LANGUAGES)


def lying(data: bytes, size: int) -> bytes:
    """The archive with another size declared for its largest member."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        real = max(member.file_size for member in archive.infolist())
    return data.replace(real.to_bytes(4, "little"), size.to_bytes(4, "little"))


def test_a_declared_size_that_is_wrong_unpacks_nothing_more() -> None:
    large = forged({"xl/media/a.bin": b"\0" * 150_000_000})
    for size in (0, 100, 149_999_999, 2**32 - 2):
        data = lying(large, size)
        tracemalloc.start()
        with pytest.raises(Refusal):
            read(data, Points)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert most < 60_000_000, size


def test_cut_and_changed_workbooks_are_read_or_refused() -> None:
    whole = workbook({"S": [["x", "y"], [0.5, 1.5]], "T": [["x"], [1]]})
    for k in range(0, len(whole), 97):
        for data in (whole[:k], whole[:k] + b"\xff" + whole[k + 1 :]):
            with contextlib.suppress(Refusal):
                reading(data)


# ------------------------------------------------------------------------------------ on the page


def test_a_sheet_is_chosen_on_the_page() -> None:
    visitor = Visitor()
    visitor.upload(
        workbook({"One": [["x"], [0.5], [1.5]], "Two": [["x"], [7]], "Text": [["a"]]}), "a.xlsx"
    )
    assert visitor.scene.points.text() == "0.5, 1.5"
    assert any("Sheet: One." in c.value for c in visitor.app.caption)

    def choose(k: int) -> Any:
        (box,) = [s for s in visitor.app.selectbox if s.key and ".read.sheet" in s.key]
        assert box.options == ["One", "Two", "Text"]
        box.set_value(k)
        visitor.run()

    choose(1)
    assert visitor.scene.points.text() == "7"
    choose(2)
    assert visitor.complaints
    assert visitor.scene.points.text() == "7"
    choose(0)
    assert visitor.scene.points.text() == "0.5, 1.5"
    assert not visitor.complaints
