"""A scene as the light page draws it: `PlayBlock` in ``components/play.d.ts``.

Where the engine has tables of the flow, the block has them and the page answers the hand. Elsewhere
it has the core's own trajectories and density, `FrozenPicture`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from flowviz.core.numerics.chebyshev import DEGREE
from flowviz.core.paths import Affine, Path
from flowviz.core.transport import launch
from flowviz.figures.fan import GUTTER, panel_end
from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.fitting import LENGTHS, POSITIONS
from flowviz.scene.link import to_text
from flowviz.scene.parameters import PLANE_PRIOR, PRIOR, SCHEDULE
from flowviz.scene.point_parsing import LABELS
from flowviz.scene.points import AnyPoints
from flowviz.text import LANGUAGES, Translator, translator
from flowviz.ui.browser import mount
from flowviz.ui.browser.codec import Double
from flowviz.ui.engine import tables as engine
from flowviz.ui.engine.coefficients import FIRST_T, FUNCTIONS
from flowviz.ui.fan import compute, preview
from flowviz.ui.line_density import packed_jumps
from flowviz.ui.session.axis_range import axis_range, prior_ranges
from flowviz.ui.session.keys import flow_key

FROZEN_CELLS = (100, 120)
"""The most (T, X) cells of the density of a frozen picture: its file has to stay small."""
FROZEN_PAIRS = 1e6
"""The most cells × data points of it: other pages wait while it is made."""
LEAST_CELLS = 24
COUNTS = (10, 20, 80)
"""Numbers of trajectories to choose from, besides the scene's."""
SMALL, LARGE = 2_000, 20_000
"""Bytes of the largest table of a schedule to choose from, in a file and elsewhere."""
TEXTS = {
    "app": "frame.app",
    "title": "fan.title",
    "credit": "frame.credit",
    "damaged": "frame.notice",
    "separatrix": "flow.separatrix",
    "picture": "play.alt",
    "section.picture": "play.picture",
    "points": "field.points",
    "prior": "field.prior",
    "schedule": "field.schedule",
    "trajectories": "field.trajectories",
    "location": "param.loc",
    "scale": "param.scale",
} | {
    name: f"play.{name}"
    for name in ("open", "frozen", "hint", "kind", "add", "reset")
} | {
    f"point.{name}": f"play.point.{name}"
    for name in ("position", "weight", "less", "more", "remove")
} | {
    name: f"fan.{name}"
    for name in (
        "play", "pause", "time", "speed", "loop", "nowhere", "velocity", "handle", "hint.touch",
        "undo", "redo", "axis.t", "axis.x", "axis.density", "axis.slice",
    )
}  # fmt: skip


def block(
    scene: Scene,
    *,
    app: str,
    file: bool,
    priors: Mapping[str, str] | None = None,
    theme: str = "",
    damaged: bool = False,
) -> dict[str, Any]:
    """The content of the page, to be packed.

    Args:
        scene: what is shown.
        app: the address of the full application's page, without a query; empty if there is none.
        file: whether the page has no server to ask.
        priors: the addresses of pages with other priors, empty for one that is to be asked for.
        theme: "light" or "dark"; by default the browser's.
        damaged: whether the scene's link could not be read in full.
    """
    view = axis_range(flow_key(scene, "line"))[:2]
    tables = preview.flow_tables(scene)
    cells = compute.cells(scene, quick=True) if tables else _frozen_cells(scene)
    ceiling = compute.density(scene, cells).ceiling
    most = SMALL if file else LARGE
    schedules = schedule_tables(scene, scene.path(), most) if tables else []
    names = [schedule["name"] for schedule in schedules]
    priors = dict(priors or {}) if tables else {}
    texts = {
        lang: _texts(scene, [*priors] or [scene.prior], names, translator(lang, scene.convention))
        for lang in LANGUAGES
    }
    return base(scene, "fan", texts, app=app, file=file, theme=theme, damaged=damaged) | {
        "styles": {name: _style(scene, Style(dark=name == "dark")) for name in ("light", "dark")},
        "engine": tables and _tables(tables),
        "frozen": None if tables else _frozen(scene),
        "points": {"x": list(scene.points.x), "w": list(scene.points.w)} | labels(scene.points),
        "view": list(view),
        "gutter": -GUTTER,
        "ceiling": ceiling,
        "infinite": flow_key(scene, "line").field().prior.has_singular_edges,
        "panel": panel_end(compute.prior_curve(scene)[1], ceiling),
        "show": {"heatmap": scene.heatmap, "fan": scene.fan},
        "by": scene.color,
        "trajectories": scene.trajectories,
        "launches": _launches(scene) if tables else [],
        "schedules": schedules,
        "prior": _prior(scene),
        "priors": [{"name": name, "page": page} for name, page in priors.items()],
        "probe": list(scene.probe) if scene.probe else None,
    }


