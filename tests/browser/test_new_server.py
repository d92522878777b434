"""The life of a server: its first visitor gets the page of any other, and what is said at its end.

The tests have one server, in their order.
"""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from flowviz.text import ENTRIES, translator
from tests.browser.chromium import READY, new_context
from tests.browser.pointer import RECORD, FanUser
from tests.browser.test_fan import RICH, box, others
from tests.browser.test_learn import LONG, press, step
from tests.browser.test_private_names import LOST, missing
from tests.serving import ROOT, RunningServer, running_server
from tests.waiting import until

LOCALES = {"en": "en-US", "zh": "zh-CN"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("new")


@pytest.fixture(scope="module")
def new_server(folder: Path) -> Iterator[RunningServer]:
    """A server that nobody has visited, with results of its own."""
    probe = {
        "PYTHONPATH": str(ROOT / "tests" / "probe"),
        "FLOWVIZ_PROBE": str(folder / "probe.json"),
    }
    with running_server(folder, env=probe | cache(folder)) as server:
        yield server


def cache(folder: Path) -> dict[str, str]:
    return {"FLOWVIZ_CACHE": str(folder / "cache")}


def modules(server: RunningServer, answer: Path) -> set[str]:
    """Names of the modules loaded in the server."""
    server.process.send_signal(signal.SIGUSR1)
    until(answer.exists, lambda: server.log)
    loaded = json.loads(answer.read_text(encoding="utf-8"))["modules"]
    answer.unlink()
    return set(loaded)


def test_a_deep_link_may_be_the_first_request(
    browser: Browser, new_server: RunningServer, folder: Path
) -> None:
    answer = folder / "probe.json"
    before = modules(new_server, answer)
    context = new_context(browser)
    page = context.new_page()
    page.goto(f"{new_server.url}/fan")
    page.wait_for_selector(READY)
    assert page.title() == ENTRIES["frame.app"].en
    # Streamlit's own listing of pages/ would name the entry file.
    assert page.get_by_role("link", name="app", exact=True).count() == 0
    late = {name.split(".")[0] for name in modules(new_server, answer) - before}
    context.close()
    assert "Traceback" not in new_server.log
    # What takes long to load was loaded at start-up.
    assert not late & {"torch", "sympy", "scipy", "pandas", "flowviz"}


def test_many_moves_on_a_new_server_change_the_points_only(
    browser: Browser, new_server: RunningServer
) -> None:
    context = new_context(browser)
    context.add_init_script(RECORD)
    page = context.new_page()
    page.goto(f"{new_server.url}/fan?{RICH.query_string()}")
    page.wait_for_selector(READY)
    user = FanUser(page)
    user.until_shown()
    assert user.query == RICH.to_query()
    user.drag(0.5, 1.0, moves=30)
    user.drag(user.handles[2], 2.1, moves=30)
    user.until(lambda: user.scene.points.x == pytest.approx((1.0, 1.2, 2.1), abs=0.01))
    user.until_shown()
    page.wait_for_selector(READY)
    assert others(user.query) == others(RICH.to_query())
    assert box(page) == user.scene.points.text()
    for name, value in [("Means", "0, 2"), ("Scales", "0.4, 0.6")]:
        assert page.get_by_role("textbox", name=name).input_value() == value
    expect(page.get_by_role("switch", name="Velocity")).to_be_checked()
    expect(page.get_by_role("radio", name="probability")).to_be_checked()
    page.reload()
    page.wait_for_selector(READY)
    FanUser(page).until_shown()
    assert page.locator('[data-testid="stAlert"]').count() == 0
    context.close()
    assert "Traceback" not in new_server.log


def test_a_server_that_is_killed_leaves_no_process_and_its_visitors_are_told_in_their_language(
    browser: Browser, new_server: RunningServer, folder: Path
) -> None:
    """One is training; the private names that the words rely on are there as well."""
    pages = {}
    for lang, locale in LOCALES.items():
        pages[lang] = new_context(browser, locale=locale).new_page()
        pages[lang].goto(f"{new_server.url}/fan")
        the_menu_is_in(pages[lang], lang)
    trainer = new_context(browser).new_page()
    trainer.goto(f"{new_server.url}/learn?{LONG}&learn_seed=74")
    press(trainer, "train")
    step(trainer)
    workers = children(new_server.process.pid)
    assert len(workers) >= 2
    new_server.process.send_signal(signal.SIGKILL)
    new_server.process.wait()
    until(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in workers), "an orphan")
    for lang, page in pages.items():
        what_is_lost_is_said_in(page, lang)
        assert missing(page, LOST) == []
        page.context.close()
    # Streamlit connects again by itself, in a session of its own.
    port = urlsplit(new_server.url).port
    with running_server(folder, env=cache(folder), port=port):
        expect(trainer.get_by_text(ENTRIES["learn.lost"].en)).to_be_visible()
        press(trainer, "anew")
        step(trainer)
        expect(trainer.get_by_text(ENTRIES["learn.lost"].en)).to_have_count(0)
    trainer.context.close()


def children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()] + [
        int(p)
        for task in Path(f"/proc/{pid}/task").iterdir()
        if task.name != str(pid)
        for p in (task / "children").read_text().split()
    ]


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
