"""The data points of the plane: positions and weights, their text and their link form.

Text form, for people::

    points = item { separator item }
    item   = "(" number separator number ")" [ "*" number ]     position, then weight (1 if absent)

``(1, 0.5)*2, (-1, 0)`` is (1, 0.5) with weight 2, then (-1, 0). Full-width forms and square
brackets are read, too. Numbers live on the grid of 1e-6 (see ``grid``).

The link holds the text while it is short, else the numbers packed (``packed``): column by column,
or, for points sorted by row and rounded to a coarse lattice, as numbers of lattice cells, whose
gaps are small. Five thousand points on a hundred rows take two thousand characters that way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from flowviz import packed, point_forms
from flowviz.grid import GRID, plain
from flowviz.point_forms import MAX_PLANE_POINTS, MAX_POSITION, Place
from flowviz.points import LINK_LIMIT, SHORT_TEXT, rungs
from flowviz.text import Refusal

Units = list[tuple[int, int, int]]

_CELLS = re.compile(r"~c(-?\d{1,14})\.(-?\d{1,14})\.(\d{1,14})\.(\d{1,8})(~a[A-Za-z0-9_-]*)")
_REACH = MAX_POSITION * GRID


@dataclass(frozen=True)
class PlanePoints:
    """1 to 5,000 weighted points of the plane, in the order given, on the grid of 1e-6.

    Args:
        x: first coordinates, |x| ≤ 10,000.
        y: second coordinates, |y| ≤ 10,000.
        w: weights, 1e-6 to 1e6; their sum does not matter.

    Raises:
        Refusal: for an empty or too long list, a number that is not finite or out of range.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    w: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.x:
            raise Refusal("error.points.empty.plane")
        if len(self.x) > MAX_PLANE_POINTS:
            raise Refusal("error.points.many", limit=MAX_PLANE_POINTS)
        if not len(self.x) == len(self.y) == len(self.w):
            raise Refusal("error.points.lengths", n=len(self.x), m=len(self.w))
        checks = (("x", point_forms.position), ("y", point_forms.position))
        for name, check in (*checks, ("w", point_forms.weight)):
            numbers = enumerate(getattr(self, name), start=1)
            snapped = tuple(check(v, Place("point", i)) for i, v in numbers)
            object.__setattr__(self, name, snapped)

    def __len__(self) -> int:
        return len(self.x)

    @property
    def rows(self) -> list[tuple[float, float, float]]:
        """(x, y, weight) of each point."""
        return list(zip(self.x, self.y, self.w, strict=True))

    @classmethod
    def of(cls, triples: Iterable[Sequence[float]]) -> PlanePoints:
        """The set of (x, y, weight) rows."""
        # One past the limit is enough to be refused by: a long text is not read to its end.
        kept = list(islice(triples, MAX_PLANE_POINTS + 1))
        x, y, w = (tuple(row[k] for row in kept) for k in range(3))
        return cls(x, y, w)

    @classmethod
    def parse(cls, text: str) -> PlanePoints:
        """Read the text form, in time proportional to its length.

        Raises:
            Refusal: naming the first token that cannot be read, and where it stands.
        """
        return cls.of(point_forms.plane_from_text(text))

    @classmethod
    def from_rows(cls, rows: Iterable[Sequence[object]]) -> PlanePoints:
        """Read an edited table of (x, y, weight) rows; see ``Points.from_rows``.

        Raises:
            Refusal: naming the first cell that cannot be read, and its row.
        """
        return cls.of(point_forms.plane_from_rows(rows))

    @classmethod
    def from_csv(cls, data: bytes) -> PlanePoints:
        """Read an uploaded file of two or three columns, x, y[, weight]; see ``Points.from_csv``.

        Raises:
            Refusal: for a file over 1 MB, not text, of more columns, or naming the first cell that
                cannot be read and its line.
        """
        return cls.of(point_forms.plane_from_csv(data))

    @classmethod
    def from_link(cls, text: str) -> PlanePoints:
        """Read the link form: plain text, or packed in either way.

        Raises:
            Refusal: when it is none of them.
        """
        if not text.startswith("~"):
            return cls.parse(text)
        try:
            return cls._of_units(_unpacked(text))
        except ValueError as error:
            if isinstance(error, Refusal):
                raise
            raise Refusal("error.points.packed") from error

    @classmethod
    def _of_units(cls, units: Iterable[tuple[int, int, int]]) -> PlanePoints:
        return cls.of((x / GRID, y / GRID, w / GRID) for x, y, w in units)

    def text(self, separator: str = ", ") -> str:
        """The canonical text form; ``PlanePoints.parse`` of it is this set again."""
        inner = separator.strip() if separator.strip() else separator
        return separator.join(
            f"({plain(x)}{inner}{plain(y)})" + ("" if w == 1.0 else f"*{plain(w)}")
            for x, y, w in self.rows
        )

    @cached_property
    def link(self) -> str:
        """The link form: the text while it is short, else the shortest of all forms."""
        text = self.text(separator=",")
        if len(text) <= SHORT_TEXT:
            return text
        units = self._units()
        forms = [text, packed.pack(list(zip(*units, strict=True)))]
        if units == sorted(units, key=_by_row):
            forms += _cells(units)
        return min(forms, key=len)

    def shareable(self, limit: int = LINK_LIMIT) -> PlanePoints:
        """The nearest set whose link form fits: this one whenever it does.

        What does not fit first gives up the order of its points, then the last decimals of weights
        and, less readily, of positions, along the steps 1, 2, 5, 10, … of the grid.

        Args:
            limit: characters the link form may take.

        Raises:
            Refusal: when no rounding brings the points under the limit.
        """
        if len(self.link) <= limit:
            return self
        units = self._units()
        spread = max(max(column) - min(column) for column in list(zip(*units, strict=True))[:2])
        ladder = rungs(max(1, spread), [w for _, _, w in units])
        low, high = 0, len(ladder) - 1
        while low < high:  # the first rung that fits; sizes fall along the ladder
            middle = (low + high) // 2
            fits = len(self._rounded(*ladder[middle]).link) <= limit
            low, high = (low, middle) if fits else (middle + 1, high)
        coarse = self._rounded(*ladder[low])
        if len(coarse.link) > limit:
            raise Refusal("error.points.link", n=len(coarse.link), limit=limit)
        return coarse

    def _units(self) -> Units:
        """(x, y, weight) as whole multiples of 1e-6."""
        return [(round(x * GRID), round(y * GRID), round(w * GRID)) for x, y, w in self.rows]

    def _rounded(self, step: int, step_w: int) -> PlanePoints:
        """Sorted by row, rounded to steps; no weight rounds down to 0."""
        top = _REACH // step * step

        def near(value: int) -> int:
            return max(-top, min(top, (value + step // 2) // step * step))

        units = [
            (near(x), near(y), max((w + step_w // 2) // step_w, 1) * step_w)
            for x, y, w in self._units()
        ]
        return self._of_units(sorted(units, key=_by_row))


def _by_row(unit: tuple[int, int, int]) -> tuple[int, int, int]:
    x, y, w = unit
    return y, x, w


def _cells(units: Units) -> list[str]:
    """The cells form of points sorted by row: empty when their lattice is too fine for it."""
    low_x, low_y = min(x for x, _, _ in units), min(y for _, y, _ in units)
    step = packed.common_step([x - low_x for x, _, _ in units] + [y - low_y for _, y, _ in units])
    width = max(x - low_x for x, _, _ in units) // step + 1
    if width >= 10**8:
        return []
    cells = [(y - low_y) // step * width + (x - low_x) // step for x, y, _ in units]
    body = packed.pack([cells, [w for _, _, w in units]])
    return [f"~c{low_x}.{low_y}.{step}.{width}{body}"]


def _unpacked(text: str) -> Iterable[tuple[int, int, int]]:
    found = _CELLS.fullmatch(text)
    if found is None:
        columns = packed.unpack(text, columns=3, most=MAX_PLANE_POINTS)
        return zip(*columns, strict=True)
    low_x, low_y, step, width = (int(found[k]) for k in (1, 2, 3, 4))
    if step < 1 or width < 1:
        raise ValueError("a lattice needs a step and a width")
    cells, weights = packed.unpack(found[5], columns=2, most=MAX_PLANE_POINTS)
    return (
        (low_x + cell % width * step, low_y + cell // width * step, w)
        for cell, w in zip(cells, weights, strict=True)
    )
