"""Scenes as cache keys: the settings that a result depends on, all others at their defaults.

Scenes that differ in other settings only have the same key, on all pages.
"""

from __future__ import annotations

from flowviz.scene import Scene
from flowviz.scene.settings import FLOW, Space

SCHEDULE = ("schedule", "schedule_params")


def flow_key(scene: Scene, space: Space, *more: str, schedule: bool = True) -> Scene:
    """The scene with the settings of the flow on the line or in the plane, others at default.

    Args:
        scene: the visitor's scene.
        space: becomes the key's ``space``.
        more: names of further fields that the result depends on.
        schedule: whether it depends on the schedule, where the path has one; without it the key
            has the linear one.
    """
    family = scene.plane_family if space == "plane" else scene.family
    schedule_fields = SCHEDULE if schedule and family == "affine" else ()
    return scene.with_only(*FLOW[space], *schedule_fields, *more).model_copy(
        update={"space": space}
    )
