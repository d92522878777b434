"""Files and pasted text are read as meant, reported in a sentence, or ambiguous."""

from __future__ import annotations

import contextlib
import io
import re
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowviz.scene.decimals import decimal_text
from flowviz.scene.points import PlanePoints, Points
from flowviz.scene.tables.reading import Choice, read
from flowviz.scene.tables.roles import Roles
from flowviz.text import LANGUAGES, Refusal, translator
from tests.public_tables import PUBLIC
from tests.scenes import plane_sets, point_sets

KINDS = {1: Points, 2: PlanePoints}


def reading(source: bytes | str, d: int = 1) -> Any:
    """What is read, and said in every language."""
    found: Any = read(source, KINDS[d])
    assert all(found.message.translated(translator(lang)) for lang in LANGUAGES)
    return found


def text(source: bytes | str, d: int = 1) -> str:
    found = reading(source, d)
    assert not found.alternatives
    return found.points.text()


def ways(source: bytes | str, d: int = 1) -> list[str]:
    """The readings that are asked about."""
    kind = KINDS[d]
    return [read(source, kind, way).preview for way in reading(source, d).alternatives]


# Public files.


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_file_is_read(name: str) -> None:
    public = PUBLIC[name]
    line = reading(public.text.encode())
    assert (line.names[line.roles.at[0]], line.points.rows[0][0]) == public.on_the_line
    assert bool(line.alternatives) == (1 in public.asks)
    if public.plane is None:
        with pytest.raises(Refusal, match="only one column of numbers"):
            read(public.text.encode(), PlanePoints)
        return
    plane = reading(public.text.encode(), 2)
    assert tuple(plane.names[k] for k in plane.roles.at) == public.plane
    assert plane.points.rows[0][:2] == public.first
    assert bool(plane.alternatives) == (2 in public.asks)
    for found in (line, plane):
        weighted = found.roles.weight is not None
        assert weighted == (name == "a spreadsheet that says how")


def test_the_message_on_old_faithful_names_its_columns() -> None:
    rows = "".join(f'"{n}",{1.5 + n / 100:g},{40 + n % 50}\n' for n in range(1, 273))
    found = reading(('"","eruptions","waiting"\n' + rows).encode(), 2)
    said = "272 points: columns eruptions, waiting; weights: none; 0 rows left out."
    assert str(found.message) == said


# Headers, weights, separators, decimal marks.


@pytest.mark.parametrize(
    ("source", "d", "points"),
    [
        (b'"","x","y"\n"1",3.6,79\n', 1, "3.6"),
        (b"w,x,y\n1,2,3\n2,3,4\n", 2, "(2,3), (3,4)*2"),
        (b"weight,x\n2,.5\n1,1.2\n", 1, "0.5*2, 1.2"),
        (b"x,y,label\n1,2,0\n3,4,1\n", 2, "(1,2)@a, (3,4)@b"),
        (b"x,y,z\n1,2,3\n", 2, "(1,2)"),
        (b"0,1\n0.5,1.5\n", 2, "(0.5,1.5)"),
        (b"x\n0,5\n1,2\n", 1, "0.5, 1.2"),
        (b'"x"\n"0,5"\n"1,2"\n', 1, "0.5, 1.2"),
        ("x\n0,5\n1,2\n", 1, "0.5, 1.2"),
        (b'"0,5","1,5"\n"1,25","2,5"\n', 2, "(0.5,1.5), (1.25,2.5)"),
        (b"0,5 1,5\n1,25 2,5\n", 2, "(0.5,1.5), (1.25,2.5)"),
        (b"id;x\n7;0,5\n9;1,2\n", 1, "0.5, 1.2"),
        (b'x,y\n"1,234.5",2\n', 2, "(1234.5,2)"),
        (b"x;y\n1.234,5;2\n", 2, "(1234.5,2)"),
        (b"x;y\n1'234.5;2\n", 2, "(1234.5,2)"),
        ("x;y\n1\u202f234,5;2\n".encode(), 2, "(1234.5,2)"),
        (b"x|y\n1|2\n", 2, "(1,2)"),
        (b"index,x\n5,0.5\n6,1.2\n", 1, "0.5, 1.2"),
        (b"x\n0.5\n0.5\n", 1, "0.5, 0.5"),
        ("位置，权重\n0.5，2\n".encode(), 1, "0.5*2"),
        ("位置,权重\n0.5,2\n1.2,1\n".encode("gbk"), 1, "0.5*2, 1.2"),
        ("période,poids\n1,2\n".encode("latin-1"), 1, "1*2"),
        ("x\tw\n1\t2\n".encode("utf-16"), 1, "1*2"),
        (b"\xef\xbb\xbfposition;weight\n0,5;2\n1,2;1", 1, "0.5*2, 1.2"),
        (b"0.5,2\n1.2,1\n1.7,1\n", 1, "0.5*2, 1.2, 1.7"),
        (b"x,weight\r\n0.5,2\r\n1.2,\r\n1.7\r\n", 1, "0.5*2, 1.2, 1.7"),
        (b"0.5\t2\n1.2\t1\n\n1.7\t1\n\t\n", 1, "0.5*2, 1.2, 1.7"),
        (b"0.5 2\n1.2\n1.7", 1, "0.5*2, 1.2, 1.7"),
        (b"# from the article\nx\n1\n# and one more\n2\n", 1, "1, 2"),
        (b"1\r2\r3", 1, "1, 2, 3"),
        (b"-1e-2", 1, "-0.01"),
        (b"1e-7\n2e-7\n", 1, "0.0000001, 0.0000002"),
        (b"1, 2, 3, 4.5\n", 1, "1, 2, 3, 4.5"),
        (b"1;2;0,5\n", 2, "(1,2)*0.5"),
        (b"# note\n1 2 3\n\n4 5\n", 2, "(1,2)*3, (4,5)"),
    ],
)
def test_a_file_is_read_as_it_was_meant(source: bytes, d: int, points: str) -> None:
    assert text(source, d).replace(", ", ",") == points.replace(", ", ",")


