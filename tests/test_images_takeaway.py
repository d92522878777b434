"""What the page Images gives away: the arrays of each topic, and scripts that make them again."""

from __future__ import annotations

import io
import json
import runpy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from flowviz.core.images import digits
from flowviz.figures.fonts import drawable
from flowviz.figures.image_animation import image_frames
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import ENTRIES
from flowviz.ui.images import compute, learned, measures, own, tasks
from flowviz.ui.images.view import TOPICS
from flowviz.ui.takeaway import menu
from flowviz.ui.takeaway.arrays import arrays
from flowviz.ui.takeaway.image_motion import image_motion
from flowviz.ui.takeaway.kinds import KINDS, FileRequest, script_text
from tests.visitor import ROOT, Visitor

N = 30
SETTINGS: dict[str, dict[str, Any]] = {
    "draws": {"image_seed": 3, "image_draw": 5},
    "windows": {"image_window": "five", "image_draw": 2},
    "shrinking": {"image_topic": "windows", "image_window": "shrinking"},
    "errors": {"image_count": N + 1},  # whose networks are not trained
    "learned": {"image_seed": 4},
    "guidance": {},
    "label": {"image_topic": "guidance", "image_guide": "label", "image_label": 7},
    "targets": {},
    "own": {"image_seed": 2, "image_draw": 4},
    "own five": {"image_topic": "own", "image_window": "five", "image_draw": 3},
}
ALWAYS = {"npz", "script", "notebook", "bib"}
OFFERED = {
    "draws": {"samples", "curves", "webp", "gif"},
    "windows": {"samples", "webp", "gif"},
    "errors": {"curves"},
    "learned": {"samples", "curves"},
    "guidance": {"samples", "webp", "gif"},
    "targets": {"curves"},
    "own": {"samples", "webp", "gif"},
}
each = pytest.mark.parametrize("name", SETTINGS)


def asked(name: str, **more: Any) -> FileRequest:
    scene = Scene(**{"image_count": N, "image_topic": name, **SETTINGS[name], **more})
    return FileRequest("images", scene, "https://flowviz.example/images")


@pytest.fixture(scope="module")
def trained() -> bytes:
    """The result of a training of few steps, for the scene of "learned"."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks, "STEPS", {"mlp": 40, "cnn": 10})
        task = tasks.train_two(tasks.run_key(asked("learned").scene), b"")
        try:
            while True:
                next(task)
        except StopIteration as end:
            return end.value.data


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch, trained: bytes) -> None:
    """The networks are trained in few steps, for the topic that shows them."""
    monkeypatch.setattr(tasks, "STEPS", {"mlp": 40, "cnn": 10})
    key = tasks.run_key(asked("learned").scene)
    monkeypatch.setattr(learned.jobs, "cached_result", lambda k, _: trained if k == key else None)


def test_every_topic_is_tried_and_offers_what_it_has() -> None:
    assert {asked(name).scene.image_topic for name in SETTINGS} == set(TOPICS) == set(OFFERED)
    for name in SETTINGS:
        scene = asked(name).scene
        kinds = {kind for kind, made in KINDS.items() if made.exists("images", scene)}
        assert kinds == ALWAYS | OFFERED[scene.image_topic], name


@each
def test_the_link_in_a_file_opens_the_same_picture(name: str) -> None:
    request = asked(name)
    found = np.load(io.BytesIO(KINDS["npz"].make(request)), allow_pickle=False)
    link = str(found["about"]).splitlines()[-1]
    assert link == request.link
    fields = dict(pair.split("=", 1) for pair in link.partition("?")[2].split("&"))
    visitor = Visitor(ROOT / "pages" / "images.py", fields)
    assert not visitor.complaints
    assert visitor.scene == request.scene


@each
def test_samples_are_those_of_the_page_with_their_nearest_images(name: str) -> None:
    request = asked(name)
    if "samples" not in OFFERED[request.scene.image_topic]:
        pytest.skip("a topic of curves")
    found = arrays("images", request.scene)
    table = pd.read_csv(io.BytesIO(KINDS["samples"].make(request)), comment="#")
    ends = table[[f"pixel_{k}" for k in range(64)]].to_numpy()
    assert np.abs(ends - found["x"][:, -1]).max() < 1e-12
    for group, rows in table.groupby(table.columns[0]):
        images = found.get("images", found.get(f"images_{group}"))
        assert images is not None
        at = rows.index.to_numpy()
        gaps = np.linalg.norm(ends[at][:, None] - images, axis=2)
        chosen = gaps[range(len(at)), rows["nearest_image"].to_numpy() - 1]
        assert np.abs(chosen - gaps.min(1)).max() < 1e-9  # of two at one distance, either
        assert np.abs(rows["distance"] - gaps.min(1)).max() < 1e-9
        assert rows["sample"].tolist() == list(range(1, len(at) + 1))
    shown = shown_samples(request.scene)
    assert np.abs(ends[: len(shown)] - shown).max() < 1e-12


def shown_samples(scene: Scene) -> np.ndarray:
    """The first group's samples, as the page computes them."""
    if scene.image_topic == "own":
        return own.generated(scene.image_own, "whole", scene.image_seed).x[:, -1].numpy()
    if scene.image_topic == "learned":
        return learned.generated_by(scene)[0].numpy()
    if scene.image_topic == "guidance":
        kind, label = scene.image_guide, scene.image_label if scene.image_guide == "label" else 0
        return measures.guided(N, kind, label, 0)[0].x[:, -1].numpy()
    return compute.made(N, "whole", scene.image_seed).x[:, -1].numpy()


