"""A visitor's own images: as text, drawn, and uploaded by anyone."""

from __future__ import annotations

import io
import random
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from flowviz.scene import Scene
from flowviz.scene.own_images import EXAMPLE, MOST, drawn, images_in
from flowviz.text import LANGUAGES, Refusal, translator
from flowviz.ui.images import own
from flowviz.ui.images.uploaded import MAX_BYTES, images_of
from tests.visitor import ROOT, Visitor

PAGE = ROOT / "pages" / "images.py"
CORNER = drawn("#")


def png(pixels: np.ndarray, mode: str = "L", kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8), mode).save(file, kind)
    return file.getvalue()


def refused(data: bytes) -> str:
    with pytest.raises(Refusal) as why:
        images_of(data)
    for lang in LANGUAGES:
        assert why.value.translated(translator(lang))
    return why.value.key


def test_a_drawing_is_its_pixels() -> None:
    found = drawn("#.+\n\n .#")
    assert found[:3] == "f08"
    assert found[16:19] == "00f"
    assert sum(digit != "0" for digit in found) == 3
    assert own.tensor(found)[0, :3].tolist() == pytest.approx([1.0, -1.0, 2.0 * 8 / 15 - 1.0])


@pytest.mark.parametrize(
    ("lines", "key"),
    [
        ("#x", "error.images.ink"),
        ("#" * 9, "error.images.large"),
        ("#\n" * 9, "error.images.large"),
        ("", "error.images.empty"),
        (" .\n.", "error.images.empty"),
    ],
)
def test_a_drawing_that_is_none_is_refused(lines: str, key: str) -> None:
    with pytest.raises(Refusal) as why:
        drawn(lines)
    assert why.value.key == key


@pytest.mark.parametrize("text", ["", "none", "f" * 63, "g" * 64, "F" * 64, "." + CORNER, "\n"])
def test_text_that_holds_no_images_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as why:
        images_in(text)
    assert why.value.key == "error.images.own"
    scene, notices = Scene.read_query({"image_own": text})
    assert scene.image_own == EXAMPLE
    assert notices or not text


def test_the_most_images_fit_into_a_link() -> None:
    full = ".".join([CORNER] * MOST)
    scene = Scene(image_own=full, image_topic="own")
    assert Scene.from_query(scene.to_query()) == scene
    with pytest.raises(Refusal):
        Scene(image_own=f"{full}.{CORNER}")


def test_a_strip_is_cut_into_squares() -> None:
    strip = np.full((32, 96), 255)
    strip[:4, 32:36] = 0  # the first pixel of the second image, four by four
    strip[28:, 92:] = 119
    first, second, third = images_of(png(strip))
    assert set(first) == {"0"}
    assert second == "f" + "0" * 63
    assert third == "0" * 63 + "8"


def test_the_corners_are_paper() -> None:
    light, dark = np.full((8, 8), 255), np.zeros((8, 8))
    light[3, 4], dark[3, 4] = 0, 255
    clear = np.zeros((8, 8, 4))
    clear[3, 4] = (0, 0, 0, 255)
    expected = images_of(png(light))
    assert expected == images_of(png(dark)) == images_of(png(clear, "RGBA"))
    assert expected[0][3 * 8 + 4] == "f"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width: int, height: int) -> bytes:
    size = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size)


def test_what_is_no_small_png_is_refused_before_its_pixels_are_read() -> None:
    square = np.zeros((8, 8))
    assert refused(b"") == "error.images.png"
    assert refused(b"\x89PNG\r\n\x1a\n") == "error.images.png"
    assert refused(png(square)[:36]) == "error.images.png"
    assert {refused(png(square, kind=kind)) for kind in ("JPEG", "GIF", "BMP", "TIFF")} == {
        "error.images.png"
    }
    assert refused(b"\0" * (MAX_BYTES + 1)) == "error.images.bytes"
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 10**6)) + chunk(b"IEND", b"")
    for side, key in ((30_000, "error.images.png"), (3_000, "error.images.pixels")):
        assert refused(header(side, side) + pixels) == key
    assert refused(png(np.zeros((8, 12)))) == "error.images.strip"
    assert refused(png(np.zeros((4, 4)))) == "error.images.strip"
    assert refused(png(np.zeros((8, 8 * (MOST + 1))))) == "error.images.many"


def test_damaged_files_are_refused_or_read() -> None:
    rng, whole = random.Random(0), bytearray(png(np.arange(256).reshape(16, 16)))
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(rng.randint(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        try:
            found = images_of(bytes(data))
        except Refusal:
            continue
        assert 1 <= len(found) <= MOST
        images_in(".".join(found))


def test_what_is_drawn_is_added_and_removed() -> None:
    visitor = Visitor(PAGE, {"image_topic": "own"})
    for lines, count in (("#", 1), ("##\n##", 2)):
        visitor.app.text_area(key=own._DRAWING).set_value(lines)
        visitor.app.button(key="images.own.add").click()
        visitor.run()
        assert len(images_in(visitor.scene.image_own)) == count
    visitor.app.text_area(key=own._DRAWING).set_value("?")
    visitor.app.button(key="images.own.add").click()
    visitor.run()
    assert visitor.complaints == [translator("en")("error.images.ink", token="?")]
    visitor.app.button(key="images.own.remove").click()
    visitor.run()
    assert visitor.scene.image_own == CORNER
    assert not visitor.complaints
    visitor.app.file_uploader[0].set_value(("a.png", png(np.eye(8) * 255), "image/png"))
    visitor.run()
    assert len(images_in(visitor.scene.image_own)) == 2
    visitor.app.button(key="images.own.remove").click()
    visitor.run()
    visitor.app.button(key="images.own.remove").click()
    visitor.run()
    assert visitor.scene.image_own == EXAMPLE
