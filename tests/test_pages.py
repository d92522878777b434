"""Every page, in both languages, without a link or with one: no error, and all texts."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from flowviz.core.priors import PRIORS
from flowviz.core.schedules import SCHEDULES
from flowviz.figures.style import Unbuilt
from flowviz.scene import Scene
from flowviz.scene.parameters import PLANE_PRIOR
from flowviz.text import LANGUAGES, translator
from flowviz.ui.browser.codec import pack
from flowviz.ui.session.page_defaults import PAGE_DEFAULTS
from tests.block_reader import read
from tests.scenes import random_params, random_scene
from tests.visitor import PAGES, ROOT, Visitor

HAN = re.compile(r"[\u4e00-\u9fff]")
NO_WORDS = re.compile(
    r"(?s)<style>.*?</style>|\$\$.*?\$\$|\$.*?\$|:material/\w+:|:(green|red)\[|CSV|PgUp|PgDn|Del|Dormand–Prince|DoPri5"
)
WORD = re.compile(r"[A-Za-z]{3}")
LINE_PRIORS = [name for name, prior in PRIORS.items() if prior().exists_in(1)]

pytestmark = pytest.mark.usefixtures("small_pages")
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
each_language = pytest.mark.parametrize("lang", LANGUAGES)


def name_of(page: Path) -> str:
    """A page's name in links and texts: app.py shows the Fan."""
    return "fan" if page.name == "app.py" else page.stem


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> list[Unbuilt]:
    """The figures that are drawn from now on."""
    found: list[Unbuilt] = []
    init = Unbuilt.__init__
    monkeypatch.setattr(Unbuilt, "__init__", lambda self, *a: found.append(self) or init(self, *a))
    return found


@each_page
@each_language
def test_a_page_comes_up_without_an_error_or_a_notice_and_has_its_title(
    page: Path, lang: str, figures: list[Unbuilt]
) -> None:
    visitor = Visitor(page, {"lang": lang})
    for figure in figures:
        sent = read(pack(figure))
        assert figure.data is not None  # makes Plotly's objects, of which the next one is packed
        assert figure.given is None
        np.testing.assert_equal(sent, read(pack(figure)))
    assert not visitor.complaints
    assert not visitor.app.warning
    default = PAGE_DEFAULTS.get(name_of(page), {})
    assert visitor.scene == Scene(lang=lang).with_(**default)  # pyright: ignore[reportArgumentType]
    assert len(list(visitor.elements())) > 10
    titles = [text.value for text in visitor.app.markdown]
    assert f"# {translator(lang)(f'{name_of(page)}.title')}" in titles


def default_scenes() -> None:
    """A script: the scenes of pages visited one after the other, each with a change made there."""
    import streamlit as st

    from flowviz.ui.session import state

    state.sync_widgets()
    visited = st.session_state["visited"] = []
    for page, changes in st.session_state["visits"]:
        visited.append(state.begin_page(page))
        state.change("", **changes)


@pytest.mark.parametrize(
    ("query", "visits", "priors"),
    [
        ({}, [("fan", {}), ("solvers", {}), ("fan", {})], "uniform gaussian uniform"),
        ({"lang": "zh", "utm_source": "x"}, [("solvers", {}), ("learn", {})], "gaussian uniform"),
        ({}, [("solvers", {"lang": "zh"}), ("fan", {})], "gaussian uniform"),
        ({}, [("solvers", {"time": 0.25}), ("fan", {})], "gaussian gaussian"),
        ({}, [("fan", {"time": 0.25}), ("solvers", {})], "uniform uniform"),
        (
            {},
            [("fan", {"time": 0.25}), ("solvers", {"time": 0.5}), ("fan", {}), ("solvers", {})],
            "uniform uniform uniform uniform",
        ),
        ({"points": "1,2"}, [("solvers", {})], "uniform"),
        ({"v": "1"}, [("solvers", {})], "uniform"),
    ],
    ids=str,
)
def test_a_page_has_a_default_of_its_own_until_a_scene_is_chosen(
    query: dict[str, str], visits: list[tuple[str, dict[str, Any]]], priors: str
) -> None:
    app = AppTest.from_function(default_scenes)
    app.query_params.update(query)
    app.session_state["visits"] = visits
    app.run()
    assert not app.exception
    assert [scene.prior for scene in app.session_state["visited"]] == priors.split()


def test_a_zoom_is_of_the_page_that_its_link_opens() -> None:
    app = AppTest.from_function(default_scenes)
    app.query_params.update({"zoom": "0.1,0.5,-1,2"})
    app.session_state["visits"] = [("fan", {}), ("fan", {"time": 0.1}), ("plane", {}), ("fan", {})]
    app.run()
    zooms = [scene.zoom for scene in app.session_state["visited"]]
    assert zooms == [(0.1, 0.5, -1.0, 2.0)] * 2 + [None] * 2


@each_page
@each_language
def test_a_page_speaks_one_language(page: Path, lang: str) -> None:
    visitor = Visitor(page, {"lang": lang, "probe": "0.5,1"})
    words = {re.sub(NO_WORDS, "", text) for text in visitor.words()} - set(LANGUAGES.values())
    if lang == "en":
        assert not [text for text in words if HAN.search(text)]
    else:
        assert not [text for text in words if WORD.search(text) and not HAN.search(text)]
    assert sum(bool(WORD.search(text) or HAN.search(text)) for text in words) > 10


