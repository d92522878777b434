"""Blocks packed for the browser, read by an independent reader."""

from __future__ import annotations

import zlib
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from flowviz.scene import Scene
from flowviz.ui.browser import codec
from flowviz.ui.plane import compute
from tests.block_reader import ITEM, NO_VALUE, header_of, placed, read

FLOATS = st.floats(-1e30, 1e30) | st.just(float("nan")) | st.just(float("inf"))
LINES = arrays.arrays(np.float64, st.integers(0, 40), elements=FLOATS)
COUNTS = arrays.arrays(np.int64, st.integers(0, 40), elements=st.integers(-(2**31), 2**31 - 1))
CODES = arrays.arrays(np.uint8, st.integers(0, 40)) | arrays.arrays(np.uint16, (3, 4))
DENSITIES = arrays.arrays(
    np.float64,
    arrays.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=30),
    elements=st.floats(0, 1e6) | st.just(float("nan")),
)
JSON = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | st.text()
KEYS = st.text(min_size=1, max_size=8).filter(lambda key: key != "$")


def nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    def inside(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)

    return st.dictionaries(KEYS, st.recursive(leaves, inside, max_leaves=8), max_size=5)


def same(sent: Any, got: Any) -> bool:
    if isinstance(sent, dict):
        return sent.keys() == got.keys() and all(same(v, got[k]) for k, v in sent.items())
    if isinstance(sent, list):
        return len(sent) == len(got) and all(map(same, sent, got))
    if isinstance(sent, np.ndarray) and sent.dtype.kind == "f":
        return got.dtype == np.float32 and np.array_equal(sent.astype("f4"), got, equal_nan=True)
    if isinstance(sent, np.ndarray):
        return np.array_equal(sent, got)
    return type(sent) is type(got) and sent == got


@settings(deadline=None)
@given(nested(JSON | LINES | COUNTS | CODES))
def test_everything_packed_is_read_back(content: dict[str, Any]) -> None:
    assert same(content, read(codec.pack(content)))


@settings(deadline=None)
@given(
    arrays.arrays(
        st.sampled_from([np.uint8, np.uint16]),
        arrays.array_shapes(min_dims=1, max_dims=4, max_side=6),
    ),
    st.data(),
)
def test_codes_in_time_are_read_back_along_any_axis(codes: Any, data: st.DataObject) -> None:
    axis = data.draw(st.integers(0, codes.ndim - 1))
    block = codec.pack({"codes": codec.InTime(codes, axis)})
    assert np.array_equal(read(block)["codes"], codes)
    nothing = codec.pack({"codes": codec.InTime(codes[:0], axis)})
    assert read(nothing)["codes"].shape == codes[:0].shape


def test_a_density_in_time_is_two_thirds_on_the_way() -> None:
    codes = compute.frames(Scene(plane_prior="gaussian"), compute.FULL).codes
    sent = [codec.pack({"codes": each}) for each in (codes, codec.InTime(codes, 0))]
    whole, differences = (len(zlib.compress(block)) for block in sent)
    assert differences < 0.67 * whole


@settings(deadline=None)
@given(nested(JSON | LINES | COUNTS | DENSITIES))
def test_arrays_lie_aligned_side_by_side_within_the_block(content: dict[str, Any]) -> None:
    block = codec.pack(content)
    header, base = header_of(block)
    assert base % 8 == 0
    spans = []
    for entry in placed(header):
        offset, shape, kind = entry["$"]
        spans.append((offset, offset + int(np.prod(shape)) * np.dtype(ITEM[kind]).itemsize))
    assert all(start % 8 == 0 for start, _ in spans)
    spans.sort()
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert all(base + end <= len(block) for _, end in spans)


@settings(deadline=None)
@given(DENSITIES)
def test_a_density_is_exact_to_half_a_step(p: np.ndarray) -> None:
    codes, scale = codec.quantise(p)
    got = read(codec.pack({"p": p}))["p"]
    assert got.shape == p.shape
    assert np.array_equal(np.isnan(got), np.isnan(p))
    known = ~np.isnan(p)
    step = np.broadcast_to(scale, p.shape)
    assert np.all(np.abs(got - p)[known] <= (0.5000001 * step + 1e-6 * p)[known])
    assert np.array_equal(codes == NO_VALUE, np.isnan(p))


@settings(deadline=None)
@given(DENSITIES)
def test_a_density_never_falls_at_one_time_where_it_rises(p: np.ndarray) -> None:
    for column, codes in zip(p.T, codec.quantise(p)[0].T, strict=True):
        order = np.argsort(column)  # NaN last
        assert np.all(np.diff(codes[order].astype(int)) >= 0)


def test_a_step_is_finer_than_a_thousandth_of_the_colour_scale() -> None:
    t = (np.arange(400) + 0.5) / 400
    p = np.where(np.abs(np.linspace(-1, 1, 400))[:, None] < t, 0.5 / t, np.nan)
    scale = np.array(codec.quantise(p)[1])
    assert np.median(scale) * 1000 < np.nanquantile(p, 0.985)
    assert np.nanmax(p) <= scale.max() * (NO_VALUE - 1) * 1.000001


@pytest.mark.parametrize("p", [np.full((3, 4), np.nan), np.zeros((3, 4)), np.full((6, 6), 5e-324)])
def test_a_density_without_any_mass_travels(p: np.ndarray) -> None:
    codes, scale = codec.quantise(p)
    assert isinstance(scale, float)
    assert 0 < scale < np.inf
    assert 0 < 1 / scale < np.inf
    assert np.array_equal(np.isnan(p), codes == NO_VALUE)


@settings(max_examples=20, deadline=None)
@given(nested(JSON | LINES | COUNTS), st.integers(0, 3))
def test_a_block_within_a_block_is_read_with_it(content: dict[str, Any], depth: int) -> None:
    packed: dict[str, Any] = content
    for _ in range(depth):
        packed = {"inner": codec.pack(packed), "beside": np.arange(3)}
    got = read(codec.pack(packed))
    for _ in range(depth):
        assert got["beside"].tolist() == [0, 1, 2]
        got = got["inner"]
    assert same(content, got)


def test_a_figure_is_packed_as_its_parts_with_arrays_outside_the_header() -> None:
    x, y = np.linspace(0, 1, 5), np.array([0, 1, np.nan, 3, 4])
    figure = go.Figure(
        {"data": [{"type": "scatter", "x": x, "y": y}], "layout": {"xaxis": {"range": [0, 1]}}}
    )
    block = codec.pack({"figure": figure, "word": "因"})
    got = read(block)
    assert got["word"] == "因"
    assert got["figure"]["layout"]["xaxis"]["range"] == [0, 1]
    (trace,) = got["figure"]["data"]
    assert trace["type"] == "scatter"
    assert np.array_equal(trace["y"], y.astype("f4"), equal_nan=True)
    assert len(placed(header_of(block)[0])) == 2


def test_strings_among_arrays_are_sent_as_json() -> None:
    assert read(codec.pack({"text": np.array(["α", ""])})) == {"text": ["α", ""]}


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_a_number_json_cannot_write_is_refused_here_and_not_in_the_browser(bad: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        codec.pack({"time": bad})


def test_the_same_content_gives_the_same_bytes() -> None:
    content = {"a": np.arange(5.0), "b": [1, {"c": np.eye(3)}]}
    assert codec.pack(content) == codec.pack(content)
