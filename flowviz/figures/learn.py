"""The Train page's figures: the loss and its lower bound, both flows on the line, their gap."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from flowviz.figures.fan import Fan, arrow_polyline, fan_traces, marker_sizes
from flowviz.figures.style import Style, drawn, labelled
from flowviz.figures.traces import (
    DENSITY,
    OVER_TIME,
    REACHES,
    Trace,
    curve,
    data_points,
    titled,
)

Array = NDArray[np.floating[Any]]
Labels = Mapping[str, str]
Written = Callable[[float], str]


def gap_scale(style: Style) -> list[list[Any]]:
    """The gap's colour scale: ground to a warm hue, lightness monotone; densities are blue."""
    if style.dark:
        stops = ("#1C2230", "#4A2A1E", "#7D3F1E", "#B75F22", "#EB9440", "#FFE0B0")
    else:
        stops = ("#F4F6FA", "#FBE3CC", "#F6BE8C", "#E58E4B", "#C25F1B", "#7F3606")
    return [[i / (len(stops) - 1), colour] for i, colour in enumerate(stops)]


def gap_codes(relative: Array, top: float) -> NDArray[np.uint8]:
    """One byte a cell, (T, X, Y) -> (T, Y, X) with rows downwards: 0 for NaN, 255 for ``top``."""
    codes = 1.0 + np.floor(254.999 * np.clip(np.nan_to_num(relative) / top, 0.0, 1.0))
    codes[np.isnan(relative)] = 0
    return np.ascontiguousarray(codes.astype(np.uint8).transpose(0, 2, 1)[:, ::-1])


# ---------------------------------------------------------------------- the loss


def loss_figure(
    losses: Array,
    floor: tuple[float, float],
    steps: int,
    labels: Labels,
    style: Style,
    heavy: bool = False,
    written: Written = str,
) -> go.Figure:
    """The loss over the steps, and its lower bound for any network, the floor.

    Args:
        losses: rows (step, loss, excess, relative, median), (K, 5).
        floor: its value and standard error; NaN until it is computed.
        steps: where the axis ends.
        labels: words for ``step``, ``loss`` and ``floor``; ``nothing`` is shown without a curve.
        style: light or dark, plain or Large.
        heavy: the loss has no finite mean and varies over decades: use a logarithmic axis.
        written: the number at a tick of that.
    """
    step, loss = losses[:, 0], losses[:, 1]
    traces = [curve("loss", step, loss, style.basins[1], style.line)]
    heavy = heavy and bool((loss > 0).all())
    level = floor[0] if np.isfinite(floor[0]) and (floor[0] > 0 or not heavy) else None
    layout: dict[str, Any] = {}
    if level is not None:
        ends = np.array([0, steps]), np.full(2, level)
        traces.append(curve("floor", *ends, style.accent, style.line + 0.6, dash="dash"))
        layout["annotations"] = [
            _note(labels["floor"], style.accent, math.log10(level) if heavy else level, style)
        ]
    if not len(losses):
        layout["annotations"] = in_the_middle(labels["nothing"], style)
    below = 3.6 if style.large else 2.0  # space for the floor's label
    if heavy:
        logs = np.log10(np.append(loss, level or loss[-1:]))
        axis = _log_axis(logs, 0.06 * below * float(np.ptp(logs)) + 0.1, 0.1, written)
    else:
        axis = {"range": _loss_range(loss, level or 0.0, below), "nticks": 5}
    return drawn(
        traces,
        style,
        **_small(labels["step"], labels["loss"], steps, style),
        yaxis=axis | {"title": {"text": labels["loss"]}},
        **layout,
    )


def _loss_range(loss: Array, floor: float, below: float) -> tuple[float, float]:
    """The axis range: from below the floor to the losses' 97th percentile.

    ``below`` is the space below the floor, for its label, in units of the padding.
    """
    if not len(loss):
        return (0.0, 2.0 * floor or 1.0)
    high = float(np.quantile(loss, 0.97)) if len(loss) > 8 else float(loss.max())
    high = max(high, floor + 1e-9)
    pad = 0.12 * (high - min(floor, float(loss.min()))) + 1e-12
    return (min(floor, float(loss.min())) - below * pad, high + pad)


