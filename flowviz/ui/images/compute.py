"""Results for the page Images, each cached for all visitors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import get_args

import torch
from torch import Tensor

from flowviz.core.guidance import Velocity
from flowviz.core.images import Denoiser, ShrinkingWindow, WienerFilter, WindowField, digits
from flowviz.core.images.denoiser import straight
from flowviz.core.images.denoising import best_intervals, denoising_errors
from flowviz.core.images.memorising import (
    Decided,
    Mean,
    Nearest,
    collapse_time,
    decided,
    falls_through,
    mean_of,
    nearest,
    posterior_at,
    speciation_time,
)
from flowviz.core.numerics.work import at_work
from flowviz.core.solvers import SOLVERS, solve
from flowviz.core.solvers.vector_fields import VelocityField
from flowviz.scene.settings import ImageWindow
from flowviz.ui.session.cache import Progress, no_progress, shared_cache

SHAPE = (8, 8)
WINDOWS: tuple[ImageWindow, ...] = get_args(ImageWindow)
SIDES: dict[ImageWindow, int] = {"whole": 15, "seven": 7, "five": 5, "three": 3}
"""Sides of windows; the largest covers the image from every pixel."""
SHOWN, DRAWS, GUIDED = 16, 48, 8
"""Draws that are shown, that are measured, and that are guided."""
HELD_OUT = 100
"""Images that are never used where an error on held-out images is measured."""
STEPS = 24
ROUNDING = 1e-9
"""Smaller distances are rounding errors."""
SHUFFLE = 15
"""The seed of the order in which images are taken."""
DECIDED = 240
TIMES = torch.linspace(1.0, 0.0, STEPS + 1, dtype=torch.float64)
ERROR_TIMES = torch.linspace(0.05, 0.95, 13, dtype=torch.float64)
DECIDED_TIMES = torch.linspace(0.2, 0.9, 29, dtype=torch.float64)


@cache
def _shuffled() -> tuple[Tensor, Tensor, Tensor]:
    images, labels = digits()
    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(SHUFFLE))
    return images[order], labels[order], order


@dataclass(frozen=True)
class Images:
    """The images that are used: ``x0`` (N, 64), ``labels`` and numbers in the data set, (N,)."""

    x0: Tensor
    labels: Tensor
    number: Tensor

    @property
    def weights(self) -> Tensor:
        """Equal ones."""
        return torch.full((len(self.x0),), 1.0 / len(self.x0), dtype=self.x0.dtype)


def used(count: int) -> Images:
    """The first images in an order that is always the same."""
    return Images(*(column[:count] for column in _shuffled()))


def half(count: int, which: int) -> Images:
    """Disjoint sets of images for two networks, each of `half_size`."""
    size = half_size(count)
    return Images(*(column[which * size : (which + 1) * size] for column in _shuffled()))


def half_size(count: int) -> int:
    """Images of each of two networks: as many as are used, where there are twice as many."""
    return min(count, (len(_shuffled()[0]) - HELD_OUT) // 2)


def held_out(count: int) -> Tensor:
    """Images that are not among the first ``count``, at most `HELD_OUT`: the last ones."""
    images = _shuffled()[0]
    return images[max(count, len(images) - HELD_OUT) :]


def peers(count: int) -> Tensor:
    """As many held-out images as training images, or all there are."""
    images = _shuffled()[0]
    return images[max(count, len(images) - count) :]


@shared_cache(maxsize=8)
def window_field(count: int, window: ImageWindow) -> Denoiser:
    """The flow of a window over the first images."""
    if window == "shrinking":
        names, until = intervals(count)
        fields = [window_field(count, name) for name in names]
        return ShrinkingWindow([f for f in fields if isinstance(f, WindowField)], until)
    images = used(count)
    return WindowField(images.x0, images.weights, SHAPE, SIDES[window])


# ---------------------------------------------------------------------- draws


def noise(seed: int, draws: int = DRAWS) -> Tensor:
    """Draws of the prior, (draws, 64); fewer are the first of more."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(DRAWS, SHAPE[0] * SHAPE[1], generator=generator, dtype=torch.float64)[:draws]


def generate(velocity: Velocity, x1: Tensor, steps: int = STEPS) -> Tensor:
    """The draws at `TIMES`, (Q, T, 64), by the exponential multistep solver."""
    vector_field = VelocityField(velocity, x1.shape[1], straight().affine_schedule)
    times = torch.linspace(1.0, 0.0, steps + 1, dtype=torch.float64)
    return solve(SOLVERS["multistep"], vector_field, x1, times).x


@dataclass(frozen=True)
class Made:
    """Generated images: ``x`` (Q, T, 64) at `TIMES`, and the training images nearest to them.

    ``memorised``, the share of draws; ``distance`` to the nearest training image, ``held`` to the
    nearest held-out one (None without any).
    """

    x: Tensor
    nearest: Nearest
    memorised: Mean
    distance: Mean
    held: Mean | None


