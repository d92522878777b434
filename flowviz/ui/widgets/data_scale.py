"""Buttons that fit the prior to the data, or standardise the data, where their scales differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from flowviz.scene.fitting import Moments, fitted, fitted_plane, moments, standardised
from flowviz.scene.points import AnyPoints, PlanePoints, Points
from flowviz.text import Translator
from flowviz.text.numbers import number
from flowviz.ui.session import state
from flowviz.ui.session.axis_range import prior_ranges

_DIGITS = 4
# Ratios to the prior's extent from which the prior or the data are too small in the figure:
_MAX_EXTENT = 8.0  # of the data
_MIN_EXTENT = 0.02
_MAX_GAP = 2.0  # between the prior and the data


@dataclass(frozen=True)
class DataScale:
    """The buttons for one set of points.

    Attributes:
        prior: the scene's field of the prior.
        prefix: of the widgets' keys.
        store: stores points in the scene; returns whether it accepts them.
        undo: undoes the last change of the points.
    """

    prior: str
    prefix: str
    store: Callable[[AnyPoints, bool], bool]
    undo: Callable[[], None]

    def is_prominent(self, points: AnyPoints) -> bool:
        """Whether to show the buttons with the points, and not in the expander."""
        return self._moments_before(points) is not None or self._scales_differ(points)

    def _moments_before(self, points: AnyPoints) -> Moments | None:
        """The moments before standardisation, if the points are as it left them."""
        last = st.session_state.get(self._key)
        return last[1] if last is not None and last[0] == points else None

    def _scales_differ(self, points: AnyPoints) -> bool:
        """Whether a figure of both would show the prior or the data too small."""
        scene = state.current()
        columns = [points.x] if isinstance(points, Points) else [points.x, points.y]
        prior = scene.prior_object("line" if len(columns) == 1 else "plane")
        ranges = prior_ranges(prior, len(columns))
        for column, (low, high) in zip(columns, ranges, strict=True):
            least, most, extent = min(column), max(column), high - low
            gap = max(least - high, low - most)
            narrow = 0.0 < most - least < _MIN_EXTENT * extent
            if most - least > _MAX_EXTENT * extent or gap > _MAX_GAP * extent or narrow:
                return True
        return False

    def panel(self, points: AnyPoints, tr: Translator) -> None:
        """Show the buttons; for standardised data, the unit and a button to undo it."""
        if (found := self._moments_before(points)) is not None:
            st.caption(self._description(found, tr))
            st.button(
                tr("scale.undo"),
                key=f"w.{self.prefix}scale.undo",
                on_click=self.undo,
                icon=":material/undo:",
                width="stretch",
            )
            return
        if self._scales_differ(points):
            st.caption(tr("scale.apart"))
        for action, apply in (("fit", self._fit), ("standardise", self._standardise)):
            st.button(
                tr(f"scale.{action}"),
                key=f"w.{self.prefix}scale.{action}",
                help=tr(f"scale.{action}.help"),
                on_click=apply,
                args=(points,),
                width="stretch",
            )

    def _fit(self, points: AnyPoints) -> None:
        scene = state.current()
        if isinstance(points, PlanePoints):
            name, params = fitted_plane(points)
        else:
            name = scene.prior
            params = fitted(name, scene.prior_params, points)
        if state.change(self.prior, **{self.prior: name, f"{self.prior}_params": params}):
            fields = (f"{self.prior}.{name}.{key}" for key, _ in params)
            state.refill(self.prior, *fields)

    def _standardise(self, points: AnyPoints) -> None:
        found = moments(points)
        if self.store(standardised(points), False):
            stored = getattr(state.current(), "points" if len(found.mean) == 1 else "plane_points")
            st.session_state[self._key] = (stored, found)

    def _description(self, found: Moments, tr: Translator) -> str:
        axes = {
            f"{name}{axis}": number(float(value), _DIGITS)
            for name, values in (("mean", found.mean), ("unit", found.deviation))
            for axis, value in zip("xy", values, strict=False)
        }
        return tr(f"scale.standardised.{len(found.mean)}", **axes)

    @property
    def _key(self) -> str:
        return f"flowviz.{self.prefix}standardised"