_FIELDS = {
    "fan": {"points": "points", "trajectories": "trajectories", "prior": "prior"},
    "plane": {
        "points": "plane_points",
        "trajectories": "plane_particles",
        "prior": "plane_prior",
    },
}


def labels(points: AnyPoints) -> dict[str, list[str]]:
    """The points' labels in `PlayPoints` of ``play.d.ts``; none where no point has one."""
    letters = [LABELS[label - 1] if label else "" for label in points.labels]
    return {"labels": letters} if letters else {}


def base(
    scene: Scene,
    page: str,
    texts: Mapping[str, Any],
    *,
    app: str,
    file: bool,
    theme: str,
    damaged: bool,
) -> dict[str, Any]:
    """What the pages of all scenes have: `PlayBase` in ``components/play.d.ts``, in part."""
    parameters = PRIOR if page == "fan" else PLANE_PRIOR
    return {
        "page": page,
        "lang": scene.lang,
        "languages": dict(LANGUAGES),
        "texts": texts,
        "convention": scene.convention,
        "theme": theme,
        "schedule": scene.schedule,
        "time": scene.time,
        "speed": scene.speed,
        "app": app,
        "query": scene.with_(probe=None, plane_probe=None).to_query(page),
        "fields": _FIELDS[page] | {"params": parameters.prefix},
        "file": file,
        "damaged": damaged,
    }


def _lead(scene: Scene, tr: Translator) -> str:
    """What is said above the picture; of a frozen one, nothing of dragging."""
    if preview.flow_tables(scene) is None:
        return tr("frame.purpose")
    return tr("fan.lead" if scene.straight() else "fan.lead.bent")


def _texts(scene: Scene, priors: list[str], schedules: list[str], tr: Translator) -> dict[str, str]:
    texts = {name: tr(key) for name, key in TEXTS.items()}
    texts |= mount.captions(tr, "fan")
    texts |= {"lead": _lead(scene, tr), "legend": tr("fan.legend", x="{x}")}
    texts |= {f"prior.{name}": tr(f"prior.{name}") for name in priors}
    if preview.flow_tables(scene) is None:
        texts |= _left_out(scene, tr)
    return texts | {f"schedule.{name}": tr(f"schedule.{name}") for name in schedules}


def _left_out(scene: Scene, tr: Translator) -> dict[str, str]:
    """What is said of trajectories that were not followed, or not to their end."""
    found, asked = compute.trajectories(scene, quick=True), scene.trajectories
    n = len(found.x)
    said = [tr("flow.followed", n=n, count=asked)] if n < asked else []
    if found.unfinished:
        said.append(tr("fan.family.unfinished", n=found.unfinished, count=n))
    return {"incomplete": " ".join(said)} if said else {}


def _style(scene: Scene, style: Style) -> dict[str, Any]:
    points = style.point_colours(len(scene.points))
    colours = list(points if scene.color == "basin" else style.spectrum)
    return base_style(style, points) | {"colours": colours}


def base_style(style: Style, points: Sequence[str]) -> dict[str, Any]:
    """`PlayStyle` in ``components/play.d.ts``."""
    return {
        "accent": style.accent,
        "ground": style.ground,
        "ink": style.ink,
        "faint": style.faint,
        "grid": style.grid,
        "points": list(points),
        "colours": list(points),
        "density": style.density,
    }


def _launches(scene: Scene) -> list[dict[str, Any]]:
    """Starts for each number of trajectories that is offered."""
    prior, view = scene.prior_object(), axis_range(flow_key(scene, "line", schedule=False))[:2]
    found = []
    for count in sorted({*COUNTS, scene.trajectories}):
        x1 = launch(prior, count, scene.launch, (view[0], view[1]))[:, 0]
        found.append({"count": count, "starts": engine.starts_table(prior, x1)})
    return found


