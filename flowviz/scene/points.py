"""The data points of the plane: positions and weights, their text form and a packed one.

For people::

    points = item { separator item }
    item   = "(" number separator number ")" [ "*" number ] [ "@" label ]
                                            position, weight (1 if absent), label (a to f, or none)

``(1, 0.5)*2, (-1, 0)@b`` is (1, 0.5) with weight 2, then (-1, 0) of class b. Full-width forms and
square brackets are read, too. What points on the line and in the plane have in common is in
``point_set``.

Of a long list the link holds the numbers packed, column by column, or, for points sorted by row and
rounded to a coarse lattice, as numbers of lattice cells, whose gaps are small. Five thousand points
on a hundred rows take two thousand characters that way.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from flowviz.scene import packing
from flowviz.scene.decimals import decimal_text
from flowviz.scene.point_parsing import LABELS, MAX_POINTS
from flowviz.scene.point_set import PointSet, Unit, in_order

_CELLS = re.compile(r"~c(-?\d{1,14})\.(-?\d{1,14})\.(\d{1,14})\.(\d{1,8})(~a[A-Za-z0-9_-]*)")


@dataclass(frozen=True)
class PlanePoints(PointSet):
    """1 to 5,000 weighted points of the plane, in the order given, on the grid of 1e-6.

    Args:
        x: first coordinates, |x| ≤ 1,000,000.
        y: second coordinates, |y| ≤ 1,000,000.
        w: weights, 1e-6 to 1e6; their sum does not matter.
        labels: 0 for none, 1 for a, …; empty where no point has one.

    Raises:
        Refusal: for an empty or too long list, a number that is not finite or out of range.
    """

    d: ClassVar[int] = 2

    x: tuple[float, ...]
    y: tuple[float, ...]
    w: tuple[float, ...]
    labels: tuple[int, ...] = ()

    def text(self, separator: str = ", ") -> str:
        """The canonical text form; ``PlanePoints.parse`` of it is this set again."""
        inner = separator.strip() if separator.strip() else separator
        return separator.join(
            f"({decimal_text(x)}{inner}{decimal_text(y)})" + _mark(w, label)
            for x, y, w, label in self.labelled_rows
        )

    def _packed(self, units: list[Unit]) -> list[str]:
        in_rows = units == sorted(units, key=in_order)
        return [*super()._packed(units), *(_cells(units) if in_rows else [])]

    @classmethod
    def _unpacked(cls, text: str) -> list[Unit]:
        found = _CELLS.fullmatch(text)
        if found is None:
            return super()._unpacked(text)
        low_x, low_y, step, width = (int(found[k]) for k in (1, 2, 3, 4))
        if step < 1 or width < 1:
            raise ValueError("a lattice needs a step and a width")
        cells, weights = packing.unpack(found[5], columns=2, most=MAX_POINTS[2])
        return [
            (low_x + cell % width * step, low_y + cell // width * step, w)
            for cell, w in zip(cells, weights, strict=True)
        ]


def _cells(units: list[Unit]) -> list[str]:
    """The cells form of points sorted by row: empty when their lattice is too fine for it."""
    low_x, low_y = min(x for x, _, _ in units), min(y for _, y, _ in units)
    step = packing.common_step([x - low_x for x, _, _ in units] + [y - low_y for _, y, _ in units])
    width = max(x - low_x for x, _, _ in units) // step + 1
    if width >= 10**8:
        return []
    cells = [(y - low_y) // step * width + (x - low_x) // step for x, y, _ in units]
    body = packing.pack([cells, [w for _, _, w in units]])
    return [f"~c{low_x}.{low_y}.{step}.{width}{body}"]


@dataclass(frozen=True)
class Points(PointSet):
    """1 to 2,000 weighted points on the line, in the order given, on the grid of 1e-6.

    Args:
        x: positions, |x| ≤ 1,000,000.
        w: weights, 1e-6 to 1e6; their sum does not matter.
        labels: 0 for none, 1 for a, …; empty where no point has one.

    Raises:
        Refusal: for an empty or too long list, a number that is not finite or out of range.
    """

    d: ClassVar[int] = 1

    x: tuple[float, ...]
    w: tuple[float, ...]
    labels: tuple[int, ...] = ()

    def text(self, separator: str = ", ") -> str:
        """The canonical text form; ``Points.parse`` of it is this set again."""
        return separator.join(
            decimal_text(x) + _mark(w, label) for x, w, label in self.labelled_rows
        )


def _mark(w: float, label: float) -> str:
    """What stands behind a position: a weight that is not 1, and a label."""
    weight = "" if w == 1.0 else f"*{decimal_text(w)}"
    return f"{weight}@{LABELS[int(label) - 1]}" if label else weight


AnyPoints = Points | PlanePoints
