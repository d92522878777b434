"""Lists of points as they are typed, with the readings that their marks allow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from flowviz.scene import point_parsing
from flowviz.scene.list_marks import Meaning, meanings, must_ask
from flowviz.scene.point_parsing import LABELS, MAX_TEXT
from flowviz.scene.tables.table import LABEL, LISTED, Column, Table
from flowviz.text import Refusal


def tables(text: str, d: int) -> list[Table]:
    """All lists of points that the text can be read as, that of its grammar first.

    Args:
        text: in the grammar of ``points`` or ``plane_points``.
        d: dimension of the points.

    Returns:
        The lists; empty for a text without points.

    Raises:
        Refusal: for a text that is too long or none; of its first reading.
    """
    if len(text) > MAX_TEXT:
        raise Refusal("error.points.text", n=len(text), limit=MAX_TEXT)
    found: list[tuple[Meaning, Table]] = []
    why: Refusal | None = None
    possible = meanings(text, d)
    for meaning in possible:
        try:
            table = _table(meaning, d)
        except Refusal as refusal:
            why = why or refusal
        else:
            found += [(meaning, table)] if table is not None else []
    if why is not None and not found:
        raise why
    asked = must_ask(possible[0].text, [meaning for meaning, _ in found])
    return [replace(table, asked=asked) for _, table in found]


def _table(meaning: Meaning, d: int) -> Table | None:
    rows = np.array(list(point_parsing.from_text(meaning.text, d)))
    if not len(rows):
        return None
    columns = tuple(Column("", rows[:, k]) for k in range(d + 1))
    if np.all(rows[:, d] == 1.0):
        columns = columns[:-1]
    if np.any(rows[:, -1] > 0):
        letters = pd.Series(["", *LABELS]).iloc[rows[:, -1].astype(int)].reset_index(drop=True)
        columns += (Column(LABEL, np.full(len(rows), np.nan), letters),)
    return Table(columns, False, LISTED, meaning.decimal)
