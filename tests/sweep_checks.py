"""Every page's checks over the whole registry: no check fails for a correct flow.

Priors x families x schedules at their defaults, and each entry with one parameter after the other
at both ends of its slider. The suite sweeps a part; all of it:

    OMP_NUM_THREADS=1 python -m tests.sweep_checks [fan plane green learn solvers]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from flowviz.core.checks import Check
from flowviz.scene import Scene
from flowviz.scene.parameters import FAMILY, PLANE_FAMILY, PLANE_PRIOR, PRIOR, SCHEDULE, Registry
from flowviz.scene.settings import Space
from flowviz.ui.fan import compute as fan
from flowviz.ui.green import checks as measured
from flowviz.ui.green import compute as green
from flowviz.ui.green import superposition
from flowviz.ui.learn import compute as learn
from flowviz.ui.plane import checks as plane
from flowviz.ui.session import valid_family
from flowviz.ui.solvers import compute as solvers


def quiet(_: float) -> None:
    """Nobody listens."""


def fan_checks(scene: Scene) -> dict[str, Check]:
    return vars(fan.check(scene))


def plane_checks(scene: Scene) -> dict[str, Check]:
    found = vars(plane.check(scene, quiet))
    return {name: check for name, check in found.items() if isinstance(check, Check)}


def green_checks(scene: Scene) -> dict[str, Check]:
    flow, found = green.point_key(scene), {}
    residual, superposed = measured.residual(flow), superposition.compared_flows(scene)
    found |= {"continuity": residual.check, "superposition": residual.superposition}
    if measured.is_valid(scene):
        found["trajectory_check"] = measured.trajectory_check(green.point_key(scene, "green_lines"))
        both = measured.curves(scene, quiet)
        if (both.followed > 0).any():
            found["two_ways"] = both.check
    return found | (superposed.checks if superposed else {})


def learn_checks(scene: Scene) -> dict[str, Check]:
    return learn.exact(learn.exact_key(learn.run_key(scene))).checks


def solver_checks(scene: Scene) -> dict[str, Check]:
    return solvers.check(solvers.setup_of(scene), scene.solver_lines)


PAGES: dict[str, tuple[Callable[[Scene], dict[str, Check]], tuple[Space, ...]]] = {
    "fan": (fan_checks, ("line",)),
    "plane": (plane_checks, ("plane",)),
    "green": (green_checks, ("line", "plane")),
    "learn": (learn_checks, ("line", "plane")),
    "solvers": (solver_checks, ("line", "plane")),
}


def ends(registry: Registry, name: str) -> Iterator[dict[str, Any]]:
    """Parameters of an entry, one after the other at either end of its range."""
    for key, spec in registry.specs(name).items():
        if spec.role:
            continue
        for value in (spec.low, spec.high):
            number: Any = int(value) if spec.whole else value
            yield {key: tuple(number for _ in spec.default) if spec.many else number}  # type: ignore[union-attr]


def at_defaults(space: Space) -> Iterator[dict[str, Any]]:
    """Settings of every prior with every family, and every schedule of straight lines."""
    prefix, priors, families = _registries(space)
    for prior in priors.classes():
        for family in families.classes():
            yield {f"{prefix}prior": prior, f"{prefix}family": family}
        for schedule in SCHEDULE.classes():
            yield {f"{prefix}prior": prior, "schedule": schedule}


def at_ends(space: Space) -> Iterator[dict[str, Any]]:
    """Settings of every prior, family and schedule at both ends of every slider."""
    prefix, priors, families = _registries(space)
    for kind, registry in ((f"{prefix}prior", priors), (f"{prefix}family", families)):
        for name in registry.classes():
            for params in ends(registry, name):
                yield {kind: name, f"{kind}_params": params}
    for name in SCHEDULE.classes():
        for params in ends(SCHEDULE, name):
            yield {"schedule": name, "schedule_params": params}


def _registries(space: Space) -> tuple[str, Registry, Registry]:
    return ("", PRIOR, FAMILY) if space == "line" else ("plane_", PLANE_PRIOR, PLANE_FAMILY)


def scenes(settings: Iterator[dict[str, Any]], space: Space) -> Iterator[tuple[str, Scene]]:
    """The scenes with such settings, as far as there are any and they are valid, with a name."""
    for some in settings:
        try:
            scene = Scene(space=space, **some)  # pyright: ignore[reportArgumentType]
        except ValueError:  # such as a box whose low end is above its high one
            continue
        if not valid_family.violation(scene, space):
            yield " ".join(f"{key}={value}" for key, value in some.items()), scene


def red(page: str, scene: Scene) -> dict[str, Check]:
    """The checks of a page that are red."""
    return {name: check for name, check in PAGES[page][0](scene).items() if check.failed}


def main(pages: list[str]) -> None:
    for page in pages or list(PAGES):
        for space in PAGES[page][1]:
            count, bad, began = 0, 0, time.process_time()
            for settings in (at_defaults(space), at_ends(space)):
                for name, scene in scenes(settings, space):
                    found = red(page, scene)
                    count += 1
                    bad += bool(found)
                    for check, it in found.items():
                        print(f"{page} {space} {name}: {check} {it.value:.2e} > {it.bound:.2e}")
                    sys.stdout.flush()
            took = time.process_time() - began
            print(
                f"{page} {space}: {count} scenes, {bad} with a red check, {took:.0f} s", flush=True
            )


if __name__ == "__main__":
    main(sys.argv[1:])