@pytest.mark.parametrize(
    ("source", "d", "found"),
    [
        (b"0,5\n1,2\n", 1, ["0*5, 1*2", "0.5, 1.2"]),
        (b"1,2,,\n", 1, ["1*2", "1, 2"]),
        ("0,5\n1,2", 1, ["0, 5, 1, …", "0*5, 1*2", "0.5, 1.2"]),
        ("0,5 1,2", 1, ["0, 5, 1, …", "0.5, 1.2"]),
        ("0,75, 1,25", 1, ["0, 75, 1, …", "0.75, 1.25"]),
        ("1,234 5,678", 1, ["1, 234, 5, …", "1.234, 5.678", "1234, 5678"]),
        ("1,234\n5,678", 1, ["1, 234, 5, …", "1*234, 5*678", "1234, 5678", "1.234, 5.678"]),
        ("1,234.5, 7", 1, ["1, 234.5, 7", "1234.5, 7"]),
        ("1.000,5; 2", 1, ["1, 5, 2", "1000.5, 2"]),
        ("1,2\n3", 1, ["1, 2, 3", "1*2, 3", "1.2, 3"]),
        ("(1,234, 5)", 2, ["(1.234,5)", "(1234,5)"]),
        ("0.5,2\n1.2,1", 1, ["0.5, 2, 1.2, …", "0.5*2, 1.2"]),
        (b'"x","n"\n"1,234",2\n"5,678",3\n', 1, ["1234, 5678", "1.234, 5.678"]),
        (b"height,weight\n58,115\n59,117\n", 1, ["58, 59", "58*115, 59*117"]),
        (b"0,0.5\n1,1.2\n2,1.7\n", 1, ["0.5, 1.2, 1.7", "0*0.5, 1*1.2, 2*1.7"]),
        (b"0,1\n1,2\n2,3\n", 2, ["(1,2), (2,3)", "(0,1), (1,2), (2,3)"]),
        (b"country,1990,2000\nA,1,2\nB,3,4\n", 2, ["(1,2), (3,4)", "(1990,2000), (1,2), (3,4)"]),
    ],
)
def test_ambiguous_text_has_alternatives(source: bytes | str, d: int, found: list[str]) -> None:
    assert ways(source, d) == found
    assert reading(source, d).asked


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("0,75", ["0, 75", "0.75"]),
        ("1,2", ["1, 2", "1.2"]),
        ("１，５", ["1, 5", "1.5"]),
        ("0,75*2", ["0, 75*2", "0.75*2"]),
        ("-0,5,-1,5", ["0, 5, -1, …", "-0.5, -1.5"]),
        ("1,234", ["1, 234", "1.234", "1234"]),
        ("1,234.5", ["1, 234.5", "1234.5"]),
        ("12.345,67", ["12.345, 67", "12345.67"]),
        ("1.5,2.5", []),
        ("123,456,789", []),  # 123456789 is beyond the limit, and no comma is a decimal mark
        ("1,2,3", []),
        ("1, 2", []),
        ("0.5,1.2", []),
        ("1e5,2", []),
    ],
)
def test_a_list_on_one_line_is_read_with_its_other_readings(source: str, found: list[str]) -> None:
    assert ways(source) == found
    assert not reading(source).asked


