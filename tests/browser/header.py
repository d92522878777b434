"""What a visitor chooses in the header, which is a menu where the window is narrow."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.chromium import READY


def open_settings(page: Page) -> None:
    """Open the menu of the settings where they are one."""
    summary = page.locator(".st-key-head .stHtml details:not([open]) summary:visible").first
    if summary.count():
        summary.click()


def speak(page: Page, lang: str) -> None:
    """Choose a language; the page is in it."""
    open_settings(page)
    page.get_by_role("radio", name={"en": "English", "zh": "中文"}[lang]).click()
    expect(page.locator("html")).to_have_attribute("lang", lang)
    page.wait_for_selector(READY)
