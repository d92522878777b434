"""Samples as the prior: typed, pasted, from a file, or the data points as they stand."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from flowviz.core.priors.kernel_density import MAX_SAMPLES, silverman
from flowviz.scene.fitting import moments
from flowviz.scene.parameters import PLANE_PRIOR, PRIOR, Registry
from flowviz.scene.points import PlanePoints, Points
from flowviz.scene.tables import reading
from flowviz.scene.tables.reading import Choice
from flowviz.scene.tables.sources import Source
from flowviz.text import Message, Refusal, Say
from flowviz.ui.session import state
from flowviz.ui.widgets import upload

Set = Points | PlanePoints

_SEED = 0
_DIGITS = 3  # decimals of a standard deviation that a sample keeps: the bandwidth hides the rest
_HEIGHT = 100


@dataclass(frozen=True)
class SamplesEditor:
    """The samples of the prior in one space.

    Attributes:
        prior: the scene's field of the prior.
        name: of the prior that is made of samples.
        points: the scene's field of the data points.
        kind: of the points.
        registry: of the priors on offer.
        parameters: of the samples, one for each coordinate.
    """

    prior: str
    name: str
    points: str
    kind: type[Points] | type[PlanePoints]
    registry: Registry
    parameters: tuple[str, ...]

    def sidebar(self, say: Say) -> None:
        """The samples as text, and where else they may come from."""
        params = dict(getattr(state.current(), f"{self.prior}_params"))
        columns = [params[name] for name in self.parameters]
        shown = self._text(columns)
        st.text_area(
            say("samples.text"),
            height=_HEIGHT,
            help=say("samples.help", limit=MAX_SAMPLES),
            key=state.bound_as(self._field, shown, self._take),
        )
        why = state.refusal(self._field)
        if why is not None:
            st.error(why.markdown(say))
        elif (said := st.session_state.get(self._said)) is not None and said[0] == shown:
            st.caption(said[1].markdown(say))
        st.button(
            say("samples.data"),
            key=f"w.{self._field}.data",
            help=say("samples.data.help"),
            on_click=lambda: self._store(getattr(state.current(), self.points), None),
            width="stretch",
        )
        file = st.expander(say("samples.file"), key=f"w.{self._field}.open", on_change="rerun")
        if file.open:
            with file:
                upload.file_uploader(say("samples.file"), self._file, say)
                state.on_change(self._file, self._take_file, lambda file: file and file.file_id)

    # ---------------------------------------------------------------------- taking

    def _take_file(self, file: UploadedFile | None) -> None:
        if file is not None:
            self._take(file.getvalue())

    def _take(self, source: Source) -> None:
        """Read samples as points are read; of two readings the likelier, and it is said."""
        try:
            read = reading.read(source, self.kind, Choice(seed=_SEED))
        except Refusal as why:
            state.refuse(self._field, why)
            return
        assert read.points is not None
        self._store(read.points, read)

    def _store(self, points: Set, read: reading.Reading | None) -> None:
        """Take points for samples: as many as may be, drawn by weight where they are weighted."""
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
        if bandwidth == 0.0:  # samples on a line, or one alone: as wide as the prior was
            bandwidth = dict(getattr(state.current(), f"{self.prior}_params")).get("bandwidth", 0.3)
        spec = self.registry.specs(self.name)["bandwidth"]
        params["bandwidth"] = min(max(bandwidth, spec.least), spec.most)
        if state.change(self._field, **{self.prior: self.name, f"{self.prior}_params": params}):
            state.refill(self.prior, self._field, f"{self.prior}.{self.name}.bandwidth")
            drawn = reading.counted("point", len(points))
            key = "samples.drawn" if len(rows) < len(points) else "samples.taken"
            said = Message(key, n=len(rows), points=read.message if read else drawn)
            st.session_state[self._said] = (self._text(columns), said)

    def _text(self, columns: Sequence[tuple[float, ...]]) -> str:
        """Samples as the text box shows them."""
        return self.kind.of([*row, 1.0] for row in zip(*columns, strict=True)).text()

    def _rounded(self, points: Set, rows: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
        """The samples' coordinates, (d, n), with a few digits of their extent: links are short."""
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
    def _file(self) -> str:
        return f"w.{self.prior}.samples.file"

    @property
    def _said(self) -> str:
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
