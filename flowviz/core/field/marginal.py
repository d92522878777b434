"""Many points: the exact marginal density and velocity, by superposition (MATH §2).

    p_t(x) = Σ_i w_i p_t(x|x₀ᵢ)
    r_i(x, t) = w_i p_t(x|x₀ᵢ) / p_t(x)
    f_t(x) = Σ_i r_i(x, t) f_t(x|x₀ᵢ)

``log_prob`` is accurate at t = 1e-4 forty scales from the nearest point. Where p_t(x) = 0, which
happens under priors of bounded support, the velocity is undefined and returned as NaN, without an
epsilon in any denominator. A log-density of NaN means that the endpoint x₁ of some data point could
not be found.

For the families x_t = α_t x₀ + σ_t x₁ the sum of velocities needs only the posterior mean
D = Σ r_i x₀ᵢ (MATH §3.3; module ``field.posterior_mean``):

    f_t(x) = (σ̇/σ)(x - α D) + α̇ D = (σ̇/σ)(x - D) + ((σ̇/σ)(1 - α) + α̇) D.

The second form is the stable one: close to a data point x - D is exact, while the rounding of α D
would be divided by σ; and its last factor is small (0 for straight lines).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import torch
from torch import Tensor

from flowviz.core.field.definition import FlowDefinition
from flowviz.core.field.evaluated import Grid, Probe
from flowviz.core.field.posterior_mean import PosteriorMean
from flowviz.core.numerics.arguments import (
    Numbers,
    as_axes,
    as_positions,
    as_times,
    require_each,
)
from flowviz.core.numerics.autodiff import coordinate, jvp, time_derivative
from flowviz.core.numerics.chunks import Progress, blocks_for, in_blocks
from flowviz.core.numerics.work import spend
from flowviz.core.priors.base import require

_COST = 4.0
"""Units of work for a pair, besides the density and what a path solves."""


class MarginalField(FlowDefinition):
    """The exact flow of weighted data points, whose arguments are those of `FlowDefinition`.

    ``MarginalField(x0, weights, prior, path)`` is the article's: x₁ and data are independent.
    """

    @cached_property
    def posterior_mean(self) -> PosteriorMean:
        """The sums over data points, for families x = α x₀ + σ x₁."""
        return PosteriorMean(self.x0, self.weights, self.prior, self.conditional)

    def __call__(self, x: Numbers, t: Numbers) -> Tensor:
        """The marginal velocity f_t(x) = Σ r_i f_t(x|x₀ᵢ).

        Args:
            x: positions, (Q, d).
            t: times in (0, 1], a scalar or (Q,).

        Returns:
            (Q, d); NaN where p_t(x) is 0 or NaN.

        Raises:
            ValueError: for a wrong shape or a time outside (0, 1].
        """
        x, t = self._queries(x, t)
        return self._evaluate(x, t)[1]

    def log_prob(self, x: Numbers, t: Numbers) -> Tensor:
        """The log-density log p_t(x), (Q,), for x (Q, d), t a scalar or (Q,).

        -inf where p_t = 0, NaN where an endpoint could not be found.
        """
        x, t = self._queries(x, t)
        return self._evaluate(x, t)[0]

    def score(self, x: Numbers, t: Numbers) -> Tensor:
        """∇log p_t(x), (Q, d), for x (Q, d), t a scalar or (Q,); NaN where p_t = 0.

        At a jump of p_t it has no value.
        """
        return self.log_prob_and_score(x, t)[1]

    def log_prob_and_score(self, x: Numbers, t: Numbers) -> tuple[Tensor, Tensor]:
        """log p_t(x), (Q,), and the score, by one forward-mode pass for each coordinate."""
        x, t = self._queries(x, t)
        found = [jvp(lambda y: self._evaluate(y, t)[0], x, coordinate(x, j)) for j in range(self.d)]
        log_p, score = found[0][0], torch.stack([slope for _, slope in found], dim=1)
        return log_p, score.masked_fill((log_p == -torch.inf)[:, None], torch.nan)

    def posterior(self, x: Numbers, t: Numbers) -> Tensor:
        """The weights r_i(x, t), (Q, N), rows summing to 1; NaN rows where p_t(x) = 0."""
        return self.probe(x, t).posterior

    def probe(self, x: Numbers, t: Numbers) -> Probe:
        """Posterior weights and conditional velocities of all data points at x (Q, d)."""
        x, t = self._queries(x, t)
        found = [self._terms(x[b], t[b]) for b in blocks_for(x, self.x0.numel())]
        terms, conditional = (torch.cat(column) for column in zip(*found, strict=True))
        log_p = torch.logsumexp(terms, dim=-1)
        posterior = (terms - log_p[:, None]).exp()
        velocity = (posterior[..., None] * conditional).sum(1)
        return Probe(log_p, posterior, conditional, velocity)

    def log_terms(self, x: Tensor, t: Tensor) -> Tensor:
        """log(w_i p_t(x|x₀ᵢ)), (Q, N), for x (Q, d) and t (Q,)."""
        return self._terms(x, t)[0]

    def cdf(self, x: Numbers, t: Numbers) -> Tensor:
        """F_t(x) = Σ w_i F₁(φ_t(x|x₀ᵢ)) for d = 1; (Q, 1) -> (Q,)."""
        return self._mixed(x, t, upper=False)

    def cdf_rows(self, x: Tensor, t: Tensor) -> Tensor:
        """F_t(x) for d = 1 at positions x (X,), each at all times t (T,); (T, X)."""
        schedule = self.path.affine_schedule
        if schedule is None or self.conditional is not None:
            every = x.repeat(t.numel())[:, None], t.repeat_interleave(x.numel())
            return self.cdf(*every).reshape(-1, x.numel())
        self._require_line()
        self._require_times(t)
        alpha, sigma = (v[:, None, None] for v in schedule(t))
        return self.weights @ self.prior.cdf((x - alpha * self.x0).div_(sigma))

    def sf(self, x: Numbers, t: Numbers) -> Tensor:
        """1 - F_t(x) for d = 1, relatively exact in the upper tail; (Q, 1) -> (Q,)."""
        return self._mixed(x, t, upper=True)

    def _mixed(self, x: Numbers, t: Numbers, upper: bool) -> Tensor:
        """Σ w_i F₁(φ_t(x|x₀ᵢ)), or S₁, (Q,), for d = 1."""
        x, t = self._queries(x, t)
        self._require_line()
        rows = [x.new_empty(0)]
        for b in blocks_for(x, self.n):
            endpoints = self.path.inverse(x[b], self.x0, t[b])
            value = _nan_where_missing(endpoints, self._tail(endpoints[..., 0], upper))
            rows.append(value @ self.weights)
        return torch.cat(rows)

    def _tail(self, z: Tensor, upper: bool) -> Tensor:
        if self.conditional is not None:
            return self.conditional.tail(z, upper)[0]
        return self.prior.sf(z) if upper else self.prior.cdf(z)

    def continuity_terms(self, x: Numbers, t: Numbers) -> Tensor:
        """∂_t log p, each f_j ∂_j log p and each ∂_j f_j: their sum is 0 for an exact flow.

        By one forward-mode pass along t and one along each coordinate.

        Args:
            x: positions, (Q, d).
            t: times in (0, 1], a scalar or (Q,).

        Returns:
            (1 + 2d, Q).
        """
        x, t = self._queries(x, t)
        (_, velocity), (change, _) = time_derivative(lambda s: self._evaluate(x, s), t)
        terms = [change]
        for j in range(self.d):
            _, (slope, divergence) = jvp(lambda y: self._evaluate(y, t), x, coordinate(x, j))
            terms += [velocity[:, j] * slope, divergence[:, j]]
        return torch.stack(terms)

    def continuity_residual(self, x: Numbers, t: Numbers) -> Tensor:
        """∂_t log p + f·∇log p + ∇·f, which is 0 for an exact flow; (Q, d) -> (Q,)."""
        return self.continuity_terms(x, t).sum(0)

    def grid(
        self,
        axes: Sequence[Numbers],
        t: Numbers,
        progress: Progress | None = None,
        floor: float = 0.0,
    ) -> Grid:
        """The log-density and velocity on a tensor grid of positions, at several times.

        For d = 2 the sums are matrix products if the prior is a product and the path has an
        ``affine_schedule``.

        Args:
            axes: d vectors of positions, one for each coordinate.
            t: times in (0, 1], (T,), or one, as a grid of T = 1.
            progress: called with the fraction done.
            floor: densities below this may be returned as 0.

        Returns:
            A ``Grid`` with arrays (T, X) for d = 1, (T, X, Y) for d = 2.

        Raises:
            ValueError: for the wrong number of axes, or a time outside (0, 1].
        """
        axes = as_axes(axes, self.d, self.x0)
        t = torch.atleast_1d(as_times(t, self.x0))
        require(t.dim() == 1, f"t must be a vector, got shape {tuple(t.shape)}")
        self._require_times(t)
        if self.d == 1:
            return Grid(axes, t, *self._rows(axes[0].expand(t.numel(), -1), t, progress))
        slices = []
        for k, time in enumerate(t):
            slices.append(self._slice(axes, time, floor))
            if progress is not None:
                progress((k + 1) / t.numel())
        log_p, velocity = (torch.stack(column) for column in zip(*slices, strict=True))
        return Grid(axes, t, log_p, velocity)

    def log_prob_rows(self, x: Numbers, t: Numbers) -> Tensor:
        """log p_t for d = 1 at rows of positions (R, X) with times (R,): fast for many points."""
        self._require_line()
        x = as_positions(x, self.x0)
        require(x.dim() == 2, f"x must have shape (R, X), got {tuple(x.shape)}")
        t = as_times(t, x, rows=len(x))
        self._require_times(t)
        return self._rows(x, t.expand(len(x)).contiguous())[0]

    def _rows(
        self, x: Tensor, t: Tensor, progress: Progress | None = None
    ) -> tuple[Tensor, Tensor]:
        """(log p, f), (R, X) each, for d = 1, for rows of positions at times (R,)."""
        schedule = self.path.affine_schedule
        if schedule is None:
            times = t.repeat_interleave(x.shape[1])
            log_p, velocity = self._evaluate(x.reshape(-1, 1), times, progress)
            return log_p.reshape(x.shape), velocity.reshape(x.shape)
        alpha, sigma = schedule(t)
        log_p, mean = self.posterior_mean.rows(x, alpha, sigma, progress)
        growth, drift = (v[:, None] for v in schedule.velocity_coefficients(t))
        return log_p - torch.log(sigma)[:, None], growth * (x - mean) + drift * mean

    def _slice(self, axes: tuple[Tensor, ...], t: Tensor, floor: float) -> tuple[Tensor, Tensor]:
        """(log p, f) on a grid at one time."""
        points = torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)
        schedule = self.path.affine_schedule
        if schedule is None:
            flat = points.reshape(-1, self.d)
            log_p, velocity = self._evaluate(flat, t.expand(flat.shape[0]).contiguous())
            return log_p.reshape(points.shape[:-1]), velocity.reshape(points.shape)
        alpha, sigma = schedule(t)
        log_p, mean = self.posterior_mean.on_axes(axes, alpha, sigma, floor)
        growth, drift = schedule.velocity_coefficients(t)
        return log_p - self.d * torch.log(sigma), growth * (points - mean) + drift * mean

    def _evaluate(
        self, x: Tensor, t: Tensor, progress: Progress | None = None
    ) -> tuple[Tensor, Tensor]:
        """(log p, f) at (Q, d) and (Q,), in blocks."""
        schedule = self.path.affine_schedule
        if schedule is None:
            return in_blocks(self._general, (x, t), self.x0.numel(), progress)
        alpha, sigma = (v[:, None] for v in schedule(t))
        log_p, mean = self.posterior_mean(x, alpha, sigma, progress)
        growth, drift = (v[:, None] for v in schedule.velocity_coefficients(t))
        return log_p - self.d * torch.log(sigma[:, 0]), growth * (x - mean) + drift * mean

    def _general(self, x: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """(log p, f) of one block, for any family."""
        terms, conditional = self._terms(x, t)
        log_p = torch.logsumexp(terms, dim=-1)
        posterior = torch.exp(terms - log_p[:, None])
        return log_p, (posterior[..., None] * conditional).sum(1)

    def _terms(self, x: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
        """log(w_i p_t(x|x₀ᵢ)), (Q, N), and f_t(x|x₀ᵢ), (Q, N, d)."""
        spend(len(x) * self.n, _COST + self.prior.cost)
        endpoints, log_det, velocity = self.path.conditional(x, self.x0, t)
        log_p1 = self.prior.log_prob(endpoints)
        if self.conditional is not None:
            log_p1 = log_p1 + self.conditional.log_ratio(endpoints)
        log_p1 = _nan_where_missing(endpoints, log_p1)
        return log_p1 + log_det + self.weights.log(), velocity

    def posterior_or_nearest(self, x: Tensor, t: Tensor) -> Tensor:
        """Posterior weights (Q, N); where p_t = 0, 1 for the point with the nearest support."""
        posterior = torch.softmax(self._terms(x, t)[0], dim=1)
        undefined = posterior.isnan().any(1)
        if bool(undefined.any()):
            nearest = self._nearest(x[undefined], t[undefined])
            posterior[undefined] = torch.nn.functional.one_hot(nearest, self.n).to(posterior)
        return posterior

    def velocity_or_nearest(self, x: Tensor, t: Tensor) -> Tensor:
        """f_t(x), (Q, d); where p_t = 0, f_t(x|x₀ᵢ) of the point with the nearest support."""
        velocity = self._evaluate(x, t)[1]
        undefined = velocity.isnan().any(1)
        if bool(undefined.any()):
            nearest = self.x0[self._nearest(x[undefined], t[undefined])][:, None]
            conditional = self.path.velocity(x[undefined], nearest, t[undefined])
            velocity[undefined] = conditional[:, 0]
        return velocity

    def _nearest(self, x: Tensor, t: Tensor) -> Tensor:
        return self.conditional_priors.distance(self.path.inverse(x, self.x0, t)).argmin(1)

    def _queries(self, x: Numbers, t: Numbers) -> tuple[Tensor, Tensor]:
        x = as_positions(x, self.x0)
        require(
            x.dim() == 2 and x.shape[1] == self.d,
            f"x must have shape (Q, {self.d}), got {tuple(x.shape)}",
        )
        time = as_times(t, x, rows=len(x))
        self._require_times(time)
        return x, time.expand(x.shape[0]).contiguous()

    def _require_times(self, t: Tensor) -> None:
        require_each(t, (t > 0) & (t <= 1), "t must lie in (0, 1]")

    def _require_line(self) -> None:
        require(self.d == 1, f"the distribution function needs d = 1, got d={self.d}")


def _nan_where_missing(endpoints: Tensor, value: Tensor) -> Tensor:
    """``value`` (Q, N), but NaN where the endpoint (Q, N, d) could not be found."""
    return torch.where(endpoints.isnan().any(-1), torch.nan, value)
