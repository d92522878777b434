"""The GPU's benchmark table, computed in small on the CPU."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import torch

from benchmarks import gpu
from flowviz.core.field import MarginalField

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def rows() -> list[gpu.Row]:
    return list(gpu.measure(gpu.SMALL, CPU))


def test_every_row_agrees_with_the_reference(rows):
    assert len(rows) == len(gpu.SMALL.points) + len(gpu.SMALL.trajectory_points) + 1
    for row in rows:
        assert row.seconds > 0.0
        assert row.fraction > 0.0
        assert 0.0 <= row.difference <= gpu.AGREE


def test_the_field_is_judged_by_other_sums(monkeypatch):
    evaluate = MarginalField.__call__
    monkeypatch.setattr(
        MarginalField, "__call__", lambda self, x, t: evaluate(self, x, t) * (1 + 2e-9)
    )
    small = gpu.Sizes((20,), 5, (), 0, 1e-7, 4, 8, 1)
    assert next(gpu.field_rows(small, CPU, 1e9)).difference > gpu.AGREE


def test_traffic_is_what_operations_read_and_write():
    a, b = torch.ones(100, 1, dtype=torch.float64), torch.ones(50, dtype=torch.float64)
    assert gpu.traffic(lambda: a + b) == 8 * (100 + 50 + 5_000)
    assert gpu.traffic(lambda: a.expand(100, 50)) == 0
    assert gpu.traffic(lambda: a.expand(100, 50).exp()) == 8 * (100 + 5_000)
    assert gpu.traffic(lambda: torch.cat([a, a])) == 8 * (200 + 200)


def test_the_table_names_the_device_and_the_day(rows):
    lines = gpu.table(rows, CPU, datetime(2031, 4, 5, tzinfo=UTC)).splitlines()
    assert "no GPU was at hand" in lines[0]
    assert "2031-04-05" in lines[0]
    assert len(lines) == 4 + len(rows)
    assert all(line.count("|") == 5 for line in lines[2:])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_a_gpu_gives_the_same_numbers():
    device = torch.device("cuda")
    sizes = gpu.Sizes((10_000,), 200, (1_000,), 200, 1e-11, 64, 256, 30)
    rows = {row.what.split(",")[0]: row.difference for row in gpu.measure(sizes, device)}
    assert rows.pop("a step of training") < 1e-4  # float32
    assert all(difference <= gpu.AGREE for difference in rows.values())
