"""The velocities at the query point of the page Guidance, of all kinds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from flowviz.core.guidance.trajectories import LAST
from flowviz.scene import Scene
from flowviz.ui.guidance.compute import Setup
from flowviz.ui.session.cache import shared_cache


@dataclass(frozen=True)
class AtQuery:
    """Velocities at one point, (d,) each, towards the data: −f.

    Attributes:
        every: of all data.
        of_class: of the class; None at scale 0, where it is not asked.
        guided: classifier-free.
        by_classifier: with the classifier's form; None for families without it.
        scale: in effect at that time.
        share: p_t(y|x).
    """

    every: NDArray[np.float64]
    of_class: NDArray[np.float64] | None
    guided: NDArray[np.float64]
    by_classifier: NDArray[np.float64] | None
    scale: float
    share: float

    @property
    def angle(self) -> float | None:
        """Between the pushes of both guidances, in degrees; None where one of them is 0."""
        if self.by_classifier is None or self.scale == 0.0:
            return None
        a, b = self.guided - self.every, self.by_classifier - self.every
        size = float(np.linalg.norm(a) * np.linalg.norm(b))
        if not size > 0.0 or not np.isfinite(size):
            return None
        # The arcus cosine loses half of the digits near 0.
        cross = 0.0 if len(a) == 1 else float(a[0] * b[1] - a[1] * b[0])
        return float(np.degrees(np.arctan2(abs(cross), float(a @ b))))


def position(scene: Scene) -> tuple[float, tuple[float, ...]] | None:
    """Time and position of the query point; in the plane at the page's time."""
    if scene.space == "line":
        return None if scene.probe is None else (_inside(scene.probe[0]), scene.probe[1:])
    return None if scene.plane_probe is None else (_inside(scene.time), scene.plane_probe[1:])


def _inside(t: float) -> float:
    return min(max(t, LAST), 1.0)


@shared_cache(maxsize=128)
def at_query(setup: Setup, t: float, x: tuple[float, ...]) -> AtQuery | None:
    """The velocities at a point; None without labels, or where one has no value."""
    flow, guide = setup.labelled, setup.guide
    if guide is None:
        return None
    at, scale = torch.tensor([x], dtype=torch.float64), guide.scale_at(t)
    by_classifier = None
    if flow.marginal.path.affine_schedule is not None:
        by_classifier = -flow.guided(guide.y, scale, "classifier")(at, t)[0].numpy()
    every = -flow.marginal(at, t)[0].numpy()
    of_class = None if scale == 0.0 else -flow.conditional(guide.y)(at, t)[0].numpy()
    guided = -flow.guided(guide.y, scale)(at, t)[0].numpy()
    if not (np.isfinite(every).all() and np.isfinite(guided).all()):
        return None
    k = flow.classes.tolist().index(guide.y)
    share = float(flow.class_prob(at, t)[0, k])
    return AtQuery(every, of_class, guided, by_classifier, scale, share)
