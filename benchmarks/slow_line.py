"""A slow line on this machine: a proxy on the loopback with a rate and a latency.

Chromium can imitate a line, but counts what comes over a WebSocket before it is compressed. Here
the bytes themselves are delayed.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

_CHUNK = 4096
_AHEAD = 16  # chunks of a connection on their way


@dataclass
class Direction:
    """One direction of a line, shared by all connections: bytes in their order at a rate."""

    bytes_per_second: float
    latency: float
    free_at: float = 0.0
    sent: int = 0

    def arrival(self, size: int) -> float:
        """When so many bytes that are sent now are there, on the clock of `time.monotonic`."""
        self.free_at = max(self.free_at, time.monotonic()) + size / self.bytes_per_second
        self.sent += size
        return self.free_at + self.latency


@dataclass
class SlowLine:
    """A port of this machine that leads to another one over a slow line."""

    to_port: int
    megabits: float
    round_trip: float
    port: int = 0
    down: Direction = field(init=False)
    up: Direction = field(init=False)

    def __post_init__(self) -> None:
        rate = self.megabits * 1e6 / 8
        self.down = Direction(rate, self.round_trip / 2)
        self.up = Direction(rate, self.round_trip / 2)

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of the browser."""
        await asyncio.sleep(self.round_trip)  # of opening it
        there = await asyncio.open_connection("127.0.0.1", self.to_port)
        both = (_pipe(reader, there[1], self.up), _pipe(there[0], writer, self.down))
        await asyncio.gather(*both)


async def _pipe(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction
) -> None:
    """Pass bytes on when they have arrived."""
    on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_AHEAD)

    async def deliver() -> None:
        while True:
            arrival, data = await on_the_way.get()
            await asyncio.sleep(arrival - time.monotonic())
            if not data:
                break
            writer.write(data)
            await writer.drain()
        writer.close()

    delivery = asyncio.create_task(deliver())
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(_CHUNK):
            await on_the_way.put((direction.arrival(len(data)), data))
    await on_the_way.put((0.0, b""))
    with contextlib.suppress(ConnectionError):
        await delivery


@contextlib.contextmanager
def slow_line(to_port: int, megabits: float, round_trip: float) -> Iterator[SlowLine]:
    """A line to a port of this machine, open as long as the context is.

    Args:
        to_port: where the server listens.
        megabits: a second, in each direction.
        round_trip: seconds from a request to its answer's first byte, if the server takes none.
    """
    line = SlowLine(to_port, megabits, round_trip)
    loop = asyncio.new_event_loop()

    async def listen() -> None:
        server = await asyncio.start_server(line.connect, "127.0.0.1", 0)
        line.port = server.sockets[0].getsockname()[1]

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(listen(), loop).result()
    try:
        yield line
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
