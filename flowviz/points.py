"""The data points on the line: positions and weights, their text and their link form.

Text form, for people::

    points    = item { separator item }
    item      = number [ "*" number ]          position, then weight (1 when not given)
    separator = "," | ";" | "、" | white space

``0.5*2, 1.2, 1.7`` is 0.5 with weight 2, then 1.2 and 1.7. Full-width forms (０．５×２，１．２) are
read as their ASCII twins; ``0,5; 1,2`` is 0.5 and 1.2, as in a CSV file. Numbers live on a grid of
1e-6, so that writing and reading them again gives the same floats, bit for bit. The link holds the
text while it is short, else the same numbers packed (see ``packed``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from flowviz import packed, point_forms
from flowviz.grid import GRID, plain
from flowviz.point_forms import MAX_POINTS, Place
from flowviz.text import Refusal

LINK_LIMIT = 3_000  # characters of the link that the points may take
SHORT_TEXT = 600  # up to here the link shows the points in plain text

# 1, 2, 5, 10, 20, … in units of the grid: the steps a crowded set may be rounded to.
_STEPS = tuple(m * 10**e for e in range(13) for m in (1, 2, 5))
_POSITIONS_FINER = 10  # a picture shows positions more finely than weights

Units = list[tuple[int, int]]


@dataclass(frozen=True)
class Points:
    """1 to 2,000 weighted points on the line, in the order given, on the grid of 1e-6.

    Args:
        x: positions, |x| ≤ 10,000.
        w: weights, 1e-6 to 1e6; their sum does not matter.

    Raises:
        Refusal: for an empty or too long list, a number that is not finite or out of range.
    """

    x: tuple[float, ...]
    w: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.x:
            raise Refusal("error.points.empty")
        if len(self.x) > MAX_POINTS:
            raise Refusal("error.points.many", limit=MAX_POINTS)
        if len(self.x) != len(self.w):
            raise Refusal("error.points.lengths", n=len(self.x), m=len(self.w))
        for name, check in (("x", point_forms.position), ("w", point_forms.weight)):
            numbers = enumerate(getattr(self, name), start=1)
            snapped = tuple(check(v, Place("point", i)) for i, v in numbers)
            object.__setattr__(self, name, snapped)

    def __len__(self) -> int:
        return len(self.x)

    @property
    def rows(self) -> list[tuple[float, float]]:
        """(position, weight) of each point."""
        return list(zip(self.x, self.w, strict=True))

    @classmethod
    def parse(cls, text: str) -> Points:
        """Read the text form.

        Args:
            text: at most 200,000 characters; read in time proportional to its length.

        Raises:
            Refusal: naming the first token that cannot be read, and where it stands.
        """
        return cls.of(point_forms.from_text(text))

    @classmethod
    def from_rows(cls, rows: Iterable[Sequence[object]]) -> Points:
        """Read an edited table of (position, weight) rows.

        A cell may be a number, its text, or empty (``None``, NaN, blank). A row without a position
        is still being typed and is passed over; an empty weight is 1.

        Raises:
            Refusal: naming the first cell that cannot be read, and its row.
        """
        return cls.of(point_forms.from_rows(rows))

    @classmethod
    def from_csv(cls, data: bytes) -> Points:
        """Read an uploaded file of one or two columns: position[, weight], a header or not.

        Commas, semicolons, tabs or spaces between the columns (with semicolons or tabs, ``0,5`` is
        0.5); ``#`` starts a comment line; UTF-8, UTF-16 with its mark, GBK or Latin-1.

        Raises:
            Refusal: for a file over 1 MB, not text, of more columns, or naming the first cell that
                cannot be read and its line.
        """
        return cls.of(point_forms.from_csv(data))

    @classmethod
    def from_link(cls, text: str) -> Points:
        """Read the link form: plain text, or packed.

        Raises:
            Refusal: when it is neither.
        """
        if not text.startswith("~"):
            return cls.parse(text)
        try:
            columns = packed.unpack(text, columns=2, most=MAX_POINTS)
        except ValueError as error:
            raise Refusal("error.points.packed") from error
        return cls._of_units(zip(*columns, strict=True))

    @classmethod
    def of(cls, pairs: Iterable[Sequence[float]]) -> Points:
        """The set of (position, weight) rows."""
        # One past the limit is enough to be refused by: a long text is not read to its end.
        kept = list(islice(pairs, MAX_POINTS + 1))
        return cls(tuple(row[0] for row in kept), tuple(row[1] for row in kept))

    @classmethod
    def _of_units(cls, units: Iterable[tuple[int, int]]) -> Points:
        return cls.of((x / GRID, w / GRID) for x, w in units)

    def text(self, separator: str = ", ") -> str:
        """The canonical text form; ``Points.parse`` of it is this set again."""
        return separator.join(
            plain(x) if w == 1.0 else f"{plain(x)}*{plain(w)}"
            for x, w in zip(self.x, self.w, strict=True)
        )

    @cached_property
    def link(self) -> str:
        """The link form: the text while it is short, else the shorter of text and packed."""
        text = self.text(separator=",")
        return text if len(text) <= SHORT_TEXT else min(text, _packed(self._units()), key=len)

    def shareable(self, limit: int = LINK_LIMIT) -> Points:
        """The nearest set whose link form fits: this one whenever it does.

        What does not fit first gives up the order of its points, then the last decimals of weights
        and, ten times less readily, of positions, along the steps 1, 2, 5, 10, … of the grid.
        Applying it twice changes nothing.

        Args:
            limit: characters the link form may take.

        Raises:
            Refusal: when no rounding brings the points under the limit.
        """
        if len(self.link) <= limit:
            return self
        units = sorted(self._units())
        ladder = rungs(max(1, units[-1][0] - units[0][0]), [w for _, w in units])
        low, high = 0, len(ladder) - 1
        while low < high:  # the first rung that fits; sizes fall along the ladder
            middle = (low + high) // 2
            fits = len(_packed(_rounded(units, *ladder[middle]))) <= limit
            low, high = (low, middle) if fits else (middle + 1, high)
        coarse = self._of_units(_rounded(units, *ladder[low]))
        if len(coarse.link) > limit:
            raise Refusal("error.points.link", n=len(coarse.link), limit=limit)
        return coarse

    def _units(self) -> Units:
        """(position, weight) pairs as whole multiples of 1e-6."""
        return [(round(x * GRID), round(w * GRID)) for x, w in zip(self.x, self.w, strict=True)]


def _packed(units: Units) -> str:
    return packed.pack(list(zip(*units, strict=True)))


def _rounded(units: Units, step_x: int, step_w: int) -> Units:
    """Sorted pairs with positions and weights rounded to steps; no weight rounds down to 0."""
    return sorted(
        ((x + step_x // 2) // step_x * step_x, max((w + step_w // 2) // step_w, 1) * step_w)
        for x, w in units
    )


def rungs(spread_x: int, weights: Sequence[int]) -> list[tuple[int, int]]:
    """Ever coarser (position step, weight step), from (1, 1) on.

    Each rung coarsens whichever step is finer relative to the spread it rounds, with positions
    held ten times finer than weights.
    """
    spread_w = max(weights) if min(weights) < max(weights) else 1
    steps_x = [step for step in _STEPS if step <= spread_x]
    steps_w = [step for step in _STEPS if step <= spread_w]
    i = j = 0
    ladder = [(1, 1)]
    while i + 1 < len(steps_x) or j + 1 < len(steps_w):
        finer_x = _POSITIONS_FINER * steps_x[i] * spread_w < steps_w[j] * spread_x
        if j + 1 == len(steps_w) or (finer_x and i + 1 < len(steps_x)):
            i += 1
        else:
            j += 1
        ladder.append((steps_x[i], steps_w[j]))
    return ladder
