"""Numbers as printed by Python: lists of numbers, of pairs, ``array([[…]])``, ``tensor(…)``.

Nothing is evaluated: names around brackets are removed, and the brackets, numbers and commas are
read in one pass.
"""

from __future__ import annotations

import re

import numpy as np

from flowviz.scene.decimals import parse_decimal, to_ascii
from flowviz.scene.tables.table import Table, from_array
from flowviz.text import Refusal

_SCALAR = re.compile(r"\b(?:np\.|numpy\.)?(?:float|int|uint)[0-9]{1,3}\(([^()\[\]]{1,40})\)")
_CALL = re.compile(r"\A\s*(?:[A-Za-z_][\w.]*\s*=\s*)?[A-Za-z_][\w.]*\(\s*(?=[\[(])")
_KEYWORDS = re.compile(r"\s*(?:,[^\[\]]*)?\)\s*")  # , dtype=torch.float64, shape=(3, 2))
_TOKEN = re.compile(r"[\[\]()]|[^\s,;\[\]()]+")
_DEPTH = 3


def table(text: str) -> Table | None:
    """The table of a printed list or array; None for any other text.

    A flat list is one column; the inner lists of a nested one are rows.

    Raises:
        Refusal: if numbers are abbreviated by ``...``, or rows have different lengths.
    """
    body = _body(to_ascii(text))
    if body is None:
        return None
    rows: list[list[float]] = [[]]
    depth, deepest = 0, 0
    for token in _TOKEN.findall(body):
        if token in "[(":
            depth += 1
            deepest = max(deepest, depth)
            rows.append([])
        elif token in "])":
            depth -= 1
        elif token in ("...", "…"):
            raise Refusal("error.file.dots")
        elif (value := _number(token)) is not None:
            rows[-1].append(value)
        else:
            return None
        if not 0 <= depth <= _DEPTH:
            return None
    return _of_rows([row for row in rows if row], deepest) if depth == 0 else None


def _body(text: str) -> str | None:
    """The outer brackets with their content; None for a text without them."""
    body = _SCALAR.sub(r"\1", text.strip())
    if called := _CALL.match(body):
        body = body[called.end() :]
        end = body.rfind("]") + 1
        keywords = _KEYWORDS.fullmatch(body, end) if end else None
        body = body[:end] if keywords else body.rstrip().removesuffix(")")
    body = body.strip()
    return body if body[:1] in "[(" and body[-1:] in "])" and body else None


def _number(token: str) -> float | None:
    return float("nan") if token.lower() in ("nan", "inf", "-inf", "none") else parse_decimal(token)


def _of_rows(rows: list[list[float]], depth: int) -> Table | None:
    if not rows:
        return None
    if depth == 1:
        return from_array(np.array(rows[0]))
    lengths = {len(row) for row in rows}
    if len(lengths) > 1:
        odd = next(i for i, row in enumerate(rows, start=1) if len(row) != len(rows[0]))
        raise Refusal("error.file.uneven", row=odd, n=len(rows[odd - 1]), m=len(rows[0]))
    return from_array(np.array(rows))
