"""`/room` without a browser: what a class is told, answers, and whatever a stranger sends."""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette

from flowviz.scene import Scene
from flowviz.text import ENTRIES, LANGUAGES, translator
from flowviz.ui.exercise import questions as exercise
from flowviz.ui.exercise.truth import PAGES
from flowviz.ui.exercise.truth import truth as truth_of
from flowviz.ui.lesson.pictures import drawing
from flowviz.ui.lesson.steps import STEPS, Choice
from flowviz.ui.lesson.truth import truth
from flowviz.ui.rooms import routes, store
from flowviz.ui.rooms.asked import asked, without_question
from flowviz.ui.rooms.room import RoomState, read_answer
from flowviz.ui.rooms.said import said
from flowviz.ui.rooms.store import RoomStore
from flowviz.ui.session.page_defaults import default_scene
from tests.room_fixtures import ASKED, KEY, LOCK, OTHER, STUDENTS, redis_address, rooms

__all__ = ["redis_address", "rooms"]  # fixtures

JSON = {"content-type": "application/json"}


def ask(
    path: str,
    body: bytes | None = None,
    headers: Mapping[str, str] = {},
    *,
    method: str = "POST",
    query: bytes = b"",
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of a request to the routes alone: a GET if it has no body."""
    return asyncio.run(_ask(path, body, method if body is not None else "GET", query, headers))


async def _ask(
    path: str, body: bytes | None, method: str, query: bytes, headers: Mapping[str, str]
) -> tuple[int, dict[str, str], bytes]:
    sent: list[Any] = []
    parts = [{"type": "http.request", "body": body or b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        return parts.pop(0) if parts else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    named = {"host": "flow.example.org", **headers}
    scope = {
        "type": "http", "method": method, "path": path, "root_path": "", "scheme": "https",
        "query_string": query, "server": ("flow.example.org", 443), "http_version": "1.1",
        "headers": [(k.encode(), v.encode()) for k, v in named.items()],
    }  # fmt: skip
    await Starlette(routes=routes.routes())(scope, receive, send)
    text = b"".join(message.get("body", b"") for message in sent[1:])
    return sent[0]["status"], {k.decode(): v.decode() for k, v in sent[0]["headers"]}, text


def answer_of(student: str, step: object, answer: object) -> bytes:
    return json.dumps({"student": student, "step": step, "answer": answer}).encode()


def sentence(body: bytes) -> str:
    """The key of the sentence in a refusal, which is in both languages."""
    told = json.loads(body)["error"]
    [key] = [
        key for key, text in ENTRIES.items()
        if key.startswith("error.room.") and told == {"en": text.en, "zh": text.zh}
    ]  # fmt: skip
    return key


def test_a_class_asks_what_is_shown_and_is_told_once(rooms: RoomStore) -> None:
    name = rooms.open(LOCK, ASKED)
    status, headers, body = ask(f"/room/{name}/state")
    assert status == 200
    shown = json.loads(body)
    assert (shown["step"], shown["revealed"], shown["scene"]["light"]) == (2, False, "play")
    assert not shown["closed"]
    for lang in LANGUAGES:
        assert shown["texts"][lang]["question"] == translator(lang)("lesson.2.question")
    tag = headers["etag"]
    status, headers, body = ask(f"/room/{name}/state", headers={"if-none-match": tag})
    assert (status, body) == (304, b"")
    assert sum(len(k) + len(v) + 4 for k, v in headers.items()) < 80
    rooms.change(name, LOCK, RoomState(step=3))
    status, headers, _ = ask(f"/room/{name}/state", headers={"if-none-match": tag})
    assert status == 200
    assert headers["etag"] != tag
    rooms.close(name, LOCK)
    for gone in (name, "tulip-100"):
        status, _, body = ask(f"/room/{gone}/state", headers={"if-none-match": tag})
        over = json.loads(body)
        assert (status, over["closed"], over["step"], over["follow"]) == (200, True, 0, False)
        assert over["texts"]["zh"]["closed"] == translator("zh")("rooms.said.closed")
    for none in ("nobody", "x" * 5_000):
        status, _, body = ask(f"/room/{none}/state")
        assert (status, sentence(body)) == (404, "error.room.unknown")


@pytest.mark.parametrize("step", range(1, len(STEPS) + 1))
def test_the_answer_is_told_when_it_is_revealed_and_not_before(step: int) -> None:
    before, after = (
        json.loads(said("river-427", RoomState(step=step, revealed=revealed)).body)
        for revealed in (False, True)
    )
    for lang in LANGUAGES:
        told = translator(lang)(f"lesson.{step}.answer", **truth(step).words)
        assert after["texts"][lang]["answer"] == told
        assert not {"answer", "idea"} & set(before["texts"][lang])
        assert translator(lang)(f"lesson.{step}.idea") not in before["texts"][lang].values()
    kinds = [field["options"] for field in before["fields"]]
    assert kinds == [q.options if isinstance(q, Choice) else 0 for q in STEPS[step - 1].questions]


def test_a_question_for_a_place_has_its_covered_figure_while_it_is_open() -> None:
    for step, row in enumerate(STEPS, 1):
        before, after = (
            json.loads(said("river-427", RoomState(step=step, revealed=revealed)).body)
            for revealed in (False, True)
        )
        axes = ["" if isinstance(one, Choice) else one.axis for one in row.questions]
        assert [field["axis"] for field in before["fields"]] == axes
        assert after["sketch"] is None
        sketch = before["sketch"]
        assert (sketch is not None) == any(axes), step
        if sketch is None:
            continue
        given = drawing(step, None, translator("zh"))
        assert (tuple(sketch["x"]), tuple(sketch["y"])) == (given.x[1], given.y[1])
        assert sketch["covered"] == (list(given.covered) if given.covered else None)
        assert len(json.dumps(sketch)) < 6_000  # a whole class asks for it
        units = [int(n) for n in re.findall(r"-?\d+", sketch["path"])]
        assert len(units) % 2 == 0
        assert all(-50 <= unit <= 1050 for unit in units)
        for lang in LANGUAGES:
            words = before["texts"][lang]
            assert words["axis.x"] == drawing(step, None, translator(lang)).x[0]
            assert words["covered"] == translator(lang)("lesson.covered")
            assert "covered" not in after["texts"][lang]


def test_a_jump_in_the_figure_of_a_question_stays_one() -> None:
    sketch = json.loads(said("river-427", RoomState(step=2)).body)["sketch"]
    [prior] = sketch["path"].removeprefix("M").split("M")
    x, y = np.array([point.split() for point in prior.split("L")], float).T
    [rises, falls] = np.flatnonzero(np.abs(np.diff(y)) > 100)
    (low, high), (bottom, top) = sketch["x"], sketch["y"]
    heights = top - y[rises + 1 : falls + 1] / 1000 * (top - bottom)
    assert heights == pytest.approx(0.5, abs=0.002)  # downwards, as a screen counts
    for k, at in ((rises, 0.0), (falls, 2.0)):  # the uniform prior's edges
        assert low + x[k : k + 2] / 1000 * (high - low) == pytest.approx(at, abs=0.01)


def test_answers_are_taken_until_the_reveal(rooms: RoomStore) -> None:
    name = rooms.open(LOCK, ASKED)
    path = f"/room/{name}/answer"
    assert ask(path, answer_of(STUDENTS[0], 2, [0.5]), JSON)[0] == 204
    assert ask(path, answer_of(STUDENTS[0], 2, [1]), JSON)[0] == 204
    assert rooms.answers(name, 2) == [(1.0,)]
    status, _, body = ask(path, answer_of(STUDENTS[0], 3, [1]), JSON)
    assert (status, sentence(body)) == (409, "error.room.closed")
    rooms.change(name, LOCK, RoomState(step=2, revealed=True))
    status, _, body = ask(path, answer_of(STUDENTS[1], 2, [1]), JSON)
    assert (status, sentence(body)) == (409, "error.room.closed")
    rooms.change(name, LOCK, RoomState())
    assert ask(path, answer_of(STUDENTS[1], 0, []), JSON)[0] == 409
    assert rooms.answers(name, 2) == [(1.0,)]


def test_the_key_alone_changes_a_room(rooms: RoomStore) -> None:
    name = rooms.open(LOCK, ASKED)
    later = {"step": 3, "revealed": True, "page": "plane", "query": "lang=zh", "follow": False}

    def put(key: object, state: object) -> tuple[int, bytes]:
        body = json.dumps({"key": key, "state": state}).encode()
        status, _, text = ask(f"/room/{name}", body, JSON, method="PUT")
        return status, text

    for key in (OTHER, "", None, 7, LOCK, [KEY], KEY + "x"):
        status, body = put(key, later)
        assert (status, sentence(body)) == (403, "error.room.key")
    forged: list[object] = [
        None,
        [],
        {"step": len(STEPS) + 1},
        {"step": True},
        {"page": "x"},
        {"more": 1},
    ]
    forged += [{"query": "points=no"}, {"query": "x" * 5_000}, {"follow": 1}, {"revealed": "yes"}]
    for state in forged:
        status, body = put(KEY, state)
        assert (status, sentence(body)) == (400, "error.room.state"), state
    room = rooms.get(name)
    assert room
    assert room.state == ASKED
    assert put(KEY, later) == (204, b"")
    room = rooms.get(name)
    assert room
    assert room.state == RoomState(3, True, "plane", "lang=zh", False)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
answers = st.lists(st.integers(-2, 4) | st.floats(), min_size=1, max_size=3)
nearly = st.fixed_dictionaries(
    {"student": st.sampled_from(STUDENTS[:3]), "step": st.just(5), "answer": answers}
)
messages = nearly | st.fixed_dictionaries(
    {},
    optional={
        "student": st.sampled_from(STUDENTS[:3]) | anything,
        "step": st.just(5) | anything,
        "answer": answers | anything,
        "key": anything,
        "state": anything,
    },
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(body=messages.map(lambda m: json.dumps(m).encode()) | st.binary(max_size=60))
def test_a_forged_message_is_an_answer_or_one_sentence(
    rooms_of_step_5: tuple[RoomStore, str], body: bytes
) -> None:
    rooms, name = rooms_of_step_5
    before = rooms.answers(name, 5)
    status, _, text = ask(f"/room/{name}/answer", body, JSON)
    if status == 204:
        [given_] = [json.loads(body)["answer"]]
        kept = read_answer(STEPS[4].questions, given_)
        assert kept in rooms.answers(name, 5)
        assert kept[0] in (0, 1, 2)
        assert math.isfinite(kept[1])
    else:
        assert status in (400, 409)
        assert sentence(text)
        assert rooms.answers(name, 5) == before
    status, _, text = ask(f"/room/{name}", body, JSON, method="PUT")
    assert status in (400, 403)
    assert sentence(text)


@pytest.fixture
def rooms_of_step_5(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[RoomStore, str]:
    """A room on disk that asks for an option and a number."""
    monkeypatch.setenv("FLOWVIZ_CACHE", str(tmp_path))
    monkeypatch.delenv("FLOWVIZ_ROOMS", raising=False)
    rooms = store.default_store()
    return rooms, rooms.open(LOCK, RoomState(step=5))


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (answer_of(STUDENTS[0], 2, [1]), {}),
        (answer_of(STUDENTS[0], 2, [1]), {"content-type": "text/plain"}),
        (answer_of(STUDENTS[0], 2, [1]), JSON | {"sec-fetch-site": "cross-site"}),
        (answer_of(STUDENTS[0], 2, [1]) + b" " * 30_000, JSON),
        (b"[" * 15_000, JSON),
        (b"\xff\xfe", JSON),
    ],
)
def test_messages_of_other_sites_or_without_an_end_are_refused(
    rooms: RoomStore, body: bytes, headers: dict[str, str]
) -> None:
    name = rooms.open(LOCK, ASKED)
    status, _, text = ask(f"/room/{name}/answer", body, headers)
    assert (status, sentence(text)) == (400, "error.room.message")
    assert rooms.answers(name, 2) == []


def test_more_that_wait_are_told_that_the_server_is_busy(
    rooms: RoomStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = rooms.open(LOCK, ASKED)
    monkeypatch.setattr(routes, "_WAITING", 0)
    status, headers, body = ask(f"/room/{name}/state")
    assert (status, sentence(body)) == (503, "error.room.busy")
    assert headers["retry-after"]


def test_joining_leads_to_the_light_page_of_the_room(rooms: RoomStore) -> None:
    name = rooms.open(LOCK, ASKED)
    word, number = name.split("-")
    for path, query in (
        (f"/room/{name}", ""),
        (f"/room/{word.upper()}{number}", ""),
        ("/room", f"name={word.title()}+{number}"),
    ):
        status, headers, _ = ask(path, query=query.encode())
        assert (status, headers["location"]) == (302, f"/play?room={name}")
    assert ask("/room")[0] == 200
    for typed in ("tulip-100", "nothing", "%3Cscript%3E", "x" * 5_000):
        status, _, body = ask(
            "/room", query=f"name={typed}".encode(), headers={"accept-language": "zh-CN"}
        )
        assert status == 404
        assert translator("zh")("rooms.join.unknown") in body.decode()
        assert "<script" not in body.decode()


@pytest.mark.parametrize("page", ["fan", "plane", "green"])
def test_whoever_joins_late_sees_the_scene_at_once(rooms: RoomStore, page: str) -> None:
    query = Scene(prior="laplace", plane_prior="disk").query_string(page)
    state = RoomState(page=page, query=query)
    name = rooms.open(LOCK, state)
    _, headers, _ = ask(f"/room/{name}")
    path, _, asked = headers["location"].partition("?")
    fields = dict(parse_qsl(asked))
    assert fields.pop("room") == name
    if page == "green":
        assert (path, fields) == ("/play", {})
        return
    assert path == ("/play" if page == "fan" else "/play/plane")
    assert fields.pop("scene") == json.loads(said(name, state).body)["scene"]["tag"]
    assert "lang" not in fields
    assert Scene.read_query(fields) == (Scene.read_query(parse_qs(query))[0], [])


def test_the_teachers_scene_is_a_link_that_opens(rooms: RoomStore) -> None:
    query = Scene(prior="laplace").query_string("fan")
    assert RoomState.read({"query": query}).query == query


@pytest.mark.parametrize(("page", "ask_"), [(p, a) for a, pages in PAGES.items() for p in pages])
def test_a_question_of_a_scene_is_asked_answered_and_told_at_its_reveal(
    rooms: RoomStore, page: str, ask_: str
) -> None:
    scene = default_scene(page, {"lang": "zh"}).with_(prior="gaussian", ask=ask_)
    query = scene.query_string(page)
    name = rooms.open(LOCK, RoomState(page=page, query=query))
    told = json.loads(ask(f"/room/{name}/state")[2])
    number, fields = told["step"], told["fields"]
    assert number > len(STEPS)
    assert ask(f"/room/{name}")[1]["location"] == f"/play?room={name}"
    correct = truth_of(page, scene)
    assert correct
    assert len(fields) == len(correct)
    assert (told["sketch"] is not None) == (ask_ in ("border", "end"))
    for lang in LANGUAGES:
        tr, texts = translator(lang), told["texts"][lang]
        assert texts["question"] == exercise.text(page, scene, tr)
        assert texts["field.1"] == exercise.form(page, scene, tr).labels[0]
        assert not {"answer", "idea"} & set(texts)
    assert "ask=" not in told["scene"]["query"]
    path = f"/room/{name}/answer"
    given_ = [0.25] * len(fields)
    assert ask(path, answer_of(STUDENTS[0], number, given_), JSON)[0] == 204
    for step, numbers in ((number, [*given_, 1]), (number, []), (number, [1e9] * len(fields))):
        assert ask(path, answer_of(STUDENTS[1], step, numbers), JSON)[0] == 400
    for step in (0, 1, number + 1):
        assert ask(path, answer_of(STUDENTS[1], step, given_), JSON)[0] == 409
    assert rooms.answers(name, number) == [tuple(given_)]
    rooms.change(name, LOCK, RoomState(page=page, query=query, revealed=True))
    shown = json.loads(ask(f"/room/{name}/state")[2])
    why = exercise.why(page, correct, scene, translator("en"))
    assert (shown["step"], shown["texts"]["en"]["answer"]) == (number, why)
    # Those who join late are led to the scene, which asks nothing.
    assert shown["scene"]["light"] == {"fan": "play", "plane": "play/plane"}.get(page, "")
    free = Scene.read_query(parse_qs(shown["scene"]["query"]))
    assert free == (without_question(scene), [])
    assert ask(path, answer_of(STUDENTS[1], number, given_), JSON)[0] == 409


def test_another_scene_is_another_question() -> None:
    def number(**changes: Any) -> int:
        scene = Scene(**{"ask": "density", "prior": "gaussian", "at": (0.4, 0.9)} | changes)
        found = asked(RoomState(page="fan", query=scene.query_string("fan")))
        assert found
        return found.number

    same = number()
    # What changes no answer asks the same; what changes one, or its sign, asks anew.
    assert {number(lang="zh"), number(trajectories=5), number(convention="flow_matching")} == {same}
    changes: list[dict[str, Any]] = [
        {"points": "1,2"}, {"prior": "laplace"}, {"at": (0.4, 0.8)}, {"ask": "velocity"},
        {"ask": "velocity", "convention": "flow_matching"}, {"schedule": "cosine"},
    ]  # fmt: skip
    assert len({same, *(number(**change) for change in changes)}) == 1 + len(changes)


def test_a_scene_without_an_answer_asks_a_class_nothing(rooms: RoomStore) -> None:
    for query in ("ask=border&points=1", "ask=nfe", "ask=end&at=0.5,7"):
        name = rooms.open(LOCK, RoomState(page="fan", query=query))
        told = json.loads(ask(f"/room/{name}/state")[2])
        assert (told["step"], told["fields"]) == (0, [])