@pytest.mark.parametrize(
    ("source", "d", "points"),
    [
        ("0,5; 1,2", 1, "0.5, 1.2"),
        ("1,5*0,5", 1, "1.5*0.5"),  # no other reading: 0 is no weight
        ("(0,5, 1,5)", 2, "(0.5,1.5)"),
        ("(0,5; 1,5)*2", 2, "(0.5,1.5)*2"),
    ],
)
def test_a_decimal_comma_of_a_list_is_said(source: str, d: int, points: str) -> None:
    found = reading(source, d)
    assert (found.points.text(), found.alternatives) == (points, ())
    n = str(found.message).partition(",")[0]
    assert str(found.message) == f"{n}, read as a list: {points}. Decimal mark: comma."


@given(st.data(), st.sampled_from([1, 2]))
@settings(max_examples=100, deadline=None)
def test_what_the_page_writes_has_one_reading(data: st.DataObject, d: int) -> None:
    """The text of points in the box, pasted again, is those points, with nothing to ask."""
    points = data.draw(point_sets() if d == 1 else plane_sets())
    found = read(points.text(), KINDS[d])
    assert found.points == points
    assert not found.asked


def test_what_cannot_be_seen_beside_a_number_is_no_part_of_it() -> None:
    assert text("\ufeff1\u200b, \u20602\u200b*3") == "1, 2*3"
    assert text("\ufeff(1,\u200b2)\u200b", 2) == "(1,2)"


SAID = {
    1: {
        "1e400": "The position 1e400 (character 1) is too far out",
        "0.5, １ｅ４００": "The position １ｅ４００ (character 6) is too far out",
        "0.5*1e-400": "The weight 1e-400 (character 5) is not accepted",
        "1500..2000": "“1500..2000” (character 1) is a range",
        "0, 1–5": "“1–5” (character 4) is a range",
        "1/3": "“1/3” (character 1) is a fraction: write it as a decimal number, 0.333333.",
        "12:30": "“12:30” (character 1) is not a number",
        "1\u200b2": "“1·2” (character 1) is not a number",
        "1/0": "“1/0” (character 1) is not a number",
    },
    2: {
        "1e300,1e300": "“1e300” (character 1) stands outside brackets: write each point as (x, y)",
        "１，２": "“１” (character 1) stands outside brackets",
        "(1, 2), 3": "“3” (character 9) stands outside brackets",
        "(1e400, 2)": "The position 1e400 (character 2) is too far out",
        "(１／３, 2)": "“１／３” (character 2) is a fraction",
        "(1, 2)*1500..2000": "“1500..2000” (character 8) is a range",
        "x, y": "“x” (character 1) was not understood",
        "(1.5,2,5)": "“5” (character 8) was not understood: write each point as (x, y)",
        "(1, 2, 3), (4, 5, 6)": "“3” (character 8) was not understood",
        "[1, 2, 3]": "There is only one column of numbers here, and the plane needs two",
    },
}


@pytest.mark.parametrize("d", SAID)
def test_a_text_is_refused_for_what_is_wrong_with_it_as_written(d: int) -> None:
    for source, says in SAID[d].items():
        with pytest.raises(Refusal) as caught:
            read(source, KINDS[d])
        assert says in str(caught.value)
        chinese = caught.value.translated(translator("zh"))
        assert ("（第" in chinese) == ("(character" in str(caught.value))


@pytest.mark.parametrize(
    ("source", "points", "said"),
    [
        (b"nan\n1\n", "1", "1 point: column no. 1; weights: none; 1 row left out (1 without a num"),
        (b"1\nx\n", "1", "1 row left out (1 without a number)"),
        (b"x\n1\n\nabc\n2", "1, 2", "2 points: column x; weights: none; 1 row left out"),
        (b"x\n1\n2e6\nNA\n", "1", "2 rows left out (1 without a number, 1 beyond ±1,000,000)"),
        (b"x,w\n1,0\n2,3\n4,-1\n", "2*3", "2 rows left out (2 without a usable weight)"),
        (
            b"x,w\n1,\n2,NA\n3,2\n",
            "1, 3*2",
            "weights: w; 1 row left out (1 without a usable",
        ),
        (b"1,2\n1,2,3\n", "1, 1", "weights: none"),
    ],
)
def test_rows_that_make_no_point_are_left_out_and_counted(
    source: bytes, points: str, said: str
) -> None:
    found = reading(source)
    assert found.points.text() == points
    assert said in str(found.message)


