"""The network's error as velocity, denoiser, noise or score: the map, the number, the formula."""

from __future__ import annotations

import math
from typing import get_args

import numpy as np
import streamlit as st

from flowviz.core.field import MarginalField
from flowviz.core.field.predictions import Prediction, missing_conversion
from flowviz.text import Translator
from flowviz.text.numbers import percent
from flowviz.ui.learn.compute import Arrays
from flowviz.ui.widgets import predictions

_KINDS: tuple[Prediction, ...] = get_args(Prediction)


def gap_map(found: Arrays, what: Prediction) -> tuple[np.ndarray, float] | None:
    """The relative error over (t, x) as a prediction, and the end of its colour scale.

    None where there is none: not yet, or because the prediction does not follow from a velocity.
    """
    if "gap" not in found:
        return None
    factor = found["gap_factors"][_KINDS.index(what)]
    if np.isnan(factor).all():
        return None
    gap = found["gap"].astype(np.float64)
    relative = gap * factor.reshape(-1, *(1,) * (gap.ndim - 1))
    finite = relative[np.isfinite(relative)]
    return relative, _round_up(float(np.quantile(finite, 0.98))) if finite.size else 1.0


def _round_up(value: float) -> float:
    """The next of 1, 2, 3, 5 times a power of ten."""
    decade = 10.0 ** math.floor(math.log10(max(value, 0.01)))
    return next(step * decade for step in (1.0, 2.0, 3.0, 5.0, 10.0) if step * decade >= value)


def show(field: MarginalField, found: Arrays, what: Prediction, tr: Translator) -> None:
    """The buttons, how the network's velocity is read so, and how large its error is then."""
    predictions.choose(tr)
    if missing := missing_conversion(field, what):
        st.caption(tr(f"learn.prediction.missing.{missing}"))
        return
    if what != "velocity":
        st.latex(predictions.network_formula(field, what, tr))
    if "prediction_errors" in found:
        error = float(found["prediction_errors"][_KINDS.index(what)])
        name = tr(f"field.prediction.{what}")
        st.caption(tr("learn.prediction.error", name=name, error=percent(error)))


def panel(what: Prediction, tr: Translator) -> str:
    """The title of the map."""
    return tr("learn.panel.gap" if what == "velocity" else f"learn.panel.gap.{what}")
