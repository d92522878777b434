"""Forms in which programs and people write numbers: read with one meaning, asked, or refused."""

from __future__ import annotations

import contextlib
import io
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from flowviz.scene.decimals import parse_decimal
from flowviz.scene.points import Points
from flowviz.scene.tables.reading import read
from flowviz.text import Refusal, translator
from tests.cases import each_of
from tests.test_reading import KINDS, reading, text
from tests.written_points import WRITTEN


def ways(source: bytes | str, d: int = 1) -> list[str]:
    """The readings that are asked about."""
    found = reading(source, d)
    assert found.asked
    return [read(source, KINDS[d], way).preview for way in found.alternatives]


def refusal(source: bytes | str, d: int = 1) -> str:
    with pytest.raises(Refusal) as caught:
        read(source, KINDS[d])
    assert "\n" not in caught.value.translated(translator("zh"))
    return str(caught.value)


def outcome(source: bytes | str, d: int) -> str:
    """What becomes of a text, in the notation of `tests.written_points`."""
    try:
        found = reading(source, d)
    except Refusal as why:
        return f"!{why.key.removeprefix('error.')}"
    if found.asked:
        return "? " + " | ".join(ways(source, d))
    said = found.points.text()
    if others := [read(source, KINDS[d], way).preview for way in found.alternatives[1:]]:
        said += " or " + " | ".join(others)
    if found.skipped.total:
        said += f" -{found.skipped.total}"
    return said + " passed" * (found.passed is not None)


