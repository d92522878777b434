"""A client of Streamlit's protocol without a browser, for timing the server."""

from __future__ import annotations

from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

_ENDED = {
    ForwardMsg.FINISHED_SUCCESSFULLY,
    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
}


class Client:
    """A visitor's connection: sends what a browser would, remembers widgets and words."""

    def __init__(self, url: str, page: str = "", query: str = "") -> None:
        self.page, self.query = page, query
        self._connection = connect(
            url.replace("http", "ws") + "/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            origin=url,  # type: ignore[arg-type]
            max_size=None,
        )
        self.socket = self._connection.__enter__()
        self.widgets: dict[str, str] = {}
        self.polling: tuple[float, str] | None = None
        self.words = ""
        self.run()

    def run(self, fragment: str = "", **widget: Any) -> None:
        """Ask for a run, and listen until it has ended."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_name, state.fragment_id = self.query, self.page, fragment
        state.is_auto_rerun = bool(fragment)
        if widget:
            one = state.widget_states.widgets.add()
            one.id = widget.pop("id")
            for name, value in widget.items():
                if isinstance(value, list):
                    getattr(one, name).data.extend(value)
                else:
                    setattr(one, name, value)
        if not fragment:
            self.polling = None
        self.socket.send(message.SerializeToString())
        self._listen()

    def _listen(self) -> None:
        while True:
            said = ForwardMsg.FromString(self.socket.recv(timeout=120))  # type: ignore[arg-type]
            kind = said.WhichOneof("type")
            if kind == "delta":
                self._remember(said.delta.new_element)
            elif kind == "auto_rerun":
                self.polling = said.auto_rerun.interval, said.auto_rerun.fragment_id
            elif kind == "script_finished" and said.script_finished in _ENDED:
                return

    def _remember(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        if kind in {"slider", "button"}:
            part = getattr(element, kind)
            self.widgets[part.id] = part.label
        elif kind == "progress":
            self.words = element.progress.text

    def widget(self, key: str) -> str:
        """The id of the widget of that key."""
        return next(name for name in self.widgets if name.endswith(key))
