"""The lesson by keyboard alone, on a phone and on a projector's screen."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from playwright.sync_api import Page, expect

from flowviz.scene.lesson_answers import EXIT
from flowviz.text import translator
from flowviz.ui.lesson.steps import STEPS, Choice, number_in_part
from flowviz.ui.lesson.truth import truth
from tests.browser.chromium import READY
from tests.browser.conftest import OpenPage
from tests.browser.geometry import flaws
from tests.waiting import until

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


def fill(page: Page, questions: Sequence[object], correct: Sequence[float]) -> bool:
    """Answer a step by the keys; whether what was chosen stands, or was drawn anew under them."""
    options = []
    for question, value in zip(questions, correct, strict=True):
        if isinstance(question, Choice):
            options.append(int(value))
            tab_to(page, "radio")
            page.keyboard.press("Space")
            for _ in range(int(value)):
                page.keyboard.press("ArrowDown")
        else:
            tab_to(page, "number")
            page.keyboard.type(f"{value:.3f}")
    groups = page.locator("[data-testid=stForm] [role=radiogroup]")
    chosen = [groups.nth(k).locator("input").nth(option) for k, option in enumerate(options)]
    return all(radio.is_checked() for radio in chosen)


@pytest.mark.parametrize(
    ("width", "height", "locale", "last"),
    [(390, 844, "zh-CN", len(STEPS)), (1920, 1080, "en-US", EXIT)],
)
def test_the_whole_lesson_by_keyboard_alone(
    open_page: OpenPage, width: int, height: int, locale: str, last: int
) -> None:
    tr = translator("zh" if locale == "zh-CN" else "en")
    page = open_page("/lesson", width=width, height=height, locale=locale)
    for step, row in enumerate(STEPS[:last], 1):
        page.wait_for_selector(".plot .main-svg")
        expect(page.get_by_text(tr(f"lesson.{step}.question"))).to_be_visible()
        page.wait_for_selector(READY)
        idea = page.locator("h2", has_text=tr(f"lesson.{step}.idea"))
        expect(idea).to_have_count(0)  # it is the answer
        correct = truth(step).correct
        until(lambda row=row, correct=correct: fill(page, row.questions, correct), "keys are lost")
        tab_to(page, "button", tr("lesson.lock"))
        page.keyboard.press("Enter")
        expect(page.locator("[data-testid=stAlert]", has_text=tr("lesson.right"))).to_be_visible()
        expect(idea).to_be_visible()
        if step in (1, 6, 12, 15):
            assert flaws(page, width) == []
        if step in (EXIT, len(STEPS)):
            n = number_in_part(step)
            expect(page.get_by_text(tr("lesson.done", right=n, answered=n))).to_be_visible()
        if step < last:
            tab_to(page, "button", tr("lesson.next.images" if step == EXIT else "lesson.next"))
            page.keyboard.press("Enter")
    answered = rf"lesson_answers=.*{last}\("
    expect(page).to_have_url(re.compile(answered))  # a moment after the text
    page.reload()
    page.wait_for_selector(READY)
    expect(page.locator("[data-testid=stAlert]", has_text=tr("lesson.right"))).to_be_visible()
    assert re.search(r"lesson_answers=1\(1,1\.5\)", page.url)


FIELDS = "[data-testid=stForm] input[type=number]"
PLACES = """() => [...document.querySelectorAll(".fv-place")].map((node) => {
  const { x, y, width, height } = node.querySelector("line").getBoundingClientRect();
  return { x: x + width / 2, y: y + height / 2, put: !node.classList.contains("fv-unput"),
           says: node.getAttribute("aria-valuetext") }; })"""


def given(page: Page) -> list[str]:
    return [field.input_value() for field in page.locator(FIELDS).all()]


def rest(page: Page) -> bool:
    """Whether the marks stay where they are."""
    before = page.evaluate(PLACES)
    page.wait_for_timeout(100)
    return page.evaluate(PLACES) == before


def test_an_answer_is_put_on_the_figure_by_mouse_touch_and_keyboard(open_page: OpenPage) -> None:
    tr = translator("en")
    page = open_page("/lesson", width=590, height=900)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.wait_for_selector(".fv-place")
    page.wait_for_selector(READY)
    before = page.evaluate(PLACES)
    assert [mark["put"] for mark in before] == [False, False]
    assert {mark["says"] for mark in before} == {tr("question.unput")}
    # A press on one that waits puts it there, a click beside them the other. While a button of
    # the mouse is down, Plotly covers the page.
    page.mouse.click(before[0]["x"], before[0]["y"], delay=50)
    until(lambda: page.evaluate(PLACES)[0]["put"] and given(page)[0], lambda: given(page))
    page.mouse.click(before[1]["x"], before[1]["y"] - 40, delay=50)
    until(lambda: page.evaluate(PLACES)[1]["put"] and given(page)[1], lambda: given(page))
    # On a telephone, where the nearer follows a tap.
    page.set_viewport_size({"width": 590, "height": 900})
    page.wait_for_function("innerWidth === 590")
    page.wait_for_selector(READY)
    page.locator(".fv-place").nth(1).scroll_into_view_if_needed()
    until(lambda: rest(page))
    high = float(given(page)[1])
    mark = page.evaluate(PLACES)[1]
    page.touchscreen.tap(mark["x"], mark["y"] - 60)
    until(lambda: float(given(page)[1]) > high, lambda: given(page))
    low, high = (float(value) for value in given(page))
    assert 0.0 < low < high < 2.0
    # Dragged by the mouse: the field says where.
    mark = page.evaluate(PLACES)[1]
    page.mouse.move(mark["x"], mark["y"])
    page.mouse.down()
    page.mouse.move(mark["x"], mark["y"] - 50, steps=4)
    page.mouse.up()
    until(lambda: float(given(page)[1]) > high, lambda: given(page))
    assert float(given(page)[0]) == low
    # By the arrow keys, to the true places; and the typed number of a field stays as it is.
    for k, correct in enumerate(truth(1).correct):
        handle = page.locator(".fv-place").nth(k)
        handle.focus()
        away = round((correct - float(given(page)[k])) / 0.01)
        for _ in range(abs(away)):
            page.keyboard.press("ArrowUp" if away > 0 else "ArrowDown")
        until(lambda k=k, c=correct: abs(float(given(page)[k]) - c) < 0.02, lambda: given(page))
    page.get_by_role("button", name=tr("lesson.lock"), exact=True).click()
    expect(page.locator("[data-testid=stAlert]", has_text=tr("lesson.right"))).to_be_visible()
    expect(page.locator(".fv-place")).to_have_count(0)
