"""Fixtures and settings of all tests: numerical threads, and a note on browser tests not run."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Iterator

import pytest
from hypothesis import settings

from tests.serving import RunningServer, running_server

# Before anything loads numpy or torch: two test processes on two cores, one thread each.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
# Results that a test trains must not be in the cache of a later run.
os.environ["FLOWVIZ_CACHE"] = tempfile.mkdtemp(prefix="flowviz-cache-")
# A busy machine fails no test.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")


@pytest.fixture(scope="module")
def default_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with the default settings, for all tests of a module."""
    with running_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def two_strengths(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two strengths in the Green page's comparison of flows: `test_green` measures all of them."""
    monkeypatch.setattr("flowviz.ui.green.superposition._STRENGTHS", {1: 2, 2: 2})


@pytest.fixture
def small_solvers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the Solvers page compare its solvers by few particles: `test_solvers` has the numbers."""
    monkeypatch.setattr("flowviz.ui.solvers.compute.COUNTS", (2, 4))
    monkeypatch.setattr("flowviz.ui.solvers.compute.evaluation_size", lambda setup: 200)
    monkeypatch.setattr("flowviz.ui.solvers.likelihood.DRAWS", 20)
    monkeypatch.setattr("flowviz.ui.solvers.likelihood.STEP_COUNTS", (4,))
    monkeypatch.setattr("flowviz.ui.solvers.likelihood.TOLERANCES", (1e-2,))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> Generator[None, None, None]:
    """Say so, last, when no browser test was run: a green run must not hide it."""
    yield
    stats = terminalreporter.stats
    if any(
        "browser" in getattr(report, "keywords", ())  # a file that cannot be read has none
        for outcome in ("passed", "failed", "error")
        for report in stats.get(outcome, [])
    ):
        return
    reasons = {
        str(report.longrepr[2]).removeprefix("Skipped: ")
        for report in stats.get("skipped", [])
        if "browser" in report.keywords and isinstance(report.longrepr, tuple)
    }
    terminalreporter.write_line(
        "NO BROWSER TEST WAS RUN: " + ("; ".join(sorted(reasons)) or "none was selected"),
        yellow=True,
        bold=True,
    )
