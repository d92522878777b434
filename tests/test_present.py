"""Presenting from outside a browser: the address, what may be asked for, the notes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from flowviz.scene import Scene
from flowviz.scene.lesson_answers import STEPS, LessonAnswers
from flowviz.text import ENTRIES, LANGUAGES, Language, translator
from flowviz.ui.document import PAGES
from flowviz.ui.lesson import truth
from flowviz.ui.present import notes, routes, screen
from tests.serving import RunningServer
from tests.test_headers import get
from tests.visitor import ROOT, Visitor

pytestmark = pytest.mark.usefixtures("small_pages")


def page(name: str) -> Path:
    return ROOT / "pages" / f"{name}.py"


def sent(visitor: Visitor) -> dict[str, Any]:
    """What the component of the keys was sent."""
    return json.loads(visitor.component("present").json)


def ask(visitor: Visitor, **asked: Any) -> None:
    visitor.app.session_state["present"] = {"asked": asked}
    visitor.run()


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_presented_and_left_again(name: str) -> None:
    visitor = Visitor(page(name), {"present": "1", "lang": "zh"})
    content = sent(visitor)
    tr = translator("zh")
    assert content["on"] is True
    assert visitor.scene.present
    assert [tr("present.key.leave"), tr("present.does.leave")] in content["keys"]
    assert content["notes"]["parts"]
    assert (content["step"] is None) == (name != "lesson")
    ask(visitor, on=False, rev=1)
    content = sent(visitor)
    assert (content["on"], content["rev"], content["notes"]) == (False, 1, None)
    assert "present" not in visitor.link
    ask(visitor, on=True, rev=2)
    assert dict(parse_qsl(visitor.link))["present"] == "1"


def test_the_screen_is_no_part_of_a_scene() -> None:
    assert "present" not in Scene().query_string("fan")
    assert Scene(present=True).with_(present=False) == Scene()
    assert "present" in Scene(present=True).reader()  # it goes with the visitor to other pages


def test_a_step_is_moved_and_its_answer_is_shown_without_one() -> None:
    visitor = Visitor(page("lesson"), {"present": "1"})
    found = truth.truth(6)
    ask(visitor, step=6, rev=1)
    assert not visitor.app.info
    ask(visitor, revealed=True, rev=2)
    [shown] = visitor.app.info
    assert shown.value == translator("en")("lesson.6.answer", **found.words)
    assert visitor.scene.lesson_answers.of(6) == ()
    assert sent(visitor)["step"] == {"at": 6, "count": STEPS, "revealed": [6]}
    again = Visitor(page("lesson"), dict(parse_qsl(visitor.link)))
    assert again.app.info  # a reload keeps it
    ask(visitor, step=6, revealed=False, rev=3)
    assert not visitor.app.info
    assert visitor.scene.lesson_answers == LessonAnswers()


def test_an_answer_that_was_locked_is_not_lost_to_a_second_wish() -> None:
    locked = {"present": "1", "lesson_answers": "1(1,1.5)"}
    visitor = Visitor(page("lesson"), locked)
    ask(visitor, revealed=True, rev=1)
    assert visitor.scene.lesson_answers.of(1) == (1.0, 1.5)


@pytest.mark.parametrize(
    "asked",
    [
        {"step": 0}, {"step": 17}, {"step": "6"}, {"step": True}, {"step": 6.5}, {"step": [6]},
        {"revealed": "yes"}, {"on": "no"}, {"on": 0}, {"px": 1e9}, {"px": -4}, {"px": "28"},
        {"rev": "x"}, {}, {"points": "1"},
    ],
)  # fmt: skip
def test_what_a_stranger_asks_for_changes_nothing(asked: dict[str, Any]) -> None:
    visitor = Visitor(page("lesson"), {"present": "1", "lesson_step": "3"})
    before = visitor.link
    ask(visitor, **{"rev": 1} | asked)
    assert visitor.link == before
    assert "flowviz.present.px" not in visitor.app.session_state


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_notes_of_every_step_have_all_their_parts(lang: Language) -> None:
    tr = translator(lang)
    said = set()
    for step in range(1, STEPS + 1):
        content = notes.content("lesson", Scene(lang=lang, lesson_step=step), tr)
        parts = dict(content["parts"])
        assert parts[tr("notes.answer")] == tr(f"lesson.{step}.answer", **truth.truth(step).words)
        for part in ("question", "common", "say", "recited", "understood"):
            assert parts[tr(f"notes.{part}")] == tr(f"lesson.{step}.{part}")
        said |= {parts[tr(f"notes.{part}")] for part in ("say", "recited", "understood")}
    assert len(said) == 3 * STEPS


@pytest.mark.parametrize("lang", LANGUAGES)
def test_two_sentences_are_two(lang: str) -> None:
    end = ". " if lang == "en" else "。"
    for step in range(1, STEPS + 1):
        text = getattr(ENTRIES[f"lesson.{step}.say"], lang)
        assert text.strip("。").count(end) == 1, text


def test_every_other_page_says_where_to_point() -> None:
    for name in set(PAGES) - {"lesson"}:
        for lang in LANGUAGES:
            tr = translator(lang)
            content = notes.content(name, Scene(lang=lang), tr)
            assert content["title"] == tr(f"{name}.title")
            assert content["parts"][-1] == [tr("notes.point"), tr(f"notes.{name}.point")]
            assert not [text for _, text in content["parts"] if "**" in text]


def test_the_window_of_the_notes_is_the_same_for_all(default_server: RunningServer) -> None:
    for query, lang in (("", "en"), ("?lang=zh", "zh"), ("?lang=%22%3E%3Cscript%3E", "en")):
        status, said = get(f"{default_server.url}/notes{query}")
        assert status == 200
        policy = said["content-security-policy"]
        assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
        assert said["content-type"].startswith("text/html")
        assert routes.page(lang).count("<script") == 1  # type: ignore[arg-type]
        assert translator(lang)("notes.waiting") in routes.page(lang)  # type: ignore[arg-type]
    assert get(f"{default_server.url}/elsewhere/notes")[0] == 404


def test_a_question_of_a_scene_is_shown_and_covered_by_its_key() -> None:
    query = {"ask": "border", "present": "1", "lang": "en"}
    visitor = Visitor(ROOT / "pages" / "fan.py", query)
    tr = translator("en")
    assert [tr("present.key.reveal"), tr("present.does.reveal")] in screen.keys(
        "fan", visitor.scene, tr
    )
    assert not visitor.app.number_input  # the class answers
    notes_of = notes.content("fan", visitor.scene, tr)
    assert any("1" in text for heading, text in notes_of["parts"] if heading == tr("notes.answer"))
    for rev, shown in enumerate((True, True, False), 1):
        visitor.app.session_state["present"] = {"asked": {"revealed": shown, "rev": rev}}
        visitor.run()
        assert (visitor.scene.answer is not None) == shown
        assert bool(visitor.app.info) == shown
    plain = Visitor(ROOT / "pages" / "fan.py", {"present": "1"})
    plain.app.session_state["present"] = {"asked": {"revealed": True, "rev": 1}}
    plain.run()
    assert plain.scene.answer is None
    assert [tr("present.key.reveal"), tr("present.does.reveal")] not in screen.keys(
        "fan", plain.scene, tr
    )