def _log_axis(logs: Array, below: float, above: float, written: Written) -> dict[str, Any]:
    """A logarithmic axis for values with these log₁₀, with margins below and above."""
    low, high = float(logs.min()), float(logs.max())
    axis = {"type": "log", "range": [low - below, high + above], "exponentformat": "power"}
    if high - low > 1.5:
        return axis | {"dtick": 1}
    # With a tick per decade a short axis would have one label or none; Plotly's own between them
    # are single digits: 2 above 1 above 5.
    decades = range(math.floor(low - below), math.ceil(high + above))
    ticks = [step * 10.0**k for k in decades for step in (1, 2, 5)]
    return axis | {"tickvals": ticks, "ticktext": [written(value) for value in ticks]}


def median_figure(
    losses: Array, steps: int, labels: Labels, style: Style, written: Written = str
) -> go.Figure:
    """The median of ‖v - f‖/‖f‖ over the steps, which exists even with heavy tails.

    Args:
        losses, steps: as for `loss_figure`.
        labels: words for ``step`` and ``median``.
        style: light or dark, plain or Large.
        written: the number at a tick.
    """
    step, median = losses[:, 0], losses[:, 4]
    logs = np.log10(median.clip(min=1e-12))
    return drawn(
        [curve("median", step, median, style.basins[0], style.line + 0.8)],
        style,
        **_small(labels["step"], labels["median"], steps, style),
        yaxis=_log_axis(logs, 0.1, 0.1, written) | {"title": {"text": labels["median"]}},
    )


def excess_figure(
    losses: Array,
    floor: tuple[float, float],
    steps: int,
    labels: Labels,
    style: Style,
    written: Written = str,
) -> go.Figure:
    """loss - floor on a log axis, estimated from the batches, and the measured mean ‖v - f‖².

    Args:
        losses, floor, steps: as for `loss_figure`.
        labels: words for ``step``, ``excess``, ``batches``, ``true`` and ``nothing``.
        style: light or dark, plain or Large.
        written: the number at a tick.
    """
    step, loss, excess = losses[:, 0], losses[:, 1], losses[:, 2]
    above = np.where(loss > floor[0], loss - floor[0], np.nan)
    first, second = style.basins[1], style.basins[0]
    traces = [
        curve("batches", step, above, first, 0.7 * style.line, opacity=0.55),
        curve("true", step, excess, second, style.line + 0.8),
    ]
    # A log axis needs finite limits even without data.
    positive = np.concatenate([above[above > 0], excess[excess > 0]])
    logs = np.log10(positive) if len(positive) else np.array([-3.0, 0.0])
    notes = [
        _corner(labels["batches"], first, 0, style),
        _corner(labels["true"], second, 1, style),
    ]
    return drawn(
        traces,
        style,
        **_small(labels["step"], labels["excess"], steps, style),
        yaxis=_log_axis(logs, 0.15, 0.35, written) | {"title": {"text": labels["excess"]}},
        annotations=notes if len(positive) else in_the_middle(labels["nothing"], style),
    )


def _small(x: str, y: str, steps: int, style: Style) -> dict[str, Any]:
    size = style.font_size
    few = {"nticks": 4 if style.large else 6, "tickangle": 0}
    whole = {"exponentformat": "none", "separatethousands": True}
    return {
        "height": 18 * size,
        "margin": {"l": 5.2 * size, "r": 2 * size, "t": 8, "b": 3.4 * size},
        "xaxis": {"range": [0, steps], **titled(x), **few, **whole},
    }


def _note(text: str, colour: str, y: float, style: Style) -> dict[str, Any]:
    """A label below the right end of a horizontal line; a large one on two lines."""
    if style.large:
        text = text.replace(": ", ":<br>").replace("：", "：<br>")
    return _label(text, colour, style) | {"align": "right", "x": 1.0, "y": y}


def _corner(text: str, colour: str, row: int, style: Style) -> dict[str, Any]:
    """A label in the upper right corner, in the given row."""
    return _label(text, colour, style) | {"yref": "paper", "x": 0.99, "y": 0.99 - 0.1 * row}


