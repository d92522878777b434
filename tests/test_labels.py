"""Labels of points: every form gives them back, bad ones are refused, edits keep them.

That text, table and link of labelled points read back as the same points is held with all other
points, by the strategies of `tests.scenes`.
"""

from __future__ import annotations

import random

import pytest

from flowviz.scene import Scene
from flowviz.scene.fitting import standardised
from flowviz.scene.point_parsing import LABELS
from flowviz.scene.point_set import LINK_LIMIT
from flowviz.scene.points import PlanePoints, Points
from flowviz.scene.tables import reading
from flowviz.text import LANGUAGES, Refusal, translator


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("0.5*2@a, 1.2@b, 1.7", (1, 2, 0)),
        ("0.5 *2 @A;1.2＠ｂ\n1.7 @c", (1, 2, 3)),
        ("0.5@a*2, 1, 2", (1, 0, 0)),
        ("1, 2, 3", ()),
        ("0,5@a; 1,5@f", (1, 6)),
    ],
)
def test_a_label_stands_behind_its_point(text: str, labels: tuple[int, ...]) -> None:
    points = Points.parse(text)
    assert points.labels == labels
    assert Points.parse(points.text()) == points == Points.from_link(points.link)
    read = reading.read(text, Points).points
    assert read is not None
    assert read.labels == labels


def test_labels_of_the_plane_are_read_in_any_order_with_the_weight() -> None:
    points = PlanePoints.parse("(1, 2)*3@c, [2 3]@a*4, (0, 0)")
    assert points == PlanePoints((1, 2, 0), (2, 3, 0), (3, 4, 1), (3, 1, 0))


@pytest.mark.parametrize("kind", [Points, PlanePoints])
@pytest.mark.parametrize("token", ["@g", "@", "@1", "@ab", "@é", "@a@b"])
def test_what_is_no_label_is_refused_in_one_sentence(kind: type[Points], token: str) -> None:
    at = "(1, 2)" if kind.d == 2 else "1"
    for text in (f"{at}{token}", f"@a, {at}"):
        with pytest.raises(Refusal) as caught:
            kind.parse(text)
        assert caught.value.key == "error.points.label"
        assert all(caught.value.translated(translator(lang)).count("@") for lang in LANGUAGES)


@pytest.mark.parametrize(
    ("labels", "key"),
    [((1,), "labels"), ((1, 7), "label"), ((1, -1), "label"), ((1, float("nan")), "label")],
)
def test_the_constructor_refuses_labels_too(labels: tuple[int, ...], key: str) -> None:
    with pytest.raises(Refusal) as caught:
        Points((1.0, 2.0), (1.0, 1.0), labels)
    assert caught.value.key == f"error.points.{key}"


def test_points_without_a_label_are_what_they_were() -> None:
    assert Points((1.0, 2.0), (1.0, 3.0), (0, 0)) == Points((1.0, 2.0), (1.0, 3.0))
    assert Points.parse("1, 2*3").link == "1,2*3"


def test_labels_of_any_size_fit_the_link() -> None:
    rng = random.Random(4)
    for n, kind in ((2_000, Points), (5_000, PlanePoints)):
        rows = [
            (*(rng.gauss(0, 1) for _ in range(kind.d)), 1.0, rng.randint(0, len(LABELS)))
            for _ in range(n)
        ]
        points = kind.of(rows)
        shared = points.shareable()
        assert len(shared.link) <= LINK_LIMIT
        assert kind.from_link(shared.link) == shared == shared.shareable()
        assert sorted(shared.labels) == sorted(points.labels)
        assert Scene().with_(**{"points" if kind.d == 1 else "plane_points": shared})


def test_damaged_labels_of_a_link_are_refused() -> None:
    rng = random.Random(5)
    link = Points.of([(rng.random(), 1.0, rng.randint(0, 6)) for _ in range(300)]).link
    head, _, labels = link.partition("~l")
    assert head.startswith("~")
    assert labels
    short = Points.of([(rng.random(), 1.0, rng.randint(0, 6)) for _ in range(299)]).link
    for bad in (labels[:-3], "A" + labels[1:], short.partition("~l")[2], "_" * 4):
        with pytest.raises(Refusal) as caught:
            Points.from_link(f"{head}~l{bad}")
        assert caught.value.key == "error.points.packed"


@pytest.mark.parametrize(
    ("table", "labels", "says"),
    [
        ("x,y,species\n1,2,setosa\n3,4,iris\n5,6,setosa\n", (2, 1, 2), "@a = iris, @b = setosa"),
        ("x,y,label\n1,2,10\n3,4,9\n5,6,\n", (2, 1, 0), "@a = 9, @b = 10"),
        ("x,y,label\n1,2,c\n3,4,a\n", (3, 1), "@a = a"),
        ("x,y,class\n" + "".join(f"1,{i},k{i}\n" for i in range(7)), (), "7 different labels"),
        ("x,y\n1,2\n3,4\n", (), "2 points"),
    ],
)
def test_a_column_of_labels_becomes_classes(table: str, labels: tuple[int, ...], says: str) -> None:
    read = reading.read(table.encode(), PlanePoints)
    assert read.points is not None
    assert read.points.labels == labels
    for lang in LANGUAGES:
        said = read.message.translated(translator(lang))
        assert lang != "en" or says in said
    assert reading.read(table, PlanePoints).points == read.points


def test_samples_of_a_prior_have_no_labels() -> None:
    read = reading.read(b"x,y,label\n1,2,a\n3,4,b\n", PlanePoints, sample_limit=10)
    assert read.points is not None
    assert read.points.labels == ()


def test_standardised_points_keep_their_labels() -> None:
    points = Points.parse("1@b, 2, 5@a")
    assert standardised(points).labels == points.labels
