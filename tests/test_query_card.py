"""The card at the query point says what a plain sum over the data points gives."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import LANGUAGES, translator
from flowviz.text.numbers import number
from flowviz.ui.fan.view import _card
from flowviz.ui.plane import compute as plane_compute
from flowviz.ui.plane import query
from tests.visitor import ROOT, Visitor


def test_the_fans_card_is_the_plain_sum() -> None:
    t, x = 0.4, 0.7
    scene = Scene(prior="gaussian", points="-1*3, 0.5, 2", probe=(t, x))  # pyright: ignore[reportArgumentType]
    x0, w = np.array([-1.0, 0.5, 2.0]), np.array([0.6, 0.2, 0.2])
    terms = w * norm.pdf((x - (1 - t) * x0) / t) / t
    posterior = terms / terms.sum()
    velocity = (posterior * (x - x0) / t).sum()
    card = _card(scene, translator("en"), Style())
    assert card
    assert card["values"] == [f"pₜ = {number(terms.sum())}", f"−fₜ = {number(-velocity)}"]
    order = np.argsort(-posterior)
    assert [bar["name"] for bar in card["bars"]] == [number(v) for v in x0[order]]
    assert [bar["share"] for bar in card["bars"]] == pytest.approx(posterior[order], rel=1e-12)
    assert len({bar["colour"] for bar in card["bars"]}) == 3
    turned = _card(scene, translator("en", "flow_matching"), Style())
    assert turned
    assert turned["values"][1] == f"fₜ = {number(-velocity)}"


def test_the_planes_card_points_where_its_arrows_do() -> None:
    t, at = 0.5, np.array([0.3, 0.4])
    points = "(1, 1), (-1, 0.5)*2, (0, -1), (2, 2), (-2, 1)"
    scene = Scene(plane_points=points, plane_prior="gaussian", plane_probe=(t, *at))  # pyright: ignore[reportArgumentType]
    x0 = np.array([[1, 1], [-1, 0.5], [0, -1], [2, 2], [-2, 1]], dtype=float)
    w = np.array([1, 2, 1, 1, 1]) / 6
    terms = w * norm.pdf((at - (1 - t) * x0) / t).prod(1) / t**2
    posterior = terms / terms.sum()
    towards = (posterior[:, None] * (x0 - at) / t).sum(0)
    found = query.arrows(scene, translator("en"), Style())
    assert found
    card = found["card"]
    assert card["values"] == [
        f"pₜ = {number(terms.sum())}",
        f"−fₜ = ({number(towards[0])}, {number(towards[1])})",
    ]
    assert [bar["share"] for bar in card["bars"]] == pytest.approx(
        np.sort(posterior)[::-1][:4], rel=1e-12
    )
    assert np.dot(found["marginal"], towards) > 0


def test_there_is_no_card_where_no_density_is() -> None:
    for probe in ((0.5, 9.0), (0.0, 0.5)):
        scene = Scene(prior="uniform", probe=probe)
        assert _card(scene, translator("en"), Style()) is None
    far = Scene(prior="gaussian", probe=(0.02, 40.0))
    card = _card(far, translator("en"), Style())
    assert card is None or math.isfinite(card["bars"][0]["share"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_at_the_data_the_plane_has_no_density_to_read(lang: str) -> None:
    query = {"plane_probe": "0,0.3,0.2", "lang": lang, "plane_prior": "gaussian"}
    visitor = Visitor(ROOT / "pages" / "plane.py", query)
    assert translator(lang)("fan.query.start") in [info.value for info in visitor.app.info]


@pytest.mark.parametrize("t", [1e-6, 1e-4, 1e-3])
def test_the_planes_query_point_is_read_at_its_own_time(t: float) -> None:
    at = (t, 0.5 + t, -0.3 - 2 * t)
    scene = Scene.from_query({"plane_points": "(0.5,-0.3)", "plane_prior": "gaussian"})
    # x_t = (1 - t) x₀ + t x₁ with x₁ of N(0, I): here x₁ = (1.5, -2.3).
    expected = -0.5 * (1.5**2 + 2.3**2) - math.log(2 * math.pi) - 2 * math.log(t)
    assert float(plane_compute.probe(scene, at).log_p) == pytest.approx(expected, rel=1e-7)
