"""The Plane page's codes equal the computed values to half a step."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from flowviz.figures.plane import (
    DECADES,
    arrow_codes,
    basin_codes,
    density_codes,
    density_scale,
    handle_sizes,
    plane_figure,
    reading_arrows,
    track_codes,
)
from flowviz.figures.style import Style

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_density_is_read_back_from_its_codes(scale):
    p = RNG.uniform(0.0, 3.0, (4, 12, 9)) ** 3
    p[0, :3] = 0.0
    p[1, 0, 0] = np.nan
    codes, scale_max = density_codes(p, scale)
    assert codes.shape == (4, 9, 12)
    back = codes[:, ::-1].transpose(0, 2, 1).astype(float)
    nothing = ~(p > 0)
    assert ((back == 0) == nothing).all()
    share = np.maximum(back - 0.5, 0.0) / 255.0
    value = share if scale == "linear" else 10.0 ** (DECADES * (share - 1.0))
    want = np.clip(np.nan_to_num(p) / scale_max[:, None, None], 0, 1)
    seen = ~nothing & (want > 10.0**-DECADES)
    if scale == "log":
        value, want = (1.0 + np.log10(np.where(seen, v, 1.0)) / DECADES for v in (value, want))
    assert np.abs(value - want)[seen].max() < 1.5 / 255


VIEWS = frozenset({"density", "basins", "lines", "straight", "particles", "arrows"})


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("dark", [False, True])
def test_plotly_knows_every_option_of_the_figure(scale, dark):
    view, style, labels = (-3.0, 3.0, -2.0, 4.0), Style(dark=dark), {"density": "p"}
    for shown in (VIEWS, frozenset()):
        figure = plane_figure(
            view=view, cells=64, points=3, shown=shown, scale=scale, labels=labels, style=style
        )
        go.Figure(figure.to_dict())
        lines = [trace["meta"] for trace in figure.to_dict()["data"] if trace["name"] == "fan"]
        assert lines == ([0, 1, 2] if shown else [])
    assert [trace["name"] for trace in figure.to_dict()["data"]] == ["points"]


def test_the_density_over_basins_ends_clear():
    for dark in (False, True):
        scale = density_scale(Style(dark=dark), over_basins=True)
        assert [at for at, _ in scale] == [at for at, _ in Style(dark=dark).density]
        assert scale[0][1].endswith(",0.0)")
        assert scale[-1][1].endswith(",0.88)")


def test_an_infinite_edge_does_not_spend_the_scale():
    p = np.full((1, 64, 64), 0.25)
    p[0, 0, 0] = np.inf
    p[0, 0, 1] = 1e9
    codes, scale_max = density_codes(p, "linear")
    assert scale_max[0] == pytest.approx(0.25)
    assert np.median(codes) == 255


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_a_density_below_the_smallest_number_has_no_edge(scale):
    p = np.full((1, 4, 4), 1.0)
    p[0, 0, 0], p[0, 1, 1] = 0.0, np.nan
    codes, _ = density_codes(p, scale, positive=True)
    assert (codes[0, 3, 0], codes[0, 2, 1]) == (1, 0)
    assert not density_codes(np.zeros((1, 4, 4)), scale, positive=True)[0].any()


def test_an_empty_frame_is_clear():
    codes, scale_max = density_codes(np.zeros((2, 4, 4)), "log")
    assert not codes.any()
    assert np.isfinite(scale_max).all()


def test_rows_are_ordered_downwards():
    p = np.zeros((1, 3, 2))
    p[0, 2, 1] = 1.0  # right, top
    codes, _ = density_codes(p, "linear")
    assert codes[0, 0, 2] == 255
    assert np.count_nonzero(codes) == 1
    index = np.full((3, 2), -1)
    index[2, 1] = 9
    cells = basin_codes(index, 8)
    assert cells[0, 2] == 2
    assert np.count_nonzero(cells) == 1


def test_a_track_is_exact_to_a_thousandth_of_the_view():
    view = (-2.0, 4.0, 10.0, 16.0)
    x = RNG.uniform([-2.0, 10.0], [4.0, 16.0], (5, 7, 2))
    codes = track_codes(x, view).astype(float)
    back = (2.0 * codes / 65_535 - 0.5) * 6.0 + np.array([-2.0, 10.0])
    assert np.abs(back - x).max() < 1e-4
    assert track_codes(np.array([[[1e9, -1e9]]]), view).tolist() == [[[65_535, 0]]]


def test_arrows_keep_their_direction_and_are_missing_where_nothing_flows():
    velocity = RNG.normal(size=(2, 6, 6, 2))
    velocity[0, 0, 0] = np.nan
    codes = arrow_codes(velocity).astype(float)
    assert (codes[0, 0, 0] == 0).all()
    drawn = (codes - 128.0) / 127.0
    known = np.isfinite(velocity).all(-1)
    cross = drawn[..., 0] * velocity[..., 1] - drawn[..., 1] * velocity[..., 0]
    assert np.abs(cross[known] / np.hypot(*velocity[known].T)).max() < 0.01
    assert np.hypot(*drawn[known].T).max() < 1.01
    assert not arrow_codes(np.full((1, 2, 2, 2), np.nan)).any()


@pytest.mark.parametrize(
    ("conditional", "left"),
    [([[1, 0], [-1, 0]], 0.0), ([[1, 0], [2, 0]], 1.0), ([[3, 0], [0, 4]], 5 / 7)],
)
def test_the_readout_states_how_much_of_the_velocities_cancels(conditional, left):
    ways, shares = np.array(conditional, float), np.array([0.5, 0.5])
    read = reading_arrows(ways, shares, shares @ ways)
    assert read["left"] == pytest.approx(left)
    assert max(np.hypot(x, y) for x, y in read["arrows"]) == pytest.approx(1.0)


def test_handles_grow_with_weight_and_shrink_with_the_number_of_points():
    few = handle_sizes(np.array([1.0, 4.0]), large=False)
    assert few[1] == 2 * few[0]
    assert handle_sizes(np.ones(2_000), large=False).max() < few[0]
    assert (handle_sizes(np.array([1e-6, 1.0]), large=True) > 4).all()
