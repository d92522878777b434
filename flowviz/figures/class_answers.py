"""A class's answers in a figure: histograms beside its axes, or on axes of their own below it."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from flowviz.figures.style import Style
from flowviz.figures.traces import legend, note

Array = NDArray[np.floating[Any]]
Axis = Literal["x", "y", ""]

BINS = 30
BESIDE = 0.14
"""The part of the figure that histograms beside an axis take."""
_GAP = 0.02
_ROW = 8.0
"""Heights of text that an axis of its own takes."""
_OPTION_ROW = 3.6
_WRAP, _WRAP_WIDE = 54, 27
"""Characters of a line of an option, Latin and Chinese."""
_CENTRAL = (5.0, 95.0)


@dataclass(frozen=True)
class ClassAnswers:
    """The answers to one question.

    Attributes:
        values: of all students, (N,); an option counts as its place, from 0.
        axis: of the figure on which the question is; "" for one of its own.
        title: of its own axis.
        options: their texts, where there are some.
        correct: the right answer, once it is shown.
    """

    values: Array
    axis: Axis = ""
    title: str = ""
    options: Sequence[str] = ()
    correct: float | None = None


def with_class(
    traces: list[dict[str, Any]],
    layout: dict[str, Any],
    answers: Sequence[ClassAnswers],
    words: tuple[str, str],
    style: Style,
) -> None:
    """Add a class's answers to a figure's traces and layout.

    Args:
        traces: of the figure on the axes ``x`` and ``y``.
        layout: with their ranges, a height, margins, annotations.
        answers: to each question.
        words: what the histograms are; and for ``{n}`` answers outside an axis.
        style: light or dark, plain or Large.
    """
    size = style.font_size
    colour = class_colour(style)
    below = [found for found in answers if not found.axis]
    outside = _beside(traces, layout, [found for found in answers if found.axis], colour)
    rows = [_height(found) * size for found in below]
    inner = layout["height"] - layout["margin"]["t"] - layout["margin"]["b"]
    _raise_figure(layout, sum(rows), inner)
    total, end = inner + sum(rows), sum(rows)
    for k, (found, height) in enumerate(zip(below, rows, strict=True), 4):
        bottom = (end - height + 2.6 * size) / total
        domain = [bottom, max(bottom + 0.02, (end - 3.0 * size) / total)]
        outside += _own(traces, layout, found, (k, domain), style)
        end -= height
    said = words[0] if not outside else f"{words[0]}; {words[1].format(n=outside)}"
    lines = sum(1 for found in layout["annotations"] if found.get("yref") == "paper")
    layout["annotations"] += [
        note_ | {"yshift": 1.5 * size * lines} for note_ in legend([(said, style.ink)], size)
    ]
    layout["margin"]["t"] += 1.6 * size
    layout["height"] += 1.6 * size


def class_colour(style: Style) -> str:
    """The colour of the class's answers: of no data point and of no answer of one's own."""
    return style.faint


def _height(found: ClassAnswers) -> float:
    return 5.0 + _OPTION_ROW * len(found.options) if found.options else _ROW + 3.0


def _raise_figure(layout: dict[str, Any], added: float, inner: float) -> None:
    """Move the figure's own axes above what is added below them."""
    if not added:
        return
    layout["height"] += added
    for name in ("yaxis", "yaxis2", "yaxis3"):
        if name in layout:
            low, high = layout[name].get("domain", (0.0, 1.0))
            place = [(added + end * inner) / (added + inner) for end in (low, high)]
            layout[name] = layout[name] | {"domain": place}


def _beside(
    traces: list[dict[str, Any]],
    layout: dict[str, Any],
    answers: Sequence[ClassAnswers],
    colour: str,
) -> int:
    """Histograms on the figure's own axes; how many answers are outside of them."""
    outside = 0
    plain: dict[str, Any] = {"visible": False, "fixedrange": True}
    for axis, across, k in (("x", "y", 2), ("y", "x", 3)):
        values = [found.values for found in answers if found.axis == axis]
        if not values:
            continue
        low, high = layout[f"{axis}axis"]["range"]
        centres, counts, left = _counted(np.concatenate(values), low, high)
        outside += left
        layout[f"{across}axis"] = layout[f"{across}axis"] | {"domain": [0.0, 1.0 - BESIDE - _GAP]}
        layout[f"{across}axis{k}"] = plain | {
            "domain": [1.0 - BESIDE, 1.0],
            "anchor": axis,
            "range": [0, max(1, counts.max())],
        }
        traces.append(
            _bars(f"class {axis}", colour, (high - low) / BINS)
            | {axis: centres, across: counts, f"{across}axis": f"{across}{k}", f"{axis}axis": axis}
            | {"orientation": "h" if axis == "y" else "v"}
        )
    return outside


