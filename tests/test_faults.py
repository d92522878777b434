"""An exception in any function of a page: the page stays, with the scene last drawn.

The fault is injected where a function begins, by a profiler, so that no function is changed. What
is injected into is read off a run: every function of the project that a page calls.
"""

from __future__ import annotations

import ast
import random
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from flowviz.ui.session import state
from tests.visitor import FAULT, PAGES, ROOT, Visitor

SOURCES = str(ROOT / "flowviz") + "/"
# The net itself, what it stands on, and what stands outside it: the four lines of `frame.page`.
NET = ("ui/session/faults.py", "ui/session/state.py", "ui/session/cache.py", "text/", "scene/")
NET += ("conventions/", "ui/session/state_view.py")
NET += ("ui/frame.py:page", "ui/frame.py:style", "ui/plane/view.py:_measure")
NET += ("ui/session/preemption.py:uninterrupted", "ui/session/preemption.py:is_first_in_run")
NET += ("ui/session/turns.py",)
NET += ("ui/watch/", "ui/frame.py:_page", "ui/session/preemption.py:is_fragment_run")
Place = tuple[str, str]


class InjectedFault(Exception):
    """No exception that anybody foresaw."""


class Injector:
    """Raises where a function begins, the first time; or, for no function, notes all that begin."""

    def __init__(self, target: Place | None = None) -> None:
        self.target, self.seen, self.raised = target, dict[Place, int](), 0
        self.in_link = self.after_page = False

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        if event != "call":
            return
        place = place_of(frame.f_code)
        if place is None:
            return
        if self.target is None:
            self.seen[place] = self.seen.get(place, 0) + 1
        elif place == self.target and not self.raised:
            self.raised += 1
            callers = {entry.name for entry in traceback.extract_stack(frame)}
            self.in_link = "_link" in callers
            after = {"_link", "_take_away", "_presenter", "_room", "_footer"}
            self.after_page = not callers.isdisjoint(after)
            raise InjectedFault(self.target)

    def __enter__(self) -> Injector:
        threading.setprofile(self)  # AppTest runs the script in a thread of its own
        return self

    def __exit__(self, *_: object) -> None:
        threading.setprofile(None)


def place_of(code: CodeType) -> Place | None:
    if not code.co_filename.startswith(SOURCES) or code.co_name.startswith("<"):
        return None
    file = code.co_filename.removeprefix(SOURCES)
    place = file, code.co_qualname
    return None if f"{file}:{code.co_qualname}".startswith(NET) else place


def quietly(visitor: Visitor) -> list[str]:
    """Run the script; the faults it tells of."""
    visitor.app.run()
    assert not visitor.app.exception, [e.value for e in visitor.app.exception]
    return [e.value for e in visitor.app.error if FAULT.search(e.value)]


def called(page: Path) -> list[Place]:
    """Every function of the project that the page calls when one of its settings is changed."""
    visitor = Visitor(page)
    visitor.app.session_state["w.large"] = True
    with Injector() as seen:
        visitor.run()
    return sorted(seen.seen)


def chosen(page: Path, count: int | None = None) -> list[Place]:
    places = called(page)
    if count is None or count >= len(places):
        return places
    return random.Random(page.stem).sample(places, count)


def stands(visitor: Visitor, place: Place, in_link: bool = False) -> None:
    """The title, the sidebar (the gallery has none) and the link are there, but for what failed."""
    assert visitor.app.session_state["flowviz.page"] == "gallery" or visitor.app.sidebar.children
    title = any(text.value.startswith("# ") for text in visitor.app.markdown)
    assert title or place == ("ui/frame.py", "_header")
    assert in_link or visitor.link


def check_first_visit(page: Path, place: Place) -> None:
    """With nothing drawn yet the fault is said, and the page stands."""
    with Injector(place) as injector:
        visitor = Visitor.__new__(Visitor)
        visitor.app = AppTest.from_file(str(page), default_timeout=300)
        said = quietly(visitor)
    if injector.raised:
        assert len(said) == 1, (place, said)
        stands(visitor, place, injector.in_link)


def check_restored(page: Path, place: Place) -> None:
    """After a good picture the last good scene is back, and all goes on from there."""
    visitor = Visitor(page)
    before = visitor.scene
    visitor.app.session_state["w.large"] = True
    visitor.app.session_state["w.lang"] = "zh"
    with Injector(place) as injector:
        said = quietly(visitor)
    if not injector.raised:
        return
    assert len(said) == 1, (place, said)
    if injector.after_page:  # nothing is restored, as nothing of the scene failed
        stands(visitor, place, injector.in_link)
        assert quietly(visitor) == []
        return
    stands(visitor, place)
    assert visitor.scene.with_(large=False, lang="en") == before
    assert quietly(visitor) == said, "it is said until it is dismissed"
    visitor.app.session_state["w.lang"] = "en"
    quietly(visitor)
    assert visitor.scene.lang == "en"
    stands(visitor, place)


each_page = pytest.mark.parametrize("page", PAGES[1:], ids=lambda page: page.name)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("check", [check_first_visit, check_restored])
def test_a_fault_in_the_style_sheets_costs_one_sentence(check: Callable[..., None]) -> None:
    """They are drawn before all else, on every page."""
    check(PAGES[1], ("ui/page_style.py", "style_sheets"))


@pytest.mark.usefixtures("small_pages")
@each_page
def test_a_fault_in_any_function_costs_one_sentence(page: Path) -> None:
    for k, place in enumerate(chosen(page, 4)):
        (check_first_visit if k % 2 else check_restored)(page, place)


def test_every_fragment_is_guarded() -> None:
    """A fragment runs without its page: what Streamlit reruns alone must be guarded."""
    bare = [
        (path.name, node.lineno)
        for path in [*(ROOT / "flowviz").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr == "fragment"
        and isinstance(node.value, ast.Name)
        and node.value.id == "st"
    ]
    assert [name for name, _ in bare] == ["faults.py"], bare


@each_page
def test_each_widget_is_applied_by_itself(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One whose taking raises is refused with a number; the others' values are taken."""
    visitor = Visitor(page)
    before = visitor.scene
    watched = visitor.app.session_state["flowviz.bindings"]
    real = state.change

    def change(field: str, /, **changes: Any) -> bool:
        if field == "large":
            raise InjectedFault(field)
        return real(field, **changes)

    monkeypatch.setattr(state, "change", change)
    assert {"w.large", "w.lang"} <= set(watched)
    visitor.app.session_state["w.large"] = True
    visitor.app.session_state["w.lang"] = "zh"
    said = quietly(visitor)
    assert len(said) == 1
    assert visitor.scene == before.with_(lang="zh")
    monkeypatch.undo()
    visitor.app.session_state["w.large"] = True
    quietly(visitor)
    assert visitor.scene == before.with_(lang="zh", large=True)


def main() -> None:
    """Every function of every page, both ways."""
    for page in PAGES[1:]:
        places = chosen(page)
        for place in places:
            for check in (check_first_visit, check_restored):
                try:
                    check(page, place)
                except AssertionError as error:
                    print(f"{page.name} {place} {check.__name__}: {error}", flush=True)
        print(f"{page.name}: {len(places)} functions, each failing twice", flush=True)


if __name__ == "__main__":
    sys.exit(main())
