"""The sidebar's sections on the flow, which several pages have: points, prior and family.

An exercise may hide a section, or freeze it: then its values stand in the place of its widgets.
"""

from __future__ import annotations

from flowviz.scene import Scene
from flowviz.scene.parameters import PLANE_PRIOR, PRIOR
from flowviz.scene.settings import Space
from flowviz.text import Translator
from flowviz.ui.session import faults
from flowviz.ui.widgets import controls, family_editor, frozen, points_editor
from flowviz.ui.widgets.glossary import heading


@faults.guarded
def sections(space: Space, scene: Scene, tr: Translator) -> None:
    """The sections on points, prior and family of the line or the plane."""
    if "points" not in scene.hide:
        heading(tr("fan.points"), tr, "data_point", "weight")
        if "points" in scene.lock:
            frozen.points(space, scene, tr)
        else:
            (points_editor.PLANE if space == "plane" else points_editor.LINE).sidebar(tr)
    prior(space, scene, tr)
    if "family" not in scene.hide:
        heading(tr("fan.family"), tr, "family", more=tr("fan.family.help"))
        family(space, scene, tr)


def prior(space: Space, scene: Scene, tr: Translator) -> None:
    """The section on the prior."""
    if "prior" in scene.hide:
        return
    heading(tr("fan.prior"), tr, "prior")
    kind, registry = ("plane_prior", PLANE_PRIOR) if space == "plane" else ("prior", PRIOR)
    if "prior" in scene.lock:
        frozen.entry(kind, scene, tr)
    else:
        controls.entry(kind, list(registry.classes()), scene, tr)


def family(space: Space, scene: Scene, tr: Translator) -> None:
    """The widgets of the family, without a heading."""
    if "family" in scene.hide:
        return
    if "family" in scene.lock:
        frozen.family(space, scene, tr)
    else:
        (family_editor.PLANE if space == "plane" else family_editor.LINE).sidebar(tr)
