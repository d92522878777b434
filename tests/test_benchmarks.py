"""Benchmarks write their document: each section has a script."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from benchmarks.__main__ import DOCUMENT, ROOT, names, section, written


def test_every_section_of_the_document_has_a_script() -> None:
    places = names(DOCUMENT.read_text(encoding="utf-8"))
    assert places
    assert len(set(places)) == len(places)
    for place in places:
        assert (ROOT / "benchmarks" / f"{place.split()[0]}.py").exists()


def test_a_section_is_replaced_and_the_text_around_it_stays() -> None:
    document = (
        "before\n\n<!-- fan -->\nold\n<!-- /fan -->\n\n<!-- plane page -->\n<!-- /plane page -->"
    )
    text = section("plane page", "a  1\nb  2\n", "a machine", datetime(2026, 1, 2, tzinfo=UTC))
    filled = written(document, "plane page", text)
    assert filled.startswith(
        "before\n\n<!-- fan -->\nold\n<!-- /fan -->\n\n<!-- plane page -->\n`python"
    )
    assert "2026-01-02, a machine\n\n```text\na  1\nb  2\n```" in filled
    assert names(filled) == ["fan", "plane page"]
    with pytest.raises(ValueError, match="no place for 'x'"):
        written(document, "x", text)
