"""Guidance: a labelled flow, pushed towards one label (MATH §5).

Data points carry labels y. With r_i the posterior weights of all data points,

    p_t(y|x) = Σ_{i ∈ y} r_i,        f = Σ_y p_t(y|x) f_y,

where f_y is the flow of class y alone, which has its own exact field. Guidance of scale s follows

    classifier-free    f_s = f + s (f_y - f)                        any prior, any family
    classifier         f_s = f - s v (σσ̇ - σ² α̇/α) ∇log p_t(y|x)     x = α x₀ + σ x₁

with v the prior's variance. Both are the flow of all data at s = 0 and of class y at s = 1, the
second for a Gaussian prior alone, for which the two are the same: under another prior the velocity
is no function of the score. For s > 1 neither samples the tilted law ∝ p(x|y)^s p(x)^{1-s}.

Source: Ho and Salimans, "Classifier-free diffusion guidance" (2022); Dhariwal and Nichol,
"Diffusion models beat GANs" (2021); Bradley and Nakkiran, "Classifier-free guidance is a
predictor-corrector" (2025), on what it does not sample.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Literal

import torch
from torch import Tensor

from flowviz.core.field import MarginalField
from flowviz.core.numerics.arguments import Numbers, as_positions, as_tensor, as_times
from flowviz.core.numerics.autodiff import coordinate, jvp
from flowviz.core.paths import Path
from flowviz.core.priors import Gaussian
from flowviz.core.priors.base import Prior, require

Guidance = Literal["classifier_free", "classifier"]
Velocity = Callable[[Numbers, Numbers], Tensor]

_SMALL = 1e-7
"""The α below which a difference of scores is divided by α in the limit."""
_ONE_DEVIATION = 0.15865525393145707
"""P(Z < -1) of a standard normal Z."""


def extrapolated(weaker: Velocity, stronger: Velocity, scale: float) -> Velocity:
    """f + s (g - f) for two velocities f, ``weaker``, and g, ``stronger``.

    With the flow of all data for f and that of one class for g it is classifier-free guidance; with
    a worse model of the same data for f, guidance by a worse version of itself.

    Source: Karras et al., "Guiding a diffusion model with a bad version of itself" (2024).
    """
    return lambda x, t: torch.lerp(weaker(x, t), stronger(x, t), scale)


class LabelledField:
    """The exact flow of labelled data points.

    Args:
        x0: data points, (N, d).
        weights: (N,), positive; normalised.
        labels: whole numbers, (N,).
        prior: the distribution of x₁.
        path: the trajectory family.

    Raises:
        ValueError: for labels that are not N whole numbers, and as `MarginalField` does.
    """

    def __init__(
        self, x0: Numbers, weights: Numbers, labels: Numbers, prior: Prior, path: Path
    ) -> None:
        self.marginal = MarginalField(x0, weights, prior, path)
        given = as_tensor("labels", labels)
        n = self.marginal.n
        require(
            given.shape == (n,),
            f"labels must have shape ({n},), one for each point, got {tuple(given.shape)}",
        )
        whole = given.round()
        require(bool((whole == given).all()), f"labels must be whole numbers, got {given.tolist()}")
        self.labels = whole.long()
        self.classes = self.labels.unique()
        """The distinct labels, rising, (K,)."""

    @cached_property
    def _fields(self) -> dict[int, MarginalField]:
        every = self.marginal
        return {
            y: MarginalField(every.x0[chosen], every.weights[chosen], every.prior, every.path)
            for y in self.classes.tolist()
            for chosen in [self.labels == y]
        }

    def conditional(self, y: int) -> MarginalField:
        """The flow of class y alone.

        Raises:
            ValueError: for a label that no data point has.
        """
        require(y in self.classes.tolist(), f"no data point has the label {y!r}")
        return self._fields[int(y)]

    def class_prob(self, x: Numbers, t: Numbers) -> Tensor:
        """p_t(y|x) for each of ``classes``, (Q, K), for x (Q, d); NaN rows where p_t(x) = 0."""
        posterior = self.marginal.posterior(x, t)
        return posterior @ (self.labels[:, None] == self.classes).to(posterior)

    def guided(self, y: int, scale: float, how: Guidance = "classifier_free") -> Velocity:
        """The velocity f_s guided towards class y.

        Args:
            y: one of ``classes``.
            scale: s ≥ 0; 0 is the flow of all data, in which f_y is not evaluated: under a compact
                prior it has no value where class y does not reach. 1 is the flow of class y.
            how: "classifier_free", or "classifier" for families x = α x₀ + σ x₁.

        Returns:
            x (Q, d), t in (0, 1] a scalar or (Q,) -> (Q, d); NaN where a field has no value.

        Raises:
            ValueError: for an unknown label or method, a negative scale, or another family.
        """
        require(how in ("classifier_free", "classifier"), f"no such guidance: {how!r}")
        require(0.0 <= scale < float("inf"), f"scale must be at least 0, got {scale!r}")
        of_class = self.conditional(y)
        if scale == 0.0:
            return self.marginal
        if how == "classifier":
            schedule = self.marginal.path.affine_schedule
            require(schedule is not None, "classifier guidance needs x = alpha x0 + sigma x1")
            return lambda x, t: self.marginal(x, t) + scale * self._push(of_class, x, t)
        if scale == 1.0:
            return of_class

        return extrapolated(self.marginal, of_class, scale)

    def class_score(self, y: int, x: Numbers, t: Numbers) -> Tensor:
        """∇ₓ log p_t(y|x), (Q, d)."""
        x, time = self._queries(x, t)
        return self._class_score(self.conditional(y), x, time)

    def _class_score(self, of_class: MarginalField, x: Tensor, t: Tensor) -> Tensor:
        def log_ratio(at: Tensor) -> Tensor:
            return of_class.log_prob(at, t) - self.marginal.log_prob(at, t)

        slopes = [jvp(log_ratio, x, coordinate(x, j))[1] for j in range(self.marginal.d)]
        return torch.stack(slopes, dim=1)

    def _push(self, of_class: MarginalField, x: Numbers, t: Numbers) -> Tensor:
        """-v (σσ̇ - σ² α̇/α) ∇log p_t(y|x), (Q, d), finite also at α = 0."""
        x, time = self._queries(x, t)
        schedule = self.marginal.path.affine_schedule
        assert schedule is not None
        (alpha, sigma), (alpha_rate, sigma_rate) = schedule(time), schedule.rates(time)
        small = alpha < _SMALL
        divided = self._class_score(of_class, x, time) / torch.where(small, 1.0, alpha)[:, None]
        if bool(small.any()):
            at, scale = x[small], sigma[small][:, None]
            divided[small] = self._limit(of_class, at / scale) / scale.square()
        factor = sigma * (sigma_rate * alpha - sigma * alpha_rate)
        return -self._variance * factor[:, None] * divided

    def _limit(self, of_class: MarginalField, z: Tensor) -> Tensor:
        """-H (x̄₀ of class y - x̄₀ of all), H the second derivatives of log p₁ at z, (Q, d)."""
        prior, d = self.marginal.prior, self.marginal.d
        apart = of_class.weights @ of_class.x0 - self.marginal.weights @ self.marginal.x0
        along = apart.expand_as(z)

        def slope(j: int) -> Callable[[Tensor], Tensor]:
            return lambda at: jvp(prior.log_prob, at, coordinate(at, j))[1]

        return -torch.stack([jvp(slope(j), z, along)[1] for j in range(d)], dim=1)

    @cached_property
    def _variance(self) -> float:
        """Of a coordinate of the prior; where it is not Gaussian, by its central 68 %."""
        prior = self.marginal.prior
        if isinstance(prior, Gaussian):
            return prior.scale**2
        low, high = prior.interval(_ONE_DEVIATION)
        return (0.5 * (high - low)) ** 2

    def _queries(self, x: Numbers, t: Numbers) -> tuple[Tensor, Tensor]:
        x = as_positions(x, self.marginal.x0)
        return x, as_times(t, x, rows=len(x)).expand(len(x)).contiguous()
