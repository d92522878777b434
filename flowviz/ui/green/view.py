"""The Green page's steps 1 to 3: the figure that can be dragged in, validity, f and ∇·f."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from flowviz.core.paths.validity import Validity
from flowviz.figures.green import Lines, lines_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.point_parsing import MAX_POSITION
from flowviz.scene.settings import DATA_POINT, QUERY_POSITION
from flowviz.text import Translator, translator
from flowviz.text.numbers import position
from flowviz.ui.browser import codec, mount
from flowviz.ui.frame import side_by_side
from flowviz.ui.green import checks, compute, shrinking_boxes, validity_panel
from flowviz.ui.session import faults, state
from flowviz.ui.session.cache import shared_cache
from flowviz.ui.session.drag import Drag, DragMessage
from flowviz.ui.widgets import slider_range
from flowviz.ui.widgets.formula_tex import family_tex
from flowviz.ui.widgets.readouts import tex
from flowviz.ui.widgets.time_widgets import time_slider

DRAG = Drag("green")
_VALIDITY = "flowviz.green.valid"
_CAUSTIC: dict[str, tuple[str, ...]] = {"line": (), "plane": ("green_t",)}
_AXIS = {"green_b": 1, "green_v": 1}  # of the fields that are not the first coordinate
_FIRST_T = 0.02  # of the query point
_MOVING = frozenset({"fan", "query", "arrows", "points"})  # `components/density_chart.js`
_QUERY = {**QUERY_POSITION, "line": ("green_t", "green_x")}  # the handle's two coordinates


@faults.guarded
def show(tr: Translator, style: Style) -> None:
    """Steps 1 to 3: the figure, and the derivation's values at the query point."""
    DRAG.reset()  # this run draws the whole page, so none is due after the drag
    _live(tr, style)


def columns(scene: Scene, step: str) -> tuple[Any, Any]:
    """A step's text and figure: side by side; for a projector the figure is first."""
    first, second = side_by_side(step, (5, 7), scene)
    return (second, first) if scene.enlarged else (first, second)


@faults.fragment
def _live(tr: Translator, style: Style) -> None:
    """A fragment: while a handle is dragged, only this reruns; on release the whole page does."""
    scene = state.sync_widgets()
    DRAG.rerun_page_if_due()  # reruns the whole page after a release: sliders, link and later steps
    verdict = _validity(scene)
    picture, texts = side_by_side("view-1", (7, 5), scene)
    with texts:
        st.markdown(f"## {tr('green.step.lines')}")
        st.markdown(tr("green.lines"))
        st.latex(family_tex(scene, scene.space, tr.convention))
        validity_panel.show(scene, verdict, tr)
    with picture:
        _picture(scene, verdict, tr, style)
    texts, other = columns(scene, "view-2")
    with texts:
        _velocity(scene, tr)
    with other:
        _divergence(scene, tr, style)
    DRAG.end_run()


# --------------------------------------------------------------------------------- the sidebar


@faults.guarded
def sliders(scene: Scene, tr: Translator) -> None:
    """Sliders for the data point and the query point, which the figure's handles move, too."""
    ranges = _position_ranges(scene)
    fields = (*DATA_POINT[scene.space], *dict.fromkeys(("green_t", *_QUERY[scene.space])))
    for field in fields:
        value = getattr(scene, field)
        if field == "green_t":
            time_slider(tr(f"field.{field}"), field, min(_FIRST_T, value), 1.0, tr)
            continue
        low, high = ranges[_AXIS.get(field, 0)]
        least, most = min(low, value), max(high, value)
        step = slider_range.step_of(least, most)
        slider_range.refill_on_change(field, least, most)
        st.slider(
            tr(f"field.{field}"),
            least,
            most,
            step=step,
            format=slider_range.format_of(step, value),
            key=state.bound(field),
        )
    st.slider(tr("field.green_lines"), 1, 200, key=state.bound("green_lines"))


def _position_ranges(scene: Scene) -> list[tuple[float, float]]:
    """The range of each coordinate's sliders: the picture's, and that of other pages' data."""
    axes = compute.picture_range(compute.point_key(scene))
    if scene.space == "line":
        columns = [scene.points.x]
    else:
        columns = [scene.plane_points.x, scene.plane_points.y]
    ends = (axes[2 * k : 2 * k + 2] for k in range(len(columns)))
    return [
        (min(low, *column), max(high, *column))
        for (low, high), column in zip(ends, columns, strict=True)
    ]


