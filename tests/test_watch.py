"""What whoever runs a server is told: counters, lines of JSON, /healthz; nothing of a visitor."""

from __future__ import annotations

import asyncio
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from flowviz.ui import watch
from flowviz.ui.watch import health
from tests.serving import RunningServer, free_port, running_server
from tests.tab import Tab
from tests.waiting import until

POINTS = "points=0.123456,1.2,1.7"


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RunningServer, int, Path]]:
    """A server that a tab has visited: it moved a slider, dragged a point and left."""
    folder = tmp_path_factory.mktemp("watch")
    port, lines = free_port(), folder / "events.jsonl"
    env = {"FLOWVIZ_METRICS_PORT": str(port), "FLOWVIZ_EVENTS": str(lines)}
    with running_server(folder, env=env) as server:
        asyncio.run(visit(Tab(server.url, query=POINTS)))
        yield server, port, lines


async def visit(tab: Tab) -> None:
    await tab.open()
    await tab.move("w.prior.uniform.high", 2.5)
    await tab.drag(0, 0.4, 3)
    await tab.drop()


def counters(port: int) -> dict[str, float]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as reply:
        text = reply.read().decode()
    lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def test_counters_move(visited: tuple[RunningServer, int, Path]) -> None:
    _, port, _ = visited
    until(lambda: counters(port)["flowviz_tabs"] == 0, "the tab is still counted")
    found = counters(port)
    assert found["flowviz_sessions_total"] == 1
    assert found['flowviz_runs_total{page="fan"}'] == 3  # opened, moved, and after the drop
    assert found['flowviz_runs_total{page="fragment"}'] >= 1  # the drop itself
    assert found['flowviz_run_seconds_count{page="fan"}'] == 3
    assert found['flowviz_run_seconds_sum{page="fan"}'] > 0
    assert found['flowviz_cache_total{how="computed"}'] > 0
    assert found["flowviz_cache_bytes"] > 1e5


def test_lines_say_what_happened_and_nothing_of_the_visitor(
    visited: tuple[RunningServer, int, Path],
) -> None:
    text = visited[2].read_text(encoding="utf-8")
    events = [json.loads(line) for line in text.splitlines()]
    assert {"started", "sessions", "run"} == {event["event"] for event in events}
    assert all(event.keys() <= {"time", "event", "page", "ms", "pid"} for event in events)
    for personal in ("127.0.0.1", "0.1234", "points", "localhost"):
        assert personal not in text
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", text), "a session's name"


def test_counters_are_for_this_machine_alone(visited: tuple[RunningServer, int, Path]) -> None:
    _, port, _ = visited
    listening = Path("/proc/net/tcp").read_text().splitlines()[1:]
    mine = [line.split()[1] for line in listening if line.split()[1].endswith(f":{port:04X}")]
    assert mine
    assert {address.partition(":")[0] for address in mine} == {"0100007F"}


def test_healthz_draws_a_picture(visited: tuple[RunningServer, int, Path]) -> None:
    with urllib.request.urlopen(f"{visited[0].url}/healthz", timeout=60) as reply:
        said = json.loads(reply.read())
    assert said["status"] == "ok"
    assert said["ms"] > 0


@pytest.mark.parametrize("fault", ["raises", "wrong"])
def test_healthz_is_not_well_where_pictures_are_not(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flowviz.core import transport

    real = transport.trajectories

    def broken(*args: object, **named: object) -> object:
        if fault == "raises":
            raise RuntimeError("no picture")
        found = real(*args, **named)  # type: ignore[arg-type]
        found.x.add_(1e-3)
        return found

    monkeypatch.setattr(transport, "trajectories", broken)
    assert asyncio.run(health.Health().ask())[0] is False
    monkeypatch.undo()
    assert asyncio.run(health.Health().ask())[0] is True


@pytest.mark.parametrize("port", ["0", "70000", "-1", "x", "٣"])
def test_a_bad_port_is_named_at_the_start(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWVIZ_METRICS_PORT", port)
    with pytest.raises(ValueError, match="FLOWVIZ_METRICS_PORT"):
        watch.check_settings()
