"""Weighted points in any dimension: what those on the line and those of the plane have in common.

Numbers have at most 6 decimals, or up to 12 where they are small, so that writing and reading them
again gives the same floats, bit for bit. The link holds the text while it is short, else the
shortest of the text and the same numbers packed (see ``packing``): as whole multiples of 1e-6, or,
after a mark such as ``~e9``, of 1e-9. Labels, where there are any, are packed behind them, after
``~l``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import Field, fields
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar, Self

from flowviz.scene import packing, point_parsing
from flowviz.scene.decimals import MAX_PLACES, PLACES, places_of, snap_fine, snap_together
from flowviz.scene.point_parsing import LABELS, MAX_POSITION, Location, Row
from flowviz.text import Refusal

LINK_LIMIT = 3_000  # characters of the link that the points may take
SHORT_TEXT = 600  # up to here the link shows the points in plain text

# 1, 2, 5, 10, 20, … in units of the grid: the steps a crowded set may be rounded to.
_STEPS = tuple(m * 10**e for e in range(13 + MAX_PLACES - PLACES) for m in (1, 2, 5))
_HALVINGS = 6  # of the last step, for the finest that fits
_POSITIONS_FINER = 10  # a picture shows positions more finely than weights
_FINER = re.compile(r"~e(7|8|9|10|11|12)(?=~)")
_MOST_UNITS = 1 << 54  # that the packed form holds
_LABELLED = "~l"  # between the packed points and their packed labels

Unit = tuple[int, ...]
"""A point's coordinates and weight as whole multiples of 1e-6, or of a smaller power of ten."""


