"""The Train page in a browser: watched, stopped, continued, played; and a killed server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from safetensors.numpy import load_file

from flowviz.core.training import NetSpec, load, notes
from flowviz.scene import Scene
from flowviz.text import ENTRIES, Language, translator
from tests.browser.chromium import READY
from tests.browser.conftest import OpenPage
from tests.browser.header import speak
from tests.browser.test_private_names import IN_WIDE_FIELDS, LEARN, missing
from tests.serving import ROOT
from tests.waiting import TIMEOUT_S, until

# Long enough to be stopped, and of a network that takes little.
LONG = "learn_steps=60000&learn_width=16&learn_depth=1&learn_batch=64"
SHORT = "learn_steps=90&learn_width=8&learn_depth=1&learn_batch=64"

PAINTED = """(panel) => {
  const canvas = [...document.querySelectorAll('.fv-panel')][panel].querySelectorAll('canvas')[3];
  return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.reduce(
      (sum, v, k) => (sum * 31 + v * (k % 97)) % 1000003, 7);
}"""


def button(page: Page, name: str) -> Locator:
    """A button by its words, Chinese or English: a page has it twice, once for telephones."""
    entry = ENTRIES[f"learn.{name}"]
    words = re.compile(f"^({re.escape(entry.en)}|{re.escape(entry.zh)})$")
    every = page.locator(".stButton, .stDownloadButton").get_by_text(words)
    return every.locator("visible=true")


STEP = "text=/Step [0-9,]+ of/"


def press(page: Page, name: str) -> None:
    button(page, name).first.wait_for()
    page.wait_for_timeout(500)  # as long as it takes to read what is on it
    button(page, name).first.click()


def until_there(page: Page, name: str) -> None:
    button(page, name).first.wait_for()


def step(page: Page) -> int:
    """The step that the page says it is at."""
    words = page.locator(STEP).first
    words.wait_for()
    found = re.search(r"Step ([\d,]+)", words.inner_text())
    assert found
    return int(found[1].replace(",", ""))


def test_a_training_is_watched_stopped_and_continued(open_page: OpenPage) -> None:
    page = open_page(f"/learn?space=plane&{LONG}&learn_seed=71")
    page.wait_for_selector(".fv-flows[data-serial]")
    blank = page.evaluate(PAINTED, 0)
    press(page, "train")
    early = step(page)
    page.wait_for_function(f"({PAINTED})(0) !== {blank}")
    page.wait_for_selector(".plot .main-svg")  # the loss
    page.wait_for_function(
        f"""() => {{ const it = document.body.innerText.match(/Step ([\\d,]+) of/);
        return it && Number(it[1].replace(',', '')) > {early + 100}; }}"""
    )
    press(page, "stop")
    until_there(page, "continue")
    said = page.locator("text=/Stopped after [0-9,]+ steps/").inner_text()
    found = re.search(r"after ([\d,]+) steps", said)
    assert found
    stopped = int(found[1].replace(",", ""))
    assert stopped > early
    press(page, "continue")
    assert step(page) >= stopped
    press(page, "stop")
    until_there(page, "continue")


LANDMARKS = """() => [...document.querySelectorAll(
    '[data-testid=stMain] :is(.st-key-learn-main, .plot, .fv-still, .fv-flows, summary)')]
  .filter((node) => node.getClientRects().length).slice(0, COUNT)
  .map((node) => Math.round(node.getBoundingClientRect().y))"""
HELD = "document.activeElement.closest('.st-key-learn-main') !== null"


@pytest.mark.parametrize(("space", "width", "marks"), [("line", 390, 7), ("plane", 1400, 5)])
def test_training_moves_no_element_keeps_the_focus_and_runs_off_no_window(
    open_page: OpenPage, space: str, width: int, marks: int
) -> None:
    """From the click to the report, which comes last: buttons, charts and flows stay in place."""
    more = "learn_steps=600&learn_width=16&learn_depth=1&learn_batch=64"
    path = f"/learn?space={space}&{more}&learn_seed={76 + width}"
    page = open_page(path, width=width, color_scheme="dark")
    page.wait_for_selector(".fv-flows[data-serial]" if space == "plane" else ".fv-still .fv-rest")
    main = page.locator(".st-key-learn-main button:visible").first
    where = LANDMARKS.replace("COUNT", f"{marks}")
    expect(main).to_have_text("Train")
    page.wait_for_timeout(1_000)
    before = page.evaluate(where)
    assert len(before) == marks
    main.press("Enter")
    seen, deadline = set(), time.monotonic() + TIMEOUT_S
    while not button(page, "longer").count():
        assert time.monotonic() < deadline
        seen.add(main.inner_text())
        assert page.evaluate(where) == before
        assert page.evaluate(HELD)
        page.wait_for_timeout(50)
    assert page.evaluate(where) == before
    assert page.evaluate(HELD)
    assert "Stop" in " ".join(seen)
    runs_off_no_window(page)


def test_time_is_scrubbed_without_the_server_and_the_downloaded_network_is_the_trained_one(
    open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(f"/learn?space=plane&{SHORT}&learn_seed=72&lang=zh")
    press(page, "train")
    until_there(page, "longer")
    page.wait_for_selector(READY)
    frames: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", frames.append))
    before = [page.evaluate(PAINTED, panel) for panel in (0, 1)]
    clock = page.locator(".fv-flows .fv-time")
    clock.focus()
    clock.press("Home")
    assert float(clock.input_value()) == 0.0
    after = [page.evaluate(PAINTED, panel) for panel in (0, 1)]
    assert all(one != other for one, other in zip(before, after, strict=True))
    assert not frames
    # The same link, opened by somebody else, shows the result at once, and it is that.
    other = open_page(f"/learn?space=plane&{SHORT}&learn_seed=72&lang=en", locale="zh-CN")
    expect(button(other, "longer").first).to_be_visible()
    the_script_trains_to_the_weights(other, tmp_path)


def the_script_trains_to_the_weights(page: Page, tmp_path: Path) -> None:
    """The script, run alone in an empty folder, trains to the downloaded weights."""
    weights = take(page, "weights", tmp_path)
    assert weights.name == "flowviz-velocity.safetensors"
    taken = load_file(weights)
    assert load(weights.read_bytes()).spec == NetSpec(width=8, depth=1)
    scene = Scene.from_query(dict(parse_qsl(notes(weights.read_bytes())["scene"])))
    assert (scene.space, scene.learn_seed, scene.learn_steps) == ("plane", 72, 90)
    script = take(page, "script", tmp_path / "alone")
    assert script.name == "flowviz-train.py"
    done = subprocess.run(
        [sys.executable, script.name],
        cwd=script.parent,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    own = load_file(script.parent / "velocity.safetensors")
    assert own.keys() == taken.keys()
    for name, value in own.items():
        np.testing.assert_allclose(value, taken[name], rtol=1e-5, atol=1e-6)
    said = re.findall(r"relative ([\d.]+)", done.stdout)[-1]
    shown = page.locator("text=/relative error of the velocity/").inner_text()
    assert f"{float(said):.1%}" in shown


def take(page: Page, name: str, folder: Path) -> Path:
    """Press a download button; the file as it was saved, under the name it came with."""
    folder.mkdir(exist_ok=True)
    with page.expect_download() as coming:
        press(page, name)
    path = folder / coming.value.suggested_filename
    coming.value.save_as(path)
    return path


def runs_off_no_window(page: Page) -> None:
    """Wide and in English, narrow and in Chinese."""
    page.set_viewport_size({"width": 1400, "height": 900})
    found = {(1400, "en"): sticking_out(page, 1400, "en")}
    speak(page, "zh")
    page.set_viewport_size({"width": 390, "height": 844})
    found[390, "zh"] = sticking_out(page, 390, "zh")
    assert not any(found.values()), found


def sticking_out(page: Page, width: int, lang: Language) -> list[str]:
    """What is wider than the window, with the formula of the floor open."""
    page.wait_for_selector(READY)
    why = translator(lang)("learn.why")
    fold = page.locator("details:not([open]) summary", has_text=why)
    if fold.count():
        fold.click()
    page.locator("details .katex-display").wait_for()
    page.wait_for_function(f"innerWidth === {width} && {ALL_DRAWN}")
    return page.evaluate(STICKING_OUT, width)


# Every figure is as wide as its room.
ALL_DRAWN = """[...document.querySelectorAll(".stMain .js-plotly-plot")]
    .filter((it) => it.checkVisibility() && it.clientWidth)
    .every((it) => Math.abs(it.querySelector(".main-svg").clientWidth - it.clientWidth) < 2)"""
STICKING_OUT = """(width) => {
  const main = document.querySelector("[data-testid=stMain]");
  const wide = [...document.querySelectorAll(".fv-panel, .fv-still, .plot")]
      .map((node) => [node.className, node.getBoundingClientRect().right])
      .filter(([, right]) => right > width).map(String);
  if (main.scrollWidth > main.clientWidth) wide.push("the page");
  if (document.documentElement.scrollWidth > width) wide.push("the document");
  return wide;
}"""


def test_a_number_with_an_exponent_is_read(open_page: OpenPage) -> None:
    page = open_page("/learn")
    page.wait_for_selector(".stColumn .stNumberInput")
    assert missing(page, LEARN) == []
    steps = page.get_by_label("Steps", exact=True)
    steps.fill("2e3")
    steps.press("Enter")
    page.wait_for_function("location.search.includes('learn_steps=2000')")
    assert steps.input_value() == "2000"
    page.add_style_tag(content=".stSidebar .stNumberInput { width: 20rem !important }")
    until(lambda: missing(page, IN_WIDE_FIELDS) == [], lambda: missing(page, IN_WIDE_FIELDS))