def test_curves_are_means_of_the_arrays_with_standard_errors() -> None:
    for name in ("draws", "errors", "targets", "learned"):
        request = asked(name, image_count=N)
        found = arrays("images", request.scene)
        table = pd.read_csv(io.BytesIO(KINDS["curves"].make(request)), comment="#")
        by_name: dict[Any, pd.DataFrame] = dict(iter(table.groupby("curve")))
        if name == "draws":
            kept = {k: found[f"decided_{k}"] for k in ("class", "image")}
        elif name == "errors":
            assert found["curve"].tolist() == [*compute.SIDES, "wiener", "network"]
            kept = dict(zip(found["curve"], found["error"], strict=True))
        elif name == "targets":
            kept = {f"alike_{k}": found["cosine"][j] > 0.9 for j, k in enumerate(found["curve"])}
            share = found["variance"].mean(2) / found["square"].mean(2)
            for k, row in zip(found["curve"], share, strict=True):
                assert np.abs(by_name[f"variance_{k}"]["value"] - row).max() < 1e-12
        else:
            losses = zip(("loss_a", "loss_b"), found["loss"], strict=True)
            for k, loss in losses:
                assert np.abs(by_name[k]["value"] - loss).max() < 1e-12
                assert by_name[k]["step"].tolist() == [20, 40]
            continue
        for k, values in kept.items():
            spread = np.std(values, axis=1, ddof=1) / values.shape[1] ** 0.5
            assert np.abs(by_name[k]["value"] - values.mean(1)).max() < 1e-12
            assert np.abs(by_name[k]["standard_error"] - spread).max() < 1e-12


