"""The style of every figure: palette and layout, light and dark, plain and Large.

The colours of data points are Okabe and Ito's (2008), which readers with any common colour-vision
deficiency can distinguish; black and yellow, invisible on a dark and on a white ground, are
replaced. The densities' colour scale goes from the page's ground to one hue with monotone
lightness, so that it can be read in greyscale.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import plotly.graph_objects as go

from flowviz.conventions import DEFAULT, TimeConvention, shown_rate, time_text

_Numeric = TypeVar("_Numeric")  # a number or an array

#: The times with a tick.
TIMES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)

#: The most data points that have colours of their own.
MANY = 50

#: The width of a digit in font sizes; longer numbers have an exponent.
_DIGIT, _LONGEST = 0.62, 7

FONT = (
    'system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", '
    '"PingFang SC", "Microsoft YaHei", sans-serif'
)

#: The first four are Okabe–Ito, darker for white ground and lighter for dark ground. The others
#: maximise the smallest colour difference between any two, over the kinds of colour vision.
_BASINS_LIGHT = (
    "#D55E00",
    "#0072B2",
    "#009E73",
    "#B0478F",
    "#8A5A54",
    "#286718",
    "#683153",
    "#6236D1",
)
_BASINS_DARK = (
    "#FF9A4D",
    "#66C2FF",
    "#52C380",
    "#F09AD0",
    "#CC9206",
    "#ABFAE5",
    "#C2CE93",
    "#9CDEFE",
)


@dataclass(frozen=True)
class Style:
    """The style of a figure: ``dark`` ground or light, ``large`` for a projector, its time's
    ``convention``, and ``text_px``, the size of its text where it is not the usual one.
    """

    dark: bool = False
    large: bool = False
    convention: TimeConvention = DEFAULT
    text_px: int | None = None

    def time_axis(self, ticks: Sequence[float] = TIMES, **axis: Any) -> dict[str, Any]:
        """A Plotly axis over the core's t, whose tick labels show the reader's time.

        Args:
            ticks: the times t with a tick.
            axis: further attributes, as ``range``, in t.
        """
        text = [time_text(t, self.convention) for t in ticks]
        return {"tickvals": list(ticks), "ticktext": text, **axis}

    def left_margin(self, usual: float, low: float, high: float) -> float:
        """The room left of a vertical axis from low to high, in pixels; ``usual`` in font sizes.

        More where the numbers at its ticks have four digits, which its title would cover.
        """
        longest = max(len(str(round(value))) for value in (low, high))
        return self.font_size * (usual + _DIGIT * max(0, min(longest, _LONGEST) - 3))

    def rate(self, values: _Numeric) -> _Numeric:
        """Velocities or other derivatives in time, in the direction of the reader's time."""
        return shown_rate(values, self.convention)

    @property
    def ink(self) -> str:
        """Text and axes."""
        return "#E8EAF0" if self.dark else "#1B1F2A"

    @property
    def faint(self) -> str:
        """Secondary lines and hints."""
        return "#8B93A7" if self.dark else "#6B7280"

    @property
    def grid(self) -> str:
        """Grid lines."""
        return "rgba(255,255,255,0.10)" if self.dark else "rgba(20,30,60,0.10)"

    @property
    def ground(self) -> str:
        """The plot's background, which shows where a density has no value."""
        return "#151923" if self.dark else "#FBFBFD"

    @property
    def accent(self) -> str:
        """The time line and the query point."""
        return "#FF6B81" if self.dark else "#C2185B"

    @property
    def basins(self) -> tuple[str, ...]:
        """Colours of the data points and of what flows to them, taken in turn."""
        return _BASINS_DARK if self.dark else _BASINS_LIGHT

    def point_colours(self, points: int) -> tuple[str, ...]:
        """The colours of so many data points: one past `MANY`, where several would only flicker."""
        return self.basins if points <= MANY else self.basins[:1]

    @property
    def density(self) -> list[list[Any]]:
        """Colour scale of p_t: ground to deep blue, lightness monotone."""
        if self.dark:
            stops = ("#1C2230", "#22344F", "#2B5078", "#3D7BAA", "#7FB6D6", "#DDF1FA")
        else:
            stops = ("#F4F6FA", "#DCE5F2", "#B9CCE4", "#8AA9D0", "#567FB4", "#264E86")
        return [[i / (len(stops) - 1), colour] for i, colour in enumerate(stops)]

    @property
    def spectrum(self) -> tuple[str, ...]:
        """Twelve steps of a colour-blind-safe ramp, for fans coloured by x₁ (viridis, plasma)."""
        if self.dark:
            return (
                "#7E4FE0", "#9A5BE8", "#B765E0", "#D16CCB", "#E573AE", "#F27E90",
                "#F98D74", "#FC9F5B", "#FBB346", "#F6C83A", "#F0DF3E", "#F4F56A",
            )  # fmt: skip
        return (
            "#440154", "#482173", "#433E85", "#38598C", "#2D708E", "#25858E",
            "#1E9B8A", "#28A375", "#49A34D", "#769D28", "#979519", "#B48A00",
        )  # fmt: skip

    @property
    def font_size(self) -> int:
        """Figure text, in pixels."""
        return self.text_px or (20 if self.large else 13)

    @property
    def line(self) -> float:
        """Width of a trajectory, in pixels."""
        return 3.0 if self.large else 1.6


