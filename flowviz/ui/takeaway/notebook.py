"""A script as a notebook: nbformat 4.5, a cell of code for each part of it."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

_HEAD = re.compile(r"(?:#.*\n)+")
_ADDRESS = re.compile(r"https?://[^\s<>]+")
_PARTS = re.compile(r"\n\n(?=# |if __name__)")


def notebook(script: str, title: str) -> str:
    """The notebook of a script, as JSON.

    Args:
        script: its parts begin with a comment after a blank line.
        title: the first cell's heading; what would be markup in it is escaped.
    """
    head = _HEAD.match(script)
    said = "\n\n".join(map(_said, re.findall(r"(?m)^# ?(.*)", head[0]))) if head else ""
    code = script[head.end() :] if head else script
    cells = [_cell("markdown", f"# {escaped(title)}\n\n{said.strip()}")]
    cells += [_cell("code", part) for part in _PARTS.split(code.strip("\n"))]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return json.dumps(
        {
            "cells": cells,
            "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        },
        ensure_ascii=False,
        indent=1,
    )


def _said(line: str) -> str:
    """A line of the comment; an address stays as it is, as a link."""
    return f"<{line}>" if _ADDRESS.fullmatch(line) else escaped(line)


def escaped(text: str) -> str:
    """A text without the marks that Markdown and HTML would read."""
    return re.sub(r"([\\`*_<>\[\]$|#])", r"\\\1", text)


def _cell(kind: str, text: str) -> dict[str, Any]:
    text = text.strip("\n")
    lines = text.splitlines(keepends=True)
    cell: dict[str, Any] = {
        "cell_type": kind,
        "id": hashlib.sha256(text.encode()).hexdigest()[:8],
        "metadata": {},
        "source": lines,
    }
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})
