"""Firefox and WebKit as Debian installs them, driven by the W3C's WebDriver protocol.

Playwright drives its own builds of the two, which are never downloaded. WebKitGTK brings a driver
that speaks WebDriver over HTTP. Firefox's driver is no package of Debian's; but what it would talk
to, Marionette, is in every Firefox: the same commands, as JSON over a socket.
https://www.w3.org/TR/webdriver2/ · https://firefox-source-docs.mozilla.org/testing/marionette/
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

from tests.serving import free_port
from tests.waiting import TIMEOUT_S, until

WINDOW = {"x": 0, "y": 0, "width": 1400, "height": 1000}

# Keeps what goes wrong in the page from here on.
WATCH = """if (!window.troubles) {
  window.troubles = [];
  window.addEventListener("error", (e) => window.troubles.push(String(e.message)));
  window.addEventListener("unhandledrejection", (e) => window.troubles.push(String(e.reason)));
}"""


class Wire(Protocol):
    """How a command reaches a browser."""

    def send(self, method: str, path: str, name: str, body: dict[str, Any]) -> Any:
        """The command's answer; `method` and `path` are HTTP's, `name` Marionette's."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


class Http:
    """WebDriver over HTTP."""

    def __init__(self, port: int) -> None:
        self.base = f"http://127.0.0.1:{port}/session"

    def send(self, method: str, path: str, name: str, body: dict[str, Any]) -> Any:
        data = None if method == "GET" else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.base + path, data, kind, method=method)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as reply:
                found = json.load(reply)["value"]
        except urllib.error.HTTPError as error:
            with error:
                raise RuntimeError(f"{method} {path}: {error.read().decode()}") from error
        if name == "NewSession":
            self.base += f"/{found['sessionId']}"
        return found

    def close(self) -> None:
        """Each command had a connection of its own."""


class Marionette:
    """The same commands over a socket: ``length:[0, number, name, body]``."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)
        self.number = 0
        self.file = self.socket.makefile("rb")
        self._read()  # a greeting

    def _read(self) -> Any:
        length = b""
        while (digit := self.file.read(1)) != b":":
            if not digit:
                raise ConnectionError("Firefox closed the connection")
            length += digit
        return json.loads(self.file.read(int(length)))

    def send(self, method: str, path: str, name: str, body: dict[str, Any]) -> Any:
        self.number += 1
        text = json.dumps([0, self.number, f"WebDriver:{name}", body]).encode()
        self.socket.sendall(f"{len(text)}:".encode() + text)
        _, _, error, found = self._read()
        if error:
            raise RuntimeError(f"{name}: {error['message']}")
        return found["value"] if isinstance(found, dict) and found.keys() == {"value"} else found

    def close(self) -> None:
        self.file.close()
        self.socket.close()


class Session:
    """One window of a browser."""

    def __init__(self, wire: Wire, capabilities: dict[str, Any]) -> None:
        self.wire = wire
        asked = {"capabilities": {"alwaysMatch": capabilities}}
        self.version = wire.send("POST", "", "NewSession", asked)["capabilities"]["browserVersion"]
        wire.send("POST", "/window/rect", "SetWindowRect", WINDOW)

    def goto(self, url: str) -> None:
        """Open a page and watch for its errors: our own scripts come long after the document."""
        self.wire.send("POST", "/url", "Navigate", {"url": url})
        self.evaluate(WATCH)

    def evaluate(self, script: str, *values: Any) -> Any:
        """Run the body of a function."""
        body = {"script": script, "args": list(values)}
        return self.wire.send("POST", "/execute/sync", "ExecuteScript", body)

    def until(self, expression: str) -> Any:
        """Wait until a JavaScript expression is truthy."""
        never = lambda: f"never {expression}; {self.troubles}"  # noqa: E731
        return until(lambda: self.evaluate(f"return {expression}"), never, every=0.1)

    @property
    def troubles(self) -> list[str]:
        """The errors of the page since it was opened."""
        return self.evaluate("return window.troubles")

    def drag(self, start: tuple[float, float], end: tuple[float, float], moves: int = 6) -> None:
        """Press the mouse in one place of the window, move it, and let go."""
        ways = [k / moves for k in range(moves + 1)]
        at = [tuple(round(a + k * (b - a)) for a, b in zip(start, end, strict=True)) for k in ways]
        move = [{"type": "pointerMove", "duration": 30, "x": x, "y": y} for x, y in at]
        press = [{"type": kind, "button": 0} for kind in ("pointerDown", "pointerUp")]
        mouse = {
            "type": "pointer",
            "id": "mouse",
            "parameters": {"pointerType": "mouse"},
            "actions": [move[0], press[0], *move[1:], press[1]],
        }
        self.wire.send("POST", "/actions", "PerformActions", {"actions": [mouse]})

    def screenshot(self) -> str:
        """The window as a PNG in base64."""
        return self.wire.send("GET", "/screenshot", "TakeScreenshot", {"full": False})

    def close(self) -> None:
        """End the session."""
        self.wire.send("DELETE", "", "DeleteSession", {})
        self.wire.close()


# ---------------------------------------------------------------- starting them


def firefox() -> str | None:
    """The path of Firefox, or None."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


