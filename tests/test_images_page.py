"""The page Images: every topic, and that its figures show what was computed."""

from __future__ import annotations

import re
from typing import Any, get_args

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

from flowviz.core.images import WindowField
from flowviz.core.images.denoising import denoising_errors
from flowviz.figures.images import Curve, Mark, Row, curves_figure, rows_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import LANGUAGES, translator
from flowviz.text.numbers import number
from flowviz.ui.browser.codec import traces_and_layout
from flowviz.ui.images import compute, learned, measures, tasks
from flowviz.ui.images.view import TOPICS
from flowviz.ui.learn.compute import unpack
from flowviz.ui.session.cache import RESULTS
from tests.block_reader import inner, read
from tests.visitor import ROOT, Visitor

PAGE = ROOT / "pages" / "images.py"
N = 40


def open_page(**settings: Any) -> Visitor:
    scene = Scene(**{"image_count": N, **settings})
    visitor = Visitor(PAGE, scene.to_query())
    assert visitor.scene == scene
    return visitor


def figure(visitor: Visitor, name: str) -> dict[str, Any]:
    return read(inner(visitor.component(f"images.{name}").bytes, "figure"))


def images_of(board: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Images (rows, columns, 8, 8) from a board of cells in [0, 1], as pixels in [-1, 1]."""
    cells = board.reshape(rows, 9, columns, 9).transpose(0, 2, 1, 3)
    assert np.isnan(cells[:, :, 8]).all()
    assert np.isnan(cells[..., 8]).all()
    return 2.0 * cells[:, :, :8, :8] - 1.0


def test_every_topic_of_the_setting_is_there() -> None:
    assert list(TOPICS) == list(get_args(Scene.model_fields["image_topic"].annotation))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_comes_up_and_shows_a_figure(topic: str, lang: str) -> None:
    visitor = open_page(image_topic=topic, lang=lang, large=lang == "zh")
    assert not visitor.complaints
    assert not visitor.app.warning
    keys = [key for e in visitor.app.get("bidi_component") if "images." in (key := e.key or "")]
    assert keys or topic == "learned"  # before a training it has none
    for key in keys:
        label = read(visitor.component(key).bytes)["label"]
        assert label == label.strip() != ""


def test_the_board_shows_the_samples_above_their_nearest_images() -> None:
    shown = images_of(figure(open_page(), "board")["data"][0]["z"], 4, 8)
    made, x0 = compute.made(N, "whole", 0), compute.used(N).x0
    for block in (0, 1):
        chosen = slice(8 * block, 8 * block + 8)
        ends = made.x[chosen, -1].reshape(8, 8, 8).numpy()
        near = x0[made.nearest.index[chosen]].reshape(8, 8, 8).numpy()
        assert np.abs(shown[2 * block] - ends).max() < 2e-3
        assert np.abs(shown[2 * block + 1] - near).max() < 2e-3
        assert np.abs(ends - near).max() < 1e-9


def test_every_row_of_windows_starts_from_the_same_noise() -> None:
    visitor = open_page(image_topic="windows", image_window="five")
    shown = images_of(figure(visitor, "windows")["data"][0]["z"], 5, 8)
    noise = compute.noise(0)
    for row, window in enumerate(get_args(compute.ImageWindow)):
        made = compute.made(N, window, 0)
        assert np.array_equal(made.x[:, 0], noise)
        ends = made.x[:8, -1].reshape(8, 8, 8).clamp(-1, 1).numpy()
        assert np.abs(shown[row] - ends).max() < 2e-3
    strip = images_of(figure(visitor, "strip")["data"][0]["z"], 2, 9)
    assert (
        np.abs(strip[1, -1] - compute.made(N, "five", 0).x[0, -1].reshape(8, 8).numpy()).max()
        < 2e-3
    )


def test_numbers_beside_the_figures_are_those_computed() -> None:
    visitor, tr = open_page(image_topic="windows", image_window="three"), translator("en")
    made = compute.made(N, "three", 0)
    values = {metric.label: metric.value for metric in visitor.app.metric}
    distance = float(re.split(" ± ", values[tr("images.distance")])[0])
    assert distance == pytest.approx(made.distance.value, rel=6e-3)
    share = float(values[tr("images.memorised")].split("%")[0])
    assert share == pytest.approx(100 * made.memorised.value, abs=0.6)


def test_no_held_out_image_is_a_training_image() -> None:
    for count in (10, 500, 1697, 1700, 1796, 1797):
        used = {tuple(row) for row in compute.used(count).number[:, None].tolist()}
        assert len(used) == count
        held, peers = compute.held_out(count), compute.peers(count)
        assert len(held) == min(compute.HELD_OUT, 1797 - count)
        assert len(peers) == min(count, 1797 - count)
        every = compute.used(1797).x0
        assert all(bool((every[count:] == row).all(1).any()) for row in [*held[:3], *peers[:3]])


def test_all_images_may_be_used() -> None:
    visitor = open_page(image_count=1797)
    assert not visitor.complaints
    labels = [metric.label for metric in visitor.app.metric]
    assert translator("en")("images.held") not in labels  # none is left to compare with


def test_guidance_at_scale_1_is_the_better_model() -> None:
    found = measures.guided(N, "worse", 0, 0)
    models: dict[float, compute.ImageWindow] = {0.0: "three", 1.0: "shrinking"}
    for scale, window in models.items():
        at = found[measures.SCALES["worse"].index(scale)]
        made = compute.made(N, window, 0)
        assert float((at.x[:, -1] - made.x[: compute.GUIDED, -1]).abs().max()) < 1e-9
    images = compute.used(N)
    label = int(images.labels[0])
    alone = measures.guided(N, "label", label, 0)[1]
    assert set(images.labels[alone.nearest.index].tolist()) == {label}


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The result of a training of few steps."""
    monkeypatch.setattr(tasks, "STEPS", {"mlp": 40, "cnn": 10})
    reports, task = list[float](), tasks.train_two(Scene(image_count=12), b"")
    try:
        while True:
            reports.append(next(task)().done)
    except StopIteration as end:
        outcome = end.value
    assert reports == sorted(reports)
    assert len(reports) == 4  # two of each network
    assert outcome.complete
    return outcome.data


def test_two_networks_are_trained_on_disjoint_images(trained: bytes) -> None:
    found = unpack(trained)
    a, b = (compute.half(12, which) for which in (0, 1))
    assert len(a.x0) == len(b.x0) == 12
    assert not set(a.number.tolist()) & set(b.number.tolist())
    for net, images in zip(tasks.trained_nets(Scene(image_count=12), found), (a, b), strict=True):
        assert torch.allclose(net.centre, images.x0.mean(0))
        held = denoising_errors(net.denoise, net.schedule, compute.held_out(0), compute.ERROR_TIMES)
        assert np.abs(held.numpy() - found[f"errors{int(images is b)}"]).max() < 1e-6
    assert found["curve0"][:, 0].tolist() == [20.0, 40.0]
    assert (found["curve0"][:, 1] > found["floor0"][0]).all()
    most = compute.half(1797, 0), compute.half(1797, 1)
    held = compute.held_out(0)
    for images in most:
        assert not bool((images.x0[:, None] == held[:2]).all(2).any())


def test_a_training_can_be_stopped() -> None:
    task = tasks.train_two(Scene(image_count=12), b"")
    next(task)
    with pytest.raises(StopIteration) as end:
        task.send(True)
    assert not end.value.value.complete


def test_what_two_networks_made_is_shown(trained: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learned.jobs, "cached_result", lambda *_: trained)
    chart = figure(open_page(image_topic="errors", image_count=12), "errors")
    (curve,) = [trace for trace in chart["data"] if trace["name"] == "network A, trained"]
    assert curve["y"] == pytest.approx(unpack(trained)["errors0"].mean(1), abs=1e-4)
    visitor = open_page(image_topic="learned", image_count=12, image_seed=5)
    tr, generator = translator("en"), torch.Generator().manual_seed(5)
    noise = torch.randn(compute.DRAWS, 64, generator=generator, dtype=torch.float64)
    assert not visitor.complaints
    shown = images_of(figure(visitor, "learned")["data"][0]["z"], 4, 8)
    nets = tasks.trained_nets(Scene(image_count=12), unpack(trained))
    both = [compute.generate(net, noise)[:, -1].numpy() for net in nets]
    for row, ends in enumerate(both, 1):
        made = ends[:8].reshape(8, 8, 8).clip(-1, 1)
        assert np.abs(shown[row] - made).max() < 2e-3
    values = {metric.label: metric.value for metric in visitor.app.metric}
    centre = compute.used(1797).x0.mean(0).numpy()
    a, b = (ends - centre for ends in both)
    alike = ((a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)).mean()
    assert float(values[tr("images.alike")].split(" ")[0]) == pytest.approx(alike, abs=6e-4)
    assert not [button for button in visitor.app.button if button.label == tr("images.train")]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("large", [False, True])
def test_figures_are_valid_and_hold_what_they_are_given(dark: bool, large: bool) -> None:
    style = Style(dark=dark, large=large)
    rows = [Row("a", np.full((3, 2, 4), value)) for value in (-1.0, 1.0)]
    board = rows_figure(rows, ("1", "2", "3"), style)
    (heat,), layout = traces_and_layout(board)
    go.Figure({"data": [heat], "layout": layout})
    z = heat["z"]
    assert z.shape == (6, 15)
    assert np.nanmin(z) == 0.0
    assert np.nanmax(z) == 1.0
    t = np.array([0.2, 0.6])
    curve = Curve("c", np.array([0.5, 0.25]), np.array([0.1, 0.4]))
    for log in (False, True):
        chart = curves_figure(
            t, [curve], {"t": "t", "value": "v"}, style, marks=[Mark(0.3, "m")], log=log, top=1.0
        )
        (band, line), layout = traces_and_layout(chart)
        go.Figure({"data": [band, line], "layout": layout})
        assert np.asarray(line["y"]).tolist() == [0.5, 0.25]
        assert np.asarray(band["y"])[:2].tolist() == [0.6, 0.65]


def captions(visitor: Visitor) -> str:
    return " ".join(element.value for element in visitor.app.caption)


@pytest.mark.parametrize("n", [10, 100, 500])
def test_shares_of_images_are_tested_by_the_chi_square_of_their_counts(n: int) -> None:
    equal = torch.arange(2000) % n
    found = measures.equal_shares(equal, n)
    assert (found.statistic, found.degrees, found.probability) == (0.0, n - 1, 1.0)
    # A tenth of the first image's samples go to the last one: χ² = 2 (Q/10N)²/(Q/N) = Q/50N.
    moved = equal.clone()
    moved[(equal == 0).nonzero()[: 200 // n, 0]] = n - 1
    if n <= 100:
        assert abs(measures.equal_shares(moved, n).statistic - 2000 / (50 * n)) < 1e-9
    # Half of the images receive a third more than the other half.
    weights = torch.ones(n, dtype=torch.float64)
    weights[: n // 2] = 2.0
    index = torch.multinomial(weights, 2000, True, generator=torch.Generator().manual_seed(0))
    assert measures.equal_shares(index, n).probability < measures.SIGNIFICANCE


def test_the_page_says_whether_each_image_receives_its_share(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = measures.shares(N, 0)
    assert found.probability > measures.SIGNIFICANCE
    said = captions(open_page())
    assert f"χ² = {number(found.statistic)} with {N - 1} degrees" in said
    assert "too unequal for chance" not in said

    # Fault: the first half of the images twice as likely.
    images = compute.used(N)
    weights = images.weights.clone()
    weights[: N // 2] *= 2.0
    field = WindowField(images.x0, weights / weights.sum(), compute.SHAPE, 15)
    monkeypatch.setattr(compute, "window_field", lambda *_: field)
    RESULTS.clear()
    try:
        assert "too unequal for chance" in captions(open_page())
    finally:
        RESULTS.clear()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_said_of_the_target_is_what_its_curves_show(lang: str) -> None:
    """The share of times at which a curve of "Same direction" is above a half."""
    visitor = open_page(image_topic="targets", lang=lang)
    curves = [
        trace["y"]
        for trace in figure(visitor, "targets.alike")["data"]
        if len(trace["y"]) == len(measures.TARGET_TIMES)
    ]
    assert len(curves) == 2
    agree = [f"{number(100 * float(np.mean(np.asarray(y) > 0.5)))}%" for y in curves]
    said = dict(zip(("images", "moons"), agree, strict=True))
    assert translator(lang)("images.targets.about", **said) in visitor.words()
