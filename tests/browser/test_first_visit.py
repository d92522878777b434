"""The first visitor of a new server gets the same page as any other."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from playwright.sync_api import Browser

from flowviz.text import ENTRIES
from tests.browser.chromium import READY, new_context
from tests.serving import ROOT, RunningServer, running_server
from tests.waiting import until


def modules(server: RunningServer, answer: Path) -> set[str]:
    """Names of the modules loaded in the server."""
    server.process.send_signal(signal.SIGUSR1)
    until(answer.exists, lambda: server.log)
    loaded = json.loads(answer.read_text(encoding="utf-8"))["modules"]
    answer.unlink()
    return set(loaded)


def test_a_deep_link_may_be_the_first_request(browser: Browser, tmp_path: Path) -> None:
    answer = tmp_path / "probe.json"
    probe = {"PYTHONPATH": str(ROOT / "tests" / "probe"), "FLOWVIZ_PROBE": str(answer)}
    with running_server(tmp_path, env=probe) as server:
        before = modules(server, answer)
        context = new_context(browser)
        page = context.new_page()
        page.goto(f"{server.url}/fan")
        page.wait_for_selector(READY)
        assert page.title() == ENTRIES["frame.app"].en
        # Streamlit's own listing of pages/ would name the entry file.
        assert page.get_by_role("link", name="app", exact=True).count() == 0
        late = {name.split(".")[0] for name in modules(server, answer) - before}
        context.close()
        assert "Traceback" not in server.log
    # What takes long to load was loaded at start-up.
    assert not late & {"torch", "sympy", "scipy", "pandas", "flowviz"}
