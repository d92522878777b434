"""A run that is ended by the next one, wherever that is, loses no change and makes none by halves.

Streamlit ends a run at its next access to the session's state or its next element. Here every such
place is one where a run is ended, once, by a run with the same values of the widgets.
"""

from __future__ import annotations

import ast
from typing import Any

import pytest
from streamlit.runtime.scriptrunner import script_runner
from streamlit.runtime.scriptrunner_utils.exceptions import RerunException
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.testing.v1 import AppTest

from flowviz.scene import Scene
from tests.serving import ROOT


def script() -> None:
    """A page of nothing but the editor of the points."""
    import streamlit as st

    from flowviz.text import translator
    from flowviz.ui.session import state
    from flowviz.ui.widgets.points_editor import LINE

    page = st.session_state.setdefault("page", "fan")
    state.sync_widgets()
    scene = state.begin_page(page)
    LINE.sidebar(translator(scene.lang))
    state.end_page(complete=True)


class Interruption:
    """Ends a run where it gives way for the ``at``-th time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at, self.count = 0, 0
        self.data = RerunData()
        run, give_way = (
            script_runner.ScriptRunner._run_script,
            script_runner.ScriptRunner._maybe_handle_execution_control_request,
        )

        def run_script(runner: script_runner.ScriptRunner, data: RerunData) -> None:
            self.data = data
            run(runner, data)

        def yielded(runner: script_runner.ScriptRunner) -> None:
            give_way(runner)
            if runner._execing:
                self.count += 1
                if self.count == self.at:
                    raise RerunException(self.data)

        monkeypatch.setattr(script_runner.ScriptRunner, "_run_script", run_script)
        name = "_maybe_handle_execution_control_request"
        monkeypatch.setattr(script_runner.ScriptRunner, name, yielded)

    def begin(self, at: int) -> None:
        self.at, self.count = at, 0


def opened(points: str) -> AppTest:
    app = AppTest.from_function(script, default_timeout=60)
    if points:
        app.query_params["points"] = points
    return app


def check(app: AppTest, points: str) -> None:
    assert not app.exception, [e.value for e in app.exception]
    assert not app.error, [e.value for e in app.error]
    scene: Scene = app.session_state["flowviz.scene"]
    assert scene.points.text() == points
    assert app.text_area[0].value == points


PLACES = 14  # the first ones: a page's state is changed before its elements are drawn
EDITS = ("edit", "edit and turn", "open")


def test_a_page_has_its_default_wherever_the_run_that_opens_it_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    interruption = Interruption(monkeypatch)
    for at in range(PLACES):
        app = opened("").run()
        app.session_state["page"] = "solvers"
        interruption.begin(at)
        app.run()
        assert app.session_state["flowviz.scene"].prior == "gaussian", at


@pytest.mark.parametrize("what", EDITS)
def test_a_run_may_end_anywhere(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    interruption = Interruption(monkeypatch)
    new = "0.3, 1.1" if what == "open" else "0.3, 1.1, 1.4"

    def run(at: int) -> Any:
        app = opened("0.3,1.1")
        interruption.begin(at if what == "open" else 0)
        app.run()
        if what == "open":
            check(app, new)
            return app
        if "edit" in what:
            app.text_area[0].set_value(new)
        if "turn" in what:
            app.session_state["page"] = "solvers"
        interruption.begin(at)
        app.run()
        check(app, new)
        app.run()
        check(app, new)
        undo = app.session_state["flowviz.history"] if "edit" in what else []
        assert [points.text() for points in undo] == ["0.3, 1.1"] * len(undo)
        assert len(undo) == ("edit" in what)
        return app

    for at in range(PLACES):
        run(at)
    assert interruption.count > PLACES


def callbacks() -> list[str]:
    """What is called when a button is pressed, as the pages name it."""
    calls = [
        keyword.value
        for folder in ("flowviz/ui", "pages")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg in {"on_click", "on_change"}
    ]
    return [
        ast.unparse(call)
        for call in calls
        if not isinstance(call, ast.Constant) and ast.unparse(call) != "lambda: None"
    ]


def test_what_a_button_does_is_done_whole() -> None:
    found = callbacks()
    assert len(found) > 8
    assert [text for text in found if not text.startswith("uninterrupted()(")] == []
