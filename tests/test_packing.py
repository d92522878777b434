"""Packed integers: lossless, near their entropy, safe to parse."""

from __future__ import annotations

import base64
import random
import time
import zlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowviz.scene import packing
from flowviz.scene.points import Points
from flowviz.text import Refusal
from tests.test_points import points_or_refusal


@given(st.lists(st.integers(-(2**40), 2**40), min_size=1, max_size=50))
def test_integers_are_packed_exactly(values):
    (back,) = packing.unpack(packing.pack([values]), columns=1, most=50)
    assert back == values


def test_a_common_grid_costs_nothing():
    fine = [random.Random(1).randrange(1000) for _ in range(500)]
    coarse = [7 * 10**6 * value + 3 for value in fine]
    assert len(packing.pack([coarse])) <= len(packing.pack([fine])) + 8


def test_sorted_values_pack_to_their_entropy():
    rng = random.Random(2)
    values = sorted(rng.randrange(40_000) for _ in range(2_000))
    gaps = [b - a for a, b in pairwise([0, *values])]
    assert sum(gaps) / len(gaps) < 20
    assert len(packing.pack([values])) * 6 / 2_000 < 6.2  # bits a value; log2(20 e) = 5.8


def test_a_link_altered_anywhere_is_noticed():
    link = packing.pack([list(range(0, 400, 3)), list(range(134))])
    for i in range(len(link)):
        for damaged in (link[:i] + link[i + 1 :], link[:i] + "A" + link[i + 1 :], link[:i]):
            if damaged == link:
                continue
            with pytest.raises(ValueError, match=r"\w"):
                packing.unpack(damaged, columns=2, most=2_000)


def forged(payload: bytes) -> str:
    body = zlib.crc32(payload).to_bytes(4, "big")[1:] + payload
    return packing.PREFIX + base64.urlsafe_b64encode(body).decode().rstrip("=")


def deflated(raw: bytes) -> bytes:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    return deflater.compress(raw) + deflater.flush()


@pytest.mark.parametrize(
    "text",
    [
        "~",
        "~a",
        "~b0000",
        "~a!!!!",
        "~a" + "é" * 10,
        "~aA",
        "~a" + "A" * 4_000,
        "~a" + "_" * 4_000,
        forged(b""),
        forged(b"\x00"),
        forged(b"\xff" * 40),
        forged(b"\x01\x05" + deflated(b"")),
        forged(b"\xd0\x0f\x80\x80\x01" + deflated(bytes(50_000_000)) * 2),
        forged(b"\x02\x00"),
        forged(b"\x01\x02" + deflated(b"\x05\x00\x00\x01\x00")),
    ],
    ids=lambda text: f"{text[:12]}x{len(text)}",
)
def test_hostile_packed_points_are_refused_quickly(text):
    start = time.thread_time()
    with pytest.raises(Refusal) as caught:
        Points.from_link(text)
    assert caught.value.key == "error.points.packed"
    assert time.thread_time() - start < 0.5


def test_a_bomb_is_never_inflated():
    body = deflated(bytes(50_000_000))
    with pytest.raises(ValueError, match="too long"):
        packing.unpack(forged(b"\xd0\x0f" + body), columns=1, most=2_000)


@given(st.binary(max_size=60))
def test_forged_payloads_are_points_or_a_refusal(payload):
    points = points_or_refusal(lambda: Points.from_link(forged(payload)))
    assert points is None or Points.from_link(points.link) == points
