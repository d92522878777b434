"""The lesson by keyboard alone, on a phone and on a projector's screen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from flowviz.text import translator
from flowviz.ui.lesson.steps import STEPS, Choice
from flowviz.ui.lesson.truth import truth
from tests.browser.chromium import READY
from tests.browser.conftest import OpenPage
from tests.browser.geometry import flaws

FOCUSED = """(() => {
  const node = document.activeElement;
  return [node.tagName, node.type ?? "", node.innerText ?? "", node.closest("form") !== null
    || node.closest("[data-testid=stForm]") !== null].map(String);
})()"""
MOST = 60  # presses of Tab from one end of the page to the other


def tab_to(page: Page, kind: str, words: str = "") -> None:
    """Press Tab until a field of the form, or a button with these words, has the focus."""
    for _ in range(MOST):
        page.keyboard.press("Tab")
        _, type_, text, in_form = page.evaluate(FOCUSED)
        if (in_form == "true" and type_ == kind) or (kind == "button" and text.strip() == words):
            return
    raise AssertionError(f"no {kind} {words} is reached by Tab")


@pytest.mark.parametrize(
    ("width", "height", "locale"), [(390, 844, "zh-CN"), (1920, 1080, "en-US")]
)
def test_the_whole_lesson_by_keyboard_alone(
    open_page: OpenPage, width: int, height: int, locale: str
) -> None:
    tr = translator("zh" if locale == "zh-CN" else "en")
    page = open_page("/lesson", width=width, height=height, locale=locale)
    for step, row in enumerate(STEPS, 1):
        page.wait_for_selector(".plot .main-svg")
        expect(page.get_by_text(tr(f"lesson.{step}.question"))).to_be_visible()
        page.wait_for_selector(READY)
        idea = page.locator("h2", has_text=tr(f"lesson.{step}.idea"))
        expect(idea).to_have_count(0)  # it is the answer
        for question, correct in zip(row.questions, truth(step).correct, strict=True):
            if isinstance(question, Choice):
                tab_to(page, "radio")
                page.keyboard.press("Space")
                for _ in range(int(correct)):
                    page.keyboard.press("ArrowDown")
            else:
                tab_to(page, "number")
                page.keyboard.type(f"{correct:.3f}")
        tab_to(page, "button", tr("lesson.lock"))
        page.keyboard.press("Enter")
        expect(page.locator("[data-testid=stAlert]", has_text=tr("lesson.right"))).to_be_visible()
        expect(idea).to_be_visible()
        if step in (1, 6):
            assert flaws(page, width) == []
        if step < len(STEPS):
            tab_to(page, "button", tr("lesson.next"))
            page.keyboard.press("Enter")
    expect(page.get_by_text(tr("lesson.done", right=11, answered=11))).to_be_visible()
    expect(page).to_have_url(re.compile(r"lesson_answers=.*10\("))  # a moment after the text
    page.reload()
    page.wait_for_selector(READY)
    expect(page.locator("[data-testid=stAlert]", has_text=tr("lesson.right"))).to_be_visible()
    assert re.search(r"lesson_answers=1\(1,1\.5\)", page.url)
