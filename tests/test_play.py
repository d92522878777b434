"""The light page from outside a browser: what it has, how large it is, who may ask for it."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from starlette.applications import Starlette

from flowviz.core.numerics.work import at_work
from flowviz.core.paths import PATHS
from flowviz.core.priors.registry import PLANE_PRIORS, PRIORS
from flowviz.core.schedules import SCHEDULES
from flowviz.scene import Scene
from flowviz.scene.formula import Typed
from flowviz.scene.points import Points
from flowviz.text import ENTRIES, LANGUAGES
from flowviz.ui.fan import preview
from flowviz.ui.on_request import Answers
from flowviz.ui.play import bundle, page, routes, site
from flowviz.ui.play.block import block
from flowviz.ui.takeaway import menu
from flowviz.ui.takeaway.kinds import FileRequest
from tests.scenes import crowd
from tests.test_component_types import FIELD, INTERFACE

APP = "https://flow.example.org/fan"
STUDENT, FILE, FROZEN_FILE = 100_000, 150_000, 195_000  # bytes
MOST_WORK = 8e8  # units of `core.numerics.work`: two or three seconds
FROZEN = {"squeeze", "detour"}
"""The families of the line whose pictures are frozen: the engine has no tables of them."""


class Document(HTMLParser):
    """The scripts of a page by their type, its language, all addresses in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: dict[str, str] = {}
        self.addresses: list[str] = []
        self.tags: set[str] = set()
        self.lang = self._type = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.addresses += [given[name] for name in ("src", "href") if name in given]
        self.tags.add(tag)
        if tag == "html":
            self.lang = given["lang"]
        self._type = given.get("id", "script") if tag == "script" else ""

    def handle_endtag(self, tag: str) -> None:
        self._type = ""

    def handle_data(self, data: str) -> None:
        if self._type:
            self.scripts[self._type] = self.scripts.get(self._type, "") + data

    @property
    def scene(self) -> dict[str, Any]:
        return json.loads(self.scripts["flowviz-scene"])


