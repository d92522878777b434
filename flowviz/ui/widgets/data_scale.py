"""Buttons that fit the prior to the data, or standardise the data, where their scales differ.

While either is in effect, it is described, with a button that undoes it, also after a reload.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from flowviz.scene import Scene
from flowviz.scene.fitting import Moments, fitted, fitted_plane, moments, rescaled, standardised
from flowviz.scene.parameters import Params
from flowviz.scene.points import AnyPoints, PlanePoints, Points
from flowviz.scene.settings import DATA_POINT, QUERY_POSITION
from flowviz.text import Translator
from flowviz.text.numbers import number
from flowviz.ui.session import state
from flowviz.ui.session.axis_range import prior_ranges
from flowviz.ui.session.preemption import uninterrupted
from flowviz.ui.widgets.reversal import Change, Changes

_DIGITS = 4
# Ratios to the prior's extent from which the prior or the data are too small in the figure:
_MAX_EXTENT = 8.0  # of the data
_MIN_EXTENT = 0.02
_MAX_GAP = 2.0  # between the prior and the data


@dataclass(frozen=True)
class DataScale:
    """The buttons for one set of points.

    Attributes:
        field: the scene's field of the points.
        prior: its field of the prior.
        prefix: of the widgets' keys.
        store: stores points in the scene; returns whether it accepts them.
    """

    field: str
    prior: str
    prefix: str
    store: Callable[[AnyPoints, bool], bool]

    def is_prominent(self, points: AnyPoints) -> bool:
        """Whether to show the buttons with the points, and not in the expander."""
        undoable = self._fits.current is not None or self._standardisations.current is not None
        return undoable or self._scales_differ(points)

    @property
    def _fits(self) -> Changes:
        return Changes(f"fit.{self.field}", (self.field, self.prior, f"{self.prior}_params"))

    @property
    def _standardisations(self) -> Changes:
        return Changes(f"standardise.{self.field}", (self.field,))

    def _prior_of(self, scene: Scene) -> tuple[str, Params]:
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
        fit, standardisation = self._fits.current, self._standardisations.current
        if fit is not None:
            st.caption(tr("scale.fitted"))
            self._undo_button("fit", partial(self._undo_fit, fit), tr)
        if standardisation is not None:
            st.caption(self._description(getattr(standardisation.before, self.field), tr))
            if self._prior_before(standardisation):
                st.caption(tr("scale.standardised.prior"))
            undo = partial(self._undo_standardise, standardisation)
            self._undo_button("standardise", undo, tr)
        if fit is not None or standardisation is not None:
            return
        if self._scales_differ(points):
            st.caption(tr("scale.apart"))
        for action, apply in (("fit", self._fit), ("standardise", self._standardise)):
            st.button(
                tr(f"scale.{action}"),
                key=f"w.{self.prefix}scale.{action}",
                help=tr(f"scale.{action}.help"),
                on_click=uninterrupted()(apply),
                args=(points,),
                width="stretch",
            )

    def _undo_button(self, action: str, undo: Callable[[], None], tr: Translator) -> None:
        st.button(
            tr(f"scale.{action}.undo"),
            key=f"w.{self.prefix}scale.{action}.undo",
            on_click=uninterrupted()(undo),
            icon=":material/undo:",
            width="stretch",
        )

    def _fit(self, points: AnyPoints) -> None:
        before = state.current()
        if self._replace_prior(*self._fitted(points), points):
            self._fits.record(Change(before, state.current()))

    def _undo_fit(self, change: Change) -> None:
        if before := self._prior_before(change):
            self._restore(before)

    def _fitted(self, points: AnyPoints) -> tuple[str, Params]:
        if isinstance(points, PlanePoints):
            return fitted_plane(points)
        scene = state.current()
        return scene.prior, fitted(scene.prior, scene.prior_params, points)

    def _replace_prior(self, name: str, params: Params, points: AnyPoints) -> bool:
        """Change the prior, and Green's positions with it; returns whether the scene changed."""
        scene = state.current()
        after: dict[str, object] = {self.prior: name, f"{self.prior}_params": params}
        after |= self._green_positions(scene.with_(**after), points)
        return self._restore(after) and state.current() != scene

    def _prior_before(self, change: Change) -> dict[str, object]:
        """The prior and Green's positions that it changed, if the prior is as it left it."""
        if self._prior_of(change.after) != self._prior_of(state.current()):
            return {}
        space = "line" if self.field == "points" else "plane"
        prior = (self.prior, f"{self.prior}_params")
        positions = (*DATA_POINT[space], *QUERY_POSITION[space])
        before, after = (
            {name: getattr(scene, name) for name in (*prior, *positions)}
            for scene in (change.before, change.after)
        )
        changed = {name for name in before if before[name] != after[name]}
        return {name: before[name] for name in (*prior, *changed - {*prior})} if changed else {}

    def _restore(self, fields: dict[str, object]) -> bool:
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
        before, far = state.current(), self._scales_differ(points)
        if not self.store(standardised(points), False):
            return
        self._move_prior(getattr(state.current(), self.field), moments(points), far)
        self._standardisations.record(Change(before, state.current()))

    def _move_prior(self, points: AnyPoints, found: Moments, far: bool) -> None:
        """Move the prior with data that are standardised now: fitted to them if it was far off.

        A prior of the plane has no scale for each axis: it stays unless it is far off.
        """
        name, params = self._prior_of(state.current())
        if isinstance(points, Points) and not far:
            moved = rescaled(name, params, float(found.mean[0]), float(found.deviation[0]))
            self._replace_prior(name, moved, points)
        elif isinstance(points, Points) or self._scales_differ(points):
            self._replace_prior(*self._fitted(points), points)

    def _undo_standardise(self, change: Change) -> None:
        # First the prior: the points fit the link beside the one they had.
        if before := self._prior_before(change):
            self._restore(before)
        self.store(getattr(change.before, self.field), False)

    def _description(self, before: AnyPoints, tr: Translator) -> str:
        mean, deviation, _ = moments(before)
        axes = {
            f"{name}{axis}": number(float(value), _DIGITS)
            for name, values in (("mean", mean), ("unit", deviation))
            for axis, value in zip("xy", values, strict=False)
        }
        return tr(f"scale.standardised.{len(mean)}", **axes)
