"""The light page of Flow in 2-D from outside a browser: what it has, how large it is."""

from __future__ import annotations

import gzip
import re

import pytest

from flowviz.core.paths import PATHS
from flowviz.core.priors.registry import PLANE_PRIORS, PRIORS
from flowviz.core.schedules import SCHEDULES
from flowviz.scene import Scene
from flowviz.text import ENTRIES, LANGUAGES, Language
from flowviz.ui.plane import preview
from flowviz.ui.play import bundle, page, routes
from flowviz.ui.play.plane_block import block
from tests.test_component_types import interface
from tests.test_play import APP, FILE, FROZEN_FILE, STUDENT, Document, ask

PLANE_APP = APP.replace("/fan", "/plane")
FROZEN = {"arcsine"} | {name for name in PATHS if name != "affine"}
"""The priors and the families whose pictures are frozen: the engine has no tables of them."""


def test_every_scene_answers_the_hand_or_is_listed_as_frozen() -> None:
    scenes = {name: Scene(plane_prior=name) for name in PRIORS | PLANE_PRIORS}
    scenes |= {f"schedule {name}": Scene(schedule=name) for name in SCHEDULES}
    scenes |= {
        name: Scene(plane_family=name)
        for name, make in PATHS.items()
        if name == "formula" or make().exists_in(2)
    }
    frozen = {name for name, scene in scenes.items() if preview.flow_tables(scene) is None}
    assert frozen == FROZEN & set(scenes)


@pytest.mark.parametrize("scene", [Scene(), Scene(plane_prior="ring"), Scene(plane_family="swirl")])
def test_a_block_has_the_engine_or_a_picture_and_fits_its_type(scene: Scene) -> None:
    content = block(scene, app=PLANE_APP, file=True)
    assert (content["engine"] is None) == (content["frozen"] is not None)
    declared = (bundle.COMPONENTS / "play.d.ts").read_text("utf-8")
    names: dict[str, set[str]] = {}
    for name in ("PlayBase", "PlanePlayBlock", "PlayPrior", "PlayStyle"):
        body = re.search(rf"interface {name}\b[^\n]*\{{\n(.*?)^\}}", declared, re.M | re.S)
        assert body
        text = re.sub(r"/\*.*?\*/", "", body[1], flags=re.S)
        names[name] = set(re.findall(r"^  (\w+)\??:", text, re.M))
    assert set(content) == names["PlayBase"] | names["PlanePlayBlock"]
    assert set(content["prior"]) == names["PlayPrior"]
    assert set(content["styles"]["dark"]) == names["PlayStyle"]
    if content["frozen"]:
        assert set(content["frozen"]) <= interface("PlaneFlow").required | {
            *interface("PlaneFlow").optional
        }
    else:
        tables = interface("PlanePreviewTables").required - {"nodes"} | {"u"}
        assert set(content["engine"]) == tables
    english, chinese = content["texts"].values()
    assert english.keys() == chinese.keys()
    assert all(english.values())
    assert all(chinese.values())


def test_sizes() -> None:
    script = len(routes.script(bundle.ENTRIES["plane"]).zipped)
    for prior in PRIORS | PLANE_PRIORS:
        scene = Scene(plane_prior=prior)
        served = page.served_page(scene, "../plane", "play_plane.js", name="plane")
        assert len(gzip.compress(served.encode())) + script <= STUDENT, prior
        limit = FROZEN_FILE if prior in FROZEN else FILE
        assert len(page.live_file(scene, PLANE_APP, name="plane").encode()) <= limit, prior


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_route_has_the_page_its_script_and_its_file(lang: Language) -> None:
    scene = Scene(plane_prior="disk", schedule="cosine", lang=lang)
    status, _, body = ask("/play/plane", scene.query_string("plane"))
    document = Document(body.decode())
    assert (status, document.lang, document.scene["damaged"]) == (200, lang, False)
    assert getattr(ENTRIES["plane.title"], lang) in body.decode()
    assert document.scene["app"] == "../plane"
    address = next(a for a in document.addresses if "play_plane.js" in a)
    path, _, query = address.removeprefix("../").partition("?")
    status, headers, script = ask(f"/{path}", query)
    assert (status, script.decode()) == (200, bundle.script("play_plane.js"))
    assert "immutable" in headers["cache-control"]
    status, headers, body = ask("/play/plane/live", scene.query_string("plane"))
    assert (status, Document(body.decode()).scene["app"]) == (200, PLANE_APP)
    assert "attachment" in headers["content-disposition"]


@pytest.mark.parametrize(
    "query", ["plane_points=zzz", "plane_family=formula&plane_formula=__import__", "q.radius=-1"]
)
def test_a_hostile_query_gives_a_scene_with_one_sentence(query: str) -> None:
    status, _, body = ask("/play/plane", query)
    assert (status, Document(body.decode()).scene["damaged"]) == (200, True)
