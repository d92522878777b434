"""The light page: as a file without a network, under a course site's policy, at /play."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, BrowserContext, Frame, Page, Route, ViewportSize, expect

from flowviz.core.transport import launch, trajectories
from flowviz.scene import Scene
from flowviz.scene.points import Points
from flowviz.text import ENTRIES
from flowviz.ui.line_density import heat
from flowviz.ui.play import page as play
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import no_progress
from flowviz.ui.session.keys import flow_key
from tests.browser.chromium import new_context
from tests.browser.conftest import OpenPage
from tests.browser.test_accessibility import findings
from tests.browser.test_touch import swipe
from tests.waiting import until

APP = "https://flow.example.org/fan"
SITE = "http://course.test"
TOLERANCE = 1e-9
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


class PlayUser:
    """A visitor of the light page, in a page or in a frame of one."""

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


def density_error(scene: Scene, drawn: dict[str, Any]) -> float:
    cells = np.array(drawn["p"], dtype=float)
    half = 0.5 * (drawn["view"][1] - drawn["view"][0]) / (len(cells) - 1)
    low, high = drawn["view"][0] - half, drawn["view"][1] + half
    true = heat(scene.field(), (low, high), (cells.shape[1], len(cells)), no_progress).p
    apart = np.abs(np.nan_to_num(cells) - np.nan_to_num(true))
    return float(np.max(apart / (1.0 + np.nan_to_num(true))))


def exercise(user: PlayUser) -> None:
    """By finger on a phone, by mouse on a desktop, in both languages."""
    user.page.set_viewport_size(PHONE)
    user.swipe(1, -40.0)
    assert user.error() <= TOLERANCE
    assert user.frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    user.say("zh")
    user.has("zh", "fan.title", "play.add")
    user.page.set_viewport_size(DESKTOP)
    user.drag(0, 50.0)
    assert user.error() <= TOLERANCE
    user.say("en")
    user.has("en", "fan.title", "play.add")


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor with fingers and no network: only what a test serves can be had."""
    context = new_context(browser, width=390)
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.abort()

    context.route("http*://**", refuse)
    yield context
    context.close()
    assert refused == []


