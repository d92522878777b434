"""The lock has all of requirements.txt with hashes; an audit covers all of it."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Mapping

import pytest

from tests.serving import ROOT

LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PINS = dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", LOCK, re.MULTILINE))

_spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
assert _spec
assert _spec.loader
audit = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(audit)


def test_the_lock_has_every_requirement_in_its_version() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if found := re.match(r"([\w.-]+)(\[\w+\])?==([\w.*]+)", line):
            version = PINS[found[1].lower()]
            assert re.fullmatch(found[3].replace(".", r"\.").replace("*", r".*"), version), line
    assert len(PINS) > 60


def test_every_package_of_the_lock_has_hashes_and_no_url() -> None:
    blocks = re.split(r"^(?=[\w.-]+==)", LOCK, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in block for block in blocks)
    assert "://" not in LOCK


def report(*packages: Mapping[str, object]) -> str:
    return json.dumps({"dependencies": packages})


GOOD: dict[str, object] = {"name": "torch", "version": "2", "vulns": []}
BAD: dict[str, object] = {"name": "numpy", "version": "1", "vulns": [{"id": "PYSEC-1"}]}
SKIPPED: dict[str, object] = {"name": "lark", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("said", "complaints"),
    [
        (report(GOOD), []),
        (report(GOOD, BAD), ["numpy 1: PYSEC-1"]),
        (report(SKIPPED), ["none of 2 packages could be audited"]),
        (report(), ["none of 2 packages could be audited"]),
        ("", ["none of 2 packages could be audited"]),
        (report(GOOD, SKIPPED), ["lark: could not be audited"]),
    ],
)
def test_an_audit_fails_for_what_was_not_asked(said: str, complaints: list[str]) -> None:
    assert audit.complaints(said, "torch==2 \\\n  --hash=x\nlark==1\n") == complaints
