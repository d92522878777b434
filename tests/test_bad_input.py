"""Invalid input: one message with the reason; the figure and the typed text stay."""

from __future__ import annotations

import random
from typing import Any

import pytest

from flowviz.scene import Scene
from flowviz.scene.link import MAX_LINK
from flowviz.text import LANGUAGES
from tests.scenes import crowd
from tests.visitor import Visitor

TEXTS = {
    "": "0.5*2, 1.2, 1.7",
    "   ": "0.5*2, 1.2, 1.7",
    "nan": "nan",
    "0.5, inf": "inf",
    "1, -Infinity": "Infinity",
    "1e999": "1,000,000",
    "0.5, abc": "abc",
    "0.5, 1.2.3": "1.2.3",
    "1*0": "1,000,000",
    "1*-2": "1,000,000",
    "1*nan": "nan",
    "2**3": "*",
    "1e9": "1,000,000",
    "<b>1</b>": "<b>1</b>",
    "__import__('os')": "__import__",
    "1 " * 5_000: "2,000",
    "0.5," * 10**6: "4,000,000",
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_text_that_is_no_points_gets_one_line_and_changes_nothing(lang: str) -> None:
    visitor = Visitor(query={"lang": lang, "arrows": "1"})
    good, picture = visitor.scene, visitor.picture
    for text, named in TEXTS.items():
        visitor.set("points", text)
        (line,) = visitor.complaints
        assert named in line.replace("\\", ""), text[:20]
        assert "\n" not in line
        assert len(line) < 240
        assert visitor.scene == good
        assert visitor.picture == picture
        assert visitor.widget("points").value == text
    visitor.set("points", "0.5, 1.2")
    assert not visitor.complaints
    assert visitor.scene.points.x == (0.5, 1.2)
    assert visitor.picture != picture


def test_a_refused_text_outlives_every_other_change() -> None:
    visitor = Visitor()
    visitor.set("points", "0.5, x")
    for field, value in [("trajectories", 9), ("schedule", "cosine"), ("prior", "gaussian")]:
        visitor.set(field, value)
        assert visitor.widget("points").value == "0.5, x"
        assert len(visitor.complaints) == 1
    assert visitor.scene == Scene(trajectories=9, schedule="cosine", prior="gaussian")


FILES = {
    b"": "0.5*2, 1.2, 1.7",
    b"x,w\n": "0.5*2, 1.2, 1.7",
    b"x,y\nred,blue\n": "x, y",
    b"x\nNA\nabc\n": "x",
    b"x,w\n1,0\n": "1,000,000",
    b"\x89PNG\r\n\x1a\n\0\0\0": "CSV",
    b"1\n" * 2_001: "2,001",
    b"1.5\n" * 500_000: "1,000,000",
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_file_that_is_no_points_gets_one_line_and_changes_nothing(lang: str) -> None:
    visitor = Visitor(query={"lang": lang})
    good, picture = visitor.scene, visitor.picture
    for data, named in FILES.items():
        visitor.upload(data)
        (line,) = visitor.complaints
        assert named in line.replace("\\", ""), data[:20]
        assert "\n" not in line
        assert visitor.scene == good
        assert visitor.picture == picture


@pytest.mark.parametrize(
    ("data", "points"),
    [
        (b"0.5\n1.2\n", "0.5, 1.2"),
        (b"position,weight\n0.5,2\n1.2,1\n", "0.5*2, 1.2"),
        (b"\xef\xbb\xbfx;w\r\n0,5;2\r\n", "0.5*2"),
        ("位置\t权重\n1\t3\n".encode("gbk"), "1*3"),
    ],
)
def test_a_file_of_points_reaches_text_picture_and_link(data: bytes, points: str) -> None:
    visitor = Visitor()
    visitor.set("points", "oops")
    visitor.upload(data)
    assert not visitor.complaints
    assert visitor.widget("points").value == visitor.scene.points.text() == points
    assert visitor.traces("points")[0]["y"].tolist() == pytest.approx(visitor.scene.points.x)


def test_two_thousand_uploaded_points_fit_the_link_and_say_that_they_were_rounded() -> None:
    points = crowd(2_000)
    visitor = Visitor()
    rows = [f"{x},{w}" for x, w in zip(points.x, points.w, strict=True)]
    visitor.upload("\n".join(rows).encode())
    assert not visitor.complaints
    assert len(visitor.scene.points) == 2_000
    assert len(visitor.link) <= MAX_LINK
    assert any("ounded" in caption.value for caption in visitor.app.caption)
    assert visitor.widget("points").value == visitor.scene.points.text()


def test_ends_in_the_wrong_order_are_refused_until_one_of_them_moves() -> None:
    visitor = Visitor()
    picture = visitor.picture
    visitor.set("prior.uniform.low", 3.0)
    (line,) = visitor.complaints
    assert "lower end 3 must be less than the upper end 2" in line
    assert (visitor.scene, visitor.picture) == (Scene(), picture)
    assert visitor.widget("prior.uniform.low").value == 3.0
    visitor.set("prior.uniform.high", 5.0)
    assert not visitor.complaints
    assert dict(visitor.scene.prior_params) == {"low": 3.0, "high": 5.0}


def test_equal_ends_are_refused_and_recovered_from() -> None:
    visitor = Visitor()
    visitor.set("prior.uniform.low", 2.0)
    assert len(visitor.complaints) == 1
    visitor.set("prior.uniform.low", 1.5)
    assert not visitor.complaints
    assert dict(visitor.scene.prior_params) == {"low": 1.5, "high": 2.0}


MIXTURES: list[tuple[str, str, str]] = [
    ("means", "-1.5, a", "“a”"),
    ("means", "", "0"),
    ("means", "nan, 1", "“nan”"),
    ("means", "1, 2, 3", "3, 2 and 2"),
    ("means", "1, 9999999", "9999999"),
    ("scales", "0.5, 0", "0"),
    ("scales", "0.5, -1", "-1"),
    ("weights", "0.5, 0", "0"),
    ("weights", "1,1,1,1,1,1,1,1,1", "9"),
]


@pytest.mark.parametrize(("param", "text", "named"), MIXTURES)
def test_a_mixtures_bad_list_is_refused_and_recovered_from(
    param: str, text: str, named: str
) -> None:
    visitor = Visitor(query={"prior": "gaussian_mixture"})
    good, picture = visitor.scene, visitor.picture
    field = f"prior.gaussian_mixture.{param}"
    usual = visitor.widget(field).value
    visitor.set(field, text)
    (line,) = visitor.complaints
    assert named in line.replace("\\", "")
    assert "\n" not in line
    assert (visitor.scene, visitor.picture) == (good, picture)
    assert visitor.widget(field).value == text
    visitor.set(field, usual)
    assert (visitor.scene, visitor.complaints) == (good, [])


def test_a_mixture_grows_by_a_bell_one_box_after_the_other() -> None:
    visitor = Visitor(query={"prior": "gaussian_mixture"})
    values: dict[str, Any] = {
        "means": (-2.0, 0.0, 2.0),
        "scales": (0.3, 0.3, 0.3),
        "weights": (0.2, 0.3, 0.5),
    }
    for name in random.Random(0).sample(sorted(values), 3):
        assert visitor.scene == Scene(prior="gaussian_mixture")
        visitor.set(f"prior.gaussian_mixture.{name}", ", ".join(map(str, values[name])))
        assert len(visitor.complaints) <= 1
    assert not visitor.complaints
    assert dict(visitor.scene.prior_params) == values


def test_a_readable_box_is_taken_while_another_still_holds_letters() -> None:
    visitor = Visitor(query={"prior": "gaussian_mixture"})
    visitor.set("prior.gaussian_mixture.means", "x")
    visitor.set("prior.gaussian_mixture.scales", "0.25, 0.75")
    (line,) = visitor.complaints
    assert "“x”" in line
    assert dict(visitor.scene.prior_params)["scales"] == (0.25, 0.75)
    assert visitor.widget("prior.gaussian_mixture.means").value == "x"


def test_a_refusal_of_all_values_goes_with_the_value_that_caused_it() -> None:
    visitor = Visitor(query={"schedule": "formula"})
    visitor.set("schedule.formula.alpha", "1/t")
    visitor.set("schedule.formula.sigma", "t^2")  # refused with the other
    (said,) = visitor.complaints
    assert "gives inf" in said
    visitor.set("schedule.formula.alpha", "(1-t")
    (said,) = visitor.complaints
    assert "never closed" in said
    assert "gives inf" not in said
    visitor.set("schedule.formula.alpha", "1-t")
    assert not visitor.complaints
    assert dict(visitor.scene.schedule_params) == {"alpha": "1-t", "sigma": "t^2"}
