"""A hundred links of version 1 open unchanged: without checksum, and with it in the end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest

from flowviz.scene import Scene
from flowviz.scene.link import MAX_LINK, to_text
from flowviz.scene.settings import (
    SHOWN,
    CouplingSettings,
    ExerciseSettings,
    GuidanceSettings,
    ImageSettings,
)

LINKS, CHECKSUM_LAST = (
    json.loads(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    for name in ("links.json", "links_checksum_last.json")
)


def values_of(scene: Scene) -> dict[str, Any]:
    """Each setting as it was recorded: numbers as text, parameters as pairs."""
    values: dict[str, Any] = {}
    for name in Scene.model_fields:
        value = getattr(scene, name)
        if name.endswith("_params"):
            values[name] = [[key, to_text(v)] for key, v in value]
        else:
            values[name] = None if value is None else to_text(value)
    return values


DEFAULT = values_of(Scene())


@pytest.mark.parametrize("case", LINKS, ids=lambda case: case["link"][:24] or "bare")
def test_an_old_link_opens_unchanged(case: dict[str, Any]) -> None:
    scene, notices = Scene.read_query(parse_qs(case["link"], keep_blank_values=True))
    assert notices == []
    assert values_of(scene) == DEFAULT | case["shows"]


@pytest.mark.parametrize("k", range(len(LINKS)))
def test_an_old_link_with_its_checksum_in_the_end_opens_unchanged(k: int) -> None:
    link = CHECKSUM_LAST[k]
    assert link.startswith("v=1&")
    assert "&sum=" in link[-11:]
    scene, notices = Scene.read_query(parse_qs(link, keep_blank_values=True))
    assert notices == []
    assert values_of(scene) == DEFAULT | LINKS[k]["shows"]


NEWER = {
    *("convention", "prediction", "zoom", "present", "lesson_step", "lesson_answers"),
    *("solver_noise", "solver_mean_t", "solver_mean_s"),
    *("learn_edges", "learn_labels", "learn_dropout"),
}.union(
    *(
        group.model_fields
        for group in (ExerciseSettings, CouplingSettings, GuidanceSettings, ImageSettings)
    )
)
"""Settings that there were not when the links were made."""


def test_the_links_use_every_setting() -> None:
    assert len(LINKS) == 100
    assert {name for case in LINKS for name in case["shows"]} == set(Scene.model_fields) - NEWER


def test_a_link_as_long_as_was_allowed_then_still_fits() -> None:
    """A scene must fit the link of every page, also of those that came since."""

    def length(page: str, names: set[str]) -> int:
        query = Scene().to_query(page)
        return sum(len(urlencode({k: v})) + 1 for k, v in query.items() if k not in names)

    then = max(length(page, NEWER) for page in SHOWN)
    now = max(length(page, set()) for page in SHOWN)
    assert 0 < now - then <= MAX_LINK - 4_000
