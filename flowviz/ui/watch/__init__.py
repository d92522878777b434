"""What happens on a server, for whoever runs it: lines of JSON, and counters for Prometheus.

- ``FLOWVIZ_EVENTS``: a line of JSON for each event, to a file of this name, or with ``-`` to the
  standard error.
- ``FLOWVIZ_METRICS_PORT``: the counters of `COUNTERS`, on this port of 127.0.0.1 alone.

Neither has anything of a visitor: no address, no cookie, no session, no scene, no answer. Without
the two settings nothing is counted and nothing is written.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any

COUNTERS = {
    "sessions": "WebSockets that were opened, one for each tab",
    "runs": "pages and fragments that were drawn",
    "jobs": "trainings and measurements that ended",
    "cache": "results that were in memory or were computed",
    "rooms": "class rooms: opened, and answers that were kept",
    "faults": "exceptions that a visitor was told of by a number",
}
"""Names, of which ``flowviz_NAME_total`` is made, and what is counted; labels are below."""
_LABELS = {"runs": ("page",), "jobs": ("phase",), "cache": ("how",), "rooms": ("what",)}
_SILENT = {"cache", "runs"}  # too many for a line each; a run has one with its time
_BUCKETS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)

_LOCK = Lock()
_counters: dict[str, Any] = {}
_gauges: dict[str, Any] = {}
_seconds: Any = None
_lines = ""


def check_settings() -> None:
    """Read the settings, so that an invalid one fails at start-up.

    Raises:
        ValueError: naming the setting and its value.
    """
    port = os.environ.get("FLOWVIZ_METRICS_PORT", "")
    if port and not (port.isascii() and port.isdigit() and 1 <= int(port) <= 65_535):
        raise ValueError(f"FLOWVIZ_METRICS_PORT must be a port, got {port!r}")


def start(gauges: dict[str, tuple[str, Callable[[], float]]]) -> None:
    """Begin to write and to count, as the settings say; once, when the server starts.

    Args:
        gauges: name, description and reading of what is asked for and not counted.
    """
    global _lines, _seconds
    _lines = os.environ.get("FLOWVIZ_EVENTS", "")
    port = os.environ.get("FLOWVIZ_METRICS_PORT", "")
    if port and not _counters:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
        from prometheus_client import start_http_server as serve

        registry = CollectorRegistry()
        for name, what in COUNTERS.items():
            labels = _LABELS.get(name, ())
            _counters[name] = Counter(f"flowviz_{name}", what, labels, registry=registry)
        _seconds = Histogram(
            "flowviz_run_seconds", "how long a run took", ("page",), buckets=_BUCKETS,
            registry=registry,
        )  # fmt: skip
        for name, (what, read) in gauges.items():
            gauge = Gauge(f"flowviz_{name}", what, registry=registry)
            gauge.set_function(read)
            _gauges[name] = gauge
        serve(int(port), addr="127.0.0.1", registry=registry)
    event("started", pid=os.getpid())


def count(name: str, label: str = "", **more: float | str) -> None:
    """Count one, and write a line of it.

    Args:
        name: of `COUNTERS`.
        label: of those that have one.
        more: what the line says besides; nothing of a visitor.
    """
    if counter := _counters.get(name):
        (counter.labels(label) if label else counter).inc()
    if name not in _SILENT:
        event(name, **({"what": label} if label else {}), **more)


@contextmanager
def run(page: str) -> Iterator[None]:
    """Time a page, or a fragment that is drawn alone."""
    if not (_counters or _lines):
        yield
        return
    started = time.perf_counter()
    try:
        yield
    finally:
        seconds = time.perf_counter() - started
        count("runs", page)
        if _seconds is not None:
            _seconds.labels(page).observe(seconds)
        event("run", page=page, ms=round(1000 * seconds, 1))


def event(name: str, **values: float | str) -> None:
    """Write one line, if lines are wanted; a full disk is survived in silence."""
    if not _lines:
        return
    line = json.dumps({"time": round(time.time(), 3), "event": name, **values}) + "\n"
    with _LOCK, suppress(OSError):
        if _lines == "-":
            sys.stderr.write(line)
        else:
            with open(_lines, "a", encoding="utf-8") as file:
                file.write(line)
