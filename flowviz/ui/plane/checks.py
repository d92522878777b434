"""The Plane page's checks: measured after the figure is sent, cached for all sessions."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from flowviz.core import checks
from flowviz.core.checks import Check
from flowviz.core.numerics.work import at_work
from flowviz.core.transport import BasinMap
from flowviz.scene import Scene
from flowviz.ui.plane import compute
from flowviz.ui.session.cache import Progress, shared_cache
from flowviz.ui.widgets.readouts import reference_data


@dataclass(frozen=True)
class Checks:
    """The page's checks, each a measured error with its bound, and the basins' masses.

    ``moved``: how many of the ``followed`` trajectories end elsewhere than those of straight lines.
    """

    mass: Check
    continuity: Check
    refinement: Check
    integration: Check
    endpoints: Check
    superposition: Check
    samples: Check
    masses: Check
    basins: BasinMap
    moved: int
    followed: int


def check(scene: Scene, progress: Progress) -> Checks:
    """Measure the checks for a scene; ``progress`` is called with the fraction done."""
    return _check(compute.trajectories_key(scene), progress=progress)


def found(scene: Scene) -> Checks | None:
    """The checks of a scene if they have been measured."""
    return _FOUND.get(compute.trajectories_key(scene))


_FOUND: dict[Scene, Checks] = {}
_KEPT = 64


@shared_cache(maxsize=256)
def _check(flow: Scene, progress: Progress) -> Checks:
    with at_work(progress) as work:  # whatever is measured gives way
        return _measured(flow, work.advance)


def _measured(flow: Scene, progress: Progress) -> Checks:
    field = flow.field("plane")
    found = compute.masses(flow, lambda done: progress(0.6 * done))
    shown, data = compute.trajectories(flow, compute.FULL), reference_data(flow, "plane")
    tolerance = compute.tolerance(field, compute.FULL)
    refined = checks.refinement(
        field,
        shown,
        tolerance,
        progress=lambda done: progress(0.6 + 0.2 * done),
        budget=compute.CHECKED,
    )
    moved, followed = compute.ends_moved(flow, lambda done: progress(0.8 + 0.1 * done))
    mass = checks.mass(field, torch.tensor([0.2, 0.7], dtype=torch.float64))
    measured = Checks(
        mass=mass,
        continuity=checks.continuity(field, n=64),
        refinement=refined,
        integration=checks.integration(field, shown, tolerance),
        endpoints=checks.endpoints(
            field, data, compute.starting_positions(flow, len(shown.x)), shown
        ),
        superposition=checks.superposition(field, data, n=32),
        samples=checks.samples(field.prior, 2),
        masses=checks.basin_masses(found),
        basins=found,
        moved=moved,
        followed=followed,
    )
    while len(_FOUND) >= _KEPT:
        _FOUND.pop(next(iter(_FOUND)), None)
    _FOUND[flow] = measured
    return measured