# --------------------------------------------------------------------------------- the picture


def _validity(scene: Scene) -> Validity | None:
    """Whether the family is valid; while a handle is dragged, the last result."""
    if not DRAG.moving or _VALIDITY not in st.session_state:
        st.session_state[_VALIDITY] = checks.validity(compute.point_key(scene))
    return st.session_state[_VALIDITY]


def _picture(scene: Scene, verdict: Validity | None, tr: Translator, style: Style) -> None:
    invalid = verdict is not None and not verdict.ok and not DRAG.moving
    key = compute.query_key(scene).with_(
        green_lines=scene.green_lines, lang=scene.lang, convention=scene.convention
    )
    figure, frame = _lines_block(key, style, quick=DRAG.moving, marked=invalid)
    content: dict[str, Any] = {
        "figure": figure,
        "frame": frame,
        "zoom": scene.zoom,
        "handles": _handles(scene, tr, style),
        "large": scene.enlarged,
        "style": {"accent": style.accent, "ground": style.ground, "ink": style.ink},
        "texts": {
            "picture": tr(
                "green.lines.alt",
                n=scene.green_lines,
                x0=position([getattr(scene, field) for field in DATA_POINT[scene.space]]),
                x=position([getattr(scene, field) for field in QUERY_POSITION[scene.space]]),
                t=tr.time(scene.green_t),
            ),
            "title": tr("green.lines.title"),
            "hint": tr(f"green.hint.{scene.space}"),
            "keys": tr("green.keys"),
            **mount.mode_bar(tr),
            **mount.captions(tr, "green"),
        },
    }
    mount.picture("density_chart", DRAG.with_serial(content), key="green", receive=_receive)


def _handles(scene: Scene, tr: Translator, style: Style) -> list[dict[str, Any]]:
    """What can be dragged: the data point, on the line along x only, and the query point."""
    point, at = (
        [getattr(scene, field) for field in names[scene.space]] for names in (DATA_POINT, _QUERY)
    )
    far: list[float] = [-MAX_POSITION, MAX_POSITION]
    limits = [[_FIRST_T, 1.0], far] if scene.space == "line" else [far, far]
    data_point = (
        {"at": [0.0, *point], "fixed": [True, False]} if scene.space == "line" else {"at": point}
    )
    over_time = {"over_time": scene.space == "line"}
    return [
        data_point
        | over_time
        | {"name": "x0", "colour": style.basins[0], "label": tr("green.handle.x0")},
        over_time
        | {
            "name": "query",
            "at": at,
            "limits": limits,
            "colour": style.accent,
            "label": tr("green.handle.query"),
        },
    ]


@shared_cache(maxsize=96)
def _lines_block(flow: Scene, style: Style, *, quick: bool, marked: bool) -> tuple[bytes, str]:
    """The figure, packed for the browser and cached for all sessions, and its frame's digest.

    ``quick``: without the density on the trajectories, which labels say.
    ``marked``: whether to mark the caustic and the worst violation of an invalid family.
    """
    tr = translator(flow.lang, flow.convention)
    drawn = compute.point_key(flow, "green_lines")
    members = compute.family_trajectories(drawn)
    density = None if quick else compute.family_density(drawn)
    x0 = compute.single_point_flow(flow).x0[0].numpy()
    query = compute.query_key(flow)
    through, at = compute.query_trajectory(query), compute.derivation(query)
    x, t = compute.query_point(query)
    point = compute.point_key(flow)
    verdict = checks.validity(point) if marked else None
    caustic = (
        checks.caustic(compute.point_key(flow, *_CAUSTIC[flow.space]))
        if marked
        else np.zeros((0, 2))
    )
    figure = lines_figure(
        Lines(
            x0, members.t, members.x, density, through.x[0], caustic, validity_panel.worst(verdict)
        ),
        (np.array([t, *x[0].tolist()]), np.array(at.velocity)),
        compute.picture_range(point),
        {name: tr(f"green.axis.{name}") for name in ("t", "x", "y")}
        | {"x0": position(x0.tolist()), "caustic": tr("green.caustic")},
        style,
    )
    return codec.pack_figure(figure, moving=_MOVING)


