"""Private names of Streamlit that FlowViz relies on in Python.

An upgrade may change them without notice. A test that then fails here names what has to be written
anew. What `delivery.py` makes of its names is tested in ``test_delivery.py``, the directory of
pages in ``test_server.py``, torch's kernels in ``test_autodiff.py``, names of the frontends in
``browser/test_private_names.py``.
"""

from __future__ import annotations

import ast
import copy
import dataclasses
import importlib
import inspect
from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace

import pandas
import pytest
from streamlit.components.v2.bidi_component import serialization
from streamlit.cursor import RunningCursor
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime import app_session
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData, ScriptRequests
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.runtime.state import SafeSessionState, SessionState

from flowviz.ui.session import preemption, run_costs, state_view
from tests.serving import ROOT

#: Modules that the documentation of their package does not name, and what depends on them.
MODULES = {
    "streamlit.cursor": "run_costs.py: places where a page is written to",
    "streamlit.dataframe_util": "run_costs.py: tables in what a component is sent",
    "streamlit.delta_generator": "types of containers",
    "streamlit.proto.ForwardMsg_pb2": "delivery.py: messages to the browser",
    "streamlit.runtime": "run_costs.py: the first message of a run",
    "streamlit.runtime.app_session": "delivery.py: the queue of messages",
    "streamlit.runtime.pages_manager": "server.py: pages are those of app.py alone",
    "streamlit.runtime.state": "state_view.py: values looked up one by one",
    "streamlit.runtime.scriptrunner_utils.script_requests": "preemption.py: requested runs",
    "streamlit.runtime.scriptrunner_utils.script_run_context": "the session of this thread",
    "streamlit.web.server.starlette": "app.py: the application with its middleware",
    "streamlit.web.server.starlette.starlette_app_utils": "connection.py: a browser's token",
    "streamlit.web.server.starlette.starlette_server_config": "connection.py: its cookie's name",
}
#: Attributes, by the file that reads them.
ATTRIBUTES = {
    "flowviz/ui/session/delivery.py": {
        "_browser_queue",
        "_clear_queue",
        "_enqueue_forward_msg",
        "_queue",
    },
    "flowviz/ui/browser/codec.py": {"_props"},  # of Plotly's objects: what to_plotly_json copies
    "flowviz/ui/session/run_costs.py": {
        "_call_soon_on_event_loop",
        "_populate_theme_msg",
        "_transient_elements",
    },
    "flowviz/ui/session/state_view.py": {
        "_id_key_mapping",
        "_key_id_mapper",
        "_key_id_mapping",
        "_lock",
        "_new_session_state",
        "_new_widget_state",
        "_old_state",
        "_state",
    },
    "flowviz/ui/session/preemption.py": {
        "_new_widget_state",
        "_state",
        "_yield_callback",
    },
    "flowviz/ui/jobs/process.py": {"_exit"},  # of `os`, documented
    "flowviz/core/numerics/arguments.py": {"_converts"},  # of the functions that it makes
}


def sources() -> Iterator[tuple[str, ast.Module]]:
    files = [ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "flowviz").rglob("*.py")]
    for path in files:
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


def defined(tree: ast.AST) -> Iterator[str]:
    """Private names that a source defines: functions, methods, classes, fields and variables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield from [node.attr] if ast.unparse(node.value) in {"self", "cls"} else []


def read(tree: ast.AST) -> Iterator[str]:
    """Attributes that a source reads, also by `getattr`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "getattr":
            yield from (str(a.value) for a in node.args[1:2] if isinstance(a, ast.Constant))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def is_undocumented(module: str) -> bool:
    package, *inner = module.split(".")
    if package == "streamlit":
        return bool(inner) and inner[0] != "components" and inner[-1] != "testing"
    return any(map(is_private, inner)) or module.startswith("torch.ops")


