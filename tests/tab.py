"""A browser tab without a browser: what it says to a FlowViz server, in its own protocol.

The messages are those of Chromium on the same page: with each run the values of all widgets, the
hashes of the large messages that it has, the address. A `Tab` draws nothing, so that one
process can be hundreds of them.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import OrderedDict
from typing import Any
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

FAILURES = (OSError, TimeoutError, WebSocketException, RuntimeError)
"""What a visitor meets where the server does not answer as it should."""

PATIENCE_S = 60.0
_DONE = {ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY}
_REMEMBERED = 40  # large messages, as the browser


class Tab:
    """One tab of one browser.

    Args:
        url: of the server or of the proxy before it.
        page: ``fan``, …
        query: of the link that is opened.
    """

    def __init__(self, url: str, page: str = "fan", query: str = "") -> None:
        self.url, self.page, self.query = url, page, query
        self.session = ""
        self.cookies: dict[str, str] = {}
        self.received = 0
        self.socket: ClientConnection | None = None
        self._reset()

    def _reset(self) -> None:
        self.widgets: OrderedDict[str, WidgetState] = OrderedDict()
        self.fragments: dict[str, str] = {}
        self.polling: tuple[float, str] | None = None
        self.unanswered: tuple[str, float] | None = None
        self.text = ""
        self.pages: dict[str, str] = {}
        self._script = ""
        self._drag = ""
        self._rev = 0
        self._large: OrderedDict[str, ForwardMsg] = OrderedDict()

    # ------------------------------------------------------------------------ what a visitor does

    async def open(self) -> float:
        """Open the link, as for the first time; seconds until the whole page was sent."""
        started = time.perf_counter()
        self._reset()
        self.session = ""
        await self._get(f"/{self.page}" + (f"?{self.query}" if self.query else ""))
        await self._get("/_stcore/health")  # its cookie is the browser's name
        await self._connect()
        await self._run()
        return time.perf_counter() - started

    async def reload(self) -> float:
        """Load the same address again."""
        await self.drop()
        return await self.open()

    async def move(self, key: str, value: float) -> float:
        """Change a slider; seconds until all that changed was sent."""
        started = time.perf_counter()
        self.widgets[self.widget(key)].double_array_value.data[:] = [value]
        await self._run()
        return time.perf_counter() - started

    async def rest(self) -> float | None:
        """Change nothing until what was put off is asked for; None where nothing was."""
        if self.unanswered is None:
            return None
        name, wait = self.unanswered
        await asyncio.sleep(wait)
        started = time.perf_counter()
        element = self.widget("-fan-rest")
        self._rev += 1
        self.widgets[element].json_value = json.dumps(
            {"rested": {"name": name, "asked": self._rev}}
        )
        await self._run(fragment=self.fragments.get(element, ""))
        return time.perf_counter() - started

    async def press(self, key: str) -> float:
        """Press a button."""
        started = time.perf_counter()
        await self._run(pressed=self.widget(key))
        return time.perf_counter() - started

    async def drag(self, point: int, x: float, count: int) -> float:
        """Drag a data point of Fan; seconds from its release to the picture, the page follows.

        While the hand moves the browser draws by itself and says nothing.
        """
        figure = self.widget("-fan")
        started = time.perf_counter()
        await self._edit(figure, op="move", i=point, x=x, n=count, preview=False, urgent=True)
        seconds = time.perf_counter() - started
        await self._edit(figure, op="rerun")
        return seconds

    async def turn_to(self, page: str) -> float:
        """Follow the navigation to another page."""
        started = time.perf_counter()
        self._script = self.pages.get(page) or self.pages[""]  # the start page has no path
        self.page = page
        self.widgets.clear()
        await self._run()
        return time.perf_counter() - started

    async def watch(self, seconds: float) -> None:
        """Look at a page that renews a part of itself, as while it trains."""
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            interval, fragment = self.polling or (until - time.perf_counter(), "")
            await asyncio.sleep(max(0.0, min(interval, until - time.perf_counter())))
            if fragment and self.polling:
                await self._run(fragment=fragment)

    async def drop(self) -> None:
        """Lose the connection; `reconnect` comes back to the same session."""
        if self.socket:
            await self.socket.close()
            self.socket = None

    async def reconnect(self) -> float:
        """Come back as the browser does by itself, to the session if it is still there.

        What is on the page stays there: it asks for a run only where a part of it renews itself.
        """
        started = time.perf_counter()
        await self._connect()
        if self.polling:
            await self._run()
        return time.perf_counter() - started

    def widget(self, key: str) -> str:
        """The id of a widget, by the end of its key."""
        for name in self.widgets:
            if name.endswith(key):
                return name
        raise RuntimeError(f"no widget {key!r} on {self.page}: {list(self.widgets)}")

    # -------------------------------------------------------------------------------- the protocol

    async def _get(self, path: str) -> None:
        """Ask for a file, and keep the cookies that come with it."""
        there = urlsplit(self.url)
        reader, writer = await asyncio.open_connection("127.0.0.1", there.port)
        cookie = f"Cookie: {self._cookie}\r\n" if self.cookies else ""
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {there.netloc}\r\nAccept: text/html\r\n"
            f"Accept-Encoding: gzip\r\n{cookie}Connection: close\r\n\r\n".encode()
        )
        async with asyncio.timeout(PATIENCE_S):
            whole = await reader.read()
        writer.close()
        head = whole.partition(b"\r\n\r\n")[0].decode("latin-1")
        if not head.startswith("HTTP/1.1 200"):
            raise RuntimeError(head.split("\r\n")[0])
        for name, value in re.findall(r"(?im)^set-cookie: ([^=;\r\n]+)=([^;\r\n]*)", head):
            self.cookies[name] = value

    @property
    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    async def _connect(self) -> None:
        protocols = ["streamlit", *(["", self.session] if self.session else [])]
        if self.session:  # an empty protocol is not allowed; the browser sends its XSRF token here
            protocols[1] = "none"
        self.socket = await connect(
            self.url.replace("http", "ws", 1) + "/_stcore/stream",
            subprotocols=protocols,  # pyright: ignore[reportArgumentType]
            origin=self.url,  # pyright: ignore[reportArgumentType]
            additional_headers={"Cookie": self._cookie} if self.cookies else None,
            max_size=None,
            open_timeout=PATIENCE_S,
            close_timeout=2,
            ping_interval=None,
            proxy=None,
        )

    async def _edit(self, figure: str, **message: Any) -> None:
        self._rev += 1
        self.widgets[figure].json_value = json.dumps(
            {"edit": message | {"rev": self._rev, "session": self._drag}}
        )
        await self._run(fragment=self.fragments.get(figure, ""))

    async def _run(self, fragment: str = "", pressed: str = "") -> None:
        """Ask for a run, and take what is sent until it has ended."""
        assert self.socket
        message = BackMsg()
        run = message.rerun_script
        run.query_string, run.fragment_id = self.query, fragment
        run.page_script_hash, run.page_name = self._script, "" if self._script else self.page
        run.cached_message_hashes.extend(self._large)
        run.context_info.locale = "en-US"
        run.context_info.url = f"{self.url}/{self.page}"
        values = run.widget_states.widgets
        values.extend(v for v in self.widgets.values() if v.WhichOneof("value"))
        if pressed:
            values.append(WidgetState(id=pressed, trigger_value=True))
        if not fragment:
            self.polling = None
        await self.socket.send(message.SerializeToString())
        await self._listen()

    async def _listen(self) -> None:
        assert self.socket
        async with asyncio.timeout(PATIENCE_S):
            while True:
                raw = await self.socket.recv()
                assert isinstance(raw, bytes)
                self.received += len(raw)
                if self._take(ForwardMsg.FromString(raw)):
                    return

    def _take(self, said: ForwardMsg) -> bool:
        """Take one message; whether the run has ended with it."""
        kind = said.WhichOneof("type")
        if kind == "ref_hash":
            if said.ref_hash not in self._large:
                raise RuntimeError("the server refers to what it never sent")
            self._large.move_to_end(said.ref_hash)
        elif kind == "delta":
            if said.metadata.cacheable:
                self._large[said.hash] = ForwardMsg()
            self._draw(said)
        elif kind == "new_session":
            self.session = said.new_session.initialize.session_id or self.session
        elif kind == "navigation":
            self._script = said.navigation.page_script_hash
            self.pages = {p.url_pathname: p.page_script_hash for p in said.navigation.app_pages}
        elif kind == "auto_rerun":
            self.polling = said.auto_rerun.interval, said.auto_rerun.fragment_id
        elif kind == "stop_auto_rerun":
            self.polling = None
        elif kind == "script_finished":
            if said.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                raise RuntimeError("the page does not compile")
            while len(self._large) > _REMEMBERED:  # the browser, too, forgets when a run has ended
                self._large.popitem(last=False)
            return said.script_finished in _DONE
        return False

    def _draw(self, said: ForwardMsg) -> None:
        """Remember a widget's value, as the browser does when it draws it."""
        element = said.delta.new_element
        kind = element.WhichOneof("type")
        if kind == "alert" and "fault" in element.alert.body.lower():
            raise RuntimeError(element.alert.body)
        if kind == "progress":
            self.text = element.progress.text
        if kind is None or not getattr(part := getattr(element, kind), "id", ""):
            return
        self.fragments[part.id] = said.delta.fragment_id
        component = part.component_name if kind == "bidi_component" else ""
        if component == "flowviz.rest":
            asked = json.loads(part.json)
            name, wait = asked["name"], asked["wait"] / 1000.0
            self.unanswered = None if asked["answered"] else (name, wait)
        if component == "flowviz.fan" and (
            found := re.search(rb'"session":\s*"(\w+)"', part.bytes)
        ):
            self._drag = found[1].decode()
        new = part.id not in self.widgets
        state = self.widgets.setdefault(part.id, WidgetState(id=part.id))
        if new or getattr(part, "set_value", False):
            _set(state, kind, part)


def _set(state: WidgetState, kind: str, part: Any) -> None:
    """The value that a widget shows when it is drawn."""
    given = getattr(part, "set_value", False)
    if kind == "slider":
        state.double_array_value.data[:] = list(part.value if given else part.default)
    elif kind == "checkbox":
        state.bool_value = part.value if given else part.default
    elif kind == "text_area":
        state.string_value = part.value if given else part.default
    elif kind == "selectbox":
        state.string_value = part.raw_value if given else part.options[part.default]
    elif kind == "button_group":
        names = [option.content for option in part.options]
        chosen = list(part.raw_values) if given else [names[i] for i in part.default]
        state.string_array_value.data[:] = chosen
