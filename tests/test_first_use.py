"""After a server's start-up no computation of a page imports anything: imports hold a run still."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.serving import ROOT

PROGRAM = """
import json, sys
from flowviz.ui import server
server.warm_up()
before = set(sys.modules)
from flowviz.scene import Scene
from flowviz.scene.formula_examples import EXAMPLES
from flowviz.ui.fan import compute as fan
from flowviz.ui.green import compute as green
from flowviz.ui.green import checks as green_checks
from flowviz.ui.learn import compute as learn
from flowviz.ui.plane import basins, checks, compute
from flowviz.ui.solvers import compute as solvers
# What is imported does not depend on how many particles, cells or steps there are.
FEW = {"plane_particles": 12, "trajectories": 12, "solver_lines": 5}
basins._FINEST, solvers.COUNTS, solvers.evaluation_size = 64, (2, 4), lambda setup: 200
typed = next(iter(EXAMPLES["plane"].values()))
for prior in ("laplace", "ring", "exponential", "kernel_density_2d"):
    scene = Scene(plane_prior=prior, **FEW)
    compute.frames(scene, compute.QUICK), compute.trajectories(scene, compute.QUICK)
for family in ({"plane_family": "wave"}, {"plane_family": "formula", "plane_formula": typed}):
    scene = Scene(**family, **FEW)
    compute.frames(scene, compute.QUICK), compute.trajectories(scene, compute.QUICK)
    checks.check(scene, lambda done: None)
basins.codes(Scene(**FEW))
for scene in (Scene(family="parabola", **FEW), Scene(family="formula", **FEW)):
    fan.density(scene, fan.QUICK, lambda done: None), fan.check(scene)
    green_checks.curves(scene, lambda done: None), green_checks.residual(green.point_key(scene))
for space in ("line", "plane"):
    scene = Scene(space=space, **FEW)
    learn.exact(learn.exact_key(scene))
    setup, method = solvers.setup_of(scene), solvers.method_of(scene)
    solvers.picture(setup, method, 5), solvers.result(setup, method), solvers.check(setup, 5)
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def test_no_computation_imports_anything_after_the_start() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout.splitlines()[-1]) == []
