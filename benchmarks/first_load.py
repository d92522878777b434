"""What who opens a link for the first time waits for: ``python -m benchmarks.first_load``.

Prints a Markdown table for Fan and Plane in a fresh headless Chromium, over two slow lines
(`slow_line`): kB and requests, the times to the first word, to the first picture, and to the page
that answers the hand, and the processor time that browser and server took. The server has answered
another browser before, so that nothing is measured but a load.

Scripts are compiled and run by this machine: what it is busy with otherwise counts here, too.
"""

from __future__ import annotations

import os
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Playwright, sync_playwright

from benchmarks.slow_line import slow_line
from tests.browser.chromium import READY, launch, new_context
from tests.serving import RunningServer, running_server
from tests.waiting import until

PAGES = ("fan", "plane")
LINES = (("2 Mbit/s", 2.0), ("10 Mbit/s", 10.0))
ROUND_TRIP_S = 0.06
REPEATS = 3

_COLUMNS = (
    "page", "line", "kB", "requests", "first word", "first picture", "alive",
    "CPU, browser", "CPU, server",
)  # fmt: skip

# Taken when the document changes: a page that is polled takes longer.
_WATCH = (
    """
window.firsts = {};
const shown = {
  word: () => document.querySelector("h1, #first-picture [role=heading]")?.textContent,
  picture: () => document.querySelector("#first-picture svg, [data-serial]"),
  alive: () => document.querySelector(".fv-rest") && document.querySelector('READY'),
};
new MutationObserver(() => {
  for (const [name, is] of Object.entries(shown))
    if (!(name in window.firsts) && is()) window.firsts[name] = performance.now() / 1000;
}).observe(document, { subtree: true, childList: true, attributes: true });
"""
).replace("READY", READY)


@dataclass(frozen=True)
class Load:
    """One first load: seconds from the request, what was received, processor seconds."""

    word: float
    picture: float
    alive: float
    kilobytes: float
    requests: float
    browser: float
    server: float


def main() -> None:
    """Measure and print."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        for name in PAGES:
            load(playwright, server, name, 1000.0)
        print(f"| {' | '.join(_COLUMNS)} |")
        print("|---|---|" + "---:|" * (len(_COLUMNS) - 2))
        for name in PAGES:
            for line, rate in LINES:
                loads = [load(playwright, server, name, rate) for _ in range(REPEATS)]
                print(_row(name, line, loads), flush=True)


def _row(name: str, line: str, loads: list[Load]) -> str:
    def median(part: str) -> float:
        return statistics.median(getattr(one, part) for one in loads)

    seconds = [
        f"{median(part):.1f} s" for part in ("word", "picture", "alive", "browser", "server")
    ]
    amounts = [f"{median(part):.0f}" for part in ("kilobytes", "requests")]
    return " | ".join(["", name, line, *amounts, *seconds, ""]).strip()


def load(playwright: Playwright, server: RunningServer, name: str, megabits: float) -> Load:
    """Open a page in a fresh browser, over a line of so many Mbit/s."""
    browser = launch(playwright)
    page = new_context(browser).new_page()
    page.add_init_script(_WATCH)
    requests: list[object] = []
    page.on("requestfinished", lambda request: requests.append(request))
    before = _seconds(server.process.pid), _descendants_seconds(server.process.pid)
    port = urlsplit(server.url).port or 80
    with slow_line(port, megabits, ROUND_TRIP_S) as line:
        page.goto(f"http://localhost:{line.port}/{name}", wait_until="commit")
        until(lambda: "alive" in page.evaluate("window.firsts"), "the page is not alive", every=0.2)
        received = line.down.sent
        page.wait_for_timeout(500)
        firsts = page.evaluate("window.firsts")
        after = _seconds(server.process.pid), _descendants_seconds(server.process.pid)
        browser.close()
    return Load(
        **firsts,
        kilobytes=received / 1000,
        requests=len(requests),
        server=after[0] - before[0],
        browser=after[1] - before[1],
    )


def _seconds(pid: int) -> float:
    """The processor time of a process and of its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _descendants_seconds(but: int) -> float:
    """The processor time of the processes that this one started and that live, ``but`` one."""
    total, todo = 0.0, [os.getpid()]
    while todo:
        children = Path(f"/proc/{todo.pop()}/task").glob("*/children")
        for child in " ".join(path.read_text() for path in children).split():
            if int(child) != but:
                total += _seconds(int(child))
                todo.append(int(child))
    return total


if __name__ == "__main__":
    main()
