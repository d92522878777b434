"""A scene of the plane as the light page draws it: `PlanePlayBlock` in ``components/play.d.ts``.

Where the engine has tables of the flow, the block has them and the page answers the hand. Elsewhere
it has the flow as the server packs it for the Plane.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flowviz.figures.style import Style
from flowviz.scene import Scene
from flowviz.scene.fitting import PLANE_LENGTHS, PLANE_POSITIONS
from flowviz.scene.parameters import PLANE_PRIOR
from flowviz.text import LANGUAGES, Translator, translator
from flowviz.ui.browser import mount
from flowviz.ui.plane import compute, preview
from flowviz.ui.plane.view import packed_flow
from flowviz.ui.play import block as page
from flowviz.ui.session.axis_range import prior_ranges
from flowviz.ui.session.keys import flow_key

COUNTS = (30, 100)
"""Numbers of particles to choose from, below the scene's."""
MOST = 1000
"""The most particles whose starts are sent."""
FROZEN = replace(compute.QUICK, frames=12, cells=48, most_seconds=4.0)
_TEXTS = page.TEXTS | {
    "title": "plane.title",
    "picture": "play.plane.alt",
    "accuracy": "play.plane.accuracy",
    "unsure": "play.plane.unsure",
    "hint": "play.plane.hint",
    "hint.touch": "play.plane.hint",
    "point.position": "play.point.horizontal",
    "point.height": "play.point.vertical",
    "trajectories": "plane.particles",
}


def block(
    scene: Scene,
    *,
    app: str,
    file: bool,
    priors: Mapping[str, str] | None = None,
    theme: str = "",
    damaged: bool = False,
) -> dict[str, Any]:
    """The content of the page, to be packed; arguments as of `block.block`."""
    tables = preview.flow_tables(scene)
    count = min(scene.plane_particles, MOST)
    most = page.SMALL if file else page.LARGE
    schedules = page.schedule_tables(scene, scene.path("plane"), most) if tables else []
    priors = dict(priors or {}) if tables else {}
    points = scene.plane_points
    palettes = {
        name: Style(dark=name == "dark").point_colours(len(points)) for name in ("light", "dark")
    }
    texts = {
        lang: _texts(
            scene,
            [*priors] or [scene.plane_prior],
            [schedule["name"] for schedule in schedules],
            translator(lang, scene.convention),
        )
        for lang in LANGUAGES
    }
    return page.base(scene, "plane", texts, app=app, file=file, theme=theme, damaged=damaged) | {
        "styles": {
            name: page.base_style(Style(dark=name == "dark"), palettes[name]) for name in palettes
        },
        "engine": tables and _tables(tables, count),
        "frozen": None if tables else _frozen(scene),
        "points": {"x": list(points.x), "y": list(points.y), "w": list(points.w)}
        | page.labels(points),
        "views": [name for name in scene.plane_views if name in preview.DRAWN],
        "trajectories": count,
        "launches": [{"count": k} for k in (*COUNTS, count) if k < count or k == count]
        if tables
        else [],
        "schedules": schedules,
        "prior": _prior(scene),
        "priors": [{"name": name, "page": address} for name, address in priors.items()],
        "probe": list(scene.plane_probe) if scene.plane_probe else None,
    }


def _tables(found: dict[str, Any], count: int) -> dict[str, Any]:
    """`PlanePlayTables`: without what the browser computes from the nodes' times."""
    kept = {name: value for name, value in found.items() if name != "nodes"}
    x1 = replace(found["x1"], values=found["x1"].values[: 2 * count])
    changed = {"x1": x1, "family": page.family_table(found["family"]), "u": found["nodes"]["u"]}
    return kept | changed


def _frozen(scene: Scene) -> dict[str, Any]:
    shown = flow_key(scene, "plane", "plane_particles", "plane_scale").with_(plane_views=())
    return packed_flow(shown, FROZEN)


def _texts(scene: Scene, priors: list[str], schedules: list[str], tr: Translator) -> dict[str, str]:
    texts = {name: tr(key) for name, key in _TEXTS.items()}
    texts |= mount.captions(tr, "plane")
    answers = preview.flow_tables(scene) is not None
    texts |= {"lead": tr("plane.lead" if answers else "frame.purpose"), "top": tr("plane.top")}
    if not answers:
        texts |= _left_out(scene, tr)
    texts |= {f"prior.{name}": tr(f"prior.{name}") for name in priors}
    return texts | {f"schedule.{name}": tr(f"schedule.{name}") for name in schedules}


def _left_out(scene: Scene, tr: Translator) -> dict[str, str]:
    """What is said of particles that are not shown."""
    n, asked = len(compute.trajectories(scene, FROZEN).x), scene.plane_particles
    return {"incomplete": tr("flow.followed", n=n, count=asked)} if n < asked else {}


def _prior(scene: Scene) -> dict[str, Any]:
    """`PlayPrior`: where the prior is, and its parameters in the link."""
    prior, params = scene.prior_object("plane"), dict(scene.plane_prior_params)
    ends = [end for interval in prior_ranges(prior, 2) for end in interval]
    location, scale = params.get("loc"), params.get("scale")
    movable = not PLANE_POSITIONS.isdisjoint(params)
    middle = 0.5 * sum(prior.interval(0.25)) if movable else 0.0
    return {
        "name": scene.plane_prior,
        "location": location if isinstance(location, float) else middle,
        "scale": scale if isinstance(scale, float) else None,
        "range": [min(ends), max(ends)],
        "movable": movable,
        "params": [
            page.param(PLANE_PRIOR.prefix, name, value, PLANE_POSITIONS, PLANE_LENGTHS)
            for name, value in params.items()
        ],
    }
