"""The lock has all of requirements.txt with hashes; an audit covers all of it."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

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


SMALL = "".join(f"{name}==1.0 \\\n    --hash=sha256:{'0' * 64}\n" for name in ("good", "other"))
KNOWN = {
    "id": "PYSEC-0-1",
    "summary": "a hole",
    "affected": [{"package": {"name": "other", "ecosystem": "PyPI"}}],
}


@contextmanager
def advisory_service(answers: Mapping[str, object], status: int = 200) -> Iterator[str]:
    """A service that answers as OSV does, at this address; an answer for each package."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answers.get(asked["package"]["name"], {})).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_audit_tells_success_a_vulnerability_and_no_answer_apart(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    (tmp_path / "requirements.lock").write_text(SMALL)

    def audited(url: str) -> tuple[bool, str]:
        venv = ROOT / ".venv"
        service = f"AUDIT_SERVICE=-s osv --osv-url {url} --cache-dir {tmp_path}/cache"
        done = subprocess.run(
            ["make", "audit", "-o", f"{venv}/.ready-to-test", f"VENV={venv}", service],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        return done.returncode == 0, done.stdout

    with advisory_service({}) as url:
        good, said = audited(url)
        assert good
        assert "Every locked package was audited; none is known to be vulnerable." in said
    with advisory_service({"other": {"vulns": [KNOWN]}}) as url:
        good, said = audited(url)
        assert not good
        assert "other 1.0: PYSEC-0-1" in said
        assert "good" not in said
    with advisory_service({}, status=503) as url:
        good, said = audited(url)
        assert not good
        assert "none of 2 packages could be audited" in said
    good, said = audited(url)  # nobody answers there any more; no earlier report is taken for one
    assert not good
    assert "none of 2 packages could be audited" in said
