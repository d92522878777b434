"""Fonts for pictures that the server draws: Pillow's own, and the machine's for Chinese."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import ImageFont

_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.fonts",
    "~/.local/share/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
)
_CHINESE = ("notosanscjk", "notoserifcjk", "sourcehansans", "wqy", "msyh", "pingfang", "stheiti")
_CHINESE += ("hiragino sans gb", "simhei", "droidsansfallback")
_WIDE = 0x2E80  # from here on characters are Chinese
_DRAWN_AS = str.maketrans({"−": "-", "₀": "0", "₁": "1", "ₜ": "t", "×": "x"})
"""What Pillow's own font lacks."""


@lru_cache(maxsize=1)
def chinese_font() -> Path | None:
    """A font file with Chinese characters; None where the machine has none."""
    for folder in map(Path.expanduser, map(Path, _FOLDERS)):
        files = [p for p in folder.rglob("*") if p.suffix.lower() in {".ttf", ".ttc", ".otf"}]
        for name in _CHINESE:
            for path in sorted(files):
                if path.name.lower().startswith(name) and "bold" not in path.name.lower():
                    return path
        bold = sorted(p for p in files if p.name.lower().startswith(_CHINESE))
        if bold:
            return bold[0]
    return None


def drawable(text: str) -> str:
    """The text without characters that the fonts lack."""
    return text.translate(_DRAWN_AS)


def writable(text: str) -> bool:
    """Whether there is a font for a text."""
    return max(map(ord, text), default=0) < _WIDE or chinese_font() is not None


@lru_cache(maxsize=16)
def _font(size: int, chinese: bool) -> Any:
    path = chinese_font() if chinese else None
    return ImageFont.truetype(str(path), size) if path else ImageFont.load_default(size)


def font(size: int, text: str) -> Any:
    """A font of that size with the text's characters."""
    return _font(size, max(map(ord, text), default=0) >= _WIDE)
