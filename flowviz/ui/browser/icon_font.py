"""Streamlit's font of icons with no other icons than those that a page can show.

An icon is a ligature: the font has one glyph for the letters ``arrow_upward``. Streamlit's has some
4,000 of them, 375 kB, which every first visitor would wait for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont

FILES = "MaterialSymbols-Rounded.*.woff2"
"""Of Streamlit's: the font's name has a hash in it."""

_ICON = re.compile(rb":material/([a-z0-9_]+):")
_LIGATURES = 4  # the kind of lookup


@cache
def named_icons() -> frozenset[str]:
    """The icons that Streamlit, its scripts and FlowViz name, as ``:material/undo:``."""
    folders = [Path(str(files(package))) for package in ("streamlit", "flowviz")]
    found: set[bytes] = set()
    for path in (path for folder in folders for path in folder.rglob("*")):
        if path.suffix in {".py", ".js"}:
            found.update(_ICON.findall(path.read_bytes()))
    return frozenset(name.decode() for name in found)


def with_icons(font: bytes, names: frozenset[str]) -> bytes:
    """A font of icons with these alone, in WOFF2.

    Args:
        font: in any format of OpenType.
        names: of the icons that remain; those that the font does not have are left out.

    Raises:
        ValueError: the font has no ligatures.
    """
    whole = TTFont(BytesIO(font))
    letters: dict[str, str] = {}
    for code, glyph in sorted((whole.getBestCmap() or {}).items(), reverse=True):
        letters[glyph] = chr(code).lower()  # capitals have the same glyphs
    kept = 0
    for ligatures in _ligatures(whole):
        for first, rows in list(ligatures.items()):
            ligatures[first] = [
                row
                for row in rows
                if "".join(letters.get(part, " ") for part in (first, *row.Component)) in names
            ]
            kept += len(ligatures[first])
            if not ligatures[first]:
                del ligatures[first]
    if not kept:
        raise ValueError("the font of icons has no ligatures")
    options = subset.Options(layout_features=["*"])
    subsetter = subset.Subsetter(options)
    text = "".join(names)
    subsetter.populate(text=text + text.upper())
    subsetter.subset(whole)
    whole.flavor = "woff2"
    smaller = BytesIO()
    whole.save(smaller)
    return smaller.getvalue()


def _ligatures(font: TTFont) -> Iterator[dict[str, list[Any]]]:
    """The tables of ligatures: by the first glyph, the others of each and what replaces them."""
    if "GSUB" not in font:
        return
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            inner = getattr(table, "ExtSubTable", table)
            if inner.LookupType == _LIGATURES:
                yield inner.ligatures
