"""A headless Chromium in front of a FlowViz server.

A test asks for `open_page` and gets a Playwright page that has finished drawing. At the end the
test fails, whatever else it checked, if the browser wrote an error to its console, an exception
was left uncaught in it, it asked another host for anything, or the server logged a traceback.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.browser.chromium import (
    READY,
    find_chromium,
    is_phone,
    launch,
    new_context,
    usual_height,
)
from tests.serving import RunningServer, running_server
from tests.waiting import TIMEOUT_S, until

OpenPage = Callable[..., Page]

expect.set_options(timeout=1000.0 * TIMEOUT_S)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a browser test."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """The application, started once for all browser tests."""
    with running_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium as the system installed it. In CI its absence is a failure, else a skip."""
    if find_chromium() is None:
        message = "no Chromium found; `make browser` installs it or says how"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    running = launch(playwright)
    yield running
    running.close()


@pytest.fixture(scope="session")
def windows(browser: Browser, server: RunningServer) -> Callable[..., BrowserContext]:
    """A visitor's browser for each language and kind of pointer: what it has cached it need not
    load again. What a page stored there is cleared with the page.

    A small page of the site stays open in it: all pages share its process, which keeps scripts
    compiled. That is half of the work of opening a page.
    """

    @cache
    def window(locale: str, width: int, mobile: bool, motion: bool) -> BrowserContext:
        context = new_context(browser, locale=locale, width=width, mobile=mobile, motion=motion)
        context.new_page().goto(f"{server.url}/_stcore/health")
        return context

    return window


def wait_for(page: Page, expression: str, arg: object = None) -> object:
    """`Page.wait_for_function`, whose own polling is an `eval` that the page's policy forbids."""
    return until(lambda: page.evaluate(expression, arg), expression)


@pytest.fixture
def open_page(windows: Callable[..., BrowserContext], server: RunningServer) -> Iterator[OpenPage]:
    """`open_page("/fan?…", width=390, color_scheme="dark", locale="zh-CN") -> Page`.

    `script` is JavaScript that runs in the page before anything else.
    """
    pages: list[Page] = []
    troubles: list[str] = []
    server.new_log()

    def watch(page: Page) -> None:
        def console(message: object) -> None:
            kind, text = getattr(message, "type", ""), getattr(message, "text", "")
            url = getattr(message, "location", {}).get("url", "")
            if kind == "error":
                troubles.append(f"console error: {text} ({url})")

        def request(sent: object) -> None:
            url = urlsplit(getattr(sent, "url", ""))
            if url.scheme in {"http", "https", "ws", "wss"} and url.hostname != "localhost":
                troubles.append(f"a request left this machine: {url.geturl()}")

        page.on("console", console)
        page.on("request", request)
        page.on("pageerror", lambda error: troubles.append(f"uncaught in the page: {error}"))

    def open_page(
        path: str = "/",
        *,
        wait: bool = True,
        script: str = "",
        width: int = 1400,
        height: int | None = None,
        color_scheme: Literal["light", "dark"] = "light",
        locale: str = "en-US",
        mobile: bool = False,
        motion: bool = False,
    ) -> Page:
        kind = 390 if is_phone(width) else 1400
        page = windows(locale, kind, mobile, motion).new_page()
        page.set_viewport_size({"width": width, "height": height or usual_height(width)})
        page.emulate_media(color_scheme=color_scheme)
        pages.append(page)
        watch(page)
        vars(page)["wait_for_function"] = partial(wait_for, page)  # in place of the class's
        if script:
            page.add_init_script(script)
        page.goto(server.url + path)
        if wait:
            page.wait_for_selector(READY)
        return page

    yield open_page
    for page in pages:
        page.evaluate("localStorage.clear()")
        page.context.clear_cookies()
        page.close()
    log = server.new_log()
    if "Traceback" in log:
        troubles.append(f"the server logged a traceback:\n{log}")
    assert not troubles, "\n".join(troubles)
