"""The workers that run jobs: processes of this machine, or those of a remote Dask scheduler.

The local scheduler runs in this process, on 127.0.0.1, over TLS with credentials made for it alone.
Its workers are started here and not by Dask's nannies: `multiprocessing` would import the page
script that happens to be ``__main__`` in each of them, and two threads a worker would run in the
serving process. A worker that dies is replaced; its job is tried once more on another.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import weakref
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import flowviz
from flowviz.text import Refusal
from flowviz.ui.jobs.job import Job

if TYPE_CHECKING:
    from distributed import Client, Event, Future, Security, Variable

MEMORY = 2 * 2**30
"""The limit on a worker's data segment in bytes; torch alone takes a fifth of it."""

_MOST_WORKERS = 8
_CLOSED = {"closing", "closed"}  # of a client that has given its scheduler up
_REMOTE_SLOTS = 32  # jobs at a time on a remote scheduler, which has a queue itself


class Run(Protocol):
    """A running job."""

    def report(self) -> dict[str, Any]:
        """The newest report: ``done``, ``news``, ``seconds_left``, and the worker's ``pid``."""
        ...

    def stop(self) -> None:
        """Request that it ends."""
        ...

    def kill(self) -> None:
        """End it by killing its worker."""
        ...

    def ended(self) -> dict[str, Any] | None:
        """The result of `worker.execute`, None before it; ``lost`` if its workers died."""
        ...


class Workers(Protocol):
    """What runs jobs, ``slots`` at a time: a `Cluster`."""

    slots: int

    def start(self, job: Job, channel: str, seconds: float) -> Run: ...
    def replace_dead(self) -> None: ...
    def close(self) -> None: ...


class Cluster:
    """A scheduler with its workers, which are started at once.

    Args:
        workers: number of local workers; by default half the cores, 2 to 8.
        address: of a remote scheduler; by default the value of ``FLOWVIZ_SCHEDULER``.
        warm: functions, ``module:function``, that each local worker calls at its start.

    Raises:
        Refusal: for an address without TLS.
    """

    def __init__(
        self,
        workers: int | None = None,
        address: str | None = None,
        warm: tuple[str, ...] = (),
    ) -> None:
        address = address or os.environ.get("FLOWVIZ_SCHEDULER")
        if address and not address.startswith("tls://"):
            raise Refusal("error.jobs.scheduler", token=address)
        self.local = None if address else LocalWorkers(workers or default_count(), warm)
        self.address = address
        self.slots = self.local.count if self.local else _REMOTE_SLOTS
        self._client = self.local.client if self.local else _remote_client(str(address))

    def start(self, job: Job, channel: str, seconds: float) -> Run:
        """Submit a job to the scheduler.

        Raises:
            OSError: a remote scheduler cannot be reached.
        """
        if self.address and self._client.status in _CLOSED:
            self._client = _remote_client(self.address)
        return _DaskRun.of(self._client, self.local, job, channel, seconds)

    def replace_dead(self) -> None:
        """Replace workers that died."""
        if self.local:
            self.local.replace_dead()

    def close(self) -> None:
        """End all workers."""
        if self.local:
            self.local.close()
        else:
            self._client.close()