def _tables(found: dict[str, Any]) -> dict[str, Any]:
    """`PlayTables`: without what the browser computes from times and starts."""
    jumps = found["jumps"]
    kept = {name: found[name] for name in ("prior", "cells", "means")}
    return kept | {
        "family": family_table(found["family"]),
        "times": _times(found["nodes"]),
        "jumps": jumps
        and {"at": jumps["at"], "height": jumps["height"], "times": _times(jumps["nodes"])},
    }


def family_table(table: dict[str, Double]) -> dict[str, Any]:
    """`FamilyTable`: without functions that are 0, as β is for most."""
    edges, series = table["edges"], table["series"].values.reshape(-1, FUNCTIONS, DEGREE + 1)
    chosen = series.any(axis=(0, 2))
    kept = Double(series[:, chosen].reshape(-1))
    return {"edges": edges, "functions": np.flatnonzero(chosen).tolist(), "series": kept}


def _times(nodes: dict[str, Double]) -> Double:
    """Those of nodes: 0, and what the family's table has."""
    t = nodes["t"].values
    return Double(t[(t == 0.0) | (t >= FIRST_T)])


def schedule_tables(scene: Scene, path: Path, most: int) -> list[dict[str, Any]]:
    """The schedules that have tables of so many bytes, and the scene's own; for affine families."""
    if path.affine_schedule is None:
        return []
    paths = {
        name: Affine(schedule())
        for name, schedule in SCHEDULE.classes().items()
        if name != "formula"
    } | {scene.schedule: path}
    tables = {
        name: engine.path_table(path)
        for name, path in paths.items()
        if engine.path_series(path) is not None
    }
    return [
        {"name": name, "table": None if name == scene.schedule else family_table(table)}
        for name, table in tables.items()
        if name == scene.schedule or table["series"].values.nbytes <= most
    ]


def _prior(scene: Scene) -> dict[str, Any]:
    """`PlayPrior`: where the prior is, and its parameters in the link."""
    prior, params = scene.prior_object(), dict(scene.prior_params)
    location, scale = (params.get(name) for name in ("loc", "scale"))
    median = float(prior.icdf(torch.tensor(0.5, dtype=torch.float64)))
    return {
        "name": scene.prior,
        "location": location if isinstance(location, float) else median,
        "scale": scale if isinstance(scale, float) else None,
        "range": list(prior_ranges(prior, 1)[0]),
        "movable": True,
        "params": [param(PRIOR.prefix, name, value) for name, value in params.items()],
    }


def param(
    prefix: str,
    name: str,
    value: Any,
    positions: frozenset[str] = POSITIONS,
    lengths: frozenset[str] = LENGTHS,
) -> dict[str, Any]:
    """A parameter of a prior in the link, and how it changes when the prior is moved."""
    role = "position" if name in positions else "length" if name in lengths else "other"
    if isinstance(value, str):
        return {"key": prefix + name, "values": to_text(value), "role": "other"}
    values = list(value) if isinstance(value, tuple) else [value]
    return {"key": prefix + name, "values": values, "role": role}


def _frozen(scene: Scene) -> dict[str, Any]:
    """`FrozenPicture`: what the core computes, in double precision but for the density."""
    colours = _style(scene, Style())["colours"]
    fan = compute.fan(scene, len(colours), quick=True)
    view = axis_range(flow_key(scene, "line"))
    x, p = compute.prior_curve(scene)
    reached = fan.reached if fan.reached is not None else np.full(len(fan.x), np.nan)
    cells = _frozen_cells(scene)
    return {
        "t": fan.t,
        "x": fan.x.reshape(-1),
        "group": np.asarray(fan.group, dtype=np.int32),
        "reached": [None if np.isnan(value) else value for value in reached.tolist()],
        "p": compute.density(scene, cells).p,
        "jumps": packed_jumps(scene.field(), view, cells),
        "prior": {"x": x, "p": p},
    }


def _frozen_cells(scene: Scene) -> tuple[int, int]:
    """(T, X) cells of a frozen picture's density: fewer where each takes long."""
    most_t, most_x = FROZEN_CELLS
    if scene.path().affine_schedule is not None:
        return FROZEN_CELLS
    shrink = min(1.0, math.sqrt(FROZEN_PAIRS / (most_t * most_x * len(scene.points))))
    return max(LEAST_CELLS, round(most_t * shrink)), max(LEAST_CELLS, round(most_x * shrink))
