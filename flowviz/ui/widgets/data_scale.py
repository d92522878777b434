"""Data at their own scale: the prior moved to them, or they to it; shown, and undone by a press."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from flowviz.scene.fitting import Moments, fitted, fitted_plane, moments, standardised
from flowviz.scene.points import PlanePoints, Points
from flowviz.text import Say
from flowviz.text.numbers import number
from flowviz.ui.session import state
from flowviz.ui.session.axis_range import prior_ranges

Set = Points | PlanePoints

_DIGITS = 4
_WIDER = 8.0  # than the prior: the prior is a dot in the data's picture
_NARROWER = 0.02  # than the prior: the data are one
_FURTHER = 2.0  # extents of the prior between it and the data


@dataclass(frozen=True)
class DataScale:
    """The two buttons of one set of points.

    Attributes:
        prior: the scene's field of the prior.
        prefix: of the widgets' names.
        store: takes points into the scene; says whether they were taken.
        undo: takes the last change of the points back.
    """

    prior: str
    prefix: str
    store: Callable[[Set, bool], bool]
    undo: Callable[[], None]

    def matters(self, points: Set) -> bool:
        """Whether the buttons belong beside the points, and not among the rarely used."""
        return self._standing(points) is not None or self._apart(points)

    def _standing(self, points: Set) -> Moments | None:
        """What the points were standardised by, as long as they are."""
        kept = st.session_state.get(self._key)
        return kept[1] if kept is not None and kept[0] == points else None

    def _apart(self, points: Set) -> bool:
        """Whether a picture of the prior and the data shows one of them as a dot."""
        scene = state.current()
        columns = [points.x] if isinstance(points, Points) else [points.x, points.y]
        prior = scene.prior_object("line" if len(columns) == 1 else "plane")
        ranges = prior_ranges(prior, len(columns))
        for column, (low, high) in zip(columns, ranges, strict=True):
            least, most, room = min(column), max(column), high - low
            gap = max(least - high, low - most)
            narrow = 0.0 < most - least < _NARROWER * room
            if most - least > _WIDER * room or gap > _FURTHER * room or narrow:
                return True
        return False

    def panel(self, points: Set, say: Say) -> None:
        """The buttons; of standardised data, what a unit is, and the way back."""
        if (found := self._standing(points)) is not None:
            st.caption(self._said(found, say))
            st.button(
                say("scale.undo"),
                key=f"w.{self.prefix}scale.undo",
                on_click=self.undo,
                icon=":material/undo:",
                width="stretch",
            )
            return
        if self._apart(points):
            st.caption(say("scale.apart"))
        for action, take in (("fit", self._fit), ("standardise", self._standardise)):
            st.button(
                say(f"scale.{action}"),
                key=f"w.{self.prefix}scale.{action}",
                help=say(f"scale.{action}.help"),
                on_click=take,
                args=(points,),
                width="stretch",
            )

    def _fit(self, points: Set) -> None:
        scene = state.current()
        if isinstance(points, PlanePoints):
            name, params = fitted_plane(points)
        else:
            name = scene.prior
            params = fitted(name, scene.prior_params, points)
        if state.change(self.prior, **{self.prior: name, f"{self.prior}_params": params}):
            fields = (f"{self.prior}.{name}.{key}" for key, _ in params)
            state.refill(self.prior, *fields)

    def _standardise(self, points: Set) -> None:
        found = moments(points)
        if self.store(standardised(points), False):
            taken = getattr(state.current(), "points" if len(found.mean) == 1 else "plane_points")
            st.session_state[self._key] = (taken, found)

    def _said(self, found: Moments, say: Say) -> str:
        axes = {
            f"{what}{axis}": number(float(value), _DIGITS)
            for what, values in (("mean", found.mean), ("unit", found.deviation))
            for axis, value in zip("xy", values, strict=False)
        }
        return say(f"scale.standardised.{len(found.mean)}", **axes)

    @property
    def _key(self) -> str:
        return f"flowviz.{self.prefix}standardised"