def test_all_rows_are_points_or_counted() -> None:
    cells = ["1", "NA", "x", "2e6", "", "nan", "0.5", "-3"] * 40
    found = reading(("x,w\n" + "\n".join(f"{c},{i % 3}" for i, c in enumerate(cells))).encode())
    assert len(found.points) + found.skipped.total == len(cells)


def test_more_rows_than_fit_are_drawn_the_same_way_by_the_same_seed() -> None:
    source = b"x,y\n" + b"".join(b"%d,%d\n" % (n, -n) for n in range(7_000))
    found = reading(source, 2)
    assert found.points is None
    assert str(found.message) == "7,000 rows are more than the 5,000 points that fit."
    one, again, other = (read(source, PlanePoints, Choice(seed=seed)).points for seed in (1, 1, 2))
    assert one == again != other
    assert one is not None
    assert len(one) == len(set(one.x)) == 5_000
    assert list(one.x) == sorted(one.x)
    assert all(y == -x for x, y, _ in one.rows)


def test_columns_are_chosen_by_the_visitor_and_rows_by_their_label() -> None:
    source = PUBLIC["iris, seaborn"].text.encode() + b"7.0,3.2,4.7,1.4,versicolor\n"
    assert reading(source).labels == ("setosa", "versicolor")
    chosen = read(source, PlanePoints, Choice(roles=Roles((2, 3), weight=0, label=4)))
    petals = PlanePoints((1.4, 1.4, 4.7), (0.2, 0.2, 1.4), (5.1, 4.9, 7.0), (1, 1, 2))
    assert chosen.points == petals
    kept = read(source, PlanePoints, Choice(roles=Roles((0, 1), label=4), label="versicolor"))
    assert kept.points == PlanePoints((7.0,), (3.2,), (1.0,))


# What programs print and write.

PRINTED = np.array([[0.5, 1.25], [1.75, 2.0], [-0.25, 1e-5]])


@pytest.mark.parametrize(
    "source",
    [
        repr(PRINTED),
        str(PRINTED),
        str(PRINTED.tolist()),
        str([tuple(row) for row in PRINTED.tolist()]),
        repr([tuple(row) for row in PRINTED]),
        f"x = np.{PRINTED!r}",
        "tensor([[ 0.5000, 1.2500],\n        [1.7500, 2.],\n        [-0.25, 1e-05]], "
        "device='cuda:0', dtype=torch.float64, grad_fn=<AddBackward0>)",
        pd.DataFrame(PRINTED).to_csv(index=False),
        pd.DataFrame(PRINTED, columns=["x", "y"]).to_string(),
        pd.DataFrame(PRINTED, columns=["x", "y"]).to_json(orient="records"),
        pd.DataFrame(PRINTED, columns=["x", "y"]).to_json(orient="records", lines=True),
        pd.DataFrame(PRINTED, columns=["x", "y"]).to_json(orient="values"),
        "0.5\t1.25\n1.75\t2\n-0.25\t0.00001\n",
        "0,5\t1,25\n1,75\t2\n-0,25\t0,00001\n",
    ],
)
def test_what_python_prints_is_pasted_as_points(source: str) -> None:
    found = reading(source, 2)
    assert np.array(found.points.rows)[:, :2].tolist() == PRINTED.tolist()
    assert reading(source.encode(), 2).points == found.points


@pytest.mark.parametrize(
    "source",
    [
        "[0.5, 0.5, 1.2, 1.7]",
        "[0.5 0.5 1.2 1.7]",
        "array([0.5, 0.5, 1.2, 1.7])",
        "tensor([0.5000, 0.5000, 1.2000, 1.7000])",
        "[np.float64(0.5), np.float64(0.5), np.float64(1.2), np.float64(1.7)]",
        "[[0.5], [0.5], [1.2], [1.7]]",
        "(0.5, 0.5, 1.2, 1.7)",
    ],
)
def test_a_printed_list_of_numbers_is_positions_on_the_line(source: str) -> None:
    assert text(source) == "0.5, 0.5, 1.2, 1.7"


def as_bytes(write: Callable[[io.BytesIO], Any]) -> bytes:
    stream = io.BytesIO()
    write(stream)
    return stream.getvalue()


