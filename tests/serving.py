"""A FlowViz server in a process of its own, for tests from outside."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.waiting import until

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class RunningServer:
    """A server process: its address and what it has written so far."""

    url: str
    process: subprocess.Popen[bytes]
    log_path: Path
    _read: int = field(default=0, repr=False)

    @property
    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def new_log(self) -> str:
        """What was written since the last call."""
        log = self.log
        start, self._read = self._read, len(log)
        return log[start:]


@contextmanager
def running_server(
    folder: Path,
    *flags: str,
    env: Mapping[str, str] | None = None,
    base_path: str = "",
    port: int | None = None,
) -> Iterator[RunningServer]:
    """Run `streamlit run app.py` until the block ends.

    Args:
        folder: where its log is written.
        flags: more flags of `streamlit run`.
        env: more environment variables.
        base_path: the path it is mounted at, as `server.baseUrlPath`.
        port: by default a free one.
    """
    port = port or free_port()
    if base_path:
        flags = (*flags, "--server.baseUrlPath", base_path)
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    url = f"http://localhost:{port}" + (f"/{base_path}" if base_path else "")
    with _running(folder, url, [*command, "--server.address", "127.0.0.1", *flags], env) as server:
        yield server


@contextmanager
def running_servers(
    folder: Path, *flags: str, count: int = 2, env: Mapping[str, str] | None = None
) -> Iterator[RunningServer]:
    """Run ``python -m flowviz.ui.serve``, several servers behind nginx, until the block ends."""
    port = free_port()
    command = [sys.executable, "-m", "flowviz.ui.serve", "--port", str(port)]
    command += ["--servers", str(count), *flags]
    with _running(folder, f"http://localhost:{port}", command, env) as server:
        yield server


@contextmanager
def _running(
    folder: Path, url: str, command: list[str], env: Mapping[str, str] | None
) -> Iterator[RunningServer]:
    log_path = folder / "server.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
            # Its own process group, so that whatever it starts ends with it.
            start_new_session=True,
        )
    server = RunningServer(url, process, log_path)
    try:
        _wait_until_healthy(server)
        yield server
    finally:
        _end(process)


def _wait_until_healthy(server: RunningServer) -> None:
    def healthy() -> bool:
        if server.process.poll() is not None:
            raise RuntimeError(f"the server ended at its start:\n{server.log}")
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=5) as reply:
                return reply.status == 200
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return False

    until(healthy, lambda: f"the server is not healthy:\n{server.log}", every=0.05)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
