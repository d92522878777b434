"""What one machine bears: ``python -m benchmarks.crowd``, ``… crowd 2``, ``… --help``.

Starts a server on this machine, and prints Markdown tables. The first has visitors of Fan, each
with data points of their own, who change a slider every few seconds, one visitor first: the time
from the change to the last byte of what it led to, how often a scene rested long enough for its
checks, and what both cost the server. The second has
whole visits at once: open, drag, change a slider, turn the page, train, reload, look on, and a lost
connection of all at the same moment. The last is of a class on ``/play``, in a room.

Visitors are in this process (`tests.tab.Tab`), on the same cores as the server: they take a share
of what they measure. All goes to 127.0.0.1, and ends by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import psutil

from benchmarks import rooms
from tests.serving import running_server, running_servers
from tests.tab import FAILURES, Tab

SLIDER = "w.prior.uniform.high"
ROWS = ((1, 1.0), (20, 2.0), (40, 2.0), (100, 2.0), (300, 10.0))
"""Visitors, and seconds between two moves of each."""
WITHIN_S = 5.0  # all open the link
VISITS = 30
TRAININGS = 8
STUDENTS = 1_000


@dataclass
class Deployment:
    """What is measured: its address, and the process that everything of it descends from."""

    url: str
    process: psutil.Process

    def processes(self) -> list[psutil.Process]:
        """All of its processes."""
        return [self.process, *self.process.children(recursive=True)]

    def seconds(self) -> float:
        """Processor time so far, of all processes that live."""
        return sum(_cpu(one) for one in self.processes())

    def settle(self) -> None:
        """Wait until it has nothing to do: workers import what they need for a training."""
        for _ in range(60):
            before = self.seconds()
            time.sleep(1.0)
            if self.seconds() - before < 0.1:
                return

    def megabytes(self) -> float:
        """Memory that no other process shares, of all processes."""
        return sum(_memory(one) for one in self.processes()) / 2**20


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
        return times.user + times.system
    except psutil.NoSuchProcess:
        return 0.0


def _memory(process: psutil.Process) -> int:
    try:
        return process.memory_full_info().uss
    except psutil.NoSuchProcess:
        return 0


@dataclass
class Times:
    """Seconds by what was done, and what failed."""

    taken: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: Counter[str] = field(default_factory=Counter)
    why: Counter[str] = field(default_factory=Counter)

    async def note(self, what: str, done: Awaitable[float | None]) -> bool:
        """Wait for an action and keep its time; whether it came to its end."""
        try:
            seconds = await done
        except FAILURES as error:
            self.failed[what] += 1
            self.why[f"{what}: {type(error).__name__} {error}"[:90]] += 1
            return False
        if seconds is not None:
            self.taken[what].append(seconds)
        return True


def points(k: int) -> str:
    """A link of data points that no other visitor has: no result is shared."""
    return f"points=0.5*2,1.2,{1.3 + k / 1000:.3f}"


@contextmanager
def deployed(processes: int) -> Iterator[Deployment]:
    """Start what is measured: one server, as ``make run``, or several, as ``make serve``."""
    with tempfile.TemporaryDirectory() as folder:
        env = {"FLOWVIZ_CACHE": folder}
        os.environ |= env  # for what this process writes there, a class room
        start = running_server if processes == 1 else partial(running_servers, count=processes)
        with start(Path(folder), env=env) as server:
            there = Deployment(server.url, psutil.Process(server.process.pid))
            there.settle()
            yield there


# ---------------------------------------------------------------------------------- the two tables


async def moves(there: Deployment, count: int, every: float, seconds: float) -> Times:
    """Visitors who open a link within five seconds, then change a slider every so often."""
    times = Times()
    visitors = [Tab(there.url, query=points(k)) for k in range(count)]

    async def opens(visitor: Tab, k: int) -> bool:
        await asyncio.sleep(WITHIN_S * k / count)
        return await times.note("open", visitor.open())

    there_are = await asyncio.gather(*(opens(v, k) for k, v in enumerate(visitors)))

    async def plays(visitor: Tab, k: int) -> None:
        rng = random.Random(k)
        until = time.perf_counter() + seconds
        await asyncio.sleep(every * rng.random())
        while (started := time.perf_counter()) < until:
            value = round(rng.uniform(2.0, 4.0), 2)
            if not await times.note("move", visitor.move(SLIDER, value)):
                return
            left = every - (time.perf_counter() - started)
            if visitor.unanswered and visitor.unanswered[1] < left:
                await times.note("checks", visitor.rest())
            await asyncio.sleep(max(0.0, every - (time.perf_counter() - started)))

    before = there.seconds()
    players = [(v, k) for k, v in enumerate(visitors) if there_are[k]]
    await asyncio.gather(*(plays(v, k) for v, k in players))
    times.taken["cpu"] = [there.seconds() - before]
    times.taken["memory"] = [there.megabytes()]
    await asyncio.gather(*(v.drop() for v in visitors))
    return times


def move_table(there: Deployment, rows: tuple[tuple[int, float], ...], seconds: float) -> None:
    """Measure and print the first table."""
    print(
        "| visitors | a move every | moves | p50 | p95 | p99 | failures | checks seen | CPU a move "
        "| memory |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    opened = []
    for count, every in rows:
        times = asyncio.run(moves(there, count, every, max(seconds, 2 * every)))
        done = times.taken["move"]
        cpu = 1000 * times.taken["cpu"][0] / max(len(done), 1)
        lost = sum(times.failed.values())
        print(
            f"| {count} | {every:.0f} s | {len(done)} | {_quantiles(done)} | {lost} "
            f"| {len(times.taken['checks'])} | {cpu:.0f} ms | {times.taken['memory'][0]:.0f} MB |",
            flush=True,
        )
        opened.append((count, times.taken["open"]))
        _say(times)
    print(f"\n| visitors who open a link within {WITHIN_S:.0f} s | p50 | p95 | p99 |")
    print("|---:|---:|---:|---:|")
    for count, done in opened:
        print(f"| {count} | {_quantiles(done)} |")


async def visits(there: Deployment, count: int, trainings: int) -> Times:
    """Whole visits at once."""
    times = Times()
    visitors = [Tab(there.url, query=points(1000 + k)) for k in range(count)]
    await asyncio.gather(*(_visit(v, k, times, k < trainings) for k, v in enumerate(visitors)))
    await asyncio.gather(*(v.drop() for v in visitors))
    await asyncio.gather(*(times.note("all reconnect", v.reconnect()) for v in visitors))
    await asyncio.gather(*(v.drop() for v in visitors))
    return times


async def _visit(visitor: Tab, k: int, times: Times, trains: bool) -> None:
    rng = random.Random(k)

    async def pause() -> None:
        await asyncio.sleep(rng.uniform(1.0, 3.0))

    await asyncio.sleep(WITHIN_S * rng.random())
    if not await times.note("open", visitor.open()):
        return
    for _ in range(3):
        await pause()
        await times.note("slider", visitor.move(SLIDER, round(rng.uniform(2.0, 4.0), 2)))
        await pause()
        await times.note("drag", visitor.drag(0, round(rng.uniform(0.2, 0.9), 3), 3))
    await pause()
    await times.note("turn the page", visitor.turn_to("learn"))
    if trains:
        await times.note("train", visitor.press("learn.main"))
        await times.note("watch", visitor.watch(6.0))
    await pause()
    await times.note("reload", visitor.reload())
    await pause()


def visit_table(there: Deployment, count: int, trainings: int) -> None:
    """Measure and print the second table."""
    print(f"\n{count} visits at once, {trainings} of them with a training:\n")
    print("| what | times | p50 | p95 | p99 | failures |\n|---|---:|---:|---:|---:|---:|")
    times = asyncio.run(visits(there, count, trainings))
    for what in sorted({*times.taken, *times.failed}):
        done = times.taken[what]
        print(f"| {what} | {len(done)} | {_quantiles(done)} | {times.failed[what]} |")
    _say(times)


def soak(there: Deployment, minutes: float, count: int, every: float) -> None:
    """The same visitors, opened again every minute: how much memory grows."""
    print("| minute | moves | p50 | p95 | p99 | failures | memory |")
    print("|---:|---:|---:|---:|---:|---:|---:|")
    first = 0.0
    for minute in range(1, round(minutes) + 1):
        times = asyncio.run(moves(there, count, every, 60.0 - WITHIN_S))
        done, memory = times.taken["move"], times.taken["memory"][0]
        first = first if minute > 2 else memory  # caches have filled after two minutes
        lost = sum(times.failed.values())
        print(
            f"| {minute} | {len(done)} | {_quantiles(done)} | {lost} | {memory:.0f} MB |",
            flush=True,
        )
        _say(times)
    print(f"\nFrom minute 2 to the last the memory grew by {memory - first:.0f} MB.")


def _quantiles(taken: list[float]) -> str:
    if len(taken) < 2:
        return " | ".join([f"{1000 * taken[0]:.0f} ms" if taken else ""] * 3)
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    return " | ".join(f"{1000 * cuts[k - 1]:.0f} ms" for k in (50, 95, 99))


def _say(times: Times) -> None:
    for why, count in times.why.most_common(3):
        print(f"<!-- {count} × {why} -->")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What one machine bears.")
    parser.add_argument("--visitors", type=int, help="one row: so many visitors")
    parser.add_argument("--every", type=float, default=2.0, help="seconds between two moves")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each row")
    parser.add_argument(
        "processes", type=int, nargs="?", default=1, help="of servers, behind nginx if several"
    )
    parser.add_argument("--visits", type=int, help="only so many whole visits")
    parser.add_argument("--students", type=int, help="only so many in a class room")
    parser.add_argument("--soak", type=float, metavar="MINUTES", help="growth of memory instead")
    asked = parser.parse_args()
    with deployed(asked.processes) as there:
        if asked.soak:
            soak(there, asked.soak, asked.visitors or 20, asked.every)
            return
        if asked.students:
            rooms.table(there.url, asked.students)
            return
        if not asked.visits:
            rows = ((1, 1.0), (asked.visitors, asked.every)) if asked.visitors else ROWS
            move_table(there, rows, asked.seconds)
        if asked.visits or not asked.visitors:
            visit_table(there, asked.visits or VISITS, TRAININGS)
        if not (asked.visits or asked.visitors):
            print(f"\n{STUDENTS} students in a class room, on the light page:\n")
            there.settle()
            rooms.table(there.url, STUDENTS)
    print(f"\nLoad of the machine at the end: {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores.")


if __name__ == "__main__":
    main()
