"""A class in a room at the same moment: ``python -m benchmarks.rooms``.

Prints a Markdown table. 300 clients on this machine ask what is shown every two seconds with the
ETag that they have, and within ten seconds each sends its prediction; bytes are those of a response
with all its headers.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from tests.room_fixtures import answers_kept, open_room
from tests.serving import running_server

CLIENTS = 300
WITHIN_S = 10.0
EVERY_S = 2.0


def main() -> None:
    """Measure and print."""
    print("| measured | value |\n|---|---:|")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FLOWVIZ_CACHE"] = folder
        with running_server(Path(folder)) as server:
            name = open_room()
            asked, answered, sizes = asyncio.run(_class(server.url, name))
        kept = answers_kept(name)
    lost = CLIENTS - len(set(kept))
    for what, times in (("an answer", answered), ("what is shown", asked)):
        ordered = sorted(times)
        late = ordered[int(0.95 * len(ordered))]
        print(f"| {what}: median | {1000 * ordered[len(ordered) // 2]:.0f} ms |")
        print(f"| {what}: 95th percentile | {1000 * late:.0f} ms |")
        print(f"| {what}: requests | {len(ordered)} |")
    print(f"| nothing new (304): bytes, at most | {max(sizes)} |")
    print(f"| answers lost, of {CLIENTS} in {WITHIN_S:.0f} s | {lost} |")


async def _class(url: str, name: str) -> tuple[list[float], list[float], list[int]]:
    """Seconds of each question and of each answer; bytes of each 304."""
    found = await asyncio.gather(*(_client(url, name, k) for k in range(CLIENTS)))
    asked, answered, sizes = zip(*found, strict=True)
    return [t for times in asked for t in times], list(answered), [n for s in sizes for n in s]


async def _client(url: str, name: str, k: int) -> tuple[list[float], float, list[int]]:
    start = time.perf_counter()
    rng = random.Random(k)
    await asyncio.sleep(rng.uniform(0, EVERY_S))
    due = start + rng.uniform(0.2, 1.0) * WITHIN_S
    asked: list[float] = []
    sizes: list[int] = []
    answered = tag = None
    while time.perf_counter() - start < WITHIN_S + EVERY_S:
        seconds, status, head, size = await _ask(url, f"/room/{name}/state", tag)
        asked.append(seconds)
        if status == 304:
            sizes.append(size)
        tag = head["etag"]
        if answered is None and time.perf_counter() >= due:
            message = {"student": f"{k:032x}", "step": 2, "answer": [k / 8]}
            answered, status, _, _ = await _ask(url, f"/room/{name}/answer", None, message)
            if status != 204:
                raise RuntimeError(f"an answer was refused with {status}")
        await asyncio.sleep(EVERY_S)
    if answered is None:
        raise RuntimeError("a client came to no answer")
    return asked, answered, sizes


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
    first, *fields = whole.partition(b"\r\n\r\n")[0].decode().split("\r\n")
    head = dict(field.lower().split(": ", 1) for field in fields)
    return seconds, int(first.split()[1]), head, len(whole)


if __name__ == "__main__":
    main()
