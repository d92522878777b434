"""The light pages: as files without a network, under a course site's policy, and served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from flowviz.core.transport import launch, trajectories
from flowviz.scene import Scene
from flowviz.scene.points import Points
from flowviz.ui.play import page as play
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.keys import flow_key
from tests.browser.chromium import new_context
from tests.browser.conftest import OpenPage
from tests.browser.play_user import DRAWN, DRAWN_PLANE, PlanePlayUser, PlayUser
from tests.browser.test_accessibility import findings
from tests.waiting import until

APP = "https://flow.example.org/"
SITE = "http://course.test"
USERS = pytest.mark.parametrize("of", [PlayUser, PlanePlayUser], ids=["line", "plane"])


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


@USERS
def test_the_file_works_from_a_disk_without_a_network(
    of: type[PlayUser], phone: BrowserContext, opened: Page, tmp_path: Path
) -> None:
    scene = Scene(time=0.3)
    path = tmp_path / "live.html"
    path.write_text(play.live_file(scene, APP + of.name, name=of.name), encoding="utf-8")
    phone.set_offline(True)
    opened.goto(path.as_uri())
    user = of(opened)
    assert user.scene == scene
    if of is PlayUser:
        view = axis_range(flow_key(scene, "line"))
        starts = launch(scene.prior_object(), 37, "steps", (view[0], view[1]))[:, 0]
        drawn = sorted(line[-1] for line in opened.evaluate(DRAWN)["lines"])
        assert drawn == pytest.approx(starts.tolist(), abs=1e-15)
    user.exercise()
    if of is PlayUser:
        user.controls("1.3", {"low": -0.28, "high": 2.88}, 20)
    else:
        user.controls("0.6", {"loc": 0.6, "scale": 1.58}, 30)
        expect(opened.locator(".fp-accuracy")).to_contain_text("Estimated error")
        assert opened.evaluate(DRAWN_PLANE)["error"] <= of.tolerance


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
    file = play.live_file(scene, APP + "fan")
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
    user.exercise()


ASKED = {
    # No start is on a separatrix.
    "fan": Scene(
        prior="logistic", points=Points((-1.0, 0.7, 2.0), (1.0, 2.0, 1.3), (0, 2, 1)), lang="en"
    ),
    "plane": Scene(
        plane_points=Scene().plane_points.with_labels(
            k % 3 for k in range(len(Scene().plane_points))
        ),
        plane_prior="disk",
        schedule="cosine",
        plane_particles=80,
        lang="en",
    ),
}
NEXT = {"fan": ("prior", "laplace"), "plane": ("plane_prior", "ring")}


def labels_of(scene: Scene, name: str) -> tuple[int, ...]:
    return (scene.points if name == "fan" else scene.plane_points).labels


@USERS
def test_the_served_page_answers_the_hand_and_its_address_follows(
    of: type[PlayUser], open_page: OpenPage
) -> None:
    asked, (field, kind) = ASKED[of.name], NEXT[of.name]
    page = open_page(f"{of.path}?{asked.query_string(of.name)}", wait=False, width=390)
    user = of(page)
    assert user.scene == asked
    user.exercise()
    assert findings(page) == []
    kept = user.scene
    assert set(labels_of(kept, of.name)) == {0, 1, 2}  # classes stay with their points
    page.reload()
    assert of(page).scene == kept
    user.is_exact()
    page.get_by_label("Kind").select_option(kind)
    page.wait_for_url(f"**{field}={kind}**")
    assert getattr(of(page).scene, field) == kind
    link = page.locator(".fp-app").get_attribute("href") or ""
    assert urlsplit(link).path.endswith(f"/{of.name}") or urlsplit(link).path == of.name
    assert not Scene.read_query(parse_qs(urlsplit(link).query))[1]
    page.go_back()
    page.wait_for_url(f"**{field}={getattr(asked, field)}**")
    expect(page.get_by_label("Kind")).to_have_value(getattr(asked, field))
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


def test_a_scene_of_the_plane_that_the_engine_has_not_is_shown_and_says_so(
    open_page: OpenPage,
) -> None:
    page = open_page("/play/plane?plane_family=swirl&lang=en", wait=False, color_scheme="dark")
    user = PlanePlayUser(page)
    user.has("en", "play.frozen")
    expect(page.locator(".fv-handle")).to_have_count(0)
    expect(page.locator(".fp-frozen")).to_have_count(4)
    expect(page.locator(".fp-notice")).to_contain_text("60 of 300")
    page.keyboard.press("End")
    expect(page.locator(".fv-t")).to_have_text("t = 1.000")
    assert findings(page) == []
