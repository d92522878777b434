"""Headers of all responses, allowed hosts, closed endpoints and limits on uploads."""

from __future__ import annotations

import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import anyio
import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send

from flowviz.ui import headers, uploads
from flowviz.ui.browser import assets
from flowviz.ui.uploads import UploadLimits
from tests.serving import ROOT, RunningServer, running_server

PATHS = ("/", "/plane", "/_stcore/health", "/_stcore/host-config", "/nothing/at/all.js")
PATHS += (
    "/play",
    "/play/live",
    "/play/play.js",
    "/notes",
    "/take/fan/menu",
    "/take/fan/bib",
    "/_stcore/metrics",
    "/assets/nothing.js",
    "/assets/fan.js",
    "/static/nothing.js",
)
ORIGINS = "https://course.example https://*.example.org:8443"


def get(url: str, host: str | None = None) -> tuple[int, dict[str, str]]:
    request = urllib.request.Request(url, headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.status, {k.lower(): v for k, v in reply.headers.items()}
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}


@pytest.mark.parametrize("path", PATHS)
def test_every_response_has_the_headers(default_server: RunningServer, path: str) -> None:
    status, said = get(default_server.url + path)
    parts = (part.partition(" ") for part in said["content-security-policy"].split("; "))
    policy = {name: value for name, _, value in parts}
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert "'unsafe-eval'" not in said["content-security-policy"]
    assert "'unsafe-inline'" not in policy["script-src"]
    assert said["x-content-type-options"] == "nosniff"
    assert said["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "camera=()" in said["permissions-policy"]
    assert said["x-frame-options"] == "DENY"
    assert "server" not in said
    assert (status == 404) == (path in {"/_stcore/metrics", "/assets/nothing.js"})


def test_the_printed_address_states_who_can_reach_it(default_server: RunningServer) -> None:
    assert "Only this machine reaches it" in default_server.log
    assert "In this network" not in default_server.log


def test_make_run_listens_on_this_machine_only_by_default() -> None:
    def command(*given: str) -> str:
        done = subprocess.run(
            ["make", "-n", "-o", ".venv/.ready-to-run", "run", *given],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    assert "--server.address 127.0.0.1" in command()
    assert "--server.address 0.0.0.0 --server.port 9" in command("HOST=0.0.0.0", "PORT=9")


@pytest.fixture(scope="module")
def open_one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    environment = {
        "FLOWVIZ_FRAME_ANCESTORS": ORIGINS,
        "FLOWVIZ_EMBED": "https://blog.example",
        "FLOWVIZ_HOSTS": "localhost, .flow.example",
        "FLOWVIZ_METRICS": "1",
    }
    with running_server(tmp_path_factory.mktemp("open"), env=environment) as running:
        yield running


def test_settings_open_what_they_name(open_one: RunningServer) -> None:
    status, said = get(f"{open_one.url}/_stcore/metrics")
    assert status == 200
    assert f"frame-ancestors {ORIGINS}" in said["content-security-policy"]
    assert "x-frame-options" not in said


@pytest.mark.parametrize(
    ("query", "more"), [("embed=1", True), ("embed=1&embed=2", False), ("", False)]
)
def test_only_a_figure_alone_may_be_in_further_frames(
    open_one: RunningServer, query: str, more: bool
) -> None:
    policy = get(f"{open_one.url}/plane?prior=laplace&{query}")[1]["content-security-policy"]
    origins = f"{ORIGINS} https://blog.example" if more else ORIGINS
    assert policy.endswith(f"frame-ancestors {origins}")


def test_frames_of_a_figure_alone_need_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert headers.security_headers("localhost", True)["X-Frame-Options"] == "DENY"
    monkeypatch.setenv("FLOWVIZ_EMBED", "https://blog.example")
    assert "X-Frame-Options" not in headers.security_headers("localhost", True)
    assert headers.security_headers("localhost", False)["X-Frame-Options"] == "DENY"


def test_only_allowed_hosts_are_served(open_one: RunningServer) -> None:
    port = urlsplit(open_one.url).port
    for host in ("localhost", f"a.flow.example:{port}", "A.FLOW.EXAMPLE"):
        assert get(f"{open_one.url}/_stcore/health", host)[0] == 200
    for host in ("evil.example", "flow.example.evil", "localhost.evil", "a b", "x;script-src *"):
        assert get(f"{open_one.url}/_stcore/health", host)[0] == 421
    for host, status in (("localhost", b"101"), ("evil.example", b"403")):
        assert handshake(port or 80, host).startswith(b"HTTP/1.1 " + status)


def handshake(port: int, host: str) -> bytes:
    """The beginning of the answer to a browser that asks for the WebSocket."""
    lines = [
        "GET /_stcore/stream HTTP/1.1",
        f"Host: {host}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Protocol: streamlit",
    ]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall("\r\n".join([*lines, "", ""]).encode())
        return line.recv(4096)


def test_wrong_settings_end_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in [
        ("FLOWVIZ_FRAME_ANCESTORS", "https://a.example; script-src *"),
        ("FLOWVIZ_FRAME_ANCESTORS", "*"),
        ("FLOWVIZ_EMBED", "course.example"),
        ("FLOWVIZ_EMBED", "https://a.example 'none'"),
        ("FLOWVIZ_HOSTS", "http://a.example"),
    ]:
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            with pytest.raises(ValueError, match=f"{name} must list"):
                headers.check_settings()


def test_the_one_inline_script_of_streamlit_is_allowed_by_its_hash() -> None:
    assert len(headers.inline_script_hashes()) == 1, "Streamlit's page has other inline scripts"


def test_uvicorn_keeps_its_headers_where_they_are_taken_out() -> None:
    """Breaks with a uvicorn whose configuration keeps its own headers under another name."""
    config = uvicorn.Config("tests.test_headers:UploadLimits")
    config.load()
    assert dict(config.encoded_headers)[b"server"] == b"uvicorn"


# ------------------------------------------------------------------------------------ uploads

MEGABYTE = 2**20


class Uploads:
    """The middleware before an application that takes every file, or none."""

    def __init__(self) -> None:
        self.connected: set[str] = set()
        self.answer = 204
        self.reached = 0
        self.limits = UploadLimits(self.app, lambda name: name in self.connected)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.reached += 1
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": self.answer, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    def send(
        self,
        session: str,
        file: str,
        size: int = MEGABYTE,
        *,
        method: str = "PUT",
        address: str = "10.0.0.1",
    ) -> int:
        said: list[Message] = []
        body = [b"x" * (size // 2), b"x" * (size - size // 2)]

        async def receive() -> Message:
            return {"type": "http.request", "body": body.pop(0), "more_body": bool(body)}

        async def send(message: Message) -> None:
            said.append(message)

        scope = {
            "type": "http",
            "method": method,
            "headers": [],
            "client": (address, 1),
            "path": f"/base/_stcore/upload_file/{session}/{file}",
        }
        anyio.run(self.limits, scope, receive, send)
        return said[0]["status"]


def test_a_session_may_hold_four_megabytes_of_files() -> None:
    sent = Uploads()
    assert [sent.send("a", f"f{k}") for k in range(6)] == [204] * 4 + [413] * 2
    assert sent.reached == 4, "what is refused is not read"
    assert sent.send("a", "f1") == 204, "a file of the same name is replaced"
    assert sent.send("b", "f0") == 204
    assert sent.send("a", "f2", method="DELETE") == 204
    assert sent.send("a", "f9") == 204
    assert sent.send("a", "f10") == 413


def test_what_was_not_taken_does_not_count() -> None:
    sent = Uploads()
    sent.answer = 403
    assert [sent.send("a", f"f{k}") for k in range(9)] == [403] * 9
    sent.answer = 204
    assert sent.send("a", "f") == 204


def test_many_sessions_of_one_address_and_of_many_are_bounded() -> None:
    sent = Uploads()
    one = [sent.send(f"s{k // 4}", f"f{k}") for k in range(40)]
    assert one.count(204) == uploads.PER_ADDRESS // MEGABYTE
    many = [sent.send(f"t{k}", "f", address=f"10.0.1.{k}") for k in range(60)]
    assert one.count(204) + many.count(204) == uploads.TOTAL // MEGABYTE


def test_the_files_of_a_session_that_ended_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    sent, now = Uploads(), 1000.0
    monkeypatch.setattr("flowviz.ui.uploads.time.monotonic", lambda: now)
    sent.connected = {"stays"}
    for session in ("stays", "left"):
        assert [sent.send(session, f"f{k}") for k in range(5)] == [204] * 4 + [413]
    now += 899
    assert sent.send("left", "f5") == 413
    now += 902
    assert sent.send("left", "f5") == 204
    assert sent.send("stays", "f5") == 413


def test_the_assets_keep_their_own_headers(default_server: RunningServer) -> None:
    status, said = get(default_server.url + assets.asset_url(assets.PLOTLY))
    assert status == 200
    assert said["cache-control"].endswith("immutable")


@pytest.fixture(autouse=True)
def _upload_size(monkeypatch: pytest.MonkeyPatch) -> None:
    real = uploads.st.get_option
    options = {"server.maxUploadSize": 1, "server.disconnectedSessionTTL": 900}
    monkeypatch.setattr(uploads.st, "get_option", lambda name: options.get(name) or real(name))
