"""Start everything of one machine: ``python -m flowviz.ui.serve [--host H] [--port P] …``.

Servers, nginx, one scheduler with its workers. What ends is started again, at most once in two
seconds; all of it ends with this process.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import flowviz
from flowviz.ui.jobs import scheduler
from flowviz.ui.serve.nginx import configuration, find_nginx

_ROOT = Path(flowviz.__path__[0]).parent
_AGAIN_S = 2.0
_PATIENCE_S = 300.0
_PATIENT_END_S = 4.0
_NO_NGINX = (
    "FlowViz needs nginx to serve from several processes (Debian, Ubuntu: apt-get install "
    "nginx-light); `make run` serves from one."
)


@dataclass
class Part:
    """One process of the whole, and how it is started."""

    name: str
    command: list[str]
    env: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0

    def start(self) -> None:
        """Start it, or start it again."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command, cwd=_ROOT, env=os.environ | self.env, stdin=subprocess.DEVNULL
        )

    def renew(self) -> bool:
        """Start it again if it has ended; whether it was."""
        if self.process is None or self.process.poll() is None:
            return False
        if time.monotonic() - self.started < _AGAIN_S:
            return False
        print(f"{self.name} ended with {self.process.returncode}; starting it again", flush=True)
        self.start()
        return True

    def ask_to_end(self) -> None:
        """Ask it to end."""
        if self.process:
            with suppress(ProcessLookupError):
                self.process.terminate()

    def end(self, deadline: float) -> None:
        """Wait until it has ended, and end it at a time of the monotonic clock."""
        if not self.process:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=max(0.0, deadline - time.monotonic()))
        with suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()


@dataclass
class Server(Part):
    """A server, on another port at each start.

    It listens before it has warmed up, and what is sent to it then waits: the proxy learns of the
    port when it answers.
    """

    port: int = 0
    answering: int = 0  # the last port on which it answered

    def start(self) -> None:
        """Start it on a free port."""
        (self.port,) = free_ports(1)
        self.command = [*_PYTHON, *_RUN, str(self.port)]
        super().start()

    def ask(self) -> bool:
        """Whether it has begun to answer; asked until it has."""
        if self.answering == self.port:
            return False
        with suppress(urllib.error.URLError, TimeoutError, ConnectionError):
            url = f"http://127.0.0.1:{self.port}/_stcore/health"
            with urllib.request.urlopen(url, timeout=0.5) as reply:
                self.answering = self.port if reply.status == 200 else self.answering
        return self.answering == self.port


_PYTHON = [sys.executable, "-m"]
_RUN = ["streamlit", "run", "app.py", "--server.address", "127.0.0.1", "--server.port"]


@dataclass
class Proxy(Part):
    """nginx before the servers."""

    listen: str = ""
    folder: Path = Path()

    def configure(self, servers: list[Server]) -> None:
        """Write its configuration; where it runs it goes on with that, and drops nobody."""
        ports = tuple(f"127.0.0.1:{server.answering}" for server in servers)
        text = configuration(ports, self.listen, str(self.folder))
        (self.folder / "nginx.conf").write_text(text, encoding="utf-8")
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGHUP)


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 on which nobody listens."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@dataclass
class Whole:
    """All processes: the scheduler, the servers, nginx."""

    scheduler: Part
    servers: list[Server]
    proxy: Proxy

    @classmethod
    def of(cls, nginx: str, folder: Path, listen: str, servers: int, workers: int) -> Whole:
        """The processes, of which none is started."""
        (port,) = free_ports(1)
        tls = folder / "tls"
        scheduler.security(tls)
        command = [*_PYTHON, "flowviz.ui.jobs.scheduler", str(tls), str(port), str(workers)]
        env = scheduler.settings(tls, port) | {"FLOWVIZ_BEHIND_PROXY": "1"}
        first = os.environ.get("FLOWVIZ_METRICS_PORT", "")
        counted = [
            {"FLOWVIZ_METRICS_PORT": f"{int(first) + k}"} if first else {} for k in range(servers)
        ]
        proxy = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
        return cls(
            Part("the scheduler", command),
            [Server(f"server {k + 1}", [], env | counted[k]) for k in range(servers)],
            Proxy("nginx", [*proxy, "-g", "daemon off;"], listen=listen, folder=folder),
        )

    def parts(self) -> list[Part]:
        """All of them."""
        return [self.scheduler, *self.servers, self.proxy]

    def start(self) -> None:
        """Start all, nginx when each server answers.

        Raises:
            SystemExit: a server ended, or did not answer in time.
        """
        for part in (self.scheduler, *self.servers):
            part.start()
        deadline = time.monotonic() + _PATIENCE_S
        for server in self.servers:
            while not server.ask():
                if server.process and server.process.poll() is not None:
                    sys.exit(f"{server.name} ended at its start")
                if time.monotonic() > deadline:
                    sys.exit(f"{server.name} does not answer")
                time.sleep(0.1)
        self.proxy.configure(self.servers)
        self.proxy.start()

    def watch(self) -> None:
        """Start what has ended, and let the proxy know of the servers that answer again."""
        for part in self.parts():
            part.renew()
        new = [server for server in self.servers if server.ask()]
        if new:
            self.proxy.configure(self.servers)

    def end(self) -> None:
        """End all of them."""
        deadline = time.monotonic() + _PATIENT_END_S
        for part in self.parts():
            part.ask_to_end()
        for part in self.parts():
            part.end(deadline)


def _raise_limits() -> None:
    """A session takes five file descriptors; a shell gives a process 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 65_536)), hard))


def main() -> None:
    """Serve until a signal asks to end."""
    cores = len(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(prog="flowviz.ui.serve", description="Serve a class.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--servers", type=int, default=cores, help="server processes")
    parser.add_argument("--workers", type=int, default=max(2, cores // 2), help="for trainings")
    asked = parser.parse_args()
    nginx = find_nginx()
    if not nginx:
        sys.exit(_NO_NGINX)
    _raise_limits()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    with tempfile.TemporaryDirectory(prefix="flowviz-serve-") as named:
        folder = Path(named)
        folder.chmod(0o711)  # nginx's workers are nobody where it was started as root
        listen = f"{asked.host}:{asked.port}"
        whole = Whole.of(nginx, folder, listen, asked.servers, asked.workers)
        try:
            whole.start()
            print(
                f"\nFlowViz is ready: http://{listen}, from {asked.servers} servers\n", flush=True
            )
            while True:
                time.sleep(0.2)
                whole.watch()
        finally:
            whole.end()


if __name__ == "__main__":
    main()
