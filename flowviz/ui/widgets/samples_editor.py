"""Editors of a kernel density's samples: typed, pasted, from a file, or the data points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from flowviz.core.priors.kernel_density import MAX_SAMPLES, silverman
from flowviz.scene.decimals import MAX_PLACES, snap_fine
from flowviz.scene.fitting import moments
from flowviz.scene.parameters import PLANE_PRIOR, PRIOR, Registry
from flowviz.scene.points import AnyPoints, PlanePoints, Points
from flowviz.text import Translator
from flowviz.ui.session import state
from flowviz.ui.session.preemption import uninterrupted
from flowviz.ui.widgets import upload
from flowviz.ui.widgets.points_reading import PointsReading

_DIGITS = 3  # decimals of samples in standard deviations: the bandwidth is much larger
_HEIGHT = 100
_MAX_UNDO = 50


@dataclass(frozen=True)
class SamplesEditor:
    """The widgets for the samples of a prior.

    Attributes:
        prior: the scene's field of the prior.
        name: the kernel density's name in the registry.
        kind: the class of points of the samples' dimension.
        registry: of the priors.
        parameters: the samples' coordinates.
        points: the scene's field of the data points of that dimension; "" for a product, whose
            samples are those of each coordinate.
    """

    prior: str
    name: str
    kind: type[Points] | type[PlanePoints]
    registry: Registry
    parameters: tuple[str, ...]
    points: str = ""

    def sidebar(self, tr: Translator) -> None:
        """The samples as text, what was read, and the data points or a file instead."""
        st.text_area(
            tr("samples.text"),
            height=_HEIGHT,
            help=tr("samples.help", limit=MAX_SAMPLES),
            key=state.bound_as(self._field, self._text(self._samples()), self._reading.read),
        )
        why = state.refusal(self._field)
        if why is not None:
            st.error(why.markdown(tr))
        self._reading.panel(tr)
        if self.points:
            st.button(
                tr("samples.data"),
                key=f"w.{self._field}.data",
                help=tr("samples.data.help"),
                on_click=uninterrupted()(self._take_data),
                width="stretch",
            )
        file = st.expander(tr("samples.file"), key=f"w.{self._field}.open", on_change="rerun")
        if file.open:
            with file:
                key = f"w.{self._field}.file"
                upload.file_uploader(tr("samples.file"), key, tr, self._reading.read)

    @property
    def _reading(self) -> PointsReading:
        return PointsReading(
            self._field,
            self.kind,
            f"{self._field}.",
            self._samples,
            self._store,
            self._undo,
            sample_limit=MAX_SAMPLES,
        )

    def _take_data(self) -> None:
        self._reading.read(getattr(state.current(), self.points).text())

    def _samples(self) -> list[tuple[float, ...]]:
        """The samples in the scene, coordinate by coordinate."""
        params = dict(getattr(state.current(), f"{self.prior}_params"))
        return [params[name] for name in self.parameters]

    def _store(self, points: AnyPoints, _: bool) -> bool:
        """Store points as samples, with the bandwidth that suits them."""
        columns = self._rounded(points)
        before = getattr(state.current(), f"{self.prior}_params")
        bandwidth = silverman(columns)
        if bandwidth == 0.0:  # a single sample, or samples on a line: keep the bandwidth
            bandwidth = dict(before)["bandwidth"]
        spec = self.registry.specs(self.name)["bandwidth"]
        params: dict[str, object] = dict(zip(self.parameters, columns, strict=True))
        if not self._change(params | {"bandwidth": min(max(bandwidth, spec.least), spec.most)}):
            return False
        history = st.session_state.setdefault(self._history, [])
        history.append((before, self._bandwidth))
        del history[:-_MAX_UNDO]
        return True

    def _undo(self) -> None:
        """Restore the samples before their last change, and the bandwidth if it came with that."""
        if history := st.session_state.get(self._history):
            before, fitted = history.pop()
            params: dict[str, object] = dict(before)
            if self._bandwidth != fitted:  # it was chosen since
                params["bandwidth"] = self._bandwidth
            self._change(params)

    @property
    def _bandwidth(self) -> float:
        return dict(getattr(state.current(), f"{self.prior}_params"))["bandwidth"]

    def _change(self, params: dict[str, object]) -> bool:
        """Change the prior's parameters, and fill their widgets from the scene."""
        if not state.change(self._field, **{self.prior: self.name, f"{self.prior}_params": params}):
            return False
        state.refill(self.prior, self._field, f"{self.prior}.{self.name}.bandwidth")
        return True

    def _text(self, columns: Sequence[tuple[float, ...]]) -> str:
        """The samples as shown in the text box."""
        return self.kind.of([*row, 1.0] for row in zip(*columns, strict=True)).text()

    def _rounded(self, points: AnyPoints) -> list[tuple[float, ...]]:
        """The coordinates, (d, n), rounded to a thousandth of the smallest deviation.

        What would be 0 is kept to three digits.
        """
        deviation = float(moments(points).deviation.min())
        places = max(0, min(MAX_PLACES, _DIGITS - math.floor(math.log10(deviation))))
        columns = zip(*(row[:-1] for row in points.rows), strict=True)
        return [tuple(round(v, places) or snap_fine(v) for v in column) for column in columns]

    # ---------------------------------------------------------------------- session keys

    @property
    def _field(self) -> str:
        return f"{self.prior}.{self.name}.samples"

    @property
    def _history(self) -> str:
        return f"flowviz.{self._field}.history"


_PLANE_COLUMNS = ("samples_x", "samples_y")
EDITORS = {
    (editor.prior, editor.name): editor
    for editor in (
        SamplesEditor("prior", "kernel_density", Points, PRIOR, ("samples",), "points"),
        SamplesEditor("plane_prior", "kernel_density", Points, PLANE_PRIOR, ("samples",)),
        SamplesEditor(
            "plane_prior",
            "kernel_density_2d",
            PlanePoints,
            PLANE_PRIOR,
            _PLANE_COLUMNS,
            "plane_points",
        ),
    )
}
