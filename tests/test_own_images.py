"""A visitor's own images: as text, drawn, and uploaded by anyone."""

from __future__ import annotations

import io
import json
import random
import struct
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

from flowviz.scene import Scene
from flowviz.scene.own_images import EXAMPLE, MOST, drawn, images_in
from flowviz.text import ENTRIES, LANGUAGES, Refusal, translator
from flowviz.ui.images import compute, own
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
    tr = translator("en")
    for lines, count in (("#", 1), ("##\n##", 2)):
        # What takes the place of the example says so.
        first = "images.own.add.first" if count == 1 else "images.own.add"
        assert visitor.app.button(key="images.own.add").label == tr(first)
        assert json.loads(visitor.component("own-grid").json)["texts"]["add"] == tr(first)
        assert (tr("images.own.first") in visitor.words()) == (count == 1)
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


@pytest.mark.parametrize(("count", "weight"), [(1, "1"), (2, "0.5"), (3, None)])
def test_what_is_decided_from_the_start_has_no_time(count: int, weight: str | None) -> None:
    images = [CORNER, "f" * 32 + "0" * 32, "0" * 32 + "f" * 32][:count]
    visitor = Visitor(PAGE, {"image_topic": "own", "image_own": ".".join(images)})
    (said,) = [words for words in visitor.words() if words.startswith("Sample 1 ends on image")]
    assert ("passes ½ at t = 0." in said) == (weight is None)
    assert said.endswith(f"weight is {weight} already at t = 1.") == (weight is not None)
    assert "—" not in said


def draw(visitor: Visitor, image: object, rev: int) -> None:
    """The grid sends an image."""
    visitor.app.session_state["own-grid"] = {"drawn": {"rev": rev, "image": image}}
    visitor.run()


def test_what_the_grid_sends_is_added_and_taken_back() -> None:
    visitor, plus = Visitor(PAGE, {"image_topic": "own"}), "0" * 27 + "f" + "0" * 36
    assert visitor.app.button(key="images.own.undo").disabled
    draw(visitor, CORNER, 1)
    draw(visitor, plus, 2)
    assert images_in(visitor.scene.image_own) == (CORNER, plus)
    visitor.run()  # the message is still there, and is not a second image
    assert images_in(visitor.scene.image_own) == (CORNER, plus)
    for left in (CORNER, EXAMPLE):
        visitor.app.button(key="images.own.undo").click()
        visitor.run()
        assert visitor.scene.image_own == left
    assert visitor.app.button(key="images.own.undo").disabled
    visitor.app.button(key="images.own.remove").click()
    visitor.run()
    assert len(images_in(visitor.scene.image_own)) == 5
    visitor.app.button(key="images.own.undo").click()
    visitor.run()
    assert visitor.scene.image_own == EXAMPLE


@pytest.mark.parametrize(
    ("image", "key"),
    [
        ("0" * 64, "error.images.empty"),
        ("f" * 63, "error.images.own"),
        (f"{CORNER}.{CORNER}", "error.images.own"),
        ("<b>" * 500, "error.images.own"),
        (None, "error.images.own"),
        ({"a": [1]}, "error.images.own"),
    ],
)
def test_what_is_no_image_from_the_grid_is_refused(image: object, key: str) -> None:
    visitor = Visitor(PAGE, {"image_topic": "own"})
    draw(visitor, image, 1)
    assert visitor.scene.image_own == EXAMPLE
    (said,) = visitor.complaints
    *_, end = ENTRIES[key].en.partition("{token}")
    assert said.endswith(end)


def test_the_strip_and_the_numbers_are_of_these_images() -> None:
    text = ".".join([CORNER, "f" * 32 + "0" * 32, "0" * 32 + "f" * 32])
    x0 = own.tensor(text)
    for window in compute.SIDES:
        made = own.generated(text, window, 3)
        for draw in (0, 5):
            strip = own.strip(text, window, 3, draw)
            assert torch.equal(strip.x, made.x[draw])
            # The weight of the image it ends on, by the normal density of 64 independent pixels.
            end = int(torch.cdist(made.x[draw, -1:], x0).argmin())
            for k in (4, 12, 20):
                t = float(compute.TIMES[k])
                normal = torch.distributions.Normal((1 - t) * x0, t)
                logs = normal.log_prob(strip.x[k]).sum(1)
                weight = float(torch.softmax(logs, 0)[end])
                assert abs(weight - float(strip.image[k])) < 1e-9
                assert abs(float(strip.label[k] - strip.image[k])) < 1e-12
            gap = (made.x[draw, -1] - x0).norm(dim=1)
            assert abs(float(made.nearest.first[draw] - gap.min())) < 1e-9
    query = {"image_topic": "own", "image_own": text, "image_seed": "3", "image_draw": "6"}
    visitor = Visitor(PAGE, query)
    whole = own.generated(text, "whole", 3)
    end = int((whole.x[5, -1] - x0).norm(dim=1).argmin()) + 1
    assert any(f"Sample 6 ends on image {end} of these" in word for word in visitor.words())
    table = next(word for word in visitor.words() if "3 × 3 |" in word)
    distance = own.generated(text, "three", 3).distance.value
    assert f"{distance:.3g}" in table.splitlines()[-1]
    visitor.set("own_window", "five")
    assert visitor.scene.image_window == "five"
    assert any("its pixels come from" in word for word in visitor.words())
