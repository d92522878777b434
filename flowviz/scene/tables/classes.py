"""Labels of a table's rows as letters of classes: which label is which letter."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from flowviz.scene.decimals import parse_decimal
from flowviz.scene.point_parsing import LABELS
from flowviz.scene.tables.roles import Roles
from flowviz.scene.tables.table import MISSING, Column, Table
from flowviz.text import Message, excerpt


def classes_in(table: Table, role: Roles, rows: NDArray[np.int_]) -> tuple[str, ...]:
    """The different labels in these rows, in the order of their letters; () without any.

    Those that are letters of labels already keep them.
    """
    if role.label is None:
        return ()
    texts = texts_of(table.columns[role.label])
    found = {texts[i] for i in rows if texts[i].lower() not in MISSING}
    if found <= set(LABELS):
        return tuple(LABELS[: max(map(LABELS.index, found)) + 1]) if found else ()
    return tuple(sorted(found, key=_label_order))


def _label_order(text: str) -> tuple[bool, float, str]:
    number = parse_decimal(text)
    return number is None, number or 0.0, text


def numbers_of_labels(table: Table, role: Roles, classes: tuple[str, ...]) -> NDArray[np.int_]:
    """The number of the label of every row of the table: 0 for none, or if there are too many."""
    if role.label is None or len(classes) > len(LABELS):
        return np.zeros(table.rows, dtype=int)
    numbers = {text: k for k, text in enumerate(classes, start=1)}
    return np.array([numbers.get(text, 0) for text in texts_of(table.columns[role.label])])


def texts_of(column: Column) -> list[str]:
    """The cells of a column as texts, (rows,)."""
    if column.texts is None:
        return [f"{value:.10g}" for value in column.numbers]
    return column.texts.tolist()


def with_classes(message: Message, classes: tuple[str, ...]) -> Message:
    """The sentence on a reading, and which letter stands for which of its labels."""
    if not classes:
        return message
    if len(classes) > len(LABELS):
        most = len(LABELS)
        return Message("read.classes.many", said=message, n=len(classes), limit=most)
    pairs = zip(LABELS, classes, strict=False)
    named = ", ".join(f"@{letter} = {excerpt(text)}" for letter, text in pairs)
    return Message("read.classes", said=message, named=named)
