"""The process's memory is bounded: refusals leak nothing, cached results have a limit."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from flowviz.scene import Scene
from flowviz.ui.session import cache
from flowviz.ui.session.cache import ResultCache, shared_cache
from flowviz.ui.session.memory import size_of

# One link of each kind of refusal; %d makes each of them another.
REFUSED = {
    "points": {"points": "0.5,a%d"},
    "far": {"points": "%d00000000"},
    "packed": {"points": "~aXXXX%d"},
    "plane points": {"plane_points": "(1,b%d)"},
    "prior": {"prior": "c%d"},
    "parameter": {"p.low": "x%d"},
    "order": {"p.low": "9", "p.high": "-%d"},
    "schedule": {"schedule": "formula", "s.alpha": "1+%d"},
    "grammar": {"formula": "1~forward~x0+*%d~~"},
    "letter": {"formula": "1~forward~(1-t)*x0+t*x1+a~~a=%d000"},
    "empty": {"formula": "1~mean~~t^%d~"},
    "kind": {"formula": "1~k%d~x0~~"},
    "probe": {"probe": "2,%d"},
    "views": {"plane_views": "wing%d"},
    "choice": {"lang": "f%d"},
    "range": {"time": "9%d"},
    "whole": {"trajectories": "%d.5"},
    "flag": {"heatmap": "q%d"},
    "unknown": {"wing%d": "1"},
    "version": {"v": "x%d"},
}
ROUNDS = 150  # of each of the twenty: 3,000 refusals


def resident() -> int:
    """Bytes of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def read(first: int, count: int) -> None:
    for k in range(first, first + count):
        for query in REFUSED.values():
            texts = {
                key.replace("%d", str(k)): text.replace("%d", str(k)) for key, text in query.items()
            }
            assert Scene.read_query(texts)[1]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_three_thousand_refusals_leak_no_memory() -> None:
    read(1, 60)  # what is kept once: caches that count their entries, the allocator's pools
    gc.collect()
    before = resident()
    read(1_000, ROUNDS)
    gc.collect()
    kept = (resident() - before) / (ROUNDS * len(REFUSED))
    assert kept < 500, f"{kept:.0f} bytes of each refusal are kept"


@dataclass(frozen=True)
class Result:
    array: Any
    words: tuple[str, ...] = ()


def test_the_size_of_a_result_counts_each_buffer_once() -> None:
    block = np.zeros(1_000_000)
    tensor = torch.zeros(500_000, dtype=torch.float64)
    assert 8e6 <= size_of(Result(block)) < 8.01e6
    assert 8e6 <= size_of([block, block[:10], {"again": block.reshape(2, -1)}]) < 8.01e6
    assert 8e6 <= size_of(block[:1]) < 8.01e6  # a view holds all of it
    assert 4e6 <= size_of((tensor, tensor[:3])) < 4.01e6
    assert 1e6 <= size_of({b"x" * 10**6: "y"}) < 1.01e6
    assert size_of(np.zeros) < 1_000
    assert size_of((Scene(), Scene)) < 100_000


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> ResultCache:
    small = ResultCache(limit=3_000_000)
    monkeypatch.setattr(cache, "RESULTS", small)
    return small


def counted() -> tuple[Callable[[int, int], Result], list[tuple[int, int]]]:
    calls: list[tuple[int, int]] = []

    @shared_cache(maxsize=5)
    def compute(n: int, size: int) -> Result:
        calls.append((n, size))
        return Result(np.zeros(size, np.uint8))

    return compute, calls


def test_the_least_recently_used_results_are_dropped(results: ResultCache) -> None:
    compute, calls = counted()
    for n in range(3):
        compute(n, 900_000)
    compute(0, 900_000)
    assert len(calls) == 3
    compute(3, 900_000)  # 1 was not asked for the longest
    assert results.total <= results.limit
    for n in (0, 2, 3):
        compute(n, 900_000)
    assert len(calls) == 4
    compute(1, 900_000)
    assert len(calls) == 5


def test_a_function_caches_at_most_maxsize_results(results: ResultCache) -> None:
    compute, calls = counted()
    for n in range(6):
        compute(n, 10)
    compute(5, 10)
    assert len(calls) == 6
    compute(0, 10)
    assert len(calls) == 7


def test_a_result_above_the_limit_is_returned_but_not_cached(results: ResultCache) -> None:
    compute, calls = counted()
    assert compute(0, 4_000_000).array.nbytes == 4_000_000
    assert results.total == 0
    compute(0, 4_000_000)
    assert len(calls) == 2
