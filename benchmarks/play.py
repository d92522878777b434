"""The light page on a slow line and under a class: ``python -m benchmarks.play``.

Prints a Markdown table. First pictures are of a browser that has nothing cached, in headless
Chromium at 2 Mbit/s and 60 ms, from the navigation to the frame after the picture; the class is 300
clients on this machine that ask for a page and its script at the same moment.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from flowviz.scene import Scene
from flowviz.ui.play import bundle
from flowviz.ui.play.routes import script_path
from tests.browser.chromium import launch, new_context
from tests.serving import running_server

CLIENTS = 300
LINE = {"latency": 60, "downloadThroughput": 250_000, "uploadThroughput": 250_000, "offline": False}
TURNS = 5
SCENES = {
    "the article's figure": ("fan", Scene()),
    "Gaussian mixture, cosine": ("fan", Scene(prior="gaussian_mixture", schedule="cosine")),
    "frozen (squeeze)": ("fan", Scene(family="squeeze")),
    "the plane": ("plane", Scene()),
    "the plane, disk, cosine": ("plane", Scene(plane_prior="disk", schedule="cosine")),
    "the plane, frozen (swirl)": ("plane", Scene(plane_family="swirl")),
}
PICTURE = """() => {
  new MutationObserver((_, observer) => {
    if (!document.querySelector(".fp-picture[data-serial]")) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => { window.pictureAt = performance.now(); }));
  }).observe(document, { subtree: true, childList: true, attributes: true });
}"""


def main() -> None:
    """Measure and print."""
    print("| measured | value |\n|---|---:|")
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder)) as server:
        with sync_playwright() as playwright:
            browser = launch(playwright)
            for name, (page, scene) in SCENES.items():
                address = f"{server.url}/{bundle.PATHS[page]}?{scene.query_string(page)}"
                found = [_open(browser, address) for _ in range(TURNS + 1)][1:]  # the first made it
                words, pictures, sizes = zip(*found, strict=True)
                print(f"| {name}: first words, median | {statistics.median(words):.2f} s |")
                print(f"| {name}: first picture, median | {statistics.median(pictures):.2f} s |")
                print(f"| {name}: first picture, slowest of {TURNS} | {max(pictures):.2f} s |")
                print(f"| {name}: bytes received | {max(sizes) / 1000:.0f} kB |")
            browser.close()
        for page, path in bundle.PATHS.items():
            files = f"/{path}", f"/{script_path(bundle.ENTRIES[page])}"
            times, failures = asyncio.run(_class(server.url, files))
            ordered, late = sorted(times), int(0.95 * CLIENTS)
            who = f"{CLIENTS} clients at once, {page}"
            print(f"| {who}: page and script, median | {ordered[CLIENTS // 2]:.2f} s |")
            print(f"| {who}: 95th percentile | {ordered[late]:.2f} s |")
            print(f"| {who}: failures | {failures} |")


def _open(browser: Browser, address: str) -> tuple[float, float, int]:
    """Seconds to the first words and to the first picture, and the bytes that were received."""
    context = new_context(browser, width=390)
    page = context.new_page()
    page.add_init_script(f"({PICTURE})()")
    session = context.new_cdp_session(page)
    received: list[int] = []
    session.on("Network.loadingFinished", lambda event: received.append(_size(event)))
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", LINE)
    page.goto(address)
    words, picture = _times(page)
    context.close()
    return words, picture, sum(received)


def _size(event: dict[str, Any]) -> int:
    return int(event["encodedDataLength"])


def _times(page: Page) -> tuple[float, float]:
    while not (picture := page.evaluate("() => window.pictureAt ?? 0")):
        page.wait_for_timeout(20)
    script = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
    return page.evaluate(script) / 1000, picture / 1000


async def _class(url: str, files: tuple[str, ...]) -> tuple[list[float], int]:
    """Seconds that each client took, and how many failed."""
    answers = await asyncio.gather(*(_client(url, files) for _ in range(CLIENTS)))
    return [seconds for seconds, _ in answers], sum(not whole for _, whole in answers)


async def _client(url: str, files: tuple[str, ...]) -> tuple[float, bool]:
    started = time.perf_counter()
    try:
        async with asyncio.timeout(60):
            statuses = [await _get(url, path) for path in files]
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        statuses = [0]
    return time.perf_counter() - started, all(status == 200 for status in statuses)


async def _get(url: str, path: str) -> int:
    """The status of an answer that was read to its end."""
    there = urlsplit(url)
    reader, writer = await asyncio.open_connection(there.hostname, there.port)
    host = f"{there.hostname}:{there.port}"
    head = (
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode())
    whole = await reader.read()
    writer.close()
    headers, _, body = whole.partition(b"\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in headers.decode().lower().split("\r\n")[1:])
    return int(headers.split()[1]) if len(body) == int(fields["content-length"]) else 0


if __name__ == "__main__":
    main()