def drawn(traces: list[dict[str, Any]], style: Style, **layout: Any) -> go.Figure:
    """A figure of these traces in the project's style; ``layout`` adds to it or overrides it.

    It is made without Plotly's validation, which takes ten times as long as all the rest, at every
    step of a drag. The tests validate every figure instead.
    """
    axis = {
        "gridcolor": style.grid,
        "zeroline": False,
        "linecolor": style.faint,
        "ticks": "outside",
        "tickcolor": style.faint,
        "ticklen": 4,
        "exponentformat": "power",
        "fixedrange": False,
        "hoverformat": ".3f",
    }
    base: dict[str, Any] = {
        "font": {"family": FONT, "size": style.font_size, "color": style.ink},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": style.ground,
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "showlegend": False,
        "hovermode": False,
        "dragmode": False,
        "xaxis": axis,
        "yaxis": axis,
        "template": _TEMPLATE,
    }
    merged = {name: _with_tick_text(part) for name, part in _merged(base, layout).items()}
    if style.text_px:  # nothing that is presented is smaller, exponents neither
        size = math.ceil(style.font_size / _EXPONENT)
        merged = {name: _with_exponents(part, size) for name, part in merged.items()}
    return Unbuilt(traces, merged)


class Unbuilt(go.Figure):
    """A Plotly figure whose objects are made when one is asked for.

    What is sent to a browser is made of the dicts in ``given``, traces and layout: they are None
    once there are objects, which may have been changed.
    """

    def __init__(self, traces: list[dict[str, Any]], layout: dict[str, Any]) -> None:
        self.__dict__["given"] = traces, layout

    def __getattr__(self, name: str) -> Any:
        # Called for what is missing: the first of the attributes that `go.Figure` makes.
        if self.__dict__.get("given") is None:
            raise AttributeError(name)
        traces, layout = self.__dict__["given"]
        self.__dict__["given"] = None
        super().__init__({"data": traces, "layout": layout}, _validate=False)
        return getattr(self, name)

    def __reduce__(self) -> Any:
        return go.Figure, (self.to_dict(),)


_EXPONENT = 0.875
"""Plotly's exponents on a logarithmic axis, of the size of its ticks."""


def _with_exponents(part: Any, size: int) -> Any:
    logarithmic = isinstance(part, dict) and part.get("type") == "log"
    return part | {"tickfont": {"size": size}} if logarithmic else part


def _with_tick_text(part: Any) -> Any:
    """An axis whose given ticks have texts: Plotly would write them in the format of labels."""
    if not isinstance(part, dict) or "tickvals" not in part or "ticktext" in part:
        return part
    return part | {"ticktext": [str(value).replace("-", "−") for value in part["tickvals"]]}


# In place of Plotly's own template, which is 7 kB in every figure and would be most of an answer.
_BAR = {"outlinewidth": 0, "ticks": ""}
_TEMPLATE: dict[str, Any] = {
    "layout": {
        "coloraxis": {"colorbar": _BAR},
        "annotationdefaults": {"arrowhead": 0, "arrowwidth": 1},
        "title": {"x": 0.05},
    },
    "data": {"heatmap": [{"type": "heatmap", "colorbar": _BAR}]},
}


def labelled(style: Style) -> dict[str, Any]:
    """Layout of a figure with labels where it is pointed at, and with a mode bar."""
    return {
        "hovermode": "closest",
        "hoverdistance": 8,
        "modebar": {
            "bgcolor": "rgba(0,0,0,0)",
            "color": style.faint,
            "activecolor": style.accent,
        },
        "hoverlabel": {
            "bgcolor": style.ground,
            "bordercolor": style.faint,
            "align": "left",
            "font": {"family": FONT, "size": style.font_size, "color": style.ink},
        },
    }


def _merged(base: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    """``base`` updated by ``extra``, nested dicts key by key; new axes inherit from the first."""
    out = dict(base)
    for key, value in extra.items():
        default = out.get(key, base.get(key[:5]) if key[1:5] == "axis" else None)
        if isinstance(default, dict) and isinstance(value, dict):
            out[key] = {**default, **value}
        else:
            out[key] = value
    return out
