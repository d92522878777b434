"""A visitor of the light pages, who drags, chooses, and holds what is drawn against the core."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch
from playwright.sync_api import Frame, Page, ViewportSize, expect

from flowviz.core.transport import trajectories
from flowviz.scene import Scene
from flowviz.text import ENTRIES
from flowviz.ui.line_density import heat
from flowviz.ui.session.cache import no_progress
from tests.browser.test_touch import swipe
from tests.waiting import until

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1400, "height": 900}
DRAWN = """() => {
  const { fans, heat } = window.flowviz.traces();
  const lines = fans.flatMap(({ trace, nodes, count }) => Array.from({ length: count }, (_, q) =>
    Array.from(trace.y.subarray(q * (nodes + 1), q * (nodes + 1) + nodes))));
  const [{ trace, nodes }] = fans;
  return {
    lines, t: Array.from(trace.x.subarray(0, nodes)),
    view: [heat.y[0], heat.y.at(-1)], p: heat.z.map((row) => Array.from(row)),
  };
}"""
DRAWN_PLANE = """() => {
  const { flow, x, error } = window.flowviz.traces();
  return { x: Array.from(x), t: flow.nodes, reached: Array.from(flow.reached), error,
           serial: document.querySelector(".fp-picture").dataset.serial };
}"""


class PlayUser:
    """A visitor of the light page of Flow in 1-D, in a page or in a frame of one."""

    name = "fan"
    path = "/play"
    tolerance = 1e-9
    home = Scene().points.x
    trajectories = "Number of trajectories"

    def __init__(self, page: Page, frame: Frame | None = None) -> None:
        self.page, self.frame = page, frame or page.main_frame
        self.frame.wait_for_selector(".fp-picture[data-serial]")

    @property
    def scene(self) -> Scene:
        """The scene of the link to the full application."""
        link = self.frame.locator(".fp-app").get_attribute("href") or ""
        scene, notices = Scene.read_query(parse_qs(urlsplit(link).query))
        assert not notices
        return scene

    @property
    def points(self) -> tuple[float, ...]:
        return self.scene.points.x

    def handle(self, i: int) -> tuple[float, float]:
        """Where a data point is, in the window."""
        box = self.frame.locator(".fv-handle").nth(i).bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def drag(self, i: int, by: float) -> None:
        """By mouse, down so many pixels; waits until the link has the point's new position."""
        before, (x, y) = self.points, self.handle(i)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        for k in range(1, 6):
            self.page.mouse.move(x, y + by * k / 5)
        self.page.mouse.up()
        until(lambda: self.points != before, "the mouse moved no point")

    def swipe(self, i: int, by: float) -> None:
        """The same by a finger, which the point follows while the page stays."""
        before, (x, y) = self.points, self.handle(i)
        swipe(self.page, (x, y), (0.0, by))
        until(lambda: self.points != before, "the finger moved no point")
        assert self.handle(i)[1] == pytest.approx(y + by, abs=3.0)
        assert self.frame.evaluate("scrollY") == 0

    def say(self, lang: str) -> None:
        self.frame.locator(f".fp-languages [lang={lang}]").click()

    def has(self, lang: str, *keys: str) -> None:
        """The page is in that language, with these texts."""
        expect(self.frame.locator("html")).to_have_attribute("lang", lang)
        for key in keys:
            expect(self.frame.locator("#flowviz")).to_contain_text(getattr(ENTRIES[key], lang))

    def error(self) -> float:
        """How far what is drawn is from what the core computes from the same starts."""
        scene, drawn = self.scene, self.frame.evaluate(DRAWN)
        lines, t = np.array(drawn["lines"]), torch.tensor(drawn["t"], dtype=torch.float64)
        assert len(lines) == scene.trajectories
        starts = torch.from_numpy(lines[:, -1:].copy())
        true = trajectories(scene.field(), starts, t).x[..., 0].numpy()
        return max(float(np.abs(lines - true).max()), density_error(scene, drawn))

    @property
    def count(self) -> int:
        """How many trajectories the link asks for."""
        return self.scene.trajectories

    @property
    def prior(self) -> dict[str, Any]:
        """The parameters of the prior in the link."""
        return dict(self.scene.prior_params)

    def is_exact(self) -> None:
        assert self.error() <= self.tolerance

    def exercise(self) -> None:
        """By finger on a phone, by mouse on a desktop, in both languages."""
        self.page.set_viewport_size(PHONE)
        self.swipe(1, -40.0)
        self.is_exact()
        assert self.frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
        self.say("zh")
        self.has("zh", f"{self.name}.title", "play.add")
        self.page.set_viewport_size(DESKTOP)
        self.drag(0, 50.0)
        self.is_exact()
        self.say("en")
        self.has("en", f"{self.name}.title", "play.add")

    def controls(self, location: str, prior: dict[str, float], count: int) -> None:
        """What is chosen beside the picture is in the picture and in the link.

        Args:
            location: of the prior, whose scale becomes 0.2.
            prior: its parameters then.
            count: another number of trajectories.
        """
        frame, before = self.frame, self.prior
        frame.get_by_label("Location", exact=True).fill(location)
        until(lambda: self.prior != before)
        frame.get_by_label("Scale", exact=True).fill("0.2")
        until(lambda: self.prior == pytest.approx(prior), lambda: f"{self.prior} for {prior}")
        self.is_exact()
        frame.get_by_label("Schedule").select_option("quadratic")
        frame.get_by_label(self.trajectories).select_option(str(count))
        until(lambda: (self.scene.schedule, self.count) == ("quadratic", count))
        self.is_exact()
        self.edit_points()
        self.is_exact()
        self.inspect()
        frame.get_by_role("button", name="Start over").click()
        until(lambda: self.points == self.home)
        self.is_exact()

    def edit_points(self) -> None:
        """A point is added, moved, removed by the keyboard, and its removal undone."""
        frame, page = self.frame, self.page
        handles = frame.locator(".fv-handle")
        number = handles.count()
        frame.get_by_role("button", name="Add a point").click()
        expect(handles).to_have_count(number + 1)
        self.has_points(number + 1)
        handles.nth(number).focus()
        before = self.points
        page.keyboard.press(self.key)
        until(lambda: self.points != before)
        self.edit_one(number)
        page.keyboard.press("Delete")
        self.has_points(number)
        frame.get_by_role("button", name="Undo").click()
        self.has_points(number + 1)

    def has_points(self, number: int) -> None:
        until(lambda: len(self.weights) == number)

    key = "ArrowUp"

    @property
    def weights(self) -> tuple[float, ...]:
        return self.scene.points.w

    def edit_one(self, i: int) -> None:
        """What only this page has: the new point has the mean weight, and a key makes it more."""
        assert self.weights[i] == pytest.approx(4 / 3, abs=1e-6)
        self.page.keyboard.press("PageUp")
        until(lambda: self.weights[i] > 4 / 3)

    picture = ".fv-stage"
    rows = 4

    def inspect(self) -> None:
        """A click in the picture says p_t, the velocity and the posterior weights there."""
        box = self.frame.locator(self.picture).bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + 0.4 * box["width"], box["y"] + 0.55 * box["height"])
        expect(self.frame.locator(".fp-spoken")).to_contain_text("pₜ = ")
        expect(self.frame.locator(".fv-row-of-card")).to_have_count(self.rows)