def test_every_private_name_is_named_here() -> None:
    ours = {name for _, tree in sources() for name in defined(tree) if is_private(name)}
    found, modules = {}, set()
    for path, tree in sources():
        of_others = "flowviz/ui/" in path or path == "app.py"
        known = set(defined(tree)) if of_others else ours
        names = {name for name in read(tree) if is_private(name)} - known
        if names:
            found[path] = names
        modules |= {name for name in imported(tree) if is_undocumented(name)}
        assert "torch.ops" not in ast.unparse(tree), path
    assert found == ATTRIBUTES
    assert modules == set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_an_undocumented_module_is_there(name: str) -> None:
    importlib.import_module(name)


@pytest.mark.parametrize("fragments", [[], ["chart"]], ids=["page", "fragment"])
def test_a_requested_run_is_seen_by_the_one_that_runs(
    monkeypatch: pytest.MonkeyPatch, fragments: list[str]
) -> None:
    """`ScriptRequests._state`: otherwise no check and no basin map gives way to a drag."""
    requests = ScriptRequests()
    context = SimpleNamespace(script_requests=requests, query_string="", page_script_hash="")
    monkeypatch.setattr(preemption, "get_script_run_ctx", lambda **_: context)
    assert not preemption.rerun_requested()
    requests.request_rerun(RerunData(fragment_id_queue=fragments))
    assert preemption.rerun_requested()


def test_a_run_can_be_requested_outside_of_a_script(monkeypatch: pytest.MonkeyPatch) -> None:
    requests = ScriptRequests()
    context = SimpleNamespace(script_requests=requests, query_string="", page_script_hash="")
    monkeypatch.setattr(preemption, "get_script_run_ctx", lambda **_: context)
    preemption.request_rerun()
    assert preemption.rerun_requested()


def test_new_values_of_widgets_can_be_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """`SessionState._new_widget_state`: otherwise a value that broke a run breaks the next too."""
    state = SessionState()
    state.set_widgets_from_proto(WidgetStates(widgets=[WidgetState(id="a", bool_value=True)]))
    assert list(state._new_widget_state.states) == ["a"]
    context = SimpleNamespace(session_state=SafeSessionState(state, lambda: None))
    monkeypatch.setattr(preemption, "get_script_run_ctx", lambda **_: context)
    preemption.drop_widget_states()
    assert state._new_widget_state.states == {}


def test_a_value_is_looked_up_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the whole that Streamlit makes of it, with the key that a script gave."""
    state = SessionState()
    state["w.a"] = None
    safe = SafeSessionState(state, lambda: None)
    whole = dict(state.filtered_state)
    view = state_view._View(safe)
    assert dict(view) == whole == {"w.a": None}
    assert "w.a" in view
    assert "w.b" not in view
    assert len(view) == 1
    monkeypatch.setattr(SafeSessionState, "filtered_state", property(state_view._View))
    assert safe.filtered_state["w.a"] is None


def test_a_value_of_no_widget_is_looked_up_on_a_short_way() -> None:
    """Streamlit's look-up is the judge, of what scripts and widgets set in this run or before."""
    state = SessionState()
    state._old_state.update({"old": 1, "both": 1, "id.a": 5, "id.b": 6, "a": 1, "id.raw": 1})
    state._new_session_state.update({"new": 2, "both": 2, "b": 2})
    for key, name in {"a": "id.a", "b": "id.b", "c": "id.c"}.items():
        state._set_key_widget_mapping(name, key)
    values = [WidgetState(id=name, int_value=3) for name in ("id.a", "id.c", "id.raw")]
    state.set_widgets_from_proto(WidgetStates(widgets=values))
    theirs = inspect.unwrap(SessionState.__getitem__)
    ours = state_view._with_short_way(theirs)
    for key in {*state._old_state, *state._new_session_state, *"abc", "id.c", "missing"}:
        found = []
        for look_up in (theirs, ours):
            try:
                found.append(look_up(state, key))
            except KeyError as error:
                found.append(str(error))
        assert found[0] == found[1], key


