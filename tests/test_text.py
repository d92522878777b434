"""Texts exist in both languages, and every text key that is used exists."""

from __future__ import annotations

import ast
import pickle
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from string import Formatter

import pytest

from flowviz.core.datasets import DATASETS
from flowviz.core.paths import PATHS
from flowviz.core.priors import PRIORS
from flowviz.core.schedules import SCHEDULES
from flowviz.scene import Scene
from flowviz.scene.parameters import FAMILY, PLANE_FAMILY
from flowviz.text import (
    ENTRIES,
    LANGUAGES,
    Message,
    Refusal,
    Text,
    collect,
    excerpt,
    language_of,
    translator,
)
from flowviz.text.glossary import TERMS
from flowviz.ui.widgets.glossary import tips

ROOT = Path(__file__).parent.parent
HAN = re.compile(r"[\u4e00-\u9fff]")
WORD = re.compile(r"[A-Za-z]{3}")  # an entry without a word is a formula, the same for everyone


def placeholders(template: str) -> set[tuple[str, str]]:
    fields = {(name, spec or "") for _, name, spec, _ in Formatter().parse(template) if name}
    return {(name, spec) for name, spec in fields if "|" not in spec}  # Chinese has no plural


SEVERAL = re.compile(
    r"\x00 (?!of )(?:[a-z-]+ ){0,2}?(?!(?:is|was|has|less|needs|misses|ends)\b)[a-z]{2,}s\b"
    r"|\x00 (?:[a-z-]+ ){0,3}?(?:are|were|have)\b"
)
COUNTS = {"n", "m", "d", "points", "times", "count", "nfe", "minutes", "wanted"}  # without a comma
ALWAYS_SEVERAL = {  # what is counted is never one
    "read.classes.many",
    *("lesson.12.answer", "lesson.15.answer", "lesson.16.answer", "lesson.row.model"),
    *("images.shares.equal", "images.shares.unequal"),  # of at least ten images
    "guidance.bars.plane",
    "guidance.about",
    "checks.all",
    "checks.some",
    "couplings.again",
    "couplings.same.plane",
    "couplings.table.caption",
    "solvers.noise.ends",
    "solvers.amed.about",
    "solvers.amed.error",
    "solvers.amed.worse",
    "demo.gravity.exact",
    "demo.gravity.other",
    "demo.gravity.same",
    "error.points.text",
    "error.points.link",
    "error.file.size",
    "error.file.size.plane",
    "error.link.long",
    "error.field.long",
    "flow.followed",
    "fan.query.rest",
    "error.formula.long",
    "green.valid.sampled",
    "green.superposition.many",
    "learn.trained",
    "learn.samples.line",
    "learn.samples.plane",
    "demo.checkpoints.text",
    "plane.basins.caption",
    "plane.basins.coloured",
    "read.many",
    "rounded.all",
    "rounded.some",
    "error.file.wide",
    "images.draws.alt",
    "images.draws.about",
    "images.distance.help",
    "images.strip.alt",
    "images.windows.alt",
    "images.learned.about",
    "error.images.many",
    "error.images.pixels",
    "error.images.strip",
}


def of_one(template: str) -> str:
    """The English text with a mark for each number, as if it were 1; words for other values."""
    text = ""
    for literal, name, spec, _ in Formatter().parse(template):
        one, both, _ = (spec or "").partition("|")
        number = name != "limit" and (spec == "," or name in COUNTS)
        text += literal + (one if both else "\x00" if number else "…" if name else "")
    return text


NAMES = re.compile(r"[CG]PU|DDIM|DoPri\d|Dormand–Prince|Heun")  # the same in every language
TEX = re.compile(r"\$|\\[a-zA-Z]")  # labels hold Unicode
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!]")  # Chinese takes full-width marks


