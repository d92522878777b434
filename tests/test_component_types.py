"""The data that Python sends to a component have the types declared in `types.d.ts`."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest

from tests.block_reader import read
from tests.visitor import ROOT, Visitor

pytestmark = pytest.mark.usefixtures("small_pages")

TYPES = (ROOT / "flowviz" / "ui" / "browser" / "components" / "types.d.ts").read_text("utf-8")
INTERFACE = re.compile(r"^(?:export )?interface (\w+)(?: extends (.+?))? \{\n(.*?)^\}", re.M | re.S)
FIELD = re.compile(r"^  (\w+)(\??):", re.M)
COMMENT = re.compile(r"/\*.*?\*/", re.S)


@dataclass(frozen=True)
class Interface:
    """The names of an interface's fields: those that must be there and those that may."""

    required: frozenset[str]
    optional: frozenset[str]


def interface(name: str) -> Interface:
    """The interface of that name with all that it extends."""
    (parents, body) = {found[0]: found[1:] for found in INTERFACE.findall(TYPES)}[name]
    fields = FIELD.findall(COMMENT.sub("", body))
    required = {field for field, mark in fields if not mark}
    optional = {field for field, mark in fields if mark}
    for parent in filter(None, parents.split(", ")):
        partial = re.fullmatch(r"Partial<(\w+)>", parent)
        above = interface(partial[1] if partial else parent)
        optional |= above.optional | (above.required if partial else set())
        required |= set() if partial else above.required
    return Interface(frozenset(required), frozenset(optional - required))


def sent(page: str, query: dict[str, str]) -> dict[str, Any]:
    """What every component of a page was sent, by its key."""
    visitor = Visitor(ROOT / "pages" / f"{page}.py", query)
    components = visitor.app.get("bidi_component")
    return {c.key: content(c.proto) for c in components}  # type: ignore[attr-defined]


def content(proto: Any) -> Any:
    """As a block, or as JSON."""
    return read(proto.bytes) if proto.bytes else json.loads(proto.json)


# Page, its settings, and for each component the interface, with what lies deeper in it.
SENT = {
    "fan": (
        {"time": "0.4", "probe": "0.4,1", "color": "x1", "present": "1"},
        {
            "present": {"": "PresentContent", "notes": "NotesContent"},
            "fan": {"": "FanContent", "kernel": "KernelTables"},
            "fan-flow": {"": "StoredContent"},
            "schedule": {"": "PlotContent"},
            "link": {"": "LinkContent"},
        },
    ),
    "lesson": ({}, {"present": {"": "PresentContent", "step": "LessonPlace"}}),
    "plane": (
        {"plane_particles": "20", "plane_probe": "0.4,0.3,0.2", "plane_views": "basins,arrows"},
        {
            "plane": {"": "PlaneContent", "style": "PlaneStyle", "query": "PlaneQuery"},
            "take": {"": "TakeAwayContent"},
            "plane-flow": {"": "StoredContent", "flow": "PlaneFlow"},
            "plane-basins-first": {"": "StoredContent", "flow": "BasinMap"},
        },
    ),
    "green": (
        {"space": "plane"},
        {
            "green": {"": "DensityChartContent", "handles.0": "ChartHandle"},
            "density": {
                "": "FlowsContent",
                "panels.0": "PanelContent",
                "panels.0.flow": "PaintedFlow",
            },
            "superposition": {"": "StillContent"},
        },
    ),
    "solvers": ({}, {"solvers": {"": "SolverTrajectoriesContent"}}),
    "couplings": ({}, {"couplings.pairs": {"": "StillContent"}}),
    "guidance": (
        {"space": "plane"},
        {
            "guidance": {
                "": "SolverTrajectoriesContent",
                "motion": "SampleMotion",
                "motion.flow": "PaintedFlow",
            }
        },
    ),
    "images": ({"image_topic": "own"}, {"own-grid": {"": "PixelGridContent"}}),
    "learn": (
        {"space": "plane"},
        {"learn.flows": {"": "FlowsContent", "panels.0": "PanelContent"}},
    ),
}


@pytest.mark.parametrize("page", SENT)
def test_a_component_is_sent_data_of_its_type(page: str) -> None:
    query, components = SENT[page]
    found = sent(page, query)
    for key, parts in components.items():
        for path, name in parts.items():
            value: Any = found[key]
            for step in filter(None, path.split(".")):
                value = value[int(step) if step.isdigit() else step]
            kind = interface(name)
            assert kind.required <= set(value) <= kind.required | kind.optional, (key, path, name)


def test_the_reader_of_types_sees_fields_and_parents() -> None:
    fan = interface("FanContent")
    assert {"density", "kernel", "ack", "assets", "time"} <= fan.required
    assert fan.optional == frozenset()
    assert {"time", "speed", "handles"} <= interface("DensityChartContent").optional
