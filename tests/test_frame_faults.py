"""A fault in what comes after the page, its link, menu or footer, costs one sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flowviz.ui.share import dialog
from flowviz.ui.takeaway import menu
from tests.visitor import FAULT, ROOT, Visitor


@pytest.mark.parametrize(("module", "name"), [(menu, "show"), (dialog, "content")])
def test_it_never_runs_again_and_again(
    module: object, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual: Callable[..., object] = getattr(module, name)
    visitor = Visitor(ROOT / "pages" / "fan.py")
    calls: list[int] = []

    def broken(*_: object, **__: object) -> object:
        calls.append(1)
        if len(calls) > 5:  # so that the test ends, also where the page would not
            raise SystemExit
        raise ValueError("injected")

    monkeypatch.setattr(module, name, broken)
    visitor.app.run()
    assert 1 <= len(calls) <= 3
    assert [e for e in visitor.app.error if FAULT.search(e.value)]
    assert visitor.component("fan")  # the page stays
    monkeypatch.setattr(module, name, usual)
    visitor.run()
