"""What Streamlit itself writes is in the visitor's language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from flowviz.text import ENTRIES, translator
from flowviz.text.streamlit import STREAMLIT
from tests.browser.chromium import READY, new_context
from tests.browser.test_private_names import LOST, missing
from tests.serving import RunningServer, running_server

LOCALES = {"en": "en-US", "zh": "zh-CN"}


def test_a_lost_connection_and_the_menu_are_in_the_visitors_language(
    browser: Browser, tmp_path: Path
) -> None:
    """Two visitors lose one server; the private names that this relies on are there as well."""
    pages = {}
    with running_server(tmp_path) as server:
        for lang, locale in LOCALES.items():
            pages[lang] = new_context(browser, locale=locale).new_page()
            pages[lang].goto(f"{server.url}/fan")
            the_menu_is_in(pages[lang], lang)
    for lang, page in pages.items():
        what_is_lost_is_said_in(page, lang)
        assert missing(page, LOST) == []
        page.context.close()


def the_menu_is_in(page: Page, lang: str) -> None:
    tr = translator(lang)  # type: ignore[arg-type]
    page.wait_for_selector(READY)
    # The texts are there, which the names of the menu cannot tell where both are English.
    expect(
        page.locator(f'[data-testid="stMain"][aria-label="{tr("streamlit.main")}"]')
    ).to_be_attached()
    page.locator(".stAppHeader button").last.click()
    menu = page.locator(".stMainMenuPopover")
    expect(menu).to_contain_text(tr("streamlit.print"))
    expect(menu).to_contain_text(tr("streamlit.theme.dark"))
    page.keyboard.press("Escape")


def what_is_lost_is_said_in(page: Page, lang: str) -> None:
    tr = translator(lang)  # type: ignore[arg-type]
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(tr("streamlit.lost"))
    expect(dialog).to_contain_text(tr("streamlit.lost.why"))
    expect(page.locator(".stConnectionStatus")).to_contain_text(tr("streamlit.connecting"))
    for said in (dialog.inner_text(), page.locator(".stConnectionStatus").inner_text()):
        assert "Streamlit" not in said
        assert "streamlit" not in said
        if lang == "zh":
            assert not re.search(r"[A-Za-z]", said.replace("FlowViz", ""))


@pytest.mark.parametrize("lang", LOCALES)
def test_names_of_help_and_an_unknown_address_are_in_the_visitors_language(
    browser: Browser, server: RunningServer, lang: str
) -> None:
    tr = translator(lang)  # type: ignore[arg-type]
    # Of its own, as Streamlit writes errors to the console there.
    context = new_context(browser, locale=LOCALES[lang])
    page = context.new_page()
    page.goto(f"{server.url}/no-such-page")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(tr("streamlit.missing"))
    expect(dialog).to_contain_text(tr("streamlit.missing.why"))
    page.keyboard.press("Escape")
    help_ = f'.stTooltipIcon [aria-label="{tr("streamlit.help")}"]'
    expect(page.locator(help_).first).to_be_attached()
    names = page.locator(".stTooltipIcon [aria-label]").all()
    assert names
    for name in names:
        said = name.get_attribute("aria-label") or ""
        assert ("Help" in said) == (lang == "en"), said
    context.close()


def test_every_word_that_is_replaced_has_one_in_the_pages_languages() -> None:
    assert set(STREAMLIT.values()) <= set(ENTRIES)
