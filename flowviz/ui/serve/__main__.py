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

    def renew(self) -> None:
        """Start it again if it has ended."""
        if self.process and self.process.poll() is not None:
            if time.monotonic() - self.started < _AGAIN_S:
                return
            print(
                f"{self.name} ended with {self.process.returncode}; starting it again", flush=True
            )
            self.start()

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


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 on which nobody listens."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def parts(nginx: str, folder: Path, listen: str, servers: int, workers: int) -> list[Part]:
    """All processes of the whole, the scheduler first and nginx last."""
    of_scheduler, *ports = free_ports(servers + 1)
    tls = folder / "tls"
    scheduler.security(tls)
    python = [sys.executable, "-m"]
    command = [*python, "flowviz.ui.jobs.scheduler", str(tls), str(of_scheduler), str(workers)]
    shared = scheduler.settings(tls, of_scheduler) | {"FLOWVIZ_BEHIND_PROXY": "1"}
    first = os.environ.get("FLOWVIZ_METRICS_PORT", "")
    counted = [
        {"FLOWVIZ_METRICS_PORT": str(int(first) + k)} if first else {} for k in range(servers)
    ]
    run = [*python, "streamlit", "run", "app.py", "--server.address", "127.0.0.1", "--server.port"]
    text = configuration(tuple(f"127.0.0.1:{port}" for port in ports), listen, str(folder))
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    proxy = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"]
    return [
        Part("the scheduler", command),
        *(
            Part(f"server {k + 1}", [*run, str(port)], shared | counted[k])
            for k, port in enumerate(ports)
        ),
        Part("nginx", [*proxy, "-e", "stderr"]),
    ]


def wait_until_healthy(part: Part) -> None:
    """Wait until a server answers.

    Raises:
        SystemExit: it ended, or did not answer in time.
    """
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        if part.process and part.process.poll() is not None:
            sys.exit(f"{part.name} ended at its start")
        with suppress(urllib.error.URLError, TimeoutError, ConnectionError):
            url = f"http://127.0.0.1:{part.command[-1]}/_stcore/health"
            with urllib.request.urlopen(url, timeout=5) as reply:
                if reply.status == 200:
                    return
        time.sleep(0.1)
    sys.exit(f"{part.name} does not answer")


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
        whole = parts(nginx, folder, f"{asked.host}:{asked.port}", asked.servers, asked.workers)
        try:
            _serve(whole, f"http://{asked.host}:{asked.port}")
        finally:
            deadline = time.monotonic() + _PATIENT_END_S
            for part in whole:
                part.ask_to_end()
            for part in whole:
                part.end(deadline)


def _serve(whole: list[Part], url: str) -> None:
    for part in whole[:-1]:
        part.start()
    for part in whole[1:-1]:
        wait_until_healthy(part)
    whole[-1].start()
    print(f"\nFlowViz is ready: {url}, from {len(whole) - 2} servers\n", flush=True)
    while True:
        time.sleep(0.2)
        for part in whole:
            part.renew()


if __name__ == "__main__":
    main()
