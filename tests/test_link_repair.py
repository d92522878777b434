"""Damaged links open the same scene, or are reported as mangled."""

from __future__ import annotations

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
from flowviz.scene.settings import SHOWN
from flowviz.text import LANGUAGES, translator
from tests.visitor import ROOT, Visitor

OLD = [
    case["link"] for case in json.loads(Path(__file__).with_name("links.json").read_text("utf-8"))
]
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
    with_a_sum = 0
    for scene, link in LINKS:
        if "&sum=" not in link:  # too long for one
            continue
        with_a_sum += 1
        if damage in SPACED and "%20" in link:
            continue  # a formula has spaces of its own: it may be called mangled
        assert opened(DAMAGE[damage](link)) == (scene, []), link
    assert with_a_sum > 40


SURE = ("nothing", "&amp;", "&amp;amp;", "a full stop", "a Chinese full stop", "a bracket")
SURE += ("angle", "trackers", "trackers first", "embedded")


@pytest.mark.parametrize("damage", SURE)
def test_an_old_link_survives_what_cannot_be_meant(damage: str) -> None:
    for scene, link in zip(SCENES, OLD, strict=True):
        address = DAMAGE[damage](HOST + link)
        if link:
            assert opened(address) == (scene, []), link


def test_an_old_link_that_was_broken_across_lines_is_joined_and_says_so() -> None:
    for scene, link in zip(SCENES, OLD, strict=True):
        if len(link) > 60:
            found, keys = opened(broken(60, "%0A")(HOST + link))
            assert keys == ["notice.broken"]
            assert found == scene or "%20" in link, link


def test_a_mangled_link_says_so_and_shows_no_other_scene() -> None:
    rng, said, same = random.Random(7), 0, 0
    for scene, link in LINKS:
        if "&sum=" not in link:
            continue
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


def test_a_link_cut_short_is_older_or_mangled() -> None:
    """Without its end a link has no checksum, and is read as one that never had."""
    scene, link = LINKS[0]
    for cut in range(1, 6):
        assert opened(link[:-cut])[1] == ["notice.mangled"]
    assert opened(link[: link.index("&sum=")]) == (scene, [])


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
    assert max(len(link) - len(HOST) for _, link in LINKS) <= MAX_LINK


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
