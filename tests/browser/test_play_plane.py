"""The light page of Flow in 2-D: as a file without a network, and at /play/plane."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch
from playwright.sync_api import BrowserContext, Page, expect

from flowviz.core.transport import trajectories
from flowviz.scene import Scene
from flowviz.ui.play import page as play
from tests.browser.conftest import OpenPage
from tests.browser.test_accessibility import findings
from tests.browser.test_play import DESKTOP, PHONE, PlayUser, opened, phone
from tests.waiting import until

__all__ = ["opened", "phone"]  # fixtures

APP = "https://flow.example.org/plane"
TOLERANCE = 1e-4
DRAWN = """() => {
  const { flow, x, error } = window.flowviz.traces();
  return { x: Array.from(x), t: flow.nodes, reached: Array.from(flow.reached), error,
           serial: document.querySelector(".fp-picture").dataset.serial };
}"""


class PlanePlayUser(PlayUser):
    """A visitor of the light page of Flow in 2-D."""

    @property
    def points(self) -> tuple[float, ...]:
        points = self.scene.plane_points
        return (*points.x, *points.y)

    def error(self) -> float:
        """How far what is drawn is from what the core computes from the same starts."""
        scene, drawn = self.scene, self.frame.evaluate(DRAWN)
        t = torch.tensor(drawn["t"], dtype=torch.float64)
        x = torch.tensor(drawn["x"], dtype=torch.float64).reshape(-1, len(t), 2)
        assert len(x) == scene.plane_particles
        true = trajectories(scene.field("plane"), x[:, -1], t)
        same = true.basin.numpy() == np.array(drawn["reached"])
        assert same.mean() > 0.99  # a start may be beside a border
        return float((x - true.x)[torch.from_numpy(same)].abs().max())


def controls(user: PlanePlayUser) -> None:
    """What is chosen beside the picture is in the picture and in the link."""
    frame, page = user.frame, user.page
    frame.get_by_label("Location", exact=True).fill("0.6")
    frame.get_by_label("Scale", exact=True).fill("0.2")
    until(lambda: dict(user.scene.plane_prior_params)["loc"] != 0.0)
    assert dict(user.scene.plane_prior_params) == pytest.approx({"loc": 0.6, "scale": 1.58})
    assert user.error() <= TOLERANCE
    frame.get_by_label("Schedule").select_option("quadratic")
    frame.get_by_label("Particles").select_option("30")
    until(lambda: (user.scene.schedule, user.scene.plane_particles) == ("quadratic", 30))
    assert user.error() <= TOLERANCE
    frame.get_by_role("button", name="Add a point").click()
    until(lambda: len(user.scene.plane_points) == 5)
    frame.locator(".fv-handle").nth(4).focus()
    before = user.points
    page.keyboard.press("ArrowRight")
    until(lambda: user.points != before)
    page.keyboard.press("Delete")
    until(lambda: len(user.scene.plane_points) == 4)
    frame.get_by_role("button", name="Undo").click()
    until(lambda: len(user.scene.plane_points) == 5)
    height = frame.get_by_label("Vertical position of data point 1")
    height.fill("0.25")
    height.press("Tab")
    until(lambda: user.scene.plane_points.y[0] == 0.25)
    assert user.error() <= TOLERANCE
    box = frame.locator(".fv-canvases").bounding_box()
    assert box
    page.mouse.click(box["x"] + 0.4 * box["width"], box["y"] + 0.55 * box["height"])
    expect(frame.locator(".fp-spoken")).to_contain_text("pₜ = ")
    expect(frame.locator(".fv-row-of-card")).to_have_count(4)
    frame.get_by_role("button", name="Start over").click()
    until(lambda: user.points == Scene().plane_points.x + Scene().plane_points.y)
    assert user.error() <= TOLERANCE


def exercise(user: PlanePlayUser) -> None:
    """By finger on a phone, by mouse on a desktop, in both languages."""
    user.page.set_viewport_size(PHONE)
    user.swipe(1, -40.0)
    assert user.error() <= TOLERANCE
    assert user.frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    user.say("zh")
    user.has("zh", "plane.title", "play.add")
    user.page.set_viewport_size(DESKTOP)
    user.drag(0, 50.0)
    assert user.error() <= TOLERANCE
    user.say("en")
    user.has("en", "plane.title", "play.add")


def test_the_file_works_from_a_disk_without_a_network(
    phone: BrowserContext, opened: Page, tmp_path: Path
) -> None:
    scene = Scene(time=0.3)
    path = tmp_path / "live.html"
    path.write_text(play.live_file(scene, APP, name="plane"), encoding="utf-8")
    phone.set_offline(True)
    opened.goto(path.as_uri())
    user = PlanePlayUser(opened)
    assert user.scene == scene
    exercise(user)
    controls(user)
    expect(opened.locator(".fp-accuracy")).to_contain_text("Estimated error")
    assert opened.evaluate(DRAWN)["error"] <= TOLERANCE


def test_the_served_page_answers_the_hand_and_its_address_follows(open_page: OpenPage) -> None:
    asked = Scene(plane_prior="disk", schedule="cosine", plane_particles=80, lang="en")
    page = open_page(f"/play/plane?{asked.query_string('plane')}", wait=False, width=390)
    user = PlanePlayUser(page)
    assert user.scene == asked
    exercise(user)
    assert findings(page) == []
    kept = user.scene
    page.reload()
    assert PlanePlayUser(page).scene == kept
    assert user.error() <= TOLERANCE
    page.get_by_label("Kind").select_option("ring")
    page.wait_for_url("**plane_prior=ring**")
    assert PlanePlayUser(page).scene.plane_prior == "ring"
    link = page.locator(".fp-app").get_attribute("href") or ""
    assert urlsplit(link).path == "../plane"
    assert not Scene.read_query(parse_qs(urlsplit(link).query))[1]


def test_a_scene_that_the_engine_has_not_is_shown_and_says_so(open_page: OpenPage) -> None:
    page = open_page("/play/plane?plane_family=swirl&lang=en", wait=False, color_scheme="dark")
    user = PlayUser(page)
    user.has("en", "play.frozen")
    expect(page.locator(".fv-handle")).to_have_count(0)
    expect(page.locator(".fp-frozen")).to_have_count(4)
    expect(page.locator(".fp-notice")).to_contain_text("60 of 300")
    page.keyboard.press("End")
    expect(page.locator(".fv-t")).to_have_text("t = 1.000")
    assert findings(page) == []
