"""Damaged links open the same scene, or are reported as mangled."""

from __future__ import annotations

import contextlib
import html
import json
import random
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from flowviz.scene import Scene
from flowviz.scene.link import MAX_LINK
from flowviz.scene.link_repair import TRACKERS, without_trackers
from flowviz.scene.parameters import FAMILY, PLANE_FAMILY, PLANE_PRIOR, PRIOR, SCHEDULE
from flowviz.scene.points import PlanePoints
from flowviz.scene.settings import SHOWN
from flowviz.text import LANGUAGES, Refusal, translator
from tests.scenes import crowd
from tests.visitor import ROOT, Visitor

OLD = [
    case["link"] for case in json.loads(Path(__file__).with_name("links.json").read_text("utf-8"))
]
HEAD = len("v=2&sum=123456&")
HOST = "https://flowviz.example/plane?"


def opened(address: str) -> tuple[Scene, list[str]]:
    """The scene of an address as a browser sends it, and what is said of it."""
    query = parse_qs(urlsplit(address.replace("\n", "%0A")).query, keep_blank_values=True)
    scene, notices = Scene.read_query(query)
    return scene, [notice.message.key for notice in notices]


SCENES = [Scene.from_query(parse_qs(link)) for link in OLD]
LINKS = [
    (scene, HOST + scene.query_string(page))
    for k, scene in enumerate(SCENES[::2])
    for page in [sorted(SHOWN)[k % len(SHOWN)]]
]


def markdown(link: str) -> str:
    """What Markdown leaves of a text that has pairs of stars or of tildes."""
    for pair in (r"\*\*([^*]+)\*\*", r"\*([^*]+)\*", r"~~([^~]+)~~"):
        link = re.sub(pair, r"\1", link)
    return link


def broken(width: int, mark: str) -> Callable[[str], str]:
    return lambda link: mark.join(link[k : k + width] for k in range(0, len(link), width))


DAMAGE: dict[str, Callable[[str], str]] = {
    "nothing": lambda link: link,
    "&amp;": html.escape,
    "&amp;amp;": lambda link: html.escape(html.escape(link)),
    "&#38; at each": lambda link: link.replace("&", "&amp;"),
    "Markdown": markdown,
    "a full stop": lambda link: link + ".",
    "a bracket": lambda link: link + ")",
    "angle": lambda link: link + ">",
    "a Chinese full stop": lambda link: link + quote("。"),
    "brackets of both kinds": lambda link: link + quote("）」。"),
    "quotation": lambda link: link + quote("”,"),
    "bold": lambda link: link + "**",
    "a sentence": lambda link: link + quote("，请看这个"),
    "lines of 76": broken(76, "%0D%0A"),
    "indented lines": broken(60, "%0A%20%20"),
    "a space where the line ended": broken(50, "%20"),
    "a zero-width space": broken(80, "%E2%80%8B"),
    "escaped once more": lambda link: HOST + link.removeprefix(HOST).replace("%", "%25"),
    "all escaped once more": lambda link: (
        HOST
        + "&".join(
            f"{key}={quote(value)}"
            for key, _, value in (
                part.partition("=") for part in link.removeprefix(HOST).split("&")
            )
        )
    ),
    "escaped as a whole": lambda link: HOST + quote(link.removeprefix(HOST), safe=""),
    "escaped with its question mark": lambda link: (
        HOST + quote("?" + link.removeprefix(HOST), safe="")
    ),
    "escaped as a whole, with trackers": lambda link: (
        HOST + "gclid=1&" + quote(link.removeprefix(HOST), safe="") + "&utm_source=chat"
    ),
    "escaped but for =": lambda link: HOST + quote(link.removeprefix(HOST), safe="="),
    "each & escaped": lambda link: link.replace("&", "%26"),
    "trackers": lambda link: link + "&utm_source=chat&utm_medium=x&fbclid=IwAR0&gclid=Cj0",
    "trackers first": lambda link: link.replace("?", "?utm_campaign=a%26b&", 1),
    "embedded": lambda link: link + "&embed=true",
    "shuffled": lambda link: (
        HOST
        + "&".join(random.Random(1).sample(link.removeprefix(HOST).split("&"), link.count("&") + 1))
    ),
}