def default_count() -> int:
    """Number of local workers: two at least, so that a long job does not block all others."""
    return min(_MOST_WORKERS, max(2, len(os.sched_getaffinity(0)) // 2))


def _remote_client(address: str) -> Client:
    """A client of a remote scheduler, with credentials ``DASK_DISTRIBUTED__COMM__TLS__…``."""
    from distributed import Client, Security

    from flowviz.ui.jobs import dask_settings as dask_settings

    return Client(address, security=Security(require_encryption=True), set_as_default=False)


class LocalWorkers:
    """A scheduler in this process, with workers in processes of this machine.

    Args:
        number: of workers.
        warm: see `Cluster`.
        host, port: of the scheduler; by default a free port of 127.0.0.1.
        security: Dask's credentials; by default made for this cluster alone.
    """

    def __init__(
        self,
        number: int,
        warm: tuple[str, ...],
        host: str = "127.0.0.1",
        port: int = 0,
        security: Security | None = None,
    ) -> None:
        import logging

        from distributed import Client, LocalCluster, Security

        from flowviz.ui.jobs.dask_settings import credentials

        self.count = number
        self._security = security or Security.temporary()
        self._cluster = LocalCluster(
            n_workers=0,
            processes=False,
            host=host,
            scheduler_port=port,
            protocol="tls",
            security=self._security,
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        )
        self.client = Client(self._cluster, set_as_default=False)
        self._folder = tempfile.mkdtemp(prefix="flowviz-jobs-")
        self._process_settings = {
            "parent": os.getpid(),
            "memory": MEMORY,
            "folder": self._folder,
            "warm": warm,
            "security": credentials(self._security),
        }
        self._names = count()
        # The kernel ends a worker with the thread that started it, so that thread has to stay.
        self._starter = ThreadPoolExecutor(1, "workers")
        self.processes = [self._start_process() for _ in range(number)]
        # Also called when the interpreter ends; if that is killed, each worker ends itself.
        resources = (self.client, self._cluster, self.processes, self._folder, self._starter)
        self.close = weakref.finalize(self, _close, *resources)

    @property
    def address(self) -> str:
        """The scheduler's."""
        return self._cluster.scheduler_address

    def _start_process(self) -> subprocess.Popen[bytes]:
        return self._starter.submit(self._popen).result()

    def _popen(self) -> subprocess.Popen[bytes]:
        address = self.address
        command = [sys.executable, "-m", "flowviz.ui.jobs.process", address]
        root = str(Path(flowviz.__path__[0]).parent)
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        process = subprocess.Popen(
            [*command, f"w{next(self._names)}"],
            stdin=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        )
        assert process.stdin
        with suppress(BrokenPipeError):
            process.stdin.write(json.dumps(self._process_settings).encode() + b"\n")
            process.stdin.flush()
        return process

    def replace_dead(self) -> None:
        for i, process in enumerate(self.processes):
            if process.poll() is not None and self.close.alive:
                if process.stdin:
                    process.stdin.close()
                self.processes[i] = self._start_process()

    def kill(self, pid: int) -> None:
        for process in self.processes:
            if process.pid == pid:
                process.send_signal(signal.SIGKILL)


def _close(
    client: Client,
    cluster: Any,
    processes: list[subprocess.Popen[bytes]],
    folder: str,
    starter: ThreadPoolExecutor,
) -> None:
    for process in processes:
        process.kill()
    for process in processes:
        process.wait()
        if process.stdin:
            process.stdin.close()
    client.close()
    cluster.close()
    starter.shutdown()
    shutil.rmtree(folder, ignore_errors=True)


@dataclass
class _DaskRun:
    client: Client
    future: Future
    variable: Variable
    event: Event
    local: LocalWorkers | None

    @classmethod
    def of(
        cls, client: Client, local: LocalWorkers | None, job: Job, channel: str, seconds: float
    ) -> _DaskRun:
        from distributed import Event, Variable

        from flowviz.ui.jobs.worker import execute

        variable = Variable(channel, client)
        variable.set({"done": 0.0, "news": b"", "seconds_left": None, "pid": 0})
        arguments = (job.task, job.text, job.state, channel, seconds)
        future = client.submit(execute, *arguments, key=f"{channel}", pure=False)
        return cls(client, future, variable, Event(channel, client), local)

    def report(self) -> dict[str, Any]:
        report: Any = self.variable.get(timeout="2s")
        return report

    def stop(self) -> None:
        self.event.set()

    def kill(self) -> None:
        pid = self.report()["pid"]
        self.future.cancel(force=True)
        if self.local:
            self.local.kill(pid)

    def ended(self) -> dict[str, Any] | None:
        if self.client.status in _CLOSED:
            return {"ended": "gone", "trace": "the scheduler does not answer any more"}
        if not self.future.done():
            return None
        from distributed import KilledWorker

        try:
            return self.future.result(timeout="30s")
        except CancelledError as error:  # by `kill`, or by a scheduler that began anew
            return {"ended": "lost" if self.local else "gone", "trace": repr(error)}
        except KilledWorker as error:
            return {"ended": "lost", "trace": repr(error)}
        except Exception as error:  # e.g. the worker has other sources
            return {"ended": "failed", "trace": repr(error)}
        finally:
            with suppress(OSError):  # a scheduler that has gone meanwhile
                self.event.clear()
                self.variable.delete()
                self.future.release()
