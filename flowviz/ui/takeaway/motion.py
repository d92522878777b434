"""What moves in a page's animation, from the page's arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from flowviz.conventions import time_text
from flowviz.figures.animation import FRAMES, Motion
from flowviz.figures.fan import GUTTER, Heat, marker_sizes
from flowviz.figures.fonts import writable
from flowviz.figures.guidance import class_colour
from flowviz.figures.plane import density_codes, handle_sizes
from flowviz.figures.static_svg import ticks
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.text import Translator, translator
from flowviz.text.numbers import number
from flowviz.ui.green import compute as green
from flowviz.ui.learn import compute as learn
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.keys import flow_key
from flowviz.ui.takeaway.arrays import Arrays, flow_space

Array = NDArray[Any]
MOST_LINES = 150
"""Of the trajectories in the plane, the first that are drawn."""
_LAST = 4  # frames at the end, all at t = 0


def motion(page: str, scene: Scene, found: Arrays, style: Style) -> Motion:
    """The page's flow from t = 1 to t = 0.

    Args:
        page: its name.
        scene: what it shows.
        found: `arrays.arrays`.
        style: light or dark.
    """
    moving = np.linspace(1.0, 0.0, FRAMES - _LAST)
    times = np.concatenate([moving, np.zeros(_LAST)])
    line = flow_space(page, scene) == "line"
    view = _view(page, scene)
    found = found if line else _fewer(found)
    across = [(t, time_text(t, scene.convention)) for t in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)]
    ends = (view[:2], view[2:])
    marks = tuple([(v, number(v)) for v in ticks(low, high)] for low, high in ends)
    return Motion(
        title=_title(page, scene),
        texts=[f"t = {time_text(round(t, 2), scene.convention)}" for t in times.tolist()],
        view=view,
        lines=_curves(found["t"], found["x"], line),
        colours=_colours(page, scene, found, style),
        moving=_places(found["t"], found["x"], times, line),
        points=_points(found["points"], line),
        sizes=_sizes(found["weights"], style, line),
        point_colours=_point_colours(found, style),
        ticks=(across if line else marks[0], marks[1]),
        names=("t", "x") if line else ("", ""),
        shading=_shading(scene, found, times, line),
        others=_others(found, times, line),
        times=times if line else None,
        **_steps(found, times, line),
    )


def _title(page: str, scene: Scene) -> str:
    """In the reader's language, where the machine has a font for it."""
    here: Translator = translator(scene.lang, scene.convention)
    text = here(f"{page}.title")
    return text if writable(text) else translator("en", scene.convention)(f"{page}.title")


def _view(page: str, scene: Scene) -> tuple[float, ...]:
    space = flow_space(page, scene)
    if page == "green":
        view = green.picture_range(green.point_key(scene))
    elif page == "learn":
        view = learn.stage(learn.exact_key(scene)).view
    else:
        view = axis_range(flow_key(scene, "plane" if space == "plane" else "line"))
    return (-GUTTER, 1.0, *view[:2]) if space == "line" else tuple(view)


def _fewer(found: Arrays) -> Arrays:
    names = ("x", "reached", "step_x", "learned_x")
    return found | {name: found[name][:MOST_LINES] for name in names if name in found}


def _curves(t: Array, x: Array, line: bool) -> Array:
    """Trajectories as places of the picture, (Q, T, 2)."""
    return np.stack([np.broadcast_to(t, x.shape), x], axis=-1) if line else x


def _places(t: Array, x: Array, times: Array, line: bool) -> Array:
    """Where trajectories are at some times, (K, Q, 2)."""
    order = np.argsort(t)
    t, x = t[order], x[:, order]
    columns = x[..., None] if line else x
    at = np.stack(
        [
            np.stack([np.interp(times, t, curve[:, j]) for curve in columns], axis=1)
            for j in range(columns.shape[-1])
        ],
        axis=-1,
    )
    if not line:
        return at
    return np.concatenate([np.broadcast_to(times[:, None, None], at.shape), at], axis=-1)


def _points(points: Array, line: bool) -> Array:
    return np.stack([np.zeros_like(points), points], axis=-1) if line else points


def _sizes(weights: Array, style: Style, line: bool) -> Array:
    plain = Style(dark=style.dark)
    return marker_sizes(weights, plain) if line else handle_sizes(weights, large=False)


def _point_colours(found: Arrays, style: Style) -> list[str]:
    if "labels" in found:
        return [class_colour(k, style) for k in found["labels"].tolist()]
    return _taken(np.arange(len(found["weights"])), style, len(found["weights"]))


def _taken(groups: Array, style: Style, points: int) -> list[str]:
    """The colour of each data point's index; of none, a faint one."""
    palette = style.point_colours(points)
    return [palette[k % len(palette)] if k >= 0 else style.faint for k in groups.tolist()]


def _colours(page: str, scene: Scene, found: Arrays, style: Style) -> list[str]:
    reached = found["reached"]
    if "labels" in found:
        return [class_colour(k, style) for k in found["labels"][reached].tolist()]
    if page != "fan" or scene.color == "basin":
        return _taken(reached, style, len(found["weights"]))
    start = found["x"][:, int(np.argmax(found["t"]))]
    rank = np.argsort(np.argsort(start)) * len(style.spectrum) // max(len(start), 1)
    pairs = zip(rank.tolist(), reached.tolist(), strict=True)
    return [style.spectrum[k] if basin >= 0 else style.faint for k, basin in pairs]


def _shading(scene: Scene, found: Arrays, times: Array, line: bool) -> Array | None:
    """The density in [0, 1]: one picture over time, or one for each frame."""
    if "density" not in found or len(found["density_t"]) == 1:  # of one time alone
        return None
    p = found["density"].astype(float)
    if line:
        heat = Heat(found["density_t"], found["density_x"], p.T)
        values = np.where(p > 0.0, p / heat.ceiling, np.nan)
        return values.T[None, ::-1]
    frames = [int(np.argmin(np.abs(found["density_t"] - t))) for t in times]
    kind = "log" if scene.plane_scale == "log" else "linear"
    codes, _ = density_codes(p[frames], kind)
    return np.where(codes > 0, (codes - 1.0) / 254.0, np.nan)


def _others(found: Arrays, times: Array, line: bool) -> Array | None:
    """The particles of the network, as rings around where they should be."""
    if "learned_x" not in found:
        return None
    return _places(found["t"], found["learned_x"], times, line)


def _steps(found: Arrays, times: Array, line: bool) -> dict[str, Array]:
    """The solver's steps, and the frame from which on each is drawn."""
    if "step_x" not in found:
        return {}
    due = np.array([int(np.argmax(times <= t + 1e-9)) for t in found["step_t"]])
    return {"steps": _curves(found["step_t"], found["step_x"], line), "due": due}
