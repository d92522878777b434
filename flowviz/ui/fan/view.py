"""The Fan page: the figure, the field's values at the query point, the checks."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
import torch
from torch import Tensor

from flowviz.figures.fan import fan_figure
from flowviz.figures.panels import balance_figure, schedule_figure
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.parameters import SCHEDULE, Params
from flowviz.text import Translator, translator
from flowviz.text.numbers import digits_apart, number, percent
from flowviz.ui.browser import codec, mount
from flowviz.ui.fan import check_panel, compute, preview
from flowviz.ui.frame import side_by_side
from flowviz.ui.line_density import packed_jumps
from flowviz.ui.session import faults, state, valid_family
from flowviz.ui.session.axis_range import axis_range
from flowviz.ui.session.cache import shared_cache
from flowviz.ui.session.drag import Drag, DragMessage
from flowviz.ui.session.keys import flow_key
from flowviz.ui.widgets import points_editor, predictions
from flowviz.ui.widgets.glossary import heading
from flowviz.ui.widgets.progress_bar import progress_bar
from flowviz.ui.widgets.query_card import query_card
from flowviz.ui.widgets.readouts import density_tex, points_text, tex

_DRAG = Drag("fan")
_LISTED = 8  # data points in the query point's table


@faults.guarded
def show(tr: Translator, style: Style) -> None:
    """The figure, and below it the query point's values and the checks."""
    _DRAG.reset()  # this run draws the whole page, so none is due after the drag
    _live(tr, style)


@faults.fragment
def _live(tr: Translator, style: Style) -> None:
    """A fragment: during a drag in the figure only this reruns; on release the whole page does."""
    scene = state.sync_widgets()
    _DRAG.rerun_page_if_due()  # reruns the whole page after a release: text, table and link
    scene = valid_family.last_valid(scene, "line", tr)
    coarse = not _DRAG.moving and check_panel.is_coarse(scene)
    _picture(scene, tr, style, quick=_DRAG.moving or coarse)
    with st.container(key="fan-facts"):
        left, right = side_by_side("fan", (3, 2), scene)
        with left:
            reading(scene, tr, style)
        with right:
            changing = _DRAG.moving or _DRAG.released
            check_panel.show(scene, tr, changing=changing, coarse=coarse)
    _DRAG.end_run()


def _picture(scene: Scene, tr: Translator, style: Style, *, quick: bool) -> None:
    # The density first, to show its progress; the figure then reads it from the cache.
    cells = compute.cells(scene, quick)
    with progress_bar(tr) as report:
        compute.density(scene, cells, lambda done: report(0.5 * done))
        trajectories = compute.trajectories(scene, quick, lambda done: report(0.5 + 0.5 * done))
    valid_family.error_notice(trajectories, tr, 0 if quick else scene.trajectories)
    density, name = _density(flow_key(scene, "line"), cells)
    block, frame = _block(flow_key(scene, "line", *_SHOWN), style, quick)
    tables, engine = _engine(flow_key(scene, "line", *_SHOWN, "probe"), style)
    content: dict[str, Any] = {
        "density": name,
        "engine": engine,
        "figure": block,
        "frame": frame,
        "weights": scene.points.w,
        "time": scene.time,
        "speed": scene.speed,
        "zoom": scene.zoom,
        "query": list(scene.probe) if scene.probe else None,
        "card": _card(scene, tr, style),
        "kernel": _tables(scene, quick),
        "legend": _legend(scene, tr, style, quick),
        "history": points_editor.LINE.history_steps,
        "large": scene.enlarged,
        "style": {"accent": style.accent, "ground": style.ground, "ink": style.ink},
        "texts": {
            "picture": tr("fan.alt", n=scene.trajectories, points=points_text(scene, "line")),
            **{name: tr(f"fan.{name}") for name in _TEXTS},
            **mount.mode_bar(tr),
            **mount.captions(tr, "fan"),
        },
    }
    mount.preload(density, name, key="fan")
    mount.preload(tables, engine or "", key="fan.engine")
    mount.picture("fan", _DRAG.with_serial(content), key="fan", receive=_receive)
    if scene.fan and compute.has_separatrix(scene, quick):
        st.caption(tr("flow.separatrix"))