def faults(text: Text) -> list[str]:
    """What is wrong with an entry."""
    bare = re.sub(r"{.*?}", "", text.en)
    rules = {
        "is empty or has blanks at its ends": all(t.strip() == t != "" for t in (text.en, text.zh)),
        "has other placeholders in Chinese": placeholders(text.en) == placeholders(text.zh),
        "is not Chinese": HAN.search(text.zh) or NAMES.search(text.zh) or not WORD.search(bare),
        "is not English": not HAN.search(text.en),
        "holds TeX": not TEX.search(text.en + text.zh),
        "has the plural for one": not SEVERAL.search(of_one(text.en)),
        "has half-width marks": not HALF_WIDTH.search(text.zh),
    }
    return [fault for fault, held in rules.items() if not held]


def test_every_entry_says_the_same_in_both_languages() -> None:
    assert len(ENTRIES) > 700
    found = {key: faults(text) for key, text in ENTRIES.items()}
    several = {key for key, named in found.items() if named == ["has the plural for one"]}
    assert several == ALWAYS_SEVERAL
    assert {key: named for key, named in found.items() if named and key not in several} == {}


@pytest.mark.parametrize(
    ("en", "zh"),
    [
        ("", "空"),
        ("A gap ", "空格"),
        ("{n} points", "{m} 个点"),
        ("{n:,} points", "{n} 个点"),
        ("{n} points", "{n} 个点"),
        ("the {n:,} data points", "{n:,} 个数据点"),
        ("{n} {n:point|points} are left", "剩下 {n} 个点"),
        ("Points", "Points"),
        ("数据", "数据"),
        ("$x$", "$x$"),
        ("\\alpha", "\\alpha"),
        ("Yes, points", "是,数据点"),
    ],
)
def test_a_faulty_entry_is_found(en: str, zh: str) -> None:
    assert faults(Text(en, zh))


REGISTRIES = {"prior": PRIORS, "schedule": SCHEDULES, "dataset": DATASETS, "path": PATHS}


def named() -> Iterator[str]:
    """The keys that registries, their parameters and the scene's settings need."""
    for kind, registry in REGISTRIES.items():
        for name in registry:
            yield from (f"{kind}.{name}", f"{kind}.{name}.about")
    for entries in (PRIORS, SCHEDULES):
        for entry in entries.values():
            yield from (f"param.{field.name}" for field in fields(entry))
    for registry in (FAMILY, PLANE_FAMILY):
        for entry in registry.classes():
            yield from (f"param.{name}" for name in registry.specs(entry))
    yield from (f"field.{name}" for name in Scene.model_fields)


def test_every_registry_entry_parameter_and_setting_has_texts() -> None:
    keys = set(named())
    assert len(keys) > 100
    assert sorted(keys - set(ENTRIES)) == []


def test_the_glossary_has_a_tip_for_every_term_and_no_word_twice() -> None:
    assert len(TERMS) == 32
    for lang in LANGUAGES:
        words = [getattr(term.word, lang) for term in TERMS.values()]
        assert len(set(words)) == len(words)
    tr = translator("en")
    for name in TERMS:
        assert tips(tr, name) == f"**{tr(f'term.{name}')}**: {tr(f'term.{name}.tip')}"
    assert tips(tr).count("**") == 2 * len(TERMS)


#: Words that were said for what has a term, or that no reader from the field knows.
OUTWORN = re.compile(
    r"\b(legal|illegal|walks?|looks|lens|brightest cell)\b"
    r"|合法|盆地|时间安排|所看|看一处|一处的|眼镜|行走|霍恩|多尔曼|您|没有意义|边际|抹平|毫无差错|抽样"
)


def test_no_entry_uses_another_word_for_a_term() -> None:
    said = {key: re.sub(r"{.*?}", "", f"{text.en}\n{text.zh}") for key, text in ENTRIES.items()}
    assert {key: texts for key, texts in said.items() if OUTWORN.search(texts)} == {}


LOOKUPS = {"tr", "Message", "Refusal"}


