"""Debian's Redis in a process of its own, for tests and benchmarks: on loopback, not on disk."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from tests.serving import free_port
from tests.waiting import until


def find_redis() -> str | None:
    """The program, if it is installed: ``make browser`` installs it or says how."""
    return shutil.which("redis-server")


@contextmanager
def running_redis(folder: Path) -> Iterator[str]:
    """Run a Redis until the block ends; its address."""
    program, port = find_redis(), free_port()
    assert program, "no redis-server; `make browser` installs it or says how"
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    address = f"redis://127.0.0.1:{port}/0"
    try:
        client = redis.Redis.from_url(address)

        def answers() -> bool:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False

        until(answers, "redis does not answer")
        client.close()
        yield address
    finally:
        process.terminate()
        process.wait(timeout=10)
