"""A file or pasted text on the page: the message, the choices, undo."""

from __future__ import annotations

from tests.visitor import Visitor

FAITHFUL = b'"","eruptions","waiting"\n"1",3.6,79\n"2",1.8,54\n"3",3.333,74\n'


def captions(visitor: Visitor) -> str:
    return "\n".join(caption.value for caption in visitor.app.caption).replace("\\", "")


def button(visitor: Visitor, key: str) -> None:
    (found,) = [b for b in visitor.app.button if b.key and key in b.key]
    found.click()
    visitor.run()


def test_a_files_columns_are_named_can_be_changed_and_undone() -> None:
    visitor = Visitor()
    before = visitor.scene
    visitor.upload(FAITHFUL)
    assert visitor.scene.points.text() == "3.6, 1.8, 3.333"
    assert "3 points: column eruptions; weights: none; 0 rows left out." in captions(visitor)
    (x,) = [s for s in visitor.app.selectbox if s.key and ".read.x" in f".{s.key}"]
    x.set_value(2)
    visitor.run()
    assert visitor.scene.points.text() == "79, 54, 74"
    assert "column waiting" in captions(visitor)
    button(visitor, "read.undo")
    assert visitor.scene.points.text() == "3.6, 1.8, 3.333"
    assert visitor.scene != before


def test_ambiguous_text_is_read_only_after_a_choice() -> None:
    visitor = Visitor()
    before = visitor.scene
    visitor.upload(b"0,5\n1,2\n")
    assert visitor.scene == before
    assert "more than one way" in visitor.complaints[0]
    ways = [b.label for b in visitor.app.button if b.key and "read.way" in b.key]
    assert ways == [r"0\*5, 1\*2", "0.5, 1.2"]
    button(visitor, "read.way.1.1")
    assert visitor.scene.points.text() == "0.5, 1.2"
    assert not visitor.complaints
    assert "Decimal mark: comma." in captions(visitor)


def test_a_typed_list_says_what_was_read_with_the_other_reading_beside() -> None:
    visitor = Visitor()
    before = visitor.scene
    visitor.set("points", "0,75")
    assert visitor.scene.points.text() == "0, 75"
    assert "2 points, read as a list: 0, 75." in captions(visitor)
    assert "This can also be read as:" in captions(visitor)
    (other,) = [b for b in visitor.app.button if b.key and "read.way" in b.key]
    assert other.label == "0.75"
    other.click()
    visitor.run()
    assert visitor.scene.points.text() == visitor.widget("points").value == "0.75"
    assert "1 point, read as a list: 0.75. Decimal mark: comma." in captions(visitor)
    button(visitor, "read.undo")
    assert visitor.scene.points.text() == "0, 75"
    button(visitor, "read.undo")
    assert visitor.scene == before
    visitor.set("points", "0,5; 1,2")
    assert "2 points, read as a list: 0.5, 1.2. Decimal mark: comma." in captions(visitor)


def test_more_rows_than_fit_are_counted_and_drawn_by_a_seed() -> None:
    visitor = Visitor()
    visitor.upload(b"x\n" + b"".join(b"%d\n" % n for n in range(3_000)))
    assert "3,000 rows are more than the 2,000 points" in visitor.complaints[0]
    button(visitor, "read.draw")
    assert not visitor.complaints
    assert len(visitor.scene.points) == 2_000
    assert "2,000 points drawn at random (seed 0) from 3,000 rows" in captions(visitor)


def test_pasted_columns_of_a_sheet_are_read_as_columns() -> None:
    visitor = Visitor()
    visitor.set("points", "position\tweight\n0,5\t2\n1,25\t1\n")
    assert not visitor.complaints
    assert visitor.scene.points.text() == "0.5*2, 1.25"
    assert visitor.widget("points").value == "0.5*2, 1.25"
    visitor.set("points", "0.5, 1.2")
    assert "column" not in captions(visitor)


def test_the_panel_stays_as_long_as_the_data() -> None:
    """After the undo of a column's choice, a refused file, a refused column, a finer grid."""
    said = "3 points: column eruptions; weights: none; 0 rows left out."
    visitor = Visitor()
    visitor.upload(FAITHFUL)

    def select(value: int) -> None:
        (x,) = [s for s in visitor.app.selectbox if s.key and ".read.x" in f".{s.key}"]
        x.set_value(value)
        visitor.run()

    def holds(text: str = said) -> None:
        assert text in captions(visitor)
        assert [b for b in visitor.app.button if b.key and "read.undo" in b.key]
        assert [e for e in visitor.app.expander if e.label == "Columns"]

    select(2)
    holds("column waiting")
    button(visitor, "read.undo")
    holds()
    select(2)
    holds("column waiting")
    button(visitor, "read.undo")
    holds()
    for refused in (b"\x89PNG\x00", b"name\nabc\n", b"0,5\n1,2\n"):
        visitor.app.file_uploader[0].set_value(("refused", refused, "text/csv"))
        visitor.run()
        assert visitor.complaints
        assert visitor.scene.points.text() == "3.6, 1.8, 3.333"
        holds()
    visitor.set("points", "abc")
    holds()
    visitor.set("preset", "article")
    assert said not in captions(visitor)


def test_a_question_goes_with_its_refusal() -> None:
    visitor = Visitor()
    visitor.upload(b"0,5\n1,2\n")
    assert [b for b in visitor.app.button if b.key and "read.way" in b.key]
    visitor.set("points", "abc")
    assert "abc" in visitor.complaints[0]
    assert not [b for b in visitor.app.button if b.key and "read.way" in b.key]