@each_of(WRITTEN)
def test_what_is_written_is_read_in_one_way_or_asked_or_refused(name: str) -> None:
    source, expected = WRITTEN[name]
    found = [outcome(form, d) for d in (1, 2) for form in (source, source.encode())]
    assert found == [e for e in expected for _ in range(4 // len(expected))]


# Raised and lowered digits.


@pytest.mark.parametrize(
    ("source", "d", "points"),
    [
        ("10³, 10²", 1, "1000, 100"),
        ("1×10³, 2", 1, "1000, 2"),
        ("-1.5×10⁻³; 10⁻²*10²", 1, "-0.0015, 0.01*100"),
        ("2 × 10⁺³", 1, "2000"),
        ("2·10³", 1, "2000"),
        ("(10³,2), (−10²; 1)", 2, "(1000,2), (-100,1)"),
        (b"x,y\n1.5\xc3\x9710\xc2\xb3,3\n2 \xc3\x97 10\xc2\xb2,4\n", 2, "(1500,3), (200,4)"),
        ("x₁,x₂\n1,2\n3,4\n".encode(), 2, "(1,2), (3,4)"),
    ],
)
def test_a_raised_exponent_of_ten_is_a_power(source: bytes | str, d: int, points: str) -> None:
    assert text(source, d) == points


@pytest.mark.parametrize(
    ("source", "d", "says"),
    [
        ("2²", 1, "“2²” (character 1) is a power: write it as a decimal number, 4."),
        ("0, 1.5²", 1, "“1.5²” (character 4) is a power: write it as a decimal number, 2.25."),
        ("(1, -2³)", 2, "“-2³” (character 5) is a power: write it as a decimal number, -8."),
        ("0.5₁", 1, "“0.5₁” (character 1) is not a number"),
        ("1①", 1, "“1①” (character 1) is not a number"),
        ("110³5", 1, "“110³5” (character 1) is not a number"),
    ],
)
def test_other_raised_and_lowered_digits_are_refused(source: str, d: int, says: str) -> None:
    assert says in refusal(source, d)
    with pytest.raises(Refusal, match=re.escape(says)):
        KINDS[d].parse(source)


def test_a_cell_with_a_raised_digit_is_no_number() -> None:
    found = reading("x,y\n2²,3\n4,5³\n10²,1\n".encode(), 2)
    assert found.points.text() == "(100,1)"
    assert "2 rows left out (2 without a number)" in str(found.message)
    assert parse_decimal("1²") is None
    with pytest.raises(Refusal, match="2²"):
        Points.from_rows([["2²", 1]])
    assert Points.from_rows([["10³", 1]]).text() == "1000"


# Brackets.


@pytest.mark.parametrize(
    ("source", "line", "plane"),
    [
        ("(5,6), (7,8), (9,10)", "5*6, 7*8, 9*10", "(5,6), (7,8), (9,10)"),
        ("[5 6]\n[7 8]", "5*6, 7*8", "(5,6), (7,8)"),
        ("[1, 2, 3]\n[4, 5, 6]", "1, 4", "(1,2)*3, (4,5)*6"),
        ("(1, -2); (3, -4)", "1, 3", "(1,-2), (3,-4)"),
        ("array((1, -2), (3, -4))", "1, 3", "(1,-2), (3,-4)"),
        ("[0.5]\n[1.5]\n[2.5]", "0.5, 1.5, 2.5", None),
    ],
)
def test_every_bracket_is_a_row(source: str, line: str, plane: str | None) -> None:
    for form in (source, source.encode()):
        assert text(form) == line
    if plane is not None:
        assert text(source.encode(), 2) == plane


@pytest.mark.parametrize("source", ["[1] 2 [3]", "[1, [2, 3]]", "[[1], 2, [3], 4]", "(1), 2, (3)"])
def test_numbers_beside_brackets_belong_to_no_row(source: str) -> None:
    assert "“" in refusal(source)


# Lines that differ from the others.


@pytest.mark.parametrize(
    ("source", "line", "plane", "out"),
    [
        ("height,mass\n170,65\n180,80,tall\n175,70", "170, 175", "(170,65), (175,70)", 1),
        ("x,y\n1,2\n3,4,\n6,7", "1, 3, 6", "(1,2), (3,4), (6,7)", 0),
        ("x,y\n1,2\n3,4\n5,6\n7,8,9", "1, 3, 5", "(1,2), (3,4), (5,6)", 1),
        ("x,w\n1,2\n3,4\n5,6\n7,8,9", "1*2, 3*4, 5*6", None, 1),
        ("x;y\n1;2\n3;4;a\n6;7", "1, 6", "(1,2), (6,7)", 1),
        ("x y\n1 2\n3 4 5\n6 7", "1, 6", "(1,2), (6,7)", 1),
        ("x,y\n1,2,\n3,4,\n6,7,", "1, 3, 6", "(1,2), (3,4), (6,7)", 0),
        ("x;w\n1;2;\n3;4;;\n", "1*2, 3*4", None, 0),
        ("x\ty\t\n1\t2\n3\t4\t\t\n", "1, 3", "(1,2), (3,4)", 0),
    ],
)
def test_a_header_says_how_many_columns_there_are(
    source: str, line: str, plane: str | None, out: int
) -> None:
    for d, points in ((1, line), (2, plane)):
        if points is not None:
            found = reading(source.encode(), d)
            assert found.points.text() == points
            assert not found.alternatives
            assert found.skipped.longer == found.skipped.total == out
            assert ("longer than the first" in str(found.message)) == bool(out)
            assert len(found.names) == 2


@pytest.mark.parametrize(
    ("source", "names", "points"),
    [
        ("Report of 2020\nx,y\n1.5,2.5\n3,4", ("x", "y"), "(1.5,2.5), (3,4)"),
        ('"Report, of 2020"\nx;y\n1,5;2\n3;4', ("x", "y"), "(1.5,2), (3,4)"),
        ("Report of 2020,,\nweek,x,y\n1,5,6\n2,7,9", ("x", "y"), "(5,6), (7,9)"),
        ("Report\nby all of us\nx\ty\n1\t2\n3\t4", ("x", "y"), "(1,2), (3,4)"),
    ],
)
def test_a_title_is_no_header(source: str, names: tuple[str, str], points: str) -> None:
    found = reading(source.encode(), 2)
    assert tuple(found.names[k] for k in found.roles.at) == names
    assert found.points.text() == points
    assert reading(source.encode()).name(reading(source.encode()).roles.at[0]) == "x"


@pytest.mark.parametrize(
    ("source", "d", "points"),
    [
        ("# w x y\n2 .5 1.2\n1 3 4\n", 2, "(0.5,1.2)*2, (3,4)"),
        ("# id,x\n7,0.5\n9,1.5\n", 1, "0.5, 1.5"),
        ("# from the article\n#w;x\n7;0.5\n9;1.5\n", 1, "0.5*7, 1.5*9"),
        ("% weight\tposition\n7\t0.5\n9\t1.5\n", 1, "0.5*7, 1.5*9"),
        ("# x of all\n1 2\n3 4\n", 2, "(1,2), (3,4)"),
    ],
)
def test_a_comment_before_numbers_is_a_header_if_it_has_names(
    source: str, d: int, points: str
) -> None:
    assert text(source.encode(), d) == points


def test_a_comment_that_may_be_prose_is_asked_about() -> None:
    assert ways(b"# height mass\n1 2\n3 4\n") == ["1, 3", "1*2, 3*4"]
    assert text(b"# height mass\n1 2\n3 4\n", 2) == "(1,2), (3,4)"


# What pandas and MATLAB print.


@pytest.mark.parametrize(
    "printed",
    [
        "0    0.5\n1    1.25\ndtype: float64",
        "3 0.5\n7 1.25\nName: x, dtype: float64",
        "2024-01-01    0.5\n2024-01-02    1.25\nFreq: D, Name: a, b, Length: 2, dtype: float64",
        "New York    0.5\nRome  1.25\nName: x, dtype: float64",
        "i\n0    0.5\n1    1.25\ndtype: float64",
        "a  b\n0  1    0.5\n   2    1.25\nName: w, dtype: float64",
        "ans =\n\n    0.5000    1.2500\n\n",
        "x =\n\n    0.5000\n    1.2500\n",
    ],
)
def test_a_printed_series_or_vector_is_its_values(printed: str) -> None:
    for source in (printed, printed.encode()):
        assert text(source) == "0.5, 1.25"


def test_a_printed_series_is_one_column() -> None:
    assert "only one column of numbers" in refusal(b"0    0.5\n1    1.2\ndtype: float64", 2)
    assert "column x;" in str(reading("3 0.5\n7 1.2\nName: x, dtype: float64").message)
    assert text("ans =\n\n 1 2\n 3 4\n", 2) == "(1,2), (3,4)"


@pytest.mark.parametrize(
    ("printed", "says"),
    [
        ("0.5 ...\n 1.2", "leaves numbers out"),
        ("0     0.5\n     ... \n99    1.5\nLength: 100, dtype: float64", "leaves numbers out"),
        ("      x    y\n0   0.5  1.0\n..  ...  ...\n99  1.5  2.0\n", "leaves numbers out"),
        ("x y\n1 2\n3 4\n# … with 90 more rows", "leaves numbers out"),
        ("ans =\n\n   1.0e+03 *\n\n    0.0010    1.2000\n", "“1.0e+03 *” is taken out of all"),
    ],
)
def test_a_print_without_all_digits_is_refused(printed: str, says: str) -> None:
    for source in (printed, printed.encode()):
        assert says in refusal(source)


def test_dots_in_a_cell_of_words_leave_no_numbers_out() -> None:
    assert text(b"name,x\nand so on ...,1\n..,2\n") == "1, 2"


# JSON as pandas writes it.

FRAME = pd.DataFrame({"w": [2, 1, 3], "x": [0.5, 1.25, -1], "y": [3, 4, 5]})
RENAMED = FRAME.set_axis(["a", "b", "c"])


@pytest.mark.parametrize("orient", ["split", "records", "index", "columns", "table"])
@pytest.mark.parametrize("frame", [FRAME, RENAMED.rename(columns={"w": "weights"})])
def test_json_of_a_data_frame_is_read(frame: pd.DataFrame, orient: Any) -> None:
    if orient == "index" and frame is not FRAME:
        frame = frame.set_axis([7, 8, 9])
    source = frame.to_json(orient=orient) or ""
    for form in (source, source.encode()):
        assert text(form) == "0.5*2, 1.25, -1*3"
        assert text(form, 2) == "(0.5,3)*2, (1.25,4), (-1,5)*3"


@pytest.mark.parametrize("orient", ["split", "records", "index", "table"])
def test_json_of_a_series_is_read(orient: Any) -> None:
    source = pd.Series([0.5, 1.25, -1], [7, 8, 9], name="x").to_json(orient=orient) or ""
    assert text(source) == text(source.encode()) == "0.5, 1.25, -1"


def test_the_only_rows_in_json_are_the_table() -> None:
    assert text('{"of": "a trial", "n": 2, "points": [[1, 2], [3, 4]]}', 2) == "(1,2), (3,4)"
    assert text('{"rows": [{"y": 2, "x": 1}], "of": []}', 2) == "(1,2)"


# Weights and labels.


@pytest.mark.parametrize(
    ("source", "d", "found"),
    [
        (b"1,2,1\n3,4,1\n5,6,2\n", 2, ["(1,2), (3,4), (5,6)*2", "(1,2)@a, (3,4)@a, (5,6)@b"]),
        (
            b"1;2;3\n3;4;1\n5;6;2\n7;8;3",
            2,
            ["(1,2)*3, (3,4), (5,6)*2, …", "(1,2)@c, (3,4)@a, (5,6)@b, …"],
        ),
        ("[[1,2,2],[3,4,1],[5,6,1]]", 2, ["(1,2)*2, (3,4), (5,6)", "(1,2)@b, (3,4)@a, (5,6)@a"]),
        (b"1,2\n3,1\n5,1\n7.5,2\n", 1, ["1*2, 3, 5, …", "1@b, 3@a, 5@a, …"]),
    ],
)
def test_a_last_column_of_classes_is_asked_about(
    source: bytes | str, d: int, found: list[str]
) -> None:
    assert ways(source, d) == found
    second = read(source, KINDS[d], read(source, KINDS[d]).alternatives[1])
    assert second.labels


@pytest.mark.parametrize(
    ("source", "points"),
    [
        (b"1,2,1\n3,4,2\n5,6,3\n", "(1,2), (3,4)*2, (5,6)*3"),  # none repeated
        (b"1,2,2\n3,4,2\n5,6,3\n", "(1,2)*2, (3,4)*2, (5,6)*3"),  # no 1
        (b"1,2,1\n3,4,1\n5,6,1\n", "(1,2), (3,4), (5,6)"),
        (b"1,2,.5\n3,4,1\n5,6,1\n", "(1,2)*0.5, (3,4), (5,6)"),
    ],
)
def test_a_last_column_of_other_numbers_is_weights(source: bytes, points: str) -> None:
    assert text(source, 2) == points


def npz(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


@pytest.mark.parametrize(
    "source",
    [
        npz(w=np.array([2.0, 1.0]), x=np.array([0.5, 1.25])),
        b"x,w\n0.5,2\n1.25,1\n",
        b"weights;u\n2;0.5\n1;1.25\n",
        b'{"w": [2, 1], "v": [0.5, 1.25]}',
    ],
)
def test_weights_are_no_coordinate(source: bytes) -> None:
    assert text(source) == "0.5*2, 1.25"
    assert "only one can be a coordinate by their names" in refusal(source, 2)


# Thousands.


@pytest.mark.parametrize(
    ("source", "d", "found"),
    [
        ("1 000; 2 000", 1, ["1, 0, 2, …", "1000, 2000"]),
        ("100 000; 250 000", 1, ["100, 0, 250, …", "100000, 250000"]),
        ("1 000, 2 500, 30", 1, ["1, 0, 2, …", "1000, 2500, 30"]),
        ("10 200\n20 300", 1, ["10, 200, 20, …", "10*200, 20*300", "10200, 20300"]),
        ("-1 200; 0.5; 2 300*2", 1, ["-1, 200, 0.5, …", "-1200, 0.5, 2300*2"]),
        (b"10 200\n20 300", 1, ["10*200, 20*300", "10200, 20300"]),
        ("Größe;Einkommen\n1.750;45.000\n1.810;52.000\n".encode(), 2,
            ["(1.75,45), (1.81,52)", "(1750,45000), (1810,52000)"]),
        (b"x\ty\n1.750\t2\n1.810\t3\n", 2, ["(1.75,2), (1.81,3)", "(1750,2), (1810,3)"]),
    ],
)  # fmt: skip
def test_marks_that_may_separate_thousands_are_asked_about(
    source: bytes | str, d: int, found: list[str]
) -> None:
    assert ways(source, d) == found


@pytest.mark.parametrize(
    ("source", "d", "points"),
    [
        ("1\u202f000, 2\u202f500", 1, "1000, 2500"),
        ("1\u00a0000; 2\u2009500*3", 1, "1000, 2500*3"),
        ("(1\u202f000, 2\u202f500)", 2, "(1000,2500)"),
        ("(1 000, 2 500)", 2, "(1000,2500)"),
        (b"x;y\n123.456;2\n1.234.567;2\n234.567;4\n", 1, "123456, 234567"),
        (b"x\n1.000.000\n2.500\n", 1, "1000000, 2500"),
        ("1 2 3", 1, "1, 2, 3"),
        ("0.5 100, 0.75 200", 1, "0.5, 100, 0.75, 200"),
        ("100 200 300", 1, "100, 200, 300"),
        ("(100 200), (5 300)", 2, "(100,200), (5,300)"),
        (b"x;y\n1.750;2.5\n1.810;3.5\n", 2, "(1.75,2.5), (1.81,3.5)"),
        (b"x,y\n1.750,2.500\n1.810,3.500\n", 2, "(1.75,2.5), (1.81,3.5)"),
        (b"10 20\n30 40", 1, "10*20, 30*40"),
    ],
)
def test_marks_of_thousands_are_read_where_nothing_else_is_meant(
    source: bytes | str, d: int, points: str
) -> None:
    assert text(source, d) == points


# Sentences on what cannot be read.


@pytest.mark.parametrize("cell", ["50%", "1/2", "½", "1,5 m", "TRUE", "12:30", "10 kg"])
def test_columns_without_numbers_are_refused_with_a_cell(cell: str) -> None:
    for d in KINDS:
        said = refusal(f"x;y\n{cell};{cell}\n{cell};\n".encode(), d)
        assert said.startswith("None of these columns holds numbers: x, y.")
        assert f"“{cell}” is not one: write it as" in said


@pytest.mark.parametrize(
    "source",
    [
        b"<!DOCTYPE html><html><body>1</body></html>",
        b"<?xml version='1.0'?>\n<points>\n</points>\n",
        b"{\\rtf1\\ansi hello}",
        b"\x89PNG\r\n\x1a\n",
        b"[" * 20_000,
        b"1" * 900_000,
        b"Dear all,\n\nhere is nothing.\n",
        b"SQLite format\n",
    ],
)
def test_another_kind_of_file_is_not_an_empty_one(source: bytes) -> None:
    for d in KINDS:
        said = refusal(source, d)
        assert "at least one" not in said
        assert "“" in said


@pytest.mark.parametrize("source", [b"", b"x,w\n", b"\n \n", b"# a note\n"])
def test_nothing_is_called_nothing(source: bytes) -> None:
    assert "at least one" in refusal(source)


# Signs beside numbers, and columns that are passed over.


@pytest.mark.parametrize(
    ("source", "d", "points"),
    [
        (b"price,qty\n$1.50,2\n$2.25,3\n", 2, "(1.5,2), (2.25,3)"),
        ("x;w\n1,50 €;2\n-€2,25;3\n".encode(), 1, "1.5*2, -2.25*3"),
        ('price,n\n"£1,234.50",2\n£0.5,3\n'.encode(), 2, "(1234.5,2), (0.5,3)"),
        ("p\tq\n￥12\t3\n¥ 15\t4\n", 2, "(12,3), (15,4)"),
        ("x,y\n1.5×10³,3\n2×10³,4\n".encode(), 1, "1500, 2000"),
    ],
)
def test_signs_of_currency_are_no_part_of_a_number(
    source: bytes | str, d: int, points: str
) -> None:
    assert text(source, d) == points


@pytest.mark.parametrize(
    ("source", "d", "said"),
    [
        (b"x,y\n50%,1\n60%,2\n", 1, "Column x was passed over: “50%” is not a number."),
        (b"size,n\n10 kg,1\n12 kg,2\n", 1, "Column size was passed over: “10 kg” is not a number."),
        (b"x,y,z\n1/2,1,5\n1/3,2,6\n", 2, "Column x was passed over: “1/2” is not a number."),
        (b"y,x,z\n1,high,5\n2,low,6\n", 2, "Column x was passed over: “high” is not a number."),
    ],
)
def test_a_column_that_is_passed_over_is_named(source: bytes, d: int, said: str) -> None:
    assert str(reading(source, d).message).endswith(said)


@pytest.mark.parametrize(
    "source", [b"name,x\nabc,1\nd,2\n", b"x,y\n1,50%\n2,60%\n", b"x,y\n,1\n,2\n"]
)
def test_a_column_that_nobody_meant_is_not_named(source: bytes) -> None:
    assert "passed over" not in str(reading(source).message)


# The commonest pastes.


@pytest.mark.parametrize(
    "source",
    [
        "[1] 0.5 1.25 -3",
        "[1] 0.50 1.25\n[3] -3.00",
        "c(0.5, 1.25, -3)",
        "x <- c(0.5, 1.25, -3)",
        "{0.5, 1.25, -3}",
        "x = [0.5, 1.25, -3]",
        "x = {0.5, 1.25, -3};",
        "x=(0.5, 1.25, -3)",
        "Out[3]: array([ 0.5 ,  1.25, -3.  ])",
        "     x\n0  0.5\n1  1.25\n2 -3",
        "| x |\n|---|\n| 0.5 |\n| 1.25 |\n| -3 |",
    ],
)
def test_a_printed_vector_is_its_numbers(source: str) -> None:
    for form in (source, source.encode()):
        assert text(form) == "0.5, 1.25, -3"
        assert reading(form).skipped.total == 0


def test_a_rule_below_a_header_is_no_row() -> None:
    source = "| x | y |\n|:---|---:|\n| 1 | 2 |\n| 3 | 4 |"
    assert text(source, 2) == text(source.encode(), 2) == "(1,2), (3,4)"
    assert "0 rows left out" in str(reading(source, 2).message)
    assert text(b"x,y\n1,2\n-,-\n") == "1"


@pytest.mark.parametrize(
    ("rows", "d", "says"),
    [
        ([["1e400", 1]], 1, "The position 1e400 (row 1) is too far out"),
        ([[1, "1e400"]], 1, "The weight 1e400 (row 1) is not accepted"),
        ([[0, 0, 1], ["１e400", 2, 1]], 2, "The position １e400 (row 2) is too far out"),
        ([["2000001", 1]], 1, "The position 2000001 (row 1) is too far out"),
        ([[10**400, 1]], 1, "is not a finite number"),
        ([[1, -(10**400)]], 1, "is not accepted"),
    ],
)
def test_a_cell_is_quoted_as_it_was_typed(rows: list[list[Any]], d: int, says: str) -> None:
    with pytest.raises(Refusal, match=re.escape(says)):
        KINDS[d].from_rows(rows)


@pytest.mark.parametrize(
    ("source", "d", "points"),
    [("0.5，1.2。", 1, "0.5, 1.2"), ("（1，2）。\n", 2, "(1,2)"), ("1。5；2。", 1, "1.5, 2")],
)
def test_a_full_stop_ends_a_list(source: str, d: int, points: str) -> None:
    assert text(source, d) == points


@pytest.mark.parametrize(
    ("source", "line", "plane"),
    [
        (b"x,y\n1.5,2,tall\n3.5,4,small\n", "1.5, 3.5", "(1.5,2), (3.5,4)"),
        (b"x y\n.5 2 a\n-3.5 4 b\n", "0.5, -3.5", "(0.5,2), (-3.5,4)"),
        (b"1,2\n3,4,\n6,7\n", "1*2, 3*4, 6*7", "(1,2), (3,4), (6,7)"),
        (b"1;2;\n3;4\n6;7;;\n", "1*2, 3*4, 6*7", "(1,2), (3,4), (6,7)"),
    ],
)
def test_last_cells_without_a_name_are_no_column(source: bytes, line: str, plane: str) -> None:
    assert text(source, 2) == plane
    on_the_line = reading(source)
    found = ways(source) if on_the_line.alternatives else [on_the_line.points.text()]
    assert line in found


@pytest.mark.parametrize("source", [b'|\t"|"', b'1;\t"2;"\n', b'|\t"|"\n1|2\n'])
def test_a_quote_after_a_tab_is_read_or_refused(source: bytes) -> None:
    with contextlib.suppress(Refusal):
        reading(source)