@pytest.mark.parametrize(
    ("page", "prior"),
    [
        (page, prior)
        for page in PAGES[1:]
        # The Plane shows no prior of the line: its links have a test below.
        for prior in (LINE_PRIORS[:2] if page.stem == "plane" else LINE_PRIORS)
    ],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_a_deep_link_opens_on_the_scene_it_names(page: Path, prior: str) -> None:
    rng = random.Random(f"{page.name} {prior}")
    scene = random_scene(rng, prior, rng.choice(sorted(SCHEDULES)), most=6)
    visitor = Visitor(page, scene.to_query())
    assert visitor.scene == scene
    assert not visitor.complaints
    assert not visitor.app.warning


@each_page
def test_a_link_that_is_opened_gives_the_same_link(page: Path) -> None:
    scene = Scene(prior="laplace", schedule="vp", trajectories=11, probe=(0.25, 1.5), large=True)
    assert Visitor(page, scene.to_query()).link == scene.query_string(name_of(page))


@pytest.mark.parametrize("prior", PLANE_PRIOR.classes())
def test_the_plane_opens_on_the_scene_of_its_link(prior: str) -> None:
    rng = random.Random(prior)
    scene = Scene(
        plane_points="(1, 0.5)*2, (-1, 0)",  # pyright: ignore[reportArgumentType]
        plane_prior=prior,
        plane_prior_params=random_params(rng, PLANE_PRIOR, prior),  # pyright: ignore[reportArgumentType]
        plane_particles=9,
        plane_views=("basins", "arrows"),
        plane_probe=(0.5, 0.1, 0.2),
        schedule="cosine",
    )
    visitor = Visitor(ROOT / "pages" / "plane.py", scene.to_query())
    assert visitor.scene == scene
    assert not visitor.complaints
    assert not visitor.app.warning


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"points": "0.5,abc"}, ["“points”", "abc"]),
        ({"points": "~abroken"}, ["“points”"]),
        ({"prior": "cauchy"}, ["“prior”", "cauchy"]),
        ({"p.low": "9", "p.high": "1"}, ["p.low", "p.high"]),
        ({"trajectories": "-3"}, ["“trajectories”", "400"]),
        ({"colour": "red"}, ["“colour”"]),
        ({"v": "99"}, ["v=99"]),
        ({"v": "x", "time": "7", "zz": ""}, ["v=x", "“time”", "“zz”"]),
    ],
)
@each_language
def test_a_damaged_link_says_what_it_left_out_and_shows_the_rest(
    query: dict[str, str], named: list[str], lang: str
) -> None:
    visitor = Visitor(query={"lang": lang, "schedule": "cosine", "arrows": "1"} | query)
    (notice,) = visitor.app.warning
    assert notice.value.startswith(translator(lang)("frame.notice"))
    text = notice.value.replace("\\", "")
    assert all(name in text for name in named), text
    assert visitor.scene == Scene(lang=lang, schedule="cosine", arrows=True)  # pyright: ignore[reportArgumentType]
    assert not visitor.complaints


def test_a_notice_stays_until_it_is_dismissed() -> None:
    visitor = Visitor(query={"nonsense": "1"})
    visitor.set("arrows", True)
    assert len(visitor.app.warning) == 1
    visitor.app.button[0].click()
    visitor.run()
    assert not visitor.app.warning
    visitor.set("arrows", False)
    assert not visitor.app.warning


def test_what_a_stranger_put_into_a_link_is_shown_as_typed() -> None:
    token = "![x](//evil.example)"
    visitor = Visitor(query={"prior": token, token: "1"})
    (notice,) = visitor.app.warning
    assert not re.search(r"(?<!\\)!\[|(?<!\\)\]\(", notice.value)
    assert token in notice.value.replace("\\", "")


def test_a_link_of_any_size_or_shape_still_shows_a_picture() -> None:
    rng = random.Random(0)
    noise = "".join(chr(rng.randrange(1, 0x3000)) for _ in range(500))
    query = dict.fromkeys((*Scene.model_fields, "v", "p.low", "s.bmin"), noise) | {noise: "1"}
    visitor = Visitor(query=query)
    assert visitor.scene == Scene()
    assert len(visitor.app.warning) == 1
    assert visitor.traces("heat")


@each_page
def test_what_the_picture_shows_and_the_glossary_unfold(page: Path) -> None:
    tr = translator("zh")
    visitor = Visitor(page, {"lang": "zh"})
    keys = [f"{name_of(page)}.caption.{k}" for k in (1, 2, 3)]
    shown = keys if name_of(page) != "gallery" else []  # which has no figure
    folded = {tr("term.score.tip"), *map(tr, shown)}
    captions = [caption.value for caption in visitor.app.caption]
    assert not [text for text in captions if any(part in text for part in folded)]
    assert tr("frame.credit") in list(visitor.words())
    for fold in ("captions-above", "captions", "glossary"):  # as a page with a figure has them
        visitor.app.session_state[f"w.fold.{fold}"] = True
    visitor.run()
    said = "\n".join(caption.value for caption in visitor.app.caption)
    assert [part for part in folded if part not in said] == []
