"""Streamlit's icons, without those that nobody names, are the same icons."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from fontTools.pens.recordingPen import RecordingPen
from fontTools.ttLib import TTFont

from flowviz.ui.browser import frontend, icon_font
from tests.serving import ROOT

[PATH] = (frontend.STATIC / "static" / "media").glob(icon_font.FILES)


def outline(font: TTFont, name: str) -> list[object] | None:
    """How the glyph of an icon's letters is drawn; None where letters stay letters."""
    characters = font.getBestCmap() or {}
    glyphs = [characters[ord(letter)] for letter in name]
    for table in icon_font._ligatures(font):
        for ligature in table.get(glyphs[0], []):
            if ligature.Component == glyphs[1:]:
                pen = RecordingPen()
                font.getGlyphSet()[ligature.LigGlyph].draw(pen)
                return pen.value
    return None


OURS = {
    name
    for path in (ROOT / "flowviz").rglob("*.py")
    for name in re.findall(r":material/(\w+):", path.read_text("utf-8"))
}


def test_every_icon_that_is_named_is_drawn_as_before_and_no_other_is_sent() -> None:
    names = icon_font.named_icons()
    sent = frontend.load(PATH).body
    whole, cut = TTFont(PATH), TTFont(BytesIO(sent))
    drawn = {name: outline(whole, name) for name in names}
    assert {name for name, lines in drawn.items() if lines} >= OURS
    assert {name: outline(cut, name) for name in names} == drawn
    assert outline(whole, "pregnant_woman")
    assert outline(cut, "pregnant_woman") is None
    assert len(sent) < PATH.stat().st_size / 8


def test_what_is_no_font_of_icons_is_sent_as_it_is(caplog: pytest.LogCaptureFixture) -> None:
    assert frontend._with_named_icons(b"no font") == b"no font"
    other = next(Path(PATH.parent).glob("KaTeX_Size4*.woff2")).read_bytes()
    assert frontend._with_named_icons(other) == other
    assert caplog.text.count("sent whole") == 2
