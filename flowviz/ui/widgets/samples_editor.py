"""Editors of a kernel density's samples: typed, pasted, from a file, or the data points."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from flowviz.core.priors.kernel_density import MAX_SAMPLES, silverman
from flowviz.scene.fitting import moments
from flowviz.scene.parameters import PLANE_PRIOR, PRIOR, Registry
from flowviz.scene.points import AnyPoints, PlanePoints, Points
from flowviz.scene.tables import reading
from flowviz.scene.tables.reading import Choice
from flowviz.scene.tables.sources import Source
from flowviz.text import Message, Refusal, Translator
from flowviz.ui.session import state
from flowviz.ui.widgets import upload

_SEED = 0
_DIGITS = 3  # decimals of samples in standard deviations: the bandwidth is much larger
_HEIGHT = 100


@dataclass(frozen=True)
class SamplesEditor:
    """The widgets for the samples of a prior.

    Attributes:
        prior: the scene's field of the prior.
        name: the kernel density's name in the registry.
        points: the scene's field of the data points.
        kind: the class of the points.
        registry: of the priors.
        parameters: the samples' coordinates.
    """

    prior: str
    name: str
    points: str
    kind: type[Points] | type[PlanePoints]
    registry: Registry
    parameters: tuple[str, ...]

    def sidebar(self, tr: Translator) -> None:
        """The samples as text, and the widgets to use the data points or a file instead."""
        params = dict(getattr(state.current(), f"{self.prior}_params"))
        columns = [params[name] for name in self.parameters]
        text = self._text(columns)
        st.text_area(
            tr("samples.text"),
            height=_HEIGHT,
            help=tr("samples.help", limit=MAX_SAMPLES),
            key=state.bound_as(self._field, text, self._apply),
        )
        why = state.refusal(self._field)
        if why is not None:
            st.error(why.markdown(tr))
        elif (last := st.session_state.get(self._last)) is not None and last[0] == text:
            st.caption(last[1].markdown(tr))
        st.button(
            tr("samples.data"),
            key=f"w.{self._field}.data",
            help=tr("samples.data.help"),
            on_click=lambda: self._store(getattr(state.current(), self.points), None),
            width="stretch",
        )
        file = st.expander(tr("samples.file"), key=f"w.{self._field}.open", on_change="rerun")
        if file.open:
            with file:
                upload.file_uploader(tr("samples.file"), f"w.{self._field}.file", tr, self._apply)

    def _apply(self, source: Source) -> None:
        """Read samples as points are read; of several readings, the likeliest."""
        try:
            read = reading.read(source, self.kind, Choice(seed=_SEED))
        except Refusal as why:
            state.refuse(self._field, why)
            return
        assert read.points is not None
        self._store(read.points, read)

    def _store(self, points: AnyPoints, read: reading.Reading | None) -> None:
        """Store points as samples; at random by weight if they are weighted or too many."""
        rows = [row[:-1] for row in points.rows]
        weights = [row[-1] for row in points.rows]
        rng = random.Random(_SEED)
        if len(set(weights)) > 1:
            rows = rng.choices(rows, weights, k=MAX_SAMPLES)
        elif len(rows) > MAX_SAMPLES:
            rows = rng.sample(rows, MAX_SAMPLES)
        columns = self._rounded(points, rows)
        params: dict[str, object] = dict(zip(self.parameters, columns, strict=True))
        bandwidth = silverman(columns)
        if bandwidth == 0.0:  # a single sample, or samples on a line: keep the bandwidth
            bandwidth = dict(getattr(state.current(), f"{self.prior}_params")).get("bandwidth", 0.3)
        spec = self.registry.specs(self.name)["bandwidth"]
        params["bandwidth"] = min(max(bandwidth, spec.least), spec.most)
        if state.change(self._field, **{self.prior: self.name, f"{self.prior}_params": params}):
            state.refill(self.prior, self._field, f"{self.prior}.{self.name}.bandwidth")
            drawn = reading.counted("point", len(points))
            key = "samples.drawn" if len(rows) < len(points) else "samples.taken"
            message = Message(key, n=len(rows), points=read.message if read else drawn)
            st.session_state[self._last] = (self._text(columns), message)

    def _text(self, columns: Sequence[tuple[float, ...]]) -> str:
        """The samples as shown in the text box."""
        return self.kind.of([*row, 1.0] for row in zip(*columns, strict=True)).text()

    def _rounded(self, points: AnyPoints, rows: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
        """The samples' coordinates, (d, n), rounded to a thousandth of their deviation."""
        deviation = float(moments(points).deviation.min())
        places = max(0, min(6, _DIGITS - math.floor(math.log10(deviation))))
        return [
            tuple(round(value, places) for value in column) for column in zip(*rows, strict=True)
        ]

    # ---------------------------------------------------------------------- session keys

    @property
    def _field(self) -> str:
        return f"{self.prior}.samples"

    @property
    def _last(self) -> str:
        return f"flowviz.{self.prior}.samples"


LINE = SamplesEditor("prior", "kernel_density", "points", Points, PRIOR, ("samples",))
PLANE = SamplesEditor(
    "plane_prior",
    "kernel_density_2d",
    "plane_points",
    PlanePoints,
    PLANE_PRIOR,
    ("samples_x", "samples_y"),
)
EDITORS = {editor.prior: editor for editor in (LINE, PLANE)}
