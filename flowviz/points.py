"""The data points on the line: positions and weights, and every form they are written in.

Text form, for people::

    points    = item { separator item }
    item      = number [ "*" number ]          position, then weight (1 when not given)
    separator = "," | ";" | "、" | white space

``0.5*2, 1.2, 1.7`` is 0.5 with weight 2, then 1.2 and 1.7. Full-width forms (０．５×２，１．２) are
read as their ASCII twins. Numbers live on a grid of 1e-6, so that writing and reading them again
gives the same floats, bit for bit. The link holds the text while it is short, else the same
numbers packed (see ``packed``).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from flowviz import packed
from flowviz.grid import GRID, ascii_twins, decimal, plain, snap
from flowviz.text import Message, Refusal, excerpt

MAX_POINTS = 2_000
MAX_POSITION = 10_000
MIN_WEIGHT, MAX_WEIGHT = 1e-6, 1e6
MAX_TEXT = 200_000  # characters
MAX_FILE = 1_000_000  # bytes
LINK_LIMIT = 3_000  # characters of the link that the points may take
SHORT_TEXT = 600  # up to here the link shows the points in plain text

_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf(?:inity)?|∞)", re.IGNORECASE)
_TOKEN = re.compile(r"\*|[^\s,;*]+")
# 1, 2, 5, 10, 20, … in units of the grid: the steps a crowded set may be rounded to.
_STEPS = tuple(m * 10**e for e in range(13) for m in (1, 2, 5))
_POSITIONS_FINER = 10  # a picture shows positions more finely than weights


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
        _count(len(self.x))
        if len(self.x) != len(self.w):
            raise Refusal("error.points.lengths", n=len(self.x), m=len(self.w))
        for name, checked in (("x", _position), ("w", _weight)):
            numbers = enumerate(getattr(self, name), start=1)
            snapped = tuple(checked(v, Message("where.point", n=i)) for i, v in numbers)
            object.__setattr__(self, name, snapped)

    def __len__(self) -> int:
        return len(self.x)

    @classmethod
    def parse(cls, text: str) -> Points:
        """Read the text form.

        Args:
            text: at most 200,000 characters; read in time proportional to its length.

        Raises:
            Refusal: naming the first token that cannot be read, and where it stands.
        """
        if len(text) > MAX_TEXT:
            raise Refusal("error.points.text", n=len(text), limit=MAX_TEXT)
        return cls._of(_items(text))

    @classmethod
    def from_rows(cls, rows: Iterable[Sequence[object]]) -> Points:
        """Read an edited table of (position, weight) rows.

        A cell may be a number, its text, or empty (``None``, NaN, blank). A row without a position
        is still being typed and is passed over; an empty weight is 1.

        Raises:
            Refusal: naming the first cell that cannot be read, and its row.
        """
        return cls._of(_table(rows))

    @classmethod
    def from_csv(cls, data: bytes) -> Points:
        """Read an uploaded file of one or two columns: position[, weight], a header or not.

        Commas, semicolons, tabs or spaces between the columns (with semicolons or tabs, ``0,5`` is
        0.5); ``#`` starts a comment line; UTF-8, UTF-16 with its mark, GBK or Latin-1.

        Raises:
            Refusal: for a file over 1 MB, not text, of more columns, or naming the first cell that
                cannot be read and its line.
        """
        return cls._of(_csv(data))

    @classmethod
    def from_link(cls, text: str) -> Points:
        """Read the link form: plain text, or packed.

        Raises:
            Refusal: when it is neither.
        """
        if not text.startswith("~"):
            return cls.parse(text)
        try:
            x, w = packed.unpack(text, columns=2, most=MAX_POINTS)
        except ValueError as error:
            raise Refusal("error.points.packed") from error
        return cls(tuple(n / GRID for n in x), tuple(n / GRID for n in w))

    @classmethod
    def _of(cls, items: Iterable[tuple[float, float]]) -> Points:
        pairs = list(items)
        _count(len(pairs))
        return cls(tuple(x for x, _ in pairs), tuple(w for _, w in pairs))

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
        return text if len(text) <= SHORT_TEXT else min(text, packed.pack(self._units()), key=len)

    def shareable(self, limit: int = LINK_LIMIT) -> Points:
        """The nearest set whose link form fits: this one whenever it does.

        What fits is found by giving up, in this order: the order of the points; decimals of the
        weights and, ten times less readily, of the positions, along the steps 1, 2, 5, 10, ….
        Applying it twice changes nothing.

        Args:
            limit: characters the link form may take.

        Raises:
            Refusal: when no rounding brings the points under the limit.
        """
        if len(self.link) <= limit:
            return self
        ordered = self._rounded(1, 1)
        if len(ordered.link) <= limit:
            return ordered
        rungs = self._rungs()
        low, high = 0, len(rungs) - 1
        while low < high:  # the first rung that fits; sizes fall along the ladder
            middle = (low + high) // 2
            fits = len(self._rounded(*rungs[middle]).link) <= limit
            low, high = (low, middle) if fits else (middle + 1, high)
        coarse = self._rounded(*rungs[low])
        if len(coarse.link) > limit:
            raise Refusal("error.points.link", n=len(coarse.link), limit=limit)
        return coarse

    def _units(self) -> tuple[list[int], list[int]]:
        """Positions and weights as whole multiples of 1e-6."""
        return [round(x * GRID) for x in self.x], [round(w * GRID) for w in self.w]

    def _rounded(self, step_x: int, step_w: int) -> Points:
        """The points in order, positions and weights rounded to steps in units of 1e-6."""
        pairs = sorted(
            (_nearest(x, step_x), max(step_w, _nearest(w, step_w)))
            for x, w in zip(*self._units(), strict=True)
        )
        return Points(tuple(x / GRID for x, _ in pairs), tuple(w / GRID for _, w in pairs))

    def _rungs(self) -> list[tuple[int, int]]:
        """Ever coarser (position step, weight step), each relative to the spread it rounds."""
        x, w = self._units()
        spread_x, spread_w = max(x) - min(x), max(w) - min(w)
        steps_x = [s for s in _STEPS if s <= max(spread_x, 1)]
        steps_w = [s for s in _STEPS if s <= max(w)] if spread_w else [1]
        rungs, i, j = [], 0, 0
        while i < len(steps_x) - 1 or j < len(steps_w) - 1:
            coarser_x = _POSITIONS_FINER * steps_x[i] * max(w) < steps_w[j] * max(spread_x, 1)
            if j == len(steps_w) - 1 or (coarser_x and i < len(steps_x) - 1):
                i += 1
            else:
                j += 1
            rungs.append((steps_x[i], steps_w[j]))
        return rungs or [(1, 1)]


def _nearest(value: int, step: int) -> int:
    return (value + step // 2) // step * step


def _count(n: int) -> None:
    if n == 0:
        raise Refusal("error.points.empty")
    if n > MAX_POINTS:
        raise Refusal("error.points.many", n=n, limit=MAX_POINTS)


def _position(value: float, where: Message) -> float:
    if not math.isfinite(value):
        raise Refusal("error.points.finite", token=str(value), where=where, limit=MAX_POSITION)
    if abs(snapped := snap(value)) > MAX_POSITION:
        raise Refusal("error.points.range", token=f"{value:g}", where=where, limit=MAX_POSITION)
    return snapped


def _weight(value: float, where: Message) -> float:
    if math.isfinite(value) and MIN_WEIGHT <= (snapped := snap(value)) <= MAX_WEIGHT:
        return snapped
    limits = {"low": "0.000001", "high": "1,000,000"}
    raise Refusal("error.points.weight", token=f"{value:g}", where=where, **limits)


def _number(token: str, where: Message) -> float:
    value = decimal(token)
    if value is not None:
        return value
    kind = "finite" if _NOT_FINITE.fullmatch(token) else "letters"
    raise Refusal(f"error.points.{kind}", token=excerpt(token), where=where, limit=MAX_POSITION)


def _items(text: str) -> Iterator[tuple[float, float]]:
    """(position, weight) of each item of the text form, its tokens read once from left to right."""
    x: float | None = None
    star: Message | None = None  # the place of a * that waits for its weight
    for match in _TOKEN.finditer(ascii_twins(text)):
        token, where = match[0], Message("where.column", n=match.start() + 1)
        if token == "*":
            if x is None or star:
                raise Refusal("error.points.star", where=where)
            star = where
        elif star and x is not None:
            yield _position(x, where), _weight(_number(token, where), where)
            x = star = None
        else:
            if x is not None:
                yield x, 1.0
            x = _position(_number(token, where), where)
    if star:
        raise Refusal("error.points.star", where=star)
    if x is not None:
        yield x, 1.0


def _table(rows: Iterable[Sequence[object]]) -> Iterator[tuple[float, float]]:
    for n, row in enumerate(rows, start=1):
        where = Message("where.row", n=n)
        x, w = (_cell(row[i], where) if i < len(row) else None for i in (0, 1))
        if x is not None:
            yield _position(x, where), 1.0 if w is None else _weight(w, where)


def _cell(value: object, where: Message) -> float | None:
    if isinstance(value, int | float):
        return None if value != value else float(value)
    text = "" if value is None else str(value).strip()
    return _number(text, where) if text else None


def _csv(data: bytes) -> Iterator[tuple[float, float]]:
    if len(data) > MAX_FILE:
        raise Refusal("error.file.size", n=len(data), limit=MAX_FILE, rows=MAX_POINTS)
    lines = _decoded(data).splitlines()
    used = [(n, line) for n, line in enumerate(lines, start=1) if not line.lstrip().startswith("#")]
    separator = next((s for s in ";\t" if any(s in line for _, line in used)), None)
    header_possible = True
    for n, line in used:
        cells = _cells(line, separator)
        if not any(cells):
            continue
        where = Message("where.line", n=n)
        if len(cells) > 2:
            raise Refusal("error.file.columns", n=len(cells), where=where)
        header = header_possible and not any(map(_numeric, cells))
        header_possible = False
        if header:
            continue
        x, w = (_cell(cell, where) for cell in (cells + [""])[:2])
        if x is None:
            raise Refusal("error.file.position", where=where)
        yield _position(x, where), 1.0 if w is None else _weight(w, where)


def _cells(line: str, separator: str | None) -> list[str]:
    """The cells of a line, quotes off, without the empty ones that trail."""
    if separator:
        line = line.replace(",", ".")  # where columns are not parted by commas, decimals may be
    elif "," not in line:
        line = ",".join(line.split())
    cells = [cell.strip().strip("\"'").strip() for cell in line.split(separator or ",")]
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _numeric(cell: str) -> bool:
    return decimal(cell) is not None or _NOT_FINITE.fullmatch(cell) is not None


def _decoded(data: bytes) -> str:
    """The text of a file, in the encodings that spreadsheets write."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ("utf-16",)
    else:
        candidates = ("utf-8-sig", "gb18030", "latin-1")
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Refusal("error.file.binary")
