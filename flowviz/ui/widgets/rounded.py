"""Points that were rounded to fit the link: how many are still apart, and what keeps more apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from flowviz.scene.points import PlanePoints, Points
from flowviz.text import Say
from flowviz.ui.session.cache import shared_cache

Set = Points | PlanePoints

_BETTER = 1.05  # times as many apart, or it is not worth a button


def distinct(points: Set) -> int:
    """How many different positions points have."""
    return len({row[:-1] for row in points.rows})


@dataclass(frozen=True)
class Rounded:
    """One rounding.

    Attributes:
        given: the points before.
        limit: characters of the link that they may take.
        left: different positions after.
        before: different positions before.
    """

    given: Set
    limit: int
    left: int
    before: int

    @classmethod
    def of(cls, given: Set, taken: Set, limit: int) -> Rounded:
        """What rounding did to points."""
        return cls(given, limit, distinct(taken), distinct(given))

    def finer(self) -> Set | None:
        """The points on the finest grid that fits, if that keeps more of them apart."""
        finer = self.given.shareable(self.limit, tidy=False)
        return finer if distinct(finer) > _BETTER * self.left else None

    def panel(self, say: Say, key: str, store: Callable[[Set, bool], object]) -> None:
        """The sentence, and the offer where positions were lost."""
        n = len(self.given)
        if self.left == self.before:
            st.caption(say("rounded.all", n=n))
            return
        st.caption(say("rounded.some", n=n, before=self.before, left=self.left))
        offer = _offer(self)
        if offer is not None:
            st.button(
                say("rounded.finer", left=distinct(offer)),
                key=key,
                help=say("rounded.finer.help"),
                on_click=_taken(store, offer),
                width="stretch",
            )


def _taken(store: Callable[[Set, bool], object], points: Set) -> Callable[[], None]:
    def take() -> None:
        store(points, False)

    return take


@shared_cache(maxsize=8)
def _offer(rounded: Rounded) -> Set | None:
    return rounded.finer()
