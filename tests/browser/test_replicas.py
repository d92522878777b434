"""Several servers as one: each part of the whole is killed in turn, and the page goes on.

The parts are those of ``make serve``, as plain processes of this machine: two servers behind nginx,
a scheduler with two workers, results in a shared store, class rooms in a Redis.
"""

from __future__ import annotations

import re
import signal
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Locator, Page, TimeoutError, WebSocketRoute, expect

from flowviz.text import ENTRIES, translator
from tests.browser.chromium import new_context
from tests.browser.test_learn import LONG, SHORT, STEP, button, press, step, until_there
from tests.redis_server import running_redis
from tests.serving import RunningServer, running_servers
from tests.waiting import TIMEOUT_S, until

EN = translator("en")
SCENE = "space=plane&lang=en&learn_seed=81"

PINGS = """() => {
  const ask = window.fetch;
  window.pings = [];
  window.unanswered = 0;
  window.fetch = (what, ...more) => {
    if (!String(what).endsWith("/_stcore/health")) return ask(what, ...more);
    window.pings.push(Date.now());
    window.unanswered += 1;
    return ask(what, ...more).finally(() => { window.unanswered -= 1; });
  };
}"""
"""Notes when the page asks whether there is a server, and how many answers are missing."""


@dataclass
class Whole:
    """All that runs, and the processes of each part."""

    server: RunningServer
    redis: int

    def parts(self, words: str) -> list[psutil.Process]:
        """The processes whose command has these words, the oldest first."""
        found = []
        for process in psutil.Process(self.server.process.pid).children(recursive=True):
            try:
                if words in " ".join(process.cmdline()):
                    found.append(process)
            except psutil.NoSuchProcess:
                continue
        return sorted(found, key=lambda process: process.create_time())

    def busiest(self, words: str) -> psutil.Process:
        """Of those processes the one that works, while a training runs."""
        parts = self.parts(words)
        before = [part.cpu_times().user for part in parts]

        def done() -> list[float]:
            return [part.cpu_times().user - t for part, t in zip(parts, before, strict=True)]

        until(lambda: max(done()) > 0.5, "no worker works", every=0.1)
        return max(zip(done(), parts, strict=True), key=lambda pair: pair[0])[1]

    def server_of(self, page: Page) -> psutil.Process:
        """The server that a page's cookie names."""
        (cookie,) = [c for c in page.context.cookies() if c.get("name") == "flowviz_server"]
        ports = re.findall(r"upstream flowviz_\d+ {\s+server 127.0.0.1:(\d+)", self.configuration())
        (found,) = self.parts(f"--server.port {ports[int(cookie.get('value', '')) - 1]}")
        return found

    def configuration(self) -> str:
        (master,) = self.parts("nginx: master process")
        return Path(master.cmdline()[master.cmdline().index("-c") + 1]).read_text()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    folder = tmp_path_factory.mktemp("replicas")
    with running_redis(folder) as rooms:
        port = rooms.rpartition(":")[2].partition("/")[0]
        (redis,) = [p.pid for p in psutil.process_iter() if f":{port}" in " ".join(_command(p))]
        env = {"FLOWVIZ_ROOMS": rooms, "FLOWVIZ_CACHE": f"file://{folder}/results"}
        with running_servers(folder, "--workers", "2", env=env) as server:
            yield Whole(server, redis)


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def alive(page: Page, url: str) -> None:
    """The page answers: a setting that is changed reaches the address."""
    expect(page.locator(".fv-flows[data-serial]")).to_be_visible()
    assert url.partition("learn_seed")[0] == page.url.partition("learn_seed")[0]


def train(page: Page, begun: Locator) -> None:
    """Press Train until it has begun: a connection that is lost in that moment loses the press.

    It is lost when a server that was started again takes its place behind nginx.
    """

    def has_begun() -> bool:
        if button(page, "train").first.is_visible():
            press(page, "train")
        try:
            begun.first.wait_for(timeout=10_000)
        except TimeoutError:
            return False
        return True

    until(has_begun, "no training begins")


