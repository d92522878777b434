"""How fast the flow's pages answer a hand, in headless Chromium: ``python -m benchmarks.page``.

Prints a Markdown table: slider change to paint, drop to paint and to the sidebar's text, pictures a
second while dragging, on the line (with 2,000 points, too) and in the plane, first picture and
reload. Times are taken inside the page, from the event to the frame after the change.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from flowviz.scene import Scene
from tests.browser.chromium import launch, new_context
from tests.scenes import crowd
from tests.serving import running_server
from tests.waiting import until

# The picture's serial number changes when it is drawn; a message posted from the next frame's
# callback arrives when that frame is painted.
_WATCH = """() => {
  window.painted = [];
  const root = document.querySelector('[data-serial]');
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => window.painted.push({ at: performance.now(), ack: data });
  new MutationObserver(
    () => requestAnimationFrame(() => port2.postMessage(Number(root.dataset.ack)))).observe(
    root, { attributes: true, attributeFilter: ['data-serial'] });
  for (const kind of ['keydown', 'pointerdown', 'pointerup'])
    window.addEventListener(kind, () => { window.last = performance.now(); }, true);
  window.written = [];
  let words = "";
  const read = () => {
    const { value } = document.querySelector('.stSidebar textarea');
    if (words && value !== words) window.written.push(performance.now());
    words = value;
    requestAnimationFrame(read);
  };
  read();
}"""

# Of the server and of the browser's own engine, since the page was opened.
_PICTURES = """() => {
  const previews = document.querySelector('[data-previews]')?.dataset.previews ?? 0;
  return window.painted.length + Number(previews);
}"""

# What is painted before the drop is answered may still show where the point was on its way; and
# the last picture answers the component's own word, that the drop's is painted.
_ANSWER_TO_THE_DROP = """() => {
  const { ack } = window.painted.at(-1);
  return window.painted.find((picture) => picture.ack >= ack - 1).at - window.last;
}"""


def main() -> None:
    """Measure and print."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        context = new_context(browser)
        page = context.new_page()
        rows = [("first picture, fresh server", _open(page, server.url), "s")]
        rows += [("reload", statistics.median(_open(page, server.url) for _ in range(9)), "s")]
        page.wait_for_timeout(1500)
        page.evaluate(_WATCH)
        rows.append(("slider change → painted, median", _slider(page), "ms"))
        rows += _drag(page, "")
        for what, address in (
            ("2,000 points: ", f"fan?{_many_points()}"),
            ("plane: ", "plane"),
        ):
            page.goto(f"{server.url}/{address}")
            page.wait_for_selector("[data-serial] .fv-handle")
            page.wait_for_timeout(3000)
            page.evaluate(_WATCH)
            rows += _drag(page, what)
    print("| measured | value |\n|---|---:|")
    for name, value, unit in rows:
        print(f"| {name} | {value:.3g} {unit} |")


def _open(page: Page, url: str) -> float:
    started = time.perf_counter()
    page.goto(url)
    page.wait_for_selector("[data-serial]")
    return time.perf_counter() - started


def _settled(page: Page) -> float:
    """Milliseconds from the last event to the newest paint, once painting has stopped."""
    until(lambda: page.evaluate("() => window.painted.length"))  # the policy forbids an `eval`
    painted = 0
    while painted < (painted := page.evaluate("() => window.painted.length")):
        page.wait_for_timeout(700)
    return page.evaluate("() => window.painted.at(-1).at - window.last")


def _slider(page: Page) -> float:
    page.locator(".st-key-w-trajectories input[type=range]").focus()
    times = []
    for _ in range(15):
        page.evaluate("() => { window.painted = []; }")
        page.keyboard.press("ArrowRight")
        times.append(_settled(page))
    return statistics.median(times)


def _many_points() -> str:
    """The link of 2,000 points under a Gaussian prior."""
    return Scene(points=crowd(2_000, 2.0).shareable(), prior="gaussian").query_string()


def _drag(page: Page, what: str) -> list[tuple[str, float, str]]:
    drops, texts, rates = [], [], []
    for turn in range(8):
        box = page.locator(".fv-handle").nth(1).bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        before = page.evaluate(_PICTURES)
        started = time.perf_counter()
        for step in range(60):
            page.mouse.move(x, y + (-1) ** turn * (step + 1))  # as soon as the last one is taken
        elapsed = time.perf_counter() - started
        rates.append((page.evaluate(_PICTURES) - before) / elapsed)
        page.evaluate("() => { window.painted = []; window.written = []; }")
        link = page.url
        page.mouse.up()
        page.wait_for_url(lambda url, before=link: url != before)  # the whole page has followed
        _settled(page)
        drops.append(page.evaluate(_ANSWER_TO_THE_DROP))
        texts.append(page.evaluate("() => window.written.at(-1) - window.last"))
    return [
        (
            f"{what}point dropped → painted in full resolution, median",
            statistics.median(drops),
            "ms",
        ),
        (f"{what}point dropped → its text in the sidebar, median", statistics.median(texts), "ms"),
        (f"{what}pictures while dragging", statistics.median(rates), "per s"),
    ]


if __name__ == "__main__":
    main()
