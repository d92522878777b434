"""A class in a room at the same moment: ``python -m benchmarks.rooms``.

Prints two Markdown tables. 300 clients of this machine open the room's page in five seconds, ask
what is shown every two seconds with the ETag that they have, and within ten seconds each sends its
prediction; bytes are those of a response with all its headers. The same of ``make serve``, and a
class of a thousand: ``python -m benchmarks.crowd 2 --students 1000``.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.room_fixtures import answers_kept, open_room
from tests.serving import running_server

CLIENTS = 300
WITHIN_S = 10.0
EVERY_S = 2.0


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FLOWVIZ_CACHE"] = folder
        with running_server(Path(folder)) as server:
            table(server.url, CLIENTS)


def table(url: str, clients: int) -> None:
    """Measure a class of so many in a room of the server, which has the cache of this process."""
    name = open_room()
    of_class = asyncio.run(_class(url, name, clients))
    lost = clients - len(set(answers_kept(name)))
    print("| measured | requests | p50 | p95 | p99 |\n|---|---:|---:|---:|---:|")
    for what, times in of_class.taken.items():
        cuts = statistics.quantiles(times, n=100, method="inclusive")
        shown = " | ".join(f"{1000 * cuts[k - 1]:.0f} ms" for k in (50, 95, 99))
        print(f"| {what} | {len(times)} | {shown} |")
    print("\n| measured | value |\n|---|---:|")
    print(f"| nothing new (304): bytes, at most | {max(of_class.sizes)} |")
    print(f"| answers lost, of {clients} in {WITHIN_S:.0f} s | {lost} |")
    print(f"| requests that failed | {of_class.failed} |")


@dataclass
class _Class:
    """Seconds by what was asked for; bytes of each 304; how many requests failed."""

    taken: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    sizes: list[int] = field(default_factory=list)
    failed: int = 0


async def _class(url: str, name: str, clients: int) -> _Class:
    found = _Class()
    await asyncio.gather(*(_client(url, name, k, found) for k in range(clients)))
    return found


async def _client(url: str, name: str, k: int, found: _Class) -> None:
    """A student: opens the room's page, asks what is shown, answers once."""
    start = time.perf_counter()
    rng = random.Random(k)
    await asyncio.sleep(rng.uniform(0, WITHIN_S / 2))
    answer_at = start + rng.uniform(0.6, 1.0) * WITHIN_S
    answered, tag = False, None

    async def ask(
        what: str, path: str, wanted: int, tag: str | None = None, message: object = None
    ) -> dict[str, str] | None:
        try:
            seconds, status, head, size = await _ask(url, path, tag, message)
        except (OSError, ValueError, IndexError):
            status = 0
        if status not in (wanted, 304):
            found.failed += 1
            return None
        found.taken[what].append(seconds)
        if status == 304:
            found.sizes.append(size)
        return head

    way = await ask("the way to the page", f"/room/{name}", 302)
    if way is not None:
        await ask("the page", way["location"], 200)
    while time.perf_counter() - start < WITHIN_S + EVERY_S:
        head = await ask("what is shown", f"/room/{name}/state", 200, tag)
        tag = head["etag"] if head else tag
        if not answered and time.perf_counter() >= answer_at:
            message = {"student": f"{k:032x}", "step": 2, "answer": [k / 8]}
            said = await ask("an answer", f"/room/{name}/answer", 204, message=message)
            answered = said is not None
        await asyncio.sleep(EVERY_S)


async def _ask(
    url: str, path: str, tag: str | None, message: object = None
) -> tuple[float, int, dict[str, str], int]:
    """Seconds, status, headers and bytes of a request on a connection of its own."""
    there = urlsplit(url)
    started = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", there.port)
    body = b"" if message is None else json.dumps(message).encode()
    lines = [
        f"{'GET' if message is None else 'POST'} {path} HTTP/1.1",
        f"Host: {there.hostname}:{there.port}",
        "Connection: close",
        f"Content-Length: {len(body)}",
        *(["Content-Type: application/json"] if body else []),
        *([f"If-None-Match: {tag}"] if tag else []),
    ]
    writer.write("\r\n".join([*lines, "", ""]).encode() + body)
    whole = await reader.read()
    writer.close()
    seconds = time.perf_counter() - started
    first, *lines = whole.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    named = (line.partition(": ") for line in lines)
    head = {name.lower(): value for name, _, value in named}
    return seconds, int(first.split()[1]), head, len(whole)


if __name__ == "__main__":
    main()
