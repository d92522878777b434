"""Every fault injected into the core makes the right check of every page fail.

The pages' own computations run with the fault in place; without one all their checks are green.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import pytest
import torch

from flowviz.core import checks
from flowviz.core.checks import Check
from flowviz.core.field import MarginalField
from flowviz.core.field.posterior_mean import PosteriorMean
from flowviz.core.paths.base import Affine
from flowviz.core.priors.base import Prior
from flowviz.core.priors.full_support import Gaussian
from flowviz.core.schedules import Schedule
from flowviz.core.solvers import convergence
from flowviz.core.training import loss_floor as floors
from flowviz.core.training.progress import drain
from flowviz.core.transport import Trajectories, straight_fan
from flowviz.scene import Scene
from flowviz.ui.fan import compute as fan
from flowviz.ui.green import checks as green_checks
from flowviz.ui.green import compute as green
from flowviz.ui.green import superposition
from flowviz.ui.learn import compute as learn
from flowviz.ui.plane import checks as plane
from flowviz.ui.plane import compute as plane_compute
from flowviz.ui.solvers import compute as solvers

Patch = pytest.MonkeyPatch
_fresh = iter(range(1, 10_000))


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """No check of a prior outlives a fault in it."""
    cached: tuple[Any, ...] = (checks.distribution, checks.samples)
    for check in cached:
        check.cache_clear()
    yield
    for check in cached:
        check.cache_clear()


# ---------------------------------------------------------------------- pages


def quiet(_: float) -> None:
    """Nobody listens."""


def fresh(prior: str, **changes: Any) -> Scene:
    """A scene nobody has asked for before."""
    away = 1.0 + next(_fresh) * 1e-5
    return Scene(
        prior=prior,
        plane_prior=prior,
        points=f"-0.5, 0.2*2, {away:.6f}",  # pyright: ignore[reportArgumentType]
        plane_points=f"(-1, 0), (0.3, 1)*2, ({away:.6f}, -0.5)",  # pyright: ignore[reportArgumentType]
        plane_particles=40,
        trajectories=12,
        schedule="cosine",
        green_x0=away,
        green_a=away,
        **changes,
    )


def fan_page(prior: str) -> dict[str, Check]:
    return vars(fan.check(fresh(prior)))


def plane_page(prior: str) -> dict[str, Check]:
    found = vars(plane.check(fresh(prior), quiet))
    return {name: check for name, check in found.items() if isinstance(check, Check)}


class OnDemand(Mapping[str, Check]):
    """Checks, each computed when it is looked at."""

    def __init__(self, **checks: Callable[[], Check]) -> None:
        self._checks = checks

    def __getitem__(self, name: str) -> Check:
        return self._checks[name]()

    def __iter__(self) -> Iterator[str]:
        return iter(self._checks)

    def __len__(self) -> int:
        return len(self._checks)


def green_page(prior: str) -> Mapping[str, Check]:
    scene = fresh(prior, family="affine", green_bend=0.5)
    flow = green.point_key(scene)

    def superposed() -> dict[str, Check]:
        found = superposition.compared_flows(scene)
        assert found is not None
        return found.checks

    return OnDemand(
        continuity=lambda: green_checks.residual(flow).check,
        superposition=lambda: green_checks.residual(flow).superposition,
        trajectory_check=lambda: green_checks.trajectory_check(
            green.point_key(scene, "green_lines")
        ),
        two_ways=lambda: green_checks.curves(scene, quiet).check,
        integration=lambda: superposed()["integration"],
        endpoints=lambda: superposed()["endpoints"],
    )


def learn_page(prior: str, space: str = "line") -> dict[str, Check]:
    lesson = learn.run_key(fresh(prior, space=space))
    # As the training finds it.
    found = drain(floors.loss_floor(lesson.field(lesson.space), lesson.learn_t_min))
    own = learn.floor_check(lesson, (found.value, found.error))
    return learn.exact(learn.exact_key(lesson)).checks | {"floor": own}


def solvers_page(prior: str, space: str = "line") -> dict[str, Check]:
    scene = fresh(prior, space=space)
    return solvers.check(solvers.setup_of(scene), scene.solver_lines)


PAGES: dict[str, Callable[[str], Mapping[str, Check]]] = {
    "fan": fan_page,
    "plane": plane_page,
    "green": green_page,
    "learn": learn_page,
    "learn in the plane": lambda prior: learn_page(prior, "plane"),
    "solvers": solvers_page,
    "solvers in the plane": lambda prior: solvers_page(prior, "plane"),
}


# ---------------------------------------------------------------------- faults


def wrapped(patch: Patch, owner: Any, name: str, change: Callable[..., Any]) -> None:
    """Let ``value_jacobian_rate`` have what a function returns, and then its arguments."""
    original = getattr(owner, name)
    patch.setattr(owner, name, lambda *args, **named: change(original(*args, **named), *args))


def evaluated(log_p: Callable[..., Any], velocity: Callable[..., Any]) -> Callable[[Patch], None]:
    """The field's own evaluation, changed."""

    def inject(patch: Patch) -> None:
        wrapped(
            patch,
            MarginalField,
            "_evaluate",
            lambda found, *_: (log_p(found[0]), velocity(found[1])),
        )

    return inject