SPACED = ("indented lines", "a space where the line ended")


@pytest.mark.parametrize("damage", DAMAGE)
def test_the_scene_survives_what_is_done_to_links(damage: str) -> None:
    for scene, link in LINKS:
        if damage in SPACED and "%20" in link:
            continue  # a formula has spaces of its own: it may be called mangled
        assert opened(DAMAGE[damage](link)) == (scene, []), link


SURE = ("nothing", "&amp;", "&amp;amp;", "a full stop", "a Chinese full stop", "a bracket")
SURE += ("angle", "trackers", "trackers first", "embedded")


@pytest.mark.parametrize("damage", [*SURE, "escaped as a whole"])
def test_an_old_link_survives_what_cannot_be_meant(damage: str) -> None:
    for scene, link in zip(SCENES, OLD, strict=True):
        address = DAMAGE[damage](HOST + link)
        if link:
            assert opened(address) == (scene, []), link


def test_a_link_escaped_as_a_whole_and_cut_says_so() -> None:
    for scene, link in LINKS[:20]:
        whole = quote(link.removeprefix(HOST), safe="")
        for at in range(
            whole.index("%26points") + 3 if "%26points" in whole else 40, len(whole), 97
        ):
            found, keys = opened(HOST + whole[:at])
            assert keys == ["notice.mangled"] or found == scene, whole[:at]


@pytest.mark.parametrize(
    ("name", "value"), [("lang=zh", ""), ("amp;lang", "zh"), ("v=2&lang=zh", "")]
)
def test_the_language_of_a_damaged_link_is_its_own(name: str, value: str) -> None:
    assert Visitor(ROOT / "pages" / "green.py", {name: value}).scene.lang == "zh"


def test_an_old_link_that_was_broken_across_lines_is_joined_and_says_so() -> None:
    for scene, link in zip(SCENES, OLD, strict=True):
        if len(link) > 60:
            found, keys = opened(broken(60, "%0A")(HOST + link))
            assert keys == ["notice.broken"]
            assert found == scene or "%20" in link, link


def test_a_mangled_link_says_so_and_shows_no_other_scene() -> None:
    rng, said, same = random.Random(7), 0, 0
    for scene, link in LINKS:
        query = link.removeprefix(HOST)
        for _ in range(10):
            at = rng.randrange(len(query) - 1)
            changed = {
                0: query[:at] + query[at + 1 :],
                1: query[:at] + rng.choice("0123456789abcdefghxyz.,-&=") + query[at + 1 :],
                2: query[:at] + rng.choice("0123456789abc.,-&=") + query[at:],
                3: query[:at] + query[at + 1] + query[at] + query[at + 2 :],
            }[rng.randrange(4)]
            found, keys = opened(HOST + changed)
            if keys == ["notice.mangled"]:
                said += 1
                assert found.with_(lang="en", large=False) == Scene()
            elif "sum=" in changed:
                same += 1
                assert found == scene or keys, (link, changed)
    assert said > 20 * same > 0


@pytest.mark.parametrize("k", range(100))
def test_a_link_cut_anywhere_says_so_or_opens_the_same_scene(k: int) -> None:
    """Also within its version, its checksum, an escape, and between any two parameters.

    Beyond the checksum the cuts of a link are some characters apart: those of a hundred links are
    everywhere, and at every distance from a parameter's name.
    """
    whole = k % 10 == 0  # most are of a single page's settings: a long link takes longer
    scene = SCENES[k] if whole else SCENES[k].with_only("points", "prior", "prior_params", "probe")
    link = scene.query_string(sorted(SHOWN)[k % len(SHOWN)])
    cuts = [*range(1, HEAD + 8), *range(HEAD + 8 + k % 7, len(link) - 8, 7)]
    cuts += range(max(HEAD + 8, len(link) - 8), len(link))
    said = 0
    for cut in cuts:
        found, keys = opened(HOST + link[:cut])
        said += bool(keys)
        assert keys or found == scene, link[:cut]
    assert said > len(cuts) - 3


