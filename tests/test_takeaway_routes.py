"""`/take` from outside: who may ask for what, how many at a time, and what a failure says."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from starlette.applications import Starlette

from flowviz.text import ENTRIES, LANGUAGES, translator
from flowviz.ui.couplings import compute as couplings
from flowviz.ui.on_request import Answers
from flowviz.ui.takeaway import routes
from flowviz.ui.takeaway.kinds import KINDS, FileRequest, Kind


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No file is kept from another test."""
    monkeypatch.setattr(routes, "FILES", Answers("take", kept=3, waiting=4))
    yield
    routes.FILES.thread.shutdown()


async def asked(path: str, query: str = "", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of a request to the routes alone."""
    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    named = {"host": "flow.example.org", **headers}
    scope = {
        "type": "http", "method": "GET", "path": path, "root_path": "", "scheme": "https",
        "query_string": query.encode(), "http_version": "1.1", "server": ("flow.example.org", 443),
        "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in named.items()],
    }  # fmt: skip
    await Starlette(routes=routes.routes())(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in said[1:])
    return said[0]["status"], {k.decode(): v.decode() for k, v in said[0]["headers"]}, body


def ask(path: str, query: str = "", **headers: str) -> tuple[int, dict[str, str], bytes]:
    return asyncio.run(asked(path, query, **headers))


def test_a_file_has_the_name_that_the_menu_says() -> None:
    query = "prior=laplace&lang=zh"
    menu = json.loads(ask("/take/fan/menu", query)[2])
    (item,) = [i for g in menu["groups"] for i in g["items"] if i["name"] == "points"]
    assert item["label"] == ENTRIES["take.points"].zh
    status, headers, body = ask("/take/fan/points", query)
    assert status == 200
    assert headers["content-disposition"] == f'attachment; filename="{item["file"]}"'
    assert headers["x-content-type-options"] == "nosniff"
    assert body.startswith(b"# FlowViz, Flow in 1-D\n")
    assert b"https://flow.example.org/fan?v=" in body


@pytest.mark.parametrize(
    "path", ["/take/nothing/menu", "/take/fan/nothing", "/take/fan/training", "/x/take/fan/menu"]
)
def test_what_does_not_exist_is_not_found(path: str) -> None:
    assert ask(path)[0] == 404


@pytest.mark.parametrize("query", ["%ff%fe", "points=" + "1," * 9_000, "a&" * 500, "time=2;3"])
def test_no_query_breaks_it(query: str) -> None:
    for kind in ("menu", "trajectories", "bib"):
        assert ask(f"/take/green/{kind}", query)[0] == 200


def failing(order: FileRequest) -> bytes:
    raise RuntimeError("a secret of the server")


def test_a_failure_costs_a_sentence_with_its_number(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(KINDS, "gif", Kind("motion", ".gif", "image/gif", failing))
    status, headers, body = ask("/take/fan/gif", accept_language="zh-CN")
    said, number = body.decode(), caplog.records[-1].getMessage().split()[1]
    assert status == 500
    assert said == ENTRIES["take.fault"].zh.format(number=number)
    assert headers["content-type"].startswith("text/plain")
    assert routes.FILES.making == {}


def test_beyond_a_few_the_server_is_busy_and_keeps_the_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_end, usual = threading.Event(), routes._made

    def held(kind: str, request: FileRequest) -> routes.File:
        may_end.wait()
        return usual(kind, request)

    monkeypatch.setattr(routes, "_made", held)

    async def many() -> list[tuple[int, dict[str, str], bytes]]:
        same = [asyncio.create_task(asked("/take/green/bib", "green_x0=0")) for _ in range(20)]
        while len(routes.FILES.making) < 1:
            await asyncio.sleep(0.01)
        others = [
            asyncio.create_task(asked("/take/green/bib", f"green_x0={k / 8}")) for k in range(1, 10)
        ]
        while sum(task.done() for task in others) < 9 - 3:  # three wait, and the same one
            await asyncio.sleep(0.01)
        may_end.set()
        return await asyncio.gather(*same, *others)

    found = asyncio.run(many())
    statuses = [status for status, _, _ in found]
    assert statuses[:20] == [200] * 20  # one file
    assert statuses.count(503) == 9 - 3
    busy = next(f for f in found if f[0] == 503)
    assert busy[2].decode() == ENTRIES["take.busy"].en
    assert busy[1]["retry-after"] == "2"
    assert len(routes.FILES.kept) <= 3


def test_a_family_that_is_not_valid_is_replaced() -> None:
    query = "plane_family=formula&plane_formula=1~forward~x0~~"
    order = routes.read_request("plane", query, None, "https://flow.example.org/plane")
    assert order.scene.plane_family == "affine"


def test_a_large_file_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    small: Answers[routes.File] = Answers("take", keeps=lambda file: len(file.body) <= 500)
    monkeypatch.setattr(routes, "FILES", small)
    for kind, kept in (("bib", False), ("points", True)):
        status, _, body = ask(f"/take/fan/{kind}")
        assert status == 200
        assert (len(body) <= 500) == kept
    assert [key[1] for key in small.kept] == ["points"]


def test_without_any_trajectory_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = {"x": np.zeros((0, 5)), "t": np.linspace(0, 1, 5)}
    monkeypatch.setattr(routes, "arrays", lambda *_: nothing)
    for kind in ("webp", "plain", "notebook"):
        status, _, body = ask(f"/take/fan/{kind}")
        assert (status, body.decode()) == (422, ENTRIES["take.none"].en)


def test_equal_scenes_are_one_file() -> None:
    for query in ("points=1,2", "points=1,2&utm_source=a", "utm_source=b&points=1.0,2"):
        assert ask("/take/fan/bib", query)[0] == 200
    assert len(routes.FILES.kept) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_coupling_that_takes_too_long_says_why(
    monkeypatch: pytest.MonkeyPatch, lang: str
) -> None:
    monkeypatch.setattr(couplings, "_CELLS", 10.0)
    points = "(0.125, 0.25), (1.125, -0.5), (-0.75, 0.875)"
    scene = f"space=plane&coupling=optimal_transport&plane_points={quote(points)}&lang={lang}"
    tr = translator("zh" if lang == "zh" else "en")
    name = tr("couplings.coupling.optimal_transport")
    for kind in ("trajectories", "npz", "webp", "plain", "notebook"):
        status, _, body = ask(f"/take/couplings/{kind}", scene)
        if kind == "plain":
            assert status == 404  # whatever its size
            continue
        assert (status, body.decode()) == (422, tr("couplings.none.time", name=name))
    assert ask("/take/couplings/bib", scene)[0] == 200