_SHOWN = ("trajectories", "launch", "color", "heatmap", "fan", "arrows", "lang", "convention")
_TEXTS = (
    "play",
    "pause",
    "time",
    "speed",
    "loop",
    "nowhere",
    "velocity",
    "handle",
    "hint",
    "hint.touch",
    "title",
    "trajectory",
    "separatrix",
    "undo",
    "redo",
    "difference",
)


def _card(scene: Scene, tr: Translator, style: Style) -> dict[str, Any] | None:
    """What is said at the query point on the picture; None without one, and at t = 0."""
    if scene.probe is None or scene.probe[0] == 0:
        return None
    by_point = style.point_colours(len(scene.points))
    palette = by_point if scene.color == "basin" else (style.accent,)
    return query_card(compute.probe(scene, scene.probe), [scene.points.x], palette, tr)


def _tables(scene: Scene, quick: bool) -> bytes | None:
    """The packed `compute.Kernel` for ``components/tooltip.js``."""
    tables = compute.kernel(scene, compute.cells(scene, quick)[0])
    return None if tables is None else codec.pack(vars(tables))


def _legend(scene: Scene, tr: Translator, style: Style, quick: bool) -> dict[str, Any] | None:
    """The range of the x₁ colours; None where no trajectories are shown in them."""
    if scene.color != "x1" or not scene.fan:
        return None
    ends = compute.trajectories(scene, quick).x[:, -1, 0]
    low, high = (number(float(x)) for x in (ends.min(), ends.max()))
    low = tr("fan.legend", x=low)
    return {"low": low, "high": high, "colours": list(style.spectrum)}


def _receive(message: DragMessage) -> None:
    _DRAG.receive(message, _do)


def _do(message: DragMessage) -> None:
    """Apply an edit of the data points, or a new query point."""
    if message.get("op") != "query":
        points_editor.LINE.apply(message)
        return
    point = (message.get("t"), message.get("x"))
    state.change("probe", probe=None if None in point else point)


@shared_cache(maxsize=24)
def _density(flow: Scene, cells: tuple[int, int]) -> tuple[bytes, str]:
    """The packed p_t, its jumps, and their digest. They are sent apart from the figure because they
    are most of the bytes, and most changes leave them as they are.
    """
    block = codec.pack(
        {
            "p": compute.density(flow, cells).p,
            "jumps": packed_jumps(flow.field(), axis_range(flow), cells),
            "infinite": flow.field().prior.has_singular_edges,
        }
    )
    return block, codec.digest(block)


def _colours(scene: Scene, style: Style) -> tuple[str, ...]:
    """The colours of the trajectories' groups, by the data point reached or by the start."""
    by_point = style.point_colours(len(scene.points))
    return by_point if scene.color == "basin" else style.spectrum


@shared_cache(maxsize=96)
def _engine(scene: Scene, style: Style) -> tuple[bytes, str | None]:
    """The engine's tables, packed, and their digest; None where the server alone draws."""
    found = preview.tables(scene, _colours(scene, style), style.faint)
    block = codec.pack(found or {})
    return block, codec.digest(block) if found else None


@shared_cache(maxsize=96)
def _block(scene: Scene, style: Style, quick: bool) -> tuple[bytes, str]:
    """The packed figure without its density, and a digest of its layout and static traces.

    While the digest stays the same, the browser updates the moving traces only.
    """
    tr = translator(scene.lang, scene.convention)
    low, high = axis_range(flow_key(scene, "line"))
    colours = _colours(scene, style)
    weights = np.asarray(scene.points.w)
    figure = fan_figure(
        heat=compute.density(scene, compute.cells(scene, quick)),
        fan=compute.fan(scene, len(colours), quick),
        colours=colours,
        arrows=compute.arrows(scene) if scene.arrows else None,
        points=(np.asarray(scene.points.x), weights / weights.sum()),
        prior=compute.prior_curve(scene),
        view=(low, high),
        labels={name: tr(f"fan.axis.{name}") for name in _AXES},
        style=style,
        show=(scene.heatmap, scene.fan),
        # Of the cells of a drag: the scale stays when the point is dropped and the cells are finer.
        ceiling=compute.density(scene, compute.cells(scene, quick=True)).ceiling,
    )
    return codec.pack_figure(figure, moving=_MOVING, apart=frozenset({"heat"}))


