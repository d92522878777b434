"""The query point of the Plane page: its arrows in the figure, and its values in a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st
import torch

from flowviz.figures.plane import reading_arrows
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator
from flowviz.text.numbers import digits_apart, number, percent
from flowviz.ui.plane import compute
from flowviz.ui.session import faults
from flowviz.ui.widgets import predictions
from flowviz.ui.widgets.glossary import heading
from flowviz.ui.widgets.query_card import query_card
from flowviz.ui.widgets.readouts import density_tex, tex

_ARROWS = 24  # arrows at the query point


def arrows(scene: Scene, tr: Translator, style: Style) -> dict[str, Any] | None:
    """The query point with its arrows, as the browser component reads them; None without one."""
    if scene.plane_probe is None:
        return None
    t, x, y = scene.plane_probe
    out: dict[str, Any] = {"t": t, "at": [x, y], "arrows": []}
    if t == 0:
        return out
    at = compute.probe(scene, scene.plane_probe)
    if bool(at.log_p.isfinite().all()):
        posterior = at.posterior[0].numpy()
        top = np.argsort(-posterior)[:_ARROWS]
        velocities, marginal = -at.conditional[0].numpy(), -at.velocity[0].numpy()
        read = reading_arrows(velocities[top], posterior[top], marginal)
        out |= {"arrows": read["arrows"], "marginal": read["marginal"]}
        points = scene.plane_points
        palette = style.point_colours(len(points))
        out |= {"posterior": posterior[top].tolist(), "colours": (top % len(palette)).tolist()}
        out["card"] = query_card(at, [points.x, points.y], palette, tr)
    return out


@faults.guarded
def reading(scene: Scene, tr: Translator) -> None:
    """p_t, f_t, each data point's weight and velocity, and how much of the velocities cancels."""
    heading(tr("fan.query"), tr, "posterior_weight", "conditional_velocity", "marginal_velocity")
    if scene.plane_probe is None:
        st.caption(tr("plane.query.none"))
        return
    t, x, y = scene.plane_probe
    st.markdown(f"$t={tr.time_value(t):.3f},\\; x=({x:.3f},\\ {y:.3f})$")
    if t == 0:
        st.info(tr("fan.query.start"))
        return
    at = compute.probe(scene, scene.plane_probe)
    density = density_tex(float(at.log_p))
    if density is None:
        unknown = bool(at.log_p.isnan().any())
        st.info(tr("fan.query.unknown" if unknown else "fan.query.nowhere"))
        return
    posterior, what, field = at.posterior[0].numpy(), scene.prediction, scene.field("plane")
    position = torch.tensor([x, y], dtype=torch.float64)
    read = predictions.at_query(field, position, t, scene)
    values, marginal = read.conditional.numpy(), read.marginal.numpy()
    left_side = predictions.symbol(what, tr)
    components = ",\\ ".join(map(tex, marginal.tolist()))
    st.markdown(f"$p_t(x) = {density}, \\quad {left_side} = ({components})$")
    predictions.choose(tr)
    predictions.explain(field, what, tr)
    if what == "velocity":
        left = reading_arrows(values, posterior, marginal)["left"]
        fractions = {"left": percent(left, places=1), "cancelled": percent(1 - left, places=1)}
        st.markdown(tr("plane.query.cancel", **fractions))
    _table(scene, posterior, values, tr)
    if what == "velocity":
        st.caption(tr("plane.query.caption"))


def _table(scene: Scene, posterior: Any, values: Any, tr: Translator) -> None:
    """The data points with the largest posterior weights, and their values."""
    top = np.argsort(-posterior)[:LISTED]
    what, points = scene.prediction, scene.plane_points
    digits = digits_apart(*([axis[i] for i in top.tolist()] for axis in (points.x, points.y)))
    rows = [
        [pair(points.x[i], points.y[i], digits), percent(float(posterior[i])), pair(*values[i])]
        for i in top.tolist()
    ]
    head = [tr(f"fan.query.table.{column}") for column in ("point", "posterior")]
    if what == "denoiser":  # the data points themselves
        rows = [row[:2] for row in rows]
    else:
        head.append(tr(f"fan.query.table.{what}"))
    table(head, rows)
    if len(posterior) > LISTED:
        rest = percent(max(1.0 - float(posterior[top].sum()), 0.0), 2)
        st.caption(tr("fan.query.rest", n=LISTED, rest=rest))


LISTED = 8
"""Data points in a table."""


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table of numbers, aligned right."""
    lines = [head, ["---:"] * len(head), *rows]
    cells = ([cell.replace("|", r"\|") for cell in line] for line in lines)
    st.markdown("\n".join(f"| {' | '.join(line)} |" for line in cells))


def pair(x: float, y: float, digits: int = 3) -> str:
    """A position or velocity as text: (0.5, −1.2·10⁶)."""
    return f"({number(x, digits)},\u00a0{number(y, digits)})"