def _label(text: str, colour: str, style: Style) -> dict[str, Any]:
    """A label left of and below its point, whose x is a fraction of the figure's width."""
    font = {"color": colour, "size": style.font_size}
    corner = {"xanchor": "right", "yanchor": "top", "showarrow": False}
    return {"text": text, "xref": "paper", "font": font, **corner}


# ---------------------------------------------------------------------- the line


def line_figure(
    fan: Fan | None,
    arrows: tuple[Array, Array, Array] | None,
    points: tuple[Array, Array],
    view: tuple[float, float],
    labels: Labels,
    style: Style,
) -> go.Figure:
    """One flow on the line: its trajectories and its velocity arrows over (t, x).

    The arrows point from the prior to the data, against time, as in the plane.

    Args:
        fan: the trajectories; None while there are none.
        arrows: t, x and the velocity there, (K,) each, NaN for no arrow.
        points: data positions and weights.
        view: lowest and highest x.
        labels: words for ``t`` and ``x``; ``nothing`` is shown without trajectories.
        style: light or dark, plain or Large.
    """
    traces: list[Trace] = []
    if arrows is not None:
        aspect = 1.1 * (view[1] - view[0])
        t, x = arrow_polyline(*arrows, aspect=aspect, length=-0.05)
        traces.append(curve("arrows", t, x, style.ink, 0.75 * style.line, opacity=0.75))
    if fan is not None:
        text = OVER_TIME
        text += (DENSITY if fan.p is not None else "") + (
            REACHES if fan.reached is not None else ""
        )
        traces = [*fan_traces(fan, style.basins, style, label=text), *traces]
    notes = [] if fan is not None else in_the_middle(labels["nothing"], style)
    return drawn(
        [*traces, _points(points, style)], style, **_plane(view, labels, style), annotations=notes
    )


def gap_figure(
    gap: tuple[Array, Array, Array] | None,
    top: float,
    points: tuple[Array, Array],
    view: tuple[float, float],
    labels: Labels,
    style: Style,
) -> go.Figure:
    """The network's error over (t, x): ‖v_θ - f_t‖ relative to the typical speed.

    Args:
        gap: t (T,), x (X,) and the error (T, X), NaN where p_t is negligible.
        top: the error at the end of the colour scale.
        points, view, labels, style: as for `line_figure`.
    """
    traces: list[Trace] = []
    if gap is not None:
        t, x, relative = gap
        bar = {"thickness": 12, "outlinewidth": 0, "nticks": 4, "tickformat": ".0%", "xpad": 2}
        traces.append(
            {
                "type": "heatmap",
                "name": "heat",
                "x": t,
                "y": x,
                "z": relative.T,
                "zmin": 0.0,
                "zmax": top,
                "colorscale": gap_scale(style),
                "colorbar": bar,
                "zsmooth": False,
                "hovertemplate": "t = %{text}<br>x = %{y}<br>%{z:.3p}<extra></extra>",
            }
        )
    notes = [] if gap is not None else in_the_middle(labels["nothing"], style)
    return drawn(
        [*traces, _points(points, style)], style, **_plane(view, labels, style), annotations=notes
    )


def _plane(view: tuple[float, float], labels: Labels, style: Style) -> dict[str, Any]:
    size = style.font_size
    return {
        **labelled(style),
        "height": 25 * size,
        "margin": {"l": style.left_margin(3.4, *view), "r": 8, "t": 8, "b": 3.2 * size},
        "xaxis": style.time_axis(
            (0, 0.5, 1),
            range=[-0.03, 1.0],
            showgrid=False,
            **titled(labels["t"]),
        ),
        "yaxis": {"range": list(view), "showgrid": False, **titled(labels["x"])},
    }


def _points(points: tuple[Array, Array], style: Style) -> Trace:
    x, weights = points
    return data_points(x[:, None], 0.8 * marker_sizes(weights, style), 1.0, style)


def in_the_middle(text: str, style: Style) -> list[dict[str, Any]]:
    """The annotation of a figure without data; an empty list for an empty text."""
    font = {"color": style.faint, "size": style.font_size}
    position = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5}
    return [{"text": text, "showarrow": False, "font": font, **position}] if text else []
