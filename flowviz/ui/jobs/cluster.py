"""Who does the jobs: worker processes of this machine, or a Dask scheduler elsewhere.

The scheduler lives in this process, on 127.0.0.1, and speaks TLS with credentials made for it
alone. Its workers are started here and not by Dask's own nannies: `multiprocessing` would import
whatever page script happens to be ``__main__`` in each of them, and two watchers a worker would
run in the serving process. One that dies is replaced; its job is tried once more on another.
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
    from distributed import Client, Event, Future, Variable

MEMORY = 2 * 2**30
"""Bytes of its own that a worker may have; torch alone takes a fifth of it."""

_MOST_WORKERS = 8
_ELSEWHERE = 32  # jobs given to a scheduler elsewhere at a time: it has its own queue


class Run(Protocol):
    """A job under way."""

    def report(self) -> dict[str, Any]:
        """The newest ``done`` and ``news``, seconds ``left``, the ``pid`` it comes from."""
        ...

    def stop(self) -> None:
        """Ask it to end."""
        ...

    def kill(self) -> None:
        """End it, whatever it says."""
        ...

    def ended(self) -> dict[str, Any] | None:
        """What `worker.execute` returned, once it has; ``lost`` when its workers died."""
        ...


class Workers(Protocol):
    """Who does jobs, ``slots`` at a time; as `Cluster`."""

    slots: int

    def start(self, job: Job, channel: str, seconds: float) -> Run: ...
    def tend(self) -> None: ...
    def close(self) -> None: ...


class Cluster:
    """Workers, started now: a second and a half, and their import of torch.

    Args:
        workers: how many; by default as fits the machine.
        address: a scheduler elsewhere; by default what ``FLOWVIZ_SCHEDULER`` says.
        warm: functions, ``module:function``, that each worker of this machine calls at its start.
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
        self.local = None if address else _Local(workers or _usual_count(), warm)
        self.slots = self.local.count if self.local else _ELSEWHERE
        self._client = self.local.client if self.local else _elsewhere(str(address))

    def start(self, job: Job, channel: str, seconds: float) -> Run:
        """Give a job away."""
        return _DaskRun.of(self._client, self.local, job, channel, seconds)

    def tend(self) -> None:
        """Replace workers that died."""
        if self.local:
            self.local.tend()

    def close(self) -> None:
        """End all workers."""
        if self.local:
            self.local.close()
        else:
            self._client.close()


def _usual_count() -> int:
    """Two at least: one long job never keeps all others waiting; the system shares the cores."""
    return min(_MOST_WORKERS, max(2, len(os.sched_getaffinity(0)) // 2))


def _elsewhere(address: str) -> Client:
    """Credentials come from Dask's own settings: ``DASK_DISTRIBUTED__COMM__TLS__…``."""
    from distributed import Client, Security

    from flowviz.ui.jobs import settings as settings

    return Client(address, security=Security(require_encryption=True), set_as_default=False)


class _Local:
    def __init__(self, number: int, warm: tuple[str, ...]) -> None:
        import logging

        from distributed import Client, LocalCluster, Security

        from flowviz.ui.jobs.settings import credentials

        self.count = number
        self._security = Security.temporary()
        self._cluster = LocalCluster(
            n_workers=0,
            processes=False,
            host="127.0.0.1",
            protocol="tls",
            security=self._security,
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
        )
        self.client = Client(self._cluster, set_as_default=False)
        self._folder = tempfile.mkdtemp(prefix="flowviz-jobs-")
        self._given = {
            "parent": os.getpid(),
            "memory": MEMORY,
            "folder": self._folder,
            "warm": warm,
            "security": credentials(self._security),
        }
        self._names = count()
        # The kernel ends a worker with the thread that started it: one that stays.
        self._starter = ThreadPoolExecutor(1, "workers")
        self.processes = [self._begin() for _ in range(number)]
        # At the interpreter's end as well; should it be killed, each worker sees to itself.
        parts = (self.client, self._cluster, self.processes, self._folder, self._starter)
        self.close = weakref.finalize(self, _close, *parts)

    def _begin(self) -> subprocess.Popen[bytes]:
        return self._starter.submit(self._start).result()

    def _start(self) -> subprocess.Popen[bytes]:
        address = self._cluster.scheduler_address
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
            process.stdin.write(json.dumps(self._given).encode() + b"\n")
            process.stdin.flush()
        return process

    def tend(self) -> None:
        for i, process in enumerate(self.processes):
            if process.poll() is not None and self.close.alive:
                if process.stdin:
                    process.stdin.close()
                self.processes[i] = self._begin()

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
    future: Future
    variable: Variable
    event: Event
    local: _Local | None

    @classmethod
    def of(
        cls, client: Client, local: _Local | None, job: Job, channel: str, seconds: float
    ) -> _DaskRun:
        from distributed import Event, Variable

        from flowviz.ui.jobs.worker import execute

        variable = Variable(channel, client)
        variable.set({"done": 0.0, "news": b"", "left": None, "pid": 0})
        given = (job.work, job.text, job.state, channel, seconds)
        future = client.submit(execute, *given, key=f"{channel}", pure=False)
        return cls(future, variable, Event(channel, client), local)

    def report(self) -> dict[str, Any]:
        said: Any = self.variable.get(timeout="2s")
        return said

    def stop(self) -> None:
        self.event.set()

    def kill(self) -> None:
        pid = self.report()["pid"]
        self.future.cancel(force=True)
        if self.local:
            self.local.kill(pid)

    def ended(self) -> dict[str, Any] | None:
        if not self.future.done():
            return None
        from distributed import KilledWorker

        try:
            return self.future.result(timeout="30s")
        except (KilledWorker, CancelledError) as error:
            return {"ended": "lost", "trace": repr(error)}
        except Exception as error:  # the worker's sources are not ours, say
            return {"ended": "failed", "trace": repr(error)}
        finally:
            self.event.clear()
            self.variable.delete()
            self.future.release()
