"""Numbers as printed by Python: lists of numbers, of pairs, ``array([[…]])``, ``tensor(…)``.

So are R's vectors, ``[1] 0.5 1.2`` and ``c(0.5, 1.2)``, MATLAB's matrices, ``[1 2; 3 4]``, and
lists in braces. Nothing is evaluated: names around brackets are removed, and the brackets, numbers
and marks are read in one pass.
"""

from __future__ import annotations

import re

import numpy as np

from flowviz.scene.decimals import numerals, parse_decimal
from flowviz.scene.tables.table import Table, from_array
from flowviz.text import Refusal

_SCALAR = re.compile(r"\b(?:np\.|numpy\.)?(?:float|int|uint)[0-9]{1,3}\(([^()\[\]]{1,40})\)")
_CALL = re.compile(r"\A\s*(?:[A-Za-z_][\w.]*\s*=\s*)?[A-Za-z_][\w.]*\(\s*(?=[\[(])")
_NAMED = re.compile(r"\A\s*(?:Out\[[0-9]+\][:=]|[A-Za-z_][\w.]*\s*(?:=|<-))\s*(?=[\[({A-Za-z])")
_VECTOR = re.compile(r"\Ac\s*\((?P<items>[^()\[\]{}]*)\);?\Z")
_WHOLE = re.compile(r"(?<=[0-9])L\b")  # of R
_BRACES = re.compile(r"[^\[\]:\"]*\}\s*;?")
_COUNTED = re.compile(r"\A\s*\[[0-9]+\]\s")  # a line of R's vectors
_KEYWORDS = re.compile(r"\s*(?:,[^\[\]]*)?\)\s*")  # , dtype=torch.float64, shape=(3, 2))
_TOKEN = re.compile(r"[\[\]();]|[^\s,;\[\]()]+")
_NOT_FINITE = ("nan", "na", "inf", "-inf", "none")
_FROM_BRACES = str.maketrans("{}", "[]")
_DEPTH = 3


def table(text: str) -> Table | None:
    """The table of a printed list or array; None for any other text.

    A flat list is one column; several, the inner lists of a nested one, and what semicolons
    separate in a single one are rows.

    Raises:
        Refusal: if numbers are abbreviated by ``...``, or rows have different lengths.
    """
    body = _body(numerals(text))
    if body is None:
        return None
    is_matrix = body.startswith("[") and body.count("[") + body.count("(") == 1
    rows: list[list[float]] = []
    depth = 0
    depths: set[int] = set()  # of the numbers
    for token in _TOKEN.findall(body):
        if token in "[(":
            depth += 1
            rows.append([])
        elif token in "])":
            depth -= 1
        elif token == ";":
            rows += [[]] if is_matrix else []
        elif token in ("...", "…"):
            raise Refusal("error.file.dots")
        elif (value := _number(token)) is not None:
            rows[-1].append(value)
            depths.add(depth)
        else:
            return None
        if not 0 <= depth <= _DEPTH:
            return None
    if depth != 0 or len(depths) != 1 or 0 in depths:
        return None
    return _of_rows([row for row in rows if row], *depths)


def _body(text: str) -> str | None:
    """The outer brackets with their content; None for a text without them."""
    body = _NAMED.sub("", _SCALAR.sub(r"\1", text.strip()))
    if all(map(_COUNTED.match, lines := body.splitlines())):
        body = f"[{' '.join(_COUNTED.sub('', line) for line in lines)}]"
    if vector := _VECTOR.match(body):
        body = f"[{_WHOLE.sub('', vector['items'])}]"
    if body.startswith("{") and _BRACES.fullmatch(body):
        body = body.translate(_FROM_BRACES)
    if called := _CALL.match(body):
        body = body[called.end() :]
        end = body.rfind("]") + 1
        keywords = _KEYWORDS.fullmatch(body, end) if end else None
        body = body[:end] if keywords else body.rstrip().removesuffix(")")
    body = body.strip().removesuffix(";").rstrip()
    return body if body[:1] in "[(" and body[-1:] in "])" and body else None


def _number(token: str) -> float | None:
    return float("nan") if token.lower() in _NOT_FINITE else parse_decimal(token)


def _of_rows(rows: list[list[float]], depth: int) -> Table:
    if depth == 1 and len(rows) == 1:
        return from_array(np.array(rows[0]))
    lengths = {len(row) for row in rows}
    if len(lengths) > 1:
        odd = next(i for i, row in enumerate(rows, start=1) if len(row) != len(rows[0]))
        raise Refusal("error.file.uneven", row=odd, n=len(rows[odd - 1]), m=len(rows[0]))
    return from_array(np.array(rows))