def same(value: Any) -> Any:
    return value


def asked_for(change: Callable[[torch.Tensor, torch.Tensor], Any]) -> Callable[[Patch], None]:
    """Other data points or weights than the scene's."""

    def inject(patch: Patch) -> None:
        original = MarginalField.__init__

        def init(self: Any, x0: Any, weights: Any, *rest: Any) -> None:
            original(self, *(change(x0, weights) if len(x0) > 1 else (x0, weights)), *rest)

        patch.setattr(MarginalField, "__init__", init)

    return inject


def drawn(change: Callable[..., tuple[Any, Any, Any]]) -> Callable[[Patch], None]:
    """Trajectories whose times, positions or labels are changed, (t, x, basin)."""

    def inject(patch: Patch) -> None:
        original = Trajectories.__init__

        def init(self: Any, t: Any, x: Any, basin: Any, *rest: Any, **named: Any) -> None:
            original(self, *change(t, x.clone(), basin), *rest, **named)

        patch.setattr(Trajectories, "__init__", init)

    return inject


def one_node(size: float) -> Callable[[Patch], None]:
    def change(t: Any, x: Any, basin: Any) -> Any:
        if x.shape[1] > 9:
            x[3, 9] += size
        return t, x, basin

    return drawn(change)


def relabelled(t: Any, x: Any, basin: Any) -> Any:
    return t, x, (basin + 1) % 3


def posterior_mean(patch: Patch) -> None:
    for name in ("__call__", "rows"):
        wrapped(patch, PosteriorMean, name, lambda found, *_: (found[0], found[1] * 1.001))


def misled(patch: Patch) -> None:
    """Labels and ends rotated together, as by a trajectory that settles on a wrong point."""

    def change(t: Any, x: Any, basin: Any) -> Any:
        first = int(t.argmin())
        if float(t[first]) == 0.0:
            x[:, first] = x[:, first].roll(1, 0)
            basin = basin.roll(1)
        return t, x, basin

    drawn(change)(patch)


def coarse_steps(patch: Patch) -> None:
    """Trajectories at a thousand times their tolerance, with the errors of fine ones."""

    def follow(field: Any, x1: Any, u: Any, tolerance: float, **named: Any) -> Any:
        fine = straight_fan(field, x1, u, tolerance, **named)
        coarse = straight_fan(field, x1, u, 1e3 * tolerance, **named)
        return replace(coarse, error=fine.error)

    patch.setattr(plane_compute, "straight_fan", follow)


def _first_none(found: Any) -> Any:
    return replace(found, x=found.x[:0], basin=found.basin[:0], error=found.error[:0])


def none_solved(caller: str) -> Callable[[Patch], None]:
    """A module's solvers come back without a trajectory, and without having spent the budget."""

    def inject(patch: Patch) -> None:
        module = import_module(f"flowviz.core.{caller}")
        for name in {"trajectories", "straight_fan"} & set(vars(module)):
            wrapped(patch, module, name, lambda found, *_: _first_none(found))

    return inject


def density_scale(patch: Patch) -> None:
    def log_pdf(self: Any, z: Any) -> Any:
        return original(self, z / 1.05) - 0.04879016416943205

    original = Gaussian.log_pdf
    patch.setattr(Gaussian, "log_pdf", log_pdf)
    patch.setattr(Gaussian, "pdf", lambda self, z: log_pdf(self, z).exp())


def density_height(patch: Patch) -> None:
    wrapped(patch, Gaussian, "log_pdf", lambda found, *_: found + 9.995e-4)
    wrapped(patch, Gaussian, "pdf", lambda found, *_: found * 1.001)


