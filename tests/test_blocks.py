"""Large sums: the same by two hands as by one, in order, stopped when nobody listens."""

from __future__ import annotations

import threading

import pytest
import torch

from flowviz.core import blocks
from flowviz.core.autodiff import rate


def squares(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return x[:, 0] ** 2, torch.sin(x)


def test_two_hands_give_the_values_of_one_in_order(monkeypatch: pytest.MonkeyPatch):
    x = torch.linspace(0.0, 9.0, 5001, dtype=torch.float64)[:, None]
    one = blocks.in_blocks(squares, (x,), 4000)
    monkeypatch.setattr(blocks, "MANY", 1)
    heard: list[float] = []
    two = blocks.in_blocks(squares, (x,), 4000, heard.append)
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_a_derivative_is_taken_by_one_hand(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(blocks, "MANY", 1)
    hands: set[int] = set()

    def watched(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        hands.add(threading.get_ident())
        return squares(x)

    x = torch.linspace(0.0, 9.0, 501, dtype=torch.float64)[:, None]
    _, (slope, _) = rate(lambda y: blocks.in_blocks(watched, (y,), 40_000), x)
    torch.testing.assert_close(slope, 2.0 * x[:, 0])
    assert hands == {threading.get_ident()}


def test_work_ends_when_the_listener_has_had_enough(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(blocks, "MANY", 1)
    done: list[int] = []

    def counted(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        done.append(len(x))
        return squares(x)

    def enough(_: float) -> None:
        raise KeyboardInterrupt

    x = torch.zeros(20_000, 1, dtype=torch.float64)
    with pytest.raises(KeyboardInterrupt):
        blocks.in_blocks(counted, (x,), blocks.CHUNK, enough)
    assert len(done) < len(x)
