"""A flow in motion as a WebP or a GIF: drawn by Pillow, with title and time, of bounded size.

Each frame is drawn at twice its size and scaled down, which smooths the lines. Time runs from the
prior to the data, as the player's does.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from flowviz.figures.fonts import drawable, font
from flowviz.figures.style import Style

Array = NDArray[np.floating[Any]]
Format = Literal["webp", "gif"]
Ticks = Sequence[tuple[float, str]]

FRAMES = 40
FRAME_MS = 80
LAST_MS = 1_500  # of the last frame, where the flow has arrived
LIMITS: dict[str, int] = {"webp": 200_000, "gif": 3_000_000}
"""The most bytes of a file; of what does not fit, the next setting of `_SETTINGS` is tried."""

_SETTINGS: dict[str, tuple[dict[str, Any], ...]] = {
    # Without loss a still density takes the least, and one that moves too much.
    "webp": (
        {"lossless": True, "quality": 30},
        *({"lossless": False, "quality": q} for q in (60, 35, 15, 1)),
    ),
    "gif": tuple({"colours": n} for n in (96, 48, 24, 12)),
}
_DETAIL = 2  # drawn pixels to a pixel
_SIZES = {False: (640, 420), True: (520, 560)}  # over time; in the plane
_PAD = (52, 44, 14, 34)  # left, top, right, bottom
_FONT, _TITLE = 13, 15
_PARTICLE = 3.2  # radius
_STEP = 2.2


@dataclass(frozen=True)
class Motion:
    """A flow from t = 1 to t = 0, in the units of its axes.

    ``view`` (low x, high x, low y, high y); ``lines`` (Q, T, 2) with ``colours`` (Q,), and
    ``moving`` (K, Q, 2), the particles on them in each frame; ``points`` (N, 2) with ``sizes`` (N,)
    in pixels and ``point_colours`` (N,); ``shading`` (1 or K, Y, X) in [0, 1], its rows downwards,
    NaN for none; ``others`` (K, P, 2), particles of another flow, as rings; ``steps`` (Q, S, 2)
    with their frame numbers ``due`` (S,), drawn once they are due; ``times`` (K,) where the axis
    across is time; ``texts`` the time of each frame, written out; ``ticks`` of both axes.
    """

    title: str
    texts: Sequence[str]
    view: tuple[float, ...]
    lines: Array
    colours: Sequence[str]
    moving: Array
    points: Array
    sizes: Array
    point_colours: Sequence[str]
    ticks: tuple[Ticks, Ticks]
    names: tuple[str, str] = ("", "")
    shading: Array | None = None
    others: Array | None = None
    steps: Array | None = None
    due: Array | None = None
    times: Array | None = None


def animation(motion: Motion, kind: Format, style: Style) -> bytes:
    """The file.

    Args:
        motion: what moves.
        kind: "webp" or "gif".
        style: light or dark; of Large the lines alone are wider.

    Returns:
        At most `LIMITS` bytes, unless even the coarsest setting takes more.
    """
    moving = motion.shading is not None and len(motion.shading) > 1
    return encoded(list(frames(motion, style)), kind, still=not moving)


def encoded(
    drawn: list[Image.Image], kind: Format, *, still: bool, frame_ms: int = FRAME_MS
) -> bytes:
    """Pictures of equal size as a file of at most `LIMITS` bytes, if any setting allows that.

    Args:
        drawn: the frames.
        kind: "webp" or "gif".
        still: whether most of each frame is that of the one before.
        frame_ms: the time of a frame; the last one stays for `LAST_MS`.
    """
    body, durations = b"", [frame_ms] * (len(drawn) - 1) + [LAST_MS]
    for setting in _SETTINGS[kind]:
        if setting.get("lossless") and not still:
            continue
        body = (_webp if kind == "webp" else _gif)(drawn, durations, **setting)
        if len(body) <= LIMITS[kind]:
            break
    return body


def _webp(drawn: list[Image.Image], durations: list[int], *, lossless: bool, quality: int) -> bytes:
    file = io.BytesIO()
    first, *rest = drawn
    setting: dict[str, Any] = {"lossless": lossless, "quality": quality, "method": 2}
    setting |= {"duration": durations, "loop": 0, "minimize_size": True}
    first.save(file, "WEBP", save_all=True, append_images=rest, **setting)
    return file.getvalue()


def _gif(drawn: list[Image.Image], durations: list[int], *, colours: int) -> bytes:
    # One palette for all, from a frame of either end and of the middle: without it the ground
    # flickers, and with dithering the file is five times as large.
    width, height = drawn[0].size
    sample = Image.new("RGB", (width, 3 * height))
    for k, at in enumerate((0, len(drawn) // 2, len(drawn) - 1)):
        sample.paste(drawn[at], (0, k * height))
    palette = sample.quantize(colours, Image.Quantize.MEDIANCUT)
    first, *rest = (f.quantize(palette=palette, dither=Image.Dither.NONE) for f in drawn)
    file = io.BytesIO()
    options: dict[str, Any] = {"duration": durations, "loop": 0, "optimize": False}
    first.save(file, "GIF", save_all=True, append_images=rest, **options)
    return file.getvalue()


# ---------------------------------------------------------------------- frames


def frames(motion: Motion, style: Style) -> Iterator[Image.Image]:
    """The pictures, one for each time."""
    canvas = _Canvas(motion, style)
    ground, over = None, canvas.lines()
    for k in range(len(motion.texts)):
        if ground is None or (motion.shading is not None and len(motion.shading) > 1):
            ground = canvas.ground(k)
            ground.paste(over, mask=over.getchannel("A"))
        yield canvas.frame(ground.copy(), k)


class _Canvas:
    def __init__(self, motion: Motion, style: Style) -> None:
        self.motion, self.style = motion, style
        width, height = _SIZES[motion.times is None]
        self.size = width * _DETAIL, height * _DETAIL
        left, top, right, bottom = (_DETAIL * pad for pad in _PAD)
        self.box = left, top, self.size[0] - right, self.size[1] - bottom
        self.page = "#12161c" if style.dark else "#ffffff"

    def at(self, places: Array) -> NDArray[np.floating[Any]]:
        """Pixels of places (..., 2)."""
        low_x, high_x, low_y, high_y = self.motion.view
        left, top, right, bottom = self.box
        x = left + (places[..., 0] - low_x) / (high_x - low_x) * (right - left)
        y = bottom - (places[..., 1] - low_y) / (high_y - low_y) * (bottom - top)
        return np.stack([x, y], axis=-1)

    def ground(self, k: int) -> Image.Image:
        """The page, its title and axes, and the density."""
        image = Image.new("RGB", self.size, self.page)
        draw = ImageDraw.Draw(image)
        draw.rectangle(self.box, fill=self.style.ground)
        if self.motion.shading is not None:
            frame = self.motion.shading[k % len(self.motion.shading)]
            image.paste(self._shaded(frame), self._shaded_at())
        self._axes(draw)
        self._text(draw, (self.box[0], 8 * _DETAIL), self.motion.title, _TITLE, self.style.ink)
        return image

    def _shaded_at(self) -> tuple[int, int]:
        """Where the density begins: over time at t = 0, right of the data points' strip."""
        left, top, _, _ = self.box
        if self.motion.times is None:
            return left, top
        origin = self.at(np.array([0.0, self.motion.view[3]]))
        return round(float(origin[0])), top

    def _shaded(self, frame: Array) -> Image.Image:
        stops = [rgb(colour) for _, colour in self.style.density]
        scale = np.linspace(0.0, 1.0, len(stops))
        values = np.clip(np.nan_to_num(frame, nan=0.0), 0.0, 1.0)
        shade = np.stack(
            [np.interp(values, scale, [stop[c] for stop in stops]) for c in range(3)], axis=-1
        )
        shade[np.isnan(frame)] = rgb(self.style.ground)
        left, top = self._shaded_at()
        size = self.box[2] - left, self.box[3] - top
        return Image.fromarray(shade.astype(np.uint8)).resize(size, Image.Resampling.BILINEAR)

    def _axes(self, draw: ImageDraw.ImageDraw) -> None:
        left, top, right, bottom = self.box
        across, up = self.motion.ticks
        draw.rectangle(self.box, outline=self.style.faint, width=_DETAIL)
        for value, text in across:
            x = float(self.at(np.array([value, 0.0]))[0])
            draw.line([(x, bottom), (x, bottom + 4 * _DETAIL)], self.style.faint, _DETAIL)
            self._text(draw, (x, bottom + 5 * _DETAIL), text, _FONT, self.style.ink, "ma")
        for value, text in up:
            y = float(self.at(np.array([0.0, value]))[1])
            draw.line([(left - 4 * _DETAIL, y), (left, y)], self.style.faint, _DETAIL)
            self._text(draw, (left - 7 * _DETAIL, y), text, _FONT, self.style.ink, "rm")
        name_x, name_y = self.motion.names
        below = bottom + 18 * _DETAIL
        self._text(draw, ((left + right) / 2, below), name_x, _FONT, self.style.faint, "ma")
        self._text(draw, (6 * _DETAIL, top), name_y, _FONT, self.style.faint)

    def _text(
        self,
        draw: ImageDraw.ImageDraw,
        at: tuple[float, float],
        text: str,
        size: int,
        colour: str,
        anchor: str = "la",
    ) -> None:
        if text:
            chosen = font(size * _DETAIL, text)
            draw.text(at, drawable(text), colour, chosen, anchor)

    def lines(self) -> Image.Image:
        """All trajectories, on a clear ground."""
        image = Image.new("RGBA", self.size, (0, 0, 0, 0))
        draw = ImageDraw.Draw(image)
        alpha = 200 if len(self.motion.lines) <= 60 else 110
        width = round(_DETAIL * self.style.line * 0.8)
        for line, colour in zip(self.at(self.motion.lines), self.motion.colours, strict=True):
            self._polyline(draw, line, (*rgb(colour), alpha), width)
        return self._inside(image)

    def _inside(self, image: Image.Image) -> Image.Image:
        """What lies within the axes, or little beside them."""
        left, top, right, bottom = self.box
        clear = Image.new("RGBA", self.size, (0, 0, 0, 0))
        box = (left, top, right, bottom)
        clear.paste(image.crop(box), (left, top))
        return clear

    @staticmethod
    def _polyline(
        draw: ImageDraw.ImageDraw, line: Array, fill: tuple[int, ...] | str, width: int
    ) -> None:
        known = np.isfinite(line).all(-1) & (np.abs(line) < 1e5).all(-1)
        for part in np.split(line, np.flatnonzero(~known)):
            good = part[np.isfinite(part).all(-1) & (np.abs(part) < 1e5).all(-1)]
            if len(good) > 1:
                draw.line([tuple(p) for p in good.tolist()], fill, width, joint="curve")

    def frame(self, image: Image.Image, k: int) -> Image.Image:
        """A picture with what moves."""
        motion, style = self.motion, self.style
        draw = ImageDraw.Draw(image)
        _, top, right, bottom = self.box
        if motion.times is not None:
            x = float(self.at(np.array([motion.times[k], 0.0]))[0])
            draw.line([(x, top), (x, bottom)], style.accent, 2 * _DETAIL)
        if motion.steps is not None and motion.due is not None:
            self._steps(draw, motion.steps, motion.due <= k)
        self._discs(draw, motion.moving[k], motion.colours, _PARTICLE)
        if motion.others is not None:
            self._rings(draw, motion.others[k])
        for place, size, colour in zip(
            self.at(motion.points), motion.sizes, motion.point_colours, strict=True
        ):
            self._disc(draw, place, float(size) / 2.0, colour, style.ground)
        self._text(draw, (right, 8 * _DETAIL), motion.texts[k], _TITLE, style.accent, "ra")
        width, height = self.size
        return image.resize((width // _DETAIL, height // _DETAIL), Image.Resampling.BOX)

    def _steps(self, draw: ImageDraw.ImageDraw, steps: Array, due: NDArray[np.bool_]) -> None:
        width = round(_DETAIL * self.style.line * 1.2)
        for line in self.at(steps[:, due]):
            self._polyline(draw, line, self.style.ink, width)
            for place in line:
                self._disc(draw, place, _STEP, self.style.ink, None)

    def _discs(
        self, draw: ImageDraw.ImageDraw, places: Array, colours: Sequence[str], radius: float
    ) -> None:
        small = radius if len(places) <= 100 else 0.6 * radius
        for place, colour in zip(self.at(places), colours, strict=True):
            self._disc(draw, place, small, colour, None)

    def _rings(self, draw: ImageDraw.ImageDraw, places: Array) -> None:
        for place in self.at(places):
            self._disc(draw, place, _PARTICLE + 1.0, None, self.style.ink)

    def _disc(
        self,
        draw: ImageDraw.ImageDraw,
        place: Array,
        radius: float,
        fill: str | None,
        edge: str | None,
    ) -> None:
        x, y = place.tolist()
        left, top, right, bottom = self.box
        if left - 1 <= x <= right + 1 and top - 1 <= y <= bottom + 1:
            r = radius * _DETAIL
            draw.ellipse([x - r, y - r, x + r, y + r], fill, edge, _DETAIL)


def rgb(colour: str) -> tuple[int, int, int]:
    """A colour, #rrggbb, as three numbers."""
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return red, green, blue
