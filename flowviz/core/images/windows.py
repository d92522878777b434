"""Denoisers that see a window of the image around each pixel (MATH §11).

With Ω_c the window around pixel c, cut off at the image's border,

    D_c(x, t) = Σ_i r_i^c x₀ᵢ_c,        r^c = softmax_i(log w_i - ‖x_Ω - α x₀ᵢ_Ω‖²/(2σ²)),

which is E[x₀_c | x_Ω]: exact for a model that knows x only within Ω_c. With the whole image as the
window it is the field of `MarginalField` under the prior N(0, I). As every pixel has posterior
weights of its own, what is generated is a mosaic of patches of the data.

The squares are expanded, ‖x_Ω‖² does not depend on i, and the products of all windows are one
batched matrix product; data and positions are shifted by the data's mean first, so that less
cancels.

Source: Kamb, Ganguli, "An analytic theory of creativity in convolutional diffusion models" (2025);
Niedoba et al., "Towards a mechanistic explanation of diffusion model generalization" (2025).
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from flowviz.core.images.denoiser import Denoiser
from flowviz.core.numerics.arguments import Numbers, as_tensor, require_each
from flowviz.core.numerics.chunks import blocks
from flowviz.core.numerics.work import spend
from flowviz.core.paths import Path
from flowviz.core.priors.base import require

_BLOCK = 1 << 20
"""Posterior weights formed at once: those of several positions, for all pixels."""


class WindowField(Denoiser):
    """The flow of a model that sees a window around each pixel.

    Args:
        x0: images, (N, height · width), row by row.
        weights: (N,), positive; normalised.
        shape: (height, width) of an image.
        window: the window's side, odd; one that covers the image from every pixel is the image.
        path: x = α x₀ + σ x₁; straight lines by default.

    Raises:
        ValueError: for images of another shape, weights that are not positive, or an even window.
    """

    def __init__(
        self,
        x0: Numbers,
        weights: Numbers,
        shape: tuple[int, int] = (8, 8),
        window: int = 5,
        path: Path | None = None,
    ) -> None:
        x0 = as_tensor("x0", x0)
        pixels = shape[0] * shape[1]
        require(
            x0.dim() == 2 and len(x0) >= 1 and x0.shape[1] == pixels,
            f"x0 must have shape (N, {pixels}), got {tuple(x0.shape)}",
        )
        require(window >= 1 and window % 2 == 1, f"window must be odd, got {window!r}")
        super().__init__(pixels, path, x0)
        w = as_tensor("weights", weights).to(x0)
        require(
            w.shape == (len(x0),), f"weights must have shape ({len(x0)},), got {tuple(w.shape)}"
        )
        require_each(w, torch.isfinite(w) & (w > 0), "weights must be finite and greater than 0")
        self.x0, self.weights, self.window = x0, w / w.sum(), window
        self._centre = self.weights @ x0
        self._data = x0 - self._centre
        self._seen = window_pixels(shape, window).to(x0.device)
        inside = torch.cat([self._data, x0.new_zeros(len(x0), 1)], dim=1)
        # (C, K, N): the images' pixels within each window.
        self._patches = inside[:, self._seen].permute(1, 2, 0).contiguous()
        self._squares = self._patches.square().sum(1)

    def mean(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        if not len(x):
            return x
        found = [self._block(x[b], alpha[b], sigma[b])[1] for b in self._blocks(x)]
        return torch.cat(found)

    def sources(self, x: Numbers, t: Numbers) -> Tensor:
        """The index of the image with the largest weight at each pixel, (Q, d)."""
        x, t = self._queries(x, t)
        alpha, sigma = (v[:, None] for v in self.schedule(t))
        rows = [self._block(x[b], alpha[b], sigma[b])[0].argmax(2).T for b in self._blocks(x)]
        return torch.cat(rows).expand(len(x), self.d)

    def _blocks(self, x: Tensor) -> Iterator[slice]:
        return blocks(len(x), len(self._patches) * len(self.x0), _BLOCK)

    def _block(self, x: Tensor, alpha: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
        """Posterior weights, (C, Q, N), and D, (Q, d), of one block; C = 1 for the whole image."""
        spend(len(x) * len(self.x0), float(self.d))
        shifted = torch.cat([x - alpha * self._centre, x.new_zeros(len(x), 1)], dim=1)
        seen = shifted[:, self._seen].transpose(0, 1)
        factor = alpha / sigma.square()
        terms = torch.baddbmm(
            self.weights.log() - (0.5 * alpha * factor)[None] * self._squares[:, None],
            factor * seen,
            self._patches,
        )
        posterior = torch.softmax(terms, dim=2)
        if len(posterior) == 1:
            return posterior, posterior[0] @ self.x0
        return posterior, (posterior @ self.x0.T[..., None])[..., 0].T


def window_pixels(shape: tuple[int, int], window: int) -> Tensor:
    """The pixels of the window around each pixel, (height · width, window²).

    Beyond the border the index is the number of pixels. (1, height · width) where every window
    covers the image.
    """
    height, width = shape
    if window >= 2 * max(shape) - 1:
        return torch.arange(height * width)[None]
    reach = torch.arange(window) - window // 2
    row = torch.arange(height)[:, None, None, None] + reach[:, None]
    column = torch.arange(width)[:, None, None] + reach
    inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
    index = torch.where(inside, row * width + column, height * width)
    return index.reshape(height * width, window * window)