def ask(path: str, query: str | bytes = "", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of a request to the routes alone."""
    return asyncio.run(_ask(path, query, headers))


async def _ask(
    path: str, query: str | bytes, headers: dict[str, str]
) -> tuple[int, dict[str, str], bytes]:
    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    named = {"host": "flow.example.org", **headers}
    raw = [(k.replace("_", "-").lower().encode(), v.encode()) for k, v in named.items()]
    scope = {
        "type": "http", "method": "GET", "path": path, "root_path": "", "scheme": "https",
        "query_string": query.encode() if isinstance(query, str) else query, "headers": raw,
        "server": ("flow.example.org", 443), "http_version": "1.1",
    }  # fmt: skip
    await Starlette(routes=routes.routes())(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in said[1:])
    return said[0]["status"], {k.decode(): v.decode() for k, v in said[0]["headers"]}, body


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No page is kept from another test."""
    monkeypatch.setattr(routes, "PAGES", Answers("play"))
    yield
    routes.PAGES.thread.shutdown()


# ------------------------------------------------------------------------------ what a page has


def scenes() -> Iterator[Scene]:
    """Every prior with every schedule, and with every family of the line."""
    for prior in PRIORS:
        for schedule in SCHEDULES:
            yield Scene(prior=prior, schedule=schedule)
        for family, make in PATHS.items():
            if family not in {"affine", "formula"} and make().exists_in(1):
                yield Scene(prior=prior, family=family)


def test_every_scene_answers_the_hand_or_is_listed_as_frozen() -> None:
    frozen = {s.family for s in scenes() if preview.flow_tables(s) is None}
    assert frozen == FROZEN
    assert all((preview.flow_tables(s) is None) == (s.family in FROZEN) for s in scenes())


@pytest.mark.parametrize("family", ["affine", "wave", *sorted(FROZEN)])
def test_a_block_has_the_engine_or_a_picture_and_fits_its_type(family: str) -> None:
    content = block(Scene(family=family), app=APP, file=True)
    assert (content["engine"] is None) == (content["frozen"] is not None) == (family in FROZEN)
    declared = (bundle.COMPONENTS / "play.d.ts").read_text("utf-8")
    fields = {name: set(_names(body)) for name, _, body in INTERFACE.findall(declared)}
    assert set(content) == fields["PlayBlock"] | fields["PlayBase"]
    assert set(content["styles"]["dark"]) == fields["PlayStyle"]
    assert set(content["prior"]) == fields["PlayPrior"]
    if content["frozen"]:
        assert set(content["frozen"]) == fields["FrozenPicture"]
    else:
        inherited = {"prior", "cells", "means"}
        assert set(content["engine"]) == fields["PlayTables"] | inherited
        assert set(content["engine"]["family"]) == fields["FamilyTable"]
    english, chinese = content["texts"].values()
    assert english.keys() == chinese.keys()
    assert all(english.values())
    assert all(chinese.values())


def _names(body: str) -> list[str]:
    return [name for name, _ in FIELD.findall(re.sub(r"/\*.*?\*/", "", body, flags=re.S))]


def test_more_points_than_the_engine_draws_at_once_are_frozen() -> None:
    assert block(Scene(points=crowd(101)), app=APP, file=True)["engine"] is None
    assert block(Scene(points=crowd(100)), app=APP, file=True)["engine"] is not None


@pytest.mark.parametrize("family", [*sorted(FROZEN), "formula"])
def test_a_frozen_picture_takes_bounded_work_and_says_what_it_leaves_out(family: str) -> None:
    bow = Typed("forward", "(1-t)*x0 + t*x1 + t*(1-t)*tanh(x1 - x0)")
    points = Points(tuple(k / 10 for k in range(400)), (1.0,) * 400)
    scene = Scene(family=family, formula=bow, prior="gaussian", points=points, trajectories=300)
    with at_work() as work:
        content = block(scene, app=APP, file=True)
    assert work.spent < MOST_WORK
    shown = len(content["frozen"]["reached"])
    assert shown <= 300
    said = [content["texts"][lang].get("incomplete", "") for lang in LANGUAGES]
    assert all((f"{shown}" in text) == (shown < 300) for text in said)


def test_sizes() -> None:
    script = len(routes.script().zipped)
    for prior in PRIORS:
        for schedule in ("linear", "cosine"):
            scene = Scene(prior=prior, schedule=schedule)
            served = page.served_page(scene, "fan", "play/play.js")
            assert len(gzip.compress(served.encode())) + script <= STUDENT
            if schedule == "linear":
                assert len(page.live_file(scene, APP).encode()) <= FILE, prior
    frozen = Scene(family="squeeze")
    assert len(gzip.compress(page.served_page(frozen, "fan", "x").encode())) + script <= STUDENT
    assert len(page.live_file(frozen, APP).encode()) <= FROZEN_FILE


def test_the_file_has_all_in_it_and_names_its_source_and_its_hash() -> None:
    scene = Scene(points=Scene().points, time=0.25)
    text = page.live_file(scene, APP)
    document = Document(text)
    assert document.addresses == [f"{APP}?{scene.query_string('fan')}"]
    digest = hashlib.sha256(document.scripts["script"].encode()).digest()
    allowed = f"'sha256-{base64.b64encode(digest).decode()}'"
    assert allowed in page.policy()
    comment = re.search(r"<!--\n(.*?)\n-->", text, re.S)
    assert comment
    assert allowed in comment[1]
    assert APP in comment[1]
    assert document.scene["app"] == APP
    assert set(document.scripts) == {"script", "flowviz-scene", "flowviz-arrays"}


def test_no_scene_ends_the_document_early() -> None:
    document = Document(page.live_file(Scene(), f"{APP}/</script><script>alert(1)</script>--><b>"))
    assert set(document.scripts) == {"script", "flowviz-scene", "flowviz-arrays"}
    assert "alert" not in document.scripts["script"]
    assert "b" not in document.tags


def test_a_site_needs_nothing_else(tmp_path: Path) -> None:
    written = site.write(tmp_path / "site", queries={"mine": "points=1,2&prior=gaussian"})
    assert {path.name for path in written} == {path.name for path in (tmp_path / "site").iterdir()}
    pages = {p.name: Document(p.read_text("utf-8")) for p in written if p.suffix == ".html"}
    assert {"index.html", "gaussian.html", "plane.html", "plane-ring.html", "mine.html"} <= set(
        pages
    )
    for document in pages.values():
        name = document.scene["page"]
        assert set(document.addresses) == {bundle.ENTRIES[name]}
        there = {entry["page"] for entry in document.scene["priors"]}
        kinds = PRIORS if name == "fan" else PRIORS | PLANE_PRIORS
        # A page of a frozen picture offers no other prior.
        assert len(there) == (len(kinds) if document.scene["engine"] else 0)
        assert there <= set(pages)
    assert pages["mine.html"].scene["points"]["x"] == [1.0, 2.0]
    with pytest.raises(ValueError, match="points"):
        site.write(tmp_path, queries={"bad": "points=zzz"})


# ------------------------------------------------------------------------------ modules, one script


def test_modules_are_in_the_order_of_their_dependencies(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text(
        '/** @import { X } from "./b.js" */\nimport { b, c as d } from "./b.js";\n'
        "// a comment\nexport function a() {\n  return `// ${b + d}`; // another\n}\n"
    )
    (tmp_path / "b.js").write_text(
        'import { one } from "./c.js";\nexport const b = one;\nexport const c = b + 1;\n'
    )
    (tmp_path / "c.js").write_text("export const one = 1;\n")
    text = bundle.script("a.js", tmp_path)
    places = [text.index(part) for part in ("one=1", "b=one", "function a()")]
    assert places == sorted(places)
    assert "const{one}=m0" in text
    assert "const{b,c:d}=m1" in text
    assert "`// ${b + d}`" in text
    assert "comment" not in text
    assert "another" not in text


def test_declarations_are_joined_and_strings_kept(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text(
        "export function a(x) {\n  const y = 0.5 * x;\n  const z = `${x} , 0.5`;\n  let s = 10.5;\n"
        '  const t = "a , 0.5";\n  if (x)\n    s = `${[1].map((k) => `${k} , 2`)}`;\n}\n'
    )
    text = bundle.script("a.js", tmp_path)
    assert "const y=.5*x,z=`${x} , 0.5`;let s=10.5;const t=" in text
    assert '"a , 0.5"' in text
    assert "`${[1].map((k) => `${k} , 2`)}`" in text


def test_private_members_have_short_names_and_nothing_else_has(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text(
        "export class A {\n  #first = 1;\n  static #second = 2;\n"
        "  async #third() {\n    return this.#first + A.#second;\n  }\n"
        '  get colour() {\n    return `${this.#third()} #first` || "#fedcba";\n  }\n}\n'
    )
    text = bundle.script("a.js", tmp_path)
    assert "#a=1;static #b=2;async #c()" in text
    assert "return this.#a+A.#b" in text
    assert '`${this.#c()} #first` || "#fedcba"' in text


def test_there_are_short_names_for_many_private_members() -> None:
    names = [bundle._short_name(k) for k in range(27 * 26)]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) == 2


@pytest.mark.parametrize(
    ("files", "wrong"),
    [
        ({"a": 'import { b } from "./b.js";\n', "b": 'import { a } from "./a.js";\n'}, "a.js"),
        ({"a": "export default function () {}\n"}, "export default"),
        ({"a": 'import * as b from "./b.js";\n'}, "import"),
        ({"a": 'const x = "</script>";\n'}, "</"),
    ],
)
def test_what_cannot_be_put_in_one_script_is_refused(
    tmp_path: Path, files: dict[str, str], wrong: str
) -> None:
    for name, text in files.items():
        (tmp_path / f"{name}.js").write_text(text)
    with pytest.raises(ValueError, match=re.escape(wrong)):
        bundle.script("a.js", tmp_path)


# ------------------------------------------------------------------------------ the route


def test_the_page_is_compressed_and_asked_for_again_only_if_it_changed() -> None:
    status, headers, body = ask("/play", Accept_Encoding="gzip, br")
    assert status == 200
    assert headers["content-encoding"] == "gzip"
    assert headers["cache-control"] == "no-cache"
    assert {"Accept-Encoding", "Accept-Language"} <= set(headers["vary"].split(", "))
    plain = ask("/play")
    assert gzip.decompress(body) == plain[2]
    assert plain[1]["etag"] == headers["etag"]
    again = ask("/play", If_None_Match=headers["etag"])
    assert (again[0], again[2]) == (304, b"")
    assert ask("/play", "points=1", If_None_Match=headers["etag"])[0] == 200


def test_the_script_is_kept_for_a_year_and_is_the_one_of_the_page() -> None:
    address = next(a for a in Document(ask("/play")[2].decode()).addresses if "play.js" in a)
    path, _, query = address.partition("?")
    status, headers, body = ask(f"/{path}", query)
    assert (status, body.decode()) == (200, bundle.script())
    assert "immutable" in headers["cache-control"]
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    assert ask(f"/{path}", "v=0")[1]["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/other/play", "/play/nothing", "/play/play.js/x", "/plays"])
def test_nothing_else_is_there(path: str) -> None:
    assert ask(path)[0] == 404


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_is_in_the_language_of_its_link_or_of_the_browser(lang: str) -> None:
    for answer in (ask("/play", f"lang={lang}"), ask("/play", Accept_Language=f"{lang}-XX")):
        document = Document(answer[2].decode())
        assert document.lang == document.scene["lang"] == lang
        assert getattr(ENTRIES["fan.title"], lang) in answer[2].decode()


@pytest.mark.parametrize("theme", ["dark", "light", "", "<b>"])
def test_the_theme_of_the_link(theme: str) -> None:
    text = ask("/play", f"theme={theme}")[2].decode()
    said = Document(text).scene
    media = {"dark": "all", "light": "not all"}.get(theme, "(prefers-color-scheme:dark)")
    assert f"@media {media}{{:root{{--fp-page:#12161c;" in text
    assert (said["theme"], said["damaged"]) == (theme if theme in {"dark", "light"} else "", False)


def test_the_file_is_sent_as_one_to_keep() -> None:
    status, headers, body = ask("/play/live", "points=1,2")
    assert status == 200
    assert headers["content-disposition"] == 'attachment; filename="flowviz.html"'
    assert Document(body.decode()).scene["app"] == APP


@pytest.mark.parametrize(
    "query",
    [
        "points=" + "1," * 100_000,
        "&".join(f"a{k}=1" for k in range(5_000)),
        "points=zzz&prior=nothing&time=nan&trajectories=99999999",
        "p.low=5&p.high=1",
        "<script>alert(1)</script>",
        "points=%FF%FE%00&lang=%00",
        b"points=\xff\xfe\x00",
        "family=formula&formula=1~forward~x1~~~",
        "family=formula&formula=__import__",
        "v=99&sum=000000&points=1",
        "prior=kernel_density&p.samples=" + "9," * 900,
    ],
)
def test_a_hostile_query_gives_a_scene_with_one_sentence(query: str | bytes) -> None:
    status, _, body = ask("/play", query)
    document = Document(body.decode())
    assert status == 200
    assert document.scene["damaged"]
    assert len(body) <= 2 * STUDENT
    assert set(document.scripts) == {"flowviz-scene", "flowviz-arrays"}


def test_a_scene_that_cannot_be_drawn_costs_a_sentence(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(scene: Scene) -> Any:
        if scene.prior == "laplace":
            raise ZeroDivisionError
        return whole(scene)

    whole = preview.flow_tables
    monkeypatch.setattr(preview, "flow_tables", broken)
    status, _, body = ask("/play", "prior=laplace")
    assert status == 200
    assert Document(body.decode()).scene["damaged"]
    assert "ZeroDivisionError" in caplog.text


def test_equal_requests_are_computed_once_and_the_rest_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []

    async def storm() -> list[int]:
        def make(wish: routes.PageRequest) -> str:
            made.append(wish.scene.prior)
            return page.site_page(wish.scene, "", "x", {})

        monkeypatch.setattr(
            page, "served_page", lambda scene, *_, **__: make(routes.PageRequest(scene, "", False))
        )
        same = [_ask("/play", "points=1,2", {}) for _ in range(100)]
        answers = await asyncio.gather(*same)
        assert len(made) == 1
        many = [_ask("/play", f"points={k}", {}) for k in range(routes.PAGES.most_waiting + 10)]
        return [status for status, _, _ in (*answers, *await asyncio.gather(*many))]

    statuses = asyncio.run(storm())
    assert statuses.count(503) == 10
    assert statuses.count(200) == 100 + routes.PAGES.most_waiting
    assert len(routes.PAGES.kept) <= routes.PAGES.most_kept
    assert not routes.PAGES.making


@pytest.mark.parametrize(("name", "path"), bundle.PATHS.items())
def test_the_menu_offers_it(name: str, path: str) -> None:
    asked = Scene(points=Points((1.0, 2.0), (1.0, 1.0)), plane_particles=77)
    found = menu.items(FileRequest(name, asked, APP))
    (group,) = [g for g in found["groups"] if g["title"] == ENTRIES["take.group.page"].en]
    script = bundle.script(bundle.ENTRIES[name])
    assert f"script-src {bundle.policy_hash(script)}" in group["notes"][0]
    offered = [item["href"] for item in group["items"]]
    assert [url.partition("?")[0] for url in offered] == [f"/{path}/live", f"/{path}"]
    for url in offered:
        assert Scene.read_query(parse_qs(url.partition("?")[2])) == (asked, [])


@pytest.mark.parametrize("name", bundle.PATHS)
@pytest.mark.parametrize("kind", ["", "/live"])
def test_an_exercise_is_asked_in_the_app_and_not_shown_here(name: str, kind: str) -> None:
    path = f"/{bundle.PATHS[name]}{kind}"
    status, headers, body = ask(path, "ask=share&lang=zh")
    assert (status, headers["location"], body) == (302, f"/{name}?ask=share&lang=zh", b"")
    for none in ("ask=none", "ask=", ""):
        assert ask(path, none)[0] == 200
