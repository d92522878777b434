"""The notice on points that were rounded to fit the link, with a finer rounding on offer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from flowviz.scene.points import AnyPoints
from flowviz.text import Translator
from flowviz.ui.session.cache import shared_cache
from flowviz.ui.session.preemption import uninterrupted

_MIN_GAIN = 1.05  # ratio of distinct positions from which a finer rounding is offered


def distinct(points: AnyPoints) -> int:
    """The number of distinct positions of points."""
    return len({row[:-1] for row in points.rows})


@dataclass(frozen=True)
class Rounding:
    """A rounding of points.

    Attributes:
        original: the points before.
        limit: the characters that they may take in the link.
        distinct_after, distinct_before: numbers of distinct positions.
    """

    original: AnyPoints
    limit: int
    distinct_after: int
    distinct_before: int

    @classmethod
    def of(cls, original: AnyPoints, rounded: AnyPoints, limit: int) -> Rounding:
        """The rounding from ``original`` to ``rounded``."""
        return cls(original, limit, distinct(rounded), distinct(original))

    def finer(self) -> AnyPoints | None:
        """The points on the finest grid that fits the link, if more of them are distinct on it."""
        finer = self.original.shareable(self.limit, tidy=False)
        return finer if distinct(finer) > _MIN_GAIN * self.distinct_after else None

    def panel(self, tr: Translator, key: str, store: Callable[[AnyPoints], None]) -> None:
        """Show the numbers of distinct positions, and a button for a finer rounding."""
        n = len(self.original)
        if self.distinct_after == self.distinct_before:
            st.caption(tr("rounded.all", n=n))
            return
        st.caption(tr("rounded.some", n=n, before=self.distinct_before, left=self.distinct_after))
        offer = _offer(self)
        if offer is not None:
            st.button(
                tr("rounded.finer", left=distinct(offer)),
                key=key,
                help=tr("rounded.finer.help"),
                on_click=uninterrupted()(store),
                args=(offer,),
                width="stretch",
            )


@shared_cache(maxsize=8)
def _offer(rounded: Rounding) -> AnyPoints | None:
    return rounded.finer()
