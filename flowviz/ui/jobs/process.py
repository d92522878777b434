"""One worker process: ``python -m flowviz.ui.jobs.process ADDRESS NAME``, credentials on stdin.

It runs at nice 10 with one thread for numerics and a limit on its memory. It ends with its parent,
however that ends: its standard input is a pipe that only the parent holds open, and the kernel is
asked for a SIGKILL besides, in case a long computation keeps the pipe unread.
"""

from __future__ import annotations

import asyncio
import ctypes
import importlib
import json
import os
import resource
import signal
import sys
import threading
from contextlib import suppress

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve until the scheduler or the parent has ended."""
    address, name = sys.argv[1:3]
    settings = json.loads(sys.stdin.readline())
    _end_with(settings["parent"])
    _limit_resources(settings["memory"])
    threading.Thread(target=_warm, args=(settings["warm"],), name="warm", daemon=True).start()
    asyncio.run(_serve(address, name, settings))


def _warm(names: list[str]) -> None:
    for name in names:
        module, _, function = name.partition(":")
        getattr(importlib.import_module(module), function)()


def _end_with(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before we asked
        os._exit(0)

    def watch() -> None:
        while os.read(0, 4096):
            pass
        os._exit(0)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _limit_resources(memory: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server; it takes us along
    with suppress(OSError):
        os.nice(10)
    import torch

    torch.set_num_threads(1)
    if not torch.cuda.is_available():  # a GPU's driver maps more than any limit
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


async def _serve(address: str, name: str, settings: dict[str, dict[str, str]]) -> None:
    from distributed import Worker

    from flowviz.ui.jobs.dask_settings import security_of

    async with Worker(
        address,
        name=name,
        host="127.0.0.1",
        nthreads=1,
        security=security_of(settings["security"]),
        dashboard=False,
        dashboard_address="127.0.0.1:0",
        memory_limit=0,
        local_directory=str(settings["folder"]),
    ) as worker:
        await worker.finished()


if __name__ == "__main__":
    main()