_MOVING = frozenset({"heat", "fan", "points", "arrows"})  # `components/fan.js`
_AXES = ("t", "x", "density", "slice")


@faults.guarded
def schedule(scene: Scene, tr: Translator, style: Style) -> None:
    """α_t and σ_t of the chosen schedule."""
    block = _schedule_block(scene.schedule, scene.schedule_params, style)
    mount.plot(block, key="schedule", label=tr("fan.alt.schedule"))


@shared_cache(maxsize=96)
def _schedule_block(name: str, params: Params, style: Style) -> bytes:
    t = torch.linspace(0.0, 1.0, 101, dtype=torch.float64)
    alpha, sigma = SCHEDULE.build(name, params)(t)
    return codec.pack(schedule_figure(t.numpy(), alpha.numpy(), sigma.numpy(), style))


@faults.guarded
def reading(scene: Scene, tr: Translator, style: Style) -> None:
    """At the query point: p_t, f_t, and how the data points' velocities average to it."""
    heading(tr("fan.query"), tr, "posterior_weight", "conditional_velocity", "marginal_velocity")
    if scene.probe is None:
        st.caption(tr("fan.query.none"))
        return
    t, x = scene.probe
    if t == 0:
        st.markdown(f"$t={tr.time(t)},\\; x={x:.3f}$")
        st.info(tr("fan.query.start"))
        return
    shown = tr.time_value(t)
    at = compute.probe(scene, scene.probe)
    density = density_tex(float(at.log_p))
    if density is None:
        st.markdown(f"$t={shown:.3f},\\; x={x:.3f}$")
        unknown = bool(at.log_p.isnan().any())
        st.info(tr("fan.query.unknown" if unknown else "fan.query.nowhere"))
        return
    point = f"(t={shown:.3f},\\; x={x:.3f})"
    what, field = scene.prediction, scene.field()
    read = predictions.at_query(field, torch.tensor([x], dtype=torch.float64), t, scene)
    marginal = float(read.marginal)
    value = f"{predictions.symbol(what, tr)} = {tex(marginal)}"
    st.markdown(f"$p_t(x) = {density}, \\quad {value} \\qquad {point}$")
    predictions.choose(tr)
    predictions.explain(field, what, tr)
    posterior, conditional = at.posterior[0], read.conditional[:, 0]
    top = torch.argsort(posterior, descending=True)[:_LISTED]
    top = top[conditional[top].isfinite()]
    labels = {"values": tr(f"fan.balance.{what}"), "posterior": tr("fan.balance.posterior")}
    values = conditional[top].numpy(), posterior[top].numpy()
    figure = balance_figure(*values, marginal, top.numpy(), labels, style)
    mount.plot(codec.pack(figure), key="balance", label=tr("fan.alt.balance"))
    st.caption(tr("fan.balance.caption" + ("" if what == "velocity" else f".{what}")))
    _table(scene, top, posterior, conditional, tr)
    if len(posterior) > _LISTED:
        rest = percent(max(1.0 - float(posterior[top].sum()), 0.0), 2)
        st.caption(tr("fan.query.rest", n=_LISTED, rest=rest))


def _table(
    scene: Scene, top: Tensor, posterior: Tensor, conditional: Tensor, tr: Translator
) -> None:
    """The data points with the largest posterior weights, and their values."""
    what = scene.prediction
    digits = digits_apart([scene.points.x[i] for i in top.tolist()], least=6)
    rows = [
        [number(scene.points.x[i], digits), percent(float(posterior[i]))]
        + ([] if what == "denoiser" else [number(float(conditional[i]), 5)])
        for i in top.tolist()
    ]
    columns = ["point", "posterior"] + ([] if what == "denoiser" else [what])
    # A bar within a cell, as of fₜ(x|x₀), would end it.
    head = [tr(f"fan.query.table.{column}").replace("|", "\\|") for column in columns]
    lines = [head, ["---:"] * len(head), *rows]
    st.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))