def test_the_longest_link_has_its_checksum_too() -> None:
    formula = "1~forward~(1-t)*x0 + t*x1" + " + t*(1-t)*x0*x1/9" * 7 + "~~"
    scene = Scene.from_query({"family": "formula", "formula": formula, "plane_particles": "7"})
    scene = scene.with_(points=crowd(1_500, spread=300_000.0).shareable(2_000))
    plane = PlanePoints.of((x, -x, w) for x, w in crowd(1_500, spread=9.0).rows)
    scene = scene.with_(plane_points=plane.shareable(scene.link_budget("plane_points")))
    for n in range(1, 50):  # until it is full
        with contextlib.suppress(Refusal):
            scene = scene.with_(prior="kernel_density", prior_params={"samples": (-1.2345,) * n})
    link = max(map(scene.query_string, SHOWN), key=len)
    assert MAX_LINK - 100 < len(link) <= MAX_LINK + HEAD
    assert "*" in link  # too long with escapes
    assert opened(HOST + link) == (scene, [])
    assert opened(HOST + link[:-30])[1] == ["notice.mangled"]


def test_of_a_parameter_given_twice_it_is_said_which_one_holds() -> None:
    for twice in ("points=1,2&points=3", "points=1,2&amp;points=3"):
        scene, keys = opened(HOST + twice)
        assert scene.points.text() == "3"
        assert keys == ["notice.repeated"]
    assert opened(HOST + "points=3&points=3&utm_id=1&utm_id=2")[1] == []
    scene, link = LINKS[1]
    assert opened(link + "&trajectories=5&trajectories=6")[1] == ["notice.mangled"]
    visitor = Visitor(ROOT / "pages" / "fan.py", {"points": ["1,2", "3"]})  # type: ignore[dict-item]
    (notice,) = visitor.app.warning
    assert "“points” stands in this link more than once" in notice.value
    assert visitor.scene.points.text() == "3"


def test_the_checksum_is_crc_32_of_the_lines_in_order() -> None:
    for _, link in LINKS:
        texts = {key: value[0] for key, value in parse_qs(urlsplit(link).query).items()}
        if given := texts.pop("sum", None):
            lines = "\n".join(f"{key}={texts[key]}" for key in sorted(texts)).encode()
            assert f"{zlib.crc32(lines):08x}"[2:] == given


def test_no_name_of_ours_is_a_trackers_or_an_entity_of_html() -> None:
    names = ["v", "sum", *Scene.model_fields]
    for registry in (PRIOR, FAMILY, SCHEDULE, PLANE_PRIOR, PLANE_FAMILY):
        for entry in registry.classes():
            names += [registry.prefix + name for name in registry.specs(entry)]
    assert without_trackers(dict.fromkeys(names, "")) == dict.fromkeys(names, "")
    for name in names:
        assert html.unescape(f"&{name}=1") == f"&{name}=1"
    assert not TRACKERS & set(names)


def test_a_link_is_as_long_as_it_was_allowed_to_be() -> None:
    for _, link in LINKS:
        head, parameters = link[len(HOST) : len(HOST) + HEAD], link[len(HOST) + HEAD :]
        assert re.fullmatch("v=2&sum=[0-9a-f]{6}&", head)
        assert len(parameters) <= MAX_LINK


def test_a_mangled_link_can_be_read_unchecked() -> None:
    query = {key: value[0] for key, value in parse_qs(Scene(trajectories=9).query_string()).items()}
    for lang in LANGUAGES:
        visitor = Visitor(ROOT / "pages" / "fan.py", query | {"trajectories": "8", "lang": lang})
        (notice,) = visitor.app.warning
        tr = translator(lang)
        assert notice.value == tr("notice.mangled")
        assert visitor.scene == Scene(lang=lang)
        (button,) = [b for b in visitor.app.button if b.label == tr("frame.notice.anyway")]
        button.click()
        visitor.run()
        assert visitor.scene == Scene(trajectories=8, lang=lang)
        assert visitor.widget("trajectories").value == 8
        assert not visitor.app.warning
