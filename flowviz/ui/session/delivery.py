"""Delivery of widgets' values to the browser.

A widget's value is sent by the run that sets it (``set_value`` in the widget's message). Messages
of later runs have Streamlit's default in its place, and the browser keeps the value that it has.
It has none if the first message was lost:

- When a run starts, Streamlit discards messages of earlier runs that it has not sent.
- The browser draws the last of several messages that arrive together.

The widget would then appear with the default, e.g. empty, and the browser would report that as the
visitor's entry. Here the default in later messages is the value that was set last, and the message
after a discarded one sets the value again, for a widget that the browser already has.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.app_session import AppSession

_VALUES = {"value", "raw_value", "raw_values"}  # their names in the messages of all widgets


@dataclass
class _Sent:
    """The last messages of one session that set a widget's value, by the widget's id."""

    last: dict[str, Any] = field(default_factory=dict)
    discarded: dict[str, Any] = field(default_factory=dict)


def repeat_widget_values() -> None:
    """Let the messages of all sessions repeat the widgets' values as their defaults."""
    clear, enqueue = AppSession._clear_queue, AppSession._enqueue_forward_msg
    sessions: WeakKeyDictionary[AppSession, _Sent] = WeakKeyDictionary()

    @wraps(clear)
    def clear_queue(self: AppSession, fragment_ids_this_run: list[str] | None = None) -> None:
        before = self._browser_queue._queue
        clear(self, fragment_ids_this_run)
        kept = {id(message) for message in self._browser_queue._queue}
        discarded = sessions.setdefault(self, _Sent()).discarded
        for message in before:
            widget = _widget(message)
            if widget is not None and widget.set_value and id(message) not in kept:
                discarded[widget.id] = widget

    @wraps(enqueue)
    def enqueue_message(self: AppSession, msg: ForwardMsg) -> None:
        widget = _widget(msg)
        if widget is not None:
            _repeat_value(msg, widget, sessions.setdefault(self, _Sent()))
        enqueue(self, msg)

    AppSession._clear_queue = clear_queue
    AppSession._enqueue_forward_msg = enqueue_message


def _repeat_value(message: ForwardMsg, widget: Any, sent: _Sent) -> None:
    discarded = sent.discarded.pop(widget.id, None)
    if widget.set_value:
        sent.last[widget.id] = widget
        return
    message.metadata.cacheable = False  # its hash is not that of its new content
    if discarded is not None:
        _set_value(widget, discarded)
        message.delta.new_element.has_one_shot_effect = True
    if widget.id in sent.last:
        _set_default(widget, sent.last[widget.id])


def _widget(message: ForwardMsg) -> Any:
    """The widget in a message, if it is one whose value a script can set; else None."""
    if message.WhichOneof("type") != "delta":
        return None
    element = message.delta.new_element
    widget = getattr(element, element.WhichOneof("type") or "", None)
    return widget if hasattr(widget, "set_value") else None


def _set_value(widget: Any, earlier: Any) -> None:
    """Set the value that an earlier message of the same widget set, in one that sets none."""
    # An unset field stays unset: the value of an emptied number input is none.
    widget.MergeFrom(type(widget)(set_value=True, **_values(earlier)))


def _set_default(widget: Any, earlier: Any) -> None:
    """Make the value that an earlier message of the same widget set its default."""
    values = _values(earlier)
    default = values.get("value")
    chosen = values.get("raw_values", values.get("raw_value"))
    if chosen is not None:  # labels of options; the default is their indices
        labels = [o if isinstance(o, str) else o.content for o in widget.options]
        names = [chosen] if isinstance(chosen, str) else list(chosen)
        if not set(names) <= set(labels):
            return
        indices = [labels.index(name) for name in names]
        default = indices[0] if isinstance(chosen, str) else indices
    widget.ClearField("default")
    if default is not None:
        widget.MergeFrom(type(widget)(default=default))


def _values(widget: Any) -> dict[str, Any]:
    return {field.name: value for field, value in widget.ListFields() if field.name in _VALUES}
