"""A stage as it is on the screen: its pixels, by Plotly or by the canvases, and its places."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page

SHADES = 2  # of 255
FAR_APART = 0.002  # of the pixels
NAMES = """(stage) =>
  document.querySelector(stage + " .fv-plot")?.data?.map(({ name }) => name) ?? []"""
BAR_IS_CLEAR = """(stage) => Number(getComputedStyle(
  document.querySelector(stage + " .modebar-group")).opacity) === 0"""
# The canvases again, as they are while something moves.
TO_CANVAS = """(stage) =>
  document.querySelector(stage).classList.replace("fv-rest", "fv-moving")"""
Pixels = NDArray[np.int16]


STAGE = ".fv-stage"  # a page's first


def at_rest(page: Page, stage: str = STAGE) -> Page:
    page.wait_for_selector(f"{stage}.fv-rest")
    return page


def plot(page: Page, stage: str = STAGE) -> dict[str, float]:
    """Where the axes lie on the screen."""
    box = page.locator(f"{stage} .fv-plot .nsewdrag").first.bounding_box()
    assert box
    return {side: box[side] for side in ("x", "y", "width", "height")}


def place(page: Page, across: float, down: float, stage: str = STAGE) -> tuple[float, float]:
    box = plot(page, stage)
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def picture(page: Page, stage: str = STAGE) -> Pixels:
    """What is on the screen within the axes, without label and mode bar, (height, width, 3)."""
    page.mouse.move(0, 0)
    page.locator(".hoverlayer .hovertext").wait_for(state="detached")
    page.wait_for_function(BAR_IS_CLEAR, arg=stage)  # it fades
    whole = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    box = plot(page, stage)
    left, top = round(box["x"]), round(box["y"])
    crop = whole.crop((left, top, left + round(box["width"]), top + round(box["height"])))
    return np.asarray(crop).astype(np.int16)


def far_apart(one: Pixels, other: Pixels) -> float:
    """The fraction of pixels whose colour is nowhere between those of the other's neighbours.

    A shape that is moved by less than a pixel, or smoothed otherwise at its edges, stays between.
    """
    padded = np.pad(other, ((1, 1), (1, 1), (0, 0)), mode="edge")
    height, width, _ = other.shape
    near = [padded[i : i + height, j : j + width] for i in range(3) for j in range(3)]
    low, high = np.min(near, axis=0) - SHADES, np.max(near, axis=0) + SHADES
    return float(((one < low) | (one > high)).any(axis=2).mean())