def spoken_keys() -> Iterator[tuple[str, str]]:
    """(place, key) of every literal key said or refused with, anywhere in the sources."""
    sources = [ROOT / "app.py", *(ROOT / "pages").glob("*.py"), *(ROOT / "flowviz").rglob("*.py")]
    for path in sources:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else None
            name = function.id if isinstance(function, ast.Name) else name
            first = node.args[0]
            if name in LOOKUPS and isinstance(first, ast.Constant) and "." in str(first.value):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", str(first.value)


def test_every_text_key_in_the_sources_exists():
    said = dict(spoken_keys())
    assert len(said) > 20
    assert {place: key for place, key in said.items() if key not in ENTRIES} == {}


def test_a_key_claimed_twice_is_an_error_naming_both_topics():
    one = {"a": Text("x", "甲")}
    with pytest.raises(ValueError, match=r"'a' is in both 'fan' and 'frame'"):
        collect({"fan": one, "frame": one})


def test_a_topic_does_not_repeat_a_key_within_itself() -> None:
    twice = []
    for path in sorted((ROOT / "flowviz" / "text").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Dict):
                keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
                twice += [f"{path.name}: {key}" for key in set(keys) if keys.count(key) > 1]
    assert twice == []


@pytest.mark.parametrize(
    ("locale", "lang"),
    [
        ("zh-CN", "zh"),
        ("zh_TW.UTF-8", "zh"),
        ("ZH", "zh"),
        ("zh-Hans-SG", "zh"),
        ("zh,en;q=0.8", "zh"),
        ("en-US", "en"),
        ("fr", "en"),
        ("zho-unknown", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_a_browser_is_greeted_in_its_language(locale, lang):
    assert language_of(locale) == lang


def test_a_speaker_fills_in_values_as_people_write_them():
    assert translator("en")("where.line", n=1234) == "line 1,234"
    assert translator("zh")("where.line", n=7) == "第 7 行"
    ends = {"low": 0.1 + 0.2, "high": 0.0}
    assert translator("en")("error.params.order", **ends).startswith("The lower end 0.3 must")


def test_one_is_singular() -> None:
    for n, said in ((1, "1 point"), (2, "2 points"), (0, "0 points"), (1_001, "1,001 points")):
        assert translator("en")("read.points", n=n) == said
        assert translator("zh")("read.points", n=n) == f"{n:,} 个点"


def test_a_missing_key_or_value_is_an_error():
    with pytest.raises(KeyError):
        translator("en")("no.such.key")
    with pytest.raises(KeyError):
        translator("en")("where.line")
    with pytest.raises(ValueError, match="one of en, zh"):
        translator("fr")


def test_a_message_within_a_message_is_said_in_the_same_language():
    message = Message("error.points.star", where=Message("where.column", n=3))
    assert str(message) == (
        "The * at character 3 needs a position before it and a weight after it, as in 0.5*2."
    )
    assert message.translated(translator("zh")).startswith("第 3 个字符处的 *")


def test_a_refusal_is_a_value_error_that_speaks_and_travels():
    refusal = Refusal("error.params.order", low=3.0, high=1.0)
    assert isinstance(refusal, ValueError)
    assert str(refusal) == "The lower end 3 must be less than the upper end 1."
    copy = pickle.loads(pickle.dumps(refusal))  # noqa: S301
    assert (str(copy), copy.key) == (str(refusal), refusal.key)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_typed_text_is_never_markup(lang):
    token = "![a](//b.c) :red[*x*]"
    refusal = Refusal("error.points.letters", token=token, where=Message("where.line", n=1))
    assert token in refusal.translated(translator(lang))
    shown = refusal.markdown(translator(lang))
    assert re.search(r"(?<!\\)[\[\]()!:*]", re.findall("“(.*)”", shown)[0]) is None


def test_an_excerpt_is_short_and_printable():
    assert excerpt("a\n\x1b[31m\u202e") == "a··[31m·"
    assert excerpt("x" * 25) == "x" * 24 + "…"
