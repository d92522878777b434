"""Run benchmarks and write what they print into docs/BENCHMARKS.md.

    python -m benchmarks                 # all that docs/BENCHMARKS.md has a place for
    python -m benchmarks fan "plane page"

A place is a pair of comments, ``<!-- fan -->`` and ``<!-- /fan -->``; what stands between them is
replaced by the machine, the date, the command and its output. The text around them is written by
hand.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "BENCHMARKS.md"
_PLACE = re.compile(r"<!-- (?P<name>[\w ]+) -->\n.*?<!-- /(?P=name) -->", re.DOTALL)


def machine() -> str:
    """The processor, its cores and the load before the run."""
    models = re.findall(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    load = f"{os.getloadavg()[0]:.1f}"
    return f"{models[0] if models else platform.machine()}, {os.cpu_count()} cores, load {load}"


def section(name: str, output: str, where: str, when: datetime) -> str:
    """What stands at a place of the document."""
    fenced = output.strip() if "|--" in output else f"```text\n{output.strip()}\n```"
    head = f"`python -m benchmarks.{name}`, {when:%Y-%m-%d}, {where}"
    return f"<!-- {name} -->\n{head}\n\n{fenced}\n<!-- /{name} -->"


def written(document: str, name: str, text: str) -> str:
    """The document with one place filled.

    Raises:
        ValueError: where it has no such place.
    """
    if name not in names(document):
        raise ValueError(f"docs/BENCHMARKS.md has no place for {name!r}: {names(document)}")
    return _PLACE.sub(lambda found: text if found["name"] == name else found[0], document)


def names(document: str) -> list[str]:
    """The places of a document, in order."""
    return [found["name"] for found in _PLACE.finditer(document)]


def main() -> None:
    """Run what is named, or all, and write the document after each."""
    for name in sys.argv[1:] or names(DOCUMENT.read_text(encoding="utf-8")):
        print(f"== {name}", flush=True)
        module, *arguments = name.split()
        where, when = machine(), datetime.now(UTC)
        run = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{module}", *arguments],
            cwd=ROOT,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        print(run.stdout, flush=True)
        text = section(name, run.stdout, where, when)
        document = DOCUMENT.read_text(encoding="utf-8")
        DOCUMENT.write_text(written(document, name, text), encoding="utf-8")


if __name__ == "__main__":
    main()
