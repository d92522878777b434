"""The convergence chart: the solvers' errors against their numbers of function evaluations.

Nine solvers differ by colour, dash and marker, so that they can be distinguished in greyscale and
with any common colour-vision deficiency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from flowviz.figures.style import Style, drawn

Array = NDArray[np.floating[Any]]


class _CurveStyle(NamedTuple):
    """A solver's colours on light and dark ground, dash and marker symbol."""

    light: str
    dark: str
    dash: str
    symbol: str


#: In the legend's order. Exponential methods are dashed, each differently.
_CURVE_STYLES = {
    "euler": _CurveStyle("#6B7280", "#A9B1C2", "solid", "circle"),
    "midpoint": _CurveStyle("#0072B2", "#66C2FF", "solid", "triangle-up"),
    "heun": _CurveStyle("#009E73", "#52C380", "solid", "square"),
    "rk4": _CurveStyle("#6236D1", "#B79CFF", "solid", "diamond"),
    "dopri5": _CurveStyle("#8A5A54", "#D3A58F", "solid", "star"),
    "ddim": _CurveStyle("#D55E00", "#FF9A4D", "6px,4px", "circle-open"),
    "dpm2": _CurveStyle("#B0478F", "#F09AD0", "10px,3px", "triangle-up-open"),
    "multistep": _CurveStyle("#A07800", "#E3C94B", "2px,3px", "x"),
    "mean_value": _CurveStyle("#C2185B", "#FF6B81", "12px,3px,2px,3px", "hexagon-open"),
}
ORDER = tuple(_CURVE_STYLES)
"""Solvers in the order of the legend."""


def curve_style(name: str, style: Style) -> dict[str, str]:
    """A solver's ``color``, ``dash`` and ``symbol`` as Plotly names them."""
    line_style = _CURVE_STYLES[name]
    return {
        "color": line_style.dark if style.dark else line_style.light,
        "dash": line_style.dash,
        "symbol": line_style.symbol,
    }


@dataclass(frozen=True)
class Curve:
    """One solver's measurements: ``nfe`` (K,) and ``value`` (K,).

    ``solver`` is its key, ``name`` its name in the legend, ``formatted`` the values as text.
    """

    solver: str
    name: str
    nfe: Array
    value: Array
    formatted: Sequence[str]


def chart_figure(
    curves: Sequence[Curve], chosen: str, floor: float, labels: Mapping[str, str], style: Style
) -> go.Figure:
    """A measure of error against evaluations, both on log axes; the chosen solver is emphasised.

    Args:
        curves: in the order of the legend.
        chosen: the solver whose line is thick.
        floor: smaller values, which are rounding error or 0, are drawn here.
        labels: words for ``nfe`` and ``value``.
        style: light or dark, plain or Large.
    """
    chosen_last = sorted(curves, key=lambda curve: curve.solver == chosen)
    traces = [
        _trace(curve, floor, style, is_chosen=curve.solver == chosen) for curve in chosen_last
    ]
    size = style.font_size
    return drawn(
        traces,
        style,
        height=36 * size,
        hovermode="closest",
        showlegend=True,
        margin={"l": 5.2 * size, "r": 12, "t": 8, "b": 3.4 * size},
        legend=_legend(style),
        xaxis={
            "type": "log",
            "range": [0.2, 2.5],
            # Few enough for large labels not to overlap on a telephone.
            "tickvals": [2, 10, 50, 200] if style.large else [2, 5, 10, 20, 50, 100, 200],
            "tickangle": 0,
            "title": {"text": labels["nfe"], "standoff": 4},
            "fixedrange": True,
        },
        yaxis=_value_axis(curves, floor, labels["value"]),
    )


def _trace(curve: Curve, floor: float, style: Style, *, is_chosen: bool) -> dict[str, Any]:
    """A solver's line and markers; the chosen solver's are thicker."""
    line_style = curve_style(curve.solver, style)
    color = line_style["color"]
    return {
        "type": "scatter",
        "name": curve.name,
        "x": curve.nfe,
        "y": np.maximum(curve.value, floor),
        "mode": "lines+markers",
        "line": {
            "color": color,
            "dash": line_style["dash"],
            "width": style.line * (2.4 if is_chosen else 1.2),
        },
        "marker": {
            "symbol": line_style["symbol"],
            "size": (1.5 if is_chosen else 1.0) * (11 if style.large else 7),
            "color": color,
            "line": {"width": 1.6, "color": color},
        },
        "cliponaxis": False,  # else a marker on the frame is cut in half
        "opacity": 1.0 if is_chosen else 0.85,
        "legendrank": ORDER.index(curve.solver) + 1,
        "hovertemplate": "%{x} NFE<br>%{text}<extra>%{fullData.name}</extra>",
        "text": list(curve.formatted),
    }


def _legend(style: Style) -> dict[str, Any]:
    """The solvers above the chart, in rows."""
    size = style.font_size
    small = style.large and not style.text_px  # nothing that is presented is smaller
    return {
        "orientation": "h",
        "yanchor": "bottom",
        "y": 1.01,
        "x": 0,
        "itemsizing": "trace",
        "itemwidth": 36,
        "entrywidth": (4.6 if small else 6.2) * size,
        "font": {"size": 0.8 * size if small else size},
    }


def _value_axis(curves: Sequence[Curve], floor: float, label: str) -> dict[str, Any]:
    """The axis of the measured values, over all finite ones that are above the floor."""
    values = np.concatenate([curve.value for curve in curves])
    top = float(np.nanmax(values[np.isfinite(values)], initial=floor))
    above = values[np.isfinite(values) & (values > floor)]
    low = max(floor, float(above.min()) if above.size else floor)
    return {
        "type": "log",
        "range": [np.log10(low) - 0.25, np.log10(max(top, 10 * low)) + 0.25],
        "dtick": 1 if top / low < 1e8 else 2,
        "title": {"text": label, "standoff": 4},
        "fixedrange": True,
    }