def judged_weights(patch: Patch) -> None:
    wrapped(patch, convergence, "_starts", lambda found, *_: (found[0], found[1] * (1 + 1e-6)))


def judged_basins(patch: Patch) -> None:
    wrapped(
        patch,
        solvers,
        "evaluation_and_calibration",
        lambda found, *_: (_rotated(found[0]), found[1]),
    )


def _rotated(found: convergence.EvaluationSet) -> convergence.EvaluationSet:
    return convergence.EvaluationSet(found.x1, found.weight, (found.basin + 1) % 3, found.end)


@dataclass(frozen=True)
class Fault:
    """What goes wrong, under which prior, and the check that must say so on each page."""

    inject: Callable[[Patch], None]
    seen: dict[str, str]
    prior: str = "gaussian"


TRAJECTORIES = ("fan", "plane", "learn", "learn in the plane", "solvers", "solvers in the plane")
FIELDS = ("fan", "plane", "green", "learn", "solvers")
MANY = ("fan", "plane", "learn", "solvers")
FINE = ("plane", "learn", "solvers", "solvers in the plane")
"""Where trajectories are as exact as they come."""
FOLLOWED = ("plane", "learn", "learn in the plane", "solvers", "solvers in the plane")


def on(pages: tuple[str, ...], check: str, **others: str) -> dict[str, str]:
    return dict.fromkeys(pages, check) | others


FAULTS: dict[str, Fault] = {
    "velocity x (1 + 1e-8)": Fault(
        evaluated(same, lambda f: f * (1 + 1e-8)),
        on(FIELDS, "superposition", fan="continuity", plane="continuity", green="continuity"),
    ),
    "velocity + 1e-7": Fault(evaluated(same, lambda f: f + 1e-7), on(FIELDS, "superposition")),
    "density + 1e-8": Fault(
        evaluated(lambda p: (p.exp() + 1e-8).log(), same), on(FIELDS, "superposition")
    ),
    "log-density + 1e-8": Fault(
        evaluated(lambda log_p: log_p + 1e-8, same), on(FIELDS, "superposition")
    ),
    "posterior mean x 1.001": Fault(posterior_mean, on(FIELDS, "superposition"), "uniform"),
    "sigma rate x 1.0001": Fault(
        lambda patch: wrapped(patch, Schedule, "rates", lambda r, *_: (r[0], r[1] * 1.0001)),
        on(FIELDS, "superposition", fan="continuity", plane="continuity", green="continuity"),
    ),
    "alpha rate x 1.0001": Fault(
        lambda patch: wrapped(patch, Schedule, "rates", lambda r, *_: (r[0] * 1.0001, r[1])),
        on(MANY, "superposition"),
        "uniform",
    ),
    "a weight x 0.999": Fault(
        asked_for(lambda x0, w: (x0, torch.cat([w[:1] * 0.999, w[1:]]))),
        on(MANY, "superposition", solvers="particle_weights"),
    ),
    "a data point moved by 1e-6": Fault(
        asked_for(lambda x0, w: (torch.cat([x0[:1] + 1e-6, x0[1:]]), w)),
        on(MANY, "superposition"),
    ),
    "two weights exchanged": Fault(
        asked_for(lambda x0, w: (x0, w.roll(1))),
        on(MANY, "superposition", solvers="particle_weights"),
    ),
    "inverse of a family x (1 + 1e-7)": Fault(
        lambda patch: wrapped(patch, Affine, "inverse", lambda z, *_: z * (1 + 1e-7)),
        on(FIELDS, "superposition"),
    ),
    "all trajectories moved by 1e-10": Fault(
        drawn(lambda t, x, b: (t, x + 1e-10, b)), on(TRAJECTORIES, "endpoints")
    ),
    "all trajectories moved by 1e-6": Fault(
        drawn(lambda t, x, b: (t, x + 1e-6, b)),
        on(TRAJECTORIES, "endpoints", fan="conservation", green="trajectory_check"),
    ),
    "steps that are coarser than they say": Fault(coarse_steps, {"plane": "refinement"}),
    "one node of one trajectory moved by 1e-4": Fault(
        one_node(1e-4), on(FOLLOWED, "integration", fan="conservation", green="trajectory_check")
    ),
    "one node of one trajectory moved by 3e-7": Fault(
        one_node(3e-7), on(FINE, "integration", fan="conservation", green="trajectory_check")
    ),
    "trajectories bent between their ends by 1e-6": Fault(
        drawn(lambda t, x, b: (t, x + 1e-6 * (4.0 * t * (1 - t))[:, None], b)),
        on(FINE, "integration", fan="conservation", green="integration"),
    ),
    "trajectories bent between their ends by 1e-4": Fault(
        drawn(lambda t, x, b: (t, x + 1e-4 * (4.0 * t * (1 - t))[:, None], b)),
        on(FOLLOWED, "integration"),
    ),
    "times of nodes off by a ten-thousandth": Fault(
        drawn(lambda t, x, b: (t**1.0001, x, b)),
        on(FOLLOWED, "integration", fan="conservation", green="trajectory_check"),
    ),
    "positions without a value": Fault(
        drawn(lambda t, x, b: (t, x * torch.nan, b)),
        on(TRAJECTORIES, "endpoints", plane="integration"),
    ),
    "no trajectory solved again": Fault(none_solved("checks.integration"), {"plane": "refinement"}),
    "no draw followed": Fault(none_solved("transport.basins"), {"plane": "masses"}),
    "labels rotated": Fault(drawn(relabelled), on(TRAJECTORIES, "endpoints")),
    "labels and ends rotated together": Fault(misled, on(TRAJECTORIES, "endpoints")),
    "density of the prior x 1.001": Fault(density_height, {"fan": "mass", "plane": "mass"}),
    "scale of the prior's density x 1.05": Fault(
        density_scale, on(FOLLOWED, "samples", fan="distribution")
    ),
    "distribution function x 1.001": Fault(
        lambda patch: wrapped(patch, Gaussian, "cdf", lambda found, *_: found * 1.001),
        {"fan": "distribution"},
    ),
    "quantiles + 1e-3": Fault(
        lambda patch: wrapped(patch, Gaussian, "icdf", lambda found, *_: found + 1e-3),
        {"fan": "distribution"},
    ),
    "samples x 1.2": Fault(
        lambda patch: wrapped(patch, Prior, "sample", lambda found, *_: found * 1.2),
        on(FOLLOWED, "samples"),
    ),
    "samples of a box x 0.97": Fault(
        lambda patch: wrapped(patch, Prior, "_draw", lambda found, *_: found * 0.97),
        on(FOLLOWED, "samples"),
        "uniform",
    ),
    "variances of the floor x 1.25": Fault(
        lambda patch: wrapped(patch, floors, "posterior_variance", lambda found, *_: found * 1.25),
        {"learn": "floor", "learn in the plane": "floor"},
    ),
    "density of one point x 1.001": Fault(
        lambda patch: wrapped(
            patch, green_checks.single_point, "density", lambda found, *_: found + 1e-3
        ),
        {"green": "two_ways"},
    ),
    "weights of judged particles x (1 + 1e-6)": Fault(
        judged_weights, {"solvers": "particle_weights"}
    ),
    "basins of judged particles rotated": Fault(judged_basins, {"solvers": "particle_weights"}),
}