def _receive(message: DragMessage) -> None:
    DRAG.receive(message, _do)


def _do(message: DragMessage) -> None:
    """Move the data point or the query point to where its handle is."""
    at, space = message.get("at"), state.current().space
    names = {"x0": DATA_POINT[space], "query": _QUERY[space]}.get(str(message.get("i")))
    if names is None or not isinstance(at, list) or len(at) != 2:
        return
    if state.change("green_handle", **dict(zip(names, at[-len(names) :], strict=True))):
        state.refill(*names)


# ---------------------------------------------------------------------- velocity and divergence


def _velocity(scene: Scene, tr: Translator) -> None:
    st.markdown(f"## {tr('green.step.velocity')}")
    st.markdown(tr("green.velocity"))
    st.latex(
        tr.tex(
            r"\begin{gathered}\varphi_t(x_t\mid x_0) = x_1 \\ \Downarrow \\ "
            r"\frac{\partial\varphi}{\partial t} + \frac{\partial\varphi}{\partial x}\,f = 0"
            r"\end{gathered}"
        )
    )
    at = compute.derivation(compute.query_key(scene))
    if not _finite(at.velocity) or not at.density >= 0:
        st.info(tr("green.nowhere"))
        return
    x, t = compute.query_point(scene)
    x0 = compute.single_point_flow(scene).x0[0].tolist()
    rate, velocity = ([tr.rate(v) for v in values] for values in (at.rate, at.velocity))
    st.latex(
        tr.tex(r"\begin{gathered}f_t(x\mid x_0)")
        + r" = -\Big(\frac{\partial\varphi}{\partial x}\Big)^{-1}"
        r"\frac{\partial\varphi}{\partial t} \\ = -"
        f"{_matrix(at.jacobian)}^{{-1}}{_vector(rate)} \\\\ = {_vector(velocity)}"
        r"\end{gathered}"
    )
    st.latex(f"t = {tr.time(t)},\\quad {tr.tex('x_0')} = {_vector(x0)}")
    here = _vector(x[0].tolist())
    st.latex(f"x = {here},\\quad {tr.tex('x_1')} = \\varphi = {_vector(at.x1)}")
    if not at.density > 0:
        st.info(tr("green.nowhere"))


def _divergence(scene: Scene, tr: Translator, style: Style) -> None:
    st.markdown(f"## {tr('green.step.divergence')}")
    st.markdown(tr("green.divergence"))
    at = compute.derivation(compute.query_key(scene))
    value = tex(tr.rate(at.divergence)) if np.isfinite(at.divergence) else r"\text{—}"
    terms = (
        r"\frac{\partial f}{\partial x}"
        if scene.space == "line"
        else (
            r"\frac{\partial f^{(1)}}{\partial x^{(1)}} + \frac{\partial f^{(2)}}{\partial x^{(2)}}"
        )
    )
    text = f"\\nabla\\cdot f = {terms} = {value}"
    if scene.straight(scene.space):  # d/t holds for straight lines only
        rate = (1 if scene.space == "line" else 2) / scene.green_t
        ratio = tr.tex(r"\tfrac{d}{t}", r"-\tfrac{d}{1-t}")
        text += f" \\qquad \\Big({ratio} = {tex(tr.rate(rate))}\\Big)"
    st.latex(text)
    with st.expander(tr("green.why")):
        shrinking_boxes.show(scene, tr, style)


def _finite(values: Sequence[float]) -> bool:
    return bool(np.isfinite(values).all())


def _vector(values: Sequence[float]) -> str:
    values = [value + 0.0 for value in values]
    if len(values) == 1:
        return tex(values[0]) if values[0] >= 0 else f"({tex(values[0])})"
    return "\\begin{pmatrix}" + " \\\\ ".join(map(tex, values)) + "\\end{pmatrix}"


def _matrix(rows: Sequence[Sequence[float]]) -> str:
    rows = [[value + 0.0 for value in row] for row in rows]  # no negative zeros
    if len(rows) == 1:
        return f"({tex(rows[0][0])})"
    body = " \\\\ ".join(" & ".join(map(tex, row)) for row in rows)
    return f"\\begin{{pmatrix}}{body}\\end{{pmatrix}}"
