"""While a slider of the prior is moved the browser's engine draws what the server then answers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.pointer import RECORD, FanUser
from tests.browser.test_plane import ready
from tests.browser.test_plane_preview import POSITION
from tests.browser.test_touch import swipe
from tests.waiting import until

SENT = 1e-6  # of trajectories in single precision
MOVE_PX = 9
KEYS = 4
# The pictures of the server's that previews were painted over.
OVER = """{
  window.over = [];
  const watch = () => new MutationObserver((records) => records.forEach(({ target }) =>
    window.over.push(target.closest(".fv-fan").dataset.serial)))
    .observe(document.body, { subtree: true, attributeFilter: ["data-previews"] });
  document.body ? watch() : document.addEventListener("DOMContentLoaded", watch);
}"""


def slider(page: Page, parameter: str) -> Locator:
    return page.locator(f".stSidebar [class*=st-key-w-][class*=prior-][class*=-{parameter}]")


def thumb(of: Locator) -> tuple[float, float]:
    """Where the thumb of a slider is, in the window."""
    of.scroll_into_view_if_needed()
    # Its input lies in a thumb that is as wide as it looks.
    box = of.locator("input").locator("xpath=../..").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def by_mouse(page: Page, of: Locator) -> None:
    x, y = thumb(of)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + MOVE_PX, y, steps=4)
    page.mouse.up()


def by_finger(page: Page, of: Locator) -> None:
    swipe(page, thumb(of), (-MOVE_PX, 0.0))


def by_keys(page: Page, of: Locator) -> None:
    for _ in range(KEYS):
        of.locator("input").press("ArrowRight")


HANDS: tuple[Callable[[Page, Locator], None], ...] = (by_mouse, by_finger, by_keys)


def painted_before_the_answer(page: Page, move: Callable[[], None]) -> bool:
    """Whether a preview is painted over the picture that there is when a slider is moved."""
    shown = page.locator(".fv-fan").first.get_attribute("data-serial")
    page.evaluate("window.over = []")
    move()
    until(lambda: page.locator(".fv-fan").first.get_attribute("data-serial") != shown)
    return shown in page.evaluate("window.over")


def difference(page: Page) -> float:
    """What is said of it, once no preview is shown."""
    page.wait_for_selector("body:not(.fv-previewed)", state="attached")
    said = page.locator(".fv-difference")
    expect(said).to_be_visible()
    return float(said.get_attribute("data-error") or "nan")


@pytest.mark.parametrize(
    ("query", "parameters"),
    [("prior=laplace", ("loc", "scale")), ("prior=uniform&launch=probability", ("low", "high"))],
)
def test_the_fan_follows_before_the_server_answers(
    open_page: OpenPage, query: str, parameters: tuple[str, ...]
) -> None:
    user = FanUser(open_page(f"/fan?points=0.5*3,1.2,1.7&{query}", script=RECORD + OVER))
    page = user.page
    for k, hand in enumerate(HANDS):
        of = slider(page, parameters[k % 2])
        before = user.scene.prior_params
        assert painted_before_the_answer(page, lambda of=of, hand=hand: hand(page, of)), hand
        assert difference(page) <= SENT, hand
        until(lambda before=before: user.scene.prior_params != before)
        user.until_shown()


@pytest.mark.parametrize(
    ("query", "parameter"), [("plane_prior=disk", "radius"), ("schedule=cosine", "loc")]
)
def test_the_plane_follows_before_the_server_answers(
    open_page: OpenPage, query: str, parameter: str
) -> None:
    page = ready(open_page(f"/plane?plane_particles=60&{query}", script=OVER))
    until(lambda: page.evaluate("window.flowvizStore.has('plane.engine')"))
    of = slider(page, parameter)
    for hand in HANDS:
        assert painted_before_the_answer(page, lambda hand=hand: hand(page, of)), hand
        assert difference(page) <= POSITION, hand


def test_a_parameter_of_the_shape_is_the_servers(open_page: OpenPage) -> None:
    user = FanUser(open_page("/fan?prior=triangular", script=RECORD + OVER))
    mode = slider(user.page, "mode")
    assert not painted_before_the_answer(user.page, lambda: by_keys(user.page, mode))
    user.until_shown()
    assert user.page.locator(".fv-difference").is_hidden()
