"""Citations of docs/MATH.md: each names a section that is there, and each fact's file cites it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.serving import ROOT

MATH = (ROOT / "docs" / "MATH.md").read_text(encoding="utf-8")
CITED = re.compile(r"MATH(?:\.md)?\s+§(\d+(?:\.\d+)?)")
FILE = re.compile(r"`((?:\w+/)+\w+(?:\.py)?)`")


def sections() -> dict[str, str]:
    """Texts of the sections and of the numbered facts in them, by number: "3", "3.12"."""
    found: dict[str, str] = {}
    for number, text in re.findall(r"^## (\d+)\. (.*?)(?=^## |\Z)", MATH, re.DOTALL | re.MULTILINE):
        found[number] = text
        for fact in re.findall(r"^(\d+\. .*)$", text, re.MULTILINE):
            found[f"{number}.{fact.partition('.')[0]}"] = fact
    return found


SECTIONS = sections()


def texts() -> dict[Path, str]:
    """The texts that may cite."""
    kinds = {".py", ".js", ".md", ".css"}
    folders = ("flowviz", "tests", "docs", "benchmarks", "pages")
    files = [p for folder in folders for p in (ROOT / folder).rglob("*") if p.suffix in kinds]
    files += [p for p in ROOT.iterdir() if p.suffix in kinds]
    return {p: p.read_text(encoding="utf-8") for p in files}


TEXTS = texts()


def test_the_sections_are_found() -> None:
    assert {"1", "2", "3", "4", "9", "10", "3.1", "3.8", "3.15"} <= SECTIONS.keys()
    facts = [int(key[2:]) for key in SECTIONS if key.startswith("3.")]
    assert facts == list(range(1, len(facts) + 1))


def test_every_section_that_is_cited_is_there() -> None:
    cited = {(path, number) for path, text in TEXTS.items() for number in CITED.findall(text)}
    assert len(cited) > 40
    assert [(p.relative_to(ROOT), number) for p, number in cited if number not in SECTIONS] == []


@pytest.mark.parametrize("number", [key for key, text in SECTIONS.items() if FILE.search(text)])
def test_a_file_that_a_section_names_cites_it(number: str) -> None:
    facts = "." not in number and any(key.startswith(f"{number}.") for key in SECTIONS)
    for name in [] if facts else FILE.findall(SECTIONS[number]):
        of_it = [
            text
            for path, text in TEXTS.items()
            if path.as_posix().endswith(f"/{name}") or name in path.parent.as_posix()
        ]
        assert of_it, name
        assert any(number in CITED.findall(text) for text in of_it), name
