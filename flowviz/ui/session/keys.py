"""Scenes as cache keys: the settings that a result depends on, all others at their defaults.

Scenes that differ in nothing else are one key, whichever page asks.
"""

from __future__ import annotations

from flowviz.scene import Scene
from flowviz.scene.settings import FLOW, Space

SCHEDULE = ("schedule", "schedule_params")


def flow_key(scene: Scene, space: Space, *more: str, schedule: bool = True) -> Scene:
    """The settings of the flow on the line or in the plane, and some more.

    Args:
        scene: what is shown.
        space: becomes the key's own ``space``.
        more: names of further fields that the result depends on.
        schedule: whether it depends on the schedule, where the path has one; without it the key
            has the linear one.
    """
    family = scene.plane_family if space == "plane" else scene.family
    clock = SCHEDULE if schedule and family == "affine" else ()
    return scene.only(*FLOW[space], *clock, *more).model_copy(update={"space": space})