def test_messages_are_handed_over_together_in_their_order() -> None:
    class Session:
        """What `WeakKeyDictionary` can hold."""

    handed: list[Callable[[], None]] = []
    call = run_costs._together(lambda _, callback: handed.append(callback))
    session, made = Session(), list[int]()
    for k in range(3):
        call(session, partial(made.append, k))
    call(session, lambda: call(session, partial(made.append, 4)))  # while they are handed over
    call(session, partial({}.__getitem__, "no such key"))
    call(session, partial(made.append, 3))
    assert (len(handed), made) == (1, [])
    with pytest.raises(KeyError):
        handed.pop()()
    assert (len(handed), made) == (1, [0, 1, 2])  # the loop told of it, and goes on
    handed.pop()()
    assert made == [0, 1, 2, 3, 4]
    call(session, partial(made.append, 5))
    handed.pop()()
    assert (handed, made) == ([], [0, 1, 2, 3, 4, 5])


def test_after_an_event_loop_that_did_not_answer_messages_go_on() -> None:
    class Session:
        """What `WeakKeyDictionary` can hold."""

    handed: list[Callable[[], None]] = []

    def call_soon(_: Session, callback: Callable[[], None]) -> None:
        if not handed:
            handed.append(lambda: None)
            raise RuntimeError("the event loop is closed")
        handed.append(callback)

    call, session, made = run_costs._together(call_soon), Session(), list[int]()
    with pytest.raises(RuntimeError):
        call(session, partial(made.append, 0))
    call(session, partial(made.append, 1))
    handed.pop()()
    assert made == [1]


def test_what_a_component_is_sent_is_json_or_a_table() -> None:
    for value in ({"a": [1]}, [1, 2], None, "a", 1.0):
        assert not vars(serialization)["is_dataframe_like"](value)
    assert vars(serialization)["is_dataframe_like"](pandas.DataFrame({"a": [1]}))


def test_a_place_is_copied_as_streamlit_copies_it(monkeypatch: pytest.MonkeyPatch) -> None:
    outer = RunningCursor(0)
    outer.lock_element()
    inner = outer.open_block()
    inner.lock_element().get_transient_cursor()
    inner.get_transient_cursor()
    inner._transient_elements[0] = ["a list that a run changes"]  # type: ignore[assignment]
    for place in (inner, outer, inner.lock_element()):
        monkeypatch.delattr(type(place), "__deepcopy__", raising=False)
        theirs = copy.deepcopy(place)
        monkeypatch.setattr(type(place), "__deepcopy__", run_costs._copied, raising=False)
        ours = copy.deepcopy(place)
        assert repr(vars(ours)) == repr(vars(theirs))
        assert vars(ours)["_transient_elements"] is not vars(place)["_transient_elements"]
        before = vars(place)["_index"]
        if isinstance(ours, RunningCursor):
            ours.open_block()
            assert (vars(ours)["_index"], vars(place)["_index"]) == (before + 1, before)


def test_the_theme_of_every_run_is_that_of_the_first() -> None:
    populate = inspect.unwrap(app_session._populate_theme_msg)
    once = run_costs._read_once(populate)
    sections = ["theme", "theme.light", "theme.dark", "theme.light.sidebar"]
    for section in sections:
        theirs, first, second = CustomThemeConfig(), CustomThemeConfig(), CustomThemeConfig()
        populate(theirs, section)
        once(first, section)
        once(second, section)
        assert theirs == first == second
    whole, ours = CustomThemeConfig(), CustomThemeConfig()
    for message, read in ((whole, populate), (ours, once)):
        read(message)
        read(message.dark, "theme.dark")
    assert whole == ours


def test_a_script_knows_its_session_and_its_requests() -> None:
    fields = {field.name for field in dataclasses.fields(ScriptRunContext)}
    assert {"session_id", "query_string", "session_state", "script_requests"} <= fields
    assert isinstance(ScriptRunContext.page_script_hash, property)
