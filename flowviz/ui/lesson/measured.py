"""What the steps on images measure, by the core and when it is asked for (MATH §11)."""

from __future__ import annotations

import torch
from torch import Tensor

from flowviz.core.images import WindowField
from flowviz.core.images.denoising import denoising_errors
from flowviz.core.images.memorising import Mean
from flowviz.core.images.targets import Targets
from flowviz.core.numerics.work import at_work
from flowviz.scene.settings import ImageWindow
from flowviz.ui.images import compute, measures
from flowviz.ui.session.cache import shared_cache

COUNT = 500
"""Training images, where a step does not change their number."""
FEW, MANY = 200, 1600
"""Those of the step on when class and image are decided."""
SEED = 0
LATE, EARLY = 0.6, 0.2
"""The times of the step on held-out images: far from the data, and near."""
EACH = (20, 848)
"""Images of each of two models that share none."""
ALIKE = 0.75
"""The correlation above which two images are alike."""
MOVED = 0.05
"""How far a time must move to count as moved."""
TARGET_TIME = 0.3
TENTH = 0.1


def generated() -> compute.Made:
    """Samples of the exact flow."""
    return compute.made(COUNT, "whole", SEED)


def new_images() -> int:
    """How many of them are no training image."""
    return int((generated().nearest.first > compute.ROUNDING).sum())


def decided() -> tuple[compute.Decision, compute.Decision]:
    """When class and image are decided, with few training images and with many."""
    return compute.decision(FEW), compute.decision(MANY)


@shared_cache(maxsize=8)
def errors(window: ImageWindow, *, held_out: bool) -> Tensor:
    """Mean denoising errors at `compute.ERROR_TIMES` and at the step's two times, (T + 2,).

    Args:
        window: of the model.
        held_out: on images that it does not have; otherwise on as many of its own.
    """
    field = compute.window_field(COUNT, window)
    images = compute.held_out(COUNT) if held_out else compute.used(compute.HELD_OUT).x0
    times = torch.cat([compute.ERROR_TIMES, torch.tensor([LATE, EARLY], dtype=torch.float64)])
    with at_work():
        return denoising_errors(field.denoise, field.schedule, images, times).mean(1)


@shared_cache(maxsize=8)
def pair(each: int, window: ImageWindow) -> tuple[Tensor, Tensor]:
    """What two models without a common training image make of the same noise, (Q, 64) each."""
    made = []
    for which in range(2):
        images = compute.half(each, which)
        field = WindowField(images.x0, images.weights, compute.SHAPE, compute.SIDES[window])
        with at_work():
            made.append(compute.generate(field, compute.noise(SEED))[:, -1])
    return made[0], made[1]


def alike(each: int, window: ImageWindow) -> Mean:
    """How far the images of both models correlate."""
    return compute.correlation(*pair(each, window))


def targets() -> dict[str, Targets]:
    """How much the target varies, for ``images`` and for ``moons`` in the plane."""
    return measures.target_variance(COUNT)


def target_share(name: str) -> float:
    """The share of the target's mean square that is variance, at the step's time."""
    at = int((measures.TARGET_TIMES - TARGET_TIME).abs().argmin())
    return float(targets()[name].variance_share[at])
