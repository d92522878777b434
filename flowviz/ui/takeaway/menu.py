"""The menu: one button on every page. What it offers is asked for when it is opened."""

from __future__ import annotations

import html
from typing import Any

from flowviz.scene import Scene
from flowviz.text import Translator, translator
from flowviz.ui import headers
from flowviz.ui.browser import assets, mount_controls
from flowviz.ui.plane import compute as plane
from flowviz.ui.play import bundle
from flowviz.ui.session.keys import flow_key
from flowviz.ui.takeaway import plain
from flowviz.ui.takeaway.arrays import TABLES_OF, plane_density
from flowviz.ui.takeaway.kinds import KINDS, FileRequest, has_flow

ROUTE = "take"
PAGES = frozenset(TABLES_OF)
"""The pages that have something to take away."""
_GROUPS = ("motion", "data", "code", "cite")


def show(page: str, tr: Translator, *, dark: bool) -> None:
    """The button; it costs the page's run a few words.

    Args:
        page: its name.
        tr: of the page.
        dark: whether the page is dark.
    """
    names = ("title", "working", "done", "failed", "figure", "png", "png.help", "svg", "svg.help")
    texts = {name: tr(f"take.{name}") for name in (*names, "group.picture")}
    mount_controls.take_away(f"{assets.base_path()}/{ROUTE}/{page}/", texts, dark=dark)


def items(asked: FileRequest) -> dict[str, Any]:
    """What the menu offers of a page's scene, as JSON for ``components/take_away.js``."""
    tr = translator(asked.scene.lang, asked.scene.convention)
    groups = [_group(name, asked, tr) for name in _GROUPS]
    groups.insert(3, _web_pages(asked, tr))
    filled = [group for group in groups if group["items"] or group["notes"]]
    return {"stem": asked.stem, "groups": filled, "embed": _embedding(asked, tr)}


def _group(name: str, asked: FileRequest, tr: Translator) -> dict[str, Any]:
    page, scene = asked.page, asked.scene
    offered = [
        _item(kind, f"{asked.stem}{made.suffix}", tr)
        for kind, made in KINDS.items()
        if made.group == name and made.exists(page, scene)
    ]
    notes = [tr(key) for key in _NOTES.get(name, lambda page, scene: [])(page, scene)]
    return {"title": tr(f"take.group.{name}"), "items": offered, "notes": notes}


def _item(name: str, file: str, tr: Translator, href: str = "") -> dict[str, str]:
    label, note = tr(f"take.{name}"), tr(f"take.{name}.help")
    return {"name": name, "label": label, "help": note, "file": file, "href": href}


def _about_motion(page: str, scene: Scene) -> list[str]:
    if page == "images":
        return [] if KINDS["webp"].exists(page, scene) else ["take.motion.images"]
    return [f"take.motion.{page}"] if page in ("solvers", "learn") else []


def _about_data(page: str, scene: Scene) -> list[str]:
    untrained = page == "learn" and not KINDS["learned"].exists(page, scene)
    left_out = page == "plane" and not plane.has_density(flow_key(scene, "plane"), plane_density())
    networks = page == "images" and scene.image_topic == "learned"
    if networks and not KINDS["samples"].exists(page, scene):
        return ["take.untrained.images"]
    return ["take.untrained"] * untrained + ["take.density.none"] * left_out


def _about_code(page: str, scene: Scene) -> list[str]:
    if not has_flow(page, scene):
        return [f"take.code.{page}"]
    why = plain.why_not(page, scene)
    found = [why] if why else ["take.plain.solvers"] if page == "solvers" else []
    learned = page == "solvers" and scene.solver_flow == "learned"
    if page == "images" and scene.image_topic in _NOTED:
        found.append(f"take.script.images.{scene.image_topic}")
    return [*found, "take.script.learned"] if learned else found


_NOTED = ("errors", "learned")
"""Topics of Images whose script differs from the page in something."""
_NOTES = {"motion": _about_motion, "data": _about_data, "code": _about_code}


def _web_pages(asked: FileRequest, tr: Translator) -> dict[str, Any]:
    group: dict[str, Any] = {"title": tr("take.group.page"), "items": [], "notes": []}
    if asked.page not in bundle.PATHS:
        return group | {"notes": [tr("take.live.none")]}
    query = asked.scene.query_string(asked.page)
    play = f"{assets.base_path()}/{bundle.PATHS[asked.page]}"
    allowed = bundle.policy_hash(bundle.script(bundle.ENTRIES[asked.page]))
    return group | {
        "items": [
            _item("live", f"{asked.stem}.html", tr, f"{play}/live?{query}"),
            _item("light", "", tr, f"{play}?{query}"),
        ],
        "notes": [f"{tr('take.policy')} script-src {allowed}"],
    }


def _embedding(asked: FileRequest, tr: Translator) -> dict[str, str]:
    """The markup for another page, where the server allows any; or what it would need."""
    label = tr("take.embed")
    if not has_flow(asked.page, asked.scene):
        return {"label": label, "markup": "", "note": tr(f"take.embed.{asked.page}")}
    if not (headers.embed_origins() or headers.frame_ancestors()):
        return {"label": label, "markup": "", "note": tr("take.embed.none")}
    title = html.escape(tr(f"{asked.page}.title"))
    source = html.escape(f"{asked.link}&embed=1")
    size = 'width="100%" height="560" style="border: 0"'
    return {
        "label": label,
        "markup": f'<iframe src="{source}" title="{title}" {size} loading="lazy"></iframe>',
        "note": "",
    }
