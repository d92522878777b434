"""The field at a query point as velocity, denoiser, noise or score, and the conversions."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.field.predictions import (
    conditional_prediction,
    exact_prediction,
    missing_conversion,
)
from flowviz.core.priors import Gaussian
from flowviz.scene import Scene
from flowviz.scene.decimals import decimal_text
from flowviz.scene.settings import Prediction
from flowviz.text import Translator
from flowviz.ui.widgets import controls

_SYMBOLS: dict[Prediction, str] = {
    "velocity": "-f_t(x)",
    "denoiser": r"\mathbb{E}[x_0|x]",
    "noise": r"\mathbb{E}[x_1|x]",
    "score": r"\nabla\log p_t(x)",
}
_FROM_VELOCITY: dict[Prediction, str] = {
    "velocity": r"\dot\alpha_t\,\mathbb{E}[x_0|x] + \dot\sigma_t\,\mathbb{E}[x_1|x]",
    "denoiser": r"\frac{\dot\sigma_t\,x - \sigma_t\,f_t(x)}"
    r"{\alpha_t\,\dot\sigma_t - \dot\alpha_t\,\sigma_t}",
    "noise": r"\frac{\alpha_t\,f_t(x) - \dot\alpha_t\,x}"
    r"{\alpha_t\,\dot\sigma_t - \dot\alpha_t\,\sigma_t}",
}


@dataclass(frozen=True)
class AtQuery:
    """A prediction at one point: ``conditional`` (N, d), one for each data point, and their
    ``marginal`` (d,).
    """

    conditional: Tensor
    marginal: Tensor


def at_query(field: MarginalField, x: Tensor, t: float, scene: Scene) -> AtQuery:
    """The prediction that the reader chose at a point x (d,), velocities towards the data."""
    point, time = x[None], torch.tensor([t], dtype=x.dtype)
    what = scene.prediction
    conditional = conditional_prediction(field, point, time, what)[0]
    marginal = exact_prediction(field, point, time, what)[0]
    if what == "velocity":
        conditional, marginal = -conditional, -marginal
    return AtQuery(conditional, marginal)


def choose(tr: Translator) -> None:
    """The buttons."""
    controls.choice("field", "prediction", tr, separate=True)


def symbol(what: Prediction, tr: Translator) -> str:
    """A prediction's symbol as TeX; of the velocity, that of the direction of generation."""
    return tr.tex(_SYMBOLS[what], "f_t(x)" if what == "velocity" else None)


def formula(field: MarginalField, what: Prediction, tr: Translator) -> str | None:
    """How a prediction follows from the velocity, as TeX; None where it does not."""
    missing = missing_conversion(field, what)
    if missing == "family" or (what == "velocity" and field.path.affine_schedule is None):
        return None
    if what == "score":
        if not isinstance(field.prior, Gaussian):
            right = r"\textstyle\sum_i r_i\,\nabla\log p_t(x|x_0^{(i)})"
        else:
            right = _gaussian_score(field.prior)
    else:
        right = _FROM_VELOCITY[what]
    left = "f_t(x)" if what == "velocity" else _SYMBOLS[what]
    return tr.tex(f"{left} = {right}")


def network_formula(field: MarginalField, what: Prediction, tr: Translator) -> str:
    """The same of a network's velocity."""
    exact = formula(field, what, tr) or ""
    network = exact.replace("f_t(x)", r"v_\theta(x,t)").replace("{E}", r"{E}_\theta")
    return network.replace(r"\nabla\log p_t(x)", r"s_\theta(x,t)")


def _gaussian_score(prior: Gaussian) -> str:
    """The score under N(m, s²), with m = 0 and s = 1 left out."""
    mean, scale = decimal_text(prior.loc), decimal_text(prior.scale)
    above = r"\mathbb{E}[x_1|x]"
    if mean != "0":
        above += f" {'+' if prior.loc < 0 else '-'} {mean.removeprefix('-')}"
    below = r"\sigma_t" if scale == "1" else f"{scale}^2\\,\\sigma_t"
    return f"-\\frac{{{above}}}{{{below}}}"


def explain(field: MarginalField, what: Prediction, tr: Translator) -> None:
    """The conversion, or one sentence on why there is none."""
    tex = formula(field, what, tr)
    if tex is not None:
        st.latex(tex)
    missing = missing_conversion(field, what)
    if missing is not None:
        st.caption(tr(f"prediction.missing.{missing}"))
