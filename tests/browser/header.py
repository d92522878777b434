"""What a visitor chooses in the header, which is a menu where the window is narrow."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.chromium import READY


def speak(page: Page, lang: str) -> None:
    """Choose a language, in the menu of a narrow window; the page is in it."""
    summary = page.locator(".st-key-head .stHtml details:not([open]) summary:visible").first
    if summary.count():
        summary.click()
    page.get_by_role("radio", name={"en": "English", "zh": "中文"}[lang]).click()
    expect(page.locator("html")).to_have_attribute("lang", lang)
    page.wait_for_selector(READY)