def density_error(scene: Scene, drawn: dict[str, Any]) -> float:
    cells = np.array(drawn["p"], dtype=float)
    half = 0.5 * (drawn["view"][1] - drawn["view"][0]) / (len(cells) - 1)
    low, high = drawn["view"][0] - half, drawn["view"][1] + half
    true = heat(scene.field(), (low, high), (cells.shape[1], len(cells)), no_progress).p
    apart = np.abs(np.nan_to_num(cells) - np.nan_to_num(true))
    return float(np.max(apart / (1.0 + np.nan_to_num(true))))


class PlanePlayUser(PlayUser):
    """A visitor of the light page of Flow in 2-D."""

    name = "plane"
    path = "/play/plane"
    tolerance = 1e-4
    home = Scene().plane_points.x + Scene().plane_points.y
    trajectories = "Particles"
    key = "ArrowRight"
    picture = ".fv-canvases"

    @property
    def points(self) -> tuple[float, ...]:
        points = self.scene.plane_points
        return (*points.x, *points.y)

    @property
    def weights(self) -> tuple[float, ...]:
        return self.scene.plane_points.w

    @property
    def count(self) -> int:
        return self.scene.plane_particles

    @property
    def prior(self) -> dict[str, Any]:
        return dict(self.scene.plane_prior_params)

    def edit_one(self, i: int) -> None:
        """What only this page has: a field for the vertical position."""
        height = self.frame.get_by_label("Vertical position of data point 1")
        height.fill("0.25")
        height.press("Tab")
        until(lambda: self.scene.plane_points.y[0] == 0.25)
        self.frame.locator(".fv-handle").nth(i).focus()

    def error(self) -> float:
        """How far what is drawn is from what the core computes from the same starts."""
        scene, drawn = self.scene, self.frame.evaluate(DRAWN_PLANE)
        t = torch.tensor(drawn["t"], dtype=torch.float64)
        x = torch.tensor(drawn["x"], dtype=torch.float64).reshape(-1, len(t), 2)
        assert len(x) == scene.plane_particles
        true = trajectories(scene.field("plane"), x[:, -1], t)
        same = true.basin.numpy() == np.array(drawn["reached"])
        assert same.mean() > 0.99  # a start may be beside a border
        return float((x - true.x)[torch.from_numpy(same)].abs().max())
