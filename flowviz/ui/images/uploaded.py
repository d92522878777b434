"""Images of 8 × 8 pixels from an uploaded PNG: one square image, or several in a strip.

The file comes from anyone. Only PNG is decoded, its size is known before its pixels are, and it is
small; whatever else is in the file is not read.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from flowviz.scene.own_images import LEVELS, MOST, SIDE
from flowviz.text import Refusal

MAX_BYTES = 2**20
MAX_PIXELS = 2**20


def images_of(data: bytes) -> tuple[str, ...]:
    """The images of a PNG, each 64 digits; the ground, which is at the corners, is paper.

    Raises:
        Refusal: for anything but a PNG strip of squares within the limits.
    """
    if len(data) > MAX_BYTES:
        raise Refusal("error.images.bytes", limit=MAX_BYTES // 2**20)
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            columns = _columns(*image.size)
            grey = _grey(image)
    except Refusal:
        raise
    except Exception:  # Pillow raises many kinds for damaged files
        raise Refusal("error.images.png") from None
    cells = grey.resize((SIDE * columns, SIDE), Image.Resampling.BOX)
    ink = 1.0 - np.asarray(cells, np.float64).reshape(SIDE, columns, SIDE).swapaxes(0, 1) / 255.0
    if np.median(ink[:, [0, 0, -1, -1], [0, -1, 0, -1]]) > 0.5:  # light on dark ground
        ink = 1.0 - ink
    levels = np.round(ink * LEVELS).astype(int)
    return tuple("".join(f"{level:x}" for level in image.ravel()) for image in levels)


def _columns(width: int, height: int) -> int:
    """How many square images a strip holds."""
    if width * height > MAX_PIXELS:
        raise Refusal("error.images.pixels", width=width, height=height, limit=MAX_PIXELS)
    if height < SIDE or width % height:
        raise Refusal("error.images.strip", width=width, height=height, side=SIDE)
    if width // height > MOST:
        raise Refusal("error.images.many", n=width // height, limit=MOST)
    return width // height


def _grey(image: Image.Image) -> Image.Image:
    """In grey, on white where it is transparent."""
    whole = image.convert("RGBA")
    ground = Image.new("RGBA", whole.size, "white")
    return Image.alpha_composite(ground, whole).convert("L")
