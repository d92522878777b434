"""Guidance, the target's variance, and the page's exactness, each cached for all visitors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch
from scipy.stats import chisquare
from torch import Tensor

from flowviz.core.datasets import DATASETS
from flowviz.core.field import MarginalField
from flowviz.core.guidance import LabelledField, extrapolated
from flowviz.core.images.denoiser import straight
from flowviz.core.images.memorising import nearest
from flowviz.core.images.targets import ALIKE, Targets, targets
from flowviz.core.numerics.work import at_work
from flowviz.core.priors import PRIORS
from flowviz.ui.images import compute
from flowviz.ui.session.cache import Progress, no_progress, shared_cache

SCALES = {"worse": (0.0, 0.5, 1.0, 1.5, 2.0), "label": (0.0, 1.0, 2.0, 3.0)}
TARGET_TIMES = torch.linspace(0.05, 1.0, 20, dtype=torch.float64)
DRAWS = 300
SHARE_DRAWS = 2000
"""Samples by which each image's share is counted."""
SIGNIFICANCE = 1e-4
"""Shares that chance makes as unequal less often than this are unequal."""


@shared_cache(maxsize=32)
def guided(
    count: int,
    kind: Literal["worse", "label"],
    label: int,
    seed: int,
    progress: Progress = no_progress,
) -> tuple[compute.Made, ...]:
    """What is generated at each of `SCALES`."""
    images, x1 = compute.used(count), compute.noise(seed, compute.GUIDED)
    found: list[compute.Made] = []
    labelled = LabelledField(
        images.x0, images.weights, images.labels, PRIORS["gaussian"](), straight()
    )
    for k, scale in enumerate(SCALES[kind]):
        progress(k / len(SCALES[kind]))
        if kind == "label":
            velocity = labelled.guided(label, scale)
        else:
            weaker, stronger = (
                compute.window_field(count, name) for name in ("three", "shrinking")
            )
            velocity = extrapolated(weaker, stronger, scale)
        with at_work():
            x = compute.generate(velocity, x1)
            found.append(compute.measured(x, images.x0, compute.peers(count)))
    return tuple(found)


@shared_cache(maxsize=16)
def target_variance(count: int, progress: Progress = no_progress) -> dict[str, Targets]:
    """The variance of the target of training, for the images and for two moons in the plane."""
    images = compute.used(count)
    moons, weights = DATASETS["two_moons"].tensors()
    fields = {
        "images": (compute.window_field(count, "whole"), images.x0),
        "moons": (MarginalField(moons, weights, PRIORS["gaussian"](), straight()), moons),
    }
    with at_work(progress):
        return {
            name: targets(field, x0, TARGET_TIMES, DRAWS) for name, (field, x0) in fields.items()
        }


def shares_of(found: Targets) -> dict[str, tuple[Tensor, Tensor]]:
    """Two shares at each time with their standard errors, (T,) each.

    ``alike``, of draws with nearly the same direction; ``variance``, of the target's square.
    """
    share = (found.cosine > ALIKE).to(torch.float64)
    return {
        "alike": (share.mean(1), share.std(1) / share.shape[1] ** 0.5),
        "variance": (found.variance_share, found.variance_share_error),
    }


@dataclass(frozen=True)
class Exactness:
    """What is measured of the page's exactness.

    ``field``, the largest difference of the whole window from `MarginalField`; ``ends``, the
    largest distance of a draw from the training image it ends on; ``steps``, how many draws end
    elsewhere with twice the steps.
    """

    field: float
    ends: float
    steps: int


@shared_cache(maxsize=32)
def exactness(count: int, seed: int, progress: Progress = no_progress) -> Exactness:
    """The page's exactness, measured."""
    images, found = compute.used(count), compute.made(count, "whole", seed)
    exact = MarginalField(images.x0, images.weights, PRIORS["gaussian"](), straight())
    field, gap = compute.window_field(count, "whole"), 0.0
    with at_work(progress):
        for k in range(0, compute.STEPS, 6):
            x, t = found.x[:4, k], compute.TIMES[k]
            gap = max(gap, float((exact(x, t) - field(x, t)).abs().max()))
        finer = nearest(
            compute.generate(field, compute.noise(seed), 2 * compute.STEPS)[:, -1], images.x0
        )
    return Exactness(
        gap, float(found.nearest.first.max()), int((finer.index != found.nearest.index).sum())
    )


@dataclass(frozen=True)
class Shares:
    """Whether each training image receives 1/N of the samples: Pearson's test.

    ``statistic`` is χ² = Σ (count - Q/N)²/(Q/N) over the images, with ``degrees`` N - 1 of freedom;
    ``probability``, that chance alone makes it as large; ``draws``, Q.
    """

    statistic: float
    degrees: int
    probability: float
    draws: int


@shared_cache(maxsize=32)
def shares(count: int, seed: int, progress: Progress = no_progress) -> Shares:
    """Pearson's test of `SHARE_DRAWS` samples of the exact flow, drawn apart from those shown."""
    images, field = compute.used(count), compute.window_field(count, "whole")
    generator = torch.Generator().manual_seed(SHARE_DRAWS + seed)
    x1 = torch.randn(SHARE_DRAWS, images.x0.shape[1], generator=generator, dtype=torch.float64)
    with at_work(progress):
        ends = compute.generate(field, x1)[:, -1]
        return equal_shares(nearest(ends, images.x0).index, count)


def equal_shares(index: Tensor, count: int) -> Shares:
    """Pearson's test of the images (Q,) on which samples end, of ``count`` with equal shares."""
    found = chisquare(index.bincount(minlength=count).numpy())
    return Shares(float(found.statistic), count - 1, float(found.pvalue), len(index))
