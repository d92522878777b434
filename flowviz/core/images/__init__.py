"""Small images: the flow in 64 dimensions, and denoisers that see less than the whole image.

``digits`` the data · ``denoiser`` a velocity given by a denoiser; the best linear one · ``windows``
the posterior mean that sees a window around each pixel · ``shrinking`` one that shrinks with t ·
``networks``
ones that are trained · ``memorising`` speciation, collapse, nearest data points · ``denoising``
errors at each time · ``targets`` the variance of the target of training.
"""

from __future__ import annotations

from flowviz.core.images.denoiser import Denoiser, WienerFilter
from flowviz.core.images.digits import digits
from flowviz.core.images.shrinking import ShrinkingWindow
from flowviz.core.images.windows import WindowField

__all__ = ["Denoiser", "ShrinkingWindow", "WienerFilter", "WindowField", "digits"]