FRAME = pd.DataFrame({"name": ["a", "b", "c"], "x": [0.5, 1.2, 1.7], "y": [3, 4, 5]})


@pytest.mark.parametrize(
    "data",
    [
        as_bytes(lambda f: np.save(f, FRAME[["x", "y"]].to_numpy())),
        as_bytes(lambda f: np.save(f, FRAME[["x", "y"]].to_numpy(np.float32))),
        as_bytes(lambda f: np.save(f, FRAME[["y", "x"]].to_records(index=False))),
        as_bytes(lambda f: np.savez(f, FRAME[["x", "y"]].to_numpy())),
        as_bytes(lambda f: np.savez_compressed(f, y=FRAME["y"], x=FRAME["x"], odd=np.ones(2))),
        as_bytes(lambda f: FRAME.to_parquet(f)),
        as_bytes(lambda f: FRAME.to_parquet(f, compression=None)),
        as_bytes(lambda f: FRAME.set_axis([7, 9, 5]).to_parquet(f)),
        as_bytes(lambda f: FRAME.to_json(f, orient="records")),
        as_bytes(lambda f: FRAME.to_json(f, orient="records", lines=True)),
        as_bytes(lambda f: FRAME.to_csv(f)),
        as_bytes(lambda f: FRAME.to_csv(f, sep="\t", decimal=",", index=False)),
        b'{"x": [0.5, 1.2, 1.7], "y": [3, 4, 5], "of": "a trial"}',
    ],
)
def test_files_of_numpy_parquet_and_json_are_read(data: bytes) -> None:
    found = reading(data, 2)
    assert found.points == PlanePoints((0.5, 1.2, 1.7), (3.0, 4.0, 5.0), (1.0, 1.0, 1.0))


# What cannot be read.


def bomb() -> bytes:
    return as_bytes(lambda f: np.savez_compressed(f, np.zeros(20_000_000)))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "at least one position"),
        (b"x,w\n", "at least one position"),
        (b"a,b\nc,d\n", "None of these columns holds numbers: a, b"),
        (b"1e99\n", "1 beyond ±1,000,000"),
        (b"1\n" * 500_001, "1,000,000 bytes"),
        (b"0" * 50_000_000, "1,000,000 bytes"),
        (b"1," * 400_000, "400,001 columns"),
        (b"PK\x03\x04\x00\x00xl/worksheets", "Excel"),
        (as_bytes(lambda f: __import__("zipfile").ZipFile(f, "w").writestr("xl/a.xml", "")), "Exc"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel"),
        (bytes(range(256)), "not plain text"),
        (b"\xff\xfe1", "not plain text"),
        (b"\x93NUMPY\x01\x00", "npy"),
        (as_bytes(lambda f: np.save(f, np.zeros((2, 2, 2)))), "shape (2, 2, 2)"),
        (as_bytes(lambda f: np.save(f, np.array(["a"]))), "type <U1"),
        (as_bytes(lambda f: np.save(f, np.array([{}], dtype=object))), "Python objects"),
        (as_bytes(lambda f: np.savez(f, a=np.array([{}], dtype=object))), "Python objects"),
        (bomb(), "16,000,000 bytes"),
        (
            as_bytes(lambda f: np.savez_compressed(f, *[np.zeros(100_000)] * 30)),
            "16,000,000 bytes",
        ),
        (as_bytes(lambda f: FRAME.to_parquet(f, compression="zstd")), "ZSTD"),
        (as_bytes(lambda f: FRAME.to_parquet(f))[:300], "Parquet"),
        (b"PAR1" * 9, "Parquet"),
    ],
)
def test_a_file_without_points_is_refused_in_a_sentence(data: bytes, says: str) -> None:
    start = time.process_time()
    with pytest.raises(Refusal, match=re.escape(says)) as caught:
        read(data, Points)
    assert time.process_time() - start < 3.0
    assert all("\n" not in caught.value.translated(translator(lang)) for lang in LANGUAGES)


@pytest.mark.parametrize(
    ("source", "d", "says"),
    [
        ("[1, 2, ..., 3]", 1, "leaves numbers out"),
        ("array([[1, 2],\n ...,\n [3, 4]])", 2, "leaves numbers out"),
        ("[[1, 2], [3]]", 2, "List 2 has 1 number "),
        ("[0.5, 1.2, 1.7]", 2, "only one column"),
        ("0.5, abc", 1, "“abc” (character 6)"),
        ("__import__('os')", 1, "__import__"),
        ("array(open('/etc/passwd'))", 1, "array(open"),
    ],
)
def test_a_pasted_text_without_points_is_refused(source: str, d: int, says: str) -> None:
    with pytest.raises(Refusal, match=re.escape(says)):
        read(source, KINDS[d])