def _own(
    traces: list[dict[str, Any]],
    layout: dict[str, Any],
    found: ClassAnswers,
    place: tuple[int, list[float]],
    style: Style,
) -> int:
    """Answers on an axis of their own; how many are outside of it."""
    k, domain = place
    layout["annotations"] += [
        note(found.title, 0.0, domain[1], style.ink, "paper", "paper")
        | {"xanchor": "left", "yshift": 2, "font": {"color": style.ink}, "name": "question"}
    ]
    line = {"linecolor": style.faint, "gridcolor": style.grid, "zeroline": False}
    x: dict[str, Any] = {"anchor": f"y{k}", "domain": [0.0, 1.0], "fixedrange": True} | line
    y: dict[str, Any] = {"anchor": f"x{k}", "domain": domain, "fixedrange": True} | line
    on = {"xaxis": f"x{k}", "yaxis": f"y{k}"}
    if found.options:
        _options(traces, layout, found, on, style)
        most = max(1, *(int((found.values == at).sum()) for at in range(len(found.options))))
        x |= {"visible": False, "range": [0, 1.15 * most]}
        y |= {"visible": False, "range": [len(found.options) - 0.55, -0.75]}
        outside = 0
    else:
        low, high = _range(found)
        centres, counts, outside = _counted(found.values, low, high)
        bars = _bars("class", class_colour(style), (high - low) / BINS)
        traces.append(bars | on | {"x": centres, "y": counts})
        if found.correct is not None:
            traces.append(_mark(found.correct, max(1, counts.max()), style) | on)
        x |= {"range": [low, high], "ticks": "outside", "tickcolor": style.faint}
        y |= {"visible": False, "range": [0, 1.1 * max(1, counts.max())]}
    layout |= {f"xaxis{k}": x, f"yaxis{k}": y}
    return outside


def _options(
    traces: list[dict[str, Any]],
    layout: dict[str, Any],
    found: ClassAnswers,
    on: dict[str, str],
    style: Style,
) -> None:
    """A bar for each option, with its text above and its count behind it."""
    places = np.arange(len(found.options), dtype=float)
    counts = np.array([(found.values == at).sum() for at in places], dtype=float)
    colours = [
        style.accent if found.correct == at else class_colour(style) for at in places.tolist()
    ]
    bars = _bars("class", colours, 0.34) | on
    bars |= {"x": counts, "y": places, "orientation": "h"}
    bars |= {"text": [str(int(count)) for count in counts], "textposition": "outside"}
    traces.append(bars | {"cliponaxis": False, "constraintext": "none"})
    for at, text in enumerate(found.options):
        wide = any(ord(letter) > 0x2E7F for letter in text)
        lines = textwrap.wrap(text, _WRAP_WIDE if wide else _WRAP) or [""]
        label = note("", 0.0, at - 0.2, style.ink, on["xaxis"], on["yaxis"])
        layout["annotations"].append(
            label | {"text": "<br>".join(lines), "xanchor": "left", "align": "left"}
        )


def _bars(name: str, colour: str | list[str], width: float) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": name,
        "width": width,
        "marker": {"color": colour, "line": {"width": 0}},
        "hoverinfo": "skip",
    }


def _mark(at: float, height: float, style: Style) -> dict[str, Any]:
    """The right answer, on the class's own axis."""
    return {
        "type": "scatter",
        "name": "correct",
        "x": np.full(2, at),
        "y": np.array([0.0, 1.1 * height]),
        "mode": "lines",
        "line": {"color": style.ink, "width": style.line, "dash": "dash"},
        "hoverinfo": "skip",
    }


def _range(found: ClassAnswers) -> tuple[float, float]:
    """A range with nine answers in ten, and the right one once it is shown."""
    ends = np.percentile(found.values, _CENTRAL).tolist() if len(found.values) else [0.0, 1.0]
    ends += [] if found.correct is None else [found.correct]
    low, high = min(ends), max(ends)
    pad = max(0.1 * (high - low), 0.05 * max(abs(low), abs(high)), 1e-3)
    return low - pad, high + pad


def _counted(values: Array, low: float, high: float) -> tuple[Array, Array, int]:
    """Centres of bins, the counts in them, and how many values are in none."""
    counts, edges = np.histogram(values, BINS, (low, high))
    centres = 0.5 * (edges[1:] + edges[:-1])
    return centres, counts.astype(float), len(values) - int(counts.sum())