@shared_cache(maxsize=48)
def made(count: int, window: ImageWindow, seed: int, progress: Progress = no_progress) -> Made:
    """What a window generates."""
    field = window_field(count, window)
    with at_work(progress):
        return measured(generate(field, noise(seed)), used(count).x0, peers(count))


def measured(x: Tensor, images: Tensor, others: Tensor | None = None) -> Made:
    """Generated images (Q, T, 64) beside training images (N, 64) and held-out ``others``."""
    found = nearest(x[:, -1], images)
    return Made(
        x,
        found,
        mean_of(found.remembered),
        mean_of(found.first),
        mean_of(nearest(x[:, -1], others).first) if others is not None and len(others) else None,
    )


@shared_cache(maxsize=8)
def between_data(count: int) -> Mean | None:
    """The distance of held-out images to the nearest training image; None without any."""
    others = held_out(count)
    return mean_of(nearest(others, used(count).x0).first) if len(others) else None


@dataclass(frozen=True)
class Strip:
    """One draw along `TIMES`: ``x`` and the denoised ``mean``, (T, 64).

    ``image`` (T,), the posterior weight of the image it ends on; ``label`` (T,), of that class, or
    of the image alone where there are no classes; ``sources``, how many training images its pixels
    come from at the end.
    """

    x: Tensor
    mean: Tensor
    image: Tensor
    label: Tensor
    sources: int


@shared_cache(maxsize=128)
def strip(count: int, window: ImageWindow, seed: int, draw: int) -> Strip:
    """A draw along time."""
    found, images = made(count, window, seed), used(count)
    return along(window_field(count, window), found, draw, images.x0, images.labels)


def along(field: Denoiser, found: Made, draw: int, images: Tensor, labels: Tensor) -> Strip:
    """One of what a field generated along time, with the images (N, 64) of equal weight."""
    x, end = found.x[draw], int(found.nearest.index[draw])
    same, equal = labels == labels[end], torch.full((len(images),), 1.0 / len(images)).to(x)
    mean = torch.cat([field.denoise(x[:-1], TIMES[:-1]), x[-1:]])
    weights = [
        posterior_at(x[k : k + 1], images, equal, 1.0 - float(t), float(t))[0]
        for k, t in enumerate(TIMES[:-1])
    ]
    weights.append(torch.eye(len(images), dtype=x.dtype)[end])
    table = torch.stack(weights)
    sources = 1
    if isinstance(field, WindowField | ShrinkingWindow):
        last = field if isinstance(field, WindowField) else field.fields[-1]
        sources = len(last.sources(x[-2:-1], TIMES[-2]).unique())
    return Strip(x, mean, table[:, end], (table * same).sum(1), sources)


# ---------------------------------------------------------------------- speciation and collapse


@dataclass(frozen=True)
class Decision:
    """When class and image are decided, over draws of the data, and what theory says.

    ``speciation`` and ``collapse`` are the times at which half is decided; NaN where none is.
    """

    curves: Decided
    speciation: float
    collapse: float
    speciation_theory: float
    collapse_theory: float


@shared_cache(maxsize=48)
def decision(count: int, progress: Progress = no_progress) -> Decision:
    """When it is decided which class and which image."""
    images = used(count)
    variances = WienerFilter(images.x0, images.weights).variances
    with at_work(progress):
        found = decided(images.x0, images.labels, DECIDED, DECIDED_TIMES)
    return Decision(
        found,
        falls_through(found.t, found.label.mean(1)),
        falls_through(found.t, found.image.mean(1)),
        speciation_time(variances),
        collapse_time(variances, count),
    )


# ---------------------------------------------------------------------- denoising errors


def measured_count(count: int) -> int:
    """The images used where errors on held-out images are measured: some are left for these."""
    return min(count, len(_shuffled()[0]) - HELD_OUT)


@shared_cache(maxsize=32)
def errors(count: int, progress: Progress = no_progress) -> dict[str, Tensor]:
    """Errors of each denoiser on held-out images at `ERROR_TIMES`, (T, Q), by name."""
    count = measured_count(count)
    images, others = used(count), held_out(count)
    fields = {name: window_field(count, name) for name in SIDES}
    fields |= {"wiener": WienerFilter(images.x0, images.weights)}
    found = {}
    for k, (name, field) in enumerate(fields.items()):
        progress(k / len(fields))
        with at_work():
            found[name] = denoising_errors(field.denoise, field.schedule, others, ERROR_TIMES)
    return found


def intervals(count: int) -> tuple[list[ImageWindow], list[float]]:
    """The windows in the order in which they are best on held-out images, and when they change."""
    found = errors(measured_count(count))
    means = {name: found[name].mean(1) for name in SIDES}
    names, until = best_intervals(ERROR_TIMES, means)
    return [name for name in SIDES if name in names], until


def correlation(a: Tensor, b: Tensor) -> Mean:
    """The mean correlation of images with those of another model, about the mean image."""
    centre = _shuffled()[0].mean(0)
    return mean_of(torch.cosine_similarity(a - centre, b - centre))