def test_each_part_is_killed_in_turn_and_the_page_goes_on(whole: Whole, browser: Browser) -> None:
    page = new_context(browser).new_page()
    page.goto(f"{whole.server.url}/learn?{SCENE}&{SHORT}")
    press(page, "train")
    until_there(page, "longer")
    url = page.url

    # A server: the other one takes the visitor, with the scene and what was trained. The page
    # comes back by itself, and at the first or the second question.
    killed = whole.server_of(page)
    page.evaluate(PINGS)
    with page.expect_event("websocket", timeout=1000.0 * TIMEOUT_S):
        killed.send_signal(signal.SIGKILL)
    assert 1 <= len(page.evaluate("window.pings")) <= 2
    until_there(page, "longer")
    alive(page, url)
    page.reload()
    until_there(page, "longer")
    alive(page, url)
    until(lambda: len(whole.parts("--server.port")) == 2, "the server is not started again")

    # A worker: its training is tried once more, on another.
    page.goto(f"{whole.server.url}/learn?{SCENE}&{LONG}")
    train(page, page.locator(STEP))
    step(page)
    whole.busiest("flowviz.ui.jobs.process").send_signal(signal.SIGKILL)
    expect(page.get_by_text(ENTRIES["learn.again"].en)).to_be_visible()
    step(page)

    # The scheduler: one sentence; the next training runs on the next one.
    (scheduler,) = whole.parts("flowviz.ui.jobs.scheduler")
    scheduler.send_signal(signal.SIGKILL)
    expect(page.get_by_text(ENTRIES["error.jobs.gone"].en)).to_be_visible()
    alive(page, page.url)
    until(lambda: whole.parts("flowviz.ui.jobs.scheduler"), "the scheduler is not started again")
    page.goto(f"{whole.server.url}/learn?{SCENE.replace('81', '82')}&{SHORT}")
    train(page, button(page, "longer"))

    # Redis: one sentence where a room would be opened; the exact field goes on.
    page.goto(f"{whole.server.url}/fan?lang=en")
    page.wait_for_selector("[data-serial]")
    psutil.Process(whole.redis).send_signal(signal.SIGKILL)
    page.get_by_role("button", name=EN("rooms.open"), exact=True).click()
    expect(page.get_by_text(ENTRIES["error.room.store"].en).first).to_be_visible()
    slider = page.get_by_role("slider").nth(1)
    slider.focus()
    slider.press("ArrowRight")
    page.wait_for_url(re.compile(r"p\.high=2\.01"))
    assert not re.search(r"fault [0-9A-F]{6}", whole.server.log), whole.server.log
    page.context.close()


def test_a_visitor_stays_on_one_server_and_a_class_is_on_both(whole: Whole) -> None:
    given = set()
    for _ in range(20):
        with urllib.request.urlopen(f"{whole.server.url}/fan", timeout=60) as reply:
            given.add(reply.headers["Set-Cookie"].partition(";")[0])
    assert given == {"flowviz_server=1", "flowviz_server=2"}
    again = urllib.request.Request(f"{whole.server.url}/fan", headers={"Cookie": given.pop()})
    with urllib.request.urlopen(again, timeout=60) as reply:
        assert reply.headers["Set-Cookie"] is None


AWAY_MS, BACK_MS, STEP_MS = 24_000, 2_000, 100


def test_a_page_asks_for_its_server_in_time(server: RunningServer, browser: Browser) -> None:
    """On the page's own clock: so a busy machine changes nothing."""
    context = new_context(browser)
    page = context.new_page()
    opened: list[WebSocketRoute] = []

    def passed_on(route: WebSocketRoute) -> None:
        route.connect_to_server()
        opened.append(route)

    page.route_web_socket("**/_stcore/stream", passed_on)
    page.clock.install()
    page.goto(f"{server.url}/gallery?lang=en")
    page.wait_for_selector("[data-testid=stMain] h1")
    page.evaluate(PINGS)
    page.route("**/_stcore/health", lambda route: route.abort())
    opened[-1].close()
    # Until its clock stands still, a busy machine's pauses are in it.
    page.clock.pause_at(page.evaluate("Date.now() + 1000"))
    page.evaluate("window.pings = [Date.now()]")
    for _ in range(AWAY_MS // STEP_MS):
        page.clock.run_for(STEP_MS)
        until(lambda: page.evaluate("window.unanswered") == 0, "a question is not answered")
    pings = page.evaluate("window.pings")
    pauses = [after - before for before, after in pairwise(pings)]
    assert len(pauses) > 10
    assert max(pauses) <= BACK_MS
    # The server is there again: the next question finds it.
    page.unroute("**/_stcore/health")
    for _ in range(BACK_MS // STEP_MS):
        page.clock.run_for(STEP_MS)
    until(lambda: len(opened) == 2, "the page does not come back")
    context.close()