@pytest.fixture
def opened(phone: BrowserContext) -> Iterator[Page]:
    """A page that fails if anything is written to its console, a breach of its policy too."""
    page, said = phone.new_page(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    assert said == []


def test_the_file_works_from_a_disk_without_a_network(
    phone: BrowserContext, opened: Page, tmp_path: Path
) -> None:
    scene = Scene(time=0.3)
    path = tmp_path / "live.html"
    path.write_text(play.live_file(scene, APP), encoding="utf-8")
    phone.set_offline(True)
    opened.goto(path.as_uri())
    user = PlayUser(opened)
    assert user.scene == scene
    view = axis_range(flow_key(scene, "line"))
    starts = launch(scene.prior_object(), 37, "steps", (view[0], view[1]))[:, 0]
    drawn = sorted(line[-1] for line in opened.evaluate(DRAWN)["lines"])
    assert drawn == pytest.approx(starts.tolist(), abs=1e-15)
    exercise(user)
    controls(user)


def controls(user: PlayUser) -> None:
    """What is chosen beside the picture is in the picture and in the link."""
    frame, page = user.frame, user.page
    frame.get_by_label("Location", exact=True).fill("1.3")
    frame.get_by_label("Scale", exact=True).fill("0.2")
    until(lambda: dict(user.scene.prior_params)["low"] != 0.0)
    assert dict(user.scene.prior_params) == pytest.approx({"low": -0.28, "high": 2.88})
    assert user.error() <= TOLERANCE
    frame.get_by_label("Schedule").select_option("quadratic")
    frame.get_by_label("Number of trajectories").select_option("20")
    until(lambda: (user.scene.schedule, user.scene.trajectories) == ("quadratic", 20))
    assert user.error() <= TOLERANCE
    frame.get_by_role("button", name="Add a point").click()
    until(lambda: len(user.points) == 4)
    assert user.scene.points.w[3] == pytest.approx(4 / 3, abs=1e-6)  # the mean
    frame.locator(".fv-handle").nth(3).focus()
    before = user.points[3]
    page.keyboard.press("ArrowUp")
    until(lambda: user.points[3] > before)
    page.keyboard.press("PageUp")
    until(lambda: user.scene.points.w[3] > 4 / 3)
    page.keyboard.press("Delete")
    until(lambda: len(user.points) == 3)
    frame.get_by_role("button", name="Undo").click()
    until(lambda: len(user.points) == 4)
    assert user.error() <= TOLERANCE
    inspect(user)
    frame.get_by_role("button", name="Start over").click()
    until(lambda: user.points == Scene().points.x)
    assert user.error() <= TOLERANCE


def inspect(user: PlayUser) -> None:
    """A click in the picture says p_t, the velocity and the posterior weights there."""
    stage = user.frame.locator(".fv-stage").bounding_box()
    assert stage is not None
    user.page.mouse.click(stage["x"] + 0.4 * stage["width"], stage["y"] + 0.5 * stage["height"])
    expect(user.frame.locator(".fp-spoken")).to_contain_text("pₜ = ")
    expect(user.frame.locator(".fv-row-of-card")).to_have_count(4)


def test_the_file_works_in_a_frame_under_the_policy_it_names(
    phone: BrowserContext, opened: Page
) -> None:
    scene = Scene(
        lang="zh",
        prior="gaussian",
        schedule="cosine",
        points=Points((-1.0, 0.4, 2.0), (1.0, 3.0, 1.0)),
    )
    headers = {"Content-Security-Policy": play.policy()}
    file = play.live_file(scene, APP)
    body = file.replace('http-equiv="Content-Security-Policy"', 'name="policy"')
    frame = '<!doctype html><iframe sandbox="allow-scripts" src="live.html"></iframe>'
    style = "<style>body { margin: 0 } iframe { width: 100%; height: 840px; border: 0 }</style>"
    html = "text/html; charset=utf-8"
    phone.route(f"{SITE}/", lambda route: route.fulfill(body=frame + style, content_type=html))
    phone.route(
        f"{SITE}/live.html",
        lambda route: route.fulfill(body=body, content_type=html, headers=headers),
    )
    opened.goto(f"{SITE}/")
    until(lambda: len(opened.frames) == 2)
    user = PlayUser(opened, opened.frames[1])
    assert user.scene == scene
    exercise(user)


def test_the_served_page_answers_the_hand_and_its_address_follows(open_page: OpenPage) -> None:
    points = Points((-1.0, 0.7, 2.0), (1.0, 2.0, 1.3))  # no start is on a separatrix
    asked = Scene(prior="logistic", points=points, lang="en")
    page = open_page(f"/play?{asked.query_string('fan')}", wait=False, width=390)
    user = PlayUser(page)
    assert user.scene == asked
    exercise(user)
    assert findings(page) == []
    kept = user.scene
    page.reload()
    assert PlayUser(page).scene == kept
    assert user.error() <= TOLERANCE
    page.get_by_label("Kind").select_option("laplace")
    page.wait_for_url("**prior=laplace**")
    assert PlayUser(page).scene.prior == "laplace"
    page.go_back()
    page.wait_for_url("**prior=logistic**")
    expect(page.get_by_label("Kind")).to_have_value("logistic")
    position = page.locator(".fp-point input").first
    was = position.input_value()
    for text in ("", "1e9"):
        position.fill(text)
        position.press("Tab")
        expect(position).to_have_value(was)


def test_a_scene_that_the_engine_has_not_is_shown_and_says_so(open_page: OpenPage) -> None:
    page = open_page("/play?family=squeeze&lang=en", wait=False, color_scheme="dark")
    user = PlayUser(page)
    user.has("en", "play.frozen")
    expect(page.locator(".fv-handle")).to_have_count(0)
    expect(page.locator(".fp-frozen")).to_have_count(3)
    scene, drawn = user.scene, page.evaluate(DRAWN)
    lines, t = np.array(drawn["lines"]), torch.tensor(drawn["t"], dtype=torch.float64)
    true = trajectories(scene.field(), torch.from_numpy(lines[:, -1:].copy()), t).x[..., 0]
    assert lines == pytest.approx(true.numpy(), abs=1e-6)  # in single precision
    expect(page.locator(".fp-frozen").first).to_have_css("stroke-width", "1.5px")
    page.keyboard.press("End")
    expect(page.locator(".fv-t")).to_have_text("t = 1.000")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert findings(page) == []
    # Points side by side would cover each other with their edges.
    crowded = Scene(points=Points(tuple(k / 50 for k in range(120)), (1.0,) * 120))
    page.goto(page.url.partition("?")[0] + f"?{crowded.query_string('fan')}")
    expect(page.locator(".fp-frozen")).to_have_count(120)
    expect(page.locator(".fp-frozen").first).to_have_css("stroke-width", "0px")
