"""Streamlit's fonts of text, without the letters that no page shows, show every page as before."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont

from flowviz.ui.browser import frontend, text_font
from tests.serving import ROOT

PATHS = sorted((frontend.STATIC / "static" / "media").glob(text_font.FILES))

WRITTEN = {
    letter
    for package in ("text", "figures", "scene", "ui")
    for path in (ROOT / "flowviz" / package).rglob("*")
    if path.suffix in {".py", ".js"}
    for letter in path.read_text("utf-8")
}
"""Every letter of the application's words, of its formulas and of its scripts."""


def outlines(font: TTFont, letters: set[str]) -> dict[str, object]:
    """How each letter that the font has is drawn, and its width."""
    glyphs, names = font.getGlyphSet(), font.getBestCmap() or {}
    found: dict[str, object] = {}
    for letter in letters:
        if ord(letter) in names:
            pen = DecomposingRecordingPen(glyphs)
            glyph = glyphs[names[ord(letter)]]
            glyph.draw(pen)
            found[letter] = (glyph.width, pen.value)
    return found


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name.split(".")[0])
def test_every_written_letter_is_drawn_as_before(path: Path) -> None:
    sent = frontend.load(path).body
    whole, cut = TTFont(path), TTFont(BytesIO(sent))
    assert outlines(cut, WRITTEN) == outlines(whole, WRITTEN)
    assert outlines(whole, {"ạ"})
    assert not outlines(cut, {"ạ"})
    assert {axis.axisTag for axis in cut["fvar"].axes} == {
        axis.axisTag for axis in whole["fvar"].axes
    }
    assert len(sent) < 0.55 * path.stat().st_size


def test_there_are_fonts_of_text() -> None:
    assert {path.name.split("VF")[0] for path in PATHS} == {"SourceSans", "SourceCode"}


def test_what_is_no_font_is_sent_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    assert frontend._with_letters(b"no font") == b"no font"
    assert "sent whole" in caplog.text


def test_a_smaller_font_is_made_once_and_anew_for_another_font_or_other_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FLOWVIZ_CACHE", str(tmp_path))
    made: list[tuple[bytes, list[str]]] = []

    def smaller(font: bytes, names: list[str]) -> bytes:
        def make() -> bytes:
            made.append((font, names))
            return bytes([len(made)])

        return frontend._made_once(font, text_font, names, make)

    asked = [(b"a", ["x"]), (b"a", ["x"]), (b"b", ["x"]), (b"a", ["x", "y"]), (b"b", ["x"])]
    assert [smaller(*each) for each in asked] == [b"\1", b"\1", b"\2", b"\3", b"\2"]
    monkeypatch.setattr(frontend.fontTools, "version", "another")
    assert smaller(b"a", ["x"]) == b"\4"
    # What is no font is asked for again, and a disk that keeps nothing costs time alone.
    assert frontend._made_once(b"no", text_font, [], lambda: text_font.with_letters(b"no")) == b"no"
    assert frontend._made_once(b"no", text_font, [], lambda: b"yes") == b"yes"
    monkeypatch.setenv("FLOWVIZ_CACHE", "/proc/none")
    assert [smaller(b"a", ["x"]) for _ in range(2)] == [b"\5", b"\6"]
