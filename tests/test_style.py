"""Contrast of colours, also for common kinds of colour blindness."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from flowviz.figures.style import Style, drawn

LOOKS = [Style(dark=False), Style(dark=True)]
PAGE = {False: "#ffffff", True: "#12161c"}  # .streamlit/config.toml

# Machado, Oliveira, Fernandes (2009), severity 1, for linear RGB.
VISIONS = {
    "usual": np.eye(3),
    "protan": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deutan": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritan": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
# Ottosson (2020), OKLab: from linear RGB to cones, and on to lightness and two hues.
CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
SEEN_APART = 0.055  # nearly three times the just noticeable 0.02

each_look = pytest.mark.parametrize("style", LOOKS, ids=["light", "dark"])


def linear(colour: str) -> np.ndarray:
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio."""
    dark, light = sorted(linear(c) @ [0.2126, 0.7152, 0.0722] for c in (one, other))
    return float((light + 0.05) / (dark + 0.05))


def perceived(colour: str, vision: str = "usual") -> np.ndarray:
    return OKLAB @ np.cbrt(CONES @ np.clip(VISIONS[vision] @ linear(colour), 0, 1))


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@each_look
def test_every_line_stands_out_from_its_ground(style: Style) -> None:
    for colour in (*style.basins, *style.spectrum, style.accent, style.faint):
        for ground in (style.ground, PAGE[style.dark]):
            assert contrast(colour, ground) >= 3, (colour, ground)


@each_look
def test_text_is_easy_to_read(style: Style) -> None:
    for ground in (style.ground, PAGE[style.dark]):
        assert contrast(style.ink, ground) >= 7


@each_look
@pytest.mark.parametrize("vision", VISIONS)
def test_data_points_are_told_apart(style: Style, vision: str) -> None:
    seen = [perceived(colour, vision) for colour in style.basins]
    for i, one in enumerate(seen):
        for j in range(i):
            distance = float(np.linalg.norm(one - seen[j]))
            assert distance >= SEEN_APART, (style.basins[i], style.basins[j])


@each_look
@pytest.mark.parametrize("vision", VISIONS)
def test_denser_is_always_further_from_the_ground(style: Style, vision: str) -> None:
    lightness = [perceived(colour, vision)[0] for _, colour in style.density]
    steps = [b - a for a, b in pairwise(lightness)]
    assert all(step > 0.02 for step in steps) if style.dark else all(s < -0.02 for s in steps)
    assert contrast(style.density[0][1], style.ground) < 1.2


@each_look
def test_later_starts_are_lighter(style: Style) -> None:
    lightness = [perceived(colour)[0] for colour in style.spectrum]
    assert all(a < b for a, b in pairwise(lightness))


def test_large_is_larger() -> None:
    plain, large = Style(), Style(large=True)
    assert large.font_size > 1.4 * plain.font_size
    assert large.line > 1.4 * plain.line


def test_given_ticks_are_written_as_they_are() -> None:
    """Plotly would write them in the format of labels: 2.000, 5.000."""
    axis = {"tickvals": [-1, 0, 0.5, 200]}
    named = {"tickvals": [1], "ticktext": ["one"]}
    layout = drawn([], Style(), yaxis=axis, xaxis=named).to_plotly_json()["layout"]
    assert layout["yaxis"]["ticktext"] == ["−1", "0", "0.5", "200"]
    assert layout["xaxis"]["ticktext"] == ["one"]
