"""The data points on the line: positions and weights, and their text form.

For people::

    points    = item { separator item }
    item      = number [ "*" number ]          position, then weight (1 when not given)
    separator = "," | ";" | "、" | white space

``0.5*2, 1.2, 1.7`` is 0.5 with weight 2, then 1.2 and 1.7. Full-width forms (０．５×２，１．２) are
read as their ASCII twins; ``0,5; 1,2`` is 0.5 and 1.2, as in a CSV file. What points on the line
and in the plane have in common is in ``point_set``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flowviz.grid import plain
from flowviz.point_set import PointSet


@dataclass(frozen=True)
class Points(PointSet):
    """1 to 2,000 weighted points on the line, in the order given, on the grid of 1e-6.

    Args:
        x: positions, |x| ≤ 1,000,000.
        w: weights, 1e-6 to 1e6; their sum does not matter.

    Raises:
        Refusal: for an empty or too long list, a number that is not finite or out of range.
    """

    d: ClassVar[int] = 1

    x: tuple[float, ...]
    w: tuple[float, ...]

    def text(self, separator: str = ", ") -> str:
        """The canonical text form; ``Points.parse`` of it is this set again."""
        return separator.join(
            plain(x) if w == 1.0 else f"{plain(x)}*{plain(w)}" for x, w in self.rows
        )
