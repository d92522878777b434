"""What the page Images gives away: the arrays shown, and a script that makes them again."""

from __future__ import annotations

import io
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from flowviz.scene import Scene
from flowviz.ui.images import compute, own
from flowviz.ui.takeaway.arrays import arrays
from flowviz.ui.takeaway.images import window_of
from flowviz.ui.takeaway.kinds import KINDS, FileRequest, script_text
from tests.visitor import ROOT, Visitor

TOPICS: list[dict[str, Any]] = [
    {"image_seed": 3},
    {"image_topic": "windows", "image_window": "five"},
    {"image_topic": "windows", "image_window": "shrinking"},
    {"image_topic": "own"},
]
each_topic = pytest.mark.parametrize("topic", TOPICS, ids=str)


def asked(topic: dict[str, Any]) -> FileRequest:
    scene = Scene(image_count=30, **topic)
    return FileRequest("images", scene, "https://flowviz.example/images")


@each_topic
def test_the_arrays_are_what_the_page_shows(topic: dict[str, Any]) -> None:
    request = asked(topic)
    found = arrays("images", request.scene)
    if topic.get("image_topic") == "own":
        assert np.array_equal(found["images"], own.tensor(request.scene.image_own))
        shown = own.generated(request.scene.image_own, "whole", 0)[0]
    else:
        seed, window = request.scene.image_seed, window_of(request.scene)
        shown = compute.made(30, window, seed).x[:, -1]
        assert len(found["images"]) == 30
    assert np.array_equal(found["x"][:, -1], shown)
    table = pd.read_csv(io.BytesIO(KINDS["samples"].make(request)), comment="#")
    gaps = np.linalg.norm(shown.numpy()[:, None] - found["images"], axis=2)
    assert (table["nearest_image"] == gaps.argmin(1) + 1).all()
    assert np.abs(table["distance"] - gaps.min(1)).max() < 1e-9
    assert np.abs(table["pixel_20"] - shown[:, 20].numpy()).max() < 1e-12
    npz = np.load(io.BytesIO(KINDS["npz"].make(request)), allow_pickle=False)
    assert np.array_equal(npz["x"], found["x"])


@each_topic
def test_the_script_makes_the_same_samples(
    topic: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request = asked(topic)
    file = tmp_path / "script.py"
    text = script_text(request)
    assert request.link in text
    file.write_text(text, encoding="utf-8")
    runpy.run_path(str(file))
    assert "x (" in capsys.readouterr().out
    saved, found = (
        np.load(tmp_path / "script.npz", allow_pickle=False),
        arrays("images", request.scene),
    )
    for name in ("t", "x", "images"):
        assert np.abs(saved[name] - found[name]).max() < 1e-9, name


def test_the_page_offers_it_and_no_animation() -> None:
    scene = Scene()
    kinds = {name for name, kind in KINDS.items() if kind.exists("images", scene)}
    assert kinds == {"samples", "npz", "script", "notebook", "bib"}
    visitor = Visitor(ROOT / "pages" / "images.py", {"image_count": "20"})
    keys = [element.key for element in visitor.app.get("bidi_component")]
    assert "take" in keys
