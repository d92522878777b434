"""What Streamlit itself writes is in the visitor's language."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from flowviz.text import ENTRIES, translator
from flowviz.text.streamlit import STREAMLIT
from tests.browser.chromium import new_context
from tests.serving import RunningServer

LOCALES = {"en": "en-US", "zh": "zh-CN"}


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
