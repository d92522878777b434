"""A velocity given by a denoiser, for x = α x₀ + σ x₁ and x₁ from N(0, I) (MATH §11).

    f_t(x) = (σ̇/σ)(x - D) + ((σ̇/σ)(1 - α) + α̇) D,        D = D_t(x)

For D = E[x₀|x] that is the marginal velocity. Any other D defines the flow of a model that
denoises in another way: one that sees a neighbourhood of each pixel only, or the best linear one.
It is called like `MarginalField`, so that solvers, guidance and likelihood take it.
"""

from __future__ import annotations

import torch
from torch import Tensor

from flowviz.core.numerics.arguments import Numbers, as_positions, as_tensor, as_times, require_each
from flowviz.core.paths import PATHS, Path
from flowviz.core.priors.base import require
from flowviz.core.schedules import SCHEDULES


def straight() -> Path:
    """x = (1 - t) x₀ + t x₁."""
    return PATHS["affine"](schedule=SCHEDULES["linear"]())


class Denoiser:
    """The flow of a denoiser.

    Args:
        d: the dimension.
        path: a family x = α x₀ + σ x₁; straight lines by default.
        like: a tensor of the dtype and device used.

    Raises:
        ValueError: for another family.
    """

    def __init__(self, d: int, path: Path | None, like: Tensor) -> None:
        self.path = straight() if path is None else path
        schedule = self.path.affine_schedule
        require(schedule is not None, "a denoiser needs a path x = alpha x0 + sigma x1")
        assert schedule is not None
        self.d, self.schedule, self._like = d, schedule, like

    def __call__(self, x: Numbers, t: Numbers) -> Tensor:
        """The velocity, (Q, d), for x (Q, d) and t in (0, 1], a scalar or (Q,).

        Raises:
            ValueError: for a wrong shape or a time outside (0, 1].
        """
        x, t = self._queries(x, t)
        mean = self.mean(x, *(v[:, None] for v in self.schedule(t)))
        growth, drift = (v[:, None] for v in self.schedule.velocity_coefficients(t))
        return growth * (x - mean) + drift * mean

    def denoise(self, x: Numbers, t: Numbers) -> Tensor:
        """D_t(x), (Q, d), for x (Q, d) and t in (0, 1], a scalar or (Q,)."""
        x, t = self._queries(x, t)
        return self.mean(x, *(v[:, None] for v in self.schedule(t)))

    def mean(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        """D, (Q, d), for x (Q, d) and α, σ (Q, 1)."""
        raise NotImplementedError

    def _queries(self, x: Numbers, t: Numbers) -> tuple[Tensor, Tensor]:
        x = as_positions(x, self._like)
        require(
            x.dim() == 2 and x.shape[1] == self.d,
            f"x must have shape (Q, {self.d}), got {tuple(x.shape)}",
        )
        t = as_times(t, x, rows=len(x))
        require_each(t, (t > 0) & (t <= 1), "t must lie in (0, 1]")
        return x, t.expand(len(x)).contiguous()


class WienerFilter(Denoiser):
    """The best linear denoiser: D = m + α S (α² S + σ² I)⁻¹ (x - α m), m, S the data's moments.

    It is E[x₀|x] for Gaussian data.

    Args:
        x0: data points, (N, d).
        weights: (N,), positive; normalised.
        path: as in `Denoiser`.
    """

    def __init__(self, x0: Numbers, weights: Numbers, path: Path | None = None) -> None:
        x0 = as_tensor("x0", x0)
        super().__init__(x0.shape[1], path, x0)
        w = as_tensor("weights", weights).to(x0)
        self._centre, covariance = moments(x0, w)
        self.variances, self._axes = torch.linalg.eigh(covariance)
        self.variances = self.variances.clamp(min=0.0)

    def mean(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        gain = alpha * self.variances / (alpha.square() * self.variances + sigma.square())
        return self._centre + (((x - alpha * self._centre) @ self._axes) * gain) @ self._axes.T


def moments(x0: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    """The mean, (d,), and the covariance, (d, d), of weighted data points."""
    w = weights / weights.sum()
    centre = w @ x0
    return centre, ((x0 - centre) * w[:, None]).T @ (x0 - centre)
