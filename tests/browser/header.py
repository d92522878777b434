"""What a visitor chooses in the header, which is a menu where the window is narrow."""

from __future__ import annotations

from playwright.sync_api import Page, TimeoutError, expect

from tests.browser.chromium import READY
from tests.waiting import until


def open_settings(page: Page) -> None:
    """Open the menu of the settings where they are one."""
    summary = page.locator(".st-key-head .stHtml details:not([open]) summary:visible").first
    if summary.count():
        summary.click()


def speak(page: Page, lang: str) -> None:
    """Choose a language; the page is in it."""
    radio = page.get_by_role("radio", name={"en": "English", "zh": "中文"}[lang])

    def pressed() -> bool:
        open_settings(page)
        try:
            radio.click(timeout=5000)
        except TimeoutError:  # a page that was still being drawn closed the menu again
            return False
        return True

    until(pressed, lambda: f"no choice of {lang}")
    expect(page.locator("html")).to_have_attribute("lang", lang)
    page.wait_for_selector(READY)
