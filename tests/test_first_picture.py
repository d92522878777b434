"""What is seen before any script runs: every scene has it, no query breaks it, none takes long."""

from __future__ import annotations

import asyncio
import io
import re
import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image

from flowviz.core.numerics.work import at_work
from flowviz.figures.static_svg import FlowPicture, grey_png, path, svg, ticks
from flowviz.scene import Scene
from flowviz.scene.parameters import FAMILY, PLANE_FAMILY, PLANE_PRIOR, PRIOR
from flowviz.text import ENTRIES, LANGUAGES, Language
from flowviz.ui.document import PAGES
from flowviz.ui.first_picture import compute, serving
from flowviz.ui.session.cache import RESULTS

SVG = re.compile(r"<svg.*?</svg>", re.DOTALL)
CASES: list[tuple[str, dict[str, Any]]] = [
    *(("fan", {"prior": name}) for name in PRIOR.classes()),
    *(("fan", {"family": name}) for name in FAMILY.classes()),
    *(("plane", {"plane_prior": name}) for name in PLANE_PRIOR.classes()),
    *(("plane", {"plane_family": name}) for name in PLANE_FAMILY.classes()),
]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A busy machine fails no test; what is kept of one is not of another."""
    monkeypatch.setattr(compute, "SECONDS", 300.0)
    monkeypatch.setattr(serving, "PATIENCE_S", 300.0)
    serving._kept.clear()
    yield
    serving._kept.clear()


def ask(page: str, query: str, lang: Language = "en") -> str:
    return asyncio.run(serving.first_picture(page, PAGES, lang, query))


DEAR: tuple[str, dict[str, Any]] = ("plane", {"plane_family": "squeeze"})
"""The only family whose shading takes too much work: its trajectories are equations to solve."""


@pytest.mark.parametrize(("page", "changes"), [c for c in CASES if c != DEAR], ids=str)
def test_every_prior_and_family_has_its_picture(page: str, changes: dict[str, Any]) -> None:
    scene = Scene(**changes)
    found = ask(page, scene.query_string(page))
    picture = ET.fromstring(SVG.findall(found)[0])
    shapes = [node.attrib for node in picture if node.tag.endswith("path")]
    points = scene.points if page == "fan" else scene.plane_points
    assert len([one for one in shapes if "point" in one["class"]]) == len(points)
    assert picture.attrib["aria-label"]
    numbers = [float(x) for one in shapes for x in re.findall(r"-?\d+", one["d"])]
    assert all(abs(x) < 20_000 for x in numbers)
    assert len(found) < 60_000


def test_lines_lead_from_the_prior_to_their_data_points() -> None:
    still = compute.still("fan", Scene())
    assert still is not None
    first, last = still.picture.lines[:, 0], still.picture.lines[:, -1]
    ends = still.picture.points[still.picture.group]
    np.testing.assert_allclose(first, ends, atol=1e-9)  # t = 0
    np.testing.assert_allclose(last[:, 0], 1.0)
    assert (np.diff(last[:, 1]) > 0).all()
    shading = still.picture.shading
    low, high = compute.axis_range(compute.flow_key(Scene(), "line"))
    above = int(shading.shape[0] * (high - 2.0) / (high - low))
    assert not (shading[:above, -1] > 0).any()  # the prior ends at 2
    assert shading[shading.shape[0] // 2, -1] > 0


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_it_has_the_words_of_its_page(page: str, lang: Language) -> None:
    found = ask(page, "", lang)
    text = re.sub(r"<style>.*?</style>|<[^>]+>", " ", found, flags=re.DOTALL)
    for name in (f"{page}.title", "frame.noscript", *(f"nav.{one}" for one in PAGES)):
        assert getattr(ENTRIES[name], lang).replace("'", "&#x27;") in text
    assert bool(SVG.findall(found)) == (page in {"fan", "plane"})


HOSTILE = [
    "points=" + quote('<script>alert("1")</script>'),
    "points=1e308,-1e308&prior=student_t&p.df=0.0001",
    "points=nan,inf&plane_points=((((",
    "&".join(f"a{k}=1" for k in range(2000)),
    "points=" + "9," * 3000,
    "%ff%fe%00=%00&=&&&;;==",
    "lang=" + quote("<svg onload=x>"),
    "family=formula&formula=" + quote("x0 + exp(exp(exp(99*x1)))"),
    "plane_family=formula&plane_formula=" + quote("(x0+x1)/0"),
    "v=99&sum=zzzzzz&prior=none",
    "trajectories=400&family=squeeze&points=" + ",".join(str(k / 7) for k in range(200)),
]


@pytest.mark.parametrize("page", ["fan", "plane"])
@pytest.mark.parametrize("query", HOSTILE, ids=range(len(HOSTILE)))
def test_no_query_breaks_it(page: str, query: str, caplog: pytest.LogCaptureFixture) -> None:
    found = ask(page, query)
    assert 'role="heading"' in found
    assert "<script>" not in found
    assert "onload" not in found
    assert not [record for record in caplog.records if record.exc_info]


def test_work_is_limited() -> None:
    RESULTS.clear()
    page, changes = DEAR
    with at_work() as work:
        assert compute.still(page, Scene(**changes)) is None
    assert work.spent < 2.5 * compute.WORK
    assert SVG.findall(ask(page, Scene(**changes).query_string(page))) == []
    with at_work() as work:
        still = compute.still("plane", Scene(plane_family="wave", plane_prior="arcsine"))
    assert work.spent < 2.5 * compute.WORK
    assert still is not None
    assert still.picture.lines.size == 0
    assert still.picture.shading.any()


def test_who_asks_beside_many_others_gets_words(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()

    def waiting(*_: object) -> str:
        gate.wait(60)
        return "made"

    monkeypatch.setattr(serving, "make", waiting)
    monkeypatch.setattr(serving, "WAITING", 2)

    async def crowd() -> list[str]:
        asked = [
            asyncio.create_task(serving.first_picture("fan", PAGES, "en", f"time=0.{k}"))
            for k in range(1, 5)
        ]
        await asyncio.wait(asked[2:])
        gate.set()
        return list(await asyncio.gather(*asked))

    found = asyncio.run(crowd())
    assert found[:2] == ["made", "made"]
    assert all('role="heading"' in one and not SVG.findall(one) for one in found[2:])
    assert len(serving._kept) == 2


def test_who_waited_long_enough_gets_words(monkeypatch: pytest.MonkeyPatch) -> None:
    gate = threading.Event()
    monkeypatch.setattr(serving, "make", lambda *_: str(gate.wait(60)))
    monkeypatch.setattr(serving, "PATIENCE_S", 0.01)
    try:
        assert SVG.findall(ask("fan", "time=0.3")) == []
        assert not serving._kept
    finally:
        gate.set()


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "make", lambda *_: "made")
    monkeypatch.setattr(serving, "KEPT", 3)
    for k in range(7):
        ask("fan", f"time=0.{k}")
    assert [query for _, _, query in serving._kept] == ["time=0.4", "time=0.5", "time=0.6"]


def test_an_image_is_the_codes() -> None:
    codes = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(grey_png(codes)))), codes)


def test_places_without_a_value_are_gaps() -> None:
    assert path([(0, 1), (2, 3), (2, 3), None, (5, 5), (4, 6)]) == "M0 1l2 2M5 5l-1 1"
    line = np.array([[[0.0, 0.0], [np.nan, 0.5], [np.inf, 1.0], [1.0, 1.0]]])
    none = np.zeros((0, 2))
    empty = np.zeros(0, dtype=int)
    shading = np.array([[0.5, np.nan]])
    found = svg(FlowPicture(line, np.array([-1]), none, np.zeros(0), empty, shading), "a")
    assert 'd="M0 1000M1000 0"' in found


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.0, 1.0, 6), (-3.0, 3.0, 7), (-1e6, 2e6, 7), (0.1234, 0.1235, 6), (5.0, 5.0, 0)],
)
def test_ticks_are_round_and_inside(low: float, high: float, expected: int) -> None:
    found = ticks(low, high)
    assert len(found) in {expected, expected - 1}
    assert all(low - 1e-9 <= x <= high + 1e-9 for x in found)
    steps = np.diff(found)
    assert np.allclose(steps, steps.mean() if len(steps) else 0)
