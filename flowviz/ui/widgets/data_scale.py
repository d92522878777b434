"""Buttons that fit the prior to the data, or standardise the data, where their scales differ.

While either is in effect, it is described, with a button that undoes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from flowviz.scene import Scene
from flowviz.scene.fitting import Moments, fitted, fitted_plane, moments, standardised
from flowviz.scene.points import AnyPoints, PlanePoints, Points
from flowviz.scene.settings import DATA_POINT, QUERY_POSITION
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
        undone = self._moments_before(points) is not None or self._before_fit() is not None
        return undone or self._scales_differ(points)

    def _moments_before(self, points: AnyPoints) -> Moments | None:
        """The moments before standardisation, if the points are as it left them."""
        last = st.session_state.get(self._key)
        return last[1] if last is not None and last[0] == points else None

    def _before_fit(self) -> dict[str, object] | None:
        """The scene's fields before the fit, if the prior is as it left it."""
        last = st.session_state.get(self._fit_key)
        return last[1] if last is not None and last[0] == self._prior_of(state.current()) else None

    def _prior_of(self, scene: Scene) -> tuple[str, Mapping[str, float]]:
        return getattr(scene, self.prior), getattr(scene, f"{self.prior}_params")

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
        """Show the buttons; for fitted priors and standardised data, those that undo it."""
        is_fitted, found = self._before_fit() is not None, self._moments_before(points)
        if is_fitted:
            st.caption(tr("scale.fitted"))
            self._undo_button("fit", self._undo_fit, tr)
        if found is not None:
            st.caption(self._description(found, tr))
            self._undo_button("standardise", self.undo, tr)
        if is_fitted or found is not None:
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

    def _undo_button(self, action: str, undo: Callable[[], None], tr: Translator) -> None:
        st.button(
            tr(f"scale.{action}.undo"),
            key=f"w.{self.prefix}scale.{action}.undo",
            on_click=undo,
            icon=":material/undo:",
            width="stretch",
        )

    def _fit(self, points: AnyPoints) -> None:
        scene = state.current()
        if isinstance(points, PlanePoints):
            name, params = fitted_plane(points)
        else:
            name = scene.prior
            params = fitted(name, scene.prior_params, points)
        after = {self.prior: name, f"{self.prior}_params": params}
        after |= self._green_positions(scene.with_(**after), points)
        before = {field: getattr(scene, field) for field in after}
        if self._change(after):
            st.session_state[self._fit_key] = (self._prior_of(state.current()), before)

    def _undo_fit(self) -> None:
        if (before := self._before_fit()) is not None and self._change(before):
            del st.session_state[self._fit_key]

    def _change(self, fields: dict[str, object]) -> bool:
        """Change the prior and positions, and fill their widgets from the scene."""
        if not state.change(self.prior, **fields):
            return False
        name, params = self._prior_of(state.current())
        widgets = (f"{self.prior}.{name}.{key}" for key in dict(params))
        state.refill(*fields, *widgets)
        return True

    def _green_positions(self, scene: Scene, points: AnyPoints) -> dict[str, object]:
        """The Green page's positions that the fitted prior has left behind, moved to the data."""
        found, rows = moments(points), [row[:-1] for row in points.rows]
        nearest = min(rows, key=lambda x: sum((found.mean - x) ** 2 / found.deviation**2))
        beside = (found.mean + 0.5 * found.deviation).tolist()
        space = "line" if len(beside) == 1 else "plane"
        ranges = prior_ranges(scene.prior_object(space), len(beside))
        moved: dict[str, object] = {}
        for fields, to in ((DATA_POINT[space], nearest), (QUERY_POSITION[space], beside)):
            at = [getattr(scene, field) for field in fields]
            if not all(low <= x <= high for x, (low, high) in zip(at, ranges, strict=True)):
                moved |= dict(zip(fields, to, strict=True))
        return moved

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
    def _fit_key(self) -> str:
        return f"flowviz.{self.prefix}fitted"

    @property
    def _key(self) -> str:
        return f"flowviz.{self.prefix}standardised"
