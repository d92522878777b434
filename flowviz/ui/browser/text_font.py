"""Streamlit's fonts of text with the letters that a page of FlowViz can show, and no others.

Source Sans has Cyrillic, Vietnamese and small capitals: of its 170 kB, which every first visitor
would wait for, 58 are needed. A letter that is left out is shown in the browser's own font, as
Chinese is.
"""

from __future__ import annotations

from io import BytesIO

from fontTools import subset
from fontTools.ttLib import TTFont

FILES = "Source*VF-*.woff2"
"""Of Streamlit's: the sans serif and the monospaced font, upright and italic."""

_RANGES = "20-17F 2B0-30F 370-3FF 1D30-1DBF 2000-231F 2500-253F 25A0-25FF"
LETTERS = [
    range(int(first, 16), int(last, 16) + 1)
    for first, last in (bounds.split("-") for bounds in _RANGES.split())
]
"""European and Greek letters, accents, raised and lowered signs, arrows, mathematics."""

_FEATURES = ["kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "tnum", "zero"]


def with_letters(font: bytes) -> bytes:
    """A font with `LETTERS` alone, in WOFF2.

    Args:
        font: in any format of OpenType.

    Raises:
        fontTools.ttLib.TTLibError: it is no font.
    """
    whole = TTFont(BytesIO(font))
    subsetter = subset.Subsetter(subset.Options(layout_features=_FEATURES))
    subsetter.populate(unicodes=[code for letters in LETTERS for code in letters])
    subsetter.subset(whole)
    whole.flavor = "woff2"
    smaller = BytesIO()
    whole.save(smaller)
    return smaller.getvalue()
