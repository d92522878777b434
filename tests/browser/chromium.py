"""Finding and starting the system's Chromium; Playwright's own builds are never downloaded."""

from __future__ import annotations

import shutil
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Playwright

from tests.waiting import TIMEOUT_S

# The shell has no window of its own: of opening a page it saves an eighth of the work.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")

ARGUMENTS = [
    "--no-sandbox",  # a container's root may not make one
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--process-per-site",  # the pages of a visitor share one process
]

READY = '[data-testid="stApp"][data-test-script-state="notRunning"]'
"""Selector of a page whose script has run to its end."""


def find_chromium() -> str | None:
    """The path of the first Chromium found, or None."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


def launch(playwright: Playwright) -> Browser:
    """A headless Chromium."""
    return playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)


def new_context(
    browser: Browser,
    *,
    width: int = 1400,
    height: int | None = None,
    color_scheme: Literal["light", "dark"] = "light",
    locale: str = "en-US",
    mobile: bool = False,
    motion: bool = False,
) -> BrowserContext:
    """A fresh visitor: a window of that size, with that theme and language.

    A width under 600 stands for a phone: it has touch and its height defaults to 844. ``mobile``:
    it has no other pointer. ``motion``: pictures may move by themselves.
    """
    context = browser.new_context(
        viewport={"width": width, "height": height or usual_height(width)},
        color_scheme=color_scheme,
        locale=locale,
        has_touch=is_phone(width),
        is_mobile=mobile,
        reduced_motion="no-preference" if motion else "reduce",
    )
    context.set_default_timeout(1000.0 * TIMEOUT_S)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    return context


def is_phone(width: int) -> bool:
    """Whether a window of that width stands for a phone."""
    return width < 600


def usual_height(width: int) -> int:
    """The height of a window of which only the width is said."""
    return 844 if is_phone(width) else 900
