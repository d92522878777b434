"""Training on the average velocity, so that a network needs one step (MeanFlow).

A network u_θ(x, s, t) of the average velocity from t down to s satisfies, along the flow,

    u + (t - s) du/dt = f_t(x),        du/dt = ∂u/∂t + f_t·∇u,

and is trained on the identity itself: with the conditional velocity v in the place of f_t,

    L(θ) = E ‖u_θ(x_t, s, t) - sg(v - (t - s) du_θ/dt)‖²,        du_θ/dt = ∂u_θ/∂t + v·∇u_θ,

where sg stops the gradient. The derivative is one forward-mode pass. u_θ = f_lin + c F_θ, so that
what does not depend on θ (`rates`) is computed once for a block of steps. Half of every batch has
s = t and is conditional flow matching. Of the others a fifth has s = 0, of one step to the data;
their errors e have the weight 1/√(1 + e²), because derivatives near the data are noisy.

Source: Geng, Deng, Bai, Kolter, He, "Mean flows for one-step generative modeling" (2025), with
their adaptive weight for the power 1/2.
"""

from __future__ import annotations

import torch
from torch import Tensor

from flowviz.core.training.network import VelocityNet

_TO_0 = 0.25
"""How far below 0 the uniform law of s/t begins before it is cut: 0.2 of it is at 0."""


def averaged_rows(batch: int) -> int:
    """How many of a batch, the first, have s < t."""
    return batch // 2


def earlier_times(t: Tensor, batch: int, seed: int) -> Tensor:
    """s for each example of several batches, (rows,)."""
    generator = torch.Generator().manual_seed(seed)
    part = torch.rand(len(t), generator=generator, dtype=torch.float64).to(t)
    s = t * ((1.0 + _TO_0) * part - _TO_0).clamp(min=0.0)
    averaged = torch.arange(len(t), device=t.device) % batch < averaged_rows(batch)
    return torch.where(averaged, s, t)


def rates(
    net: VelocityNet, x: Tensor, t: Tensor, s: Tensor, velocity: Tensor
) -> tuple[Tensor, Tensor]:
    """Features with s, (rows, m), and rates of change along (velocity, 1) with s constant.

    The rates are those of the features and of the time embedding, of f_lin in units of c, of log c,
    and at last t - s, (rows, m + k + d + 2).
    """

    def parts(x: Tensor, t: Tensor) -> tuple[Tensor, ...]:
        conditioning = net.conditioning(t)
        features = net.features(x, t, conditioning, s=s)
        return features, conditioning.time_embedding, *conditioning.linear(x)

    found, change = torch.func.jvp(parts, (x, t), (velocity, torch.ones_like(t)))[:2]
    features, size = found[0], found[3]
    columns = (change[0], change[1], change[2] / size, change[3] / size, (t - s)[:, None])
    return features, torch.cat(columns, dim=1)


def targets(
    net: VelocityNet, features: Tensor, embedding: Tensor, target: Tensor, change: Tensor
) -> tuple[Tensor, Tensor]:
    """The targets of F_θ at rows with s < t, (rows, d), and their weights, (rows,).

    Args:
        net: the network.
        features: (rows, m).
        embedding: of the times, (rows, k).
        target: of F_θ for s = t, (v - f_lin)/c, (rows, d).
        change: `rates`.
    """
    sizes = [features.shape[1], embedding.shape[1], target.shape[1], 1, 1]
    d_features, d_embedding, d_linear, d_size, gap = change.split(sizes, dim=1)
    with torch.no_grad():
        tangents = (d_features, d_embedding)
        value, slope = torch.func.jvp(net.inner, (features, embedding), tangents)[:2]
        target = target - gap * (d_linear + d_size * value + slope)
        return target, (1.0 + (value - target).square().sum(1)).rsqrt()
