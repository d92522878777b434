"""The Green page in a browser: a typed formula, an expander, a drag, the time slider."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Page

from flowviz.scene import Scene
from flowviz.scene.formula_examples import EXAMPLES
from tests.browser.conftest import OpenPage
from tests.browser.test_private_names import GREEN, missing

FOLD = f"family=formula&formula={quote(EXAMPLES['line']['fold'].link)}"
TRACE = """(name) => { const plot = document.querySelector('.fv-chart .js-plotly-plot');
    const trace = plot?.data.find((one) => one.name === name);
    return trace ? Array.from(trace.y).filter(Number.isFinite) : null; }"""


def ready(page: Page) -> Page:
    page.wait_for_selector(".fv-chart[data-serial] .fv-handle")
    return page


def scene(page: Page) -> Scene:
    return Scene.from_query(parse_qs(urlsplit(page.url).query))


def centre(page: Page, name: str) -> tuple[float, float]:
    box = page.locator(f".fv-handle[data-name={name}]").bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_typed_formula_changes_the_picture_and_a_wrong_one_does_not(open_page: OpenPage) -> None:
    page = ready(open_page("/green?family=formula"))
    straight = page.evaluate(TRACE, "fan")
    box = page.get_by_role("textbox", name="ψ(x1, x0, t) =")
    box.fill("(1-t)*x0 + t*x1 + a*t*(1-t)")
    box.press("Enter")
    changed = "(before) => { const y = (" + TRACE + ")('fan');"
    changed += " return y && JSON.stringify(y) !== JSON.stringify(before); }"
    page.wait_for_function(changed, arg=straight)
    bowed = page.evaluate(TRACE, "fan")
    page.wait_for_function("decodeURIComponent(location.search).includes('~a=1')")
    assert scene(page).formula.letters == (("a", 1.0),)
    box.fill("(1-t)*x0 + t*y1")
    box.press("Enter")
    page.wait_for_selector("[data-testid=stAlert] >> text=character 14")
    assert page.evaluate(TRACE, "fan") == bowed
    assert scene(page).formula.text == "(1-t)*x0 + t*x1 + a*t*(1-t)"


def test_a_family_with_a_caustic_says_so_and_shows_where(open_page: OpenPage) -> None:
    page = ready(open_page(f"/green?{FOLD}"))
    page.wait_for_selector("text=Not valid.")
    assert len(page.evaluate(TRACE, "caustic")) > 50
    assert len(page.evaluate(TRACE, "worst")) == 1
    # Less bent, it has no fold, and nothing is marked.
    page.goto(page.url.replace("a%3D2", "a%3D0.2").replace("a=2", "a=0.2"))
    ready(page)
    page.wait_for_selector("text=Valid: no problem was found")
    assert page.evaluate(TRACE, "caustic") is None


def test_dragged_handles_move_the_sliders_and_the_link(open_page: OpenPage) -> None:
    page = ready(open_page("/green"))
    page.wait_for_selector(".katex-display")
    assert missing(page, GREEN) == []
    x, y = centre(page, "query")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 40, y - 20, steps=4)
    page.mouse.up()
    page.wait_for_function("!location.search.includes('green_t=0.4&')")
    moved = scene(page)
    assert moved.green_t > 0.4
    assert moved.green_x > 0.9
    x, y = centre(page, "x0")
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 30, y - 25, steps=4)  # it stays on its edge
    page.mouse.up()
    page.wait_for_function("!location.search.includes('green_x0=0.5&')")
    assert scene(page).green_x0 > 0.5
    assert scene(page).green_t == moved.green_t
    page.locator(".fv-handle[data-name=x0]").focus()
    before = scene(page).green_x0
    page.keyboard.press("ArrowDown")
    page.wait_for_function(f"!location.search.includes('green_x0={before:g}&')")
    assert scene(page).green_x0 < before


@pytest.mark.parametrize("space", ["line", "plane"])
def test_time_is_scrubbed_without_the_server(open_page: OpenPage, space: str) -> None:
    page = ready(open_page(f"/green?space={space}"))
    page.wait_for_selector("[data-serial][data-time] .fv-rest")
    chart = page.locator("[data-serial][data-time]")
    serial = chart.get_attribute("data-serial")
    pictures = page.evaluate("""() => new Promise((done) => {
        const root = document.querySelector('[data-serial][data-time]');
        const range = root.querySelector('.fv-time');
        const cells = root.querySelector('.fv-box canvas:nth-child(2)');
        const shown = () => root.querySelector('.fv-slice')?.getAttribute('d')
            ?? cells.getContext('2d').getImageData(0, 0, cells.width, cells.height).data.join();
        const found = new Set(); let n = 0;
        const step = () => { n += 1;
            range.value = String(1 - n / 40); range.dispatchEvent(new Event('input'));
            found.add(shown());
            if (n < 40) requestAnimationFrame(step); else done(found.size); };
        step(); })""")
    assert pictures > 15
    assert chart.get_attribute("data-serial") == serial
