"""A denoiser whose window shrinks on the way from the prior to the data: no training, new images.

At large t the whole image is the best window, at small t a small one: which one is best at each
time is measured on images that the denoiser does not have (`denoising`).

Source: Kamb, Ganguli (2025), whose window is fitted to a network at each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor

from flowviz.core.images.denoiser import Denoiser
from flowviz.core.images.windows import WindowField
from flowviz.core.priors.base import require


class ShrinkingWindow(Denoiser):
    """Another denoiser in each interval of time, as a window that shrinks with t.

    Args:
        fields: one denoiser for each interval, from the prior to the data.
        until: the times at which the next one begins, falling, one fewer.

    Raises:
        ValueError: for times that do not fall, or not one fewer.
    """

    def __init__(self, fields: Sequence[WindowField], until: Sequence[float]) -> None:
        require(len(until) == len(fields) - 1, "one denoiser more than times is needed")
        require(
            all(a > b for a, b in pairwise(until)),
            f"the times must fall, got {list(until)!r}",
        )
        first = fields[0]
        super().__init__(first.d, first.path, first.x0)
        self.fields, self.until = tuple(fields), tuple(until)

    def at(self, t: float) -> WindowField:
        """The denoiser used at a time."""
        return self.fields[sum(t <= time for time in self.until)]

    def mean(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        # u = σ/(α + σ) rises with t, whatever the schedule.
        u = (sigma / (alpha + sigma))[:, 0]
        until = self.schedule.linear_time_and_scale(u.new_tensor(self.until))[0]
        which = (u[:, None] <= until).sum(1)
        mean = torch.empty_like(x)
        for k in which.unique().tolist():
            rows = which == k
            mean[rows] = self.fields[k].mean(x[rows], alpha[rows], sigma[rows])
        return mean