def test_a_header_that_claims_more_than_the_file_holds_allocates_nothing() -> None:
    data = as_bytes(lambda f: np.save(f, np.zeros(4))).replace(b"(4,)", b"(9999999999999,)"[:16])
    with pytest.raises(Refusal, match="npy"):
        read(data, Points)


def test_a_file_with_any_byte_changed_is_read_or_refused() -> None:
    files = [
        as_bytes(lambda f: np.savez_compressed(f, x=np.arange(20.0), y=np.arange(20.0))),
        as_bytes(lambda f: np.save(f, np.arange(20.0))),
        as_bytes(lambda f: FRAME.to_parquet(f)),
    ]
    for data in files:
        for k in range(0, len(data), 1 + len(data) // 200):
            with contextlib.suppress(Refusal):
                reading(data[:k] + bytes([data[k] ^ 0x55]) + data[k + 1 :])


HOSTILE = [
    b"a([1" + b",dtype=" * 140_000 + b"]",
    b"a([" + b" " * 900_000 + b"1],",
    b"x" * 999_999,
    b"int8(" * 190_000,
    b'x "' * 300_000,
    b'"' * 999_999,
    b'"a\n' * 300_000,
    b",\n" * 499_999,
    b"abc,def ghi;x\t|\n" * 60_000,
    b"1" * 999_999,
    b"0,5\n" * 249_999,
    b"[" * 999_999,
    b"[" + b"{}," * 300_000 + b"{}]",
    (b",".join([b"1.5"] * 500) + b"\n") * 499,
]


@pytest.mark.parametrize("data", HOSTILE, ids=lambda data: repr(data[:12]))
def test_any_megabyte_is_read_in_bounded_time(data: bytes) -> None:
    start = time.process_time()
    with contextlib.suppress(Refusal):
        reading(data)
    assert time.process_time() - start < 6.0


PASTED = [
    "_" * 190_000 + "a",
    "1'000" * 38_000,
    "1.000;" * 31_000,
    "1 ± " * 47_000,
    "[0.5; " * 31_000,
]


@pytest.mark.parametrize("text", PASTED, ids=lambda text: repr(text[:6]))
@pytest.mark.parametrize("d", KINDS)
def test_any_long_paste_is_read_in_bounded_time(text: str, d: int) -> None:
    start = time.process_time()
    with contextlib.suppress(Refusal):
        reading(text, d)
    assert time.process_time() - start < 6.0


PIECES = ["1", "0.5", "-2e-3", "x", "w", "nan", "NA", '"', "a b", "", "1,5", "1.234", "[", "]", "("]
MARKS = [",", ";", "\t", " ", "\n", "\r\n", "|", ", "]
SCRAPS = st.lists(st.sampled_from(PIECES + MARKS + MARKS), max_size=60).map("".join)


@given(st.binary(max_size=80) | SCRAPS.map(str.encode) | SCRAPS, st.sampled_from([1, 2]))
@settings(max_examples=300, deadline=None)
def test_anything_is_points_a_question_or_a_sentence(source: bytes | str, d: int) -> None:
    with contextlib.suppress(Refusal):
        found = reading(source, d)
        judge(source, d, found)


def judge(source: bytes | str, d: int, found: Any) -> None:
    assert KINDS[d].from_link(found.points.link) == found.points
    for way in found.alternatives:
        assert read(source, KINDS[d], way).choice == way


@given(point_sets(), st.sampled_from([(",", "."), (";", "."), (";", ","), ("\t", ",")]))
@settings(deadline=None)
def test_a_file_written_from_points_is_these_points(points: Points, marks: tuple[str, str]) -> None:
    separator, decimal = marks
    rows = [
        f"{decimal_text(x)}{separator}{decimal_text(w)}".replace(".", decimal)
        for x, w in points.rows
    ]
    source = "\n".join([f"x{separator}w", *rows]).encode()
    found = read(source, Points)
    others = [read(source, Points, way).points for way in found.alternatives]
    assert points.with_labels(()) in [found.points, *others]


@given(plane_sets())
@settings(deadline=None)
def test_the_text_of_points_is_read_as_these_points(points: PlanePoints) -> None:
    assert read(points.text(), PlanePoints).points == points
