"""The page Train with labels: floor, guided samples, widgets."""

from __future__ import annotations

from typing import Any

from flowviz.core.guidance import Guide, shares_on_line
from flowviz.scene import Scene
from flowviz.scene.points import Points
from flowviz.text import translator
from flowviz.ui.guidance import compute as guidance
from flowviz.ui.learn import compute, guided
from flowviz.ui.learn.tasks import train
from tests.test_learn_page import PAGE, finished, said, small
from tests.visitor import Visitor


def with_labels(**changes: Any) -> Scene:
    points = Points((-1.0, 0.0, 1.0, 2.0), (1.0,) * 4, (2, 2, 1, 1))
    return small(points=points, prior="gaussian", learn_labels=True, **changes)


def test_with_labels_the_floor_is_that_of_what_the_label_leaves_open() -> None:
    scene = compute.run_key(with_labels())
    found = finished(train(scene, b""), stop_after=1)[1][-1]
    floor = float(found["floor"][0]), float(found["floor"][1])
    assert compute.floor_check(scene, floor).ok
    without = compute.run_key(scene.with_(learn_labels=False))
    assert not compute.floor_check(without, floor).ok


def test_guided_samples_of_the_network_stand_beside_the_exact_shares() -> None:
    scene = compute.run_key(with_labels(learn_steps=600, learn_width=32, learn_depth=2))
    data = finished(train(scene, b""))[0].data
    labelled = guidance.labelled_field(compute.exact_key(scene))
    for y, scale in ((1, 1.0), (2, 2.0)):
        exact = shares_on_line(labelled, Guide(y, scale))
        found = guided.learned_shares(scene, data, y, scale)
        assert float((found.share - exact.share).abs().max()) < 0.15
        assert found.in_class > 0.9
    text = guided.table(exact, found, translator("en"))
    assert text.count("\n") == 6  # four points and the class, below the head
    assert "nan" not in text


def test_labels_are_given_where_there_are_some() -> None:
    assert compute.uses_labels(with_labels())
    assert not compute.uses_labels(with_labels(learn_target="exact"))
    assert not compute.uses_labels(small(learn_labels=True))
    visitor = Visitor(PAGE, small(learn_labels=True).to_query("learn"))
    assert translator("en")("learn.labels.none") in said(visitor)
    visitor = Visitor(PAGE, with_labels().to_query("learn"))
    assert translator("en")("learn.labels.mean") in said(visitor)
    visitor.set("learn_dropout", 0.4)
    assert visitor.scene.learn_dropout == 0.4
    assert visitor.scene.learn_labels
