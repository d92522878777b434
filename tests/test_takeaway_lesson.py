"""What is taken away from the lesson and the gallery."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pandas as pd
import pytest

from flowviz.figures.lesson import lesson_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.lesson_answers import STEPS as COUNT
from flowviz.scene.lesson_answers import LessonAnswers
from flowviz.text import LANGUAGES, translator
from flowviz.ui.gallery.scenes import rows
from flowviz.ui.lesson.pictures import drawing
from flowviz.ui.lesson.steps import STEPS, Choice
from flowviz.ui.lesson.truth import truth
from flowviz.ui.takeaway.kinds import KINDS, FileRequest

EVERY = range(1, COUNT + 1)


def request(page: str, **settings: Any) -> FileRequest:
    return FileRequest(page, Scene(**settings), f"https://flow.example.org/base/{page}")


def table(asked: FileRequest, kind: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(KINDS[kind].make(asked).decode()), comment="#")


def locked(step: int) -> LessonAnswers:
    """The right answer, except that the first number or option is another one."""
    right = list(truth(step).correct)
    first = STEPS[step - 1].questions[0]
    right[0] = (right[0] + 1) % first.options if isinstance(first, Choice) else right[0] + 0.25
    return LessonAnswers().with_(step, tuple(right))


@pytest.mark.parametrize("step", EVERY)
def test_the_lesson_s_figure_is_given_as_it_is_drawn(step: int) -> None:
    for answers in (LessonAnswers(), locked(step)):
        asked = request("lesson", lesson_step=step, lesson_answers=answers)
        drawn = drawing(step, answers.of(step), translator("en"))
        found = table(asked, "drawing")
        if drawn.rows:
            seen = [row for row in drawn.rows if not np.isnan(row.images).all()]
            assert found["row"].tolist() == [row.label for row in seen for _ in row.images]
            pixels = np.concatenate([row.images.reshape(-1, 64) for row in seen])
            np.testing.assert_allclose(found.filter(like="pixel_"), pixels, rtol=1e-14)
            continue
        # Every place of every trace of Plotly's figure, which was made from the drawing alone.
        shown: Any = lesson_figure(drawn, "", Style())
        places = found[["x", "y"]].to_numpy()
        for trace in shown.data:
            wanted = np.stack([np.asarray(trace.x, float), np.asarray(trace.y, float)], axis=1)
            wanted = wanted[np.isfinite(wanted).all(1)]
            given = places[np.isfinite(places).all(1)]
            for place in wanted[:: max(1, len(wanted) // 50)]:
                assert np.abs(given - place).max(1).min() < 1e-12, (trace.name, place)


@pytest.mark.parametrize("step", EVERY)
def test_before_the_lock_nothing_of_what_is_covered_is_given(step: int) -> None:
    drawn = drawing(step, None, translator("en"))
    found = table(request("lesson", lesson_step=step), "drawing")
    if drawn.rows:
        hidden = [row.label for row in drawn.rows if np.isnan(row.images).all()]
        assert hidden
        assert not set(hidden) & set(found["row"])
    truths = table(
        request("lesson", lesson_step=step, lesson_answers=LessonAnswers().with_(step, ())),
        "drawing",
    )
    assert len(truths) > len(found) or not drawn.covered
    assert not KINDS["answers"].exists("lesson", Scene(lesson_step=step))


def test_answers_stand_beside_what_is_right() -> None:
    answers = LessonAnswers()
    for step in EVERY:
        given = locked(step).of(step)
        assert given is not None
        answers = answers.with_(step, given)
    found = table(request("lesson", lesson_answers=answers), "answers")
    assert found["step"].tolist() == [k for k in EVERY for _ in STEPS[k - 1].questions]
    for step in EVERY:
        of_step = (found["step"] == step).to_numpy()
        answer, correct = (np.asarray(found[name])[of_step] for name in ("answer", "correct"))
        shift = [float(isinstance(q, Choice)) for q in STEPS[step - 1].questions]
        assert correct == pytest.approx(np.add(truth(step).correct, shift))
        wrong = np.abs(answer - correct) > 1e-3
        assert wrong.tolist() == [True] + [False] * (len(answer) - 1)
    # An answer that does not fit its step, as of a forged link, is in no file.
    forged = Scene(lesson_answers=LessonAnswers(((1, (1.0, 2.0, 3.0)), (2, ()))))
    assert not KINDS["answers"].exists("lesson", forged)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_gallery_gives_every_scene_with_a_link_that_opens_it(lang: str) -> None:
    found = table(request("gallery", lang=lang), "scenes")
    tr = translator(lang)
    assert len(found) == len(rows())
    for row, line in zip(rows(), found.to_dict("records"), strict=True):
        assert (line["title"], line["about"]) == (row.title(tr), row.about(tr))
        address = urlsplit(str(line["link"]))
        assert (address.netloc, address.path) == ("flow.example.org", f"/base/{row.page}")
        scene = Scene.from_query(dict(parse_qsl(address.query)))
        assert scene == row.scene.with_(lang=lang)


def test_neither_offers_a_script_or_an_animation() -> None:
    for page in ("lesson", "gallery"):
        for kind in ("script", "plain", "notebook", "webp", "gif", "training"):
            assert not KINDS[kind].exists(page, Scene()), kind
