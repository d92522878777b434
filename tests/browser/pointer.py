"""The Fan page under a pointer: positions of handles, what is plotted, the link."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
from playwright.sync_api import Page

from flowviz.figures.fan import colour_groups, group_line
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.ui.fan import compute
from tests.waiting import TIMEOUT_S, pause

EVERY_S = 0.03

PIXEL = """([t, x]) => {
  const { xaxis, yaxis } = document.querySelector(".fv-plot")._fullLayout;
  const box = document.querySelector(".fv-stage").getBoundingClientRect();
  return [box.left + xaxis._offset + xaxis.l2p(t), box.top + yaxis._offset + yaxis.l2p(x)];
}"""
# Keeps what is stroked on each canvas since it was last cleared; a trace is stroked line by line on
# a canvas of its own, which is then drawn on the one that is on the page.
RECORD = """{
  const before = (own, name, act) => {
    const real = own[name];
    own[name] = function (...a) { act(this, ...a); return real.apply(this, a); };
  };
  for (const name of ["moveTo", "lineTo"]) {
    before(Path2D.prototype, name, (path, ...at) => (path.points ??= []).push(at));
  }
  const context = CanvasRenderingContext2D.prototype;
  before(context, "clearRect", ({ canvas }) => (canvas.painted = []));
  before(context, "stroke", ({ canvas, strokeStyle, lineWidth }, line) => canvas.painted?.push(
    { colour: strokeStyle, width: lineWidth, lines: [line?.points ?? []] }));
  before(context, "drawImage", ({ canvas }, { painted }) => {
    if (!painted?.length) return;
    canvas.painted?.push({ ...painted[0], lines: painted.flatMap(({ lines }) => lines) });
  });
}"""
# An arrow has five nodes, a trajectory more.
PAINTED = """(document.querySelector(".fv-lines").painted ?? []).filter(
  ({ lines }) => lines[0].length > 5)"""
AXES = """["xaxis", "yaxis"].map((name) => {
  const axis = document.querySelector(".fv-plot")._fullLayout[name];
  return [axis.range[0], axis.range[1], axis._length];
})"""


class FanUser:
    """A visitor of the Fan page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.wait_for_selector(".fv-fan[data-serial]")

    # ------------------------------------------------------------------ what is there

    @property
    def address(self) -> str:
        """The address bar's."""
        return self.page.evaluate("location.href")

    @property
    def query(self) -> dict[str, str]:
        """The link's parameters."""
        held = dict(parse_qsl(urlsplit(self.address).query))
        assert Scene.read_query(held)[1] == [], "the checksum holds"
        return {key: text for key, text in held.items() if key not in ("v", "sum")}

    @property
    def scene(self) -> Scene:
        """The scene of the link."""
        scene, notices = Scene.read_query(self.query)
        assert not notices
        return scene

    @property
    def handles(self) -> list[float]:
        """Where the handles say that the points are, in the points' order."""
        circles = self.page.locator(".fv-handle")
        return circles.evaluate_all(
            "nodes => nodes.map(n => Number(n.ariaValueNow ?? n.getAttribute('aria-valuenow')))"
        )

    @property
    def painted(self) -> dict[str, np.ndarray]:
        """The trajectories on the screen: for each colour, its lines in pixels, (Q, T, 2)."""
        return {part["colour"]: np.array(part["lines"]) for part in self.page.evaluate(PAINTED)}

    @property
    def widths(self) -> set[float]:
        """The widths of the trajectories on the screen."""
        return {part["width"] for part in self.page.evaluate(PAINTED)}

    def shows(self, scene: Scene, style: Style | None = None) -> bool:
        """Whether exactly the trajectories of that scene are on the screen."""
        style = style or Style(large=scene.large)
        colours = style.basins if scene.color == "basin" else style.spectrum
        fan = compute.fan(scene, len(colours))
        (left, right, width), (low, high, height) = self.page.evaluate(AXES)
        across = np.broadcast_to((fan.t - left) / (right - left) * width, fan.x.shape)
        lines = np.stack([across, (high - fan.x) / (high - low) * height], axis=2)
        of = colour_groups(fan.group, len(colours))
        wanted = {
            group_line(int(k), colours, style)[0].lower(): lines[of == k] for k in np.unique(of)
        }
        return alike(self.painted, wanted)

    def pixel(self, t: float, x: float) -> tuple[float, float]:
        """Where a place of the plane is on the screen."""
        left, top = self.page.evaluate(PIXEL, [t, x])
        return left, top

    # ------------------------------------------------------------------ what it does

    def until(self, what: Callable[[], Any], why: str = "") -> None:
        """Wait until something is so."""
        start = asked = time.monotonic()
        while not what():
            now = time.monotonic()
            assert now < start + TIMEOUT_S, f"{why or 'it did not happen'}: {self.page.url}"
            self.page.wait_for_timeout(1000.0 * pause(now - asked, now - start, EVERY_S))
            asked = time.monotonic()

    def until_shown(self, **link: str) -> None:
        """Wait until the link says this and its scene is on the screen."""
        self.until(lambda: link.items() <= self.query.items(), f"the link never says {link}")
        self.until(lambda: self.shows(self.scene), f"not on the screen: {self.scene}")

    def click(self, t: float, x: float) -> None:
        """Click a place of the plane; t < 0 is in the gutter."""
        self.page.mouse.click(*self.pixel(t, x))

    def drag(self, x: float, to: float, *, moves: int = 6, pause_ms: int = 0) -> None:
        """Drag the point at x."""
        left, top = self.pixel(0, x)
        self.page.mouse.move(left, top)
        self.page.mouse.down()
        for k in range(1, moves + 1):
            self.page.mouse.move(*self.pixel(0, x + (to - x) * k / moves))
            if pause_ms:
                self.page.wait_for_timeout(pause_ms)
        self.page.mouse.up()


def alike(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    """Whether two fans are one, up to a twentieth of a pixel: Plotly rounds to a hundredth."""
    return one.keys() == other.keys() and all(
        lines.shape == other[colour].shape and np.allclose(lines, other[colour], rtol=0, atol=0.05)
        for colour, lines in one.items()
    )
