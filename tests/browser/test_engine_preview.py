"""While a point of the Fan is dragged the browser's engine draws what the server then answers."""

from __future__ import annotations

import pytest

from flowviz.scene import Scene
from flowviz.scene.points import Points
from flowviz.text import ENTRIES
from tests.browser.conftest import OpenPage
from tests.browser.pointer import RECORD, FanUser

WEIGHTS = (2.0, 1.0, 1.0)
SENT, BETWEEN = 1e-6, 1e-5
"""Differences of trajectories that were sent in single precision; and of one on a separatrix, which
where p_t underflows is between two data points.
"""

OPACITY = "node => Number(getComputedStyle(node).opacity)"

BY_ENGINE = {
    "uniform": {},
    "a separatrix, in colours of the start": {"prior": "gaussian", "color": "x1"},
    "heavy tails": {"prior": "student_t", "schedule": "vp"},
    "infinite at its ends": {"prior": "arcsine", "schedule": "cosine"},
    "a wave": {"prior": "exponential", "family": "wave"},
}
BY_SERVER = {
    "not affine in x1": {"family": "squeeze"},
    "not affine in x0": {"family": "detour"},
    "a query point": {"probe": "0.4,1"},
    "arrows": {"arrows": "1"},
}


def dragging(open_page: OpenPage, query: dict[str, str]) -> FanUser:
    """A visitor who has pressed the second of three points and moves it, holding on."""
    address = "&".join(f"{key}={text}" for key, text in query.items())
    user = FanUser(open_page(f"/fan?{address}", script=RECORD))
    user.until_shown(points="0.5*2,1.2,1.7")
    user.page.mouse.move(*user.pixel(0, 1.2))
    user.page.mouse.down()
    user.page.mouse.move(*user.pixel(0, 1.0))
    user.page.mouse.move(*user.pixel(0, 0.9))
    return user


def scene(query: dict[str, str], user: FanUser) -> Scene:
    """What the picture must show while the handles are where they are."""
    held = Scene.from_query(query)
    return held.with_(points=Points(tuple(user.handles), WEIGHTS))


@pytest.mark.parametrize("what", BY_ENGINE)
def test_the_engine_draws_while_the_hand_moves(open_page: OpenPage, what: str) -> None:
    query = BY_ENGINE[what]
    user = dragging(open_page, query)
    fan = user.page.locator(".fv-fan").first
    user.until(lambda: fan.get_attribute("data-previews") is not None)
    user.until(lambda: user.shows(scene(query, user)))
    assert fan.get_attribute("data-ack") == "0"  # the server was not asked
    facts = user.page.locator(".st-key-fan-facts")
    assert facts.evaluate(OPACITY) < 1  # they are of the server's picture
    user.page.mouse.up()
    difference = user.page.locator(".fv-difference")
    difference.wait_for(state="visible")
    allowed = BETWEEN if "separatrix" in what else SENT
    assert float(difference.get_attribute("data-error") or "nan") <= allowed
    user.until_shown()
    assert facts.evaluate(OPACITY) == 1
    # The checks are asked for when the scene has rested, and are of this one.
    rest = facts.locator("[data-scene]")
    user.until(lambda: rest.get_attribute("data-answered") == rest.get_attribute("data-scene"))
    assert facts.get_by_text(ENTRIES["checks.measuring"].en).count() == 0


@pytest.mark.parametrize("what", BY_SERVER)
def test_the_server_draws_what_the_engine_does_not(open_page: OpenPage, what: str) -> None:
    query = BY_SERVER[what]
    user = dragging(open_page, query)
    fan = user.page.locator(".fv-fan").first
    user.until(lambda: user.shows(scene(query, user)))
    assert fan.get_attribute("data-previews") is None
    user.page.mouse.up()
    user.until_shown()
    assert user.page.locator(".fv-difference").is_hidden()
