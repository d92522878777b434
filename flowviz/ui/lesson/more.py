"""What a step offers below its figure once it is answered: a closer look, with one control."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flowviz.figures.style import Style
from flowviz.text import Translator
from flowviz.ui.demos import box, example, fold, grid, merging
from flowviz.ui.learn.compute import run_key
from flowviz.ui.lesson import truth

_Show = Callable[[Translator, Style], None]

MORE: Mapping[int, tuple[str, _Show]] = {
    1: ("box", lambda tr, style: box.show(truth.ARTICLE, tr, style)),
    4: ("grid", lambda tr, style: grid.show(truth.PLANE_POINT, tr, style)),
    7: (
        "example",
        lambda tr, style: example.show(run_key(truth.ARTICLE), tr, style, network=False),
    ),
    9: ("merging", lambda tr, style: merging.show(truth.ARTICLE, tr, style)),
}
"""By step: the name of the demonstration, and what draws it."""


def show(step: int, tr: Translator, style: Style) -> None:
    """The demonstration of a step, closed until asked for."""
    if step in MORE:
        name, draw = MORE[step]
        fold.show(name, tr, lambda: draw(tr, style))


def is_open(step: int) -> bool:
    """Whether the demonstration of a step is there, and open."""
    return step in MORE and fold.is_open(MORE[step][0])
