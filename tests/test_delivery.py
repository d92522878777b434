"""Every widget shows its value, also where a server is too busy to send a run before the next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ButtonGroup_pb2 import ButtonGroup
from streamlit.proto.Checkbox_pb2 import Checkbox
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NumberInput_pb2 import NumberInput
from streamlit.proto.Radio_pb2 import Radio
from streamlit.proto.Selectbox_pb2 import Selectbox
from streamlit.proto.Slider_pb2 import Slider
from streamlit.proto.TextArea_pb2 import TextArea
from streamlit.proto.TextInput_pb2 import TextInput
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.forward_msg_queue import ForwardMsgQueue
from websockets.sync.client import ClientConnection, connect

from flowviz.text import ENTRIES
from flowviz.ui import server  # noqa: F401  # with its import sessions repeat values
from tests.serving import ROOT, running_server
from tests.waiting import TIMEOUT_S

PAGES = ("fan", "plane", "green", "learn", "solvers", "couplings", "images")
LINK = "lang=en&large=1&prior=laplace&solver_method=heun&learn_width=96&learn_steps=3000"
#: What the widgets of that link show, on the pages that have them; none is a widget's default.
SHOWN = {
    "w.lang": ["English"],
    "w.large": True,
    "w.prior": ENTRIES["prior.laplace"][0],
    "w.solver_method": ENTRIES["solver.heun"][0],
    "w.learn_width": 96.0,
    "w.learn_steps": 3000.0,
    "w.learn_rate": "0.007",
}


def visit(url: str, page: str) -> dict[str, Any]:
    """The widgets' values by key in a browser, at the end of the first run that ends.

    Runs are requested until messages arrive.
    """
    with connect(
        url.replace("http", "ws") + "/_stcore/stream",
        subprotocols=["streamlit"],  # type: ignore[list-item]
        origin=url,  # type: ignore[arg-type]
        max_size=None,
    ) as socket:
        request = BackMsg()
        request.rerun_script.query_string, request.rerun_script.page_name = LINK, page
        request.rerun_script.widget_states.SetInParent()
        message, shown = first_message(socket, request), {}
        while (
            message.WhichOneof("type") != "script_finished"
            or message.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY
        ):
            draw(message, shown)
            message = received(socket, TIMEOUT_S)
        return shown


def first_message(socket: ClientConnection, request: BackMsg) -> ForwardMsg:
    """Request one run after another until the server sends something."""
    for _ in range(round(2 * TIMEOUT_S)):
        socket.send(request.SerializeToString())
        try:
            return received(socket, 0.5)
        except TimeoutError:
            continue
    raise TimeoutError("the server sent nothing")


def received(socket: ClientConnection, timeout: float) -> ForwardMsg:
    return ForwardMsg.FromString(socket.recv(timeout=timeout))  # type: ignore[arg-type]


def draw(message: ForwardMsg, shown: dict[str, Any]) -> None:
    """What a browser does with a widget's message: a value that it has stays until one is set."""
    element = message.delta.new_element
    widget: Any = getattr(element, element.WhichOneof("type") or "", None)
    if not hasattr(widget, "set_value"):
        return
    assert element.WhichOneof("type") in WIDGETS, "add this kind to the tests below"
    key = widget.id.rpartition("-")[2]
    if not widget.set_value:
        shown.setdefault(key, by_default(widget))
    elif hasattr(widget, "raw_values"):
        shown[key] = list(widget.raw_values)
    elif element.WhichOneof("type") in {"selectbox", "radio"}:
        shown[key] = widget.raw_value
    else:
        shown[key] = plain(widget.value)


def by_default(widget: Any) -> Any:
    """A widget's default: for one with options, the label of the option or labels of several."""
    options = [getattr(option, "content", option) for option in getattr(widget, "options", ())]
    default = plain(widget.default)
    if not options:
        return default
    return [options[i] for i in default] if isinstance(default, list) else options[default]


def plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float) else list(value)


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server that sends a session nothing before its second run has started."""
    env = {"PYTHONPATH": str(ROOT / "tests" / "probe"), "FLOWVIZ_HELD_RUNS": "2"}
    with running_server(tmp_path_factory.mktemp("busy"), env=env) as running:
        yield running.url


@pytest.mark.parametrize("page", PAGES)
def test_values_arrive_though_the_next_run_starts_before_they_are_sent(
    page: str, busy: str
) -> None:
    shown = visit(busy, page)
    assert {"w.lang", "w.large", "w.convention"} < shown.keys()
    assert {key: shown[key] for key in SHOWN if key in shown} == {
        key: value for key, value in SHOWN.items() if key in shown
    }


class Queue(AppSession):
    """A session of which there is only the queue of messages."""

    def __init__(self) -> None:
        self._browser_queue, self._message_enqueued_callback = ForwardMsgQueue(), None

    def __del__(self) -> None:
        pass

    def send(self, kind: str, **fields: Any) -> None:
        message = ForwardMsg()
        getattr(message.delta.new_element, kind).MergeFrom(WIDGETS[kind](id="1-w.a", **fields))
        self._enqueue_forward_msg(message)


OPTIONS = {"options": ["a", "b"]}
BUTTONS = {"options": [ButtonGroup.Option(content="a"), ButtonGroup.Option(content="b")]}
WIDGETS: dict[str, Any] = {
    "button_group": ButtonGroup,
    "checkbox": Checkbox,
    "number_input": NumberInput,
    "radio": Radio,
    "selectbox": Selectbox,
    "slider": Slider,
    "text_area": TextArea,
    "text_input": TextInput,
}
#: The kinds of widgets, with a value that is set, none the default; an emptied number has none.
CHANGES: list[tuple[str, dict[str, Any], dict[str, Any], Any]] = [
    ("button_group", BUTTONS, {"raw_values": ["b"]}, ["b"]),
    ("button_group", BUTTONS, {"raw_values": ["b", "a"]}, ["b", "a"]),
    ("checkbox", {}, {"value": True}, True),
    ("checkbox", {"default": True}, {"value": False}, False),
    ("number_input", {}, {"value": 96.0}, 96.0),
    ("radio", OPTIONS, {"raw_value": "b"}, "b"),
    ("selectbox", OPTIONS, {"raw_value": "b"}, "b"),
    ("slider", {"default": [0.0]}, {"value": [37.0]}, [37.0]),
    ("text_area", {"default": ""}, {"value": "1, 2"}, "1, 2"),
    ("text_input", {"default": ""}, {"value": "0.007"}, "0.007"),
    ("text_input", {"default": "1"}, {"value": ""}, ""),
]


@pytest.mark.parametrize("fragments", [None, [""]], ids=["page", "fragment"])
@pytest.mark.parametrize(("kind", "fixed", "value", "seen"), CHANGES)
def test_a_discarded_value_is_set_by_the_next_message(
    kind: str, fixed: dict[str, Any], value: dict[str, Any], seen: Any, fragments: list[str] | None
) -> None:
    """Also in a widget that the browser has, which does not take another default."""
    session, shown = Queue(), {"w.a": "its earlier value"}
    session.send(kind, **fixed, **value, set_value=True)
    session._clear_queue(fragments)
    session.send(kind, **fixed)
    for message in session.flush_browser_queue():
        draw(message, shown)
    assert shown == {"w.a": seen}
    session.send(kind, **fixed)
    (later,) = session.flush_browser_queue()
    draw(later, shown := {})
    assert shown == {"w.a": seen}
    draw(later, shown := {"w.a": "the visitor's"})
    assert shown == {"w.a": "the visitor's"}


def test_a_discarded_value_yields_to_a_newer_one() -> None:
    session, shown = Queue(), {}
    session.send("text_input", value="1", set_value=True)
    session._clear_queue()
    session.send("text_input", value="2", set_value=True)
    session.send("text_input")
    session._clear_queue()
    session.send("text_input")
    for message in session.flush_browser_queue():
        draw(message, shown)
    assert shown == {"w.a": "2"}
