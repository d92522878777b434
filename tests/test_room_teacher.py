"""The teacher's side of a room, by AppTest, and the class's answers in the lesson's figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import numpy as np
import plotly.graph_objects as go
import pytest

from flowviz.figures.class_answers import BINS, ClassAnswers
from flowviz.figures.lesson import lesson_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.settings import SHOWN
from flowviz.text import LANGUAGES, Refusal, translator
from flowviz.ui.exercise import questions as exercise
from flowviz.ui.exercise.truth import truth as truth_of
from flowviz.ui.lesson import pictures
from flowviz.ui.lesson.steps import STEPS, Choice
from flowviz.ui.lesson.truth import truth
from flowviz.ui.rooms import store, teacher
from flowviz.ui.rooms.asked import asked, without_question
from flowviz.ui.rooms.room import Room, RoomState, lock_of
from flowviz.ui.rooms.store import RoomStore
from tests.room_fixtures import KEY, LOCK, STUDENTS, redis_address, rooms
from tests.test_exercise import EXPECTED, scene_of
from tests.test_lesson import answer
from tests.visitor import ROOT, Visitor

__all__ = ["redis_address", "rooms"]  # fixtures

LESSON, FAN = ROOT / "pages" / "lesson.py", ROOT / "pages" / "fan.py"


def opened(visitor: Visitor, rooms: RoomStore) -> Callable[[], Room | None]:
    """Press "Open a room"; what the store has of it, whenever it is asked."""
    visitor.app.button(key="flowviz.room.open").click()
    visitor.run()
    name = visitor.app.session_state["flowviz.room"].name
    assert name in [words.value.removeprefix("### ") for words in visitor.app.markdown]
    return lambda: rooms.get(name)


def state_of(room: Room | None) -> RoomState:
    assert room
    return room.state


def test_a_page_without_a_room_asks_no_store(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise AssertionError("the store was asked")

    monkeypatch.setattr(teacher, "default_store", fail)
    for page in (LESSON, FAN):
        Visitor(page).run()


@pytest.mark.parametrize("page", sorted(teacher.PAGES))
def test_a_presented_page_tells_the_room_and_shows_where_to_join(
    rooms: RoomStore, page: str
) -> None:
    name = rooms.open(LOCK, RoomState(step=1))
    visitor = Visitor(ROOT / "pages" / f"{page}.py", {"present": "true", "lesson_step": "2"})
    visitor.app.session_state["flowviz.room"] = teacher.Held(name, KEY, RoomState(step=1))
    visitor.run()
    shown = "".join(found.proto.body for found in visitor.app.get("html"))
    assert f"<b>{name}</b>" in shown
    assert "<img" in shown
    now = state_of(rooms.get(name))
    assert (now.page, now.step) == ("fan", 2) if page == "lesson" else (page, 0)


def test_the_lesson_tells_the_room_its_step_and_its_reveal(rooms: RoomStore) -> None:
    visitor = Visitor(LESSON, {"lesson_step": "2"})
    room = opened(visitor, rooms)
    assert (state_of(room()).step, state_of(room()).revealed) == (2, False)
    answer(visitor, 2, (0.5,))
    assert state_of(room()).revealed
    again = room()
    visitor.run()
    assert room() == again  # nothing new, nothing written
    visitor.app.button(key="lesson.next").click()
    visitor.run()
    now = state_of(room())
    assert (now.step, now.revealed, now.page) == (3, False, "green")
    assert Scene.read_query(parse_qs(now.query)) == (STEPS[2].scene, [])
    visitor.app.button(key="flowviz.room.close").click()
    visitor.run()
    assert room() is None
    assert visitor.app.button(key="flowviz.room.open")


@pytest.mark.parametrize("page", sorted(teacher.PAGES - {"lesson"}))
def test_a_room_of_any_page_is_led_to_its_scene(page: str) -> None:
    now = teacher.state_of(page, Scene(prior="laplace"), follow=True)
    assert RoomState.read({"page": now.page, "query": now.query}).page in SHOWN
    assert Scene.read_query(parse_qs(now.query))[1] == []


def test_a_class_follows_every_scene_until_it_is_free(rooms: RoomStore) -> None:
    visitor = Visitor(FAN)
    room = opened(visitor, rooms)
    visitor.set("prior", "laplace")
    now = state_of(room())
    assert (now.page, now.step, now.follow) == ("fan", 0, True)
    assert Scene.read_query(parse_qs(now.query)) == (visitor.scene, [])
    visitor.set("room_follow", False)
    assert not state_of(room()).follow
    visitor.set("room_follow", True)
    assert state_of(room()).follow


def test_the_classs_answers_are_counted_and_shown(rooms: RoomStore) -> None:
    visitor = Visitor(LESSON, {"lang": "zh"})
    room = opened(visitor, rooms)()
    assert room
    for k, low in enumerate((0.8, 1.0, 1.0)):
        rooms.answer(room.name, 1, STUDENTS[k], (low, 1.5))
    plain = visitor.component("lesson").bytes
    visitor.run()
    said = translator("zh")("rooms.answered.flow", n=3, step=1)
    assert f"**{said}**" in [words.value for words in visitor.app.markdown]
    assert visitor.component("lesson").bytes == plain  # until the teacher shows them
    visitor.set("room_shows", True)
    assert visitor.component("lesson").bytes != plain


@pytest.mark.parametrize(("page", "ask"), EXPECTED)
def test_a_scene_s_question_is_asked_counted_shown_and_ended(
    rooms: RoomStore, page: str, ask: str
) -> None:
    """On every page that has one: covered until the answer is shown, answers on its figure."""
    scene = scene_of(page, ask, plane_particles=8, solver_lines=3)
    link = dict(parse_qsl(without_question(scene).query_string(page)))
    visitor = Visitor(ROOT / "pages" / f"{page}.py", link)
    room = opened(visitor, rooms)
    visitor.app.selectbox(key=f"flowviz.room.ask.{page}").set_value(ask)
    visitor.app.button(key="flowviz.room.start").click()
    visitor.run()
    now = asked(state_of(room()))
    assert now
    correct = truth_of(page, visitor.scene)
    assert correct
    assert not state_of(room()).revealed
    assert visitor.component("exercise").bytes  # the figure is covered
    for k in range(3):
        rooms.answer(now_name(room), now.number, STUDENTS[k], correct)
    visitor.run()
    said = translator("en")("rooms.answered.exercise", n=3)
    assert f"**{said}**" in [words.value for words in visitor.app.markdown]
    covered = visitor.component("exercise").bytes
    visitor.set("room_shows", True)
    assert visitor.component("exercise").bytes != covered
    visitor.app.button(key="flowviz.room.reveal").click()
    visitor.run()
    assert state_of(room()).revealed
    why = exercise.why(page, correct, visitor.scene, translator("en"))
    assert why in [one.value for one in visitor.app.info]
    assert visitor.component("exercise").bytes  # the class's answers beside the right one
    assert "answer=" not in state_of(room()).query
    visitor.app.button(key="flowviz.room.end").click()
    visitor.run()
    assert asked(state_of(room())) is None
    assert (visitor.scene.ask, visitor.scene.answer) == ("none", None)


def test_a_question_ends_when_its_scene_is_changed_after_the_reveal(rooms: RoomStore) -> None:
    visitor = Visitor(FAN)
    room = opened(visitor, rooms)
    visitor.app.selectbox(key="flowviz.room.ask.fan").set_value("share")
    visitor.app.button(key="flowviz.room.start").click()
    visitor.run()
    visitor.app.button(key="flowviz.room.reveal").click()
    visitor.run()
    assert asked(state_of(room()))
    visitor.set("prior", "laplace")
    assert asked(state_of(room())) is None
    assert Scene.from_query(parse_qs(state_of(room()).query)).prior == "laplace"
    visitor.app.button(key="flowviz.room.again").click()
    visitor.run()
    assert asked(state_of(room()))
    assert not state_of(room()).revealed


def now_name(room: Callable[[], Room | None]) -> str:
    found = room()
    assert found
    return found.name


def test_a_room_that_is_gone_or_a_store_that_fails_is_one_sentence(
    rooms: RoomStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = Visitor(FAN)
    room = opened(visitor, rooms)()
    assert room
    monkeypatch.setattr(store, "MOST_OPENED", 0)
    rooms.close(room.name, lock_of(visitor.app.session_state["flowviz.room"].key))
    visitor.set("prior", "laplace")
    tr = translator("en")
    assert tr("rooms.lost") in [warning.value for warning in visitor.app.warning]
    visitor.app.button(key="flowviz.room.open").click()
    visitor.run()
    assert tr("error.room.many") in [warning.value for warning in visitor.app.warning]

    def fails(*_: object) -> None:
        raise Refusal("error.room.store")

    monkeypatch.setattr(type(rooms), "open", fails)
    visitor.app.button(key="flowviz.room.open").click()
    visitor.run()
    assert tr("error.room.store") in [warning.value for warning in visitor.app.warning]


def test_a_key_of_a_forged_tab_opens_nothing(rooms: RoomStore) -> None:
    name = rooms.open(lock_of(KEY), RoomState())
    forged: list[dict[str, Any]] = [{}, {"name": name}, {"name": name, "key": "x" * 43}]
    forged += [{"name": "river-1", "key": KEY}, {"name": [name], "key": KEY}]
    for found in forged:
        teacher._resume(found)
        assert teacher.held() is None, found


# ------------------------------------------------------------------------------ in the figure


def given(step: int, n: int) -> list[np.ndarray]:
    """Answers of n students to each question of a step, some of them far away."""
    rng = np.random.default_rng(step)
    return [
        rng.integers(0, question.options, n).astype(float)
        if isinstance(question, Choice)
        else np.append(rng.normal(correct, 0.3, n - 1), 1e6)
        for question, correct in zip(STEPS[step - 1].questions, truth(step).correct, strict=True)
    ]


@pytest.mark.parametrize("step", range(1, len(STEPS) + 1))
@pytest.mark.parametrize("n", [0, 1, 300])
def test_the_classs_answers_stand_on_the_axis_of_the_question(step: int, n: int) -> None:
    questions, right = STEPS[step - 1].questions, truth(step).correct
    values = given(step, n) if n else [np.array([])] * len(questions)
    for lang in LANGUAGES:
        for locked in (None, right):
            answers = [
                ClassAnswers(
                    values[k],
                    "" if isinstance(question, Choice) else question.axis,
                    "question",
                    ["one", "two", "三" * 40, "four"][: question.options]
                    if isinstance(question, Choice)
                    else (),
                    right[k] if locked else None,
                )
                for k, question in enumerate(questions)
            ]
            drawing = pictures.drawing(step, locked, translator(lang))
            style = Style(dark=lang == "zh", large=locked is None)
            figure = lesson_figure(drawing, "covered", style, answers, ("the class", "outside {n}"))
            go.Figure(figure.to_dict())  # Plotly validates it
            check(figure, answers, locked is not None)


def check(figure: go.Figure, answers: list[ClassAnswers], revealed: bool) -> None:
    """Each answer is counted once, where it is on its axis, or said to be outside."""
    drawn: Any = figure.data
    traces: list[dict[str, Any]] = [trace.to_plotly_json() for trace in drawn]
    layout: dict[str, Any] = figure.to_dict()["layout"]
    bars = [trace for trace in traces if trace["name"].startswith("class")]
    counted = sum(np.sum(bar["x" if bar.get("orientation") == "h" else "y"]) for bar in bars)
    [said] = [n["text"] for n in layout["annotations"] if "the class" in n["text"]]
    outside = int(said.partition("outside ")[2].removesuffix("</b>") or 0)
    assert counted + outside == sum(len(found.values) for found in answers)
    marks = [trace for trace in traces if trace["name"] == "correct"]
    own = [a for a in answers if not a.axis and not a.options and a.correct is not None]
    assert len(marks) == len(own) * revealed
    for axis in ("x", "y"):
        values = [found.values for found in answers if found.axis == axis]
        on = [bar for bar in bars if bar["name"] == f"class {axis}"]
        assert len(on) == bool(values)
        if not values:
            continue
        [bar] = on
        assert bar[f"{axis}axis"] == axis  # the figure's own
        low, high = layout[f"{axis}axis"]["range"]
        width = (high - low) / BINS
        for value in np.concatenate(values):
            if low < value < high:
                nearest = int(np.abs(np.asarray(bar[axis]) - value).argmin())
                assert abs(bar[axis][nearest] - value) <= width / 2 * (1 + 1e-9)
                assert bar["y" if axis == "x" else "x"][nearest] >= 1
