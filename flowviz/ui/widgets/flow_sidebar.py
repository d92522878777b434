"""The sidebar's sections on the flow, which several pages have: points, prior and family."""

from __future__ import annotations

from flowviz.scene import Scene
from flowviz.scene.parameters import PLANE_PRIOR, PRIOR
from flowviz.scene.settings import Space
from flowviz.text import Translator
from flowviz.ui.session import faults
from flowviz.ui.widgets import controls, family_editor, points_editor
from flowviz.ui.widgets.glossary import heading


@faults.guarded
def sections(space: Space, scene: Scene, tr: Translator) -> None:
    """The sections on points, prior and family of the line or the plane."""
    heading(tr("fan.points"), tr, "data_point", "weight")
    (points_editor.PLANE if space == "plane" else points_editor.LINE).sidebar(tr)
    prior(space, scene, tr)
    heading(tr("fan.family"), tr, "family", more=tr("fan.family.help"))
    family(space, tr)


def prior(space: Space, scene: Scene, tr: Translator) -> None:
    """The section on the prior."""
    heading(tr("fan.prior"), tr, "prior")
    if space == "plane":
        controls.entry("plane_prior", list(PLANE_PRIOR.classes()), scene, tr)
    else:
        controls.entry("prior", list(PRIOR.classes()), scene, tr)


def family(space: Space, tr: Translator) -> None:
    """The widgets of the family, without a heading."""
    (family_editor.PLANE if space == "plane" else family_editor.LINE).sidebar(tr)
