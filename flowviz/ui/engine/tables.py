"""What the browser's engine is sent: the tables of a prior and of a family, in double precision.

The engine knows no prior and no family by name. Whatever is added to the registries it computes as
well, unless `unsupported` says why not; then the server alone draws it. The tests hold both.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from flowviz.core.numerics.chebyshev import ChebyshevSeries
from flowviz.core.paths import Path
from flowviz.core.priors.base import Prior
from flowviz.ui.browser.codec import Double
from flowviz.ui.engine import coefficients, distribution
from flowviz.ui.session.cache import shared_cache

SERVER_ONLY = {
    "not affine in x1": "x is no multiple of x₁ plus a constant, for a data point and a time",
    "not affine in x0": "its mean μ_t(x₀) is no multiple of x₀ plus a constant",
    "no table in time": "α, σ or β is not smooth, or α + σ is not positive",
    "no table of the prior": "its log-density is not smooth between its breakpoints",
}
"""Why a scene is computed by the server alone."""


def unsupported(prior: Prior, path: Path) -> str | None:
    """The key of `SERVER_ONLY` that keeps a flow of the line from the engine; None for no reason.

    Args:
        prior: its distribution of x₁.
        path: its family, as a ``MarginalField`` has it.
    """
    if not path.affine_in_x1:
        return "not affine in x1"
    if not path.affine_in_both:
        return "not affine in x0"
    if path_series(path) is None:
        return "no table in time"
    return None if has_tables(prior) else "no table of the prior"


@shared_cache(maxsize=64)
def _prior_table(prior: Prior) -> distribution.Distribution | None:
    return distribution.tabulate(prior)


@shared_cache(maxsize=64)
def path_series(path: Path) -> ChebyshevSeries | None:
    """The table of a family; None where there is none."""
    return coefficients.tabulate(path)


def has_tables(prior: Prior) -> bool:
    """Whether a prior of the line has tables."""
    return _prior_table(prior) is not None


def prior_table(prior: Prior) -> dict[str, Any]:
    """The tables of a prior, to be packed: `DistributionTables` in ``types.d.ts``.

    Raises:
        ValueError: for a prior without tables (`unsupported`).
    """
    found = _prior_table(prior)
    if found is None:
        raise ValueError(f"{prior!r}: {SERVER_ONLY['no table of the prior']}")
    sides = {"left": found.left, "right": found.right}
    return {"median": found.median} | {name: _side(side) for name, side in sides.items()}


def path_table(path: Path) -> dict[str, Any]:
    """The table of a family, to be packed: `SeriesTable` in ``types.d.ts``.

    Raises:
        ValueError: for a family without a table (`unsupported`).
    """
    found = path_series(path)
    if found is None:
        raise ValueError(f"{path!r}: {SERVER_ONLY['no table in time']}")
    return packed_series(found)


def starts_table(prior: Prior, x1: Tensor) -> dict[str, Double]:
    """Starts x₁ (Q,) with F₁ or -S₁, the smaller one, to be packed: `Starts` in ``types.d.ts``."""
    lower = prior.cdf(x1)
    tail = torch.where(lower <= 0.5, lower, -prior.sf(x1))
    return {"x1": Double(x1.numpy()), "tail": Double(tail.numpy())}


def _side(side: distribution.Side) -> dict[str, Any]:
    return {
        "edge": side.edge,
        "scale": side.scale,
        "tail": packed_series(side.tail.series) | {"slope": side.tail.slope},
        "density": packed_series(side.density.series) | {"slope": side.density.slope},
    }


def packed_series(found: ChebyshevSeries) -> dict[str, Any]:
    """`SeriesTable` in ``types.d.ts``."""
    return {"edges": Double(found.edges), "series": Double(found.series.reshape(-1))}
