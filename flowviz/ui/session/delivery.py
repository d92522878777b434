"""Delivery of widgets' values to the browser.

A widget's value is sent by the run that sets it (``set_value`` in the widget's message); at the
messages of later runs the browser keeps the value that it has. When a run starts, Streamlit
discards the messages of earlier runs that are still in the session's queue. If a value was among
them, the widget would appear at Streamlit's default, e.g. empty, and the browser would report that
as the visitor's entry. Here the next message of the widget carries the value.
"""

from __future__ import annotations

from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession

_VALUES = {"value", "raw_value", "raw_values"}  # names in the messages of all widgets


def send_discarded_values() -> None:
    """Let a widget's next message carry the value of a discarded one, in all sessions."""
    clear, enqueue = AppSession._clear_queue, AppSession._enqueue_forward_msg
    discarded: WeakKeyDictionary[AppSession, dict[str, Any]] = WeakKeyDictionary()

    @wraps(clear)
    def clear_queue(self: AppSession, fragment_ids_this_run: list[str] | None = None) -> None:
        before = self._browser_queue._queue
        clear(self, fragment_ids_this_run)
        kept = {id(message) for message in self._browser_queue._queue}
        values = discarded.setdefault(self, {})
        for message in before:
            widget = _widget(message)
            if widget is not None and widget.set_value and id(message) not in kept:
                values[widget.id] = widget

    @wraps(enqueue)
    def enqueue_message(self: AppSession, msg: ForwardMsg) -> None:
        widget = _widget(msg)
        earlier = None if widget is None else discarded.get(self, {}).pop(widget.id, None)
        if widget is not None and earlier is not None and not widget.set_value:
            _set_value(widget, earlier)
            msg.delta.new_element.has_one_shot_effect = True
            msg.metadata.cacheable = False  # the browser must not repeat it
        enqueue(self, msg)

    AppSession._clear_queue = clear_queue
    AppSession._enqueue_forward_msg = enqueue_message


def _widget(message: ForwardMsg) -> Any:
    """The widget in a message, if it is one whose value a script can set; else None."""
    if message.WhichOneof("type") != "delta":
        return None
    element = message.delta.new_element
    widget = getattr(element, element.WhichOneof("type") or "", None)
    return widget if hasattr(widget, "set_value") else None


def _set_value(widget: Any, earlier: Any) -> None:
    """Set the value that an earlier message of the same widget set."""
    for name in _VALUES & set(widget.DESCRIPTOR.fields_by_name):
        widget.ClearField(name)
    # An unset field stays unset: the value of an emptied number input is none.
    fields = {field.name: value for field, value in earlier.ListFields() if field.name in _VALUES}
    widget.MergeFrom(type(widget)(set_value=True, **fields))
