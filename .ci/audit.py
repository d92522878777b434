"""Whether pip-audit's report says that every locked package was looked up and none is vulnerable.

pip-audit calls a package it could not look up "skipped", and ends well when it skipped all. Where
it reached no service it writes no report.

Use: ``python .ci/audit.py REPORT.json requirements.lock``
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path


def complaints(report: str, lock: str) -> list[str]:
    """What is wrong, a line each.

    Args:
        report: what ``pip-audit --format json`` wrote.
        lock: the text of the lock file.
    """
    pinned = {
        name.lower().replace("_", "-") for name in re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)
    }
    found = {one["name"].lower(): one for one in json.loads(report or "{}").get("dependencies", [])}
    audited = {name for name, one in found.items() if "skip_reason" not in one}
    lines = [
        f"{name} {one['version']}: {vulnerability['id']}"
        for name, one in found.items()
        for vulnerability in one.get("vulns", [])
    ]
    if not audited:
        return [*lines, f"none of {len(pinned)} packages could be audited"]
    return lines + [f"{name}: could not be audited" for name in sorted(found.keys() - audited)]


if __name__ == "__main__":
    written, locked = map(Path, sys.argv[1:3])
    report = written.read_text(encoding="utf-8") if written.exists() else ""
    said = complaints(report, locked.read_text(encoding="utf-8"))
    print("\n".join(said) or "Every locked package was audited; none is known to be vulnerable.")
    sys.exit(bool(said))
