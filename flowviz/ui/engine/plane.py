"""What the browser's engine is sent of a prior of the plane: log p₁ by one of three forms.

A product prior has the tables of its coordinate (`distribution`), a density of the distance from
its centre alone that of its logarithm in that distance, a sum of Gaussians its terms.
``components/engine_plane_density.js`` evaluates them. The engine knows no prior by name.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from flowviz.core.paths import Path
from flowviz.core.priors.base import Prior
from flowviz.core.priors.two_dimensional import GaussianSum2D
from flowviz.ui.browser.codec import Double
from flowviz.ui.engine import distribution, tables
from flowviz.ui.session.cache import shared_cache

SERVER_ONLY = {
    "no schedule": "only straight lines x = α x₀ + σ x₁ are one flow in another time",
    "no table in time": tables.SERVER_ONLY["no table in time"],
    "infinite edges": "its density is infinite at its edges, where steps need angles",
    "no table of the prior": "its log-density is none of the three forms",
}
"""Why a flow of the plane is computed by the server alone."""


def unsupported(prior: Prior, path: Path) -> str | None:
    """The key of `SERVER_ONLY` that keeps a flow of the plane from the engine; None for no reason.

    Args:
        prior: its distribution of x₁.
        path: its family, as a ``MarginalField`` has it.
    """
    if path.affine_schedule is None:
        return "no schedule"
    if tables.path_series(path) is None:
        return "no table in time"
    if prior.has_singular_edges:
        return "infinite edges"
    return "no table of the prior" if _form(prior) is None else None


def prior_table(prior: Prior) -> dict[str, Any]:
    """The tables of a prior, to be packed: `PlanePriorTables` in ``types.d.ts``.

    Raises:
        ValueError: for a prior without tables (`unsupported`).
    """
    form = _form(prior)
    if form is None:
        raise ValueError(f"{prior!r}: {SERVER_ONLY['no table of the prior']}")
    low, high = prior.interval(0.25)
    modes = None
    if (width := prior.min_mode_width) is not None:
        modes = dict(zip(("low", "high"), prior.mode_interval(), strict=True)) | {"width": width}
    none = dict.fromkeys(("product", "radial", "gaussians"))
    settings = {"smooth": prior.smooth, "half": 0.5 * (high - low), "modes": modes}
    return none | form | settings


@shared_cache(maxsize=64)
def _form(prior: Prior) -> dict[str, Any] | None:
    """The one form of `PlanePriorTables` that is not null; None where there is none."""
    if prior.product:
        known = tables.has_tables(prior)
        return {"product": tables.prior_table(prior)} if known else None
    if isinstance(prior, GaussianSum2D):
        return {"gaussians": Double(np.array(prior.components()).reshape(-1))}
    found = distribution.radial(prior)
    if found is None:
        return None
    coordinate, density = found
    series = tables.packed_series(density.series) | {"slope": density.slope}
    sizes = {"centre": prior.centre, "edge": coordinate.edge, "scale": coordinate.scale}
    return {"radial": sizes | {"density": series}}
