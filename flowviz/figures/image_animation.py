"""Small images that are generated, as a WebP or a GIF: rows of them, from noise to the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from flowviz.figures.animation import Format, encoded, rgb
from flowviz.figures.fonts import drawable, font
from flowviz.figures.images import Array, paper_and_ink
from flowviz.figures.style import Style

_PIXEL = 9
_GAP = 6
_PAD = (12, 44, 12, 12)  # left, top, right, bottom
_LABEL, _TITLE = 13, 15
_FRAME_MS = 120


@dataclass(frozen=True)
class ImageMotion:
    """Rows of images in motion.

    ``images`` (K, R, C, height, width) in [-1, 1], one board for each time; ``labels`` of the rows;
    ``texts`` the time of each frame, written out.
    """

    title: str
    texts: Sequence[str]
    labels: Sequence[str]
    images: Array


def image_animation(motion: ImageMotion, kind: Format, style: Style) -> bytes:
    """The file.

    Args:
        motion: what moves.
        kind: "webp" or "gif".
        style: light or dark.
    """
    frames = image_frames(motion, style)
    return encoded(frames, kind, still=False, frame_ms=_FRAME_MS)


def image_frames(motion: ImageMotion, style: Style) -> list[Image.Image]:
    """The pictures, one for each time."""
    return [_frame(motion, k, style) for k in range(len(motion.texts))]


def _frame(motion: ImageMotion, k: int, style: Style) -> Image.Image:
    board = motion.images[k]
    rows, columns, height, width = board.shape
    left, top, right, bottom = _PAD
    wide = max((font(_LABEL, drawable(s)).getlength(drawable(s)) for s in motion.labels), default=0)
    left += int(wide) + 8 if wide else 0
    across, down = width * _PIXEL + _GAP, height * _PIXEL + _GAP
    size = left + columns * across - _GAP + right, top + rows * down - _GAP + bottom
    picture = Image.new("RGB", size, "#12161c" if style.dark else "#ffffff")
    draw = ImageDraw.Draw(picture)
    for i, row in enumerate(board):
        middle = top + i * down + height * _PIXEL / 2
        _write(draw, (left - 8, middle), motion.labels[i], _LABEL, style.ink, "rm")
        for j, image in enumerate(row):
            picture.paste(_picture(image, style), (left + j * across, top + i * down))
    _write(draw, (_PAD[0], 12), motion.title, _TITLE, style.ink, "la")
    _write(draw, (size[0] - right, 12), motion.texts[k], _TITLE, style.accent, "ra")
    return picture


def _picture(image: Array, style: Style) -> Image.Image:
    paper, ink = (np.asarray(rgb(colour), float) for colour in paper_and_ink(style))
    level = 0.5 + 0.5 * np.clip(image, -1.0, 1.0)[..., None]
    cells = ((1.0 - level) * paper + level * ink).round().astype(np.uint8)
    height, width = image.shape
    size = width * _PIXEL, height * _PIXEL
    return Image.fromarray(cells).resize(size, Image.Resampling.NEAREST)


def _write(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    size: int,
    colour: str,
    anchor: str,
) -> None:
    if text:
        draw.text(at, drawable(text), colour, font(size, text), anchor)
