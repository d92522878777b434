"""Fixtures and settings of all tests: numerical threads, and a note on browser tests not run."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path

import pytest

# A container may forbid to keep compiled modules: each server and worker would compile all anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

from hypothesis import settings  # noqa: E402  (pytest compiles it with its own assertions)

from tests.serving import RunningServer, running_server  # noqa: E402

# Before anything loads numpy or torch: two test processes on two cores, one thread each.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
# Results that a test trains must not be in the cache of a later run.
os.environ["FLOWVIZ_CACHE"] = tempfile.mkdtemp(prefix="flowviz-cache-")
# A busy machine fails no test.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

LONGEST = (
    "test_jobs.py",
    "test_nonlinear_plane.py",
    "test_work.py",
    "test_plane.py",
    "test_untrusted.py",
    "test_plane_accuracy.py",
    "test_pages.py",
    "test_learn_page.py",
    "test_injected_faults.py",
    "test_solvers_page.py",
    "test_fan_page.py",
    "test_data_scale.py",
    "test_solvers.py",
    "test_training.py",
    "test_short_formulas.py",
    "test_quadrature.py",
    "test_page_cost.py",
    "test_excel.py",
    "test_separatrices.py",
    "test_arcsine.py",
    "test_checks_sweep.py",
    "test_first_use.py",
    "test_loss_floor.py",
    "test_compute.py",
    "test_headers.py",
    "test_solvers_outside.py",
    "test_green_page.py",
    "test_plane_compute.py",
    "test_validity.py",
    "test_divergence.py",
)
"""The files that take longest, in order: whoever began one of them last would end alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; a worker does whole files."""
    rank = {Path(__file__).with_name(name): k for k, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path, len(LONGEST)))


@pytest.fixture(scope="session")
def default_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server with the default settings, for all tests of a worker."""
    with running_server(tmp_path_factory.mktemp("server")) as running:
        yield running


SMALL: dict[str, object] = {
    "flowviz.ui.green.superposition._STRENGTHS": {1: 2, 2: 2},
    "flowviz.ui.plane.basins._FINEST": 64,
    "flowviz.ui.couplings.compute._ENERGY": 1e6,
    "flowviz.ui.guidance.compute.SCALES": (0.0, 1.0, 4.0),
    "flowviz.ui.guidance.compute.MOST_DRAWS": 200,
    "flowviz.ui.solvers.compute.COUNTS": (2, 4),
    "flowviz.ui.solvers.compute.evaluation_size": lambda setup: 200,
    "flowviz.ui.solvers.likelihood.DRAWS": 20,
    "flowviz.ui.solvers.likelihood.STEP_COUNTS": (4,),
    "flowviz.ui.solvers.likelihood.TOLERANCES": (1e-2,),
}
"""What pages measure, in sizes that show it."""
PAIRS = 1_000
"""Of a segment and a data point, in a page's check of its trajectories; of twenty thousand."""


@pytest.fixture(scope="module")
def small_pages() -> Iterator[None]:
    """Let pages measure less: `test_green`, `test_solvers` and the checks' tests have the numbers.

    Most of the Plane's time would go into its mass, which `test_plane` and `test_checks` hold.

    What is measured so is forgotten after the module, whose other tests may ask for it in full.
    """
    from flowviz.core import checks
    from flowviz.core.checks import Check
    from flowviz.ui.plane import basins
    from flowviz.ui.plane import checks as plane_checks
    from flowviz.ui.session.cache import RESULTS

    done = Check(0.0, 1.0)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SMALL.items():
            patch.setattr(name, value)
        patch.setattr(checks, "integration", partial(checks.integration, most=PAIRS))
        patch.setattr(
            checks, "mass", lambda field, t, of=checks.mass: of(field, t) if field.d == 1 else done
        )
        yield
    for results in (RESULTS, basins._FOUND, plane_checks._FOUND):
        results.clear()


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