@each
def test_the_script_makes_the_same_arrays(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    request = asked(name)
    file = tmp_path / "script.py"
    text = script_text(request)
    assert request.link in text
    file.write_text(text, encoding="utf-8")
    runpy.run_path(str(file))
    assert capsys.readouterr().out
    saved = np.load(tmp_path / "script.npz", allow_pickle=False)
    found = arrays("images", request.scene)
    assert found.keys() == set(saved.files)
    for key in saved.files:
        if saved[key].dtype.kind in "US":
            assert saved[key].tolist() == found[key].tolist(), key
        else:
            assert np.abs(saved[key] - found[key]).max() < 1e-10, key


def test_script_and_notebook_run_by_themselves(tmp_path: Path) -> None:
    request = asked("draws")
    book = json.loads(KINDS["notebook"].make(request))
    cells = ["".join(c["source"]) for c in book["cells"] if c["cell_type"] == "code"]
    files = {"script.py": script_text(request), "cells.py": "\n".join(cells)}
    for file, text in files.items():
        (tmp_path / file).write_text(text, encoding="utf-8")
    run = "import runpy, sys; sys.path.insert(0, {!r}); [runpy.run_path(f) for f in {!r}]"
    command = [sys.executable, "-I", "-W", "error", "-c", run.format(str(ROOT), list(files))]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = arrays("images", request.scene)
    for file in ("script.npz", "flow.npz"):
        saved = np.load(tmp_path / file, allow_pickle=False)
        assert np.abs(saved["x"] - found["x"]).max() < 1e-10


def test_the_images_of_a_script_are_the_data_sets() -> None:
    images = {tuple(row) for row in digits()[0].tolist()}
    found = arrays("images", asked("learned").scene)
    halves = [{tuple(row) for row in found[f"images_{name}"].tolist()} for name in "ab"]
    assert not halves[0] & halves[1]
    assert halves[0] | halves[1] <= images


@pytest.mark.parametrize("name", [k for k in SETTINGS if "webp" in OFFERED.get(k, ())])
def test_an_animation_shows_the_samples_from_noise_to_the_end(name: str) -> None:
    request = asked(name)
    found = arrays("images", request.scene)
    motion, style = image_motion(request.scene, found), Style()
    frames = image_frames(motion, style)
    assert motion.texts[0] == "t = 1"
    assert motion.texts[-1] == "t = 0"
    assert all(c.isascii() or c > "⺀" for c in drawable("".join(motion.labels)))  # else no glyph
    ends = motion.images[-1].reshape(-1, 64)
    first = found["x"][:, -1] if name == "draws" else found["x"][found["sample"] <= 8, -1]
    assert np.abs(ends - first[: len(ends)]).max() == 0.0
    # Full ink where a pixel is 1, paper where it is -1; the title and the time are written.
    dark = np.asarray(frames[-1].convert("L"), float)
    left, top = frames[-1].width - 12 - 8 * 78 + 6, 44
    cells = dark[top : top + 72, left : left + 72].reshape(8, 9, 8, 9).mean((1, 3))
    levels = np.clip(motion.images[-1][0, 0], -1, 1)
    assert np.corrcoef(cells.ravel(), levels.ravel())[0, 1] < -0.999
    for without, box in (
        (replace(motion, title=""), (0, 0, 200, 32)),
        (replace(motion, texts=[""] * len(motion.texts)), (frames[0].width - 90, 0, 0, 32)),
    ):
        box = (box[0], box[1], box[2] or frames[0].width, box[3])
        apart = np.asarray(frames[0].crop(box), float) - np.asarray(
            image_frames(without, style)[0].crop(box), float
        )
        assert np.abs(apart).max() > 100
    for kind in ("webp", "gif"):
        with Image.open(io.BytesIO(KINDS[kind].make(request))) as file:
            assert file.format == kind.upper()
            assert getattr(file, "n_frames", 1) == len(compute.TIMES)
            assert file.size == frames[0].size


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_a_topic_cannot_give_is_said(lang: str) -> None:
    def said(name: str, **more: Any) -> set[str]:
        groups = menu.items(asked(name, lang=lang, **more))["groups"]
        return {note for group in groups for note in group["notes"]}

    def sentence(key: str) -> str:
        return getattr(ENTRIES[key], lang)

    for name in SETTINGS:
        still = sentence("take.motion.images") in said(name)
        assert still == ("webp" not in OFFERED[asked(name).scene.image_topic])
        assert sentence("take.plain.images") in said(name)
    assert sentence("take.script.images.errors") in said("errors")
    assert sentence("take.script.images.learned") in said("learned")
    assert sentence("take.untrained.images") not in said("learned")
    assert sentence("take.untrained.images") in said("learned", image_count=N + 1)


def test_untrained_networks_give_their_images_and_a_script() -> None:
    scene = asked("learned", image_count=N + 1).scene
    kinds = {kind for kind, made in KINDS.items() if made.exists("images", scene)}
    assert kinds == ALWAYS
    assert set(arrays("images", scene)) == {"images_a", "images_b"}


def test_the_page_offers_it() -> None:
    visitor = Visitor(ROOT / "pages" / "images.py", {"image_count": "20"})
    keys = [element.key for element in visitor.app.get("bidi_component")]
    assert "take" in keys