def webkit() -> tuple[str, str, str] | None:
    """The paths of WebKit's driver, of its smallest browser and of an X server, or None."""
    browsers = sorted(Path("/usr/lib").glob("*/webkit*gtk-*/MiniBrowser"))
    driver, screen = shutil.which("WebKitWebDriver"), shutil.which("Xvfb")
    return (driver, str(browsers[-1]), screen) if driver and browsers and screen else None


@contextmanager
def running(
    command: list[str], env: Mapping[str, str] | None = None, pass_fds: tuple[int, ...] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """A program, for a while, with more environment variables."""
    with subprocess.Popen(
        command,
        env={**os.environ, **(env or {})},
        pass_fds=pass_fds,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def patiently(connect: Callable[[], Any]) -> Any:
    """Try until whoever has just been started answers."""
    end = time.monotonic() + TIMEOUT_S
    while True:
        try:
            return connect()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


@contextmanager
def open_firefox(program: str) -> Iterator[Session]:
    """A headless Firefox with a profile of its own."""
    port = free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        Path(profile, "user.js").write_text(f'user_pref("marionette.port", {port});\n')
        command = [program, "--headless", "--marionette", "--no-remote", "--profile", profile]
        with running(command, {"HOME": profile}):
            session = Session(patiently(lambda: Marionette(port)), {})
            yield session
            session.close()


@contextmanager
def unseen_screen(program: str) -> Iterator[str]:
    """An X display in memory; the server chooses a free number and writes it down."""
    size = f"{WINDOW['width']}x{WINDOW['height']}x24"
    end, start = os.pipe()
    command = [program, "-displayfd", str(start), "-screen", "0", size, "-nolisten", "tcp"]
    with os.fdopen(end) as number, running(command, pass_fds=(start,)):
        os.close(start)
        yield f":{number.readline().strip()}"


@contextmanager
def open_webkit(driver: str, browser: str, screen: str) -> Iterator[Session]:
    """WebKitGTK's own browser, on a screen that nobody sees."""
    port = free_port()
    with ExitStack() as stack:
        display = stack.enter_context(unseen_screen(screen))
        home = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        own = {"DISPLAY": display, "HOME": home, "GDK_BACKEND": "x11", "NO_AT_BRIDGE": "1"}
        stack.enter_context(running([driver, f"--port={port}"], own))
        options = {"binary": browser, "args": ["--automation"]}
        patiently(lambda: socket.create_connection(("127.0.0.1", port), timeout=5).close())
        session = Session(Http(port), {"webkitgtk:browserOptions": options})
        yield session
        session.close()
