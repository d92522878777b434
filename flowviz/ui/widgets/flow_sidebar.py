"""The sidebar's sections on the flow, which several pages have: points, prior and family."""

from __future__ import annotations

from flowviz.scene import Scene
from flowviz.scene.parameters import PLANE_PRIOR, PRIOR
from flowviz.scene.settings import Space
from flowviz.text import Say
from flowviz.ui.session import faults
from flowviz.ui.widgets import controls, family_editor, points_editor
from flowviz.ui.widgets.glossary import heading


@faults.guarded
def sections(space: Space, scene: Scene, say: Say) -> None:
    """The sections on points, prior and family of the line or the plane."""
    heading(say("fan.points"), say, "data_point", "weight")
    (points_editor.PLANE if space == "plane" else points_editor.LINE).sidebar(say)
    prior(space, scene, say)
    heading(say("fan.family"), say, "family", more=say("fan.family.help"))
    family(space, say)


def prior(space: Space, scene: Scene, say: Say) -> None:
    """The section on the prior."""
    heading(say("fan.prior"), say, "prior")
    if space == "plane":
        controls.entry("plane_prior", list(PLANE_PRIOR.classes()), scene, say)
    else:
        controls.entry("prior", list(PRIOR.classes()), scene, say)


def family(space: Space, say: Say) -> None:
    """The widgets of the family, without a heading."""
    (family_editor.PLANE if space == "plane" else family_editor.LINE).sidebar(say)
