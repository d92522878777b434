"""Bent families in the plane: every family and prior against an independent integration.

Each built-in family at three strengths, its formula typed, and every prior that exists in the
plane, on the page's four points. The reference is ``tests.plane_reference``: NumPy and SciPy's
DOP853 in small steps. What is further off than `SAME`, or than ten times what is known, is compared
again with steps ten and a hundred times shorter: at a jump of the density the reference itself
needs them. It is left out only where starts a `BESIDE` aside reach different data points.

    OMP_NUM_THREADS=1 python -m benchmarks.bent            # all
    OMP_NUM_THREADS=1 python -m benchmarks.bent wave 20    # one family, 20 draws

Times are CPU times of one thread.
"""

from __future__ import annotations

import math
import sys
import time
from typing import Any

import numpy as np
import torch

from flowviz.core.field import MarginalField
from flowviz.core.paths import PATHS
from flowviz.core.priors import PLANE_PRIORS, PRIORS, Prior
from flowviz.core.transport import trajectories
from tests import plane_reference

POINTS = np.array([[1.2, 0.9], [-1.3, 0.7], [-0.4, -1.2], [1.1, -1.0]])
WEIGHTS = np.array([2.0, 1.0, 1.0, 1.0])
TIMES = np.array([0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.01, 0.001])
SAME, BESIDE = 1e-5, 1e-6
STRENGTHS: dict[str, list[dict[str, Any]]] = {
    "parabola": [{"bend": 0.5}, {"bend": 1.0}, {"bend": 5.0}],
    "wave": [
        {"height": 0.1, "halves": 1},
        {"height": 0.3, "halves": 3},
        {"height": 1.0, "halves": 6},
    ],
    "swirl": [{"turns": 0.25}, {"turns": 0.5}, {"turns": 3.0}],
    "per_axis": [
        {"first": 1.0, "second": 2.0},
        {"first": 0.5, "second": 2.0},
        {"first": 0.25, "second": 2.5},
    ],
    "detour": [{"swing": 0.5}, {"swing": 1.0}, {"swing": 5.0}],
    "squeeze": [{"k": -0.5}, {"k": 1.0}, {"k": 5.0}],
}
LAWS: dict[str, type[Prior]] = {**PRIORS, **PLANE_PRIORS}


def typed(family: str, strength: dict[str, Any]) -> Any:
    """The same family as a formula."""
    p = strength
    chord = {
        "parabola": lambda: "x0 + t*(x1-x0) + b*t*(1-t)*rot(pi/2)*(x1-x0)",
        "wave": lambda: "x0 + t*(x1-x0) + b*sin(pi*k*t)*rot(pi/2)*(x1-x0)",
        "swirl": lambda: "x0 + t*rot(2*pi*b*(1-t))*(x1-x0)",
        "per_axis": lambda: "[(1-t^a)*x0[0] + t^a*x1[0], (1-t^b)*x0[1] + t^b*x1[1]]",
        "squeeze": lambda: "(1-t)*x0 + t*x1 + b*t*(1-t)*tanh(x1-x0)",
        "detour": lambda: "(1-t)*(x0 + b*t*sin(pi*x0)) + t*x1",
    }[family]()
    letters = {
        "per_axis": lambda: {"a": p["first"], "b": p["second"]},
        "wave": lambda: {"b": p["height"], "k": float(p["halves"])},
    }.get(family, lambda: {"b": next(iter(p.values()))})()
    return PATHS["formula"](forward=chord, parameters=letters)


def compare(prior: Prior, path: Any, draws: int, seed: int = 7, other: Any = None) -> dict:
    """Ours, by ``other`` if it is given, against the reference for ``path``."""
    x1 = prior.sample(draws, 2, torch.Generator().manual_seed(seed))
    field = MarginalField(torch.tensor(POINTS), torch.tensor(WEIGHTS), prior, other or path)
    start = time.process_time()
    found = trajectories(field, x1, torch.tensor(TIMES))
    cost = time.process_time() - start
    flow = plane_reference.Flow(POINTS, WEIGHTS, prior, path)
    # An infinite edge is crossed with an error of the size of the tolerance's root.
    tight = 1e-15 if prior.has_singular_edges else 1e-11
    true, basin = flow.trajectories(x1.numpy(), TIMES, tight)
    gap = np.abs(found.x.numpy() - true).max((1, 2))
    ends = found.basin.numpy()
    bound = found.error.numpy().max(1)
    longest = plane_reference.LONGEST
    for finer in (10.0, 100.0):
        doubted = (gap > SAME) | (basin != ends) | (gap > 10.0 * bound + 1e-8)
        again = np.nonzero(doubted)[0]
        if len(again):
            plane_reference.LONGEST = longest / finer
            true, basin[again] = flow.trajectories(x1.numpy()[again], TIMES, tight)
            gap[again] = np.abs(found.x.numpy()[again] - true).max((1, 2))
    for row in np.nonzero((gap > SAME) | (basin != ends))[0]:
        aside = x1.numpy()[row] + BESIDE * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
        if len({*flow.trajectories(aside, TIMES[:1], tight)[1].tolist(), int(basin[row])}) > 1:
            gap[row], basin[row] = math.nan, ends[row]
    plane_reference.LONGEST = longest
    judged = ~np.isnan(gap)
    return {
        "worst": float(gap[judged].max(initial=0.0)),
        "off": int((gap[judged] > SAME).sum()),
        "other": int((basin != ends).sum()),
        "beside": int((~judged).sum()),
        "ratio": float((gap[judged] / (bound[judged] + 1e-9)).max(initial=0.0)),
        "bound": float(bound.max()),
        "cost": cost,
        "nfe": found.nfe / draws,
    }


def main(families: list[str], draws: int) -> None:
    print("| family | prior | largest error | above 1e-5 | other basin | beside a border |", end="")
    print(" `error` | error / `error` | typed: largest error | CPU s | evaluations |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for family in families:
        for strength in STRENGTHS[family]:
            path = PATHS[family](**strength)
            for name, law in LAWS.items():
                try:
                    ours = compare(law(), path, draws)
                    same = compare(law(), path, max(draws // 6, 4), 7, typed(family, strength))
                except (ValueError, ArithmeticError) as error:
                    print(f"| {family} {strength} | {name} | {error!r} |", flush=True)
                    continue
                print(
                    f"| {family} {', '.join(map(str, strength.values()))} | {name} "
                    f"| {ours['worst']:.1e} | {ours['off']} | {ours['other']} | {ours['beside']} "
                    f"| {ours['bound']:.0e} | {ours['ratio']:.1g} | {same['worst']:.1e} "
                    f"| {ours['cost']:.1f} | {ours['nfe']:.0f} |",
                    flush=True,
                )


if __name__ == "__main__":
    torch.set_num_threads(1)
    given = sys.argv[1:]
    main(
        [name for name in given if name in STRENGTHS] or list(STRENGTHS),
        next((int(name) for name in given if name.isdecimal()), 60),
    )