class PointSet:
    """Weighted points, in the order given; a frozen dataclass of columns.

    After the coordinates come the weights, then the labels, 0 for none and k for the k-th letter of
    `point_parsing.LABELS`; an empty column of labels is one of zeros, and becomes that.

    Raises:
        Refusal: for an empty or too long list, a number that is not finite or out of range.
    """

    d: ClassVar[int]
    """Coordinates of a point."""

    if TYPE_CHECKING:
        w: tuple[float, ...]
        labels: tuple[int, ...]
        __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

        def __init__(self, *columns: tuple[float, ...]) -> None: ...

    def __post_init__(self) -> None:
        *positions, weights = self._columns()
        if not positions[0]:
            raise Refusal(point_parsing.text_key("error.points.empty", self.d))
        if len(positions[0]) > (most := point_parsing.MAX_POINTS[self.d]):
            raise Refusal("error.points.many", limit=most)
        if odd := next((c for c in [*positions, weights] if len(c) != len(positions[0])), None):
            raise Refusal("error.points.lengths", n=len(positions[0]), m=len(odd))
        for name in self._names():
            check = point_parsing.weight if name == "w" else point_parsing.position
            for i, value in enumerate(getattr(self, name), start=1):
                check(value, Location("point", i))
        snapped = [*_on_one_grid(positions), [snap_fine(w) for w in weights]]
        for name, values in zip(self._names(), snapped, strict=True):
            object.__setattr__(self, name, tuple(values))
        object.__setattr__(self, "labels", self._checked_labels())

    def _checked_labels(self) -> tuple[int, ...]:
        """The labels; none where every point is without one."""
        if len(self.labels) not in (0, len(self)):
            raise Refusal("error.points.labels", n=len(self), m=len(self.labels))
        for i, label in enumerate(self.labels, start=1):
            point_parsing.label(label, Location("point", i))
        return tuple(int(label) for label in self.labels) if any(self.labels) else ()

    @classmethod
    def _names(cls) -> list[str]:
        """The columns of numbers: the coordinates, then the weight."""
        return [field.name for field in fields(cls) if field.name != "labels"]

    def _columns(self) -> list[tuple[float, ...]]:
        return [getattr(self, name) for name in self._names()]

    def __len__(self) -> int:
        return len(self.w)

    @property
    def rows(self) -> list[Row]:
        """Coordinates and weight of each point."""
        return list(zip(*self._columns(), strict=True))

    @property
    def labelled_rows(self) -> list[Row]:
        """Coordinates, weight and label of each point; label 0 for none."""
        labels = self.labels or (0,) * len(self)
        return list(zip(*self._columns(), labels, strict=True))

    @property
    def classes(self) -> tuple[int, ...]:
        """The labels that some point has, rising; without 0."""
        return tuple(sorted(set(self.labels) - {0}))

    def with_labels(self, labels: Iterable[int]) -> Self:
        """The same points with other labels."""
        return type(self)(*self._columns(), tuple(labels))

    # ---------------------------------------------------------------------- reading

    @classmethod
    def of(cls, rows: Iterable[Sequence[float]]) -> Self:
        """The set of rows: coordinates, the weight, and the label if there is one."""
        # One past the limit is enough to be refused by: a long text is not read to its end.
        kept = list(islice(rows, point_parsing.MAX_POINTS[cls.d] + 1))
        columns = (tuple(row[k] for row in kept) for k in range(cls.d + 1))
        labels = tuple(int(row[cls.d + 1]) if len(row) > cls.d + 1 else 0 for row in kept)
        return cls(*columns, labels)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form.

        Args:
            text: at most 200,000 characters; read in time proportional to its length.

        Raises:
            Refusal: naming the first token that cannot be read, and where it stands.
        """
        return cls.of(point_parsing.from_text(text, cls.d))

    @classmethod
    def from_rows(cls, rows: Iterable[Sequence[object]]) -> Self:
        """Read an edited table of rows: coordinates, the weight, the label.

        A cell may be a number, its text, or empty (``None``, NaN, blank). A row without all its
        coordinates is still being typed and is passed over; an empty weight is 1, an empty label
        none.

        Raises:
            Refusal: naming the first cell that cannot be read, and its row.
        """
        return cls.of(point_parsing.from_rows(rows, cls.d))

    @classmethod
    def from_link(cls, text: str) -> Self:
        """Read the link form: plain text, or packed in any way.

        Raises:
            Refusal: when it is none of them.
        """
        if not text.startswith("~"):
            return cls.parse(text)
        finer = _FINER.match(text)
        body, _, labels = (text[finer.end() :] if finer else text).partition(_LABELLED)
        try:
            units = cls._unpacked(body)
            if labels:
                units = _with_labels(units, _unpacked_labels(labels, len(units)))
        except ValueError as error:
            raise Refusal("error.points.packed") from error
        return cls._of_units(units, int(finer[1]) if finer else PLACES)

    @classmethod
    def _unpacked(cls, text: str) -> list[Unit]:
        columns = packing.unpack(text, columns=cls.d + 1, most=point_parsing.MAX_POINTS[cls.d])
        return list(zip(*columns, strict=True))

    # ---------------------------------------------------------------------- writing

    def text(self, separator: str = ", ") -> str:
        """The canonical text form; ``parse`` of it is this set again."""
        raise NotImplementedError

    @cached_property
    def link(self) -> str:
        """The link form: the text while it is short, else the shortest of all forms."""
        text = self.text(separator=",")
        if len(text) <= SHORT_TEXT:
            return text
        units, places = self._units()
        if max(abs(value) for unit in units for value in unit) > _MOST_UNITS:
            return text
        mark = "" if places == PLACES else f"~e{places}"
        labels = ""
        if self.labels:
            labels = _LABELLED + packing.pack([self.labels]).removeprefix(packing.PREFIX)
        return min([text, *(mark + form + labels for form in self._packed(units))], key=len)

    def _packed(self, units: list[Unit]) -> list[str]:
        """The packed forms of units."""
        return [packing.pack(list(zip(*units, strict=True)))]

    def shareable(self, limit: int = LINK_LIMIT, *, tidy: bool = True) -> Self:
        """The nearest set whose link form fits: this one whenever it does.

        What does not fit first gives up the order of its points, then the last decimals of weights
        and, ten times less readily, of positions, along the steps 1, 2, 5, 10, … of the grid.
        Applying it twice changes nothing.

        Args:
            limit: characters the link form may take.
            tidy: whether positions are rounded to decimal steps only. The finest step that fits may
                be half as large, and then positions have odd decimals.

        Raises:
            Refusal: when no rounding brings the points under the limit.
        """
        if len(self.link) <= limit:
            return self
        units, places = self._units()
        *positions, weights = list(zip(*units, strict=True))
        labelled = _with_labels(units, self.labels or (0,) * len(self))
        extent = max(max(column) - min(column) for column in positions)
        ladder = rungs(max(1, extent), weights)
        low, high = 0, len(ladder) - 1
        while low < high:  # the first rung that fits; sizes fall along the ladder
            middle = (low + high) // 2
            fits = len(self._rounded(labelled, places, *ladder[middle]).link) <= limit
            low, high = (low, middle) if fits else (middle + 1, high)
        coarse = self._rounded(labelled, places, *ladder[low])
        if len(coarse.link) > limit:
            raise Refusal("error.points.link", n=len(coarse.link), limit=limit)
        if tidy or low == 0:
            return coarse
        (least, _), (step, step_w) = ladder[low - 1 : low + 1]
        for _ in range(_HALVINGS):  # between a step too fine and one that fits
            middle = (least + step) // 2
            finer = self._rounded(labelled, places, middle, step_w)
            fits = len(finer.link) <= limit
            least, step, coarse = (least, middle, finer) if fits else (middle, step, coarse)
        return coarse

    @classmethod
    def _of_units(cls, units: Iterable[Unit], places: int = PLACES) -> Self:
        scale, numbers = 10**places, cls.d + 1
        return cls.of(
            [*(value / scale for value in unit[:numbers]), *unit[numbers:]] for unit in units
        )

    def _units(self) -> tuple[list[Unit], int]:
        """Every number as a whole multiple of a power of ten, and which one."""
        places = places_of(value for column in self._columns() for value in column)
        scale = 10**places
        return [tuple(round(value * scale) for value in row) for row in self.rows], places

    @classmethod
    def _rounded(cls, units: list[Unit], places: int, step: int, step_w: int) -> Self:
        """Sorted, and rounded to steps; no weight rounds down to 0."""
        top = MAX_POSITION * 10**places // step * step

        def near(value: int) -> int:
            return max(-top, min(top, (value + step // 2) // step * step))

        rounded = [
            (*map(near, position), max((w + step_w // 2) // step_w, 1) * step_w, label)
            for *position, w, label in units
        ]
        ordered = sorted(rounded, key=lambda unit: (*in_order(unit[:-1]), unit[-1]))
        return cls._of_units(ordered, places)


def _with_labels(units: list[Unit], labels: Iterable[int]) -> list[Unit]:
    """The units, each with its label behind the weight."""
    return [(*unit, label) for unit, label in zip(units, labels, strict=True)]


def _unpacked_labels(text: str, n: int) -> list[int]:
    """The packed labels of n points.

    Raises:
        ValueError: for another number of labels, or one that is none.
    """
    (labels,) = packing.unpack(packing.PREFIX + text, columns=1, most=n)
    if len(labels) != n or not all(0 <= label <= len(LABELS) for label in labels):
        raise ValueError("not the labels of these points")
    return labels


def _on_one_grid(positions: Sequence[Sequence[float]]) -> list[list[float]]:
    """Coordinates, column by column, on the grid that fits the largest of all."""
    snapped = iter(snap_together(value for column in positions for value in column))
    return [list(islice(snapped, len(column))) for column in positions]


def in_order(unit: Unit) -> Unit:
    """Sorts points by their last coordinate first: the rows of a plane."""
    *position, weight = unit
    return (*reversed(position), weight)


def rungs(extent: int, weights: Sequence[int]) -> list[tuple[int, int]]:
    """Ever coarser (position step, weight step), from (1, 1) on.

    Each rung coarsens whichever step is finer relative to the extent that it rounds, with positions
    held ten times finer than weights.
    """
    extent_w = max(weights) if min(weights) < max(weights) else 1
    steps_x = [step for step in _STEPS if step <= extent]
    steps_w = [step for step in _STEPS if step <= extent_w]
    i = j = 0
    ladder = [(1, 1)]
    while i + 1 < len(steps_x) or j + 1 < len(steps_w):
        finer_x = _POSITIONS_FINER * steps_x[i] * extent_w < steps_w[j] * extent
        if j + 1 == len(steps_w) or (finer_x and i + 1 < len(steps_x)):
            i += 1
        else:
            j += 1
        ladder.append((steps_x[i], steps_w[j]))
    return ladder
