"""A class room end to end: a teacher's page and a student's telephone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from flowviz.text import translator
from flowviz.ui.lesson.truth import truth
from tests.browser.chromium import READY
from tests.browser.conftest import OpenPage, wait_for
from tests.browser.test_accessibility import findings
from tests.waiting import until

EN, ZH = translator("en"), translator("zh")
BARS = """[...document.querySelectorAll(".js-plotly-plot")].flatMap(
  ({ data }) => data ?? []).filter(({ name }) => name.startsWith("class"))
  .map(({ xaxis, yaxis, x }) => [xaxis, yaxis, [...x].reduce((sum, n) => sum + n, 0)])"""
SCENE = re.compile(r"[?&]scene=([0-9a-f]{8})")


def scene_of(page: Page) -> str:
    """Which of the teacher's scenes a student's address is of."""
    found = SCENE.search(page.url)
    return found[1] if found else ""


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def tap(page: Page, x: float) -> None:
    """At the height of a position in the figure of the lesson's first question."""
    box = page.locator(".fp-room-cover").bounding_box()
    assert box is not None
    top, bottom = 1.98, 0.02  # of what is covered
    y = box["y"] + (top - x) / (top - bottom) * box["height"]
    page.touchscreen.tap(box["x"] + 0.3 * box["width"], y)


def test_a_class_joins_predicts_sees_follows_and_is_free(open_page: OpenPage) -> None:
    teacher = open_page("/lesson")
    press(teacher, EN("rooms.open"))
    code = teacher.locator(".st-key-room-code")
    expect(code.locator("img")).to_be_visible()
    name = code.locator("h3").inner_text()

    # Joined by typing the name, with the question open: nothing shows its answer.
    student = open_page("/room", wait=False, width=390, locale="zh-CN")
    student.get_by_label(ZH("rooms.join.label")).fill(name.replace("-", " ").upper())
    press(student, ZH("rooms.join"))
    expect(student.get_by_text(ZH("lesson.1.question"))).to_be_visible()
    assert student.url.endswith(f"/play?room={name}")
    expect(student.locator(".fp-picture")).not_to_be_visible()
    expect(student.locator(".fp-lead")).not_to_be_visible()
    assert student.evaluate("document.documentElement.scrollWidth") <= 390
    assert findings(student, ".fp-room") == []

    # Put on the question's figure by taps, which are in the fields; and the other way.
    fields = student.locator(".fp-room-form input")
    press(student, ZH("rooms.said.lock"))
    expect(student.get_by_text(ZH("rooms.said.missing"))).to_be_visible()
    tap(student, 0.85)
    tap(student, 1.6)
    given = [float(fields.nth(k).input_value()) for k in range(2)]
    assert given == pytest.approx([0.85, 1.6], abs=0.02)
    fields.nth(1).fill("1.2")
    expect(student.locator(".fv-place").nth(1)).to_have_attribute("aria-valuenow", "1.2")
    student.locator(".fv-place").nth(0).press("ArrowUp")
    until(lambda: float(fields.nth(0).input_value()) > given[0])

    # Locked, changed, kept over a reload; the count comes in.
    fields.nth(0).fill("0.85")
    fields.nth(1).fill("1.45")
    press(student, ZH("rooms.said.lock"))
    locked = ZH("rooms.said.locked").replace("{answer}", "0.85; 1.45")
    expect(student.get_by_text(locked)).to_be_visible()
    expect(teacher.get_by_text(EN("rooms.answered.flow", n=1, step=1))).to_be_visible()
    student.reload()
    expect(student.get_by_text(locked)).to_be_visible()
    press(student, ZH("rooms.said.change"))
    fields.nth(0).fill("0.9")
    fields.nth(1).fill("1.45")
    press(student, ZH("rooms.said.lock"))
    locked = ZH("rooms.said.locked").replace("{answer}", "0.9; 1.45")
    expect(student.get_by_text(locked)).to_be_visible()

    # In the teacher's figure on the axis of the question, and only when the teacher shows it.
    assert teacher.evaluate(BARS) == []
    teacher.get_by_text(EN("rooms.show"), exact=True).click()
    until(lambda: teacher.evaluate(BARS) == [["x3", "y", 2]], lambda: teacher.evaluate(BARS))
    teacher.reload()  # the tab keeps the key
    teacher.wait_for_selector(READY)
    expect(code.locator("h3")).to_have_text(name)

    # The reveal: the answer and the scene on the telephone, the histogram beside the truth.
    for k, value in enumerate(truth(1).correct):
        teacher.locator("[data-testid=stForm] input").nth(k).fill(f"{value:.3f}")
    press(teacher, EN("lesson.lock"))
    until(lambda: teacher.evaluate(BARS) == [["x3", "y", 2]], lambda: teacher.evaluate(BARS))
    answer = ZH("lesson.1.answer", **truth(1).words)
    expect(student.get_by_text(answer)).to_be_visible()
    yours = ZH("rooms.said.yours").replace("{answer}", "0.9; 1.45")
    expect(student.get_by_text(yours)).to_be_visible()
    student.wait_for_url(SCENE)
    expect(student.locator(".fp-picture")).to_be_visible()
    expect(student.get_by_text(ZH("rooms.said.following"))).to_be_visible()
    expect(student.locator(".fp-notice")).not_to_be_visible()  # the link is whole

    # Another page of the teacher's is followed; a scene of one's own is kept.
    teacher.get_by_role("link", name=EN("nav.plane"), exact=True).click()
    student.wait_for_url(re.compile(r"/play/plane\?"))
    wait_for(student, "() => document.querySelector('.fp-plane[data-serial]') !== null")
    press(student, ZH("rooms.said.take"))
    expect(student.get_by_text(ZH("rooms.said.own"))).to_be_visible()
    first = scene_of(student)
    teacher.get_by_role("link", name=EN("nav.fan"), exact=True).click()
    expect(code.locator("h3")).to_have_text(name)
    teacher.get_by_text(EN("rooms.free"), exact=True).click()
    expect(student.get_by_text(ZH("rooms.said.free"))).to_be_visible()
    assert scene_of(student) == first
    teacher.get_by_text(EN("rooms.follow"), exact=True).click()
    press(student, ZH("rooms.said.return"))
    student.wait_for_url(re.compile(r"/play\?"))
    assert scene_of(student) not in ("", first)

    # A question about that scene: covered on both, a number, the answer, the scene again.
    press(teacher, EN("rooms.ask.start"))  # for the border between two basins
    expect(student.locator(".fp-picture")).not_to_be_visible()
    number = student.locator(".fp-room-form input")
    number.fill("1.25")
    press(student, ZH("rooms.said.lock"))
    expect(teacher.get_by_text(EN("rooms.answered.exercise", n=1))).to_be_visible()
    expect(teacher.locator(".st-key-question .plot .main-svg").first).to_be_visible()
    press(teacher, EN("rooms.ask.reveal"))
    expect(student.get_by_text(ZH("exercise.border.why", value="1"))).to_be_visible()
    expect(student.locator(".fp-picture")).to_be_visible()
    until(lambda: ["x3", "y", 1] in teacher.evaluate(BARS), lambda: teacher.evaluate(BARS))
    press(teacher, EN("rooms.ask.end"))
    expect(student.get_by_text(ZH("exercise.title"), exact=True)).not_to_be_visible()

    press(teacher, EN("rooms.close"))
    expect(student.get_by_text(ZH("rooms.said.closed"))).to_be_visible()
    expect(student.locator(".fp-picture")).to_be_visible()