CASES = [(fault, page) for fault, it in FAULTS.items() for page in it.seen]

CHECKS = ("basin_masses", "conservation", "continuity", "distribution", "endpoints", "floor")
CHECKS += ("integration", "mass", "refinement", "samples", "particle_weights", "superposition")
MEASURED_BY = {"trajectory_check": "integration", "masses": "basin_masses"}
"""The function that measures a check, where its name is another."""


def measure_only(check: str, patch: Patch) -> None:
    """Let the page take all other checks for green: most of its time would go into these."""
    for name in CHECKS:
        if name != MEASURED_BY.get(check, check):
            patch.setattr(checks, name, lambda *_, **__: Check(0.0, 1.0))


def test_every_page_has_injected_faults() -> None:
    assert len(FAULTS) >= 20
    assert {page for _, page in CASES} == set(PAGES)


@pytest.mark.parametrize(("fault", "page"), CASES)
def test_a_fault_turns_the_right_check_red(
    fault: str, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = FAULTS[fault]
    it.inject(monkeypatch)
    measure_only(it.seen[page], monkeypatch)
    try:
        check = PAGES[page](it.prior)[it.seen[page]]
    finally:
        monkeypatch.undo()
    assert check.failed, check


@pytest.mark.parametrize("prior", ["gaussian", "uniform"])
@pytest.mark.parametrize("page", PAGES)
def test_without_a_fault_all_is_green(page: str, prior: str) -> None:
    found = PAGES[page](prior)
    assert {name: check for name, check in found.items() if not check.ok} == {}
