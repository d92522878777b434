"""Firefox and WebKit: every page draws its figure in them, and a drag on the Fan moves a point."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import parse_qs, urlsplit

import pytest

from flowviz.scene import Scene
from tests.browser.webdriver import Session, firefox, open_firefox, open_webkit, webkit
from tests.serving import RunningServer

# What is on each page once its figure is drawn, where its ink must be, and how many figures it has.
PAGES = {
    "fan?points=0.5*2,1.2,1.7": (".fv-fan[data-serial] .fv-rest .fv-handle", ".fv-lines", 2),
    "plane": (".fv-plane[data-serial] .fv-rest .fv-handle", ".fv-box canvas:nth-child(3)", 1),
    "green": (".fv-chart[data-serial] .fv-handle", ".fv-chart .scatterlayer path.js-line", 8),
    "learn": (".plot .main-svg", ".fv-stage .scatterlayer path.js-line", 5),
    "learn?space=plane": (
        ".fv-flows[data-serial]",
        ".fv-panel:nth-child(2) canvas:nth-child(3)",
        5,
    ),
    "solvers": (".fv-solver[data-serial]", ".fv-solver .scatterlayer path.js-line", 1),
}
FIGURES = "document.querySelectorAll('.plot, .fv-stage').length"
ERRORS = """[...document.querySelectorAll("[role=alert]")]
    .map((n) => n.innerText).filter((text) => text.includes("Error"))"""
# How much is drawn: a canvas's pixels that are not clear, or the length of a path.
INK = """((node) => {
  if (!node) return 0;
  if (node instanceof SVGPathElement) return node.getTotalLength();
  const { data } = node.getContext("2d").getImageData(0, 0, node.width, node.height);
  let ink = 0;
  for (let k = 3; k < data.length; k += 4) ink += data[k] > 0;
  return ink;
})(document.querySelector(%r))"""
HANDLE = """const box = document.querySelector(".fv-handle").getBoundingClientRect();
return [box.x + box.width / 2, box.y + box.height / 2];"""


@pytest.fixture(scope="module", params=["Firefox", "WebKit"])
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    """One browser for all pages. In CI its absence is a failure, else a skip."""
    name = request.param
    found = {"Firefox": firefox, "WebKit": webkit}[name]()
    if found is None:
        message = f"no {name} found; `make browser` installs it or says how"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    with ExitStack() as stack:
        opened = open_firefox(found) if isinstance(found, str) else open_webkit(*found)
        yield stack.enter_context(opened)


def scene(session: Session) -> Scene:
    """The scene of the link."""
    return Scene.from_query(parse_qs(urlsplit(session.evaluate("return location.href")).query))


@pytest.mark.parametrize("page", PAGES)
def test_page_draws_its_figure(session: Session, server: RunningServer, page: str) -> None:
    drawn, ink, figures = PAGES[page]
    session.goto(f"{server.url}/{page}")
    session.until(f"document.querySelector({drawn!r})")
    session.until(f"{INK % ink} > 100")
    session.until(f"{FIGURES} >= {figures} || {ERRORS}.length")
    assert session.evaluate(f"return {ERRORS}") == []
    assert session.evaluate(f"return {FIGURES}") == figures
    if page.startswith("fan"):
        drag_a_point(session)
    assert session.troubles == []


def drag_a_point(session: Session) -> None:
    """The first point goes where the mouse takes it, and the others stay."""
    before = scene(session).points.x
    x, y = session.evaluate(HANDLE)
    session.drag((x, y), (x, y - 60))
    session.until("!location.search.includes('points=0.5%2A2')")
    after = scene(session).points.x
    assert after[1:] == before[1:]
    assert after[0] > before[0] + 0.1
    # The point stands where the mouse let it go.
    session.until(f"Math.abs((() => {{ {HANDLE} }})()[1] - {y - 60}) < 2")


CUT = """return [...document.querySelectorAll(".stNumberInput input")].map((n) => {
  const { font, paddingLeft, paddingRight } = getComputedStyle(n);
  const context = document.createElement("canvas").getContext("2d");
  context.font = font;
  const room = n.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
  return [n.ariaLabel, "88888", context.measureText("88888").width, room];
});"""


def test_the_number_fields_have_room_for_their_numbers(
    session: Session, server: RunningServer
) -> None:
    session.goto(f"{server.url}/learn")
    session.until("document.querySelectorAll('.stNumberInput input').length >= 4")
    fields = session.evaluate(CUT)
    assert [row for row in fields if row[2] > row[3]] == []
